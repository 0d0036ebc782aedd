"""Explorers of chapter 3: slopes along a chain, a computational graph, the cost of two orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from byhand import figures
from byhand.differences import derivative
from byhand.explorers.base import Explorer
from byhand.explorers.controls import Choice, Slider, WholeLogSlider
from byhand.explorers.graphs import Graph, GraphAlbum, Node, Walk, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["chain_explorer", "cost_explorer", "graph_explorer"]


# --- a chain --------------------------------------------------------------------------------------

Function = Callable[[np.ndarray], np.ndarray]

LINKS: dict[str, Callable[[np.ndarray, float], np.ndarray]] = {
    "factor · x": lambda x, factor: factor * x,
    "sigmoid(factor · x)": lambda x, factor: 1 / (1 + np.exp(-factor * x)),
    "tanh(factor · x)": lambda x, factor: np.tanh(factor * x),
    "sin(factor · x)": lambda x, factor: np.sin(factor * x),
}
STRAIGHT = "factor · x"  # its slope does not depend on x
LONGEST = 30
LOWEST, HIGHEST = 1e-32, 1e12  # of the products that are drawn
DIGITS = {"float64": 15.95, "float32": 7.22}


class Chain(Explorer):
    """The slopes of the links of a chain, and their product so far."""

    question = (
        "Depth 20, each factor 0.25: how many of 16 digits survive when the product is added to "
        "a number near 1?"
    )
    picture = (
        "Above, the slope of each link of a chain; below, their product so far, on a log axis."
    )
    size = (7.2, 5.0)

    def controls(self) -> dict[str, Slider | Choice]:
        """Return the controls: what each link does, its factor, the depth, and where to start."""
        return {
            "link": Choice("Each link does", list(LINKS)),
            "factor": Slider("factor", 0.1, 2, value=0.25, step=0.05),
            "depth": Slider("depth", 1, LONGEST, value=20, step=1),
            "x": Slider("x (not for factor · x)", -3, 3, value=1, step=0.1),
        }

    def build(self, figure: Figure) -> None:
        """Draw two axes, one above the other, and the lines below which digits are lost."""
        above, below = figure.subplots(2, sharex=True, height_ratios=(2, 3))
        above.set(xlim=(-0.8, LONGEST + 0.8), ylim=(0, 2.1), ylabel="|slope|")
        below.set(yscale="log", ylim=(LOWEST, HIGHEST), xlabel="link", ylabel="|product p so far|")
        above.set_title("Slopes along a chain multiply, so they vanish or explode", pad=12)
        self.named = below.text(
            0, 1.03, "", fontsize=11, va="bottom", transform=below.transAxes, animated=True
        )
        self.bars = above.bar(
            np.arange(1, LONGEST + 1), 0, width=0.7, color=figures.SKY, edgecolor="0.25",
            animated=True,
        )  # fmt: skip
        for kind, digits in DIGITS.items():
            below.axhline(10**-digits, color="0.35", linestyle=":", linewidth=1.5)
            below.text(LONGEST + 1.2, 10**-digits, f"1 + p is 1\nin {kind}", color="0.25", va="top")
        (self.products,) = below.plot(
            [], [], color=figures.BLUE, marker="o", markersize=5, animated=True
        )
        (self.yours,) = below.plot(
            [], [], linestyle="", marker="D", markersize=13, markerfacecolor="none",
            markeredgecolor=figures.PURPLE, markeredgewidth=2.5, animated=True,
        )  # fmt: skip
        self.yours_name = figures.corner_label(below, animated=True)

    def redraw(self, link: str, factor: float, depth: float, x: float) -> str:
        """Compute the chain and draw its slopes and their products."""
        self.control["x"].disabled = self.locked or link == STRAIGHT
        depth = round(depth)

        def function(at: np.ndarray) -> np.ndarray:
            return LINKS[link](at, factor)

        values = [x]
        for _ in range(depth - 1):
            values.append(float(function(np.float64(values[-1]))))
        slopes = derivative(function, np.array(values)).value
        products = np.concatenate([[1.0], np.cumprod(slopes)])
        for position, bar in enumerate(self.bars):
            bar.set_height(abs(slopes[position]) if position < depth else 0)
        with np.errstate(divide="ignore"):
            self.products.set_data(np.arange(depth + 1), np.clip(np.abs(products), LOWEST, HIGHEST))
        self._draw_yours(function, depth, x)
        named = link.replace("factor", f"{factor:.3g}")
        start = "" if link == STRAIGHT else f" from x = {x:.3g}"
        self.named.set_text(f"each link: {named}{start.replace(' from', ', from')}")
        links = f"{depth} link{'s' * (depth != 1)}"
        return f"{links} {named}{start}: {_lost_digits(slopes, abs(products[-1]))}"

    def _draw_yours(self, function: Function, depth: int, x: float) -> None:
        def slope(at: float) -> np.ndarray:
            return derivative(function, at).value

        def at_x(chain_many: Callable) -> float:
            return chain_many([function] * depth, [slope] * depth)(x)

        yours = self.student_result("chain_many", "3.2", at_x)
        for artist in (self.yours, self.yours_name):
            artist.set_visible(yours is not None)
        if yours is not None:
            self.yours.set_data([depth], [np.clip(np.abs(yours), LOWEST, HIGHEST)])
            self.yours_name.set_text("diamond: yours (3.2)")


def _lost_digits(slopes: np.ndarray, product: float) -> str:
    """Say in words what is left of a product of slopes."""
    sizes = np.abs(slopes)
    start = f"slopes from {sizes.min():.3g} to {sizes.max():.3g} multiply to {product:.2g}"
    if np.isclose(sizes.min(), sizes.max()):
        start = f"slopes of {sizes[0]:.3g} multiply to {product:.2g}"
    if product >= 1:
        return f"{start}. A change is passed on without loss, or grows."
    left = {
        kind: max(0, round(digits + np.log10(product))) if product > 0 else 0
        for kind, digits in DIGITS.items()
    }
    return (
        f"{start}. Added to a number near 1, about {left['float64']} of 16 digits are left in "
        f"float64, {left['float32']} of 7 in float32."
    )


# --- a graph --------------------------------------------------------------------------------------

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

    question = (
        "Which local derivatives must be multiplied to get the slope of L by x, and what is the "
        "sum over both paths?"
    )
    picture = (
        "A computational graph: values and gradients in the boxes, local derivatives on the arrows."
    )
    size = (8.2, 4.8)

    def controls(self) -> dict[str, Slider | Choice]:
        """Return the controls: the graph, the step, and the inputs."""
        return {
            "graph": Choice("Graph", list(GRAPHS)),
            "step": Slider("step", 0, 9, value=3, step=1),
            "x": Slider("x", -3, 3, value=2, step=0.1),
            "w": Slider("w (neuron)", -3, 3, value=-0.8, step=0.1),
        }

    def build(self, figure: Figure) -> None:
        """Draw all graphs; `redraw` shows one of them."""
        axes = figure.add_subplot()
        axes.set_title("Multiply along a path, add over paths", pad=8)
        self.album = GraphAlbum(axes, GRAPHS)
        self.yours_name = axes.text(10, 0.5, "", ha="right", animated=True)

    def redraw(self, graph: str, step: float, x: float, w: float) -> str:
        """Write the numbers that are known after `step` steps."""
        self.control["w"].disabled = self.locked or graph != NEURON
        chosen = self.album.turn_to(graph, x=x, w=w, b=BIAS)
        walk = Walk.through(chosen, step)
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
                f"{number(self.album.slopes[edge])} by {edge[0]}"
                for edge in graph.edges
                if edge[1] == name
            ]
            return (
                f"forward. {name} is {number(self.album.values[name])}; "
                f"its local derivatives are {' and '.join(slopes)}."
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
            by_all = neuron_gradients(np.array([w]), BIAS, np.array([x]), 1.0)
            return np.concatenate([np.ravel(part) for part in by_all])

        yours = None
        if graph == NEURON:
            yours = self.student_result("neuron_gradients", "3.5", parts)
        self.yours_name.set_visible(yours is not None)
        if yours is not None:
            by_w, by_b, by_x = map(number, yours)
            self.yours_name.set_text(f"Yours (3.5):  by w {by_w},  by b {by_b},  by x {by_x}")


# --- the cost of an order -------------------------------------------------------------------------

MOST_HIDDEN = 6
LEFT = 0.5  # where the bars of the costs begin: a cost of 1 is seen too


class Cost(Explorer):
    """The widths of a chain of layers, and what forward and reverse order cost."""

    question = (
        "1000 inputs, two hidden layers of 100, one output: which order is cheaper, and by what "
        "factor?"
    )
    picture = "Left, the width of each layer; right, the multiplications of both orders; log axes."
    size = (7.6, 4.2)

    def controls(self) -> dict[str, Slider | Choice]:
        """Return the controls: the widths and the number of hidden layers."""
        return {
            "inputs": WholeLogSlider("inputs", 1, 10_000, value=1000, step=1 / 3),
            "hidden": WholeLogSlider("width of hidden layers", 1, 10_000, value=100, step=1 / 3),
            "layers": Slider("hidden layers", 0, MOST_HIDDEN, value=2, step=1),
            "outputs": WholeLogSlider("outputs", 1, 10_000, value=1, step=1 / 3),
        }

    def build(self, figure: Figure) -> None:
        """Draw two axes side by side; the bars are moved by `redraw`."""
        left, right = figure.subplots(1, 2, width_ratios=(1, 1))
        figure.suptitle(
            "The cheaper order starts at the narrower end", x=0.02, ha="left",
            fontsize=13, fontweight="bold",
        )  # fmt: skip
        left.set(
            yscale="log", ylim=(0.5, 3e4), xlim=(-0.7, MOST_HIDDEN + 1.7),
            xlabel="from input to output", ylabel="width of the layer",
        )  # fmt: skip
        left.set_xticks([])
        right.set(
            xscale="log",
            xlim=(LEFT, 1e15),
            ylim=(-0.9, 1.6),
            xlabel="multiplications for all slopes",
        )
        right.set_yticks([0, 1], ["reverse", "forward"])
        right.set_xticks([1, 1e4, 1e8, 1e12])
        right.grid(visible=False, axis="y")
        self.widths = left.bar(
            np.arange(MOST_HIDDEN + 2), 1, width=0.7, bottom=0.5, color=figures.SKY,
            edgecolor="0.25", animated=True,
        )  # fmt: skip
        self.tops = [
            left.text(0, 1, "", ha="center", va="bottom", fontsize=9, animated=True)
            for _ in self.widths
        ]
        self.costs = right.barh(
            [0, 1], 1, height=0.5, left=LEFT, color=[figures.ORANGE, figures.BLUE],
            edgecolor="0.25", animated=True,
        )  # fmt: skip
        self.costs[0].set_hatch("//")
        self.counts = [
            right.text(1.5, height + 0.32, "", va="bottom", animated=True) for height in (0, 1)
        ]
        (self.yours,) = right.plot(
            [], [], linestyle="", marker="D", markersize=12, markerfacecolor="white",
            markeredgecolor=figures.PURPLE, markeredgewidth=2.5, animated=True,
        )  # fmt: skip
        self.yours_name = right.text(
            0.98, 0.03, "diamonds: yours (3.9),\nfirst matrix free", ha="right",
            transform=right.transAxes, animated=True,
        )  # fmt: skip

    def redraw(self, inputs: float, hidden: float, layers: float, outputs: float) -> str:
        """Count the multiplications of one vector, and of all that are needed."""
        widths = [round(inputs), *[round(hidden)] * round(layers), round(outputs)]
        for place, (bar, top) in enumerate(zip(self.widths, self.tops, strict=True)):
            there = place < len(widths)
            bar.set_visible(there)
            top.set_visible(there)
            if there:
                bar.set_height(widths[place] - 0.5)
                top.set_text(_short(widths[place]))
                top.set_position((place, widths[place] * 1.15))
        each = sum(before * after for before, after in zip(widths, widths[1:], strict=False))
        reverse, forward = widths[-1] * each, widths[0] * each
        for bar, count, cost in zip(self.costs, self.counts, (reverse, forward), strict=True):
            bar.set_width(cost - LEFT)
            count.set_text(f"{cost:,}")
        self._draw_yours(widths)
        if forward == reverse:
            verdict = "Both orders cost the same."
        else:
            cheaper = "Reverse" if reverse < forward else "Forward"
            ratio = max(forward, reverse) / min(forward, reverse)
            shown = f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.3g}"
            verdict = f"{cheaper} order is cheaper by a factor of {shown}."
        named = ", ".join(map(str, widths))
        return (
            f"Widths {named}: one vector through all Jacobians takes {each:,} multiplications. "
            f"Forward needs {widths[0]:,} of them, reverse {widths[-1]:,}. {verdict}"
        )

    def _draw_yours(self, widths: list[int]) -> None:
        shapes = [(after, before) for before, after in zip(widths, widths[1:], strict=False)]
        costs = [
            self.student_values("multiply_cost", "3.9", shapes, order)
            for order in ("reverse", "forward")
        ]
        there = all(cost is not None and cost > 0 for cost in costs)  # 0 has no place on a log axis
        self.yours.set_visible(there)
        self.yours_name.set_visible(there)
        if there:
            self.yours.set_data(costs, [0, 1])


def _short(width: int) -> str:
    """Return a width as at most five characters."""
    return str(width) if width < 1000 else f"{width / 1000:g}k"


chain_explorer = Chain.open
graph_explorer = GraphSteps.open
cost_explorer = Cost.open
