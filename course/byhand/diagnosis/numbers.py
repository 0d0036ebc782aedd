"""Mistakes of arithmetic: signs, factors, fractions, infinities, lost digits, single points."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from byhand.diagnosis.evidence import Evidence, close, magnitudes, same, telling


def not_finite(e: Evidence) -> Iterator[str]:
    """Recognize NaN or infinity in place of a number, and say where such values come from."""
    if e.actual.shape != e.expected.shape:
        return
    bad = e.actual[~np.isfinite(e.actual) & np.isfinite(e.expected)]
    if np.isnan(bad).any():
        yield (
            "NaN comes from 0 / 0, from inf - inf, inf / inf or 0 * inf after an overflow or a "
            "division by 0, or from a root, a logarithm or a fractional power of a negative number"
        )
    elif bad.size:
        yield "infinite where a number is expected: a division by 0, or an overflow on the way"


def all_zero(e: Evidence) -> Iterator[str]:
    """Recognize a result of nothing but zeros where different numbers are expected."""
    if e.actual.shape != e.expected.shape or e.actual.any():
        return
    if e.actual.dtype.kind in "iu" and magnitudes(e.expected) > 1:
        yield "all zeros, and integers: fractions are cut off when stored in an array of integers"
    elif magnitudes(e.expected) > 2:
        yield "all zeros: nothing is stored in the result, or what is stored is 0 every time"


def truncated_to_integers(e: Evidence) -> Iterator[str]:
    """Recognize right numbers that were cut off to integers."""
    if e.actual.dtype.kind not in "iu" or e.actual.shape != e.expected.shape:
        return
    hair = 1e-6 * np.sign(e.expected)  # a measured 1 may be 0.9999999, which becomes 0
    cut = (e.actual == np.trunc(e.expected)) | (e.actual == np.trunc(e.expected - hair))
    if cut.all() and e.actual.any() and e.actual.size > 1:
        yield "the fractions are cut off: the array that holds the result has an integer dtype"


def whole_numbers(e: Evidence) -> Iterator[str]:
    """Recognize right numbers whose fractions are cut off, rounded or divided away.

    One small whole number may be there by chance; a larger one, or several, hardly.
    """
    if (
        e.actual.shape != e.expected.shape
        or e.actual.dtype.kind == "c"
        or any(truncated_to_integers(e))
    ):
        return
    if not np.isfinite(e.expected).all() or same(np.rint(e.expected), e.expected):
        return
    if np.abs(e.actual).max() < 10 and np.unique(e.actual).size < 4:
        return
    one = e.expected.size == 1
    if np.array_equal(e.actual, np.trunc(e.expected)):
        yield (
            "the fraction is cut off: // or int(...) makes a whole number, as an array of integers "
            "does"
            if one
            else "the fractions are cut off, as by int(...), // or an array of integers"
        )
    elif np.array_equal(e.actual, np.floor(e.expected)):
        yield f"{'the result is' if one else 'all are'} rounded down: // does that, / does not"
    elif np.array_equal(e.actual, np.rint(e.expected)):
        yield f"{'the result is' if one else 'all are'} rounded to the nearest whole number"


def sign_flipped(e: Evidence) -> Iterator[str]:
    """Recognize a flipped sign."""
    if telling(e.expected) and same(-e.actual, e.expected):
        yield "the sign is flipped"


def constant_factor(e: Evidence) -> Iterator[str]:
    """Recognize a multiple of the right result, and name the factor if it can only be one."""
    expected, actual = e.expected, e.actual
    if actual.shape != expected.shape or actual.dtype.kind == "c" or not telling(expected):
        return
    peak = np.unravel_index(np.abs(expected).argmax(), expected.shape)
    ratio = float(actual[peak]) / float(expected[peak])
    if not np.isfinite(ratio) or abs(ratio) < 1e-12 or not same(expected * ratio, actual):
        return
    if abs(abs(ratio) - 1) < 1e-4:
        return
    fact, causes = _in_words(ratio), set(_causes(e, ratio))
    subject = "the result" if expected.size == 1 else "everything"
    if len(causes) == 1:
        cause = causes.pop()
        yield f"{subject} {fact}{cause}" if cause.startswith((":", ",")) else cause
    elif causes or magnitudes(expected) > 1:  # any two numbers differ by some factor
        yield f"{subject} {fact}"


def _in_words(ratio: float) -> str:
    """Return how the result compares with the right one, without saying why."""
    sign, size = "minus " if ratio < 0 else "", abs(ratio)
    whole = round(size)
    if 2 <= whole < 1000 and close(size, whole):
        return f"is {sign}{'twice' if whole == 2 else f'{whole} times'} what it should be"
    whole = round(1 / size)
    if 2 <= whole < 1000 and close(size, 1 / whole):
        return f"is {sign}{'half' if whole == 2 else f'1/{whole}'} of what it should be"
    return f"is off by the same factor, {sign}{size:.6g}"


def _causes(e: Evidence, ratio: float) -> Iterator[str]:
    """Return what may have brought in a factor: the batch, a size, a named factor, or a half."""

    def is_ratio(number: float) -> bool:
        return close(abs(ratio), number)

    if e.batch and e.batch > 1:
        if is_ratio(1 / e.batch):
            yield f": divided by the batch (B = {e.batch}) once too often?"
        if is_ratio(e.batch):
            yield f": is the division by the batch (B = {e.batch}) missing?"
    for name, size in e.sizes.items():
        if size > 1 and is_ratio(1 / size):
            yield f": did you divide by {name} = {size}?"
        if size > 1 and is_ratio(size):
            yield f", and {name} = {size}"
    for name, value in e.factors.items():
        factor = np.abs(np.asarray(value, dtype=float))
        if factor.size and magnitudes(factor) == 1 and factor.all():
            if is_ratio(1 / factor.flat[0]):
                yield f"a factor is missing: {name}"
            if is_ratio(factor.flat[0]):
                yield f"one factor too many: {name}"
    if is_ratio(2.0):
        yield ": a factor 1/2 is missing, or something is counted twice"
    if is_ratio(0.5):
        yield ": a factor 2 is missing, or one of two equal parts is lost"
    lengths = {1, *e.expected.shape, *e.sizes.values(), e.batch or 1}
    doubles = any(2 * length in lengths for length in lengths)
    if (is_ratio(2.0) or is_ratio(0.5)) and (doubles or magnitudes(e.expected) == 1):
        yield ""  # one length in place of another does it as well, and one number says little


def at_the_kink(e: Evidence) -> Iterator[str]:
    """Recognize a result that is right everywhere except where x is 0."""
    if not _pointwise(e):
        return
    x, wrong = np.asarray(e.x), _wrong(e)
    zero = x == 0
    if not wrong.any() or (wrong & ~zero).any() or zero.all() or not np.isfinite(e.actual).all():
        return
    actual, expected = float(e.actual[wrong][0]), float(e.expected[wrong][0])
    left, right = (np.unique(e.expected[side]) for side in (x < 0, x > 0))
    kinked = left.size == right.size == 1 and left != right and expected in (*left, *right)
    if not kinked:
        yield f"correct except at x = 0: you return {actual:g} there, not {expected:g}"
        return
    average = ", the average of the slopes on both sides" if actual == 0.5 else ""
    yield (
        f"correct except at x = 0: you return {actual:g} at the kink{average}, where this course "
        f"takes the slope {expected:g}"
    )


def other_branch(e: Evidence) -> Iterator[str]:
    """Recognize a result that is right on only one side of zero."""
    if not _pointwise(e):
        return
    x, wrong = np.asarray(e.x), _wrong(e)
    sides = {"negative": x < 0, "positive": x > 0}
    for (good, right), (bad, left) in itertools.permutations(sides.items()):
        enough = np.count_nonzero(right) > 1 and left.any()  # one right value may be chance
        if enough and wrong[left].all() and not wrong[right].any():
            yield f"correct for {good} x, wrong for every {bad} x"


def _pointwise(e: Evidence) -> bool:
    """Return whether each entry belongs to a point x."""
    shape = e.expected.shape
    return e.x is not None and bool(shape) and e.actual.shape == shape == np.shape(e.x)


def _wrong(e: Evidence) -> np.ndarray:
    return ~np.isclose(e.actual, e.expected, rtol=1e-6, atol=1e-12)


def complement(e: Evidence) -> Iterator[str]:
    """Recognize one minus the right result, or its reciprocal."""
    if magnitudes(e.expected) < 2:
        return
    if same(1 - e.actual, e.expected):
        yield "you return 1 minus the right result"
    if e.actual.all() and same(1 / e.actual, e.expected):
        yield "you return the reciprocal of the right result"


def lost_precision(e: Evidence) -> Iterator[str]:
    """Recognize an almost right result: an approximation, or float32 in between."""
    if e.actual.shape != e.expected.shape or not np.isfinite(e.actual).all():
        return
    if not same(e.actual, e.expected, rtol=1e-4) or e.actual.dtype.kind == "c":
        return
    off, size = np.abs(e.actual - e.expected), np.abs(e.expected)
    largest = size.max()
    if (off > 0.1 * size)[size > 1e-10 * largest].any():  # a small entry that is just wrong
        return
    error = off.max() / largest if largest else 0.0
    rounded = np.array_equal(e.expected.astype(np.float32), e.actual)
    if (e.actual.dtype == np.float32 and error < 1e-6) or (error > 1e-8 and rounded):
        yield "the values went through float32: compute in float64"
    elif error > 1e-12:
        yield (
            f"close, but off by {error:.0e} of the largest entry: a value was approximated, cut "
            "off or taken at a point beside the right one, or digits were lost to round-off"
        )
