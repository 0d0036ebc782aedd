"""One neuron that tells a 3 from an 8: its data, and pictures of what it has learned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from byhand import digits, figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["show_goal", "show_learning", "show_redrawing", "three_or_eight"]

Floats = NDArray[np.float64]
DIGITS = 3, 8  # the targets 0 and 1
STEPS, RATE = 400, 2.0


def three_or_eight() -> tuple[Floats, Floats, Floats, Floats]:
    """Return the images of 3s and 8s as columns, and their targets: 0 for a 3, 1 for an 8.

    Returns
    -------
    x, y : ndarray, shapes (64, B) and (1, B)
        For training.
    x_new, y_new : ndarray
        Not used in training; the first image is a 3.

    Examples
    --------
    >>> x, y, x_new, y_new = three_or_eight()
    >>> x.shape, y.shape, x_new.shape
    ((64, 299), (1, 299), (64, 58))
    """
    data = digits.load()
    columns = []
    for images, labels in (
        (data.train_images, data.train_labels),
        (data.test_images, data.test_labels),
    ):
        chosen = np.isin(labels, DIGITS)
        columns.append(images[chosen].reshape(-1, 64).T.copy())
        columns.append((labels[chosen] == DIGITS[1]).astype(float)[None, :])
    x, y, x_new, y_new = columns
    order = np.argsort(y_new[0], kind="stable")  # the 3s first
    return x, y, x_new[:, order], y_new[:, order]


def _answer(W: Floats, b: Floats, x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(W @ x + b, -500, 500))))


def _trained() -> tuple[Floats, Floats]:
    x, y, _, _ = three_or_eight()
    W, b = np.zeros((1, 64)), np.zeros((1, 1))
    for _ in range(STEPS):
        a = _answer(W, b, x)
        delta = (a - y) * a * (1 - a) / x.shape[1]
        W, b = W - RATE * np.einsum("ik,jk->ij", delta, x), b - RATE * delta.sum()
    return W, b


def _show_image(axes: Axes, image: Floats, title: str) -> None:
    axes.imshow(image.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
    axes.set_title(title, fontsize=11)
    axes.set_axis_off()


def _show_weights(axes: Axes, W: Floats) -> None:
    largest = float(np.abs(W).max()) or 1.0
    axes.imshow(W.reshape(8, 8), cmap="PuOr", vmin=-largest, vmax=largest)
    for (row, column), weight in np.ndenumerate(W.reshape(8, 8)):
        if abs(weight) > 0.3 * largest:  # the sign, beside its colour
            axes.text(
                column, row, "+" if weight > 0 else "−", ha="center", va="center",
                color="white" if abs(weight) > 0.6 * largest else "black",
            )  # fmt: skip
    axes.set_title("its weights", fontsize=11)
    axes.set_axis_off()


def show_goal() -> None:
    """Show where chapter 3 leads: a neuron's weights, and what it says of six digits."""
    import matplotlib.pyplot as plt

    W, b = _trained()
    _, _, x, _ = three_or_eight()
    chosen = [0, -1, 1, -2, 2, -3]
    figure, axes = plt.subplots(1, 7, figsize=(9.4, 1.9), layout="constrained")
    for place, k in zip(axes, chosen, strict=False):
        share = float(_answer(W, b, x[:, [k]])[0, 0])
        _show_image(place, x[:, k], f"8? {100 * share:.0f} %")
    _show_weights(axes[-1], W)
    figures.show(
        figure,
        "Six handwritten digits with how sure the neuron is that each is an 8: low for the 3s, "
        "high for the 8s. Then its 64 weights as a picture.",
    )


def show_learning(W: Floats, b: Floats, losses: Sequence[float], x: Any, y: Any) -> None:
    """Show the loss of each step, the weights, and what the neuron says of images new to it.

    Parameters
    ----------
    W, b : ndarray, shapes (1, 64) and (1, 1)
        What was learned.
    losses : sequence of float
        The loss before each step.
    x, y : ndarray
        Images and targets that were not used in training.
    """
    import matplotlib.pyplot as plt

    answers = _answer(W, b, x)[0]
    right = float(np.mean((answers > 0.5) == (y[0] > 0.5)))
    figure, (left, middle, last) = plt.subplots(
        1, 3, figsize=(10, 3.3), layout="constrained", width_ratios=(4, 2.6, 4)
    )
    left.plot(losses, color=figures.BLUE)
    left.set(title="Your gradients at work", xlabel="step", ylabel="loss", ylim=(0, None))
    _show_weights(middle, np.asarray(W))
    bins = np.linspace(0, 1, 21)
    last.hist(answers[y[0] < 0.5], bins, color=figures.ORANGE, hatch="//", label="a 3")
    last.hist(answers[y[0] > 0.5], bins, color=figures.BLUE, alpha=0.7, label="an 8")
    last.set(
        title=f"{100 * right:.0f} % of {len(answers)} new images right",
        xlabel="what the neuron says", ylabel="images",
    )  # fmt: skip
    last.legend(loc="upper center")
    figures.show(
        figure,
        "Left, the loss falls. In the middle, the 64 weights as a picture. Right, a histogram: "
        "the answers for new 3s are near 0, those for new 8s near 1.",
    )


def show_redrawing(W: Floats, b: Floats, images: Sequence[Floats]) -> None:
    """Show how an image changes step by step, with what the neuron says of it.

    Parameters
    ----------
    W, b : ndarray
        The neuron.
    images : sequence of ndarray, each of shape (64, 1)
        From the first to the last.
    """
    import matplotlib.pyplot as plt

    chosen = np.linspace(0, len(images) - 1, 6).astype(int)
    figure, axes = plt.subplots(1, 7, figsize=(9.4, 1.9), layout="constrained")
    for place, k in zip(axes, chosen, strict=False):
        share = float(_answer(W, b, images[k])[0, 0])
        _show_image(place, images[k], f"step {k}: {100 * share:.0f} %")
    change = images[-1] - images[0]
    axes[-1].imshow(change.reshape(8, 8), cmap="PuOr", vmin=-1, vmax=1)
    axes[-1].set_title("what changed", fontsize=11)
    axes[-1].set_axis_off()
    figures.show(
        figure,
        "A 3, redrawn in six pictures until the neuron is sure that it is an 8; then the change.",
    )
