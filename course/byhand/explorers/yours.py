"""What a student's own function gives, drawn over an explorer's picture with a label."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from byhand import figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text
    from numpy.typing import ArrayLike

__all__ = ["Yours", "write_labels"]

_OPEN = {
    "linestyle": "", "markerfacecolor": "none", "markeredgecolor": figures.PURPLE,
    "markeredgewidth": 2.5,
}  # fmt: skip
# by the words of the label
LOOKS: dict[str, dict[str, Any]] = {
    "dotted": {"color": figures.PURPLE, "linestyle": ":", "linewidth": 4},
    "diamond": {"marker": "D", "markersize": 14, **_OPEN},
    "diamonds": {"marker": "D", "markersize": 11, **_OPEN, "markeredgewidth": 2},
    "ring": {"marker": "o", "markersize": 16, **_OPEN},
}


class Yours:
    """A line or markers for a student's result: hidden until a redraw shows it.

    Made by `Explorer.add_yours`. The explorer hides it before each redraw and writes its label
    after it, so a redraw says only what the student's function gives.

    Parameters
    ----------
    result : callable
        `Explorer.student_result`.
    axes : Axes
        Where it is drawn.
    look : str
        One of `LOOKS`.
    label : Text, optional
        Where it is named; several may share a label. Without it, above the right end of the axes.
    note : str
        What follows its exercise on the label.
    **style
        Settings of the line that differ from its look's.

    Attributes
    ----------
    mark : Line2D
        The line or markers.
    label : Text
        The label.
    exercise : str
        The number of the exercise whose result is shown; empty while none is.
    """

    def __init__(
        self,
        result: Callable[..., np.ndarray | None],
        axes: Axes,
        look: str,
        label: Text | None,
        note: str,
        **style: Any,
    ) -> None:
        self._result = result
        self.look, self.note, self.exercise = look, note, ""
        self.mark = figures.moving(axes, **{"zorder": 6, **LOOKS[look], **style})
        self.label = figures.corner_label(axes, animated=True) if label is None else label

    def draw(self, name: str, exercise: str, use: Callable[[Callable[..., Any]], Any]) -> bool:
        """Show what `use` makes of the student's function, if its exercise has passed.

        Parameters
        ----------
        name, exercise, use
            As for `Explorer.student_result`; `use` returns where to draw: x and y.

        Returns
        -------
        bool
            Whether anything is shown.
        """
        found = self._result(name, exercise, use)
        if found is not None:
            self.show(exercise, *found)
        return found is not None

    def show(self, exercise: str, x: ArrayLike, y: ArrayLike) -> None:
        """Show a result of this exercise at these places."""
        self.mark.set_data(np.atleast_1d(x), np.atleast_1d(y))
        self.mark.set_visible(True)
        self.exercise = exercise

    def hide(self) -> None:
        """Show nothing."""
        self.mark.set_visible(False)
        self.exercise = ""


def write_labels(marks: Sequence[Yours]) -> None:
    """Write what is shown on the labels of these marks, such as ``"dotted: yours (1.1, 1.2)"``."""
    for label in {mark.label for mark in marks}:
        shown: dict[tuple[str, str], list[str]] = {}
        for mark in marks:
            if mark.label is label and mark.exercise:
                numbers = shown.setdefault((mark.look, mark.note), [])
                if mark.exercise not in numbers:
                    numbers.append(mark.exercise)
        label.set_text(
            ", ".join(
                f"{look}: yours ({', '.join(numbers)}){note}"
                for (look, note), numbers in shown.items()
            )
        )
