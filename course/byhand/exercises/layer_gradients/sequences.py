"""Exercise 5.12: embeddings and a recurrent step, backward."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import check_close, check_each, check_parts, check_unchanged
from byhand.differences.calls import Function
from byhand.exercises.layer_gradients.draws import arrays
from byhand.exercises.samples import Floats, kept

NAMES = ("grad_x", "grad_h", "grad_W_x", "grad_W_h", "grad_b")
SIZES = ((5, 3, 4), (3, 6, 4))  # B, n, m


def embedding_backward_values(embedding_backward: Function, draw: int = 0) -> None:
    """Check that repeated tokens add up, and that words which do not occur get 0."""
    for B, T, d, size in ((3, 5, 4, 6), (4, 3, 5, 9)):
        (G,) = arrays(draw + T, (B, T, d))
        rng = np.random.default_rng(draw + T)
        tokens = rng.permutation(size - 1)[rng.integers(0, size - 3, (B, T))]  # the last is missing
        hot = (tokens[..., None] == np.arange(size)).astype(float)
        right = np.einsum("btv,btd->vd", hot, G)
        counts = np.maximum(hot.sum(axis=(0, 1)), 1)[:, None]
        last = np.zeros((size, d))
        last[tokens] = G
        by_sequence = np.zeros((size, d))
        for words, rows in zip(tokens, G, strict=True):
            by_sequence[words] += rows
        check_close(
            check_unchanged(embedding_backward, G, tokens, size, what="embedding_backward"),
            right,
            what=f"embedding_backward for tokens {tokens.shape} of {size} words, width {d}",
            rtol=1e-11,
            atol=1e-12,
            batch=B,
            mistakes={
                "only the last of equal tokens counts: grad[tokens] += G adds once": last,
                "only the last of equal tokens within a sequence counts": by_sequence,
                "grad_output is missing: this counts how often a word occurs": np.repeat(
                    hot.sum(axis=(0, 1))[:, None], d, axis=1
                ),
                "only the first sequence counts": np.einsum("tv,td->vd", hot[0], G[0]),
                "only the last sequence counts": np.einsum("tv,td->vd", hot[-1], G[-1]),
                "each row is one too far down: tokens count from 0": np.roll(right, 1, axis=0),
                "the table holds integers, so every fraction was cut off when it was added": (
                    np.einsum("btv,btd->vd", hot, np.trunc(G))
                ),
                "this is the mean over the places of a word: add up": right / counts,
                "one row too many: the words count from 0": np.vstack([right, np.zeros((1, d))]),
                "words that do not occur at the end have no row": right[: tokens.max() + 1],
            },
        )


def _step(draw: int, B: int, n: int, m: int) -> tuple[Floats, tuple[Floats, ...]]:
    """Return grad_h_next and a cache."""
    x, h, W_x, W_h, b, G = arrays(draw, (B, n), (B, m), (m, n), (m, m), (m,), (B, m))
    return G, (x, h, W_x, W_h, np.tanh(0.6 * (x @ W_x.T + h @ W_h.T + b)))


def _backward(a: Floats, cache: Any) -> tuple[Floats, ...]:
    """Return the five gradients from that of what tanh is applied to."""
    x, h, W_x, W_h, _ = cache
    return a @ W_x, a @ W_h, a.T @ x, a.T @ h, a.sum(axis=0)


@kept
def _slips(G: Floats, cache: Any) -> dict[str, tuple[Floats, ...]]:
    x, h, W_x, W_h, after = cache
    a = G * (1 - after**2)
    right = _backward(a, cache)
    return {
        "the slope of tanh is missing": _backward(G, cache),
        "the slope of tanh is 1 minus the square of h_next: the square is missing": _backward(
            G * (1 - after), cache
        ),
        "the slope of tanh is 1 - h_next**2: this adds the square": _backward(
            G * (1 + after**2), cache
        ),
        "h_next * (1 - h_next) is the slope of a sigmoid: this is tanh": _backward(
            G * after * (1 - after), cache
        ),
        "grad_h_next is added: h reaches the loss only through h_next": (
            right[0], a @ W_h + G, *right[2:],
        ),
        "tanh is applied to h_next once more, but h_next is its output": _backward(
            G * (1 - np.tanh(after) ** 2), cache
        ),
        "the slope of tanh is taken at h, the old state, not at h_next": _backward(
            G * (1 - h**2), cache
        ),
        "W_x is in the place of W_h": (right[0], a @ W_x, *right[2:]),
        "x is in the place of h": (*right[:3], a.T @ x, right[4]),
        "the sum runs over the entries of the state: the batch is summed over": (
            *right[:4], a.sum(axis=1),
        ),
        "W_h is transposed": (right[0], a @ W_h.T, *right[2:]),
        "h_next is in the place of h": (*right[:3], a.T @ after, right[4]),
        "this is transposed: it must have the shape of the weights": (
            right[0], right[1], right[2].T, right[3].T, right[4],
        ),
    }  # fmt: skip


def _check(f: Function, draw: int, part: slice) -> None:
    __tracebackhide__ = True
    for B, n, m in SIZES:
        G, cache = _step(draw + B, B, n, m)
        found = check_parts(
            check_unchanged(f, G, cache, what="rnn_step_backward"),
            NAMES,
            what="rnn_step_backward(...)",
        )
        check_each(
            found[part],
            _backward(G * (1 - cache[-1] ** 2), cache)[part],
            what=f"rnn_step_backward for B = {B}, n = {n}, m = {m}",
            names=NAMES[part],
            rtol=1e-10,
            relative_to="largest",
            batch=B,
            mistakes={said: whole[part] for said, whole in _slips(G, cache).items()},
        )


def rnn_step_inputs(rnn_step_backward: Function, draw: int = 0) -> None:
    """Check grad_x and grad_h; the cache stays as it was."""
    _check(rnn_step_backward, draw + 1, slice(0, 2))


def rnn_step_parameters(rnn_step_backward: Function, draw: int = 0) -> None:
    """Check grad_W_x, grad_W_h and grad_b, summed over the batch."""
    _check(rnn_step_backward, draw + 2, slice(2, 5))
