"""Exercise 5.11: the ladder of attention, and its backward pass."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import (
    CheckFailed,
    check_close,
    check_parts,
    check_unchanged,
    ladder,
    supplied,
)
from byhand.checks.rungs import judge, refuse_zeros
from byhand.differences.calls import Function
from byhand.exercises.ladders import answer_to, known_slip, require_dict
from byhand.exercises.layer_gradients.draws import arrays
from byhand.exercises.samples import Floats
from byhand.exercises.trusted import softmax, softmax_vjp

NAMES = ("grad_Q", "grad_K", "grad_V")
SIZES = ((3, 4, 5, 6, 7), (4, 6, 3, 5, 3))  # B, Tq, Tk, d, dv
LINES = [
    "scores = Q @ K.T / 2",
    "powers = mask * np.exp(scores)",
    "total = powers.sum(axis=1, keepdims=True)",
    "weights = powers / total",
    "out = weights @ V",
    "loss = (out**2).mean()",
]


# -- the ladder ------------------------------------------------------------------------------------


def _slips(v: Any, d: dict[str, Any], name: str) -> dict[str, Any]:
    """Return what known mistakes give, from the student's gradients above the line."""
    if name == "out":
        return {
            "the mean's 1 / size is missing": 2 * v.out,
            "the value of out is missing": np.full(v.out.shape, 2 / v.out.size),
            "the mean divides by all entries, not by the rows": 2 * v.out / len(v.out),
        }
    if name == "total":
        per_entry = -d["weights"] * v.powers / v.total**2
        return {
            "one number for each query: sum over the keys": per_entry,
            "the minus of 1 / total is missing": -per_entry.sum(axis=1, keepdims=True),
            "the slope of 1 / total has the square of total in it": (per_entry * v.total).sum(
                axis=1, keepdims=True
            ),
            "powers is missing: weights is powers times 1 / total": (
                -d["weights"] / v.total**2
            ).sum(axis=1, keepdims=True),
        }
    if name == "powers":
        return {
            "the path through total is missing": d["weights"] / v.total,
            "the path through weights is missing": np.broadcast_to(d["total"], v.powers.shape),
        }
    if name == "scores":
        return {
            "the mask is missing": d["powers"] * np.exp(v.scores),
            "the exponential is missing: it is its own slope": d["powers"] * v.mask,
        }
    if name in ("Q", "K"):
        right = d["scores"] @ v.K if name == "Q" else d["scores"].T @ v.Q
        return {"the division by 2 is missing": right}
    return {}


def _check_ladder(attention_gradients: Function, names: tuple[str, ...], draw: int) -> None:
    """Judge some of the gradients, each from the student's own above it, for two sets of inputs."""
    __tracebackhide__ = True
    for Tq, Tk, dv in ((3, 5, 6), (6, 4, 3)):
        rng = np.random.default_rng(draw + Tq)
        Q, K, V = arrays(draw + Tq, (Tq, 4), (Tk, 4), (Tk, dv))
        mask = rng.random((Tq, Tk)) < 0.6
        mask[:, 1] = True
        inputs = {"Q": Q, "K": K, "V": V, "mask": mask}
        found = answer_to(attention_gradients, LINES, inputs)
        require_dict(found, set(), "attention_gradients(v) must return the dict d")
        v = ladder(*LINES)(**inputs)
        verdicts = judge(v, found)
        wrong = [name for name in names if verdicts[name].state != "right"]
        if wrong:
            failure = verdicts[wrong[0]].failure or CheckFailed(
                f'd["{wrong[0]}"] can be judged only with the gradients before it'
            )
            failure.likely = failure.likely or known_slip(v, found, wrong[0], _slips)
            raise failure
        refuse_zeros(found, names)


def ladder_output(attention_gradients: Function, draw: int = 0) -> None:
    """Check the gradients of loss, out, weights and V, each from your own above it."""
    _check_ladder(attention_gradients, ("loss", "out", "weights", "V"), draw)


def ladder_softmax(attention_gradients: Function, draw: int = 0) -> None:
    """Check the gradients of total, powers and scores, each from your own above it."""
    _check_ladder(attention_gradients, ("total", "powers", "scores"), draw)


def ladder_inputs(attention_gradients: Function, draw: int = 0) -> None:
    """Check the gradients of Q and K, each from your own above it."""
    _check_ladder(attention_gradients, ("Q", "K"), draw)


# -- batches of sequences --------------------------------------------------------------------------


def _case(seed: int, sizes: tuple[int, ...], masked: bool) -> list[Floats]:
    """Return grad_output, Q, K, V and weights; masked, one query attends to nothing."""
    B, Tq, Tk, d, dv = sizes
    G, Q, K, V = arrays(seed, (B, Tq, dv), (B, Tq, d), (B, Tk, d), (B, Tk, dv))
    weights = softmax(np.einsum("btk,bsk->bts", Q, K) / np.sqrt(d))
    if masked:
        weights = weights * (np.random.default_rng(seed).random(weights.shape) < 0.6)
        weights[1, 2] = 0
        total = weights.sum(axis=-1, keepdims=True)
        weights = weights / np.where(total > 0, total, 1)
    return [G, Q, K, V, weights]


