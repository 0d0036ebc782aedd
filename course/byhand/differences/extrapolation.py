"""The numerics of `byhand.differences`: a ladder of steps, Richardson's triangle, kinks.

For each entry of x a slope is measured with five steps, each a quarter of the one before. Its error
is a series in the square of the step, so pairs of slopes combine into better ones (Richardson
extrapolation), which gives a triangle of candidates. Each has an estimated error: what the last
combination changed, what the next one in its column changes, and the rounding of f that reaches
it. The candidate with the smallest estimated error is taken. Entries that remain in doubt (f has
another scale there, leaves its domain, has a kink or a jump) get a second ladder of much shorter
steps and, if that finds a scale, a third that starts there.

References: L. F. Richardson, "The deferred approach to the limit", 1927; C. J. F. Ridders,
"Accurate computation of F'(x) and F'(x) F''(x)", Advances in Engineering Software 4 (1982).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEVELS = 5  # steps in a ladder
NEAR, FAR = 4, 16  # ratio of neighbouring steps: in the first and third ladder, in the second
ROUNDING = float(np.finfo(np.float64).eps) / 2  # of a correctly rounded result, relative
DOUBT = 1e-9  # relative errors above this are in doubt,
DOUBT_NOISE = 5000  # unless this times the rounding at the shortest step explains them
LEAST_JUMP = 1e-6  # relative to f(x); below that it may be rounding within f
SMALLEST = float(np.finfo(np.float64).smallest_subnormal)  # spacing of the floats nearest 0
NOTHING = np.array([[np.nan], [np.inf]])  # value and error where f has no derivative

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Estimate:
    """A numerical derivative, its estimated error, and where f has a kink.

    Attributes
    ----------
    value : ndarray of float64
        The derivative; NaN at a kink, a jump or a pole.
    error : ndarray of float64
        Estimated bound of ``|value - true derivative|``; inf where the value is NaN.
    kinks : ndarray of bool
        Where the one-sided slopes disagree.
    left, right : ndarray of float64
        The one-sided slopes at kinks, NaN elsewhere.
    """

    value: Floats
    error: Floats
    kinks: Bools
    left: Floats
    right: Floats

    def of(self, entries: Indices) -> Estimate:
        """Return the estimate of some of the entries of x, which are the rows of each field."""
        return self._map(lambda field: field[entries])

    def shaped(self, shape: tuple[int, ...]) -> Estimate:
        """Return fields of shape (entries of x, entries of the result) in the given shape."""
        return self._map(lambda field: field.T.reshape(shape))

    def _map(self, change: Callable[[NDArray[Any]], NDArray[Any]]) -> Estimate:
        return Estimate(*map(change, (self.value, self.error, self.kinks, self.left, self.right)))


@dataclass(frozen=True)
class Look:
    """What a ladder of steps shows of k entries of x and m outputs.

    `slope` (L, k, m) is the central difference at each of L steps, `noise` its round-off error,
    `bend` the slope from the right minus that from the left; `size` (k, m) is ``|f(x)|`` divided by
    the scale of x.
    """

    slope: Floats
    noise: Floats
    bend: Floats
    size: Floats

    def of(self, entries: Indices) -> Look:
        """Return the same of some of the k entries."""
        slope, noise, bend = (part[:, entries] for part in (self.slope, self.noise, self.bend))
        return Look(slope, noise, bend, self.size[entries])


def measure(look: Callable[[Floats, Indices], Look], size: int, start: float) -> Estimate:
    """Return an `Estimate` of shape (size, m), from at most three ladders.

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
    with np.errstate(all="ignore"):
        return _measured(look, size, start)


