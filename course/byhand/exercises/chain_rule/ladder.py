"""Exercise 3.12: a ladder of eight lines whose variables are shared, from the last line down."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand import differences
from byhand.checks import check_close, check_ladder, ladder
from byhand.differences.calls import Function
from byhand.exercises.batches import results_of
from byhand.exercises.ladders import answer_to, require_dict
from byhand.exercises.samples import kept, points

LINES = [
    "z = w * x",
    "s = np.tanh(z)",
    "u = s * x",
    "q = z**2",
    "p = u + q",
    "r = np.exp(-p)",
    "m = r * s",
    "loss = m**2 / 2",
]


def _loss(w: float, x: float) -> Any:
    """Return the whole ladder in one line."""
    s = np.tanh(w * x)
    return (np.exp(-(s * x + (w * x) ** 2)) * s) ** 2 / 2


@kept
def _slope(w: float, x: float, argnum: int) -> float:
    """Return the measured slope of the whole ladder."""
    return float(differences.gradient(_loss, w, x, argnum=argnum).value)


def ladder_lines(gradients: Function, draw: int = 0) -> None:
    """Check the gradient of every line, each from the student's own below it, at two inputs."""

    def run(w: float, x: float) -> Any:
        return answer_to(gradients, LINES, {"w": w, "x": x})

    for sign, k in ((1, 0), (-1, 1)):
        w, x = (float(v) for v in points(draw + k, (2,), 0.4, 1.2))
        w *= sign
        what = f"gradients(v), w = {w}, x = {x}"
        check_ladder(ladder(*LINES), run, {"w": w, "x": x}, what=what)


def ladder_whole(gradients: Function, draw: int = 0) -> None:
    """Check d["w"] and d["x"], the gradient of the whole function, against measured ones."""
    ws, xs = points(draw + 1, (6,), 0.4, 1.2), points(draw + 2, (6,), 0.4, 1.2)
    pairs = [(float(w) * (-1) ** k, float(x)) for k, (w, x) in enumerate(zip(ws, xs, strict=True))]
    found: dict[str, list[Any]] = {"w": [], "x": []}
    calls = [(LINES, {"w": w, "x": x}) for w, x in pairs]
    for d in results_of(answer_to, calls, of=gradients):
        require_dict(
            d,
            {"w", "x"},
            "gradients(v) must return a dict with the keys 'w' and 'x' among others",
        )
        for name, values in found.items():
            values.append(d[name])
    for argnum, (name, values) in enumerate(found.items()):
        right = [_slope(w, x, argnum) for w, x in pairs]
        check_close(
            values,
            right,
            what=f'd["{name}"] at six pairs (w, x)',
            rtol=1e-6,
            relative_to="largest",
            hint="the check of the lines says which of them is wrong",
        )
