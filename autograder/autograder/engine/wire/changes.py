"""What a call changed in its arguments: found where it ran, repeated on the caller's side."""

from __future__ import annotations

from operator import is_
from typing import Any

import numpy as np

from autograder.engine.wire.channel import WireError
from autograder.engine.wire.values import Refer, Resolve, pack, unpack

CHANGEABLE = (np.ndarray, np.random.Generator, list, tuple, dict)


def _items(value: Any) -> dict[Any, Any]:
    """Return what is in a list, a tuple or a dict, by its place."""
    return value if type(value) is dict else dict(enumerate(value))


class Snapshot:
    """Remembers what is in the arguments of a call, to tell afterwards what the call changed.

    Parameters
    ----------
    value : object
        Unpacked plain data of one of the types that can change, or a tuple: nothing in it is
        shared or cyclic.
    """

    __slots__ = ("value", "before", "parts")

    def __init__(self, value: Any) -> None:
        self.value = value
        kind = type(value)
        self.before: Any
        if kind is np.ndarray:
            self.before = value.tobytes()
        elif kind is np.random.Generator:
            self.before = repr(value.bit_generator.state)
        else:
            self.before = value if kind is tuple else value.copy()
            items = value.items() if kind is dict else enumerate(value)
            self.parts = [(k, Snapshot(v)) for k, v in items if type(v) in CHANGEABLE]

    def changes(self, refer: Refer) -> list[Any] | None:
        """Return what has changed, for `apply_changes`; None where nothing has."""
        value = self.value
        if type(value) is np.ndarray:
            return ["w", pack(value, refer)] if value.tobytes() != self.before else None
        if type(value) is np.random.Generator:
            same = repr(value.bit_generator.state) == self.before
            return None if same else ["w", pack(value, refer)]
        inner = []
        for key, part in self.parts:
            if (change := part.changes(refer)) is not None:
                inner.append([pack(key, refer), change])
        if self._holds_the_same():
            return ["i", inner, None] if inner else None
        places = {id(item): key for key, item in _items(self.before).items()}
        fresh = [
            [pack(key, refer), ["k", pack(places[id(item)], refer)]]
            if id(item) in places
            else [pack(key, refer), ["v", pack(item, refer)]]
            for key, item in _items(value).items()
        ]
        return ["i", inner, fresh]

    def _holds_the_same(self) -> bool:
        """Return whether a list, tuple or dict still holds the very objects that it held."""
        now, before = self.value, self.before
        if type(now) is dict:
            same_keys = now.keys() == before.keys()
            return same_keys and all(map(is_, map(now.get, before), before.values()))
        return len(now) == len(before) and all(map(is_, now, before))


def apply_changes(original: Any, change: list[Any] | None, resolve: Resolve) -> None:
    """Change an original as the other side changed its copy.

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
    except Exception as error:  # whatever it is, it is caused by what was sent
        raise WireError(f"a change that does not fit ({type(error).__name__})") from None


def _overwrite(original: Any, new: Any) -> None:
    if type(original) is np.ndarray and type(new) is np.ndarray:
        # a dtype or shape set on the array itself can't be told from here: values are what counts
        if original.shape == new.shape and original.flags.writeable:
            original[...] = new
    elif type(original) is np.random.Generator and type(new) is np.random.Generator:
        original.bit_generator.state = new.bit_generator.state
