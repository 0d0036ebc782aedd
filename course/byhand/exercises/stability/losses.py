"""Exercises 6.6 and 6.7: log-softmax and cross-entropy, forward and backward."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import check_close, check_quiet, check_unchanged, supplied
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, kept, points, unlike
from byhand.exercises.stability.earlier import LOGS, SUMS
from byhand.exercises.stability.earlier import log_softmax as _log_softmax

CONSTANTS = (1e-6, 1e-7, 1e-8, 1e-10, 1e-12, 1e-15, 1e-16, 1e-20, 1e-30, 1e-100, 1e-300)
DETOUR = "a probability that underflows to 0 takes its logarithm along: don't compute it"


def log_softmax_values(log_softmax: Function, draw: int = 0) -> None:
    """Check rows, all axes of an array with three, integers; x is left as it was."""
    rows = points(draw, (4, 3))
    p = np.exp(rows) / np.exp(rows).sum(axis=1, keepdims=True)
    with supplied(**SUMS):
        check_close(
            check_unchanged(log_softmax, rows, what="log_softmax"),
            np.log(p),
            what="log_softmax(x) of four rows with three scores each",
            rtol=1e-12,
            mistakes={
                "this is softmax: its logarithm is asked for": p,
                "only the largest score is subtracted": rows - rows.max(axis=1, keepdims=True),
                "the sign is flipped: the logarithm of a probability is negative": -np.log(p),
                "the largest score is lost on the way: its shift is not added again": np.log(p)
                + rows.max(axis=1, keepdims=True),
                "the sum runs along the columns: axis -1 means along each row": rows
                - np.log(np.exp(rows).sum(axis=0)),
                "the sum runs over the whole batch: each row has its own": rows
                - np.log(np.exp(rows).sum()),
                "the sum itself is subtracted: subtract its logarithm": rows
                - np.exp(rows).sum(axis=1, keepdims=True),
                **{
                    f"{small:g} is added in the logarithm": np.log(p + small)
                    for small in CONSTANTS[:4]
                },
            },
        )
        single = rows.astype(np.float32)
        check_close(
            log_softmax(single),
            _log_softmax(single.astype(float)),
            what="log_softmax of float32",
            rtol=1e-5,
            atol=1e-6,
            dtype=np.float64,
        )
        block = points(draw + 1, (3, 5, 4))
        for axis in (0, 1, 2, -3):
            check_close(
                log_softmax(block.copy(), axis),
                block - np.log(np.exp(block).sum(axis=axis, keepdims=True)),
                what=f"log_softmax(x, {axis}) for an x of shape (3, 5, 4)",
                rtol=1e-11,
                mistakes={
                    f"the probabilities add up to 1 along axis {other}, not along axis {axis}": (
                        block - np.log(np.exp(block).sum(axis=other, keepdims=True))
                    )
                    for other in range(3)
                    if other != axis % 3
                },
            )
        whole = np.array([3, -1, 0, 2 + draw % 3])
        check_close(log_softmax(whole), _log_softmax(whole), what="log_softmax of integers")


def log_softmax_extremes(log_softmax: Function, draw: int = 0) -> None:
    """Check scores that are 1000 and 600000 apart, and -inf; no warning for finite ones."""
    far = 1000.0 + draw
    rows = np.array([[far, 0.0, 1.0], [0.0, -far, -1.0], [-far, -far + 1, -far]])
    with supplied(**SUMS):
        for x in (rows, np.array([3e5 + draw, -3e5, 3e5 + draw])):
            right = _log_softmax(x)
            with np.errstate(all="ignore"):
                p = np.exp(right)
                slips = {"the logarithm of a probability that underflowed to 0": np.log(p)}
                for small in CONSTANTS:
                    said = f"{small:g} in the logarithm caps the result at {np.log(small):.4g}"
                    slips[said] = np.log(p + small)  # so does np.maximum(p, small)
            check_close(
                check_quiet(log_softmax, x.copy(), what="log_softmax far apart", hint=DETOUR),
                right,
                what=f"log_softmax({x.tolist()})",
                rtol=1e-12,
                atol=1e-9,
                mistakes=slips,
            )
        a, b = points(draw, (2,), 0.3, 3.0)
        two = _log_softmax(np.array([a, b]))
        with np.errstate(all="ignore"):  # NumPy may warn of infinities
            check_close(
                log_softmax(np.array([a, -np.inf, b])),
                [two[0], -np.inf, two[1]],
                what="log_softmax of a row with one -inf",
            )


def log_softmax_backward_values(log_softmax_backward: Function, draw: int = 0) -> None:
    """Check vectors, rows, three axes, and outputs of -1000; nothing is changed."""
    with supplied(**LOGS):
        for shape in ((4,), (3, 5), (3, 5, 4)):
            x, g = points(draw, shape), points(draw + 1, shape)
            out = x - np.log(np.exp(x).sum(axis=-1, keepdims=True))
            total, p = g.sum(axis=-1, keepdims=True), np.exp(out)
            slips = {
                "g is where its sum belongs: every output depends on every input": g - p * g,
                "the sum of g is missing": g - p,
                "this is the backward pass of softmax": p * (g - (g * p).sum(-1, keepdims=True)),
                "output is used as a probability: it holds logarithms": g - out * total,
                "the two parts are added: one is subtracted": g + p * total,
                "the direct path is missing: x_j reaches its own output too": -p * total,
                "softmax is applied once more: exp(output) holds the probabilities": g
                - np.exp(p) / np.exp(p).sum(-1, keepdims=True) * total,
                "the mean of g is taken, not its sum": g - p * total / shape[-1],
                "the sum runs over g times p, not over g": g - p * (g * p).sum(-1, keepdims=True),
                "this centers g: the slope of log-sum-exp is not the same for all": g
                - total / shape[-1],
            }
            if len(shape) > 1:
                slips["the sum runs over the whole batch: each row has its own"] = g - p * g.sum()
                slips["the sum runs along axis 0: each row has its own"] = g - p * g.sum(axis=0)
            check_close(
                check_unchanged(log_softmax_backward, g, out, what="log_softmax_backward"),
                g - p * total,
                what=f"log_softmax_backward(grad_output, output) for shape {shape}",
                rtol=1e-11,
                relative_to="largest",
                mistakes=slips,
                terms={"grad_output": g, "-exp(output) * sum": {"p": -p, "sum": total + 0 * g}},
            )
        g = points(draw + 2, (3,))
        with np.errstate(all="ignore"):  # NumPy may warn of infinities
            check_close(
                log_softmax_backward(g, np.array([0.0, -1000.0, -np.inf])),
                g - [g.sum(), 0, 0],
                what="log_softmax_backward for the output [0, -1000, -inf]",
                rtol=1e-11,
            )


# -- cross-entropy --------------------------------------------------------------------------------


def _soft(draw: int, shape: tuple[int, int]) -> Floats:
    """Return target probabilities, all different."""
    parts = np.exp(points(draw, shape, -1.0, 1.0))
    return parts / parts.sum(axis=1, keepdims=True)


def _hard(draw: int, shape: tuple[int, int]) -> Floats:
    """Return targets of 0 and 1."""
    classes = np.random.default_rng(draw).permutation(np.arange(shape[0]) % shape[1])
    return (np.arange(shape[1]) == classes[:, None]).astype(float)


@kept
def _loss_slips(z: Floats, t: Floats, p: Floats, loss: Any) -> dict[str, Any]:
    """Return what usual slips give for the mean loss of logits z, targets t, probabilities p."""
    count, classes = z.shape
    columns = np.exp(z) / np.exp(z).sum(axis=0)
    slips = {
        "this is the sum over the batch: take the mean": loss * count,
        "np.mean divides by the number of classes too": loss / classes,
        "this is divided by the number of classes, not by that of examples": (
            loss * count / classes
        ),
        "the minus is missing: a loss is positive": -loss,
        "softmax runs along axis 0: each example is a row": (-np.sum(t * np.log(columns)) / count),
        "the logarithm is missing": -np.sum(t * p) / count,
        "the logits are used as logarithms of probabilities": -np.sum(t * z) / count,
        "p and t have changed places": -np.sum(p * np.log(t + 1e-300)) / count,
        "only the largest target of each row counts: targets may be any probabilities": (
            -np.log(p[np.arange(count), t.argmax(axis=1)]).mean()
        ),
        "only targets of exactly 1 count: targets may be any probabilities": (
            -np.sum(np.where(t == 1, np.log(p), 0.0)) / count
        ),
        "targets only choose: multiply each logarithm by its target": (
            -np.sum(np.where(t > 0, np.log(p), 0.0)) / count
        ),
        "this is the binary loss, with 1 - t and 1 - p too": -np.sum(
            t * np.log(p) + (1 - t) * np.log(1 - p)
        )
        / count,
        "the probabilities are put through softmax again": -np.sum(t * _log_softmax(p)) / count,
        "these are the losses of the examples: return their mean": -np.sum(t * np.log(p), axis=1),
    }
    return slips | {
        f"{c:g} is added in the logarithm": -np.sum(t * np.log(p + c)) / count
        for c in CONSTANTS[:5]
    }


def cross_entropy_values(cross_entropy_stable: Function, draw: int = 0) -> None:
    """Check soft targets and one-hot ones, integers too, for batches of five, seven and one."""
    with supplied(**LOGS):
        for (count, classes), kind in (
            ((5, 3), _soft), ((7, 4), _hard), ((3, 6), _soft), ((5, 8), _hard),
        ):  # fmt: skip
            z, t = points(draw, (count, classes)), kind(draw + 1, (count, classes))
            p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
            loss = -np.sum(t * np.log(p)) / count
            check_close(
                check_unchanged(cross_entropy_stable, z, t, what="cross_entropy_stable"),
                loss,
                what=f"the loss of {count} examples and {classes} classes",
                rtol=1e-11,
                mistakes=unlike(_loss_slips(z, t, p, loss), loss, rtol=1e-12),
            )
            check_close(
                cross_entropy_stable(z[:1].copy(), t[:1].copy()),
                -np.sum(t[0] * np.log(p[0])),
                what="the loss of a single example",
                rtol=1e-11,
            )
        z, t = points(draw + 2, (4, 5)), _hard(draw + 3, (4, 5)).astype(int)
        check_close(
            cross_entropy_stable(z, t),
            -np.sum(t * _log_softmax(z)) / 4,
            what="the loss with integers as targets",
            rtol=1e-11,
        )


def cross_entropy_extremes(cross_entropy_stable: Function, draw: int = 0) -> None:
    """Check logits up to 300000, -inf with the target 0 and with the target 1, and NaN."""
    far = 1000.0 + draw
    with supplied(**LOGS):
        for z, t in (
            ([[far, 0.0, 3.0]], [[0.0, 1.0, 0.0]]),
            ([[far, 0.0, -far], [-far, -far, far], [3e5, 3e5, 0.0]],
             [[0.0, 0.0, 1.0], [0.0, 0.0, 1.0], [0.5, 0.25, 0.25]]),
        ):  # fmt: skip
            logits, targets = np.array(z), np.array(t)
            right = float(-np.sum(targets * _log_softmax(logits)) / len(z))
            p = np.exp(_log_softmax(logits))
            with np.errstate(all="ignore"):
                slips = {
                    f"{c:g} in the logarithm caps the loss at {-np.log(c):.4g}": (
                        -np.sum(targets * np.log(p + c)) / len(z)
                    )
                    for c in CONSTANTS
                }
            slips["this is divided by the number of classes"] = right * len(z) / 3
            for at in (20, 30, 50, 100, 500, 700, 709):
                slips[f"logits beyond {at} are cut off"] = float(
                    -np.sum(targets * _log_softmax(np.clip(logits, -at, at))) / len(z)
                )
            check_close(
                check_quiet(cross_entropy_stable, logits, targets, what="the loss", hint=DETOUR),
                right,
                what=f"the loss of the logits {z} with the targets {t}",
                rtol=1e-12,
                mistakes=slips,
            )
        a = float(points(draw, (), 0.3, 3.0))
        logits = np.array([[-np.inf, a, 0.5], [0.0, -np.inf, -np.inf]])
        row = float(np.log(np.exp(a) + np.exp(0.5)))
        low = "a class that is impossible and right has an infinite loss"
        cases: list[tuple[list[list[float]], float, dict[str, float]]] = [
            ([[0, 1, 0], [1, 0, 0]], (row - a) / 2, {"0 times -inf is NaN: leave it out": np.nan}),
            ([[0, 1, 0], [0, 1, 0]], np.inf, {low: (row - a) / 2, f"{low}, not NaN": np.nan}),
        ]
        with np.errstate(all="ignore"):  # an answer may compute 0 * -inf and leave it out
            for t, right, slips in cases:
                check_close(
                    cross_entropy_stable(logits, np.array(t, dtype=float)),
                    right,
                    what=f"the mean loss where logits are -inf, with the targets {t}",
                    rtol=1e-12,
                    mistakes=slips,
                )
            logits[0, 2] = np.nan
            check_close(
                cross_entropy_stable(logits, np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])),
                np.nan,
                what="the mean loss with a logit that is NaN",
                mistakes={"NaN is left out: it must not disappear": 0.0},
                hint="a NaN that disappears is found later, and further away",
            )


@kept
def _gradient_slips(z: Floats, t: Floats) -> dict[str, Any]:
    count, classes = z.shape
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    with np.errstate(all="ignore"):
        return {
            "this is the gradient with respect to p, -t / (p B): go on to the logits": (
                -t / p / count
            ),
            "these are logarithms of probabilities: probabilities are needed": (np.log(p) - t)
            / count,
            "softmax runs along axis 0: each example is a row": (
                np.exp(z) / np.exp(z).sum(axis=0) - t
            )
            / count,
            "the targets are missing": p / count,
            "the batch is missing: each example counts 1 / B": p - t,
            "divided by the number of classes, not by that of examples": (p - t) / classes,
            "divided by the number of all entries, not by that of examples": (p - t)
            / (classes * count),
            "the sign is flipped": (t - p) / count,
            "this is averaged over the batch: each example has its own gradient": (p - t).mean(
                axis=0
            ),
            "the logits are used as probabilities": (z - t) / count,
            "only the targets are divided: bracket the difference": p - t / count,
            "(p - 1) * t leaves out the classes whose target is 0": (p - 1) * t / count,
            "1 is subtracted wherever a target is above 0: subtract the target": (p - (t > 0))
            / count,
            "this is the gradient of a squared loss through softmax": p
            * ((p - t) - ((p - t) * p).sum(axis=1, keepdims=True))
            / count,
        }


def cross_entropy_gradient_values(cross_entropy_gradient: Function, draw: int = 0) -> None:
    """Check soft targets, one-hot ones, float32, any logits, -inf; nothing is changed."""
    with supplied(**LOGS):
        for (count, classes), kind in (((5, 3), _soft), ((4, 7), _hard), ((3, 6), _soft)):
            z, t = points(draw, (count, classes)), kind(draw + 1, (count, classes))
            p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
            check_close(
                check_unchanged(cross_entropy_gradient, z, t, what="cross_entropy_gradient"),
                (p - t) / count,
                what=f"cross_entropy_gradient of {count} examples and {classes} classes",
                rtol=1e-11,
                relative_to="largest",
                mistakes=_gradient_slips(z, t),
            )
            check_close(
                cross_entropy_gradient(z[:1].copy(), t[:1].copy()),
                p[:1] - t[:1],
                what="cross_entropy_gradient of a single example",
                rtol=1e-11,
                relative_to="largest",
            )
        far = 1000.0 + draw
        z = np.array([[far, 0.0, 2.0], [-far, -far - 1, -far], [3e5, 0.0, -3e5]])
        t = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.5, 0.5]])
        check_close(
            check_quiet(
                cross_entropy_gradient,
                z,
                t,
                what="cross_entropy_gradient of logits near 1000",
                hint="the gradient needs neither a logarithm nor a division by p",
            ),
            (np.exp(_log_softmax(z)) - t) / 3,
            what="cross_entropy_gradient of logits from -300000 to 300000",
            rtol=1e-9,
        )
        whole = np.array([[0, 1, 0], [0, 0, 1], [1, 0, 0]])
        check_close(
            cross_entropy_gradient(z, whole),
            (np.exp(_log_softmax(z)) - whole) / 3,
            what="cross_entropy_gradient with integers as targets",
            rtol=1e-9,
        )
        single = points(draw + 2, (3, 4)).astype(np.float32)
        check_close(
            cross_entropy_gradient(single, _hard(draw + 3, (3, 4)).astype(np.float32)),
            (np.exp(_log_softmax(single.astype(float))) - _hard(draw + 3, (3, 4))) / 3,
            what="cross_entropy_gradient of float32",
            rtol=1e-5,
            atol=1e-7,
            dtype=np.float64,
        )
        a = float(points(draw, (), 0.3, 3.0))
        p0 = np.exp(_log_softmax(np.array([a, 0.5])))
        with np.errstate(all="ignore"):  # NumPy may warn of infinities
            check_close(
                cross_entropy_gradient(np.array([[-np.inf, a, 0.5]]), np.array([[0.0, 1.0, 0.0]])),
                [[0.0, p0[0] - 1, p0[1]]],
                what="cross_entropy_gradient where a logit of -inf has the target 0",
                rtol=1e-9,
            )
