"""Messages over a socket: four bytes of length, then MessagePack. Nothing is ever unpickled."""

from __future__ import annotations

import socket
import time
from typing import Any

import msgspec

LARGEST_MESSAGE = 16 * 2**20  # bytes; as lists they take up to a hundred times as much memory
LARGEST_JOB = 512 * 2**20  # between controller and examiner

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode


class WireError(Exception):
    """The other side broke the rules of the wire; the message says which."""


class Closed(WireError):
    """The other side is gone."""


class OutOfTime(WireError):
    """The other side did not answer in time."""


class Channel:
    """Sends and receives messages over a connected stream socket.

    Parameters
    ----------
    connection : socket.socket
        A blocking stream socket, owned by the channel from now on.
    largest : int
        The largest message that is accepted, in bytes.
    """

    def __init__(self, connection: socket.socket, largest: int = LARGEST_MESSAGE) -> None:
        self.connection = connection
        self.largest = largest
        self._buffer = bytearray()

    def send(self, message: Any) -> None:
        """Send a message of MessagePack's own types; wait as long as it takes.

        Raises
        ------
        Closed, OutOfTime
            If the other side is gone, or does not take it in the socket's time.
        """
        body = _encode(message)
        try:
            self.connection.sendall(len(body).to_bytes(4, "big") + body)
        except TimeoutError:
            raise OutOfTime("the message was not taken in time") from None
        except OSError as error:
            raise Closed(str(error)) from None

    def receive(self, deadline: float | None = None) -> Any:
        """Return the next message.

        Parameters
        ----------
        deadline : float, optional
            Of `time.monotonic`; without one, wait as long as it takes.

        Raises
        ------
        Closed, OutOfTime
            If none comes.
        WireError
            If it is too large or no MessagePack.
        """
        length = int.from_bytes(self._take(4, deadline), "big")
        if length > self.largest:
            raise WireError(f"a message of {length} bytes; {self.largest} are allowed")
        try:
            return _decode(self._take(length, deadline))
        except (msgspec.DecodeError, RecursionError, ValueError, MemoryError) as error:
            raise WireError(f"no MessagePack ({type(error).__name__})") from None

    def fill(self, deadline: float | None) -> bytes:
        """Return at least one more byte from the socket."""
        self.connection.settimeout(
            None if deadline is None else max(0.001, deadline - time.monotonic())
        )
        try:
            chunk = self.connection.recv(2**18)
        except TimeoutError:
            raise OutOfTime("no answer in time") from None
        except OSError as error:
            raise Closed(str(error)) from None
        if not chunk:
            raise Closed("the other side closed the connection")
        return chunk

    def _take(self, count: int, deadline: float | None) -> bytes:
        while len(self._buffer) < count:
            self._buffer += self.fill(deadline)
        taken = bytes(memoryview(self._buffer)[:count])
        del self._buffer[:count]
        return taken

    def close(self) -> None:
        """Close the socket."""
        self.connection.close()
