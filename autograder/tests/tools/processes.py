"""Waiting for other processes."""

from __future__ import annotations

import time
from collections.abc import Sequence

import psutil


def still_running(processes: Sequence[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Return which processes still run after so many seconds, at once if none does.

    A zombie has ended, though an orphan's stays where the first process of a container collects
    none.
    """
    end = time.monotonic() + seconds
    while left := [process for process in processes if _runs(process)]:
        if time.monotonic() > end:
            break
        psutil.wait_procs(left, timeout=0.2)
    return left


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
