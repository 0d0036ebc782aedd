"""The secant through two points of a curve, beside the tangent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from byhand import figures
from byhand.differences import derivative
from byhand.explorers.base import Explorer, Function
from byhand.explorers.controls import Choice, Controls, LogSlider, Slider
from byhand.explorers.predictions import Answer, Marker

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from byhand.differences import Estimate


CURVES: dict[str, Function] = {
    "x²": np.square,
    "sin x": np.sin,
    "eˣ": np.exp,
    "|x|": np.abs,
}
ENDS = np.array([-3.0, 3.0])  # of the x axis
FIRST, AT = "x²", 0.5  # the function and the place that the question is about


def no_tangent(found: Estimate) -> str:
    """Return in words that the slopes on the two sides differ."""
    return (
        f"there is no tangent: the slope is {found.left:.4f} on the left and "
        f"{found.right:.4f} on the right."
    )


class Secant(Explorer):
    """The secant through x and x + h beside the tangent at x."""

    prediction = Marker(
        question="The secant runs through two points of x². Now the right one slides down to the "
        "left one. Which slope does it end with? Move the slider: a line with your slope appears.",
        label="Slope at the end", low=-3, high=5, start=-1, step=0.05, close=0.1,
        outcome="the secant ends with slope {truth}",
        explanation="The secant's slope is 2x + h, which comes as near to 2x as you like: the "
        "secant turns into the tangent, from either side. Look at |x| at x = 0 as well: there "
        "the two sides disagree, so there is no derivative.",
    )  # fmt: skip
    title = "A secant through two points of a curve"
    message = "As h shrinks, the secant turns into the tangent"
    situation = (
        "x² with a secant through its points at x = 0.5 and x + h = 1.5; its slope is 2 now."
    )
    picture = "A curve with the secant through x and x + h, and its tangent at x."
    size = (7.2, 4.2)

    def controls(self) -> Controls:
        """Return the controls: the function, x, the size of h and its side."""
        return {
            "f": Choice("Function f", list(CURVES)),
            "x": Slider("x", -2, 2, value=AT, step=0.05),
            "h": LogSlider("Size of h", 1e-3, 2, value=1, step=0.05),
            "side": Choice("Side of x", ["right (h > 0)", "left (h < 0)"]),
        }

    def build(self, figure: Figure) -> None:
        """Draw the axes; `redraw` fills in the curve."""
        axes = figure.add_subplot(xlim=(-3, 3), ylim=(-2, 5), xlabel="x", ylabel="f(x)")
        self.head(axes, pad=30)
        figures.axes_through_origin(axes)
        self.grid = np.linspace(-3, 3, 301)
        self.drawn = ""  # the function whose curve is in the background
        (self.curve,) = axes.plot([], [], color=figures.BLACK, label="f")
        self.secant = figures.moving(axes, color=figures.BLUE, label="secant")
        self.tangent = figures.moving(
            axes, color=figures.VERMILION, linestyle="--", label="tangent at x"
        )
        self.cover(self.tangent)
        self.pinned = self.add_guess(axes)
        self.yours = self.add_yours(axes, "dotted")
        self.points = figures.moving(axes, "o", color=figures.BLUE, markeredgecolor="white")
        self.drops = [
            figures.moving(axes, color="0.4", linestyle=":", linewidth=1.2) for _ in range(2)
        ]
        self.names = [
            figures.label(axes, 0, -1.9, text, figures.BLACK, ha="center", animated=True)
            for text in ("x", "x + h")
        ]
        figures.legend_above(axes)

    def truth(self) -> float:
        """Return the slope of the tangent."""
        return float(derivative(CURVES[FIRST], AT).value)

    def draw_guess(self, guess: Answer) -> None:
        """Draw a line with the guessed slope through the point that stays."""
        if (self.control["f"].value, self.control["x"].value) == (FIRST, AT):
            ends = float(CURVES[FIRST](AT)) + float(guess) * (ENDS - AT)
            right = float(np.clip(ends[1], -1.2, 4.5))
            across = AT + (right - float(CURVES[FIRST](AT))) / (float(guess) or 1e-9)
            self.pinned.show(ENDS, ends, (min(across, 2.9), right))

    def redraw(self, f: str, x: float, h: float, side: str) -> str:
        """Move secant and tangent."""
        function = CURVES[f]
        if f != self.drawn:
            self.curve.set_data(self.grid, function(self.grid))
            self.drawn = f
        h = -h if side.startswith("left") else h
        y, y_end = function(np.array([x, x + h]))
        secant_slope = (y_end - y) / h
        found = derivative(function, x)
        slope = float(found.value)
        self.secant.set_data(ENDS, y + secant_slope * (ENDS - x))
        self.tangent.set_data(ENDS, y + slope * (ENDS - x))
        self.points.set_data([x, x + h], [y, y_end])
        self.yours.draw(
            "forward_difference", "1.1",
            lambda forward: (ENDS, y + forward(function, x, h) * (ENDS - x)),
        )  # fmt: skip
        for drop, name, at, height in zip(
            self.drops, self.names, (x, x + h), (y, y_end), strict=True
        ):
            drop.set_data([at, at], [-1.4, height])
            name.set_x(at)
        self.names[1].set_visible(abs(h) > 0.4)  # else one name would cover the other
        start = f"{f} at x = {x:.2f} with h = {h:.3g}: the secant has slope {secant_slope:.4f}"
        if np.isnan(slope):
            return f"{start}; {no_tangent(found)}"
        gap = abs(secant_slope - slope)
        return f"{start}, the tangent {slope:.4f}; they differ by {gap:.2g}."
