"""Diamonds in a row: how many paths there are, and how many arrows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from byhand import figures
from byhand.explorers.base import Explorer
from byhand.explorers.controls import Controls, WholeSlider
from byhand.explorers.predictions import Number

if TYPE_CHECKING:
    from matplotlib.figure import Figure


MOST, DRAWN = 60, 10
ASKED = 20
A_SECOND = 1e6  # paths that a program walks in a second
UNITS = (("years", 365.25 * 86400.0), ("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0))


class Paths(Explorer):
    """A row of diamonds, with the number of its paths beside that of its arrows."""

    prediction = Number(
        question="In a row of 20 diamonds there are 80 arrows. How many different paths lead "
        "from the first box to the last?",
        label="Number of paths", low=1, high=1e12, whole=True, log=True, close=1.1,
        outcome="there are {truth} paths",
        explanation="Each diamond offers two ways, whatever the others do, so the numbers "
        "multiply: 2 · 2 · … = 2²⁰. A million paths are a second's work. With each diamond the "
        "paths double, while the arrows grow by four.",
    )  # fmt: skip
    title = "Diamonds in a row"
    message = "Paths double with each diamond, arrows grow by four"
    situation = "A row of diamonds, each with an upper and a lower way. Below, an empty axis."
    picture = "Above, a row of diamonds; below, its paths and its arrows against their number."
    size = (7.6, 4.6)

    def controls(self) -> Controls:
        """Return the control: how many diamonds there are."""
        return {"diamonds": WholeSlider("diamonds", 1, MOST, value=ASKED, step=1)}

    def build(self, figure: Figure) -> None:
        """Draw the row and the axis; `redraw` marks where the row is."""
        above, below = figure.subplots(2, height_ratios=(2, 5))
        self.head(above, pad=10)
        above.set(xlim=(-0.3, DRAWN + 1.7), ylim=(-1.3, 1.3))
        above.set_axis_off()
        self.row = [
            figures.moving(above, color=figures.BLUE, marker="o", markersize=6)
            for _ in range(DRAWN)
        ]
        for k, line in enumerate(self.row):
            line.set_data([k, k + 0.5, k + 1, k + 0.5, k], [0, 0.8, 0, -0.8, 0])
        self.more = above.text(DRAWN + 0.2, 0, "", va="center", fontsize=11, animated=True)
        below.set(
            yscale="log", xlim=(0, MOST + 1), ylim=(1, 1e19), xlabel="diamonds", ylabel="how many"
        )
        n = np.arange(1, MOST + 1)
        (paths,) = below.plot(n, 2.0**n, color=figures.VERMILION, label="paths")
        (arrows,) = below.plot(n, 4 * n, color=figures.BLUE, linestyle="--", label="arrows")
        self.points = figures.moving(below, color=figures.BLACK, marker="o", linestyle="")
        self.counts = [
            figures.label(below, 0, 0, "", color, fontsize=11, va="bottom", animated=True)
            for color in ("#8A3800", "#004A75")
        ]
        legend = below.legend(loc="upper left")
        self.cover(paths, arrows, self.points, self.counts, legend)

    def truth(self) -> float:
        """Return the number of paths."""
        return float(self.paths)

    def redraw(self, diamonds: int) -> str:
        """Show the row and count."""
        for k, line in enumerate(self.row):
            line.set_visible(k < diamonds)
        self.more.set_text(f"… {diamonds} in all" if diamonds > DRAWN else "")
        self.paths, arrows = 2**diamonds, 4 * diamonds
        self.points.set_data([diamonds, diamonds], [self.paths, arrows])
        right = diamonds > MOST / 2
        for label, count, name in zip(
            self.counts, (self.paths, arrows), ("paths", "arrows"), strict=True
        ):
            label.set_text(f"{count:,} {name}")
            label.set_position((diamonds - 1 if right else diamonds + 1, count))
            label.set_horizontalalignment("right" if right else "left")
        return (
            f"{diamonds} diamond{'s' * (diamonds != 1)}, {arrows} arrows, {self.paths:,} paths: "
            f"at a million paths a second {_duration(self.paths / A_SECOND)}."
        )


def _duration(seconds: float) -> str:
    """Return a time in words."""
    for unit, length in UNITS:
        if seconds >= 2 * length:
            return f"{seconds / length:,.0f} {unit}"
    return f"{seconds:.3g} seconds" if seconds >= 0.1 else "less than a tenth of a second"
