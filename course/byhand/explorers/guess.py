"""What a student has guessed, drawn on an explorer's picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from byhand import figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

__all__ = ["Guess"]


class Guess:
    """The student's guess on a picture: a line with its name, drawn beside the truth.

    Parameters
    ----------
    axes : Axes
        Where it is drawn.
    across : {"x", "y", ""}
        The axis on which the guess is a place: the line crosses it. If empty, `show` says where.
    """

    def __init__(self, axes: Axes, across: str = "") -> None:
        self.across = across
        places = {"x": axes.get_xaxis_transform, "y": axes.get_yaxis_transform}
        transform = places[across]() if across else axes.transData
        self.line = figures.moving(
            axes, color=figures.ORANGE, linestyle="-.", linewidth=2.5, zorder=5.5,
            transform=transform, visible=False,
        )  # fmt: skip
        self.name = figures.label(
            axes, 0, 0, "your guess", "#7A4B00", fontsize=11, zorder=7, transform=transform,
            va="bottom", clip_on=False, animated=True, visible=False,
        )  # fmt: skip

    def at(self, place: float) -> None:
        """Show the guess at this place of its axis."""
        if self.across == "x":
            self.show([place, place], [1, 0], (place, 0.02), "center")
        else:
            self.show([0, 1], [place, place], (0.99, place))

    def show(
        self,
        x: ArrayLike,
        y: ArrayLike,
        name: tuple[float, float] | None = None,
        side: Literal["left", "center", "right"] = "right",
    ) -> None:
        """Show the guess as this line; its name, aligned to this side, is at its end."""
        self.line.set_data(x, y)
        self.name.set_position(name or (np.ravel(x)[-1], np.ravel(y)[-1]))
        self.name.set_horizontalalignment(side)
        for artist in (self.line, self.name):
            artist.set_visible(True)

    def hide(self) -> None:
        """Show nothing."""
        for artist in (self.line, self.name):
            artist.set_visible(False)
