"""`test`: runs every test with pytest, on all cores."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from autograder.layout import Layout
from autograder.machine import available_cores

MOST_WORKERS = 8  # each may run a browser and a kernel; one more than cores, because some wait
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # the cores have work already


def run(layout: Layout, options: argparse.Namespace) -> int:
    """Run pytest in `autograder` and return its status; further arguments win over ours."""
    workers = min(available_cores() + 1, MOST_WORKERS)
    command = [sys.executable, "-m", "pytest", "-n", str(workers), "--dist", "worksteal"]
    arguments = [_from_here(argument) for argument in options.arguments]
    return subprocess.call(
        [*command, *arguments], cwd=layout.root / "autograder", env=ONE_THREAD | os.environ
    )


def _from_here(argument: str) -> str:
    """Return an argument that names a file as seen from here, where it does, in full."""
    file, separator, test = argument.partition("::")
    if file.startswith("-") or not Path(file).exists():
        return argument
    return f"{Path(file).absolute()}{separator}{test}"
