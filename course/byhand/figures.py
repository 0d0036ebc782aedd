"""Drawing for chapters and explorers: one style, named colours, direct labels.

The colours are those of Okabe and Ito, *Color Universal Design* (2008). No figure of the course
tells two things apart by colour alone: lines differ in style or marker too, and carry labels.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from byhand import progress

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.text import Text

__all__ = [
    "BLACK",
    "BLUE",
    "GREEN",
    "ORANGE",
    "PURPLE",
    "SKY",
    "STYLE",
    "VERMILION",
    "axes_through_origin",
    "corner_label",
    "diamonds",
    "headline",
    "label",
    "show",
    "style",
    "use_style",
]

STYLE = Path(__file__).with_name("byhand.mplstyle")

BLUE = "#0072B2"
VERMILION = "#D55E00"
GREEN = "#009E73"
PURPLE = "#CC79A7"
ORANGE = "#E69F00"
SKY = "#56B4E9"
BLACK = "#000000"


def use_style() -> None:
    """Draw every later Matplotlib figure of this session in the course's style.

    Examples
    --------
    >>> import matplotlib
    >>> use_style()
    >>> matplotlib.rcParams["image.cmap"]
    'viridis'
    """
    import matplotlib.style

    matplotlib.style.use(STYLE)


def style() -> AbstractContextManager[None]:
    """Return a context in which figures are drawn in the course's style."""
    import matplotlib.style

    # from the defaults up, so that an explorer looks the same whatever the notebook has set
    return matplotlib.style.context(["default", STYLE])


def axes_through_origin(axes: Axes) -> None:
    """Draw the two coordinate axes as thin grey lines behind the curves.

    Parameters
    ----------
    axes : Axes
        Matplotlib axes with linear scales.
    """
    axes.axhline(0, color="0.45", linewidth=1, zorder=1)
    axes.axvline(0, color="0.45", linewidth=1, zorder=1)


def label(axes: Axes, x: float, y: float, text: str, color: str, **settings: Any) -> Text:
    """Write a direct label, which stays legible over grid and curves.

    Parameters
    ----------
    axes : Axes
        Matplotlib axes.
    x, y : float
        Where, in data coordinates unless `settings` names another ``transform``.
    text : str
        What to write.
    color : str
        The colour of what is labelled.
    **settings
        Passed to `Axes.text`.

    Returns
    -------
    Text
        The label.
    """
    halo = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.0}
    return axes.text(x, y, text, color=color, **{"bbox": halo, "zorder": 5, **settings})


def corner_label(axes: Axes, **settings: Any) -> Text:
    """Return an empty label above the right end of the axes, beside a legend that stands there.

    Parameters
    ----------
    axes : Axes
        Matplotlib axes.
    **settings
        Passed to `Axes.text`.

    Returns
    -------
    Text
        The label; `set_text` fills it.
    """
    return axes.text(
        1, 1.03, "", fontsize=11, ha="right", va="bottom", transform=axes.transAxes, **settings
    )


def diamonds(axes: Axes, size: float = 11) -> Line2D:
    """Return open diamonds, still without places, for values that a student's function gives.

    Parameters
    ----------
    axes : Axes
        Matplotlib axes.
    size : float, default 11
        Of a diamond, in points.

    Returns
    -------
    Line2D
        The diamonds; they are ``animated``, and `set_data` places them.
    """
    (markers,) = axes.plot(
        [], [], "D", markerfacecolor="none", markeredgecolor=PURPLE, markersize=size,
        markeredgewidth=2, zorder=6, animated=True,
    )  # fmt: skip
    return markers


def headline(figure: Figure, text: str) -> None:
    """Write a message above all axes of a figure, in the style of a title of axes.

    Parameters
    ----------
    figure : Figure
        A figure with several axes.
    text : str
        The message.
    """
    figure.suptitle(text, x=0.02, ha="left", fontsize=13, fontweight="bold")


def show(figure: Figure, alt: str) -> None:
    """Display a finished figure with a text for those who cannot see it, and close it.

    In a grading run, where nobody looks, it is only closed.

    Parameters
    ----------
    figure : Figure
        A figure made by `matplotlib.pyplot`.
    alt : str
        What it shows, in one or two sentences.
    """
    import base64
    import io
    from html import escape

    import matplotlib.pyplot as plt
    from IPython.display import HTML, display

    if progress.grading():
        plt.close(figure)
        return
    stream = io.BytesIO()
    figure.savefig(stream, format="png", bbox_inches="tight")
    plt.close(figure)
    picture = base64.b64encode(stream.getvalue()).decode("ascii")
    display(HTML(f'<img alt="{escape(alt)}" src="data:image/png;base64,{picture}">'))
