"""What the checks supply in place of a student's earlier answers, and slips of a difference."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from byhand.checks import scenario
from byhand.differences.calls import Function
from byhand.exercises.batches import here
from byhand.exercises.samples import Floats, kept, points

DEFAULT = "h is a step of {} where it is left out"
UNSIGNED = "h has lost its sign: forward and backward by -h gives the same slope"
ONE_ENTRY = "every entry of x moves at once: only one of them should"


@scenario
def measuring() -> Any:
    """Return what stands for the student's measuring functions: it calls f very often."""

    def steps_along(n: int, h: float) -> Floats:
        axis = np.arange(n)
        return h * (axis[:, None] == axis)

    def partial_derivative(f: Function, x: Floats, i: int, h: float = 1e-6) -> Any:
        if np.ndim(x) != 1:
            raise ValueError(f"partial_derivative takes an x of shape (n,), not {np.shape(x)}")
        step = steps_along(len(x), h)[i]
        return (f(x + step) - f(x - step)) / (2 * h)

    def numerical_gradient(f: Function, x: Floats, h: float = 1e-6) -> Floats:
        steps = steps_along(np.size(x), h)
        slopes = [f(x + s.reshape(np.shape(x))) - f(x - s.reshape(np.shape(x))) for s in steps]
        return np.reshape(slopes, np.shape(x)) / (2 * h)

    def numerical_jacobian(f: Function, x: Floats, h: float = 1e-6) -> Floats:
        columns = [(f(x + s) - f(x - s)) / (2 * h) for s in steps_along(len(x), h)]
        return np.stack(columns, axis=-1)

    def check_gradient_by_hand(f: Function, grad: Function, x: Floats) -> float:
        a, n = np.asarray(grad(x)), numerical_gradient(f, x)
        size = np.maximum(np.abs(a), np.abs(n))
        return float(np.max(np.abs(a - n) / np.where(size == 0, 1, size)))

    return {
        "steps_along": steps_along,
        "partial_derivative": partial_derivative,
        "numerical_gradient": numerical_gradient,
        "numerical_jacobian": numerical_jacobian,
        "check_gradient_by_hand": check_gradient_by_hand,
    }


steps_along, partial_derivative, numerical_gradient, numerical_jacobian, check_gradient_by_hand = (
    here(measuring).values()
)


def measured_by(*names: str) -> dict[str, Function]:
    """Return some of them by name, to be supplied."""
    made = measuring()
    return {name: made[name] for name in names}


SHORT = "float32 keeps 7 digits and rounds the step away: convert x to float64 first"
GRADIENT = ("partial_derivative", "numerical_gradient")
JACOBIAN = (*GRADIENT, "numerical_jacobian")


def slopes_at_kinks(draw: int, h: float) -> tuple[Floats, Floats]:
    """Return numbers nearer to 0 than `h`, and what a central difference of |x| gives there."""
    x = points(draw, (4,), 0.2, 0.8) * [1, -1, 1, -1]
    return x * h, x


@kept
def slips_of_differences(f: Function, x: Floats, h: float) -> dict[str, Any]:
    """Return what usual slips make of central differences along each axis, the last axis."""
    steps = steps_along(len(x), h)
    ahead, back = (np.stack([f(x + s * side) for s in steps], axis=-1) for side in (1, -1))
    here = np.asarray(f(x))[..., None]
    right = (ahead - back) / (2 * h)
    piled = np.cumsum(steps, axis=0)
    kept = np.stack(
        [(f(x - p + 2 * s) - f(x - p)) / (2 * h) for p, s in zip(piled, steps, strict=True)], -1
    )
    grown = np.stack([(f(x + p) - f(x - p)) / (2 * h) for p in piled], axis=-1)
    first = np.arange(len(x)) == 0
    all_move = (np.asarray(f(x + h)) - f(x - h)) / (2 * h)
    return {
        "a / 2 * h divides by 2 and multiplies by h: bracket 2 * h": (ahead - back) / 2 * h,
        "the two points are 2h apart, not h: divide by 2 * h": (ahead - back) / h,
        "this is the forward difference: look both ways": (ahead - here) / h,
        "this is the backward difference: look both ways": (here - back) / h,
        "the difference is not divided by the distance between the two points": ahead - back,
        "the values of f are subtracted the wrong way round": -right,
        "the two values of f are added: subtract them": (ahead + back) / (2 * h),
        ONE_ENTRY: all_move if right.ndim > 1 else all_move * np.abs(first | ~first),
        "the step along the entry before is still there: start each one from zeros": grown,
        "x is not brought back after an entry, so the next slope is taken beside x": kept,
        "only the first entry is computed: is return inside the loop?": right * first,
        "the first entry moves every time": np.broadcast_to(right[..., :1], right.shape),
        **_other_points(f, x, h, (ahead, here, back)),
        **_other_entries(f, x, h, right),
    }


