"""Explorers of chapter 4: a graph walked both ways, gradients through depth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from byhand import differences, figures
from byhand.explorers.base import Explorer
from byhand.explorers.controls import Choice, Slider
from byhand.explorers.graphs import Graph, GraphAlbum, Node, Walk, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["flow_explorer", "graph_explorer"]


# --- a graph, forward and backward ----------------------------------------------------------------

INPUTS = ("x1", "x2", "x3")
GRAPHS = {
    "y = (x1 + x2) · x3": Graph(
        [
            Node("x1", (1.1, 5.0)),
            Node("x2", (1.1, 3.0)),
            Node("x3", (1.1, 1.0)),
            Node("v1", (4.8, 4.0), ("x1", "x2"), lambda a, b: a + b, "v1 = x1 + x2"),
            Node("y", (8.5, 2.5), ("v1", "x3"), lambda a, b: a * b, "y = v1 · x3"),
        ]
    ),
    "y = (x1 + x2) · x1": Graph(
        [
            Node("x2", (1.1, 5.0)),
            Node("x1", (1.1, 2.0)),
            Node("v1", (4.8, 4.2), ("x1", "x2"), lambda a, b: a + b, "v1 = x1 + x2"),
            Node("y", (8.5, 2.5), ("v1", "x1"), lambda a, b: a * b, "y = v1 · x1"),
        ]
    ),
}


class GraphWalk(Explorer):
    """A graph of two operations; the step goes forward to y and then back to the inputs."""

    question = "Which of the three inputs moves y most, and which way?"
    picture = (
        "A computational graph: values in the boxes, slopes on the arrows and below the boxes."
    )
    size = (7.2, 4.2)

    def controls(self) -> dict[str, Slider | Choice]:
        """Return the controls: the step, the graph and its inputs."""
        return {
            "step": Slider("Step", 0, 7, value=1, step=1),
            "graph": Choice("Graph", list(GRAPHS)),
            "x1": Slider("x1", -6, 6, value=2, step=0.5),
            "x2": Slider("x2", -6, 6, value=-5, step=0.5),
            "x3": Slider("x3", -6, 6, value=4, step=0.5),
        }

    def build(self, figure: Figure) -> None:
        """Draw every graph; `redraw` shows one of them."""
        axes = figure.add_subplot()
        axes.set_title("Values flow forward, slopes flow back")
        self.album = GraphAlbum(axes, GRAPHS)

    def redraw(self, step: float, graph: str, x1: float, x2: float, x3: float) -> str:
        """Write the numbers that are known after so many steps."""
        chosen = self.album.turn_to(graph, x1=x1, x2=x2, x3=x3)
        self.control["x3"].disabled = self.locked or "x3" not in chosen.nodes
        walk = Walk.through(chosen, step)
        self.album.show(walk, slopes_of=walk.done)
        values = self.album.values
        given = ", ".join(f"{k} = {number(values[k])}" for k in INPUTS if k in values)
        return f"Step {walk.step} of {walk.last}, {given}. " + (
            self._backward(chosen, walk.done[-1]) if walk.done else self._forward(chosen, walk)
        )

    def _forward(self, graph: Graph, walk: Walk) -> str:
        if not walk.reached:
            return "The inputs are known; nothing is computed yet."
        name = walk.reached[-1]
        words = f"Forward: {graph.nodes[name].text} = {number(self.album.values[name])}."
        return words + (" This box is v2; go back from here." if name == graph.output else "")

    def _backward(self, graph: Graph, name: str) -> str:
        if name == graph.output:
            return "Backward: it begins with ∂y/∂y = 1."
        slopes, gradients = self.album.slopes, self.album.gradients
        terms = [
            f"{number(gradients[end])} × {number(slopes[start, end])} through {end}"
            for start, end in graph.edges
            if start == name
        ]
        total = f" = {number(gradients[name])}"
        paths = " The two paths add up." if len(terms) > 1 else ""
        return f"Backward: ∂y/∂{name} is {' plus '.join(terms)}{total}.{paths}"


# --- gradients through depth ----------------------------------------------------------------------

Activation = Callable[[np.ndarray], np.ndarray]

FLOW: dict[str, Activation] = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "ReLU": lambda z: np.maximum(z, 0),
    "none": lambda z: z,
}
WIDTH = 24  # units in each layer
DEEPEST = 30


class _Layer:
    """One layer of the deep network, which answers many points in one request."""

    def __init__(self, W: np.ndarray, activation: Activation) -> None:
        self.W, self.activation = W, activation

    def __call__(self, a: np.ndarray) -> np.ndarray:
        return self.activation(self.W @ a)

    def evaluate_many(self, arguments: Sequence[tuple]) -> list[np.ndarray]:
        points = np.stack([a for (a,) in arguments])
        return list(self.activation(points @ self.W.T))


class GradientFlow(Explorer):
    """The length of the gradient by the input of each layer, against the layer's number."""

    question = (
        "In a network of 20 sigmoid layers: by how much does the gradient shrink on its way back?"
    )
    picture = (
        "The length of the gradient by the input of each layer, on a log axis, against the layer."
    )
    size = (7.2, 4.2)

    def controls(self) -> dict[str, Slider | Choice]:
        """Return the controls: activation, depth and the size of the weights."""
        return {
            "activation": Choice("Activation", list(FLOW)),
            "depth": Slider("Layers", 5, DEEPEST, value=20, step=1),
            "size": Slider("Weight variance × n", 0.5, 4, value=1, step=0.1),
        }

    def build(self, figure: Figure) -> None:
        """Draw the axes and the line at 1, the length of the gradient behind the last layer."""
        axes = figure.add_subplot(
            yscale="log", ylim=(1e-26, 1e11), xlim=(0.5, DEEPEST + 0.5),
            xlabel="layer (the first one is on the left)", ylabel="length of the gradient",
        )  # fmt: skip
        axes.set_title("Each layer multiplies the gradient on its way back", pad=30)
        axes.axhline(1, color="0.35", linestyle=":", linewidth=1.5)
        axes.text(
            0, 1.03, "◀ backward    dotted line: length 1, as it left the loss",
            color="0.25", fontsize=11, va="bottom", transform=axes.transAxes,
        )  # fmt: skip
        (self.curve,) = axes.plot(
            [], [], color=figures.BLUE, marker="o", markersize=6, animated=True
        )  # fmt: skip
        (self.yours,) = axes.plot(
            [], [], color=figures.PURPLE, linestyle=":", linewidth=4, animated=True
        )  # fmt: skip
        self.yours_name = figures.corner_label(axes, animated=True)

    def redraw(self, activation: str, depth: float, size: float) -> str:
        """Send a gradient of length 1 back through all layers."""
        depth, rng = int(depth), np.random.default_rng(4)
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
        lengths, gradient = [], upstream
        for layer, a in zip(reversed(layers), reversed(inputs[:-1]), strict=True):
            gradient = differences.vjp(layer, a, grad_output=gradient).value
            lengths.insert(0, np.linalg.norm(gradient))
        numbers = np.arange(1, depth + 1)
        # a gradient of exactly 0 has no place on a log axis
        self.curve.set_data(numbers, np.where(np.array(lengths) > 0, lengths, np.nan))
        self._draw_yours(weights, inputs, upstream, FLOW[activation], numbers)
        factor = lengths[0] ** (1 / depth)
        start = (
            f"{depth} layers, activation {activation}, weight variance {size:.3g}/n: in front of "
            f"the first layer the gradient has length {lengths[0]:.2g}"
        )
        if not factor:
            return f"{start}: it has died, no unit passes anything on."
        verdict = "vanishes" if factor < 0.8 else "explodes" if factor > 1.25 else "keeps its size"
        return f"{start}, a factor {factor:.2f} in each layer: it {verdict}."

    def _draw_yours(
        self,
        weights: list[np.ndarray],
        inputs: list[np.ndarray],
        upstream: np.ndarray,
        activation: Activation,
        numbers: np.ndarray,
    ) -> None:
        """Draw what the student's backward_pass gives, if it has passed."""
        zs = [W @ a[:, None] for W, a in zip(weights, inputs[:-1], strict=True)]
        columns = [a[:, None] for a in inputs]

        def lengths_of(backward_pass: Callable[..., Any]) -> list[float]:
            slopes = backward_pass(
                weights, zs, columns, upstream[:, None],
                lambda z: differences.derivative(activation, z).value,
            )[1]  # fmt: skip
            # by the biases, which for a batch of one is by z; one step further is by the input
            return [np.linalg.norm(W.T @ slope) for W, slope in zip(weights, slopes, strict=True)]

        lengths = self.student_result("backward_pass", "4.2", lengths_of)
        for artist in (self.yours, self.yours_name):
            artist.set_visible(lengths is not None)
        if lengths is not None:
            self.yours.set_data(numbers, np.where(lengths > 0, lengths, np.nan))
            self.yours_name.set_text("dotted: yours (4.2)")


graph_explorer = GraphWalk.open
flow_explorer = GradientFlow.open
