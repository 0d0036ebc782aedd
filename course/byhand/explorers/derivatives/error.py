"""The error of forward and central differences against their step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from byhand import figures
from byhand.differences import derivative
from byhand.explorers.base import Explorer, Function
from byhand.explorers.controls import Choice, Controls, LogSlider, Slider
from byhand.explorers.predictions import Choose

if TYPE_CHECKING:
    from matplotlib.figure import Figure


SMOOTH: dict[str, Function] = {"eˣ": np.exp, "sin x": np.sin, "x³": lambda x: x**3}


STEPS = {"10⁻²": 1e-2, "10⁻⁵": 1e-5, "10⁻⁸": 1e-8, "10⁻¹⁶": 1e-16}


def _errors(function: Function, x: np.ndarray, h: np.ndarray, slope: float) -> list[np.ndarray]:
    """Return the errors of the forward and of the central difference."""
    forward = (function(x + h) - function(x)) / h
    central = (function(x + h) - function(x - h)) / (2 * h)
    return [np.abs(forward - slope), np.abs(central - slope)]


class DifferenceError(Explorer):
    """The error of forward and central differences against h, both logarithmic."""

    prediction = Choose(
        question="You make h smaller and smaller. Near which of these steps is the error of the "
        "central difference smallest?",
        options=tuple(STEPS),
        outcome="it is smallest near {truth}",
        explanation="Halve h: the forward difference's error falls to a half, the central one's to "
        "a quarter, so the central one has less to gain from a tiny step. Rounding grows like 1/h "
        "in both and takes over early. The forward difference is at its best near 10⁻⁸.",
    )
    title = "The error of a difference quotient against its step"
    message = "Smaller h helps until rounding takes over"
    situation = (
        "eˣ at x = 1, log axes: the errors of the forward and of the central difference at the "
        "step h = 0.01."
    )
    picture = "Error of the forward and of the central difference against h, on log axes."
    size = (7.2, 4.4)

    def controls(self) -> Controls:
        """Return the controls: the function, x and h."""
        return {
            "f": Choice("Function f", list(SMOOTH)),
            "x": Slider("x", 0.1, 3, value=1, step=0.05),
            "h": LogSlider("h", 1e-16, 1, value=1e-2, step=0.1),
        }

    def build(self, figure: Figure) -> None:
        """Draw the axes and the two reference slopes."""
        self.grid = np.logspace(-16, 0, 161)
        axes = figure.add_subplot(
            xscale="log", yscale="log", xlim=(1e-16, 1), ylim=(1e-14, 1e2),
            xlabel="step h", ylabel="absolute error",
        )  # fmt: skip
        self.head(axes, pad=30)
        for low, factor, power in ((1e-6, 30, 1), (1e-4, 3e-3, 2)):
            ends = np.array([low, 1 if power == 2 else 1e-2])
            self.cover(
                axes.plot(ends, factor * ends**power, color="0.35", linestyle=":", linewidth=1.5)
            )
        self.cover(
            figures.label(axes, 1e-4, 2e-2, "slope 1", "0.35", ha="right"),
            figures.label(axes, 3e-2, 1e-7, "slope 2", "0.35", ha="left"),
        )
        settings = [
            ("forward", {"color": figures.VERMILION, "marker": "o", "linestyle": "--"}),
            ("central", {"color": figures.BLUE, "marker": "s", "linestyle": "-"}),
        ]
        self.curves = [
            figures.moving(axes, label=name, markevery=10, markersize=5, **style)
            for name, style in settings
        ]
        self.points = [
            figures.moving(axes, markersize=11, markeredgecolor="black", **style)
            for _, style in settings
        ]
        self.cover(self.curves)
        label = figures.corner_label(axes, animated=True)
        self.yours = [
            self.add_yours(axes, "dotted", label=label, linewidth=3, zorder=2) for _ in settings
        ]
        self.guide = figures.guide(axes)
        figures.legend_above(axes)

    def truth(self) -> str:
        """Return the step nearest to the one at which the central difference errs least."""
        best = self.grid[np.nanargmin(self.curves[1].get_ydata())]
        return min(STEPS, key=lambda text: abs(np.log(STEPS[text] / best)))

    def redraw(self, f: str, x: float, h: float) -> str:
        """Draw both errors for f at x and mark them at h."""
        function = SMOOTH[f]
        slope = float(derivative(function, x).value)
        now = _errors(function, np.array(x), np.array(h), slope)
        halved = _errors(function, np.array(x), np.array(h / 2), slope)
        for curve, point, error, errors in zip(
            self.curves,
            self.points,
            now,
            _errors(function, np.array(x), self.grid, slope),
            strict=True,
        ):
            curve.set_data(self.grid, figures.on_log_axis(errors))
            point.set_data([h], [error])
        self.guide.set_xdata([h, h])
        for yours, name, exercise in zip(
            self.yours, ("forward_difference", "central_difference"), ("1.1", "1.2"), strict=True
        ):
            yours.draw(
                name, exercise,
                lambda quotient: (
                    self.grid,
                    figures.on_log_axis(abs(np.subtract(quotient(function, x, self.grid), slope))),
                ),
            )  # fmt: skip
        ratios = [
            f"{late / early:.2g}" if early > 0 else "–"
            for early, late in zip(now, halved, strict=True)
        ]
        return (
            f"{f} at x = {x:.2f} with h = {h:.3g}: the forward difference errs by {now[0]:.2g}, "
            f"the central one by {now[1]:.2g}. Halving h multiplies these errors by "
            f"{ratios[0]} and {ratios[1]}."
        )
