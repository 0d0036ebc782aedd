"""What other measures of a gradient's error give, for exercise 2.13."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.exercises.samples import Floats, kept, unlike


@kept
def judged(a: Floats, n: Floats) -> dict[str, Any]:
    """Return what other measures of an error give."""
    off, size = np.abs(a - n), np.maximum(np.abs(a), np.abs(n))
    smaller = np.minimum(np.abs(a), np.abs(n))
    low = np.where(smaller == 0, 1, smaller)
    norm = np.linalg.norm
    errors = off / size
    signed = (a - n) / size
    sizes = np.abs(np.abs(a) - np.abs(n))
    return {
        "this is absolute: divide by the size of the entries": off.max(),
        "divided by |a| + |n|: the larger one of them is asked for": (
            off / (np.abs(a) + np.abs(n))
        ).max(),
        "divided by the smaller one of both: the larger one is asked for": (off / low).max(),
        "divided by |n|: the larger one of |a| and |n| is asked for": (
            off / np.where(n == 0, 1, np.abs(n))
        ).max(),
        "divided by |a|: the larger one of |a| and |n| is asked for": (
            off / np.where(a == 0, 1, np.abs(a))
        ).max(),
        "a wrong sign is not seen: are sizes subtracted, or is grad compared with itself?": (
            sizes / size
        ).max(),
        "an error with a minus sign is not seen: take the absolute value": signed.max(),
        "an error with a plus sign is not seen: take the absolute value": (-signed).max(),
        "this is the mean over the entries: the largest error is asked for": errors.mean(),
        "this is the sum over the entries: the largest error is asked for": errors.sum(),
        "this is the smallest error: the largest is asked for": errors.min(),
        "one norm for all entries: large entries hide small ones": norm(a - n)
        / (norm(a) + norm(n)),
        "one norm for all entries: large ones hide small ones": norm(a - n) / max(norm(a), norm(n)),
        "one norm for all entries hides the small ones among them": norm(a - n) / norm(n),
        "the largest difference is divided by the largest entry: divide entry by entry": off.max()
        / size.max(),
        "the denominator is never below 1, which hides small entries": (
            off / np.maximum(1, size)
        ).max(),
        "only the first entry is looked at": errors.flat[0],
        "only the last entry is looked at": errors.flat[-1],
        **_other_divisors(a, n, off, size),
    }


def _other_divisors(a: Floats, n: Floats, off: Floats, size: Floats) -> dict[str, Any]:
    errors, norm = off / size, np.linalg.norm
    return {
        "divided by the mean of |a| and |n|: the larger one of them is asked for": (
            2 * off / (np.abs(a) + np.abs(n))
        ).max(),
        "divided by |a + n|: the larger one of |a| and |n| is asked for": (
            off / np.where(a + n == 0, 1, np.abs(a + n))
        ).max(),
        "divided by the root of |a n|: the larger one of |a| and |n| is asked for": (
            off / np.where(a * n == 0, 1, np.sqrt(np.abs(a * n)))
        ).max(),
        "this is the median of the errors: the largest is asked for": np.median(errors),
        "this is the norm of the errors: the largest of them is asked for": norm(errors),
        "the errors are squared": (errors**2).max(),
        "only the first row is looked at": np.max(errors[0]),
        "only the last row is looked at": np.max(errors[-1]),
        "where the gradient by hand is 0 the error counts as 0": np.where(a == 0, 0, errors).max(),
        **{
            f"the denominator is never below {small:g}, which hides small entries": (
                off / np.maximum(size, small)
            ).max()
            for small in (1e-12, 1e-10, 1e-8, 1e-6)
        },
        **{
            f"{small:g} in the denominator hides small entries": (off / (size + small)).max()
            for small in (1e-12, 1e-10, 1e-8, 1e-6)
        },
    }


@kept
def mistakes_of(a: Floats, n: Floats, right: float) -> dict[str, Any]:
    """Return those of them that differ from the right error."""
    return unlike(judged(a, n), right, rtol=0.02)
