"""Explorers of chapter 2: gradient, descent, Newton's step, a warped grid, softmax."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from byhand import differences, figures
from byhand.explorers.base import Explorer
from byhand.explorers.controls import Choice, LogSlider, Slider

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.patches import FancyArrowPatch

__all__ = [
    "descent_explorer",
    "gradient_explorer",
    "newton_explorer",
    "softmax_explorer",
    "warp_explorer",
]


# --- landscapes -----------------------------------------------------------------------------------

Height = Callable[[np.ndarray, np.ndarray], np.ndarray]


class Landscape(NamedTuple):
    """A function of x and y, elementwise, and the heights of its contour lines."""

    height: Height
    levels: np.ndarray

    def at(self, point: np.ndarray) -> float:
        """Return the height at a point, shape (2,)."""
        return self.height(point[0], point[1])

    def gradient(self, point: np.ndarray) -> np.ndarray:
        """Return the measured gradient at a point, shape (2,)."""
        return differences.gradient(self.at, point).value


def _quadratic(along: float, across: float, degrees: float) -> Height:
    """Return a valley with two curvatures, turned counterclockwise."""
    turn = np.deg2rad(degrees)
    c, s = np.cos(turn), np.sin(turn)
    return lambda x, y: along / 2 * (c * x + s * y) ** 2 + across / 2 * (c * y - s * x) ** 2


def _draw_map(axes: Axes, landscape: Landscape) -> list:
    """Draw labelled contour lines over a light shade; return the artists, to be removed later."""
    x, y = np.meshgrid(np.linspace(*axes.get_xlim(), 91), np.linspace(*axes.get_ylim(), 91))
    heights = landscape.height(x, y)
    shade = axes.contourf(
        x, y, heights, landscape.levels, cmap="Greys", alpha=0.3, extend="both", zorder=0
    )
    lines = axes.contour(
        x, y, heights, landscape.levels, colors="0.5", linewidths=0.9, linestyles="solid", zorder=1
    )
    axes.clabel(lines, lines.levels[::2], fmt="%g", fontsize=9, colors="0.25")
    return [lines, shade]


def _arrow(axes: Axes, color: str, linestyle: str = "-", zorder: float = 4) -> FancyArrowPatch:
    """Return an arrow that `_point` moves."""
    from matplotlib.patches import FancyArrowPatch

    arrow = FancyArrowPatch(
        (0, 0), (1, 1), arrowstyle="-|>", mutation_scale=16, color=color, linestyle=linestyle,
        linewidth=2.4, shrinkA=0, shrinkB=0, zorder=zorder, animated=True,
    )  # fmt: skip
    axes.add_patch(arrow)
    return arrow


def _point(arrow: FancyArrowPatch, start: np.ndarray, step: np.ndarray) -> None:
    """Move an arrow; one too short for its head is hidden."""
    arrow.set_visible(bool(np.hypot(*step) > 0.02))
    arrow.set_positions(tuple(start), tuple(start + step))


def _yours(axes: Axes) -> Line2D:
    """Return the dotted line in which a student's own result is drawn."""
    return axes.plot(
        [], [], color=figures.PURPLE, linestyle=":", linewidth=4, zorder=6, animated=True
    )[0]


def _title(figure: Figure, text: str) -> None:
    """Write the message over all axes of a figure."""
    figure.suptitle(text, x=0.02, ha="left", fontsize=13, fontweight="bold")


def _number(value: float) -> str:
    """Return a number with two decimals; adding 0 makes 0 of -0."""
    return f"{np.round(value, 2) + 0.0:.2f}" if abs(value) < 1e4 else f"{value:.1e}"


def _pair(vector: np.ndarray) -> str:
    """Return a point or vector as text."""
    return f"({', '.join(map(_number, vector))})"


def _height(value: float) -> str:
    """Return a height as text; what rounding has left of a 0 is 0."""
    return f"{value:.3g}" if abs(value) > 1e-12 else "0"


# --- the gradient on a map ------------------------------------------------------------------------

