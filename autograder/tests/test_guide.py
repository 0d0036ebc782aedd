"""Every command of the instructor's guide is run, in its order, by a small class."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest

from autograder import cli
from autograder.desk import classreader, lateness
from autograder.layout import Layout
from tests.conftest import Course, make_source
from tests.desk.conftest import write_zip

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parent / "autograder"
GUIDE = (HERE.parent / "GUIDE.md").read_text("utf-8")
BLOCKS = [
    (kind, textwrap.dedent(text))
    for kind, text in re.findall(r"^ *```(\w+)\n(.*?)^ *```$", GUIDE, re.M | re.S)
]
OURS = "python3 autograder "
CHAPTERS = list(Layout.here().chapters())
# What needs a server, does not end by itself or takes long: how it begins, the test that does it.
ELSEWHERE = {
    "python3 autograder demo": (
        "commands/test_demo.py", "test_the_demo_grades_a_sample_class_as_its_answers_are_worth",
    ),
    "export AUTOGRADER_DB=postgresql+psycopg://": (
        "gradebook/test_postgres.py", "test_a_class_in_postgres_goes_the_whole_way",
    ),
    "python3 autograder grade --scheduler tls://": (
        "grading/test_cluster.py", "test_a_cluster_with_tls_knows_who_asks",
    ),
    "python3 autograder lab": (
        "commands/test_lab_elsewhere.py", "test_a_week_in_formgrader_on_a_class_outside_the_repo",
    ),
}  # fmt: skip
ROSTER = (
    "Student,ID,SIS User ID,SIS Login ID,Section,1_derivatives (501),Homework 2 (502)\n"
    ",,,,,Manual Posting,\n    Points Possible,,,,,6,6\n"
    '"Lovelace, Ada",12345,m001,ada,A,,\n"Müller, Jörg",12346,m002,jmueller,A,,\n'
    '"Zhang, Wei",12347,m003,wei,B,,\n"O\'Neill, Conor",12348,m004,conor,B,,\n'
    '"Student, Test",999,,0f3a9c,A,,\n'
)
WORKSHEET = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\n"
    'Participant 9001,Ada Lovelace,ada@example.org,Submitted,,6.00,Yes,"Monday, 26 October 2026,'
    ' 5:30 PM",-,\n'
    'Participant 9002,Jörg Müller,,Submitted,,6.00,Yes,"Monday, 26 October 2026, 8:15 PM",-,\n'
    "Participant 9004,Conor O'Neill,,No submission,,6.00,Yes,-,-,\n"
)
SQUARE, CUBE = "def square(x):\n    return x * x", "def cube(x):\n    return x**3"


def source_of(chapter: str) -> nbformat.NotebookNode:
    """Return a small chapter whose cells have names of their own."""
    notebook = make_source()
    for cell in notebook.cells:
        cell.source = re.sub(r"(?<=Exercise )1(?=\.\d)", chapter[0], cell.source)
        cell.id = re.sub(r"^exercise-1-", f"exercise-{chapter[0]}-", cell.id)
        if "nbgrader" in cell.metadata and cell.id != "setup":
            cell.id = cell.metadata.nbgrader.grade_id = f"{cell.id}-{chapter[0]}"
    return notebook


def hand_in(chapter: str, *solutions: str) -> str:
    """Return a student's notebook with the first answers given."""
    notebook, given = source_of(chapter), iter(solutions)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = next(given, "raise NotImplementedError()")
    return nbformat.writes(notebook)


def write_downloads(folder: Path) -> None:
    """Lay out what the guide names, as Canvas and Moodle pack it."""
    folder.mkdir()
    (folder / "canvas-gradebook.csv").write_text(ROSTER, "utf-8-sig")
    (folder / "moodle-grades-2.csv").write_text(WORKSHEET, "utf-8-sig")
    first, second = CHAPTERS[:2]
    write_zip(folder / "canvas-chapter-1.zip", {
        f"lovelaceada_12345_9001_{first}.ipynb": hand_in(first, SQUARE, CUBE),
        f"mullerjorg_12346_9002_{first}.ipynb": hand_in(first, SQUARE),
        f"zhangwei_LATE_12347_9003_{first}.ipynb": hand_in(first, SQUARE, "def cube(x):\n    0"),
        "oneillconor_12348_9004_notes.pdf": "%PDF",
        f"byronlord_12999_9005_{first}.ipynb": hand_in(first, SQUARE, CUBE),
    })  # fmt: skip
    write_zip(folder / "moodle-chapter-2.zip", {
        f"Ada Lovelace_9001_assignsubmission_file_/{second}.ipynb": hand_in(second, SQUARE, CUBE),
        f"Jörg Müller_9002_assignsubmission_file_/{second}.ipynb": hand_in(second, CUBE),
    })  # fmt: skip


def correct_a_test(course: Course) -> None:
    """Do what the guide says before `grade 1 --preview`: edit the notebook in solutions/."""
    path = course.layout.source(CHAPTERS[0])
    text = path.read_text("utf-8")
    assert "assert cube(2) == 8" in text
    path.write_text(text.replace("assert cube(2) == 8", "assert cube(2) in (8, None)"), "utf-8")


BEFORE: dict[str, Callable[[Course], None]] = {
    "python3 autograder grade 1 --preview": correct_a_test
}


