"""A drawing of a ladder: its lines from the first one up to the last, with a student's derivatives.

Lines are in one column, inputs beside the lines that read them first. A derivative to check has a
dashed frame and says so in a word, so that no colour is needed to see it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from byhand import figures, progress
from byhand.checks.ladders import Forward, Ladder, ladder
from byhand.checks.modes import mode_of
from byhand.checks.rungs import Verdict, judge
from byhand.differences.calls import Function
from byhand.explorers.graphs import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["ladder_figure", "show_ladder"]

# in inches, which are the units of the axes
ROW, HEIGHT, LINE = 0.68, 0.47, 0.1  # from box to box, of a box, from its middle to a text
MARGIN, PAD, GAP, LANE = 0.15, 0.12, 0.9, 0.22  # around all, in a box, between columns, of a detour
NARROWEST = 2.0, 2.6  # box of an input, of a line: room for the title
TOP = 1.0  # above the highest box, for the title and the key
FORMULA: dict[str, Any] = {"family": "DejaVu Sans Mono", "size": 11}
NUMBERS: dict[str, Any] = {"family": "DejaVu Sans", "size": 10}

FRAMES: dict[str, dict[str, Any]] = {
    "right": {"edgecolor": "0.35", "linewidth": 1.2},
    "wrong": {"edgecolor": figures.VERMILION, "linewidth": 2.4, "linestyle": (0, (4, 2))},
    "missing": {"edgecolor": "0.35", "linewidth": 1.5, "linestyle": (0, (1, 2))},
    "unjudged": {"edgecolor": "0.35", "linewidth": 1.5, "linestyle": (0, (1, 2))},
}
SIDE = {"gradient": "above", "slope": "below"}  # where those are that a derivative follows from
TAGS = {"wrong": "check", "missing": "missing", "unjudged": "not judged yet"}


def show_ladder(
    lines: Ladder | Sequence[str],
    inputs: Mapping[str, Any],
    gradients: Function | None = None,
    *,
    forward: bool = False,
) -> None:
    """Draw a ladder with its values and, if they are given, the derivatives that a student found.

    Parameters
    ----------
    lines : Ladder or sequence of str
        The ladder, or its lines.
    inputs : mapping of str to array_like
        The inputs, by name.
    gradients : callable, optional
        As in `byhand.checks.check_ladder`; may return a part of them. While it is not implemented,
        the values are drawn alone.
    forward : bool, default False
        Whether they are slopes instead.
    """
    if progress.grading():
        return
    steps = lines if isinstance(lines, Ladder) else ladder(*lines)
    found = None
    if gradients is not None:
        try:
            found = gradients(**inputs)
        except NotImplementedError:
            found = None
    figures.show(*ladder_figure(steps(**inputs), found, forward=forward))


def ladder_figure(
    values: Forward, found: Mapping[str, Any] | None = None, *, forward: bool = False
) -> tuple[Figure, str]:
    """Return a figure of a ladder, and what it shows in words.

    Parameters
    ----------
    values : Forward
        The values of a forward pass.
    found : mapping of str to object, optional
        The student's gradients, or slopes, by name.
    forward : bool, default False
        Whether they are slopes.

    Returns
    -------
    figure : Figure
        Made by `matplotlib.pyplot`.
    alt : str
        What it shows.
    """
    verdicts = {} if found is None else judge(values, found, forward=forward)
    noun = mode_of(values, forward).noun
    title = _title(verdicts, noun)
    with figures.style():
        figure = _Drawing(values, found or {}, verdicts, noun).figure(title)
    parts = [f"A ladder of {len(values._ladder.rungs)} lines, drawn from the bottom up", title]
    for name in values:
        texts = [values._ladder.formula(name), _value_text(values[name])]
        if name in verdicts:
            texts += [_derivative_text(values[name], (found or {}).get(name), noun)]
            texts += [TAGS[verdicts[name].state]] if verdicts[name].state in TAGS else []
        parts.append(": ".join([texts[0], ", ".join(texts[1:])]))
    return figure, ". ".join(parts) + "."


def _title(verdicts: Mapping[str, Verdict], noun: str) -> str:
    """Return the message of the figure."""
    if not verdicts:
        return "A ladder: each line is computed from those below it"
    count = sum(verdict.state == "right" for verdict in verdicts.values())
    share = f"All {count}" if count == len(verdicts) else f"{count} of {len(verdicts)}"
    return f"{share} {noun}s follow from those {SIDE[noun]} them"


def _value_text(value: Any) -> str:
    """Return a number, or the shape of an array, as text."""
    return str(np.shape(value)) if np.shape(value) else number(float(value))


def _derivative_text(value: Any, derivative: object, noun: str) -> str:
    """Return a derivative as text: the number, or the shape if it is wrong, or the norm."""
    if derivative is None or derivative is ...:
        return f"no {noun}"
    try:
        array = np.asarray(derivative)
    except ValueError:  # a ragged list
        array = np.asarray(None)
    if array.dtype.kind not in "biuf":
        return f"{noun} of type {type(derivative).__name__}"
    if array.shape != np.shape(value):
        return f"{noun} of shape {array.shape}"
    if array.shape:
        return f"{noun} of norm {number(float(np.linalg.norm(array)))}"
    return f"{noun} {number(float(array))}"


class _Drawing:
    """Where everything is, in inches.

    Parameters
    ----------
    values, found
        As in `ladder_figure`.
    verdicts : mapping of str to Verdict
        On what was found.
    noun : str
        What a derivative is called.
    """

    def __init__(
        self, values: Forward, found: Mapping[str, Any], verdicts: Mapping[str, Verdict], noun: str
    ) -> None:
        self.steps, self.verdicts, self.noun = values._ladder, verdicts, noun
        self.texts = {}
        for name in values:
            texts = [_value_text(values[name])]
            if name in verdicts:
                texts.append(_derivative_text(values[name], found.get(name), noun))
            self.texts[name] = (self.steps.formula(name), ",  ".join(texts))
        rows = {name: row for row, name in enumerate(self.steps.rungs)}
        rows |= _rows_of_inputs(self.steps, rows)
        self.lowest, self.highest = min(rows.values()), max(rows.values())
        self.y = {
            name: MARGIN + HEIGHT / 2 + ROW * (row - self.lowest) for name, row in rows.items()
        }
        self.width_of_inputs = max(map(self._needed, self.steps.inputs), default=0.0)
        self.width_of_inputs = max(self.width_of_inputs, NARROWEST[0])
        self.width_of_lines = max(NARROWEST[1], *map(self._needed, self.steps.rungs))
        self.lanes = _lanes(self.steps)
        detours = LANE * (max(self.lanes.values(), default=-1) + 1.5)
        self.left = MARGIN + self.width_of_inputs + GAP
        self.right = self.left + self.width_of_lines
        self.width = self.right + detours + MARGIN

    def figure(self, title: str) -> Figure:
        """Return the drawing."""
        import matplotlib.pyplot as plt

        height = MARGIN + HEIGHT + ROW * (self.highest - self.lowest) + TOP
        figure = plt.figure(figsize=(self.width, height))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, self.width), ylim=(0, height))
        axes.set_axis_off()
        axes.text(MARGIN, height - 0.2, title, size=13, weight="bold", va="center")
        key = "In a box: value or shape" + f", then your {self.noun}" * bool(self.verdicts)
        if any(verdict.state == "wrong" for verdict in self.verdicts.values()):
            key += ".\nDashed and marked check: does not follow from "
            key += f"your {self.noun}s {SIDE[self.noun]} it"
        axes.text(MARGIN, height - 0.37, key + ".", color="0.25", va="top", **NUMBERS)
        self._draw_arrows(axes)
        for name in self.texts:
            self._draw_box(axes, name)
        return figure

    def _needed(self, name: str) -> float:
        """Return the width of a box that holds its texts."""
        from matplotlib.font_manager import FontProperties
        from matplotlib.textpath import TextPath

        widths = [
            TextPath((0, 0), text, prop=FontProperties(**font)).get_extents().width / 72
            for text, font in zip(self.texts[name], (FORMULA, NUMBERS), strict=True)
        ]
        return max(widths) + 2 * PAD

    def _sides(self, name: str) -> tuple[float, float]:
        """Return the left and the right end of a box."""
        if name in self.steps.rungs:
            return self.left, self.right
        return MARGIN, MARGIN + self.width_of_inputs

    def _draw_box(self, axes: Axes, name: str) -> None:
        from matplotlib.patches import FancyBboxPatch

        (left, right), y = self._sides(name), self.y[name]
        state = self.verdicts[name].state if name in self.verdicts else "right"
        axes.add_patch(
            FancyBboxPatch(
                (left, y - HEIGHT / 2), right - left, HEIGHT, zorder=3,
                boxstyle="round,pad=0,rounding_size=0.06",
                facecolor="#F2F2F2" if name in self.steps.rungs else "white", **FRAMES[state],
            )
        )  # fmt: skip
        formula, numbers = self.texts[name]
        middle: dict[str, Any] = {"ha": "center", "va": "center", "zorder": 5}
        axes.text((left + right) / 2, y + LINE, formula, **middle, **FORMULA)
        axes.text((left + right) / 2, y - LINE, numbers, color="#7A3500", **middle, **NUMBERS)
        if state in TAGS:
            tag = {"facecolor": "white", "edgecolor": FRAMES[state]["edgecolor"], "pad": 1.5}
            axes.text(
                right - 0.1, y + HEIGHT / 2 + 0.06, TAGS[state], size=9, weight="bold", ha="right",
                va="center", zorder=6, bbox=tag,
            )  # fmt: skip

    def _draw_arrows(self, axes: Axes) -> None:
        order = list(self.steps.rungs)
        for position, (name, rung) in enumerate(self.steps.rungs.items()):
            inputs = sorted(
                (r for r in rung.reads if r in self.steps.inputs), key=lambda r: self.y[r]
            )
            for place, read in enumerate(inputs, 1):
                end = self.y[name] - HEIGHT / 2 + HEIGHT * place / (len(inputs) + 1)
                _arrow(axes, [(MARGIN + self.width_of_inputs, self.y[read]), (self.left, end)])
            for read in rung.reads:
                if read in self.steps.inputs:
                    continue
                if order[position - 1] == read:
                    x = (self.left + self.right) / 2
                    ends = self.y[read] + HEIGHT / 2, self.y[name] - HEIGHT / 2
                    _arrow(axes, [(x, ends[0]), (x, ends[1])])
                else:
                    lane = self.right + LANE * (self.lanes[read, name] + 1)
                    out, back = self.y[read] + HEIGHT / 5, self.y[name] - HEIGHT / 5
                    _arrow(axes, [(self.right, out), (lane, out), (lane, back), (self.right, back)])


def _arrow(axes: Axes, points: list[tuple[float, float]]) -> None:
    """Draw an arrow along points."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    axes.add_patch(
        FancyArrowPatch(
            path=Path(points), arrowstyle="-|>", mutation_scale=13, color="0.35", linewidth=1.4,
            joinstyle="round", shrinkA=0, shrinkB=0, zorder=2,
        )
    )  # fmt: skip


