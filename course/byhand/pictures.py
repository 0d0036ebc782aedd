"""Pictures of what a student's own functions do: a fit to twenty points, errors against a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from byhand import figures
from byhand.differences import derivative
from byhand.differences.calls import Function
from byhand.points import twenty

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["show_descent", "show_errors", "show_goal"]

LINES = ["-", "--", "-.", ":"]
MARKERS = ["o", "s", "^", "D"]
COLORS = [figures.BLUE, figures.VERMILION, figures.GREEN, figures.PURPLE]


def _loss(w: float) -> float:
    x, y = twenty()
    return float(0.5 * np.mean((np.tanh(w * x) - y) ** 2))


def _draw_fit(axes: Axes, weights: Sequence[float]) -> None:
    """Draw the points and the curves of the first weight, of some on the way, and of the last."""
    grid = np.linspace(-1.7, 1.7, 201)
    figures.axes_through_origin(axes)
    for w in (weights[k] for k in (1, 2, 4, 8, 16) if k < len(weights)):
        axes.plot(grid, np.tanh(w * grid), color=figures.SKY, linewidth=1)
    axes.plot(grid, np.tanh(weights[0] * grid), color="0.4", linestyle="--", label="first curve")
    axes.plot(grid, np.tanh(weights[-1] * grid), color=figures.BLUE, label="last curve")
    axes.plot(*twenty(), "o", color=figures.BLACK, markersize=5, label="points")
    axes.set(xlabel="x", ylabel="y")
    figures.legend_above(axes, ncols=3)


def show_goal() -> None:
    """Show where chapter 1 leads: a curve that has found its way through twenty points."""
    import matplotlib.pyplot as plt

    weights = [-0.5]
    for _ in range(100):
        weights.append(weights[-1] - float(derivative(_loss, weights[-1]).value))
    figure, axes = plt.subplots(figsize=(6.2, 3.6))
    _draw_fit(axes, weights)
    axes.set_title("A curve that finds its own way through the points", pad=30)
    figures.show(
        figure,
        "Twenty points on a rising S-shaped curve. The first curve falls from left to right, thin "
        "ones on the way rise, and the last one runs through the points.",
    )


def show_descent(weights: Sequence[float]) -> None:
    """Show the curves tanh(w x) of a descent beside its losses.

    Parameters
    ----------
    weights : sequence of float
        The weight before the first step, after it, and so on.
    """
    import matplotlib.pyplot as plt

    weights = [float(w) for w in weights]
    losses = [_loss(w) for w in weights]
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    _draw_fit(left, weights)
    grid = np.linspace(min(-0.5, *weights), max(3.5, *weights), 201)
    right.plot(grid, [_loss(w) for w in grid], color="0.5", label="loss of every w")
    right.plot(weights, losses, "o-", color=figures.BLUE, markersize=5, label="your steps")
    right.set(xlabel="weight w", ylabel="loss")
    figures.legend_above(right, ncols=2)
    figures.headline(figure, f"{len(weights) - 1} steps downhill: w = {weights[-1]:.3f}")
    figures.show(
        figure,
        f"Left: twenty points; the first curve has w = {weights[0]:.3f}, the last "
        f"w = {weights[-1]:.3f}. Right: the loss falls from {losses[0]:.4f} to {losses[-1]:.4f} "
        "along the steps.",
    )


def show_errors(
    difference: Function, slopes: Mapping[str, tuple[Function, Function]], x: float
) -> None:
    """Show how far measured slopes are from those of formulas, against the step.

    Parameters
    ----------
    difference : callable
        ``difference(f, x, h)`` measures a slope, such as the student's `central_difference`.
    slopes : mapping of str to (callable, callable)
        By name, a function and the formula for its slope; at most four.
    x : float
        Where.
    """
    import matplotlib.pyplot as plt

    steps = np.logspace(-14, 0, 57)
    figure, axes = plt.subplots(figsize=(6.8, 4.0))
    least = {}
    looks = zip(LINES, MARKERS, COLORS, strict=True)
    for (name, (f, slope)), (line, marker, color) in zip(slopes.items(), looks, strict=False):
        with np.errstate(all="ignore"):  # a large step may leave the domain of f
            measured = np.array([float(difference(f, x, h)) for h in steps])
        errors = np.abs(measured - float(slope(x)))
        least[name] = float(np.nanmin(errors))
        axes.plot(
            steps, figures.on_log_axis(errors), linestyle=line, marker=marker, color=color,
            markevery=4, markersize=5, label=name,
        )  # fmt: skip
    axes.set(xscale="log", yscale="log", xlabel="step h", ylabel="|measured slope - formula|")
    axes.set_title(f"Measured against formula at x = {x:g}", pad=30)
    figures.legend_above(axes)
    best = ", ".join(f"{name} {error:.0e}" for name, error in least.items())
    figures.show(
        figure,
        f"Difference between measured slope and formula against the step h, on log axes. Least: "
        f"{best}.",
    )
