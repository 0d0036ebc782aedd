"""The length of the gradient through the layers of a deep network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from byhand import differences, figures
from byhand.explorers.base import Explorer, Function
from byhand.explorers.controls import Choice, Controls, Slider, WholeSlider
from byhand.explorers.predictions import Marker

if TYPE_CHECKING:
    from matplotlib.figure import Figure


FLOW: dict[str, Function] = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "ReLU": lambda z: np.maximum(z, 0),
    "none": lambda z: z,
}
WIDTH = 24  # units in each layer
DEEPEST = 30


class _Layer:
    """One layer of the deep network, which answers many points in one request."""

    def __init__(self, W: np.ndarray, activation: Function) -> None:
        self.W, self.activation = W, activation

    def __call__(self, a: np.ndarray) -> np.ndarray:
        return self.activation(self.W @ a)

    def evaluate_many(self, arguments: Sequence[tuple]) -> list[np.ndarray]:
        points = np.stack([a for (a,) in arguments])
        return list(self.activation(points @ self.W.T))


class GradientFlow(Explorer):
    """The length of the gradient with respect to each layer's input, against the layer."""

    prediction = Marker(
        question="A gradient of length 1 goes back through 20 sigmoid layers. How long is it in "
        "front of the first layer? Put the marker at that height.",
        label="Length in front of layer 1", low=1e-25, high=1e10, start=1, step=0.5, log=True,
        close=30, outcome="its length there is {truth}",
        explanation="Each layer multiplies it by the slope of the sigmoid, at most ¼, and by its "
        "weights. So it vanishes, and the first layers learn nothing. With ReLU it survives if "
        "the weights have the right size, and explodes if they are larger.",
    )  # fmt: skip
    title = "A gradient on its way back through 20 layers"
    message = "Each layer multiplies the gradient on its way back"
    situation = (
        "20 sigmoid layers along the axis, weight variance 1/n. The dotted line is the length 1 "
        "that the gradient has as it leaves the loss; its way back is not drawn yet."
    )
    picture = (
        "The length of the gradient with respect to each layer's input, on a log axis, against "
        "the layer."
    )
    size = (7.2, 4.2)

    def controls(self) -> Controls:
        """Return the controls: activation, depth and the size of the weights."""
        return {
            "activation": Choice("Activation", list(FLOW)),
            "depth": WholeSlider("Layers", 5, DEEPEST, value=20, step=1),
            "size": Slider("Weight variance × n", 0.5, 4, value=1, step=0.1),
        }

    def build(self, figure: Figure) -> None:
        """Draw the axes and the line at 1, the length of the gradient after the last layer."""
        axes = figure.add_subplot(
            yscale="log", ylim=(1e-26, 1e11), xlim=(0.5, DEEPEST + 0.5),
            xlabel="layer (the first one is on the left)", ylabel="length of the gradient",
        )  # fmt: skip
        self.head(axes, pad=30)
        axes.axhline(1, color="0.35", linestyle=":", linewidth=1.5)
        axes.text(
            0, 1.03, "◀ backward    dotted line: length 1, as it left the loss",
            color="0.25", fontsize=11, va="bottom", transform=axes.transAxes,
        )  # fmt: skip
        self.curve = figures.moving(axes, color=figures.BLUE, marker="o", markersize=6)
        self.cover(self.curve)
        self.add_guess(axes, "y")
        self.yours = self.add_yours(axes, "dotted")

    def truth(self) -> float:
        """Return the length in front of the first layer."""
        return float(np.asarray(self.curve.get_ydata())[0])

    def redraw(self, activation: str, depth: int, size: float) -> str:
        """Send a gradient of length 1 back through all layers."""
        rng = np.random.default_rng(4)
        a = rng.standard_normal(WIDTH)
        upstream = rng.standard_normal(WIDTH)
        upstream /= np.linalg.norm(upstream)
        weights = [
            np.sqrt(size / WIDTH) * rng.standard_normal((WIDTH, WIDTH)) for _ in range(depth)
        ]
        layers = [_Layer(W, FLOW[activation]) for W in weights]
        inputs = [a]
        for layer in layers:
            inputs.append(layer(inputs[-1]))
        lengths: list[float] = []
        gradient = upstream
        for layer, a in zip(reversed(layers), reversed(inputs[:-1]), strict=True):
            gradient = differences.vjp(layer, a, grad_output=gradient).value
            lengths.insert(0, float(np.linalg.norm(gradient)))
        numbers = np.arange(1, depth + 1)
        self.curve.set_data(numbers, figures.on_log_axis(lengths))

        def lengths_of(backward_pass: Callable) -> tuple[np.ndarray, np.ndarray]:
            zs = [W @ a[:, None] for W, a in zip(weights, inputs[:-1], strict=True)]
            grad_zs = backward_pass(
                weights, zs, [a[:, None] for a in inputs], upstream[:, None],
                lambda z: differences.derivative(FLOW[activation], z).value,
            )[1]  # fmt: skip
            # these are ∂L/∂b, for a batch of one the same; one step further is the layer's input
            mine = [np.linalg.norm(W.T @ g) for W, g in zip(weights, grad_zs, strict=True)]
            return numbers, figures.on_log_axis(mine)

        self.yours.draw("backward_pass", "4.2", lengths_of)
        factor = lengths[0] ** (1 / depth)
        start = (
            f"{depth} layers, activation {activation}, weight variance {size:.3g}/n: in front of "
            f"the first layer the gradient has length {lengths[0]:.2g}"
        )
        if not factor:
            return f"{start}: it has died, no unit passes anything on."
        verdict = "vanishes" if factor < 0.8 else "explodes" if factor > 1.25 else "keeps its size"
        return f"{start}, a factor {factor:.2f} in each layer: it {verdict}."
