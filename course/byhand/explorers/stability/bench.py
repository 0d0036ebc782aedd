"""A bench for gradient checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from byhand import figures
from byhand.explorers.base import Explorer, Function
from byhand.explorers.controls import Choice, Controls, LogSlider
from byhand.explorers.predictions import Choose

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


SIZES = 10.0 ** -np.arange(7)  # of the entries of the gradient, before its own factor
POINT = np.array([0.7, 0.4, 1.1, 0.3, 0.8, 0.5, 1.3])
ENTRIES = np.arange(1, SIZES.size + 1)
SMALLEST = ENTRIES == SIZES.size
LIMIT = 1e-5  # what the relative error must stay below
LEAST = 3e-15  # where an exact 0 is drawn on a log axis

NO_BUG = "none"
# each makes a wrong gradient of a right one, whose two terms are `term` and another
BUGS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    NO_BUG: lambda right, term: right,
    "a sign flipped": lambda right, term: right * np.where(SMALLEST, -1, 1),
    "all × 1.001": lambda right, term: 1.001 * right,
    "a term missing": lambda right, term: right - term * (ENTRIES == 5),
    "all zeros": lambda right, term: np.zeros_like(right),
}
COMPARISONS = ("norms, + 1e-8", "worst entry", "worst entry, less noise")


def _entry_errors(a: np.ndarray, b: np.ndarray, noise: float = 0) -> np.ndarray:
    """Return the relative error of each entry, beyond the noise; 0 where both are 0."""
    larger = np.maximum(np.abs(a), np.abs(b))
    return np.maximum(np.abs(a - b) - noise, 0) / np.where(larger > 0, larger, 1)


def _compare(claimed: np.ndarray, measured: np.ndarray, noise: float) -> list[float]:
    """Return what each of the COMPARISONS makes of two gradients."""
    lengths = np.linalg.norm(claimed) + np.linalg.norm(measured)
    return [
        float(np.linalg.norm(claimed - measured) / (lengths + 1e-8)),
        float(_entry_errors(claimed, measured).max()),
        float(_entry_errors(claimed, measured, noise).max()),
    ]


def _verdict(error: float, bug: str, alarm_anyway: bool) -> str:
    """Judge a check by its error, and by whether the right gradient would set it off too."""
    if error < LIMIT:
        return "passes, rightly" if bug == NO_BUG else "MISSED"
    if bug == NO_BUG:
        return "FALSE ALARM"
    return "alarm either way" if alarm_anyway else "caught"


def _brief(value: float) -> str:
    return f"{value:.0e}" if 0 < value < 0.01 else f"{value:.1g}"


# by which of the first two comparisons let the bug pass
FOOLED = {
    "the one by norms": (True, False), "the one by entries": (False, True),
    "both of them": (True, True), "neither of them": (False, False),
}  # fmt: skip


class Bench(Explorer):
    """A gradient with a planted bug, and what three ways of comparing say of it."""

    prediction = Choose(
        question="A gradient a has 7 entries, from about 1 down to 1e-6; the smallest has the "
        "wrong sign. It is compared with the numerical gradient n, once by ‖a − n‖ / (‖a‖ + ‖n‖ + "
        "1e-8), once by the largest relative error of an entry. Which comparison says that "
        "a is right, because it stays below 1e-5?",
        options=tuple(FOOLED),
        outcome="it is {truth}",
        explanation="The largest entries dominate the norm, and the smallest disappears in it; "
        "entry by entry each one counts. A check can also blame what is right: try float32, where "
        "the noise of the measurement is larger than the bug. No comparison finds what the "
        "measurement doesn't hold, so measure in float64.",
    )
    title = "A gradient of 7 entries, and ways to compare it"
    message = "The comparison decides what is caught"
    situation = (
        "Above, an axis for the relative error of each entry; below, a row for each way of "
        "comparing. Dashed, the limit 1e-5. The bug: the sign of the smallest entry is flipped."
    )
    picture = (
        "Above, the relative error of each of 7 entries of a gradient; below, the one number that "
        "each way of comparing makes of them, with the limit 1e-5 as a dashed line."
    )
    size = (7.6, 5.6)

    def controls(self) -> Controls:
        """Return the controls: the bug, the step, the precision and the size of the gradient."""
        return {
            "bug": Choice("Bug", list(BUGS), "a sign flipped"),
            "h": LogSlider("h", 1e-12, 0.1, value=1e-5, step=0.1),
            "dtype": Choice("Precision", ["float64", "float32"]),
            "size": LogSlider("Gradient times", 1e-15, 1e3, value=1, step=0.2),
        }

    def build(self, figure: Figure) -> None:
        """Draw two log axes with the limit in both."""
        above, below = figure.subplots(2, height_ratios=(1, 1))
        above.set(
            yscale="log", ylim=(1e-15, 1e3), xlim=(0.5, 7.5), xticks=ENTRIES,
            yticks=(1e-15, 1e-10, 1e-5, 1), ylabel="relative error",
        )  # fmt: skip
        above.set_xticklabels([" "] * SIZES.size)
        above.set_xlabel("entry of the gradient, by its size")
        self.head(above, pad=30)
        above.axhline(LIMIT, color="0.3", linestyle="--", linewidth=1.3)
        below.axvline(LIMIT, color="0.3", linestyle="--", linewidth=1.3)
        figures.label(above, 1.5, 4e-5, "limit 1e-5", "0.3", ha="center", va="bottom", fontsize=10)
        figures.label(below, 5e-6, 3.45, "limit 1e-5", "0.3", ha="right", va="center", fontsize=10)
        self.right, self.wrong = (
            figures.moving(above, marker, color=color, markersize=size, label=name)
            for marker, color, size, name in (
                ("o", figures.BLUE, 8, "entry is right"),
                ("X", figures.VERMILION, 11, "entry is wrong"),
            )
        )
        self.sizes = figures.tick_texts(above, ENTRIES)
        figures.legend_above(above)
        self.yours = self.add_yours(
            below, "diamond", label=figures.corner_label(above, animated=True)
        )
        self._rows(below)
        self.cover(self.right, self.wrong, self.marks, self.verdicts)

    def truth(self) -> str:
        """Return which of the first two comparisons let the bug pass."""
        missed = tuple(error < LIMIT for error in self.results[:2])
        return next(option for option, which in FOOLED.items() if which == missed)

    def _rows(self, axes: Axes) -> None:
        """Make a row for each comparison, and one for the student's check."""
        axes.set(xscale="log", xlim=(1e-15, 1e12), ylim=(-0.6, 3.8), yticks=range(4))
        axes.set_xticks([1e-15, 1e-10, 1e-5, 1])
        axes.set_yticklabels(["yours (6.2)", *COMPARISONS[::-1]])
        axes.set_xlabel("relative error by each comparison (0 is at the left end)")
        self.marks = [
            figures.moving(axes, marker, color=color, markersize=10)
            for marker, color in (
                ("s", figures.VERMILION),
                ("^", figures.ORANGE),
                ("o", figures.BLUE),
                ("D", figures.PURPLE),
            )
        ]
        self.verdicts = [
            axes.text(40, row, "", va="center", fontsize=11, animated=True) for row in (3, 2, 1, 0)
        ]

    def redraw(self, bug: str, h: float, dtype: str, size: float) -> str:
        """Measure the gradient, compare it with the one that has the bug, and judge."""
        weights = (size * SIZES).astype(dtype)
        x = POINT.astype(dtype)

        def f(at: np.ndarray) -> np.ndarray:
            return np.sum(weights * (at**2 / 2 + np.sin(at)), axis=-1)

        exact = weights.astype(np.float64)
        right = exact * (POINT + np.cos(POINT))
        claimed = BUGS[bug](right, exact * POINT)
        step = x.dtype.type(h)
        nudges = step * np.eye(SIZES.size, dtype=dtype)
        measured = ((f(x + nudges) - f(x - nudges)) / (2 * step)).astype(np.float64)
        noise = 10 * float(np.finfo(dtype).eps * abs(f(x))) / h
        results = _compare(claimed, measured, noise)
        self.results = results
        of_right = _compare(right, measured, noise)
        self._draw_entries(right, claimed != right, _entry_errors(claimed, measured))
        told = []
        for row, name in enumerate(COMPARISONS):
            verdict = _verdict(results[row], bug, alarm_anyway=not of_right[row] < LIMIT)
            self._draw_row(row, results[row], verdict)
            told.append(f"{name}: {_brief(results[row])}, {verdict}")
        self._draw_yours(claimed, measured, noise)
        self._let_yours_judge(f, right, claimed, h, bug)
        words = (
            f"Bug: {bug}. {dtype}, h = {h:.3g}, gradient times {size:.3g}, noise {_brief(noise)}. "
            f"{'; '.join(told)}."
        )
        if any("either way" in each for each in told):
            words += " (Either way: the right gradient sets it off too.)"
        return words

    def _draw_entries(self, right: np.ndarray, wrong: np.ndarray, errors: np.ndarray) -> None:
        errors = np.maximum(errors, LEAST)
        self.right.set_data(ENTRIES[~wrong], errors[~wrong])
        self.wrong.set_data(ENTRIES[wrong], errors[wrong])
        for text, entry in zip(self.sizes, right, strict=True):
            text.set_text(_brief(entry))

    def _draw_row(self, row: int, value: float, verdict: str) -> None:
        self.marks[row].set_data([np.clip(value, LEAST, 2)], [3 - row])
        self.verdicts[row].set_text(f"{_brief(value)}: {verdict}")
        self.verdicts[row].set_fontweight("bold" if verdict.isupper() else "normal")

    def _draw_yours(self, claimed: np.ndarray, measured: np.ndarray, noise: float) -> None:
        """Mark what the student's relative_error says, on the row of the same comparison."""
        self.yours.draw(
            "relative_error", "6.1",
            lambda relative: (np.clip(relative(claimed, measured, noise), LEAST, 2), 1),
        )  # fmt: skip

    def _let_yours_judge(
        self, f: Function, right: np.ndarray, claimed: np.ndarray, h: float, bug: str
    ) -> None:
        """Let the student's gradient_check judge too; it measures in float64."""
        errors = self.student_result(
            "gradient_check",
            "6.2",
            lambda check: [check(f, POINT.copy(), each.copy(), h)[0] for each in (claimed, right)],
        )
        self.marks[3].set_visible(errors is not None)
        if errors is None:
            self.verdicts[3].set_text("joins once 6.2 passes")
        else:
            verdict = _verdict(errors[0], bug, alarm_anyway=not errors[1] < LIMIT)
            self._draw_row(3, float(errors[0]), verdict)
