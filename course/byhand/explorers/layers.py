"""Explorers of chapter 5: batch norm and dropout; the two others have modules of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from byhand import differences, figures
from byhand.explorers.attention import attention_explorer
from byhand.explorers.base import Explorer
from byhand.explorers.controls import Choice, Slider, WholeLogSlider
from byhand.explorers.convolution import convolution_explorer
from byhand.explorers.grids import NumberGrid, board

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# a chapter's notebook imports its explorers from one place
__all__ = ["attention_explorer", "batchnorm_explorer", "convolution_explorer", "dropout_explorer"]


# --- batch norm -----------------------------------------------------------------------------------

MEAN, SPREAD = 4.0, 2.0  # of the values that batches are drawn from
MOST = 64  # examples in a batch
BATCHES = 40
TALLEST, STEEPEST = 14, 3  # variance and gradient that are drawn


class Normalization:
    """Batch norm of one feature, which answers many batches in one request."""

    def __init__(self, gamma: float, beta: float) -> None:
        self.gamma, self.beta = gamma, beta

    def __call__(self, x: np.ndarray) -> np.ndarray:
        mean, variance = x.mean(axis=-1, keepdims=True), x.var(axis=-1, keepdims=True)
        return self.gamma * (x - mean) / np.sqrt(variance + 1e-5) + self.beta

    def evaluate_many(self, arguments: Sequence[tuple]) -> list[np.ndarray]:
        """Return the results for many batches."""
        return list(self(np.stack([x for (x,) in arguments])))


class BatchNorm(Explorer):
    """Above, a batch before and after; below, statistics of many batches, and gradients."""

    question = (
        "In a batch of two examples, what are the two values after batch norm? How much of the "
        "gradient can come back through it?"
    )
    picture = (
        "Above, the values of a batch before and after batch norm; below left, mean and variance "
        "of 40 batches; below right, the gradients that arrive and that are passed on."
    )
    size = (8.2, 5.4)

    def controls(self) -> dict[str, Slider | Choice]:
        """Return the controls: γ, β, the size of a batch, which batch."""
        return {
            "gamma": Slider("γ", -2, 3, value=1, step=0.1),
            "beta": Slider("β", -3, 3, value=0, step=0.1),
            "size": WholeLogSlider("Batch size", 2, MOST, value=8, step=np.log10(2)),
            "batch": Slider("Batch number", 1, BATCHES, value=1, step=1),
        }

    def build(self, figure: Figure) -> None:
        """Draw the three axes and what is true of all batches."""
        from matplotlib.collections import LineCollection

        rng = np.random.default_rng(5)
        self.batches = rng.normal(MEAN, SPREAD, (BATCHES, MOST))
        self.height = rng.uniform(-0.2, 0.2, MOST)
        self.grad_output = rng.normal(0.8, 0.7, MOST)
        figures.headline(figure, "A batch is centered and scaled by its own mean and variance")
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
        (self.statistics,) = batches.plot(
            [], [], "o", color=figures.BLUE, alpha=0.5, markersize=5, animated=True
        )
        (self.this,) = batches.plot(
            [], [], "o", markerfacecolor="none", markeredgecolor="black", markersize=12,
            markeredgewidth=2, clip_on=False, animated=True,
        )  # fmt: skip
        gradients.set(
            xlim=(-3, 11), ylim=(-STEEPEST, STEEPEST), xticks=range(0, 11, 4),
            xlabel="value before", ylabel="gradient",
        )  # fmt: skip
        gradients.set_title("○ arrives  ▲ passed on  lines: means", fontsize=11, weight="normal")
        (self.arrives,) = gradients.plot(
            [], [], "o", markerfacecolor="none", markeredgecolor="0.35", markersize=6, animated=True
        )
        (self.passed,) = gradients.plot(
            [], [], "^", color=figures.GREEN, markersize=7, animated=True
        )
        (self.mean_arrives,) = gradients.plot(
            [-3, 11], [0, 0], color="0.35", linestyle="--", linewidth=1.5, animated=True
        )
        (self.mean_passed,) = gradients.plot(
            [-3, 11], [0, 0], color=figures.GREEN, linewidth=1.5, animated=True
        )
        self.yours_out, self.yours_back = figures.diamonds(values), figures.diamonds(gradients)
        self.yours_name = figures.corner_label(values, animated=True)

    def redraw(self, gamma: float, beta: float, size: float, batch: float) -> str:
        """Normalize one batch, and send a gradient back through it."""
        size, batch = int(size), int(batch)
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
            f"Batch {batch}, {size} examples: mean {_two(x.mean())} and variance {_two(x.var())} "
            f"become {_two(beta)} = β and {_two(gamma**2)} = γ². The variances of {BATCHES} such "
            f"batches average {_two(variances.mean())}, where the truth is {SPREAD**2:g}. "
        )
        if size == 2:
            return said + "Two examples always land on β − γ and β + γ: no gradient comes back."
        return said + (
            f"Gradients arrive with mean {_two(grad_output.mean())} and leave with mean "
            f"{_two(grad_x.mean())}."
        )

    def _draw_values(self, x: np.ndarray, out: np.ndarray) -> None:
        height = self.height[: x.size]
        starts, ends = np.stack([x, 1 + height], axis=1), np.stack([out, height], axis=1)
        self.moves.set_segments(np.stack([starts, ends], axis=1))
        for y, points, cloud, span, named in zip(
            (1, 0), (x, out), self.clouds, self.spans, self.named, strict=True
        ):
            cloud.set_data(points, y + height)
            mean, spread = points.mean(), points.std()
            span.set_data([mean - spread, mean, mean + spread], [y, y, y])
            named.set_text(f"mean {_two(mean)}\nvariance {_two(spread**2)}")

    def _draw_yours(
        self, x: np.ndarray, gamma: float, beta: float, grad_output: np.ndarray
    ) -> None:
        scale, shift = np.array([gamma]), np.array([beta])
        inv_std = 1 / np.sqrt(x.var(keepdims=True) + 1e-5)
        cache = ((x - x.mean())[:, None] * inv_std, inv_std, scale, True)
        out = self.student_result(
            "batchnorm_forward", "5.6",
            lambda forward: forward(x[:, None], scale, shift, np.zeros(1), np.ones(1), True)[0],
        )  # fmt: skip
        grad_x = self.student_result(
            "batchnorm_backward", "5.7", lambda backward: backward(grad_output[:, None], cache)[0]
        )
        for artist, values in ((self.yours_out, out), (self.yours_back, grad_x)):
            artist.set_visible(values is not None)
        if out is not None:
            self.yours_out.set_data(out[:, 0], self.height[: x.size])
        if grad_x is not None:
            self.yours_back.set_data(x, np.clip(grad_x[:, 0], -STEEPEST, STEEPEST))
        passed = [number for number, v in (("5.6", out), ("5.7", grad_x)) if v is not None]
        self.yours_name.set_text(f"diamonds: yours ({', '.join(passed)})" if passed else "")


def _two(value: float) -> str:
    """Return a number with two decimals and a true minus sign; never minus 0."""
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


# --- dropout --------------------------------------------------------------------------------------

UNITS = (4, 6)
DRAWS = 5000
TRAINING, EVALUATION = "training", "evaluation"
SCALED, UNSCALED = "divide by 1 − rate", "none"
HIGHEST = 6.5  # mean that is drawn


class Dropout(Explorer):
    """Left, which units are on in one draw; right, mean outputs over many draws."""

    question = (
        "At rate 0.5 and without any scaling, what does a unit put out on average over many "
        "draws, compared with evaluation? What would mend it?"
    )
    picture = (
        "Left, the outputs of 24 units in one draw; right, the mean output of each over all draws "
        "against its input."
    )
    size = (8.2, 4.4)

    def controls(self) -> dict[str, Slider | Choice]:
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
        figures.headline(figure, "Dividing by 1 − rate keeps the expectation")
        left, right = figure.subplots(1, 2, width_ratios=(1.15, 1))
        board(left, UNITS[1], UNITS[0])
        self.units = NumberGrid(left)
        self.drawn = left.text(0, -0.12, "", fontsize=11, va="bottom", animated=True)
        self.rule = left.text(0, UNITS[0] + 0.12, "", fontsize=11, va="top", animated=True)
        right.set(xlim=(0, 3.2), ylim=(0, HIGHEST), xlabel="input of a unit", ylabel="mean output")
        right.plot([0, 3.2], [0, 3.2], color="0.35", linestyle="--", linewidth=1.5)
        right.set_title(
            "dashed: equal to the input\ndotted: expected in training", fontsize=11, weight="normal"
        )
        (self.expected,) = right.plot(
            [0, 3.2], [0, 0], color=figures.VERMILION, linestyle=":", linewidth=3, animated=True
        )
        (self.means,) = right.plot([], [], "o", color=figures.BLUE, markersize=6, animated=True)
        self.yours = figures.diamonds(right)
        self.yours_name = right.text(
            0.02, 0.97, "", fontsize=11, va="top", transform=right.transAxes, animated=True
        )

    def redraw(self, mode: str, scaling: str, rate: float, draws: float) -> str:
        """Draw the masks and average over them."""
        training, scaled, draws = mode == TRAINING, scaling == SCALED, int(draws)
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
        written = [_two(v) if there else "off" for v, there in zip(outputs, on, strict=True)]
        self.units.show(outputs.reshape(UNITS), written, largest=6)
        self.means.set_data(self.x, np.minimum(means, HIGHEST))
        self.expected.set_ydata([0, 3.2 * expected])
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
        means = self.student_result(
            "dropout_forward", "5.9",
            lambda forward: np.mean(forward(rows, rate, training, rng)[0], axis=0),
        )  # fmt: skip
        for artist in (self.yours, self.yours_name):
            artist.set_visible(means is not None)
        if means is not None:
            self.yours.set_data(self.x, np.minimum(means, HIGHEST))
            self.yours_name.set_text("diamonds: yours (5.9)")


def _draws(count: int) -> str:
    return "1 draw" if count == 1 else f"{count} draws"


batchnorm_explorer = BatchNorm.open
dropout_explorer = Dropout.open
