"""Exercise 1.15: a ladder of eight lines, whose slopes are found from the input up."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import check_close
from byhand.checks.ladders import Forward
from byhand.differences import derivative
from byhand.differences.calls import Function
from byhand.exercises.batches import results_of
from byhand.exercises.ladders import answer_to, check_lines, require_dict
from byhand.exercises.samples import Floats, points

LINES = [
    "a = x**2",
    "b = np.exp(-a)",
    "c = x * b",
    "g = 1 + a",
    "q = c / g",
    "r = q**2",
    "p = a + r",
    "y = np.log(p)",
]


def _chain(x: Floats) -> Floats:
    """Return y, the whole chain in one line."""
    return np.log(x**2 + (x * np.exp(-(x**2)) / (1 + x**2)) ** 2)


def ladder_first_lines(slopes: Function, draw: int = 0) -> None:
    """Check the slopes of x, a, b, c and g, each from the student's own slopes before it."""
    _check_lines(slopes, ["x", "a", "b", "c", "g"], draw)


def ladder_last_lines(slopes: Function, draw: int = 0) -> None:
    """Check the slopes of q, r, p and y, each from the student's own slopes before it."""
    _check_lines(slopes, ["q", "r", "p", "y"], draw)


def _check_lines(slopes: Function, names: list[str], draw: int) -> None:
    """Check some of the lines at two x, one of them negative."""
    __tracebackhide__ = True
    for x in map(float, points(draw, (2,), 0.4, 1.4) * [1, -1]):
        what = f"slopes(v), x = {x}"
        check_lines(slopes, LINES, names, {"x": x}, slips=_slips, what=what, forward=True)


def _slips(v: Forward, d: dict[str, Any], name: str) -> dict[str, Any]:
    """Return what known mistakes give for a line, from the student's slopes above it."""
    power = "exp(-a) is no power of a: nothing is brought down from the exponent"
    with np.errstate(all="ignore"):
        numerator = d["c"] * v.g - v.c * d["g"]
        return {
            "x": {},
            "a": {"this is x ** 2 itself": v.a},
            "b": {
                "the value exp(-a) is missing": -d["a"],
                power: -v.a * v.b * (d["a"] if np.isclose(d["b"], -v.a * v.b * d["a"]) else 1),
            },
            "c": {"the slope of a product is not the product of the slopes": d["x"] * d["b"]},
            "g": {
                "a constant does not change: its slope is 0, not 1": 1 + d["a"],
                "g follows a: only the 1 is constant": 0.0,
            },
            "q": {
                "the denominator is not squared": numerator / v.g,
                "only one term is divided: bracket the difference": d["c"] * v.g
                - v.c * d["g"] / v.g**2,
                "it is not divided by the square of g": numerator,
                "the slope of g is in the denominator, not its value": numerator / d["g"] ** 2,
                "the slope of a quotient is not the quotient of the slopes": d["c"] / d["g"],
            },
            "r": {
                "the value q is missing": 2 * d["q"],
                "the slope is squared, where q is": d["q"] ** 2,
            },
            "p": {"the slope of a sum is the sum of the slopes": d["a"] * d["r"]},
            "y": {
                "the slope of p is in the denominator, not its value": 1 / d["p"],
                "this is the logarithm of a slope": np.log(d["p"]),
            },
        }[name]


def ladder_whole(slopes: Function, draw: int = 0) -> None:
    """Check d["y"], the slope of the whole chain, against the measured one at six x."""
    sides = np.array([1, -1, 1, -1, 1, -1])
    x = points(draw + 1, (6,), 0.4, 1.4) * sides
    found = []
    for d in results_of(answer_to, [(LINES, {"x": point}) for point in x.tolist()], of=slopes):
        require_dict(d, {"y"}, "slopes(v) must return a dict with the key 'y'")
        found.append(d["y"])
    check_close(
        found,
        derivative(_chain, x).value,
        what='d["y"] at six points x',
        rtol=1e-7,
        x=x,
        hint="the check of the lines says which of them is wrong",
    )
