"""Exercise 4.8: an engine for numbers."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from byhand.checks import check_close, check_each, scenario
from byhand.differences.calls import Function
from byhand.exercises.backprop.cost import check_doublings, recursion
from byhand.exercises.samples import points

ONE_USE = "only one use of the number counts: gradients of all uses add up"
HASTY = "a number passes its gradient on again with each share that arrives: let it wait for all"
# v's slope after ten doublings if every share is passed on as it arrives
HASTY_SLOPE = reduce(lambda passed, _: np.cumsum(np.repeat(passed, 2)), range(10), np.ones(1))[-1]


@scenario
def _calculated(Value: Function, p: float, q: float, r: float, s: float) -> Any:
    a, b, c, d = Value(p), Value(q), Value(r), Value(s)
    before = [float(v.grad) for v in (a, b)]
    out = a * b + c / d - 2.0
    out.backward()
    return {"data": out.data, "grad": [v.grad for v in (a, b, c, d)], "before": before,
            "kept": [a.data, b.data, c.data, d.data]}  # fmt: skip


def value_forward(Value: Function, draw: int = 0) -> None:
    """Check data, and gradients of sums, products and quotients of different numbers."""
    a, b, c, d = (float(p) for p in points(draw, (4,), 0.3, 3.0) * [1, -1, 1, -1])
    for p, q, r, s in ((a, b, c, d), (4, 3, 5 + draw % 4, 8), (b, a, 0.0, d)):
        found = _calculated(Value, p, q, r, s)
        what = f"a * b + c / d - 2 at a = {p}, b = {q}, c = {r}, d = {s}"
        check_close(found["before"], [0.0, 0.0], what="the grads of new Values")
        check_close(found["kept"], [p, q, r, s], what="the data of a, b, c and d")
        check_close(
            found["data"], p * q + r / s - 2, what=f"the data of {what}", rtol=1e-12, atol=1e-14
        )
        right = np.array([q, p, 1 / s, -r / s**2])
        same, ours = dict(enumerate(right)), (0, 1, 2, 3)
        slips = {
            "the product gives each factor its own data: it needs the other one's": {0: p, 1: q},
            "the slope with respect to the denominator has the wrong sign": {3: r / s**2},
            "the slope with respect to the denominator lacks a division": {3: -r / s},
            "nothing arrives at c and d": {2: 0.0, 3: 0.0},
            "the local derivative is missing: the upstream gradient goes on as it is": {
                0: 1.0,
                1: 1.0,
                2: 1.0,
                3: 1.0,
            },
            "a product passes its upstream gradient on without the other factor": {
                0: 1.0,
                1: 1.0,
                2: 1.0,
                3: -1 / s**2,
            },
            "each factor of a product gets its own data, in the quotient too: it needs the other "
            "one's": {0: p, 1: q, 2: r, 3: -1 / s**3 if s else 0.0},
            "only the first factor of a product gets its share": {1: 0.0, 3: 0.0},
            "only the second factor of a product gets its share": {0: 0.0, 2: 0.0},
            "the upstream gradient is missing in what the denominator gets: multiply by it": {
                3: -1 / s**2,
            },
            "the denominator gets nothing": {3: 0.0},
        }
        check_close(
            found["grad"],
            right,
            what=f"the grads of a, b, c and d after backward of {what}",
            rtol=1e-12,
            mistakes={said: [(same | wrong)[k] for k in ours] for said, wrong in slips.items()},
        )


@scenario
def _with_numbers(Value: Function, start: float, c: float) -> Any:
    found = {}
    for name, f in (
        ("v + c", lambda v: v + c), ("c + v", lambda v: c + v), ("v - c", lambda v: v - c),
        ("c - v", lambda v: c - v), ("v * c", lambda v: v * c), ("c * v", lambda v: c * v),
        ("v / c", lambda v: v / c), ("c / v", lambda v: c / v), ("-v", lambda v: -v),
    ):  # fmt: skip
        v = Value(start)
        out = f(v)
        (out * 10.0).backward()
        found[name] = [out.data, v.grad]
    return found


def value_sides(Value: Function, draw: int = 0) -> None:
    """Check plain numbers on either side of + - * /, and -v; the result goes on, times 10."""
    v0 = float(points(draw, (), 0.4, 3.0))
    for v, c in ((v0, -1.25), (-0.5 - draw % 3, 3), (8, 5)):
        check_each(
            _with_numbers(Value, v, c),
            {
                "v + c": [v + c, 10.0], "c + v": [v + c, 10.0], "v - c": [v - c, 10.0],
                "c - v": [c - v, -10.0], "v * c": [v * c, 10.0 * c], "c * v": [v * c, 10.0 * c],
                "v / c": [v / c, 10 / c], "c / v": [c / v, -10 * c / v**2], "-v": [-v, -10.0],
            },
            what=f"(data, 10 times the slope), at v = {v} with the number c = {c}",
            rtol=1e-12,
            mistakes={
                "the order is lost: c - v is not v - c, and c / v is not v / c": {
                    "v + c": np.nan, "c + v": np.nan, "v - c": [c - v, -10.0],
                    "c - v": [v - c, 10.0], "v * c": np.nan, "c * v": np.nan,
                    "v / c": [c / v, -10 * c / v**2], "c / v": [v / c, 10 / c], "-v": np.nan,
                },
            },
        )  # fmt: skip


@scenario
def _used_twice(Value: Function, number: float) -> Any:
    found = {}
    for name, f in (
        ("v + v", lambda v: v + v), ("v * v", lambda v: v * v), ("v / v", lambda v: v / v),
        ("v - v", lambda v: v - v), ("v * v * v + v", lambda v: v * v * v + v),
    ):  # fmt: skip
        v = Value(number)
        f(v).backward()
        found[name] = v.grad
    v, w = Value(number), Value(number)  # equal numbers are two numbers
    (v * w + v).backward()
    found["v * w + v, where w = v but is another Value"] = [v.grad, w.grad]
    return found


@scenario
def _doubled(Value: Function, number: float, levels: int) -> Any:
    v = Value(number)
    out = v
    for _ in range(levels):
        out = out + out
    out.backward()
    return v.grad


def value_accumulate(Value: Function, draw: int = 0) -> None:
    """Check that the gradients of all uses add up, at a cost that doesn't grow with the paths."""
    for v in points(draw, (2,), 1.1, 3.0) * [1, -1]:
        check_each(
            _used_twice(Value, float(v)),
            {
                "v + v": 2.0, "v * v": 2 * v, "v / v": 0.0, "v - v": 0.0,
                "v * v * v + v": 3 * v**2 + 1,
                "v * w + v, where w = v but is another Value": np.array([v + 1, v]),
            },
            what=f"the slope at v = {v}",
            rtol=1e-12,
            atol=1e-12,
            mistakes={
                ONE_USE: {
                    "v + v": 1.0, "v * v": v, "v / v": 1 / v, "v - v": 1.0, "v * v * v + v": 1.0,
                    "v * w + v, where w = v but is another Value": np.array([1.0, v]),
                },
                "equal numbers are taken for one and the same": {
                    "v + v": np.nan, "v * v": np.nan, "v / v": np.nan, "v - v": np.nan,
                    "v * v * v + v": np.nan,
                    "v * w + v, where w = v but is another Value": np.array([2 * v + 1, 0.0]),
                },
            },
        )  # fmt: skip
    for levels in (10, 60):
        if levels == 60:
            check_doublings(Value)
        check_close(
            _doubled(Value, 1.5, levels),
            2.0**levels,
            what=f"the slope of v after {levels} doublings out = out + out",
            mistakes={ONE_USE: 1.0, HASTY: HASTY_SLOPE if levels == 10 else np.nan},
            hint="this graph has 2 ** 60 paths, but only 60 additions: visit each number once"
            if levels == 60
            else None,
        )


