"""Exercise 5.13, hunts 4 and 5: norms whose statistics are not what they should be."""

from __future__ import annotations

import numpy as np

from byhand.checks import check_close, check_counterexample
from byhand.checks.behaviour import check_unchanged
from byhand.differences.calls import Function
from byhand.exercises.layer_gradients.draws import arrays
from byhand.exercises.layer_gradients.hunts import arguments_of, need
from byhand.exercises.samples import Floats

# -- hunt 4: paths that are lost -------------------------------------------------------------------


def _row_statistics(x: Floats, eps: float) -> tuple[Floats, Floats]:
    inv_std = 1 / np.sqrt(np.mean((x - x.mean(axis=0)) ** 2, axis=0) + eps)
    return (x - x.mean(axis=0)) * inv_std, inv_std


def _normalized_gradient(G: Floats, x: Floats, gamma: Floats, eps: float = 1e-5) -> Floats:
    """Return the gradient through the Jacobian of each column."""
    x_hat, inv_std = _row_statistics(x, eps)
    B = len(x)
    jacobian = np.eye(B)[:, :, None] - 1 / B - x_hat[:, None] * x_hat / B
    return np.asarray(np.einsum("abj,bj->aj", jacobian, gamma * G) * inv_std)


def _with_spread(G: Floats, x: Floats, gamma: Floats, spread: Floats) -> Floats:
    """Return what the formula gives where something else is taken for the standard deviation."""
    x_hat = (x - x.mean(axis=0)) / spread
    return gamma / spread * (G - G.mean(axis=0) - x_hat * np.mean(G * x_hat, axis=0))


def _other_eps(G: Floats, x: Floats, gamma: Floats, eps: float | None = None) -> dict[str, Floats]:
    """Return what another eps gives than the one that is given, or than the default."""
    if eps is None:
        return {
            f"eps is {other:g} if it is left out, but should be 1e-05": _with_spread(
                G, x, gamma, np.sqrt(x.var(axis=0) + other)
            )
            for other in (1e-3, 1e-4)
        }
    spreads = _spreads_of_other_eps(x.var(axis=0), eps)
    return {said: _with_spread(G, x, gamma, spread) for said, spread in spreads.items()}


def _spreads_of_other_eps(var: Floats, eps: float) -> dict[str, Floats]:
    """Return what is taken for the standard deviation where eps is misplaced."""
    return {
        "eps is ignored": np.sqrt(var),
        "eps is added to the root, but it belongs under it": np.sqrt(var) + eps,
        "eps is a number of your own here, but it is an argument": np.sqrt(var + 1e-5),
    }


def normalized_gradient_proof(counterexample_4: Function, draw: int = 0) -> None:
    """Check that the given function is wrong at (grad_output, x, gamma)."""
    what = "counterexample_4()"
    axes = {"grad_output": 2, "x": 2, "gamma": 1}
    returned, likely = arguments_of(counterexample_4(), axes, what), None
    if isinstance(returned, tuple):
        G, x, gamma = returned
        need(G.shape == x.shape, what, "grad_output and x must have the same shape (B, n)")
        need(gamma.shape == x.shape[1:], what, "gamma must have a number for each column")
        sums = np.sum([G, G * _row_statistics(x, 1e-5)[0]], axis=1)
        if G.any() and np.allclose(sums, 0, rtol=0, atol=1e-6 * np.abs(G).max()):
            likely = "in each column grad_output sums to 0, and so does its product with x_hat"
    check_counterexample(
        returned,
        lambda G, x, gamma: gamma * _row_statistics(x, 1e-5)[1] * G,
        _normalized_gradient,
        what=what,
        likely=likely,
        names=tuple(axes),
    )


def normalized_gradient_values(normalized_gradient: Function, draw: int = 0) -> None:
    """Check the direct path and those through mean and variance, with eps and without."""
    for (B, n), how in (((5, 3), (0.25,)), ((3, 4), ())):
        G, x, gamma = arrays(draw + B, (B, n), (B, n), (n,))
        x = 2 * x + 1
        used = how[0] if how else 1e-5
        x_hat, inv_std = _row_statistics(x, used)
        whole, mean, along = gamma * inv_std, G.mean(axis=0), np.mean(G * x_hat, axis=0)
        check_close(
            check_unchanged(normalized_gradient, G, x, gamma, *how, what="normalized_gradient"),
            _normalized_gradient(G, x, gamma, *how),
            what=f"normalized_gradient for shape {(B, n)}{', eps 0.25' if how else ''}",
            rtol=1e-10,
            relative_to="largest",
            batch=B,
            mistakes={
                "the paths through mean and variance are both missing still": whole * G,
                "the path through the mean is missing": whole * (G - x_hat * along),
                "the path through the variance is missing": whole * (G - mean),
                "the mean of grad_output is taken over the whole array": whole
                * (G - G.mean() - x_hat * along),
                "the mean of grad_output runs along the rows: axis 0 is the batch": whole
                * (G - G.mean(axis=1, keepdims=True) - x_hat * along),
                "the sum of grad_output is not divided by the batch": whole
                * (G - B * mean - x_hat * along),
                "the sum of grad_output * x_hat is not divided by the batch": whole
                * (G - mean - B * x_hat * along),
                "the path through the variance has the wrong sign": whole
                * (G - mean + x_hat * along),
                "the path through the mean has the wrong sign": whole * (G + mean - x_hat * along),
                "both paths have the wrong sign": whole * (G + mean + x_hat * along),
                "the factor x_hat is missing in the path through the variance": whole
                * (G - mean - along),
                "x is in the place of x_hat in the path through the variance": whole
                * (G - mean - x_hat * np.mean(G * x, axis=0)),
                "the unbiased variance is used: the batch's own is the biased one": (
                    _with_spread(G, x, gamma, np.sqrt(x.var(axis=0, ddof=1) + used))
                ),
                **_other_eps(G, x, gamma, *how),
                "gamma is missing": inv_std * (G - mean - x_hat * along),
                "inv_std is missing": gamma * (G - mean - x_hat * along),
                "the sums are not divided by the batch": whole * (G - B * mean - B * x_hat * along),
            },
        )


