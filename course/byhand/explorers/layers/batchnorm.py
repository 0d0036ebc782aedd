"""Batch norm: values, statistics of batches, gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from byhand import differences, figures
from byhand.explorers.base import Explorer
from byhand.explorers.controls import Controls, Slider, WholeLogSlider, WholeSlider
from byhand.explorers.grids import two_decimals
from byhand.explorers.predictions import Choose

if TYPE_CHECKING:
    from matplotlib.figure import Figure


MEAN, SPREAD = 4.0, 2.0  # of the values that batches are drawn from
MOST = 64  # examples in a batch
BATCHES = 40
TALLEST, STEEPEST = 14, 3  # variance and gradient that are drawn


class Normalization:
    """Batch norm of one feature, which answers many batches in one request."""

    def __init__(self, gamma: float, beta: float) -> None:
        self.gamma, self.beta = gamma, beta

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return the batch, normalized along its last axis."""
        mean, variance = x.mean(axis=-1, keepdims=True), x.var(axis=-1, keepdims=True)
        return self.gamma * (x - mean) / np.sqrt(variance + 1e-5) + self.beta

    def evaluate_many(self, arguments: Sequence[tuple]) -> list[np.ndarray]:
        """Return the results for many batches."""
        return list(self(np.stack([x for (x,) in arguments])))


# what two values may become; None: not the same for each batch
PAIRS: dict[str, tuple[float, float] | None] = {
    "−1 and 1": (-1, 1), "0 and 1": (0, 1), "−0.5 and 0.5": (-0.5, 0.5),
    "that depends on how far apart they are": None,
}  # fmt: skip