HILLS: dict[str, tuple[Landscape, float]] = {  # and the scale at which arrows are drawn
    "two hills": (
        Landscape(
            lambda x, y: (
                2 * np.exp(-((x + 0.8) ** 2) - (y + 0.2) ** 2)
                + 1.4 * np.exp(-2.5 * ((x - 1) ** 2 + (y - 0.5) ** 2))
            ),
            np.arange(0.2, 2.1, 0.2),
        ),
        0.6,
    ),
    "bowl x² + y²": (Landscape(lambda x, y: x**2 + y**2, np.arange(0.5, 8, 0.75)), 0.2),
    "saddle x² − y²": (Landscape(lambda x, y: x**2 - y**2, np.arange(-3.5, 4, 0.5)), 0.2),
    "x² y + y³": (Landscape(lambda x, y: x**2 * y + y**3, np.arange(-14, 15, 2.0)), 0.08),
}
ANGLES = np.arange(0, 361, 5)
AROUND = np.deg2rad(ANGLES)


class GradientArrow(Explorer):
    """A contour map with the gradient at a point, and the slope in every direction."""

    question = "Where on this map is the gradient longest? At which angle does it meet the lines?"
    picture = "A contour map with the gradient at a point; beside it the slope in every direction."
    size = (7.6, 4.3)

    def controls(self) -> dict[str, Slider | Choice]:
        """Return the controls: the landscape, the point and a direction."""
        return {
            "f": Choice("Landscape f", list(HILLS)),
            "x": Slider("x", -2, 2, value=0.4, step=0.05),
            "y": Slider("y", -2, 2, value=-0.6, step=0.05),
            "direction": Slider("Direction (degrees)", 0, 360, value=60, step=5),
        }

    def build(self, figure: Figure) -> None:
        """Draw both axes; `redraw` fills in the map."""
        self.drawn, self.map = "", []
        left, right = figure.subplots(1, 2, width_ratios=(6, 5))
        left.set(xlim=(-2, 2), ylim=(-2, 2), aspect="equal", xlabel="x", ylabel="y")
        left.grid(False)
        _title(figure, "The gradient crosses contour lines squarely")
        right.set(
            xlim=(0, 360), xticks=range(0, 361, 90), xlabel="direction (degrees)",
            ylabel="slope of f in that direction",
        )  # fmt: skip
        right.axhline(0, color="0.45", linewidth=1, zorder=1)
        self.left, self.right = left, right
        self.gradient = _arrow(left, figures.VERMILION)
        self.way = _arrow(left, figures.BLUE, "--")
        self.yours = _yours(left)
        (self.place,) = left.plot(
            [], [], "o", color=figures.BLACK, zorder=5, clip_on=False, animated=True
        )
        self.names = [
            figures.label(left, 0, 0, text, color, fontsize=11, va="center", animated=True)
            for text, color in (("∇f", figures.VERMILION), ("direction", figures.BLUE))
        ]
        (self.slopes,) = right.plot([], [], color=figures.BLACK, animated=True)
        self.peak = right.axvline(
            0, color=figures.VERMILION, linewidth=1.6, zorder=2, animated=True
        )
        self.peak_name = figures.label(
            right, 0, 0.03, "direction of ∇f", figures.VERMILION, fontsize=11, rotation=90,
            va="bottom", transform=right.get_xaxis_transform(), animated=True,
        )  # fmt: skip
        (self.slope,) = right.plot(
            [], [], "s", color=figures.BLUE, markersize=9, zorder=5, animated=True
        )
        (self.yours_slope,) = right.plot(
            [], [], "o", markerfacecolor="none", markeredgecolor=figures.PURPLE,
            markeredgewidth=2.5, markersize=16, zorder=6, animated=True,
        )  # fmt: skip
        self.scale_name = figures.corner_label(left, animated=True)
        self.yours_name = figures.corner_label(right, animated=True)

    def redraw(self, f: str, x: float, y: float, direction: float) -> str:
        """Move the arrows; draw the map anew if another landscape is chosen."""
        landscape, scale = HILLS[f]
        if f != self.drawn:
            for artist in self.map:
                artist.remove()
            self.map, self.drawn = _draw_map(self.left, landscape), f
            self.right.set_ylim(np.array([-1.5, 1.5]) / scale)
        point = np.array([x, y])
        grad = landscape.gradient(point)
        length = float(np.hypot(*grad))
        slopes = differences.derivative(
            lambda t: landscape.height(x + t * np.cos(AROUND), y + t * np.sin(AROUND)),
            np.zeros(len(AROUND)),
        ).value
        turn = np.deg2rad(direction)
        unit = np.array([np.cos(turn), np.sin(turn)])
        slope = differences.derivative(lambda t: landscape.at(point + t * unit), 0.0).value
        _point(self.gradient, point, scale * grad)
        _point(self.way, point, 0.6 * unit)
        self.place.set_data([x], [y])
        for name, step in zip(self.names, (scale * grad, 0.6 * unit), strict=True):
            reach = np.hypot(*step)
            ends = point + step * (1 + 0.16 / max(reach, 0.05))
            name.set_position(np.clip(ends, -1.9, 1.9))
            name.set_ha("left" if step[0] > 0 else "right")
            name.set_visible(bool(reach > 0.1 and np.abs(ends).max() < 1.95))
        self.slopes.set_data(ANGLES, slopes)
        self.slope.set_data([direction], [slope])
        uphill = float(np.rad2deg(np.arctan2(grad[1], grad[0])) % 360)
        self.peak.set_visible(length > 1e-6)
        self.peak_name.set_visible(length > 1e-6)
        self.peak.set_xdata([uphill, uphill])
        self.peak_name.set_x(uphill + 4 if uphill < 330 else uphill - 4)
        self.peak_name.set_ha("left" if uphill < 330 else "right")
        self.scale_name.set_text(f"∇f is drawn at {scale:g} of its length")
        self._draw_yours(landscape, point, grad, unit, scale, direction)
        words = f"{f} at ({x:.2f}, {y:.2f}): the gradient is {_pair(grad)}"
        if length > 1e-6:
            words += f", its length {length:.2f}, its direction {uphill:.0f}°"
        return f"{words}. In direction {direction:.0f}° the slope is {_number(slope)}."

    def _draw_yours(
        self,
        landscape: Landscape,
        point: np.ndarray,
        grad: np.ndarray,
        unit: np.ndarray,
        scale: float,
        direction: float,
    ) -> None:
        mine = self.student_values("numerical_gradient", "2.2", landscape.at, point.copy())
        self.yours.set_visible(mine is not None)
        if mine is not None:
            self.yours.set_data(*np.transpose([point, point + scale * mine]))
        slope = self.student_values("directional_derivative", "2.4", grad.copy(), 2 * unit)
        self.yours_slope.set_visible(slope is not None)
        if slope is not None:
            self.yours_slope.set_data([direction], [slope])
        names = [n for n, v in (("dotted (2.2)", mine), ("ring (2.4)", slope)) if v is not None]
        self.yours_name.set_visible(bool(names))
        self.yours_name.set_text(f"yours: {', '.join(names)}")


