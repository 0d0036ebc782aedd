from __future__ import annotations

import copy
import csv
import json
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbgrader import api

CHAPTER = "1_powers"
RIGHT = {
    "square": "def square(x):\n    return x * x",
    "cube": "def cube(x):\n    return x**3",
    "hunt": "def slope(x):\n    return 2 * x",
}
ODD_NAME = "Zoë B., jr. (2+)"


@dataclass(frozen=True)
class Graded:
    """A class that was graded once, and what was seen of it."""

    course: object
    before: dict
    status: int
    printed: str


@pytest.fixture(scope="module")
def graded(make_course, answers, fingerprint) -> Graded:
    """Grade a class of every kind of hand-in; tests only read it."""
    course = make_course()
    right = answers(**RIGHT)
    course.hand_in(ODD_NAME, right)
    course.hand_in("b[1]", right)
    course.hand_in("half", answers(square=RIGHT["square"]))
    course.hand_in("dies", answers(**RIGHT | {"cube": "import os\nos._exit(3)"}))
    course.hand_in("not-json", "once a notebook")
    course.hand_in("empty", "")
    course.hand_in("list", "[1, 2]")
    course.hand_in("damaged", '{"nbformat": 4, "cells": [17]}')
    course.hand_in("old", json.dumps({"nbformat": 3, "nbformat_minor": 0, "worksheets": []}))
    twice = nbformat.reads(right, as_version=4)
    twice.cells.append(copy.deepcopy(next(c for c in twice.cells if c.id == "square-test")))
    twice.cells[-1].id = "copy"
    course.hand_in("twice", nbformat.writes(twice))
    renamed = course.hand_in("renamed", right)
    renamed.rename(renamed.with_name("homework.ipynb"))
    missing = course.hand_in("missing", right)
    missing.rename(missing.with_name("notes.txt"))
    course.hand_in("misnamed", right, chapter="1_power")
    (course.layout.submitted / "loose.ipynb").write_text(right)
    (course.layout.submitted / ".DS_Store").write_text("")
    before = fingerprint(course.layout.submitted)
    status, printed = course.run("grade")
    return Graded(course, before, status, printed)


def rows(printed: str) -> dict[str, str]:
    cells = (line.strip("│").split("│") for line in printed.splitlines() if line.startswith("│"))
    return {name.strip(): score.strip() for name, score in cells}


def test_a_folder_with_nothing_but_submissions_is_graded(graded):
    assert rows(graded.printed)[ODD_NAME] == "6 / 6"


def test_every_part_that_is_right_counts(graded):
    assert rows(graded.printed)["half"] == "2 / 6"


def test_faults_make_the_status_1(graded):
    assert graded.status == 1


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("not-json/1_powers/1_powers.ipynb", "not a notebook (not JSON); ask"),
        ("empty/1_powers/1_powers.ipynb", "the file is empty; ask"),
        ("list/1_powers/1_powers.ipynb", "not a notebook (no nbformat); ask"),
        ("damaged/1_powers/1_powers.ipynb", "a damaged notebook"),
        ("old/1_powers/1_powers.ipynb", "notebook format 3, 4 is expected; open it"),
        ("renamed/1_powers/homework.ipynb", "wrong file name; rename it to 1_powers.ipynb"),
        ("missing/1_powers", "1_powers.ipynb is missing, ask for it"),
        ("misnamed/1_power", "not a chapter's name; rename the folder to 1_powers"),
        ("b[1]", "nbgrader can't handle * ? [ and outer spaces; rename it"),
        ("loose.ipynb", "a folder for each student is expected; move it into one"),
    ],
)
def test_a_fault_is_one_line_that_names_file_fault_and_remedy(graded, path, fault):
    full = f"{graded.course.layout.submitted / path}: "
    found = [line for line in graded.printed.splitlines() if full in line]
    assert len(found) == 1
    assert fault in found[0]


def test_what_cannot_be_graded_is_no_zero(graded):
    assert rows(graded.printed)["not-json"] == "fault"


def test_a_cell_that_ends_its_process_costs_its_own_points_only(graded):
    assert rows(graded.printed)["dies"] == "3 / 6"


@pytest.mark.parametrize(
    ("student", "flag"),
    [
        ("dies", "cell cube ends its process: _exit (line 2)"),
        ("twice", "locked cell square-test is there more than once; one counted"),
    ],
)
def test_what_a_person_should_look_at_is_printed_and_logged(graded, student, flag):
    assert f"? {student} · 1_powers: {flag}" in graded.printed
    assert flag in graded.course.layout.submission_log(student, CHAPTER).read_text("utf-8")


def test_a_second_copy_of_a_test_counts_once(graded):
    assert rows(graded.printed)["twice"] == "6 / 6"


def test_no_traceback_and_no_chatter_reach_the_terminal(graded):
    assert "Traceback" not in graded.printed
    assert "[INFO]" not in graded.printed
    assert "INFO graded" in next(graded.course.layout.logs.glob("*-grade.log")).read_text()


def test_submissions_are_never_changed(graded, fingerprint):
    assert fingerprint(graded.course.layout.submitted) == graded.before


def test_what_did_not_change_is_not_graded_again(make_course, answers):
    course = make_course()
    path = course.hand_in("ada", answers(square=RIGHT["square"]))
    assert "1 graded in" in course.run("grade")[1]
    status, printed = course.run("grade")
    assert status == 0
    assert "0 graded, 1 unchanged" in printed
    assert rows(printed)["ada"] == "2 / 6"
    path.write_text(answers(**RIGHT), "utf-8")
    assert rows(course.run("grade", "1", "--student", "ada")[1])["ada"] == "6 / 6"
    assert "1 graded in" in course.run("grade", "--force")[1]


