"""`test`: runs all tests on every core, or those of named files in this process."""

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
    """Run pytest in `autograder` and return its status; further arguments override ours.

    Named files run in this process: starting workers takes longer than most files do.
    """
    arguments = [_from_here(argument) for argument in options.arguments]
    folder = layout.root / "autograder"
    os.environ.update(ONE_THREAD | os.environ)
    if any((folder / argument.partition("::")[0]).exists() for argument in arguments):
        import pytest

        os.chdir(folder)
        return int(pytest.main(["-n", "0", *arguments]))
    workers = str(min(available_cores() + 1, MOST_WORKERS))
    command = [sys.executable, "-m", "pytest", "-n", workers, "--dist", "worksteal", *arguments]
    return subprocess.call(command, cwd=folder)


def _from_here(argument: str) -> str:
    """Return an argument that names a file below the working directory with its full path."""
    file, separator, test = argument.partition("::")
    if file.startswith("-") or not Path(file).exists():
        return argument
    return f"{Path(file).absolute()}{separator}{test}"
