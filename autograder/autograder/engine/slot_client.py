"""How an examiner asks its slot for candidates."""

from __future__ import annotations

import socket
from typing import NamedTuple

# What is asked for; a candidate is waited for that ends by itself, and tells where it is at work.
START, KILL, WAIT, TELL, KEPT_WAITING = b"s", b"k", b"w", b"t", b"q"


class Started(NamedTuple):
    """A fresh candidate: its wire, the reading ends of its output and trace, its process."""

    wire: socket.socket
    output: int
    trace: int
    process: int


class SlotClient:
    """An examiner's end of the connection to its slot.

    Parameters
    ----------
    connection : socket.socket
        To the slot.
    """

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection

    def start_candidate(self, seed: int) -> Started:
        """Return a fresh candidate."""
        self.connection.sendall(START + b"%d" % seed)
        process, (wire, output, trace), _, _ = socket.recv_fds(self.connection, 20, 3)
        return Started(socket.socket(fileno=wire), output, trace, int(process))

    def let_tell(self) -> None:
        """Let the candidate write where it is at work into its trace."""
        self.connection.sendall(TELL)

    def kept_waiting(self) -> float:
        """Return for how many seconds the machine has kept the job's processes waiting so far."""
        self.connection.sendall(KEPT_WAITING)
        return float(self.connection.recv(32))

    def end_candidate(self, wait: bool) -> int:
        """End the candidate and return its exit status.

        Parameters
        ----------
        wait : bool
            Whether it is ending by itself.
        """
        self.connection.sendall(WAIT if wait else KILL)
        return int.from_bytes(self.connection.recv(4), "big", signed=True)
