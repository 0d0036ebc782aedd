"""Time is the student's: CPU time counts, and one slow function costs only its own exercise."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, wait

import psutil
import pytest

from autograder.engine.clock import Clock
from autograder.engine.controller import Engine, Limits
from autograder.engine.wire.channel import OutOfTime
from autograder.layout import Layout

HURRY = Limits(cell_seconds=0.5, notebook_seconds=30.0, patience=3.0)
LOOP = "while True: pass"
NAMELESS = "cube = lambda x: sum(iter(int, 1))"


@pytest.fixture
def with_calls(small):
    """Return a function that hands in answers, each called by four ungraded cells before its test.

    The first cells are as long as it takes to see that later ones still run.
    """

    def hand_in(**answers: str) -> bytes:
        cells = []
        for cell in small.cells_of(small.SOLUTIONS | answers):
            cells.append(cell)
            if cell.get("id") in ("square", "cube"):
                for number in range(4):
                    call = small.code(f"kept = {number}\n{cell['id']}(float(kept))")
                    cells.append(call | {"id": f"{cell['id']}-{number}"})
        cells.append(small.code("print('kept', kept)") | {"id": "last"})
        return small.notebook(cells)

    return hand_in


HANGS = {
    "a loop": LOOP,
    "a loop that calls another function": "while True: square(x)",
    "a loop in an inner function": f"def inner():\n        {LOOP}\n    return inner()",
    "a loop in C": "return sum(iter(int, 1))",
    "a loop that swallows": "while True:\n        try:\n            x = x + 1\n            1 / 0\n"
    "        except BaseException:\n            pass",
    "calls of other functions that last": "for _ in range(10**9):\n        sum(range(1000))",
    "a function without a name": NAMELESS,
    "a sleep": "import time\n    time.sleep(1000)",
    "a lock": "import threading\n    lock = threading.Lock()\n    lock.acquire()\n"
    "    lock.acquire()",
    "an exit": "import os\n    os._exit(0)",
    "a crash": "import ctypes\n    ctypes.string_at(8)",
}  # fmt: skip


@pytest.mark.parametrize("body", HANGS.values(), ids=HANGS.keys())
def test_a_function_that_hangs_or_ends_its_process_costs_its_own_exercise(
    students, small, points_of, with_calls, body
):
    submission = with_calls(cube=body if body == NAMELESS else f"def cube(x):\n    {body}")
    result = students.engine.examine(submission, submission, HURRY)
    assert points_of(result) == small.POINTS | {"cube": 0}
    assert result.cells[-1].output == "kept 3\n"  # whatever the ungraded cells did before the call
    assert sum("was ended" in flag or "ended its process" in flag for flag in result.flags) == 1


def test_a_loop_at_the_end_of_a_methods_calls_costs_what_needs_the_method(
    students, small, points_of
):
    counter = small.SOLUTIONS["counter"].replace("self.count += number", LOOP)
    result = students.examine(small.hand_in(counter=counter), HURRY)
    assert points_of(result) == small.POINTS | {"counter": 0}
    (test,) = (cell for cell in result.cells if cell.id == "counter-test")
    assert test.error[2] == "was ended after 0.5 s of computing"


def test_a_slow_given_function_is_left_to_those_who_need_it(students, small, points_of):
    cells = small.cells_of(small.SOLUTIONS)
    given = small.code(f"def wait(f):\n    {LOOP}\n\ndef twice(f):\n    return 2 * f(2.0)", "given",
                       grade=False, solution=False, locked=True)  # fmt: skip
    call, use = small.code("wait(square)"), small.code("print(twice(square))")
    cells[4:4] = [given, call, use]
    notebook = small.notebook(cells)
    result = students.engine.examine(notebook, notebook, HURRY)
    assert result.points == small.ALL
    assert [cell.output for cell in result.cells if cell.id == use["id"]] == ["8.0\n"]


def test_a_forged_trace_costs_the_forger(students, small, points_of):
    forge = """import os
def square(x):
    os.set_blocking(get_ipython().candidate.watch.pipe, False)
    for cell in range(99):
        line = b'  File "<ipython-input-%d-", line 1 in f\\n' % cell
        os.write(get_ipython().candidate.watch.pipe, line * 99)
    while True: pass"""
    result = students.attack(small.hand_in(square=forge), HURRY)
    assert points_of(result)["square"] == 0


# --- a busy machine -------------------------------------------------------------------------------

STOPPED = """import time
last = time.monotonic()
while time.monotonic() - last < 2.0:  # until this process has stood still
    last = time.monotonic()
    time.sleep(0.01)  # however late the stop comes, this uses no time"""


def candidate_of(engine: Engine) -> psutil.Process | None:
    """Return the process that the slot has forked since there is an examiner."""
    with contextlib.suppress(psutil.NoSuchProcess):
        (slot,) = psutil.Process(engine._process.pid).children()
        children = {process: process.children() for process in slot.children()}
        for examiner in sum(children.values(), []):
            for process, own in children.items():  # times are in hundredths of a second
                if not own and process.create_time() >= examiner.create_time():
                    return process
    return None


