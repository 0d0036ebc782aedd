"""The window of a convolution, forward and backward."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from byhand import differences, figures
from byhand.explorers.base import Explorer
from byhand.explorers.controls import Choice, Controls, Slider, WholeSlider
from byhand.explorers.grids import NumberGrid, board, whole
from byhand.explorers.predictions import Choose

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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
FORWARD, BACKWARD, SUM = "forward", "back: this pixel", "back: all pixels"
MOST_PADDING = 2
SEED = 19  # of the gradients of the output
LEFT, MIDDLE, RIGHT = 2.3, 12.2, 16.6  # where image, kernel and output begin, in cells
TOP, BOTTOM = 3.3, 12.8  # of image and output without padding; of the notes below


class Convolution:
    """A convolution of one channel, which answers many images or kernels in one request."""

    def __init__(self, stride: int, padding: int) -> None:
        self.stride, self.padding = stride, padding

    def __call__(self, x: np.ndarray, kernel: np.ndarray) -> np.ndarray:
        """Return the output, without a bias."""
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
    numbers = np.random.default_rng(SEED).choice([-2, -1, 1, 2, 3], size=(8, 9))
    return numbers[: shape[0], : shape[1]]


# what a pixel might send back, from its gradient and the window that it has read
SENT: dict[str, Callable[[float, np.ndarray], np.ndarray]] = {
    "g to the middle one of the nine": lambda g, read: g * (np.arange(9).reshape(3, 3) == 4),
    "a ninth of g to each of the nine": lambda g, read: np.full((3, 3), g / 9),
    "g times its number in the kernel to each of the nine": lambda g, read: g * KERNEL,
    "g times its own value to each of the nine": lambda g, read: g * read,
    "g times the kernel, turned upside down": lambda g, read: g * KERNEL[::-1, ::-1],
}


class ConvolutionWindow(Explorer):
    """An image, a kernel and an output; the window of one output pixel, read and written."""

    prediction = Choose(
        question="One output pixel reads nine pixels of the image. In the backward pass it has a "
        "gradient g. What does it send to the image?",
        options=tuple(SENT),
        outcome="it sends {truth}",
        explanation="Forward gathers a window into one pixel, each number weighted by the kernel; "
        "backward spreads one pixel over the same window with the same weights. Where windows "
        "overlap, the parts add up: turn the direction round and walk through the output.",
    )
    title = "A window of an image, a kernel, one output pixel"
    message = "The window that a pixel reads is the window it sends its gradient to"
    situation = (
        "Forward: the framed output pixel reads the framed nine pixels of the image, times the "
        "kernel, and adds up the products and a bias."
    )
    revealed: ClassVar = {"direction": BACKWARD}
    picture = "Three tables of numbers: an image with a window, a kernel, an output."
    size = (8.4, 4.8)

    def controls(self) -> Controls:
        """Return the controls: the direction, the output pixel, stride and padding."""
        return {
            "direction": Choice("Direction", [FORWARD, BACKWARD, SUM]),
            "row": WholeSlider("Output row", 0, 3, value=1, step=1),
            "column": WholeSlider("Output column", 0, 4, value=2, step=1),
            "stride": WholeSlider("Stride", 1, 3, value=1, step=1),
            "padding": WholeSlider("Padding", 0, MOST_PADDING, value=0, step=1),
        }

    def build(self, figure: Figure) -> None:
        """Make the tables, their headings, the two frames."""
        from matplotlib.patches import Rectangle

        axes = figure.add_subplot()
        self.head(axes)
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
        label = axes.text(25.6, BOTTOM, "", fontsize=11, ha="right", animated=True)
        self.yours = self.add_yours(
            axes,
            "diamonds",
            label=label,
            note=" gives the same",
            markersize=3.5,
            markeredgewidth=1.5,
        )

    def truth(self) -> str:
        """Return what one output pixel sends back, by measuring."""
        layer, at = Convolution(1, 0), (1, 2)
        grad_output = np.zeros(layer(IMAGE, KERNEL).shape)
        grad_output[at] = g = 3.0
        sent = differences.vjp(layer, IMAGE, KERNEL, grad_output=grad_output).value
        window = layer.window(np.array(at))
        return next(
            option for option, rule in SENT.items()
            if np.allclose(sent[window], rule(g, IMAGE[window]), atol=1e-6)
        )  # fmt: skip

    def redraw(self, direction: str, row: int, column: int, stride: int, padding: int) -> str:
        """Fill the tables for one output pixel."""
        layer = Convolution(stride, padding)
        out = layer(IMAGE, KERNEL) + BIAS
        self._limit(out.shape)
        at = np.minimum([row, column], np.array(out.shape) - 1)
        said = (
            f"Stride {layer.stride}, padding {layer.padding}, output {out.shape[0]} × "
            f"{out.shape[1]}. Output pixel ({at[0]}, {at[1]}) "
        )
        if direction == FORWARD:
            said += self._forward(layer, out, at)
        elif direction == BACKWARD:
            said += self._backward_of_one(layer, out.shape, at)
        else:
            said += self._backward_of_all(layer, out.shape, at)
        return said + _unread(layer, out.shape)

    def _limit(self, shape: tuple[int, ...]) -> None:
        """Let the sliders of row and column end where the output ends."""
        for name, count in zip(("row", "column"), shape, strict=True):
            control = self.control[name]
            if isinstance(control, Slider) and control.box.max != count - 1:
                control.slider.max = control.box.max = count - 1

    def _forward(self, layer: Convolution, out: np.ndarray, at: np.ndarray) -> str:
        image = np.pad(IMAGE, layer.padding)
        products = image[layer.window(at)] * KERNEL
        self._show(
            layer, image, _written(image), products, out,
            ("image", "read · kernel", "output", "forward ▶"),
        )  # fmt: skip
        self._frame(layer, at, (1, 1), layer.first_pixel(at), KERNEL.shape)

        def agreeing(conv2d_forward: Callable) -> tuple[np.ndarray, np.ndarray]:
            yours = conv2d_forward(
                IMAGE[None, None].astype(float), KERNEL[None, None].astype(float),
                np.array([float(BIAS)]), layer.stride, layer.padding
            )[0]  # fmt: skip
            return _corners(np.isclose(yours[0, 0], out), RIGHT, TOP - layer.padding)

        self.yours.draw("conv2d_forward", "5.3", agreeing)
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
        grad_image = self._show_backward(layer, grad_output, inside, grad_output)
        middle = layer.first_pixel(at) + 1
        first = np.maximum(-(-(middle + layer.padding - 2) // layer.stride), 0)
        last = np.minimum((middle + layer.padding) // layer.stride, np.array(shape) - 1)
        self._frame(layer, first, tuple(last - first + 1), middle, (1, 1))
        said = f"has pixel ({middle[0]}, {middle[1]}) in the middle of its window, which "
        if (middle < 0).any() or (middle >= IMAGE.shape).any():
            return f"{said}is padding: what is sent there is dropped."
        count = np.prod(last - first + 1)
        readers = "one output pixel reads" if count == 1 else f"{count} output pixels read"
        parts = "it sends" if count == 1 else "their parts add up to"
        return f"{said}{readers}: {parts} {whole(grad_image[tuple(middle)])}."

    def _show_backward(
        self, layer: Convolution, grad_output: np.ndarray, shown: np.ndarray, everywhere: np.ndarray
    ) -> np.ndarray:
        """Show what this gradient of the output sends back; return the gradient of the image."""
        grad_image, grad_kernel = (
            np.round(
                differences.vjp(layer, IMAGE, KERNEL, grad_output=grad_output, argnum=argnum).value
            )
            for argnum in (0, 1)
        )
        image = np.pad(grad_image, layer.padding)
        padding = ~np.pad(np.full(IMAGE.shape, True), layer.padding)
        written = [
            ("×" if lost else whole(value)) if there else ""
            for value, there, lost in zip(
                image.ravel(), shown.ravel(), padding.ravel(), strict=True
            )
        ]
        sent = "gradient of" if grad_output is everywhere else "sent to"
        way = "◀ backward" + ("   × falls on padding, dropped" if layer.padding else "")
        self._show(
            layer, image, written, grad_kernel, everywhere,
            (f"{sent} image", f"{sent} kernel", "gradient of output", way),
        )  # fmt: skip

        def agreeing(conv2d_backward: Callable) -> tuple[np.ndarray, np.ndarray]:
            cache = (
                IMAGE[None, None].astype(float), KERNEL[None, None].astype(float),
                layer.stride, layer.padding,
            )  # fmt: skip
            yours = conv2d_backward(grad_output[None, None].astype(float), cache)[0]
            right = np.isclose(yours[0, 0], grad_image) & shown[~padding].reshape(IMAGE.shape)
            return _corners(right, LEFT, TOP)

        self.yours.draw("conv2d_backward", "5.4", agreeing)
        return grad_image

    def _show(
        self, layer: Convolution, image: np.ndarray, written: list[str], middle: np.ndarray,
        output: np.ndarray, names: tuple[str, ...],
    ) -> None:  # fmt: skip
        """Fill the tables and write what they are."""
        x, top = LEFT - layer.padding, TOP - layer.padding
        padding = ~np.pad(np.full(IMAGE.shape, True), layer.padding)
        self.image.show(image, written, x=x, y=top, largest=_largest(image), dashed=padding)
        for table, values, left, y in (
            (self.middle, middle, MIDDLE, TOP + 4), (self.output, output, RIGHT, top)
        ):  # fmt: skip
            table.show(values, _written(values), x=left, y=y, largest=_largest(values))
        places = (x, top), (MIDDLE, TOP + 4), (RIGHT, top), (0.3, BOTTOM + 0.2)
        for heading, name, (left, bottom) in zip(self.headings, names, places, strict=True):
            heading.set(text=name, position=(left, bottom - 0.2))

    def _frame(
        self, layer: Convolution, out: np.ndarray, out_size: tuple[int, ...], pixel: np.ndarray,
        size: tuple[int, ...],
    ) -> None:  # fmt: skip
        """Frame pixels of the output, and pixels of the image."""
        corners = (RIGHT + out[1], TOP - layer.padding + out[0]), (LEFT + pixel[1], TOP + pixel[0])
        for frame, corner, (height, width) in zip(
            self.frames, corners, (out_size, size), strict=True
        ):
            frame.set(xy=corner, width=width, height=height)


def _corners(cells: np.ndarray, x: float, top: float) -> tuple[np.ndarray, np.ndarray]:
    """Return where the corners of these cells are in a table that begins at x and top."""
    rows, columns = np.nonzero(cells)
    return x + columns + 0.89, top + rows + 0.11


def _written(values: np.ndarray) -> list[str]:
    return [whole(value) for value in values.ravel()]


def _largest(values: np.ndarray) -> float:
    return max(1, np.abs(values).max())


def _unread(layer: Convolution, shape: tuple[int, ...]) -> str:
    """Name the rows and columns that the stride leaves over: no window reads them."""
    end = (np.array(shape) - 1) * layer.stride + 3 - layer.padding
    left = [
        f"the last {name}" if size - stop == 1 else f"the last {size - stop} {name}s"
        for name, size, stop in zip(("row", "column"), IMAGE.shape, end, strict=True)
        if stop < size
    ]
    return f" No window reads {' and '.join(left)}: gradient 0." if left else ""


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
