"""Exercise 5.8: layer norm, forward and backward."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import check_close, check_each, check_parts, check_unchanged
from byhand.differences.calls import Function
from byhand.exercises.layer_gradients.draws import WRONG_EPS, arrays
from byhand.exercises.samples import Floats, kept

NAMES = ("grad_x", "grad_gamma", "grad_beta")
SHAPES = ((3, 5), (3, 5, 4), (6,))


def _normalized(x: Floats, eps: float, axis: int = -1) -> tuple[Floats, Floats]:
    """Return x_hat and inv_std."""
    centered = x - x.mean(axis=axis, keepdims=True)
    inv_std = 1 / np.sqrt(np.mean(centered**2, axis=axis, keepdims=True) + eps)
    return centered * inv_std, inv_std


def _forward(f: Function, *given: Any) -> tuple[Any, ...]:
    __tracebackhide__ = True
    return check_parts(
        check_unchanged(f, *given, what="layernorm_forward"),
        ("out", "cache"),
        what="layernorm_forward(...)",
    )


@kept
def _forward_slips(x: Floats, gamma: Floats, beta: Floats) -> dict[str, Any]:
    """Return what the usual slips make of the output, with eps 0."""
    shape, n = x.shape, x.shape[-1]
    x_hat, inv_std = _normalized(x, 0.0)

    def along(centered: Floats) -> Floats:
        return centered / np.sqrt(np.mean(centered**2, axis=-1, keepdims=True))

    return {
        "divided by the variance: the root is missing": gamma * x_hat * inv_std + beta,
        "the mean is not subtracted": gamma * x * inv_std + beta,
        "beta is inside the bracket, so gamma multiplies it too": gamma * (x_hat + beta),
        "gamma and beta have changed places": beta * x_hat + gamma,
        "divided by the unbiased variance: the biased one is asked for": gamma
        * x_hat
        * np.sqrt((n - 1) / n)
        + beta,
    } | (
        {
            "normalized along the first axis, as batch norm does": gamma
            * _normalized(x, 1e-300, 0)[0]
            + beta,
            "the mean runs over the first axis, not along a row": gamma * along(x - x.mean(axis=0))
            + beta,
            "one mean for the whole array: each row has its own": gamma * along(x - x.mean())
            + beta,
            "one mean and variance for the whole array: each row has its own": gamma
            * (x - x.mean())
            / x.std()
            + beta,
        }
        if len(shape) > 1
        else {}
    )


def layernorm_forward_values(layernorm_forward: Function, draw: int = 0) -> None:
    """Check out and cache for one, two and three axes, with eps 0."""
    for shape in SHAPES:
        x, gamma, beta = arrays(draw + len(shape), shape, shape[-1:], shape[-1:])
        x = 2 * x + 3
        out, cache = _forward(layernorm_forward, x, gamma, beta, 0.0)
        x_hat, inv_std = _normalized(x, 0.0)
        check_close(
            out,
            gamma * x_hat + beta,
            what=f"out for x of shape {shape}, eps 0",
            rtol=1e-10,
            relative_to="largest",
            terms={
                "of gamma": {"gamma": gamma, "x_hat": x_hat},
                "of beta": np.broadcast_to(beta, shape),
            },
            mistakes=_forward_slips(x, gamma, beta),
        )
        check_each(
            cache,
            (x_hat, inv_std, gamma),
            what=f"the cache of layernorm_forward for x of shape {shape}",
            names=("x_hat", "inv_std", "gamma"),
            rtol=1e-10,
            relative_to="largest",
            mistakes={
                "the last axis of inv_std is lost: keepdims=True keeps it": (
                    x_hat, inv_std[..., 0], gamma,
                ),
                "x_hat is the normalized x, but this is only x - mean": (
                    x_hat / inv_std, inv_std, gamma,
                ),
                "x_hat is the normalized x, without gamma and beta": (
                    gamma * x_hat + beta, inv_std, gamma,
                ),
                "x_hat is the normalized x, but this is x itself": (x, inv_std, gamma),
                "this is the standard deviation, where 1 divided by it is asked for": (
                    x_hat, 1 / inv_std, gamma,
                ),
            },
        )  # fmt: skip


def layernorm_forward_eps(layernorm_forward: Function, draw: int = 0) -> None:
    """Check eps: under the root, and 1e-5 if it is left out."""
    x, gamma, beta = arrays(draw + 5, (3, 4), (4,), (4,))
    centered = x - x.mean(axis=-1, keepdims=True)
    spread = x.std(axis=-1, keepdims=True)
    check_close(
        _forward(layernorm_forward, x, gamma, beta, 0.5)[0],
        gamma * _normalized(x, 0.5)[0] + beta,
        what="out with eps 0.5",
        rtol=1e-10,
        relative_to="largest",
        mistakes={
            "eps is added to the root, but it belongs under it": gamma * centered / (spread + 0.5)
            + beta,
            "eps is ignored": gamma * centered / spread + beta,
        },
    )
    check_close(
        _forward(layernorm_forward, 0.004 * x, gamma, beta)[0],
        gamma * _normalized(0.004 * x, 1e-5)[0] + beta,
        what="out for a small x, with eps left out",
        rtol=1e-9,
        relative_to="largest",
        mistakes={
            f"eps is {name} if it is left out, but should be 1e-05": gamma
            * _normalized(0.004 * x, eps)[0]
            + beta
            for name, eps in WRONG_EPS.items()
        },
    )


def _backward(f: Function, G: Floats, cache: Any) -> tuple[Any, ...]:
    __tracebackhide__ = True
    return check_parts(
        check_unchanged(f, G, cache, what="layernorm_backward"),
        NAMES,
        what="layernorm_backward(...)",
    )


def layernorm_backward_input(layernorm_backward: Function, draw: int = 0) -> None:
    """Check grad_x for one, two and three axes: directly, and through mean and variance."""
    for shape in SHAPES:
        x, gamma, G = arrays(draw + 10 * len(shape), shape, shape[-1:], shape)
        x_hat, inv_std = _normalized(x, 0.01)

        def mean(values: Floats) -> Floats:
            return np.asarray(values.mean(axis=-1, keepdims=True))

        h = gamma * G
        check_close(
            _backward(layernorm_backward, G, (x_hat, inv_std, gamma))[0],
            inv_std * (h - mean(h) - x_hat * mean(h * x_hat)),
            what=f"grad_x for shape {shape}",
            rtol=1e-10,
            relative_to="largest",
            sizes={"the number of features": shape[-1]},
            mistakes={
                "gamma is outside the sums, but it differs along a row": gamma
                * inv_std
                * (G - mean(G) - x_hat * mean(G * x_hat)),
                "gamma is missing": inv_std * (G - mean(G) - x_hat * mean(G * x_hat)),
                "mean and variance are taken for constants": inv_std * h,
                "the sums are not divided by the number of features": inv_std
                * (h - (mean(h) + x_hat * mean(h * x_hat)) * shape[-1]),
                "the first sum is not divided by the number of features": inv_std
                * (h - mean(h) * shape[-1] - x_hat * mean(h * x_hat)),
                "the sum with x_hat is not divided by the number of features": inv_std
                * (h - mean(h) - x_hat * mean(h * x_hat) * shape[-1]),
                "gamma is missing in the sum with x_hat": inv_std
                * (h - mean(h) - x_hat * mean(G * x_hat)),
                "gamma is missing in the first sum": inv_std
                * (h - mean(G) - x_hat * mean(h * x_hat)),
                "the sums run over the first axis, as in batch norm": inv_std
                * (h - h.mean(axis=0) - x_hat * np.mean(h * x_hat, axis=0)),
                "divided by the number of rows: the sums run along a row": inv_std
                * (
                    h
                    - (mean(h) + x_hat * mean(h * x_hat)) * shape[-1] / (shape[0] or 1)
                )
                if len(shape) > 1
                else h,
            },
            terms={
                "of the direct path": {"inv_std": inv_std, "gamma * grad_output": h},
                "of the path through the mean": {"inv_std": inv_std, "its mean": -mean(h)},
                "of the path through the variance": {
                    "inv_std": inv_std, "x_hat": x_hat, "its mean with x_hat": -mean(h * x_hat),
                },
            },
        )  # fmt: skip


def layernorm_backward_parameters(layernorm_backward: Function, draw: int = 0) -> None:
    """Check grad_gamma and grad_beta: sums over every axis but the last."""
    for shape in SHAPES:
        x, gamma, G = arrays(draw + 20 * len(shape), shape, shape[-1:], shape)
        x_hat, inv_std = _normalized(x, 0.01)
        over = tuple(range(len(shape) - 1))
        check_each(
            _backward(layernorm_backward, G, (x_hat, inv_std, gamma))[1:],
            (np.sum(G * x_hat, axis=over), G.sum(axis=over)),
            what=f"layernorm_backward for shape {shape}",
            names=NAMES[1:],
            rtol=1e-11,
            relative_to="largest",
            batch=shape[0] if len(shape) > 1 else None,
            mistakes={
                "summed along the last axis, but gamma and beta belong to the features": (
                    np.sum(G * x_hat, axis=-1), G.sum(axis=-1),
                ),
                "summed over the first axis only: all axes but the last": (
                    np.sum(G * x_hat, axis=0), G.sum(axis=0),
                ),
                "gamma is a factor in it, but its own value has no part in its slope": (
                    gamma * np.sum(G * x_hat, axis=over), gamma * G.sum(axis=over),
                ),
            },
        )  # fmt: skip
