"""Exercise 2.13: checks of a gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from byhand.checks import (
    CheckFailed,
    check_close,
    check_quiet,
    check_unchanged,
    may_measure,
    scenario,
    supplied,
)
from byhand.differences.calls import Function
from byhand.exercises.batches import here
from byhand.exercises.gradients.earlier import JACOBIAN, check_gradient_by_hand, measured_by
from byhand.exercises.gradients.errors import judged, mistakes_of
from byhand.exercises.samples import Floats, points, unlike

# Two gradients with another fault in every entry: no two ways to measure an error agree on both.
ODD = np.array([[1.3, 0.8, 0.6, 1.05], [-0.2, 2.1, 1.2, -1.4], [0.9, 1.7, -0.4, 1.4]])
EVEN = np.array([[0.7, 1.15, -2.5, 0.9], [1.4, 0.8, 1.25, 0.65], [1.1, -0.8, 1.5, 0.75]])
RIGHT = 1e-5  # more than the error of a right gradient by differences
WEIGHTS = np.array([[3.0, -50.0, 0.2, 7.0], [-1.0, 0.01, 20.0, 0.6], [400.0, -0.3, 5.0, -9.0]])
LEFT_OUT = "noise is 1e-8 where it is left out"
NOTHING = "where both entries are 0 the error is 0: what does 0 / 0 give?"


@scenario
def _found(
    check: Function, weights: Floats, wrong: Floats, x: Floats, noise: Sequence[float] = ()
) -> Any:
    """Run a check on the gradient ``wrong * z`` of ``(weights * z**2).sum() / 2``."""
    return check(lambda z: (weights * z**2).sum() / 2, lambda z: wrong * z, x, *noise)


@scenario
def _functions() -> Any:
    """Return pairs of a function and its gradient, to be checked beside the student's code."""
    return {
        "cubes": (lambda z: (z**3).sum(), lambda z: 3.0 * z**2),
        "one square": (lambda z: z[0] ** 2, lambda z: np.array([2.0 * z[0], 0.0, 0.0])),
        "constant": (lambda z: 1.5, lambda z: 0.0 * z),
        "valley": (lambda z: (z**3 - 3 * z).sum(), lambda z: 3 * z**2 - 3),
    }


def _error(check: Function, wrong: Floats, x: Floats) -> Any:
    """Return the error that a check finds for a gradient, a number."""
    __tracebackhide__ = True
    found = _found(check, WEIGHTS, wrong, x)
    if isinstance(found, bool | np.bool_):
        raise CheckFailed(
            "check_gradient_by_hand must return the error",
            expected="a number",
            actual=str(found),
            likely="this says whether the error is small: return how large it is",
        )
    if np.shape(found) == x.shape:
        raise CheckFailed(
            "check_gradient_by_hand must return one error, a number",
            actual=f"an array of shape {x.shape}",
            likely="these are the errors of all entries: return the largest",
        )
    return found


def _check_error(check: Function, x: Floats, wrong: Floats, what: str) -> None:
    """Check the error of the gradient ``wrong * x`` at x, of shape (3, 4)."""
    __tracebackhide__ = True
    a, n = wrong * x, WEIGHTS * x
    right = float(np.max(np.abs(a - n) / np.maximum(np.abs(a), np.abs(n))))
    check_close(
        _error(check, wrong, x),
        right,
        what=f"the error of {what}",
        rtol=1e-3,
        mistakes=mistakes_of(a, n, right),
    )


def _check_two(check: Function, x: Floats) -> None:
    """Check the errors of the two gradients that tell all the measures of `judged` apart."""
    __tracebackhide__ = True
    n = WEIGHTS * x
    slips = [judged(factors * n, n) for factors in (ODD, EVEN)]
    check_close(
        [_error(check, factors * WEIGHTS, x) for factors in (ODD, EVEN)],
        [np.max(np.abs(f - 1) / np.maximum(np.abs(f), 1)) for f in (ODD, EVEN)],
        what="the pair of errors of two gradients, with a fault of its own in every entry,",
        rtol=1e-3,
        mistakes={said: [known[said] for known in slips] for said in slips[0]},
    )


