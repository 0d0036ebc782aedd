"""Exercises 1.1 and 1.2: forward and central differences."""

from __future__ import annotations

import numpy as np

from byhand.checks import check_close, check_unchanged, scenario, supplied
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, kept, points


def _cube(x: Floats) -> Floats:
    return x**3


def _fifth_power(x: Floats) -> Floats:
    return x**5


def _forward(f: Function, x: Floats, h: float) -> Floats:
    return (f(x + h) - f(x)) / h


def _ignored_steps(x: Floats) -> dict[str, Floats]:
    """Return the slope of x ** 3 for steps that are usual but not the one asked for."""
    said = "h is ignored: this is the slope for a step of"
    return {
        f"{said} 0.001": _forward(_cube, x, 1e-3),
        f"{said} 0.0001": _forward(_cube, x, 1e-4),
        f"{said} 0.00001": _forward(_cube, x, 1e-5),
        f"{said} a millionth or less": 3 * x**2,
    }


@scenario
def _slopes(difference: Function, x: float, steps: list[float]) -> list[float]:
    return [difference(np.exp, x, h) for h in steps]


def forward_difference_values(forward_difference: Function, draw: int = 0) -> None:
    """Check the slope of the secant, for a number and an array; x is left as it was."""
    x = points(draw)
    for h in (0.3, -0.2):  # to the right and to the left
        near, far, back = _cube(x), _cube(x + h), _cube(x - h)
        with np.errstate(all="ignore"):
            by_x = (far - near) / x
        mistakes = {
            "this is the central difference, which also looks back": (far - back) / (2 * h),
            "the difference is not divided by h": far - near,
            "this is the rise times h: divide by h": (far - near) * h,
            "the difference is divided by h squared": (far - near) / h**2,
            "the difference is divided by 2 * h, but the points are h apart": (
                (far - near) / (2 * h)
            ),
            "f(x) alone is divided by h: bracket the difference": far - near / h,
            "f(x + h) alone is divided by h: bracket the difference": far / h - near,
            "f(x) is added: the rise is a difference": (far + near) / h,
            "the rise is divided by x; the run is h": by_x,
            "f(h) is used; the second point is at x + h": (_cube(np.asarray(h)) - near) / h,
            "f(x) + h is used; the step belongs to the argument": np.ones_like(x),
            **_ignored_steps(x),
        }
        if h > 0:
            mistakes["this is the slope of the step back, from x - h to x"] = (near - back) / h
        else:  # the same numbers, but another mistake
            mistakes["h has lost its sign: a negative h looks to the left"] = (back - near) / -h
        check_close(
            check_unchanged(forward_difference, _cube, x, h, what="forward_difference"),
            (far - near) / h,
            what=f"forward_difference(f, x, {h}) for f(x) = x ** 3",
            x=x,
            mistakes=mistakes,
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
        hint="a forward difference is off by about h f'' / 2: half the step, half the error",
        mistakes={
            "a factor 4 is the central difference's": 4.0,
            "the error does not shrink with h": 1.0,
        },
    )


@kept
def _central_slips(x: Floats, h: float) -> dict[str, Floats]:
    """Return what common slips give in place of the central difference of x ** 5."""
    ahead, here, back = _fifth_power(x + h), _fifth_power(x), _fifth_power(x - h)
    half_ahead, half_back = _fifth_power(x + h / 2), _fifth_power(x - h / 2)
    far_ahead, far_back = _fifth_power(x + 2 * h), _fifth_power(x - 2 * h)
    asked = "is that how far apart the two points are?"
    return {
        "a / 2 * h divides by 2 and multiplies by h: bracket the divisor": (ahead - back) / 2 * h,
        f"this divides by h: {asked}": (ahead - back) / h,
        f"this divides by h squared: {asked}": (ahead - back) / h**2,
        f"this divides by 2: {asked}": (ahead - back) / 2,
        "the rise is not divided by the run": ahead - back,
        "only f(x - h) is divided: bracket the difference": ahead - back / (2 * h),
        "only f(x - h) is divided, and then multiplied by h: mind the brackets": (
            ahead - back / 2 * h
        ),
        "this is the mean of the values on both sides, not a slope": (ahead + back) / 2,
        "this is the forward difference": (ahead - here) / h,
        "this is the backward difference, from x - h to x": (here - back) / h,
        "this starts from x: the secant runs from one side to the other": (ahead - here) / (2 * h),
        "this is a forward difference with twice the step: look to both sides": (
            _forward(_fifth_power, x, 2 * h)
        ),
        "f(x - h) is added: subtract it": (ahead + back) / (2 * h),
        "f(x + h) - 2 f(x) + f(x - h) measures the second derivative": (
            (ahead - 2 * here + back) / h**2
        ),
        "the points are half a step away: take x - h and x + h": (half_ahead - half_back) / h,
        "the points are 2 * h away: take x - h and x + h": (far_ahead - far_back) / (2 * h),
        "h is ignored: this is the slope for a tiny step": 5 * x**4,
    }


def central_difference_values(central_difference: Function, draw: int = 0) -> None:
    """Check the slope of the symmetric secant, for a number and an array; x is left as it was."""
    x = points(draw)
    with supplied(forward_difference=_forward):
        for h in (0.3, -0.2):  # the secant is the same, whichever way it is walked
            check_close(
                check_unchanged(central_difference, _fifth_power, x, h, what="central_difference"),
                (_fifth_power(x + h) - _fifth_power(x - h)) / (2 * h),
                what=f"central_difference(f, x, {h}) for f(x) = x ** 5",
                x=x,
                atol=1e-12,
                mistakes=_central_slips(x, h),
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
        hint="looking both ways leaves a quarter of the error at half the step",
        mistakes={
            "a factor 2 is the forward difference's": 2.0,
            "a factor 16 is that of a formula with more than two values of f": 16.0,
            "the error does not shrink with h": 1.0,
        },
    )
