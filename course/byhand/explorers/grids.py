"""A table of numbers in shaded cells, for explorers of images and of attention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from byhand import figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["NumberGrid", "board", "whole"]

STRONGEST = 0.6  # share of colour in the largest cell: black text stays legible on it


def board(axes: Axes, width: float, height: float) -> None:
    """Make of the axes an empty board that is measured in cells, row 0 on top."""
    axes.set(xlim=(0, width), ylim=(height, 0), aspect="equal")
    axes.axis("off")


def whole(value: float) -> str:
    """Return a number without decimals, with a true minus sign."""
    return f"{value:.0f}".replace("-0", "0").replace("-", "−")


class NumberGrid:
    """A table of numbers; blue cells are positive, red ones negative, and each says its number.

    Parameters
    ----------
    axes : Axes
        A board of cells.
    most : tuple of int
        Rows and columns at most.
    fontsize : float, default 10
        Of the numbers.
    """

    def __init__(self, axes: Axes, most: tuple[int, int], *, fontsize: float = 10) -> None:
        from matplotlib.collections import PolyCollection
        from matplotlib.colors import to_rgb

        self.colors = np.array([to_rgb(figures.BLUE), to_rgb(figures.VERMILION)])
        self.squares = PolyCollection([], edgecolors="0.55", linewidths=0.8, animated=True)
        axes.add_collection(self.squares, autolim=False)
        self.texts = [
            axes.text(
                0, 0, "", ha="center", va="center_baseline", fontsize=fontsize, zorder=3,
                animated=True,
            )
            for _ in range(most[0] * most[1])
        ]  # fmt: skip
        self._laid_out: tuple | None = None

    def show(
        self,
        values: np.ndarray,
        texts: Sequence[str],
        *,
        x: float,
        y: float,
        largest: float,
        dashed: np.ndarray | None = None,
    ) -> None:
        """Show these numbers.

        Parameters
        ----------
        values : ndarray, shape (rows, columns)
            What the shades tell.
        texts : sequence of str
            What is written in the cells, row by row.
        x, y : float
            The corner of cell (0, 0).
        largest : float
            The size of value that gets the strongest shade.
        dashed : ndarray of bool, optional
            Cells with a dashed edge.
        """
        self._lay_out(values.shape, x, y, dashed)
        strength = STRONGEST * np.clip(np.abs(values.ravel()) / largest, 0, 1)[:, None]
        tint = self.colors[(values.ravel() < 0).astype(int)]
        self.squares.set_facecolor(1 - strength * (1 - tint))
        for text, written in zip(self.texts, texts, strict=False):
            text.set_text(written)

    def hide(self) -> None:
        """Show nothing."""
        self._laid_out = None
        self.squares.set_verts([])
        for text in self.texts:
            text.set_text("")

    def _lay_out(
        self, shape: tuple[int, ...], x: float, y: float, dashed: np.ndarray | None
    ) -> None:
        wanted = shape, x, y, None if dashed is None else dashed.tobytes()
        if wanted == self._laid_out:
            return
        self._laid_out = wanted
        rows, columns = np.indices(shape).reshape(2, -1)
        corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
        at = np.stack([x + columns, y + rows], axis=1)
        self.squares.set_verts(at[:, None] + corners)
        if dashed is not None:
            self.squares.set_linestyle(["--" if cell else "-" for cell in dashed.ravel()])
        for text, (left, top) in zip(self.texts, at, strict=False):
            text.set_position((left + 0.5, top + 0.54))
        for text in self.texts[len(at) :]:
            text.set_text("")
