"""Exercise 6.11, hunt 4: a check of a layer that looks at too little."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from byhand.checks import CheckFailed, check_close, check_parts, may_measure, supplied
from byhand.checks.failures import brief
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, points
from byhand.exercises.stability.earlier import CHECKING, unlike

NAMES = ("grad_W", "grad_b", "grad_x")
Three = tuple[Floats, Floats, Floats]


def _right(W: Floats, b: Floats, x: Floats, g: Floats) -> Three:
    return g.T @ x, g.sum(axis=0), g @ W


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


def _one(k: int, change: Callable[[Floats], Any]) -> Function:
    """Return a backward pass of which one result is changed."""

    def backward(W: Floats, b: Floats, x: Floats, g: Floats) -> Any:
        parts: list[Any] = list(_right(W, b, x, g))
        parts[k] = change(parts[k])
        return tuple(parts)

    return backward


def _entry(part: Floats, value: Callable[[float], float]) -> Floats:
    part = part.copy()
    part.flat[-1] = value(part.flat[-1])
    return part


SCALES = {"of the wrong sign": -1.0, "of half the size": 0.5, "three times too large": 3.0,
          "a thousandth too large": 1.001, "a thousandth too small": 0.999,
          "of zeros": 0.0}  # fmt: skip


def _seen(error: object, what: str, expected: float, likely: str | None = None) -> None:
    """Check a number that layer_check returns."""
    __tracebackhide__ = True
    if isinstance(error, bool | np.bool_):
        raise CheckFailed(
            "layer_check must return the error", expected="a number", actual=brief(error)
        )
    part = what.split()[1] if what.startswith("a grad") else ""
    slips = {
        f"{what} is not seen: is every one of the three results measured, entry by entry?": 0.0,
        "this is half of the error": expected / 2,
        "this is a third of the error: the errors of the three results are not averaged": (
            expected / 3
        ),
    }
    check_close(
        error,
        expected,
        what=f"layer_check for {what}" if not part else f"layer_check for {what}, the rest right",
        rtol=0.02,
        atol=1e-5 if expected == 0 else 0.0,
        mistakes=unlike(slips, expected, rtol=0.02),
        hint=likely,
    )


def layer_check_values(layer_check: Function, draw: int = 0) -> None:
    """Check right backward passes, and the error of wrong ones in each result."""
    with may_measure(), supplied(**CHECKING):
        for seed in (draw + 5, draw + 6):
            _seen(
                layer_check(_right, np.random.default_rng(seed)),
                "a right backward pass", 0.0,
                "a right backward pass must pass: how large are its errors, entry by entry?",
            )  # fmt: skip
        for k, name in enumerate(NAMES):
            for said, factor in SCALES.items():
                backward = _one(k, lambda part, factor=factor: factor * part)
                _seen(
                    layer_check(backward, np.random.default_rng(draw + k)),
                    f"a {name} {said}",
                    abs(factor - 1) / max(abs(factor), 1.0),
                )
            _seen(
                layer_check(
                    _one(k, lambda part: _entry(part, lambda value: -value)),
                    np.random.default_rng(draw + k),
                ),
                f"a {name} with one entry of the wrong sign",
                2.0,
            )
            for bad in (np.nan, np.inf):
                _seen(
                    layer_check(
                        _one(k, lambda part, bad=bad: _entry(part, lambda value: bad)),
                        np.random.default_rng(draw + k),
                    ),
                    f"a {name} with one entry {bad}",
                    np.inf,
                    "max(0.0, nan) is 0: what is not finite must give inf, as in exercise 6.1",
                )
        _check_batch(layer_check, draw)


def _check_batch(layer_check: Function, draw: int) -> None:
    """Check faults that one example, or an upstream gradient of ones, would hide."""
    __tracebackhide__ = True

    def ignoring(W: Floats, b: Floats, x: Floats, g: Floats) -> Any:
        return g.T @ x, 0 * b + len(x), g @ W

    def ones(W: Floats, b: Floats, x: Floats, g: Floats) -> Any:
        return np.sign(g * g).T @ x, g.sum(axis=0), g @ W

    for said, backward in (
        ("a grad_W that is divided by the batch", lambda W, b, x, g: (
            g.T @ x / len(x), g.sum(axis=0), g @ W)),
        ("a grad_b that is divided by the batch", lambda W, b, x, g: (
            g.T @ x, g.sum(axis=0) / len(x), g @ W)),
        ("a grad_x that is divided by the batch", lambda W, b, x, g: (
            g.T @ x, g.sum(axis=0), g @ W / len(x))),
        ("a grad_b that counts the examples", ignoring),
        ("a grad_W that ignores grad_output", ones),
    ):  # fmt: skip
        error = layer_check(backward, np.random.default_rng(draw + 9))
        if not (isinstance(error, int | float | np.number) and error > 0.1):
            raise CheckFailed(
                f"layer_check does not see {said}",
                expected="an error of at least 0.1",
                actual=brief(error),
                likely="with one example a division by 1 can't be seen: draw several"
                if "divided" in said
                else "is grad_output all ones? Draw it",
            )
