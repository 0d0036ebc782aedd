"""Exercises 1.8 and 1.9: a sigmoid that cannot overflow, and its slope."""

from __future__ import annotations

import numpy as np

from byhand.checks import check_close, check_quiet, check_unchanged, supplied
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, points

Numbers = float | Floats
TINY = 1e-15  # below this, sigmoid may be off; its slope may not
CLIPS = (10, 15, 20, 25, 30)  # where students clip x; sigmoid is not yet within TINY of its limit
OVERFLOW = "where np.where is used: it computes both of its values for every x, picked or not"


def _sigmoid(x: Numbers) -> Floats:
    return 1 / (1 + np.exp(-np.clip(x, -700, 700)))


@np.errstate(divide="ignore")
def _reciprocal(x: Numbers) -> Floats:
    return np.divide(1, x)


def _small(x: Numbers) -> Floats:
    return np.exp(-np.abs(x))


def _slope(x: Numbers) -> Floats:
    return _small(x) / (1 + _small(x)) ** 2


def _far(draw: int) -> Floats:
    """Return numbers far from 0 on both sides, no two of the same size."""
    return np.array([-1e5, -1000, -745, -41, 37, 93, 733, 1001, 2e4]) + draw % 7 / 10


def sigmoid_values(sigmoid: Function, draw: int = 0) -> None:
    """Check ordinary numbers of both signs; x is left as it was."""
    x = points(draw)
    small = _small(x)
    check_close(
        check_unchanged(sigmoid, x, what="sigmoid"),
        1 / (1 + np.exp(-x)),
        what="sigmoid(x)",
        x=x,
        rtol=1e-12,
        mistakes={
            "this is sigmoid(-x): a sign in the exponent is wrong, or the two cases are swapped": (
                1 / (1 + np.exp(x))
            ),
            "this is 1 / (1 + exp(-abs(x))), which is right for x >= 0 only": 1 / (1 + small),
            "this is exp(-abs(x)) / (1 + exp(-abs(x))), which is right for x < 0 only": (
                small / (1 + small)
            ),
            "1 / 1 + exp(-x) is 1 + exp(-x): bracket the denominator": 1 + np.exp(-x),
            "exp(x) / 1 + exp(x) is twice exp(x): bracket the denominator": 2 * np.exp(x),
            "this is exp(x): the denominator lacks its 1": np.exp(x),
            "numerator and denominator belong to different formulas": np.exp(x) / (1 + np.exp(-x)),
            "this is the slope of sigmoid, not its value": _slope(x),
            "this is the denominator, not the fraction": 1 + small,
            "this is the numerator alone": np.where(x >= 0, 1, small),
            "the denominator has a minus: 1 - exp(-x)": _reciprocal(1 - np.exp(-x)),
            "this is tanh, which lies between -1 and 1": np.tanh(x),
            "this is tanh squeezed between 0 and 1: sigmoid is half as steep": (1 + np.tanh(x)) / 2,
            "this is a straight line, cut off at 0 and 1": np.clip(0.5 + x / 4, 0, 1),
        },
    )


def sigmoid_extremes(sigmoid: Function, draw: int = 0) -> None:
    """Check numbers far from 0: right values, and no warning of an overflow."""
    x = _far(draw)
    small = _small(x)
    values = check_quiet(
        sigmoid, x, what=f"sigmoid of numbers from {x[0]} to {x[-1]}", hint=OVERFLOW
    )
    clipped = {
        f"x is clipped at {at}, where sigmoid is not yet within {TINY} of 0 or 1": _sigmoid(
            np.clip(x, -at, at)
        )
        for at in CLIPS
    }
    check_close(
        values,
        np.where(x >= 0, 1, small) / (1 + small),
        what="sigmoid(x)",
        x=x,
        atol=TINY,
        mistakes={"this is sigmoid(-x): a sign in the exponent is wrong": _sigmoid(-x), **clipped},
    )
    for number in (-1000.0 - draw, 1000.0 + draw):
        check_close(
            check_quiet(sigmoid, number, what=f"sigmoid({number})", hint=OVERFLOW),
            float(number > 0),
            what=f"sigmoid({number})",
            atol=TINY,
        )


def sigmoid_numbers(sigmoid: Function, draw: int = 0) -> None:
    """Check Python numbers and integers, alone and in an array."""
    whole = np.array([[-3, 1, 2 + draw % 4], [0, -1, 4]])
    check_close(
        check_unchanged(sigmoid, whole, what="sigmoid"),
        1 / (1 + np.exp(-whole)),
        what="sigmoid of an array of integers",
    )
    for number in (0.75 + draw % 4, -1.5 - draw % 4, 0, 2, -3):
        check_close(sigmoid(number), 1 / (1 + np.exp(-number)), what=f"sigmoid({number})")


