"""Exercise 6.10: clipping the norm of all gradients together."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import check_close, check_each, check_equal, scenario
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, kept, points

Gradients = dict[str, Floats]
REBOUND = "g = g * factor makes a new array: change the entries of the array itself"


@scenario
def _clipped(clip_gradient_norm: Function, gradients: Any, limit: float) -> Any:
    norm = clip_gradient_norm(gradients, limit)
    return {"norm": norm, "gradients": gradients}


@scenario
def _owned(clip_gradient_norm: Function, W: Any, b: Any, limit: float) -> Any:
    """Return what the owner of the arrays sees: a transposed matrix, every second entry, a row."""
    W, b, rows = np.array(W), np.array(b), np.array(W)
    given = {"W": W.T, "b": b[::2], "row": rows[1], "column": rows[0, :2]}
    norm = clip_gradient_norm(given, limit)
    return {"norm": norm, "W": W, "b": b, "rows": rows}


def _norm(gradients: Gradients) -> float:
    return float(np.sqrt(sum(np.sum(np.square(g)) for g in gradients.values())))


def _times(gradients: Gradients, factor: float) -> Gradients:
    return {name: g * factor for name, g in gradients.items()}


def _three(draw: int) -> Gradients:
    return {
        "W": points(draw, (3, 4)) * 5,
        "b": points(draw + 1, (5,)) * 2,
        "a": points(draw + 2, (3, 4, 5)),
    }


@kept
def _wrong_norms(given: Gradients, limit: float) -> dict[str, float]:
    norm, own = _norm(given), {name: float(np.linalg.norm(g)) for name, g in given.items()}
    largest = max(own, key=lambda name: own[name])
    return {
        "this is the norm after clipping: return the one from before": limit,
        "norms were added: add the squares and take the root": sum(own.values()),
        "the root is missing": norm**2,
        "this is the factor, not the norm": limit / norm,
        "this is the sum of the sizes of all entries": float(
            sum(np.abs(g).sum() for g in given.values())
        ),
        "this is the largest entry": float(max(np.abs(g).max() for g in given.values())),
        **{
            f"this is the norm of {name} alone{', the largest' if name == largest else ''}: all "
            "arrays have one common norm": value
            for name, value in own.items()
        },
    }


@kept
def _wrong_arrays(given: Gradients, limit: float) -> dict[str, Gradients]:
    norm, own = _norm(given), {name: float(np.linalg.norm(g)) for name, g in given.items()}
    factors = {
        "divided by the norm, but not multiplied by max_norm": 1 / norm,
        "multiplied by max_norm, but not divided by the norm": limit,
        "divided by the square of the norm: the root is missing": limit / norm**2,
        "the factor is upside down": norm / limit,
        "divided by the sum of the norms": limit / sum(own.values()),
        "each array got the same share of the limit, not of the norm": limit / norm / len(given),
    }
    factors |= {
        f"{c:g} is added to the norm: the factor is exactly max_norm / norm": limit / (norm + c)
        for c in (1e-6, 1e-8, 1e-4)
    }
    stretched = {
        "each array got the norm max_norm by itself, which bends the direction": {
            name: g * limit / own[name] for name, g in given.items()
        }
    }
    return {
        "each array was clipped by itself, which bends the direction": {
            name: g * min(1.0, limit / own[name]) for name, g in given.items()
        },
        **(stretched if limit > min(own.values()) else {}),
        "each entry was cut off by itself, which bends the direction": {
            name: np.clip(g, -limit, limit) for name, g in given.items()
        },
        f"nothing changed: {REBOUND}": given,
        **{said: _times(given, factor) for said, factor in factors.items()},
    }


def clip_gradient_norm_values(clip_gradient_norm: Function, draw: int = 0) -> None:
    """Check the norm that is returned and three clipped arrays, for four limits."""
    given = _three(draw)
    norm = _norm(given)
    for limit in (0.5, 3.0, 1e-6, 20.0):
        found = _clipped(clip_gradient_norm, {k: g.copy() for k, g in given.items()}, limit)
        check_close(
            found["norm"],
            norm,
            what="the norm that clip_gradient_norm returns",
            rtol=1e-12,
            mistakes=_wrong_norms(given, limit),
        )
        check_each(
            found["gradients"],
            _times(given, limit / norm),
            what=f"three gradients, clipped to the norm {limit:g}",
            rtol=1e-11,
            mistakes=_wrong_arrays(given, limit),
        )


def clip_gradient_norm_short(clip_gradient_norm: Function, draw: int = 0) -> None:
    """Check norms within the limit, at the limit, just above it, 0, infinite, and NaN."""
    given = _three(draw)
    norm = _norm(given)
    for limit, what in ((1.5 * norm, "two thirds of the limit"), (norm * (1 + 1e-12), "the limit")):
        found = _clipped(clip_gradient_norm, {k: g.copy() for k, g in given.items()}, limit)
        check_close(found["norm"], norm, what=f"the norm of gradients of {what}", rtol=1e-12)
        check_each(
            found["gradients"],
            given,
            what=f"gradients whose norm is {what}",
            rtol=1e-11,
            hint="clip only where the norm exceeds max_norm",
            mistakes={
                "they were stretched: clipping never makes longer": _times(given, limit / norm)
            },
        )
    found = _clipped(clip_gradient_norm, {k: g.copy() for k, g in given.items()}, 0.9 * norm)
    alone = "all arrays have one common norm: no array alone exceeds the limit, together they do"
    check_each(
        found["gradients"],
        _times(given, 0.9),
        what="gradients whose norm exceeds the limit by a ninth",
        rtol=1e-11,
        mistakes={f"nothing changed: {alone}": given},
    )
    even = {name: g / np.linalg.norm(g) for name, g in given.items()}
    found = _clipped(clip_gradient_norm, {k: g.copy() for k, g in even.items()}, 1.2)
    check_each(
        found["gradients"],
        _times(even, 1.2 / np.sqrt(3)),
        what="three gradients of the norm 1, clipped to 1.2",
        rtol=1e-11,
        mistakes={f"nothing changed: {alone}": even},
    )
    nothing = {name: 0 * g for name, g in given.items()}
    found = _clipped(clip_gradient_norm, {k: g.copy() for k, g in nothing.items()}, 1.0)
    check_close(found["norm"], 0.0, what="the norm of gradients that are all 0")
    check_each(
        found["gradients"],
        nothing,
        what="gradients that are all 0",
        hint="don't divide by a norm of 0: clip only where the norm exceeds max_norm",
    )
    for bad, right in ((np.inf, np.inf), (-np.inf, np.inf), (np.nan, np.nan)):
        spoiled = {k: g.copy() for k, g in given.items()}
        spoiled["W"][1, 2] = bad
        with np.errstate(all="ignore"):
            found = _clipped(clip_gradient_norm, spoiled, 1.0)
        check_close(
            found["norm"],
            right,
            what=f"the norm of gradients with an entry {bad}",
            hint="it must show that the step can't be saved: leave out no entry",
        )


def clip_gradient_norm_in_place(clip_gradient_norm: Function, draw: int = 0) -> None:
    """Check that owners of the arrays see them shortened, those of views too."""
    W, b = points(draw, (3, 4)), points(draw + 1, (7,))
    given = [W, b[::2], W[1], W[0, :2]]
    norm = float(np.sqrt(sum(np.sum(g**2) for g in given)))
    factor = 1.25 / norm
    thinned, rows = b.copy(), W.copy()
    thinned[::2] *= factor
    rows[1] *= factor
    rows[0, :2] *= factor
    right = {"norm": norm, "rows": rows, "b": thinned, "W": W * factor}
    found = _owned(clip_gradient_norm, W, b, 1.25)
    likely = f"the owners' arrays are as they were: {REBOUND}"
    if np.allclose(found["rows"], rows):
        likely = "arrays not in one piece are copied: reshape, ravel and flatten do so"
    check_each(
        found,
        right,
        what="the owners' arrays after clipping, and the norm from before",
        rtol=1e-11,
        mistakes={likely: {"norm": -1.0, "rows": W, "b": b, "W": W}},
    )
    found = _clipped(clip_gradient_norm, {"W": W.copy()}, 0.1)
    check_equal(sorted(found["gradients"]), ["W"], what="the names in the dict after clipping")
