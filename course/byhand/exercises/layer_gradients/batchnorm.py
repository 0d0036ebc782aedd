"""Exercise 5.6: the forward pass of batch norm, in both modes."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import (
    check_accepts,
    check_close,
    check_each,
    check_parts,
    check_raises,
    check_unchanged,
)
from byhand.differences.calls import Function
from byhand.exercises.layer_gradients.draws import WRONG_EPS, arrays
from byhand.exercises.samples import Floats

PARTS = ("out", "cache", "running_mean", "running_var")
CACHE = ("x_hat", "inv_std", "gamma", "training")
WHAT = "batchnorm_forward(...)"


def _given(draw: int, B: int, n: int) -> list[Floats]:
    """Return x, gamma, beta, running_mean and running_var, with variances far from 1."""
    x, gamma, beta, mean, var = arrays(draw, (B, n), (n,), (n,), (n,), (n,))
    return [x * np.linspace(0.6, 4, n) + 3, gamma, beta, mean, var**2 + 0.3]


def _run(f: Function, *given: Any) -> tuple[Any, ...]:
    __tracebackhide__ = True
    return check_parts(check_unchanged(f, *given, what="batchnorm_forward"), PARTS, what=WHAT)


def batchnorm_forward_training(batchnorm_forward: Function, draw: int = 0) -> None:
    """Check out and cache in training, normalized by the batch's mean and biased variance."""
    for B, n in ((5, 3), (3, 4)):
        x, gamma, beta, mean, var = _given(draw + B, B, n)
        found = _run(batchnorm_forward, x, gamma, beta, mean, var, True, 0.1, 0.0)
        centered = x - x.mean(axis=0)
        inv_std = 1 / x.std(axis=0)
        rows = x - x.mean(axis=1, keepdims=True)
        scaled = gamma * centered * inv_std
        check_close(
            found[0],
            scaled + beta,
            what=f"out in training for x of shape {(B, n)}, eps 0",
            rtol=1e-10,
            relative_to="largest",
            terms={
                "of gamma": {"gamma": gamma, "x - mean": centered, "inv_std": inv_std},
                "of beta": np.broadcast_to(beta, (B, n)),
            },
            mistakes={
                "divided by the unbiased variance: to normalize, the batch's own counts": gamma
                * centered
                / x.std(axis=0, ddof=1)
                + beta,
                "normalized along the rows: axis 0 is the batch": gamma
                * rows
                / x.std(axis=1, keepdims=True)
                + beta,
                "one mean and variance for the whole array: each column has its own": gamma
                * (x - x.mean())
                / x.std()
                + beta,
                "the running statistics normalize: in training the batch's own do": gamma
                * (x - mean)
                / np.sqrt(var)
                + beta,
                "divided by the variance: the root is missing": gamma * centered / x.var(axis=0)
                + beta,
                "the mean is not subtracted": gamma * x * inv_std + beta,
                "beta is inside the bracket, so gamma multiplies it too": scaled + gamma * beta,
                "running statistics, this batch mixed in, normalize: in training its own do": gamma
                * (x - (0.9 * mean + 0.1 * x.mean(axis=0)))
                / np.sqrt(0.9 * var + 0.1 * x.var(axis=0, ddof=1))
                + beta,
                "gamma and beta have changed places": beta * centered * inv_std + gamma,
            },
        )
        _check_cache(found[1], x, gamma, beta)


def _check_cache(cache: Any, x: Floats, gamma: Floats, beta: Floats) -> None:
    """Check what training keeps for the way back."""
    __tracebackhide__ = True
    centered, inv_std = x - x.mean(axis=0), 1 / x.std(axis=0)
    x_hat = centered * inv_std
    check_each(
        cache,
        (x_hat, inv_std, gamma, True),
        what="the cache of batchnorm_forward in training",
        names=CACHE,
        rtol=1e-10,
        relative_to="largest",
        mistakes={
            "this is the standard deviation, where 1 divided by it is asked for": (
                x_hat, 1 / inv_std, gamma, True,
            ),
            "x_hat is the normalized x, without gamma and beta": (
                gamma * x_hat + beta, inv_std, gamma, True,
            ),
            "x_hat is the normalized x, but this is only x - mean": (
                centered, inv_std, gamma, True,
            ),
            "x_hat is the normalized x, but this is x itself": (x, inv_std, gamma, True),
            "this is beta, where gamma is asked for": (
                x_hat, inv_std, beta, True,
            ),
            "this is the variance, where 1 divided by its root is asked for": (
                x_hat, x.var(axis=0), gamma, True,
            ),
        },
    )  # fmt: skip


def batchnorm_forward_eps(batchnorm_forward: Function, draw: int = 0) -> None:
    """Check eps: under the root, 1e-5 if it is left out; a constant column stays finite."""
    x, gamma, beta, mean, var = _given(draw + 1, 5, 3)
    centered = x - x.mean(axis=0)

    def out(eps: float, variance: Floats, x: Floats = centered) -> Floats:
        return gamma * x / np.sqrt(variance + eps) + beta

    check_close(
        _run(batchnorm_forward, x, gamma, beta, mean, var, True, 0.1, 0.5)[0],
        out(0.5, x.var(axis=0)),
        what="out in training with eps 0.5",
        rtol=1e-10,
        relative_to="largest",
        mistakes={
            "eps is added to the root, but it belongs under it": gamma
            * centered
            / (x.std(axis=0) + 0.5)
            + beta,
            "eps is ignored": out(0.0, x.var(axis=0)),
            "eps is squared": out(0.25, x.var(axis=0)),
            "eps is a number of your own here, but it is an argument": out(1e-5, x.var(axis=0)),
        },
    )
    small = 0.004 * x
    check_close(
        _run(batchnorm_forward, small, gamma, beta, mean, var, True)[0],
        out(1e-5, small.var(axis=0), small - small.mean(axis=0)),
        what="out in training for a small x, with momentum and eps left out",
        rtol=1e-9,
        relative_to="largest",
        mistakes={
            f"eps is {name} if it is left out, but should be 1e-05": out(
                eps, small.var(axis=0), small - small.mean(axis=0)
            )
            for name, eps in WRONG_EPS.items()
        },
    )
    flat = np.tile(beta, (4, 1))
    check_close(
        _run(batchnorm_forward, flat, gamma, beta, mean, var, True)[0],
        flat,
        what="out in training for three columns that are constant",
        rtol=1e-9,
        relative_to="largest",
    )


