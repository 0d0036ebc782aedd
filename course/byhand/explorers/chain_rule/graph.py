"""A computational graph, step by step."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from byhand.explorers.base import Explorer
from byhand.explorers.controls import Choice, Controls, Slider, WholeSlider
from byhand.explorers.graphs import Graph, GraphAlbum, Node, Walk, number
from byhand.explorers.predictions import Number

if TYPE_CHECKING:
    from matplotlib.figure import Figure


GRAPHS: dict[str, Graph] = {
    "two paths: L = x² · sin x": Graph(
        [
            Node("x", (1.0, 3.0)),
            Node("u", (5.0, 4.8), ("x",), np.square, "u = x²"),
            Node("v", (5.0, 1.2), ("x",), np.sin, "v = sin x"),
            Node("L", (9.0, 3.0), ("u", "v"), np.multiply, "L = u · v"),
        ]
    ),
    "a neuron: L = ½(σ(w·x + b) − 1)²": Graph(
        [
            Node("x", (1.0, 5.1), width=1.9),
            Node("w", (1.0, 3.0), width=1.9),
            Node("b", (1.0, 0.9), width=1.9),
            Node("z", (4.1, 3.0), ("x", "w", "b"), lambda x, w, b: w * x + b, "z = w·x + b"),
            Node("a", (6.55, 5.1), ("z",), lambda z: 1 / (1 + np.exp(-z)), "a = σ(z)"),
            Node("L", (9.0, 3.0), ("a",), lambda a: (a - 1) ** 2 / 2, "L = ½(a − 1)²"),
        ]
    ),
}
BIAS = 0.5
NEURON = list(GRAPHS)[1]


class GraphSteps(Explorer):
    """A graph whose numbers appear step by step: forward the values, backward the gradients."""

    prediction = Number(
        question="x reaches L by two paths, and the local derivatives are on the arrows. What is "
        "the slope of L with respect to x?",
        label="Slope of L with respect to x", low=-20, high=20, close=0.03,
        outcome="∂L/∂x is {truth}",
        explanation="Multiply along each path, then add over both: that is the product rule in "
        "disguise. Going backward, each box needs only what has arrived at the boxes that it "
        "feeds, times the local derivatives on the arrows. Step back from L to see it.",
    )  # fmt: skip
    title = "A computational graph with two paths"
    message = "Multiply along a path, add over paths"
    situation = (
        "A graph: x = 2 feeds u = x² = 4 with the local derivative 4, and v = sin x = 0.909 with "
        "−0.416; both feed L = u · v = 3.64, u with 0.909 and v with 4."
    )
    revealed: ClassVar = {"step": 7}  # the last of the graph that is asked about
    picture = (
        "A computational graph: values and gradients in the boxes, local derivatives on the arrows."
    )
    size = (8.2, 4.8)

    def controls(self) -> Controls:
        """Return the controls: the graph, the step, and the inputs."""
        return {
            "graph": Choice("Graph", list(GRAPHS)),
            "step": WholeSlider("step", 0, 9, value=3, step=1),
            "x": Slider("x", -3, 3, value=2, step=0.1),
            "w": Slider("w (neuron)", -3, 3, value=-0.8, step=0.1),
        }

    def build(self, figure: Figure) -> None:
        """Draw all graphs; `redraw` shows one of them."""
        axes = figure.add_subplot()
        self.head(axes, pad=8)
        self.album = GraphAlbum(axes, GRAPHS)
        self.yours = axes.text(10, 0.5, "", ha="right", animated=True)
        self.cover(self.yours)

    def truth(self) -> float:
        """Return the measured slope of L with respect to x."""
        return self.album.gradients["x"]

    def redraw(self, graph: str, step: int, x: float, w: float) -> str:
        """Write the numbers that are known after `step` steps."""
        self.control["w"].disabled = self.locked or graph != NEURON
        chosen = self.album.turn_to(graph, x=x, w=w, b=BIAS)
        walk = Walk.through(chosen, step)
        self.control["step"].high = walk.last
        self.album.show(walk, slopes_of=walk.reached)
        self._draw_yours(graph, x, w)
        inputs = ", ".join(
            f"{name} = {number(self.album.values[name])}"
            for name in chosen.nodes
            if name not in chosen.computed()
        )
        return f"Step {walk.step} of {walk.last}, {inputs}: {self._words(chosen, walk)}"

    def _words(self, graph: Graph, walk: Walk) -> str:
        if not walk.at_work:
            return "only the inputs are known."
        (name,) = walk.at_work
        if not walk.done:
            slopes = [
                f"∂{name}/∂{edge[0]} = {number(self.album.slopes[edge])}"
                for edge in graph.edges
                if edge[1] == name
            ]
            return (
                f"forward. {name} is {number(self.album.values[name])}; "
                f"locally, {' and '.join(slopes)}."
            )
        if name == graph.output:
            return f"backward. {name} moves with itself at the rate 1."
        paths = [
            f"{number(self.album.gradients[end])} · {number(self.album.slopes[start, end])}"
            for start, end in graph.edges
            if start == name
        ]
        return (
            f"backward. What arrived, times the local derivative, added over the arrows that leave "
            f"{name}: {' + '.join(paths)} = {number(self.album.gradients[name])}."
        )

    def _draw_yours(self, graph: str, x: float, w: float) -> None:
        def parts(neuron_gradients: Callable) -> np.ndarray:
            gradients = neuron_gradients(np.array([w]), BIAS, np.array([x]), 1.0)
            return np.concatenate([np.ravel(gradient) for gradient in gradients])

        yours = None
        if graph == NEURON:
            yours = self.student_result("neuron_gradients", "3.5", parts)
        self.yours.set_text("")
        if yours is not None:
            grad_w, grad_b, grad_x = map(number, yours)
            self.yours.set_text(
                f"yours (3.5):  ∂L/∂w = {grad_w},  ∂L/∂b = {grad_b},  ∂L/∂x = {grad_x}"
            )
