"""Messages over a socket: four bytes of length, then MessagePack. Nothing is ever unpickled."""

from __future__ import annotations

import socket
import time
from typing import Any

import msgspec

LARGEST_MESSAGE = 16 * 2**20  # bytes; as lists they take up to a hundred times as much memory
LARGEST_JOB = 512 * 2**20  # between controller and examiner
READ_SIZE = 2**16

encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode


def decode(body: bytes) -> Any:
    """Return the message that bytes encode.

    Raises
    ------
    WireError
        If they are no MessagePack.
    """
    try:
        return _decode(body)
    except (msgspec.DecodeError, RecursionError, ValueError, MemoryError) as error:
        raise WireError(f"no MessagePack ({type(error).__name__})") from None


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
        self._ahead = b""
        self._buffer = bytearray()
        self._chunk = memoryview(bytearray(READ_SIZE))

    def send(self, message: Any) -> None:
        """Send a message of MessagePack's own types; wait as long as it takes.

        Raises
        ------
        Closed, OutOfTime
            If the other side is gone, or does not take it in the socket's time.
        """
        self.send_encoded(encode(message))

    def send_encoded(self, body: bytes) -> None:
        """Send a message that is encoded already; see `send`."""
        body = self._ahead + len(body).to_bytes(4, "big") + body
        self._ahead = b""
        try:
            try:
                sent = self.connection.send(body, socket.MSG_DONTWAIT)
            except BlockingIOError:
                sent = 0
            if sent < len(body):
                self.send_rest(body[sent:])
        except TimeoutError:
            raise OutOfTime("the message was not taken in time") from None
        except OSError as error:
            raise Closed(str(error)) from None

    def send_ahead(self, message: Any) -> None:
        """Send a message that needs no answer, just before the next one."""
        body = encode(message)
        self._ahead = len(body).to_bytes(4, "big") + body

    def send_rest(self, body: bytes) -> None:
        """Send what the other side does not take at once."""
        self.connection.sendall(body)

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
        return decode(self.receive_encoded(deadline))

    def receive_encoded(self, deadline: float | None = None) -> bytes:
        """Return the next message without decoding it; see `receive`."""
        buffer = self._buffer
        while len(buffer) < 4:
            self.fill(deadline)
        length = int.from_bytes(buffer[:4], "big")
        if length > self.largest:
            buffer.clear()
            raise WireError(f"a message of {length} bytes; {self.largest} are allowed")
        end = 4 + length
        while len(buffer) < end:
            self.fill(deadline)
        body = bytes(memoryview(buffer)[4:end])
        del buffer[:end]
        return body

    def fill(self, deadline: float | None) -> None:
        """Read at least one more byte from the socket."""
        if deadline is not None:
            self.connection.settimeout(max(0.001, deadline - time.monotonic()))
        try:
            count = self.connection.recv_into(self._chunk)
        except TimeoutError:
            raise OutOfTime("no answer in time") from None
        except OSError as error:
            raise Closed(str(error)) from None
        finally:
            if deadline is not None:
                self.connection.settimeout(None)
        if not count:
            raise Closed("the other side closed the connection")
        self._buffer += self._chunk[:count]

    def close(self) -> None:
        """Close the socket."""
        self.connection.close()