@scenario
def _short_and_long(Value: Function, number: float, steps: int) -> Any:
    found = []
    for swapped in (False, True):
        x = Value(number)
        a = x * 2.0
        b = a
        for _ in range(steps):
            b = b * 3.0
        out = b + a if swapped else a + b
        out.backward()
        found += [x.grad, a.grad]
    return found


@scenario
def _braid(Value: Function, start: float, other: float) -> Any:
    x, y = Value(start), Value(other)
    left, right = x, y
    for k in range(6):
        left, right = left * 0.5 + right, right * 0.25 + left * (k + 1.0) + x
    out = right * 2.0 + left
    out.backward()
    return [out.data, x.grad, y.grad]


def _braided(x: float, y: float) -> float:
    left, right = x, y
    for k in range(6):
        left, right = left * 0.5 + right, right * 0.25 + left * (k + 1.0) + x
    return right * 2.0 + left


def value_order(Value: Function, draw: int = 0) -> None:
    """Check that a number passes its gradient on when it is complete, whatever the graph."""
    start, other = (float(p) for p in points(draw, (2,)))
    for steps in (1, 2, 5):
        inner = 1 + 3.0**steps
        early = "a passed its gradient on before all of it had arrived"
        check_close(
            _short_and_long(Value, start, steps),
            [2 * inner, inner] * 2,
            what=f"the grads of x and a for a + b, then for b + a, where a = 2x and b = a "
            f"times 3, {steps} times",
            rtol=1e-12,
            mistakes={
                early: [2.0, inner, 2.0, inner],
                f"{early}, for a + b": [2.0, inner, 2 * inner, inner],
                f"{early}, for b + a": [2 * inner, inner, 2.0, inner],
                HASTY: [2 + 2 * inner, inner, 2 * (inner - 1) + 2 * inner, inner],
            },
        )
    at = _braided(start, other)
    slopes = _braided(start + 1, other) - at, _braided(start, other + 1) - at
    check_close(
        _braid(Value, start, other),
        [at, *slopes],
        what="data and slopes of a braid of two strands, each of which reads both before it",
        rtol=1e-11,
    )


