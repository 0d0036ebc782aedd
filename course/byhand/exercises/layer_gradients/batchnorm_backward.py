"""Exercise 5.7: batch norm backward, node by node and in one formula."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from byhand.checks import CheckFailed, check_close, check_each, check_parts, check_unchanged
from byhand.checks.failures import brief, nothing_returned
from byhand.checks.rungs import refuse_zeros
from byhand.differences.calls import Function
from byhand.exercises.layer_gradients.draws import arrays
from byhand.exercises.samples import Floats

DOWN = ("out", "beta", "gamma", "x_hat", "inv_std", "std", "var", "squared")
UP = ("centered", "mean", "x")
NAMES = ("grad_x", "grad_gamma", "grad_beta")
SIZES = ((5, 3), (3, 4))
Values = dict[str, Floats]
Slips = dict[str, Any]


def _forward(x: Floats, gamma: Floats, eps: float) -> Values:
    """Return the values of all nodes."""
    centered = x - x.mean(axis=0)
    squared = centered**2
    std = np.sqrt(squared.mean(axis=0) + eps)
    return {
        "x": x, "gamma": gamma, "centered": centered, "squared": squared, "std": std,
        "inv_std": 1 / std, "x_hat": centered / std, "var": squared.mean(axis=0),
    }  # fmt: skip


def _step(name: str, d: Mapping[str, Floats], v: Values, G: Floats) -> Floats:
    """Return the gradient of one node from the gradients of those that use it."""
    B = len(G)
    if name == "out":
        return G
    if name == "beta":
        return d["out"].sum(axis=0)
    if name == "gamma":
        return np.sum(d["out"] * v["x_hat"], axis=0)
    if name == "x_hat":
        return d["out"] * v["gamma"]
    if name == "inv_std":
        return np.sum(d["x_hat"] * v["centered"], axis=0)
    if name == "std":
        return -d["inv_std"] * v["inv_std"] ** 2
    if name == "var":
        return d["std"] * v["inv_std"] / 2
    if name == "squared":
        return np.tile(d["var"] / B, (B, 1))
    if name == "centered":
        return d["x_hat"] * v["inv_std"] + d["squared"] * 2 * v["centered"]
    if name == "mean":
        return -d["centered"].sum(axis=0)
    return d["centered"] + d["mean"] / B


def _slips(name: str, d: Mapping[str, Floats], v: Values, right: Floats) -> Slips:
    """Return what known mistakes give, from the same gradients."""
    B = len(v["x"])
    without = np.sqrt(v["var"])  # the standard deviation, if eps is forgotten
    if name == "gamma":
        return {
            "std is made of the unbiased variance: mean(squared) divides by B": right
            / np.sqrt(1 + v["var"] / (B - 1) / v["std"] ** 2),
            "eps is added to the root, but it belongs under it": np.sum(
                d["out"] * v["centered"], axis=0
            )
            / (without + v["std"] ** 2 - v["var"]),
            "x_hat lacks the eps that is under its root": np.sum(
                d["out"] * v["centered"] / without, axis=0
            ),
            "x is in the place of x_hat": np.sum(d["out"] * v["x"], axis=0),
            "x - mean is in the place of x_hat: inv_std is missing": np.sum(
                d["out"] * v["centered"], axis=0
            ),
            "a row for each example: gamma is shared by all of them": d["out"] * v["x_hat"],
        }
    if name == "beta":
        return {"a row for each example: beta is shared by all of them": d["out"]}
    if name == "x_hat":
        return {"gamma is missing": d["out"]}
    if name == "inv_std":
        return {
            "a row for each example: inv_std is shared by all of them": d["x_hat"] * v["centered"],
            "x is in the place of centered": np.sum(d["x_hat"] * v["x"], axis=0),
            "grad_output is in the place of the gradient of x_hat": np.sum(
                d["out"] * v["centered"], axis=0
            ),
            "x_hat is in the place of centered": np.sum(d["x_hat"] * v["x_hat"], axis=0),
        }
    if name in ("std", "var"):
        return _slips_of_root(name, d, v, right)
    if name == "squared":
        return {
            "a mean passes 1/B of its gradient to each row: the 1/B is missing": right * B,
            "it has the shape (n,) of var, but each row of squared has a gradient": right[0],
            "only one row, but each row of squared has a gradient": right[:1],
        }
    return _slips_above(name, d, v, right)


def _slips_of_root(name: str, d: Mapping[str, Floats], v: Values, right: Floats) -> Slips:
    """Return what known mistakes give for std and var."""
    without = np.sqrt(v["var"])  # the standard deviation, if eps is forgotten
    if name == "std":
        return {
            "the slope of 1 / std has a minus": -right,
            "the slope of 1 / std has the square of std in it": right * v["std"],
            "the slope of 1 / std is missing": d["inv_std"],
            "the slope of 1 / std has the square of std in it, not the third power": right
            / v["std"],
            "multiplied by the square of std, where the slope of 1 / std divides by it": right
            * v["std"] ** 4,
            "the slope of 1 / std is taken at the root of var alone: eps is under it too": (
                -d["inv_std"] / v["var"]
            ),
        }
    return {
        "the slope of a root is 1 / (2 root): the 1/2 is missing": 2 * right,
        "the slope of a root is 1 / (2 root): this divides by the square of the root": (
            d["std"] / (2 * v["std"] ** 2)
        ),
        "the slope of a root is 1 / (2 root): the root is missing": d["std"] / 2,
        "multiplied by the root, where its slope divides by it": d["std"] * v["std"] / 2,
        "the slope of the root is taken at var alone: eps is under it too": (
            d["std"] / (2 * without)
        ),
        "multiplied by 2 root, where the slope divides by it": d["std"] * 2 * v["std"],
    }


def _slips_above(name: str, d: Mapping[str, Floats], v: Values, right: Floats) -> Slips:
    """Return what known mistakes give for centered, mean and x."""
    B = len(v["x"])
    if name == "centered":
        direct, square = d["x_hat"] * v["inv_std"], d["squared"] * 2 * v["centered"]
        return {
            "the path through squared is missing": direct,
            "the path through x_hat is missing": square,
            "the path through squared lacks its factor 2": direct + square / 2,
            "the path through squared lacks the value of centered": direct + d["squared"] * 2,
            "x is in the place of centered in the path through squared": direct
            + d["squared"] * 2 * v["x"],
            "x_hat is in the place of centered in the path through squared": direct
            + d["squared"] * 2 * v["x_hat"],
            "the path through x_hat is divided by inv_std, not multiplied": d["x_hat"] * v["std"]
            + square,
            "the path through x_hat lacks the value of inv_std": d["x_hat"] + square,
            "one of the two paths has the wrong sign": direct - square,
        }
    if name == "mean":
        return {
            "mean is subtracted in centered: its slope there is -1": -right,
            "a row for each example: mean is shared by all of them": -d["centered"],
            "divided by the batch too early: that belongs to the step to x": right / B,
        }
    if name == "x":
        return {
            "the path through mean is missing": d["centered"],
            "the path through mean lacks its 1/B": d["centered"] + d["mean"],
            "the path through mean is divided by the number of columns, not by that of rows": d[
                "centered"
            ]
            + d["mean"] / v["x"].shape[1],
            "the path through mean has the wrong sign": d["centered"] - d["mean"] / B,
            "only the path through mean is there": np.tile(d["mean"] / B, (B, 1)),
        }
    return {}


def _check_nodes(staged: Function, names: tuple[str, ...], draw: int) -> None:
    """Judge the gradients of some nodes, each from the student's own gradients above it."""
    __tracebackhide__ = True
    for number, (B, n) in enumerate(SIZES):
        x, gamma, G = arrays(draw + B, (B, n), (n,), (B, n))
        x, eps = 2 * x + 3, (0.25, 1e-5)[number]
        found = check_unchanged(
            staged, G, x, gamma, *((eps,) if eps == 0.25 else ()), what="batchnorm_backward_staged"
        )
        what = "batchnorm_backward_staged(...)"
        if not isinstance(found, dict) or set(found) != {*DOWN, *UP}:
            missing = [k for k in (*DOWN, *UP) if isinstance(found, dict) and k not in found]
            raise CheckFailed(
                f"{what} must return a dict with eleven keys",
                expected=", ".join((*DOWN, *UP)),
                actual=", ".join(map(str, found)) if isinstance(found, dict) else brief(found),
                likely=f"missing: {', '.join(missing)}" if missing else nothing_returned(found),
            )
        v = _forward(x, gamma, eps)
        d: Values = {}
        for name in (*DOWN, *UP):
            right = _step(name, d, v, G)
            if name in names:
                check_close(
                    found[name],
                    right,
                    what=f'the gradient "{name}", from your gradients before it,',
                    rtol=1e-9,
                    relative_to="largest",
                    batch=B,
                    mistakes=_slips(name, d, v, right),
                )
            d[name] = _own(found[name], right)
        refuse_zeros(found, names)


