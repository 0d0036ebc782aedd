"""The process that a chapter's examiners are forked from: it knows what the chapter's tests expect.

It imports the chapter's checks and examines the chapter's own answers, once. What the checks then
keep, such as values that they expect, is there in every examiner that is forked from it. No
student's code or data ever reaches it, and no candidate is forked from it.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import warnings
from collections.abc import Callable
from importlib import import_module
from os import fork  # the slot has refused what `os.fork` names

import msgspec

from autograder.engine import examiner
from autograder.engine.check_modules import CheckModule, give_checks
from autograder.engine.job import Job
from autograder.engine.known_tests import KnownTest
from autograder.engine.processes import check_parent, end
from autograder.engine.sandbox import linux
from autograder.engine.sandbox.confine import CandidateFiles, confine
from autograder.engine.slot_client import SlotClient
from autograder.engine.wire.channel import LARGEST_JOB, Channel

CPU_SECONDS = 600
READY, END = b"ready", b"end"


class PreparedProcess:
    """A slot's connection to the process that a chapter's examiners are forked from.

    Parameters
    ----------
    forks : Forks
        What runs there.
    reference : int
        A file with the job of examining the chapter's own answers.
    theirs : socket.socket
        By which it asks for candidates meanwhile.
    leave : callable
        Lets go, in that process, of what the slot holds.

    Attributes
    ----------
    number : int
        Its process.
    """

    def __init__(
        self, forks: Forks, reference: int, theirs: socket.socket, leave: Callable[[], None]
    ) -> None:
        self._connection, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        parent = os.getpid()
        self.number = fork()
        if self.number == 0:
            self._connection.close()
            leave()
            linux.set_option(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
            check_parent(parent)
            forks.serve(far, reference, theirs)
            os._exit(0)
        far.close()

    def is_ready(self) -> bool:
        """Return whether it can fork examiners; it has let go of its side of `theirs`."""
        try:
            return self._connection.recv(32, socket.MSG_DONTWAIT) == READY
        except BlockingIOError:
            return False

    def start(self, job: int, theirs: socket.socket, count: int) -> int:
        """Fork an examiner and return its number.

        Parameters
        ----------
        job : int
            Its connection to the controller.
        theirs : socket.socket
            Its connection to the slot.
        count : int
            Gives it a user id of its own.

        Raises
        ------
        OSError
            If the process is gone.
        """
        socket.send_fds(self._connection, [b"%d" % count], [job, theirs.fileno()])
        return int(self._answer())

    def end_examiner(self) -> None:
        """End the examiner and wait until it is gone.

        Raises
        ------
        OSError
            If the process is gone.
        """
        self._connection.sendall(END)
        self._answer()

    def _answer(self) -> bytes:
        answer = self._connection.recv(32)
        if not answer:
            raise OSError("the process that examiners are forked from is gone")
        return answer

    def leave(self) -> None:
        """Let go of the connection, in a process that has nothing to do with it."""
        self._connection.close()

    def close(self) -> None:
        """End the process."""
        self._connection.close()
        end(self.number)


class Forks:
    """Forks the examiners of a chapter, one at a time.

    Parameters
    ----------
    files : CandidateFiles
        What an examiner may read and write.
    report : callable
        Told the position of each cell before an examiner runs it.
    examines : bool
        Whether the chapter's own answers are examined before.
    """

    def __init__(
        self, files: CandidateFiles, report: Callable[[int], None], examines: bool
    ) -> None:
        self.files = files
        self.report = report
        self.examines = examines
        self.known: dict[str, KnownTest] = {}
        self.modules: list[CheckModule] = []

    def serve(self, connection: socket.socket, reference: int, theirs: socket.socket) -> None:
        """Prepare, then fork an examiner whenever asked to, and end it when asked to."""
        job = os.pread(reference, os.fstat(reference).st_size, 0)  # others read it at the same time
        os.close(reference)
        self.prepare(msgspec.msgpack.decode(job, type=Job), SlotClient(theirs))
        connection.sendall(READY)
        theirs.close()
        while True:
            data, descriptors, _, _ = socket.recv_fds(connection, 32, 2)
            if not data:
                return
            process = self.fork(connection, int(data), *descriptors)
            connection.sendall(b"%d" % process)
            if connection.recv(32) != END:
                return
            end(process)
            connection.sendall(END)

    def prepare(self, job: Job, slot: SlotClient) -> None:
        """Import the checks and examine the chapter's own answers."""
        self.modules = job.modules
        give_checks(job.modules)
        with contextlib.suppress(Exception):  # then each examiner says what is wrong
            for module in job.modules:
                import_module(module.name)
            if self.examines:
                examiner.Examiner(job, slot, lambda position: None, self.known, keeps=True).run()
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        with warnings.catch_warnings():  # which lets each warning be shown again
            pass
        gc.collect()
        gc.freeze()

    def fork(self, connection: socket.socket, count: int, job: int, theirs: int) -> int:
        """Fork an examiner and return its number."""
        parent = os.getpid()
        process = fork()
        if process == 0:
            connection.close()
            # It runs no student's code but reads what that sends: confined too, as another user.
            confine(self.files, count, CPU_SECONDS)
            check_parent(parent)
            channel = Channel(socket.socket(fileno=job), LARGEST_JOB)
            client = SlotClient(socket.socket(fileno=theirs))
            os._exit(examiner.main(channel, client, self.report, self.known, self.modules))
        os.close(job)
        os.close(theirs)
        return process
