from __future__ import annotations

import pytest

from autograder.course.lint.minutes import Minutes, minutes_of, sentence
from autograder.course.notebooks import read_cells

OPENING = "# 9 · Double\n\nYou'll do, You'll learn, You'll need. {}"
STARRED = "### Exercise 9.2 ★ · Triple a number (2 points)\n\n*About {} minutes.*"
TRIPLE_TEST = (
    '"""Exercise 9.2 · triple (2 points)"""\ncheck_close(triple(3.0), 9.0, what="triple")\n'
)


def counted(chapter) -> tuple[Minutes, Minutes]:
    return minutes_of(read_cells(chapter.path))


def add_starred_exercise(chapter, length: int = 20) -> None:
    solution = 'def triple(x):\n    """3 x."""\n    ### BEGIN SOLUTION\n    return 3 * x\n    '
    chapter.insert("progress-text", "starred", "md", STARRED.format(length))
    chapter.insert("progress-text", "triple", "solution", f"{solution}### END SOLUTION\n")
    chapter.insert("progress-text", "triple-try", "code", "triple(2.0)")
    chapter.insert("progress-text", "triple-test", "test", TRIPLE_TEST)


def test_open_text_is_read_at_200_words_a_minute(chapter) -> None:
    before, _ = counted(chapter)
    chapter.insert("part", "text", "md", "word " * 100)
    after, _ = counted(chapter)
    assert after.reading - before.reading == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<details><summary>Hint 1</summary>\n\none two three\n\n</details>", 0),
        ("<details>\n<summary>Compare</summary>\n\none two three\n\n</details>", 4),
        (
            "<details><summary>Hint 2</summary>\n\none\n\n</details>\nopen\n"
            "<details><summary>Compare</summary>\n\ntwo $x^2$\n\n</details>",
            4,
        ),
    ],
)
def test_a_folded_comparison_is_read_and_a_folded_hint_is_not(chapter, text, words) -> None:
    before, _ = counted(chapter)
    chapter.insert("part", "text", "md", text)
    after, _ = counted(chapter)
    assert 200 * (after.reading - before.reading) == pytest.approx(words)


def test_explorers_quizzes_and_exercises_take_their_minutes(chapter) -> None:
    chapter.insert("part", "warm-up", "code", 'quiz.warm_up("9_double")')
    chapter.insert("part", "explore", "code", "double_explorer()")
    chapter.insert("progress", "quiz", "code", 'quiz.show("9_double")')
    core, stretch = counted(chapter)
    assert (core.explorers, core.quizzes, core.exercises) == (3, 6, 1)
    assert stretch == Minutes()


def test_what_a_starred_exercise_holds_counts_apart(chapter) -> None:
    before, _ = counted(chapter)
    add_starred_exercise(chapter)
    chapter.insert("progress-text", "starred-text", "md", "word " * 50)
    chapter.insert("progress-text", "starred-explorer", "code", "triple_explorer()")
    core, stretch = counted(chapter)
    assert core == before
    assert (stretch.explorers, stretch.exercises) == (3, 20)
    assert stretch.reading > 0.25
    assert stretch.total == pytest.approx(23 + stretch.reading)


@pytest.mark.parametrize(
    ("core", "stretch", "said"),
    [
        (117.5, 0.0, "About 120 minutes."),
        (122.4, 2.0, "About 120 minutes for the core, 5 more for the exercises marked ★."),
        (1.0, 0.0, "About 5 minutes."),
    ],
)
def test_the_sentence_gives_multiples_of_five(core, stretch, said) -> None:
    assert sentence(core, stretch) == said


@pytest.mark.parametrize(
    ("starred", "said", "right"),
    [
        (False, "About 5 minutes.", None),
        (False, "About 10 minutes.", "About 5 minutes."),
        (False, "5 minutes.", "About 5 minutes."),
        (False, "About 5 minutes for the core, 20 more for ★.", "About 5 minutes."),
        (True, "About 5 minutes for the core, 20 more for ★.", None),
        (True, "About 5 minutes for the core, 20 more for the exercise marked ★.", None),
        (True, "About 5 minutes for the core, 15 more for ★.", "About 5 minutes for the core, 20"),
        (True, "About 5 minutes.", "About 5 minutes for the core, 20 more for the exercises"),
    ],
)
def test_the_opening_says_the_counted_minutes(chapter, starred, said, right) -> None:
    chapter.put("title", "md", OPENING.format(said))
    if starred:
        add_starred_exercise(chapter)
    found = chapter.problems()
    assert bool(found) == bool(right)
    if right:
        (problem,) = found
        assert problem.startswith("cell title: the opening ")
        assert f"; write '{right}" in problem
        assert "(counted: core: reading 0, explorers 0, quizzes 0, exercises 1" in problem


def test_a_core_above_150_minutes_is_named(chapter) -> None:
    heading = "### Exercise 9.1 · Double a number (2 points)\n\n*About {} minutes.*"
    chapter.put("title", "md", OPENING.format("About 150 minutes."))
    chapter.put("heading", "md", heading.format(149))
    assert chapter.problems() == []
    chapter.put("heading", "md", heading.format(151))
    (problem,) = chapter.problems()
    assert problem.startswith("cell title: the core takes 151 minutes (reading 0, ")
    assert problem.endswith("150 is the most; shorten it, or mark an exercise ★")
