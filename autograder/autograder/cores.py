"""How much of the machine may be used."""

import os


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
