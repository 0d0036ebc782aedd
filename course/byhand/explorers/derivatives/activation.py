"""An activation function, its slope and its derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from byhand import figures
from byhand.differences import derivative
from byhand.explorers.base import Explorer
from byhand.explorers.controls import Choice, Controls, Slider
from byhand.explorers.derivatives.secant import no_tangent
from byhand.explorers.predictions import Marker

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def _sigmoid(x: np.ndarray) -> np.ndarray:
    """Return 1/(1 + e⁻ˣ), for the range that is plotted."""
    return 1 / (1 + np.exp(-x))


# name: function of x and alpha, name of the student's derivative, its exercise
ACTIVATIONS: dict[str, tuple[Callable[[np.ndarray, float], np.ndarray], str, str]] = {
    "ReLU": (lambda x, alpha: np.maximum(x, 0), "relu_derivative", "1.7"),
    "leaky ReLU": (lambda x, alpha: np.where(x > 0, x, alpha * x), "leaky_relu_derivative", "1.11"),
    "sigmoid": (lambda x, alpha: _sigmoid(x), "sigmoid_derivative", "1.9"),
    "tanh": (lambda x, alpha: np.tanh(x), "tanh_derivative", "1.10"),
    "softplus": (lambda x, alpha: np.log1p(np.exp(x)), "softplus_derivative", "1.12"),
    "SiLU": (lambda x, alpha: x * _sigmoid(x), "silu_derivative", "1.12"),
    "GELU": (
        lambda x, alpha: x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))),
        "gelu_derivative",
        "1.12",
    ),
}
USES_ALPHA = ("leaky ReLU",)
ENDS = np.array([-4.0, 4.0])  # of the x axis


class Activation(Explorer):
    """An activation function, its tangent at x, and below it the derivative."""

    prediction = Marker(
        question="The sigmoid climbs from 0 to 1. How steep is it where it is steepest? Put the "
        "marker at the height that the derivative will reach in the lower picture.",
        label="Steepest slope", low=0, high=1.2, start=0, step=0.05, close=0.03,
        outcome="the sigmoid is never steeper than {truth}",
        explanation="It is steepest at 0, where its value is ½. Far from "
        "0 the slope fades to nothing on both sides. Compare tanh, which is steeper at 0 and fades "
        "faster, and ReLU, whose slope never fades for positive x.",
    )  # fmt: skip
    title = "An activation function, and room for its derivative"
    message = "The slope above is the height below"
    situation = "The sigmoid climbs from 0 to 1; the point on it is at x = 1. Below, an empty axis."
    picture = "Above, an activation function with its tangent at x; below, its derivative."
    size = (7.2, 5.0)

    def controls(self) -> Controls:
        """Return the controls: the function, x, and alpha for the leaky ReLU."""
        return {
            "f": Choice("Function f", list(ACTIVATIONS), "sigmoid"),
            "x": Slider("x", -4, 4, value=1, step=0.05),
            "alpha": Slider("alpha (leaky ReLU)", 0, 0.5, value=0.1, step=0.01),
        }

    def build(self, figure: Figure) -> None:
        """Draw two axes, one above the other; `redraw` fills in the curves."""
        self.drawn: tuple[str, float] | None = None  # whose curves these are
        self.grid = np.linspace(-4, 4, 401)
        above, below = figure.subplots(2, sharex=True, height_ratios=(3, 2))
        above.set(xlim=(-4, 4), ylim=(-1.4, 3), ylabel="f(x)")
        below.set(ylim=(-0.25, 1.25), xlabel="x", ylabel="f′(x)")
        self.head(above, pad=30)
        for axes in (above, below):
            figures.axes_through_origin(axes)
        (self.curve,) = above.plot([], [], color=figures.BLACK, label="f")
        (self.slopes,) = below.plot([], [], color=figures.BLUE, label="f′")
        self.tangent = figures.moving(
            above, color=figures.VERMILION, linestyle="--", label="tangent at x"
        )
        label = figures.corner_label(above, animated=True)
        self.yours = self.add_yours(below, "dotted", label=label)
        self.point = figures.moving(above, "o", color=figures.VERMILION)
        self.height = figures.moving(below, "s", color=figures.BLUE)
        self.cover(self.slopes, self.tangent, self.height)
        self.add_guess(below, "y")
        self.guides = [figures.guide(axes) for axes in (above, below)]
        figures.legend_above(above, handles=[self.curve, self.tangent, self.slopes])

    def truth(self) -> float:
        """Return the steepest slope of the curve that is shown."""
        return float(np.max(self.slopes.get_ydata()))

    def redraw(self, f: str, x: float, alpha: float) -> str:
        """Move the tangent; draw the curves if another function is chosen."""
        formula, name, exercise = ACTIVATIONS[f]
        self.control["alpha"].disabled = self.locked or f not in USES_ALPHA

        def function(at: np.ndarray) -> np.ndarray:
            return formula(at, alpha)

        which = f, alpha
        if which != self.drawn:
            self.curve.set_data(self.grid, function(self.grid))
            self.slopes.set_data(self.grid, derivative(function, self.grid).value)
            self.drawn = which
        height = float(function(np.array(x)))
        found = derivative(function, x)
        slope = float(found.value)
        self.tangent.set_data(ENDS, height + slope * (ENDS - x))
        self.point.set_data([x], [height])
        self.height.set_data([x], [slope])
        for guide in self.guides:
            guide.set_xdata([x, x])
        extra = (alpha,) if f in USES_ALPHA else ()
        self.yours.draw(name, exercise, lambda slopes: (self.grid, slopes(self.grid, *extra)))
        named = f"{f} with alpha = {alpha:.2f}" if extra else f
        start = f"{named} at x = {x:.2f}: the value is {height:.4f}"
        if np.isnan(slope):
            return f"{start}; {no_tangent(found)}"
        return f"{start}, the slope {slope:.4f}."
