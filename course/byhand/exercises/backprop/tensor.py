"""Exercise 4.9: an engine for arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import check_close, check_each, check_raises, check_unchanged, scenario
from byhand.differences.calls import Function
from byhand.exercises.backprop.cost import check_doublings, recursion
from byhand.exercises.samples import Floats, points

STRETCHED = (
    ((4, 3), (4, 1)), ((4, 3), (3,)), ((4, 3), (1, 3)), ((4, 3), (4, 3)), ((4, 3), ()),
    ((4, 5, 3), (5, 3)), ((4, 5, 3), (5, 1)), ((4, 5, 3), (4, 1, 3)), ((4, 5, 3), (1, 1, 1)),
    ((4, 5, 3), (1,)), ((1, 5), (1, 1)), ((), ()),
)  # fmt: skip


def unbroadcast_values(unbroadcast: Function, draw: int = 0) -> None:
    """Check that the stretched axes are summed, and no other; grad is left as it was."""
    rng = np.random.default_rng(draw)
    for big, small in STRETCHED:
        grad = rng.standard_normal(big)
        right, first = np.zeros(small), np.zeros(small)  # not generic: filled below
        for index in np.ndindex(big):
            end = index[len(big) - len(small) :]
            at = tuple(0 if n == 1 else i for i, n in zip(end, small, strict=True))
            right[at] += grad[index]
        for index in reversed(list(np.ndindex(big))):
            end = index[len(big) - len(small) :]
            at = tuple(0 if n == 1 else i for i, n in zip(end, small, strict=True))
            first[at] = grad[index]
        count = max(1, grad.size // max(1, right.size))
        check_close(
            check_unchanged(unbroadcast, grad, small, what="unbroadcast"),
            right,
            what=f"unbroadcast(grad, {small}) for a gradient of shape {big}",
            rtol=1e-11,
            atol=1e-12,
            mistakes={
                "this is the mean over the stretched axes: each use adds its share": right / count,
                "one entry is picked where all have to be added": first,
            }
            if count > 1
            else {},
        )


@scenario
def _layer(Tensor: Function, W: Floats, b: Floats, x: Floats) -> Any:
    leaves = [Tensor(W), Tensor(b), Tensor(x)]
    hidden = (leaves[0] @ leaves[2] + leaves[1]).relu()
    out = (hidden * hidden).sum()
    out.backward()
    return {"loss": out.data, **{name: leaf.grad for name, leaf in zip("Wbx", leaves, strict=True)}}


def tensor_network(Tensor: Function, draw: int = 0) -> None:
    """Check @, broadcasting +, relu, * and sum together: a layer and a loss."""
    rng = np.random.default_rng(draw + 1)
    for n_in, n_out, batch in ((4, 3, 5), (5, 6, 3), (3, 4, 1)):
        shapes = (n_out, n_in), (n_out, 1), (n_in, batch)
        W, b, x = (rng.standard_normal(shape) for shape in shapes)
        delta = 2 * np.maximum(W @ x + b, 0)
        check_each(
            _layer(Tensor, W, b, x),
            {
                "loss": np.sum(delta**2) / 4,
                "W": delta @ x.T,
                "b": delta.sum(axis=1, keepdims=True),
                "x": W.T @ delta,
            },
            what=f"loss and grads of sum(relu(W @ x + b)**2), {n_in} to {n_out}, batch {batch}",
            rtol=1e-11,
            relative_to="largest",
            batch=batch,
            mistakes={
                "sum adds up all entries; this is their mean": {
                    "loss": np.sum(delta**2) / 4 / delta.size, "W": np.nan, "b": np.nan,
                    "x": np.nan,
                }
            },
        )  # fmt: skip


@scenario
def _stretched(Tensor: Function, p: Any, q: Any, weights: Floats) -> Any:
    found = {}
    for name, f in (
        ("a + b", lambda a, b: a + b), ("b + a", lambda a, b: b + a),
        ("a * b", lambda a, b: a * b), ("b * a", lambda a, b: b * a),
    ):  # fmt: skip
        a, b = Tensor(p), Tensor(q)
        (f(a, b) * weights).sum().backward()
        found[name] = {"grad of a": a.grad, "grad of b": b.grad}
    return found


@scenario
def _with_plain(Tensor: Function, p: Any, c: float, array: Floats) -> Any:
    found = {}
    for name, f in (
        ("t + c", lambda t: t + c), ("c + t", lambda t: c + t), ("t * c", lambda t: t * c),
        ("c * t", lambda t: c * t), ("t * array", lambda t: t * array),
        ("t + array", lambda t: t + array),
    ):  # fmt: skip
        t = Tensor(p)
        out = (f(t) * f(t)).sum()
        out.backward()
        found[name] = {"value": out.data, "grad": t.grad}
    return found


def tensor_broadcast(Tensor: Function, draw: int = 0) -> None:
    """Check that each stretched axis is summed; arrays right, numbers on both sides of + and *."""
    row, w = points(draw, (3,)), points(draw + 2, (4, 3))
    column = points(draw + 1, (4,))[:, None]
    one = np.ones((4, 3))  # not generic: the slope of a sum
    for p, q in ((row, column), (float(row[0]), row)):
        right = {}
        shapes = np.shape(p), np.shape(q)
        for name, of_p, of_q in (("a + b", one, one), ("a * b", q * one, p * one)):
            grads = []
            for shape, factor in zip(shapes, (of_p, of_q), strict=True):
                full = w * factor
                grads.append(
                    full.sum() if not shape else full.sum(axis=0) if len(shape) == 1
                    else full.sum(axis=1, keepdims=True)
                )  # fmt: skip
            right[name] = right[f"b {name[2]} a"] = dict(
                zip(("grad of a", "grad of b"), grads, strict=True)
            )
        check_each(
            _stretched(Tensor, p, q, w),
            right,
            what=f"sum(w * (...)) with a {shapes[0]}, b {shapes[1]} and w (4, 3)",
            rtol=1e-11,
            atol=1e-12,
        )
    start, c = np.array([[1, 2, 3 + draw % 5]]), -1.5
    by = points(draw + 3, (4, 3))
    sums = {"value": np.sum((start + c) ** 2), "grad": 2.0 * (start + c)}
    products = {"value": np.sum((start * c) ** 2), "grad": 2 * start * c**2}
    check_each(
        _with_plain(Tensor, start, c, by),
        {
            "t + c": sums, "c + t": sums, "t * c": products, "c * t": products,
            "t * array": {
                "value": np.sum((start * by) ** 2),
                "grad": np.sum(2 * start * by**2, axis=0, keepdims=True),
            },
            "t + array": {
                "value": np.sum((start + by) ** 2),
                "grad": np.sum(2 * (start + by), axis=0, keepdims=True),
            },
        },
        what="the sum of squares of an expression with a tensor t of shape (1, 3)",
        rtol=1e-11,
    )  # fmt: skip


@scenario
def _shared(Tensor: Function, p: Floats, q: Floats) -> Any:
    t, u = Tensor(p), Tensor(q)
    inner = t * 2.0
    longer = inner * 3.0
    product, plus = inner * longer, t + u
    out = (product + inner).sum() + plus.sum()
    grads, shared = [], False
    for _ in range(2):
        out.backward()
        grads += [np.array(t.grad), np.array(u.grad), np.array(inner.grad)]
        alike = [np.asarray(tensor.grad) for tensor in (u, product, plus)]  # all ones
        for tensor in (t, inner, longer):
            others = [*alike, *(o.grad for o in (t, inner, longer) if o is not tensor)]
            shared |= any(np.shares_memory(tensor.grad, other) for other in others)
    return {"grads": grads, "shared": shared}


@scenario
def _orders(Tensor: Function, p: Floats) -> Any:
    found = []
    for swapped in (False, True):
        t = Tensor(p)
        a = t * 2.0
        b = a * 3.0
        (b + a if swapped else a + b).sum().backward()
        found.append(t.grad)
    m = Tensor(p)
    (m @ m + m).sum().backward()
    return [*found, m.grad]


@scenario
def _grown(Tensor: Function, doubled: bool) -> Any:
    """Return how many additions were made, and what backward finds then."""
    import sys

    # a chain that is longer than a recursion may be deep
    length = 60 if doubled else min(sys.getrecursionlimit() + 100, 3000)
    t = Tensor([1.0, 2.0, 3.0])
    out = t
    for _ in range(length):
        out = out + out if doubled else out + 1.0
    out.sum().backward()
    return length, t.grad


def tensor_accumulate(Tensor: Function, draw: int = 0) -> None:
    """Check uses and calls that add up, the order, many paths, and a long chain of tensors."""
    start, other = points(draw, (4, 3)), points(draw + 1, (4, 3))
    one = np.ones((4, 3))  # not generic: the slope of a sum
    of_t, of_inner = 24 * start + 3, 12 * start + 1
    flat = np.ones((4, 3))  # not generic: a slope
    found = _shared(Tensor, start, other)
    check_each(
        found["grads"],
        [of_t, one, of_inner, 2 * of_t, 2 * one, of_inner],
        what="(i * 3i + i).sum() + (t + u).sum(), where i = 2t",
        names=[
            f"the grad of {name} after {calls} of backward"
            for calls in ("one call", "two calls")
            for name in ("t", "u", "i")
        ],
        rtol=1e-11,
        mistakes={
            "the leaves are reset: they accumulate over calls": [of_t, one, of_inner] * 2,
            "only one use of a tensor counts": [flat, one, flat] * 2,
            "two tensors share one array of gradients, and both add to it": found["grads"]
            if found["shared"]
            else [2 * of_t, 2 * one, of_inner, 3 * of_t, 3 * one, of_inner],
        },
    )  # fmt: skip
    square = points(draw + 2, (9,)).reshape(3, 3)
    ones = np.ones((3, 3))  # not generic: the slope of a sum
    check_each(
        _orders(Tensor, square),
        [8 * ones, 8 * ones, ones @ square.T + square.T @ ones + 1],
        what="the slope of sums of entries",
        names=[
            "the grad of t for a + b, where a = 2t and b = 3a,", "the grad of t for b + a",
            "the grad of m in m @ m + m",
        ],
        rtol=1e-11,
        mistakes={
            "a tensor passed its gradient on before all of it had arrived": [
                2 * ones, 2 * ones, np.nan * ones,
            ],
        },
    )  # fmt: skip
    check_doublings(Tensor)
    for doubled in (True,) if draw else (True, False):
        try:
            length, found = _grown(Tensor, doubled)
        except RecursionError as error:
            raise recursion("backward of a long chain of additions") from error
        check_close(
            found,
            np.repeat(2.0**60 if doubled else 1.0, 3),
            what="the grad of t after 60 doublings out = out + out"
            if doubled
            else f"the grad of t after {length} additions",
            hint="this graph has 2 ** 60 paths, but only 60 additions: visit each tensor once"
            if doubled
            else None,
        )


@scenario
def _backward_from(Tensor: Function, data: Any, computed: bool) -> Any:
    t = Tensor(data)
    return (t * 2.0 if computed else t).backward()


@scenario
def _relu(Tensor: Function, p: Any) -> Any:
    t, u = Tensor(p), Tensor(np.negative(p))
    out, other = t.relu(), u.relu()
    for result in (out, other):
        (result * 10.0).sum().backward()
    return [out.data, t.grad, u.grad]


@scenario
def _fresh(Tensor: Function, data: Any) -> Any:
    t = Tensor(data)
    return [t.data, t.grad]


def tensor_raises(Tensor: Function, draw: int = 0) -> None:
    """Check the ValueError for all shapes but (), relu at 0, and that data becomes float64."""
    for data in ([[1.0, 2.0, 3.0 + draw]], [2.0], [[2.0]], [1.0, 2.0, 3.0]):
        for computed in (True, False):
            check_raises(
                ValueError, _backward_from, Tensor, data, computed,
                what=f"backward of a tensor of shape {np.shape(data)}",
                hint="a single number has the shape (); a shape (1,) is an array",
            )  # fmt: skip
    for x in (points(draw, (3, 4)) * [1, 0, 1, -1], np.array([[0, -3, 5], [4, 1, -2]])):
        on, off = 1.0 * (x > 0), 1.0 * (x < 0)
        check_close(
            _relu(Tensor, x),
            [x * on, 10 * on, 10 * off],
            what="[data of t.relu(), 10 times its slope, 10 times that of (-t).relu()], with 0 "
            "among the entries of t",
            mistakes={
                "relu has the slope 0 at 0": [x * on, 10.0 * (x >= 0), 10.0 * (x <= 0)],
                "the slope is not multiplied by the upstream gradient": [x * on, on, off],
                "all results of relu share what the last one kept": [x * on, 10 * off, 10 * off],
            },
        )
    whole = [[1, 2, 3 + draw]]
    for kind, given in (("integers", whole), ("float32", np.array(whole, dtype=np.float32))):
        check_each(
            _fresh(Tensor, given),
            [np.array([[1.0, 2.0, 3.0 + draw]]), np.zeros((1, 3))],  # not generic: a new grad is 0
            what=f"a new Tensor of {kind}",
            names=["data", "grad"],
            dtype=np.float64,
        )
