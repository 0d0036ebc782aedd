"""The wire between examiner and candidate: which values cross, how, and within what bounds.

A message is four bytes of length and MessagePack. In it None, bool, int, float, str and bytes stand
for themselves; everything else is a list whose first item is a tag. What is unpacked is an exact
builtin or NumPy type, never a subclass, so that nothing a student defined can come along. Nothing
is ever unpickled.
"""

from __future__ import annotations

import math
import socket
import time
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

LARGEST_MESSAGE = 16 * 2**20  # bytes; as lists they take up to a hundred times as much memory
LARGEST_JOB = 512 * 2**20  # between controller and examiner
DEEPEST = 40  # levels of lists in lists
LONGEST_INT = 16_384  # bits; arithmetic on longer ones can't be interrupted

NUMERIC = frozenset(
    np.dtype(code).str for code in "?bBhHiIlLqQefdgFDG" if np.dtype(code).kind in "biufc"
)
# MT19937 and Philox believe the position in their state: a forged one reads foreign memory
GENERATORS = ("PCG64", "PCG64DXSM", "SFC64")
NUMPY_TYPES = {np.dtype(text).type.__name__: np.dtype(text).type for text in NUMERIC}
TYPES = NUMPY_TYPES | {t.__name__: t for t in (bool, int, float, complex, str, list, tuple, dict)}

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode


class WireError(Exception):
    """The other side broke the rules of the wire; the message says which."""


class Closed(WireError):
    """The other side is gone."""


class OutOfTime(WireError):
    """The other side did not answer in time."""


class Foreign(Exception):
    """A value is no plain data, so it can't cross.

    Attributes
    ----------
    value : object
        The part that can't.
    """

    def __init__(self, value: Any) -> None:
        super().__init__(type(value).__name__)
        self.value = value


# --- values ---------------------------------------------------------------------------------------


def pack(value: Any, refer: Callable[[Any], list], depth: int = 0) -> Any:
    """Return a value as MessagePack's own types.

    Parameters
    ----------
    value : object
        Plain data; instances of subclasses cross as what they are a subclass of.
    refer : callable
        Returns the tagged list for a callable, or raises `Foreign`.

    Raises
    ------
    Foreign
        If a part of the value is no plain data.
    """
    kind = type(value)
    if value is None or kind is bool or kind is float or kind is bytes:
        return value
    if kind is str:
        return value if value.isascii() else encodable(value)
    if kind is int:
        return _pack_int(value)
    if kind is np.ndarray:
        return _pack_array(value)
    if depth > DEEPEST:
        raise Foreign(value)
    if kind is list or kind is tuple:
        return ["l" if kind is list else "t", *[pack(v, refer, depth + 1) for v in value]]
    if kind is dict:
        pairs = value.items()
        return ["d", *[[pack(k, refer, depth + 1), pack(v, refer, depth + 1)] for k, v in pairs]]
    if isinstance(value, np.generic) and not isinstance(value, str | bytes):
        if value.dtype.str not in NUMERIC:
            raise Foreign(value)
        return ["s", value.dtype.str, value.tobytes()]
    if kind is complex:
        return ["c", value.real, value.imag]
    if kind is slice:
        return ["S", *[pack(v, refer, depth + 1) for v in (value.start, value.stop, value.step)]]
    if isinstance(value, type):
        if TYPES.get(value.__name__) is not value:
            raise Foreign(value)
        return ["T", value.__name__]
    if isinstance(value, np.random.Generator):
        return ["G", *_state_of(value, refer, depth)]
    if isinstance(value, np.ufunc) and getattr(np, value.__name__, None) is value:
        return ["N", value.__name__]
    for plain in (bool, int, float, complex, str, bytes):
        if isinstance(value, plain):
            return pack(plain(value), refer, depth)
    if isinstance(value, np.ndarray):
        return _pack_array(np.asarray(value))
    for base in (list, tuple, dict):
        if isinstance(value, base):
            return pack(base(value), refer, depth)
    if callable(value):
        return refer(value)
    raise Foreign(value)


def _pack_int(value: int) -> Any:
    if -(2**63) <= value < 2**63:
        return value
    if value.bit_length() > LONGEST_INT:
        raise Foreign(value)
    return ["I", hex(value)]


