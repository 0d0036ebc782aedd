"""Exercise 4.3: a dense layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import (
    check_close,
    check_each,
    check_equal,
    check_raises,
    check_unchanged,
    check_vjp,
    scenario,
)
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats

GRADIENTS = ("grad_W", "grad_b", "grad_x")


@scenario
def _first(Linear: Function, n_in: int, n_out: int, seed: int) -> Any:
    fresh = Linear(n_in, n_out, np.random.default_rng(seed))
    return {"W": fresh.W, "b": fresh.b}


@scenario
def _spread(Linear: Function, n_in: int, n_out: int, seed: int) -> Any:
    """Return what tells the first numbers of a large layer, which are many, without them."""
    fresh = Linear(n_in, n_out, np.random.default_rng(seed))
    W, b = np.asarray(fresh.W), np.asarray(fresh.b)
    found = {"shape": W.shape, "b": fresh.b, "dtypes": [str(W.dtype), str(b.dtype)]}
    if W.shape == (n_out, n_in):
        found |= {"mean": float(W.mean()), "variance": float(W.var())}
    return found


@scenario
def _output(Linear: Function, W: Floats, b: Floats, x: Floats) -> Any:
    fresh = Linear(W.shape[1], W.shape[0], np.random.default_rng(0))
    fresh.W, fresh.b = W, b
    return fresh.forward(x)


@scenario
def _gradients(Linear: Function, grad_output: Floats, W: Floats, b: Floats, x: Floats) -> Any:
    fresh = Linear(W.shape[1], W.shape[0], np.random.default_rng(0))
    fresh.W, fresh.b = W, b
    fresh.forward(x)
    grad_x = fresh.backward(grad_output)
    return fresh.grad_W, fresh.grad_b, grad_x


@scenario
def _beside_another(Linear: Function, n_in: int, n_out: int) -> Any:
    """Return W and b of a layer after a second one was made and its own were overwritten."""
    first, second = (Linear(n_in, n_out, np.random.default_rng(k)) for k in range(2))
    second.W[...], second.b[...] = 7.0, 7.0
    return {"W": first.W, "b": first.b}


@scenario
def _two_layers_in_turn(Linear: Function, parameters: Any, xs: Any, gs: Any) -> Any:
    """Return what two layers give, each of which sees two batches; x is overwritten."""
    layers = []
    for W, b in parameters:
        layers.append(Linear(W.shape[1], W.shape[0], np.random.default_rng(0)))
        layers[-1].W, layers[-1].b = W, b
    found = []
    for round_ in range(2):
        outs, grads = [], []
        for layer, x in zip(layers, xs[round_], strict=True):
            mine = np.array(x)
            outs.append(layer.forward(mine))
            mine *= 100.0
        for layer, g in zip(layers, gs[round_], strict=True):
            grads.append(layer.backward(g))
        for layer, out, grad in zip(layers, outs, grads, strict=True):
            parts = {"forward": out, "grad_W": layer.grad_W, "grad_b": layer.grad_b, "grad_x": grad}
            found.append({name: np.array(part) for name, part in parts.items()})
    return found


@scenario
def _twice(Linear: Function, W: Floats, x: Floats, g: Floats) -> Any:
    fresh = Linear(W.shape[1], W.shape[0], np.random.default_rng(0))
    fresh.W = W
    fresh.forward(x)
    fresh.backward(g)
    fresh.backward(2 * g)
    return fresh.grad_W, fresh.grad_b


@scenario
def _fed(Linear: Function, shape: tuple[int, ...]) -> Any:
    return Linear(3, 5, np.random.default_rng(0)).forward(np.ones(shape))


def _two_digits(number: float) -> float:
    return float(f"{number:.1e}")  # what is drawn is off by half a percent


def linear_first_weights(Linear: Function, draw: int = 0) -> None:
    """Check shapes, zero biases, mean 0, variance 2 / n_in, and that rng alone draws W."""
    n_in, n_out = 400 + draw % 50, 300
    found = _spread(Linear, n_in, n_out, draw + 1)
    what = f"Linear({n_in}, {n_out}, rng)"
    check_close(
        found["shape"],
        (n_out, n_in),
        what=f"the shape of W in {what}",
        mistakes={"W @ x takes n_in numbers to n_out: one row for each output": (n_in, n_out)},
    )
    zeros = np.zeros((n_out, 1))  # not generic: it is 0
    check_close(found["b"], zeros, what=f"the first b of {what}", hint="the biases are 0 at first")
    check_close(
        _two_digits(n_in * found["variance"]),
        2.0,
        what=f"n_in times the variance of W in {what}, to two digits,",
        mistakes={
            "the standard deviation is 2 / n_in: take its square root": _two_digits(4 / n_in),
            "the variance is 2 / n_out: count the inputs": _two_digits(2 * n_in / n_out),
            "the variance is 1 / n_in": 1.0,
            "the variance is 2 / (n_in + n_out): count the inputs only": _two_digits(
                2 * n_in / (n_in + n_out)
            ),
            "the numbers are not scaled at all": _two_digits(n_in),
            "the weights are all alike": 0.0,
        },
    )
    check_close(
        found["mean"], 0.0, atol=1e-3, what=f"the mean of W in {what}",
        hint="numbers from 0 up have a positive mean: draw from both sides of 0",
    )  # fmt: skip
    check_equal(found["dtypes"], ["float64"] * 2, what="dtypes of W, b")
    once, again, other = (_first(Linear, 5, 4, draw + k)["W"] for k in (1, 1, 2))
    check_close(
        again, once, what="W drawn again by a generator with the same seed",
        hint="draw from rng, the generator that is passed in, and from nothing else",
    )  # fmt: skip
    check_equal(bool(np.allclose(other, once)), False, what="whether another seed draws the same W")


def linear_forward(Linear: Function, draw: int = 0) -> None:
    """Check W @ x + b for batches of columns, floats and integers; x is left as it was."""
    rng = np.random.default_rng(draw)
    for n_in, n_out, batch in ((4, 3, 5), (3, 6, 1)):
        W, b = rng.standard_normal((n_out, n_in)), rng.standard_normal((n_out, 1))
        whole = rng.integers(-4, 5, (n_in, batch))
        for x in (rng.standard_normal((n_in, batch)), whole):
            check_close(
                check_unchanged(_output, Linear, W, b, x, what="forward"),
                W @ x + b,
                what=f"forward of a batch of {batch} with {n_in} inputs and {n_out} outputs",
                rtol=1e-11,
                atol=1e-13,
                dtype=np.float64,
                mistakes={
                    "the bias is not added": W @ x,
                    "the bias is subtracted": W @ x - b,
                    "a ReLU belongs into a layer of its own": np.maximum(W @ x + b, 0),
                },
            )


def linear_backward(Linear: Function, draw: int = 0) -> None:
    """Check grad_W, grad_b (sums over the batch) and grad_x; seen, against measured slopes too."""
    rng = np.random.default_rng(draw + 1)
    for n_in, n_out, batch in ((4, 3, 5), (3, 5, 1)):
        W, b = rng.standard_normal((n_out, n_in)), rng.standard_normal((n_out, 1))
        x, g = rng.standard_normal((n_in, batch)), rng.standard_normal((n_out, batch))
        x[1] = 0.0  # where an input is 0, its gradient need not be
        check_each(
            check_unchanged(_gradients, Linear, g, W, b, x, what="backward"),
            (g @ x.T, g.sum(axis=1, keepdims=True), W.T @ g),
            what=f"the gradients of {n_in} inputs, {n_out} outputs and a batch of {batch}",
            names=GRADIENTS,
            rtol=1e-11,
            relative_to="largest",
            batch=batch,
        )

    arrays = [rng.standard_normal(shape) for shape in ((3, 4), (3, 1), (4, 5))]
    if not draw:
        _check_measured(Linear, arrays)
    W, _, x = arrays
    g = rng.standard_normal((3, 5))
    rows = g.sum(axis=1, keepdims=True)
    check_each(
        _twice(Linear, W, x, g),
        (2 * g @ x.T, 2 * rows),
        what="the gradients after a second backward with twice the grad_output",
        names=GRADIENTS[:2],
        rtol=1e-11,
        relative_to="largest",
        mistakes={
            "the two calls are added up: each backward replaces what is stored": (
                3 * g @ x.T,
                3 * rows,
            ),
            "the first call's result is kept: each backward replaces what is stored": (
                g @ x.T,
                rows,
            ),
        },
    )


def _check_measured(Linear: Function, arrays: list[Floats]) -> None:
    """Check the gradients against measured slopes."""
    __tracebackhide__ = True

    def gradients(g: Floats, W: Floats, b: Floats, x: Floats) -> Any:
        return _gradients(Linear, g, W, b, x)

    check_vjp(lambda W, b, x: W @ x + b, gradients, arrays, names=list(GRADIENTS), batch=5)


def linear_memory(Linear: Function, draw: int = 0) -> None:
    """Check two layers used in turn, each with two batches; the caller overwrites x meanwhile."""
    rng = np.random.default_rng(draw + 2)
    n_in, n_out, batch = 4, 3, 5
    check_each(
        _beside_another(Linear, n_in, n_out),
        {"W": _first(Linear, n_in, n_out, 0)["W"], "b": np.zeros((n_out, 1))},
        what="a layer, after another layer was made and its W and b were filled with 7,",
        mistakes={
            "both layers share one array: make a new one for each, and keep it in self": {
                "W": np.full((n_out, n_in), 7.0), "b": np.full((n_out, 1), 7.0),
            }
        },
    )  # fmt: skip
    layers = [
        (rng.standard_normal((n_out, n_in)), rng.standard_normal((n_out, 1))) for _ in range(2)
    ]
    xs = [[rng.standard_normal((n_in, batch)) for _ in layers] for _ in range(2)]
    gs = [[rng.standard_normal((n_out, batch)) for _ in layers] for _ in range(2)]

    def results(kept: Any = None, last: bool = False) -> list[dict[str, Floats]]:
        """Return what comes of keeping another x, or of showing what the second layer found."""
        found = []
        for r, k in ((r, 1 if last else k) for r in range(2) for k in range(2)):
            (W, b), x, g = layers[k], xs[r][k], gs[r][k]
            grad_W = g @ (x if kept is None else kept(r, k)).T
            grad_b = g.sum(axis=1, keepdims=True)
            found.append({"forward": W @ x + b, "grad_W": grad_W, "grad_b": grad_b,
                          "grad_x": W.T @ g})  # fmt: skip
        return found

    check_each(
        _two_layers_in_turn(Linear, layers, xs, gs),
        results(),
        what="two layers used in turn, each with two batches",
        names=[f"layer {k + 1}, batch {r + 1}" for r in range(2) for k in range(2)],
        rtol=1e-11,
        relative_to="largest",
        mistakes={
            "the layer keeps the caller's array, which was overwritten in the meantime": (
                results(lambda r, k: 100 * xs[r][k])
            ),
            "the layers share one memory: keep x in self, not in the class": (
                results(lambda r, k: xs[r][1])
            ),
            "the first input is kept for ever": results(lambda r, k: xs[0][k]),
            "this is the other layer's: both share one array, and the later one overwrites it": (
                results(last=True)
            ),
        },
    )


def linear_raises(Linear: Function, draw: int = 0) -> None:
    """Check that forward raises a ValueError for whatever doesn't have the shape (n_in, B)."""
    for shape in ((3,), (5, 3), (3, 4, 6), (5,), (4, 3), (1, 3), (3 + draw % 3, 3, 3), ()):
        check_raises(
            ValueError, _fed, Linear, shape,
            what=f"Linear(3, 5, rng).forward of an array of shape {shape}",
            hint="compare with (n_in, B), here (3, B), before you compute, and raise it yourself",
        )  # fmt: skip
    for batch in (1, 4 + draw % 5):
        check_close(
            np.shape(_fed(Linear, (3, batch))),
            (5, batch),
            what=f"the shape of forward for an input of shape {(3, batch)}",
        )
