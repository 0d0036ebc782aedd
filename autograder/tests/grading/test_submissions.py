"""What students hand in, and how instructors unpack it: each gets the advice that helps."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from autograder.grading import run, workers
from autograder.grading.run import grade_all
from autograder.grading.submissions import find_submissions
from autograder.handed_in import Unreadable, parse_timestamp, read_note

CHAPTER, OTHER = "1_powers", "2_roots"
RIGHT = {"square": "def square(x):\n    return x * x"}


@pytest.fixture(scope="module")
def two_chapters(make_course, answers):
    """Return a course of two chapters, and a notebook of each as it was handed in."""
    course = make_course()
    source = nbformat.read(course.layout.source(CHAPTER), as_version=4)
    for cell in source.cells:
        for old, new in (("square", "root"), ("cube", "power"), ("hunt", "chase")):
            marks = cell.metadata.get("nbgrader")
            if marks:
                marks.grade_id = marks.grade_id.replace(old, new)
            cell.id = cell.id.replace(old, new)
    course.write_source(source, OTHER)
    return course, answers(**RIGHT), nbformat.writes(source)


Layouts = dict[str, tuple[Callable[[Path, str, str], object], str, str]]


def put(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")


def pack(path: Path, name: str, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, content)


# how it lies in the student's folder; what is named, and what to do about it
LAYOUTS: Layouts = {
    "beside the chapter's folder": (
        lambda ada, one, two: put(ada / "1_powers.ipynb", one),
        "ada/1_powers.ipynb", "move it to ada/1_powers/1_powers.ipynb",
    ),
    "under another name, told by its cells": (
        lambda ada, one, two: put(ada / "homework.ipynb", two),
        "ada/homework.ipynb", "move it to ada/2_roots/2_roots.ipynb",
    ),
    "in capitals": (
        lambda ada, one, two: put(ada / "1_powers/1_Powers.IPYNB", one),
        "ada/1_powers/1_Powers.IPYNB", "rename it to 1_powers.ipynb",
    ),
    "as text": (
        lambda ada, one, two: put(ada / "1_powers/1_powers.ipynb.txt", one),
        "ada/1_powers/1_powers.ipynb.txt", "rename it to 1_powers.ipynb",
    ),
    "as JSON": (
        lambda ada, one, two: put(ada / "1_powers/1_powers.json", one),
        "ada/1_powers/1_powers.json", "rename it to 1_powers.ipynb",
    ),
    "downloaded twice": (
        lambda ada, one, two: put(ada / "1_powers/1_powers (1).ipynb", one),
        "ada/1_powers/1_powers (1).ipynb", "rename it to 1_powers.ipynb",
    ),
    "a copy alone": (
        lambda ada, one, two: put(ada / "1_powers/1_powers-Copy1.ipynb", one),
        "ada/1_powers/1_powers-Copy1.ipynb", "rename it to 1_powers.ipynb",
    ),
    "with a leading dot": (
        lambda ada, one, two: put(ada / "1_powers/.1_powers.ipynb", one),
        "ada/1_powers/.1_powers.ipynb", "rename it to 1_powers.ipynb",
    ),
    "two versions": (
        lambda ada, one, two: [put(ada / f"1_powers/v{i}.ipynb", one) for i in (1, 2)],
        "ada/1_powers", "2 notebooks (v1.ipynb, v2.ipynb); rename one of them to 1_powers.ipynb",
    ),
    "a folder deeper": (
        lambda ada, one, two: put(ada / "1_powers/1_powers/1_powers.ipynb", one),
        "ada/1_powers/1_powers/1_powers.ipynb", "move it to 1_powers/1_powers.ipynb",
    ),
    "the whole course": (
        lambda ada, one, two: [
            put(ada / f"backprop/course/{name}/{name}.ipynb", one) for name in (CHAPTER, OTHER)
        ],
        "ada/backprop", "move 1_powers, 2_roots from it into ada/",
    ),
    "the whole course as an archive": (
        lambda ada, one, two: pack(ada / "course.zip", "course/1_powers/1_powers.ipynb", one),
        "ada/course.zip", "unpack it, so that ada/ holds 1_powers/, 2_roots/",
    ),
    "an archive in the chapter's folder": (
        lambda ada, one, two: pack(ada / "1_powers/hand-in.zip", "1_powers.ipynb", one),
        "ada/1_powers/hand-in.zip", "unpack it here, so that 1_powers.ipynb is in this folder",
    ),
    "a folder in other case": (
        lambda ada, one, two: put(ada / "1_Powers/1_powers.ipynb", one),
        "ada/1_Powers", "rename the folder to 1_powers",
    ),
    "a folder of another name": (
        lambda ada, one, two: put(ada / "Week 3/notebook.ipynb", two),
        "ada/Week 3", "it holds 2_roots: rename the folder to that",
    ),
    "only a report": (
        lambda ada, one, two: put(ada / "1_powers/report.pdf", "%PDF"),
        "ada/1_powers", "1_powers.ipynb is missing, ask for it",
    ),
    "no folder for the student": (
        lambda ada, one, two: put(ada.parent / CHAPTER / "1_powers.ipynb", one),
        "1_powers", "a chapter's folder; move it into a folder for the student",
    ),
    "an archive of everybody": (
        lambda ada, one, two: pack(ada.parent / "class.zip", "x", one),
        "class.zip", "an archive; unpack it into a folder for each student",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("lay", "named", "advice"), LAYOUTS.values(), ids=LAYOUTS)
def test_each_layout_gets_the_advice_that_helps(two_chapters, tmp_path, lay, named, advice):
    course, one, two = two_chapters
    layout = course.layout.with_work(tmp_path)
    lay(layout.submitted / "ada", one, two)
    submissions, (fault,) = find_submissions(layout, layout.chapters())
    assert submissions == []
    assert fault.path == layout.submitted / named
    assert fault.reason.endswith(advice)


LITTER = ["desktop.ini", "Thumbs.db", "__MACOSX/._ada", ".DS_Store", "._1_powers.ipynb",
          ".ipynb_checkpoints/1_powers-checkpoint.ipynb", "~$notes.docx"]  # fmt: skip


@pytest.mark.parametrize("name", LITTER)
@pytest.mark.parametrize("folder", ["", "ada", "ada/1_powers"])
def test_the_litter_of_systems_is_nobodys_fault(two_chapters, tmp_path, name, folder):
    course, one, _ = two_chapters
    layout = course.layout.with_work(tmp_path)
    put(layout.submission("ada", CHAPTER), one)
    put(layout.submitted / folder / name, one)
    (submission,), faults = find_submissions(layout, layout.chapters())
    assert (submission.notes, faults) == ((), [])


NAMES = {
    "bytes that are no text": (b"z\xf6", "not UTF-8"),
    "what steers a terminal": (b"\x1b]0;evil\x07", "can't be seen"),
    "a line end": (b"a\nb", "can't be seen"),
    "255 characters": (b"x" * 255, "the name has 255 characters, 128 is the most"),
    "a leading dot": (b".ada", "rename it to ada"),
    "a script": (b"<img src=x onerror=alert(1)>", "holds one of"),
    "an attribute": (b'a" onmouseover="alert(1)', "holds one of"),
    "a pattern": (b"b[1]", "nbgrader can't handle"),
}
NAMES["many bytes"] = (("ä" * 120).encode(), "the name has 120 characters")


@pytest.mark.parametrize(("name", "reason"), NAMES.values(), ids=NAMES)
def test_a_name_that_would_do_harm_is_one_line_and_stops_no_run(
    two_chapters, tmp_path, name, reason
):
    course, one, _ = two_chapters
    layout = course.layout.with_work(tmp_path)
    put(layout.submission("bo", CHAPTER), one)
    os.makedirs(os.fsencode(layout.submitted) + b"/" + name + b"/1_powers")
    status, printed = course.run("grade", "--work", str(tmp_path))
    assert status == 1
    assert "2 / 6" in printed and "Traceback" not in printed
    (line,) = (line for line in printed.splitlines() if line.startswith("! "))
    assert reason in line and line.isprintable()


def test_a_linked_folder_and_one_full_of_files_are_a_few_lines(two_chapters, tmp_path):
    course, one, _ = two_chapters
    layout = course.layout.with_work(tmp_path / "work")
    put(layout.submission("bo", CHAPTER), one)
    (tmp_path / "elsewhere").mkdir()
    for number in range(40):
        (tmp_path / "elsewhere" / f"private-{number}").touch()
        (layout.submitted / "bo" / f"note-{number}").touch()
    (layout.submitted / "linked").symlink_to(tmp_path / "elsewhere")
    status, printed = course.run("grade", "--work", str(layout.work))
    assert status == 1 and "2 / 6" in printed
    lines = [line for line in printed.splitlines() if line.startswith("! ")]
    assert len(lines) == 7 and "35 more that are no chapter's" in printed
    assert "private" not in printed and "a link; put the student's folder" in printed


@pytest.mark.parametrize("name", ["=1+1", "+ada", "@ada", "-ada"])
def test_a_name_is_no_formula_in_a_table(two_chapters, tmp_path, name):
    course, one, _ = two_chapters
    put(course.layout.with_work(tmp_path).submission(name, CHAPTER), one)
    assert course.run("grade", "--work", str(tmp_path))[0] == 0
    assert course.run("export", "--work", str(tmp_path))[0] == 0
    assert f",'{name}," in (tmp_path / "grades.csv").read_text("utf-8")


def test_a_copy_beside_the_right_name_is_said(two_chapters, tmp_path):
    course, one, _ = two_chapters
    path = course.layout.with_work(tmp_path).submission("ada", CHAPTER)
    put(path, one)
    put(path.with_name("1_powers-Copy1.ipynb"), one)
    for _ in range(2):  # the second time nothing is graded
        status, printed = course.run("grade", "--work", str(tmp_path))
        assert status == 0
        assert "1_powers-Copy1.ipynb was handed in as well, and not graded" in printed


def test_another_chapters_notebook_is_graded_as_that_chapter(two_chapters, tmp_path):
    course, one, two = two_chapters
    layout = course.layout.with_work(tmp_path)
    put(layout.submission("ada", CHAPTER), two)
    put(layout.submission("bo", CHAPTER), two)
    put(layout.submission("bo", OTHER), two)
    put(layout.submission("cy", OTHER), one)
    for _ in range(2):
        status, printed = course.run("grade", "--work", str(tmp_path))
        assert status == 1
        assert "handed in as 1_powers, but it is the notebook of 2_roots" in printed
        assert "this is the notebook of 2_roots; ask for that of 1_powers" in printed
    rows = [line for line in printed.splitlines() if line.startswith("│")]
    scores = {row.split("│")[1].strip(): row.split("│")[2:4] for row in rows}
    assert [cell.strip() for cell in scores["ada"]] == ["–", "6 / 6"]
    assert [cell.strip() for cell in scores["bo"]] == ["fault", "6 / 6"]
    assert [cell.strip() for cell in scores["cy"]] == ["2 / 6", "–"]


def test_a_notebook_with_a_few_cells_of_another_chapter_stays_what_it_is(two_chapters, tmp_path):
    course, one, two = two_chapters
    notebook = json.loads(one)
    notebook["cells"] += json.loads(two)["cells"][1:]
    put(course.layout.with_work(tmp_path).submission("ada", CHAPTER), json.dumps(notebook))
    status, printed = course.run("grade", "--work", str(tmp_path))
    assert status == 0
    assert "2 / 6" in printed


def test_what_is_no_notebook_is_read_once(two_chapters, tmp_path, monkeypatch):
    course, one, _ = two_chapters
    layout = course.layout.with_work(tmp_path)
    examined = []

    def examine(source, submission, *rest):
        examined.append(submission)
        return workers.examine_to_json(source, submission, *rest)

    monkeypatch.setattr(run, "examine_to_json", examine)
    for content in ("{", "[]"):
        put(layout.submission("ada", CHAPTER), content)
        first, second = (grade_all(layout, [CHAPTER]).faults for _ in range(2))
        assert first == second and [fault.student for fault in first] == ["ada"]
        assert "nothing ran" in layout.submission_log("ada", CHAPTER).read_text()
    assert examined == [b"{", b"[]"]
    grade_all(layout, [CHAPTER], force=True)
    assert examined == [b"{", b"[]", b"[]"]
    put(layout.submission("ada", CHAPTER), one)
    for graded in (1, 0):
        report = grade_all(layout, [CHAPTER])
        assert (report.graded, report.faults) == (graded, [])


# --- times ----------------------------------------------------------------------------------------

TIMES = {
    "2026-07-01 12:00:00.123 CEST": "2026-07-01T10:00:00.123000",
    "2026-02-01 12:00:00 CET": "2026-02-01T11:00:00",
    "2026-02-01 12:00:00 PST": "2026-02-01T20:00:00",
    "2026-07-01 12:00:00 EDT": "2026-07-01T16:00:00",
    "2026-02-01 12:00:00 JST": "2026-02-01T03:00:00",
    "2026-02-01 12:00:00 IST": "2026-02-01T06:30:00",
    "2026-07-01 12:00:00 +04": "2026-07-01T08:00:00",
    "2026-02-01 12:00:00 Europe/Berlin": "2026-02-01T11:00:00",
    "2026-02-01T12:00:00Z": "2026-02-01T12:00:00",
    "02.03.2026 10:00": "2026-03-02T10:00:00",
    "02.03.2026 10:00 CET": "2026-03-02T09:00:00",
    "13/02/2026 10:00": "2026-02-13T10:00:00",
}


@pytest.mark.parametrize(("text", "utc"), TIMES.items())
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_time_is_read_in_any_zone_and_encoding(tmp_path, text, utc, encoding):
    (tmp_path / "timestamp.txt").write_bytes(text.encode(encoding))
    assert parse_timestamp(read_note(tmp_path, "timestamp.txt")).isoformat() == utc


@pytest.mark.parametrize(
    "text", ["03/02/2026 10:00", "12", "1" * 99, "1" * 10**6, "2026-02-01 12:00 XYZ", "10:00"]
)
def test_what_is_no_time_or_could_be_two_is_refused_in_one_line(tmp_path, text):
    (tmp_path / "timestamp.txt").write_text(text)
    with pytest.raises(Unreadable, match=r"fix or remove it; it should read like 2026-"):
        parse_timestamp(read_note(tmp_path, "timestamp.txt"))
