"""Name the likely mistake behind a wrong array.

`diagnose` compares the actual values with the expected ones and says in one sentence which mistake
would produce exactly that difference: a forgotten sign, a second division by the batch size, a
swapped axis. It speaks only if the mistake explains *every* entry; a guess that fits half of them
would send a student in the wrong direction.

Each rule is a pure function ``rule(evidence) -> str | None``. The first rule that answers wins, so
the lists at the end run from the particular to the general.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

__all__ = ["Evidence", "diagnose"]


@dataclass(frozen=True)
class Evidence:
    """What a check knows about a wrong result.

    Attributes
    ----------
    expected, actual : ndarray
        The right values and those that the student's code returned. Shapes may differ.
    x : ndarray or None
        The points that the values belong to, entry by entry, if there are such points.
    batch : int or None
        Number of examples, if the result is a sum or a mean over a batch.
    sizes : mapping of str to int
        Other sizes that a result may have been divided or multiplied by, such as ``n_out``.
    factors : mapping of str to array_like
        Factors that are easily forgotten, by name: ``{"the inner derivative 2x": 2 * x}``.
    mistakes : mapping of str to array_like
        What a known mistake would give, by the sentence that names it.
    """

    expected: np.ndarray
    actual: np.ndarray
    x: np.ndarray | None = None
    batch: int | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)
    factors: Mapping[str, object] = field(default_factory=dict)
    mistakes: Mapping[str, object] = field(default_factory=dict)


def diagnose(expected: object, actual: object, **context: Any) -> str | None:
    """Say which mistake would turn `expected` into `actual`.

    Parameters
    ----------
    expected, actual : array_like
        The right values and those that the student's code returned; any numeric dtype, any shapes.
    **context
        What else is known; see `Evidence`.

    Returns
    -------
    str or None
        One sentence without a full stop, or None if no rule explains every entry.

    Examples
    --------
    >>> diagnose([1.0, -2.0], [-1.0, 2.0])
    'the sign is flipped'
    >>> diagnose([1.0, -2.0], [0.25, -0.5], batch=4)
    'everything is 1/4 of what it should be: divided by the batch (B = 4) once too often?'
    """
    try:
        expected, actual = np.asarray(expected), np.asarray(actual)
        if expected.dtype.kind == "b":  # no slip of arithmetic explains a wrong boolean
            return None
        if actual.dtype.kind == "b":
            actual = actual.astype(np.int64)  # NumPy can't negate or subtract booleans
        evidence = Evidence(expected, actual, **context)
        if evidence.actual.dtype.kind not in "biufc" or evidence.expected.dtype.kind not in "biufc":
            return None
    except (TypeError, ValueError):  # ragged or foreign objects have no diagnosis
        return None
    if np.array_equal(evidence.expected, evidence.actual):
        return None
    with np.errstate(all="ignore"):
        # Any larger mistake would show, so only digits or single points can be wrong.
        near = _same(evidence.expected, evidence.actual)
        rules = NEARLY_RIGHT if near else RULES
        return next((said for rule in rules if (said := rule(evidence)) is not None), None)


def _same(a: object, b: object, rtol: float = 1e-6) -> bool:
    """Return whether shapes agree and, relative to the largest entry, all values too."""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.size == 0 or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return False
    largest = max(np.abs(a).max(), np.abs(b).max())
    return bool(np.abs(a - b).max() <= rtol * largest)


# --- values that are not finite -------------------------------------------------------------------


def not_finite(e: Evidence) -> str | None:
    """Recognize NaN or infinity in place of a number: an overflow, or 0/0 after one."""
    if e.actual.shape != e.expected.shape:
        return None
    bad = ~np.isfinite(e.actual) & np.isfinite(e.expected)
    if not bad.any():
        return None
    if np.isnan(e.actual[bad]).any():
        return (
            "NaN comes from 0 / 0, or from inf - inf, inf / inf or 0 * inf after an overflow or a "
            "division by 0"
        )
    return "an overflow: an intermediate value is too large for a float, such as exp(710)"


# --- shapes ---------------------------------------------------------------------------------------


def wrong_shape(e: Evidence) -> str | None:
    """Recognize a shape that shows which step was left out."""
    expected, actual = e.expected, e.actual
    if actual.shape == expected.shape:
        return None
    if (said := _permuted(expected, actual)) is not None:
        return said
    if actual.size == expected.size and _same(actual.reshape(expected.shape), expected):
        return "the values are right, but their shape is wrong"
    for axis in range(actual.ndim):
        for keepdims in (False, True):
            if _same(actual.sum(axis=axis, keepdims=keepdims), expected):
                if actual.shape[axis] == e.batch:
                    return "not summed over the batch: your result has one entry for each example"
                return f"not summed over axis {axis}: your result still has an entry for each index"
    if actual.ndim and expected.ndim == 0:
        return "expected a single number, got an array: a sum or a mean is missing"
    if actual.ndim == 0 and expected.ndim:
        return "expected an array, got a single number: did you sum over too many axes?"
    if actual.ndim == expected.ndim >= 2 and actual.shape == expected.shape[::-1]:
        return "the shape is that of the transpose"
    return None


# --- mistakes that the exercise names -------------------------------------------------------


def known_mistake(e: Evidence) -> str | None:
    """Recognize a wrong result that the test foresaw."""
    for said, values in e.mistakes.items():
        values = np.asarray(values)
        if _same(values, e.actual):
            return said
        odd = ~np.isfinite(values)  # NaN or infinity may be what identifies a mistake
        if odd.any() and values.shape == e.actual.shape and _equal(values[odd], e.actual[odd]):
            if odd.all() or _same(values[~odd], e.actual[~odd]):
                return said
    return None


def _equal(a: np.ndarray, b: np.ndarray) -> bool:
    """Return whether two arrays hold the same numbers, including NaN and infinities."""
    return np.array_equal(a, b, equal_nan=True)


def close_mistake(e: Evidence) -> str | None:
    """Recognize a foreseen result that is almost right, such as a one-sided difference."""
    if e.actual.shape != e.expected.shape or e.actual.size == 0:
        return None
    off = np.abs(e.actual - e.expected).max()
    for said, values in e.mistakes.items():
        values = np.asarray(values)
        if values.shape == e.actual.shape and np.abs(values - e.actual).max() <= 0.1 * off:
            return said
    return None


def missing_factor(e: Evidence) -> str | None:
    """Recognize a named factor, such as the inner derivative, that is missing or applied twice."""
    for name, factor in e.factors.items():
        if _same(e.actual * factor, e.expected) and not _same(e.actual, e.expected):
            return f"a factor is missing: {name}"
        if _same(e.expected * factor, e.actual) and not _same(e.actual, e.expected):
            return f"one factor too many: {name}"
    return None


# --- the whole array is off by one number ---------------------------------------------------------


def all_zero(e: Evidence) -> str | None:
    """Recognize a result of nothing but zeros."""
    if e.actual.size > 1 and not e.actual.any() and e.expected.any():
        if e.actual.dtype.kind in "iub":
            return (
                "all zeros, and integers: fractions are cut off when stored in an array of integers"
            )
        return "all zeros: is the result ever stored in the array that you return?"
    return None


def truncated_to_integers(e: Evidence) -> str | None:
    """Recognize right numbers that were cut off to integers."""
    if e.actual.dtype.kind not in "iub" or e.actual.shape != e.expected.shape:
        return None
    hair = 1e-6 * np.sign(e.expected)  # a measured 1 may be 0.9999999, which becomes 0
    cut = (e.actual == np.trunc(e.expected)) | (e.actual == np.trunc(e.expected - hair))
    if cut.all():
        return "the fractions are cut off: the array that holds the result has an integer dtype"
    return None


def sign_flipped(e: Evidence) -> str | None:
    """Recognize a flipped sign."""
    return "the sign is flipped" if _same(-e.actual, e.expected) else None


def constant_factor(e: Evidence) -> str | None:
    """Recognize a result that is a multiple of the right one; common factors have a name."""
    expected, actual = e.expected, e.actual
    if actual.shape != expected.shape or actual.dtype.kind == "c" or not np.any(expected):
        return None
    peak = np.unravel_index(np.abs(expected).argmax(), expected.shape)
    ratio = float(actual[peak]) / float(expected[peak])
    if not np.isfinite(ratio) or abs(ratio) < 1e-12 or not _same(expected * ratio, actual):
        return None
    if abs(ratio - 1) < 1e-4 or (expected.size == 1 and not _is_telling(ratio, e)):
        return None  # any two numbers differ by some factor
    sign = "minus " if ratio < 0 else ""
    ratio = abs(ratio)
    if e.batch and e.batch > 1:
        if np.isclose(ratio, 1 / e.batch, rtol=1e-6):
            return (
                f"everything is {sign}1/{e.batch} of what it should be: divided by the batch "
                f"(B = {e.batch}) once too often?"
            )
        if np.isclose(ratio, e.batch, rtol=1e-6):
            return (
                f"everything is {sign}{e.batch} times what it should be: is the division by the "
                f"batch (B = {e.batch}) missing?"
            )
    for name, size in e.sizes.items():
        if size > 1 and np.isclose(ratio, 1 / size, rtol=1e-6):
            return (
                f"everything is {sign}1/{size} of what it should be: did you divide by "
                f"{name} = {size}?"
            )
        if size > 1 and np.isclose(ratio, size, rtol=1e-6):
            return f"everything is {sign}{size} times what it should be, and {name} = {size}"
    if np.isclose(ratio, 2.0, rtol=1e-6):
        return f"everything is {sign}twice what it should be: a factor 1/2 is missing"
    if np.isclose(ratio, 0.5, rtol=1e-6):
        return f"everything is {sign}half of what it should be: a factor 2 is missing"
    return f"everything is off by the same factor, {sign}{ratio:.6g}"


def _is_telling(ratio: float, e: Evidence) -> bool:
    """Return whether the factor between two single numbers is one that a mistake would produce."""
    telling = [2.0, 0.5, *([e.batch, 1 / e.batch] if e.batch else [])]
    telling += [s for size in e.sizes.values() if size for s in (size, 1 / size)]
    return any(np.isclose(abs(ratio), t, rtol=1e-6) for t in telling)


# --- the right numbers in the wrong places --------------------------------------------------------


def transposed(e: Evidence) -> str | None:
    """Recognize swapped axes of equal length, which the shape does not show."""
    return _permuted(e.expected, e.actual) if e.actual.shape == e.expected.shape else None


def _permuted(expected: np.ndarray, actual: np.ndarray) -> str | None:
    """Return which order of its axes would make `actual` right, if there is one."""
    if actual.ndim >= 2 and _same(np.swapaxes(actual, -1, -2), expected):
        return "the result is transposed"
    for axes in list(itertools.permutations(range(actual.ndim)))[1:]:  # the first is the identity
        if _same(actual.transpose(axes), expected):
            return f"the axes are in the wrong order: your result is right after transpose{axes}"
    return None


def reordered(e: Evidence) -> str | None:
    """Recognize the right numbers in reverse order."""
    if e.actual.ndim == 1 and e.actual.size > 1 and _same(e.actual[::-1], e.expected):
        return "the right numbers in reverse order"
    return None


# --- single points --------------------------------------------------------------------------------


def at_the_kink(e: Evidence) -> str | None:
    """Recognize a result that is right everywhere except where x is 0."""
    if e.x is None or e.actual.shape != e.expected.shape or np.shape(e.x) != e.expected.shape:
        return None
    if e.actual.ndim == 0:
        return None
    wrong = ~np.isclose(e.actual, e.expected, rtol=1e-6, atol=1e-12)
    zero = np.asarray(e.x) == 0
    if not wrong.any() or (wrong & ~zero).any() or zero.all():
        return None
    actual, expected = float(e.actual[wrong][0]), float(e.expected[wrong][0])
    average = ", the average of the slopes on both sides" if actual == 0.5 else ""
    return (
        f"correct except at x = 0: you return {actual:g} at the kink{average}, where this course "
        f"takes the slope {expected:g}"
    )


def other_branch(e: Evidence) -> str | None:
    """Recognize a result that is right on only one side of zero."""
    if e.x is None or e.actual.shape != e.expected.shape or np.shape(e.x) != e.expected.shape:
        return None
    x = np.asarray(e.x)
    if e.actual.ndim == 0 or not ((x < 0).any() and (x > 0).any()):
        return None
    wrong = ~np.isclose(e.actual, e.expected, rtol=1e-6, atol=1e-12)
    if wrong[x < 0].all() and not wrong[x > 0].any():
        return "correct for positive x, wrong for every negative x"
    if wrong[x > 0].all() and not wrong[x < 0].any():
        return "correct for negative x, wrong for every positive x"
    return None


# --- near misses ----------------------------------------------------------------------------------


def complement(e: Evidence) -> str | None:
    """Recognize one minus the right result, or its reciprocal."""
    if e.expected.size < 2:
        return None
    if _same(1 - e.actual, e.expected):
        return "you return 1 minus the right result"
    if e.actual.all() and _same(1 / e.actual, e.expected):
        return "you return the reciprocal of the right result"
    return None


def lost_precision(e: Evidence) -> str | None:
    """Recognize an almost right result: a numerical derivative, or float32 in between."""
    if e.actual.shape != e.expected.shape or not np.isfinite(e.actual).all():
        return None
    if not _same(e.actual, e.expected, rtol=1e-4) or e.actual.dtype.kind == "c":
        return None
    largest = np.abs(e.expected).max()
    error = np.abs(e.actual - e.expected).max() / largest if largest else 0.0
    rounded = np.array_equal(e.expected.astype(np.float32), e.actual)
    if e.actual.dtype == np.float32 or (error > 1e-8 and rounded):
        return "the values went through float32: compute in float64"
    if error > 1e-12:
        return (
            f"close, but off by {error:.0e} of the largest entry: digits were lost to "
            "cancellation, or a value was approximated or cut off"
        )
    return None


RULES: list[Callable[[Evidence], str | None]] = [
    known_mistake,
    not_finite,
    wrong_shape,
    all_zero,
    truncated_to_integers,
    sign_flipped,
    missing_factor,
    constant_factor,
    transposed,
    reordered,
    at_the_kink,
    complement,
    other_branch,
    lost_precision,
]

NEARLY_RIGHT = [close_mistake, truncated_to_integers, at_the_kink, lost_precision]
