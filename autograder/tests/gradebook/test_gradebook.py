"""What the bulk writer knows of nbgrader's tables, and what it takes off for lateness."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime

import nbformat
import pytest
from nbgrader import api

from autograder import cli
from autograder.commands.console import make_console, print_faults
from autograder.errors import UserError
from autograder.gradebook import tables
from autograder.gradebook.book import open_gradebook
from autograder.grading.submissions import Fault
from autograder.handed_in import parse_timestamp
from autograder.nbgrader import steps
from autograder.scratch import Scratch

CHAPTER = "1_powers"
RIGHT = {
    "square": "def square(x):\n    return x * x",
    "cube": "def cube(x):\n    return x**3",
    "hunt": "def slope(x):\n    return 2 * x",
}


@pytest.mark.parametrize("table", tables.NBGRADERS, ids=lambda table: table.name)
def test_the_columns_that_we_write_are_nbgraders(table):
    theirs = api.Base.metadata.tables[table.name]
    assert {column.name for column in table.c} <= {column.name for column in theirs.c}


@pytest.mark.parametrize(
    "table",
    [tables.student, tables.submission, tables.submitted, tables.grade, tables.comment],
    ids=lambda table: table.name,
)
def test_a_column_that_we_leave_out_is_empty_in_nbgraders_rows_too(table):
    ours = {column.name for column in table.c}
    for column in api.Base.metadata.tables[table.name].c:
        if column.name not in ours:
            assert column.nullable and column.default is None, column


def cells_of(course) -> set[str]:
    """Return all that a gradebook holds of a chapter's cells, but for their ids."""
    with api.Gradebook(course.layout.database_url) as gradebook:
        noted = gradebook.find_notebook(CHAPTER, CHAPTER)
        rows = [*noted._base_cells, *noted.source_cells]
        found = {
            f"{type(row).__name__} {sorted((k, v) for k, v in row.to_dict().items() if k != 'id')}"
            for row in rows
        }
        assert len(found) == len(rows) > 3
        return {*found, noted.kernelspec, noted.assignment.course_id}


def test_a_chapters_cells_are_noted_as_nbgrader_notes_them(make_course, tmp_path):
    theirs, ours = make_course(), make_course()
    for change in range(2):
        for course in (theirs, ours):
            source = nbformat.read(course.layout.source(CHAPTER), as_version=4)
            if change:  # another source before anything was handed in
                test = next(cell for cell in source.cells if cell.id == "cube-test")
                test.metadata.nbgrader["points"] = 7
                source.cells = [cell for cell in source.cells if cell.id != "square-test"]
                course.write_source(source)
        ours.register()
        theirs.layout.work.mkdir(parents=True, exist_ok=True)
        with open_gradebook(theirs.layout) as gradebook:
            gradebook.prepare()
        into = tmp_path / str(change)
        into.mkdir()
        steps.generate(theirs.layout, CHAPTER, into, theirs.layout.database_url)
        assert cells_of(ours) == cells_of(theirs)


def test_a_gradebook_is_made_with_the_version_that_nbgrader_gives_its_own(make_course, answers):
    course = make_course()
    course.hand_in("ada", answers())
    course.run("grade")
    with api.Gradebook(course.layout.database_url) as gradebook:
        version = gradebook.db.execute(api.text("SELECT version_num FROM alembic_version")).all()
    cli.use_this_environment()  # nbgrader asks the program `alembic`
    assert version == [(api.get_alembic_version(),)]


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's way with sessions
def test_a_late_submission_loses_what_the_configured_rule_takes(make_course, answers, monkeypatch):
    course = make_course()
    for student, moment in (("early", "08:00"), ("late", "12:00"), ("extended", "12:00")):
        path = course.hand_in(student, answers(**RIGHT))
        path.with_name("timestamp.txt").write_text(f"2026-03-01 {moment}:00 UTC")
    course.register()
    with api.Gradebook(course.layout.database_url) as gradebook:
        gradebook.update_or_create_assignment(CHAPTER, duedate=datetime(2026, 3, 1, 10))
        gradebook.add_student("extended")
        gradebook.add_submission(CHAPTER, "extended")
        gradebook.grant_extension(CHAPTER, "extended", hours=3)
    asked = []

    def rule(student: str, score: float, seconds: float) -> float:
        asked.append((student, score, seconds))
        return 2.5

    monkeypatch.setattr(steps, "make_penalty", lambda: rule)
    status, printed = course.run("grade")
    assert status == 0
    assert asked == [("late", 6.0, 7200.0)]
    with api.Gradebook(course.layout.database_url) as gradebook:
        found = {s.student_id: s for s in gradebook.assignment_submissions(CHAPTER)}
        assert {name: s.late_submission_penalty for name, s in found.items()} == {
            "early": 0.0, "late": 2.5, "extended": 0.0,
        }  # fmt: skip
    assert "3.5 / 6" in printed


