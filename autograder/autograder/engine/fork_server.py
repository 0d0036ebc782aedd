"""The process that candidates and examiners are forked from: everything imported, no secrets.

It is started by `autograder.engine.controller` with a socket. Each connection that arrives there
becomes a *slot*: a fork that works on one notebook at a time, has an examiner forked for it, forks
as many candidates as that asks for, ends them, and cleans up. It never reads a job: jobs go from
the controller to the examiner over a connection that is only passed on.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import pkgutil
import signal
import socket
import sys
import tempfile

import byhand.digits
import byhand.figures
from autograder.engine.candidate_process import remember_originals
from autograder.engine.check_modules import PACKAGE
from autograder.engine.kept_waiting import KeptWaiting
from autograder.engine.processes import check_parent
from autograder.engine.sandbox import linux
from autograder.engine.sandbox.confine import find_gap, note_memory
from autograder.engine.sandbox.protections import build_sandbox, needed_by_python
from autograder.engine.shell import CandidateShell, make_shell
from autograder.engine.slot import Slot
from autograder.engine.wire.channel import Channel
from byhand import explorers

# What notebooks import; those that are not installed are passed over.
OFTEN_IMPORTED = (
    "collections", "dataclasses", "fractions", "functools", "itertools", "json", "math", "operator",
    "multiprocessing.synchronize", "getpass", "random", "re", "statistics", "string", "subprocess",
    "textwrap", "time", "typing", "matplotlib.pyplot", "numpy.testing",
)  # fmt: skip


def main(controller: socket.socket, package: str, outside: str) -> None:
    """Import, build the sandbox, report, and fork a slot for each connection that arrives."""
    shell = prepare()
    note_memory()
    kept_waiting = KeptWaiting()
    hidden = os.path.join(package, "exercises")
    sandbox = build_sandbox([*needed_by_python(), package], hidden)
    sandbox.gap = find_gap(sandbox, outside, os.path.join(hidden, "__init__.py"))
    tempfile.tempdir = None
    gc.collect()
    gc.freeze()
    Channel(controller).send([sandbox.protections, sandbox.missing()])
    while True:
        data, descriptors, _, _ = socket.recv_fds(controller, 64, 1)
        if not data:
            return
        (descriptor,) = descriptors
        parent = os.getpid()
        process = os.fork()
        if process == 0:
            controller.close()
            linux.set_option(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
            check_parent(parent)
            number, place, slots = map(int, data.split())
            keep_to_cores(place, slots)
            Slot(socket.socket(fileno=descriptor), sandbox, shell, number, kept_waiting).serve()
            os._exit(0)
        os.close(descriptor)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def keep_to_cores(place: int, slots: int) -> None:
    """Keep this process and its children to their share of the cores.

    However many threads a student's code starts, they take no time from another slot. Code under
    test can't change this.

    Parameters
    ----------
    place, slots : int
        Which of how many slots this is.
    """
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[place % len(cores) :: slots])


def prepare() -> CandidateShell:
    """Import what notebooks and tests use, and draw a figure once; return the shell."""
    own = [
        found.name
        for package in (byhand, explorers)
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
    ]
    for module in (*OFTEN_IMPORTED, *own):
        if module != PACKAGE:
            with contextlib.suppress(ImportError):
                importlib.import_module(module)
    import matplotlib.pyplot as plt

    byhand.digits.load()
    with byhand.figures.style():
        figure, axes = plt.subplots()
        axes.plot([0, 1])
        axes.set_title("$x$")
        figure.canvas.draw()
        plt.close(figure)
    shell = make_shell()
    remember_originals()
    return shell


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), sys.argv[2], sys.argv[3])