def test_a_better_test_in_the_source_means_grading_again(make_course, answers):
    course = make_course()
    course.hand_in("ada", answers(**RIGHT))
    assert rows(course.run("grade")[1])["ada"] == "6 / 6"
    source = course.layout.source(CHAPTER)
    source.write_text(source.read_text("utf-8").replace("cube(2) == 8", "cube(2) == 9"), "utf-8")
    assert rows(course.run("grade")[1])["ada"] == "3 / 6"


def test_another_work_folder_is_another_class(course, answers, tmp_path):
    work = tmp_path / "autumn term"
    path = work / "submitted" / "ada" / CHAPTER / f"{CHAPTER}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(answers(square=RIGHT["square"]), "utf-8")
    assert course.run("grade", "--work", str(work))[0] == 0
    assert course.run("feedback", "--work", str(work))[0] == 0
    assert course.run("export", "--work", str(work))[0] == 0
    assert {"gradebook.db", "grades.csv"} <= {file.name for file in work.iterdir()}
    page = work / "feedback" / "ada" / CHAPTER / f"{CHAPTER}.html"
    assert "square" in page.read_text("utf-8")
    assert not course.layout.work.exists()


def test_feedback_is_a_page_for_every_graded_notebook(graded):
    status, printed = graded.course.run("feedback")
    layout = graded.course.layout
    assert status == 0
    assert "4 pages" in printed
    assert layout.feedback_page(ODD_NAME, CHAPTER).is_file()
    assert layout.feedback_page("half", CHAPTER).is_file()


def test_export_is_a_table_that_a_spreadsheet_reads(graded, tmp_path):
    target = tmp_path / "grades.csv"
    assert graded.course.run("export", "--to", str(target))[0] == 0
    with target.open(encoding="utf-8", newline="") as file:
        scores = {
            row["student_id"]: (row["score"], row["max_score"]) for row in csv.DictReader(file)
        }
    assert scores[ODD_NAME] == ("6.0", "6.0")
    assert scores["half"] == ("2.0", "6.0")


@pytest.mark.parametrize(
    ("argv", "advice"),
    [
        (["grade"], "hand in as submitted/<student>/<chapter>/<chapter>.ipynb"),
        (["feedback"], "run: python3 autograder grade"),
        (["export"], "run: python3 autograder grade"),
    ],
)
def test_nothing_to_do_is_one_line_that_says_what_comes_first(course, argv, advice):
    status, printed = course.run(*argv)
    assert status == 1
    assert advice in printed
    assert printed.count("\n") == 1


def test_a_student_who_is_not_there_is_one_line(graded):
    status, printed = graded.course.run("grade", "--student", "nobody")
    assert status == 1
    assert "nobody: no such folder" in printed


def test_a_gradebook_that_is_none_is_one_line(course, answers):
    course.hand_in("ada", answers())
    Path(course.layout.work, "gradebook.db").write_text("no database, " * 99)
    status, printed = course.run("export")
    assert status == 1
    assert "gradebook.db: file is not a database" in printed
    assert "Traceback" not in printed


def test_a_system_without_the_engine_is_refused_unless_told_to_go_on(course, answers, monkeypatch):
    monkeypatch.setattr("autograder.grading.run.has_engine", lambda: False)
    course.hand_in("ada", answers(square=RIGHT["square"]))
    status, printed = course.run("grade")
    assert status == 1
    assert "needs Linux" in printed.splitlines()[-1]
    assert "Traceback" not in printed
    status, printed = course.run("grade", "--unsafe")
    assert status == 0
    assert rows(printed)["ada"] == "2 / 6"


def test_students_are_called_by_the_names_of_the_class_file(course, answers):
    course.hand_in("ada", answers(square="import tqdm\ndef square(x):\n    return x * x"))
    course.hand_in("old", "{")
    (course.layout.work / "class.toml").write_text(
        '[students]\nada = { name = "Ada King" }\nnew = { name = "Bo Li", formerly = ["old"] }\n'
    )
    status, printed = course.run("grade")
    assert status == 1 and rows(printed)["ada Ada King"] == "0 / 6"
    assert "? ada Ada King · 1_powers: cell square did not run" in printed
    assert "/old/1_powers/1_powers.ipynb (Bo Li): the file is cut off" in printed


def test_formgrader_finds_the_names_of_the_class_file_in_the_gradebook(course, answers):
    course.hand_in("ada", answers(**RIGHT))
    names = """[students]
ada = { name = "Ada Augusta King", email = "ada@example.org" }
bo = { name = "Bo" }
gone = { name = "Gone Away", dropped = true }
"""
    (course.layout.work / "class.toml").write_text(names)
    assert course.run("grade")[0] == 0

    def known() -> dict[str, tuple[str | None, ...]]:
        with api.Gradebook(course.layout.database_url) as gradebook:
            return {
                one.id: (one.first_name, one.last_name, one.email) for one in gradebook.students
            }

    assert known() == {
        "ada": ("Ada Augusta", "King", "ada@example.org"),
        "bo": ("", "Bo", None),
    }
    (course.layout.work / "class.toml").write_text(names.replace("King", "Lovelace"))
    assert course.run("grade")[0] == 0
    assert known()["ada"] == ("Ada Augusta", "Lovelace", "ada@example.org")
