"""The controller's end of an examination: a fresh examiner in a slot, asked one thing at a time."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from autograder.engine.job import Job
from autograder.engine.wire.channel import LARGEST_JOB, Channel, WireError
from autograder.errors import EngineFault

SLACK = 60  # seconds that an examiner may take beyond what its notebook may
BUSY = 10  # times as long may it take on a machine that keeps it waiting for a core

Slots = Callable[[], contextlib.AbstractContextManager[socket.socket]]


class Reference(NamedTuple):
    """The job of examining a chapter's own answers: its hash, and a file with it."""

    key: bytes
    file: int


class ExaminerClient:
    """Asks an examiner; where one has failed or was let go, the next question goes to a fresh one.

    Parameters
    ----------
    slots : callable
        Returns a context that lends a free slot.
    reference : Reference
        The chapter's own answers; its file is closed in the end.
    seconds : float
        How long one examiner may take in all.
    """

    def __init__(self, slots: Slots, reference: Reference, seconds: float) -> None:
        self._slots = slots
        self._reference = reference
        self._seconds = seconds + SLACK
        self._held = contextlib.ExitStack()
        self._slot: socket.socket | None = None
        self._channel: Channel | None = None

    def ask(self, message: Job | bytes) -> Any:
        """Return the answer to a job or to what a student handed in.

        Raises
        ------
        EngineFault
            If the examiner failed, with the position of the cell that it was at.
        """
        try:
            channel = self._channel or self._start()
            channel.connection.settimeout(BUSY * self._seconds)  # the slot ends it sooner
            channel.send(message)
            status, found = channel.receive(time.monotonic() + BUSY * self._seconds)
        except (WireError, OSError) as error:
            status, found = "failed", f"the examination ended before its end: {error}"
        if status == "failed":
            raise EngineFault(str(found), self.let_go())
        return status, found

    def _start(self) -> Channel:
        """Let a slot fork an examiner."""
        self._slot = self._held.enter_context(self._slots())
        ours, theirs = socket.socketpair()
        self._channel = Channel(ours, LARGEST_JOB)
        with theirs:
            message = b"%.3f %s" % (self._seconds, self._reference.key)
            descriptors = [theirs.fileno(), self._reference.file]
            socket.send_fds(self._slot, [message], descriptors)
        return self._channel

    def __enter__(self) -> ExaminerClient:
        return self

    def __exit__(self, kind: type[BaseException] | None, *exception: Any) -> None:
        os.close(self._reference.file)
        if kind is None:
            self.let_go()
        elif self._channel is not None:
            self._channel.close()
            self._held.__exit__(kind, *exception)

    def let_go(self) -> int | None:
        """Let the examiner end and its slot clean up; return at which cell it was."""
        if self._channel is None or self._slot is None:
            return None
        channel, slot = self._channel, self._slot
        self._channel = self._slot = None
        channel.close()
        with self._held.pop_all():
            slot.settimeout(SLACK)
            try:
                said = slot.recv(4)
            except OSError as error:
                raise EngineFault(f"the grading process does not clean up: {error}") from None
            if not said:
                raise EngineFault("the grading process ended")
            slot.settimeout(None)
        position = int.from_bytes(said, "big", signed=True)
        return position if position >= 0 else None
