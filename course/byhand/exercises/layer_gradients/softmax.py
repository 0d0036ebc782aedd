"""Exercises 5.1 and 5.2: softmax backward, and the cross-entropy with its gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import (
    CheckFailed,
    check_accepts,
    check_close,
    check_parts,
    check_quiet,
    check_unchanged,
    scenario,
)
from byhand.differences.calls import Function
from byhand.exercises.layer_gradients.draws import arrays
from byhand.exercises.samples import Floats, kept
from byhand.exercises.trusted import softmax, softmax_vjp

LONG = 3000  # weights in a row: their Jacobian takes 72 MB
MOST = 40  # arrays of the size of the row that an answer may hold at once
NO_LOG = (
    "take no log of a softmax, which may have rounded to 0: the log of the sum is what you need"
)


@kept
def _mistakes(G: Floats, s: Floats) -> dict[str, Any]:
    again = softmax(s)
    return {
        "only the diagonal of the Jacobian is used, but every score moves every weight": (
            s * (1 - s) * G
        ),
        "G - average is right so far, but a weight moves in proportion to its own size": (
            G - np.sum(G * s, axis=-1, keepdims=True)
        ),
        "the average of G is taken without the weights": (s * (G - G.mean(axis=-1, keepdims=True))),
        "the weighted average is a sum: np.mean divides it by the number of weights once more": (
            s * (G - np.mean(G * s, axis=-1, keepdims=True))
        ),
        "the weights are missing in the sum: grad_output alone is added up": (
            s * (G - np.sum(G, axis=-1, keepdims=True))
        ),
        "a factor 1 - weights is one too many: the sum is all there is besides": (
            (1 - s) * softmax_vjp(G, s)
        ),
        "the sum runs over all axes, but each row has a sum of its own": s * (G - np.sum(G * s)),
        "the sum runs over the first axis, not over the last": s * (G - np.sum(G * s, axis=0)),
        "softmax is applied once more, but the weights are its output already": (
            softmax_vjp(G, again)
        ),
        "grad_output and weights have changed places": softmax_vjp(s, G),
        "this is the softmax of the weights": again,
    }


def softmax_backward_values(softmax_backward: Function, draw: int = 0) -> None:
    """Check rows, a single vector and two axes in front; both arguments stay as they were."""
    for shape in ((3, 5), (4,), (4, 3, 5)):
        x, G = arrays(draw + len(shape), shape, shape)
        s = softmax(x)
        average = np.sum(G * s, axis=-1, keepdims=True)
        check_close(
            check_unchanged(softmax_backward, G, s, what="softmax_backward"),
            softmax_vjp(G, s),
            what=f"softmax_backward(grad_output, weights) for shape {shape}",
            rtol=1e-11,
            relative_to="largest",
            mistakes=_mistakes(G, s),
            terms={
                "of grad_output itself": {"grad_output": G, "weights": s},
                "of the average": {"average": -average, "weights": s},
            },
        )


@scenario
def _memory(softmax_backward: Function, G: Floats, weights: Floats) -> Any:
    import tracemalloc

    tracemalloc.start()
    try:
        result = softmax_backward(G, weights)
        return result, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def softmax_backward_memory(softmax_backward: Function, draw: int = 0) -> None:
    """Check one row of 3,000 weights, which leaves no room for a Jacobian."""
    x, G = arrays(draw + 7, (1, LONG), (1, LONG))  # not generic: one long row
    s = softmax(x)
    result, peak = _memory(softmax_backward, G, s)
    check_close(
        result,
        softmax_vjp(G, s),
        what="softmax_backward of one row of 3,000 weights",
        rtol=1e-9,
        relative_to="largest",
        mistakes=_mistakes(G, s),
    )
    if peak > MOST * G.nbytes:
        raise CheckFailed(
            "softmax_backward needs too much memory for one row of 3,000 weights",
            expected=f"at most {MOST} times what the row takes, which is 24,000 bytes",
            actual=f"{peak / 1e6:.0f} MB",
            likely="a matrix of 3,000 by 3,000 numbers takes 72 MB" if peak > 8 * LONG**2 else None,
            hint="multiply by the Jacobian on paper; in code only rows are left",
        )


def softmax_backward_dtype(softmax_backward: Function, draw: int = 0) -> None:
    """Check that float32 stays float32, and that integers become float64."""
    x, G = arrays(draw + 11, (3, 4), (3, 4))
    s = softmax(x)
    small: Any = G.astype(np.float32), s.astype(np.float32)
    check_close(
        softmax_backward(*small),
        softmax_vjp(*small),
        what="softmax_backward of float32 arrays",
        rtol=1e-5,
        relative_to="largest",
        mistakes=_mistakes(*small),
        dtype=np.float32,
    )
    whole = np.rint(3 * G).astype(int)
    check_close(
        softmax_backward(whole, s),
        softmax_vjp(whole, s),
        what="softmax_backward of a gradient of integers",
        rtol=1e-11,
        relative_to="largest",
        mistakes=_mistakes(whole, s),
        dtype=np.float64,
    )
    one_hot = np.array([[0, 1, 0, 0], [0, 0, 0, 1], [1, 0, 0, 0]])
    check_close(
        softmax_backward(whole, one_hot),
        np.zeros((3, 4)),
        what="softmax_backward of integers, where one weight of each row is 1",
        dtype=np.float64,
    )


def _log_softmax(x: Floats) -> Floats:
    shifted = x - x.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True)))


def _parts(result: Any) -> tuple[Any, ...]:
    __tracebackhide__ = True
    return check_parts(result, ("loss", "grad_logits"), what="cross_entropy(logits, targets)")


def _labels(draw: int, B: int, n: int) -> Any:
    """Return classes, none of them twice in a row."""
    rng = np.random.default_rng(draw)
    return (rng.integers(n) + np.cumsum(rng.integers(1, n, B))) % n


@kept
def _loss_mistakes(x: Floats, t: Floats) -> dict[str, Any]:
    B, logs = len(t), _log_softmax(x)
    chances = np.exp(logs)
    columns = x - np.log(np.sum(np.exp(x), axis=0))
    shifted = x - x.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    return {
        "the softmax runs over the batch: the classes are along axis 1": -np.sum(t * columns) / B,
        "all rows share one sum of exponentials: each row has its own": -np.sum(
            t * (x - np.log(np.sum(np.exp(x))))
        )
        / B,
        "the largest logit is subtracted from the logit, but not in the sum": -np.sum(
            t * (logs - x.max(axis=1, keepdims=True))
        )
        / B,
        "the largest of each column is subtracted: it must be that of a row": -np.sum(
            t * _log_softmax(x - x.max(axis=0))
        )
        / B,
        "the log of the sum is missing": -np.sum(t * x) / B,
        "the sum of exponentials runs over the batch: the classes are along axis 1": -np.sum(
            t * (shifted - np.log(powers.sum(axis=0)))
        )
        / B,
        "the logarithm of the sum has base 2: np.log is the natural one": -np.sum(
            t * (shifted - np.log2(powers.sum(axis=1, keepdims=True)))
        )
        / B,
        "the class is 1 more than it should be: classes count from 0": -np.sum(
            np.roll(t, 1, axis=1) * logs
        )
        / B,
        "divided by the number of classes, not by the number of examples": -np.sum(t * logs)
        / t.shape[1],
        "the sign is flipped: a log of a probability is negative, a loss is not": np.sum(t * logs)
        / B,
        "the logs are summed over all classes, not taken at the right one": -logs.sum() / B,
        "this is a probability: its log is missing": np.sum(t * chances) / B,
        "this is minus a probability: its log is missing": -np.sum(t * chances) / B,
        "this is the loss of the first example alone": -np.sum((t * logs)[0]),
        "the class is 1 less than it should be: classes count from 0": -np.sum(
            np.roll(t, -1, axis=1) * logs
        )
        / B,
    }


def cross_entropy_loss(cross_entropy: Function, draw: int = 0) -> None:
    """Check the mean loss of a batch of classes, and the loss of equal logits."""
    for B, n in ((3, 5), (6, 4)):
        (x,) = arrays(draw + n, (B, n))
        labels = _labels(draw + B, B, n)
        logs, t = _log_softmax(x), np.eye(n)[labels]
        loss, _ = _parts(check_unchanged(cross_entropy, x, labels, what="cross_entropy"))
        check_close(
            loss,
            -np.sum(t * logs) / B,
            what=f"the loss of {B} rows of {n} logits",
            rtol=1e-11,
            swapped={"grad_logits": (np.exp(logs) - t) / B},
            batch=B,
            sizes={"the number of classes": n},
            mistakes=_loss_mistakes(x, t),
        )
    equal = np.full((3, 7), 0.5 + draw)  # not generic: a network that knows nothing
    loss, _ = _parts(cross_entropy(equal, np.array([6, 0, 3])))
    check_close(
        loss,
        np.log(7.0),
        what="the loss of 3 rows of 7 equal logits",
        batch=3,
        sizes={"the number of classes": 7},
    )


def cross_entropy_gradient(cross_entropy: Function, draw: int = 0) -> None:
    """Check the gradient of the mean loss with respect to the logits, for classes."""
    for B, n in ((3, 5), (6, 4)):
        (x,) = arrays(draw + 2 * n, (B, n))
        labels = _labels(draw + B, B, n)
        s, t = softmax(x), np.eye(n)[labels]
        _, grad = _parts(check_unchanged(cross_entropy, x, labels, what="cross_entropy"))
        check_close(
            grad,
            (s - t) / B,
            what=f"grad_logits of {B} rows of {n} logits",
            rtol=1e-11,
            relative_to="largest",
            batch=B,
            sizes={"the number of classes": n},
            terms={"softmax": s / B, "target": -t / B},
            mistakes={
                "a sum over the classes is missing: every log_s depends on every logit": -t
                * (1 - s)
                / B,
                "this is the gradient with respect to the softmax, not to the logits": -t / s / B,
                "this is log_softmax minus the target": (np.log(s) - t) / B,
                "divided by the number of classes, not by the number of examples": (s - t) / n,
                "the softmax is not divided by the batch, the target is": s - t / B,
                "the target is not divided by the batch, the softmax is": s / B - t,
            },
        )


BY_AXES = "classes have one axis and rows have two, whatever their dtype: look at targets.ndim"


def cross_entropy_probabilities(cross_entropy: Function, draw: int = 0) -> None:
    """Check targets that are rows: probabilities, and zeros and ones that are integers."""
    B, n = 3, 5
    x, raw = arrays(draw + 31, (B, n), (B, n))
    soft = softmax(raw)
    logs = _log_softmax(x)
    for t in (soft, np.eye(n, dtype=int)[_labels(draw, B, n)]):
        kind = "probabilities" if t is soft else "integers, zeros and ones"
        what = f"cross_entropy for targets that are rows of {kind}"
        loss, grad = _parts(
            check_accepts(check_unchanged, cross_entropy, x, t, what=what, likely=BY_AXES)
        )
        check_close(
            loss,
            -np.sum(t * logs) / B,
            what=f"the loss for targets that are rows of {kind}",
            rtol=1e-11,
            batch=B,
            sizes={"the number of classes": n},
            mistakes=_loss_mistakes(x, t)
            | {
                "only the likeliest class of a row of targets is used": -np.mean(
                    logs[np.arange(B), t.argmax(axis=1)]
                )
            },
        )
        check_close(
            grad,
            (np.exp(logs) - t) / B,
            what=f"grad_logits for targets that are rows of {kind}",
            rtol=1e-11,
            relative_to="largest",
            batch=B,
            terms={"softmax": np.exp(logs) / B, "target": -t / B},
            mistakes={
                "only the likeliest class of a row of targets is used": (
                    np.exp(logs) - np.eye(n)[t.argmax(axis=1)]
                )
                / B,
            },
        )


def cross_entropy_extremes(cross_entropy: Function, draw: int = 0) -> None:
    """Check logits in the thousands: right values, and no warning."""
    far = 1000.0 + 10 * (draw % 50)
    x = np.array(
        [[-far, far, 0.0, 3.0], [5 * far, 5 * far, 5 * far - 10, 0.0], [-far, -far, -far, 1 - far]]
    )
    labels = np.array([0, 2, 3])
    logs, t = _log_softmax(x), np.eye(4)[labels]
    result = check_quiet(
        cross_entropy, x, labels, what=f"cross_entropy of logits from {-far:g} to {5 * far:g}",
        hint=f"subtract the largest logit of each row first; {NO_LOG}",
    )  # fmt: skip
    loss, grad = _parts(result)
    tiny = {
        f"{small:g} is added to a softmax of 0, or replaces it: stay with the log of the sum": (
            -np.sum(t * np.log(softmax(x) + small)) / 3
        )
        for small in (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-20, 1e-300)
    }
    check_close(
        loss,
        -np.sum(t * logs) / 3,
        what=f"the loss of logits from {-far:g} to {5 * far:g}",
        rtol=1e-11,
        batch=3,
        sizes={"the number of classes": 4},
        mistakes=tiny,
        hint=NO_LOG,
    )
    check_close(
        grad,
        (np.exp(logs) - t) / 3,
        what=f"grad_logits of logits from {-far:g} to {5 * far:g}",
        rtol=1e-10,
        atol=1e-13,
        batch=3,
        terms={"softmax": np.exp(logs) / 3, "target": -t / 3},
    )
