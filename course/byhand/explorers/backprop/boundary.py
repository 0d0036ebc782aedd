"""A decision boundary that grows while a network learns."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from byhand import figures
from byhand.explorers.base import Explorer
from byhand.explorers.controls import Choice, Controls, LogSlider, WholeSlider
from byhand.explorers.predictions import Number

if TYPE_CHECKING:
    from matplotlib.figure import Figure


STEPS, MOST = 500, 8  # steps of the training, hidden units at most
TOP = 2.5  # of the axis of losses
SEED = 1  # first weights with which three hidden units find a way around the disc


def ring(count: int = 30) -> tuple[np.ndarray, np.ndarray]:
    """Return points in a disc and in a ring around it, (2, 2 count), and their targets 1 and -1."""
    rng = np.random.default_rng(0)
    turn = 2 * np.pi * np.arange(count) / count
    inner, outer = np.sqrt(rng.uniform(0, 0.45, count)), rng.uniform(1.15, 1.6, count)
    disc = inner * np.array([np.cos(7 * turn), np.sin(7 * turn)])
    around = outer * np.array([np.cos(turn), np.sin(turn)])
    return np.hstack([disc, around]), np.repeat([1.0, -1.0], count)


def two_moons(count: int = 30) -> tuple[np.ndarray, np.ndarray]:
    """Return points of two interleaved half-moons, (2, 2 count), and targets 1 and -1, one row.

    Examples
    --------
    >>> x, target = two_moons()
    >>> x.shape, target.shape
    ((2, 60), (1, 60))
    """
    rng = np.random.default_rng(5)
    turn = np.pi * np.arange(count) / (count - 1)
    upper = [np.cos(turn) - 0.5, np.sin(turn) - 0.25]
    lower = [0.5 - np.cos(turn), 0.25 - np.sin(turn)]
    x = np.hstack([upper, lower]) * 1.05 + 0.08 * rng.standard_normal((2, 2 * count))
    return x, np.repeat([1.0, -1.0], count)[None]


POINTS: dict[str, Callable[[], tuple[np.ndarray, np.ndarray]]] = {
    "disc in a ring": ring,
    "two moons": two_moons,
}


def first_parameters(hidden: int) -> np.ndarray:
    """Return first parameters in one row: W1 (hidden, 2), b1, W2 (hidden each), b2."""
    rng = np.random.default_rng(SEED)
    W1, b1 = rng.standard_normal(2 * hidden), 0.5 * rng.standard_normal(hidden)
    return np.concatenate([W1, b1, rng.standard_normal(hidden) * np.sqrt(2 / hidden), [0.0]])


def split(rows: np.ndarray, hidden: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return W1 (k, hidden, 2), b1 and W2 (k, hidden, 1) and b2 (k, 1) of k rows of parameters."""
    ends = np.cumsum([2 * hidden, hidden, hidden])
    W1, b1, W2, b2 = np.split(rows, ends, axis=1)
    return W1.reshape(-1, hidden, 2), b1[..., None], W2[..., None], b2


def outputs(rows: np.ndarray, hidden: int, x: np.ndarray) -> np.ndarray:
    """Return what k networks, one for each row of parameters, say to the points x: (k, B)."""
    W1, b1, W2, b2 = split(rows, hidden)
    return np.sum(np.maximum(W1 @ x + b1, 0) * W2, axis=1) + b2


@lru_cache(maxsize=64)  # a training takes longer than all the drawing; one keeps 130 KB at most
def learn(
    hidden: int, learning_rate: float, points: str = "disc in a ring"
) -> tuple[np.ndarray, np.ndarray]:
    """Return the parameters before each step and after the last, and the losses there.

    The slopes are measured: all parameters of a step are nudged both ways at once, so this needs
    two forward passes for each parameter where a backward pass would need one for all.
    """
    x, target = POINTS[points]()
    now = first_parameters(hidden)
    nudges = 1e-5 * np.vstack([np.eye(now.size), -np.eye(now.size), np.zeros(now.size)])
    path, losses = [], []
    with np.errstate(all="ignore"):  # a large learning rate may blow up
        for _ in range(STEPS + 1):
            loss = np.mean((outputs(now + nudges, hidden, x) - target) ** 2, axis=1) / 2
            path.append(now)
            losses.append(loss[-1])
            now = now - learning_rate * (loss[: now.size] - loss[now.size : -1]) / 2e-5
    return np.array(path), np.array(losses)