def _measured(look: Callable[[Floats, Indices], Look], size: int, start: float) -> Estimate:
    near_steps = _ladder(np.full(size, start), NEAR)
    near = look(near_steps, np.arange(size))
    best, bent = _slope_and_bend(near, near_steps)
    defined = np.isfinite(near.size)  # f(x) is a number
    best[:, ~defined] = NOTHING
    doubt = (_imprecise(best, near) | bent) & defined
    kinks, sides = np.zeros(doubt.shape, dtype=bool), np.full((2, *doubt.shape), np.nan)
    entries = np.flatnonzero(doubt.any(axis=1))
    if not entries.size:
        return Estimate(best[0], best[1], kinks, sides[0], sides[1])

    near, near_steps, here = near.of(entries), near_steps[:, entries], doubt[entries]
    far_steps = _ladder(np.full(entries.size, start / NEAR**LEVELS), FAR)
    far = look(far_steps, entries)
    here &= ~_unresolved(near, far)
    kink, broken = _faults(far, far_steps, near.size)
    kinks[entries] = here & kink
    sides[:, entries] = np.where(
        here & kink, _best(_one_sided(near, near_steps), _one_sided(far, far_steps))[0], np.nan
    )

    # What is still in doubt has a scale by now: a ladder of close steps starts there.
    so_far = _best(best[:, entries], _extrapolate(far.slope, far.noise, far_steps, power=2))
    so_far = np.where(
        _too_fast(near, near_steps, far, so_far[0]),
        np.stack([far.slope[-1], np.abs(far.slope[-1] - so_far[0])]),
        so_far,
    )
    again = here & ~kink & ~broken & _imprecise(so_far, near) & np.isfinite(so_far[1])
    steps = np.concatenate([near_steps, far_steps])
    slope, noise = np.concatenate([near.slope, far.slope]), np.concatenate([near.noise, far.noise])
    scale = _longest_good(slope, noise, steps, so_far[0])
    scale = np.min(scale, axis=1, where=again & (scale > 0), initial=np.inf)
    found = np.isfinite(scale)
    if found.any():
        last_steps = _ladder(scale[found], NEAR)
        last = look(last_steps, entries[found])
        so_far[:, found] = _best(
            so_far[:, found], _extrapolate(last.slope, last.noise, last_steps, power=2)
        )
    so_far = np.where(kink | broken, NOTHING[..., None], so_far)
    best[:, entries] = np.where(here, so_far, best[:, entries])
    return Estimate(best[0], best[1], kinks, sides[0], sides[1])


def _ladder(longest: Floats, ratio: int) -> Floats:
    """Return steps (L, k)."""
    return longest / float(ratio) ** np.arange(LEVELS)[:, None]


def _extrapolate(slope: Floats, noise: Floats, steps: Floats, power: int | Floats) -> Floats:
    """Return the best candidate of Richardson's triangle and its error: (2, k, m).

    The error of `slope` (L, k, m) is a series in ``steps**power``. A combination removes the
    leading term, which is `weight` times smaller at the shorter step. Its own error is taken to be
    the change over the root of `weight`, halfway between theory (over `weight`) and none. Rounding
    that `noise` does not include shows in the next change of the same column: it does not shrink.
    Where no candidate is finite the value is NaN and the error inf.
    """
    ratio = steps[0, 0] / steps[1, 0] if steps.size else 1.0
    change, following = _changes(slope)
    values = [slope[1:]]
    errors = [np.maximum(change, following) + noise[1:]]
    for column in range(1, LEVELS):
        weight = ratio ** (power * column)
        slope = slope[1:] + (slope[1:] - slope[:-1]) / (weight - 1)
        noise = (weight * noise[1:] + noise[:-1]) / (weight - 1)
        values.append(slope)
        errors.append(np.maximum(change / np.sqrt(weight), following) + noise)
        if column < LEVELS - 1:
            change, following = _changes(slope)
    candidates = np.concatenate(errors)
    candidates[np.isnan(candidates)] = np.inf
    value = np.choose(np.argmin(candidates, axis=0), np.concatenate(values))
    error = np.minimum.reduce(candidates)
    value[np.isinf(error)] = 0.0
    error += 4 * (ROUNDING * np.abs(value) + SMALLEST)  # of the differences and quotients
    return np.array([np.where(np.isfinite(error), value, np.nan), error])


def _changes(column: Floats) -> tuple[Floats, Floats]:
    """Return the changes from one step to the next, and three times those that follow them."""
    change = np.abs(column[1:] - column[:-1])
    return change, 3 * np.concatenate([change[1:], change[-1:]])


def _best(one: Floats, other: Floats) -> Floats:
    """Return, entry by entry, whichever of two pairs (value, error) has the smaller error."""
    return np.where(other[1] < one[1], other, one)


