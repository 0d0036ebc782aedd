"""Exercise 1.15: a ladder of eight lines, whose slopes are found from the input up."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import CheckFailed, check_close, check_ladder, ladder, scenario
from byhand.checks.failures import brief, nothing_returned
from byhand.checks.ladders import Forward
from byhand.checks.rungs import judge, refuse_zeros
from byhand.differences import derivative
from byhand.differences.calls import Function
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


@scenario
def _slopes_of(slopes: Function, lines: list[str], x: float) -> Any:
    from byhand.checks import ladder

    return slopes(ladder(*lines)(x=x))


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
    chain, found = ladder(*LINES), {}

    def run(x: float) -> Any:
        found[x] = _slopes_of(slopes, LINES, x)
        return found[x]

    for x in map(float, points(draw, (2,), 0.4, 1.4) * [1, -1]):
        try:
            check_ladder(chain, run, {"x": x}, forward=True, what=f"slopes(v), x = {x}")
        except CheckFailed as first:
            failure, d, v = first, found[x], chain(x=x)
            if not isinstance(d, dict) or not set(d) <= set(v):
                raise
            verdicts = judge(v, d, forward=True)
            wrong = [name for name in verdicts if verdicts[name].state != "right"]
            own = [name for name in wrong if name in names]
            if not own:
                refuse_zeros(d, names)
                continue  # the lines of the other check
            if own[0] != wrong[0]:
                failure = verdicts[own[0]].failure or CheckFailed(
                    f'd["{own[0]}"] can be judged only with the slopes before it'
                )
            failure.likely = failure.likely or _slip(v, d, own[0])
            raise failure from None


def _slip(v: Forward, found: dict[str, Any], name: str) -> str | None:
    """Return the mistake in a wrong line, if it is one of the known ones."""
    try:
        d = {line: np.float64(slope) for line, slope in found.items()}
        slips = [said for said, slope in _slips(v, d)[name].items() if np.isclose(slope, d[name])]
    except (TypeError, ValueError, KeyError, ZeroDivisionError):
        return None  # not numbers, or not all of them
    return slips[0] if len(slips) == 1 else None


def _slips(v: Forward, d: dict[str, np.float64]) -> dict[str, dict[str, float]]:
    """Return what known mistakes give for each line, from the student's slopes above it."""
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
        }


def ladder_whole(slopes: Function, draw: int = 0) -> None:
    """Check d["y"], the slope of the whole chain, against the measured one at six x."""
    sides = np.array([1, -1, 1, -1, 1, -1])
    x = points(draw + 1, (6,), 0.4, 1.4) * sides
    found = []
    for point in x:
        d = _slopes_of(slopes, LINES, float(point))
        if not isinstance(d, dict) or "y" not in d:
            raise CheckFailed(
                "slopes(v) must return a dict with the key 'y'",
                actual=brief(d),
                likely=nothing_returned(d),
            )
        found.append(d["y"])
    check_close(
        found,
        derivative(_chain, x).value,
        what='d["y"] at six points x',
        rtol=1e-7,
        x=x,
        hint="the check of the lines says which of them is wrong",
    )
