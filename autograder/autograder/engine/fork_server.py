"""The process that candidates and examiners are forked from: everything imported, no secrets.

It is started by `autograder.engine.controller` with a socket. Each connection that arrives there
becomes a *slot*: a fork that works on one notebook at a time, forks an examiner for it and as many
candidates as the examiner asks for, ends them, and cleans up. It never reads a job: those go from
the controller to the examiner over a connection that is only passed on.
"""

from __future__ import annotations

import array
import contextlib
import ctypes
import gc
import importlib
import json
import mmap
import os
import random
import select
import signal
import socket
import sys
import tempfile
import time
import traceback
from typing import Any

import numpy as np

from autograder.engine import candidate, examiner
from autograder.engine.sandbox import protections as sandbox
from autograder.engine.wire.values import LARGEST_JOB, Channel
from byhand.explorers import EXPLORERS

KILL, WAIT, FORK, FORKED = b"k", b"w", b"f", b"F"  # what an examiner asks for, and the answer
CPU_SECONDS = 600
# What notebooks import; those that are not installed are passed over.
OFTEN_IMPORTED = (
    "collections", "dataclasses", "fractions", "functools", "itertools", "json", "math", "operator",
    "multiprocessing.synchronize", "getpass", "random", "re", "statistics", "string", "subprocess",
    "textwrap", "time", "typing", "matplotlib.pyplot", "numpy.testing", "scipy.optimize",
    "scipy.special",
)  # fmt: skip
BYHAND = ("checks", "differences", "digits", "figures", "live", "progress")
GRACE = 0.5  # seconds that a process which is ending may take


def send_descriptors(connection: socket.socket, data: bytes, *descriptors: int) -> None:
    """Send file descriptors along with a little data."""
    ancillary = []
    if descriptors:
        packed = array.array("i", descriptors)
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, packed)]
    connection.sendmsg([data], ancillary)


def receive_descriptors(connection: socket.socket, most: int) -> tuple[bytes, list[int]]:
    """Return the data and the file descriptors that came with it; no data at the end."""
    data, ancillary, _, _ = connection.recvmsg(4096, socket.CMSG_SPACE(most * 4))
    found = array.array("i")
    for level, kind, packed in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            found.frombytes(packed[: len(packed) - len(packed) % found.itemsize])
    return data, list(found)


# --- the zygote -----------------------------------------------------------------------------------


def main(controller: socket.socket, byhand: str, outside: str) -> None:
    """Import, put up the walls, report, and fork a slot for each connection that arrives."""
    shell = prepare()
    sandbox.note_memory()
    house = sandbox.build_house([*sandbox.needed_by_python(), byhand])
    house.fault = sandbox.find_fault(house, outside)
    tempfile.tempdir = None
    gc.collect()
    gc.freeze()
    report = {
        "walls": [vars(wall) for wall in house.walls],
        "missing": house.missing(),
    }
    controller.sendall(json.dumps(report).encode() + b"\n")
    while True:
        data, descriptors = receive_descriptors(controller, 1)
        if not data:
            return
        (descriptor,) = descriptors
        number = int(data)
        parent = os.getpid()
        process = os.fork()
        if process == 0:
            controller.close()
            _die_with_parent(parent)
            Slot(socket.socket(fileno=descriptor), house, shell, number).serve()
            os._exit(0)
        os.close(descriptor)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def prepare() -> Any:
    """Import what notebooks and tests use, and draw a figure once; return the shell."""
    explorers = {name.partition(":")[0] for names in EXPLORERS.values() for name in names}
    for module in (*OFTEN_IMPORTED, *map("byhand.{}".format, BYHAND), *sorted(explorers)):
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    import matplotlib.pyplot as plt

    import byhand.digits
    import byhand.figures
    from autograder.engine.shell import make_shell

    byhand.digits.load()
    with byhand.figures.style():
        figure, axes = plt.subplots()
        axes.plot([0, 1])
        axes.set_title("$x$")
        figure.canvas.draw()
        plt.close(figure)
    shell = make_shell()
    candidate.remember_originals()
    return shell


