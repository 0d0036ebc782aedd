"""Exercise 6.11, hunt 4: a check of a layer that looks at too little."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from byhand.checks import CheckFailed, check_close, check_parts, may_measure, supplied
from byhand.checks.failures import brief
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, points
from byhand.exercises.stability.earlier import CHECKING

NAMES = ("grad_W", "grad_b", "grad_x")
Three = tuple[Floats, Floats, Floats]


def _right(W: Floats, b: Floats, x: Floats, grad_output: Floats) -> Three:
    return grad_output.T @ x, grad_output.sum(axis=0), grad_output @ W


def layer_check_proof(counterexample_4: Function, draw: int = 0) -> None:
    """Check a backward pass that is wrong, and that the given check passes."""
    what, wrong = "counterexample_4(W, b, x, grad_output)", False
    for batch in (1, 5):  # the given check draws one example
        W, b = points(draw, (3, 4)), points(draw + 1, (3,))
        x, g = points(draw + 2, (batch, 4)), points(draw + 3, (batch, 3))  # not generic: one row
        parts = check_parts(
            counterexample_4(W.copy(), b.copy(), x.copy(), g.copy()), NAMES, what=what
        )
        right = _right(W, b, x, g)
        if batch == 1:
            check_close(
                parts[0],
                right[0],
                what=f"grad_W of {what} for one example",
                rtol=1e-6,
                hint="the given check looks at grad_W for one example, so there it must be right",
            )
        for part, exact in zip(parts, right, strict=True):
            same = np.shape(part) == exact.shape and np.allclose(part, exact, rtol=1e-4, atol=1e-6)
            wrong = wrong or not same
    if not wrong:
        raise CheckFailed(
            "counterexample_4 proves nothing: it is a right backward pass",
            hint="make wrong what the given check never looks at",
        )


def _always(value: float, before: float) -> float:
    return value


def _one(k: int, change: Callable[[Floats], Any]) -> Function:
    """Return a backward pass of which one result is changed."""

    def backward(W: Floats, b: Floats, x: Floats, grad_output: Floats) -> Any:
        parts: list[Any] = list(_right(W, b, x, grad_output))
        parts[k] = change(parts[k])
        return tuple(parts)

    return backward


def _entry(part: Floats, place: Function, change: Callable[[Any], Any]) -> Floats:
    part = part.copy()
    index = place(part)
    part.flat[index] = change(part.flat[index])
    return part


SCALES = {"of the wrong sign": -1.0, "of half the size": 0.5, "of zeros": 0.0,
          "a thousandth too large": 1.001, "a thousandth too small": 0.999}  # fmt: skip


def _number(error: Any) -> float:
    """Return the number that layer_check returns."""
    __tracebackhide__ = True
    if isinstance(error, int | float | np.number) and not isinstance(error, bool):
        return float(error)
    likely = None
    if np.shape(error) == (3,):
        likely = "these are the errors of the three gradients: return the largest"
    elif isinstance(error, bool | np.bool_):
        likely = "this says whether it passes: return the error"
    elif error is None:
        likely = "the function has no return statement, or one without a value"
    raise CheckFailed(
        "layer_check must return the error", expected="a number", actual=brief(error), likely=likely
    )


def _seen(error: object, what: str, expected: float) -> None:
    """Check the error of a backward pass with one fault."""
    __tracebackhide__ = True
    found, likely = _number(error), None
    if np.isinf(expected):
        right = found == np.inf
        likely = "max(0.0, nan) is 0, and inf / inf is nan: ask np.isfinite, as in exercise 6.1"
    else:
        right = abs(found - expected) <= 0.02 * expected
        if found < 1e-5:
            likely = "it is not seen: is every entry of all three gradients measured, each error "
            likely += "taken without its sign, and the largest returned?"
        elif abs(found - expected / 3) <= 0.02 * expected:
            likely = "this is a third of the error: the three are averaged, return the largest"
        elif abs(found - expected / 2) <= 0.02 * expected:
            likely = "this is half of the error: divide by the larger size, not by the sum of both"
    if not right:
        raise CheckFailed(
            f"layer_check for {what}, the rest right, is wrong",
            expected=f"{expected:.4g}",
            actual=f"{found:.4g}",
            likely=likely,
        )


def layer_check_values(layer_check: Function, draw: int = 0) -> None:
    """Check right backward passes, and the error of wrong ones in each result."""
    with may_measure(), supplied(**CHECKING):
        for seed in (draw + 5, draw + 6):
            error = _number(layer_check(_right, np.random.default_rng(seed)))
            if not error < 1e-4:
                raise CheckFailed(
                    "layer_check of a right backward pass is wrong",
                    expected="0, up to 1e-4",
                    actual=f"{error:.4g}",
                )
        for k, name in enumerate(NAMES):
            for said, factor in SCALES.items():
                backward = _one(k, partial(np.multiply, factor))
                error = layer_check(backward, np.random.default_rng(draw + k))
                _seen(error, f"a {name} {said}", abs(factor - 1) / max(abs(factor), 1.0))
            for said, place in (("largest", np.argmax), ("most negative", np.argmin)):
                backward = _one(k, partial(_entry, place=place, change=np.negative))
                error = layer_check(backward, np.random.default_rng(draw + k))
                _seen(error, f"a {name} whose {said} entry has the wrong sign", 2.0)
            for bad in (np.nan, np.inf, -np.inf):
                backward = _one(k, partial(_entry, place=np.argmin, change=partial(_always, bad)))
                error = layer_check(backward, np.random.default_rng(draw + k))
                _seen(error, f"a {name} with one entry {bad}", np.inf)
        _check_batch(layer_check, draw)


def _check_batch(layer_check: Function, draw: int) -> None:
    """Check faults that one example, or an upstream gradient of ones, would hide."""
    __tracebackhide__ = True

    def ignoring(W: Floats, b: Floats, x: Floats, grad_output: Floats) -> Any:
        return grad_output.T @ x, 0 * b + len(x), grad_output @ W

    def ones(W: Floats, b: Floats, x: Floats, grad_output: Floats) -> Any:
        return np.sign(grad_output**2).T @ x, grad_output.sum(axis=0), grad_output @ W

    def averaged(k: int) -> Function:
        def backward(W: Floats, b: Floats, x: Floats, grad_output: Floats) -> Any:
            parts: list[Any] = list(_right(W, b, x, grad_output))
            parts[k] = parts[k] / len(x)
            return tuple(parts)

        return backward

    for said, backward in (
        *((f"a {name} that is divided by the batch", averaged(k)) for k, name in enumerate(NAMES)),
        ("a grad_b that counts the examples", ignoring),
        ("a grad_W that ignores grad_output", ones),
    ):  # fmt: skip
        error = _number(layer_check(backward, np.random.default_rng(draw + 9)))
        if not error > 0.1:
            raise CheckFailed(
                f"layer_check does not see {said}",
                expected="an error of at least 0.1",
                actual=f"{error:.4g}",
                likely="with one example a division by 1 can't be seen: draw several"
                if "divided" in said
                else "is grad_output all ones? Draw it",
            )
