"""A map that bends a grid, and the Jacobian that fits it up close."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from byhand import differences, figures
from byhand.explorers.base import Explorer
from byhand.explorers.controls import Choice, Controls, Slider
from byhand.explorers.gradients import landscapes
from byhand.explorers.predictions import Choose

if TYPE_CHECKING:
    from matplotlib.figure import Figure


Warping = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def _swirl(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    turn = 0.5 * (x**2 + y**2)
    return x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)


WARPS: dict[str, Warping] = {
    "waves": lambda x, y: (x + 0.3 * np.sin(2 * y), y + 0.4 * np.sin(2 * x)),
    "swirl": _swirl,
    "linear": lambda x, y: (1.1 * x + 0.6 * y, 0.9 * y - 0.3 * x),
    "fold (x², y)": lambda x, y: (x**2, y + 0.0 * x),
}
LEFT = {"all of it": 1.0, "half of it": 1 / 2, "a quarter of it": 1 / 4, "nothing": 0.0}
SIDE = 1.5
REACH = 2.7  # of the axes that show the image


_T, _ONE, _ZERO = np.linspace(0, 1, 21), np.ones(21), np.zeros(21)
BORDER = np.array(  # of a square with side 1
    [[*_T, *_ONE, *_T[::-1], *_ZERO], [*_ZERO, *_T, *_ONE, *_T[::-1]]]
)


def _images(
    warp: Warping, point: np.ndarray, side: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the Jacobian at a point, what it makes of a square there, and the bent square."""

    def at(p: np.ndarray) -> np.ndarray:
        return np.array(warp(*p))

    jacobian = differences.jacobian(at, point).value
    border = side * BORDER
    return jacobian, at(point)[:, None] + jacobian @ border, at(point[:, None] + border)


