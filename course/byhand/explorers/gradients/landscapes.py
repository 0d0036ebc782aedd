"""Landscapes, their maps and the words for points on them, for the explorers of gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from byhand import differences

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.patches import FancyArrowPatch


Height = Callable[[np.ndarray, np.ndarray], np.ndarray]


class Landscape(NamedTuple):
    """A function of x and y, elementwise, the heights of its contour lines, a scale for arrows."""

    height: Height
    levels: np.ndarray
    scale: float = 1.0

    def at(self, point: np.ndarray) -> float:
        """Return the height at a point, shape (2,)."""
        return float(self.height(point[0], point[1]))

    def gradient(self, point: np.ndarray) -> np.ndarray:
        """Return the measured gradient at a point, shape (2,)."""
        return differences.gradient(self.at, point).value


def quadratic(along: float, across: float, degrees: float) -> Height:
    """Return a valley with two curvatures, turned counterclockwise."""
    turn = np.deg2rad(degrees)
    c, s = np.cos(turn), np.sin(turn)
    return lambda x, y: along / 2 * (c * x + s * y) ** 2 + across / 2 * (c * y - s * x) ** 2


class Map:
    """Labelled contour lines of one landscape over a light shade.

    Parameters
    ----------
    axes : Axes
        Where it is drawn, within the limits that they have when it is shown.
    """

    def __init__(self, axes: Axes) -> None:
        self.axes = axes
        self._artists: list[Artist] = []
        self._shown: Landscape | None = None

    def show(self, landscape: Landscape) -> None:
        """Draw this landscape in place of the one before, unless it is the same."""
        if landscape is self._shown:
            return
        for artist in self._artists:
            artist.remove()
        axes = self.axes
        x, y = np.meshgrid(np.linspace(*axes.get_xlim(), 91), np.linspace(*axes.get_ylim(), 91))
        heights = landscape.height(x, y)
        shade = axes.contourf(
            x, y, heights, landscape.levels, cmap="Greys", alpha=0.3, extend="both", zorder=0
        )
        lines = axes.contour(
            x, y, heights, landscape.levels, colors="0.5", linewidths=0.9, linestyles="solid",
            zorder=1,
        )  # fmt: skip
        axes.clabel(lines, landscape.levels[::2], fmt="%g", fontsize=9, colors="0.25")
        self._artists, self._shown = [lines, shade], landscape


def arrow(axes: Axes, color: str, linestyle: str = "-", zorder: float = 4) -> FancyArrowPatch:
    """Return an arrow that `point_arrow` moves."""
    from matplotlib.patches import FancyArrowPatch

    made = FancyArrowPatch(
        (0, 0), (1, 1), arrowstyle="-|>", mutation_scale=16, color=color, linestyle=linestyle,
        linewidth=2.4, shrinkA=0, shrinkB=0, zorder=zorder, animated=True,
    )  # fmt: skip
    axes.add_patch(made)
    return made


def point_arrow(arrow: FancyArrowPatch, start: np.ndarray, step: np.ndarray) -> None:
    """Move an arrow; one too short for its head is hidden."""
    arrow.set_visible(bool(np.hypot(*step) > 0.02))
    arrow.set_positions(tuple(start), tuple(start + step))


def two_decimals(value: float) -> str:
    """Return a number with two decimals; adding 0 makes 0 of -0."""
    return f"{np.round(value, 2) + 0.0:.2f}" if abs(value) < 1e4 else f"{value:.1e}"


def pair(vector: np.ndarray) -> str:
    """Return a point or vector as text."""
    return f"({', '.join(map(two_decimals, vector))})"


def height_in_words(value: float) -> str:
    """Return a height as text; a 0 with a little round-off error is 0."""
    return f"{value:.3g}" if abs(value) > 1e-12 else "0"
