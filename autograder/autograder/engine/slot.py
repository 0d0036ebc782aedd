"""A slot: works on one notebook at a time, with an examiner and one candidate after the other."""

from __future__ import annotations

import mmap
import os
import random
import select
import socket
import sys
import time
import traceback
from os import fork  # the slot's own: what `os.fork` names is refused

import numpy as np

from autograder.engine import candidate, candidate_process
from autograder.engine.check_modules import close_checks
from autograder.engine.kept_waiting import KeptWaiting
from autograder.engine.prepared import CPU_SECONDS, Forks, PreparedProcess
from autograder.engine.processes import check_parent, end
from autograder.engine.sandbox.confine import CandidateFiles, confine
from autograder.engine.sandbox.protections import Sandbox
from autograder.engine.shell import CandidateShell
from autograder.engine.slot_client import KEPT_WAITING, START, TELL, WAIT
from autograder.engine.trace import ASKED, Watch
from autograder.engine.wire.channel import Channel

MOST_PREPARED = 2  # chapters; a class is graded one after the other
LOOK_SECONDS = 5  # between two looks whether a job's time is up
GRACE = 0.5  # seconds that a process which is ending may take


class Slot:
    """Works on one notebook at a time.

    Parameters
    ----------
    controller : socket.socket
        A job's connection arrives here, with the seconds that it may take.
    sandbox : Sandbox
        What is set up already.
    shell : CandidateShell
        For the candidates.
    number : int
        Which slot this is.
    kept_waiting : KeptWaiting
        For the processes of a job.
    """

    def __init__(
        self,
        controller: socket.socket,
        sandbox: Sandbox,
        shell: CandidateShell,
        number: int,
        kept_waiting: KeptWaiting,
    ) -> None:
        self.controller = controller
        self.shell = shell
        self.files = CandidateFiles(sandbox, number)
        self.count = number * 10_000
        self.kept_waiting = kept_waiting
        self.position = mmap.mmap(-1, 4)  # shared with the examiner
        self.prepared: dict[bytes, PreparedProcess] = {}  # the one used last comes last
        self.unprepared: set[bytes] = set()  # whose own answers ended the process
        candidate_process.refuse_processes()
        candidate_process.refuse_questions()
        candidate_process.open_streams()

    def serve(self) -> None:
        """Do one job after the other, until the controller hangs up."""
        while True:
            data, descriptors, _, _ = socket.recv_fds(self.controller, 128, 2)
            if not data:
                return
            seconds, key = data.split()
            self.note_position(-1)
            try:
                self.run_job(descriptors[0], descriptors[1], key, float(seconds))
            except OSError:  # the process that examiners are forked from; the controller finds out
                if key in self.prepared:
                    self.prepared.pop(key).close()
            self.controller.sendall(self.position[:])

    def note_position(self, position: int) -> None:
        """Note which cell the examiner is at, where its slot finds it if the examiner falls."""
        self.position[:] = position.to_bytes(4, "big", signed=True)

    def run_job(self, job: int, reference: int, key: bytes, seconds: float) -> None:
        """Let an examiner be forked, serve its requests, and end everything in time."""
        try:
            prepared = self.prepare(job, reference, key, seconds)
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                self.count += 1
                process = prepared.start(job, theirs, self.count)
        finally:
            os.close(job)
            os.close(reference)
        try:
            self.serve_examiner(ours, process, seconds)
        finally:
            prepared.end_examiner()

    def prepare(self, job: int, reference: int, key: bytes, seconds: float) -> PreparedProcess:
        """Return the process that a chapter's examiners are forked from; make it where needed.

        Raises
        ------
        OSError
            If it ended; next time it does not examine the chapter's own answers.
        """
        found = self.prepared.pop(key, None)
        if found is not None:
            self.prepared[key] = found
            return found
        while len(self.prepared) >= MOST_PREPARED:
            self.prepared.pop(next(iter(self.prepared))).close()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

        def leave() -> None:
            self.leave()
            ours.close()
            os.close(job)

        forks = Forks(self.files, self.note_position, key not in self.unprepared)
        with theirs:
            found = self.prepared[key] = PreparedProcess(forks, reference, theirs, leave)
        self.serve_examiner(ours, found.number, seconds)
        if not found.is_ready():
            self.unprepared.add(key)
            raise OSError("the process that examiners are forked from ended")
        return found

    def leave(self) -> None:
        """Let go, in a child, of what only the slot itself needs."""
        self.controller.close()
        self.kept_waiting.close()
        for prepared in self.prepared.values():
            prepared.leave()

    def serve_examiner(self, ours: socket.socket, process: int, seconds: float) -> None:
        """Serve a process's requests for candidates, until there are no more or time is up."""
        deadline = time.monotonic() + seconds
        self.kept_waiting.reset()
        self.kept_waiting.start(process)
        current: int | None = None
        try:
            while True:
                ready, _, _ = select.select([ours], [], [], LOOK_SECONDS)
                if not ready:
                    if time.monotonic() > deadline + self.kept_waiting.seconds():
                        return
                    continue
                data = ours.recv(64)
                if not data:
                    return
                if data == TELL:
                    if current is not None:
                        os.kill(current, ASKED)
                    continue
                if data == KEPT_WAITING:
                    ours.sendall(b"%.3f" % self.kept_waiting.seconds())
                    continue
                status = 0
                if current is not None:
                    self.kept_waiting.end(current)
                    status = end(current, GRACE if data == WAIT else 0.0)
                    self.files.clear()
                    current = None
                if data[:1] == START:
                    current = self.fork_candidate(ours, int(data[1:]))
                else:
                    ours.sendall(status.to_bytes(4, "big", signed=True))
        finally:
            ours.close()
            if current is not None:
                end(current)
                self.files.clear()

    def fork_candidate(self, examiner_end: socket.socket, seed: int) -> int:
        """Fork a candidate; pass the ends of its wire, output and trace to the examiner."""
        near, far = socket.socketpair()
        reading, writing = os.pipe()
        tracing, trace = os.pipe()
        self.count += 1
        self.files.prepare(self.count)
        parent = os.getpid()
        process = fork()
        if process == 0:
            try:
                near.close()
                os.close(reading)
                os.close(tracing)
                self.position.close()
                self.leave()
                examiner_end.close()
                self.be_candidate(far, writing, trace, seed, parent)
            except BaseException:  # such as a protection that can't be applied: nothing has run yet
                os.write(2, traceback.format_exc().encode())
                os._exit(1)
            os._exit(0)
        self.kept_waiting.start(process)
        socket.send_fds(examiner_end, [b"%d" % process], [near.fileno(), reading, tracing])
        near.close()
        far.close()
        for end_of_pipe in (reading, writing, tracing, trace):
            os.close(end_of_pipe)
        return process

    def be_candidate(
        self, wire: socket.socket, output: int, trace: int, seed: int, parent: int
    ) -> None:
        """Become a candidate: confinement, streams, then the student's code."""
        random.seed(seed)
        np.random.seed(seed % 2**32)  # noqa: NPY002 - for students' code that uses it
        close_checks()
        os.environ.clear()
        os.environ.update(
            NBGRADER_EXECUTION="autograde", MPLBACKEND="agg", HOME=self.files.scratch, PATH="",
            TMPDIR=self.files.scratch, MPLCONFIGDIR=self.files.scratch, LANG="C.UTF-8",
        )  # fmt: skip
        confine(self.files, self.count, CPU_SECONDS)
        check_parent(parent)
        sys.path.insert(0, "")  # as in a kernel: modules beside the notebook can be imported
        for number in (1, 2):
            os.dup2(output, number)
        os.close(output)
        candidate.run(Channel(wire), self.shell, Watch(trace))