class Warp(Explorer):
    """A grid with a small square, its image beside the Jacobian's, and both magnified."""

    prediction = Choose(
        question="The map bends the square. Its Jacobian at the corner makes a parallelogram of "
        "the same square, which misses the bent one a little. If you halve the side of the square, "
        "what is left of the largest miss?",
        options=tuple(LEFT),
        outcome="{truth} is left",
        explanation="What the Jacobian leaves out is of second order: it falls with the square of "
        "the side. So even relative to the shrinking square the misfit goes to 0, and up close the "
        "map is a matrix. Watch det J as well: its size says how areas grow, a negative sign that "
        "the square is turned over, and 0 that it becomes a line.",
    )
    title = "A square, and its image under a map"
    message = "Up close every smooth map is a matrix"
    situation = (
        "Left, a grid with a square of side 0.6 at (−0.5, 0.1); in the middle, the grid and the "
        "square as the map “waves” bends them."
    )
    picture = (
        "Left a grid with a square; in the middle its image under a map, with the bent square and "
        "the parallelogram that the Jacobian makes of it; right both magnified."
    )
    size = (9.2, 3.5)

    def controls(self) -> Controls:
        """Return the controls: the map, a corner of the square and its side."""
        return {
            "f": Choice("Map f", list(WARPS)),
            "x": Slider("x", -1.2, 1, value=-0.5, step=0.05),
            "y": Slider("y", -1.2, 1, value=0.1, step=0.05),
            "side": Slider("Side of the square", 0.05, 0.75, value=0.6, step=0.05),
        }

    def build(self, figure: Figure) -> None:
        """Draw the axes and the grid on the left."""
        from matplotlib.collections import LineCollection

        self.drawn = ""  # the map whose bent grid this is
        left, right, close = figure.subplots(1, 3)
        for axes, reach, name in ((left, 1.8, "x"), (right, REACH, "f"), (close, 1, "")):
            axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
            axes.grid(False)
            if name:
                axes.set(xlabel=f"{name}₁", ylabel=f"{name}₂")
        close.set(xticks=[], yticks=[])
        self.head(figure)
        ends, ticks = np.linspace(-SIDE, SIDE, 61), np.linspace(-SIDE, SIDE, 13)
        self.lines = [(np.full(61, t), ends) for t in ticks] + [
            (ends, np.full(61, t)) for t in ticks
        ]
        style: dict[str, Any] = {"colors": "0.72", "linewidths": 1, "zorder": 1}
        left.add_collection(LineCollection([np.transpose(line) for line in self.lines], **style))
        self.bent = LineCollection([], **style)
        right.add_collection(self.bent, autolim=False)
        self.square, *self.images = (
            axes.fill([0], [0], facecolor=figures.SKY, alpha=0.55, edgecolor=figures.BLUE,
                      linewidth=2, zorder=3, animated=True)[0]
            for axes in (left, right, close)
        )  # fmt: skip
        self.parallelograms = [
            figures.moving(axes, color=figures.VERMILION, linestyle="--", zorder=4)
            for axes in (right, close)
        ]
        label = figures.corner_label(left, animated=True)
        self.yours = [self.add_yours(axes, "dotted", label=label) for axes in (right, close)]
        self.corners = [
            figures.moving(axes, "o", color=figures.BLACK, markersize=size, zorder=5)
            for axes, size in ((left, 5), (right, 5), (close, 7))
        ]
        self.zoom_name = figures.corner_label(close, animated=True)
        self.cover(close, self.parallelograms, self.images[1], self.corners[2], self.zoom_name)
        handles = [self.images[0], self.parallelograms[0]]
        figures.legend_above(
            right, handles=handles, labels=["bent square", "J · square"], columnspacing=1,
            handlelength=1.6,
        )  # fmt: skip

    def truth(self) -> str:
        """Return how much of the misfit half the side leaves, to the nearest option."""
        f, x, y, side = (control.value for control in self.control.values())
        misfits = []
        for length in (side, side / 2):
            _, around, image = _images(WARPS[f], np.array([x, y]), length)
            misfits.append(np.hypot(*(image - around)).max())
        return min(LEFT, key=lambda option: abs(LEFT[option] - misfits[1] / misfits[0]))

    def redraw(self, f: str, x: float, y: float, side: float) -> str:
        """Move the square; bend the grid if another map is chosen."""
        warp = WARPS[f]
        if f != self.drawn:
            self.bent.set_segments([np.transpose(warp(*line)) for line in self.lines])
            self.drawn = f
        point = np.array([x, y])

        def at(p: np.ndarray) -> np.ndarray:
            return np.array(warp(*p))

        border = side * BORDER
        origin = at(point)
        jacobian, around, image = _images(warp, point, side)
        # in the close-up the image fills the axes, however small the square is
        both = np.hstack([around, image])
        middle = (both.max(axis=1) + both.min(axis=1))[:, None] / 2
        zoom = 0.9 / max(np.abs(both - middle).max(), 1e-9)

        def closer(shape: np.ndarray) -> np.ndarray:
            return (shape - middle) * zoom

        self.square.set_xy((point[:, None] + border).T)
        for patch, outline, bent, flat in zip(
            self.images, self.parallelograms, (image, closer(image)), (around, closer(around)),
            strict=True
        ):  # fmt: skip
            patch.set_xy(bent.T)
            outline.set_data(*flat)
        corners = (point, origin, closer(origin[:, None])[:, 0])
        for mark, place in zip(self.corners, corners, strict=True):
            mark.set_data(*place[:, None])
        self.zoom_name.set_text(f"magnified {REACH * zoom:.2g} times")
        yours = self.student_result(
            "numerical_jacobian", "2.5", lambda measure: measure(at, point.copy())
        )
        if yours is not None:
            mine = origin[:, None] + yours @ border
            for drawn, shape in zip(self.yours, (mine, closer(mine)), strict=True):
                drawn.show("2.5", *shape)
        (a, b), (c, d) = jacobian.round(2) + 0.0
        misfit = np.hypot(*(image - around)).max()
        return (
            f"{f} at ({x:.2f}, {y:.2f}): J = [[{a:g}, {b:g}], [{c:g}, {d:g}]], det J = "
            f"{np.linalg.det(jacobian) + 0.0:.2f}. With side {side:.2f} the parallelogram is off "
            f"by {landscapes.height_in_words(misfit)} at most."
        )
