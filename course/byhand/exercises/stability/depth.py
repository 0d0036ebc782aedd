"""Exercise 6.9: first weights, and the norms of a gradient through ReLU layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import (
    CheckFailed,
    check_close,
    check_each,
    check_shape,
    check_unchanged,
    scenario,
)
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, kept, points, unlike

SIZES = ((200, 150), (350, 40), (40, 350))  # numbers of inputs and outputs


def _variances(n_in: int, n_out: int) -> dict[str, float]:
    """Return variances that are asked for elsewhere, or by mistake."""
    return {
        "this is He's variance, 2 / n_in, which is made for ReLU": 2 / n_in,
        "this is the variance 1 / n_in: what does ReLU do to half of the numbers?": 1 / n_in,
        "outputs are counted, not inputs: 2 / n_out": 2 / n_out,
        "outputs are counted, not inputs: 1 / n_out": 1 / n_out,
        "this is Xavier's variance, 2 / (n_in + n_out)": 2 / (n_in + n_out),
        "the variance is 1 / (n_in + n_out): the mean of both counts is half their sum": 1
        / (n_in + n_out),
        "the variance is 4 / n_in: twice too much": 4 / n_in,
        "the variance is 4 / (n_in + n_out): twice too much, a half is for ReLU": 4
        / (n_in + n_out),
        "the counts are multiplied: 2 / (n_in * n_out)": 2 / n_in / n_out,
        "a bracket is missing: this is 2 / n_in + n_out": 2 / n_in + n_out,
        "the weights have the variance 1: they are not multiplied": 1.0,
        "6 / n_in is the square of a uniform range, not a variance": 6 / n_in,
        "6 / (n_in + n_out) is the square of a uniform range, not a variance": 6 / (n_in + n_out),
    }


def _slips(n_in: int, n_out: int, right: float, found: float) -> str | None:
    """Return the mistake that gives such a variance, if only one does."""
    slips = dict(_variances(n_in, n_out))
    more = {
        "the variance is used as standard deviation: take the root": lambda v: v**2,
        "the root is taken twice": lambda v: v**0.5,
        "uniform numbers up to the standard deviation have a third of its variance": (
            lambda v: v / 3
        ),
        "numbers from 0 to 1 are drawn: draw some that are positive or negative alike": (
            lambda v: v / 12
        ),
        "the weights lost their sign": lambda v: v * (1 - 2 / np.pi),
        "the weights are divided by the standard deviation: multiply": lambda v: 1 / v,
    }
    slips |= {said: change(right) for said, change in more.items()}
    near = [
        said
        for said, value in slips.items()
        if abs(found / value - 1) < 0.03 and abs(value / right - 1) > 0.1
    ]
    return near[0] if len(near) == 1 else None


@scenario
def _drawn(init: Function, n_in: int, n_out: int, seed: int) -> Any:
    return init(n_in, n_out, np.random.default_rng(seed))


@scenario
def _drawn_again(init: Function, seed: int) -> list[Any]:
    """Return small weights: of a seed, again, of another one, and the second ones of the first."""
    rng, again, other = (np.random.default_rng(seed + k) for k in (0, 0, 1))
    return [init(5, 4, rng), init(5, 4, again), init(5, 4, other), init(5, 4, rng)]


def _check_init(init: Function, name: str, variance: Function, draw: int) -> None:
    """Check shape, mean, variance, and where the numbers come from."""
    __tracebackhide__ = True
    for n_in, n_out in SIZES:
        what = f"{name}({n_in}, {n_out}, rng)"
        one = _drawn(init, n_in, n_out, draw)
        check_shape(one, (n_out, n_in), what=what, hint="a row for each output: (n_out, n_in)")
        one, right = np.asarray(one, dtype=float), variance(n_in, n_out)
        mean, spread = float(np.mean(one)), float(np.mean(one**2))
        if abs(mean) > 0.03 * np.sqrt(spread):
            raise CheckFailed(
                f"the mean of {what} is wrong",
                expected="0, as far as a mean of random numbers can tell",
                actual=f"{mean:.3g}, where the weights have the size {np.sqrt(spread):.3g}",
                likely="no weight is negative" if not (one < 0).any() else None,
                hint="positive and negative weights must be equally likely",
            )
        for axis, of in ((0, "columns"), (1, "rows")):
            if abs(np.var(one, axis=axis).mean() / np.var(one) - 1) > 0.1:
                raise CheckFailed(
                    f"the weights of {what} are not independent",
                    likely=f"within its {of} all weights are alike: draw n_out * n_in numbers",
                )
        found = float(np.var(one))
        if abs(found / right - 1) > 0.06:
            raise CheckFailed(
                f"the variance of {what} is wrong",
                expected=f"about {right:.4g}",
                actual=f"{found:.4g}",
                likely=_slips(n_in, n_out, right, found),
            )
    once, again, other, two = _drawn_again(init, draw)
    what = f"{name}(5, 4, rng)"
    for same, wanted, how in (
        (np.allclose(once, again), True, "for generators with the same seed"),
        (np.allclose(once, other), False, "for generators with different seeds"),
        (np.allclose(once, two), False, "in two calls with one and the same generator"),
    ):
        if same != wanted:
            raise CheckFailed(
                f"{what} draws {'the same' if same else 'other'} weights {how}",
                likely="they are not drawn from rng, but from a generator of its own"
                if same
                else "they are not drawn from rng, but from np.random itself",
            )


def he_init_values(he_init: Function, draw: int = 0) -> None:
    """Check shape, mean, variance, independence and generator for three sizes."""
    _check_init(he_init, "he_init", lambda n_in, n_out: 2 / n_in, draw)


def xavier_init_values(xavier_init: Function, draw: int = 0) -> None:
    """Check shape, mean, variance, independence and generator for three sizes."""
    _check_init(xavier_init, "xavier_init", lambda n_in, n_out: 2 / (n_in + n_out), draw)


def _norms(
    weights: list[Floats],
    x: Floats,
    g: Floats,
    *,
    ahead: Any = None,
    back: Any = None,
    size: Function = np.linalg.norm,
) -> list[Any]:
    """Return the norms; `ahead` and `back` may leave out or change what ReLU does."""
    relu = ahead or (lambda z, last: np.maximum(z, 0))
    mask = back or (lambda z, last: z > 0)
    zs, a = [], x
    for k, W in enumerate(weights):
        zs.append(a @ W.T)
        a = relu(zs[-1], k + 1 == len(weights))
    norms = [size(g)]
    for k, (W, z) in reversed(list(enumerate(zip(weights, zs, strict=True)))):
        g = (g * mask(z, k + 1 == len(weights))) @ W
        norms.insert(0, size(g))
    return norms


@kept
def _norms_by_input(weights: list[Floats], x: Floats, g: Floats) -> list[Any]:
    """Return the norms if each layer's mask is made from its input."""
    inputs = [x]
    for W in weights:
        inputs.append(np.maximum(inputs[-1] @ W.T, 0))
    norms = [np.linalg.norm(g)]
    for W, a in reversed(list(zip(weights, inputs, strict=False))):
        g = (g @ W) * (a > 0)
        norms.insert(0, np.linalg.norm(g))
    return norms


