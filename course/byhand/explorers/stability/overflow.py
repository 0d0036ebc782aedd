"""Softmax whose exp overflows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from byhand import figures
from byhand.explorers.base import Explorer
from byhand.explorers.controls import Choice, Controls, LogSlider, Slider
from byhand.explorers.predictions import Choose

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle
    from matplotlib.text import Text


def _short(value: float) -> str:
    """Return a probability in few characters; 0 only if it is exactly 0."""
    if np.isnan(value):
        return "NaN"
    if value == 0:
        return "0"
    return f"{value:.3f}" if value >= 0.0005 else f"{value:.0e}"


def _signed(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


def _probabilities(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return exp(z) over its sum, and exp(z); what goes wrong is shown, not warned of."""
    with np.errstate(all="ignore"):
        powers = np.exp(z)
        return powers / powers.sum(), powers


LOGITS = np.array([2.0, 1.0, 0.0, -1.0])
# where exp leaves the range: below the first it gives 0, above the second inf
EXP_RANGE = {
    dtype: (
        float(np.log(np.finfo(dtype).smallest_subnormal)) - np.log(2),
        float(np.log(np.finfo(dtype).max)),
    )
    for dtype in ("float32", "float64")
}
FURTHEST = 10_000  # how far the number line reaches both ways


FATES: dict[str, Callable[[np.ndarray, np.ndarray], bool]] = {
    "the same probabilities as before": lambda p, before: np.allclose(p, before),
    "NaN for all four": lambda p, before: bool(np.isnan(p).all()),
    "NaN for the largest logit only": lambda p, before: np.isnan(p).tolist() == [1, 0, 0, 0],
    "1 for the largest logit, 0 for the others": lambda p, before: p.tolist() == [1, 0, 0, 0],
    "0 for all four": lambda p, before: not p.any(),
}


