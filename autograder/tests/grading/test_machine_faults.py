"""The machine's faults: one line that says what to do, nothing lost, never a zero."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sqlite3
import subprocess
import threading
import time

import psutil
import pytest
from tests.tools.processes import still_running

from autograder.engine import controller
from autograder.gradebook import book as gradebook
from autograder.grading import submissions

CHAPTER = "1_powers"
RIGHT = {
    "square": "def square(x):\n    return x * x",
    "cube": "def cube(x):\n    return x**3",
    "hunt": "def slope(x):\n    return 2 * x",
}
SLOW = RIGHT | {"cube": "import time\n\ndef cube(x):\n    time.sleep(0.2)\n    return x**3"}


def complaint(printed: str) -> str:
    """Return the one line that says what is wrong; nobody is shown a traceback."""
    assert "Traceback" not in printed
    (line,) = [line for line in printed.splitlines() if line.startswith("autograder: ")]
    return line


def points(course) -> dict[str, float]:
    with gradebook.open_gradebook(course.layout) as book:
        return {score.student: score.score for score in book.scores()}


@pytest.fixture
def small_disk(course):
    """Yield the course with a work folder on a disk of its own; a function changes its options."""
    work = course.layout.work
    work.mkdir()
    options = "size=4m,mode=0755"
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(work)], capture_output=True
    )
    if made.returncode:
        pytest.skip("only root, and not in every container, may mount a small disk")

    def remount(options: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{options}", str(work)], check=True)

    yield course, remount
    subprocess.run(["umount", "-l", str(work)], check=True)


@pytest.mark.parametrize("left", [0, 40_000, 200_000])
def test_a_full_disk_is_one_line_and_the_next_run_finishes(small_disk, answers, left):
    course, _ = small_disk
    for number in range(30):
        course.hand_in(f"s{number:02}", answers(**RIGHT))
    assert course.run("grade", "--student", "s00")[0] == 0
    ballast = course.layout.work / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    with contextlib.suppress(OSError):
        os.truncate(ballast, max(0, ballast.stat().st_size - left))
    status, printed = course.run("grade")
    assert status == 1
    assert re.search("No space left|is full", complaint(printed))
    assert "ree some space and run the command again" in complaint(printed)
    ballast.unlink()
    kept = points(course)
    assert kept["s00"] == 6
    status, printed = course.run("grade")
    assert status == 0
    assert f"{len(kept)} unchanged" in printed
    assert points(course) == {f"s{number:02}": 6 for number in range(30)}


def test_a_folder_that_may_only_be_read_is_one_line(small_disk, answers):
    course, remount = small_disk
    course.hand_in("ada", answers(**RIGHT))
    remount("ro")
    status, printed = course.run("grade")
    assert status == 1
    assert "Read-only file system; make it writable and run" in complaint(printed)
    remount("rw")
    assert course.run("grade")[0] == 0
    assert points(course) == {"ada": 6}


@contextlib.contextmanager
def locked(path):
    """Hold the write lock of a SQLite database."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("ROLLBACK")


def test_a_locked_gradebook_is_one_line_and_the_next_run_finishes(
    make_course, answers, monkeypatch
):
    course = make_course()
    course.hand_in("ada", answers(**RIGHT))
    assert course.run("grade")[0] == 0
    course.hand_in("bob", answers(**RIGHT))
    monkeypatch.setattr(gradebook, "BUSY_SECONDS", 0.2)
    with locked(course.layout.gradebook):
        status, printed = course.run("grade")
    assert status == 1
    assert "gradebook.db: database is locked. Another program" in complaint(printed)
    assert course.run("grade")[0] == 0
    assert points(course) == {"ada": 6, "bob": 6}


def test_a_gradebook_that_is_locked_for_a_moment_is_waited_for(make_course, answers):
    course = make_course()
    course.hand_in("ada", answers(**RIGHT))
    assert course.run("grade")[0] == 0
    holder = locked(course.layout.gradebook)
    holder.__enter__()
    found = {}
    grading = threading.Thread(
        target=lambda: found.update(grade(course, "bob", answers(**RIGHT))), daemon=True
    )
    grading.start()
    time.sleep(2)
    holder.__exit__(None, None, None)
    grading.join(60)
    assert found == {"ada": 6, "bob": 6}


def grade(course, student: str, content: str) -> dict[str, float]:
    from autograder.grading.run import grade_all

    course.hand_in(student, content)
    grade_all(course.layout, [CHAPTER])
    return points(course)


