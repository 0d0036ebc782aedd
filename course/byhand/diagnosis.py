"""Name the likely mistake behind a wrong array.

`diagnose` holds what came against what was expected and says in one sentence which slip would
produce exactly that difference: a forgotten sign, a batch that was divided twice, an axis that was
swapped. It only speaks when the slip explains *every* entry; a guess that fits half of them would
send a student in the wrong direction.

Each rule is a pure function ``rule(evidence) -> str | None``. The first rule that answers wins, so
the list at the end runs from the particular to the general.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

__all__ = ["Evidence", "diagnose"]


@dataclass(frozen=True)
class Evidence:
    """What a check knows about a wrong result.

    Attributes
    ----------
    expected, actual : ndarray
        The right values and the ones that came. Shapes may differ.
    x : ndarray or None
        The points that the values belong to, entry by entry, where there are such points.
    batch : int or None
        Number of examples, where the result is a sum or a mean over a batch.
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


def diagnose(expected: object, actual: object, **context: object) -> str | None:
    """Say which mistake would turn `expected` into `actual`.

    Parameters
    ----------
    expected, actual : array_like
        The right values and the ones that came; any numeric dtype, any two shapes.
    **context
        What else is known; see `Evidence`.

    Returns
    -------
    str or None
        One sentence without a full stop, or None where no rule explains every entry.

    Examples
    --------
    >>> diagnose([1.0, -2.0], [-1.0, 2.0])
    'the sign is flipped'
    >>> diagnose([1.0, -2.0], [0.25, -0.5], batch=4)
    'everything is 1/4 of what it should be: divided by the batch (B = 4) once too often?'
    """
    try:
        expected, actual = np.asarray(expected), np.asarray(actual)
        if expected.dtype.kind == "b":  # no slip of arithmetic explains a wrong truth value
            return None
        if actual.dtype.kind == "b":
            actual = actual.astype(np.int64)  # NumPy negates and subtracts no booleans
        evidence = Evidence(expected, actual, **context)
        if evidence.actual.dtype.kind not in "biufc" or evidence.expected.dtype.kind not in "biufc":
            return None
    except (TypeError, ValueError):  # ragged or foreign objects have no diagnosis
        return None
    if np.array_equal(evidence.expected, evidence.actual):
        return None
    with np.errstate(all="ignore"):
        # Almost right: a slip of form would show, so only digits or single points can be wrong.
        near = _same(evidence.expected, evidence.actual)
        rules = NEARLY_RIGHT if near else RULES
        return next((said for rule in rules if (said := rule(evidence)) is not None), None)


def _same(a: object, b: object, rtol: float = 1e-6) -> bool:
    """Whether two arrays agree in shape and, relative to the largest entry, in every value."""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.size == 0 or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return False
    largest = max(np.abs(a).max(), np.abs(b).max())
    return bool(np.abs(a - b).max() <= rtol * largest)


# --- values that are no numbers -------------------------------------------------------------------


def not_finite(e: Evidence) -> str | None:
    """Recognize NaN or infinity where a number belongs: an overflow, or 0/0 after one."""
    if e.actual.shape != e.expected.shape:
        return None
    bad = ~np.isfinite(e.actual) & np.isfinite(e.expected)
    if not bad.any():
        return None
    if np.isnan(e.actual[bad]).any():
        return "NaN: 0 / 0, or inf - inf, inf / inf, 0 * inf after an overflow or a division by 0"
    return "an overflow: a number left the range of floats on the way, exp does so from 710"


# --- shapes ---------------------------------------------------------------------------------------


def wrong_shape(e: Evidence) -> str | None:
    """Recognize a shape that says which step was left out."""
    expected, actual = e.expected, e.actual
    if actual.shape == expected.shape:
        return None
    if (said := _permuted(expected, actual)) is not None:
        return said
    if actual.size == expected.size and _same(actual.reshape(expected.shape), expected):
        return "the values are right, only the shape is not"
    for axis in range(actual.ndim):
        for keepdims in (False, True):
            if _same(actual.sum(axis=axis, keepdims=keepdims), expected):
                where = "over the batch" if actual.shape[axis] == e.batch else f"over axis {axis}"
                return f"not summed {where}: your result has one entry for each example"
    if actual.ndim and expected.ndim == 0:
        return "one number is expected, an array came: a sum or a mean is missing"
    if actual.ndim == 0 and expected.ndim:
        return "an array is expected, one number came: summed too much?"
    if actual.ndim == expected.ndim >= 2 and actual.shape == expected.shape[::-1]:
        return "the shape is that of the transpose"
    return None


# --- a slip that this very exercise invites -------------------------------------------------------


def known_mistake(e: Evidence) -> str | None:
    """Recognize a wrong result that the test foresaw."""
    for said, values in e.mistakes.items():
        values = np.asarray(values)
        if _same(values, e.actual):
            return said
        odd = ~np.isfinite(values)  # a mistake may be known by its NaN or infinity
        if odd.any() and values.shape == e.actual.shape and _equal(values[odd], e.actual[odd]):
            if odd.all() or _same(values[~odd], e.actual[~odd]):
                return said
    return None