@scenario
def _called_again(Value: Function, number: float) -> Any:
    v = Value(number)
    inner = v * v
    out = inner * 3.0 + v
    grads = []
    for _ in range(3):
        out.backward()
        grads.append([v.grad, inner.grad, out.grad])
    v.grad = 0.0
    out.backward()
    return [*grads, [v.grad, inner.grad, out.grad]]


@scenario
def _two_results(Value: Function, number: float, other: float) -> Any:
    v, w = Value(number), Value(other)
    shared = v * w
    first, second = shared * shared, shared + v
    first.backward()
    second.backward()
    return [v.grad, w.grad, shared.grad]


def value_twice(Value: Function, draw: int = 0) -> None:
    """Check that leaves accumulate over calls, and that inner numbers start again at 0."""
    v, w = (float(p) for p in points(draw, (2,), 1.1, 3.0))
    g = 6 * v + 1
    once = [g, 3.0, 1.0]
    check_close(
        _called_again(Value, v),
        [once, [2 * g, 3.0, 1.0], [3 * g, 3.0, 1.0], once],
        what="the grads of (leaf, inner number, result) after 1, 2 and 3 calls of backward, and "
        "after one more with the leaf's grad set to 0",
        rtol=1e-12,
        mistakes={
            "the gradient of the result is not reset: 1 is added to that of the call before": [
                once,
                [3 * g, 6.0, 2.0],
                [6 * g, 9.0, 3.0],
                [4 * g, 12.0, 4.0],
            ],
            "the leaves are reset: their gradients accumulate over calls": [once] * 4,
            "inner numbers keep their old gradient and pass it on again": [
                once, [2 + 24 * v, 9.0, 1.0], [3 + 60 * v, 18.0, 1.0], [1 + 60 * v, 30.0, 1.0],
            ],
            "inner numbers, and the result, keep their old gradient and pass it on again": [
                once, [3 + 30 * v, 12.0, 2.0], [6 + 90 * v, 30.0, 3.0], [4 + 120 * v, 60.0, 4.0],
            ],
        },
    )  # fmt: skip
    check_close(
        _two_results(Value, v, w),
        [2 * v * w * w + w + 1, 2 * v * w * v + v, 1.0],
        what="the grads of two leaves and the number that they share, after backward of two "
        "results",
        rtol=1e-12,
    )


@scenario
def _chain(Value: Function, nest: Function, start: float, deep: bool) -> Any:
    """Return how many products were made, the data, and the gradient that backward finds."""
    import sys

    # a chain that is longer than a recursion may be deep
    length = min(sys.getrecursionlimit() + 100, 5000) if deep else 100
    v = Value(start)
    out = nest(v, length)
    out.backward()
    return length, [out.data, v.grad]


def value_chain(Value: Function, nest: Function, draw: int = 0) -> None:
    """Check a chain of 100 products, and one that is longer than a recursion may be deep.

    Hidden tests check the short one.
    """
    start = float(points(draw, (), 0.5, 3.0))
    for deep in (False,) if draw else (False, True):
        try:
            length, found = _chain(Value, nest, start, deep)
        except RecursionError as error:
            what = "nest(v, n) for n > 1000" if deep else "nest(v, 100)"
            raise recursion(f"backward of {what}") from error
        grown = (1 + 1 / length) ** length
        check_close(
            found,
            [start * grown, grown],
            what=f"[data, grad] of nest(v, {length}) at v = {start}",
            rtol=1e-9,
        )
