"""The numerics behind `byhand.differences`: a ladder of steps, Richardson's triangle, kinks.

For each entry of x a slope is measured with five steps, each a quarter of the one before. Its error
is a series in the square of the step, so pairs of slopes combine into better ones (Richardson
extrapolation), which gives a triangle of candidates. Each has an estimated error: what the last
combination changed, what the next one in its column changes, and the rounding of f that reaches
it. The candidate with the smallest one is taken. Entries that come out in doubt (f has another
scale there, leaves its domain, has a kink or a jump) get a second ladder of much shorter steps and,
if that finds a scale, a third that starts there.

References: L. F. Richardson, "The deferred approach to the limit", 1927; C. J. F. Ridders,
"Accurate computation of F'(x) and F'(x) F''(x)", Advances in Engineering Software 4 (1982).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

LEVELS = 5  # steps in a ladder
NEAR, FAR = 4, 16  # ratio of neighbouring steps: in the first and third ladder, in the second
ROUNDING = float(np.finfo(np.float64).eps) / 2  # of a correctly rounded result, relative
DOUBT = 8e6  # an estimated error of more than this many roundings, 1e-9, is in doubt
NOTHING = np.array([[np.nan], [np.inf]])  # value and error where f has no derivative


@dataclass(frozen=True)
class Look:
    """What a ladder of steps shows of k entries of x and m outputs.

    `slope` (L, k, m) is the central difference at each of L steps, `noise` its rounding, `bend`
    the slope from the right less that from the left, `natural` (k, m) the rounding of f(x)
    divided by the scale of x.
    """

    slope: np.ndarray
    noise: np.ndarray
    bend: np.ndarray
    natural: np.ndarray

    def of(self, entries: np.ndarray) -> Look:
        """Return the same of some of the k entries."""
        ladders = (self.slope, self.noise, self.bend)
        return Look(*(part[:, entries] for part in ladders), self.natural[entries])


def measure(look: Callable, size: int, start: float) -> list[np.ndarray]:
    """Return the fields of an `Estimate`, each (size, m), from at most three ladders.

    Parameters
    ----------
    look : callable
        ``look(steps, entries)`` returns a `Look` at k entries of x, moved by `steps` (L, k) times
        their scale.
    size : int
        The number of entries.
    start : float
        The longest step of the first ladder.
    """
    near_steps = np.tile(_ladder(start, NEAR), size)
    near = look(near_steps, np.arange(size))
    best = _extrapolate(near.slope, near.noise, near_steps, power=2)
    defined = np.isfinite(near.natural)  # f(x) is a number
    best[:, ~defined] = NOTHING
    doubt = defined & (_imprecise(best, near.natural) | (_growth(near.bend, 4 * near.noise) > 0.6))
    kinks, sides = np.zeros(doubt.shape, dtype=bool), np.full((2, *doubt.shape), np.nan)
    entries = np.flatnonzero(doubt.any(axis=1))
    if not entries.size:
        return [*best, kinks, *sides]

    far_steps = np.tile(_ladder(start / NEAR**LEVELS, FAR), entries.size)
    far = look(far_steps, entries)
    _improve(best, doubt, entries, far, far_steps)
    # From each step to the next, 16 times shorter, the bend of a smooth function shrinks 16 times
    # or more; at a kink it stays as it is; at a jump it grows 16 times.
    bend, slope = _growth(far.bend, 4 * far.noise), _growth(far.slope, far.noise)
    kinks[entries] = doubt[entries] & (bend > 0.6) & (bend < 1.6)
    broken = doubt[entries] & ~kinks[entries] & (np.maximum(bend, slope) >= 1.6)
    near = near.of(entries)
    sides[:, entries] = np.where(
        kinks[entries],
        _better(_one_sided(near, near_steps[:, entries]), _one_sided(far, far_steps))[0],
        np.nan,
    )
    best[:, entries] = np.where(kinks[entries] | broken, NOTHING[..., None], best[:, entries])

    # What is still in doubt has a scale by now, at which a ladder of close steps starts.
    doubt[entries] &= _imprecise(best[:, entries], near.natural) & np.isfinite(best[1, entries])
    steps = np.concatenate([near_steps[:, entries], far_steps])
    slope, noise = (
        np.concatenate(pair) for pair in ((near.slope, far.slope), (near.noise, far.noise))
    )
    scale = _longest_good(slope, noise, steps, best[0, entries])
    scale = np.min(scale, axis=1, where=doubt[entries] & (scale > 0), initial=np.inf)
    entries, scale = entries[np.isfinite(scale)], scale[np.isfinite(scale)]
    if entries.size:
        last_steps = _ladder(scale, NEAR)
        _improve(best, doubt, entries, look(last_steps, entries), last_steps)
    return [*best, kinks, *sides]


def _ladder(longest: float | np.ndarray, ratio: int) -> np.ndarray:
    """Return steps (L, k)."""
    return longest / float(ratio) ** np.arange(LEVELS)[:, None]


def _extrapolate(slope: np.ndarray, noise: np.ndarray, steps: np.ndarray, power: int) -> np.ndarray:
    """Return the best candidate of Richardson's triangle and its error: (2, k, m).

    The error of `slope` (L, k, m) is a series in ``steps**power``. A combination takes the leading
    term away, which is `weight` times smaller in the shorter step. Its own error is taken to be
    the change over the root of `weight`, halfway between theory (over `weight`) and none. Rounding
    that `noise` knows nothing of shows in the next change in the same column: it does not shrink.
    Where no candidate is finite the value is NaN and the error inf.
    """
    ratio = steps[0, 0] / steps[1, 0] if steps.size else 1.0
    with np.errstate(all="ignore"):
        values = [slope[1:]]
        errors = [np.abs(slope[1:] - slope[:-1]) + noise[1:]]
        for column in range(1, LEVELS):
            weight = ratio ** (power * column)
            change = slope[1:] - slope[:-1]
            following = np.abs(np.concatenate([change[1:], change[-1:]]))
            slope = slope[1:] + change / (weight - 1)
            noise = (weight * noise[1:] + noise[:-1]) / (weight - 1)
            values.append(slope)
            errors.append(np.maximum(np.abs(change) / np.sqrt(weight), 3 * following) + noise)
    error = np.concatenate(errors)
    error[np.isnan(error)] = np.inf
    best = np.argmin(error, axis=0)[None]
    value, error = (np.take_along_axis(p, best, axis=0)[0] for p in (np.concatenate(values), error))
    return np.stack([np.where(np.isfinite(error), value, np.nan), error])


def _improve(
    best: np.ndarray, doubt: np.ndarray, entries: np.ndarray, look: Look, steps: np.ndarray
) -> None:
    """Put what another ladder shows into `best` (2, n, m), where in doubt and better."""
    new = _better(best[:, entries], _extrapolate(look.slope, look.noise, steps, power=2))
    best[:, entries] = np.where(doubt[entries], new, best[:, entries])


def _better(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return, entry by entry, of two pairs (value, error) the one with the smaller error."""
    return np.where(other[1] < one[1], other, one)


