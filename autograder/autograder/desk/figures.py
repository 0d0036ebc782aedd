"""The report's figures: each as SVG with the words that stand for it where it can't be seen."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.desk.items import ChapterReport

CORE, STRETCH = "#0072B2", "#E69F00"  # of Okabe and Ito


@dataclass(frozen=True)
class Figure:
    """A figure: the address that holds it, and its alt text."""

    source: str
    alt: str


def exercises(chapter: ChapterReport) -> Figure:
    """Draw the mean points of each exercise, as percent of what it is worth."""
    names = [f"{e.number}{' ★' if e.stretch else ''}" for e in chapter.exercises]
    percents = [100 * e.mean for e in chapter.exercises]
    colors = [STRETCH if e.stretch else CORE for e in chapter.exercises]
    figure, axes = _axes(1.1 + 0.28 * len(names))
    places = np.arange(len(names))[::-1]
    axes.barh(places, percents, color=colors, height=0.7)
    for place, percent in zip(places, percents, strict=True):
        inside = percent > 90
        axes.text(
            percent + (-1 if inside else 1), place, f"{percent:.0f}", va="center",
            ha="right" if inside else "left",
            color="white" if inside and colors[len(names) - 1 - place] == CORE else "black",
        )  # fmt: skip
    axes.set_yticks(places, names)
    axes.set(xlim=(0, 100), xlabel="mean points, % of the exercise's")
    axes.grid(axis="y", visible=False)
    said = ", ".join(
        f"{name} {percent:.0f} %" for name, percent in zip(names, percents, strict=True)
    )
    return _finished(figure, f"Bars: mean points of each exercise. {said}.")


def totals(percents: Sequence[float]) -> Figure:
    """Draw how many students have how many percent so far."""
    counts, edges = np.histogram(np.clip(percents, 0, 100), bins=10, range=(0, 100))
    figure, axes = _axes(2.6)
    axes.bar(edges[:-1] + 5, counts, width=9.4, color=CORE)
    axes.set(xlim=(0, 100), xticks=edges, xlabel="% of the points that count so far",
             ylabel="students")  # fmt: skip
    axes.yaxis.get_major_locator().set_params(integer=True)
    axes.grid(axis="x", visible=False)
    said = ", ".join(
        f"{low:.0f} to {low + 10:.0f} %: {n}" for low, n in zip(edges, counts, strict=False) if n
    )
    return _finished(figure, f"Histogram of totals, students by percent so far. {said}.")


def _axes(height: float) -> tuple[Any, Any]:
    """Return a figure and its axes; Matplotlib is imported where a figure is drawn."""
    from matplotlib.figure import Figure as Canvas

    from byhand.figures import style

    with style():
        figure = Canvas(figsize=(7.2, height), layout="constrained")
        return figure, figure.add_subplot()


def _finished(figure: Any, alt: str) -> Figure:
    stream = io.BytesIO()
    figure.savefig(stream, format="svg", metadata={"Date": None})
    data = base64.b64encode(stream.getvalue()).decode()
    return Figure(f"data:image/svg+xml;base64,{data}", alt)