def check_gradient_right(check_gradient_by_hand: Function, draw: int = 0) -> None:
    """Check right gradients: a matrix, integers, entries that are 0 in both; x stays as it was."""
    x = points(draw, (3, 4), 0.4, 2.0)
    b = points(draw + 1, (3,), 0.4, 2.0)
    f = _functions()
    with may_measure(), supplied(**measured_by(*JACOBIAN)):
        if np.all(np.abs(_error(check_gradient_by_hand, 2 * WEIGHTS, x)) < RIGHT):
            raise CheckFailed(
                "the error of a gradient that is twice too large is 0",
                likely="a wrong gradient is called right, too",
            )
        check_close(
            _error(check_gradient_by_hand, WEIGHTS, x),
            0.0,
            what="the error of a right gradient of a matrix",
            atol=RIGHT,
        )
        check_unchanged(
            check_gradient_by_hand,
            *f["cubes"],
            b,
            what="check_gradient_by_hand",
        )
        check_close(
            check_gradient_by_hand(*f["cubes"], np.array([2, -3, 1 + draw % 3])),
            0.0,
            what="the error of a right gradient at integers",
            atol=RIGHT,
        )
        unused = check_quiet(
            check_gradient_by_hand,
            *f["one square"],
            b,
            what="check_gradient_by_hand where f ignores two entries",
            hint=NOTHING,
        )
        check_close(
            unused, 0.0, what="the error where f ignores two entries", atol=RIGHT, hint=NOTHING
        )
        constant = check_quiet(
            check_gradient_by_hand,
            *f["constant"],
            b.copy(),
            what="check_gradient_by_hand of a constant f",
            hint=NOTHING,
        )
        check_close(constant, 0.0, what="the error of a constant f", atol=RIGHT, hint=NOTHING)


def check_gradient_wrong(check_gradient_by_hand: Function, draw: int = 0) -> None:
    """Check the error of gradients that are wrong everywhere: in sign, in size, or all 0."""
    x = points(draw + 2, (3, 4), 0.5, 2.0)
    with may_measure(), supplied(**measured_by(*JACOBIAN)):
        _check_two(check_gradient_by_hand, x)
        for factor, what in (
            (-1.0, "a gradient with flipped sign"),
            (2.0, "a gradient that is twice too large"),
            (0.25, "a gradient of which a quarter is left"),
            (1.01, "a gradient that is 1 % too large"),
            (0.99, "a gradient that is 1 % too small"),
            (0.0, "a gradient that is 0 everywhere"),
            (-3.0, "a gradient that is three times too large and has a flipped sign"),
        ):
            _check_error(check_gradient_by_hand, x, factor * WEIGHTS, what)


def check_gradient_entry(check_gradient_by_hand: Function, draw: int = 0) -> None:
    """Check the error of gradients with one wrong entry, a small one among large ones."""
    x = points(draw + 3, (3, 4), 0.8, 1.6)
    with may_measure(), supplied(**measured_by(*JACOBIAN)):
        for place, factor, what in (
            ((1, 1), -1.0, "a gradient in which the smallest entry has a flipped sign"),
            ((0, 0), 0.0, "a gradient whose first entry is missing"),
            ((2, 3), 0.0, "a gradient whose last entry is missing"),
            ((0, 2), 2.0, "a gradient with one entry that is twice too large"),
            ((2, 0), 0.5, "a gradient with one entry that is half of what it should be"),
        ):
            wrong = WEIGHTS.copy()
            wrong[place] *= factor
            _check_error(check_gradient_by_hand, x, wrong, what)
        tiny = np.array([1e-12, 2e-12, -3e-12])
        flipped = tiny * [1, 1, -1]
        b = points(draw, (3,), 0.8, 1.2)
        a, n = flipped * b, tiny * b
        check_close(
            _found(check_gradient_by_hand, tiny, flipped, b),
            2.0,
            what="the error of a flipped entry where all entries are about 1e-12",
            rtol=1e-3,
            mistakes=mistakes_of(a, n, 2.0),
        )


def check_gradient_noise(check_gradient_with_noise: Function, draw: int = 0) -> None:
    """Check a minimum, wrong gradients, NaN and infinity, a noise of 0, and noise left out."""
    low = np.array([1.0, -1.0, 1.5 + draw % 4 / 10])
    x = points(draw + 4, (3, 4), 0.5, 2.0)
    with may_measure(), supplied(**measured_by(*JACOBIAN, "check_gradient_by_hand")):
        _check_beyond(check_gradient_with_noise, x, ODD, 3.0)
        _check_minimum(check_gradient_with_noise, low)
        for factor, noise in (
            (-1.0, 0.0),
            (2.0, 1.0),
            (0.25, 1e-9),
            (0.0, 0.0),
            (-1.0, 1.0),
            (0.25, 1.0),
        ):
            _check_beyond(check_gradient_with_noise, x, factor, noise)
        _check_noise_left_out(check_gradient_with_noise, x[0])
        for bad in (np.nan, np.inf, -np.inf):
            wrong = WEIGHTS.copy()
            wrong[1, 2 - draw % 3] = bad
            found = _found(check_gradient_with_noise, WEIGHTS, wrong, x)
            check_close(
                found,
                np.inf,
                what=f"the error of a gradient with one entry {bad}",
                mistakes={
                    "NaN passes no comparison and is smaller than nothing: ask np.isfinite": np.nan,
                    "the error is finite, though an entry of the gradient is not": found
                    if np.ndim(found) == 0 and np.isfinite(found)
                    else -1.0,
                },
                hint="no entry of the gradient may be passed over: ask np.isfinite before anything",
            )