# --- gradient descent -----------------------------------------------------------------------------

VALLEYS: dict[str, Landscape] = {  # the lowest height of each is 0
    "valley, curvatures 1 and 10": Landscape(
        _quadratic(1, 10, 0), np.array([0.25, 1, 2.25, 4, 6.25, 9, 12.25, 16, 20])
    ),
    "the same valley, turned": Landscape(
        _quadratic(1, 10, 30), np.array([0.25, 1, 2.25, 4, 6.25, 9, 12.25, 16, 20])
    ),
    "bowl, curvatures 2 and 3": Landscape(
        _quadratic(2, 3, 0), np.array([0.25, 1, 2.25, 4, 6.25, 9, 12.25])
    ),
    "two bowls": Landscape(
        lambda x, y: (x**2 / 2 - 1) ** 2 + y**2 + 0.0, np.array([0.1, 0.3, 0.6, 1, 2, 3, 5, 8, 12])
    ),
}
START = np.array([-2.4, 1.1])
MOST = 40


class Descent(Explorer):
    """A contour map with the path of gradient descent; beside it the height at each step."""

    question = (
        "In the valley with curvatures 1 and 10: which learning rate diverges first, 0.05, 0.15 "
        "or 0.25, and in which direction?"
    )
    picture = "A contour map with the path of gradient descent; beside it f against the step."
    size = (7.6, 4.2)

    def controls(self) -> dict[str, Slider | Choice]:
        """Return the controls: the landscape, the learning rate and the number of steps."""
        return {
            "f": Choice("Landscape f", list(VALLEYS)),
            "rate": LogSlider("Learning rate", 0.005, 1, value=0.05, step=0.02),
            "steps": Slider("Steps", 0, MOST, value=20, step=1),
        }

    def build(self, figure: Figure) -> None:
        """Draw both axes; `redraw` fills in the map."""
        self.drawn, self.map = "", []
        self.walked = None  # the landscape and the rate of the path that is kept
        left, right = figure.subplots(1, 2, width_ratios=(3, 2))
        left.set(xlim=(-3, 3), ylim=(-2.4, 2.4), aspect="equal", xlabel="x", ylabel="y")
        left.grid(False)
        _title(figure, "The steepest direction limits the learning rate")
        right.set(
            xlim=(-1, MOST + 1), xticks=range(0, MOST + 1, 10), xlabel="step", ylabel="f(x, y)",
            ylim=(1e-8, 1e4), yscale="log",
        )  # fmt: skip
        self.left = left
        (self.path,) = left.plot(
            [], [], color=figures.VERMILION, marker="o", markersize=4.5, linewidth=1.6, zorder=4,
            markevery=slice(1, None), animated=True,
        )  # fmt: skip
        left.plot(*START, "s", color=figures.BLACK, zorder=5)
        figures.label(left, START[0], START[1] + 0.22, "start", "black", ha="center", fontsize=11)
        (self.end,) = left.plot(
            [], [], "D", color=figures.BLUE, markersize=8, zorder=5, animated=True
        )
        (self.heights,) = right.plot(
            [], [], color=figures.VERMILION, marker="o", markersize=4, linewidth=1.6, animated=True
        )
        (self.end_height,) = right.plot([], [], "D", color=figures.BLUE, zorder=5, animated=True)
        self.yours = _yours(left)
        self.yours_name = figures.corner_label(right, animated=True)

    def redraw(self, f: str, rate: float, steps: float) -> str:
        """Draw the path; draw the map anew if another landscape is chosen."""
        landscape, steps = VALLEYS[f], int(steps)
        if f != self.drawn:
            for artist in self.map:
                artist.remove()
            self.map, self.drawn = _draw_map(self.left, landscape), f
        if self.walked != (f, rate):
            self.points = _walk(landscape, rate)
            self.walked = (f, rate)
        path = self.points[: steps + 1]
        height = landscape.height(path[:, 0], path[:, 1])
        self.path.set_data(*np.clip(path, -1e3, 1e3).T)  # what is far outside has no pixels
        self.end.set_data(*np.clip(path[-1:], -1e3, 1e3).T)
        self.heights.set_data(np.arange(len(path)), np.maximum(height, 1e-12))
        self.end_height.set_data([len(path) - 1], [max(height[-1], 1e-12)])
        yours = self.student_values(
            "gradient_descent", "2.11", landscape.gradient, START.copy(), rate, len(path) - 1
        )
        for artist in (self.yours, self.yours_name):
            artist.set_visible(yours is not None)
        if yours is not None:
            self.yours.set_data(*np.clip(yours, -1e3, 1e3).T)
            self.yours_name.set_text("dotted: yours (2.11)")
        count = f"{len(path) - 1} step{'s' * (len(path) != 2)}"
        words = f"{f}, learning rate {rate:g}: after {count} at {_pair(path[-1])}, f = "
        words += f"{_height(height[-1])}."
        if len(path) < steps + 1:
            words += " From there it leaves for infinity."
        if f != "two bowls":
            values = np.linalg.eigvalsh(differences.hessian(landscape.at, np.zeros(2)).value)
            slow, fast = (f"{1 - rate * value:.3g}" for value in values)
            words += f" Each step multiplies the flat part by {slow}, the steep one by {fast}."
        return words