def _equal(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two arrays hold the same numbers, NaN and infinities too."""
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
    """Recognize a named factor that is missing, such as the inner derivative, or there twice."""
    for name, factor in e.factors.items():
        if _same(e.actual * factor, e.expected) and not _same(e.actual, e.expected):
            return f"a factor is missing: {name}"
        if _same(e.expected * factor, e.actual) and not _same(e.actual, e.expected):
            return f"one factor too many: {name}"
    return None


# --- the whole array is off by one number ---------------------------------------------------------


def all_zero(e: Evidence) -> str | None:
    """Recognize nothing but zeros where numbers were expected."""
    if e.actual.size > 1 and not e.actual.any() and e.expected.any():
        if e.actual.dtype.kind in "iub":
            return "all zeros, and integers: a float was cut off when it was stored in an int array"
        return "all zeros: is the result ever written, and is it returned?"
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
    """Recognize one factor between all entries; common ones have a name."""
    expected, actual = e.expected, e.actual
    if actual.shape != expected.shape or actual.dtype.kind == "c" or not np.any(expected):
        return None
    peak = np.unravel_index(np.abs(expected).argmax(), expected.shape)
    ratio = float(actual[peak]) / float(expected[peak])
    if not np.isfinite(ratio) or abs(ratio) < 1e-12 or not _same(expected * ratio, actual):
        return None
    if abs(ratio - 1) < 1e-4 or (expected.size == 1 and not _is_telling(ratio, e)):
        return None  # one number always has "a constant factor" to another
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
                f"everything is {sign}{e.batch} times too large: is the division by the batch "
                f"(B = {e.batch}) missing?"
            )
    for name, size in e.sizes.items():
        if size > 1 and np.isclose(ratio, 1 / size, rtol=1e-6):
            return f"everything is {sign}1/{size} of what it should be: divided by {name} = {size}?"
        if size > 1 and np.isclose(ratio, size, rtol=1e-6):
            return f"everything is {sign}{size} times too large: {name} is {size}"
    if np.isclose(ratio, 2.0, rtol=1e-6):
        return f"everything is {sign}twice what it should be: a factor 1/2 is missing"
    if np.isclose(ratio, 0.5, rtol=1e-6):
        return f"everything is {sign}half of what it should be: a factor 2 is missing"
    return f"everything is off by the same factor, {sign}{ratio:.6g}"


def _is_telling(ratio: float, e: Evidence) -> bool:
    """Whether the factor between two single numbers is one that a slip would produce."""
    telling = [2.0, 0.5, *([e.batch, 1 / e.batch] if e.batch else [])]
    telling += [s for size in e.sizes.values() if size for s in (size, 1 / size)]
    return any(np.isclose(abs(ratio), t, rtol=1e-6) for t in telling)


# --- the right numbers in the wrong places --------------------------------------------------------


def transposed(e: Evidence) -> str | None:
    """Recognize swapped axes of equal length, which the shape cannot show."""
    return _permuted(e.expected, e.actual) if e.actual.shape == e.expected.shape else None


def _permuted(expected: np.ndarray, actual: np.ndarray) -> str | None:
    """Say which order of its axes would make `actual` right, if one would."""
    if actual.ndim >= 2 and _same(np.swapaxes(actual, -1, -2), expected):
        return "the result is transposed"
    for axes in list(itertools.permutations(range(actual.ndim)))[1:]:  # the first changes nothing
        if _same(actual.transpose(axes), expected):
            return f"the axes are in the wrong order: transpose{axes} of your result fits"
    return None


def reordered(e: Evidence) -> str | None:
    """Recognize the same numbers in reverse."""
    if e.actual.ndim == 1 and e.actual.size > 1 and _same(e.actual[::-1], e.expected):
        return "the right numbers in reverse order"
    return None


# --- single points --------------------------------------------------------------------------------


def at_the_kink(e: Evidence) -> str | None:
    """Recognize a result that is right everywhere but where x is 0."""
    if e.x is None or e.actual.shape != e.expected.shape or np.shape(e.x) != e.expected.shape:
        return None
    if e.actual.ndim == 0:
        return None
    wrong = ~np.isclose(e.actual, e.expected, rtol=1e-6, atol=1e-12)
    zero = np.asarray(e.x) == 0
    if not wrong.any() or (wrong & ~zero).any() or zero.all():
        return None
    came = float(e.actual[wrong][0])
    if came == 0.5:
        return "right but for x = 0: at the kink the slopes of both sides were averaged"
    return f"right but for x = 0: at the kink {came:g} came, the convention says otherwise"


def other_branch(e: Evidence) -> str | None:
    """Recognize a result that is right on one side of zero only."""
    if e.x is None or e.actual.shape != e.expected.shape or np.shape(e.x) != e.expected.shape:
        return None
    x = np.asarray(e.x)
    if e.actual.ndim == 0 or not ((x < 0).any() and (x > 0).any()):
        return None
    wrong = ~np.isclose(e.actual, e.expected, rtol=1e-6, atol=1e-12)
    if wrong[x < 0].all() and not wrong[x > 0].any():
        return "right for positive x, wrong for every negative x"
    if wrong[x > 0].all() and not wrong[x < 0].any():
        return "right for negative x, wrong for every positive x"
    return None


# --- near misses ----------------------------------------------------------------------------------


def complement(e: Evidence) -> str | None:
    """Recognize one minus the result, or its reciprocal."""
    if e.expected.size < 2:
        return None
    if _same(1 - e.actual, e.expected):
        return "you return 1 minus the result"
    if e.actual.all() and _same(1 / e.actual, e.expected):
        return "you return the reciprocal, 1 / result"
    return None


def lost_precision(e: Evidence) -> str | None:
    """Recognize an almost right result: a numerical derivative, or float32 on the way."""
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
            f"close, but only to {error:.0e} of the largest entry: "
            "digits were lost by cancellation, or a value was measured or cut off"
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