# -- hunt 5: every pixel for itself ----------------------------------------------------------------


def _gamma_gradient(G: Floats, x: Floats, eps: float = 1e-5, each: str = "channel",
                    spread: str = "") -> Floats:  # fmt: skip
    """Return the gradient with statistics of each channel, pixel, image or of everything."""
    axes = {
        "channel": (0, 2, 3), "pixel": (0,), "image": (2, 3), "all": (0, 1, 2, 3),
        "whole image": (1, 2, 3), "column": (0, 2), "row": (0, 3),
    }  # fmt: skip
    centered = x - x.mean(axis=axes[each], keepdims=True)
    x_hat = centered / np.sqrt(x.var(axis=axes[spread or each], keepdims=True) + eps)
    return np.asarray(np.einsum("bchw,bchw->c", G, x_hat))


def image_gamma_proof(counterexample_5: Function, draw: int = 0) -> None:
    """Check that the given function is wrong at (grad_output, x)."""
    what = "counterexample_5()"
    returned, likely = arguments_of(counterexample_5(), {"grad_output": 4, "x": 4}, what), None
    if isinstance(returned, tuple):
        G, x = returned
        need(G.shape == x.shape, what, "grad_output and x must have the same shape (B, C, H, W)")
        likely = (
            "an image of one pixel has the same statistics either way"
            if x[0, 0].size == 1
            else None
        )
    check_counterexample(
        returned,
        lambda G, x: _gamma_gradient(G, x, each="pixel"),
        _gamma_gradient,
        what=what,
        likely=likely,
        names=("grad_output", "x"),
    )


def image_gamma_values(image_gamma_gradient: Function, draw: int = 0) -> None:
    """Check one mean and variance for each channel, with eps and without."""
    for shape, how in (((4, 3, 5, 6), (0.25,)), ((3, 5, 4, 3), ())):
        G, x = arrays(draw + shape[0], shape, shape)
        x = 2 * x + np.arange(shape[1])[:, None, None]
        check_close(
            check_unchanged(image_gamma_gradient, G, x, *how, what="image_gamma_gradient"),
            _gamma_gradient(G, x, *how),
            what=f"image_gamma_gradient for shape {shape}{', eps 0.25' if how else ''}",
            rtol=1e-10,
            relative_to="largest",
            batch=shape[0],
            mistakes={
                said: _gamma_gradient(G, x, *(how or (1e-5,)), each=each, spread=spread)
                for (each, spread), said in {
                    ("pixel", ""): "each pixel still has a mean and variance of its own",
                    ("channel", "pixel"): "each pixel still has a variance of its own",
                    ("pixel", "channel"): "each pixel still has a mean of its own",
                    ("image", ""): "each image has a mean and variance of its own: a channel has "
                    "one",
                    ("all", ""): "all channels share one mean and variance: each has its own",
                    ("whole image", ""): "each image has a mean and variance of its own, for all "
                    "channels together",
                    ("column", ""): "each column of pixels has a mean and variance of its own",
                    ("row", ""): "each row of pixels has a mean and variance of its own",
                }.items()
            }
            | _other_spreads(G, x, *how),
        )


def _other_spreads(G: Floats, x: Floats, eps: float = 1e-5) -> dict[str, Floats]:
    """Return what comes of something else in the place of the standard deviation."""
    centered = x - x.mean(axis=(0, 2, 3), keepdims=True)
    var = x.var(axis=(0, 2, 3), keepdims=True)
    spreads = {
        "divided by the variance: the root is missing": var + eps,
        "the unbiased variance is used: the batch's own is the biased one": np.sqrt(
            x.var(axis=(0, 2, 3), keepdims=True, ddof=1) + eps
        ),
    }
    if eps > 1e-5:
        spreads |= _spreads_of_other_eps(var, eps)
    return {
        said: np.asarray(np.einsum("bchw,bchw->c", G, centered / spread))
        for said, spread in spreads.items()
    }
