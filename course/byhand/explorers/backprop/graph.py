"""A graph that is walked forward and backward."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byhand.explorers.base import Explorer
from byhand.explorers.controls import Choice, Controls, Slider, WholeSlider
from byhand.explorers.graphs import Graph, GraphAlbum, Node, Walk, number
from byhand.explorers.predictions import Choose

if TYPE_CHECKING:
    from matplotlib.figure import Figure


INPUTS = ("x1", "x2", "x3")
OPTIONS = tuple(f"{name}, {way}" for name in INPUTS for way in ("upwards", "downwards"))
GRAPHS = {
    "y = x1 · x2 + x3": Graph(
        [
            Node("x1", (1.1, 5.0)),
            Node("x2", (1.1, 3.0)),
            Node("x3", (1.1, 1.0)),
            Node("v1", (4.8, 4.0), ("x1", "x2"), lambda a, b: a * b, "v1 = x1 · x2"),
            Node("y", (8.5, 2.5), ("v1", "x3"), lambda a, b: a + b, "y = v1 + x3"),
        ]
    ),
    "y = x1 · x2 + x1": Graph(
        [
            Node("x2", (1.1, 5.0)),
            Node("x1", (1.1, 2.0)),
            Node("v1", (4.8, 4.2), ("x1", "x2"), lambda a, b: a * b, "v1 = x1 · x2"),
            Node("y", (8.5, 2.5), ("v1", "x1"), lambda a, b: a + b, "y = v1 + x1"),
        ]
    ),
}


class GraphWalk(Explorer):
    """A graph of two operations; the step goes forward to y and then back to the inputs."""

    prediction = Choose(
        question="x1 = 2, x2 = −5 and x3 = 4. One of them is made a little larger. Which one moves "
        "y most, and which way?",
        options=OPTIONS[:5],
        outcome="it is {truth}",
        explanation="On its way to y, a nudge of x1 is multiplied by x2 = −5, one of x2 by x1 = 2, "
        "and one of x3 is passed on. Go on to y and back again: backward, slopes flow over the "
        "same edges as the values, from right to left.",
    )
    title = "A graph of two operations"
    message = "Values flow forward, slopes flow back"
    situation = (
        "A graph: x1 = 2 and x2 = −5 feed v1 = x1 · x2 = −10; v1 and x3 = 4 feed y = v1 + x3."
    )
    picture = (
        "A computational graph: values in the boxes, slopes on the arrows and below the boxes."
    )
    size = (7.2, 4.2)

    def controls(self) -> Controls:
        """Return the controls: the step, the graph and its inputs."""
        return {
            "step": WholeSlider("Step", 0, 7, value=1, step=1),
            "graph": Choice("Graph", list(GRAPHS)),
            "x1": Slider("x1", -6, 6, value=2, step=0.5),
            "x2": Slider("x2", -6, 6, value=-5, step=0.5),
            "x3": Slider("x3", -6, 6, value=4, step=0.5),
        }

    def build(self, figure: Figure) -> None:
        """Draw every graph; `redraw` shows one of them."""
        axes = figure.add_subplot()
        self.head(axes)
        self.album = GraphAlbum(axes, GRAPHS)

    def truth(self) -> str:
        """Return the input with the largest slope, and its sign, in the words of the options."""
        slopes = {name: self.album.gradients[name] for name in INPUTS}
        most = max(INPUTS, key=lambda name: abs(slopes[name]))
        return f"{most}, {'upwards' if slopes[most] > 0 else 'downwards'}"

    def redraw(self, step: int, graph: str, x1: float, x2: float, x3: float) -> str:
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
