"""A new exercise in a copy of the real chapter 1."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import Course
from tests.tools.rehearsal import rehearse

import byhand
from autograder.commands.release import check
from autograder.course.answers import read_answers
from autograder.course.lint import problems
from autograder.course.notebooks import exercises_of, read_cells
from autograder.layout import Layout

HERE = Layout.here()
CHAPTER = HERE.chapters()[0]


def copy_of_the_course(root: Path, chapter: str = CHAPTER) -> Course:
    for folder in (f"solutions/{chapter}", "course/byhand", f"course/{chapter}"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(HERE.root / folder, root / folder, ignore=ignored)
    answers = f"autograder/tests/answers/{chapter}.py"
    (root / answers).parent.mkdir(parents=True)
    shutil.copy(HERE.root / answers, root / answers)
    return Course(Layout.of(root))


@pytest.fixture(scope="module")
def extended(tmp_path_factory):
    """Return a course to which an exercise was added, and what was printed."""
    course = copy_of_the_course(tmp_path_factory.mktemp("course"))
    status, printed = course.run("new-exercise", CHAPTER.split("_")[0], "softplus-slope")
    assert status == 0
    return course, printed


@pytest.fixture
def with_its_checks(extended, monkeypatch):
    """Let `byhand.exercises` be the copy's, which was written a moment ago."""
    folder = str(extended[0].layout.course / "byhand")
    monkeypatch.setattr(byhand, "__path__", [folder, *byhand.__path__])
    for name in [name for name in sys.modules if name.startswith("byhand.exercises")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr(byhand, "exercises", raising=False)
    return extended[0]


def test_the_files_that_were_written_and_the_next_steps_are_named(extended) -> None:
    course, printed = extended
    for path in (
        course.layout.source(CHAPTER),
        course.layout.course / "byhand" / "exercises" / "derivatives" / "softplus_slope.py",
        course.layout.course / "byhand" / "exercises" / "derivatives" / "__init__.py",
        course.layout.root / "autograder" / "tests" / "answers" / f"{CHAPTER}.py",
    ):
        assert f"{path}: " in printed
        assert path.is_file()
    assert f"python3 autograder release {CHAPTER}" in printed
    assert "-k softplus-slope" in printed


def test_the_exercise_follows_the_last_one_and_has_the_next_number(extended) -> None:
    cells = read_cells(extended[0].layout.source(CHAPTER))
    before = exercises_of(read_cells(HERE.source(CHAPTER)))
    *others, new = exercises_of(cells)
    assert [e.number for e in others] == [e.number for e in before]
    assert new.number == f"1.{len({e.number for e in before}) + 1}"
    assert (new.title, new.points) == ("Softplus slope", 1)
    kinds = ["markdown", "solution", "code", "test", "markdown"]
    assert [cell.kind for cell in new.cells] == kinds
    assert cells[cells.index(new.cells[-1]) + 1].id == "milestone"
    assert new.stretch  # until the author decides that it belongs to the core


def test_it_passes_the_lint_and_is_released(extended) -> None:
    layout = extended[0].layout
    assert problems(layout.source(CHAPTER)) == []
    assert extended[0].run("release")[0] == 0
    assert check(layout, [CHAPTER]) == []
    released = {cell.id: cell.source for cell in read_cells(layout.released(CHAPTER))}
    assert "return 2 * x" not in released["softplus-slope"]
    assert "draw=" not in released["softplus-slope-test"]


def test_its_answers_prove_its_check(with_its_checks) -> None:
    layout = with_its_checks.layout
    cells = read_cells(layout.source(CHAPTER))
    needed = [cell for cell in cells if cell.kind == "setup" or cell.id.startswith("softplus-")]
    answers = read_answers(layout.root / "autograder" / "tests" / "answers" / f"{CHAPTER}.py")
    own = [answer for answer in answers if answer.cell == "softplus-slope"]
    assert [answer.verdict for answer in own] == ["right", *["wrong"] * 5]
    assert rehearse(needed)["softplus-slope-test"].points == 1
    for answer in own:
        outcome = rehearse(needed, {answer.cell: answer.source})["softplus-slope-test"]
        assert outcome.points == (answer.verdict == "right"), outcome.error
        assert answer.verdict == "right" or "likely" in str(outcome.error)


def test_a_second_exercise_goes_into_the_same_package(tmp_path: Path) -> None:
    course = copy_of_the_course(tmp_path)
    assert (
        course.run("new-exercise", "1", "one")[0] == course.run("new-exercise", "1", "two")[0] == 0
    )
    package = course.layout.course / "byhand" / "exercises" / "derivatives" / "__init__.py"
    before = HERE.course / "byhand" / "exercises" / "derivatives" / "__init__.py"
    added = set(package.read_text("utf-8").split()) - set(before.read_text("utf-8").split())
    assert {"one_values,", "two_values,"} <= added
    assert problems(course.layout.source(CHAPTER)) == []
    cells = read_cells(course.layout.source(CHAPTER))
    line = "from byhand.exercises import derivatives as exercise"
    assert sum(cell.source.count(line) for cell in cells) == 1


@pytest.mark.parametrize("chapter", HERE.chapters())
def test_every_chapter_takes_an_exercise_that_ruff_and_the_lint_accept(
    tmp_path: Path, chapter: str
) -> None:
    course = copy_of_the_course(tmp_path, chapter)
    status, printed = course.run("new-exercise", chapter, "softplus_curve")
    assert status == 0, printed
    found = problems(course.layout.source(chapter))
    # a second edition's opening states minutes, which its author counts again
    assert [problem for problem in found if " minutes" not in problem] == []
    shutil.copy(HERE.root / ".ruff.toml", tmp_path)
    ruff = Path(sys.executable).with_name("ruff")
    for command in (["check"], ["format", "--check"]):
        ran = subprocess.run(
            [ruff, *command, "--no-cache", tmp_path], capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize(
    ("chapter", "name", "said"),
    [
        ("9", "softplus", "no chapter '9' in solutions/"),
        ("1", "Softplus", "cannot be an exercise's name"),
        ("1", "2nd", "cannot be an exercise's name"),
        ("1", "soft plus", "cannot be an exercise's name"),
        ("1", "../softplus", "cannot be an exercise's name"),
        ("1", "x" * 41, "cannot be an exercise's name"),
        ("1", "lambda", "is a word of Python"),
        ("1", "sum", "is a word of Python"),
        ("1", "relu", "has relu already (cell relu"),
        ("1", "relu_derivative", "has relu_derivative already (cell relu"),
        ("1", "show-ladder", "has show_ladder already (cell imports)"),
        ("1", "softplus_slope", "has softplus_slope already (cell softplus-slope)"),
    ],
)
def test_what_cannot_be_added_is_refused_in_one_line(
    extended, fingerprint, chapter: str, name: str, said: str
) -> None:
    course = extended[0]
    before = fingerprint(course.layout.root)
    status, printed = course.run("new-exercise", chapter, name)
    assert (status, printed.count("\n")) == (2, 1)
    assert said in printed
    assert fingerprint(course.layout.root) == before


def test_a_source_that_is_no_notebook_is_refused(course) -> None:
    course.layout.source("1_powers").write_text(json.dumps([]))
    status, printed = course.run("new-exercise", "1", "softplus")
    assert (status, printed.count("\n")) == (1, 1)
    assert "not a notebook" in printed
