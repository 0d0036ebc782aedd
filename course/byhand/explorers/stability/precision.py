"""The V of finite differences, in float32 and in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from byhand import figures
from byhand.explorers.base import Explorer, Function
from byhand.explorers.controls import Choice, Controls, LogSlider, Slider
from byhand.explorers.predictions import Marker

if TYPE_CHECKING:
    from matplotlib.figure import Figure


DTYPES = ("float32", "float64")
# a function and its derivative
CURVES: dict[str, tuple[Function, Function]] = {
    "eˣ": (np.exp, np.exp),
    "sin x": (np.sin, np.cos),
    "x³": (lambda x: x**3, lambda x: 3 * x**2),
    "sin x + 1000": (lambda x: np.sin(x) + 1000, np.cos),
}
# the step at which truncation and rounding balance where |f| is like its derivatives: the text's
# h* for central differences, and 2 sqrt(eps) for forward ones
RULES: dict[str, tuple[str, Callable[[float], float]]] = {
    "central": ("(3 eps)^(1/3)", lambda eps: float((3 * eps) ** (1 / 3))),
    "forward": ("(4 eps)^(1/2)", lambda eps: float((4 * eps) ** (1 / 2))),
}
STEPS = np.logspace(-15, 0, 151)
NEAR = 5  # steps to each side: a third of a decade both ways


def _errors(kind: str, f: Function, df: Function, x: float, h: np.ndarray) -> np.ndarray:
    """Return the errors of difference quotients in the dtype of h, everything in that dtype."""
    x = h.dtype.type(x)
    with np.errstate(all="ignore"):  # h too small to move x
        left = x - h if kind == "central" else x
        width = 2 * h if kind == "central" else h
        quotient = (f(x + h) - f(left)) / width
    return np.abs(quotient.astype(np.float64) - df(np.float64(x)))


def _worst_nearby(errors: np.ndarray) -> np.ndarray:
    """Return the largest error within a third of a decade: what one can count on."""
    padded = np.pad(errors, NEAR, mode="edge")
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * NEAR + 1).max(axis=1)


class Precision(Explorer):
    """The error of a difference quotient against its step, in float32 and in float64."""

    prediction = Marker(
        question="In float64 a central difference errs least near h = 1e-5. At which step does it "
        "err least in float32? Put the marker there.",
        label="Best step in float32", low=1e-15, high=1, start=1e-5, step=0.25, log=True, close=4,
        outcome="in float32 the error is least near {truth}",
        explanation="Rounding is a larger part of the error in float32, so its V is higher and "
        "turns at a larger step: a step that is good for the one is hopeless for the other. The "
        "left arm rises with slope −1, the right one with slope 2. So a step ten times too small "
        "costs one digit, one ten times too large two.",
    )  # fmt: skip
    title = "The error of a central difference in float64"
    message = "Each precision has its own best step"
    situation = (
        "The error against the step h on log axes: a V for float64, with its lowest point near "
        "h = 1e-5. The curve for float32 is not drawn yet."
    )
    picture = (
        "The error of a difference quotient against its step h, on log axes: a V for float32 and "
        "a lower V, further to the left, for float64."
    )
    size = (7.4, 4.6)

    def controls(self) -> Controls:
        """Return the controls: the function, x, the kind of difference, and h."""
        return {
            "f": Choice("Function f", list(CURVES)),
            "x": Slider("x", 0.1, 3, value=1, step=0.05),
            "kind": Choice("Difference", list(RULES)),
            "h": LogSlider("h", 1e-15, 1, value=1e-5, step=0.1),
        }

    def build(self, figure: Figure) -> None:
        """Draw the axes; both curves are filled in by `redraw`."""
        axes = figure.add_subplot(
            xscale="log", yscale="log", xlim=(1e-15, 1), ylim=(1e-14, 1e4),
            xlabel="step h", ylabel="absolute error",
        )  # fmt: skip
        self.head(axes, pad=30)
        self.curves, self.points, self.rules, self.names = [], [], [], []
        for dtype, color, line, marker, height in (
            ("float32", figures.VERMILION, "--", "o", 2e3),
            ("float64", figures.BLUE, "-", "s", 5e1),
        ):
            self.curves += axes.plot(
                [], [], color=color, linestyle=line, marker=marker, markevery=10, markersize=5,
                label=dtype, animated=True,
            )  # fmt: skip
            self.points += axes.plot(
                [], [], color=color, marker=marker, markersize=11, markeredgecolor="black",
                animated=True,
            )  # fmt: skip
            self.rules.append(
                axes.axvline(1, color=color, linestyle="-.", linewidth=1.2, animated=True)
            )
            self.names.append(
                figures.label(
                    axes, 1, height, "", color, ha="center", va="center", fontsize=11, animated=True
                )
            )
        self.cover(self.curves[0], self.points[0], self.rules, self.names)
        self.add_guess(axes, "x")
        self.guide = figures.guide(axes)
        self.yours = self.add_yours(axes, "diamond")
        figures.legend_above(axes)

    def truth(self) -> float:
        """Return the step with the least error in float32."""
        return self.best["float32"]

    def redraw(self, f: str, x: float, kind: str, h: float) -> str:
        """Draw both errors for f at x, mark them at h and find where each is least."""
        function, slope = CURVES[f]
        rule_text, rule_of = RULES[kind]
        told, self.best = [], {}
        for k, dtype in enumerate(DTYPES):
            errors = _errors(kind, function, slope, x, STEPS.astype(dtype))
            (now,) = _errors(kind, function, slope, x, np.array([h], dtype))
            rule = rule_of(float(np.finfo(dtype).eps))
            worst = _worst_nearby(errors)
            best = int(np.argmin(worst))
            self.best[dtype] = float(STEPS[best])
            self.curves[k].set_data(STEPS, figures.on_log_axis(errors))
            self.points[k].set_data([h], [now])
            self.rules[k].set_xdata([rule, rule])
            self.names[k].set_x(rule)
            self.names[k].set_text(f"{dtype}: {rule_text}")
            here = np.array(x, dtype)
            stuck = " (h is too small to move x)" if here + np.array(h, dtype) == here else ""
            told.append(
                f"{dtype} errs by {now:.1e}{stuck}, least, by about {worst[best]:.0e}, near "
                f"h = {STEPS[best]:.0e} ({rule_text} = {rule:.0e})"
            )
        self.guide.set_xdata([h, h])
        self._draw_yours(function, slope, x, kind)
        words = f"{kind} difference of {f} at x = {x:.2f}, h = {h:.3g}. {'. '.join(told)}."
        value = float(function(np.float64(x)))
        if value > 100:
            words += (
                f" That rule takes f to be about 1; here it is {value:.0f}: more rounding, so a "
                "larger best step."
            )
        return words

    def _draw_yours(self, f: Function, df: Function, x: float, kind: str) -> None:
        """Mark the step that the student's best_step picks; it knows central differences only."""

        def best(best_step: Callable) -> tuple[float, np.ndarray]:
            step = best_step(f, df, np.float64(x), STEPS)
            return step, _errors(kind, f, df, x, np.array(step))

        if kind == "central":
            self.yours.draw("best_step", "6.3", best)
