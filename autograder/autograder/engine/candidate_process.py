"""What is done to a candidate's process, by its slot before it is forked, and by a student."""

from __future__ import annotations

import builtins
import getpass
import multiprocessing.process
import multiprocessing.synchronize
import os
import subprocess
import sys
from collections.abc import Callable
from operator import is_
from typing import Any

UNSUPPORTED = "is not supported while grading: your code runs in one process of its own"


def flush() -> None:
    """Send on what this process has printed."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # a student may have put anything there
            pass


def close_figures() -> None:
    """Close all figures, as the inline backend does at the end of each cell."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None and pyplot.get_fignums():
        pyplot.close("all")


WATCHED = ("numpy", "numpy.testing", "builtins", "byhand.checks", "byhand.checks.behaviour",
           "byhand.checks.derivatives", "byhand.checks.ladders", "byhand.checks.modes",
           "byhand.checks.parts", "byhand.checks.reach", "byhand.checks.rungs",
           "byhand.checks.values",
           "byhand.differences", "byhand.differences.derivatives", "warnings", "math")  # fmt: skip
_originals: dict[str, dict[str, Any]] = {}


def remember_originals() -> None:
    """Note the functions of well-known modules; called before the fork."""
    for module in WATCHED:
        names = vars(__import__(module, fromlist=["*"]))
        _originals[module] = {
            name: value
            for name, value in names.items()
            if callable(value)
            and not name.startswith("__")
            and (module, name) not in (("warnings", "showwarning"), ("builtins", "input"))
        }


def replaced() -> list[str]:
    """Return the names of well-known functions that are no longer themselves."""
    found = []
    for module, originals in _originals.items():
        now = getattr(sys.modules.get(module), "__dict__", {})
        if not all(map(is_, map(now.get, originals), originals.values())):
            found += [f"{module}.{k}" for k, value in originals.items() if now.get(k) is not value]
    if sys.gettrace() is not None:
        found.append("sys.settrace")
    return found[:10]


def open_streams() -> None:
    """Let nothing be read, and print line by line: it is kept if the process hangs or is killed."""
    sys.stdin = open(os.devnull)
    for number, name in ((1, "stdout"), (2, "stderr")):
        stream = open(number, "w", 1, closefd=False, encoding="utf-8", errors="backslashreplace")
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def refuse_processes() -> None:
    """Make the usual ways to start a process say in one line why that can't be done.

    Raises
    ------
    RuntimeError
        Later, from these functions. What really keeps processes out is the system call filter.
    """
    subprocess.Popen.__init__ = _refuse(f"subprocess {UNSUPPORTED}")  # type: ignore[method-assign]
    refused = _refuse(f"multiprocessing {UNSUPPORTED}")
    multiprocessing.process.BaseProcess.start = refused  # type: ignore[method-assign]
    multiprocessing.synchronize.SemLock.__init__ = refused  # type: ignore[method-assign]
    for name in ("fork", "forkpty", "system", "popen", "posix_spawn", "posix_spawnp"):
        setattr(os, name, _refuse(f"os.{name} {UNSUPPORTED}"))


def refuse_questions() -> None:
    """Make `input` and `getpass` say in one line that nobody is there to answer.

    Raises
    ------
    RuntimeError
        Later, from these functions.
    """
    refused = _refuse("input() is not supported while grading: nobody is there to answer")
    builtins.input = getpass.getpass = refused


def _refuse(message: str) -> Callable[..., Any]:
    def refused(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(message)

    return refused
