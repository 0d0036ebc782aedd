"""The gradient on a map, and the slope in every direction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from byhand import differences, figures
from byhand.explorers.base import Explorer
from byhand.explorers.controls import Choice, Controls, Slider
from byhand.explorers.gradients import landscapes
from byhand.explorers.gradients.landscapes import Landscape
from byhand.explorers.predictions import Answer, Marker

if TYPE_CHECKING:
    from matplotlib.figure import Figure


HILLS = {
    "two hills": Landscape(
        lambda x, y: (
            2 * np.exp(-((x + 0.8) ** 2) - (y + 0.2) ** 2)
            + 1.4 * np.exp(-2.5 * ((x - 1) ** 2 + (y - 0.5) ** 2))
        ),
        np.arange(0.2, 2.1, 0.2), scale=0.6,
    ),
    "bowl x² + y²": Landscape(lambda x, y: x**2 + y**2, np.arange(0.5, 8, 0.75), scale=0.2),
    "saddle x² − y²": Landscape(lambda x, y: x**2 - y**2, np.arange(-3.5, 4, 0.5), scale=0.2),
    "x² y + y³": Landscape(lambda x, y: x**2 * y + y**3, np.arange(-14, 15, 2.0), scale=0.08),
}  # fmt: skip
START = (0.4, -0.6)  # the point that the question is about
ANGLES = np.arange(0, 361, 5)
AROUND = np.deg2rad(ANGLES)


class GradientArrow(Explorer):
    """A contour map with the gradient at a point, and the slope in every direction."""

    prediction = Marker(
        question="The lines join points of equal height, and the numbers on them are heights. In "
        "which direction is the way up from the black point steepest? Turn the marker there: 0° is "
        "to the right, 90° is up.",
        label="Way up (degrees)", low=0, high=355, start=0, step=5, close=10, unit="°",
        period=360, outcome="the steepest way up is at {truth}",
        explanation="The gradient points there. It crosses the contour line at a right angle, "
        "because along the line f does not change, and it is long where the lines are close to "
        "each other. The slope against the direction is a cosine wave with its peak there.",
    )  # fmt: skip
    title = "A point on a map of two hills"
    message = "The gradient crosses the lines squarely"
    situation = "Contour lines of two hills; the black point is at (0.40, −0.60), between them."
    picture = "A contour map with the gradient at a point; beside it the slope in every direction."
    size = (7.6, 4.3)

    def controls(self) -> Controls:
        """Return the controls: the landscape, the point and a direction."""
        return {
            "f": Choice("Landscape f", list(HILLS)),
            "x": Slider("x", -2, 2, value=START[0], step=0.05),
            "y": Slider("y", -2, 2, value=START[1], step=0.05),
            "direction": Slider("Direction (degrees)", 0, 360, value=60, step=5),
        }

    def build(self, figure: Figure) -> None:
        """Draw both axes; `redraw` fills in the map."""
        left, right = figure.subplots(1, 2, width_ratios=(6, 5))
        left.set(xlim=(-2, 2), ylim=(-2, 2), aspect="equal", xlabel="x", ylabel="y")
        left.grid(False)
        self.head(figure)
        right.set(
            xlim=(0, 360), xticks=range(0, 361, 90), xlabel="direction (degrees)",
            ylabel="slope of f in that direction",
        )  # fmt: skip
        right.axhline(0, color="0.45", linewidth=1, zorder=1)
        self.map, self.right = landscapes.Map(left), right
        self.gradient = landscapes.arrow(left, figures.VERMILION)
        self.way = landscapes.arrow(left, figures.BLUE, "--")
        self.place = figures.moving(left, "o", color=figures.BLACK, zorder=5, clip_on=False)
        self.names = [
            figures.label(left, 0, 0, text, color, fontsize=11, va="center", animated=True)
            for text, color in (("∇f", figures.VERMILION), ("direction", figures.BLUE))
        ]
        self.slopes = figures.moving(right, color=figures.BLACK)
        self.peak = right.axvline(
            0, color=figures.VERMILION, linewidth=1.6, zorder=2, animated=True
        )
        self.peak_name = figures.label(
            right, 0, 0.03, "direction of ∇f", figures.VERMILION, fontsize=11, rotation=90,
            va="bottom", transform=right.get_xaxis_transform(), animated=True,
        )  # fmt: skip
        self.slope = figures.moving(right, "s", color=figures.BLUE, markersize=9, zorder=5)
        self.scale_name = figures.corner_label(left, animated=True)
        self.cover(
            self.gradient, self.way, self.names, self.slopes, self.peak, self.peak_name,
            self.slope, self.scale_name,
        )  # fmt: skip
        self.turned = self.add_guess(left)
        label = figures.corner_label(right, animated=True)
        self.yours = self.add_yours(left, "dotted", label=label)
        self.yours_slope = self.add_yours(right, "ring", label=label)

    def truth(self) -> float:
        """Return the direction of the gradient in whole degrees."""
        grad = HILLS[self.control["f"].value].gradient(np.array(START))
        return float(round(np.rad2deg(np.arctan2(grad[1], grad[0])) % 360))

    def draw_guess(self, guess: Answer) -> None:
        """Draw a line from the point in the guessed direction, while both are there."""
        now = tuple(self.control[name].value for name in ("f", "x", "y"))
        if now == (next(iter(HILLS)), *START):
            turn = np.deg2rad(float(guess))
            x, y = np.array(START)[:, None] + np.outer([np.cos(turn), np.sin(turn)], [0, 1.1])
            self.turned.show(x, y, side="center")

    def redraw(self, f: str, x: float, y: float, direction: float) -> str:
        """Move the arrows; draw the map if another landscape is chosen."""
        landscape = HILLS[f]
        scale = landscape.scale
        self.map.show(landscape)
        if self.right.get_ylim()[1] != 1.5 / scale:
            self.right.set_ylim(np.array([-1.5, 1.5]) / scale)
        point = np.array([x, y])
        grad = landscape.gradient(point)
        length = float(np.hypot(*grad))
        slopes = differences.derivative(
            lambda t: landscape.height(x + t * np.cos(AROUND), y + t * np.sin(AROUND)),
            np.zeros(len(AROUND)),
        ).value
        turn = np.deg2rad(direction)
        unit = np.array([np.cos(turn), np.sin(turn)])
        slope = differences.derivative(lambda t: landscape.at(point + t * unit), 0.0).value
        landscapes.point_arrow(self.gradient, point, scale * grad)
        landscapes.point_arrow(self.way, point, 0.6 * unit)
        self.place.set_data([x], [y])
        for name, step in zip(self.names, (scale * grad, 0.6 * unit), strict=True):
            reach = np.hypot(*step)
            ends = point + step * (1 + 0.16 / max(reach, 0.05))
            name.set_position(np.clip(ends, -1.9, 1.9))
            name.set_horizontalalignment("left" if step[0] > 0 else "right")
            name.set_visible(bool(reach > 0.1 and np.abs(ends).max() < 1.95))
        self.slopes.set_data(ANGLES, slopes)
        self.slope.set_data([direction], [slope])
        uphill = float(np.rad2deg(np.arctan2(grad[1], grad[0])) % 360)
        self.peak.set_visible(length > 1e-6)
        self.peak_name.set_visible(length > 1e-6)
        self.peak.set_xdata([uphill, uphill])
        self.peak_name.set_x(uphill + 4 if uphill < 330 else uphill - 4)
        self.peak_name.set_horizontalalignment("left" if uphill < 330 else "right")
        self.scale_name.set_text(f"∇f is drawn at {scale:g} of its length")
        self.yours.draw(
            "numerical_gradient", "2.2",
            lambda measure: np.transpose(
                [point, point + np.multiply(scale, measure(landscape.at, point.copy()))]
            ),
        )  # fmt: skip
        self.yours_slope.draw(
            "directional_derivative", "2.4",
            lambda slope: (direction, slope(grad.copy(), 2 * unit)),
        )  # fmt: skip
        words = f"{f} at ({x:.2f}, {y:.2f}): the gradient is {landscapes.pair(grad)}"
        if length > 1e-6:
            words += f", its length {length:.2f}, its direction {uphill:.0f}°"
        words += f". In direction {direction:.0f}° the slope is "
        return f"{words}{landscapes.two_decimals(float(slope))}."
