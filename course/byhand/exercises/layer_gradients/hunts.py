"""Exercise 5.13: bug hunts. Each right result is computed another way than the one asked for."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import CheckFailed, check_close, check_counterexample, check_parts
from byhand.checks.behaviour import check_unchanged
from byhand.checks.failures import brief, shape_text
from byhand.differences.calls import Function
from byhand.exercises.layer_gradients.draws import arrays
from byhand.exercises.samples import Floats


def arguments_of(returned: object, axes: dict[str, int], what: str) -> Any:
    """Return the arguments of a proof: arrays with so many axes; 0 axes is a number.

    What is no tuple is left to `check_counterexample`.
    """
    __tracebackhide__ = True
    if isinstance(returned, tuple):
        parts = check_parts(returned, list(axes), what=what)
        for (name, count), part in zip(axes.items(), parts, strict=True):
            if np.ndim(part) != count:
                raise CheckFailed(
                    f"{what}: {name} must be a number"
                    if not count
                    else f"{what}: {name} must have {count} {'axis' if count == 1 else 'axes'}",
                    actual=shape_text(np.shape(part)) if np.ndim(part) else brief(part),
                )
        return tuple(np.asarray(part) if np.ndim(part) else part for part in parts)
    return returned


def need(fits: bool, what: str, said: str) -> None:
    """Check something that the arguments of a proof must be."""
    __tracebackhide__ = True
    if not fits:
        raise CheckFailed(f"{what}: {said}")


# -- hunt 1: two axes change places ----------------------------------------------------------------


def _kernel_gradient(G: Floats, x: Floats, letters: str = "ocuv") -> Floats:
    """Return the gradient, its axes in the order of the letters."""
    places = tuple(n - size + 1 for n, size in zip(x.shape[2:], G.shape[2:], strict=True))
    found = np.zeros((G.shape[1], x.shape[1], *places))
    for u, v in np.ndindex(places):
        window = x[:, :, u : u + G.shape[2], v : v + G.shape[3]]
        found[:, :, u, v] = np.tensordot(G, window, axes=((0, 2, 3), (0, 2, 3)))
    return found if letters == "ocuv" else found.swapaxes(0, 1)


def kernel_gradient_proof(counterexample_1: Function, draw: int = 0) -> None:
    """Check that the given function is wrong at (grad_output, x)."""
    what = "counterexample_1()"
    returned = arguments_of(counterexample_1(), {"grad_output": 4, "x": 4}, what)
    likely = None
    if isinstance(returned, tuple):
        G, x = returned
        need(len(G) == len(x), what, "grad_output and x must have the same batch, their axis 0")
        smaller = all(a <= b for a, b in zip(G.shape[2:], x.shape[2:], strict=True))
        need(smaller, what, "the output can't be larger than the image, so H_out <= H, W_out <= W")
        likely = (
            "with one channel in and one out, the two axes are the same"
            if G.shape[1] == x.shape[1] == 1
            else None
        )
    check_counterexample(
        returned,
        lambda G, x: _kernel_gradient(G, x, "couv"),
        _kernel_gradient,
        what=what,
        likely=likely,
        names=("grad_output", "x"),
    )


def kernel_gradient_values(kernel_gradient: Function, draw: int = 0) -> None:
    """Check the order of the channels, for different and for equal numbers of them."""
    for given, shape in (((3, 4, 3, 5), (3, 5, 6, 7)), ((4, 3, 2, 3), (4, 3, 5, 6))):
        G, x = arrays(draw + given[1], given, shape)
        right = _kernel_gradient(G, x)
        check_close(
            check_unchanged(kernel_gradient, G, x, what="kernel_gradient"),
            right,
            what=f"kernel_gradient for grad_output {given} and x {shape}",
            rtol=1e-11,
            relative_to="largest",
            batch=len(G),
            mistakes={
                "the axes of input and output channels are still swapped": right.swapaxes(0, 1),
                "height and width have changed places": right.swapaxes(2, 3),
                "only the first image counts: add up over the batch": _kernel_gradient(
                    G[:1], x[:1]
                ),
                "only the last image counts: add up over the batch": _kernel_gradient(
                    G[-1:], x[-1:]
                ),
                "the kernel is turned upside down": right[..., ::-1, ::-1],
            },
        )


# -- hunt 2: a transposition that is none ----------------------------------------------------------


def _scores(Q: Floats, K: Floats) -> Floats:
    return np.asarray(np.einsum("...tk,...sk->...ts", Q, K) / Q.shape[-1] ** 0.5)


def _given_scores(Q: Floats, K: Floats) -> Any:
    if K.ndim > 2 or Q.shape[-1] != len(K):
        return np.nan  # an error, where the scores exist: wrong
    return Q @ K / Q.shape[-1] ** 0.5


def attention_scores_proof(counterexample_2: Function, draw: int = 0) -> None:
    """Check that the given function is wrong, or fails, at (Q, K)."""
    what = "counterexample_2()"
    returned, likely = counterexample_2(), None
    if isinstance(returned, tuple):
        Q, K = (np.asarray(part) for part in check_parts(returned, ("Q", "K"), what=what))
        for name, part in (("Q", Q), ("K", K)):
            need(part.ndim in (2, 3), what, f"{name} must have two axes, or three for a batch")
        need(
            Q.shape[-1] == K.shape[-1] and Q.shape[:-2] == K.shape[:-2],
            what,
            "Q and K must have the same width d, and the same axes before the last two",
        )
        returned = Q, K
        if K.ndim == 2 and K.shape[0] == K.shape[1] and np.array_equal(K, K.T):
            likely = "this K is equal to its transpose"
    check_counterexample(
        returned, _given_scores, _scores, what=what, likely=likely, names=("Q", "K")
    )


def attention_scores_values(attention_scores: Function, draw: int = 0) -> None:
    """Check one sequence, square keys, a batch and a batch of heads."""
    for shape, keys in (
        ((4, 3), (3, 3)),  # the given function runs here, and is wrong
        ((4, 3), (5, 3)),
        ((3, 4, 6), (3, 5, 6)),
        ((4, 3, 5, 6), (4, 3, 7, 6)),
    ):
        Q, K = arrays(draw + len(shape) + keys[-2], shape, keys)
        square = keys[-2] == keys[-1]
        check_close(
            check_unchanged(attention_scores, Q, K, what="attention_scores"),
            _scores(Q, K),
            what=f"attention_scores for Q {shape} and K {keys}",
            rtol=1e-11,
            relative_to="largest",
            sizes={"d": shape[-1]},
            mistakes={"K is not transposed: each query meets its columns": Q @ K / shape[-1] ** 0.5}
            if square
            else {
                "divided by the root of the number of keys: the width d belongs there": (
                    Q @ np.swapaxes(K, -1, -2) / keys[-2] ** 0.5
                )
            },
        )


# -- hunt 3: a scale that is lost ------------------------------------------------------------------


def _dropped(G: Floats, x: Floats, mask: Floats, scale: float) -> Floats:
    return np.asarray(np.einsum("bo,bi,bi->oi", G, x, mask) * scale)


def dropped_layer_proof(counterexample_3: Function, draw: int = 0) -> None:
    """Check that the given function is wrong at (grad_output, x, mask, rate)."""
    what = "counterexample_3()"
    axes = {"grad_output": 2, "x": 2, "mask": 2, "rate": 0}
    returned, likely = arguments_of(counterexample_3(), axes, what), None
    if isinstance(returned, tuple):
        G, x, mask, rate = returned
        need(x.shape == mask.shape, what, "x and mask must have the same shape (B, n_in)")
        need(len(G) == len(x), what, "grad_output must have as many rows as x")
        need(0 <= rate < 1, what, "the rate must be at least 0 and below 1")
        zeros_and_ones = np.isin(mask, (0, 1)).all()
        need(bool(zeros_and_ones), what, "the mask must hold zeros and ones")
        likely = (
            "at rate 0 nothing is dropped and nothing is enlarged"
            if rate == 0
            else "the right gradient is 0 everywhere here, with and without the scale"
            if not _dropped(G, x, mask, 1.0).any()
            else None
        )
    check_counterexample(
        returned,
        lambda G, x, m, rate: _dropped(G, x, m, 1.0),
        lambda G, x, m, rate: _dropped(G, x, m, 1 / (1 - rate)),
        what=what,
        likely=likely,
    )


def dropped_layer_values(dropped_layer_gradient: Function, draw: int = 0) -> None:
    """Check three rates, 0 among them: masked and scaled as in forward."""
    for B, n_in, n_out, rate in ((5, 3, 4, 0.2), (3, 6, 4, 0.85), (4, 5, 3, 0.0)):
        G, x = arrays(draw + B, (B, n_out), (B, n_in))
        mask = (np.random.default_rng(draw + B).random((B, n_in)) < 0.7).astype(float)
        right = _dropped(G, x, mask, 1 / (1 - rate))
        check_close(
            check_unchanged(
                dropped_layer_gradient, G, x, mask, rate, what="dropped_layer_gradient"
            ),
            right,
            what=f"dropped_layer_gradient for rate {rate}",
            rtol=1e-11,
            relative_to="largest",
            batch=B,
            mistakes={
                "the scale of the kept entries is missing": right * (1 - rate),
                "divided by the rate: divide by the share that is kept": right * (1 - rate) / rate,
                "the scale is applied twice": right / (1 - rate),
                "a rate of your own, 1/2: the rate is an argument": 2 * right * (1 - rate),
                "the mask is missing": _dropped(G, x, np.ones_like(x), 1 / (1 - rate)),
                "multiplied by the share that is kept: divide by it": right * (1 - rate) ** 2,
                "divided by the share of ones in the mask: the rate is given": right
                * ((1 - rate) / mask.mean()),
            }
            if rate
            else {},
        )
