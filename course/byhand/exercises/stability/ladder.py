"""Exercise 6.12: a ladder of ten lines, the loss of the repaired run, from the loss down."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import CheckFailed, check_close
from byhand.checks.ladders import Forward
from byhand.differences.calls import Function
from byhand.exercises.ladders import answer_to, check_lines, require_dict
from byhand.exercises.samples import points

LINES = [
    "z = x @ W.T + b",
    "m = z.max(axis=1, keepdims=True)",
    "s = z - m",
    "e = np.exp(s)",
    "n = e.sum(axis=1, keepdims=True)",
    "l = np.log(n)",
    "y = s - l",
    "c = (t * y).sum(axis=1)",
    "r = (W**2).sum()",
    "loss = 0.05 * r - c.mean()",
]


def _inputs(draw: int, size: float = 1.0) -> dict[str, Any]:
    """Return a batch of five rows with four features, and three classes."""
    classes = (np.arange(5) + draw) % 3
    return {
        "x": size * points(draw, (5, 4), -1.5, 1.5),
        "W": points(draw + 1, (3, 4), -1.5, 1.5),
        "b": points(draw + 2, (3,), -1.0, 1.0),
        "t": (classes[:, None] == np.arange(3)).astype(int),
    }


def ladder_last_lines(gradients: Function, draw: int = 0) -> None:
    """Check the gradients of loss, c, r, y, l and n, each from the student's own below it."""
    _check_lines(gradients, ["loss", "c", "r", "y", "l", "n"], draw)


def ladder_first_lines(gradients: Function, draw: int = 0) -> None:
    """Check the gradients of e, s, m and z, each from the student's own gradients below it."""
    _check_lines(gradients, ["e", "s", "m", "z"], draw)


def _check_lines(gradients: Function, names: list[str], draw: int) -> None:
    """Check some of the lines."""
    __tracebackhide__ = True
    check_lines(gradients, LINES, names, _inputs(draw), slips=_slips, what="gradients(v)")


def _slips(v: Forward, d: dict[str, Any], name: str) -> dict[str, Any]:
    """Return what known mistakes give for a line, from the student's gradients below it."""
    with np.errstate(all="ignore"):
        return {
            "loss": {},
            "c": {
                "the minus in front of the mean is missing": d["loss"] / len(v.c) + 0 * v.c,
                "a mean gives each example 1 / B of the gradient": -d["loss"] + 0 * v.c,
            },
            "r": {"this is the loss's gradient itself: r is multiplied by 0.05": d["loss"]},
            "y": {
                "the targets are missing: each y is multiplied by its own": d["c"][:, None]
                + 0 * v.y,
                "this is t alone, without what comes from c": v.t,
            },
            "l": {
                "l is subtracted: the minus is missing": d["y"].sum(axis=1, keepdims=True),
            },
            "n": {
                "the slope of log(n) is 1 / n, not n": d["l"] * v.n,
                "the slope of log(n) is missing: it is 1 / n": d["l"],
            },
            "e": {"the exponential belongs to s, not to e: a sum has slope 1": d["n"] * v.e},
            "s": {
                "the path through e is missing: s is read by y too": d["y"],
                "the path through y is missing: s is read by e too": d["e"] * v.e,
                "the slope of exp(s) is missing on the path through e": d["y"] + d["e"],
                "the slope of exp is taken at e: exp(s) is e itself": d["y"] + d["e"] * np.exp(v.e),
            },
            "m": {"m is subtracted: the minus is missing": d["s"].sum(axis=1, keepdims=True)},
            "z": {
                "m reaches all scores of a row here: only the largest one made it": d["s"] + d["m"],
            },
        }[name]


def ladder_inputs(gradients: Function, draw: int = 0) -> None:
    """Check the gradients with respect to W, b and x against a closed form, at scores of 1000 too.

    The scores decide nothing here: the ladder subtracts the largest first.
    """
    for size in (1.0, 400.0):
        v = _inputs(draw + 3, size)
        d = answer_to(gradients, LINES, v)
        require_dict(d, set(), "gradients(v) must return a dict")
        z = v["x"] @ v["W"].T + v["b"]
        p = np.exp(z - z.max(axis=1, keepdims=True))
        g = (p / p.sum(axis=1, keepdims=True) - v["t"]) / 5
        decay = 0.1 * v["W"]
        scores = "ordinary scores" if size == 1 else "scores of 1000 and more"
        right = {"W": g.T @ v["x"] + decay, "b": g.sum(axis=0), "x": g @ v["W"]}
        terms = {"W": {"the path through z": g.T @ v["x"], "the path through r": decay}}
        slips = {
            "W": {
                "the path through r is missing: W is read twice": g.T @ v["x"],
                "the path through z is missing: W is read twice": decay,
                "the factor 2 of the square is missing": g.T @ v["x"] + decay / 2,
                "the gradient of r is missing in its path": g.T @ v["x"] + 2 * v["W"],
            },
            "b": {
                "b is added to every row: its gradients add up, they are not averaged": (
                    g.mean(axis=0)
                )
            },
            "x": {},
        }
        for name, value in right.items():
            if name not in d:
                raise CheckFailed(f'gradients(v) has no d["{name}"]', actual=f"{sorted(d)}")
            check_close(
                d[name],
                value,
                what=f'd["{name}"] at {scores}',
                rtol=1e-7,
                relative_to="largest",
                mistakes=slips[name],
                terms=terms.get(name, {}),
                hint="if a line of z, m, s, ... is wrong, its own check says so",
            )
