"""Dropout: the units of one draw, and means over many."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from byhand import figures
from byhand.explorers.base import Explorer
from byhand.explorers.controls import Choice, Controls, Slider, WholeLogSlider
from byhand.explorers.grids import NumberGrid, board, two_decimals
from byhand.explorers.predictions import Answer, Number

if TYPE_CHECKING:
    from matplotlib.figure import Figure


UNITS = (4, 6)
DRAWS = 5000
TRAINING, EVALUATION = "training", "evaluation"
SCALED, UNSCALED = "divide by 1 − rate", "none"
WIDEST, HIGHEST = 3.2, 6.5  # input and mean that are drawn


class Dropout(Explorer):
    """Left, which units are on in one draw; right, mean outputs over many draws."""

    prediction = Number(
        question="In training, dropout at rate 0.3 switches units off at random, and does nothing "
        "else. What percentage of its input does a unit put out, on average over many draws?",
        label="Mean output", low=0, high=200, unit=" % of the input", close=3,
        outcome="the mean is {truth}",
        explanation="A unit is on in a share 1 − rate of the draws, so the next layer would meet "
        "more in evaluation, where every unit is on, than it has learned with. Dividing what is "
        "kept by 1 − rate brings the mean back; the price is noise, and it grows with the rate.",
    )  # fmt: skip
    title = "Dropout in 24 units"
    message = "Dividing by 1 − rate keeps the expectation"
    situation = (
        "Left, the outputs of 24 units in one draw at rate 0.3, without scaling: some are off. "
        "Right, a dashed line where the mean output equals the input."
    )
    asked: ClassVar = {"rate": 0.3, "scaling": UNSCALED}
    picture = (
        "Left, the outputs of 24 units in one draw; right, the mean output of each over all draws "
        "against its input."
    )
    size = (8.2, 4.4)

    def controls(self) -> Controls:
        """Return the controls: mode, scaling, rate, draws."""
        return {
            "mode": Choice("Mode", [TRAINING, EVALUATION]),
            "scaling": Choice("Scaling", [SCALED, UNSCALED]),
            "rate": Slider("Rate", 0, 0.95, value=0.5, step=0.05),
            "draws": WholeLogSlider("Draws", 1, DRAWS, value=100, step=0.1),
        }

    def build(self, figure: Figure) -> None:
        """Draw the units, the axes and the line of equal means."""
        rng = np.random.default_rng(7)
        count = UNITS[0] * UNITS[1]
        self.x = np.sort(rng.uniform(0.2, 3, count))
        self.uniform = rng.random((DRAWS, count))
        self.head(figure)
        left, right = figure.subplots(1, 2, width_ratios=(1.15, 1))
        board(left, UNITS[1], UNITS[0])
        self.units = NumberGrid(left)
        self.drawn = left.text(0, -0.12, "", fontsize=11, va="bottom", animated=True)
        self.rule = left.text(0, UNITS[0] + 0.12, "", fontsize=11, va="top", animated=True)
        right.set(
            xlim=(0, WIDEST), ylim=(0, HIGHEST), xlabel="input of a unit", ylabel="mean output"
        )
        right.plot([0, WIDEST], [0, WIDEST], color="0.35", linestyle="--", linewidth=1.5)
        right.set_title(
            "dashed: equal to the input\ndotted: expected in training", fontsize=11, weight="normal"
        )
        (self.expected,) = right.plot(
            [0, WIDEST], [0, 0], color=figures.VERMILION, linestyle=":", linewidth=3, animated=True
        )
        self.means = figures.moving(right, "o", color=figures.BLUE, markersize=6)
        self.cover(self.expected, self.means)
        self.tilted = self.add_guess(right)
        label = right.text(
            0.02, 0.97, "", fontsize=11, va="top", transform=right.transAxes, animated=True
        )
        self.yours = self.add_yours(right, "diamonds", label=label)

    def truth(self) -> float:
        """Return the expected share in percent."""
        return 100 * float(self.expected.get_ydata()[1]) / WIDEST

    def draw_guess(self, guess: Answer) -> None:
        """Draw the mean outputs that were guessed."""
        share = float(guess) / 100
        self.tilted.show([0, WIDEST], [0, WIDEST * share])

    def redraw(self, mode: str, scaling: str, rate: float, draws: int) -> str:
        """Draw the masks and average over them."""
        training, scaled = mode == TRAINING, scaling == SCALED
        self.control["draws"].disabled = self.locked or not training
        self.control["rate"].disabled = self.locked or (scaled and not training)
        factor = 1 / (1 - rate) if scaled else 1.0
        masks = self.uniform[:draws] >= rate
        if training:
            on, means = masks[-1], self.x * masks.mean(axis=0) * factor
            outputs = self.x * on * factor
        else:
            on, means, outputs = np.full(self.x.shape, True), self.x, self.x
        expected = (1 - rate) * factor
        put_out = f"input / (1 − {rate:.3g})" if scaled else "input, unscaled"
        self.rule.set_text(f"units on in training: {put_out}")
        written = [
            two_decimals(v) if there else "off" for v, there in zip(outputs, on, strict=True)
        ]
        self.units.show(outputs.reshape(UNITS), written, largest=6)
        self.means.set_data(self.x, np.minimum(means, HIGHEST))
        self.expected.set_ydata([0, WIDEST * expected])
        self._draw_yours(training, rate, draws)
        if training:
            self.drawn.set_text(f"draw {draws}: {on.sum()} of {on.size} units on")
            return (
                f"Training, rate {rate:.2g}, scaling: {scaling}. Draw {draws} leaves {on.sum()} of "
                f"{on.size} units on. Averaged over {_draws(draws)}, the outputs are "
                f"{means.sum() / self.x.sum():.3f} of the inputs; expected is {expected:.3g}."
            )
        self.drawn.set_text("evaluation: all units are on")
        said = f"Evaluation, scaling: {scaling}. All units are on and pass their input unchanged"
        if scaled:
            return said + ", which is what training expects on average, at any rate."
        return said + f"; in training, at rate {rate:.2g}, the next layer got {expected:.3g} of it."

    def _draw_yours(self, training: bool, rate: float, draws: int) -> None:
        rows = np.tile(self.x, (draws, 1))
        rng = np.random.default_rng(8)
        self.yours.draw(
            "dropout_forward", "5.9",
            lambda forward: (
                self.x,
                np.minimum(np.mean(forward(rows, rate, training, rng)[0], axis=0), HIGHEST)
            ),
        )  # fmt: skip


def _draws(count: int) -> str:
    return "1 draw" if count == 1 else f"{count} draws"
