"""A run of `grade` that is killed, at any moment: the next one ends as if nothing had happened."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import psutil
import pytest

CHAPTER = "1_powers"
KILLS, FIRST_KILLS = 17, 3  # the first ones also hit the making of the gradebook


class Class:
    """A class of forty in a course of its own, graded by processes of their own."""

    def __init__(self, course, answers, folder: Path) -> None:
        self.course = course
        self.answers = answers
        self.temporary = folder
        folder.mkdir()

    def hand_in(self, generation: int) -> None:
        for number in range(40):
            right = (number + generation) % 3
            text = self.answers(
                square=f"def square(x):\n    return x * x * {right}",
                cube="def cube(x):\n    return x**3" if number % 20 else "def cube(x):\n    exit()",
            )
            path = self.course.hand_in(f"s{number:02}", text)
            if number % 5 == 0:
                path.with_name("timestamp.txt").write_text(f"2026-02-0{right + 1} 10:00:00 UTC")

    def start(self) -> subprocess.Popen:
        return self.course.start(
            "grade",
            env=os.environ | {"TMPDIR": str(self.temporary)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def grade(self) -> float:
        """Grade undisturbed and return how long it took."""
        started = time.monotonic()
        process = self.start()
        assert process.wait(120) == 0, process.stderr.read()
        process.stderr.close()
        return time.monotonic() - started

    def is_killed_after(self, seconds: float) -> bool:
        """Start grading and kill it; return False where it had ended before."""
        process = self.start()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        status = process.wait()
        process.stderr.close()
        assert status in (0, -signal.SIGKILL)
        return status != 0

    def processes(self) -> list[psutil.Process]:
        mark = str(self.temporary)
        return [
            process
            for process in psutil.process_iter(["environ"])
            if (process.info["environ"] or {}).get("TMPDIR", "").startswith(mark)
        ]

    def gradebook(self) -> dict[str, list[tuple]]:
        """Return all that it says, without the numbers that rows are known by."""
        with sqlite3.connect(self.course.layout.gradebook) as database:
            found = {name: database.execute(query).fetchall() for name, query in TABLES.items()}
        database.close()
        return {name: sorted(rows, key=repr) for name, rows in found.items()}

    def graded_files(self) -> dict[str, bytes]:
        folder = self.course.layout.work / "autograded"
        return {
            str(path.relative_to(folder)): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }


OWNER = """JOIN submitted_notebook n ON n.id = x.notebook_id
    JOIN submitted_assignment s ON s.id = n.assignment_id JOIN base_cell b ON b.id = x.cell_id"""
TABLES = {
    "students": "SELECT * FROM student",
    "chapters": "SELECT name, duedate, course_id FROM assignment",
    "cells": "SELECT name, type FROM base_cell",
    "submissions": "SELECT student_id, timestamp, extension FROM submitted_assignment",
    "notebooks": "SELECT s.student_id, n.flagged, n.late_submission_penalty "
    "FROM submitted_notebook n JOIN submitted_assignment s ON s.id = n.assignment_id",
    "grades": "SELECT s.student_id, b.name, x.auto_score, x.manual_score, x.extra_credit, "
    f"x.needs_manual_grade FROM grade x {OWNER}",
    "comments": "SELECT s.student_id, b.name, x.auto_comment, x.manual_comment "
    f"FROM comment x {OWNER}",
    "ledger": "SELECT * FROM autograder_ledger",
    "noted chapters": "SELECT chapter, source FROM autograder_chapters",
    "version": "SELECT * FROM alembic_version",
    "counts": "SELECT (SELECT count(*) FROM grade), (SELECT count(*) FROM comment), "
    "(SELECT count(*) FROM submitted_notebook), (SELECT count(*) FROM notebook)",
}


@pytest.mark.first
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))  # on several workers: one alone takes minutes
def test_fifty_kills_leave_the_gradebook_that_an_undisturbed_run_makes(
    make_course, answers, tmp_path, seed
):
    chance = random.Random(seed)
    calm = Class(make_course(), answers, tmp_path / "calm")
    calm.hand_in(0)
    first = calm.grade()
    calm.hand_in(1)
    again = calm.grade()

    killed = Class(make_course(), answers, tmp_path / "killed")
    generation = kills = 0
    killed.hand_in(generation)
    while kills < KILLS:
        if killed.is_killed_after(chance.uniform(0, first if kills < FIRST_KILLS else again)):
            kills += 1
            deadline = time.monotonic() + 60  # one that still starts up ends when it has started
            while killed.processes() and time.monotonic() < deadline:
                time.sleep(0.02)
            assert killed.processes() == []
            assert len(list(killed.temporary.iterdir())) <= 3
        else:  # it was done before: students hand in anew
            generation += 1
            killed.hand_in(generation)
    killed.grade()

    calm.hand_in(generation)
    calm.grade()
    assert killed.gradebook() == calm.gradebook()
    assert len(killed.gradebook()["ledger"]) == 40
    assert killed.graded_files() == calm.graded_files()
    assert list(killed.temporary.iterdir()) == []
    left = [path.name for path in killed.course.layout.work.rglob(".*")]
    assert left == [".lock"]