def test_a_process_that_the_machine_lets_wait_loses_nothing(students, small):
    students.examine(small.hand_in())  # so that there is a slot
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(
            students.examine, small.hand_in([STOPPED]), Limits(1.5, 60.0, patience=100.0)
        )
        while (process := candidate_of(students.engine)) is None and not future.done():
            time.sleep(0.01)
        assert process is not None
        while not future.done():  # the first stop may come before the cell
            with contextlib.suppress(psutil.NoSuchProcess):  # it has ended meanwhile
                process.send_signal(signal.SIGSTOP)
                time.sleep(2.5)
                process.send_signal(signal.SIGCONT)
            wait([future], 0.5)
        result = future.result()
    assert result.points == small.ALL
    assert result.cells[0].error is None
    assert not result.lost_by_waiting


def test_what_ran_out_of_time_on_the_clock_only_says_so(students, small):
    asleep = {"square": "def square(x):\n    import time\n    time.sleep(1000)"}
    result = students.examine(small.hand_in(**asleep), HURRY)
    assert result.lost_by_waiting == small.POINTS["square"]
    assert "cell square-test was ended after 1.5 s of waiting; points lost: 2" in result.flags
    result = students.examine(small.hand_in(square=f"def square(x):\n    {LOOP}"), HURRY)
    assert result.lost_by_waiting == 0
    asleep = small.hand_in(["import time\ntime.sleep(1000)"])  # costs no point
    assert students.examine(asleep, HURRY).lost_by_waiting == 0


def test_an_answer_that_waited_takes_the_blame_for_what_fails_without_it(students, small):
    slow = "import time\ntime.sleep(1000)\n\ndef square(x):\n    return x * x"
    result = students.examine(small.hand_in(square=slow), HURRY)
    assert result.lost_by_waiting == small.POINTS["square"]


def test_each_slot_has_cores_of_its_own_which_threads_do_not_leave(small):
    cores = os.sched_getaffinity(0)
    threads = f"""import os, threading
try:
    os.sched_setaffinity(0, range({max(cores) + 1}))
except OSError:
    print(sorted(os.sched_getaffinity(0)), flush=True)
def loop():
    {LOOP}
for _ in range(58):
    try:
        threading.Thread(target=loop, daemon=True).start()
    except RuntimeError:
        break
{LOOP}"""
    limits = Limits(2.0, 30.0)
    with Engine(2) as engine, ThreadPoolExecutor(2) as pool:
        busy = pool.submit(engine.examine, small.SOURCE, small.hand_in([threads]), limits)
        honest = [engine.examine(small.SOURCE, small.hand_in(), limits) for _ in range(5)]
        used = [slot.cpu_affinity() for slot in psutil.Process(engine._process.pid).children()]
        found = busy.result(120)
    assert [result.points for result in honest] == [small.ALL] * 5
    assert found.cells[0].died
    assert found.points == small.ALL
    assert found.cells[0].output.strip() in [str(sorted(mine)) for mine in used]
    if len(cores) > 1:
        assert not set(used[0]) & set(used[1])


COMPUTES = """import time
while time.process_time() < 0.3: pass
print('computed')"""


def test_the_clock_stands_still_while_the_machine_keeps_a_notebook_waiting():
    waited = [0.0]
    clock = Clock(Limits(0.01, 0.02, patience=1.0), lambda: waited[0])
    time.sleep(0.03)
    with pytest.raises(OutOfTime):
        clock.wait()
    assert clock.is_used_up()
    waited[0] = 1000.0
    assert not clock.is_used_up()
    assert 0 < clock.wait() < 1  # no longer than the CPU time that is left
    assert 0 < clock.left() <= 1000
    clock.start_cell()
    time.sleep(0.02)
    with pytest.raises(OutOfTime):  # once only
        clock.wait()


@pytest.mark.slow
def test_a_right_notebook_that_gets_a_few_percent_of_a_core_gets_full_marks(small):
    source = Layout.here().source("4_backprop").read_bytes()
    core = min(os.sched_getaffinity(0))
    with Engine(1) as engine, subprocess.Popen([sys.executable, "-c", LOOP]) as busy:
        try:
            for process in map(psutil.Process, (busy.pid, engine._process.pid)):
                process.cpu_affinity([core])
            process.nice(12)
            result = engine.examine(source, source)
            computing = small.hand_in([COMPUTES])
            hurried = engine.examine(small.SOURCE, computing, Limits(0.5, 10.0, patience=1.5))
        finally:
            busy.kill()
    assert result.points == sum(cell.maximum for cell in result.tests)
    assert not any(cell.waited for cell in result.cells)
    assert hurried.points == small.ALL
    assert hurried.cells[0].output == "computed\n"
    assert hurried.cells[0].seconds > 0.75