class Overflow(Explorer):
    """Logits on a number line; below, softmax as it is written beside softmax after a shift."""

    prediction = Choose(
        question="100 is added to each of the four logits. What does exp(z) / Σ exp(z) return in "
        "float32?",
        options=tuple(FATES),
        outcome="in fact it returns {truth}",
        explanation="Softmax depends on the differences of the logits only, so nothing should "
        "change. But float32 ends near e⁸⁸: every exp is inf, and inf / inf is NaN. With the "
        "largest logit subtracted first, no exponent is above 0. Far to the left all exp underflow "
        "to 0 instead; float64 breaks in the same way, further out.",
    )
    title = "Four logits and their probabilities"
    message = "Subtract the largest logit, and exp cannot overflow"
    situation = "Four logits near 0 on a number line; below, their probabilities as bars."
    revealed: ClassVar = {"shift": 100}
    picture = (
        "Above, four logits on a number line that shows where exp is 0, a number or inf, before "
        "and after their largest is subtracted; below, bars of softmax without and with that shift."
    )
    size = (7.4, 5.2)

    def controls(self) -> Controls:
        """Return the controls: what is added to the logits, their factor, the precision."""
        return {
            "shift": Slider("Added to all logits", -800, 800, value=0, step=10),
            "scale": LogSlider("Logits times", 1, 150, value=1, step=0.05),
            "dtype": Choice("Precision", ["float32", "float64"]),
        }

    def build(self, figure: Figure) -> None:
        """Draw the number line and two empty bar charts."""
        parts = figure.subplot_mosaic(
            [["line", "line"], ["unstable", "stable"]], height_ratios=(4, 5)
        )
        line = parts["line"]
        line.set(
            xlim=(-FURTHEST, FURTHEST), ylim=(-0.5, 2.2), xlabel="exponent", yticks=(0, 1),
        )  # fmt: skip
        line.set_yticklabels(["z − max z", "z"])
        line.grid(False)
        line.set_xscale("symlog", linthresh=10, linscale=3)  # four near logits stay apart
        ticks = (-1000, -10, 0, 10, 1000)
        line.set_xticks(ticks, [_signed(tick) for tick in ticks], minor=False)
        line.set_xticks([], minor=True)
        self.head(line)
        self.out = [
            line.axvspan(end, end + 1, facecolor="0.93", edgecolor="0.6", hatch=hatch, linewidth=0)
            for end, hatch in ((-FURTHEST, "\\\\"), (FURTHEST, "//"))
        ]
        self.names = [
            figures.label(line, x, 1.62, "", "0.15", ha=side, va="center", fontsize=11)
            for x, side in ((-FURTHEST, "left"), (FURTHEST, "right"))
        ]
        self.points = [
            figures.moving(line, marker, color=color, markeredgecolor="white", markersize=8)
            for marker, color in (("o", figures.VERMILION), ("s", figures.BLUE))
        ]
        self.bars: dict[str, list[Rectangle]] = {}
        self.values: dict[str, list[Text]] = {}
        self.ticks: dict[str, list[Text]] = {}
        for name, title, color, hatch in (
            ("unstable", "exp(z) / Σ exp(z)", figures.VERMILION, "//"),
            ("stable", "exp(z − max z) / Σ exp(z − max z)", figures.BLUE, "\\\\"),
        ):
            axes = parts[name]
            self._bar_chart(axes, name, color, hatch)
            axes.set_title(title, fontsize=12, fontweight="normal")
        parts["unstable"].set_ylabel("probability")
        parts["stable"].set_yticklabels([])
        label = figures.label(
            parts["stable"], 3.5, 1.08, "", "black", ha="right", va="top", fontsize=11,
            animated=True,
        )  # fmt: skip
        self.yours = self.add_yours(
            parts["stable"], "diamonds", label=label, markeredgecolor=figures.BLACK
        )
        self.drawn = ""  # the precision whose range is in the background
        self.cover(self.out, self.names, self.points[1], self.bars["stable"], self.values["stable"])

    def truth(self) -> str:
        """Return what the first formula gives after 100 was added."""
        before, after = (
            _probabilities((LOGITS + shift).astype("float32"))[0] for shift in (0, 100)
        )
        return next(fate for fate, holds in FATES.items() if holds(after, before))

    def _bar_chart(self, axes: Axes, name: str, color: str, hatch: str) -> None:
        axes.set(xlim=(-0.6, 3.6), ylim=(0, 1.25), xticks=range(4), yticks=(0, 0.5, 1))
        axes.set_xticklabels([" "] * 4)
        axes.set_xlabel("logit z")
        axes.grid(False)
        self.bars[name] = [
            axes.bar([k], [0.5], width=0.7, facecolor="white", edgecolor=color, linewidth=2,
                     hatch=hatch, animated=True)[0]
            for k in range(4)
        ]  # fmt: skip
        self.values[name] = [
            figures.label(axes, k, 0.5, "", "black", ha="center", va="bottom", animated=True)
            for k in range(4)
        ]
        self.ticks[name] = figures.tick_texts(axes, range(4))

    def redraw(self, shift: float, scale: float, dtype: str) -> str:
        """Place the logits and set the bars to what each formula gives."""
        self._draw_range(dtype)
        z = (scale * LOGITS + shift).astype(dtype)
        lowered = z - z.max()
        unstable, powers = _probabilities(z)
        stable, _ = _probabilities(lowered)
        for points, exponents, row in zip(self.points, (z, lowered), (1, 0), strict=True):
            points.set_data(exponents, np.full(4, row))
        self._draw_bars("unstable", z, unstable)
        self._draw_bars("stable", z, stable)
        self._draw_yours(z)
        listed = ", ".join(_signed(value) for value in z)
        return (
            f"{dtype}, logits {listed}: {self._verdict(powers, unstable, stable)}. With "
            f"{_signed(z.max())} subtracted, the largest exponent is 0, and softmax gives "
            f"{', '.join(_short(value) for value in stable)}."
        )

    def _draw_range(self, dtype: str) -> None:
        if dtype == self.drawn:
            return
        low, high = EXP_RANGE[dtype]
        ends = (-FURTHEST, low), (high, FURTHEST)
        for span, (left, right) in zip(self.out, ends, strict=True):
            span.set_x(left)
            span.set_width(right - left)
        self.names[0].set_text(f"below −{-low:.0f}:\nexp gives 0")
        self.names[1].set_text(f"above {high:.0f}:\nexp gives inf")
        self.drawn = dtype

    def _draw_bars(self, name: str, z: np.ndarray, probabilities: np.ndarray) -> None:
        for k, value in enumerate(probabilities):
            height = 0 if np.isnan(value) else value
            self.bars[name][k].set_height(height)
            self.bars[name][k].set_visible(not np.isnan(value))
            self.values[name][k].set_text(_short(value))
            self.values[name][k].set_y(height + 0.03)
            self.values[name][k].set_fontweight("bold" if np.isnan(value) else "normal")
            self.ticks[name][k].set_text(_signed(z[k]))

    def _draw_yours(self, z: np.ndarray) -> None:
        if self.yours.draw("softmax_stable", "6.4", lambda softmax: (range(4), softmax(z))):
            for value in self.values["stable"]:  # above the diamonds
                value.set_y(value.get_position()[1] + 0.05)

    def _verdict(self, powers: np.ndarray, unstable: np.ndarray, stable: np.ndarray) -> str:
        overflowed = int(np.isinf(powers).sum())
        if overflowed:
            return f"exp overflows to inf for {overflowed} of 4, and inf/inf is NaN"
        if not powers.any():
            return "exp underflows to 0 for all 4, and 0/0 is NaN"
        if not unstable.any():
            return "each exp is a number but their sum is inf, so all probabilities are 0"
        gap = float(np.abs(unstable - stable).max())
        if gap > 10 * np.finfo(powers.dtype).eps:
            return f"the first formula has lost digits, it is off by up to {gap:.1g}"
        return "both formulas agree"
