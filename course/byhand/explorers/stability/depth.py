"""The length of the gradient through depth, for three sizes of first weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from byhand import figures
from byhand.explorers.base import Explorer, Function
from byhand.explorers.controls import Choice, Controls, Slider, WholeSlider
from byhand.explorers.predictions import Marker

if TYPE_CHECKING:
    from matplotlib.figure import Figure


# name: the function, its slope, the variance of a weight times n that keeps a gradient's size
ACTIVATIONS: dict[str, tuple[Function, Function, str, float]] = {
    "ReLU": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float), "He", 2),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2, "Xavier", 1),
    "none": (lambda z: z, np.ones_like, "Xavier", 1),
}
DEEPEST, ROWS = 60, 16  # layers at most, rows of the batch
HALF = (6e-8, 65504)  # the smallest and the largest positive number of float16


class Depth(Explorer):
    """The length of the gradient with respect to each layer's input, for three sizes of weights."""

    prediction = Marker(
        question="50 ReLU layers, and all weights are 1.4 times smaller than they should be, which "
        "is what Xavier's rule gives. A gradient of length 1 goes back through them. How long is "
        "it in front of layer 1? Put the marker at that height.",
        label="Length in front of layer 1", low=1e-20, high=1e20, start=1, step=0.5, log=True,
        close=10, outcome="its length there is {truth}",
        explanation="Each layer takes the same factor, so on a log axis each initialization is a "
        "straight line. He's rule keeps the line level under ReLU. Weights that are too large by "
        "the same factor make the gradient explode as fast as these make it vanish.",
    )  # fmt: skip
    title = "A gradient on its way back through 50 ReLU layers"
    message = "The size of the first weights decides what reaches layer 1"
    situation = (
        "50 layers along the axis, length of the gradient upward. Two dotted lines mark the "
        "smallest and the largest number of float16; no gradient is drawn yet."
    )
    picture = (
        "The length of the gradient in front of each layer, on a log axis, for weights that are "
        "too small, right and too large."
    )
    size = (7.4, 4.6)

    def controls(self) -> Controls:
        """Return the controls: activation, depth, width, how far off the sizes are."""
        return {
            "activation": Choice("Activation", list(ACTIVATIONS)),
            "depth": WholeSlider("Layers", 5, DEEPEST, value=50, step=1),
            "width": WholeSlider("Units in a layer n", 8, 80, value=64, step=4),
            "factor": Slider("Too small or large by", 1.1, 2.2, value=1.4, step=0.1),
        }

    def build(self, figure: Figure) -> None:
        """Draw the axes, and the range of float16 for comparison."""
        axes = figure.add_subplot(
            yscale="log", ylim=(1e-21, 1e21), xticks=(1, *range(10, DEEPEST + 1, 10)), xlim=(0, 1),
            xlabel="layer (the first one is on the left)", ylabel="length of the gradient",
        )  # fmt: skip
        self.head(axes, pad=30)
        self.axes = axes
        for end, name, side in zip(
            HALF, ("smallest float16", "largest float16"), ("top", "bottom"),
            strict=True
        ):  # fmt: skip
            axes.axhline(end, color="0.35", linestyle=":", linewidth=1.2)
            figures.label(
                axes, 0.99, end, name, "0.3", ha="right", va=side, fontsize=10, zorder=1.5,
                transform=axes.get_yaxis_transform(),
            )  # fmt: skip
        self.curves = [
            figures.moving(axes, color=color, linestyle=line, marker=marker, markersize=5,
                label=name)
            for name, color, line, marker in (
                ("too large", figures.VERMILION, "--", "^"),
                ("He / Xavier", figures.BLUE, "-", "o"),
                ("too small", figures.GREEN, "-.", "v")
            )
        ]  # fmt: skip
        self.cover(self.curves)
        self.add_guess(axes, "y")
        self.yours = self.add_yours(axes, "dotted")
        self.dead = figures.label(
            axes, 1, 1, "no line: in one layer no unit passes anything on", "0.15", va="center",
            animated=True,
        )  # fmt: skip
        self.cover(self.dead)
        figures.legend_above(axes)
        self.normals = np.empty((0, 0, 0))  # drawn once for each width

    def truth(self) -> float:
        """Return the length in front of layer 1 with weights that are too small."""
        return float(np.asarray(self.curves[2].get_ydata())[0])

    def redraw(self, activation: str, depth: int, width: int, factor: float) -> str:
        """Send one gradient back through three networks that differ in scale only."""
        function, slope, name, variance = ACTIVATIONS[activation]
        if self.normals.shape[1] != width:
            rng = np.random.default_rng(6)
            self.normals = rng.standard_normal((DEEPEST, width, width))
        right = np.sqrt(variance / width)
        scales = right * np.array([factor, 1, 1 / factor])
        lengths = self._lengths(scales[:, None, None, None] * self.normals[:depth], function, slope)
        numbers = np.arange(1, depth + 1)
        end = 10 * -(-depth // 10) + 0.5  # in tens: another end means that all is drawn again
        if not depth < self.axes.get_xlim()[1] <= end + 10:  # not at each step back and forth
            self.axes.set_xlim(0.5, end)
        for curve, of_one in zip(self.curves, lengths, strict=True):
            curve.set_data(numbers, figures.on_log_axis(of_one))
        self.dead.set_visible(not lengths.all())
        self._draw_yours(activation, depth, width)
        words = f"{depth} layers of {width} units, activation {activation}."
        if not lengths[1, 0]:
            return f"{words} In one layer no unit passes anything on: the gradient has died."
        large, kept, small = (
            f"{of_one[0]:.2g} (× {of_one[0] ** (1 / depth):.2f} a layer)" for of_one in lengths
        )
        known = " (Xavier's rule)" if name == "He" and abs(factor - 2**0.5) < 0.05 else ""
        return (
            f"{words} In front of layer 1 the gradient has length {kept} with {name}'s variance "
            f"{variance}/n, {small} with weights {factor:.2g} times smaller{known}, {large} with "
            f"weights {factor:.2g} times larger."
        )

    def _batch(self, width: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the input's rows, and a gradient of length 1 after the last layer."""
        rng = np.random.default_rng(7)
        x, g = rng.standard_normal((2, ROWS, width))
        return x, g / np.linalg.norm(g)

    def _lengths(self, weights: np.ndarray, function: Function, slope: Function) -> np.ndarray:
        """Return the lengths in front of each layer, a row for each stack of weights."""
        x, g = self._batch(weights.shape[-1])
        turned = weights.swapaxes(-1, -2)
        zs: list[np.ndarray] = []
        for layer in range(weights.shape[1]):
            zs.append(x @ turned[:, layer])
            x = function(zs[-1])
        lengths: list[np.ndarray] = []
        for layer in reversed(range(weights.shape[1])):
            g = (g * slope(zs[layer])) @ weights[:, layer]
            lengths.insert(0, np.linalg.norm(g, axis=(-1, -2)))
        return np.array(lengths).T

    def _draw_yours(self, activation: str, depth: int, width: int) -> None:
        """Draw the gradient through weights that the student's function has drawn."""
        function, slope, name, _ = ACTIVATIONS[activation]
        called = {"He": "he_init", "Xavier": "xavier_init"}[name]

        def drawn_by(init: Callable[..., np.ndarray]) -> np.ndarray:
            rng = np.random.default_rng(8)
            weights = [init(width, width, rng) for _ in range(depth)]
            return np.reshape(weights, (depth, width, width))

        numbers, weights = range(1, depth + 1), self.student_result(called, "6.9", drawn_by)
        if weights is not None and activation == "ReLU":  # what gradient_norms is written for
            self.yours.draw(
                "gradient_norms", "6.9",
                lambda norms: (
                    numbers,
                    figures.on_log_axis(norms(list(weights), *self._batch(width))[:depth])
                ),
            )  # fmt: skip
        elif weights is not None:
            (lengths,) = self._lengths(weights[None], function, slope)
            self.yours.show("6.9", numbers, figures.on_log_axis(lengths))
