"""Exercise 1.15: a ladder of eight lines, whose slopes are found from the input up."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import CheckFailed, check_close, check_ladder, ladder, scenario
from byhand.checks.failures import brief, nothing_returned
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


def ladder_lines(slopes: Function, draw: int = 0) -> None:
    """Check the slope of every line, each from the student's own slopes above it, at two x."""

    def run(x: float) -> Any:
        return _slopes_of(slopes, LINES, x)

    for x in points(draw, (2,), 0.4, 1.4) * [1, -1]:
        check_ladder(ladder(*LINES), run, {"x": float(x)}, forward=True, what=f"slopes(v), x = {x}")


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
