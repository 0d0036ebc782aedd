"""What an instructor changes after a release costs nobody anything and flags nobody."""

from __future__ import annotations

import copy
from datetime import datetime, timedelta

import nbformat
import pytest
from nbgrader.api import Gradebook

CHAPTER = "1_powers"
RIGHT = {
    "square": "def square(x):\n    return x * x",
    "cube": "def cube(x):\n    return x**3",
    "hunt": "def slope(x):\n    return 2 * x",
}
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own


def change(course, edit) -> None:
    """Edit the source notebook: a function is given its cells by their names."""
    source = nbformat.read(course.layout.source(CHAPTER), as_version=4)
    edit(source)
    course.write_source(source)


def cell(notebook, name: str):
    return next(one for one in notebook.cells if one.id == name)


def mend(notebook) -> None:
    cell(notebook, "cube-test").source += "\nassert cube(3) == 27"


def move_points(notebook) -> None:
    cell(notebook, "cube-test").metadata.nbgrader["points"] = 7


def add_a_test(notebook) -> None:
    extra = copy.deepcopy(cell(notebook, "cube-test"))
    extra.id = extra.metadata.nbgrader["grade_id"] = "cube-again"
    extra.source = "assert cube(-2) == -8"
    notebook.cells.insert(notebook.cells.index(cell(notebook, "cube-test")) + 1, extra)


def remove_a_test(notebook) -> None:
    notebook.cells.remove(cell(notebook, "hunt-test"))


def fix_prose(notebook) -> None:
    cell(notebook, "title").source += "\n\nOne more word."


@pytest.fixture(scope="module")
def graded(make_course, answers):
    """Return a class that was graded, and changed by a person in Formgrader."""
    course = make_course()
    for student in ("ada", "bob", "cem", "dan"):
        course.hand_in(student, answers(**RIGHT))
    course.hand_in("eve", answers(square=RIGHT["square"]))
    assert "look at" not in course.run("grade")[1]
    with Gradebook(course.layout.database_url) as gradebook:
        gradebook.update_or_create_assignment(CHAPTER, duedate=datetime(2026, 3, 1))
        gradebook.grant_extension(CHAPTER, "ada", days=3)
        for name, points in (("cube-test", 1.5), ("hunt-test", 0.5)):
            gradebook.find_grade(name, CHAPTER, CHAPTER, "eve").manual_score = points
        gradebook.find_comment("cube", CHAPTER, CHAPTER, "eve").manual_comment = "nearly"
        gradebook.db.commit()
    return course


def scores(course) -> dict[str, tuple[float, float]]:
    with Gradebook(course.layout.database_url) as gradebook:
        found = gradebook.assignment_submissions(CHAPTER)
        return {s.student_id: (s.score, s.max_score) for s in found}


@pytest.fixture
def restored(graded):
    """Return the class, and put the source back afterwards."""
    before = graded.layout.source(CHAPTER).read_bytes()
    yield graded
    graded.layout.source(CHAPTER).write_bytes(before)


@pytest.mark.parametrize(
    ("edit", "ada", "eve"),
    [
        (mend, (6, 6), (4, 6)),
        (move_points, (10, 10), (4, 10)),
        (add_a_test, (9, 9), (4, 9)),
        (remove_a_test, (5, 5), (3.5, 5)),
    ],
)
def test_a_change_is_graded_and_what_people_gave_stays(restored, edit, ada, eve):
    course = restored
    change(course, edit)
    status, printed = course.run("grade")
    assert (status, "5 graded in" in printed) == (0, True), printed
    assert "To look at" not in printed
    assert (scores(course)["ada"], scores(course)["eve"]) == (ada, eve)
    with Gradebook(course.layout.database_url) as gradebook:
        assert gradebook.find_assignment(CHAPTER).duedate == datetime(2026, 3, 1)
        assert gradebook.find_submission(CHAPTER, "ada").extension == timedelta(days=3)
        assert gradebook.find_grade("cube-test", CHAPTER, CHAPTER, "eve").manual_score == 1.5
        comment = gradebook.find_comment("cube", CHAPTER, CHAPTER, "eve")
        assert comment.manual_comment == "nearly"


def test_a_test_that_returns_brings_back_what_a_person_gave(restored):
    course = restored
    before = course.layout.source(CHAPTER).read_bytes()
    change(course, remove_a_test)
    course.run("grade")
    course.layout.source(CHAPTER).write_bytes(before)
    assert course.run("grade")[0] == 0
    assert scores(course)["eve"] == (4, 6)
    with Gradebook(course.layout.database_url) as gradebook:
        assert gradebook.find_grade("hunt-test", CHAPTER, CHAPTER, "eve").manual_score == 0.5


def test_plain_nbgrader_goes_on_with_a_gradebook_that_was_migrated(restored):
    from autograder.nbgrader import steps

    course = restored
    change(course, add_a_test)
    assert course.run("grade")[0] == 0
    steps.autograde(course.layout, "eve", CHAPTER)
    assert scores(course)["eve"] == (4, 9)


def test_a_word_of_prose_regrades_nobody(restored):
    course = restored
    course.run("grade")
    change(course, fix_prose)
    assert "0 graded, 5 unchanged" in course.run("grade")[1]


