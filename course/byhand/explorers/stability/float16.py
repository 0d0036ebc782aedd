"""Gradients among the numbers of float16."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from byhand import figures
from byhand.explorers.base import Explorer
from byhand.explorers.controls import Controls, LogSlider, WholeSlider
from byhand.explorers.predictions import Choose

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


# a gradient rounds to 0 up to the first, has fewer digits up to the second, is inf from the third
TO_ZERO, NORMAL, TO_INF = 2.0**-25, 2.0**-14, 65520.0
LEFT, RIGHT = 1e-13, 1e12  # the ends of the number line
AROUND = np.geomspace(1e-3, 1e3, 19)  # all gradients, as multiples of the middle one, g
FATES = (("x", "becomes 0"), ("o", "stays a number"), ("^", "becomes inf"))
COLORS = (figures.VERMILION, figures.BLUE)  # of the row without and the row with a loss scale


def _neighbours(kept: np.float16) -> tuple[np.float16, np.float16, float]:
    """Return the next smaller and the next larger float16, and the step to the larger one.

    From the largest number, whose larger neighbour is inf, it is the step to the smaller one.
    """
    down, up = (np.nextafter(kept, np.float16(end)) for end in (-np.inf, np.inf))
    end = up if np.isfinite(up) else down
    return down, up, abs(float(end) - float(kept))


def _loss(exact: float, kept: np.float16) -> str:
    """Return in words what rounding has cost."""
    if np.isinf(kept):
        return "it overflows"
    return f"off by {100 * abs(float(kept) - exact) / exact:.3g}%"


# what may be kept of a small gradient, by the result
KEPT: dict[str, Callable[[float, np.float16], bool]] = {
    "2e-8 to three digits": lambda g, kept: bool(abs(float(kept) / g - 1) < 0.001),
    "its smallest positive number": lambda g, kept: kept == np.finfo(np.float16).smallest_subnormal,
    "zero": lambda g, kept: bool(kept == 0),
    "NaN": lambda g, kept: bool(np.isnan(kept)),
}


class Float16(Explorer):
    """Gradients on the number line of float16, as they are and times a loss scale."""

    prediction = Choose(
        question="A gradient of 2e-8 is stored as a float16, whose smallest positive number is "
        "about 6e-8. What is kept?",
        options=tuple(KEPT),
        outcome="it keeps {truth}",
        explanation="What is nearer to 0 than to the smallest number rounds to 0, and the weight "
        "stops learning. Multiply the gradient by 1024 first and it is a number that keeps its "
        "digits; divide by 1024 afterwards, in float64. On the number line a loss scale slides all "
        "gradients by the same distance: too far, and the largest becomes inf.",
    )
    title = "A gradient on its way into float16"
    message = "A loss scale lifts gradients to where float16 has digits"
    situation = "A gradient g of 2e-8 on a number line from 1e-13 to 1e12, before it is stored."
    picture = (
        "Above, 19 gradients on the number line of float16, without and with a loss scale; "
        "below, the middle one, g, among the float16 numbers next to it."
    )
    size = (7.4, 5.4)

    def controls(self) -> Controls:
        """Return the controls: the gradient and the loss scale."""
        return {
            "gradient": LogSlider("Gradient g", 1e-9, 10, value=2e-8, step=0.05),
            "power": WholeSlider("Loss scale 2ᵏ: k", 0, 24, value=0, step=1),
        }

    def build(self, figure: Figure) -> None:
        """Draw the ranges of float16; the gradients are placed by `redraw`."""
        above, below = figure.subplots(2, height_ratios=(5, 4))
        self._number_line(above)
        self._neighbourhood(below)

    def _number_line(self, axes: Axes) -> None:
        axes.set(
            xscale="log", xlim=(LEFT, RIGHT), ylim=(-0.5, 2), yticks=(0, 1),
        )  # fmt: skip
        axes.set_xlabel("size of a gradient", loc="left")  # the label of yours is on the right
        axes.set_yticklabels(["2ᵏ · gradients", "gradients"])
        axes.grid(False)
        self.head(axes, pad=30)
        for left, right, face, hatch, text in (
            (LEFT, TO_ZERO, "0.93", "\\\\", "becomes 0"),
            (TO_ZERO, NORMAL, "0.96", "", "subnormal:\nfewer digits"),
            (NORMAL, TO_INF, "1", "", "normal:\n3 digits"),
            (TO_INF, RIGHT, "0.93", "//", "becomes inf"),
        ):
            self.cover(
                axes.axvspan(
                    left, right, facecolor=face, edgecolor="0.7", hatch=hatch, linewidth=0
                ),
                figures.label(
                    axes,
                    np.sqrt(left * right),
                    1.66,
                    text,
                    "0.15",
                    ha="center",
                    va="center",
                    fontsize=11,
                ),
            )
        hollow: dict[str, Any] = {"markerfacecolor": "none", "linestyle": ""}
        self.clouds = [
            [
                figures.moving(axes, marker, color=color, markersize=6, **hollow)
                for marker, _ in FATES
            ]
            for color in COLORS
        ]
        middle: dict[str, Any] = {
            "marker": "D",
            "markersize": 9,
            "markeredgecolor": "black",
            "linestyle": "",
        }
        self.middle = [figures.moving(axes, color=color, **middle) for color in COLORS]
        handles = [
            axes.plot([], [], marker, color="0.3", label=name, **hollow)[0]
            for marker, name in FATES
        ]
        handles += axes.plot([], [], color="0.7", label="g", **middle)
        self.cover(self.middle[1], *self.clouds)
        figures.legend_above(
            axes, handles=handles, bbox_to_anchor=(-0.02, 1), columnspacing=1.2, handletextpad=0.1
        )

    def _neighbourhood(self, axes: Axes) -> None:
        """Make the two rows of neighbouring numbers, in steps from the one that is kept."""
        axes.set(xlim=(-1.7, 2.9), ylim=(-0.45, 1.85), yticks=(0, 1), xticks=())
        axes.set_yticklabels(["2ᵏ · g", "g"])
        axes.set_xlabel("float16 numbers (│), the exact value (▼), what is kept (■)")
        axes.grid(False)
        self.lines = [figures.moving(axes, color="0.3", linewidth=1.5) for _ in COLORS]
        self.exact, self.kept = (
            [
                figures.moving(axes, marker, color=color, markeredgecolor="black", markersize=9)
                for color in COLORS
            ]
            for marker in ("v", "s")
        )  # fmt: skip
        self.numbers = [
            [
                axes.text(0, row + 0.27, "", ha="center", va="bottom", fontsize=11, animated=True)
                for _ in range(3)
            ]
            for row in (1, 0)
        ]
        self.said = [
            axes.text(1.75, row, "", va="center", fontsize=11, animated=True) for row in (1, 0)
        ]
        self.cover(self.lines, self.exact, self.kept, *self.numbers, self.said)
        self.yours = self.add_yours(axes, "diamond", note=", times 2ᵏ")

    def truth(self) -> str:
        """Return what float16 keeps of the gradient."""
        gradient = self.control["gradient"].value
        kept = np.float16(gradient)
        return next(option for option, holds in KEPT.items() if holds(gradient, kept))

    def redraw(self, gradient: float, power: int) -> str:
        """Round the gradients to float16 with and without the loss scale."""
        scale = 2.0**power
        exact = np.array([gradient, scale * gradient])
        clouds = exact[:, None] * AROUND
        with np.errstate(over="ignore", under="ignore"):
            kept, rounded = exact.astype(np.float16), clouds.astype(np.float16)
        zero, inf = rounded == 0, np.isinf(rounded)
        for row, height in enumerate((1, 0)):
            fates = (zero[row], ~zero[row] & ~inf[row], inf[row])
            for artist, chosen in zip(self.clouds[row], fates, strict=True):
                artist.set_data(clouds[row, chosen], np.full(chosen.sum(), height))
            self.middle[row].set_data([exact[row]], [height])
            self._draw_neighbours(row, exact[row], kept[row])
        self._draw_yours(gradient, scale, kept[1])
        scaled = _loss(exact[1], kept[1])
        if np.isfinite(kept[1]):
            scaled = f"it keeps {float(kept[1]) / scale:.3g} of g ({scaled})"
        return (
            f"g = {gradient:.3g}: float16 keeps {kept[0]:.3g} ({_loss(exact[0], kept[0])}), the "
            f"next number is {_neighbours(kept[0])[2]:.2g} away. With loss scale {scale:,.0f} "
            f"{scaled}. Of 19 gradients {zero[0].sum()} "
            f"become 0 as they are; scaled, {zero[1].sum()} become 0 and {inf[1].sum()} inf."
        )

    def _draw_neighbours(self, row: int, exact: float, kept: np.float16) -> None:
        height, finite = 1 - row, bool(np.isfinite(kept))
        for artist in (self.lines[row], self.exact[row], self.kept[row], *self.numbers[row]):
            artist.set_visible(finite)
        self.said[row].set_text(_loss(exact, kept))
        if not finite:
            return
        down, up, step = _neighbours(kept)
        xs, ys = [-1.6, 1.6, np.nan], [height, height, np.nan]
        for value, text in zip((down, kept, up), self.numbers[row], strict=True):
            text.set_visible(bool(np.isfinite(value)))
            if text.get_visible():
                place = (float(value) - float(kept)) / step
                xs += [place, place, np.nan]
                ys += [height - 0.2, height + 0.2, np.nan]
                text.set_x(place)
                text.set_text(f"{float(value):.4g}".replace("-", "−"))
        self.lines[row].set_data(xs, ys)
        self.kept[row].set_data([0], [height])
        self.exact[row].set_data([(exact - float(kept)) / step], [height + 0.13])
        self.said[row].set_text(f"step {step:.2g}\n{_loss(exact, kept)}")

    def _draw_yours(self, gradient: float, scale: float, kept: np.float16) -> None:
        """Mark what the student's function gives for g, times the scale again."""
        step = _neighbours(kept)[2]
        if np.isfinite(kept):
            self.yours.draw(
                "float16_gradient", "6.15",
                lambda rounded: (
                    (np.multiply(rounded(np.array([gradient]), scale), scale) - float(kept)) / step,
                    [0],
                ),
            )  # fmt: skip
