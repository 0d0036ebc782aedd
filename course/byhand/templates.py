"""Three digits and the templates that tell them apart: data and pictures of chapter 2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from byhand import digits, figures
from byhand.differences.calls import Function

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["show_goal", "show_learned", "show_methods", "three_digits"]

Floats = NDArray[np.float64]

DIGITS = (3, 5, 8)
EACH = 50  # images of each digit to learn from
SHOWN = 9  # unseen images in a picture
MARKERS = ["o", "s", "D"]
LINES = ["-", "--", "-."]
COLORS = [figures.VERMILION, figures.BLUE, figures.GREEN]


def three_digits() -> tuple[Floats, Floats, Floats, NDArray[np.int64]]:
    """Return images of the digits 3, 5 and 8, to learn from and to be read.

    Returns
    -------
    images : ndarray, shape (150, 64)
        Ink from 0 to 1, one image a row, 50 of each digit.
    truth : ndarray, shape (150, 3)
        1 in the column of the digit that the image shows, 0 elsewhere.
    new_images : ndarray, shape (90, 64)
        Images that are not used to learn.
    new_digits : ndarray of int, shape (90,)
        The digits they show.

    Examples
    --------
    >>> images, truth, new_images, new_digits = three_digits()
    >>> images.shape, truth.sum(axis=0), new_images.shape
    ((150, 64), array([50., 50., 50.]), (90, 64))
    """
    known = digits.load()
    chosen = np.sort(
        np.concatenate([np.flatnonzero(known.train_labels == d)[:EACH] for d in DIGITS])
    )
    new = np.isin(known.test_labels, DIGITS)
    truth = (known.train_labels[chosen, None] == np.array(DIGITS)).astype(np.float64)
    return (
        known.train_images[chosen].reshape(-1, 64),
        truth,
        known.test_images[new].reshape(-1, 64),
        known.test_labels[new],
    )


def _probabilities(scores: Floats) -> Floats:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _learned() -> Floats:
    """Return templates learned by 200 steps of gradient descent from zeros, shape (3, 64)."""
    images, truth, _, _ = three_digits()
    W = np.zeros((3, 64))
    for _ in range(200):
        s = _probabilities(images @ W.T)
        r = s - truth
        W -= 1.0 / len(images) * (s * (r - np.sum(r * s, axis=1, keepdims=True))).T @ images
    return W


def _read(W: Floats, images: Floats) -> NDArray[np.int64]:
    """Return the digit whose template gives each image its largest score."""
    return np.array(DIGITS)[np.argmax(images @ W.T, axis=1)]


def _draw_templates(row: Sequence[Axes], W: Floats) -> None:
    """Draw the template of each digit: violet pixels speak for it, orange ones against it."""
    most = float(np.abs(W).max()) or 1.0
    for axes, digit, template in zip(row, DIGITS, W, strict=True):
        axes.imshow(template.reshape(8, 8), cmap="PuOr", vmin=-most, vmax=most)
        axes.set_title(f"template of {digit}", fontsize=11)
        _bare(axes)


def _draw_images(row: Sequence[Axes], W: Floats) -> None:
    """Draw unseen images, with what the templates read in them."""
    _, _, images, labels = three_digits()
    for axes, image, digit, read in zip(row, images, labels, _read(W, images), strict=False):
        axes.imshow(image.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        right = read == digit
        axes.set_title(f"{read} {'✓' if right else '✗'}", fontsize=11)
        _bare(axes)


def _bare(axes: Axes) -> None:
    axes.set(xticks=[], yticks=[])
    axes.grid(False)
    axes.spines[:].set_visible(False)


def show_goal() -> None:
    """Show where chapter 2 leads: three learned templates, and unseen digits that they read."""
    import matplotlib.pyplot as plt

    W = _learned()
    figure = plt.figure(figsize=(7.2, 4.0), layout="constrained")
    figure.suptitle("Three templates, and nine digits that they have never seen")
    (above,), (below,) = figure.subfigures(2, 1, height_ratios=(2.2, 1), squeeze=False)
    _draw_templates(above.subplots(1, 3), W)
    _draw_images(below.subplots(1, SHOWN), W)
    figures.show(
        figure,
        "Three pictures of 8 by 8 coloured pixels, the templates of 3, 5 and 8. Below them nine "
        "handwritten digits, each with the right digit above it.",
    )


def show_learned(
    W: Floats, losses: Sequence[float], measured: Sequence[tuple[int, float]] = ()
) -> None:
    """Show learned templates, how the loss fell, and what they read in unseen images.

    Parameters
    ----------
    W : ndarray, shape (3, 64)
        The templates.
    losses : sequence of float
        The loss before the first step and after each one; a step costs one evaluation.
    measured : sequence of (int, float)
        Evaluations and losses of a descent with a measured gradient.
    """
    import matplotlib.pyplot as plt

    _, _, images, labels = three_digits()
    right = int(np.sum(_read(W, images) == labels))
    figure = plt.figure(figsize=(7.6, 6.6), layout="constrained")
    figure.suptitle(f"Your templates read {right} of {len(labels)} digits they have never seen")
    parts = figure.subfigures(3, 1, height_ratios=(2.1, 2.6, 1), squeeze=False)
    above, middle, below = parts[:, 0]
    _draw_templates(above.subplots(1, 3), W)
    axes = middle.subplots()
    axes.semilogx(np.arange(len(losses)) + 1, losses, color=figures.BLUE, label="exact gradient")
    if measured:
        counts, values = np.array(measured).T
        axes.semilogx(counts + 1, values, "s--", color=figures.VERMILION, label="measured gradient")
    axes.set(xlabel="evaluations of the loss, or of its gradient", ylabel="loss", ylim=(0, None))
    axes.legend()
    _draw_images(below.subplots(1, SHOWN), W)
    figures.show(
        figure,
        f"Above, the three templates. In the middle, the loss against the number of evaluations: "
        f"with the exact gradient it falls to {losses[-1]:.3f} within {len(losses) - 1} of them, "
        f"while the measured gradient needs 384 for each step. Below, nine unseen digits and what "
        f"is read in them; {right} of {len(labels)} are right.",
    )


def show_methods(paths: Mapping[str, Floats], f: Function) -> None:
    """Show the height of f at each step of some paths, on a log axis.

    Parameters
    ----------
    paths : mapping of str to ndarray, shape (k + 1, 2)
        The points that each method visits.
    f : callable
        The function that they minimize.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    said = []
    for k, (name, path) in enumerate(paths.items()):
        heights = [max(float(f(x)), 1e-20) for x in path]
        axes.semilogy(
            heights, LINES[k % 3], marker=MARKERS[k % 3], markersize=4, color=COLORS[k % 3],
            label=name,
        )  # fmt: skip
        said.append(f"{name} reaches {heights[-1]:.0e} in {len(path) - 1} steps")
    axes.set(xlabel="step", ylabel="f(x, y)", title="Knowing the curvature pays")
    axes.legend()
    figures.show(figure, f"f against the step, on a log axis: {'; '.join(said)}.")
