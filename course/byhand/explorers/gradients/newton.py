"""The gradient step and Newton's step on a map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from byhand import differences, figures
from byhand.explorers.base import Explorer
from byhand.explorers.controls import Choice, Controls, LogSlider, Slider
from byhand.explorers.gradients import landscapes
from byhand.explorers.gradients.landscapes import Landscape
from byhand.explorers.predictions import Choose

if TYPE_CHECKING:
    from matplotlib.figure import Figure


CURVED: dict[str, Landscape] = {
    "turned valley": Landscape(
        landscapes.quadratic(0.5, 6, 25), np.array([0.2, 0.8, 1.8, 3.2, 5, 7.2, 9.8, 12.8, 17, 23])
    ),
    "two bowls": Landscape(
        lambda x, y: (x**2 / 2 - 1) ** 2 + y**2, np.array([0.1, 0.3, 0.6, 1, 2, 3, 5, 8, 12])
    ),
    "trough that flattens": Landscape(
        lambda x, y: np.sqrt(1 + x**2) + np.sqrt(1 + 4 * y**2) - 2, np.arange(0.25, 6, 0.5)
    ),
}


PLACES = (
    "to the lowest point of the valley", "to the valley's floor, still far from its lowest point",
    "further up the slope", "across the valley, to the same height on the other side",
)  # fmt: skip
NAMES_WITHIN = np.array([2.65, 1.8])  # the part of the map in which a name is not cut off


class NewtonStep(Explorer):
    """The gradient step and Newton's step from a point, with the curvatures there."""

    prediction = Choose(
        question="The gradient step goes straight down from the black point, across the valley. "
        "Newton's step divides by the curvature in each direction. Where does it lead?",
        options=PLACES,
        outcome="it leads {truth}",
        explanation="On a quadratic the curved model of Newton's step is the function itself, so "
        "one step reaches the centre of the ellipses, whatever the condition number. On “two "
        "bowls”, go to a place where one curvature is negative: the step leads to the saddle of "
        "the model, uphill perhaps. Newton's method seeks critical points of any kind.",
    )
    title = "A point in a long valley"
    message = "Newton's step divides by the curvature, the gradient step does not"
    situation = (
        "Contour lines of a long, turned valley, and a gradient step from the black point at "
        "(−1.50, 0.90)."
    )
    picture = (
        "A contour map with a gradient step, a Newton step and the eigenvectors of the Hessian at "
        "a point; dashed the level line of the curved model."
    )
    size = (7.4, 4.9)

    def controls(self) -> Controls:
        """Return the controls: the landscape, the point and the learning rate."""
        return {
            "f": Choice("Landscape f", list(CURVED)),
            "x": Slider("x", -2.8, 2.8, value=-1.5, step=0.05),
            "y": Slider("y", -1.8, 1.8, value=0.9, step=0.05),
            "rate": LogSlider("Learning rate", 0.01, 1, value=0.1, step=0.05),
        }

    def build(self, figure: Figure) -> None:
        """Draw the axes; `redraw` fills in the map."""
        from matplotlib.collections import LineCollection

        axes = figure.add_subplot(
            xlim=(-3.2, 3.2), ylim=(-2, 2), aspect="equal", xlabel="x", ylabel="y"
        )
        axes.grid(False)
        self.head(figure)
        self.map = landscapes.Map(axes)
        self.model = LineCollection(
            [], colors=figures.BLUE, linestyles="--", linewidths=1.3, zorder=2, animated=True
        )
        axes.add_collection(self.model, autolim=False)
        self.eigen = [
            figures.moving(axes, color=figures.GREEN, linewidth=2, zorder=3) for _ in range(2)
        ]
        self.eigen_names = [
            figures.label(
                axes, 0, 0, "", "#00664d", fontsize=10, ha="center", va="center",
                clip_on=True, animated=True
            )
            for _ in range(2)
        ]  # fmt: skip
        self.downhill = landscapes.arrow(axes, figures.VERMILION)
        self.newton = landscapes.arrow(axes, figures.BLUE, "--")
        self.place = figures.moving(axes, "o", color=figures.BLACK, zorder=5)
        label = figures.label(
            axes, 3.1, -1.92, "", "black", ha="right", va="bottom", fontsize=11, animated=True
        )
        self.cover(self.model, self.newton, self.eigen, self.eigen_names)
        self.yours = self.add_yours(axes, "dotted", label=label)
        figures.legend_above(
            axes,
            handles=[
                axes.plot([], [], color=color, linestyle=style, label=text)[0]
                for color, style, text in (
                    (figures.VERMILION, "-", "gradient step"),
                    (figures.BLUE, "--", "Newton step, model"),
                    (figures.GREEN, "-", "eigenvectors")
                )
            ],
            handlelength=1.8,
        )  # fmt: skip

    def truth(self) -> str:
        """Return where the step leads, by the height there."""
        start, end = self.heights
        shares = {0.0: PLACES[0], 0.3: PLACES[1], 1.0: PLACES[3]}  # of the height at the start
        if end > 1.05 * start:
            return PLACES[2]
        return shares[min(shares, key=lambda share: abs(share - end / start))]

    def redraw(self, f: str, x: float, y: float, rate: float) -> str:
        """Move steps, eigenvectors and model; draw the map of another landscape."""
        landscape = CURVED[f]
        self.map.show(landscape)
        point = np.array([x, y])
        grad = landscape.gradient(point)

        def hessian_at(at: np.ndarray) -> np.ndarray:
            return differences.hessian(landscape.at, at).value

        hessian = hessian_at(point)
        values, vectors = np.linalg.eigh(hessian)
        # along each eigenvector the model is a parabola of its own
        newton = -vectors @ ((vectors.T @ grad) / values)
        self.place.set_data([x], [y])
        landscapes.point_arrow(self.downhill, point, -rate * grad)
        landscapes.point_arrow(self.newton, point, newton)
        self._draw_eigenvectors(point, values, vectors)
        self._draw_model(point, grad, hessian)
        self.yours.draw(
            "newton_step", "2.12",
            lambda step: np.transpose([point, step(landscape.gradient, hessian_at, point.copy())]),
        )  # fmt: skip
        self.heights = landscape.at(point), landscape.at(point + newton)
        ends = [landscape.at(point + step) for step in (-rate * grad, newton)]
        words = (
            f"{f} at {landscapes.pair(point)}: f = "
            f"{landscapes.height_in_words(landscape.at(point))}, curvatures "
            f"{values[0]:.3g} and {values[1]:.3g}. The gradient step leads to f = "
            f"{landscapes.height_in_words(ends[0])}, the Newton step to "
            f"{landscapes.pair(point + newton)} with f = "
            f"{landscapes.height_in_words(ends[1])}"
        )
        if values[0] < 0:
            return f"{words}: towards a {'maximum' if values[1] < 0 else 'saddle'} of the model."
        return f"{words}."

    def _draw_eigenvectors(
        self, point: np.ndarray, values: np.ndarray, vectors: np.ndarray
    ) -> None:
        for line, name, value, vector in zip(
            self.eigen, self.eigen_names, values, vectors.T, strict=True
        ):
            line.set_data(*np.transpose([point - 0.45 * vector, point + 0.45 * vector]))
            line.set_linestyle("-" if value > 0 else ":")
            step = 0.68 * vector * (1 if vector[1] > 0 else -1)
            ends = [
                np.clip(end, -NAMES_WITHIN, NAMES_WITHIN) for end in (point + step, point - step)
            ]
            room = [np.hypot(*(end - point)) for end in ends]
            name.set_position(ends[0] if room[0] > 0.4 else ends[1])
            name.set_text(f"λ = {value:.3g}")

    def _draw_model(self, point: np.ndarray, grad: np.ndarray, hessian: np.ndarray) -> None:
        from contourpy import contour_generator

        x, y = np.meshgrid(np.linspace(-3.2, 3.2, 65), np.linspace(-2, 2, 41))
        step = np.stack([x - point[0], y - point[1]], axis=-1)
        change = step @ grad + np.einsum("...i,ij,...j", step, hessian, step) / 2
        lines = contour_generator(x, y, change).lines(0.0)
        self.model.set_segments([np.asarray(line) for line in lines])