class BatchNorm(Explorer):
    """Above, a batch before and after; below, statistics of many batches, and gradients."""

    prediction = Choose(
        question="A batch of two examples whose values differ goes through batch norm, with γ = 1 "
        "and β = 0. Which two values come out?",
        options=tuple(PAIRS),
        outcome="they are {truth}",
        explanation="The mean of two values is halfway, and both are one standard deviation from "
        "it, however far apart they are. So moving one of them changes nothing, and hardly any "
        "gradient comes back; γ and β alone say where the output is. In larger batches most of "
        "the gradient returns, but each output still depends on the whole batch.",
    )
    title = "A batch of two examples"
    message = "Each batch is normalized by its own statistics"
    situation = (
        "Above, the two values of batch 1, before batch norm. Below left, mean and variance of 40 "
        "such batches; below right, the gradients that arrive from the layers above."
    )
    asked: ClassVar = {"size": 2}
    picture = (
        "Above, the values of a batch before and after batch norm; below left, mean and variance "
        "of 40 batches; below right, the gradients that arrive and that are passed on."
    )
    size = (8.2, 5.4)

    def controls(self) -> Controls:
        """Return the controls: γ, β, the size of a batch, which batch."""
        return {
            "gamma": Slider("γ", -2, 3, value=1, step=0.1),
            "beta": Slider("β", -3, 3, value=0, step=0.1),
            "size": WholeLogSlider("Batch size", 2, MOST, value=8, step=np.log10(2)),
            "batch": WholeSlider("Batch number", 1, BATCHES, value=1, step=1),
        }

    def build(self, figure: Figure) -> None:
        """Draw the three axes and what is true of all batches."""
        from matplotlib.collections import LineCollection

        rng = np.random.default_rng(5)
        self.batches = rng.normal(MEAN, SPREAD, (BATCHES, MOST))
        self.height = rng.uniform(-0.2, 0.2, MOST)
        self.grad_output = rng.normal(0.8, 0.7, MOST)
        self.head(figure)
        axes = figure.subplot_mosaic([["values", "values"], ["batches", "gradients"]])
        values, batches, gradients = axes["values"], axes["batches"], axes["gradients"]
        values.set(
            xlim=(-9, 13.5), ylim=(-0.5, 1.5), xticks=range(-8, 13, 4), xlabel="value",
            yticks=[0, 1], yticklabels=["after", "before"],
        )  # fmt: skip
        self.moves = LineCollection([], colors="0.75", linewidths=0.8, animated=True)
        values.add_collection(self.moves, autolim=False)
        self.clouds, self.spans, self.named = [], [], []
        for y, color, marker in ((1, figures.BLUE, "o"), (0, figures.VERMILION, "s")):
            self.clouds += values.plot(
                [], [], marker, color=color, markeredgecolor="white", markersize=7, animated=True
            )
            self.spans += values.plot(
                [], [], "|-", color="black", markersize=14, markeredgewidth=2, zorder=4,
                animated=True,
            )  # fmt: skip
            self.named.append(
                values.text(13.4, y, "", fontsize=11, ha="right", va="center", animated=True)
            )
        batches.set(xlim=(0, 8), ylim=(0, TALLEST), xlabel="mean of a batch", ylabel="its variance")
        batches.axvline(MEAN, color="0.35", linestyle=":", linewidth=1.5)
        batches.axhline(SPREAD**2, color="0.35", linestyle=":", linewidth=1.5)
        batches.set_title("40 batches; dotted: the truth", fontsize=11, weight="normal")
        self.statistics = figures.moving(batches, "o", color=figures.BLUE, alpha=0.5, markersize=5)
        self.this = figures.moving(
            batches, "o", markerfacecolor="none", markeredgecolor="black", markersize=12,
            markeredgewidth=2, clip_on=False,
        )  # fmt: skip
        gradients.set(
            xlim=(-3, 11), ylim=(-STEEPEST, STEEPEST), xticks=range(0, 11, 4),
            xlabel="value before", ylabel="gradient",
        )  # fmt: skip
        gradients.set_title("○ arrives  ▲ passed on  lines: means", fontsize=11, weight="normal")
        self.arrives = figures.moving(
            gradients, "o", markerfacecolor="none", markeredgecolor="0.35", markersize=6
        )
        self.passed = figures.moving(gradients, "^", color=figures.GREEN, markersize=7)
        (self.mean_arrives,) = gradients.plot(
            [-3, 11], [0, 0], color="0.35", linestyle="--", linewidth=1.5, animated=True
        )
        (self.mean_passed,) = gradients.plot(
            [-3, 11], [0, 0], color=figures.GREEN, linewidth=1.5, animated=True
        )
        self.cover(
            self.moves, self.clouds[1], self.spans[1], self.named, self.passed, self.mean_passed
        )
        self.yours_out = self.add_yours(values, "diamonds")
        self.yours_back = self.add_yours(gradients, "diamonds", label=self.yours_out.label)

    def truth(self) -> str:
        """Return what the two values of each batch become, if that is always the same."""
        out = np.sort(Normalization(1, 0)(self.batches[:, :2]), axis=1)
        same = np.ptp(out, axis=0).max() < 0.05
        return next(
            option for option, pair in PAIRS.items()
            if pair is None or same and np.allclose(np.median(out, axis=0), pair, atol=0.05)
        )  # fmt: skip

    def redraw(self, gamma: float, beta: float, size: int, batch: int) -> str:
        """Normalize one batch, and send a gradient back through it."""
        x, grad_output = self.batches[batch - 1, :size], self.grad_output[:size]
        layer = Normalization(gamma, beta)
        out = layer(x)
        grad_x = differences.vjp(layer, x, grad_output=grad_output).value
        self._draw_values(x, out)
        means, variances = (f(self.batches[:, :size], axis=1) for f in (np.mean, np.var))
        self.statistics.set_data(means, np.minimum(variances, TALLEST))
        self.this.set_data([means[batch - 1]], [min(variances[batch - 1], TALLEST)])
        self.arrives.set_data(x, grad_output)
        self.passed.set_data(x, np.clip(grad_x, -STEEPEST, STEEPEST))
        self.mean_arrives.set_ydata(np.repeat(grad_output.mean(), 2))
        self.mean_passed.set_ydata(np.repeat(grad_x.mean(), 2))
        self._draw_yours(x, gamma, beta, grad_output)
        said = (
            f"Batch {batch}, {size} examples: mean {two_decimals(x.mean())} and variance "
            f"{two_decimals(x.var())} become {two_decimals(beta)} = β and "
            f"{two_decimals(gamma**2)} = γ². The variances of {BATCHES} such batches average "
            f"{two_decimals(variances.mean())}, where the truth is {SPREAD**2:g}. "
        )
        if size == 2:
            return (
                said + "Two examples that differ land on β − γ and β + γ: no gradient comes back."
            )
        return said + (
            f"Gradients arrive with mean {two_decimals(grad_output.mean())} and leave with mean "
            f"{two_decimals(grad_x.mean())}."
        )

    def _draw_values(self, x: np.ndarray, out: np.ndarray) -> None:
        height = self.height[: x.size]
        starts, ends = np.stack([x, 1 + height], axis=1), np.stack([out, height], axis=1)
        self.moves.set_segments(list(np.stack([starts, ends], axis=1)))
        for y, points, cloud, span, named in zip(
            (1, 0), (x, out), self.clouds, self.spans, self.named, strict=True
        ):
            cloud.set_data(points, y + height)
            mean, spread = points.mean(), points.std()
            span.set_data([mean - spread, mean, mean + spread], [y, y, y])
            named.set_text(f"mean {two_decimals(mean)}\nvariance {two_decimals(spread**2)}")

    def _draw_yours(
        self, x: np.ndarray, gamma: float, beta: float, grad_output: np.ndarray
    ) -> None:
        scale, shift = np.array([gamma]), np.array([beta])
        inv_std = 1 / np.sqrt(x.var(keepdims=True) + 1e-5)
        cache = ((x - x.mean())[:, None] * inv_std, inv_std, scale, True)
        self.yours_out.draw(
            "batchnorm_forward", "5.6",
            lambda forward: (
                np.ravel(forward(x[:, None], scale, shift, np.zeros(1), np.ones(1), True)[0]),
                self.height[: x.size]
            ),
        )  # fmt: skip
        self.yours_back.draw(
            "batchnorm_backward", "5.7",
            lambda backward: (
                x, np.clip(np.ravel(backward(grad_output[:, None], cache)[0]), -STEEPEST, STEEPEST)
            ),
        )  # fmt: skip
