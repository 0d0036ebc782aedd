"""Explorers of chapter 6: exp that overflows, gradients through depth.

The chapter's other explorers stand in `float16` and `rounding`; all can be imported from here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from byhand import figures
from byhand.explorers.base import Explorer
from byhand.explorers.controls import Choice, LogSlider, Slider
from byhand.explorers.float16 import float16_explorer
from byhand.explorers.rounding import bench_explorer, precision_explorer

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "bench_explorer",
    "depth_explorer",
    "float16_explorer",
    "overflow_explorer",
    "precision_explorer",
]


def _short(value: float) -> str:
    """Return a probability in few characters; 0 is written so only if it is exactly 0."""
    if np.isnan(value):
        return "NaN"
    if value == 0:
        return "0"
    return f"{value:.3f}" if value >= 0.0005 else f"{value:.0e}"


def _signed(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


# --- softmax that overflows -----------------------------------------------------------------------

LOGITS = np.array([2.0, 1.0, 0.0, -1.0])
# where exp leaves the range: below the first it gives 0, above the second inf
EXP_RANGE = {
    dtype: (
        float(np.log(np.finfo(dtype).smallest_subnormal)) - np.log(2),
        float(np.log(np.finfo(dtype).max)),
    )
    for dtype in ("float32", "float64")
}
FURTHEST = 1200  # how far the number line reaches both ways


class Overflow(Explorer):
    """Logits on a number line; below, softmax as it is written beside softmax after a shift."""

    question = (
        "Add 100 to every logit. What should happen to the probabilities, and what will "
        "exp(z) / Σ exp(z) return in float32?"
    )
    picture = (
        "Above, four logits on a number line that shows where exp is 0, a number or inf, before "
        "and after their largest is subtracted; below, bars of softmax without and with that shift."
    )
    size = (7.4, 5.2)

    def controls(self) -> dict[str, Slider | Choice]:
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
        line.set_title("Subtract the largest logit, and exp cannot overflow")
        self.out = [
            line.axvspan(end, end + 1, facecolor="0.93", edgecolor="0.6", hatch=hatch, linewidth=0)
            for end, hatch in ((-FURTHEST, "\\\\"), (FURTHEST, "//"))
        ]
        self.names = [
            figures.label(line, 0, 1.62, text, "0.15", ha="center", va="center", fontsize=11)
            for text in ("exp gives 0", "exp gives inf")
        ]
        self.points = [
            line.plot(
                [], [], marker, color=color, markeredgecolor="white", markersize=10, animated=True
            )[0]
            for marker, color in (("o", figures.VERMILION), ("s", figures.BLUE))
        ]
        self.bars, self.values, self.ticks = {}, {}, {}
        for name, title, color, hatch in (
            ("unstable", "exp(z) / Σ exp(z)", figures.VERMILION, "//"),
            ("stable", "exp(z − max z) / Σ exp(z − max z)", figures.BLUE, "\\\\"),
        ):
            axes = parts[name]
            self._bar_chart(axes, name, color, hatch)
            axes.set_title(title, fontsize=12, fontweight="normal")
        parts["unstable"].set_ylabel("probability")
        parts["stable"].set_yticklabels([])
        (self.yours,) = parts["stable"].plot(
            [], [], "D", markerfacecolor="none", markeredgecolor=figures.BLACK, markersize=11,
            markeredgewidth=2, zorder=6, animated=True,
        )  # fmt: skip
        self.yours_name = figures.label(
            parts["stable"], 3.5, 1.08, "", "black", ha="right", va="top", fontsize=11,
            animated=True,
        )  # fmt: skip
        self.drawn = ""  # the precision whose range stands in the background

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
        self.ticks[name] = [
            axes.text(
                k, -0.05, "", ha="center", va="top", fontsize=11,
                transform=axes.get_xaxis_transform(), animated=True,
            )
            for k in range(4)
        ]  # fmt: skip

    def redraw(self, shift: float, scale: float, dtype: str) -> str:
        """Place the logits and set the bars to what each formula gives."""
        self._draw_range(dtype)
        z = (scale * LOGITS + shift).astype(dtype)
        lowered = z - z.max()
        with np.errstate(all="ignore"):  # what goes wrong is shown, not warned of
            powers = np.exp(z)
            unstable = powers / powers.sum()
            stable = np.exp(lowered) / np.exp(lowered).sum()
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
        for span, name, (left, right) in zip(self.out, self.names, ends, strict=True):
            span.set_x(left)
            span.set_width(right - left)
            name.set_x((left + right) / 2)
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
        yours = self.student_values("softmax_stable", "6.4", z)
        for artist in (self.yours, self.yours_name):
            artist.set_visible(yours is not None)
        if yours is not None:
            self.yours.set_data(range(4), yours)
            self.yours_name.set_text("diamonds: yours (6.4)")
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


# --- gradients through depth ----------------------------------------------------------------------

Elementwise = Callable[[np.ndarray], np.ndarray]
# name: the function, its slope, the variance of a weight times n that keeps a gradient's size
ACTIVATIONS: dict[str, tuple[Elementwise, Elementwise, str, float]] = {
    "ReLU": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float), "He", 2),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2, "Xavier", 1),
    "none": (lambda z: z, np.ones_like, "Xavier", 1),
}
DEEPEST, ROWS = 60, 16  # layers at most, rows of the batch
HALF = (6e-8, 65504)  # the smallest and the largest positive number of float16


class Depth(Explorer):
    """The length of the gradient by each layer's input, for three sizes of first weights."""

    question = (
        "50 ReLU layers, weights 1.4 times too small, which is what Xavier's rule gives: by which "
        "power of ten does the gradient shrink on its way back? And with weights too large?"
    )
    picture = (
        "The length of the gradient in front of each layer, on a log axis, for weights that are "
        "too small, right and too large."
    )
    size = (7.4, 4.6)

    def controls(self) -> dict[str, Slider | Choice]:
        """Return the controls: activation, depth, width, how far off the sizes are."""
        return {
            "activation": Choice("Activation", list(ACTIVATIONS)),
            "depth": Slider("Layers", 5, DEEPEST, value=50, step=1),
            "width": Slider("Units in a layer n", 8, 80, value=64, step=4),
            "factor": Slider("Too small or large by", 1.1, 2.2, value=1.4, step=0.1),
        }

    def build(self, figure: Figure) -> None:
        """Draw the axes, and the range of float16 for comparison."""
        axes = figure.add_subplot(
            yscale="log", ylim=(1e-21, 1e21), xlim=(0.5, DEEPEST + 0.5),
            xticks=(1, 10, 20, 30, 40, 50, 60),
            xlabel="layer (the first one is on the left)", ylabel="length of the gradient",
        )  # fmt: skip
        axes.set_title("The size of the first weights decides what reaches layer 1", pad=30)
        for end, name, side in zip(
            HALF, ("smallest float16", "largest float16"), ("top", "bottom"),
            strict=True,
        ):  # fmt: skip
            axes.axhline(end, color="0.35", linestyle=":", linewidth=1.2)
            figures.label(
                axes, DEEPEST, end, name, "0.3", ha="right", va=side, fontsize=10, zorder=1.5
            )
        self.curves = [
            axes.plot(
                [], [], color=color, linestyle=line, marker=marker, markersize=5,
                label=name, animated=True,
            )[0]
            for name, color, line, marker in (
                ("too large", figures.VERMILION, "--", "^"),
                ("He / Xavier", figures.BLUE, "-", "o"),
                ("too small", figures.GREEN, "-.", "v"),
            )
        ]  # fmt: skip
        (self.yours,) = axes.plot(
            [], [], color=figures.PURPLE, linestyle=":", linewidth=4, animated=True
        )  # fmt: skip
        self.yours_name = figures.corner_label(axes, animated=True)
        self.dead = figures.label(
            axes, 1, 1, "no line: in one layer no unit passes anything on", "0.15", va="center",
            animated=True,
        )  # fmt: skip
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.2)
        self.normals = np.empty((0, 0, 0))  # drawn once for each width

    def redraw(self, activation: str, depth: float, width: float, factor: float) -> str:
        """Send one gradient back through three networks that differ in scale only."""
        depth, width = int(depth), int(width)
        function, slope, name, variance = ACTIVATIONS[activation]
        if self.normals.shape[1] != width:
            rng = np.random.default_rng(6)
            self.normals = rng.standard_normal((DEEPEST, width, width))
        right = np.sqrt(variance / width)
        scales = right * np.array([factor, 1, 1 / factor])
        lengths = self._lengths(scales[:, None, None, None] * self.normals[:depth], function, slope)
        numbers = np.arange(1, depth + 1)
        for curve, of_one in zip(self.curves, lengths, strict=True):
            # a gradient of exactly 0 has no place on a log axis
            curve.set_data(numbers, np.where(of_one > 0, of_one, np.nan))
        self.dead.set_visible(not lengths.all())
        self._draw_yours(activation, depth, width)
        words = f"{depth} layers of {width} units, activation {activation}."
        if not lengths[1, 0]:
            return f"{words} In one layer no unit passes anything on: the gradient has died."
        large, kept, small = (
            f"{of_one[0]:.2g} (× {of_one[0] ** (1 / depth):.2f} a layer)" for of_one in lengths
        )
        known = " (Xavier's rule)" if name == "He" and abs(factor - 2**0.5) < 0.05 else ""
        return (
            f"{words} In front of layer 1 the gradient has length {kept} with {name}'s variance "
            f"{variance}/n, {small} with weights {factor:.2g} times smaller{known}, {large} with "
            f"weights {factor:.2g} times larger."
        )

    def _batch(self, width: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the input's rows, and a gradient of length 1 behind the last layer."""
        rng = np.random.default_rng(7)
        x, g = rng.standard_normal((2, ROWS, width))
        return x, g / np.linalg.norm(g)

    def _lengths(
        self, weights: np.ndarray, function: Elementwise, slope: Elementwise
    ) -> np.ndarray:
        """Return the lengths in front of each layer, a row for each stack of weights."""
        x, g = self._batch(weights.shape[-1])
        turned = weights.swapaxes(-1, -2)
        zs = []
        for layer in range(weights.shape[1]):
            zs.append(x @ turned[:, layer])
            x = function(zs[-1])
        lengths = []
        for layer in reversed(range(weights.shape[1])):
            g = (g * slope(zs[layer])) @ weights[:, layer]
            lengths.insert(0, np.linalg.norm(g, axis=(-1, -2)))
        return np.array(lengths).T

    def _draw_yours(self, activation: str, depth: int, width: int) -> None:
        """Draw the gradient through weights that the student's function has drawn."""
        function, slope, name, _ = ACTIVATIONS[activation]
        called = {"He": "he_init", "Xavier": "xavier_init"}[name]

        def drawn_by(init: Callable[..., np.ndarray]) -> np.ndarray:
            rng = np.random.default_rng(8)
            weights = [init(width, width, rng) for _ in range(depth)]
            return np.reshape(weights, (depth, width, width))

        lengths, weights = None, self.student_result(called, "6.9", drawn_by)
        if weights is not None and activation == "ReLU":  # what gradient_norms is written for
            lengths = self.student_result(
                "gradient_norms",
                "6.9",
                lambda norms: np.reshape(norms(list(weights), *self._batch(width))[:depth], depth),
            )
        elif weights is not None:
            (lengths,) = self._lengths(weights[None], function, slope)
        for artist in (self.yours, self.yours_name):
            artist.set_visible(lengths is not None)
        if lengths is not None:
            self.yours.set_data(range(1, depth + 1), np.where(lengths > 0, lengths, np.nan))
            self.yours_name.set_text(f"dotted: {called} (6.9)")


overflow_explorer = Overflow.open
depth_explorer = Depth.open
