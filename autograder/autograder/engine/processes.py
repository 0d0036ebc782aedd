"""Ending a child, and ending with a parent."""

from __future__ import annotations

import os
import signal
import time


def end(process: int, grace: float = 0.0) -> int:
    """End a process and return its exit status: minus the signal's number where one ended it.

    Parameters
    ----------
    process : int
        A child.
    grace : float
        Seconds that it may take to end by itself before it is killed.
    """
    deadline = time.monotonic() + grace
    while True:
        finished, status = os.waitpid(process, os.WNOHANG)
        if finished:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= deadline:
            os.kill(process, signal.SIGKILL)
            return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        time.sleep(0.002)


def check_parent(parent: int) -> None:
    """End this process if its parent ended before the kernel knew that the two end together."""
    if os.getppid() != parent:
        os._exit(1)