def _die_with_parent(parent: int) -> None:
    ctypes.CDLL(None).prctl(sandbox.PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    _check_parent(parent)


def _check_parent(parent: int) -> None:
    """End if the parent ended before the kernel knew that this process goes with it."""
    if os.getppid() != parent:
        os._exit(1)


# --- a slot ---------------------------------------------------------------------------------------


class Slot:
    """Works on one notebook at a time.

    Parameters
    ----------
    controller : socket.socket
        A job's connection arrives here, with the seconds that it may take.
    house : sandbox.House
        The walls.
    shell
        For the candidates.
    number : int
        Which slot this is.
    """

    def __init__(
        self, controller: socket.socket, house: sandbox.House, shell: Any, number: int
    ) -> None:
        self.controller = controller
        self.shell = shell
        self.room = sandbox.Room(house, number)
        self.count = number * 10_000
        self.position = mmap.mmap(-1, 4)  # shared with the examiner

    def serve(self) -> None:
        """Take one job after the other, until the controller hangs up."""
        while True:
            data, descriptors = receive_descriptors(self.controller, 1)
            if not data:
                return
            seconds = float(data)
            self.note_position(-1)
            self.run_job(descriptors[0], seconds)
            self.controller.sendall(self.position[:])

    def note_position(self, position: int) -> None:
        """Note which cell the examiner is at, where its slot finds it if the examiner falls."""
        self.position[:] = position.to_bytes(4, "big", signed=True)

    def run_job(self, job: int, seconds: float) -> None:
        """Fork an examiner, serve its requests for candidates, and end everything in time."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.count += 1
        parent = os.getpid()
        process = os.fork()
        if process == 0:
            ours.close()
            self.controller.close()
            # Not a student's code, but it takes in what that sends: the same walls, another user.
            sandbox.confine(self.room, self.count, CPU_SECONDS)
            _check_parent(parent)
            channel = Channel(socket.socket(fileno=job), LARGEST_JOB)
            os._exit(examiner.main(channel, Nursery(theirs), self.note_position))
        os.close(job)
        theirs.close()
        deadline = time.monotonic() + seconds
        current: int | None = None
        try:
            while True:
                ready, _, _ = select.select([ours], [], [], max(0.0, deadline - time.monotonic()))
                if not ready:
                    return
                data, _ = receive_descriptors(ours, 0)
                if not data:
                    return
                status = 0
                if current is not None:
                    status = end(current, GRACE if data == WAIT else 0.0)
                    self.room.clear()
                    current = None
                if data[:1] == FORK:
                    current = self.fork_candidate(ours, int(data[1:]), [ours])
                else:
                    ours.sendall(status.to_bytes(4, "big", signed=True))
        finally:
            ours.close()
            if current is not None:
                end(current)
                self.room.clear()
            end(process)

    def fork_candidate(self, examiner_end: socket.socket, seed: int, others: list) -> int:
        """Fork a candidate and hand its ends of wire and output to the examiner."""
        near, far = socket.socketpair()
        reading, writing = os.pipe()
        self.count += 1
        self.room.prepare(self.count)
        parent = os.getpid()
        process = os.fork()
        if process == 0:
            try:
                near.close()
                os.close(reading)
                self.position.close()
                for other in (*others, self.controller):
                    other.close()
                self.be_candidate(far, writing, seed, parent)
            except BaseException:  # a wall that can't be put up, for one: nothing has run yet
                os.write(2, traceback.format_exc().encode())
                os._exit(1)
            os._exit(0)
        send_descriptors(examiner_end, FORKED, near.fileno(), reading)
        near.close()
        far.close()
        os.close(reading)
        os.close(writing)
        return process

    def be_candidate(self, wire: socket.socket, output: int, seed: int, parent: int) -> None:
        """Become a candidate: walls, streams, then the student's code."""
        random.seed(seed)
        np.random.seed(seed % 2**32)  # noqa: NPY002 - for students' code that uses it
        candidate.refuse_processes()
        candidate.refuse_questions()
        os.environ.clear()
        os.environ.update(
            NBGRADER_EXECUTION="autograde", MPLBACKEND="agg", HOME=self.room.scratch, PATH="",
            TMPDIR=self.room.scratch, MPLCONFIGDIR=self.room.scratch, LANG="C.UTF-8",
        )  # fmt: skip
        sandbox.confine(self.room, self.count, CPU_SECONDS)
        _check_parent(parent)
        sys.path.insert(0, "")  # as in a kernel: modules beside the notebook can be imported
        sys.stdin = open(os.devnull)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.close(output)
        form = {"closefd": False, "encoding": "utf-8", "errors": "backslashreplace"}
        sys.stdout = sys.__stdout__ = open(1, "w", **form)
        sys.stderr = sys.__stderr__ = open(2, "w", **form)
        candidate.run(Channel(wire), self.shell)


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


class Nursery:
    """Where an examiner asks its slot for candidates.

    Parameters
    ----------
    connection : socket.socket
        To the slot.
    """

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection

    def fork(self, seed: int) -> tuple[socket.socket, int]:
        """Return the wire to a fresh candidate, and its output."""
        self.connection.sendall(FORK + b"%d" % seed)
        _, descriptors = receive_descriptors(self.connection, 2)
        return socket.socket(fileno=descriptors[0]), descriptors[1]

    def end(self, wait: bool) -> int:
        """End the candidate and return its exit status.

        Parameters
        ----------
        wait : bool
            Whether it is ending by itself.
        """
        self.connection.sendall(WAIT if wait else KILL)
        return int.from_bytes(self.connection.recv(4), "big", signed=True)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), sys.argv[2], sys.argv[3])
