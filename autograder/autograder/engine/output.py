"""What is kept of a candidate's output, and the channel that collects it."""

from __future__ import annotations

import io
import os
import select
import time
from typing import Any

from autograder.engine.clock import Clock
from autograder.engine.slot_client import Started
from autograder.engine.text import encodable
from autograder.engine.wire.channel import Channel, OutOfTime

KEPT_OF_A_CELL = 32_000  # characters
KEPT_IN_ALL = 400_000  # of a notebook's
CUT_OFF = "\n[output cut off here]\n"
READ_SIZE, PIPE_SIZE = 2**14, 2**16
LOOK_SECONDS = 0.01  # between two looks at the clock: most answers take far less


class CappedText(io.StringIO):
    """A text to write to that keeps no more than there is room for.

    Parameters
    ----------
    room : int
        How many characters.
    """

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def write(self, text: str) -> int:
        """Keep what fits."""
        kept = text[: self.room]
        self.room -= len(kept)
        super().write(kept)
        return len(text)


class Output:
    """What a notebook's cells print and display, as far as it is kept.

    Attributes
    ----------
    text : CappedText
        What the current cell has printed.
    """

    def __init__(self) -> None:
        self.text = CappedText(0)
        self._kept = 0

    def room(self) -> int:
        """Return how many characters of the current cell's output are kept."""
        return min(KEPT_OF_A_CELL, max(0, KEPT_IN_ALL - self._kept))

    def start_cell(self) -> None:
        """Begin with a cell that has printed nothing."""
        self.text = CappedText(self.room())

    def cut_off(self) -> None:
        """Say in the output that there was more."""
        self.text.room += len(CUT_OFF)
        self.text.write(CUT_OFF)

    def end_cell(self, displayed: list[dict[str, Any]]) -> str:
        """Return what the cell printed; count it and what it displayed."""
        text = encodable(self.text.getvalue())
        self._kept += len(text) + sum(len(item["data"]["text/plain"]) for item in displayed)
        return text


class CandidateChannel(Channel):
    """A channel to a candidate that also collects what the candidate prints.

    Parameters
    ----------
    started : Started
        The candidate.
    clock : Clock
        Says how long to wait, where no deadline is given.
    """

    def __init__(self, started: Started, clock: Clock) -> None:
        connection, output = started.wire, started.output
        super().__init__(connection)
        self.clock = clock
        self.trace = started.trace
        self.output: int | None = output
        os.set_blocking(output, False)
        self.printed: list[bytes] = []
        self.room = KEPT_OF_A_CELL
        self.dropped = 0
        self._next_look = 0.0  # at the clock, by `time.monotonic`
        self._poll = select.poll()
        self._poll.register(connection, select.POLLIN)
        self._poll.register(output, select.POLLIN)

    def fill(self, deadline: float | None) -> None:
        """Return at least one more byte, collecting output while waiting."""
        while True:
            now = time.monotonic()
            left = (self._next_look if deadline is None else deadline) - now
            if left <= 0:  # also where bytes keep arriving, one at a time
                if deadline is not None:
                    raise OutOfTime("no answer in time")
                left = self.clock.wait()
                self._next_look = now + LOOK_SECONDS
            ready = [descriptor for descriptor, _ in self._poll.poll(left * 1000)]
            output = self.output
            if output in ready:
                self.drain()  # which closes it at its end
                ready.remove(output)
            if ready:
                super().fill(None)
                return

    def send_rest(self, body: bytes) -> None:
        """Send what the other side does not take at once, as long as there is time."""
        self.connection.settimeout(self.clock.left())
        try:
            self.connection.sendall(body)
        finally:
            self.connection.settimeout(None)

    def drain(self) -> None:
        """Collect what has been printed so far; keep what there is room for."""
        for _ in range(PIPE_SIZE // READ_SIZE + 1):  # no longer, though more may keep arriving
            if self.output is None:
                return
            try:
                chunk = os.read(self.output, READ_SIZE)
            except BlockingIOError:
                return
            if not chunk:
                self._poll.unregister(self.output)
                os.close(self.output)
                self.output = None
                return
            kept = chunk[: self.room]
            self.room -= len(kept)
            self.dropped += len(chunk) - len(kept)
            if kept:
                self.printed.append(kept)

    def take_printed(self) -> str:
        """Return what was printed since the last time."""
        if not self.printed:
            return ""
        text = b"".join(self.printed).decode("utf-8", "replace")
        self.printed.clear()
        return text

    def close(self) -> None:
        """Close all ends."""
        super().close()
        os.close(self.trace)
        if self.output is not None:
            os.close(self.output)
            self.output = None