def batchnorm_forward_running(batchnorm_forward: Function, draw: int = 0) -> None:
    """Check the new running statistics, with a momentum and with momentum left out."""
    for (B, n), how in (((5, 3), (0.3, 0.0)), ((3, 4), ())):
        momentum = how[0] if how else 0.1
        x, gamma, beta, mean, var = _given(draw + 10 * B, B, n)
        found = _run(batchnorm_forward, x, gamma, beta, mean, var, True, *how)
        new_mean, new_var = x.mean(axis=0), x.var(axis=0, ddof=1)
        said = f"with momentum {momentum}" if how else "with momentum left out"

        def mixed(old: Floats, new: Floats, m: float = momentum) -> Floats:
            return (1 - m) * old + m * new

        for part, old, new in ((2, mean, new_mean), (3, var, new_var)):
            name = PARTS[part]
            known = {
                "momentum weighs the batch, 1 - momentum what was before"
                if how
                else "the batch has the weight 0.9: momentum, its weight, is 0.1 if left out": (
                    mixed(new, old)
                ),
                f"this is the batch's own {name[8:]}: what was before counts too": new,
                "it has not changed": old,
                "what was before keeps its whole weight, but 1 - momentum is its weight": old
                + momentum * new,
            }
            for other in (0.01, 0.1, 0.5, 0.9):
                if not np.isclose(momentum, [other, 1 - other]).any():
                    known[f"momentum is {other} here, where it should be {momentum}"] = mixed(
                        old, new, other
                    )
            if part == 3:
                known["the biased variance is averaged: the running one needs the unbiased"] = (
                    mixed(old, x.var(axis=0))
                )
                known["the standard deviation is averaged, not the variance"] = mixed(
                    old, np.sqrt(new)
                )
            check_close(
                found[part],
                mixed(old, new),
                what=f"{name} after a batch of {B} in training, {said}",
                rtol=1e-11,
                mistakes=known,
                swapped={"running_var": mixed(var, new_var)}
                if part == 2
                else {"running_mean": mixed(mean, new_mean)},
                terms={
                    "of what was before": (1 - momentum) * old,
                    "of the batch": momentum * new,
                },
            )


def batchnorm_forward_evaluation(batchnorm_forward: Function, draw: int = 0) -> None:
    """Check evaluation: the running statistics normalize, and are returned as they were."""
    for B, n in ((5, 3), (3, 4)):
        x, gamma, beta, mean, var = _given(draw + 20 * B, B, n)
        found = _run(batchnorm_forward, x, gamma, beta, mean, var, False, 0.4, 0.0)
        inv_std = 1 / np.sqrt(var)
        mixed = 0.6 * mean + 0.4 * x.mean(axis=0), 0.6 * var + 0.4 * x.var(axis=0, ddof=1)
        check_close(
            found[0],
            gamma * (x - mean) * inv_std + beta,
            what=f"out in evaluation for x of shape {(B, n)}, eps 0",
            rtol=1e-10,
            relative_to="largest",
            mistakes={
                "the batch's own statistics normalize: in evaluation the running ones do": gamma
                * (x - x.mean(axis=0))
                / x.std(axis=0)
                + beta,
                "running statistics that this batch has already changed normalize": gamma
                * (x - mixed[0])
                / np.sqrt(mixed[1])
                + beta,
                "divided by the running variance: the root is missing": gamma * (x - mean) / var
                + beta,
            },
            terms={
                "of gamma": {"gamma": gamma, "x - running_mean": x - mean, "inv_std": inv_std},
                "of beta": np.broadcast_to(beta, (B, n)),
            },
        )
        check_each(
            found[1],
            ((x - mean) * inv_std, inv_std, gamma, False),
            what="the cache of batchnorm_forward in evaluation",
            names=CACHE,
            rtol=1e-10,
            relative_to="largest",
        )
        check_each(
            found[2:],
            (mean, var),
            what="batchnorm_forward in evaluation",
            names=PARTS[2:],
            rtol=1e-13,
            mistakes={"a batch in evaluation leaves the running statistics as they are": mixed},
        )


def batchnorm_forward_single(batchnorm_forward: Function, draw: int = 0) -> None:
    """Check a batch of one: a ValueError in training, a result in evaluation."""
    x, gamma, beta, mean, var = _given(draw + 3, 1, 4)
    check_raises(
        ValueError, batchnorm_forward, x, gamma, beta, mean, var, True,
        what="batchnorm_forward in training for a batch of 1",
        hint="look at the number of rows first, and in training only: raise ValueError(...)",
    )  # fmt: skip
    found = check_accepts(
        _run, batchnorm_forward, x, gamma, beta, mean, var, False, 0.1, 0.0,
        what="batchnorm_forward in evaluation for a batch of 1",
        likely="a batch of 1 has no variance, but evaluation takes the running one: refuse it in "
        "training only",
    )  # fmt: skip
    check_close(
        found[0],
        gamma * (x - mean) / np.sqrt(var) + beta,
        what="out in evaluation for a batch of 1, eps 0",
        rtol=1e-10,
        relative_to="largest",
    )
