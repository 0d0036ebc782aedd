"""What a check knows about a wrong result, and when two results count as the same."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np


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
    terms : mapping of str to array_like, or to a mapping of str to array_like
        The terms that add up to the right values, by name; a term that is a product may be given
        as its factors by name: ``{"f'(x) g(x)": {"f'(x)": df, "g(x)": g}, ...}``.
    swapped : mapping of str to array_like
        The right values of other results of the same call, by name, in whose place the student's
        code returned the right value of this one.
    """

    expected: np.ndarray
    actual: np.ndarray
    x: np.ndarray | None = None
    batch: int | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)
    factors: Mapping[str, object] = field(default_factory=dict)
    mistakes: Mapping[str, object] = field(default_factory=dict)
    terms: Mapping[str, object] = field(default_factory=dict)
    swapped: Mapping[str, object] = field(default_factory=dict)


def same(a: object, b: object, rtol: float = 1e-6) -> bool:
    """Return whether shapes agree and, relative to the largest entry, all values too."""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.size == 0:
        return False
    left, right = _largest(a), _largest(b)
    if not (left < np.inf and right < np.inf):  # infinity or NaN among them
        return False
    return bool(_largest(a - b) <= rtol * max(left, right))


def _largest(a: np.ndarray) -> Any:
    """Return the largest absolute value, which is NaN if one is."""
    return np.maximum.reduce(np.abs(a), axis=None)


def close(one: float, other: float) -> bool:
    """Return what ``np.isclose(one, other, rtol=1e-6)`` does, for two numbers."""
    return math.isfinite(other) and abs(one - other) <= 1e-8 + 1e-6 * abs(other)


def explains(e: Evidence, predicted: object, rtol: float = 1e-6) -> bool:
    """Return whether `predicted` is the wrong result, and far nearer to it than the right one."""
    predicted = np.asarray(predicted)
    if not same(predicted, e.actual, rtol):
        return False
    if e.actual.shape != e.expected.shape or not np.isfinite(e.expected).all():
        return True
    off = np.abs(e.actual - e.expected)
    return bool(np.abs(predicted - e.actual).max() <= 1e-2 * off.max())


def fits(value: object, shape: tuple[int, ...]) -> bool:
    """Return whether a value can be broadcast to a shape: it may belong to another result."""
    try:
        np.broadcast_to(np.asarray(value), shape)
    except ValueError:
        return False
    return True


def magnitudes(values: np.ndarray) -> int:
    """Return how many different absolute values there are, other than 0."""
    sizes = np.sort(np.abs(values[np.isfinite(values) & (values != 0)]), axis=None)
    return int(np.count_nonzero(np.diff(sizes, prepend=0.0) > 1e-6 * sizes)) if sizes.size else 0


def telling(values: np.ndarray) -> bool:
    """Return whether a relation to these values is hardly a coincidence.

    One small number says little: 1 is minus -1, twice 1/2, and many other things by chance. Two
    different numbers, or one that is no simple fraction, say more.
    """
    count = magnitudes(values)
    if count != 1:
        return count > 1
    parts = [float(_largest(values)) * n for n in range(1, 13)]
    return not any(part < 5.5 and close(part, round(part)) for part in parts)
