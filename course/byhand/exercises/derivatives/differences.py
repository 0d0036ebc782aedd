"""Exercises 1.1 and 1.2: forward and central differences."""

from __future__ import annotations

import numpy as np

from byhand.checks import check_close, check_unchanged, scenario, supplied
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, points


def _cube(x: Floats) -> Floats:
    return x**3


def _forward(f: Function, x: Floats, h: float) -> Floats:
    return (f(x + h) - f(x)) / h


@scenario
def _slopes(difference: Function, x: float, steps: list[float]) -> list[float]:
    return [difference(np.exp, x, h) for h in steps]


def forward_difference_values(forward_difference: Function, draw: int = 0) -> None:
    """Check the slope of the secant, for a number and an array; x is left as it was."""
    x = points(draw)
    for h in (0.5, -0.25):  # to the right and to the left
        near, far = _cube(x), _cube(x + h)
        check_close(
            check_unchanged(forward_difference, _cube, x, h, what="forward_difference"),
            (far - near) / h,
            what=f"forward_difference(f, x, {h}) for f(x) = x ** 3",
            x=x,
            mistakes={
                "this is the central difference, which also looks back": (far - _cube(x - h))
                / (2 * h),
                "this is the slope of the step back, from x - h to x": (near - _cube(x - h)) / h,
                "the difference is not divided by h": far - near,
                "this is the rise times h: divide by h": (far - near) * h,
                "f(x) alone is divided by h: bracket the difference": far - near / h,
                "h has lost its sign: a negative h looks to the left": _forward(_cube, x, abs(h)),
            },
        )
    check_close(
        forward_difference(np.square, 3.0 + draw, 0.5),
        6.5 + 2 * draw,
        what=f"forward_difference(np.square, {3.0 + draw}, 0.5)",
    )
    check_close(
        forward_difference(_cube, np.array([2, -1, 0]), 0.5),
        [15.25, 1.75, 0.25],
        what="forward_difference(f, [2, -1, 0], 0.5) for f(x) = x ** 3 and integers x",
    )


def forward_difference_order(forward_difference: Function, draw: int = 0) -> None:
    """Check that half the step gives half the error: the forward difference is of first order."""
    x = float(points(draw, ()))
    coarse, fine = np.asarray(_slopes(forward_difference, x, [0.01, 0.005])) - np.exp(x)
    check_close(
        np.round(coarse / fine, 1),
        2.0,
        what="the error at h = 0.01 divided by the error at h = 0.005",
        rtol=0.05,
        mistakes={
            "a factor 4 is the central difference's": 4.0,
            "the error does not shrink with h": 1.0,
        },
    )


def central_difference_values(central_difference: Function, draw: int = 0) -> None:
    """Check the slope of the symmetric secant, for a number and an array; x is left as it was."""
    x, h = points(draw), 0.25
    ahead, here, back = _cube(x + h), _cube(x), _cube(x - h)
    with supplied(forward_difference=_forward):
        check_close(
            check_unchanged(central_difference, _cube, x, h, what="central_difference"),
            (ahead - back) / (2 * h),
            what=f"central_difference(f, x, {h}) for f(x) = x ** 3",
            x=x,
            atol=1e-12,
            mistakes={
                "a / 2 * h divides by 2 and multiplies by h: bracket 2 * h": (ahead - back) / 2 * h,
                "the two points are 2h apart, not h: divide by 2 * h": (ahead - back) / h,
                "this is the forward difference": (ahead - here) / h,
                "this is a forward difference with the step 2h: the points are x + h and x - h": (
                    _forward(_cube, x, 2 * h)
                ),
                "f(x - h) is added: subtract it": (ahead + back) / (2 * h),
                "f(x + h) - 2 f(x) + f(x - h) measures the second derivative": (
                    ahead - 2 * here + back
                )
                / h**2,
                "the points are half a step away: take x - h and x + h": (
                    _cube(x + h / 2) - _cube(x - h / 2)
                )
                / h,
            },
        )
        check_close(
            central_difference(np.square, 3.0 + draw, 0.5),
            6.0 + 2 * draw,
            what=f"central_difference(np.square, {3.0 + draw}, 0.5)",
        )
        check_close(
            central_difference(_cube, np.array([2, -1, 0]), 0.5),
            [12.25, 3.25, 0.25],
            what="central_difference(f, [2, -1, 0], 0.5) for f(x) = x ** 3 and integers x",
        )


def central_difference_order(central_difference: Function, draw: int = 0) -> None:
    """Check that half the step gives a quarter of the error: the order is 2."""
    x = float(points(draw, ()))
    with supplied(forward_difference=_forward):
        coarse, fine = np.asarray(_slopes(central_difference, x, [0.02, 0.01])) - np.exp(x)
    check_close(
        np.round(coarse / fine, 1),
        4.0,
        what="the error at h = 0.02 divided by the error at h = 0.01",
        rtol=0.05,
        mistakes={
            "a factor 2 is the forward difference's": 2.0,
            "a factor 16 is that of a formula with more than two values of f": 16.0,
            "the error does not shrink with h": 1.0,
        },
    )
