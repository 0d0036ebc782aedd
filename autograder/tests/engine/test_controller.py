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
