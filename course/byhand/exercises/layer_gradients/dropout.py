"""Exercise 5.9: dropout, forward and backward."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import (
    CheckFailed,
    check_close,
    check_each,
    check_equal,
    check_parts,
    check_raises,
    check_unchanged,
)
from byhand.checks.failures import brief, shape_text
from byhand.differences.calls import Function
from byhand.exercises.layer_gradients.draws import arrays

PARTS = ("out", "mask")
ROWS, COLUMNS = 120, 150


def _run(f: Function, x: Any, rate: float, training: bool, seed: int) -> tuple[Any, ...]:
    __tracebackhide__ = True
    rng = np.random.default_rng(seed)
    mode = "training" if training else "evaluation"
    return check_parts(
        check_unchanged(f, x, rate, training, rng, what="dropout_forward"),
        PARTS,
        what=f"dropout_forward(...) in {mode}",
    )


def dropout_forward_training(dropout_forward: Function, draw: int = 0) -> None:
    """Check the mask's zeros and ones, their share, and that the kept entries are enlarged."""
    for rate, shape in ((0.3, (40, 50)), (0.85, (10, 12, 15))):
        (x,) = arrays(draw + 1, shape)
        out, mask = _run(dropout_forward, x, rate, True, draw + 2)
        if np.shape(mask) == shape != () and np.isin(out, (0, 1)).all():
            raise CheckFailed(
                f"the two results of dropout_forward for rate {rate} have changed places",
                expected="(out, mask)",
                likely="the first result holds nothing but zeros and ones: it is the mask",
            )
        if np.shape(mask) != shape:
            raise CheckFailed(
                f"the mask for rate {rate} in training has the wrong shape",
                expected=shape_text(shape),
                actual=brief(mask) if mask is None else shape_text(np.shape(mask)),
                likely="that is what evaluation returns: in training there is a mask"
                if mask is None
                else "a mask of another shape than x drops several entries together",
            )
        values = np.unique(np.asarray(mask, dtype=float))
        scale = 1 / (1 - rate)
        check_close(
            values,
            [0.0, 1.0],
            what=f"the different values in the mask for rate {rate}",
            mistakes={
                "the scale is in the mask, but it belongs to out alone": [0.0, scale],
                "nothing is dropped": [1.0],
                "everything is dropped": [0.0],
            },
        )
        kept = float(np.mean(mask))
        if np.shape(mask) == shape and abs(kept - (1 - rate)) > 0.1:
            raise CheckFailed(
                f"the share of ones in the mask is wrong for rate {rate} and {x.size:,} entries",
                expected=f"about {1 - rate:.2f}",
                actual=f"{kept:.2f}",
                likely="the rate is the probability of being dropped, not of being kept"
                if abs(kept - rate) < 0.1
                else None,
            )
        check_close(
            out,
            x * mask / (1 - rate) if np.shape(mask) == shape else x,
            what=f"out for rate {rate}, from your mask",
            rtol=1e-12,
            mistakes={
                "the kept entries are not enlarged": x * mask,
                "divided by the rate: divide by the share that is kept": x * mask / rate,
                "multiplied by the share that is kept: divide by it": x * mask * (1 - rate),
                "nothing is dropped": x,
            }
            if np.shape(mask) == shape
            else {},
        )