@kept
def _norm_slips(Ws: list[Floats], x: Floats, g: Floats, right: list[Any]) -> dict[str, Any]:
    """Return what usual slips give for the norms of a network's gradients."""
    batch = len(x)
    return {
        "the list runs from the output to the input: the input comes first": right[::-1],
        "ReLU is left out on the way back": _norms(Ws, x, g, back=lambda z, last: 1.0),
        "the slope of ReLU is taken at the input of a layer: its own z decides": (
            _norms_by_input(Ws, x, g)
        ),
        "ReLU is left out on the way forward": _norms(Ws, x, g, ahead=lambda z, last: z),
        "the last layer has its ReLU too, on the way back as well": _norms(
            Ws, x, g, back=lambda z, last: 1.0 if last else z > 0
        ),
        "these are the squares of the norms": [n**2 for n in right],
        "these are means over the batch: take all entries": [n / batch for n in right],
        "these are divided by the root of the batch: take all entries": [
            n / np.sqrt(batch) for n in right
        ],
        "this is the spectral norm (ord=2): take the root of the sum of all squares": _norms(
            Ws, x, g, size=lambda g: np.linalg.norm(g, 2)
        ),
        "these are the largest entries": _norms(Ws, x, g, size=lambda g: np.abs(g).max()),
        "these are sums of sizes: take the root of the sum of all squares": _norms(
            Ws, x, g, size=lambda g: np.abs(g).sum()
        ),
        "the gradient passes where z is exactly 0 too: ReLU's slope there is 0": _norms(
            Ws, x, g, back=lambda z, last: z >= 0
        ),
        "norms are averaged over the examples: take the root of the sum of all squares": _norms(
            Ws, x, g, size=lambda g: np.linalg.norm(g, axis=1).mean()
        ),
        "the slope of ReLU where z is negative is 0, not -1": _norms(
            Ws, x, g, back=lambda z, last: np.sign(z)
        ),
        "the gradient passes where z is negative": _norms(Ws, x, g, back=lambda z, last: z < 0),
        "the gradient is multiplied by z, not by the slope of ReLU": _norms(
            Ws, x, g, back=lambda z, last: z * (z > 0)
        ),
    }


def gradient_norms_values(gradient_norms: Function, draw: int = 0) -> None:
    """Check four networks of different widths and batches, one layer too, and the kink."""
    for widths, batch in (([4, 6, 5, 3], 7), ([5, 3], 4), ([3, 4, 6], 5), ([6, 5, 4, 3, 7], 3)):
        Ws = [
            points(draw + k, (m, n), -1.0, 1.5)
            for k, (n, m) in enumerate(zip(widths, widths[1:], strict=False))
        ]
        x, g = points(draw + 8, (batch, widths[0])), points(draw + 9, (batch, widths[-1]))
        right = _norms(Ws, x, g)
        what = f"gradient_norms with the widths {widths} and a batch of {batch}"
        found = check_unchanged(gradient_norms, Ws, x, g, what=what)
        if isinstance(found, list | tuple) and len(found) == len(right) - 1:
            said = None
            if np.allclose(found, right[:-1]) or np.allclose(found, right[1:]):
                end = "grad_output" if np.allclose(found, right[:-1]) else "x"
                said = f"the norm of the gradient with respect to {end} is missing"
            raise CheckFailed(
                f"{what} has the wrong length",
                expected=f"{len(right)} norms for {len(Ws)} layers",
                actual=f"{len(found)} norms",
                likely=said,
            )
        slips = unlike(_norm_slips(Ws, x, g, right), right)
        check_close(found, right, what=what, rtol=1e-10, mistakes=slips)
    W, x, g = np.array([[1.0, -1.0, 0.5]]), np.array([[2.0, 2.0, 0.0]]), np.array([[3.0 + draw]])
    check_each(
        gradient_norms([W], x, g),
        [0.0, 3.0 + draw],
        what="gradient_norms where z is exactly 0",
        hint="this course takes the slope 0 of ReLU at the kink",
    )
