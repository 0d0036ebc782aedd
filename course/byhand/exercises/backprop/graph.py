"""Exercise 4.1: the gradients of a small graph."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import CheckFailed, check_each
from byhand.checks.failures import brief, nothing_returned
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, points

KEYS = ["v2", "v1", "x3", "x2", "x1"]


def _found(graph_gradients: Function, rows: Floats) -> dict[str, list[Any]]:
    """Return the slopes for each row of inputs, by name."""
    __tracebackhide__ = True
    found = []
    for row in [*rows.tolist(), (3, -4, 5)]:  # three integers at last
        slopes = graph_gradients(*row)
        if not isinstance(slopes, dict) or set(slopes) != set(KEYS):
            raise CheckFailed(
                "graph_gradients(...) must return a dict with the keys 'v2', 'v1', 'x3', 'x2', "
                "'x1'",
                actual=brief(slopes),
                likely=nothing_returned(slopes),
            )
        found.append(slopes)
    return {name: [slopes[name] for slopes in found] for name in KEYS}


def _check(graph_gradients: Function, names: list[str], draw: int) -> None:
    __tracebackhide__ = True
    rows = points(draw, (4, 3))
    x1, x2, x3 = np.vstack([rows, [3, -4, 5]]).T
    one, total = np.ones(5), x1 + x2  # not generic: a slope
    right = {"v2": one, "v1": x3, "x3": total, "x2": x3, "x1": x3}
    slips = {
        "this is the value of the node, not the slope of y with respect to it": {
            "v2": total * x3, "v1": total, "x3": x3, "x2": x2, "x1": x1,
        },
        "this is the local derivative alone: multiply it by the gradient that arrives": {
            "x2": one, "x1": one,
        },
        "the local derivative is missing": {"v1": one, "x3": one},
        "this is the slope with respect to one input only: x1 and x2 are added": {
            "v1": 2 * x3, "x3": x1,
        },
        "one of the two numbers that are added is lost": {"x3": x2},
        "x1 is added to itself: v1 = x1 + x2": {"x3": 2 * x1},
        "a sum does not multiply its inputs": {"x1": x2 * x3, "x2": x1 * x3},
        "this multiplies by the input's own value": {"x1": x1 * x3, "x2": x2 * x3},
        "y is v2 itself, so its slope with respect to v2 is 1": {"v2": 0 * one},
        "two upstream gradients are multiplied": {"x1": x3**2, "x2": x3**2},
    }  # fmt: skip
    found = _found(graph_gradients, rows)
    check_each(
        {name: found[name] for name in names},
        {name: right[name] for name in names},
        what="graph_gradients at five places",
        rtol=1e-12,
        mistakes={
            said: {name: wrong.get(name, np.nan * one) for name in names}
            for said, wrong in slips.items()
        },
    )


def graph_gradients_inner(graph_gradients: Function, draw: int = 0) -> None:
    """Check the slopes of y with respect to v2 and v1, at five places."""
    _check(graph_gradients, ["v2", "v1"], draw)


def graph_gradients_inputs(graph_gradients: Function, draw: int = 0) -> None:
    """Check the slopes of y with respect to x3, x2 and x1, at five places."""
    _check(graph_gradients, ["x3", "x2", "x1"], draw)