def _unresolved(near: Look, far: Look) -> Bools:
    """Return whether f is smooth at the steps of `near` but gives other slopes at those of `far`.

    That is rounding within f, as when it computes in float32: the shorter steps don't count.
    """
    slope = near.slope[-1]
    ripple = np.fmax(np.abs(slope - near.slope[-2]), np.abs(near.bend[-1]))
    smooth: Bools = ripple < 0.05 * np.abs(slope)
    off: Bools = np.abs(far.slope - slope) > 0.1 * np.abs(slope) + 10 * far.noise
    return smooth & off.any(axis=0)


def _too_fast(near: Look, near_steps: Floats, far: Look, value: Floats) -> Bools:
    """Return whether f varies so fast that only the shortest step shows its slope.

    Slopes over many periods are all about 0 and agree all too well. Then f changes as much as its
    size allows even at the shortest step of `near`.
    """
    restless: Bools = np.abs(near.bend[-1]) * near_steps[-1][:, None] > 0.001 * near.size
    slope = far.slope[-1]
    off: Bools = np.abs(slope - value) > 0.1 * np.abs(slope) + 10 * far.noise[-1]
    return restless & off


def _imprecise(best: Floats, look: Look) -> Bools:
    """Return whether an error is more than rounding explains."""
    explained: Bools = best[1] <= DOUBT * np.abs(best[0]) + DOUBT_NOISE * look.noise[-1]
    return ~explained


def _slope_and_bend(near: Look, steps: Floats) -> tuple[Floats, Bools]:
    """Return the slope and its error (2, k, m), and whether there may be a kink or a jump.

    There the bend seems to have a limit other than 0, or to grow.
    """
    values = np.stack([near.slope, near.bend], axis=1)
    noise = np.stack([near.noise, 4 * near.noise], axis=1)
    powers = np.array([2.0, 1.0])[:, None, None]
    best, (limit, error) = np.moveaxis(_extrapolate(values, noise, steps, powers), 1, 0)
    kinked: Bools = np.abs(limit) > 10 * error
    return best, kinked | (_growth(near.bend, noise[:, 1]) > 0.6)


def _faults(far: Look, steps: Floats, size: Floats) -> tuple[Bools, Bools]:
    """Return (k, m) where f has a kink, and where it has a jump, a pole or a vertical tangent.

    From each step to the next, 16 times shorter, the bend of a smooth function shrinks 16 times or
    more; at a kink it stays as it is; at a jump it grows 16 times.
    """
    bend, slope = _growth(far.bend, 4 * far.noise), _growth(far.slope, far.noise)
    change = np.fmax(np.abs(far.slope[-1]), np.abs(far.bend[-1])) * steps[-1][:, None]
    kink = (bend > 0.6) & (bend < 1.6)
    return kink, ~kink & (np.maximum(bend, slope) >= 1.6) & (change > LEAST_JUMP * size)


def _one_sided(look: Look, steps: Floats) -> Floats:
    """Return value and error (2, 2, k, m) of the slopes from the left and from the right."""
    left, right = look.slope - look.bend / 2, look.slope + look.bend / 2
    return np.stack([_extrapolate(s, 3 * look.noise, steps, power=1) for s in (left, right)], 1)


def _longest_good(slope: Floats, noise: Floats, steps: Floats, value: Floats) -> Floats:
    """Return the longest step (k, m) from which all slopes are within a tenth of `value`."""
    good = np.abs(slope - value) <= 0.1 * np.abs(value) + 10 * noise
    good = np.logical_and.accumulate(good[::-1])[::-1]
    longest: Floats = np.max(np.where(good, steps[..., None], 0.0), axis=0, initial=0.0)
    return longest


def _growth(values: Floats, noise: Floats) -> Floats:
    """Return by how much `values` (L, k, m) grow from each step to the next shorter one.

    The last three values that are clear of the noise and agree decide; if there are none, it is 0.
    """
    ratio = values[1:] / values[:-1]
    clear = np.abs(values) > 10 * noise
    agree = np.abs(ratio[1:] - ratio[:-1]) < 0.2 * np.abs(ratio[1:])
    agree &= clear[2:] & clear[1:-1] & clear[:-2]
    growth = np.zeros(values.shape[1:])
    for last, agrees in zip(ratio[1:], agree, strict=True):
        growth = np.where(agrees, last, growth)
    return growth
