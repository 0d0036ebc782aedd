"""The path of gradient descent on a map."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from byhand import differences, figures
from byhand.explorers.base import Explorer
from byhand.explorers.controls import Choice, Controls, LogSlider, WholeSlider
from byhand.explorers.gradients import landscapes
from byhand.explorers.gradients.landscapes import Landscape
from byhand.explorers.predictions import Number

if TYPE_CHECKING:
    from matplotlib.figure import Figure


_LEVELS = np.array([0.25, 1, 2.25, 4, 6.25, 9, 12.25, 16, 20])
VALLEYS = {  # the lowest height of each is 0
    "valley, curvatures 1 and 10": Landscape(landscapes.quadratic(1, 10, 0), _LEVELS),
    "the same valley, turned": Landscape(landscapes.quadratic(1, 10, 30), _LEVELS),
    "bowl, curvatures 2 and 3": Landscape(landscapes.quadratic(2, 3, 0), _LEVELS[:7]),
    "two bowls": Landscape(
        lambda x, y: (x**2 / 2 - 1) ** 2 + y**2, np.array([0.1, 0.3, 0.6, 1, 2, 3, 5, 8, 12])
    ),
}
START = np.array([-2.4, 1.1])
MOST = 40


class Descent(Explorer):
    """A contour map with the path of gradient descent; beside it the height at each step."""

    prediction = Number(
        question="The valley has curvature 1 along it and 10 across. The path is for a learning "
        "rate of 0.05. Above which learning rate does the path leave the valley for infinity?",
        label="Learning rate", low=0.01, high=10, log=True, close=1.2,
        outcome="the path breaks out above {truth}",
        explanation="Each step multiplies the distance from the floor by 1 − rate · curvature. "
        "That has to stay above −1, so the rate has to stay below 2 / curvature, and the largest "
        "curvature decides: the path breaks out across the valley. Along it, such a rate only "
        "creeps; the ratio of the curvatures, the condition number, says how slowly.",
    )  # fmt: skip
    title = "A path of gradient descent in a valley"
    message = "The steepest direction limits the learning rate"
    situation = (
        "A valley with curvature 1 along it and 10 across; twenty steps of gradient descent from "
        "its left end with a learning rate of 0.05."
    )
    revealed: ClassVar = {"rate": 0.205}
    picture = "A contour map with the path of gradient descent; beside it f against the step."
    size = (7.6, 4.2)

    def controls(self) -> Controls:
        """Return the controls: the landscape, the learning rate and the number of steps."""
        return {
            "f": Choice("Landscape f", list(VALLEYS)),
            "rate": LogSlider("Learning rate", 0.005, 1, value=0.05, step=0.02),
            "steps": WholeSlider("Steps", 0, MOST, value=20, step=1),
        }

    def build(self, figure: Figure) -> None:
        """Draw both axes; `redraw` fills in the map."""
        self.walked: tuple[str, float] | None = (
            None  # the landscape and the rate of the path that is kept
        )
        left, right = figure.subplots(1, 2, width_ratios=(3, 2))
        left.set(xlim=(-3, 3), ylim=(-2.4, 2.4), aspect="equal", xlabel="x", ylabel="y")
        left.grid(False)
        self.head(figure)
        right.set(
            xlim=(-1, MOST + 1), xticks=range(0, MOST + 1, 10), xlabel="step", ylabel="f(x, y)",
            ylim=(1e-8, 1e4), yscale="log",
        )  # fmt: skip
        self.map = landscapes.Map(left)
        self.path = figures.moving(
            left, color=figures.VERMILION, marker="o", markersize=4.5, linewidth=1.6, zorder=4,
            markevery=slice(1, None),
        )  # fmt: skip
        left.plot(*START, "s", color=figures.BLACK, zorder=5)
        figures.label(left, START[0], START[1] + 0.22, "start", "black", ha="center", fontsize=11)
        self.end = figures.moving(left, "D", color=figures.BLUE, markersize=8, zorder=5)
        self.heights = figures.moving(
            right, color=figures.VERMILION, marker="o", markersize=4, linewidth=1.6
        )
        self.end_height = figures.moving(right, "D", color=figures.BLUE, zorder=5)
        label = figures.corner_label(right, animated=True)
        self.yours = self.add_yours(left, "dotted", label=label)

    def truth(self) -> float:
        """Return the largest learning rate whose steps do not grow."""
        curvatures = differences.hessian(VALLEYS[self.control["f"].value].at, np.zeros(2)).value
        return float(2 / np.linalg.eigvalsh(curvatures).max())

    def redraw(self, f: str, rate: float, steps: int) -> str:
        """Draw the path; draw the map if another landscape is chosen."""
        landscape = VALLEYS[f]
        self.map.show(landscape)
        if self.walked != (f, rate):
            self.points = _walk(landscape, rate)
            self.walked = (f, rate)
        path = self.points[: steps + 1]
        height = landscape.height(path[:, 0], path[:, 1])
        self.path.set_data(*np.clip(path, -1e3, 1e3).T)  # what is far outside has no pixels
        self.end.set_data(*np.clip(path[-1:], -1e3, 1e3).T)
        self.heights.set_data(np.arange(len(path)), np.maximum(height, 1e-12))
        self.end_height.set_data([len(path) - 1], [max(height[-1], 1e-12)])
        self.yours.draw(
            "gradient_descent", "2.11",
            lambda descend: np.clip(
                descend(landscape.gradient, START.copy(), rate, len(path) - 1), -1e3, 1e3
            ).T,
        )  # fmt: skip
        count = f"{len(path) - 1} step{'s' * (len(path) != 2)}"
        words = f"{f}, learning rate {rate:g}: after {count} at {landscapes.pair(path[-1])}, f = "
        words += f"{landscapes.height_in_words(height[-1])}."
        if len(path) < steps + 1:
            words += " From there it leaves for infinity."
        if f != "two bowls":
            values = np.linalg.eigvalsh(differences.hessian(landscape.at, np.zeros(2)).value)
            slow, fast = (f"{1 - rate * value:.3g}" for value in values)
            words += f" Each step multiplies the flat part by {slow}, the steep one by {fast}."
        return words


def _walk(landscape: Landscape, rate: float) -> np.ndarray:
    """Return the points of gradient descent from START, up to where it has clearly diverged."""
    path = [START]
    while len(path) <= MOST and np.abs(path[-1]).max() < 1e3:
        path.append(path[-1] - rate * landscape.gradient(path[-1]))
    return np.array(path)
