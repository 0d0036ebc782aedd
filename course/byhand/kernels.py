"""Pictures of kernels: what a convolution looks for, and what it sees in a digit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from byhand import digits, figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["show_goal", "show_kernels"]

COLUMNS = 8  # kernels in a row
LEARNED = [
    [[-1, -3, 2], [0, -3, 3], [5, 5, -4]],
    [[-5, -3, 0], [-11, -2, -6], [-3, -3, -1]],
    [[0, 5, 0], [8, -2, 0], [3, -1, -4]],
    [[-1, 8, 8], [9, 7, 0], [-6, -1, 3]],
    [[-4, 2, 3], [4, -7, -3], [-1, -6, 8]],
    [[-1, 0, -3], [9, 7, 2], [-8, 1, 2]],
    [[4, -4, 7], [-6, -3, 6], [0, 10, 1]],
    [[3, 5, 4], [4, 2, -2], [-8, -2, -3]],
]  # tenths; a network of the kind that chapter 5 builds has learned them


def show_goal() -> None:
    """Show where chapter 5 leads: kernels that a network has learned, and what they see."""
    _show(np.array(LEARNED) / 10, digits.load().test_images[2], "What a network has learned to see")


def show_kernels(kernels: ArrayLike, image: ArrayLike) -> None:
    """Show kernels of one channel and what each of them sees in an image.

    Parameters
    ----------
    kernels : array_like, shape (n, 3, 3)
        The weights.
    image : array_like, shape (H, W)
        What they look at, from 0 to 1.
    """
    shown = np.asarray(kernels, dtype=float)
    _show(shown, np.asarray(image, dtype=float), f"{len(shown)} kernels your network has learned")


def _show(kernels: NDArray[np.float64], image: NDArray[np.float64], title: str) -> None:
    import matplotlib.pyplot as plt

    pairs = -(-len(kernels) // COLUMNS)
    figure, axes = plt.subplots(
        2 * pairs, COLUMNS + 1, figsize=(8.2, 2.1 * pairs + 0.5), layout="constrained"
    )
    for ax in axes.ravel():
        ax.axis("off")
    axes[1, 0].imshow(image, cmap="gray_r", vmin=0, vmax=1)
    axes[1, 0].set_title("a digit", fontsize=9, weight="normal")
    largest = np.abs(kernels).max()
    for number, kernel in enumerate(kernels):
        row, column = 2 * (number // COLUMNS), number % COLUMNS + 1
        seen = _seen(kernel, image)
        _fill(axes[row, column], kernel, float(largest))
        _fill(axes[row + 1, column], seen, float(np.abs(seen).max()))
        if column == 1:
            axes[row, column].set_title("kernels", fontsize=9, weight="normal", loc="left")
            axes[row + 1, column].set_title(
                "what they see", fontsize=9, weight="normal", loc="left"
            )
    figures.headline(figure, f"{title} (bright: positive, dark: negative)")
    figures.show(
        figure,
        f"A handwritten digit, {len(kernels)} kernels of 3 by 3 weights, and below each kernel its "
        "output for the digit: many of them answer to edges in one direction.",
    )


def _fill(ax: Axes, values: NDArray[np.float64], largest: float) -> None:
    ax.imshow(values, cmap="gray", vmin=-largest, vmax=largest)


def _seen(kernel: NDArray[np.float64], image: NDArray[np.float64]) -> NDArray[np.float64]:
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(image, 1), kernel.shape)
    return np.asarray(np.tensordot(windows, kernel, axes=2))
