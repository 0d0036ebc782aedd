"""Checks of values: numbers and arrays, their shape and dtype, and plain words."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from byhand.checks.failures import (
    CheckFailed,
    brief,
    compared,
    nothing_returned,
    number_pair,
    place,
    shape_text,
)
from byhand.diagnosis import diagnose, told_by_shapes


def check_close(
    actual: object,
    expected: ArrayLike,
    *,
    what: str,
    rtol: float = 1e-9,
    atol: float = 0.0,
    relative_to: Literal["entry", "largest"] = "entry",
    dtype: DTypeLike | None = None,
    hint: str | None = None,
    **context: Any,
) -> None:
    """Check that `actual` has the shape and, within a tolerance, the values of `expected`.

    Parameters
    ----------
    actual : object
        What the student's function returned.
    expected : array_like
        The right values; NaN and infinity match themselves.
    what : str
        How the message calls it, such as ``"relu(x)"``.
    rtol, atol : float
        An entry may be off by ``atol + rtol * |expected|``.
    relative_to : {"entry", "largest"}
        Whether `rtol` refers to each entry or to the largest one.
    dtype : dtype, optional
        The dtype that the result must have as well, such as ``np.float64``.
    hint : str, optional
        Shown if the check fails.
    **context
        Passed to `byhand.diagnosis.diagnose`: `x` (also shown in the message), `batch`, `sizes`,
        `factors`, `mistakes`, and `terms`, whose sum is the expected value; see
        `byhand.diagnosis.Evidence`.

    Raises
    ------
    CheckFailed
        If it is not an array of numbers, or differs in shape, value or dtype.

    Examples
    --------
    >>> check_close([1.0, 2.0], [1.0, 2.0], what="double(x)")
    >>> check_close(3.0, 2.0, what="double(1)")
    Traceback (most recent call last):
        ...
    byhand.checks.failures.CheckFailed: double(1) is wrong
      expected  2.0
      got       3.0
    """
    __tracebackhide__ = True
    values, right = as_numbers(actual, what), np.asarray(expected)
    check_shape(values, right.shape, what=what, hint=hint, expected_values=right, **context)
    if values.dtype.kind == "c" and right.dtype.kind != "c":
        raise CheckFailed(f"{what} is complex, but must be real", actual=brief(actual), hint=hint)
    with np.errstate(all="ignore"):
        size = np.abs(right)
        if relative_to == "largest":
            size = np.max(size, initial=0.0, where=np.isfinite(size))
        off = np.abs(1 * values - right)  # times 1: NumPy can't subtract booleans
        wrong = ~((off <= atol + rtol * size) & np.isfinite(right) | (values == right))
        wrong &= ~(np.isnan(values) & np.isnan(right))
    if wrong.any():
        excess = np.where(wrong, np.where(np.isfinite(off), off, np.inf), -1.0)
        worst = np.unravel_index(int(np.argmax(excess)), right.shape)
        count = int(np.count_nonzero(wrong))
        fault = "is wrong" if right.size == 1 else f"is wrong in {count} of {right.size} values"
        shown = number_pair(right[worst], values[worst])
        raise CheckFailed(
            f"{what} {fault}",
            where=place(worst, right.shape, context.get("x")),
            expected=shown[0],
            actual=shown[1],
            likely=lambda: diagnose(right, values, **context) or _coarse(values, right, dtype),
            hint=hint,
            compared=compared(right, values, wrong, worst),
        )
    if dtype is not None and values.dtype != np.dtype(dtype):
        raise CheckFailed(
            f"{what} has the right values but the wrong dtype",
            expected=np.dtype(dtype).name,
            actual=values.dtype.name,
            likely=_wrong_dtype(values.dtype, np.dtype(dtype)),
            hint=hint,
        )


def _coarse(values: NDArray[Any], right: NDArray[Any], dtype: DTypeLike | None) -> str | None:
    """Return that a calculation in a coarser dtype lost digits, if that explains all entries."""
    if dtype is None or values.dtype.kind != "f" or values.itemsize >= np.dtype(dtype).itemsize:
        return None
    if not np.allclose(values, right, rtol=8 * float(np.finfo(values.dtype).eps), atol=0.0):
        return None
    name = values.dtype.name
    return f"right to the digits that {name} holds: convert to {np.dtype(dtype).name} first"


def _wrong_dtype(dtype: np.dtype[Any], right: np.dtype[Any]) -> str:
    """Return how such a dtype usually comes about."""
    if dtype.kind in "iub":
        return "integers and booleans can't hold the fractions that a later step may need"
    if dtype.kind == "f" and dtype.itemsize < right.itemsize:
        return f"{dtype.name} stays {dtype.name}: convert to {right.name} first"
    return "a constant or a new array brought its own dtype: convert the result to the dtype of x"


def check_equal(
    actual: object,
    expected: object,
    *,
    what: str,
    hint: str | None = None,
    likely: str | None = None,
) -> None:
    """Check that a plain value, such as a string or a list of keys, is exactly the expected one.

    A NumPy scalar counts as the plain value that it holds. `likely` is the mistake behind another
    value, where only one can be.

    Raises
    ------
    CheckFailed
        If it differs.

    Examples
    --------
    >>> check_equal("saddle", "saddle", what="classify_critical_point(H)")
    """
    __tracebackhide__ = True
    plain = actual.item() if isinstance(actual, np.generic) else actual
    if what.startswith("whether ") and plain is (not expected):
        asked, answered = ("yes", "no") if expected else ("no", "yes")
        raise CheckFailed(f"{what}: expected {asked}, got {answered}", likely=likely, hint=hint)
    if type(plain) is not type(expected) or plain != expected:
        likely = nothing_returned(actual) or likely
        if isinstance(expected, str) and str(plain).strip().lower() == expected.lower():
            likely = "the word is right, but its spelling differs: look at capitals and spaces"
        raise CheckFailed(
            f"{what} is wrong",
            expected=repr(expected),
            actual=brief(actual),
            likely=likely,
            hint=hint,
        )


def check_shape(
    actual: object,
    shape: tuple[int, ...],
    *,
    what: str,
    hint: str | None = None,
    expected_values: NDArray[Any] | None = None,
    **context: Any,
) -> None:
    """Check the shape of an array.

    Parameters
    ----------
    actual : object
        What the student's function returned.
    shape : tuple of int
        The shape it should have.
    what : str
        How the message calls it.
    hint : str, optional
        Shown if the check fails.
    expected_values : ndarray, optional
        The right values, for the diagnosis only.
    **context
        Passed to `byhand.diagnosis.diagnose`.

    Raises
    ------
    CheckFailed
        If the shape differs.

    Examples
    --------
    >>> check_shape(np.zeros((2, 3)), (2, 3), what="grad_W")
    """
    __tracebackhide__ = True
    values = as_numbers(actual, what)
    if values.shape == tuple(shape):
        return
    right = np.full(shape, np.nan) if expected_values is None else expected_values
    raise CheckFailed(
        f"{what} has the wrong shape",
        expected=shape_text(shape),
        actual=shape_text(values.shape),
        likely=lambda: (
            diagnose(right, values, **context)
            or told_by_shapes(tuple(shape), values.shape, context.get("batch"))
        ),
        hint=hint,
    )


def as_numbers(actual: object, what: str) -> NDArray[Any]:
    """Return `actual` as an array of numbers that keeps its dtype.

    Raises
    ------
    CheckFailed
        If it is None, text, a ragged list or any other object.
    """
    __tracebackhide__ = True
    try:
        values = np.asarray(actual)
    except (TypeError, ValueError):  # a ragged list
        values = np.asarray(None)
    if values.dtype.kind not in "biufc":
        raise CheckFailed(
            f"{what} is not a number or an array of numbers",
            actual=brief(actual),
            likely=nothing_returned(None if _all_none(actual) else actual),
        )
    return values


def _all_none(value: object) -> bool:
    """Return whether a value is a list of nothing but None: the results of several calls."""
    return isinstance(value, list) and bool(value) and all(item is None for item in value)