@pytest.mark.parametrize("command", ["grade", "export"])
def test_a_gradebook_that_is_no_database_is_one_line(course, answers, command):
    course.hand_in("ada", answers(**RIGHT))
    course.layout.gradebook.write_text("no database, " * 99)
    status, printed = course.run(command)
    assert status == 1
    assert "file is not a database. Replace it with a working copy" in complaint(printed)
    assert course.layout.gradebook.read_text().startswith("no database")


def test_a_students_folder_that_cannot_be_read_does_not_keep_others_from_being_graded(
    course, answers, monkeypatch
):
    for student in ("ada", "bob"):
        course.hand_in(student, answers(**RIGHT))
    visible = submissions._visible

    def refuse(folder):  # root may read everything, so the refusal is made up
        if folder.name == "ada":
            raise PermissionError(13, "Permission denied", str(folder))
        return visible(folder)

    monkeypatch.setattr(submissions, "_visible", refuse)
    status, printed = course.run("grade")
    assert status == 1
    assert "submitted/ada: cannot be read (Permission denied); fix its permissions" in printed
    assert points(course) == {"bob": 6}


def test_two_runs_do_not_grade_one_class_at_a_time(course, answers):
    from autograder.scratch import only_run

    course.hand_in("ada", answers(**RIGHT))
    with only_run(course.layout.work, "work"):
        status, printed = course.run("grade")
    assert status == 1
    assert "another command is writing to it" in complaint(printed)


# --- processes that end -----------------------------------------------------------------------


def engine_processes() -> dict[str, list[psutil.Process]]:
    """Return the processes of this process's engine by what they do."""
    engine = controller.default_engine()  # not one that other tests share
    fork_servers = [psutil.Process(engine._process.pid)]
    slots = [child for server in fork_servers for child in server.children()]
    prepared = [child for slot in slots for child in slot.children() if child.children()]
    examiners = [child for process in prepared for child in process.children()]
    return {
        "fork server": fork_servers, "slot": slots, "prepared": prepared, "examiner": examiners
    }  # fmt: skip


@pytest.mark.parametrize("victim", ["fork server", "slot", "prepared", "examiner"])
def test_processes_that_are_killed_from_outside_are_replaced_and_nobody_loses_points(
    make_course, answers, victim
):
    course = make_course()
    for number in range(24):
        course.hand_in(f"s{number:02}", answers(**SLOW))
    assert course.run("grade", "--student", "s00")[0] == 0  # so that the engine runs
    stop = threading.Event()
    killed = []

    def graded() -> int:
        return len(list(course.layout.work.glob("autograded/*/*/*.ipynb")))

    def kill() -> None:
        while not stop.wait(0.7) and len(killed) < 3:
            if graded() < 6 * len(killed):  # twice at one cell would be the student's fault
                continue
            with contextlib.suppress(psutil.Error, ValueError):
                found = engine_processes()[victim]
                process = min(found, key=lambda process: process.create_time())
                process.kill()
                killed.append(process.pid)

    killer = threading.Thread(target=kill)
    killer.start()
    status, printed = course.run("grade")
    stop.set()
    killer.join()
    assert killed
    assert status == 0, printed
    assert set(points(course).values()) == {6}
    assert len(points(course)) == 24


def test_a_machine_that_fails_again_and_again_gives_no_zero(course, answers, monkeypatch):
    course.hand_in("ada", answers(**RIGHT))

    def fail(*arguments):
        raise controller.EngineFault("out of memory")

    with monkeypatch.context() as patch:
        patch.setattr(controller.Engine, "_run", fail)
        status, printed = course.run("grade")
    assert status == 1
    assert points(course) == {}
    assert "this machine failed" in printed
    assert "out of memory" in course.layout.submission_log("ada", CHAPTER).read_text()
    assert course.run("grade")[0] == 0
    assert points(course) == {"ada": 6}


MANY = 80  # more than a busy machine grades between two looks at the gradebook


def test_ctrl_c_keeps_what_was_finished_and_ends_the_children(make_course, answers, tmp_path):
    course = make_course()
    for number in range(MANY):
        course.hand_in(f"s{number:02}", answers(**SLOW))
    assert course.run("grade", "--student", "s00")[0] == 0
    process = course.start(
        "grade",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while len(points(course)) < 5 and time.monotonic() < deadline:
        time.sleep(0.1)
    children = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)  # what a terminal does: all of its group
    _, complaint = process.communicate(timeout=120)
    assert process.returncode == 130
    assert complaint.strip() == "autograder: stopped; what was finished is kept."
    assert still_running(children, 30) == []
    assert list(tmp_path.iterdir()) == []
    kept = points(course)
    assert 5 <= len(kept) < MANY
    assert set(kept.values()) == {6}
    assert f"{len(kept)} unchanged" in course.run("grade")[1]
    assert len(points(course)) == MANY
