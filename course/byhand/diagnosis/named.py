"""Mistakes that a check names: foreseen results, factors, other results of the same call."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from byhand.diagnosis.evidence import Evidence, explains, fits, magnitudes, telling


def known_mistake(e: Evidence) -> Iterator[str]:
    """Recognize a wrong result that the test foresaw."""
    for said, values in e.mistakes.items():
        values = np.asarray(values)
        odd = ~np.isfinite(values)  # NaN or infinity may be what identifies a mistake
        if explains(e, values):
            yield said
        elif odd.any() and values.shape == e.actual.shape:
            rest = ~odd
            alike = np.array_equal(values[odd], e.actual[odd], equal_nan=True)
            if alike and np.allclose(values[rest], e.actual[rest], rtol=1e-6, atol=0):
                yield said


def close_mistake(e: Evidence) -> Iterator[str]:
    """Recognize a foreseen result that is almost right, such as a one-sided difference."""
    off = np.abs(e.actual - e.expected)
    left = {
        said: np.abs(values - e.actual)
        for said, values in ((said, np.asarray(value)) for said, value in e.mistakes.items())
        if values.shape == e.actual.shape
    }
    # an entry far below the largest may be wrong by any factor, so each counts by its own size
    near = np.maximum(0.1 * off, 1e-14 * np.abs(e.expected))
    each = [said for said, gap in left.items() if (gap <= near).all()]
    yield from each or [said for said, gap in left.items() if gap.max() <= 0.1 * off.max()]


def missing_factor(e: Evidence) -> Iterator[str]:
    """Recognize a named factor, such as the inner derivative, that is missing or applied twice."""
    for name, factor in e.factors.items():
        factor = np.asarray(factor)
        if not fits(factor, e.expected.shape) or magnitudes(e.expected) < 2:
            continue
        if magnitudes(factor) < 2:  # constants are compared with each other, by constant_factor
            continue
        if e.actual.any() and explains(e, e.expected / factor):
            yield f"a factor is missing: {name}"
        if explains(e, e.expected * factor):
            yield f"one factor too many: {name}"


def swapped_parts(e: Evidence) -> Iterator[str]:
    """Recognize two results of the same call in each other's place."""
    for name, value in e.swapped.items():
        if telling(np.asarray(value)) and explains(e, value):
            yield f"this is the right value of {name}: the two are swapped"
