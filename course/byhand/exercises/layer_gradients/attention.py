"""Exercise 5.10: the forward pass of attention."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import check_close, check_each, check_parts, check_quiet, check_unchanged
from byhand.differences.calls import Function
from byhand.exercises.layer_gradients.draws import arrays
from byhand.exercises.samples import Floats

PARTS = ("out", "weights")
LARGEST = "subtract the largest score of each row before the exponential"
SIZES = ((3, 4, 5, 6, 7), (4, 6, 3, 5, 3))  # B, Tq, Tk, d, dv


def _inputs(seed: int, sizes: tuple[int, ...]) -> list[Floats]:
    """Return Q, K and V."""
    B, Tq, Tk, d, dv = sizes
    return arrays(seed, (B, Tq, d), (B, Tk, d), (B, Tk, dv))


def _weights(scores: Floats, mask: Any = True, axis: int = -1) -> Floats:
    powers = np.exp(scores - scores.max(axis=axis, keepdims=True)) * mask
    total = powers.sum(axis=axis, keepdims=True)
    return powers / np.where(total > 0, total, 1)


def _products(Q: Floats, K: Floats) -> Floats:
    return np.asarray(np.einsum("btk,bsk->bts", Q, K))


def _run(f: Function, *given: Any) -> tuple[Any, ...]:
    __tracebackhide__ = True
    return check_parts(
        check_unchanged(f, *given, what="attention_forward"),
        PARTS,
        what="attention_forward(...)",
    )


def attention_forward_values(attention_forward: Function, draw: int = 0) -> None:
    """Check weights and output without a mask, for different lengths and widths."""
    for sizes in SIZES:
        B, Tq, Tk, d, dv = sizes
        Q, K, V = _inputs(draw + Tq, sizes)
        products = _products(Q, K)
        right = _weights(products / np.sqrt(d))
        out, weights = _run(attention_forward, Q, K, V)
        check_close(
            weights,
            right,
            what=f"weights for Q {Q.shape}, K {K.shape}, V {V.shape}",
            rtol=1e-11,
            relative_to="largest",
            mistakes={
                "the scores are not divided by sqrt(d)": _weights(products),
                "the scores are divided by d, not by its root": _weights(products / d),
                "the scores are multiplied by sqrt(d)": _weights(products * np.sqrt(d)),
                "divided by the root of dv: d is the width of queries and keys": _weights(
                    products / np.sqrt(dv)
                ),
                "divided by the root of Tk, the number of keys": _weights(products / np.sqrt(Tk)),
                "divided by the root of Tq, the number of queries": _weights(
                    products / np.sqrt(Tq)
                ),
                "the softmax runs over the queries: each row of weights sums to 1": _weights(
                    products / np.sqrt(d), axis=1
                ),
                "these are the scores: the softmax is missing": products / np.sqrt(d),
                "np.where has run with a mask of None, which lets nothing through": np.zeros(
                    right.shape
                ),
                "the exponentials are not divided by their sum": np.exp(products / np.sqrt(d)),
            },
        )
        check_close(
            out,
            np.einsum("bts,bse->bte", right, V),
            what=f"out for Q {Q.shape}, K {K.shape}, V {V.shape}",
            rtol=1e-11,
            relative_to="largest",
            mistakes={
                "the plain mean of the values: the weights are missing": np.tile(
                    V.mean(axis=1, keepdims=True), (1, Tq, 1)
                ),
                "the plain sum of the values: the weights are missing": np.tile(
                    V.sum(axis=1, keepdims=True), (1, Tq, 1)
                ),
            },
        )


def _causal(draw: int, Tq: int, Tk: int) -> Any:
    return np.tri(Tq, Tk, k=draw % 2, dtype=bool)


def attention_forward_masks(attention_forward: Function, draw: int = 0) -> None:
    """Check causal masks, masks for each sequence, and very low scores that are allowed."""
    B, Tq, Tk = 3, 4, 5
    rng = np.random.default_rng(draw)
    some = rng.random((B, 1, Tk)) < 0.5
    some[..., rng.integers(Tk)] = True
    for mask in (_causal(draw, Tq, Tk), some):
        Q, K, V = _inputs(draw + mask.ndim, (B, Tq, Tk, 6, 7))
        scores = _products(Q, K) / np.sqrt(6)
        right = _weights(scores, mask)
        powers = np.exp(scores)
        out, weights = _run(attention_forward, Q, K, V, mask)
        check_close(
            weights,
            right,
            what=f"weights under a mask of shape {mask.shape}",
            rtol=1e-11,
            atol=1e-13,
            mistakes={
                "True is read as masked: True means that a query may attend": _weights(
                    scores, ~mask
                ),
                "the mask changes nothing": _weights(scores),
                "masked scores are 0, which still has a weight: they must be -inf": _weights(
                    scores * mask
                ),
                "the mask is applied after the softmax, so the rows no longer sum to 1": _weights(
                    scores
                )
                * mask,
                "the exponentials are not divided by their sum": powers * mask,
            },
        )
        check_close(
            out,
            np.einsum("bts,bse->bte", right, V),
            what=f"out under a mask of shape {mask.shape}",
            rtol=1e-11,
            relative_to="largest",
        )
    _check_low_scores(attention_forward, draw)


def _check_low_scores(attention_forward: Function, draw: int) -> None:
    """Check allowed scores that are below a large negative number in the place of -inf."""
    __tracebackhide__ = True
    first = "subtract the largest allowed score of a row first"
    low = -2e4 - 100 * (draw % 9)  # an allowed score, far below a masked one of -1e4
    _check_low(
        attention_forward,
        (low, low - 1),
        {
            "a masked score is -1e4, which an allowed score can be below; -inf can't": 0.5,
            f"every exponential has rounded to 0: {first}": 0.0,
            f"every exponential has rounded to 0, and 0 / 0 is NaN: {first}": np.nan,
        },
    )
    low = -4e40 - 1e38 * (draw % 9)
    floor = "a masked score is a number such as -1e9, which an allowed score can be below"
    _check_low(
        attention_forward,
        (low, 2 * low),
        {
            f"{floor}; -inf can't": 0.5,
            f"{floor}: it is subtracted as the largest, and every exponential is 0": 0.0,
            f"{floor}: it is subtracted as the largest, and 0 / 0 is NaN": np.nan,
        },
    )


def _check_low(f: Function, pair: tuple[float, float], known: dict[str, float]) -> None:
    """Check a row whose allowed scores are low; `known` says what the masked ones may weigh."""
    __tracebackhide__ = True
    low, lower = pair
    K = np.array([[[0.0], [low], [3.0], [lower]]])
    V = np.array([[[2.0], [5], [7], [9]]])
    allowed = np.array([[False, True, False, True]])
    share, rest = _weights(np.array([0.0, lower - low]))
    check_close(
        _run(f, np.array([[[1.0]]]), K, V, allowed)[1],
        [[[0.0, share, 0.0, rest]]],
        what=f"weights where scores of {low:g} and {lower:g} are allowed, 0 and 3 masked",
        rtol=1e-9,
        atol=1e-12,
        mistakes={
            said: [[[weight, 0.0 * weight, weight, 0.0 * weight]]] for said, weight in known.items()
        },
    )


def attention_forward_closed(attention_forward: Function, draw: int = 0) -> None:
    """Check rows in which everything is masked: weights and output 0, no NaN, no warning."""
    B, Tq, Tk = 3, 4, 5
    Q, K, V = _inputs(draw + 9, (B, Tq, Tk, 6, 7))
    mask = np.random.default_rng(draw).random((B, Tq, Tk)) < 0.7
    mask[..., 2] = True
    mask[0, 1] = mask[2, 3] = False
    scores = _products(Q, K) / np.sqrt(6)
    for allowed in (mask, np.array([[[False]]])):
        right = _weights(scores, allowed)
        closed = ~np.broadcast_to(allowed, right.shape).any(axis=-1, keepdims=True)
        where = "everywhere" if allowed is not mask else "in two rows"
        out, weights = check_parts(
            check_quiet(
                attention_forward, Q, K, V, allowed,
                what=f"attention_forward with everything masked {where}",
                hint="the largest score of such a row is -inf, and -inf - (-inf) is NaN",
            ),
            PARTS,
            what="attention_forward(...)",
        )  # fmt: skip
        check_close(
            weights,
            right,
            what=f"weights with everything masked {where}",
            rtol=1e-11,
            atol=1e-13,
            mistakes={
                "equal weights in a row that is masked altogether, as a large negative number "
                "gives in the place of -inf: such a row has weights of 0": np.where(
                    closed, 1 / Tk, right
                ),
                "a row that is masked altogether attends as if nothing were masked": np.where(
                    closed, _weights(scores), right
                ),
                "a row that is masked altogether is NaN": np.where(closed, np.nan, right),
            },
        )
        check_close(
            out,
            np.einsum("bts,bse->bte", right, V),
            what=f"out with everything masked {where}",
            rtol=1e-11,
            atol=1e-12,
            mistakes={
                "a row that is masked altogether is NaN": np.where(closed, np.nan, 0.0 * Q[..., :1])
            }
            if allowed is not mask
            else {},
        )


def attention_forward_large(attention_forward: Function, draw: int = 0) -> None:
    """Check scores in the thousands of both signs, without a warning, masked and not."""
    far = 2000.0 + 10 * (draw % 60)
    Q = np.array([[[far, 0.0, 1], [-far, 1.0, 2], [far, -far, 0], [1.0, 2.0, -1]]])
    K = np.array([[[1.0, 0.0, 0.5], [1.0, 0.001, 0.2], [-1.0, 2.0, 0], [0.3, 1.0, 1], [0, 1, 2]]])
    (V,) = arrays(draw + 11, (3, 5, 4))
    scores = _products(Q, K) / np.sqrt(3)
    for given in ((), (_causal(draw, 4, 5),)):
        right = _weights(np.where(given[0], scores, -np.inf) if given else scores)
        found = check_quiet(
            attention_forward, Q, K, V[:1], *given,
            what=f"attention_forward of scores from {scores.min():.0f} to {scores.max():.0f}",
            hint=LARGEST,
        )  # fmt: skip
        check_each(
            found,
            (np.einsum("bts,bse->bte", right, V[:1]), right),
            what=f"attention_forward of scores from {scores.min():.0f} to {scores.max():.0f}",
            names=PARTS,
            rtol=1e-9,
            atol=1e-12,
        )
