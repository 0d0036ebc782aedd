"""Exercises 3.8 and 3.9: products of Jacobians with a vector, and what full products cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from byhand.checks import (
    CheckFailed,
    check_close,
    check_gradient,
    check_jacobian,
    check_raises,
    check_unchanged,
    scenario,
    supplied,
)
from byhand.checks.failures import brief
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, kept, points
from byhand.exercises.trusted import total_derivative, vector_chain_rule

EXACT = 1e-12
WIDTHS = (4, 4, 4, 4), (3, 5, 4), (3, 6, 5, 4), (5, 3)
NEEDLE = 2000  # inputs and outputs of the chain that passes through a single number


def _chain(draw: int, widths: Sequence[int]) -> list[Floats]:
    return [
        points(draw + k, (rows, columns))
        for k, (columns, rows) in enumerate(zip(widths, widths[1:], strict=False))
    ]


def _through(jacobians: Sequence[Floats], v: Floats) -> Floats:
    """Return the product of the matrices, the first one nearest to the vector, with the vector."""
    for jacobian in jacobians:
        v = np.einsum("ij,j->i", jacobian, v)
    return v


PRODUCTS: dict[str, Function] = {
    "total_derivative": total_derivative,
    "vector_chain_rule": vector_chain_rule,
}


# -- 3.8 -------------------------------------------------------------------------------------


def jvp_values(jvp: Function, draw: int = 0) -> None:
    """Check a direction pushed through chains of one to three Jacobians; nothing is changed."""
    for k, widths in enumerate(WIDTHS):
        chain, v = _chain(draw + 10 * k, widths), points(draw + 10 * k + 7, (widths[0],))
        slips: dict[str, object] = {}
        if len(chain) > 1:
            slips["only the first Jacobian is applied; is `return` inside the loop?"] = chain[0] @ v
            slips["the last Jacobian is missing"] = _through(chain[:-1], v)
        if len(set(widths)) == 1:
            turned = [J.T for J in chain]
            slips |= {
                "the last Jacobian is applied first; jacobians[0] acts first": (
                    _through(chain[::-1], v)
                ),
                "the Jacobians are transposed": _through(turned, v),
                "this is vjp: the direction is pulled back": _through(turned[::-1], v),
                "the first Jacobian is missing": _through(chain[1:], v),
                "the products are added; each Jacobian acts on the result of the one before": (
                    np.sum([J @ v for J in chain], axis=0)
                ),
                "only the last Jacobian is applied; does the loop start from v each time?": (
                    chain[-1] @ v
                ),
            }
        with supplied(**PRODUCTS):
            found = check_unchanged(jvp, chain, v, what="jvp")
        check_close(
            found,
            _through(chain, v),
            what=f"jvp through the widths {widths}",
            rtol=EXACT,
            relative_to="largest",
            mistakes=slips,
        )


def vjp_values(vjp: Function, draw: int = 0) -> None:
    """Check an upstream gradient pulled back through such chains; nothing is changed."""
    for k, widths in enumerate(WIDTHS):
        chain, g = _chain(draw + 10 * k, widths), points(draw + 10 * k + 7, (widths[-1],))
        turned = [J.T for J in chain]
        slips: dict[str, object] = {}
        if len(chain) > 1:
            slips["only the last Jacobian is met; is `return` inside the loop?"] = turned[-1] @ g
            slips["the first Jacobian is missing"] = _through(turned[:0:-1], g)
        if len(set(widths)) == 1:
            slips |= {
                "jacobians[0] is met first; on the way back the last one comes first": (
                    _through(turned, g)
                ),
                "the Jacobians are not transposed": _through(chain[::-1], g),
                "this is jvp: neither in reverse order nor transposed": _through(chain, g),
                "the last Jacobian is missing": _through(turned[-2::-1], g),
                "g is added to each product: only the product goes on": _through(
                    [J + np.diag(g * 0 + 1) for J in turned[::-1]], g
                ),
                "the products are added; each Jacobian meets the result of the one before": (
                    np.sum([J @ g for J in turned], axis=0)
                ),
                "only the first Jacobian is met; does the loop start from g each time?": (
                    turned[0] @ g
                ),
            }
        with supplied(**PRODUCTS, jvp=_through):
            found = check_unchanged(vjp, chain, g, what="vjp")
        check_close(
            found,
            _through(turned[::-1], g),
            what=f"vjp through the widths {widths}",
            rtol=EXACT,
            relative_to="largest",
            mistakes=slips,
        )


def _layers(draw: int) -> tuple[Floats, Floats]:
    return points(draw, (4, 3), -1.0, 1.0), points(draw + 1, (5, 4), -1.0, 1.0)


def products_of_a_network(jvp: Function, vjp: Function, draw: int = 0) -> None:
    """Check both on the Jacobians of a network of two layers, against measured derivatives."""
    first, second = _layers(draw)
    x, v, g = (points(draw + k, (n,), 0.2, 1.0) for k, n in ((2, 3), (3, 3), (4, 5)))

    def network(x: Floats) -> Floats:
        return np.tanh(second @ np.tanh(first @ x))

    def jacobians(x: Floats) -> list[Floats]:
        hidden = np.tanh(first @ x)
        output = np.tanh(second @ hidden)
        return [(1 - hidden**2)[:, None] * first, (1 - output**2)[:, None] * second]

    with supplied(**PRODUCTS):
        check_jacobian(
            lambda t: network(x + t * v),
            lambda t: jvp(jacobians(x + t * v), v),
            0.0,
            what="jvp through a network of two layers",
        )
        check_gradient(
            lambda x: g @ network(x),
            lambda x: vjp(jacobians(x), g),
            x,
            what="vjp through a network of two layers",
        )


@scenario
def _through_a_needle(function: Function, n: int, forward: bool) -> Any:
    """Return the result, and the most memory that was in use on the way, in numbers."""
    import tracemalloc

    narrow, wide = np.linspace(0.0, 1.0, n)[None, :], np.linspace(1.0, 3.0, n)[:, None]
    vector = np.linspace(-1.0, 4.0, n)
    tracemalloc.start()
    try:
        result = np.asarray(function([narrow, wide], vector))
        most = tracemalloc.get_traced_memory()[1] // 8
    finally:
        tracemalloc.stop()
    return [result, most]


def _check_needle(function: Function, name: str, forward: bool, n: int) -> None:
    __tracebackhide__ = True
    narrow, wide = np.linspace(0.0, 1.0, n), np.linspace(1.0, 3.0, n)
    vector = np.linspace(-1.0, 4.0, n)
    with supplied(**PRODUCTS, jvp=_through):
        result, most = _through_a_needle(function, n, forward)
    right = wide * (narrow @ vector) if forward else narrow * (wide @ vector)
    what = f"{name} through Jacobians of shapes (1, {n}) and ({n}, 1)"
    check_close(result, right, what=what, rtol=1e-10, relative_to="largest")
    if most > n * n / 2:
        raise CheckFailed(
            f"{what} keeps {most:,} numbers at once",
            expected=f"no more than a few vectors, of {n:,} numbers each",
            actual=f"as many as the entries of a matrix of shape ({n}, {n})",
            likely="two Jacobians are multiplied with each other, or a matrix of that size is made",
            hint="start from the vector: a matrix times a vector is a vector again",
        )


def products_without_matrices(jvp: Function, vjp: Function, draw: int = 0) -> None:
    """Check that neither multiplies two Jacobians: the numbers in use at once are counted."""
    n = NEEDLE + draw % 100
    _check_needle(jvp, "jvp", True, n)
    _check_needle(vjp, "vjp", False, n)


# -- 3.9 -------------------------------------------------------------------------------------

Shapes = list[tuple[int, int]]
CHAINS: list[Shapes] = [
    [(3, 4), (2, 3), (1, 2)],
    [(7, 3), (4, 7), (6, 4), (5, 6)],
    [(10, 1000), (1, 10)],
    [(9, 5)],
    [(1, 200_000), (200_000, 1)],
    [(100, 784), (70, 100), (30, 70), (10, 30)],
]


def _costs(shapes: Shapes) -> dict[str, int]:
    """Return what each order costs."""
    inputs, outputs = shapes[0][1], shapes[-1][0]
    return {
        "forward": sum(rows * columns * inputs for rows, columns in shapes[1:]),
        "reverse": sum(outputs * rows * columns for rows, columns in shapes[:-1]),
    }


@kept
def _slips_of_cost(shapes: Shapes, order: str) -> dict[str, object]:
    inputs, outputs = shapes[0][1], shapes[-1][0]
    costs = _costs(shapes)
    other = "reverse" if order == "forward" else "forward"
    size = inputs if order == "forward" else outputs
    entries = [rows * columns for rows, columns in shapes]
    counted = entries[1:] if order == "forward" else entries[:-1]
    free = "first" if order == "forward" else "last"
    neighbours = [r * c * shapes[k][1] for k, (r, c) in enumerate(shapes[1:])]
    cheaper = ", the cheaper order here" if costs[other] < costs[order] else ""
    return {
        f"this is the cost of {other!r}{cheaper}": costs[other],
        f"the {free} Jacobian costs nothing: there is nothing to multiply it with yet": (
            size * sum(entries)
        ),
        "this is the cost of one vector, not of the whole product": sum(counted),
        "only the last multiplication is counted; add them all up": size * sum(counted[-1:])
        if order == "forward"
        else size * sum(counted[:1]),
        "only the first multiplication is counted; is `return` inside the loop?": (
            size * sum(counted[:1]) if order == "forward" else size * sum(counted[-1:])
        ),
        "neighbours are multiplied with each other; one factor is the product so far": (
            sum(neighbours)
        ),
        "additions are counted too; only multiplications are asked for": sum(
            size * (2 * r * c - (r if order == "forward" else c))
            for r, c in (shapes[1:] if order == "forward" else shapes[:-1])
        ),
        "the costs are multiplied; they add": int(np.prod([float(size * e) for e in counted]))
        if len(counted) < 3
        else -1,
        **_other_sizes(shapes, order),
        "cut off at 32 bits": int(np.int64(costs[order]).astype(np.int32)),
        "these are the entries of the products, not the multiplications": sum(
            size * (r if order == "forward" else c)
            for r, c in (shapes[1:] if order == "forward" else shapes[:-1])
        ),
    }


def _other_sizes(shapes: Shapes, order: str) -> dict[str, object]:
    """Return what comes of another size in each product, or of another Jacobian left out."""
    (first, inputs), (outputs, last) = shapes[0], shapes[-1]
    forward = order == "forward"
    size, counted = (inputs, shapes[1:]) if forward else (outputs, shapes[:-1])
    others = shapes[:-1] if forward else shapes[1:]
    free = "first" if forward else "last"
    grown = [
        r * c * n
        for (r, c), n in zip(shapes[1:], [inputs, *(r for r, _ in shapes[1:])], strict=False)
    ]
    return {
        f"the wrong Jacobian is left out: the {free} one costs nothing": size
        * sum(r * c for r, c in others),
        "the size is that of the outputs: forward carries one column for each input"
        if forward
        else "the size is that of the inputs: reverse carries one row for each output": (
            outputs if forward else inputs
        )
        * sum(r * c for r, c in counted),
        "the size is the number of rows of the first Jacobian: it is that of its columns"
        if forward
        else "the size is the number of columns of the last Jacobian: it is that of its rows": (
            first if forward else last
        )
        * sum(r * c for r, c in counted),
        "the rows are missing in each product": size * sum(c for _, c in counted),
        "the size is added, where it multiplies": sum(r * c + size for r, c in counted),
        "the number of columns carried along stays that of the inputs": sum(grown)
        if forward
        else -1,
    }


def _check_cost(multiply_cost: Function, draw: int, order: str) -> None:
    __tracebackhide__ = True
    widths = [int(n) for n in np.random.default_rng(draw).permutation(np.arange(3, 12))[:6]]
    drawn = [(rows, columns) for columns, rows in zip(widths, widths[1:], strict=False)]
    for shapes in [drawn, *CHAINS]:
        right = _costs(shapes)[order]
        slips = {
            said: wrong for said, wrong in _slips_of_cost(shapes, order).items() if wrong != right
        }
        found = check_unchanged(multiply_cost, list(shapes), order, what="multiply_cost")
        what = f"multiply_cost({shapes}, {order!r})"
        check_close(found, right, what=what, rtol=0, mistakes=slips)
        if np.asarray(found).dtype.kind not in "iu":
            raise CheckFailed(
                f"{what} has the right value, but not as a whole number",
                expected=f"{right}, an int",
                actual=brief(found),
                likely="a factor such as 1.0, np.prod of floats or a true division made it a float",
            )


def multiply_cost_forward(multiply_cost: Function, draw: int = 0) -> None:
    """Check 'forward' on chains of one to five Jacobians; the list is left as it was."""
    _check_cost(multiply_cost, draw, "forward")


def multiply_cost_reverse(multiply_cost: Function, draw: int = 0) -> None:
    """Check 'reverse' on the same chains."""
    _check_cost(multiply_cost, draw, "reverse")


def multiply_cost_order(multiply_cost: Function, draw: int = 0) -> None:
    """Check that any other order raises a ValueError, for a single Jacobian too."""
    chain: Shapes = [(3, 4), (6, 3), (5 + draw % 7, 6)]
    for shapes in (chain, chain[:1]):
        for order in ("backward", "Forward", "REVERSE", "rev", "forward ", ""):
            check_raises(
                ValueError,
                multiply_cost,
                shapes,
                order,
                what=f"multiply_cost({shapes}, {order!r})",
                hint="two words are allowed, exactly as they are written; all else is refused "
                "before anything is counted",
            )
    for order in ("forward", "reverse"):
        if np.ndim(multiply_cost(chain, order)) or not multiply_cost(chain, order):
            raise CheckFailed(f"multiply_cost({chain}, {order!r}) returns no number of operations")