def dropout_forward_mask(dropout_forward: Function, draw: int = 0) -> None:
    """Check that every entry is drawn by itself, and from rng alone."""
    (x,) = arrays(draw + 3, (ROWS, COLUMNS))
    first = np.asarray(_run(dropout_forward, x, 0.4, True, draw + 4)[1], dtype=float)
    check_equal(first.shape, x.shape, what="the shape of the mask")
    for axis, said in ((0, "every row has the same mask"), (1, "every column has the same mask")):
        spread = float(np.std(first.mean(axis=axis)))
        even = np.sqrt(0.24 / x.shape[axis])
        if not even / 2 < spread < 2 * even:
            raise CheckFailed(
                f"the means of the mask over axis {axis} don't vary as independent draws do",
                expected=f"a standard deviation of about {even:.3f}",
                actual=f"{spread:.3f}",
                likely=f"{said}, or nearly so: draw a mask of the shape of x"
                if spread > even
                else None,
            )
    few = x[:20, :20].copy()
    one, again, other = (
        np.asarray(_run(dropout_forward, few, 0.4, True, seed)[1], dtype=float)
        for seed in (draw + 5, draw + 5, draw + 6)
    )
    if (one != again).any():
        raise CheckFailed(
            "two generators with the same seed give different masks",
            likely="the mask is drawn from another generator than rng",
        )
    if (one == other).all():
        raise CheckFailed(
            "two generators with different seeds give the same mask",
            likely="the mask is drawn from another generator than rng, or is always the same",
        )
    if abs(float(first.mean()) - 0.6) > 0.02:
        raise CheckFailed(
            f"the share of ones in the mask is wrong for rate 0.4 and {first.size:,} entries",
            expected="about 0.60",
            actual=f"{first.mean():.2f}",
        )
    counts = {
        int(np.sum(_run(dropout_forward, few, 0.4, True, draw + seed)[1])) for seed in range(7, 15)
    }
    if len(counts) == 1:
        raise CheckFailed(
            "in each of eight draws the same number of entries is kept",
            actual=f"{counts.pop()} of {few.size:,} every time",
            likely="a fixed share is dropped, but each entry must be dropped by itself",
        )


def dropout_forward_evaluation(dropout_forward: Function, draw: int = 0) -> None:
    """Check evaluation, which returns (x, None), and training with rate 0."""
    (x,) = arrays(draw + 6, (3, 4, 5))
    for rate in (0.75, 0.0):
        out, mask = _run(dropout_forward, x, rate, False, draw)
        check_close(
            out,
            x,
            what=f"out in evaluation for rate {rate}",
            rtol=1e-13,
            mistakes={
                "divided by 1 - rate, but in evaluation nothing is scaled": x / (1 - rate),
                "multiplied by 1 - rate, but in evaluation nothing is scaled": x * (1 - rate),
            }
            if rate
            else {},
        )
        check_equal(
            mask, None, what="the mask in evaluation", hint="there is none: return x and None"
        )
    check_each(
        _run(dropout_forward, x, 0.0, True, draw),
        (x, np.ones((3, 4, 5))),
        what="dropout_forward in training with rate 0",
        names=PARTS,
    )


def dropout_forward_rates(dropout_forward: Function, draw: int = 0) -> None:
    """Check that a rate of 1 or more, or below 0, is a ValueError in both modes."""
    (x,) = arrays(draw + 7, (3, 4))
    for rate in (1.0, 1, 1.5 + draw % 3, -0.1):
        for training, mode in ((True, "training"), (False, "evaluation")):
            rng = np.random.default_rng(draw)
            check_raises(
                ValueError, dropout_forward, x, rate, training, rng,
                what=f"dropout_forward with rate {rate} in {mode}",
                hint="look at the rate first, before the mode",
            )  # fmt: skip
    _run(dropout_forward, x, 0.999, True, draw)


def dropout_backward_values(dropout_backward: Function, draw: int = 0) -> None:
    """Check the same mask and the same scale; a mask of None passes the gradient as it is."""
    for shape, rate in (((3, 4), 0.2), ((3, 4, 5), 0.9)):
        (G,) = arrays(draw + 8, shape)
        mask = (np.random.default_rng(draw).random(shape) < 0.6).astype(float)
        check_close(
            check_unchanged(dropout_backward, G, mask, rate, what="dropout_backward"),
            G * mask / (1 - rate),
            what=f"dropout_backward(grad_output, mask, {rate})",
            rtol=1e-12,
            mistakes={
                "the scale is missing: forward enlarged what it kept": G * mask,
                "divided by the rate: divide by the share that is kept": G * mask / rate,
                "multiplied by the share that is kept: divide by it": G * mask * (1 - rate),
                "a rate of your own, 1/2: the rate is an argument": 2 * G * mask,
                "the mask is missing": G / (1 - rate),
                "the mask is turned round: a 1 means kept": G * (1 - mask) / (1 - rate),
            },
        )
        check_close(
            check_unchanged(dropout_backward, G, None, rate, what="dropout_backward"),
            G,
            what=f"dropout_backward(grad_output, None, {rate})",
            mistakes={"divided by 1 - rate, but in evaluation nothing is scaled": G / (1 - rate)},
        )
