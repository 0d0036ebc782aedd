"""A time limit for checks in a notebook: Python code is stopped, with its traceback."""

from __future__ import annotations

import contextlib
import ctypes
import signal
import sys
import threading
from types import FrameType
from typing import Any

SECONDS = 10.0
AGAIN = 1.0  # seconds until the next try, where the code has swallowed the first one


class OutOfTime(BaseException):
    """A check has used up its time.

    Not an `Exception`, so that a student's ``except Exception`` doesn't swallow it.
    """


class TimeLimit:
    """Raises `OutOfTime` in the running cell once its time is up.

    On Linux and macOS a signal does it. On Windows, and outside of the main thread, a second thread
    does. Both reach Python code only: a call that stays inside compiled code, such as the product
    of two huge matrices, ends first. A signal also ends `time.sleep`, which a thread can't.

    Parameters
    ----------
    seconds : float
        How long a check may take.
    signals : bool, optional
        Whether to use a signal; by default, wherever there is one.

    Examples
    --------
    >>> limit = TimeLimit(5.0)
    >>> limit.start()
    >>> sum(range(10))
    45
    >>> limit.stop()
    """

    def __init__(self, seconds: float = SECONDS, *, signals: bool | None = None) -> None:
        self.seconds = seconds
        self._signals = hasattr(signal, "setitimer") if signals is None else signals
        self._before: tuple[Any, tuple[float, float]] | None = None
        self._watchdog: _Watchdog | None = None

    def start(self) -> None:
        """Begin to count; what was begun before is forgotten."""
        self.stop()
        if self._signals and threading.current_thread() is threading.main_thread():
            handler = signal.signal(signal.SIGALRM, _on_alarm)
            self._before = handler, signal.setitimer(signal.ITIMER_REAL, self.seconds, AGAIN)
        else:
            self._watchdog = _Watchdog(self.seconds, threading.get_ident())
            self._watchdog.start()

    def stop(self) -> None:
        """Stop counting, and put back a timer that was there before."""
        if self._before is not None:
            handler, timer = self._before
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            signal.signal(signal.SIGALRM, handler if handler is not None else signal.SIG_DFL)
            if timer[0]:
                signal.setitimer(signal.ITIMER_REAL, *timer)
            self._before = None
        if self._watchdog is not None:
            self._watchdog.end()
            self._watchdog = None


def _on_alarm(number: int, frame: FrameType | None) -> None:
    if _in_a_cell(frame):
        raise OutOfTime


def _in_a_cell(frame: FrameType | None) -> bool:
    """Return whether code of the notebook is running: the kernel itself must not be stopped."""
    while frame is not None:
        if frame.f_globals.get("__name__") == "__main__" and "get_ipython" in frame.f_globals:
            return True
        frame = frame.f_back
    return False


class _Watchdog(threading.Thread):
    """Raises `OutOfTime` in another thread."""

    def __init__(self, seconds: float, target: int) -> None:
        super().__init__(name="byhand-time-limit", daemon=True)
        self.seconds, self.target = seconds, target
        self._ended = threading.Event()
        self._raised = False

    def run(self) -> None:
        """Wait, then raise again and again until the cell has ended."""
        wait = self.seconds
        while not self._ended.wait(wait):
            wait = AGAIN
            if _in_a_cell(sys._current_frames().get(self.target)):
                self._raised = True
                _raise_in(self.target)

    def end(self) -> None:
        """Raise no more, and use up what has not been raised yet; called by the watched thread.

        CPython could take back what is pending, but that leaves a flag set: Python 3.11 then looks
        for signals at every jump, and never leaves the first line that a debugger traces.
        """
        ended = False
        while not ended:
            with contextlib.suppress(OutOfTime):
                self._ended.set()
                self.join()
                ended = True
                if self._raised:
                    _raise_in(self.target)  # in place of what is pending, if anything is
                    while True:
                        pass


def _raise_in(thread: int) -> None:
    """Let a thread raise `OutOfTime` before one of its next lines."""
    error = ctypes.py_object(OutOfTime)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), error)
