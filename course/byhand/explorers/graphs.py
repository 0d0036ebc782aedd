"""A computational graph: its values, its derivatives by differences, and a drawing of it.

`Graph` knows how to compute; `GraphPicture` draws boxes and arrows and writes numbers to them. An
explorer decides which numbers are shown at which step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from byhand import differences, figures

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.patches import FancyBboxPatch
    from matplotlib.text import Text

__all__ = ["Graph", "GraphAlbum", "GraphPicture", "Node", "Walk", "number"]

WIDTH, HEIGHT = 10.0, 6.0  # of a picture, in the units of `Node.place`
BOX_HEIGHT, LINE = 1.5, 0.43
KEY = "in a box: formula, value, gradient      × on an arrow: local derivative"


@dataclass(frozen=True)
class Node:
    """One box of a graph.

    Attributes
    ----------
    name : str
        What the value is called, such as ``"z"``.
    place : tuple of float
        The centre of the box: 0 to 10 from left to right, 0 to 6 from bottom to top.
    inputs : tuple of str
        The names of the boxes that it is computed from; none for an input of the graph.
    compute : callable, optional
        Takes the values of `inputs` in their order; None for an input of the graph.
    text : str
        The formula in the box, such as ``"z = w·x + b"``; the name if it is not given.
    width : float
        The width of the box, in the units of `place`.
    """

    name: str
    place: tuple[float, float]
    inputs: tuple[str, ...] = ()
    compute: Callable[..., float] | None = None
    text: str = ""
    width: float = 2.0


class Graph:
    """A formula as boxes and arrows.

    Parameters
    ----------
    nodes : sequence of Node
        Each after the boxes it is computed from; the last one is the output.

    Attributes
    ----------
    nodes : dict of str to Node
        By name, in the given order.
    output : str
        The name of the last one.
    edges : list of tuple of str
        The arrows as (start, end), in the order of their ends.

    Raises
    ------
    ValueError
        If a box comes before one that it is computed from.

    Examples
    --------
    >>> square = Graph([Node("x", (1, 3)), Node("y", (4, 3), ("x",), lambda x: x**2)])
    >>> square.values(x=3.0)
    {'x': 3.0, 'y': 9.0}
    """

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes: dict[str, Node] = {}
        for node in nodes:
            if missing := [name for name in node.inputs if name not in self.nodes]:
                raise ValueError(f"box {node.name} comes before {', '.join(missing)}")
            self.nodes[node.name] = node
        self.output = nodes[-1].name
        self.edges = [(start, node.name) for node in nodes for start in node.inputs]

    def computed(self) -> list[str]:
        """Return the names of the boxes that are no inputs, in order."""
        return [node.name for node in self.nodes.values() if node.compute is not None]

    def values(self, **inputs: float) -> dict[str, float]:
        """Return the value of every box.

        Parameters
        ----------
        **inputs : float
            A value for each input of the graph.
        """
        known: dict[str, float] = {}
        for node in self.nodes.values():
            if node.compute is None:
                known[node.name] = inputs[node.name]
            else:
                known[node.name] = node.compute(*(known[name] for name in node.inputs))
        return known

    def local_derivatives(self, values: Mapping[str, float]) -> dict[tuple[str, str], float]:
        """Return the derivative along each arrow: of its end with respect to its start alone."""
        found = {}
        for node in self.nodes.values():
            if node.compute is not None:
                arguments = [values[name] for name in node.inputs]
                for argnum, start in enumerate(node.inputs):
                    slope = differences.gradient(node.compute, *arguments, argnum=argnum)
                    found[start, node.name] = float(slope.value)
        return found

    def gradients(self, values: Mapping[str, float]) -> dict[str, float]:
        """Return the derivative of the output with respect to each box; what follows moves too."""
        found = {}
        for name in self.nodes:
            slope = differences.derivative(
                lambda moved, name=name: self._output_with(name, moved, values), values[name]
            )
            found[name] = float(slope.value)
        return found

    def _output_with(self, name: str, moved: float, values: Mapping[str, float]) -> float:
        known, follows = dict(values), False
        for node in self.nodes.values():
            if node.name == name:
                known[name], follows = moved, True
            elif follows and node.compute is not None:
                known[node.name] = node.compute(*(known[i] for i in node.inputs))
        return known[self.output]


def number(value: float) -> str:
    """Return a number as text of at most eight characters, with a true minus sign.

    Examples
    --------
    >>> number(-0.41614683), number(4.0), number(0.00066)
    ('−0.416', '4', '6.6e−04')
    """
    text = f"{value:.3g}" if value == 0 or 1e-3 <= abs(value) < 1e3 else f"{value:.1e}"
    return ("0" if text == "-0" else text).replace("-", "−")


class GraphPicture:
    """The drawing of a graph: boxes and arrows that stay, numbers that change.

    A box shows its value and below that its gradient, an arrow its local derivative after a ×; a
    line above says so. Boxes at work have a thick frame, inputs a dashed one.

    Parameters
    ----------
    axes : Axes
        Matplotlib axes for it alone; they are scaled to `Node.place` and lose their frame.
    graph : Graph
        What to draw.
    key : str
        The line above.
    """

    def __init__(self, axes: Axes, graph: Graph, *, key: str = KEY) -> None:
        self.graph = graph
        axes.set(xlim=(-0.2, WIDTH + 0.2), ylim=(0, HEIGHT + 0.5))
        axes.set_axis_off()
        heading = axes.text(
            0, HEIGHT + 0.35, key, color="0.25", fontsize=11, va="center",
        )  # fmt: skip
        self._still: list[Artist] = [heading]
        self._values: dict[str, Text] = {}
        self._gradients: dict[str, Text] = {}
        self._frames: dict[str, FancyBboxPatch] = {}
        self._slopes: dict[tuple[str, str], Text] = {}
        for start, end in graph.edges:
            self._draw_arrow(axes, start, end)
        for node in graph.nodes.values():
            self._draw_box(axes, node)

    def show(
        self,
        values: Mapping[str, float],
        slopes: Mapping[tuple[str, str], float],
        gradients: Mapping[str, float],
        at_work: Sequence[str] = (),
    ) -> None:
        """Write the numbers that are known; leave the other places empty.

        Parameters
        ----------
        values, gradients : mapping of str to float
            By the names of the boxes.
        slopes : mapping of (str, str) to float
            Local derivatives by (start, end) of the arrows.
        at_work : sequence of str
            The boxes that get a thick frame.
        """
        for name, text in self._values.items():
            text.set_text(number(values[name]) if name in values else "")
            self._frames[name].set_visible(name in at_work)
        for edge, text in self._slopes.items():
            text.set_text(f"× {number(slopes[edge])}" if edge in slopes else "")
            text.set_visible(edge in slopes)
        for name, text in self._gradients.items():
            known = name in gradients
            top = f"∂{self.graph.output}/∂{name}"
            text.set_text(f"{top} = {number(gradients[name])}" if known else "")

    def set_visible(self, visible: bool) -> None:
        """Show or hide the whole drawing."""
        for artist in self._still:
            artist.set_visible(visible)
        if not visible:
            self.show({}, {}, {})

    def _draw_box(self, axes: Axes, node: Node) -> None:
        from matplotlib.patches import FancyBboxPatch

        x, y = node.place
        left, bottom = x - node.width / 2, y - BOX_HEIGHT / 2
        style = "round,pad=0,rounding_size=0.15"
        for moves in (False, True):
            box = FancyBboxPatch(
                (left, bottom), node.width, BOX_HEIGHT, boxstyle=style, zorder=3 + moves,
                facecolor="none" if moves else "#F2F2F2",
                edgecolor=figures.BLUE if moves else "0.35", linewidth=3.5 if moves else 1.2,
                linestyle="-" if node.compute or moves else "--", animated=moves,
            )  # fmt: skip
            axes.add_patch(box)
            if moves:
                self._frames[node.name] = box
            else:
                self._still.append(box)
        self._still.append(
            axes.text(x, y + LINE, node.text or node.name, ha="center", va="center", zorder=5)
        )
        self._values[node.name] = axes.text(
            x, y, "", ha="center", va="center", weight="bold", zorder=5, animated=True
        )
        self._gradients[node.name] = axes.text(
            x, y - LINE, "", color="#9C4400", ha="center", va="center", fontsize=11, zorder=5,
            animated=True,
        )  # fmt: skip

    def _draw_arrow(self, axes: Axes, start: str, end: str) -> None:
        tail, head = self.graph.nodes[start], self.graph.nodes[end]
        x0, x1 = tail.place[0] + tail.width / 2, head.place[0] - head.width / 2 - 0.05
        y0, y1 = tail.place[1], head.place[1]
        arrow = axes.annotate(
            "", xy=(x1, y1), xytext=(x0, y0), zorder=2,
            arrowprops={"arrowstyle": "-|>", "color": "0.35", "linewidth": 1.5, "shrinkA": 0,
                        "shrinkB": 0, "mutation_scale": 16},
        )  # fmt: skip
        self._still.append(arrow)
        raised = 0.3 if y0 == y1 else 0.0  # a level arrow stays visible under its label
        self._slopes[start, end] = figures.label(
            axes, (x0 + x1) / 2, (y0 + y1) / 2 + raised, "", figures.BLUE, ha="center",
            va="center", animated=True,
        )  # fmt: skip


@dataclass(frozen=True)
class Walk:
    """How far a walk through a graph has got: forward to the output, then back to the inputs.

    Attributes
    ----------
    step, last : int
        Where it is, and where it ends.
    reached : list of str
        The boxes that have been computed, in order; inputs are known from the start.
    done : list of str
        The boxes whose gradient is known, the output first.
    """

    step: int
    last: int
    reached: list[str]
    done: list[str]

    @classmethod
    def through(cls, graph: Graph, step: int) -> Walk:
        """Return the walk through `graph` after so many steps; it stops at its end."""
        forward, backward = graph.computed(), list(reversed(graph.nodes))
        last = len(forward) + len(backward)
        step = min(step, last)
        return cls(step, last, forward[:step], backward[: max(step - len(forward), 0)])

    @property
    def at_work(self) -> list[str]:
        """The box of this step; none before the first one."""
        return self.done[-1:] or self.reached[-1:]


class GraphAlbum:
    """Drawings of several graphs on the same axes: one is shown, with its numbers.

    Parameters
    ----------
    axes : Axes
        As for `GraphPicture`.
    graphs : mapping of str to Graph
        By the names they are chosen by.

    Attributes
    ----------
    values, slopes, gradients : dict
        Of the graph and the inputs that `turn_to` was last called with; measured only when either
        has changed.
    """

    def __init__(self, axes: Axes, graphs: Mapping[str, Graph]) -> None:
        self.graphs = graphs
        self.pictures = {name: GraphPicture(axes, graph) for name, graph in graphs.items()}
        for picture in self.pictures.values():
            picture.set_visible(False)
        self._shown = ""
        self._measured: tuple | None = None

    def turn_to(self, name: str, **inputs: float) -> Graph:
        """Show one graph, measure it at its inputs, and return it; other inputs are ignored."""
        graph = self.graphs[name]
        if name != self._shown:
            for other, picture in self.pictures.items():
                picture.set_visible(other == name)
            self._shown = name
        if self._measured != (name, inputs):
            self.values = graph.values(**{k: v for k, v in inputs.items() if k in graph.nodes})
            self.slopes = graph.local_derivatives(self.values)
            self.gradients = graph.gradients(self.values)
            self._measured = (name, inputs)
        return graph

    def show(self, walk: Walk, slopes_of: Sequence[str]) -> None:
        """Write the numbers that are known on a walk; slopes on the arrows into `slopes_of`."""
        graph = self.graphs[self._shown]
        known = [*(set(graph.nodes) - set(graph.computed())), *walk.reached]
        self.pictures[self._shown].show(
            {name: self.values[name] for name in known},
            {edge: slope for edge, slope in self.slopes.items() if edge[1] in slopes_of},
            {name: self.gradients[name] for name in walk.done},
            walk.at_work,
        )
