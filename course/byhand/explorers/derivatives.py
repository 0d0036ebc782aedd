"""Explorers of chapter 1: the secant, the activations, the error of a difference quotient."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from byhand import figures
from byhand.differences import derivative
from byhand.explorers.base import Explorer
from byhand.explorers.controls import Choice, LogSlider, Slider

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from byhand.differences import Estimate

__all__ = ["activation_explorer", "error_explorer", "secant_explorer"]


Function = Callable[[np.ndarray], np.ndarray]

CURVES: dict[str, Function] = {
    "x²": np.square,
    "sin x": np.sin,
    "eˣ": np.exp,
    "|x|": np.abs,
}


def _no_tangent(found: Estimate) -> str:
    return (
        f"there is no tangent: the slope is {found.left:.4f} on the left and "
        f"{found.right:.4f} on the right."
    )


class Secant(Explorer):
    """The secant through x and x + h beside the tangent at x."""

    question = "Slide h towards 0 for x²: what happens to the secant? And for |x| at x = 0?"
    picture = "A curve with the secant through x and x + h, and its tangent at x."
    size = (7.2, 4.2)

    def controls(self) -> dict[str, Slider | Choice]:
        """Return the controls: the function, x, the size of h and its side."""
        return {
            "f": Choice("Function f", list(CURVES)),
            "x": Slider("x", -2, 2, value=0.5, step=0.05),
            "h": LogSlider("Size of h", 1e-3, 2, value=1, step=0.05),
            "side": Choice("Side of x", ["right (h > 0)", "left (h < 0)"]),
        }

    def build(self, figure: Figure) -> None:
        """Draw the axes; the curve is filled in by `redraw`."""
        self.drawn = ""  # the function whose curve stands in the background
        axes = figure.add_subplot(
            xlim=(-3, 3), ylim=(-2, 5), xlabel="x", ylabel="f(x)"
        )  # fmt: skip
        axes.set_title("As h shrinks, the secant turns into the tangent", pad=30)
        figures.axes_through_origin(axes)
        self.grid = np.linspace(-3, 3, 301)
        (self.curve,) = axes.plot([], [], color=figures.BLACK, label="f")
        (self.secant,) = axes.plot(
            [], [], color=figures.BLUE, label="secant", animated=True
        )  # fmt: skip
        (self.tangent,) = axes.plot(
            [], [], color=figures.VERMILION, linestyle="--", label="tangent at x", animated=True
        )  # fmt: skip
        (self.yours,) = axes.plot(
            [], [], color=figures.PURPLE, linestyle=":", linewidth=4, animated=True
        )  # fmt: skip
        (self.points,) = axes.plot(
            [], [], "o", color=figures.BLUE, markeredgecolor="white", animated=True
        )  # fmt: skip
        self.drops = [
            axes.plot([], [], color="0.4", linestyle=":", linewidth=1.2, animated=True)[0]
            for _ in range(2)
        ]
        self.names = [
            figures.label(axes, 0, -1.9, text, figures.BLACK, ha="center", animated=True)
            for text in ("x", "x + h")
        ]
        self.yours_name = figures.corner_label(axes, animated=True)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.2)

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
        ends = np.array([-3.0, 3.0])
        self.secant.set_data(ends, y + secant_slope * (ends - x))
        self.tangent.set_data(ends, y + slope * (ends - x))
        self.points.set_data([x, x + h], [y, y_end])
        self._draw_yours(function, x, h, y)
        for drop, name, at, height in zip(
            self.drops, self.names, (x, x + h), (y, y_end), strict=True
        ):
            drop.set_data([at, at], [-1.4, height])
            name.set_x(at)
        self.names[1].set_visible(abs(h) > 0.4)  # else the two names lie on each other
        start = f"{f} at x = {x:.2f} with h = {h:.3g}: the secant has slope {secant_slope:.4f}"
        if np.isnan(slope):
            return f"{start}; {_no_tangent(found)}"
        gap = abs(secant_slope - slope)
        return f"{start}, the tangent {slope:.4f}; they differ by {gap:.2g}."

    def _draw_yours(self, function: Function, x: float, h: float, y: float) -> None:
        slope = self.student_values("forward_difference", "1.1", function, x, h)
        self.yours.set_visible(slope is not None)
        self.yours_name.set_visible(slope is not None)
        if slope is not None:
            ends = np.array([-3.0, 3.0])
            self.yours.set_data(ends, y + slope * (ends - x))
            self.yours_name.set_text("dotted: yours (1.1)")


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Return 1/(1 + e⁻ˣ), for the range that is plotted."""
    return 1 / (1 + np.exp(-x))


