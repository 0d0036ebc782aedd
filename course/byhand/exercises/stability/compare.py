"""Exercise 6.1: the relative error of two gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import check_close, check_raises, check_unchanged
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, kept, points, unlike

NOTHING = "where both entries are 0 the error is 0: what does 0 / 0 give?"
# Signs of a gradient, and what it is multiplied by: no two measures of an error agree on it.
SIGNS = np.array([[1, -1, -1, 1], [1, 1, 1, -1], [1, -1, -1, 1]])
FAULTS = np.array([[1.3, -0.6, 0.25, 0.9], [3.1, 1.2, 0.8, 1.15], [0.7, 1.05, 1.9, 1.4]])
SHAPES = "compare the shapes first: NumPy broadcasts where it can"


@kept
def _slips(a: Floats, b: Floats) -> dict[str, Any]:
    """Return what other measures of an error give."""
    off, size, both = np.abs(a - b), np.maximum(np.abs(a), np.abs(b)), np.abs(a) + np.abs(b)
    norm = np.linalg.norm
    with np.errstate(all="ignore"):
        slips = {
            "this is absolute: divide by the size of the entries": off.max(),
            "divided by |a| + |b|: divide by the larger one of the two": (off / both).max(),
            "divided by the mean of |a| and |b|: divide by the larger one of the two": (
                2 * off / both
            ).max(),
            **_by_one(off, {"|a|": np.abs(a), "|b|": np.abs(b)}),
            "a difference with a minus sign is lost: take its absolute value": max(
                ((a - b) / size).max(), 0.0
            ),
            "a difference with a plus sign is lost: take the absolute value of a - b": max(
                ((b - a) / size).max(), 0.0
            ),
            "the sizes are subtracted, which hides a wrong sign: subtract first": (
                np.abs(np.abs(a) - np.abs(b)) / size
            ).max(),
            "a and b lose their signs in the denominator: np.maximum(a, b) needs sizes": (
                off / np.maximum(a, b)
            ).max(),
            "this is the mean over the entries: return the largest": (off / size).mean(),
            "this is the sum over the entries: return the largest": (off / size).sum(),
            "this is the smallest error: return the largest": (off / size).min(),
            "one norm for all entries: it lets a large entry hide a small one": norm(a - b)
            / (norm(a) + norm(b)),
            "a norm, divided by the larger norm: it lets a large entry hide a small one": norm(
                a - b
            )
            / max(norm(a), norm(b)),
            "the largest difference is divided by the largest entry: divide entry by entry": (
                off.max() / size.max()
            ),
            "these are the errors of all entries: return the largest": off / size,
            "only the first entry is looked at": (off / size).flat[0],
            "only the last entry is looked at": (off / size).flat[-1],
        }
        for small in (1e-12, 1e-10, 1e-8, 1e-7, 1e-6):
            said = f"{small:g} is added to the denominator: it hides what is smaller"
            slips[said] = (off / (size + small)).max()
            slips |= unlike(
                {f"{said}, and so does |a| + |b|": (off / (both + small)).max()},
                (off / both).max(),
                rtol=1e-4,
            )
            slips[f"the denominator is never below {small:g}, which hides what is smaller"] = (
                off / np.maximum(size, small)
            ).max()
    return slips


def _by_one(off: Floats, sizes: dict[str, Floats]) -> dict[str, Any]:
    """Return what a division by one of two sizes gives; the larger result, by the smaller too."""
    found = {name: (off / size).max() for name, size in sizes.items()}
    larger = max(found, key=lambda name: found[name])
    smaller = ", or by the smaller one of both, as the maximum of two negative numbers is"
    return {
        f"divided by {name}{smaller if name == larger else ''}: divide by the larger one of |a| "
        "and |b|": value
        for name, value in found.items()
    }


def _right(a: Floats, b: Floats) -> float:
    return float(np.max(np.abs(a - b) / np.maximum(np.abs(a), np.abs(b))))


def relative_error_values(relative_error: Function, draw: int = 0) -> None:
    """Check arrays of two and three axes, lists, integers and numbers; a and b are left alone."""
    for shape in ((3, 4), (5,), (3, 4, 5)):
        if shape == FAULTS.shape:
            signs, faults = SIGNS, FAULTS
        else:
            signs = np.where(points(draw + 1, shape) > 0, 1, -1)
            faults = points(draw + 2, shape, 0.2, 1.8)
            faults.flat[1] *= -1
        a = points(draw, shape, 0.5, 3.0) * signs
        b = a * faults
        for first, second in ((a, b), (b, a)):
            right = _right(first, second)
            check_close(
                check_unchanged(relative_error, first, second, what="relative_error"),
                right,
                what=f"relative_error(a, b) of two arrays of shape {shape}",
                mistakes=unlike(_slips(first, second), right),
            )
    last = 4 + draw % 3
    cases: list[tuple[Any, Any]] = [
        ([3.0, -4.0], [3.0, -1.0 - last]),
        ([1, 2, -5], [1, last, -5]),
        (-1.0, float(last)),
        (float(last), -1.0),
        ([0.0, 3.0], [2.0 + draw, 3.0]),
        ([2.0 + draw, 3.0], [0.0, 3.0]),
    ]
    for left, other in cases:
        a, b = np.asarray(left, dtype=float), np.asarray(other, dtype=float)
        right = float((np.abs(a - b) / np.maximum(np.abs(a), np.abs(b))).max())
        check_close(
            relative_error(left, other),
            right,
            what=f"relative_error({left}, {other})",
            mistakes=unlike(_slips(a, b), right),
        )


def relative_error_small(relative_error: Function, draw: int = 0) -> None:
    """Check that a wrong entry shows, however small it is, and whatever else is in the array."""
    for size in (1e-9, 1e-12, 1e-15, 1e-100, 1e-300):
        large = points(draw, (3,), 0.5, 3.0)
        a, b = np.append(large, size), np.append(large, -size)
        check_close(
            relative_error(a, b),
            2.0,
            what=f"relative_error of two gradients that differ in the sign of {size:g} only",
            mistakes=unlike(_slips(a, b), 2.0),
        )
    for size in (1e-15, 1e-100, 1e-300, 1e300):
        a = size * points(draw + 1, (3, 4), 0.3, 0.9)
        b = a.copy()
        b[1, 2] *= 0.75
        check_close(
            relative_error(a, b),
            0.25,
            what=f"relative_error where a quarter of one entry is missing, all near {size:g}",
            mistakes=unlike(_slips(a, b), 0.25),
        )


def relative_error_noise(relative_error: Function, draw: int = 0) -> None:
    """Check the noise: a number, an array, more than the difference, and 0."""
    a = points(draw, (3, 4), 1.0, 3.0) * np.where(points(draw + 1, (3, 4)) > 0, 1, -1)
    b = a + points(draw + 2, (3, 4), 0.3, 0.9) * np.where(points(draw + 3, (3, 4)) > 0, 1, -1)
    a[1, 2], b[1, 2] = -0.04, 0.16  # the largest error, and a difference below the first noise
    off, size = np.abs(a - b), np.maximum(np.abs(a), np.abs(b))
    array = points(draw + 4, (3, 4), 0.05, 0.5)
    array[1, 2] = 0.05  # least noise where it shows
    for noise in (0.25, 0.0, array):
        named = "an array of noises" if np.ndim(noise) else f"noise = {noise}"
        right = float((np.maximum(off - noise, 0) / size).max())
        slips = {
            "noise is ignored": (off / size).max(),
            "noise is in the denominator: subtract it from the difference": (
                off / (size + noise)
            ).max(),
            "noise is subtracted from the quotient: subtract it from the difference": np.maximum(
                off / size - noise, 0
            ).max(),
            "noise is added to the difference: subtract it": ((off + noise) / size).max(),
            "noise only decides which entries count: subtract it too": (
                (off > noise) * off / size
            ).max(),
            "one noise is taken for all entries: each has its own": (
                np.maximum(off - np.max(noise), 0) / size
            ).max(),
            "the mean of the noises is taken for all entries: each has its own": (
                np.maximum(off - np.mean(noise), 0) / size
            ).max(),
            "the difference has lost its absolute value": (
                np.maximum(a - b - noise, 0) / size
            ).max(),
        }
        check_close(
            check_unchanged(relative_error, a, b, noise, what="relative_error"),
            right,
            what=f"relative_error(a, b, noise) with {named}",
            mistakes=unlike(slips, right),
        )
    beyond = np.append(points(draw, (3,), 2.0, 4.0), 1.0)
    moved = beyond + [0.2, -0.1, 0.3, 0.0]
    check_close(
        relative_error(beyond, moved, 0.5),
        0.0,
        what="relative_error(a, b, 0.5) where no difference is above 0.3",
        mistakes={
            "a difference within the noise counts as 0, not less": float(
                ((np.abs(beyond - moved) - 0.5) / np.maximum(beyond, moved)).max()
            ),
            "what the noise leaves has lost its minus: it counts as 0": float(
                (np.abs(np.abs(beyond - moved) - 0.5) / np.maximum(beyond, moved)).max()
            ),
            "noise is ignored": _right(beyond, moved),
        },
    )
    check_close(
        relative_error(np.array([[1.5, 0.0]]), np.array([[1.5, 1e-9]]), np.array([[0.0, 2e-9]])),
        0.0,
        what="relative_error([[1.5, 0]], [[1.5, 1e-9]]) with the noise [[0, 2e-9]]",
    )


def relative_error_edges(relative_error: Function, draw: int = 0) -> None:
    """Check zeros on both sides, NaN and infinity on either, and shapes that differ."""
    a = points(draw, (3, 4), 1.0, 3.0)
    b = a * 0.8
    a[1, 2] = b[1, 2] = 0.0
    with np.errstate(all="ignore"):  # an answer may repair 0 / 0 afterwards
        for first, second, right in ((a, b, 0.2), (0 * a, 0 * a, 0.0)):
            check_close(
                relative_error(first, second),
                right,
                what="relative_error(a, b) where "
                + ("both are 0" if not right else "one pair is (0, 0)"),
                mistakes={
                    "0 / 0 is NaN, and was taken for an entry that is NaN": np.inf,
                    "0 / 0 is NaN, which comes through": np.nan,
                    "where both are 0 the error is 0, not 1": 1.0,
                },
                hint=NOTHING,
            )
    for bad in (np.nan, np.inf, -np.inf):
        odd = b.copy()
        odd[0, 1 + draw % 3] = bad
        for first, second, where in ((odd, a, "a"), (a, odd, "b"), (odd, odd, "both")):
            check_close(
                relative_error(first, second),
                np.inf,
                what=f"relative_error(a, b) with an entry {bad} in {where}",
                mistakes={
                    "NaN passes no comparison, so it must not come through": np.nan,
                    "such an entry is left out: nothing may be certified": 0.2,
                    "such an entry counts as right": 0.0,
                    "inf / inf is NaN: the result must not depend on it": 1.0,
                },
                hint="no gradient with an entry that is not finite may pass: np.isfinite",
            )
    for bad in (np.nan, np.inf):
        check_close(relative_error(bad, 2.0), np.inf, what=f"relative_error({bad}, 2.0)")
    for one, other in (((3,), (3, 1)), ((3,), (1, 3)), ((3, 4), (4, 3)), ((), (4,)), ((), (1,))):
        check_raises(
            ValueError,
            relative_error,
            points(draw, one),
            points(draw, other),
            what=f"relative_error of the shapes {one} and {other}",
            hint=SHAPES,
        )
