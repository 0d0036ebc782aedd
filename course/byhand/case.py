"""The case of chapter 6: a training run that dies, and what it does once its faults are fixed.

A network of four dense layers with ReLU between them learns the digits, in 500 steps of 32 images
each. It has four faults, and for each of them a part that takes its place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from byhand import digits, figures, progress

__all__ = ["Run", "show", "suspect", "train"]

Floats = NDArray[np.float64]
Backward = Callable[[Floats, Floats, Floats, Floats], tuple[Floats, Floats, Floats]]
Init = Callable[[int, int, np.random.Generator], Floats]
Clip = Callable[[dict[str, Floats], float], float]

STEPS, BATCH, RATE, MAX_NORM = 500, 32, 0.1, 1.0
SIZES = (64, 32, 32, 32, 10)
NEGATIVE = 300  # the step at which one image arrives as a negative, with ink from 0 to 255
HIGHEST = 1e6  # loss at the upper end of the picture
ABOUT = {
    "layer": "gradients right",
    "loss": "loss stable",
    "init": "weights right",
    "clip": "steps clipped",
}


@dataclass(frozen=True)
class Run:
    """A training run.

    Attributes
    ----------
    losses : ndarray, shape (500,)
        The mean loss of each batch.
    accuracy : float
        The share of the test images that are told right at the end; NaN if the network is NaN.
    fixed : tuple of str
        Which faults were fixed.
    """

    losses: Floats
    accuracy: float
    fixed: tuple[str, ...]

    @property
    def dies_at(self) -> int | None:
        """The first step whose loss is not finite."""
        bad = np.flatnonzero(~np.isfinite(self.losses))
        return int(bad[0]) if bad.size else None

    def __repr__(self) -> str:
        end = f"nan from step {self.dies_at} on" if self.dies_at else f"{self.accuracy:.1%} right"
        return f"Run(fixed: {', '.join(self.fixed) or 'nothing'}; {end})"


def _given_layer(W: Floats, b: Floats, x: Floats, grad_output: Floats) -> Any:
    return grad_output.T @ x, grad_output.sum(axis=0), grad_output @ W / len(W)


def _given_loss(logits: Floats, targets: Floats) -> float:
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return float(-np.sum(targets * np.log(p + 1e-10)) / len(logits))


def _given_gradient(logits: Floats, targets: Floats) -> Floats:
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return np.asarray((p - targets) / len(logits))


def _given_init(n_in: int, n_out: int, rng: np.random.Generator) -> Floats:
    return 0.5 * rng.standard_normal((n_out, n_in))


def suspect() -> tuple[dict[str, Floats], dict[str, Floats], Callable[[dict[str, Floats]], float]]:
    """Return a layer of the run, the gradients that the run computes there, and a loss.

    Returns
    -------
    arrays : dict of str to ndarray
        ``W`` (32, 32), ``b`` (32,) and a batch of rows ``x`` (5, 32).
    claims : dict of str to ndarray
        What the run takes for the gradients with respect to them.
    loss : callable
        Takes such arrays; the sum of the layer's output, weighted by a random upstream gradient.
    """
    rng = np.random.default_rng(6)
    arrays = {
        "W": rng.standard_normal((32, 32)),
        "b": rng.standard_normal(32),
        "x": rng.standard_normal((5, 32)),
    }
    grad_output = rng.standard_normal((5, 32))

    def loss(arrays: dict[str, Floats]) -> float:
        return float(np.sum(grad_output * (arrays["x"] @ arrays["W"].T + arrays["b"])))

    claims = _given_layer(arrays["W"], arrays["b"], arrays["x"], grad_output)
    return arrays, dict(zip(arrays, claims, strict=True)), loss


def train(
    *,
    layer: Backward | None = None,
    loss: Callable[[Floats, Floats], float] | None = None,
    loss_gradient: Callable[[Floats, Floats], Floats] | None = None,
    init: Init | None = None,
    clip: Clip | None = None,
) -> Run:
    """Run the training, with parts in the place of those that have a fault.

    Parameters
    ----------
    layer : callable, optional
        ``layer(W, b, x, grad_output)`` returns the gradients with respect to W, b and x.
    loss, loss_gradient : callable, optional
        Of logits and targets, both of shape (B, 10): the mean loss, and its gradient with respect
        to the logits.
    init : callable, optional
        ``init(n_in, n_out, rng)`` draws weights of shape (n_out, n_in).
    clip : callable, optional
        ``clip(gradients, max_norm)`` shortens a dict of gradients in place.

    Returns
    -------
    Run
    """
    parts = {"layer": layer, "loss": loss, "init": init, "clip": clip}
    fixed = tuple(name for name, part in parts.items() if part is not None)
    rng = np.random.default_rng(0)
    weights = [
        np.array((init or _given_init)(m, n, rng)) for m, n in zip(SIZES, SIZES[1:], strict=False)
    ]
    biases = [np.zeros(n) for n in SIZES[1:]]
    losses, data = np.empty(STEPS), digits.load()
    with np.errstate(all="ignore"):  # it dies in silence, as most runs do
        for step in range(STEPS):
            x, targets = _batch(data, step, rng)
            inputs, logits = _forward(weights, biases, x)
            losses[step] = (loss or _given_loss)(logits, targets)
            grad = (loss_gradient or _given_gradient)(logits, targets)
            gradients = _backward(layer or _given_layer, weights, biases, inputs, grad)
            if clip is not None:
                clip(gradients, MAX_NORM)
            for k, (W, b) in enumerate(zip(weights, biases, strict=True)):
                W -= RATE * gradients[f"W{k}"]
                b -= RATE * gradients[f"b{k}"]
        _, logits = _forward(weights, biases, data.test_images.reshape(-1, 64))
    right = float(np.mean(logits.argmax(axis=1) == data.test_labels))
    return Run(losses, right if np.isfinite(logits).all() else np.nan, fixed)


def _batch(data: digits.Digits, step: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    chosen = rng.integers(len(data.train_images), size=BATCH)
    x = data.train_images[chosen].reshape(BATCH, 64)
    if step == NEGATIVE:
        x[3] = 255 * (1 - x[3])
    return x, np.eye(10)[data.train_labels[chosen]]


def _forward(weights: list[Floats], biases: list[Floats], x: Floats) -> tuple[list[Floats], Floats]:
    """Return the input of each layer, and the logits."""
    inputs = [x]
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        inputs.append(np.maximum(inputs[-1] @ W.T + b, 0))
    return inputs, inputs[-1] @ weights[-1].T + biases[-1]


def _backward(
    layer: Backward, weights: list[Floats], biases: list[Floats], inputs: list[Floats], grad: Floats
) -> dict[str, Floats]:
    gradients: dict[str, Floats] = {}
    for k in reversed(range(len(weights))):
        grad_W, grad_b, grad = layer(weights[k], biases[k], inputs[k], grad)
        gradients |= {f"W{k}": np.array(grad_W), f"b{k}": np.array(grad_b)}
        grad = grad * (inputs[k] > 0)  # ReLU passes what it passed on the way forward
    return gradients


def show(
    *,
    layer: Backward | None = None,
    loss: Callable[[Floats, Floats], float] | None = None,
    loss_gradient: Callable[[Floats, Floats], Floats] | None = None,
    init: Init | None = None,
    clip: Clip | None = None,
) -> None:
    """Show the run as it was found, and as it is with one fix after the other; nothing if grading.

    Parameters
    ----------
    layer, loss, loss_gradient, init, clip : callable, optional
        As for `train`.
    """
    if progress.grading():
        return
    given: list[dict[str, Any]] = [
        {"layer": layer},
        {"loss": loss, "loss_gradient": loss_gradient},
        {"init": init},
        {"clip": clip},
    ]
    parts: dict[str, Any] = {}
    runs = [train()]
    for fix in given:
        if None not in fix.values():
            parts |= fix
            runs.append(train(**parts))
    _draw(runs)


def _draw(runs: list[Run]) -> None:
    """Draw the losses of runs side by side, each with its end."""
    import matplotlib.pyplot as plt

    columns = min(len(runs), 3)
    rows = -(-len(runs) // columns)
    figure, grid = plt.subplots(
        rows, columns, figsize=(max(5.5, 3.1 * columns), 3.3 * rows), sharey=True, squeeze=False,
        layout="constrained",
    )  # fmt: skip
    for empty in grid.flat[len(runs) :]:
        empty.set_visible(False)
    told = []
    for axis, run in zip(grid.flat, runs, strict=False):
        steps = np.arange(STEPS)
        finite = np.isfinite(run.losses)
        shown = np.clip(run.losses[finite], 1e-3, HIGHEST)
        axis.semilogy(steps[finite], shown, color=figures.BLUE, linewidth=1)
        name = f"+ {ABOUT[run.fixed[-1]]}" if run.fixed else "as it was found"
        axis.set(title=name, xlabel="step", xlim=(0, STEPS), ylim=(1e-3, HIGHEST))
        axis.set_xticks([0, 150, 300, 450])
        if run.dies_at is not None:
            last = run.dies_at - 1
            axis.plot(last, shown[-1], "X", color=figures.VERMILION, markersize=11)
            axis.axvspan(run.dies_at, STEPS, facecolor="0.93", edgecolor="0.7", hatch="//")
            end = f"nan from\nstep {run.dies_at}"
            at = (STEPS + run.dies_at) / 2
        else:
            end, at = f"{run.accuracy:.0%} of test\ndigits read", 395
        figures.label(axis, at, 2e4, end, "0.15", ha="center", va="center", fontsize=11)
        told.append(f"{name}: loss {run.losses[0]:.3g} at first, {end}".replace("\n", " "))
    for axis in grid[:, 0]:
        axis.set_ylabel("loss")
    figures.show(figure, "The loss of each step on a log axis. " + "; ".join(told) + ".")
