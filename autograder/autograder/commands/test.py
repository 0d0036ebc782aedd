"""`test`: runs every test with pytest, on all cores."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from autograder.layout import Layout

MOST_WORKERS = 8  # each may run a browser and a kernel


def run(layout: Layout, options: argparse.Namespace) -> int:
    """Run pytest in `autograder` and return its status; further arguments win over ours."""
    command = [sys.executable, "-m", "pytest", "-n", str(count_workers()), "--dist", "loadfile"]
    arguments = [_from_here(argument) for argument in options.arguments]
    return subprocess.call([*command, *arguments], cwd=layout.root / "autograder")


def count_workers() -> int:
    """Return how many processes to test in: the cores that this process may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(cores or 1, MOST_WORKERS)


def _from_here(argument: str) -> str:
    """Return an argument that names a file as seen from here, where it does, in full."""
    file, separator, test = argument.partition("::")
    if file.startswith("-") or not Path(file).exists():
        return argument
    return f"{Path(file).absolute()}{separator}{test}"
