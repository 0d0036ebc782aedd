"""How long processes were kept waiting for a core: the machine's time, not the student's."""

from __future__ import annotations

import contextlib
import os


class KeptWaiting:
    """How long the main threads of some processes had to wait although they wanted to run.

    A thread that sleeps does not wait, and one that waits for another thread of its own process
    lets that one use CPU time: so no code can prolong this where the machine is idle.

    Made where there is still a /proc to see. Where there is none, or the kernel doesn't count,
    nobody is known to have waited.
    """

    def __init__(self) -> None:
        self._proc: int | None = None
        with contextlib.suppress(OSError):
            self._proc = os.open("/proc", os.O_PATH | os.O_DIRECTORY)
        self._running: set[int] = set()
        self._ended = 0.0

    def start(self, process: int) -> None:
        """Count for this process too, from its beginning."""
        self._running.add(process)

    def end(self, process: int) -> None:
        """Keep what a process has waited that is about to be gone; it still has its number."""
        if process in self._running:
            self._ended += self._of(process)
            self._running.remove(process)

    def reset(self) -> None:
        """Begin with no process."""
        self._running.clear()
        self._ended = 0.0

    def seconds(self) -> float:
        """Return how long all of them have waited."""
        return self._ended + sum(map(self._of, self._running))

    def close(self) -> None:
        """Let go of /proc, which code under test must not inherit."""
        if self._proc is not None:
            os.close(self._proc)
            self._proc = None

    def _of(self, process: int) -> float:
        if self._proc is None:
            return 0.0
        try:
            counts = os.open(f"{process}/schedstat", os.O_RDONLY, dir_fd=self._proc)
        except OSError:
            return 0.0
        with open(counts) as file:  # nanoseconds on a core, nanoseconds waiting for one, turns
            return int(file.read().split()[1]) / 1e9