def _walk(landscape: Landscape, rate: float) -> np.ndarray:
    """Return the points of gradient descent from START, up to where it has clearly diverged."""
    path = [START]
    while len(path) <= MOST and np.abs(path[-1]).max() < 1e3:
        path.append(path[-1] - rate * landscape.gradient(path[-1]))
    return np.array(path)


# --- Newton's step --------------------------------------------------------------------------------

CURVED: dict[str, Landscape] = {
    "turned valley": Landscape(
        _quadratic(0.5, 6, 25), np.array([0.2, 0.8, 1.8, 3.2, 5, 7.2, 9.8, 12.8, 17, 23])
    ),
    "two bowls": Landscape(
        lambda x, y: (x**2 / 2 - 1) ** 2 + y**2, np.array([0.1, 0.3, 0.6, 1, 2, 3, 5, 8, 12])
    ),
    "trough that flattens": Landscape(
        lambda x, y: np.sqrt(1 + x**2) + np.sqrt(1 + 4 * y**2) - 2, np.arange(0.25, 6, 0.5)
    ),
}


NAMES_WITHIN = np.array([2.65, 1.8])  # the part of the map in which a name is not cut off


class NewtonStep(Explorer):
    """The gradient step and Newton's step from a point, with the curvatures there."""

    question = (
        "Where do the two steps point in a long valley? Where does Newton's step go from a place "
        "where one curvature is negative?"
    )
    picture = (
        "A contour map with a gradient step, a Newton step and the eigenvectors of the Hessian at "
        "a point; dashed the level line of the curved model."
    )
    size = (7.4, 4.9)

    def controls(self) -> dict[str, Slider | Choice]:
        """Return the controls: the landscape, the point and the learning rate."""
        return {
            "f": Choice("Landscape f", list(CURVED)),
            "x": Slider("x", -2.8, 2.8, value=-1.5, step=0.05),
            "y": Slider("y", -1.8, 1.8, value=0.9, step=0.05),
            "rate": LogSlider("Learning rate", 0.01, 1, value=0.1, step=0.05),
        }

    def build(self, figure: Figure) -> None:
        """Draw the axes; `redraw` fills in the map."""
        from matplotlib.collections import LineCollection

        self.drawn, self.map = "", []
        axes = figure.add_subplot(
            xlim=(-3.2, 3.2), ylim=(-2, 2), aspect="equal", xlabel="x", ylabel="y"
        )
        axes.grid(False)
        _title(figure, "Newton's step divides by the curvature, the gradient step does not")
        self.axes = axes
        self.model = LineCollection(
            [], colors=figures.BLUE, linestyles="--", linewidths=1.3, zorder=2, animated=True
        )
        axes.add_collection(self.model, autolim=False)
        self.eigen = [
            axes.plot([], [], color=figures.GREEN, linewidth=2, zorder=3, animated=True)[0]
            for _ in range(2)
        ]
        self.eigen_names = [
            figures.label(
                axes, 0, 0, "", "#00664d", fontsize=10, ha="center", va="center",
                clip_on=True, animated=True,
            )
            for _ in range(2)
        ]  # fmt: skip
        self.downhill = _arrow(axes, figures.VERMILION)
        self.newton = _arrow(axes, figures.BLUE, "--")
        self.yours = _yours(axes)
        (self.place,) = axes.plot([], [], "o", color=figures.BLACK, zorder=5, animated=True)
        self.yours_name = figures.label(
            axes, 3.1, -1.92, "", "black", ha="right", va="bottom", fontsize=11, animated=True
        )
        axes.legend(
            handles=[
                axes.plot([], [], color=color, linestyle=style, label=text)[0]
                for color, style, text in (
                    (figures.VERMILION, "-", "gradient step"),
                    (figures.BLUE, "--", "Newton step, model"),
                    (figures.GREEN, "-", "eigenvectors"),
                )
            ],
            loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.2, handlelength=1.8,
        )  # fmt: skip

    def redraw(self, f: str, x: float, y: float, rate: float) -> str:
        """Move steps, eigenvectors and model; draw the map anew for another landscape."""
        landscape = CURVED[f]
        if f != self.drawn:
            for artist in self.map:
                artist.remove()
            self.map, self.drawn = _draw_map(self.axes, landscape), f
        point = np.array([x, y])
        grad = landscape.gradient(point)
        hessian = differences.hessian(landscape.at, point).value
        values, vectors = np.linalg.eigh(hessian)
        # along each eigenvector the model is a parabola of its own
        newton = -vectors @ ((vectors.T @ grad) / values)
        self.place.set_data([x], [y])
        _point(self.downhill, point, -rate * grad)
        _point(self.newton, point, newton)
        self._draw_eigenvectors(point, values, vectors)
        self._draw_model(point, grad, hessian)
        yours = self.student_values(
            "newton_step",
            "2.12",
            landscape.gradient,
            lambda at: differences.hessian(landscape.at, at).value,
            point.copy(),
        )
        for artist in (self.yours, self.yours_name):
            artist.set_visible(yours is not None)
        if yours is not None:
            self.yours.set_data(*np.transpose([point, yours]))
            self.yours_name.set_text("dotted: yours (2.12)")
        ends = [landscape.at(point + step) for step in (-rate * grad, newton)]
        words = (
            f"{f} at {_pair(point)}: f = {_height(landscape.at(point))}, curvatures "
            f"{values[0]:.3g} and {values[1]:.3g}. The gradient step leads to f = "
            f"{_height(ends[0])}, the Newton step to {_pair(point + newton)} with f = "
            f"{_height(ends[1])}"
        )
        if values[0] < 0:
            return f"{words}: towards a {'maximum' if values[1] < 0 else 'saddle'} of the model."
        return f"{words}."

    def _draw_eigenvectors(
        self, point: np.ndarray, values: np.ndarray, vectors: np.ndarray
    ) -> None:
        for line, name, value, vector in zip(
            self.eigen, self.eigen_names, values, vectors.T, strict=True
        ):
            line.set_data(*np.transpose([point - 0.45 * vector, point + 0.45 * vector]))
            line.set_linestyle("-" if value > 0 else ":")
            step = 0.68 * vector * (1 if vector[1] > 0 else -1)
            ends = [
                np.clip(end, -NAMES_WITHIN, NAMES_WITHIN) for end in (point + step, point - step)
            ]
            room = [np.hypot(*(end - point)) for end in ends]
            name.set_position(ends[0] if room[0] > 0.4 else ends[1])
            name.set_text(f"λ = {value:.3g}")

    def _draw_model(self, point: np.ndarray, grad: np.ndarray, hessian: np.ndarray) -> None:
        from contourpy import contour_generator

        x, y = np.meshgrid(np.linspace(-3.2, 3.2, 65), np.linspace(-2, 2, 41))
        step = np.stack([x - point[0], y - point[1]], axis=-1)
        change = step @ grad + np.einsum("...i,ij,...j", step, hessian, step) / 2
        self.model.set_segments(contour_generator(x, y, change).lines(0.0))