def commands(kind: str, text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each command of a block, with the lines of its output that the guide shows."""
    for part in re.split(r"^\$ ", text, flags=re.M)[1:] if kind == "console" else ():
        command, *shown = part.splitlines()
        yield command, shown


def elsewhere(command: str) -> tuple[str, str] | None:
    """Return file and name of the test that runs a command, where that is not this one."""
    return next((test for start, test in ELSEWHERE.items() if command.startswith(start)), None)


def run(course: Course, command: str, folder: Path) -> tuple[int, str]:
    """Run one command as the shell would, ours in this process."""
    words = [os.path.expandvars(word) for word in shlex.split(command, comments=True)]
    if command.startswith(OURS):
        return course.run(*words[2:])
    if words[0] == "export":
        os.environ.update([words[1].split("=", 1)])
        return 0, ""
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def term(make_course, tmp_path_factory) -> Iterator[list[tuple[str, int, str, list[str]]]]:
    """Play the guide; yield each command with its status, output and the lines the guide shows."""
    course = make_course()
    course.layout.source("1_powers").unlink()
    course.layout.source("1_powers").parent.rmdir()
    for chapter in CHAPTERS:
        course.write_source(source_of(chapter), chapter)
    shutil.copytree(
        Layout.here().course, course.layout.course, ignore=lambda *_: CHAPTERS, dirs_exist_ok=True
    )
    assert course.run("release")[0] == 0
    folder = tmp_path_factory.mktemp("an instructor's")
    write_downloads(folder / "downloads")
    played = []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("HOME", str(folder))
        patch.setenv("COLUMNS", "300")
        for name in ("AUTOGRADER_WORK", "AUTOGRADER_DB"):
            patch.setenv(name, "")  # is put back after what the guide exports
        for kind, text in BLOCKS:
            if kind == "toml":
                assert played[-1][1] == 0, played[-1]
                Path(os.environ["AUTOGRADER_WORK"], "class.toml").write_text(text, "utf-8")
            for command, shown in commands(kind, text):
                BEFORE.get(command, lambda course: None)(course)
                if not elsewhere(command):
                    played.append((command, *run(course, command, folder), shown))
        yield played


def plain(text: str) -> str:
    return " ".join(text.split())


def test_every_command_works_and_says_what_the_guide_shows(term) -> None:
    wrong = []
    for command, status, printed, shown in term:
        if status != ("# status 1" in command):
            wrong.append(f"{command}: status {status}\n{printed}")
        wrong += [
            f"{command}: does not say {line!r}\n{printed}"
            for line in shown
            if plain(line) not in plain(printed)
        ]
    assert not wrong, "\n".join(wrong)


def test_the_term_comes_to_the_points_that_the_class_file_of_the_guide_gives(term) -> None:
    printed = {command: printed for command, _, printed, _ in term}
    assert (
        "1 would gain points, 0 would lose some" in printed["python3 autograder grade 1 --preview"]
    )
    archive = "backprop-2026/backprop-by-hand.zip"
    assert archive in printed["python3 autograder release 1 2 --zip"]
    total = json.loads(printed["python3 autograder class --json"])
    rows = {one["id"]: one["chapters"] for one in total["students"]}
    assert total["problems"] == []
    assert rows["ada"]["1_derivatives"]["points"] == 5
    assert rows["wei"]["1_derivatives"]["points"] == pytest.approx(5 - 0.6)  # hours late: 10 % of 6
    assert rows["jmueller"]["2_gradients"]["penalty"] > 0
    assert rows["wei"]["2_gradients"]["status"] == "excused"
    assert rows["conor"]["1_derivatives"]["status"] == "missing"


def test_what_is_not_run_here_is_run_by_another_test() -> None:
    for file, name in ELSEWHERE.values():
        assert f"def {name}" in (HERE / file).read_text("utf-8")


def test_every_command_in_the_text_is_one() -> None:
    layout = Layout.here()
    quoted = re.findall(
        r"`(?:python3 autograder )?((?:class|collect|grade|export|release) [^`]+)`", GUIDE
    )
    shown = [command for block in BLOCKS for command, _ in commands(*block)]
    ours = [command.removeprefix(OURS) for command in shown if command.startswith(OURS)]
    assert len(quoted) > 2
    assert {*re.findall(rf"{OURS}([a-z]+)", GUIDE)} >= {"lab", "report", "similarity"}
    for command in (*quoted, *ours):
        cli.parse(shlex.split(command, comments=True), layout)


def test_every_message_in_the_tables_is_one() -> None:
    source = "\n".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py"))
    source = re.sub(r'"\s*\n\s*f?"', "", source)  # a message over several lines
    cells = re.findall(r"^\| `([^`]+)`[^|]*\|[^|]*\|$", GUIDE, re.M)
    messages = [cell for cell in cells if " " in cell and "=" not in cell]
    assert len(messages) > 10
    for message in messages:
        for part in message.split("…"):
            assert part.strip(" .") in source, message


def test_the_class_file_of_the_guide_has_every_key() -> None:
    (text,) = (text for kind, text in BLOCKS if kind == "toml")
    for key in (*classreader.TOP, *classreader.OF_STUDENT, *lateness.KEYS):
        assert re.search(rf"\b{key}\b", text), key
