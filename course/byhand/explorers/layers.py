"""Explorers of chapter 5: a convolution's window, batch norm, dropout, attention."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from byhand import differences, figures
from byhand.explorers.base import Explorer
from byhand.explorers.controls import Choice, LogSlider, Slider, WholeLogSlider
from byhand.explorers.grids import NumberGrid, board, whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["attention_explorer", "batchnorm_explorer", "convolution_explorer", "dropout_explorer"]


def _title(figure: Figure, text: str) -> None:
    """Write the message above all axes, where a title of axes stands elsewhere."""
    figure.suptitle(text, x=0.02, ha="left", fontsize=13, weight="bold")


def _diamonds(axes: Axes, size: float = 11) -> Any:
    """Return the markers of a student's own values."""
    (markers,) = axes.plot(
        [], [], "D", markerfacecolor="none", markeredgecolor=figures.PURPLE, markersize=size,
        markeredgewidth=2, zorder=6, animated=True,
    )  # fmt: skip
    return markers


# --- a convolution's window -----------------------------------------------------------------------

IMAGE = np.array(
    [
        [1, 0, 2, 3, 0, 1, 2],
        [0, 3, 1, 0, 2, 2, 1],
        [2, 1, 0, 1, 3, 0, 0],
        [3, 2, 2, 0, 1, 1, 3],
        [0, 1, 3, 2, 0, 2, 1],
        [1, 0, 1, 2, 2, 3, 0],
    ]
)
KERNEL = np.array([[1, 2, 0], [-1, 3, 1], [0, -2, -1]])
BIAS = 1
FORWARD = "forward: what it reads"
BACKWARD = "backward: what it sends"
SUM = "backward: all pixels"
MOST_PADDING = 2
LEFT, MIDDLE, RIGHT = 2.3, 12.2, 16.6  # where image, kernel and output begin, in cells
TOP, BOTTOM = 3.3, 12.8  # of image and output without padding; of the notes below


class Convolution:
    """A convolution of one channel, which answers many images or kernels in one request."""

    def __init__(self, stride: int, padding: int) -> None:
        self.stride, self.padding = stride, padding

    def __call__(self, x: np.ndarray, kernel: np.ndarray) -> np.ndarray:
        around = [(0, 0)] * (x.ndim - 2) + [(self.padding, self.padding)] * 2
        windows = np.lib.stride_tricks.sliding_window_view(
            np.pad(x, around), kernel.shape[-2:], axis=(-2, -1)
        )
        picked = windows[..., :: self.stride, :: self.stride, :, :]
        return np.sum(picked * kernel[..., None, None, :, :], axis=(-2, -1))

    def first_pixel(self, at: np.ndarray) -> np.ndarray:
        """Return the first pixel of the image that an output pixel reads; negative in padding."""
        return np.asarray(at) * self.stride - self.padding

    def window(self, at: np.ndarray) -> tuple[slice, slice]:
        """Return which part of the padded image an output pixel reads."""
        row, column = self.first_pixel(at) + self.padding
        return slice(row, row + 3), slice(column, column + 3)

    def evaluate_many(self, arguments: Sequence[tuple]) -> list[np.ndarray]:
        """Return the results for many pairs of image and kernel."""
        return list(self(*map(np.stack, zip(*arguments, strict=True))))


def upstream(shape: tuple[int, ...]) -> np.ndarray:
    """Return gradients of an output of this shape: small whole numbers, none of them 0."""
    rows, columns = np.indices(shape)
    return np.array([2, -1, 1, 3, -2])[(2 * rows + 3 * columns) % 5]


