"""What this machine offers: cores, the system that the engine needs, a browser for tests."""

from __future__ import annotations

import os
import shutil
import sys

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def available_cores() -> int:
    """Return how many cores this process may run on, at least 1.

    Examples
    --------
    >>> available_cores() >= 1
    True
    """
    if hasattr(os, "sched_getaffinity"):  # in a container there may be more than we may use
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def has_engine() -> bool:
    """Return whether the engine runs on this system."""
    return sys.platform == "linux"


def chromium_path() -> str | None:
    """Return Chromium's executable: the variable CHROMIUM, else the first on PATH, else None."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
