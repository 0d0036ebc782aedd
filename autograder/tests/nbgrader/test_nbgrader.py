"""nbgrader's own commands on top of the engine: autograde, manual grading."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import PyFileConfigLoader

from autograder.errors import StepFailed
from autograder.layout import Layout
from autograder.nbgrader import steps

CHAPTER = "1_powers"
RIGHT = {
    "square": "def square(x):\n    return x * x",
    "cube": "def cube(x):\n    return x**3",
    "hunt": "def slope(x):\n    return 2 * x",
}
HALF = {
    "square": "def square(x):\n    return abs(x) * x",  # only a hidden test tells
    "cube": "def cube(x):\n    import warnings\n    warnings.warn('slow')\n    return x**3",
}
FORGED = """class Agrees:
    def __eq__(self, other):
        return True


def cube(x):
    return Agrees()"""


@pytest.fixture(scope="module")
def graded(make_course, answers):
    course = make_course()
    course.hand_in("right", answers(**RIGHT))
    course.hand_in("half", answers(**HALF))
    course.hand_in("forged", answers(cube=FORGED))
    course.run("grade")
    return course


def scores(course) -> dict[str, float]:
    with Gradebook(course.layout.database_url) as gradebook:
        return {
            submission.student_id: submission.score
            for submission in gradebook.assignment_submissions(CHAPTER)
        }


def test_the_bulk_writer_fills_the_gradebook_as_nbgrader_reads_it(graded):
    assert scores(graded) == {"right": 6.0, "half": 3.0, "forged": 0.0}
    with Gradebook(graded.layout.database_url) as gradebook:
        notebook = gradebook.find_submission_notebook(CHAPTER, CHAPTER, "half")
        assert {grade.name: grade.score for grade in notebook.grades} == {
            "square-test": 0.0, "cube-test": 3.0, "hunt-test": 0.0,
        }  # fmt: skip
        assert not notebook.needs_manual_grade
        assert {comment.name for comment in notebook.comments} == {"square", "cube", "hunt"}


def test_nbgraders_own_autograde_gives_the_same_scores(make_course, answers, graded):
    course = make_course()
    for student, given in (("right", RIGHT), ("half", HALF), ("forged", {"cube": FORGED})):
        course.hand_in(student, answers(**given))
    course.register()
    for student in ("right", "half", "forged"):
        steps.autograde(course.layout, student, CHAPTER)
    assert scores(course) == scores(graded)
    for student in ("right", "half", "forged"):
        ours, theirs = (
            nbformat.read(c.layout.autograded(student, CHAPTER), as_version=4)
            for c in (graded, course)
        )
        assert [c.get("outputs") for c in ours.cells] == [c.get("outputs") for c in theirs.cells]


def test_the_command_nbgrader_autograde_goes_through_the_engine(make_course, answers):
    course = make_course()
    course.hand_in("forged", answers(cube=FORGED))
    course.register()
    work = course.layout.work
    command = [
        *(sys.executable, "-m", "nbgrader", "autograde", CHAPTER, "--student=forged"),
        f"--CourseDirectory.root={work}",
        f"--CourseDirectory.source_directory={course.layout.solutions}",
        "--CourseDirectory.submitted_directory=submitted",
        "--CourseDirectory.autograded_directory=autograded",
        f"--CourseDirectory.db_url={course.layout.database_url}",
    ]
    folder = Layout.here().root / "autograder"
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "an object that decides itself what it equals" in done.stderr
    assert scores(course) == {"forged": 0.0}


def test_manual_scores_survive_grading_again_and_ask_nobody_where_nothing_changed(
    make_course, answers
):
    course = make_course()
    course.hand_in("half", answers(**HALF))
    course.run("grade")
    with Gradebook(course.layout.database_url) as gradebook:
        grade = gradebook.find_grade("square-test", CHAPTER, CHAPTER, "half")
        grade.manual_score = 1.5
        gradebook.db.commit()
    status, printed = course.run("grade", "--force")
    assert status == 0
    assert "4.5 / 6" in printed and "4.5 / 6*" not in printed
    assert "needs points from a person" not in printed


@pytest.mark.parametrize("what", ["notebook", "folder", "extra file"])
def test_links_in_a_submission_are_refused(make_course, answers, tmp_path, what):
    course = make_course()
    path = course.hand_in("ada", answers(**RIGHT))
    secret = tmp_path / "secret"
    secret.write_text("a secret")
    if what == "notebook":
        moved = path.rename(tmp_path / "moved.ipynb")
        path.symlink_to(moved)
    elif what == "folder":
        moved = path.parent.rename(tmp_path / "moved")
        path.parent.symlink_to(moved)
    else:
        (path.parent / "data.txt").symlink_to(secret)
    course.register()
    with pytest.raises(StepFailed, match="links"):
        steps.autograde(course.layout, "ada", CHAPTER)
    status, printed = course.run("grade")
    assert status == (0 if what == "extra file" else 1)
    assert ("ask for the notebook itself" in printed) == (what == "notebook")
    assert "a secret" not in "".join(
        file.read_text("utf-8", "replace") for file in course.layout.work.rglob("*.txt")
        if "submitted" not in file.parts
    )  # fmt: skip


def test_another_name_of_the_source_notebook_is_no_submission(make_course, answers):
    course = make_course()
    path = course.hand_in("ada", answers())
    path.unlink()
    path.hardlink_to(course.layout.source(CHAPTER))
    status, printed = course.run("grade")
    assert status == 1
    assert "another name of a file of the course" in printed


def test_formgrader_finds_the_chapters_of_a_class_that_shares_only_the_root_with_the_repository(
    course, tmp_path, monkeypatch
):
    here = Path(__file__).resolve().parents[2]
    root = shutil.copytree(course.layout.root, tmp_path / "repository")
    shutil.copy(here / "nbgrader_config.py", root / "autograder")
    monkeypatch.setattr(CourseDirectory, "format_path", CourseDirectory.format_path)
    elsewhere = "/tmp" if str(root).startswith("/dev/") else "/dev/shm"
    with TemporaryDirectory(dir=elsewhere) as work:
        monkeypatch.setenv("AUTOGRADER_WORK", work)
        loader = PyFileConfigLoader("nbgrader_config.py", path=str(root / "autograder"))
        config = loader.load_config()
        assert config.CourseDirectory.root == "/"
        submitted = Path(work, "submitted", "ada", CHAPTER)
        submitted.mkdir(parents=True)
        api = NbGraderAPI(config=config)
        assert api.get_source_assignments() == {CHAPTER}
        assert api.get_submitted_students(CHAPTER) == {"ada"}