class ConvolutionWindow(Explorer):
    """An image, a kernel and an output; the window of one output pixel, read and written."""

    question = (
        "One output pixel reads nine pixels of the image. In the backward pass, which pixels of "
        "the image does it send a gradient to, and what does each of them get?"
    )
    picture = "Three tables of numbers: an image with a window, a kernel, an output."
    size = (8.4, 4.8)

    def controls(self) -> dict[str, Slider | Choice]:
        """Return the controls: the direction, the output pixel, stride and padding."""
        return {
            "direction": Choice("Direction", [FORWARD, BACKWARD, SUM]),
            "row": Slider("Output row", 0, 3, value=1, step=1),
            "column": Slider("Output column", 0, 4, value=2, step=1),
            "stride": Slider("Stride", 1, 3, value=1, step=1),
            "padding": Slider("Padding", 0, MOST_PADDING, value=0, step=1),
        }

    def build(self, figure: Figure) -> None:
        """Make the tables, their headings, the two frames."""
        from matplotlib.patches import Rectangle

        axes = figure.add_subplot()
        axes.set_title("The window that a pixel reads is the window it sends its gradient to")
        board(axes, 25.7, 13)
        kernel = NumberGrid(axes, animated=False)
        kernel.show(KERNEL, _written(KERNEL), x=MIDDLE, y=TOP - 1, largest=3)
        self.image, self.middle, self.output = (NumberGrid(axes) for _ in range(3))
        self.headings = [
            axes.text(0, 0, "", fontsize=11, va="bottom", zorder=3, animated=True)
            for _ in range(4)
        ]  # fmt: skip
        self.frames = [
            axes.add_patch(
                Rectangle((0, 0), 1, 1, fill=False, edgecolor=figures.BLACK, linewidth=3,
                          zorder=4, animated=True)
            )
            for _ in range(2)
        ]  # fmt: skip
        axes.text(MIDDLE, TOP - 1.2, "kernel", fontsize=11, va="bottom")
        self.yours = _diamonds(axes, 5)
        self.yours_name = axes.text(25.6, BOTTOM, "", fontsize=11, ha="right", animated=True)

    def redraw(
        self, direction: str, row: float, column: float, stride: float, padding: float
    ) -> str:
        """Fill the tables for one output pixel."""
        layer = Convolution(int(stride), int(padding))
        out = layer(IMAGE, KERNEL) + BIAS
        self._limit(out.shape)
        at = np.minimum([int(row), int(column)], np.array(out.shape) - 1)
        said = (
            f"Stride {layer.stride}, padding {layer.padding}, output {out.shape[0]} × "
            f"{out.shape[1]}. Output pixel ({at[0]}, {at[1]}) "
        )
        if direction == FORWARD:
            return said + self._forward(layer, out, at)
        if direction == BACKWARD:
            return said + self._backward_of_one(layer, out.shape, at)
        return said + self._backward_of_all(layer, out.shape, at)

    def _limit(self, shape: tuple[int, ...]) -> None:
        """Let the sliders of row and column end where the output ends."""
        for name, count in zip(("row", "column"), shape, strict=True):
            control = self.control[name]
            if control.box.max != count - 1:
                control.slider.max = control.box.max = count - 1

    def _forward(self, layer: Convolution, out: np.ndarray, at: np.ndarray) -> str:
        image = np.pad(IMAGE, layer.padding)
        products = image[layer.window(at)] * KERNEL
        self._show(
            layer, image, np.full(image.shape, True), products, out,
            ("image", "read · kernel", "output", "forward ▶"),
        )  # fmt: skip
        self._frame(layer, at, (1, 1), layer.first_pixel(at), KERNEL.shape)

        def agrees(conv2d_forward: Callable) -> np.ndarray:
            yours = conv2d_forward(
                IMAGE[None, None].astype(float), KERNEL[None, None].astype(float),
                np.array([float(BIAS)]), layer.stride, layer.padding,
            )[0]  # fmt: skip
            return np.isclose(yours[0, 0], out)

        self._mark_agreement(
            self.student_result("conv2d_forward", "5.3", agrees), "5.3", RIGHT, layer
        )
        total = out[tuple(at)]
        return (
            f"reads {_span(layer, at)}: nine products that add up to {whole(total - BIAS)}, and "
            f"with the bias {BIAS} to {whole(total)}."
        )

    def _backward_of_one(self, layer: Convolution, shape: tuple[int, ...], at: np.ndarray) -> str:
        everywhere = upstream(shape)
        one = np.zeros(shape)
        one[tuple(at)] = everywhere[tuple(at)]
        seen = np.full(np.array(IMAGE.shape) + 2 * layer.padding, False)
        seen[layer.window(at)] = True
        self._show_backward(layer, one, seen, everywhere)
        self._frame(layer, at, (1, 1), layer.first_pixel(at), KERNEL.shape)
        g = whole(one[tuple(at)])
        return (
            f"has the gradient {g}. It sends {g} times the kernel to what it read, "
            f"{_span(layer, at)}; {g} times what it read to the kernel; {g} to the bias."
        )

    def _backward_of_all(self, layer: Convolution, shape: tuple[int, ...], at: np.ndarray) -> str:
        grad_output = upstream(shape)
        inside = np.pad(np.full(IMAGE.shape, True), layer.padding)
        by_image = self._show_backward(layer, grad_output, inside, grad_output)
        middle = layer.first_pixel(at) + 1
        first = np.maximum(-(-(middle + layer.padding - 2) // layer.stride), 0)
        last = np.minimum((middle + layer.padding) // layer.stride, np.array(shape) - 1)
        self._frame(layer, first, tuple(last - first + 1), middle, (1, 1))
        said = f"has pixel ({middle[0]}, {middle[1]}) in the middle of its window, which "
        if (middle < 0).any():
            return f"{said}is padding: what is sent there is dropped."
        count = np.prod(last - first + 1)
        readers = "one output pixel reads" if count == 1 else f"{count} output pixels read"
        parts = "it sends" if count == 1 else "their parts add up to"
        return f"{said}{readers}: {parts} {whole(by_image[tuple(middle)])}."

    def _show_backward(
        self,
        layer: Convolution,
        grad_output: np.ndarray,
        shown: np.ndarray,
        everywhere: np.ndarray,
    ) -> np.ndarray:
        """Show what this gradient of the output sends back; return the gradient of the image."""
        by_image, by_kernel = (
            np.round(
                differences.vjp(layer, IMAGE, KERNEL, grad_output=grad_output, argnum=argnum).value
            )
            for argnum in (0, 1)
        )
        self._show(
            layer, np.pad(by_image, layer.padding), shown, by_kernel, everywhere,
            ("gradient of image", "of kernel", "gradient of output", "◀ backward"),
        )  # fmt: skip

        def agrees(conv2d_backward: Callable) -> np.ndarray:
            cache = (
                IMAGE[None, None].astype(float), KERNEL[None, None].astype(float),
                layer.stride, layer.padding,
            )  # fmt: skip
            yours = conv2d_backward(grad_output[None, None].astype(float), cache)[0]
            return np.isclose(yours[0, 0], by_image)

        self._mark_agreement(
            self.student_result("conv2d_backward", "5.4", agrees), "5.4", LEFT, layer
        )
        return by_image

    def _show(
        self,
        layer: Convolution,
        image: np.ndarray,
        shown: np.ndarray,
        middle: np.ndarray,
        output: np.ndarray,
        names: tuple[str, ...],
    ) -> None:
        """Fill the tables; in the left one, what falls on padding is crossed out on the way back."""
        padding = layer.padding
        outside = np.pad(np.full(IMAGE.shape, False), padding, constant_values=True)
        top = TOP - padding
        lost = outside if names[0] != "image" else np.full(outside.shape, False)
        written = [
            ("×" if gone else whole(value)) if there else ""
            for value, there, gone in zip(image.ravel(), shown.ravel(), lost.ravel(), strict=True)
        ]
        self.image.show(image, written, x=LEFT - padding, y=top, largest=9, dashed=outside)
        self.middle.show(middle, _written(middle), x=MIDDLE, y=TOP + 4, largest=9)
        self.output.show(output, _written(output), x=RIGHT, y=top, largest=20)
        places = (LEFT - padding, top), (MIDDLE, TOP + 4), (RIGHT, top), (0.3, BOTTOM + 0.2)
        for heading, name, (x, y) in zip(self.headings, names, places, strict=True):
            heading.set(text=name, position=(x, y - 0.2))

    def _frame(
        self,
        layer: Convolution,
        out: np.ndarray,
        out_size: tuple[int, ...],
        pixel: np.ndarray,
        size: tuple[int, ...],
    ) -> None:
        """Frame pixels of the output, and pixels of the image."""
        corners = (RIGHT + out[1], TOP - layer.padding + out[0]), (LEFT + pixel[1], TOP + pixel[0])
        for frame, corner, (height, width) in zip(
            self.frames, corners, (out_size, size), strict=True
        ):
            frame.set(xy=corner, width=width, height=height)

    def _mark_agreement(
        self, agrees: np.ndarray | None, exercise: str, x: float, layer: Convolution
    ) -> None:
        """Put a diamond into the corner of each cell where the student's result agrees."""
        for artist in (self.yours, self.yours_name):
            artist.set_visible(agrees is not None)
        if agrees is not None:
            top = TOP if x == LEFT else TOP - layer.padding
            rows, columns = np.nonzero(agrees)
            self.yours.set_data(x + columns + 0.85, top + rows + 0.17)
            self.yours_name.set_text(f"diamonds: yours ({exercise}) gives the same")


def _written(values: np.ndarray) -> list[str]:
    return [whole(value) for value in values.ravel()]


def _span(layer: Convolution, at: np.ndarray) -> str:
    """Say which pixels of the image an output pixel reads."""
    start = layer.first_pixel(at)
    low = np.maximum(start, 0)
    high = np.minimum(start + 2, np.array(IMAGE.shape) - 1)
    inside = int(np.prod(high - low + 1))
    rows, columns = (
        f"{name} {a}" if a == b else f"{name}s {a} to {b}"
        for name, a, b in zip(("row", "column"), low, high, strict=True)
    )
    beyond = "" if inside == 9 else f" and {9 - inside} places of padding"
    return f"{rows}, {columns}{beyond}"


# --- batch norm -----------------------------------------------------------------------------------

MEAN, SPREAD = 4.0, 2.0  # of the values that batches are drawn from
MOST = 64  # examples in a batch
BATCHES = 40


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
        _title(figure, "A batch is centred and scaled by its own mean and variance")
        axes = figure.subplot_mosaic([["values", "values"], ["batches", "gradients"]])
        values, batches, gradients = axes["values"], axes["batches"], axes["gradients"]
        values.set(
            xlim=(-9, 13), ylim=(-0.6, 1.6), yticks=[0, 1], yticklabels=["after", "before"],
            xlabel="value",
        )  # fmt: skip
        self.moves = LineCollection([], colors="0.75", linewidths=0.8, animated=True)
        values.add_collection(self.moves, autolim=False)
        self.clouds, self.spans, self.named = [], [], []
        for y, color, marker in ((1, figures.BLUE, "o"), (0, figures.VERMILION, "s")):
            (cloud,) = values.plot(
                [], [], marker, color=color, markeredgecolor="white", markersize=7, animated=True
            )
            (span,) = values.plot(
                [], [], "|-", color="black", markersize=14, markeredgewidth=2, zorder=4,
                animated=True,
            )  # fmt: skip
            self.clouds.append(cloud)
            self.spans.append(span)
            self.named.append(
                values.text(12.9, y, "", ha="right", fontsize=11, va="center", animated=True)
            )
        batches.set(xlim=(0, 8), ylim=(0, 14), xlabel="mean of a batch", ylabel="its variance")
        batches.axvline(MEAN, color="0.35", linestyle=":", linewidth=1.5)
        batches.axhline(SPREAD**2, color="0.35", linestyle=":", linewidth=1.5)
        batches.set_title("dotted: the true ones", fontsize=11, weight="normal")
        (self.statistics,) = batches.plot(
            [], [], "o", color=figures.BLUE, alpha=0.5, markersize=5, animated=True
        )
        (self.this,) = batches.plot(
            [], [], "o", markerfacecolor="none", markeredgecolor="black", markersize=12,
            markeredgewidth=2, clip_on=False, animated=True,
        )  # fmt: skip
        gradients.set(xlim=(-3, 11), ylim=(-3, 3), xlabel="value before", ylabel="gradient")
        gradients.set_title("○ arrives   ▲ passed on   lines: means", fontsize=11, weight="normal")
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
        self.yours_out, self.yours_back = _diamonds(values), _diamonds(gradients)
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
        self.statistics.set_data(means, np.minimum(variances, 14))
        self.this.set_data([means[batch - 1]], [min(variances[batch - 1], 14)])
        self.arrives.set_data(x, grad_output)
        self.passed.set_data(x, np.clip(grad_x, -3, 3))
        self.mean_arrives.set_ydata(np.repeat(grad_output.mean(), 2))
        self.mean_passed.set_ydata(np.repeat(grad_x.mean(), 2))
        self._draw_yours(x, gamma, beta, grad_output)
        said = (
            f"Batch {batch} of {size} examples has mean {x.mean():.2f} and variance {x.var():.2f}; "
            f"true are {MEAN:g} and {SPREAD**2:g}. Afterwards its mean is β = {beta:.3g} and its "
            f"standard deviation |γ| = {abs(gamma):.3g}. "
        )
        if size == 2:
            return said + "Two examples always land on β − γ and β + γ: no gradient comes back."
        return said + (
            f"Gradients of mean {grad_output.mean():.2f} arrive; what is passed on has mean "
            f"{abs(grad_x.mean()):.2f}."
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
            named.set_text(f"mean {mean:.2f}\nvariance {spread**2:.2f}")

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
            self.yours_back.set_data(x, np.clip(grad_x[:, 0], -3, 3))
        passed = [number for number, v in (("5.6", out), ("5.7", grad_x)) if v is not None]
        self.yours_name.set_text(f"diamonds: yours ({', '.join(passed)})" if passed else "")


# --- dropout --------------------------------------------------------------------------------------

UNITS = (4, 6)
DRAWS = 5000
TRAINING, EVALUATION = "training", "evaluation"
SCALED, UNSCALED = "divide by 1 − rate", "none"


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
        _title(figure, "Dividing by 1 − rate keeps the expectation")
        left, right = figure.subplots(1, 2, width_ratios=(1.15, 1))
        board(left, UNITS[1], UNITS[0])
        self.units = NumberGrid(left)
        self.drawn = left.text(0, -0.12, "", fontsize=11, va="bottom", animated=True)
        right.set(xlim=(0, 3.2), ylim=(0, 6.5), xlabel="input of a unit", ylabel="mean output")
        right.plot([0, 3.2], [0, 3.2], color="0.35", linestyle="--", linewidth=1.5)
        right.set_title("dashed: mean output = input", fontsize=11, weight="normal")
        (self.means,) = right.plot([], [], "o", color=figures.BLUE, markersize=6, animated=True)
        self.yours = _diamonds(right)
        self.yours_name = right.text(
            0.02, 0.97, "", fontsize=11, va="top", transform=right.transAxes, animated=True
        )

    def redraw(self, mode: str, scaling: str, rate: float, draws: float) -> str:
        """Draw the masks and average over them."""
        training, draws = mode == TRAINING, int(draws)
        for name in ("rate", "draws"):
            self.control[name].disabled = self.locked or not training
        factor = 1 / (1 - rate) if scaling == SCALED else 1.0
        if training:
            masks = self.uniform[:draws] >= rate
            on, means = masks[-1], self.x * masks.mean(axis=0) * factor
            outputs = self.x * on * factor
        else:
            on, means, outputs = np.full(self.x.shape, True), self.x, self.x
        written = [f"{v:.2f}" if there else "× 0" for v, there in zip(outputs, on, strict=True)]
        self.units.show(outputs.reshape(UNITS), written, largest=6)
        self.means.set_data(self.x, np.minimum(means, 6.5))
        self._draw_yours(training, rate, draws)
        ratio = means.mean() / self.x.mean()
        if not training:
            self.drawn.set_text("evaluation: all units on")
            return (
                f"Evaluation, scaling in training: {scaling}. All 24 units are on and pass their "
                f"input unchanged; "
            ) + (
                "that is also the mean of training."
                if scaling == SCALED
                else f"but in training, at rate {rate:.2g}, their mean was {1 - rate:.2g} of it."
            )
        self.drawn.set_text(f"draw {draws}: {on.sum()} of {on.size} units on")
        return (
            f"Training, rate {rate:.2g}, scaling: {scaling}. In draw {draws}, {on.sum()} of "
            f"{on.size} units are on. Over {draws} draws the mean output is {ratio:.3f} of the "
            f"input; expected is {factor * (1 - rate):.3g}."
        )

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
            self.yours.set_data(self.x, np.minimum(means, 6.5))
            self.yours_name.set_text("diamonds: yours (5.9)")


# --- attention ------------------------------------------------------------------------------------

TOKENS = 6
WIDEST = 256  # length of queries and keys at most
DIVIDED, PLAIN = "divided by √d", "not divided"
FAINTEST = 1e-6  # gradient that is drawn


class Attention(Explorer):
    """Left, weights as a table; right, how many keys each query attends to, and its gradient."""

    question = (
        "Queries and keys of length 64 with entries of size 1: what does the table look like "
        "without the division by √d? What happens to the gradients?"
    )
    picture = (
        "Left, a table of attention weights, a row for each query; right, for each query the "
        "number of keys it attends to, and the length of the gradient by its scores."
    )
    size = (8.4, 4.5)

    def controls(self) -> dict[str, Slider | Choice]:
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
        _title(figure, "Large scores make attention sharp, and sharp rows pass little gradient")
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
        slopes.set(xscale="log", xlim=(FAINTEST, 1), xlabel="gradient by scores")
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
        self.yours = [_diamonds(axes) for axes in (keys, slopes)]
        self.yours_names = [figures.corner_label(axes, animated=True) for axes in (keys, slopes)]

    def redraw(self, scale: str, factor: float, d: float, mask: str) -> str:
        """Compute scores, weights, and how the weights answer to the scores."""
        d = int(d)
        allowed = np.tri(TOKENS, dtype=bool) if mask == "on" else np.full((TOKENS, TOKENS), True)
        factor_all = factor / np.sqrt(d) if scale == DIVIDED else factor
        Q, K = self.Q[:, :d], self.K[:, :d]
        scores = factor_all * (Q @ K.T)
        weights = softmax(scores, allowed)
        slopes = slopes_of_softmax(scores, allowed)  # (query, by key, of key)
        gradients = np.linalg.norm(slopes @ self.grad_output[:, :, None], axis=(1, 2))
        attended = perplexity(weights)
        written = [
            _share(weight) if there else "×"
            for weight, there in zip(weights.ravel(), allowed.ravel(), strict=True)
        ]
        self.table.show(weights, written, largest=1)
        for keys_bar, slope_bar, count, gradient in zip(
            *self.bars, attended, gradients, strict=True
        ):
            keys_bar.set_width(count)
            slope_bar.set_width(max(gradient, FAINTEST) - FAINTEST)
        self._draw_yours(factor_all, Q, K, scores, weights, allowed)
        last = TOKENS - 1
        sharp = "sharp" if attended[last] < 1.5 else "even" if attended[last] > 5 else "in between"
        return (
            f"Scores {scale}, times {factor:.3g}, d = {d}, causal mask {mask}: in row {last} they "
            f"spread by {np.ptp(scores[last]):.3g}, its largest weight is {weights[last].max():.3f}. "
            f"It attends to {attended[last]:.2f} of {TOKENS} keys ({sharp}); its gradient has "
            f"length {gradients[last]:.1g}."
        )

    def _draw_yours(
        self,
        factor: float,
        Q: np.ndarray,
        K: np.ndarray,
        scores: np.ndarray,
        weights: np.ndarray,
        allowed: np.ndarray,
    ) -> None:
        root = np.sqrt(Q.shape[1])  # the student's scores are divided by it
        yours = self.student_result(
            "attention_forward", "5.10",
            lambda forward: forward(
                (factor * root * Q)[None], K[None], np.eye(TOKENS)[None], allowed
            )[1][0],
        )  # fmt: skip

        def by_scores(backward: Callable) -> np.ndarray:
            # with unit vectors as keys and values, queries are scores and weights are outputs
            unit, root = np.eye(TOKENS)[None], np.sqrt(TOKENS)
            grad_Q = backward(
                self.grad_output[None], root * scores[None], unit, unit, weights[None]
            )[0]
            return root * grad_Q[0]

        gradients = self.student_result("attention_backward", "5.11", by_scores)
        number = "5.11"
        if gradients is None:
            gradients = self.student_values("softmax_backward", "5.1", self.grad_output, weights)
            number = "5.1"
        rows = np.arange(TOKENS) + 0.5
        for artist, name, values, exercise in zip(
            self.yours, self.yours_names,
            (None if yours is None else perplexity(yours),
             None if gradients is None else np.maximum(np.linalg.norm(gradients, axis=1), FAINTEST)),
            ("5.10", number), strict=True,
        ):  # fmt: skip
            artist.set_visible(values is not None)
            name.set_text("" if values is None else f"diamonds: yours ({exercise})")
            if values is not None:
                artist.set_data(values, rows)


def softmax(scores: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Return weights that add up to 1 over the last axis; where not allowed, they are 0."""
    largest = np.max(np.where(allowed, scores.real, -np.inf), axis=-1, keepdims=True)
    powers = np.where(allowed, np.exp(np.where(allowed, scores - largest, 0)), 0)
    return powers / powers.sum(axis=-1, keepdims=True)


def slopes_of_softmax(scores: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Return the slope of each weight of a row by each score of it, by complex steps.

    Where a row is sharp, slopes are tiny, and the difference of two weights would lose them.
    """
    nudged = scores[:, None, :] + 1e-30j * np.eye(scores.shape[1])
    return softmax(nudged, allowed[:, None, :]).imag / 1e-30


def perplexity(weights: np.ndarray) -> np.ndarray:
    """Return exp(entropy) of each row: over how many keys as even weights it would spread."""
    logs = np.log(np.where(weights > 0, weights, 1))
    return np.exp(-np.sum(weights * logs, axis=-1))


def _share(weight: float) -> str:
    return f"{weight:.2f}"


convolution_explorer = ConvolutionWindow.open
batchnorm_explorer = BatchNorm.open
dropout_explorer = Dropout.open
attention_explorer = Attention.open
