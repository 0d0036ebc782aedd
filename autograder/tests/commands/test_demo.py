from __future__ import annotations

import nbformat
import pytest

from autograder.course.sample_class import find_questions, make_class, pick_wrong_answers
from autograder.errors import UserError

CHAPTER = "1_powers"


@pytest.fixture(scope="module")
def shown(make_course, fingerprint):
    """Return a course on which the demo ran twice, what it printed, and `course` before."""
    course = make_course()
    course.run("release")
    before = fingerprint(course.layout.course)
    first = course.run("demo")
    return course, first, course.run("demo"), before


def test_the_demo_grades_a_sample_class_as_its_answers_are_worth(shown):
    _, (status, printed), _, _ = shown
    assert status == 0
    assert "As expected: 7 submissions" in printed
    scores = [line.split("│")[1:3] for line in printed.splitlines() if line.startswith("│")]
    assert {name.strip(): score.strip() for name, score in scores} == {
        "student": CHAPTER,
        "right": "6 / 6",
        "partly-right": "2 / 6",
        "wrong": "0 / 6",
        "untouched": "0 / 6",
        "forged": "0 / 6",
        "syntax-error": "5 / 6",
        "not-json": "fault",
    }


def test_the_demo_says_where_things_lie(shown):
    course, _, (_, printed), _ = shown
    page = course.layout.work / "demo" / "feedback" / "partly-right" / CHAPTER / f"{CHAPTER}.html"
    assert str(page) in printed
    assert page.is_file()


def test_the_demo_can_be_run_again(shown):
    assert shown[2][0] == 0


def test_the_demo_leaves_the_course_and_the_gradebook_alone(shown, fingerprint):
    course, _, _, before = shown
    assert fingerprint(course.layout.course) == before
    assert not course.layout.submitted.exists()


def test_the_demo_does_not_empty_a_folder_of_somebody_else(course, tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    status, printed = course.run("demo", "--work", str(tmp_path))
    assert status == 1
    assert "name another folder" in printed
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_an_exercise_is_its_solutions_and_the_tests_after_them(course):
    notebook = nbformat.read(course.layout.source(CHAPTER), as_version=4)
    found = [(exercise.solutions, exercise.points) for exercise in find_questions(notebook)]
    assert found == [
        (["square"], {"square-test": 2}),
        (["cube"], {"cube-test": 3}),
        (["hunt"], {"hunt-test": 1}),
    ]


def test_wrong_answers_come_from_the_file_of_answers(course, tmp_path):
    file = tmp_path / "answers.py"
    file.write_text(
        "# %% cube | right | power\ndef cube(x):\n    return x**3\n"
        "# %% cube | wrong | square\ndef cube(x):\n    return x**2\n"
        "# %% cube | wrong | zero\ndef cube(x):\n    return 0\n"
    )
    assert pick_wrong_answers(file) == {"cube": "def cube(x):\n    return x**2\n"}
    assert pick_wrong_answers(tmp_path / "none.py") == {}
    file.write_text("# %% cube\n")
    with pytest.raises(UserError, match="is not a heading"):
        pick_wrong_answers(file)
    notebook = nbformat.read(course.layout.source(CHAPTER), as_version=4)
    samples = {item.student: item for item in make_class(notebook, notebook, {"cube": "WRONG"})}
    assert "WRONG" in samples["wrong"].content
    assert samples["wrong"].expected == (0, 5)


def test_right_answers_are_written_as_a_student_would(course):
    notebook = nbformat.read(course.layout.source(CHAPTER), as_version=4)
    right = nbformat.reads(make_class(notebook, notebook, {})[0].content, as_version=4)
    hunt = next(cell.source for cell in right.cells if cell.id == "hunt")
    assert hunt.endswith("    return 2 * x")
    assert "###" not in hunt
    assert "-2 * x" not in hunt