def _own(found: object, right: Floats) -> Floats:
    """Return the student's gradient, or the right one if it can't be calculated with."""
    try:
        own = np.asarray(found, dtype=float)
    except (TypeError, ValueError):
        return right
    return own if own.shape == right.shape and np.isfinite(own).all() else right


def batchnorm_staged_down(batchnorm_backward_staged: Function, draw: int = 0) -> None:
    """Check the nodes from out down to squared, each from your own gradients before it."""
    _check_nodes(batchnorm_backward_staged, DOWN, draw)


def batchnorm_staged_up(batchnorm_backward_staged: Function, draw: int = 0) -> None:
    """Check centered, mean and x, each from your own gradients before it."""
    _check_nodes(batchnorm_backward_staged, UP, draw)


def _cache(draw: int, B: int, n: int, training: bool) -> tuple[Floats, tuple[Any, ...]]:
    """Return grad_output and a cache."""
    x, gamma, G, mean = arrays(draw, (B, n), (n,), (B, n), (n,))
    centered = x - (x.mean(axis=0) if training else mean)
    inv_std = 1 / np.sqrt(x.var(axis=0) + 0.01) if training else 0.4 + mean**2
    return G, (centered * inv_std, inv_std, gamma, training)


def _found(f: Function, G: Floats, cache: Any) -> tuple[Any, ...]:
    __tracebackhide__ = True
    return check_parts(
        check_unchanged(f, G, cache, what="batchnorm_backward"),
        NAMES,
        what="batchnorm_backward(...)",
    )


