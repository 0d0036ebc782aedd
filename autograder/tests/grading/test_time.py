"""Points that were lost to time on the clock: examined again alone, named, never unchanged."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

from autograder.engine.limits import Limits
from autograder.grading import run, workers
from autograder.grading.run import grade_all
from autograder.grading.workers import Settings

CHAPTER = "1_powers"
RIGHT = {
    "square": "def square(x):\n    return x * x",
    "cube": "def cube(x):\n    return x**3",
    "hunt": "def slope(x):\n    return 2 * x",
}
ASLEEP = RIGHT | {"cube": "import time\n\ndef cube(x):\n    time.sleep(1000)"}


def test_points_lost_to_waiting_are_named_and_tried_again_by_the_next_run(course, answers):
    course.hand_in("ada", answers(**ASLEEP))
    course.hand_in("bob", answers(**RIGHT))
    for _ in range(2):
        status, printed = course.run("grade", "--seconds", "0.3")
        assert status == 1
        (line,) = [line for line in printed.splitlines() if line.startswith("! ")]
        assert line == f"! ada · {CHAPTER}: 3 points"
        assert "Lost to time, also when graded again alone" in printed
    assert "1 graded, 1 unchanged" in printed
    course.hand_in("ada", answers(**RIGHT))
    assert course.run("grade", "--seconds", "0.3")[0] == 0


def test_a_loop_that_computes_is_the_students_and_counts_at_once(course, answers):
    course.hand_in("ada", answers(**RIGHT | {"cube": "def cube(x):\n    while True: pass"}))
    status, printed = course.run("grade", "--seconds", "0.3")
    assert status == 0
    assert "cell cube-test was ended after 0.3 s of computing" not in printed  # the first call was
    assert f"ada · {CHAPTER}: cell cube-try was ended after 0.3 s of computing" in printed
    assert "1 unchanged" in course.run("grade", "--seconds", "0.3")[1]


def test_what_a_busy_machine_took_is_examined_again_alone_and_counts_in_full(
    make_course, answers, monkeypatch
):
    course = make_course()
    students = [f"s{number}" for number in range(6)]
    for student in students:
        course.hand_in(student, answers(**RIGHT))
    under_way: set[int] = set()
    beside: list[int] = []
    examined: list[bytes] = []
    lock = threading.Lock()

    def examine(source: bytes, submission: bytes, settings: Settings, released: Any) -> bytes:
        with lock:
            first = len(examined) < len(students)
            examined.append(submission)
            under_way.add(number := len(examined))
            if not first:
                beside.append(len(under_way))
        if first:  # as on a machine that leaves it no time
            settings = replace(settings, limits=Limits(10.0, 60.0, patience=1e-6))
        try:
            return workers.examine_to_json(source, submission, settings, released)
        finally:
            with lock:
                under_way.remove(number)

    monkeypatch.setattr(run, "examine_to_json", examine)
    report = grade_all(course.layout, [CHAPTER])
    assert beside == [1] * len(students)
    assert len(examined) == 2 * len(students)
    assert report.lost == {}
    assert {score.student: score.score for score in report.scores} == dict.fromkeys(students, 6)
    assert grade_all(course.layout, [CHAPTER]).skipped == len(students)