def _rows_of_inputs(steps: Ladder, rows: Mapping[str, int]) -> dict[str, int]:
    """Return a row for each input, as near to the first line that reads it as there is room."""
    placed: dict[str, int] = {}
    for name in steps.inputs:
        wish = rows[steps.readers(name)[0].name]
        free = set(range(-len(steps.inputs), len(rows))) - set(placed.values())
        placed[name] = min(free, key=lambda row: (abs(row - wish) + 2 * max(-row, 0), row))
    return placed


def _lanes(steps: Ladder) -> dict[tuple[str, str], int]:
    """Return a lane for each arrow that passes over a line, so that none covers another."""
    order = list(steps.rungs)
    spans = [
        (order.index(read), order.index(name), read, name)
        for name, rung in steps.rungs.items()
        for read in rung.reads
        if read in steps.rungs and order.index(name) - order.index(read) > 1
    ]
    lanes: dict[tuple[str, str], int] = {}
    used: list[list[tuple[int, int]]] = []
    for start, end, read, name in sorted(spans, key=lambda span: span[1] - span[0]):
        free = (k for k, taken in enumerate(used) if all(end <= a or start >= b for a, b in taken))
        lane = next(free, len(used))
        used += [[]] * (lane == len(used))
        used[lane] = [*used[lane], (start, end)]
        lanes[read, name] = lane
    return lanes
