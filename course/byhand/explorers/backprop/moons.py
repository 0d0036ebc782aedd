"""Two moons of points, and a picture of a network that learns the border between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from byhand import figures, progress
from byhand.explorers.backprop.boundary import learn, outputs, painted, two_moons

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["show_goal", "show_learning"]


def show_goal() -> None:
    """Show where chapter 4 leads: a border that bends itself between two moons."""
    if not progress.grading():
        path, _ = learn(8, 0.5, "two moons")
        show_learning(path[:151].tolist())


def show_learning(path: Sequence[Sequence[float]]) -> None:
    """Show the border of a network with two inputs and one output while it learned the two moons.

    Parameters
    ----------
    path : sequence of sequence of float
        The parameters before each step: the entries of W1, b1, W2 and b2 in a row.
    """
    import matplotlib.pyplot as plt

    rows = np.asarray(path, dtype=float)
    hidden = (rows.shape[1] - 1) // 4
    x, target = two_moons()
    losses = np.mean((outputs(rows, hidden, x) - target) ** 2, axis=1) / 2
    steps = [0, len(rows) // 8, len(rows) - 1]
    figure, axes = plt.subplots(1, 4, figsize=(10.5, 3.1), layout="constrained")
    shares = []
    for plane, step in zip(axes, steps, strict=False):
        said = outputs(rows[step : step + 1], hidden, x)[0]
        shares.append(int(np.sum(np.sign(said) == target[0])))
        _draw_border(plane, rows[step], hidden)
        plane.set_title(f"step {step}: {shares[-1]} of {x.shape[1]} right", fontsize=11)
    axes[3].plot(losses, color=figures.BLACK)
    axes[3].plot(steps, losses[steps], "o", color=figures.BLACK)
    axes[3].set(xlabel="step", ylabel="loss", yscale="log")
    axes[3].set_title("the loss", fontsize=11)
    figures.show(
        figure,
        "Two interleaved half-moons of points and the border of a network, before the first step, "
        f"on the way and at the end: {shares[0]}, {shares[1]} and {shares[2]} of {x.shape[1]} "
        f"points are on the right side. The loss falls from {losses[0]:.3f} to {losses[-1]:.3f}.",
    )


def _draw_border(plane: Axes, parameters: np.ndarray, hidden: int) -> None:
    """Draw the points, and the side of the plane that the network gives to each kind."""
    span = np.linspace(-2, 2, 161)
    grid = np.stack(np.meshgrid(span, span)).reshape(2, -1)
    field = outputs(parameters[None], hidden, grid).reshape(161, 161)
    plane.imshow(painted(field), extent=(-2, 2, -2, 2), origin="lower", aspect="equal", zorder=1.5)
    x, target = two_moons()
    for sign, color, marker in ((1, figures.BLUE, "o"), (-1, figures.VERMILION, "s")):
        plane.plot(
            *x[:, target[0] == sign], marker, color=color, markeredgecolor="white", markersize=5,
            linestyle="none", zorder=4,
        )  # fmt: skip
    plane.grid(False)
    plane.set(xticks=[], yticks=[], xlim=(-2, 2), ylim=(-1.6, 1.6))