def _pack_array(value: np.ndarray) -> list:
    code = value.dtype.str
    if code not in NUMERIC:
        native = value.dtype.newbyteorder("=")
        if native.str not in NUMERIC:
            raise Foreign(value)
        value, code = value.astype(native), native.str
    # How it lies in memory crosses too: what is a view of it and what is a copy depends on it.
    if value.flags.c_contiguous:
        return ["a", code, list(value.shape), value.tobytes()]
    if value.flags.f_contiguous:
        return ["f", code, list(value.shape), value.tobytes(order="F")]
    return ["n", code, list(value.shape), value.tobytes()]


def _state_of(generator: np.random.Generator, refer: Callable, depth: int) -> list:
    source = generator.bit_generator
    if type(source).__name__ not in GENERATORS:
        raise Foreign(generator)
    return [type(source).__name__, pack(source.state, refer, depth + 1)]


def unpack(value: Any, resolve: Callable[[list], Any], depth: int = 0) -> Any:
    """Return the value that `pack` was given.

    Parameters
    ----------
    value : object
        What MessagePack decoded.
    resolve : callable
        Returns what a reference to a callable stands for.

    Raises
    ------
    WireError
        If it is nothing that `pack` returns.
    """
    if value is None or type(value) in (bool, float, str, bytes, int):
        return value
    if type(value) is not list or not value or depth > DEEPEST:
        raise WireError("a value that is no plain data")
    tag = value[0]
    try:
        if tag == "a":
            return _unpack_array(*value[1:])
        if tag == "f":
            code, shape, raw = value[1:]
            return _unpack_array(code, shape[::-1], raw).T
        if tag == "n":
            array = _unpack_array(*value[1:])
            spaced = np.empty((*array.shape, 2), array.dtype)[..., 0]
            spaced[...] = array
            return spaced
        if tag == "l":
            return [unpack(v, resolve, depth + 1) for v in value[1:]]
        if tag == "t":
            return tuple([unpack(v, resolve, depth + 1) for v in value[1:]])
        if tag == "d":
            return {unpack(k, resolve, depth + 1): unpack(v, resolve, depth + 1)
                    for k, v in value[1:]}  # fmt: skip
        if tag == "s":
            code, raw = value[1:]
            return _unpack_array(code, [], raw)[()]
        if tag == "c":
            real, imag = value[1:]
            if type(real) is float and type(imag) is float:
                return complex(real, imag)
        if tag == "S":
            return slice(*[unpack(v, resolve, depth + 1) for v in value[1:4]])
        if tag == "T":
            return TYPES[value[1]]
        if tag == "I":
            if len(value[1]) <= LONGEST_INT // 4 + 4:
                return int(value[1], 16)
        if tag == "G":
            return _unpack_generator(value[1], unpack(value[2], resolve, depth + 1))
        if tag == "N":
            return _numpy_function(value[1])
        if tag in ("H", "F"):
            return resolve(value)
    except WireError:
        raise
    except Exception as error:  # whatever it is, it comes of what was sent
        raise WireError(f"a malformed value ({_short(tag)}: {type(error).__name__})") from None
    raise WireError(f"a malformed value ({_short(tag)})")


def _short(tag: Any) -> str:
    return repr(tag[:10]) if type(tag) is str else type(tag).__name__


def _unpack_array(code: str, shape: list, raw: bytes) -> np.ndarray:
    if code not in NUMERIC or type(raw) is not bytes or len(shape) > 64:
        raise WireError("an array of a dtype that does not cross")
    dtype = np.dtype(code)
    if not all(type(n) is int and n >= 0 for n in shape):
        raise WireError("an array with a malformed shape")
    if math.prod(shape) * dtype.itemsize != len(raw):
        raise WireError("an array whose bytes do not fill its shape")
    array = np.frombuffer(bytearray(raw), dtype)
    # Bytes that NumPy itself would never write: a truth value of 2, a long double that is none.
    if dtype.kind == "b":
        array = array.view(np.uint8) != 0
    elif dtype.char in "gG":
        with np.errstate(all="ignore"):
            array.view(np.longdouble)[...] *= 1
    return array.reshape(shape)


def _unpack_generator(name: str, state: dict) -> np.random.Generator:
    if name not in GENERATORS:
        raise WireError("a generator of an unknown kind")
    source = getattr(np.random, name)()
    source.state = state
    return np.random.Generator(source)


def _numpy_function(name: str) -> np.ufunc:
    # Only these: other functions of NumPy read and write files, or change how it computes.
    found = getattr(np, name)
    if not isinstance(found, np.ufunc):
        raise WireError("no function of NumPy")
    return found