def test_a_preview_says_who_would_gain_or_lose_and_writes_nothing(restored, fingerprint):
    course = restored
    course.run("grade")
    course.hand_in("new", course.layout.submission("ada", CHAPTER).read_bytes())
    change(course, lambda notebook: (add_a_test(notebook), remove_a_test(notebook)))
    before = fingerprint(course.layout.work)
    status, printed = course.run("grade", "--preview")
    assert fingerprint(course.layout.work) == before
    course.layout.submission("new", CHAPTER).unlink()
    course.layout.submission("new", CHAPTER).parent.rmdir()
    course.layout.submission("new", CHAPTER).parent.parent.rmdir()
    assert status == 0, printed
    assert "+2  ada · 1_powers: 6 → 8 (cube-again +3, hunt-test -1)" in printed
    assert "-0.5  eve · 1_powers: 4 → 3.5 (hunt-test -0.5)" in printed
    assert "4 would gain points, 1 would lose some, 0 would keep theirs, 1 would be" in printed


def test_a_preview_before_the_first_grading_is_one_line(course, answers):
    course.hand_in("ada", answers(**RIGHT))
    status, printed = course.run("grade", "--preview")
    assert status == 1
    assert "nothing was graded yet" in printed
    assert not course.layout.gradebook.exists()


def test_a_due_date_set_after_grading_counts_with_a_persons_points(
    make_course, answers, monkeypatch
):
    from autograder.nbgrader import steps

    course = make_course()
    path = course.hand_in("eve", answers(square=RIGHT["square"]))
    path.with_name("timestamp.txt").write_text("2026-03-01 12:00:00 UTC")
    course.run("grade")
    with Gradebook(course.layout.database_url) as gradebook:
        gradebook.find_grade("cube-test", CHAPTER, CHAPTER, "eve").manual_score = 2.5
        gradebook.update_or_create_assignment(CHAPTER, duedate=datetime(2026, 3, 1, 10))
        gradebook.db.commit()
    monkeypatch.setattr(steps, "make_penalty", lambda: lambda student, score, late: score)
    printed = course.run("grade")[1]
    assert "0 graded, 1 unchanged" in printed
    assert "│ eve     │    0 / 6 │" in printed
    with Gradebook(course.layout.database_url) as gradebook:
        gradebook.grant_extension(CHAPTER, "eve", hours=3)
    assert "4.5 / 6" in course.run("grade")[1]


def test_what_a_class_shares_is_one_line_and_real_flags_come_first(make_course, answers):
    course = make_course()
    old = nbformat.reads(answers(**RIGHT), as_version=4)
    for name in ("square-test", "cube-test"):  # as no release that is known
        cell(old, name).source += "\n# an older one"
    for number in range(20):
        course.hand_in(f"s{number:02}", nbformat.writes(old))
    forged = copy.deepcopy(old)
    cell(forged, "hunt-test").source = "pass"
    course.hand_in("t-forged", nbformat.writes(forged))
    cell(old, "cube").source += "\nimport ctypes"
    course.hand_in("zoe", nbformat.writes(old))
    printed = course.run("grade")[1]
    lines = [line for line in printed.splitlines() if line.startswith("? ")]
    assert [line.split(":")[0] for line in lines] == [
        "? zoe · 1_powers",
        "? t-forged · 1_powers",
        "? 1_powers, 22 submissions alike",
    ]
    assert "calls C code: ctypes" in lines[0]
    assert "test cell hunt-test was edited" in lines[1]
    assert "test cell square-test was edited; the instructor's was run (+1 more)" in lines[2]


def test_a_release_is_remembered_before_anything_is_graded(make_course, answers):
    course = make_course()
    course.hand_in("ada", answers(**RIGHT))
    course.run("release")
    change(course, mend)
    course.run("release")
    assert "To look at" not in course.run("grade")[1]


def test_a_person_who_graded_is_asked_again_only_where_something_changed(make_course, answers):
    course = make_course()
    change(course, add_an_essay)
    for student in ("ada", "bob"):
        essay = nbformat.reads(answers(**RIGHT), as_version=4)
        add_an_essay(essay, "It bends.")
        course.hand_in(student, nbformat.writes(essay))
    assert course.run("grade")[0] == 0
    assert waiting(course) == {("ada", "essay"), ("bob", "essay")}
    with Gradebook(course.layout.database_url) as gradebook:
        for name, points in (("essay", 1.5), ("cube-test", 2)):
            grade = gradebook.find_grade(name, CHAPTER, CHAPTER, "ada")
            grade.manual_score, grade.needs_manual_grade = points, False  # as Formgrader does
        gradebook.db.commit()
    assert course.run("grade", "--force")[0] == 0
    assert waiting(course) == {("bob", "essay")}
    change(course, fail_every_cube)
    course.run("grade")
    assert waiting(course) == {("ada", "cube-test"), ("bob", "essay")}
    add_an_essay(essay, "It bends down.")
    course.hand_in("ada", nbformat.writes(essay))
    course.run("grade")
    assert waiting(course) == {("ada", "cube-test"), ("ada", "essay"), ("bob", "essay")}
    assert scores(course)["ada"] == (6.5, 8)  # what a person gave stays


def add_an_essay(notebook, text: str = "YOUR ANSWER HERE") -> None:
    marks = {"grade": True, "solution": True, "locked": False, "task": False, "points": 2}
    marks |= {"grade_id": "essay", "schema_version": 3}
    essay = nbformat.v4.new_markdown_cell(text, id="essay", metadata={"nbgrader": marks})
    notebook.cells = [cell for cell in notebook.cells if cell.id != "essay"]
    notebook.cells.insert(1, essay)


def fail_every_cube(notebook) -> None:
    cell(notebook, "cube-test").source = "assert False"


def waiting(course) -> set[tuple[str, str]]:
    """Return whose cells wait for a person."""
    with Gradebook(course.layout.database_url) as gradebook:
        return {
            (submission.student_id, grade.name)
            for submission in gradebook.assignment_submissions(CHAPTER)
            for notebook in submission.notebooks
            for grade in notebook.grades
            if grade.needs_manual_grade
        }
