"""The engine goes on, and goes away, whatever happens to its processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from autograder.engine.controller import Engine, EngineFault
from autograder.engine.result import Result


def parent_and_state(process: int) -> tuple[int, str]:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0, "gone"
    return int(fields[1]), fields[0]


def children(parent: int) -> list[int]:
    processes = (int(entry) for entry in os.listdir("/proc") if entry.isdigit())
    return [process for process in processes if parent_and_state(process)[0] == parent]


def test_two_examinations_come_to_the_same(students, small):
    noise = "import random\nprint(random.random(), np.random.rand(), hash('x'), id(0) > 0)"
    submission = small.hand_in([f"import numpy as np\n{noise}"])

    def told(result: Result) -> list:
        return [(c.id, c.points, c.output, c.error, c.traceback, c.displayed) for c in result.cells]

    first, second = students.examine(submission), students.examine(submission)
    assert told(first) == told(second)
    assert first.notebook == second.notebook


def test_a_result_survives_its_json_form(students, small):
    result = students.examine(small.hand_in(square="def square(x):\n    return 5.0"))
    assert Result.from_json(result.to_json()) == result


def test_an_engine_started_in_a_thread_outlives_that_thread(small):
    made: list[Engine] = []
    thread = threading.Thread(target=lambda: made.append(Engine(1)))
    thread.start()
    thread.join()
    time.sleep(0.1)
    with made[0] as engine:
        assert engine.examine(small.SOURCE, small.hand_in()).points == small.ALL


def test_several_threads_examine_at_a_time(small):
    with Engine(2) as engine, ThreadPoolExecutor(4) as pool:
        answers = ["def square(x):\n    return x * x", "def square(x):\n    return 0.0"] * 4
        results = pool.map(
            lambda answer: engine.examine(small.SOURCE, small.hand_in(square=answer)), answers
        )
        assert [result.points for result in results] == [small.ALL, small.ALL - 2] * 4


def test_the_engine_goes_on_when_its_processes_are_killed(small):
    with Engine(1) as engine:
        assert engine.examine(small.SOURCE, small.hand_in()).points == small.ALL
        (slot,) = children(engine._process.pid)
        os.kill(slot, signal.SIGKILL)
        assert engine.examine(small.SOURCE, small.hand_in()).points == small.ALL
        engine._process.kill()
        engine._process.wait()
        assert engine.examine(small.SOURCE, small.hand_in()).points == small.ALL


def test_a_closed_engine_says_so_and_leaves_nothing(small, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Engine(1) as engine:
        engine.examine(small.SOURCE, small.hand_in())
        process = engine._process.pid
        (slot,) = children(process)
        assert list(tmp_path.iterdir()) == []
    assert parent_and_state(process)[1] == "gone"
    deadline = time.monotonic() + 5
    while parent_and_state(slot)[1] not in ("gone", "Z") and time.monotonic() < deadline:
        time.sleep(0.01)
    assert parent_and_state(slot)[1] in ("gone", "Z")
    with pytest.raises(EngineFault):
        engine.examine(small.SOURCE, small.hand_in())


def test_nothing_outlives_a_grader_that_is_killed():
    program = (
        "import time\nfrom autograder.engine.controller import Engine\n"
        "engine = Engine(1)\nprint(engine._process.pid, flush=True)\ntime.sleep(100)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as grader:
        process = int(grader.stdout.readline())
        grader.kill()
    deadline = time.monotonic() + 5
    while parent_and_state(process)[1] not in ("gone", "Z") and time.monotonic() < deadline:
        time.sleep(0.01)
    assert parent_and_state(process)[1] in ("gone", "Z")


# --- what examiners are forked from ---------------------------------------------------------------

KEEPS = """import os
import numpy as np
kept = []


def keep(number):
    kept.append(number)
    return len(kept)"""


def keeping(small, test: str, answer: str = "def square(x):\n    return x * x") -> bytes:
    """Return a notebook whose setup keeps something between calls, with one test."""
    setup = small.code(KEEPS, "imports", grade=False, solution=False, locked=True)
    setup["metadata"]["tags"] = ["setup"]
    marks = {"grade": True, "solution": False, "locked": True, "points": 1}
    return small.notebook([
        setup,
        small.code(answer, "square", grade=False, solution=True, locked=False),
        small.code(test, "square-test", **marks),
    ])  # fmt: skip


def test_no_student_reaches_what_the_next_one_is_examined_by(students, small):
    # a module outlives a cell's names: whoever changed one would change it for all
    test = (
        "import colorsys\nseen = getattr(colorsys, 'seen', [])\ncolorsys.seen = seen\n"
        "seen.append(square(3.0))\nassert seen in ([9.0], [9.0, 9.0]), seen"
    )
    source = keeping(small, test)
    for number in (3.0, 4.0):
        wrong = keeping(small, test, f"def square(x):\n    return {number}")
        assert students.engine.examine(source, wrong).points == 0
    assert students.engine.examine(source, source).points == 1


def test_what_checks_keep_is_there_for_the_next_student(students, small):
    test = "import colorsys\ncolorsys.count = getattr(colorsys, 'count', 0) + 1\ncolorsys.count"
    source = keeping(small, f"{test}\nassert square(2.0) == 4.0\ncolorsys.count / 10")
    other = source.replace(b"return x * x", b"return np.float64(x * x)", 1)
    # the chapter's own answers came first, and nobody's examination counts for another's
    assert [students.engine.examine(source, other).points for _ in range(3)] == [0.2] * 3


def test_a_test_that_ends_its_process_costs_only_its_points(students, small):
    test = "square(2.0) == 4.0 or None\nos._exit(3)"
    source = keeping(small, test)
    for _ in range(2):
        result = students.engine.examine(source, source)
        assert result.points == 0
        assert "was passed over" in result.tests[0].error[2]
    assert students.examine(small.hand_in()).points == small.ALL


def test_a_chapter_that_gives_way_to_others_is_prepared_again(students, small):
    sources = [keeping(small, f"assert square({k}.0) == {k * k}.0") for k in range(4)]
    for source in [*sources, *sources]:
        assert students.engine.examine(source, source).points == 1
