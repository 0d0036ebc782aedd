"""A table of numbers in shaded cells, for explorers of images and of attention."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from byhand import figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.path import Path

__all__ = ["NumberGrid", "board", "two_decimals", "whole"]

STRONGEST = 0.6  # share of colour in the largest cell: black text stays legible on it


def board(axes: Axes, width: float, height: float) -> None:
    """Make of the axes an empty board that is measured in cells, row 0 on top."""
    axes.set(xlim=(0, width), ylim=(height, 0), aspect="equal")
    axes.axis("off")


def whole(value: float) -> str:
    """Return a number without decimals, with a true minus sign."""
    return f"{value:.0f}".replace("-0", "0").replace("-", "−")


def two_decimals(value: float) -> str:
    """Return a number with two decimals and a true minus sign; never minus 0."""
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


@cache
def outline(text: str, size: float) -> Path:
    """Return the outline of a short text in points, centred at 0 as a digit would be."""
    from matplotlib.path import Path
    from matplotlib.textpath import TextPath

    if not text:
        return Path(np.zeros((0, 2)))
    path, digit = (TextPath((0, 0), written, size=size) for written in (text, "0"))
    box = path.get_extents()
    centre = (box.x0 + box.x1) / 2, digit.get_extents().y1 / 2
    return Path(path.vertices - centre, path.codes)


class NumberGrid:
    """A table of numbers; blue cells are positive, red ones negative, and each says its number.

    All numbers are one collection of outlines: a hundred take 1.4 ms, as texts 44 ms.

    Parameters
    ----------
    axes : Axes
        A board of cells.
    fontsize : float, default 10
        Of the numbers.
    animated : bool, default True
        Whether the table changes with the controls.
    """

    def __init__(self, axes: Axes, *, fontsize: float = 10, animated: bool = True) -> None:
        from matplotlib.collections import PathCollection, PolyCollection
        from matplotlib.colors import to_rgb
        from matplotlib.transforms import Affine2D

        self.fontsize = fontsize
        self.colors = np.array([to_rgb(figures.BLUE), to_rgb(figures.VERMILION)])
        self.squares = PolyCollection(
            [], edgecolors="0.55", linewidths=0.8, clip_on=False, animated=animated
        )
        self.numbers = PathCollection(
            [], facecolors="black", linewidths=0, offsets=[], offset_transform=axes.transData,
            transform=Affine2D().scale(axes.figure.dpi / 72), zorder=3, clip_on=False,
            animated=animated,
        )  # fmt: skip
        for artist in (self.squares, self.numbers):
            axes.add_collection(artist, autolim=False)
        self._laid_out: tuple | None = None

    def show(
        self,
        values: np.ndarray,
        texts: Sequence[str],
        *,
        largest: float,
        x: float = 0,
        y: float = 0,
        dashed: np.ndarray | None = None,
    ) -> None:
        """Show these numbers.

        Parameters
        ----------
        values : ndarray, shape (rows, columns)
            What the shades tell.
        texts : sequence of str
            What is written in the cells, row by row.
        largest : float
            The size of value that gets the strongest shade.
        x, y : float
            The corner of cell (0, 0).
        dashed : ndarray of bool, optional
            Cells with a dashed edge.
        """
        self._lay_out(values.shape, x, y, dashed)
        strength = STRONGEST * np.clip(np.abs(values.ravel()) / largest, 0, 1)[:, None]
        tint = self.colors[(values.ravel() < 0).astype(int)]
        self.squares.set_facecolor(1 - strength * (1 - tint))
        self.numbers.set_paths([outline(text, self.fontsize) for text in texts])

    def _lay_out(
        self, shape: tuple[int, ...], x: float, y: float, dashed: np.ndarray | None
    ) -> None:
        wanted = shape, x, y, None if dashed is None else dashed.tobytes()
        if wanted == self._laid_out:
            return
        self._laid_out = wanted
        rows, columns = np.indices(shape).reshape(2, -1)
        at = np.stack([x + columns, y + rows], axis=1)
        self.squares.set_verts(at[:, None] + np.array([[0, 0], [1, 0], [1, 1], [0, 1]]))
        if dashed is not None:
            self.squares.set_linestyle(["--" if cell else "-" for cell in dashed.ravel()])
        self.numbers.set_offsets(at + 0.5)