class Boundary(Explorer):
    """Left, the side of the plane that a small network gives to each class; right, its loss."""

    prediction = Number(
        question="Each hidden ReLU unit folds the output of the network along one straight line. "
        "At least how many of them does it take to part the disc from the ring around it?",
        label="Fewest hidden units", low=1, high=MOST, whole=True,
        outcome="the smallest network that gets every point right has {truth}",
        explanation="One or two folds leave the fence open. More units than needed make it "
        "rounder. Try a small learning rate, for which 400 steps are too few, a large one, for "
        "which the loss jumps or blows up, and the other points.",
    )  # fmt: skip
    title = "Points of two kinds"
    message = "Each hidden unit folds the boundary along one line"
    situation = (
        "Round points in a disc, and square points in a ring around it. Right, an empty axis."
    )
    picture = (
        "Left, round points and square points, the boundary of the network and"
        " a dashed line for each hidden unit; right, the loss against the step."
    )
    size = (7.2, 3.9)

    def controls(self) -> Controls:
        """Return the controls: hidden units, learning rate, steps."""
        return {
            "hidden": WholeSlider("Hidden units", 1, MOST, value=2, step=1),
            "learning_rate": LogSlider("Learning rate", 1e-3, 10, value=0.1, step=0.05),
            "steps": WholeSlider("Steps", 0, STEPS, value=400, step=10),
            "points": Choice("Points", list(POINTS)),
        }

    def build(self, figure: Figure) -> None:
        """Draw the points and the two axes."""
        self.trained: tuple[tuple[Any, ...] | None, list[float]] = (None, [])
        self.x, self.target = ring()
        self.shown = "disc in a ring"
        span = np.linspace(-2, 2, 201)
        self.grid = np.stack(np.meshgrid(span, span)).reshape(2, -1)
        plane, curve = figure.subplots(1, 2, width_ratios=(1, 1))
        self.region = plane.imshow(
            np.zeros((201, 201, 4)), extent=(-2, 2, -2, 2), origin="lower", aspect="equal",
            zorder=1.5, animated=True,
        )  # fmt: skip
        plane.grid(False)
        plane.set(xlabel="first input", ylabel="second input", xticks=[-2, 0, 2], yticks=[-2, 0, 2])
        self.head(figure)
        self.folds = [
            figures.moving(plane, color="0.35", linestyle="--", linewidth=1) for _ in range(MOST)
        ]
        self.dots = {
            sign: plane.plot(
                *self.x[:, self.target == sign], marker, color=color, markeredgecolor="white",
                markersize=7, zorder=4, animated=True,
            )[0]
            for sign, color, marker in ((1, figures.BLUE, "o"), (-1, figures.VERMILION, "s"))
        }  # fmt: skip
        curve.set(
            xlim=(0, STEPS), ylim=(1e-2, TOP), yscale="log", xlabel="step", ylabel="loss"
        )  # fmt: skip
        self.curve = figures.moving(curve, color=figures.BLACK, linewidth=1.5)
        self.yours = self.add_yours(curve, "dotted")
        self.cover(self.region, self.folds, self.curve)
        self.now = figures.moving(curve, "o", color=figures.BLACK, clip_on=False)
        self.cover(self.now)

    def truth(self) -> float:
        """Return the fewest hidden units with which every point ends on its side."""
        rate, steps = self.control["learning_rate"].value, self.control["steps"].value
        for hidden in range(1, MOST + 1):
            path, _ = learn(hidden, rate)
            if (np.sign(outputs(path[steps : steps + 1], hidden, self.x)[0]) == self.target).all():
                return float(hidden)
        raise RuntimeError("no network gets every point right")

    def redraw(self, hidden: int, learning_rate: float, steps: int, points: str) -> str:
        """Learn, if that is new; show the chosen step."""
        self._take(points)
        path, losses = learn(hidden, learning_rate, points)
        with np.errstate(all="ignore"):
            field = outputs(path[steps : steps + 1], hidden, self.grid).reshape(201, 201)
            right = np.sign(outputs(path[steps : steps + 1], hidden, self.x)[0]) == self.target
        self.region.set_data(painted(field))
        self._draw_folds(path[steps], hidden)
        taken = np.arange(STEPS + 1)
        self.curve.set_data(taken, np.clip(losses, 1e-2, TOP))
        self.now.set_data([steps], [np.clip(losses[steps], 1e-2, TOP)])
        self._draw_yours(hidden, learning_rate, taken)
        units = "1 hidden unit" if hidden == 1 else f"{hidden} hidden units"
        start = f"{units}, learning rate {learning_rate:.3g}, after {steps} steps: "
        if not losses[steps] < 1e3:
            return start + "the loss has blown up; the learning rate is too large."
        return start + (
            f"loss {losses[steps]:.3f}, {np.count_nonzero(right)} of {right.size} points "
            "on the right side."
        )

    def _take(self, points: str) -> None:
        """Take other points, if they are others."""
        if points != self.shown:
            self.shown = points
            x, target = POINTS[points]()
            self.x, self.target = x, target.ravel()
            for sign, dots in self.dots.items():
                dots.set_data(*self.x[:, self.target == sign])

    def _draw_folds(self, parameters: np.ndarray, hidden: int) -> None:
        """Draw for each hidden unit the line on which its input is 0."""
        W1, b1, _, _ = split(parameters[None], hidden)
        for k, fold in enumerate(self.folds):
            shown = k < hidden and np.isfinite(parameters).all() and W1[0, k].any()
            fold.set_visible(bool(shown))
            if shown:
                w = W1[0, k]
                near, along = -b1[0, k] * w / (w @ w), np.array([-w[1], w[0]]) / np.hypot(*w)
                fold.set_data(*(near[:, None] + along[:, None] * np.array([-9.0, 9.0])))

    def _draw_yours(self, hidden: int, learning_rate: float, taken: np.ndarray) -> None:
        """Draw how the student's network learns; the slider of steps does not train it again."""

        def losses_of(network_class: Callable[..., Any]) -> tuple[np.ndarray, np.ndarray]:
            which = network_class, hidden, learning_rate, self.shown
            if self.trained[0] != which:
                self.trained = which, train(network_class)
            return taken, np.clip(self.trained[1], 1e-2, TOP)

        def train(network_class: Callable[..., Any]) -> list[float]:
            network = network_class(2, hidden, 1, np.random.default_rng(0))
            parameters = network.get_parameters()
            for name, part in zip(
                ("W1", "b1", "W2", "b2"), split(first_parameters(hidden)[None], hidden), strict=True
            ):
                parameters[name][...] = part[0].reshape(parameters[name].shape)
            losses = []
            with np.errstate(all="ignore"):
                for _ in taken:
                    losses.append(network.forward(self.x, self.target[None])[1])
                    network.backward()
                    for name, slope in network.get_gradients().items():
                        parameters[name] -= learning_rate * slope
            return losses

        self.yours.draw("TwoLayerNetwork", "4.5", losses_of)


def painted(field: np.ndarray) -> np.ndarray:
    """Return a picture of a field: grey where it is positive, black on its zero line."""
    positive = field > 0
    edge = np.zeros_like(positive)
    edge[:, 1:] |= positive[:, 1:] != positive[:, :-1]
    edge[1:] |= positive[1:] != positive[:-1]
    shades = np.where(positive, 0.82, 1.0)
    shades[edge] = 0.0
    return np.repeat(shades[..., None], 4, axis=2) ** np.array([1.0, 1.0, 1.0, 0.0])
