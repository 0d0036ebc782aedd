"""How an examiner asks its slot for candidates."""

from __future__ import annotations

import socket

START, KILL, WAIT = b"s", b"k", b"w"  # what is asked for; to wait is for one that ends by itself


class SlotClient:
    """An examiner's end of the connection to its slot.

    Parameters
    ----------
    connection : socket.socket
        To the slot.
    """

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection

    def start_candidate(self, seed: int) -> tuple[socket.socket, int]:
        """Return the connection to a fresh candidate, and the reading end of its output."""
        self.connection.sendall(START + b"%d" % seed)
        _, (channel, output), _, _ = socket.recv_fds(self.connection, 1, 2)
        return socket.socket(fileno=channel), output

    def end_candidate(self, wait: bool) -> int:
        """End the candidate and return its exit status.

        Parameters
        ----------
        wait : bool
            Whether it is ending by itself.
        """
        self.connection.sendall(WAIT if wait else KILL)
        return int.from_bytes(self.connection.recv(4), "big", signed=True)