# name: forward function of x and alpha, the student's derivative, its exercise
ACTIVATIONS: dict[str, tuple[Callable[[np.ndarray, float], np.ndarray], str, str]] = {
    "ReLU": (lambda x, alpha: np.maximum(x, 0), "relu_derivative", "1.7"),
    "leaky ReLU": (
        lambda x, alpha: np.where(x > 0, x, alpha * x),
        "leaky_relu_derivative",
        "1.11",
    ),
    "sigmoid": (lambda x, alpha: sigmoid(x), "sigmoid_derivative", "1.9"),
    "tanh": (lambda x, alpha: np.tanh(x), "tanh_derivative", "1.10"),
    "softplus": (lambda x, alpha: np.log1p(np.exp(x)), "softplus_derivative", "1.12"),
    "SiLU": (lambda x, alpha: x * sigmoid(x), "silu_derivative", "1.12"),
    "GELU": (
        lambda x, alpha: x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))),
        "gelu_derivative",
        "1.12",
    ),
}
USES_ALPHA = ("leaky ReLU",)


class Activation(Explorer):
    """An activation function, its tangent at x, and below it the derivative."""

    question = "For which of these functions is the slope far from 0 nearly 0 on both sides?"
    picture = "Above, an activation function with its tangent at x; below, its derivative."
    size = (7.2, 5.0)

    def controls(self) -> dict[str, Slider | Choice]:
        """Return the controls: the function, x, and alpha for the leaky ReLU."""
        return {
            "f": Choice("Function f", list(ACTIVATIONS), "sigmoid"),
            "x": Slider("x", -4, 4, value=1, step=0.05),
            "alpha": Slider("alpha (leaky ReLU)", 0, 0.5, value=0.1, step=0.01),
        }

    def build(self, figure: Figure) -> None:
        """Draw two axes, one above the other; `redraw` fills in the curves."""
        self.drawn = None  # the function and alpha whose curves stand in the background
        self.grid = np.linspace(-4, 4, 401)
        above, below = figure.subplots(2, sharex=True, height_ratios=(3, 2))
        above.set(xlim=(-4, 4), ylim=(-1.4, 3), ylabel="f(x)")
        below.set(ylim=(-0.25, 1.25), xlabel="x", ylabel="f′(x)")
        above.set_title("The slope above is the height below", pad=30)
        for axes in (above, below):
            figures.axes_through_origin(axes)
        (self.curve,) = above.plot([], [], color=figures.BLACK, label="f")
        (self.slopes,) = below.plot([], [], color=figures.BLUE, label="f′")
        (self.tangent,) = above.plot(
            [], [], color=figures.VERMILION, linestyle="--", label="tangent at x", animated=True
        )  # fmt: skip
        (self.yours,) = below.plot(
            [], [], color=figures.PURPLE, linestyle=":", linewidth=4, animated=True
        )  # fmt: skip
        self.yours_name = figures.corner_label(above, animated=True)
        (self.point,) = above.plot([], [], "o", color=figures.VERMILION, animated=True)
        (self.height,) = below.plot([], [], "s", color=figures.BLUE, animated=True)
        self.guides = [
            axes.axvline(0, color="0.4", linestyle=":", linewidth=1.2, animated=True)
            for axes in (above, below)
        ]
        above.legend(
            handles=[self.curve, self.tangent, self.slopes],
            loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.2,
        )  # fmt: skip

    def redraw(self, f: str, x: float, alpha: float) -> str:
        """Move the tangent; draw the curves anew if another function is chosen."""
        formula, name, exercise = ACTIVATIONS[f]
        self.control["alpha"].disabled = self.locked or f not in USES_ALPHA

        def function(at: np.ndarray) -> np.ndarray:
            return formula(at, alpha)

        which = (f, alpha if f in USES_ALPHA else None)
        if which != self.drawn:
            self.curve.set_data(self.grid, function(self.grid))
            self.slopes.set_data(self.grid, derivative(function, self.grid).value)
            self.drawn = which
        height = float(function(np.float64(x)))
        found = derivative(function, x)
        slope = float(found.value)
        ends = np.array([-4.0, 4.0])
        self.tangent.set_data(ends, height + slope * (ends - x))
        self.point.set_data([x], [height])
        self.height.set_data([x], [slope])
        for guide in self.guides:
            guide.set_xdata([x, x])
        extra = (alpha,) if f in USES_ALPHA else ()
        yours = self.student_values(name, exercise, self.grid, *extra)
        for artist in (self.yours, self.yours_name):
            artist.set_visible(yours is not None)
        if yours is not None:
            self.yours.set_data(self.grid, yours)
            self.yours_name.set_text(f"dotted: yours ({exercise})")
        named = f"{f} with alpha = {alpha:.2f}" if extra else f
        start = f"{named} at x = {x:.2f}: the value is {height:.4f}"
        if np.isnan(slope):
            return f"{start}; {_no_tangent(found)}"
        return f"{start}, the slope {slope:.4f}."