# --- a Jacobian warps a grid ----------------------------------------------------------------------

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
SIDE = 1.5
REACH = 2.7  # of the axes that show the image


class Warp(Explorer):
    """A grid with a small square, its image beside the Jacobian's, and both magnified."""

    question = (
        "Does the Jacobian's parallelogram fit a small or a large bent square better? What does "
        "it mean if det J is 2, 0 or negative?"
    )
    picture = (
        "Left a grid with a square; in the middle its image under a map, with the bent square and "
        "the parallelogram that the Jacobian makes of it; right both magnified."
    )
    size = (9.2, 3.5)

    def controls(self) -> dict[str, Slider | Choice]:
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

        self.drawn = ""
        left, right, close = figure.subplots(1, 3)
        for axes, reach, name in ((left, 1.8, "x"), (right, REACH, "f"), (close, 1, "")):
            axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
            axes.grid(False)
            if name:
                axes.set(xlabel=f"{name}₁", ylabel=f"{name}₂")
        close.set(xticks=[], yticks=[])
        _title(figure, "Up close every smooth map is a matrix")
        ends, ticks = np.linspace(-SIDE, SIDE, 61), np.linspace(-SIDE, SIDE, 13)
        self.lines = [(np.full(61, t), ends) for t in ticks] + [
            (ends, np.full(61, t)) for t in ticks
        ]
        style = {"colors": "0.72", "linewidths": 1, "zorder": 1}
        left.add_collection(LineCollection([np.transpose(line) for line in self.lines], **style))
        self.bent = LineCollection([], **style)
        right.add_collection(self.bent, autolim=False)
        self.square, *self.images = (
            axes.fill([0], [0], facecolor=figures.SKY, alpha=0.55, edgecolor=figures.BLUE,
                      linewidth=2, zorder=3, animated=True)[0]
            for axes in (left, right, close)
        )  # fmt: skip
        self.parallelograms = [
            axes.plot([], [], color=figures.VERMILION, linestyle="--", zorder=4, animated=True)[0]
            for axes in (right, close)
        ]
        self.yours = [_yours(axes) for axes in (right, close)]
        self.corners = [
            axes.plot([], [], "o", color=figures.BLACK, markersize=size, zorder=5, animated=True)[0]
            for axes, size in ((left, 5), (right, 5), (close, 7))
        ]
        self.yours_name = figures.corner_label(left, animated=True)
        self.zoom_name = figures.corner_label(close, animated=True)
        handles = [self.images[0], self.parallelograms[0]]
        right.legend(
            handles, ["bent square", "J · square"], loc="lower left",
            bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0.2, columnspacing=1,
            handlelength=1.6,
        )  # fmt: skip

    def redraw(self, f: str, x: float, y: float, side: float) -> str:
        """Move the square; bend the grid anew if another map is chosen."""
        warp = WARPS[f]
        if f != self.drawn:
            self.bent.set_segments([np.transpose(warp(*line)) for line in self.lines])
            self.drawn = f
        point = np.array([x, y])
        jacobian = differences.jacobian(lambda p: np.array(warp(*p)), point).value
        t, one, zero = np.linspace(0, 1, 21), np.ones(21), np.zeros(21)
        border = side * np.array([[*t, *one, *t[::-1], *zero], [*zero, *t, *one, *t[::-1]]])
        origin = np.array(warp(*point))
        around = origin[:, None] + jacobian @ border
        image = np.array(warp(*(point[:, None] + border)))
        # in the close-up the image fills the axes, however small the square is
        both = np.hstack([around, image])
        middle = (both.max(axis=1) + both.min(axis=1))[:, None] / 2
        zoom = 0.9 / max(np.abs(both - middle).max(), 1e-9)

        def closer(shape: np.ndarray) -> np.ndarray:
            return (shape - middle) * zoom

        self.square.set_xy((point[:, None] + border).T)
        for patch, outline, bent, flat in zip(
            self.images, self.parallelograms, (image, closer(image)), (around, closer(around)),
            strict=True,
        ):  # fmt: skip
            patch.set_xy(bent.T)
            outline.set_data(*flat)
        corners = (point, origin, closer(origin[:, None])[:, 0])
        for corner, at in zip(self.corners, corners, strict=True):
            corner.set_data([at[0]], [at[1]])
        self.zoom_name.set_text(f"magnified {REACH * zoom:.2g} times")
        yours = self.student_values(
            "numerical_jacobian", "2.5", lambda p: np.array(warp(*p)), point.copy()
        )
        for artist in (*self.yours, self.yours_name):
            artist.set_visible(yours is not None)
        if yours is not None:
            mine = origin[:, None] + yours @ border
            self.yours[0].set_data(*mine)
            self.yours[1].set_data(*closer(mine))
            self.yours_name.set_text("dotted: yours (2.5)")
        (a, b), (c, d) = jacobian.round(2) + 0.0
        misfit = np.hypot(*(image - around)).max()
        return (
            f"{f} at ({x:.2f}, {y:.2f}): J = [[{a:g}, {b:g}], [{c:g}, {d:g}]], det J = "
            f"{np.linalg.det(jacobian) + 0.0:.2f}. With side {side:.2f} the parallelogram is off "
            f"by {_height(misfit)} at most."
        )