def _imprecise(best: np.ndarray, natural: np.ndarray) -> np.ndarray:
    """Whether an error is more than rounding explains."""
    value, error = best
    with np.errstate(invalid="ignore"):
        return ~(error <= DOUBT * np.fmax(ROUNDING * np.abs(value), natural))


def _one_sided(look: Look, steps: np.ndarray) -> np.ndarray:
    """Return value and error (2, 2, k, m) of the slopes from the left and from the right."""
    with np.errstate(all="ignore"):
        left, right = look.slope - look.bend / 2, look.slope + look.bend / 2
    return np.stack([_extrapolate(s, 3 * look.noise, steps, power=1) for s in (left, right)], 1)


def _longest_good(
    slope: np.ndarray, noise: np.ndarray, steps: np.ndarray, value: np.ndarray
) -> np.ndarray:
    """Return (k, m) the longest step from which on all slopes are within a tenth of `value`."""
    with np.errstate(invalid="ignore"):
        good = np.abs(slope - value) <= 0.1 * np.abs(value) + 10 * noise
    good = np.logical_and.accumulate(good[::-1])[::-1]
    return np.max(np.where(good, steps[..., None], 0.0), axis=0, initial=0.0)


def _growth(values: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Return by how much `values` (L, k, m) grow from each step to the next shorter one.

    The last three values that stand clear of the noise tell. Where there are none, or they don't
    agree, the answer is 0.
    """
    growth = np.zeros(values.shape[1:])
    with np.errstate(all="ignore"):
        clear = np.abs(values) > 10 * noise
        for one, two, three, *c in zip(
            values, values[1:], values[2:], clear, clear[1:], clear[2:], strict=False
        ):
            agree = np.abs(three / two - two / one) < 0.2 * np.abs(three / two)
            growth = np.where(np.all(c, axis=0), np.where(agree, three / two, 0.0), growth)
    return growth
