"""Values on the wire: as MessagePack's own types, bounded, and of exact builtin or NumPy types.

None, bool, int, float, str and bytes cross as themselves; everything else is a list whose first
item is a tag. What is unpacked is never of a subclass, so that nothing a student defined can come
along. msgspec's own hooks can't do this: its encoder takes sets, dataclasses, enums, dates and
subclasses of list, tuple and dict without asking the hook, and a tuple for a list.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.engine.text import encodable
from autograder.engine.wire.channel import WireError

Array = NDArray[Any]
Refer = Callable[[Any], list[Any]]  # makes a reference of a callable, or raises `Foreign`
Resolve = Callable[[list[Any]], Any]  # returns the callable that a reference refers to

ATOMS = frozenset((type(None), bool, float, bytes))
PLAIN = ATOMS | {int, str}
BUILTINS: tuple[type[Any], ...] = (int, float, complex, str, bytes, list, tuple, dict)
DEEPEST = 40  # levels of lists in lists
LONGEST_INT = 16_384  # bits; arithmetic on longer ones can't be interrupted

NUMERIC = {
    np.dtype(code).str: np.dtype(np.dtype(code).str)  # of several such as l and q the usual one
    for code in "?bBhHiIlLqQefdgFDG"
    if np.dtype(code).kind in "biufc"
}
# MT19937 and Philox believe the position in their state: a forged one reads foreign memory
GENERATORS = ("PCG64", "PCG64DXSM", "SFC64")
TYPES: dict[str, type[Any]] = {
    np.dtype(code).type.__name__: np.dtype(code).type for code in NUMERIC
}
TYPES |= {t.__name__: t for t in BUILTINS if t is not bytes} | {"bool": bool}
# Only these: other functions of NumPy read and write files, or change how it computes.
UFUNCS = {name: found for name, found in vars(np).items() if isinstance(found, np.ufunc)}


class Foreign(Exception):
    """A value is not plain data, so it can't cross.

    Attributes
    ----------
    value : object
        The part that can't.
    """

    def __init__(self, value: Any) -> None:
        super().__init__(type(value).__name__)
        self.value = value


def pack(value: Any, refer: Refer, depth: int = 0) -> Any:
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
        If a part of the value is not plain data.
    """
    kind = type(value)
    if kind in ATOMS:
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
        name = value.__name__
        if TYPES.get(name) is not value:
            raise Foreign(value)
        return ["T", name]
    if isinstance(value, np.random.Generator):
        return ["G", *_state_of(value, refer, depth)]
    if isinstance(value, np.ufunc) and UFUNCS.get(value.__name__) is value:
        return ["N", value.__name__]
    if isinstance(value, np.ndarray):
        return _pack_array(np.asarray(value))
    for base in BUILTINS:
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


def _pack_array(value: Array) -> list[Any]:
    code = value.dtype.str
    if code not in NUMERIC:
        native = value.dtype.newbyteorder("=")
        if native.str not in NUMERIC:
            raise Foreign(value)
        value, code = value.astype(native), native.str
    # Its memory layout crosses too: whether NumPy makes a view or a copy of it depends on that.
    if value.flags.c_contiguous:
        return ["a", code, list(value.shape), value.tobytes()]
    if value.flags.f_contiguous:
        return ["f", code, list(value.shape), value.tobytes(order="F")]
    return ["n", code, list(value.shape), value.tobytes()]


def _state_of(generator: np.random.Generator, refer: Refer, depth: int) -> list[Any]:
    source = generator.bit_generator
    if type(source).__name__ not in GENERATORS:
        raise Foreign(generator)
    return [type(source).__name__, pack(source.state, refer, depth + 1)]


def unpack(value: Any, resolve: Resolve, depth: int = 0) -> Any:
    """Return the value that `pack` was given.

    Parameters
    ----------
    value : object
        What MessagePack decoded.
    resolve : callable
        Returns what a reference to a callable refers to.

    Raises
    ------
    WireError
        If it is nothing that `pack` returns.
    NameError
        If `resolve` knows no such name.
    """
    if type(value) in PLAIN:
        return value
    if type(value) is not list or not value or depth > DEEPEST:
        raise WireError("a value that is not plain data")
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
            return UFUNCS[value[1]]
        if tag in ("H", "F"):
            return resolve(value)
    except (WireError, NameError):
        raise
    except Exception as error:  # whatever it is, it is caused by what was sent
        raise WireError(f"a malformed value ({_short(tag)}: {type(error).__name__})") from None
    raise WireError(f"a malformed value ({_short(tag)})")


def _short(tag: Any) -> str:
    return repr(tag[:10]) if type(tag) is str else type(tag).__name__


def _unpack_array(code: str, shape: list[Any], raw: bytes) -> Array:
    dtype = NUMERIC.get(code)
    if dtype is None or type(raw) is not bytes or len(shape) > 64:
        raise WireError("an array of a dtype that does not cross")
    size = dtype.itemsize
    for n in shape:
        if type(n) is not int or n < 0:
            raise WireError("an array with a malformed shape")
        size *= n
    if size != len(raw):
        raise WireError("an array whose bytes do not fill its shape")
    array = np.frombuffer(bytearray(raw), dtype)
    # Bytes that NumPy itself would never write: a truth value of 2, an invalid long double.
    if dtype.kind == "b":
        array = array.view(np.uint8) != 0
    elif dtype.char in "gG":
        with np.errstate(all="ignore"):
            array.view(np.longdouble)[...] *= 1
    return array if len(shape) == 1 else array.reshape(shape)


def _unpack_generator(name: str, state: dict[str, Any]) -> np.random.Generator:
    if name not in GENERATORS:
        raise WireError("a generator of an unknown kind")
    source = getattr(np.random, name)()
    source.state = state
    return np.random.Generator(source)
