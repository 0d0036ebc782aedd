"""The functions that an examiner lends to a candidate: by number, for one call or one test."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from autograder.engine.proxies import Proxy
from autograder.engine.wire.values import Refer


class LentFunctions:
    """What is lent at the moment."""

    def __init__(self) -> None:
        self._functions: dict[int, Callable] = {}
        self._count = 0

    def count_from(self, number: int) -> None:
        """Give the next function the number after this one."""
        self._count = number

    def clear(self) -> None:
        """Lend nothing any more."""
        self._functions.clear()

    def get(self, number: Any) -> Callable | None:
        """Return the function of a number; the number is the candidate's."""
        return self._functions.get(number)

    @contextlib.contextmanager
    def lending(self) -> Iterator[Refer]:
        """Yield a function that makes references to callables, which hold for the block."""
        lent: list[int] = []
        try:
            yield lambda function: self.lend(function, lent)
        finally:
            self.take_back(lent)

    def lend(self, function: Any, lent: list[int]) -> list[Any]:
        """Return a reference to a function for the candidate; note its number."""
        if isinstance(function, Proxy):
            kind, which = function._target
            return ["F", "n" if kind == "N" else "h", which]
        self._count += 1
        self._functions[self._count] = function
        lent.append(self._count)
        return ["H", self._count, getattr(function, "__name__", "function")]

    def take_back(self, lent: list[int]) -> None:
        """Lend these no longer."""
        for number in lent:
            self._functions.pop(number, None)