# --- softmax at a temperature ---------------------------------------------------------------------

CLASSES = ("cat", "dog", "fox", "owl")
SCORES = np.array([2.0, 1.2, 0.0, -1.0])
STYLES = (
    (figures.BLUE, "-", "//"),
    (figures.VERMILION, "--", "\\\\"),
    (figures.GREEN, "-.", ".."),
    (figures.PURPLE, ":", "xx"),
)
TEMPERATURES = np.geomspace(0.1, 20, 80)


def _probabilities(scores: np.ndarray, temperature: np.ndarray) -> np.ndarray:
    """Return exp(score / T) over its sum, one row for each temperature."""
    powers = np.exp((scores - scores[1]) / np.reshape(temperature, (-1, 1)))
    return powers / powers.sum(axis=1, keepdims=True)


class Temperature(Explorer):
    """Bars of probabilities for four scores, and each probability against temperature."""

    question = (
        "What becomes of the probabilities as T goes to 0, and as T grows? What changes when 3 "
        "is added to every score?"
    )
    picture = "Four bars of probabilities; beside them each probability against temperature."
    size = (7.6, 4.1)

    def controls(self) -> dict[str, Slider | Choice]:
        """Return the controls: the temperature, one score, and what is added to all."""
        return {
            "temperature": LogSlider("Temperature T", 0.1, 20, value=1, step=0.05),
            "cat": Slider("Score of cat", -3, 4, value=2, step=0.1),
            "shift": Slider("Added to all scores", -5, 5, value=0, step=0.5),
        }

    def build(self, figure: Figure) -> None:
        """Draw both axes, the bars and the curves."""
        left, right = figure.subplots(1, 2, width_ratios=(1, 1), sharey=True)
        left.set(
            xlim=(-0.6, 3.6), ylim=(0, 1.15), xticks=range(4), xlabel="class and its score",
            ylabel="probability",
        )  # fmt: skip
        left.set_xticklabels([f"{name}\n" for name in CLASSES])
        left.grid(False)
        _title(figure, "Low temperature decides, high temperature hesitates")
        right.set(xscale="log", xlim=(0.09, 22), xlabel="temperature T")
        right.set_xticks([0.1, 1, 10], ["0.1", "1", "10"])
        self.bars = [
            left.bar([k], [0.5], width=0.7, facecolor="white", edgecolor=color, linewidth=2,
                     hatch=hatch, animated=True)[0]
            for k, (color, _, hatch) in enumerate(STYLES)
        ]  # fmt: skip
        self.values = [
            figures.label(left, k, 0.5, "", "black", ha="center", va="bottom", animated=True)
            for k in range(4)
        ]
        self.scores = [
            left.text(
                k, -0.12, "", ha="center", va="top", fontsize=11,
                transform=left.get_xaxis_transform(), animated=True,
            )
            for k in range(4)
        ]  # fmt: skip
        self.curves = [
            right.plot([], [], color=color, linestyle=line, animated=True)[0]
            for color, line, _ in STYLES
        ]
        self.guide = right.axvline(1, color="0.4", linestyle=":", linewidth=1.2, animated=True)
        self.marks = [
            right.plot([], [], "o", color=color, markeredgecolor="white", animated=True)[0]
            for color, _, _ in STYLES
        ]
        (self.yours,) = left.plot(
            [], [], "D", markerfacecolor="none", markeredgecolor=figures.BLACK, markersize=11,
            markeredgewidth=2, zorder=6, clip_on=False, animated=True,
        )  # fmt: skip
        self.yours_name = figures.corner_label(left, animated=True)
        handles = [
            right.plot([], [], color=color, linestyle=line, label=name)[0]
            for name, (color, line, _) in zip(CLASSES, STYLES, strict=True)
        ]
        right.legend(
            handles=handles, loc="lower left", bbox_to_anchor=(-0.02, 1), ncols=4,
            borderaxespad=0.2, columnspacing=1, handlelength=1.6, handletextpad=0.4,
        )  # fmt: skip

    def redraw(self, temperature: float, cat: float, shift: float) -> str:
        """Set the bars to the probabilities and draw the curves."""
        scores = np.array([cat, *SCORES[1:]]) + shift
        (now,) = _probabilities(scores, np.array([temperature]))
        curves = _probabilities(scores, TEMPERATURES).T
        for k in range(4):
            self.bars[k].set_height(now[k])
            self.values[k].set_text(f"{now[k]:.3f}")
            self.values[k].set_y(now[k] + 0.045)
            self.scores[k].set_text(f"{scores[k]:.1f}")
            self.curves[k].set_data(TEMPERATURES, curves[k])
            self.marks[k].set_data([temperature], [now[k]])
        self.guide.set_xdata([temperature, temperature])
        yours = self.student_values("softmax", "2.7", scores / temperature)
        for artist in (self.yours, self.yours_name):
            artist.set_visible(yours is not None)
        if yours is not None:
            self.yours.set_data(range(4), yours)
            self.yours_name.set_text("diamonds: yours (2.7)")
        parts = [f"{name} {value:.3f}" for name, value in zip(CLASSES, now, strict=True)]
        listed = ", ".join(f"{score:.1f}" for score in scores)
        return f"T = {temperature:.3g}, scores {listed}: {', '.join(parts)}."


gradient_explorer = GradientArrow.open
warp_explorer = Warp.open
softmax_explorer = Temperature.open
descent_explorer = Descent.open
newton_explorer = NewtonStep.open