# --- text -----------------------------------------------------------------------------------------

_CONTROL = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(32), *range(127, 160))}
_CONTROL.pop(ord("\n"))
_CONTROL[ord("\t")] = " "


def encodable(text: str) -> str:
    """Return a text in which lone surrogates, which no file can hold, are spelled out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def printable(text: object, longest: int) -> str:
    """Return the start of a text without what would steer a terminal.

    Parameters
    ----------
    text : object
        A text, or what should have been one.
    longest : int
        How many characters to keep.
    """
    if type(text) is not str:
        text = str(text) if type(text) in (int, float, bool) else f"<{type(text).__name__}>"
    return encodable(text[:longest]).translate(_CONTROL)


# --- what a call changed in its arguments ---------------------------------------------------------


class Snapshot:
    """Remembers what is in the arguments of a call, to tell afterwards what the call changed.

    Parameters
    ----------
    value : object
        Unpacked plain data: nothing in it is shared or cyclic.
    """

    __slots__ = ("value", "before", "parts")

    def __init__(self, value: Any) -> None:
        self.value = value
        self.before: Any = None
        self.parts: dict[Any, Snapshot] = {}
        if type(value) is np.ndarray:
            self.before = value.tobytes()
        elif type(value) is np.random.Generator:
            self.before = repr(value.bit_generator.state)
        elif type(value) in (list, tuple):
            self.parts = {k: Snapshot(v) for k, v in enumerate(value)}
        elif type(value) is dict:
            self.parts = {k: Snapshot(v) for k, v in value.items()}

    def changes(self, refer: Callable) -> list | None:
        """Return what has changed, for `apply_changes`; None where nothing has."""
        value = self.value
        if type(value) is np.ndarray:
            return ["w", pack(value, refer)] if value.tobytes() != self.before else None
        if type(value) is np.random.Generator:
            same = repr(value.bit_generator.state) == self.before
            return None if same else ["w", pack(value, refer)]
        if type(value) not in (list, tuple, dict):
            return None
        now = dict(enumerate(value)) if type(value) in (list, tuple) else dict(value)
        inner = []
        for key, part in self.parts.items():
            if (change := part.changes(refer)) is not None:
                inner.append([pack(key, refer), change])
        same = now.keys() == self.parts.keys() and all(
            now[key] is part.value for key, part in self.parts.items()
        )
        if same:
            return ["i", inner, None] if inner else None
        places = {id(part.value): key for key, part in self.parts.items()}
        fresh = [
            [pack(key, refer), ["k", pack(places[id(item)], refer)]]
            if id(item) in places
            else [pack(key, refer), ["v", pack(item, refer)]]
            for key, item in now.items()
        ]
        return ["i", inner, fresh]


def apply_changes(original: Any, change: list | None, resolve: Callable) -> None:
    """Do to an original what the other side did to its copy.

    Raises
    ------
    WireError
        If the change does not fit the original.
    """
    if change is None:
        return
    try:
        if change[0] == "w":
            _overwrite(original, unpack(change[1], resolve))
            return
        _, inner, fresh = change
        for key, part in inner:
            apply_changes(original[unpack(key, resolve)], part, resolve)
        if fresh is None:
            return
        items = {
            unpack(key, resolve): original[unpack(item, resolve)]
            if how == "k"
            else unpack(item, resolve)
            for key, (how, item) in fresh
        }
        if type(original) is list:
            original[:] = items.values()
        elif type(original) is dict:
            original.clear()
            original.update(items)
    except WireError:
        raise
    except Exception as error:  # whatever it is, it comes of what was sent
        raise WireError(f"a change that does not fit ({type(error).__name__})") from None


def _overwrite(original: Any, new: Any) -> None:
    if type(original) is np.ndarray and type(new) is np.ndarray:
        # a dtype or shape set on the array itself can't be told from here: values are what counts
        if original.shape == new.shape and original.flags.writeable:
            original[...] = new
    elif type(original) is np.random.Generator and type(new) is np.random.Generator:
        original.bit_generator.state = new.bit_generator.state


# --- messages -------------------------------------------------------------------------------------


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
        Closed
            If the other side is gone.
        """
        self.send_bytes(_encode(message))

    def send_bytes(self, body: bytes) -> None:
        """Send an encoded message."""
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
