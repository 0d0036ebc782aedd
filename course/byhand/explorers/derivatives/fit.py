"""Twenty points, a model with one weight, and the loss of each weight that was tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from byhand import figures
from byhand.explorers.base import Explorer
from byhand.explorers.controls import Controls, Slider
from byhand.explorers.predictions import Choose
from byhand.points import twenty

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STEP = 1e-5  # of the student's central difference
FIRST, LAST = 0.2, 5.0  # the weights that the question is about
COURSES = ("falls all the way", "falls, then rises again", "rises all the way", "stays the same")


class Fit(Explorer):
    """The curve tanh(w x) among twenty points, beside the loss of each w that was tried."""

    prediction = Choose(
        question="With w = 0.2 the curve is too flat. You make w larger and larger, up to 5: the "
        "curve gets steeper and steeper. What does the loss do?",
        options=COURSES,
        outcome="it {truth}",
        explanation="A weight can be too small and too large: between the two is the one that fits "
        "best. Slide w and find it. Where the loss still falls, its slope with respect to w is "
        "negative; at the best weight the slope is 0.",
    )
    title = "Twenty points, and a curve with one weight"
    message = "Somewhere the loss is smallest"
    situation = "Twenty points and the curve tanh(0.2 x), which is too flat. Right, an empty axis."
    picture = "Left: twenty points and the curve tanh(w x). Right: the loss of each w tried."
    size = (8.6, 4.0)

    def controls(self) -> Controls:
        """Return the control: the weight."""
        return {"w": Slider("Weight w", 0, 5, value=FIRST, step=0.05)}

    def build(self, figure: Figure) -> None:
        """Draw the points and the axes of the loss."""
        self.x, self.y = twenty()
        left, right = figure.subplots(1, 2)
        self.head(figure)
        left.set(xlim=(-1.7, 1.7), ylim=(-1.4, 1.4), xlabel="x", ylabel="y")
        figures.axes_through_origin(left)
        left.plot(self.x, self.y, "o", color=figures.BLACK, label="points", markersize=5)
        self.grid = np.linspace(-1.7, 1.7, 201)
        self.curve = figures.moving(left, color=figures.BLUE, label="tanh(w x)")
        self.gaps = figures.moving(left, color=figures.VERMILION, linestyle=":", linewidth=1.5)
        figures.legend_above(left)
        right.set(xlim=(-0.1, 5.1), ylim=(0, 0.34), xlabel="weight w", ylabel="loss")
        self.tried: dict[float, float] = {}
        self.trail = figures.moving(right, "o-", color="0.5", markersize=4, linewidth=1)
        self.here = figures.moving(
            right, "o", color=figures.BLUE, markersize=11, markeredgecolor="white"
        )
        self.cover(self.trail, self.here)
        self.yours = self.add_yours(right, "dotted")

    def loss(self, w: float) -> float:
        """Return half the mean square of the distances between curve and points."""
        return float(0.5 * np.mean((np.tanh(w * self.x) - self.y) ** 2))

    def truth(self) -> str:
        """Return what the loss does, from its values between the two weights."""
        changes = np.diff([self.loss(w) for w in np.linspace(FIRST, LAST, 49)])
        falls, rises = bool(changes[0] < 0), bool(changes[-1] > 0)
        return COURSES[[(True, False), (True, True), (False, True)].index((falls, rises))]

    def redraw(self, w: float) -> str:
        """Move the curve and mark the loss of w."""
        loss = self.tried[w] = self.loss(w)
        self.curve.set_data(self.grid, np.tanh(w * self.grid))
        on_curve = np.tanh(w * self.x)
        apart = np.full_like(self.x, np.nan)  # breaks the line between two distances
        self.gaps.set_data(
            np.stack([self.x, self.x, apart], axis=1).ravel(),
            np.stack([on_curve, self.y, apart], axis=1).ravel(),
        )
        self.trail.set_data(sorted(self.tried), [self.tried[tried] for tried in sorted(self.tried)])
        self.here.set_data([w], [loss])
        ends = np.array([w - 0.6, w + 0.6])
        self.yours.draw(
            "central_difference", "1.2",
            lambda central: (ends, loss + central(self.loss, w, STEP) * (ends - w)),
        )  # fmt: skip
        return f"At w = {w:.2f} the loss is {loss:.4f}; weights tried so far: {len(self.tried)}."
