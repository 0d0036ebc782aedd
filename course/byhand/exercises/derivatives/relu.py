"""Exercises 1.7 and 1.11: ReLU, leaky ReLU and their slopes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from byhand.checks import check_close, check_unchanged, supplied
from byhand.differences.calls import Function
from byhand.exercises.batches import results_of, unchanged_results
from byhand.exercises.samples import Floats, points

TINY = 1e-13  # positive, and no rounding error
Slips = dict[str, Floats]
DEFAULTS = (0.1, 0.2, 0.3, 0.5, 0.05, 0.02, 0.001, 0.0, 1.0)  # of alpha, in place of 0.01
LEFT_OUT = "left out, alpha is {} here"
KINDS = (np.float32, np.float64, np.int64)


def _as_float(x: ArrayLike) -> NDArray[Any]:
    x = np.asarray(x)
    return x if x.dtype == np.float32 else x.astype(np.float64)


def _relu(x: ArrayLike) -> NDArray[Any]:
    return np.maximum(_as_float(x), 0)


def _relu_derivative(x: ArrayLike) -> NDArray[Any]:
    x = _as_float(x)
    return (x > 0).astype(x.dtype)


def _leaky_relu(x: ArrayLike, alpha: float = 0.01) -> NDArray[Any]:
    x = _as_float(x)
    return np.where(x > 0, x, alpha * x).astype(x.dtype)


def _leaky_relu_derivative(x: ArrayLike, alpha: float = 0.01) -> NDArray[Any]:
    x = _as_float(x)
    return np.where(x > 0, 1, alpha).astype(x.dtype)


def _both_sides(draw: int) -> Floats:
    """Return a matrix of numbers on both sides of 0, two of them close to it."""
    x = points(draw)
    x.flat[[draw % 5, 7]] = TINY, -TINY
    return x


def _other_kinds(draw: int) -> list[tuple[str, Any, NDArray[Any], type]]:
    """Return arrays of three dtypes, how to call them, their values, and the dtype of a result."""
    whole = np.array([-4 - draw % 3, 1, 6 + draw % 5])
    return [
        (
            f"of {np.dtype(kind).name} numbers",
            whole.astype(kind),
            whole,
            np.float32 if kind is np.float32 else np.float64,
        )
        for kind in KINDS
    ]


def relu_values(relu: Function, draw: int = 0) -> None:
    """Check that positive numbers pass and the others become 0; x is left as it was."""
    x = _both_sides(draw)
    check_close(
        check_unchanged(relu, x, what="relu"),
        np.where(x > 0, x, 0.0),
        what="relu(x)",
        x=x,
        mistakes={
            "this is the absolute value: negative numbers should become 0": np.abs(x),
            "the negative numbers pass and the positive ones are blocked": np.minimum(x, 0),
            "nothing is blocked: these are the numbers themselves": x,
            "this is the slope, not the value": _relu_derivative(x),
        },
    )


def relu_derivative_values(relu_derivative: Function, draw: int = 0) -> None:
    """Check the slope on both sides of the kink, however close to it; x is left as it was."""
    x = _both_sides(draw)
    right = _relu_derivative(x)
    near = np.abs(x) <= TINY
    with supplied(relu=_relu):
        check_close(
            check_unchanged(relu_derivative, x, what="relu_derivative"),
            right,
            what="relu_derivative(x)",
            x=x,
            mistakes={
                "this is relu itself, not its slope": _relu(x),
                "this is x itself: the slope of a straight line is one number": x,
                "the graph is flat for negative x, it does not fall": np.sign(x),
                "the sides are swapped: this is 1 where numbers are blocked": 1 - right,
                "small positive numbers count as 0: compare with 0 itself": np.where(
                    near, 0, right
                ),
                "close to 0 this is measured by a step across the kink": np.where(near, 0.5, right),
                "the slope is 1 for every x here: numbers below 0 are blocked": np.ones_like(x),
            },
        )


def relu_derivative_kink(relu_derivative: Function, draw: int = 0) -> None:
    """Check that the slope at x = 0 is 0, as this course chooses."""
    x = np.array([-1.5 - draw % 4, 0.0, 2.5 + draw % 3, -0.0, -0.25])
    with supplied(relu=_relu):
        check_close(relu_derivative(x), [0.0, 0.0, 1.0, 0.0, 0.0], what="relu_derivative(x)", x=x)
        kinks = np.zeros((3, 4))  # not generic: the kink itself
        check_close(
            relu_derivative(kinks), np.zeros((3, 4)), what="relu_derivative of an array of zeros"
        )


def relu_numbers(relu: Function, relu_derivative: Function, draw: int = 0) -> None:
    """Check Python numbers, integers, infinities, and the dtype: float32 or else float64."""
    number = 2.5 + draw % 4
    numbers = (number, -number, 3 + draw % 4, -3 - draw % 4)
    ends = np.array([-np.inf, -number, np.inf])
    for x, passed in zip(numbers, results_of(relu, [(x,) for x in numbers]), strict=True):
        check_close(passed, max(x, 0.0), what=f"relu({x})", dtype=np.float64)
    kinds = _other_kinds(draw)
    names, inputs = [f"relu {name}" for name, *_ in kinds], [(x,) for _, x, *_ in kinds]
    found = unchanged_results(relu, inputs, what=names)
    for what, (_, _, values, dtype), passed in zip(names, kinds, found, strict=True):
        check_close(passed, np.maximum(values, 0), what=what, dtype=dtype)
    check_close(
        relu(ends),
        [0.0, 0.0, np.inf],
        what=f"relu([-inf, {-number}, inf])",
        mistakes={
            "infinity times 0, and infinity minus infinity, are NaN: let a condition choose, not a "
            "product or a sum": [np.nan, 0.0, np.inf],
        },
    )
    with supplied(relu=_relu):  # not above: the engine finds the function under test by its name
        slopes = results_of(relu_derivative, [(x,) for x in numbers])
        for x, slope in zip(numbers, slopes, strict=True):
            check_close(slope, float(x > 0), what=f"relu_derivative({x})", dtype=np.float64)
        names = [f"relu_derivative {name}" for name, *_ in kinds]
        found = unchanged_results(relu_derivative, inputs, what=names)
        for what, (_, _, values, dtype), slope in zip(names, kinds, found, strict=True):
            check_close(slope, 1.0 * (values > 0), what=what, dtype=dtype)
        slope, what = relu_derivative(ends), f"relu_derivative([-inf, {-number}, inf])"
        check_close(slope, [0.0, 0.0, 1.0], what=what)


def _of_sides(alpha: float, swapped: Slips, larger: Slips) -> Slips:
    """Return the mistake that can be meant: for alpha above 1 both give the same values."""
    return larger if alpha > 1 else swapped


def leaky_relu_values(leaky_relu: Function, draw: int = 0) -> None:
    """Check both sides for several alpha, above 1 and below 0 too; x is left as it was."""
    x = _both_sides(draw)
    x.flat[[3, 8]] = 0.0, -3.5
    below = np.where(x > 0, 0.0, x)
    rest = x - below
    with supplied(
        relu=_relu, relu_derivative=_relu_derivative, leaky_relu_derivative=_leaky_relu_derivative
    ):
        for alpha in (0.3 + draw % 5 / 10, 2.0 + draw % 3, -0.5, 0.0):
            check_close(
                check_unchanged(leaky_relu, x, alpha, what="leaky_relu"),
                rest + alpha * below,
                what=f"leaky_relu(x, {alpha})",
                x=x,
                mistakes={
                    "alpha is not used: 0.01 takes its place": rest + 0.01 * below,
                    "this is plain ReLU: negative x must not be lost": rest,
                    "for x <= 0 this is alpha itself, not alpha times x": np.where(x > 0, x, alpha),
                    "the sign of alpha * x is flipped": rest - alpha * below,
                    "alpha is added to x, not multiplied": np.where(x > 0, x, x + alpha),
                    "alpha * x is added for positive x too": rest + alpha * x,
                    "alpha multiplies x on both sides: positive x pass unchanged": alpha * x,
                    "this is x itself, on both sides": x,
                    **_of_sides(
                        alpha,
                        {"the sides are swapped: positive x pass": alpha * rest + below},
                        {"the larger one is right for some alpha only": np.maximum(x, alpha * x)},
                    ),
                },
            )
        check_close(
            leaky_relu(x),
            rest + 0.01 * below,
            what="leaky_relu(x), without alpha",
            x=x,
            mistakes={LEFT_OUT.format(alpha): rest + alpha * below for alpha in DEFAULTS},
            hint="when alpha is left out, it is 0.01",
        )


def leaky_relu_derivative_values(leaky_relu_derivative: Function, draw: int = 0) -> None:
    """Check the slope on both sides of the kink for several alpha; x is left as it was."""
    x = _both_sides(draw)
    positive = x > 0
    near = positive & (x <= TINY)
    with supplied(relu=_relu, relu_derivative=_relu_derivative, leaky_relu=_leaky_relu):
        for alpha in (0.3 + draw % 5 / 10, 2.0 + draw % 3, -0.5):
            right = np.where(positive, 1.0, alpha)
            check_close(
                check_unchanged(leaky_relu_derivative, x, alpha, what="leaky_relu_derivative"),
                right,
                what=f"leaky_relu_derivative(x, {alpha})",
                x=x,
                mistakes={
                    "alpha is not used: 0.01 takes its place": np.where(positive, 1.0, 0.01),
                    "this is the slope of plain ReLU": 1.0 * positive,
                    "for negative x the slope is minus alpha here": np.where(positive, 1.0, -alpha),
                    "for negative x this is alpha * x, the value": np.where(positive, 1, alpha * x),
                    "for positive x this is x, the value": np.where(positive, x, alpha),
                    "this is leaky_relu itself, not its slope": np.where(positive, x, alpha * x),
                    "the slope is alpha on both sides here": np.full_like(x, alpha),
                    "small positive numbers count as 0: compare with 0 itself": np.where(
                        near, alpha, right
                    ),
                    **_of_sides(
                        alpha,
                        {"the slopes are swapped": np.where(positive, alpha, 1.0)},
                        {
                            "the sign of x tells the side, not whether x is above alpha * x": (
                                np.where(x > alpha * x, 1.0, alpha)
                            )
                        },
                    ),
                },
            )
        check_close(
            leaky_relu_derivative(x),
            np.where(positive, 1.0, 0.01),
            what="leaky_relu_derivative(x), without alpha",
            x=x,
            mistakes={LEFT_OUT.format(alpha): np.where(positive, 1.0, alpha) for alpha in DEFAULTS},
            hint="when alpha is left out, it is 0.01",
        )


def leaky_relu_numbers(
    leaky_relu: Function, leaky_relu_derivative: Function, draw: int = 0
) -> None:
    """Check the kink, Python numbers, integers and the dtype, for an integer alpha too."""
    x = np.array([-1.5 - draw % 4, 0.0, 2.5 + draw % 3, -0.0, -0.25])
    whole = 3 + draw % 4
    with supplied(relu=_relu, relu_derivative=_relu_derivative):
        check_close(
            leaky_relu_derivative(x, 0.3), [0.3, 0.3, 1, 0.3, 0.3],
            what="leaky_relu_derivative(x, 0.3)", x=x,
        )  # fmt: skip
        numbers = [(number, 0.25) for number in (2.5, -2.5, 0.0, whole, -whole)]
        passed = results_of(leaky_relu, numbers)
        slopes = results_of(leaky_relu_derivative, numbers)
        for number, _ in numbers:
            value, slope = (number, 1.0) if number > 0 else (0.25 * number, 0.25)
            check_close(next(passed), value, what=f"leaky_relu({number}, 0.25)", dtype=np.float64)
            what = f"leaky_relu_derivative({number}, 0.25)"
            check_close(next(slopes), slope, what=what, dtype=np.float64)
        kinds = [(alpha, *kind) for kind in _other_kinds(draw) for alpha in (0.25, 2)]
        calls = [(x, alpha) for alpha, _, x, _, _ in kinds]
        asked = [f"{name}, with alpha = {alpha}" for alpha, name, *_ in kinds]
        whats = [f"leaky_relu {said}" for said in asked]
        of_slopes = [f"leaky_relu_derivative {said}" for said in asked]
        passed = unchanged_results(leaky_relu, calls, what=whats)
        slopes = unchanged_results(leaky_relu_derivative, calls, what=of_slopes)
        for k, (alpha, _, _, values, dtype) in enumerate(kinds):
            right = np.where(values > 0, values, alpha * values)
            check_close(next(passed), right, what=whats[k], dtype=dtype)
            right = np.where(values > 0, 1, alpha)
            check_close(next(slopes), right, what=of_slopes[k], dtype=dtype)
