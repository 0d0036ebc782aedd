from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from byhand.checks.limit import OutOfTime, TimeLimit

CELL = "while time.monotonic() < end:\n    pass"

needs_signals = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs setitimer")


def run_a_cell(seconds: float) -> None:
    """Run for so long what looks like a cell of a notebook."""
    names = {"__name__": "__main__", "get_ipython": None, "time": time}
    exec(CELL, names | {"end": time.monotonic() + seconds})


@pytest.mark.parametrize("signals", [pytest.param(True, marks=needs_signals), False])
def test_a_cell_is_stopped_after_its_time(signals: bool) -> None:
    limit = TimeLimit(0.1, signals=signals)
    started = time.monotonic()
    with pytest.raises(OutOfTime):
        limit.start()
        run_a_cell(5.0)
    limit.stop()
    assert time.monotonic() - started < 2.0


@pytest.mark.parametrize("signals", [pytest.param(True, marks=needs_signals), False])
def test_nothing_but_a_cell_is_stopped(signals: bool) -> None:
    limit = TimeLimit(0.05, signals=signals)
    limit.start()
    end = time.monotonic() + 0.2
    while time.monotonic() < end:
        pass
    limit.stop()


@pytest.mark.parametrize("signals", [pytest.param(True, marks=needs_signals), False])
def test_nothing_is_stopped_after_the_end(signals: bool) -> None:
    limit = TimeLimit(0.1, signals=signals)
    limit.start()
    limit.stop()
    run_a_cell(0.3)


TRACED_AFTERWARDS = """
import sys
from byhand.checks.limit import OutOfTime, TimeLimit
limit = TimeLimit(0.05, signals=False)
limit.start()
try:
    exec("while True: pass", {"__name__": "__main__", "get_ipython": None})
except OutOfTime:
    pass
limit.stop()
sys.settrace(lambda *seen: None)
(lambda: None)()  # on Python 3.11 this never ended
"""


def test_a_debugger_works_after_a_cell_was_stopped_by_a_thread() -> None:
    subprocess.run([sys.executable, "-c", TRACED_AFTERWARDS], timeout=60, check=True)


@needs_signals
def test_a_timer_from_before_runs_on() -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, frame: heard.append(number))
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    limit = TimeLimit(5.0)
    try:
        limit.start()
        limit.stop()
        time.sleep(0.3)
        assert heard == [signal.SIGALRM]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
