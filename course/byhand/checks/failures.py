"""What a failed check says: `CheckFailed` and the wording of values, places and shapes."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

WIDTH = 76  # columns of a message: what a notebook cell shows beside an open side bar
PLAIN = (bool, int, float, complex, str, bytes, np.generic)


class CheckFailed(AssertionError):
    """A check did not hold.

    Parameters
    ----------
    what : str
        One sentence: what was checked and found wrong.
    expected, actual : str, optional
        The right value and the one that came, as text.
    where : str, optional
        The point or the index.
    likely : str, optional
        The likely mistake.
    hint : str, optional
        One hint.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        expected: str | None = None,
        actual: str | None = None,
        likely: str | None = None,
        hint: str | None = None,
    ) -> None:
        self.what, self.where, self.expected, self.actual = what, where, expected, actual
        self.likely, self.hint = likely, hint
        super().__init__(what)

    def __str__(self) -> str:
        rows = {
            "where": self.where,
            "expected": self.expected,
            "got": self.actual,
            "likely": self.likely,
            "hint": self.hint,
        }
        lines = [
            textwrap.fill(text, WIDTH, initial_indent=f"  {label:<9} ", subsequent_indent=" " * 12)
            for label, text in rows.items()
            if text is not None
        ]
        return "\n".join([self.what, *lines])

    def _render_traceback_(self) -> list[str]:
        """Show the message alone: the frames of the library would bury it."""
        first, *rest = str(self).split("\n")
        return [f"\x1b[31;1mCheckFailed\x1b[0m: {first}", *rest]


def nothing_returned(value: Any) -> str | None:
    """Return the likely mistake where None came back, otherwise None."""
    return "the function has no return statement" if value is None else None


def place(index: tuple, shape: tuple[int, ...], x: ArrayLike | None) -> str | None:
    """Return the point and the index of an entry as text; None for a single number."""
    if not shape:
        return f"x = {number(np.asarray(x)[()])}" if x is not None and np.ndim(x) == 0 else None
    at = f"index [{', '.join(str(int(i)) for i in index)}]"
    if x is not None and np.shape(x) == shape:
        return f"x = {number(np.asarray(x)[tuple(index)])}, {at}"
    return at


def number_pair(expected: Any, actual: Any) -> tuple[str, str]:
    """Return two numbers as text, with as many digits as it takes to see that they differ."""
    for digits in (8, 17):
        pair = number(expected, digits), number(actual, digits)
        if pair[0] != pair[1]:
            break
    return pair


def number(value: Any, digits: int = 8) -> str:
    """Return a number as text that shows whether it is a float."""
    if isinstance(value, float | np.floating):
        text = f"{float(value) + 0.0:.{digits}g}"  # adding 0 makes 0 of -0
        return text if any(c in text for c in ".einf") else text + ".0"
    return str(value)


def shape_text(shape: tuple[int, ...]) -> str:
    """Return a shape as text."""
    return f"shape {tuple(shape)}" if shape else "a single number, shape ()"


def brief(value: Any) -> str:
    """Return any object as one short line that names its type."""
    text = " ".join(repr(value).split())
    text = text if len(text) <= 80 else text[:77] + "..."
    return text if value is None or isinstance(value, PLAIN) else f"{type(value).__name__} {text}"
