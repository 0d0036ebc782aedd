"""Exercise 1.10: the slope of tanh."""

from __future__ import annotations

import numpy as np

from byhand.checks import check_close, check_quiet, check_unchanged, supplied
from byhand.differences.calls import Function
from byhand.exercises.derivatives.sigmoid import Numbers, _reciprocal, _sigmoid, _slope
from byhand.exercises.samples import Floats, points

OVERFLOW = "exp and cosh overflow above 710: let no large positive number reach them"
EARLIER = {
    "sigmoid": _sigmoid,
    "sigmoid_derivative": _slope,
    "sigmoid_derivative_from_output": lambda output: output * (1 - output),
}


def _tanh_slope(x: Numbers) -> Floats:
    return 4 * _slope(2 * x)


def tanh_derivative_values(tanh_derivative: Function, draw: int = 0) -> None:
    """Check ordinary numbers of both signs; x is left as it was."""
    x = points(draw)
    t, cosh, small = np.tanh(x), np.cosh(x), np.exp(-2 * np.abs(x))
    with supplied(**EARLIER, tanh_derivative_from_output=lambda output: 1 - output**2):
        check_close(
            check_unchanged(tanh_derivative, x, what="tanh_derivative"),
            1 / cosh**2,
            what="tanh_derivative(x)",
            x=x,
            rtol=1e-12,
            mistakes={
                "this is tanh itself, not its slope": t,
                "the square of tanh is missing: this is 1 - tanh(x)": 1 - t,
                "this is the right result for x / 2: a factor 2 in front of x is missing": (
                    1 / np.cosh(x / 2) ** 2
                ),
                "this is the slope of sigmoid": _slope(x),
                "this is the slope of sigmoid at 2x, a quarter of the right one": _slope(2 * x),
                "the denominator of the quotient rule is squared: this is 1 / cosh(x)": 1 / cosh,
                "this is s' / c', but the slope of a quotient is not the quotient of the slopes": (
                    _reciprocal(t)
                ),
                "the denominator is not squared: this is 4 / (e^x + e^-x)": 2 / cosh,
                "the denominator is not squared: this is 4 q / (1 + q) with q = e^(-2 abs(x))": (
                    4 * small / (1 + small)
                ),
                "the denominator of tanh is a sum, and here it is a difference": (
                    _reciprocal(np.sinh(x) ** 2)
                ),
                "tanh * 2 is not the square of tanh": 1 - 2 * t,
                "(1 - tanh) ** 2 is not 1 - tanh ** 2": (1 - t) ** 2,
                "this is the formula for the output, but with x in its place": 1 - x**2,
            },
            terms={"1": np.ones_like(x), "-tanh(x) ** 2": -(t**2)},
        )


def tanh_derivative_range(tanh_derivative: Function, draw: int = 0) -> None:
    """Check the digits far from 0 on both sides, no warning at 1000, and integers."""
    with supplied(**EARLIER, tanh_derivative_from_output=lambda output: 1 - output**2):
        for x in (20.0 + draw % 9, -20.0 - draw % 9):
            check_close(
                tanh_derivative(x),
                _tanh_slope(x),
                what=f"tanh_derivative({x})",
                mistakes={
                    "two numbers that are equal in float64 were subtracted, and no digit is left: "
                    "find a form without that subtraction": 0.0
                },
            )
        ends = np.array([-1000.0, 1000.0, -750.0 - draw % 200])
        check_close(
            check_quiet(tanh_derivative, ends, what=f"tanh_derivative({ends})", hint=OVERFLOW),
            np.zeros(3),
            what=f"tanh_derivative({ends})",
            atol=1e-300,
        )
        many = np.array([-345.0, -50.5, -19.0, -6.5, 6.0, 10.0, 51.0, 344.0]) + draw % 7 / 10
        check_close(tanh_derivative(many), _tanh_slope(many), what="tanh_derivative(x)", x=many)
        whole = np.array([-3, 0, 2 + draw % 3])
        check_close(
            tanh_derivative(whole),
            _tanh_slope(whole),
            what="tanh_derivative of an array of integers",
        )
        for number in (2 + draw % 3, -1, 0.5):
            check_close(
                tanh_derivative(number),
                _tanh_slope(number),
                what=f"tanh_derivative({number})",
            )


def tanh_derivative_from_output(function: Function, draw: int = 0) -> None:
    """Check the slope from the output alone, near -1 and 1 too; the output is left as it was."""
    output = points(draw, low=-0.97, high=0.97)
    what = "tanh_derivative_from_output"
    with supplied(**EARLIER, tanh_derivative=_tanh_slope):
        check_close(
            check_unchanged(function, output, what=what),
            1 - output**2,
            what=f"{what}(output)",
            x=output,
            rtol=1e-12,
            mistakes={
                "tanh is applied once more, but output is its value already": 1
                - np.tanh(output) ** 2,
                "the square of output is missing: this is 1 - output": 1 - output,
                "(1 - output) ** 2 is not 1 - output ** 2": (1 - output) ** 2,
                "output * 2 is not the square of output": 1 - output * 2,
                "output * (1 - output) is the formula for sigmoid": output * (1 - output),
            },
            terms={"1": np.ones_like(output), "-output ** 2": -(output**2)},
        )
        x = np.array([-7.5, -4.0, -1.25, 2.5, 5.0, 7.0]) + draw % 5 / 10
        check_close(function(np.tanh(x)), _tanh_slope(x), what=f"{what}(tanh(x))", x=x, rtol=1e-8)
        number = 0.3 + draw % 4 / 10
        check_close(function(number), 1 - number**2, what=f"{what}({number})")