def batchnorm_backward_training(batchnorm_backward: Function, draw: int = 0) -> None:
    """Check grad_x in training: directly, through the mean and through the variance."""
    for B, n in SIZES:
        G, cache = _cache(draw + 2 * B, B, n, True)
        x_hat, inv_std, gamma, _ = cache
        scale = {"gamma": gamma, "inv_std": inv_std}
        whole = gamma * inv_std
        mean, along = G.mean(axis=0), np.mean(G * x_hat, axis=0)
        check_close(
            _found(batchnorm_backward, G, cache)[0],
            whole * (G - mean - x_hat * along),
            what=f"grad_x in training for shape {(B, n)}",
            rtol=1e-10,
            relative_to="largest",
            batch=B,
            terms={
                "of the direct path": scale | {"grad_output": G},
                "of the path through the mean": scale | {"mean of grad_output": -mean},
                "of the path through the variance": scale
                | {"x_hat": x_hat, "mean of grad_output * x_hat": -along},
            },
            mistakes={
                "mean and variance are taken for constants: that is evaluation": whole * G,
                "the sums are not divided by the batch": whole * (G - B * mean - B * x_hat * along),
                "divided by the number of columns: the means run over the batch": whole
                * (G - (mean + x_hat * along) * B / n),
                "the sum of grad_output * x_hat is not divided by the batch": whole
                * (G - mean - B * x_hat * along),
                "the sum of grad_output is not divided by the batch": whole
                * (G - B * mean - x_hat * along),
                "x_hat is missing in the mean of grad_output * x_hat": whole
                * (G - mean - x_hat * mean),
                "the sums are divided by B - 1, not by B": whole
                * (G - (mean + x_hat * along) * B / (B - 1)),
                "one mean for the whole array, but each column has its own": whole
                * (G - G.mean() - x_hat * along),
                "both means are taken over the whole array, but each column has its own": whole
                * (G - G.mean() - x_hat * np.mean(G * x_hat)),
                "the mean of grad_output * x_hat is taken over the whole array": whole
                * (G - mean - x_hat * np.mean(G * x_hat)),
                "the mean of grad_output * x_hat runs along the rows: axis 0 is the batch": whole
                * (G - mean - x_hat * np.mean(G * x_hat, axis=1, keepdims=True)),
                "the mean of grad_output runs along the rows: axis 0 is the batch": whole
                * (G - G.mean(axis=1, keepdims=True) - x_hat * along),
                "gamma is in the sums twice: it is in grad_gamma too": whole
                * (G - mean - x_hat * along * gamma),
            },
        )


def batchnorm_backward_evaluation(batchnorm_backward: Function, draw: int = 0) -> None:
    """Check grad_x in evaluation, where mean and variance are constants."""
    for B, n in SIZES:
        G, cache = _cache(draw + 3 * B, B, n, False)
        x_hat, inv_std, gamma, _ = cache
        along = np.mean(G * x_hat, axis=0)
        check_close(
            _found(batchnorm_backward, G, cache)[0],
            gamma * inv_std * G,
            what=f"grad_x in evaluation for shape {(B, n)}",
            rtol=1e-11,
            relative_to="largest",
            batch=B,
            factors={"gamma": gamma, "inv_std": inv_std},
            mistakes={
                "this is the formula of training: in evaluation x moves neither the mean nor the "
                "variance": gamma * inv_std * (G - G.mean(axis=0) - x_hat * along),
                "grad_output is passed on as it is": G,
                "the mean is subtracted: in evaluation x does not move it": gamma
                * inv_std
                * (G - G.mean(axis=0)),
                "the path through the variance is there: in evaluation x does not move it": gamma
                * inv_std
                * (G - x_hat * along),
            },
        )


def batchnorm_backward_parameters(batchnorm_backward: Function, draw: int = 0) -> None:
    """Check grad_gamma and grad_beta, which are the same in both modes."""
    for training in (True, False):
        G, cache = _cache(draw + 29, 5, 3, training)
        x_hat, inv_std, gamma, _ = cache
        mode = "training" if training else "evaluation"
        right = np.sum(G * x_hat, axis=0), G.sum(axis=0)
        check_each(
            _found(batchnorm_backward, G, cache)[1:],
            right,
            what=f"batchnorm_backward in {mode}",
            names=NAMES[1:],
            rtol=1e-11,
            relative_to="largest",
            batch=5,
            mistakes={
                "gamma is a factor in it, but its own value has no part in its slope": (
                    gamma * right[0], gamma * right[1],
                ),
                "inv_std is in it twice: x_hat has it already": (
                    inv_std * right[0], inv_std * right[1],
                ),
            },
        )  # fmt: skip
