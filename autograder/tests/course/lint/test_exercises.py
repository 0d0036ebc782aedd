from __future__ import annotations

import pytest

FIRST_LINE = '"""Exercise 9.1 · double (3 points)"""\n'


@pytest.mark.parametrize(
    ("cell", "kind", "source", "problem"),
    [
        ("double-test", "test", "double(1)", "its first line must be a docstring"),
        ("double-test", "test", FIRST_LINE, "must be a docstring"),
        ("double-try", "md", "Nothing to try.", "no try-it cell after this solution"),
        ("double", "solution", "def double(x):\n    return x", "no BEGIN SOLUTION"),
        ("double", "solution", "def double(x):\n    return x", "double has no docstring"),
        ("heading", "md", "### Exercise 9.1 · Double (2 points)", "no '*About N minutes.*'"),
        ("heading", "md", "### Exercise 9.1 · Double (5 points)", "the heading says 5 points"),
        ("heading", "md", "### Exercise 9.2 · Double (2 points)", "number them from 9.1"),
        ("heading", "md", "### No exercise", "a test cell outside every exercise"),
    ],
)
def test_a_problem_of_the_anatomy_is_named(chapter, cell, kind, source, problem) -> None:
    found = chapter.put(cell, kind, source).problems()
    assert any(problem in line for line in found), found


@pytest.mark.parametrize(
    "heading",
    [
        "### Exercise 9.2: Look around (0 points)",
        "## Exercise 9.2 · Look around (0 points)",
        "### exercise 9.2 - look around",
        "###Exercise 9.2 · Look around (0 points)",
        "#### Exercise · Look around",
        "### Exercise 9.2 · Look around (0 points) ",
        "**Exercise 9.2** · Look around",
        "### Exercise 9.2 *· Look around (0 points)",
    ],
)
def test_a_heading_that_looks_like_an_exercise_but_is_not_read_as_one_is_named(
    chapter, heading: str
) -> None:
    chapter.insert("progress-text", "heading-2", "md", f"{heading}\n\n*About 3 minutes.*")
    found = chapter.problems()
    (problem,) = (line for line in found if "not read as an exercise" in line)
    assert not any("number them" in line or "outside every" in line for line in found)
    assert problem.startswith("cell heading-2: ")
    assert "write '### Exercise 1.2 · Title (3 points)'" in problem


@pytest.mark.parametrize("text", ["### Exercises to come", "The next exercise is 9.2.", "## Parts"])
def test_other_headings_and_mentions_are_left_alone(chapter, text: str) -> None:
    assert chapter.insert("progress-text", "text", "md", text).problems() == []


def test_two_headings_in_one_cell_are_named(chapter) -> None:
    text = "### Exercise 9.2 · A (0 points)\n\n### Exercise 9.3 · B (0 points)\n\n*About 1 minute.*"
    found = chapter.insert("progress-text", "both", "md", text).problems()
    assert "cell both: 2 headings of exercises; give each its own cell" in found


def test_an_exercise_without_points_needs_no_solution_and_no_test(chapter) -> None:
    text = "### Exercise 9.2 · Look around (0 points)\n\n*About 3 minutes.*"
    assert chapter.insert("progress-text", "heading-2", "md", text).problems() == []


@pytest.mark.parametrize(("star", "sound"), [(" ★", True), ("", False)])
def test_a_stretch_part_may_carry_the_number_of_its_exercise(
    chapter, star: str, sound: bool
) -> None:
    text = f"### Exercise 9.1{star} · Double twice (0 points)\n\n*About 3 minutes.*"
    found = chapter.insert("progress-text", "heading-2", "md", text).problems()
    found = [problem for problem in found if "the opening says" not in problem]
    assert (found == []) is sound
