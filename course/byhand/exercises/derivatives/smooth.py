"""Exercise 1.12: the slopes of softplus, SiLU and GELU."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from byhand.checks import check_close, check_unchanged, supplied
from byhand.differences.calls import Function
from byhand.exercises.derivatives.sigmoid import Numbers, _sigmoid, _slope
from byhand.exercises.derivatives.tanh import EARLIER, _tanh_slope
from byhand.exercises.samples import Floats, kept, points

ROOT, CUBE = float(np.sqrt(2 / np.pi)), 0.044715
TRUSTED = EARLIER | {
    "tanh_derivative": _tanh_slope,
    "tanh_derivative_from_output": lambda output: 1 - output**2,
}


def _number(draw: int) -> float:
    return -0.7 + draw % 5 / 10


def softplus_derivative(function: Function, draw: int = 0) -> None:
    """Check an array and a number; x is left as it was."""
    x = points(draw)
    s = _sigmoid(x)
    with supplied(**TRUSTED):
        check_close(
            check_unchanged(function, x, what="softplus_derivative"),
            s,
            what="softplus_derivative(x)",
            x=x,
            rtol=1e-12,
            mistakes={
                "this is 1 / (1 + e^x), which falls as x grows: a sign is wrong, or the inner "
                "derivative is missing": 1 - s,
                "this is sigmoid(2x): twice as steep as it should be": _sigmoid(2 * x),
                "this is e^x, the inner derivative alone": np.exp(x),
                "this is 1 + e^x, the inner function": 1 + np.exp(x),
                "this is softplus itself, not its slope": np.log1p(np.exp(x)),
                "this is the slope of the function that you need, not its value": s * (1 - s),
                "this is the slope of ReLU, which softplus only resembles": 1.0 * (x > 0),
            },
        )
        number = _number(draw)
        check_close(function(number), _sigmoid(number), what=f"softplus_derivative({number})")


def _silu_slope(x: Numbers) -> Floats:
    return _sigmoid(x) + x * _slope(x)


def silu_derivative(function: Function, draw: int = 0) -> None:
    """Check an array and a number; x is left as it was."""
    x = points(draw)
    s = _sigmoid(x)
    with supplied(**TRUSTED):
        check_close(
            check_unchanged(function, x, what="silu_derivative"),
            _silu_slope(x),
            what="silu_derivative(x)",
            x=x,
            rtol=1e-12,
            atol=1e-14,
            mistakes={
                "this is x * sigmoid(x) itself, not its slope": x * s,
                "the slope of a product is not the product of the slopes": s * (1 - s),
                "x multiplies both terms: it belongs to one": x * (s + s * (1 - s)),
                "the slopes are added: neither takes the other factor along": 1 + s * (1 - s),
                "x is multiplied by the value of sigmoid, 1 by its slope: the product rule "
                "pairs the slope of one factor with the value of the other": x * s + s * (1 - s),
                "both terms have the slope of sigmoid: one has its value": (1 + x) * s * (1 - s),
                "both terms have the value of sigmoid: one has its slope": s + x * s,
                "the slope of sigmoid is not its square": s + x * s**2,
                "the slope of sigmoid is not 1 minus sigmoid": s + x * (1 - s),
                "the slope of sigmoid has a wrong sign inside": s + x * s * (1 + s),
            },
            terms={
                "sigmoid(x)": s,
                "x * sigmoid'(x)": {"x": x, "sigmoid'(x)": s * (1 - s)},
            },
        )
        number = _number(draw)
        check_close(function(number), _silu_slope(number), what=f"silu_derivative({number})")


def _exact_gelu_slope(x: Numbers) -> Floats:
    below = 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))
    return below + x * np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)


def _gelu_terms(x: Numbers, cube: float = CUBE) -> tuple[Any, ...]:
    """Return tanh(u), the first term, the second one without u', and u' without sqrt(2 / pi)."""
    bent = np.tanh(ROOT * (x + cube * x**3))
    return bent, 0.5 * (1 + bent), 0.5 * x * (1 - bent**2), 1 + 3 * cube * x**2


def _gelu_slope(x: Numbers, cube: float = CUBE) -> Floats:
    _, first, second, inner = _gelu_terms(x, cube)
    return first + second * ROOT * inner


@kept
def _gelu_slips(x: Floats) -> dict[str, Floats]:
    bent, first, second, inner = _gelu_terms(x)
    near = _sigmoid(1.702 * x)
    return {
        "this is GELU itself, not its slope": x * first,
        "the inner derivative u' lacks the derivative of the cubic term": (first + second * ROOT),
        "the derivative of the cubic term lacks its 3": (first + second * ROOT * (1 + CUBE * x**2)),
        "the derivative of x ** 3 keeps its exponent": (
            first + second * ROOT * (1 + 3 * CUBE * x**3)
        ),
        "a factor 1/2 is missing in the first term": 2 * first + second * ROOT * inner,
        "a factor 1/2 is missing in the second term": first + 2 * second * ROOT * inner,
        "the inner derivative u' lacks sqrt(2 / pi)": first + second * inner,
        "the slope of tanh lacks a square: 1 - tanh(u)": (
            first + 0.5 * x * (1 - bent) * ROOT * inner
        ),
        "the slope of tanh is taken at x, not at u": (
            first + 0.5 * x * (1 - np.tanh(x) ** 2) * ROOT * inner
        ),
        "0.44715 is typed for 0.044715": _gelu_slope(x, 10 * CUBE),
        "this is the slope of the exact GELU, not of the tanh form": _exact_gelu_slope(x),
        "this is the slope of x * sigmoid(1.702 x), another approximation": (
            near + 1.702 * x * near * (1 - near)
        ),
        "the slope of tanh is not (1 - tanh(u)) ** 2": (
            first + 0.5 * x * (1 - bent) ** 2 * ROOT * inner
        ),
        "the slope of tanh has a wrong sign inside": (
            first + 0.5 * x * (1 + bent**2) * ROOT * inner
        ),
        "the slope of x ** 3 is taken as 3 x here": first + second * ROOT * (1 + 3 * CUBE * x),
        "the slope of a product is not the product of the slopes": (
            0.5 * (1 - bent**2) * ROOT * inner
        ),
    }


def gelu_derivative(function: Function, draw: int = 0) -> None:
    """Check an array and a number, for the tanh form; x is left as it was."""
    x = points(draw)
    bent, _, _, inner = _gelu_terms(x)
    with supplied(**TRUSTED):
        check_close(
            check_unchanged(function, x, what="gelu_derivative"),
            _gelu_slope(x),
            what="gelu_derivative(x)",
            x=x,
            rtol=1e-12,
            atol=1e-13,
            mistakes=_gelu_slips(x),
            terms={
                "1/2": np.full_like(x, 0.5),
                "tanh(u) / 2": bent / 2,
                "x / 2 * tanh'(u) * u'": {
                    "x": x,
                    "tanh'(u) / 2": (1 - bent**2) / 2,
                    "u'": ROOT * inner,
                },
            },
        )
        number = _number(draw)
        check_close(function(number), _gelu_slope(number), what=f"gelu_derivative({number})")
