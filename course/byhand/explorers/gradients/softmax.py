"""Softmax at a temperature."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from byhand import figures
from byhand.explorers.base import Explorer
from byhand.explorers.controls import Controls, LogSlider, Slider
from byhand.explorers.predictions import Choose

if TYPE_CHECKING:
    from matplotlib.figure import Figure


CLASSES = ("cat", "dog", "fox", "owl")
SCORES = np.array([2.0, 1.2, 0.0, -1.0])
STYLES = (
    (figures.BLUE, "-", "//"),
    (figures.VERMILION, "--", "\\\\"),
    (figures.GREEN, "-.", ".."),
    (figures.PURPLE, ":", "xx"),
)
TEMPERATURES = np.geomspace(0.1, 20, 80)


def _probabilities(scores: np.ndarray, temperature: np.ndarray) -> np.ndarray:
    """Return exp(score / T) over its sum, one row for each temperature."""
    powers = np.exp((scores - scores[1]) / np.reshape(temperature, (-1, 1)))
    return powers / powers.sum(axis=1, keepdims=True)


FATES: dict[str, Callable[[np.ndarray], bool]] = {
    "all four go to the same value": lambda p: bool(np.ptp(p) < 0.01),
    "the largest goes to 1, the others to 0": lambda p: bool(p.max() > 0.99),
    "all four go to 0": lambda p: bool(p.max() < 0.01),
    "they stay as they are": lambda p: bool(np.allclose(p, _probabilities(SCORES, np.ones(1)))),
}


class Temperature(Explorer):
    """Bars of probabilities for four scores, and each probability against temperature."""

    prediction = Choose(
        question="All scores are divided by a temperature T before softmax; here T = 1. What "
        "becomes of the four probabilities as T grows without bound?",
        options=tuple(FATES),
        outcome="in the end {truth}",
        explanation="Divided by a large T all scores are nearly 0, so nearly equal. As T goes to 0 "
        "their differences grow instead, and the largest score takes everything. In between, a "
        "class that is neither first nor last may gain and then lose. Adding the same number to "
        "every score changes nothing.",
    )
    title = "Softmax of four scores at temperature 1"
    message = "Low temperature decides, high temperature hesitates"
    situation = "Bars of probability for four scores at T = 1: the larger the score, the taller."
    picture = "Four bars of probabilities; beside them each probability against temperature."
    size = (7.6, 4.1)

    def controls(self) -> Controls:
        """Return the controls: the temperature, one score, and what is added to all."""
        return {
            "temperature": LogSlider("Temperature T", 0.1, 20, value=1, step=0.05),
            "cat": Slider("Score of cat", -3, 4, value=2, step=0.1),
            "shift": Slider("Added to all scores", -5, 5, value=0, step=0.5),
        }

    def build(self, figure: Figure) -> None:
        """Draw both axes, the bars and the curves."""
        left, right = figure.subplots(1, 2, width_ratios=(1, 1), sharey=True)
        left.set(
            xlim=(-0.6, 3.6), ylim=(0, 1.15), xticks=range(4), xlabel="class and its score",
            ylabel="probability",
        )  # fmt: skip
        left.set_xticklabels([f"{name}\n" for name in CLASSES])
        left.grid(False)
        self.head(figure)
        right.set(xscale="log", xlim=(0.09, 22), xlabel="temperature T")
        right.set_xticks([0.1, 1, 10], ["0.1", "1", "10"])
        self.bars = [
            left.bar([k], [0.5], width=0.7, facecolor="white", edgecolor=color, linewidth=2,
                     hatch=hatch, animated=True)[0]
            for k, (color, _, hatch) in enumerate(STYLES)
        ]  # fmt: skip
        self.values = [
            figures.label(left, k, 0.5, "", "black", ha="center", va="bottom", animated=True)
            for k in range(4)
        ]
        self.scores = figures.tick_texts(left, range(4), y=-0.12)
        self.curves = [
            figures.moving(right, color=color, linestyle=line) for color, line, _ in STYLES
        ]
        self.guide = figures.guide(right)
        self.marks = [
            figures.moving(right, "o", color=color, markeredgecolor="white")
            for color, _, _ in STYLES
        ]
        self.cover(self.curves, self.guide, self.marks)
        self.yours = self.add_yours(left, "diamonds", markeredgecolor=figures.BLACK, clip_on=False)
        handles = [
            right.plot([], [], color=color, linestyle=line, label=name)[0]
            for name, (color, line, _) in zip(CLASSES, STYLES, strict=True)
        ]
        figures.legend_above(
            right, handles=handles, bbox_to_anchor=(-0.02, 1), columnspacing=1, handlelength=1.6,
            handletextpad=0.4,
        )  # fmt: skip

    def truth(self) -> str:
        """Return what becomes of the probabilities at a very large temperature."""
        (end,) = _probabilities(SCORES, np.array([1e6]))
        return next(fate for fate, holds in FATES.items() if holds(end))

    def redraw(self, temperature: float, cat: float, shift: float) -> str:
        """Set the bars to the probabilities and draw the curves."""
        scores = np.array([cat, *SCORES[1:]]) + shift
        (now,) = _probabilities(scores, np.array([temperature]))
        curves = _probabilities(scores, TEMPERATURES).T
        for k in range(4):
            self.bars[k].set_height(now[k])
            self.values[k].set_text(f"{now[k]:.3f}")
            self.values[k].set_y(now[k] + 0.045)
            self.scores[k].set_text(f"{scores[k]:.1f}")
            self.curves[k].set_data(TEMPERATURES, curves[k])
            self.marks[k].set_data([temperature], [now[k]])
        self.guide.set_xdata([temperature, temperature])
        self.yours.draw("softmax", "2.7", lambda softmax: (range(4), softmax(scores / temperature)))
        parts = [f"{name} {value:.3f}" for name, value in zip(CLASSES, now, strict=True)]
        listed = ", ".join(f"{score:.1f}" for score in scores)
        return f"T = {temperature:.3g}, scores {listed}: {', '.join(parts)}."