def _check_minimum(check: Function, low: Floats) -> None:
    """Check the errors of a right gradient at a minimum, and of a constant."""
    __tracebackhide__ = True

    f, by_hand = _functions(), check_gradient_by_hand(*here(_functions)["valley"], low)
    for given in ([1e-8], []):
        name = "check_gradient_with_noise"
        check_close(
            check_unchanged(check, *f["valley"], low, *given, what=name),
            0.0,
            what="the error at a minimum" + ("" if given else ", noise left out"),
            atol=RIGHT,
            hint=None if given else LEFT_OUT,
            mistakes={"noise is not subtracted: rounding counts as an error": by_hand},
        )
    flat = check_quiet(
        check, *f["constant"], low.copy(),
        what="check_gradient_with_noise of a constant f", hint=NOTHING,
    )  # fmt: skip
    check_close(flat, 0.0, what="the error of a constant f", atol=RIGHT, hint=NOTHING)


def _check_beyond(check: Function, x: Floats, factor: Floats | float, noise: float) -> None:
    """Check the error of a gradient of which one entry, or for a large noise all, are wrong."""
    __tracebackhide__ = True
    everywhere = noise >= 1 or np.ndim(factor) > 0
    wrong = WEIGHTS * np.where(WEIGHTS == 0.01, factor, factor if everywhere else 1.0)
    a, n = wrong * x, WEIGHTS * x
    off, size = np.abs(a - n), np.maximum(np.abs(a), np.abs(n))
    right = float((np.maximum(off - noise, 0) / size).max())
    mistakes = {
        "noise is not used": (off / size).max(),
        "noise is subtracted from the relative error: it is an absolute one": (
            np.maximum(off / size - noise, 0).max()
        ),
        "noise only decides which entries count: subtract it too": (
            (off > noise) * off / size
        ).max(),
        "noise is added to the denominator": (off / (size + noise)).max(),
        "an error with a minus sign is not seen: take the absolute value": (
            np.maximum(a - n - noise, 0) / size
        ).max(),
        "an error with a plus sign is not seen: take the absolute value": (
            np.maximum(n - a - noise, 0) / size
        ).max(),
        "noise is added to the difference: subtract it": ((off + noise) / size).max(),
        "noise is subtracted twice": (np.maximum(off - 2 * noise, 0) / size).max(),
        "only half of noise is subtracted": (np.maximum(off - noise / 2, 0) / size).max(),
        "noise is subtracted and added to the denominator, too: the first is enough": (
            np.maximum(off - noise, 0) / (size + noise)
        ).max(),
        "noise is subtracted from the denominator, too: the difference is enough": (
            np.maximum(off - noise, 0) / np.where(size == noise, 1, size - noise)
        ).max(),
        "a difference below noise counts as an error: cut it off at 0": (
            np.abs(off - noise) / size
        ).max(),
        "this is the sum over the entries: the largest error is asked for": (
            np.maximum(off - noise, 0) / size
        ).sum(),
        "this is the mean over the entries: the largest error is asked for": (
            np.maximum(off - noise, 0) / size
        ).mean(),
    }
    check_close(
        _found(check, WEIGHTS, wrong, x, [noise]),
        right,
        what=f"the error of a wrong gradient, with noise = {noise:g},",
        rtol=1e-3,
        mistakes=unlike(mistakes, right, rtol=5e-3),
    )


def _check_noise_left_out(check: Function, x: Floats) -> None:
    """Check the error of a gradient that is off by a little more than the noise left out."""
    __tracebackhide__ = True
    weights = np.array([1e-3, -2e-3, 3e-3, 5e-3])
    wrong = weights + 1.5e-8 / x
    size = np.abs(wrong * x)
    check_close(
        _found(check, weights, wrong, x),
        (0.5e-8 / size).max(),
        what="the error of a gradient that is off by 1.5e-8, with noise left out,",
        rtol=1e-2,
        mistakes={
            "noise is not used": (1.5e-8 / size).max(),
            "noise is larger than 1e-8 where it is left out": 0.0,
            "noise is 1e-9 where it is left out, not 1e-8": (1.4e-8 / size).max(),
        },
        hint=LEFT_OUT,
    )