def _other_points(f: Function, x: Floats, h: float, values: tuple[Any, Any, Any]) -> dict[str, Any]:
    """Return what comes of points that are not h away on both sides, or of another divisor."""
    ahead, here, back = values

    def both(step: Any) -> Any:
        rows = steps_along(len(x), 1.0) * step
        return np.stack([np.asarray(f(x + s)) - f(x - s) for s in rows], axis=-1)

    twice = np.stack([f(x + 2 * s) for s in steps_along(len(x), h)], axis=-1)
    scaled = np.reshape(x, (-1, 1))
    return {
        "the forward difference is divided by 2 * h, but its points are h apart": (ahead - here)
        / (2 * h),
        "the backward difference is divided by 2 * h, but its points are h apart": (here - back)
        / (2 * h),
        "x itself is one of the two points: go by h to both sides, not by 2 * h to one": (
            twice - here
        )
        / (2 * h),
        "the points are h / 2 away from x, so they are h apart, not 2 * h": both(h / 2) / (2 * h),
        "the points are 2 * h away from x, so they are 4 * h apart, not 2 * h": both(2 * h)
        / (2 * h),
        "the step is half of h: h itself is asked for": both(h / 2) / h,
        "the step is twice h: h itself is asked for": both(2 * h) / (4 * h),
        "the step is 1, where it should be h": both(1.0) / (2 * h),
        "the step is h times x[i], but the distance that divides is 2 * h": both(h * scaled)
        / (2 * h),
        "the step is scaled with the size of x[i]: h itself is asked for": both(h * scaled)
        / (2 * h * x),
        "divided by x[i], too: only the distance between the points divides": (ahead - back)
        / (2 * h * x),
    }


def _other_entries(f: Function, x: Floats, h: float, right: Any) -> dict[str, Any]:
    """Return what comes of moving another entry of x, or of losing one."""
    steps = steps_along(len(x), h)
    rest = [np.asarray(f(x + h - s)) - f(x - h + s) for s in steps]
    tails = [np.asarray(f(x + t)) - f(x - t) for t in np.cumsum(steps[::-1], axis=0)[::-1]]
    place = np.arange(len(x))
    return {
        "every entry moves but the one that should": np.stack(rest, axis=-1) / (2 * h),
        "all entries from x[i] on move: only x[i] should": np.stack(tails, axis=-1) / (2 * h),
        "the index is one too small: x[i - 1] moves, not x[i]": right[..., place - 1],
        "x[-i] moves, which is counted from the end: x[i] should": right[..., -place],
        "the slopes are in the reverse order": right[..., ::-1],
        "the last entry is never computed: look at where the loop ends": right
        * (place < len(x) - 1),
        "the first entry is never computed: look at where the loop begins": right * (place > 0),
        "each slope has those of the entries before added to it": np.cumsum(right, axis=-1),
    }


@kept
def slips_of_defaults(f: Function, x: Floats, h: float) -> dict[str, Any]:
    """Return the slopes of f, entry by entry or along all entries, for other steps than `h`.

    All steps below the distance to a kink give the same slope.
    """
    larger = {
        f"h is {k:g} where it is left out: it should be {h:g}": numerical_jacobian(f, x, k)
        for k in (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)
        if k > 2 * h
    }
    smaller = f"h is smaller than {h:g} where it is left out"
    return {**larger, smaller: numerical_jacobian(f, x, h / 100)}


@kept
def slips_of_integers(f: Function, x: NDArray[np.int64], h: float) -> dict[str, Any]:
    """Return what becomes of differences whose points or steps are stored as integers."""
    steps = steps_along(len(x), h)
    cut = [(f(np.trunc(x + s)) - f(np.trunc(x - s))) / (2 * h) for s in steps]
    right = [(f(x + s) - f(x - s)) / (2 * h) for s in steps]
    return {
        f"x + {h:g} is stored in an array of integers, which cuts it off": np.stack(cut, axis=-1),
        f"the step is stored in an array of integers, which makes 0 of {h:g}": 0.0
        * np.stack(right, axis=-1),
    }
