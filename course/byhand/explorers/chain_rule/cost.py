"""What forward and reverse order cost for a chain of layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from byhand import figures
from byhand.explorers.base import Explorer
from byhand.explorers.controls import Controls, WholeLogSlider, WholeSlider
from byhand.explorers.predictions import Choose

if TYPE_CHECKING:
    from matplotlib.figure import Figure


MOST_HIDDEN = 6
ORDERS = (
    "reverse order, by a factor of about 90", "reverse order, by a factor of about 10",
    "forward order, by a factor of about 90", "forward order, by a factor of about 10",
    "neither, both cost the same",
)  # fmt: skip
LEFT = 0.5  # where the bars of the costs begin: a cost of 1 is seen too


class Cost(Explorer):
    """The widths of a chain of layers, and what forward and reverse order cost."""

    prediction = Choose(
        question="A network with 1000 inputs, two hidden layers of 100 and one output has three "
        "Jacobians. Forward order multiplies them from the first one on, reverse order from the "
        "last one on. Which needs fewer multiplications for the whole product?",
        options=ORDERS,
        outcome="in fact {truth}",
        explanation="Forward carries a column for each of 1000 inputs through all matrices but the "
        "first, reverse one row for the single output through all but the last. Forward gets the "
        "largest matrix for nothing, so the factor is not quite 1000. Reverse mode wins for many "
        "inputs and one output, as in training; forward mode for few inputs and many outputs.",
    )
    title = "A chain of layers and their widths"
    message = "The cheaper order starts at the narrower end"
    situation = (
        "Left, a bar for the width of each layer: 1000, 100, 100 and 1. Right, an empty axis."
    )
    picture = "Left, the width of each layer; right, the multiplications of both orders; log axes."
    size = (7.6, 4.2)

    def controls(self) -> Controls:
        """Return the controls: the widths and the number of hidden layers."""
        return {
            "inputs": WholeLogSlider("inputs", 1, 10_000, value=1000, step=1 / 3),
            "hidden": WholeLogSlider("width of hidden layers", 1, 10_000, value=100, step=1 / 3),
            "layers": WholeSlider("hidden layers", 0, MOST_HIDDEN, value=2, step=1),
            "outputs": WholeLogSlider("outputs", 1, 10_000, value=1, step=1 / 3),
        }

    def build(self, figure: Figure) -> None:
        """Draw two axes side by side; the bars are moved by `redraw`."""
        left, right = figure.subplots(1, 2, width_ratios=(1, 1))
        self.head(figure)
        left.set(
            yscale="log", ylim=(0.5, 3e4), xlim=(-0.7, MOST_HIDDEN + 1.7),
            xlabel="from input to output", ylabel="width of the layer",
        )  # fmt: skip
        left.set_xticks([])
        right.set(
            xscale="log",
            xlim=(LEFT, 1e15),
            ylim=(-0.9, 1.6),
            xlabel="multiplications for the whole product",
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
        self.cover(self.costs, self.counts)
        label = right.text(0.98, 0.03, "", ha="right", transform=right.transAxes, animated=True)
        self.yours = self.add_yours(right, "diamonds", label=label, markerfacecolor="white")

    def truth(self) -> str:
        """Return the cheaper order and its factor, in the words of the options."""
        return self.cheaper

    def redraw(self, inputs: int, hidden: int, layers: int, outputs: int) -> str:
        """Count the multiplications of one vector, and of all that are needed."""
        widths = [inputs, *[hidden] * layers, outputs]
        for place, (bar, top) in enumerate(zip(self.widths, self.tops, strict=True)):
            there = place < len(widths)
            bar.set_visible(there)
            top.set_visible(there)
            if there:
                bar.set_height(widths[place] - 0.5)
                top.set_text(_short(widths[place]))
                top.set_position((place, widths[place] * 1.15))
        entries = [before * after for before, after in zip(widths, widths[1:], strict=False)]
        reverse, forward = widths[-1] * sum(entries[:-1]), widths[0] * sum(entries[1:])
        for bar, count, cost in zip(self.costs, self.counts, (reverse, forward), strict=True):
            bar.set_width(max(cost - LEFT, 0))
            count.set_text(f"{cost:,}")
        shapes = [(after, before) for before, after in zip(widths, widths[1:], strict=False)]
        costs = self.student_result(
            "multiply_cost", "3.9",
            lambda cost: [cost(shapes, order) for order in ("reverse", "forward")],
        )  # fmt: skip
        if costs is not None and (costs > 0).all():  # 0 has no place on a log axis
            self.yours.show("3.9", costs, [0, 1])
        if forward == reverse:
            verdict, self.cheaper = "Both orders cost the same.", ORDERS[-1]
        else:
            cheaper = "Reverse" if reverse < forward else "Forward"
            ratio = max(forward, reverse) / min(forward, reverse)
            shown = f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.3g}"
            verdict = f"{cheaper} order is cheaper by a factor of {shown}."
            self.cheaper = f"{cheaper.lower()} order, by a factor of about {_rounded(ratio)}"
        named = ", ".join(map(str, widths))
        return (
            f"Widths {named}: forward takes {forward:,} multiplications, {widths[0]:,} for each "
            f"entry of a matrix but the first; reverse takes {reverse:,}, {widths[-1]:,} for each "
            f"entry of a matrix but the last. {verdict}"
        )


def _rounded(ratio: float) -> str:
    """Return a ratio with one digit that counts."""
    return f"{float(f'{ratio:.1g}'):,.0f}"


def _short(width: int) -> str:
    """Return a width as at most five characters."""
    return str(width) if width < 1000 else f"{width / 1000:g}k"