SMOOTH: dict[str, Function] = {"eˣ": np.exp, "sin x": np.sin, "x³": lambda x: x**3}


def _errors(function: Function, x: float, h: np.ndarray, slope: float) -> list[np.ndarray]:
    forward = (function(x + h) - function(x)) / h
    central = (function(x + h) - function(x - h)) / (2 * h)
    return [np.abs(forward - slope), np.abs(central - slope)]


class DifferenceError(Explorer):
    """The error of forward and central differences against h, both logarithmic."""

    question = "Halve h: which error falls to a quarter? When does it rise again?"
    picture = "Error of the forward and of the central difference against h, on log axes."
    size = (7.2, 4.4)

    def controls(self) -> dict[str, Slider | Choice]:
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
        axes.set_title("Smaller h helps until rounding takes over", pad=30)
        for low, factor, power in ((1e-6, 30, 1), (1e-4, 3e-3, 2)):
            ends = np.array([low, 1 if power == 2 else 1e-2])
            axes.plot(ends, factor * ends**power, color="0.35", linestyle=":", linewidth=1.5)
        figures.label(axes, 1e-4, 2e-2, "slope 1", "0.35", ha="right")
        figures.label(axes, 3e-2, 1e-7, "slope 2", "0.35", ha="left")
        settings = [
            ("forward", figures.VERMILION, "--", "o"),
            ("central", figures.BLUE, "-", "s"),
        ]
        self.curves, self.points, self.yours = [], [], []
        for name, color, linestyle, marker in settings:
            self.curves += axes.plot(
                [], [], color=color, linestyle=linestyle, marker=marker, markevery=10,
                markersize=5, label=name, animated=True,
            )  # fmt: skip
            self.points += axes.plot(
                [], [], color=color, marker=marker, markersize=11, markeredgecolor="black",
                animated=True,
            )  # fmt: skip
            self.yours += axes.plot(
                [], [], color=figures.PURPLE, linestyle=":", linewidth=3, animated=True
            )  # fmt: skip
        self.guide = axes.axvline(1, color="0.4", linestyle=":", linewidth=1.2, animated=True)
        self.yours_name = figures.corner_label(axes, animated=True)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.2)

    def redraw(self, f: str, x: float, h: float) -> str:
        """Draw both errors for f at x and mark them at h."""
        function = SMOOTH[f]
        slope = float(derivative(function, x).value)
        now = _errors(function, x, np.array(h), slope)
        halved = _errors(function, x, np.array(h / 2), slope)
        for curve, point, error, errors in zip(
            self.curves, self.points, now, _errors(function, x, self.grid, slope), strict=True
        ):
            # an error of exactly 0 has no place on a log axis
            curve.set_data(self.grid, np.where(errors > 0, errors, np.nan))
            point.set_data([h], [error])
        self.guide.set_xdata([h, h])
        self._draw_yours(function, x, slope)
        ratios = [
            f"{late / early:.2g}" if early > 0 else "–"
            for early, late in zip(now, halved, strict=True)
        ]
        return (
            f"{f} at x = {x:.2f} with h = {h:.3g}: the forward difference errs by {now[0]:.2g}, "
            f"the central one by {now[1]:.2g}. Halving h multiplies these errors by "
            f"{ratios[0]} and {ratios[1]}."
        )

    def _draw_yours(self, function: Function, x: float, slope: float) -> None:
        names = []
        for line, name, exercise in zip(
            self.yours, ("forward_difference", "central_difference"), ("1.1", "1.2"), strict=True
        ):
            values = self.student_values(name, exercise, function, x, self.grid)
            line.set_visible(values is not None)
            if values is not None:
                error = np.abs(values - slope)
                line.set_data(self.grid, np.where(error > 0, error, np.nan))
                names.append(exercise)
        self.yours_name.set_visible(bool(names))
        self.yours_name.set_text(f"dotted: yours ({', '.join(names)})")


secant_explorer = Secant.open
activation_explorer = Activation.open
error_explorer = DifferenceError.open
