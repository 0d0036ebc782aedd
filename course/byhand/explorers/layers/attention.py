"""Attention weights, how sharp they are, and the gradient that they pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from byhand import figures
from byhand.explorers.base import Explorer
from byhand.explorers.controls import Choice, Controls, LogSlider, WholeLogSlider
from byhand.explorers.grids import NumberGrid
from byhand.explorers.predictions import Choose

if TYPE_CHECKING:
    from matplotlib.figure import Figure


TOKENS = 6
WIDEST = 256  # length of queries and keys at most
DIVIDED, PLAIN = "divided by √d", "not divided"
FAINTEST = 1e-8  # gradient that is drawn


# what may become of a row: whether one weight takes nearly all, whether the gradient shrinks
ROWS = {
    "the weights become more even, and more gradient comes through": (False, False),
    "one key takes nearly all the weight, and more gradient comes through": (True, False),
    "one key takes nearly all the weight, and less gradient comes through": (True, True),
    "the weights become more even, and less gradient comes through": (False, True),
}


class Attention(Explorer):
    """Left, weights as a table; right, how many keys each query attends to, and its gradient."""

    prediction = Choose(
        question="Queries and keys have length 64, with entries of size 1. The scores here are "
        "divided by √64. What happens in a row if they are not?",
        options=tuple(ROWS),
        outcome="in fact {truth}",
        explanation="Without the division the scores spread widely. Softmax then puts nearly all "
        "weight on the largest and hardly reacts to the scores any more, so the gradient "
        "vanishes. Divided by √d, the weights stay spread out for any length.",
    )
    title = "Attention weights of six queries"
    message = "Large scores make attention sharp, and sharp rows pass little gradient"
    situation = (
        "Left, the weights of each query over six keys, from scores that are divided by √64. "
        "Right, over how many keys each query spreads, and the gradient that its scores get."
    )
    revealed: ClassVar = {"scale": PLAIN}
    picture = (
        "Left, a table of attention weights, a row for each query; right, for each query the "
        "number of keys it attends to, and the length of the gradient with respect to its scores."
    )
    size = (8.4, 4.5)

    def controls(self) -> Controls:
        """Return the controls: scale, a further factor, length of keys, mask."""
        return {
            "scale": Choice("Scores", [DIVIDED, PLAIN]),
            "factor": LogSlider("Further factor", 0.1, 10, value=1, step=0.05),
            "d": WholeLogSlider("Length d", 4, WIDEST, value=64, step=np.log10(2)),
            "mask": Choice("Causal mask", ["off", "on"]),
        }

    def build(self, figure: Figure) -> None:
        """Draw the table and both axes of bars, whose rows are the queries too."""
        rng = np.random.default_rng(3)
        self.Q, self.K = rng.standard_normal((2, TOKENS, WIDEST))
        self.grad_output = rng.standard_normal((TOKENS, TOKENS))
        self.grad_output /= np.linalg.norm(self.grad_output, axis=1, keepdims=True)
        self.head(figure)
        left, keys, slopes = figure.subplots(1, 3, width_ratios=(1.6, 1, 1), sharey=True)
        left.set(
            xlim=(0, TOKENS), ylim=(TOKENS, 0), xlabel="key", ylabel="query",
            xticks=np.arange(TOKENS) + 0.5, yticks=np.arange(TOKENS) + 0.5,
        )  # fmt: skip
        left.set_xticklabels(range(TOKENS))
        left.set_yticklabels(range(TOKENS))
        left.grid(False)
        left.set_title("weights (× masked)", fontsize=11, weight="normal")
        self.table = NumberGrid(left)
        rows = np.arange(TOKENS) + 0.5
        keys.set(xlim=(0, TOKENS), xlabel="keys attended to", xticks=range(TOKENS + 1))
        slopes.set(xscale="log", xlim=(FAINTEST, 1), xlabel="length of gradient")
        slopes.set_xticks([1e-8, 1e-4, 1])
        for axes in (keys, slopes):
            axes.grid(False, axis="y")
            axes.tick_params(left=False)
        self.bars = [
            keys.barh(rows, 1, height=0.6, color=figures.BLUE, animated=True),
            slopes.barh(
                rows, 1, height=0.6, left=FAINTEST, color=figures.ORANGE, hatch="//",
                edgecolor="0.25", animated=True,
            ),
        ]  # fmt: skip
        self.yours = [self.add_yours(axes, "diamonds") for axes in (keys, slopes)]

    def truth(self) -> str:
        """Return what becomes of most rows without the division."""
        d = self.control["d"].value
        scores, every = self.Q[:, :d] @ self.K[:, :d].T, np.full((TOKENS, TOKENS), True)
        _, divided = self._through_softmax(scores / np.sqrt(d), every)
        weights, plain = self._through_softmax(scores, every)
        found = bool(np.median(weights.max(axis=1)) > 0.9), bool(np.median(plain / divided) < 1)
        return next(option for option, row in ROWS.items() if row == found)

    def _through_softmax(
        self, scores: np.ndarray, allowed: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the weights, and for each query the length of the gradient of its scores."""
        slopes = slopes_of_softmax(scores, allowed)  # (query, score, weight)
        gradients = np.linalg.norm(slopes @ self.grad_output[:, :, None], axis=(1, 2))
        return softmax(scores, allowed), gradients

    def redraw(self, scale: str, factor: float, d: int, mask: str) -> str:
        """Compute scores, weights, and how the weights depend on the scores."""
        allowed = np.tri(TOKENS, dtype=bool) if mask == "on" else np.full((TOKENS, TOKENS), True)
        factor_all = factor / np.sqrt(d) if scale == DIVIDED else factor
        Q, K = self.Q[:, :d], self.K[:, :d]
        scores = factor_all * (Q @ K.T)
        weights, gradients = self._through_softmax(scores, allowed)
        attended = perplexity(weights)
        written = [
            f"{weight:.2f}" if there else "×"
            for weight, there in zip(weights.ravel(), allowed.ravel(), strict=True)
        ]
        self.table.show(weights, written, largest=1)
        for keys_bar, slope_bar, count, gradient in zip(
            *self.bars, attended, gradients, strict=True
        ):
            keys_bar.set_width(count)
            slope_bar.set_width(max(gradient, FAINTEST) - FAINTEST)
        self._draw_yours(factor_all, Q, K, scores, weights, allowed)
        row = TOKENS - 1  # sees all keys, with a mask too
        return (
            f"Scores {scale}, times {factor:.3g}, d = {d}, causal mask {mask}. In row {row} the "
            f"scores spread over {np.ptp(scores[row]):.3g} and the largest weight is "
            f"{weights[row].max():.3f}: it attends to {attended[row]:.2f} of {TOKENS} keys. Of a "
            f"gradient of length 1, {gradients[row]:.2g} reaches its scores."
        )

    def _draw_yours(
        self, factor: float, Q: np.ndarray, K: np.ndarray, scores: np.ndarray,
        weights: np.ndarray, allowed: np.ndarray,
    ) -> None:  # fmt: skip
        rows, unit = np.arange(TOKENS) + 0.5, np.eye(TOKENS)[None]

        def attended(forward: Callable) -> tuple[np.ndarray, np.ndarray]:
            queries = factor * np.sqrt(Q.shape[1]) * Q  # their scores are divided by the root
            return perplexity(
                np.asarray(forward(queries[None], K[None], unit, allowed)[1][0])
            ), rows

        def lengths(gradients: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            return np.maximum(np.linalg.norm(gradients, axis=1), FAINTEST), rows

        def through_scores(backward: Callable) -> tuple[np.ndarray, np.ndarray]:
            # with unit vectors as keys and values, queries are scores and weights are outputs
            root = np.sqrt(TOKENS)
            grad_Q = backward(
                self.grad_output[None], root * scores[None], unit, unit, weights[None]
            )[0]
            return lengths(root * grad_Q[0])

        self.yours[0].draw("attention_forward", "5.10", attended)
        if not self.yours[1].draw("attention_backward", "5.11", through_scores):
            self.yours[1].draw(
                "softmax_backward", "5.1",
                lambda backward: lengths(backward(self.grad_output, weights)),
            )  # fmt: skip


def softmax(scores: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Return weights that add up to 1 over the last axis; where not allowed, they are 0."""
    largest = np.max(np.where(allowed, scores.real, -np.inf), axis=-1, keepdims=True)
    powers = np.where(allowed, np.exp(np.where(allowed, scores - largest, 0)), 0)
    return powers / powers.sum(axis=-1, keepdims=True)


def slopes_of_softmax(scores: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Return the slope of each weight of a row with respect to each score, by complex steps.

    Where a row is sharp, slopes are tiny, and the difference of two weights would lose them.
    """
    nudged = scores[:, None, :] + 1e-30j * np.eye(scores.shape[1])
    return softmax(nudged, allowed[:, None, :]).imag / 1e-30


def perplexity(weights: np.ndarray) -> np.ndarray:
    """Return exp(entropy) of each row: over how many keys as even weights it would spread."""
    logs = np.log(np.where(weights > 0, weights, 1))
    return np.exp(-np.sum(weights * logs, axis=-1))
