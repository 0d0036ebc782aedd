"""Exercise 4.4: ReLU and the loss."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import (
    check_close,
    check_each,
    check_gradient,
    check_raises,
    check_unchanged,
    scenario,
)
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, kept, points

OVERWRITTEN = "this is the other one's: both share one array, and the later one overwrites it"
KEPT = "the layer keeps the caller's array, which was overwritten: keep a copy, or a mask"


@scenario
def _rectified(ReLU: Function, x: Floats, grad_output: Floats) -> Any:
    fresh = ReLU()
    return fresh.forward(x), fresh.backward(grad_output)


@scenario
def _two_relus_in_turn(ReLU: Function, xs: Any, gs: Any) -> Any:
    """Return what two layers give, each for two inputs; x is overwritten meanwhile."""
    layers, found = [ReLU(), ReLU()], []
    for round_ in range(2):
        outs = []
        for layer, x in zip(layers, xs[round_], strict=True):
            mine = np.array(x)
            outs.append(layer.forward(mine))
            mine *= -1.0
        grads = [layer.backward(g) for layer, g in zip(layers, gs[round_], strict=True)]
        for out, grad in zip(outs, grads, strict=True):
            found.append({"forward": np.array(out), "backward": np.array(grad)})
    return found


def relu_layer_values(ReLU: Function, draw: int = 0) -> None:
    """Check forward and backward for arrays of any shape, integers too; they are left alone."""
    inputs = [points(draw, (3, 4)), points(draw + 1, (3, 4, 5)), points(draw + 2, (4, 3)).T]
    for x in (*inputs, np.array([[-2, 3, 5 + draw], [4, -1, -6]])):
        g = points(draw + 3, x.shape)
        on = x > 0
        check_each(
            check_unchanged(_rectified, ReLU, x, g, what="ReLU"),
            (np.where(on, x, 0.0), np.where(on, g, 0.0)),
            what=f"ReLU for an array of shape {x.shape}",
            names=("forward", "backward"),
            rtol=1e-12,
            dtype=np.float64,
            mistakes={
                "it looks at the sign of grad_output: look at x": (
                    np.full(x.shape, np.nan), np.where(g > 0, g, 0.0),  # not generic: none
                ),
                "this is the local slope: it is still to be multiplied by grad_output": (
                    np.full(x.shape, np.nan), 1.0 * on,  # not generic: none
                ),
                "grad_output is multiplied by the output, not by the slope": (
                    np.full(x.shape, np.nan), np.where(on, x * g, 0.0),  # not generic: none
                ),
                "negative gradients are cut off: where x is positive, any gradient passes": (
                    np.full(x.shape, np.nan), np.where(on & (g > 0), g, 0.0),  # not generic: none
                ),
                "everything passes back: where x is not positive, nothing should": (
                    np.full(x.shape, np.nan), g,  # not generic: none
                ),
                "a part of the gradient passes where x is negative: nothing should": (
                    np.where(on, x, 0.01 * x), np.where(on, g, 0.01 * g),
                ),
                "the size of grad_output is taken: its sign counts": (
                    np.full(x.shape, np.nan), np.where(on, np.abs(g), 0.0),  # not generic: none
                ),
                "grad_output is squared": (
                    np.full(x.shape, np.nan), np.where(on, g**2, 0.0),  # not generic: none
                ),
                "the slope is added to grad_output: it multiplies": (
                    np.full(x.shape, np.nan), g + on,  # not generic: none
                ),
                "this is the slope, 1 or 0: forward returns max(0, x)": (
                    1.0 * on, np.full(x.shape, np.nan),  # not generic: none
                ),
                "numbers up to 1 are cut off, too: ReLU cuts off below 0": (
                    np.where(x > 1, x, 0.0), np.where(x > 1, g, 0.0),
                ),
                "negative numbers pass, positive ones are blocked": (
                    np.where(on, 0.0, x), np.where(on, 0.0, g),
                ),
                "this is the absolute value": (np.abs(x), np.where(on, g, -g)),
            },
        )  # fmt: skip


def relu_layer_kink(ReLU: Function, draw: int = 0) -> None:
    """Check the slope 0 at 0, extreme values, and two layers in turn; x is overwritten."""
    x = np.array([[0.0, -0.0, 1e-300, -1e-300], [3.0, -3.0, 1e300, -1e300]])
    g = points(draw, x.shape, 0.5, 3.0)
    check_each(
        _rectified(ReLU, x, g),
        (np.where(x > 0, x, 0.0), np.where(x > 0, g, 0.0)),
        what="ReLU at 0 and at extreme values",
        names=("forward", "backward"),
        rtol=1e-12,
        mistakes={
            "at the kink, x = 0, this course takes the slope 0": (x, np.where(x >= 0, g, 0.0)),
            "at the kink, x = 0, this course takes the slope 0, not 1/2": (
                x,
                g * np.heaviside(x, 0.5),
            ),
        },
    )
    rng = np.random.default_rng(draw + 1)
    xs, gs = ([[rng.standard_normal((3, 4)) for _ in range(2)] for _ in range(2)] for _ in range(2))

    def results(kept: Any = None, last: bool = False) -> list[dict[str, Floats]]:
        """Return what comes of keeping another x, or of showing what the second layer found."""
        found = []
        for r, k in ((r, 1 if last else k) for r in range(2) for k in range(2)):
            on = (xs[r][k] if kept is None else kept(r, k)) > 0
            found.append({"forward": np.maximum(xs[r][k], 0), "backward": on * gs[r][k]})
        return found

    check_each(
        _two_relus_in_turn(ReLU, xs, gs),
        results(),
        what="two ReLU layers used in turn, each with two inputs",
        names=[f"layer {k + 1}, input {r + 1}" for r in range(2) for k in range(2)],
        rtol=1e-12,
        mistakes={
            KEPT: results(lambda r, k: -xs[r][k]),
            "the layers share one memory: keep it in self, not in the class": (
                results(lambda r, k: xs[r][1])
            ),
            "the first input is remembered for ever": results(lambda r, k: xs[0][k]),
            OVERWRITTEN: results(last=True),
        },
    )


@scenario
def _loss(MSELoss: Function, prediction: Floats, target: Floats) -> Any:
    return MSELoss().forward(prediction, target)


@scenario
def _loss_gradient(MSELoss: Function, prediction: Floats, target: Floats) -> Any:
    fresh = MSELoss()
    fresh.forward(prediction, target)
    return fresh.backward()


@scenario
def _two_losses_in_turn(MSELoss: Function, pairs: Any) -> Any:
    losses, found = [MSELoss(), MSELoss()], []
    for round_ in range(2):
        for loss, (p, t) in zip(losses, pairs[round_], strict=True):
            mine, theirs = np.array(p), np.array(t)
            loss.forward(mine, theirs)
            mine *= 10.0
            theirs *= -10.0
        grads = [loss.backward() for loss in losses]
        found += [np.array(grad) for grad in grads]
    return found


@scenario
def _mismatch(MSELoss: Function, first: tuple[int, ...], second: tuple[int, ...]) -> Any:
    return MSELoss().forward(np.ones(first), np.zeros(second))


def _pairs(draw: int) -> list[tuple[Floats, Floats]]:
    """Return predictions and targets of several shapes, one of them of integers."""
    rng = np.random.default_rng(draw)
    pairs = [(rng.standard_normal(s), rng.standard_normal(s)) for s in ((3, 5), (4, 1), (1, 6))]
    whole = rng.integers(-5, 6, (2, 5, 3))
    return [*pairs, (whole[0], whole[1] + 7)]


def mse_loss_forward(MSELoss: Function, draw: int = 0) -> None:
    """Check the loss: the sum over the outputs, the mean over the examples, a half."""
    for p, t in _pairs(draw):
        n_out, batch = p.shape
        total = np.sum((p - t) ** 2)
        check_close(
            check_unchanged(_loss, MSELoss, p, t, what="MSELoss.forward"),
            total / (2 * batch),
            what=f"the loss of {batch} examples with {n_out} outputs",
            rtol=1e-12,
            mistakes={
                "this is the mean over all entries: divide by the number of examples only": (
                    total / (2 * p.size)
                ),
                "this is the mean over all entries, without the factor 1/2": total / p.size,
                "multiplied by the number of examples: brackets are missing around 2 * B": (
                    total / 2 * batch
                ),
                "the root is taken: the loss is a sum of squares": np.sqrt(total) / (2 * batch),
                "the target is added: the differences count": np.sum((p + t) ** 2) / (2 * batch),
                "this is divided by the number of outputs; B is the number of columns": (
                    total / (2 * n_out)
                ),
                "the factor 1/2 is missing": total / batch,
                "it is not divided by the number of examples": total / 2,
                "the differences are not squared": np.sum(p - t) / (2 * batch),
                "absolute values, not squares": np.sum(np.abs(p - t)) / (2 * batch),
                "the sum is squared, not each difference": np.sum(p - t) ** 2 / (2 * batch),
            }
            if 1 not in p.shape
            else {},
        )


@kept
def _slips_of_loss_gradient(p: Floats, t: Floats) -> dict[str, Any]:
    n_out, batch = p.shape
    return {
        "divided by the number of outputs, not of examples": (p - t) / n_out,
        "the differences are squared: the slope of d**2 / 2 is d": (p - t) ** 2 / batch,
        "only the signs of the differences are taken": np.sign(p - t) / batch,
        "this is the loss itself, a number": np.sum((p - t) ** 2) / (2 * batch),
        "the target is added: the differences count": (p + t) / batch,
        "the sizes of the differences are taken": np.abs(p - t) / batch,
    }


def mse_loss_backward(MSELoss: Function, draw: int = 0) -> None:
    """Check the gradient against measured slopes of the loss; two losses used in turn."""
    pairs = _pairs(draw + 1)
    for p, t in pairs:
        n_out, batch = p.shape
        check_close(
            check_unchanged(_loss_gradient, MSELoss, p, t, what="MSELoss"),
            (p - t) / batch,
            what=f"the gradient for {batch} examples with {n_out} outputs",
            rtol=1e-12,
            batch=batch,
            sizes={"the number of outputs": n_out, "the number of entries": p.size},
            mistakes=_slips_of_loss_gradient(p, t) if 1 not in p.shape else {},
        )
    p, t = pairs[0]
    check_gradient(
        lambda p: np.sum((p - t) ** 2) / 10,
        lambda p: _loss_gradient(MSELoss, p, t),
        p,
        what="the gradient of the loss of five examples with three outputs",
        batch=5,
        sizes={"the number of outputs": 3},
    )
    rng = np.random.default_rng(draw + 2)
    batches = (4, 4), (4, 6)  # a shared array needs equal shapes, a shared size different ones
    rounds = [
        [(rng.standard_normal((3, B)), rng.standard_normal((3, B))) for B in sizes]
        for sizes in batches
    ]

    def of(choose: Any, size: Any = None) -> list[Floats]:
        found = [np.subtract(*choose(r, k)) for r in range(2) for k in range(2)]
        counts = [(size or (lambda r, k: batches[r][k]))(r, k) for r in range(2) for k in range(2)]
        return [gap / count for gap, count in zip(found, counts, strict=True)]

    check_each(
        _two_losses_in_turn(MSELoss, rounds),
        of(lambda r, k: rounds[r][k]),
        what="backward of two losses used in turn, each with two batches",
        names=[f"loss {k + 1}, batch {r + 1}" for r in range(2) for k in range(2)],
        rtol=1e-12,
        mistakes={
            "the losses share one memory: keep it in self": of(
                lambda r, k: rounds[r][1], lambda r, k: batches[r][1]
            ),
            "the losses share the size of the batch: keep it in self": of(
                lambda r, k: rounds[r][k], lambda r, k: batches[r][1]
            ),
            "the loss keeps the caller's arrays, which were overwritten: keep their difference": (
                of(lambda r, k: (10 * rounds[r][k][0], -10 * rounds[r][k][1]))
            ),
            "the first batch is remembered for ever": of(
                lambda r, k: rounds[0][k], lambda r, k: batches[0][k]
            ),
        },
    )


def mse_loss_raises(MSELoss: Function, draw: int = 0) -> None:
    """Check that shapes that differ raise a ValueError, even where NumPy could broadcast."""
    n = 3 + draw % 4
    for first, second in (
        ((n, 4), (n, 1)), ((n, 4), (4,)), ((1, 4), (4,)), ((n, 1), (1, 1)), ((n, 7), (7, n)),
        ((2, n), (2 * n, 1)), ((1, 4), (n, 4)),
    ):  # fmt: skip
        check_raises(
            ValueError, _mismatch, MSELoss, first, second,
            what=f"the loss of shapes {first} and {second}",
            hint="compare the two shapes first, and raise ValueError(...) yourself",
        )  # fmt: skip
    check_close(
        _mismatch(MSELoss, (n, 7), (n, 7)), n / 2, what=f"the loss of ones of shape {(n, 7)}, "
        "target 0,",
    )  # fmt: skip