def sigmoid_derivative_values(sigmoid_derivative: Function, draw: int = 0) -> None:
    """Check ordinary numbers of both signs; x is left as it was."""
    x = points(draw)
    s, small = 1 / (1 + np.exp(-x)), _small(x)
    with supplied(sigmoid=_sigmoid, sigmoid_derivative_from_output=lambda s: s * (1 - s)):
        check_close(
            check_unchanged(sigmoid_derivative, x, what="sigmoid_derivative"),
            np.exp(-x) / (1 + np.exp(-x)) ** 2,
            what="sigmoid_derivative(x)",
            x=x,
            rtol=1e-12,
            mistakes={
                "this is sigmoid itself, not its slope": s,
                "this is sigmoid(-x), which lacks a factor: is the denominator squared?": 1 - s,
                "this is the square of sigmoid: the numerator got lost": s**2,
                "this is sigmoid(-x) squared: one of its factors belongs to x, not to -x": (
                    (1 - s) ** 2
                ),
                "the denominator is not squared": small / (1 + small),
                "the denominator has a minus: (1 - exp(-x)) ** 2": (
                    np.exp(-x) * _reciprocal(1 - np.exp(-x)) ** 2
                ),
                "(1 + exp(-x)) ** 2 is not 1 + exp(-2 x)": np.exp(-x) / (1 + np.exp(-2 * x)),
                "the exponent in the numerator has the wrong sign": (
                    np.exp(x) / (1 + np.exp(-x)) ** 2
                ),
                "all zeros, as s * 1 - s is: are brackets missing?": np.zeros_like(x),
                "sigmoid(1 - x) is not 1 - sigmoid(x)": s * _sigmoid(1 - x),
                "this is the formula for the output, but with x in its place": x * (1 - x),
                "1 - s ** 2 belongs to another function: start from the quotient rule": (1 - s**2),
            },
            terms={"sigmoid(x)": s, "-sigmoid(x) ** 2": -(s**2)},
            factors={"sigmoid(x)": s, "sigmoid(-x)": 1 - s},
        )


def sigmoid_derivative_range(sigmoid_derivative: Function, draw: int = 0) -> None:
    """Check the digits far from 0 on both sides, no warning at 1000, and integers."""
    with supplied(sigmoid=_sigmoid, sigmoid_derivative_from_output=lambda s: s * (1 - s)):
        for x in (40.0 + draw % 9, -40.0 - draw % 9):
            check_close(
                sigmoid_derivative(x),
                _slope(x),
                what=f"sigmoid_derivative({x})",
                mistakes={
                    "two numbers that are equal in float64 were subtracted, and no digit is left: "
                    "find a form without that subtraction": 0.0
                },
            )
        ends = np.array([-1000.0, 1000.0, -750.0 - draw % 200])
        check_close(
            check_quiet(
                sigmoid_derivative, ends, what=f"sigmoid_derivative({ends})", hint=OVERFLOW
            ),
            np.zeros(3),
            what=f"sigmoid_derivative({ends})",
            atol=1e-300,
        )
        many = np.array([-700.0, -98.0, -36.0, -12.5, 13.0, 36.5, 99.0, 699.0]) + draw % 7 / 10
        check_close(sigmoid_derivative(many), _slope(many), what="sigmoid_derivative(x)", x=many)
        whole = np.array([-3, 0, 2 + draw % 3])
        check_close(
            sigmoid_derivative(whole),
            _slope(whole),
            what="sigmoid_derivative of an array of integers",
        )
        for number in (2 + draw % 3, -1, 0.5):
            check_close(
                sigmoid_derivative(number),
                _slope(number),
                what=f"sigmoid_derivative({number})",
            )


def sigmoid_derivative_from_output(function: Function, draw: int = 0) -> None:
    """Check the slope from the output alone, near 0 and 1 too; the output is left as it was."""
    output = points(draw, low=0.03, high=0.97)
    again = _sigmoid(output)
    what = "sigmoid_derivative_from_output"
    with supplied(sigmoid=_sigmoid, sigmoid_derivative=_slope):
        check_close(
            check_unchanged(function, output, what=what),
            output - output**2,
            what=f"{what}(output)",
            x=output,
            rtol=1e-12,
            mistakes={
                "sigmoid is applied once more, but output is its value already": again - again**2,
                "the factor output is missing": 1 - output,
                "all zeros, as output * 1 - output is: are brackets missing?": np.zeros_like(
                    output
                ),
                "1 - output ** 2 belongs to another function": 1 - output**2,
                "output * 2 is not the square of output": -output,
                "this is (1 - output) ** 2: one of the two factors is output itself": (
                    (1 - output) ** 2
                ),
            },
            terms={"output": output, "-output ** 2": -(output**2)},
        )
        x = np.array([-14.5, -6.0, -2.25, 5.0, 9.5, 14.0]) + draw % 5 / 10
        check_close(function(_sigmoid(x)), _slope(x), what=f"{what}(sigmoid(x))", x=x, rtol=1e-8)
        number = 0.3 + draw % 4 / 10
        check_close(function(number), number - number**2, what=f"{what}({number})")