def _through(given: list[Floats], how: str = "") -> Any:
    """Return the right gradients, or those that a known slip in the middle gives."""
    G, Q, K, V, weights = given
    grad_weights = np.einsum("bte,bse->bts", G, V)
    scale, used = 1 / np.sqrt(Q.shape[-1]), weights
    if how == "skipped":
        grad_scores = grad_weights
    elif how == "diagonal":
        grad_scores = grad_weights * weights * (1 - weights)
    elif how == "unsummed":
        grad_scores = grad_weights * weights
    elif how == "plain":
        grad_scores = weights * (grad_weights - grad_weights.mean(axis=-1, keepdims=True))
    elif how == "queries":
        along = np.sum(grad_weights * weights, axis=1, keepdims=True)
        grad_scores = weights * (grad_weights - along)
    elif how == "arguments":
        grad_scores = softmax_vjp(weights, grad_weights)
    elif how == "again":
        scores = np.einsum("btk,bsk->bts", Q, K) / np.sqrt(Q.shape[-1])
        used = softmax(scores)
        grad_scores = softmax_vjp(grad_weights, used)
    else:
        grad_scores = softmax_vjp(grad_weights, weights)
    scale = {"unscaled": 1.0, "twice": scale**2, "dv": 1 / np.sqrt(V.shape[-1])}.get(how, scale)
    return (
        scale * np.einsum("bts,bsk->btk", grad_scores, K),
        scale * np.einsum("bts,btk->bsk", grad_scores, Q),
        np.einsum("bts,bte->bse", used, G),
    )


SLIPS = {
    "unscaled": "the scale 1 / sqrt(d) is missing",
    "twice": "the scale 1 / sqrt(d) is applied twice",
    "dv": "divided by the root of dv: d is the width of queries and keys",
    "skipped": "the softmax is skipped: the gradient of the weights is passed on as it is",
    "diagonal": "only the diagonal of the softmax's Jacobian is used",
    "unsummed": "the sum in the softmax's backward pass is missing",
    "plain": "the softmax's sum is a plain mean of the gradients: it must be weighted",
    "queries": "the softmax's sum runs over the queries: it runs over the keys of each row",
    "arguments": "softmax_backward takes the gradient first, then the weights",
    "again": "the weights are computed again, without the mask: use those that are given",
}


def _found(f: Function, given: list[Floats]) -> tuple[Any, ...]:
    __tracebackhide__ = True
    with supplied(softmax_backward=softmax_vjp):
        result = check_unchanged(f, *given, what="attention_backward")
    return check_parts(result, NAMES, what="attention_backward(...)")


def _check(f: Function, seed: int, parts: tuple[int, ...], masked: bool) -> None:
    """Check some of the three gradients, for two sets of sizes."""
    __tracebackhide__ = True
    for sizes in SIZES:
        given = _case(seed + sizes[1], sizes, masked)
        found, right = _found(f, given), _through(given)
        for part in parts:
            others = {NAMES[k]: right[k] for k in range(3) if k != part}
            known = {said: _through(given, how)[part] for how, said in SLIPS.items()}
            if part == 2:
                known = {
                    "grad_output is missing: this adds up the weights": np.repeat(
                        given[4].sum(axis=1)[..., None], sizes[4], axis=-1
                    ),
                    SLIPS["again"]: _through(given, "again")[2],
                }
            check_close(
                found[part],
                right[part],
                what=f"{NAMES[part]} for Q {given[1].shape}, K {given[2].shape}, "
                f"V {given[3].shape}{', masked' if masked else ''}",
                rtol=1e-10,
                relative_to="largest",
                batch=sizes[0],
                sizes={"Tq": sizes[1], "Tk": sizes[2]},
                mistakes=known,
                swapped=others,
            )


def attention_backward_values(attention_backward: Function, draw: int = 0) -> None:
    """Check grad_V: each value collects from all queries, weighted."""
    _check(attention_backward, draw + 1, (2,), False)


def attention_backward_queries(attention_backward: Function, draw: int = 0) -> None:
    """Check grad_Q, through the weights, the softmax and the scale."""
    _check(attention_backward, draw + 2, (0,), False)


def attention_backward_keys(attention_backward: Function, draw: int = 0) -> None:
    """Check grad_K, through the weights, the softmax and the scale."""
    _check(attention_backward, draw + 3, (1,), False)


def attention_backward_masks(attention_backward: Function, draw: int = 0) -> None:
    """Check masked weights: a weight of 0 sends nothing back, nor does a row of them."""
    _check(attention_backward, draw + 4, (2, 0, 1), True)
