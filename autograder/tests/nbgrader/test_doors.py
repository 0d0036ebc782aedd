"""`grade`, `nbgrader autograde` and Formgrader find the same in whatever was handed in."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash
from traitlets.config import Config

from autograder.errors import StepFailed
from autograder.nbgrader import steps

CHAPTER = "1_powers"
RIGHT = {
    "square": "def square(x):\n    return x * x",
    "cube": "def cube(x):\n    return x**3",
}
Notebook = dict[str, Any]


def cell(notebook: Notebook, name: str = "square") -> Notebook:
    return next(cell for cell in notebook["cells"] if cell.get("id") == name)


def added(kind: str, source: object, **more: object) -> Notebook:
    return {"cell_type": kind, "source": source, "metadata": {}, "id": f"new-{kind}"} | more


def each(notebook: Notebook, change: Callable[[Notebook], object]) -> None:
    for one in notebook["cells"]:
        change(one)


# what is done to a notebook that solves two of three exercises
ODD: dict[str, Callable[[Notebook], object]] = {
    "as it is": lambda n: None,
    "outputs that are none": lambda n: cell(n).update(outputs="none"),
    "outputs of no kind": lambda n: cell(n).update(outputs=[{"output_type": "x"}, 3]),
    "no outputs": lambda n: each(n, lambda c: c.pop("outputs", None)),
    "not a number": lambda n: cell(n).update(outputs=[{"data": float("nan")}]),
    "an old error output": lambda n: cell(n).update(outputs=[{"output_type": "pyerr"}]),
    "a megabyte of output": lambda n: cell(n).update(
        outputs=[{"output_type": "stream", "name": "stdout", "text": "x" * 10**6}]
    ),
    "a surrogate in code": lambda n: cell(n).update(source=cell(n)["source"] + "\n'\ud800'"),
    "a surrogate in text": lambda n: n["cells"].append(added("markdown", "\udfff")),
    "a surrogate in metadata": lambda n: n["metadata"].update({"\ud800": "\ud800"}),
    "NUL in code": lambda n: cell(n).update(source=cell(n)["source"] + "\n'\0'"),
    "NUL in text": lambda n: n["cells"].append(added("markdown", "\0")),
    "no metadata": lambda n: n.pop("metadata"),
    "metadata of another type": lambda n: n.update(metadata=[]),
    "a cell without metadata": lambda n: n["cells"].insert(
        3, {"cell_type": "markdown", "source": "mine"}
    ),
    "an answer without metadata": lambda n: cell(n).pop("metadata"),
    "metadata of a cell of another type": lambda n: cell(n).update(metadata="x"),
    "marks of another type": lambda n: cell(n)["metadata"].update(nbgrader=[1]),
    "a heading cell": lambda n: n["cells"].append(added("heading", "Mine", level=2)),
    "a cell of no kind": lambda n: n["cells"].append(added("slide", "mine")),
    "a raw cell": lambda n: n["cells"].append(added("raw", "<script>alert(1)</script>")),
    "a picture": lambda n: n["cells"].append(
        added("markdown", "![a](attachment:a.png)", attachments={"a.png": {"image/png": "iVBOR"}})
    ),
    "a picture that is not there": lambda n: n["cells"].append(
        added("markdown", "![a](attachment:a%20b.png)")
    ),
    "attachments of another type": lambda n: n["cells"].append(
        added("markdown", "![a](attachment:a.png)", attachments=["a.png"])
    ),
    "a link that runs a script": lambda n: n["cells"].append(
        added("markdown", "[x](javascript:alert(1)) <img src=x onerror=alert(1)>")
    ),
    "less than": lambda n: n["cells"].append(added("code", "1 < 2")),
    "an execution count that is none": lambda n: cell(n).update(execution_count="many"),
    "no ids": lambda n: each(n, lambda c: c.pop("id")),
    "ids that are none": lambda n: each(n, lambda c: c.update(id=7)),
    "the same id twice": lambda n: each(n, lambda c: c.update(id="same")),
    "long ids": lambda n: n["cells"].append(added("code", "1") | {"id": "x" * 500 + " /"}),
    "lines": lambda n: each(n, lambda c: c.update(source=c["source"].splitlines(True))),
    "other line ends": lambda n: each(
        n, lambda c: c.update(source=c["source"].replace("\n", "\r\n"))
    ),
    "an older minor version": lambda n: n.update(nbformat_minor=0),
    "a newer minor version": lambda n: n.update(nbformat_minor=99),
    "a minor version that is none": lambda n: n.update(nbformat_minor="five"),
    "an old schema": lambda n: cell(n)["metadata"]["nbgrader"].update(schema_version=1),
    "a new schema": lambda n: cell(n)["metadata"]["nbgrader"].update(schema_version=99),
    "a wrong checksum": lambda n: cell(n)["metadata"]["nbgrader"].update(checksum="x"),
    "points of its own": lambda n: cell(n, "cube-test")["metadata"]["nbgrader"].update(points=99),
    "another kernel": lambda n: n["metadata"].update(kernelspec={"name": "julia"}),
    "another language": lambda n: n["metadata"].update(language_info={"name": "R"}),
    "skipped tests": lambda n: cell(n, "cube-test")["metadata"].update(tags=["skip-execution"]),
    "tags of another type": lambda n: cell(n)["metadata"].update(tags=7),
    "a missing test": lambda n: n["cells"].remove(cell(n, "cube-test")),
    "a missing answer": lambda n: n["cells"].remove(cell(n, "cube")),
    "a test twice": lambda n: n["cells"].append(dict(cell(n, "cube-test"))),
    "a test as text": lambda n: cell(n, "cube-test").update(cell_type="markdown"),
    "reversed": lambda n: n["cells"].reverse(),
    "no Python": lambda n: cell(n).update(source="def square(x) return x"),
    "a magic": lambda n: cell(n).update(source="%%capture\n" + cell(n)["source"]),
    "a shell command": lambda n: cell(n).update(source=cell(n)["source"] + "\n!ls"),
    "the end": lambda n: cell(n).update(source=cell(n)["source"] + "\nimport os; os._exit(0)"),
    "recursion": lambda n: cell(n).update(source="def square(x):\n    return square(x)"),
    "no cells": lambda n: n.update(cells=[]),
    "cells that are none": lambda n: n.update(cells=[1]),
    "format 3": lambda n: n.update(nbformat=3),
}
# files that JSON is not, or not at once
FILES: dict[str, Callable[[bytes], bytes]] = {
    "UTF-16": lambda text: json.dumps(json.loads(text), ensure_ascii=False).encode("utf-16"),
    "a byte order mark": lambda text: b"\xef\xbb\xbf" + text,
    "empty": lambda text: b"",
    "half": lambda text: text[: len(text) // 2],
    "a list": lambda text: b"[]",
    "deep": lambda text: b"[" * 10**5,
    "Latin-1": lambda text: text.replace(b"Powers", b"P\xf6wers"),
}
NOTES = {
    "a time in summer": b"2026-07-01 12:00:00.123 CEST",
    "a time with a mark": b"\xef\xbb\xbf2026-07-01 12:00:00 PST",
    "a time in UTF-16": "2026-07-01 12:00:00 JST".encode("utf-16"),
    "a time with the day first": b"02.03.2026 10:00:00 UTC",
    "no time": b"soon",
    "a million digits": b"1" * 10**6,
}


def hand_in_all(course, content: str) -> None:
    for name, change in ODD.items():
        notebook = json.loads(content)
        each(notebook, lambda c: c.update(source="".join(c["source"])))
        change(notebook)
        course.hand_in(name, json.dumps(notebook))
    for name, encode in FILES.items():
        course.hand_in(name, encode(content.encode()))
    for name, note in NOTES.items():
        course.hand_in(name, content).with_name("timestamp.txt").write_bytes(note)
    course.hand_in("a script <b>", content)
    course.hand_in("other files", content).with_name("evil.html").write_text("<script></script>")
    linked = course.hand_in("a hard link", content)
    linked.unlink()
    linked.hardlink_to(course.layout.source(CHAPTER))
    link = course.hand_in("a link", content)
    link.rename(link.with_name("moved"))
    link.symlink_to("moved")


@pytest.fixture(scope="module")
def through_grade(make_course, answers):
    course = make_course()
    hand_in_all(course, answers(**RIGHT))
    return course, course.run("grade")[1]


@pytest.fixture(scope="module")
def through_nbgrader(make_course, answers):
    """Nothing was graded before, so there is no gradebook yet."""
    course = make_course()
    hand_in_all(course, answers(**RIGHT))
    course.layout.work.mkdir(exist_ok=True)
    with contextlib.suppress(StepFailed):
        steps.autograde(course.layout, "*", CHAPTER)
    return course


def graded(course) -> dict[str, Path]:
    notebooks = (course.layout.work / "autograded").glob(f"*/{CHAPTER}/{CHAPTER}.ipynb")
    return {path.parts[-3]: path for path in notebooks}


def scores(course) -> dict[str, tuple[float, object]]:
    with Gradebook(course.layout.database_url) as gradebook:
        return {
            submission.student_id: (submission.score, submission.timestamp)
            for submission in gradebook.assignment_submissions(CHAPTER)
            if submission.student_id in graded(course)
        }


def test_both_doors_grade_the_same_submissions(through_grade, through_nbgrader):
    course, printed = through_grade
    assert len(os.listdir(course.layout.submitted)) > 70
    assert graded(course).keys() == graded(through_nbgrader).keys(), printed
    assert "Traceback" not in printed


def test_both_doors_give_the_same_points_and_times(through_grade, through_nbgrader):
    assert scores(through_grade[0]) == scores(through_nbgrader)


def test_both_doors_show_the_same_and_no_file_of_a_student(through_grade, through_nbgrader):
    ours, theirs = graded(through_grade[0]), graded(through_nbgrader)
    for student, path in ours.items():
        one, other = (
            [
                (cell.cell_type, cell.source, cell.get("outputs"))
                for cell in nbformat.read(file, as_version=4).cells
            ]
            for file in (path, theirs[student])
        )
        assert one == other, student
    for path in theirs.values():
        assert {file.name for file in path.parent.iterdir()} <= {path.name, "timestamp.txt"}


@pytest.mark.filterwarnings(  # nbgrader leaves timestamp.txt open
    "ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"
)
def test_what_both_doors_write_can_be_released(make_course, answers, tmp_path):
    course = make_course()
    for student in ("ada", "bo"):
        notebook = course.hand_in(student, answers(**RIGHT))
        notebook.with_name("timestamp.txt").write_text("2026-07-01 12:00:00.123 CEST")
        notebook.with_name("submission_secret.txt").write_text(student)
    course.run("grade", "--student", "ada")
    steps.autograde(course.layout, "bo", CHAPTER)
    assert course.run("feedback")[0] == 0
    released = tmp_path / "exchange" / "course" / "feedback"
    released.mkdir(parents=True)
    config = Config()
    config.CourseDirectory.root = str(course.layout.work)
    config.CourseDirectory.feedback_directory = "feedback"
    config.CourseDirectory.course_id = "course"
    config.CourseDirectory.assignment_id = CHAPTER
    config.Exchange.root = str(tmp_path / "exchange")
    release = ExchangeReleaseFeedback(
        coursedir=CourseDirectory(config=config), authenticator=Authenticator(), config=config
    )
    release.start()
    expected = {f"{notebook_hash(secret=name, notebook_id=CHAPTER)}.html" for name in ("ada", "bo")}
    assert {page.name for page in released.iterdir()} == expected
