"""The time that a notebook may still take: CPU time of the student's process, and the clock's.

CPU time is what counts, because a busy machine does not use it up. The clock is a second limit, for
what sleeps instead of computing: it stands still while the machine keeps the notebook waiting for a
core. A student whose points depend on it is examined again.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator

from autograder.engine.limits import Limits
from autograder.engine.wire.channel import OutOfTime

SHORTEST_WAIT = 0.01  # seconds between two looks at a process that has nearly used up its time


class Clock:
    """The time that a notebook and its current cell may still take.

    Parameters
    ----------
    limits : Limits
        How long both may take.
    kept_waiting : callable
        Returns for how many seconds the machine has kept the notebook waiting so far.
    """

    def __init__(self, limits: Limits, kept_waiting: Callable[[], float] = lambda: 0.0) -> None:
        self.limits = limits
        self._kept_waiting = kept_waiting
        self._given_back = kept_waiting()  # before this notebook, or this pass over it
        self._cores = len(os.sched_getaffinity(0))
        self._process: int | None = None
        self._before = 0.0  # CPU time of earlier candidates, and of what was done for any
        self._last = 0.0  # of this one, when it was last looked at
        self._end = time.monotonic() + limits.notebook_seconds * limits.patience
        self.start_cell()

    def watch(self, process: int | None) -> None:
        """Count the CPU time of another process from now on; of none, where there is none."""
        self._before = self.used()
        self._last = 0.0
        self._process = process

    def used(self) -> float:
        """Return the CPU time that the notebook has used."""
        if self._process is not None:
            with contextlib.suppress(OSError):  # it has ended
                self._last = time.clock_gettime(_cpu_clock_of(self._process))
        return self._before + self._last

    @contextlib.contextmanager
    def counting_own(self) -> Iterator[None]:
        """Count the CPU time that this process uses in the block: it is the candidate's wish."""
        started = time.process_time()
        try:
            yield
        finally:
            self._before += time.process_time() - started

    def start_cell(self, seconds: float | None = None) -> None:
        """Give a cell its time, or as much as is said."""
        limits = self.limits
        seconds = seconds or limits.cell_seconds
        self._may_use = min(limits.notebook_seconds, self.used() + seconds)
        self._deadline = min(self._end, time.monotonic() + seconds * limits.patience)

    def cpu_left(self) -> float:
        """Return the CPU time that the cell has left."""
        return self._may_use - self.used()

    def left(self) -> float:
        """Return the seconds that the cell has left on the clock, more than 0."""
        return max(0.001, self._clock_left())

    def _clock_left(self) -> float:
        """Return the seconds left on the clock, once what the machine took has been given back."""
        left = self._deadline - time.monotonic()
        if left > 0:
            return left
        waited = self._kept_waiting()
        more = waited - self._given_back
        self._given_back = waited
        self._deadline += more
        self._end += more
        return left + more

    def wait(self) -> float:
        """Return for how many seconds to wait until time may be up.

        Raises
        ------
        OutOfTime
            If it is.
        """
        computing = self.cpu_left()
        waiting = self._clock_left()
        if computing <= 0 or waiting <= 0:
            raise OutOfTime("no answer in time")
        return max(min(waiting, computing / self._cores), SHORTEST_WAIT)

    def is_used_up(self) -> bool:
        """Return whether the notebook has no time left."""
        over = self._clock_left() <= 0 and time.monotonic() >= self._end
        return over or self.used() >= self.limits.notebook_seconds

    @property
    def waited(self) -> bool:
        """Whether time is up on the clock, though there is CPU time left."""
        return self.cpu_left() > 0

    def why_ended(self) -> str:
        """Say which limit was reached."""
        used_up, waited, computed = ways_to_end(self.limits)
        return used_up if self.is_used_up() else waited if self.waited else computed


def ways_to_end(limits: Limits) -> tuple[str, str, str]:
    """Return how it is said that code was ended: by the notebook's time, waiting, computing."""
    return (
        "was ended: the notebook had used up its time",
        f"was ended after {limits.cell_seconds * limits.patience:g} s of waiting",
        f"was ended after {limits.cell_seconds:g} s of computing",
    )


def _cpu_clock_of(process: int) -> int:
    """Return the number of a process's CPU clock, as `clock_getcpuclockid` does."""
    return (~process << 3) | 2