def test_a_new_time_of_handing_in_means_grading_again(make_course, answers):
    course = make_course()
    path = course.hand_in("ada", answers(**RIGHT))
    course.run("grade")
    path.with_name("timestamp.txt").write_text("2026-03-01 12:00:00 UTC")
    assert "1 graded in" in course.run("grade")[1]
    path.with_name("timestamp.txt").write_text("yesterday, I think")
    status, printed = course.run("grade")
    assert status == 1
    assert "timestamp.txt does not hold a time; fix or remove it" in printed


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-02-02 15:58:23.948203 UTC", "2026-02-02T15:58:23.948203"),
        ("2026-02-02 15:58:23 America/New_York", "2026-02-02T20:58:23"),
        ("2026-02-02T15:58:23", "2026-02-02T15:58:23"),
    ],
)
def test_times_are_read_as_nbgrader_reads_them(text, utc):
    from nbgrader.utils import parse_utc

    assert parse_timestamp(text).isoformat() == utc
    assert parse_utc(text).isoformat() == utc


def test_a_time_with_an_offset_is_turned_into_utc():
    assert parse_timestamp("2026-02-02 15:58:23 +0100").isoformat() == "2026-02-02T14:58:23"


@pytest.mark.parametrize("text", ["soon", "2026-02-02 15:58:23 Nowhere"])
def test_no_time_is_none_and_another_text_is_refused(text):
    assert parse_timestamp("") is None
    with pytest.raises(UserError, match="does not hold a time"):
        parse_timestamp(text)


def test_a_run_with_nothing_to_do_does_not_wait_for_nbgrader_to_be_imported(make_course, answers):
    course = make_course()
    course.hand_in("ada", answers(**RIGHT))
    course.run("grade")
    script = (
        "import sys, pathlib; from autograder import cli, layout; "
        "cli.main(['grade'], layout.Layout.of(pathlib.Path(sys.argv[1]))); "
        "print(sorted({'nbgrader', 'nbconvert', 'IPython'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(course.layout.root)], capture_output=True, text=True
    )
    assert "0 graded, 1 unchanged" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_temporary_folders_of_processes_that_are_gone_are_swept_and_others_kept(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left = tmp_path / "byhand-engine-abc"
    left.mkdir()
    (left / "file").write_text("")
    (tmp_path / "byhand-link-abc").symlink_to(os.getcwd())
    with Scratch("one") as one, Scratch("two") as two:
        assert one.is_dir() and two.is_dir()
        assert not left.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["byhand-link-abc"]


def test_what_the_machine_did_is_told_apart_from_what_students_did(course, capsys):
    path = course.layout.submission("ada", CHAPTER)
    ours = [
        Fault(path, "out of memory", f"s{number}", CHAPTER, by_machine=True) for number in range(9)
    ]
    print_faults(make_console(), course.layout, [*ours, Fault(path, "empty; ask", "ada", CHAPTER)])
    printed = capsys.readouterr().out
    assert f"! {path}: empty; ask" in printed
    assert "because this machine failed, not the students; run the command again" in printed
    assert "s5 · 1_powers and 3 more: out of memory" in printed
