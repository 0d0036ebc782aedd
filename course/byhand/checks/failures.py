"""What a failed check says: `CheckFailed` and the wording of values, places and shapes."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

WIDTH = 88  # columns of a message: JupyterLab breaks longer lines within words
NAME = "CheckFailed: "  # what a notebook shows before the first line
CONTAINERS = (list, tuple, dict, np.ndarray)  # whose text shows what they are
LONGEST_AXIS = 8  # entries of a row or column that a table shows
Likely = str | Callable[[], str | None] | None
PLAIN = (bool, int, float, complex, str, bytes, np.generic)


@dataclass(frozen=True)
class Compared:
    """Two small arrays that a check compared, as texts for a table.

    Attributes
    ----------
    shape : sequence of int
        Of one or two axes, each of at most 8 entries.
    expected, actual : sequence of str
        The entries, row by row.
    wrong : sequence of bool
        Which entries are wrong.
    part : str
        Which part of larger arrays they are, such as ``[1, 0, :, :]``.
    """

    shape: Sequence[int]
    expected: Sequence[str]
    actual: Sequence[str]
    wrong: Sequence[bool]
    part: str = ""


def compared(
    expected: NDArray[Any], actual: NDArray[Any], wrong: NDArray[np.bool_], at: Sequence[Any]
) -> Compared | None:
    """Return what a table can show: the last two axes at an index; None if they are too long."""
    before = tuple(int(i) for i in at[:-2])
    shape = expected[before].shape
    if not shape or expected.size == 1 or max(shape) > LONGEST_AXIS:
        return None
    bad = [bool(flag) for flag in wrong[before].flat]
    pairs = [
        number_pair(right, got) if flag else (number(right, 5), number(got, 5))
        for right, got, flag in zip(expected[before].flat, actual[before].flat, bad, strict=True)
    ]
    part = f"[{', '.join([*map(str, before), ':', ':'])}]" if before else ""
    return Compared(shape, [right for right, _ in pairs], [got for _, got in pairs], bad, part)


class CheckFailed(AssertionError):
    """A check did not hold.

    Parameters
    ----------
    what : str
        One sentence: what was checked and found wrong.
    expected, actual : str, optional
        The right value and the value that the student's code returned, as text.
    where : str, optional
        The point or the index.
    likely : str or callable, optional
        The likely mistake, or a function that finds it, which is called when the message is read.
    hint : str, optional
        One hint.
    compared : Compared, optional
        The arrays for a table. It stays in this process: a pickled error has none.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        expected: str | None = None,
        actual: str | None = None,
        likely: Likely = None,
        hint: str | None = None,
        compared: Compared | None = None,
    ) -> None:
        self.compared = compared
        self.what, self.where, self.expected, self.actual = what, where, expected, actual
        self._likely, self.hint = likely, hint
        super().__init__(what)

    @property
    def likely(self) -> str | None:
        """The likely mistake."""
        if callable(self._likely):
            self._likely = self._likely()
        return self._likely

    @likely.setter
    def likely(self, likely: Likely) -> None:
        self._likely = likely

    def rows(self) -> dict[str, str]:
        """Return what there is to tell beside the first sentence, by its label."""
        rows = {
            "where": self.where,
            "expected": self.expected,
            "got": self.actual,
            "likely": self.likely,
            "hint": self.hint,
        }
        return {label: text for label, text in rows.items() if text is not None}

    def __str__(self) -> str:
        first = _wrapped(NAME + self.what, "", "  ").removeprefix(NAME)
        others = (_wrapped(text, f"  {label:<9} ", " " * 12) for label, text in self.rows().items())
        return "\n".join([first, *others])

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self.args, vars(self) | {"_likely": self.likely, "compared": None}

    def _render_traceback_(self) -> list[str]:
        """Return the message alone, for IPython: the library's frames would bury it."""
        first, *rest = str(self).split("\n")
        return [f"\x1b[31;1mCheckFailed\x1b[0m: {first}", *rest]


def _wrapped(text: str, first: str, others: str) -> str:
    """Return text in lines that break between words, never within a word or a number."""
    if len(first) + len(text) <= WIDTH and text.strip() and text.isprintable():
        return (first + text).rstrip()  # as below, in a tenth of the time
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )


def nothing_returned(value: object) -> str | None:
    """Return the likely mistake if a function returned nothing, or a function; otherwise None."""
    if value is None:
        return "the function has no return statement"
    return "a function is returned, not a value of it: call it" if callable(value) else None


def place(index: Sequence[Any], shape: tuple[int, ...], x: ArrayLike | None) -> str | None:
    """Return the point and the index of an entry as text; None for a single number."""
    if not shape:
        return f"x = {number(np.asarray(x)[()])}" if x is not None and np.ndim(x) == 0 else None
    at = f"index [{', '.join(str(int(i)) for i in index)}]"
    if x is not None and np.shape(x) == shape:
        return f"x = {number(np.asarray(x)[tuple(index)])}, {at}"
    return at


def number_pair(expected: Any, actual: Any) -> tuple[str, str]:
    """Return two numbers as text, with as many digits as it takes to see that they differ."""
    short = number(expected), number(actual)
    return short if short[0] != short[1] else (number(expected, 17), number(actual, 17))


def number(value: Any, digits: int = 8) -> str:
    """Return a number as text that shows whether it is a float."""
    if isinstance(value, float | np.floating):
        text = f"{float(value) + 0.0:.{digits}g}"  # adding 0 turns -0 into 0
        return text if any(c in text for c in ".einf") else text + ".0"
    return str(value)


def shape_text(shape: tuple[int, ...]) -> str:
    """Return a shape as text."""
    return f"shape {tuple(shape)}" if shape else "a single number, shape ()"


def brief(value: object) -> str:
    """Return any object as one short line that shows its type."""
    text = " ".join(repr(value).split())
    if len(text) > 80:
        space = text.rfind(" ", 40, 77)  # a number that is cut would read as another number
        text = f"{text[:space]} ..." if space > 0 else f"{text[:77]}..."
    shown = value is None or isinstance(value, PLAIN) or type(value) in CONTAINERS
    return text if shown else f"{type(value).__name__} {text}"
