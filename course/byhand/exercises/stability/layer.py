"""Exercise 6.11, hunt 4: a check of a layer that looks at too little."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import CheckFailed, check_close, check_parts, may_measure, scenario, supplied
from byhand.checks.failures import brief
from byhand.differences.calls import Function
from byhand.exercises.batches import results_of
from byhand.exercises.samples import Floats, points
from byhand.exercises.stability.earlier import checking

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


# How a result is changed, and the error that is then expected: of all entries or of one.
FAULTS: dict[str, tuple[tuple[str, float], float]] = {
    "{} of the wrong sign": (("all", -1.0), 2.0),
    "{} of half the size": (("all", 0.5), 0.5),
    "{} of zeros": (("all", 0.0), 1.0),
    "{} a thousandth too large": (("all", 1.001), 0.001 / 1.001),
    "{} a thousandth too small": (("all", 0.999), 0.001),
    "{} whose largest entry has the wrong sign": (("largest", -1.0), 2.0),
    "{} whose most negative entry has the wrong sign": (("least", -1.0), 2.0),
    "{} with one entry nan": (("least", np.nan), np.inf),
    "{} with one entry inf": (("least", -np.inf), np.inf),
    "{} with one entry -inf": (("least", np.inf), np.inf),
}


@scenario
def error_of(layer_check: Function, k: int, fault: tuple[str, float], seed: int) -> Any:
    """Return what layer_check says of a backward pass of which one result has a fault."""
    where, factor = fault

    def backward(W: Any, b: Any, x: Any, grad_output: Any) -> Any:
        parts = [grad_output.T @ x, grad_output.sum(axis=0), grad_output @ W]
        part = parts[k]
        if where == "all":
            part *= factor
        elif where == "divided":
            part /= len(x)
        elif where == "counted":  # as if grad_output were all ones
            part[...] = len(x)
        elif where == "of ones":
            part[...] = np.sign(grad_output**2).T @ x
        elif where != "none":
            part.flat[np.argmax(part) if where == "largest" else np.argmin(part)] *= factor
        return tuple(parts)

    return layer_check(backward, np.random.default_rng(seed))


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
    """Check right backward passes, and the error of wrong ones in each result.

    Each fault is seen in each result on the page, what is not finite in one of them; in hidden
    tests, each fault in one.
    """
    faults = [
        (k, said.format(f"a {name}"), *fault)
        for k, name in enumerate(NAMES)
        for i, (said, fault) in enumerate(FAULTS.items())
        if (i + k + draw + 2) % 3 == 0 or not (draw or np.isinf(fault[1]))
    ]
    batch = [
        *((k, f"a {name} that is divided by the batch", "divided") for k, name in enumerate(NAMES)),
        (1, "a grad_b that counts the examples", "counted"),
        (0, "a grad_W that ignores grad_output", "of ones"),
    ]
    with may_measure(), supplied(**checking()):
        errors = results_of(
            error_of,
            [
                *((0, ("none", 1.0), draw + seed) for seed in (5, 6)),
                *((k, change, draw + k) for k, _, change, _ in faults),
                *((k, (change, 1.0), draw + 9) for k, _, change in batch),
            ],
            of=layer_check,
        )
        for _ in range(2):
            error = _number(next(errors))
            if not error < 1e-4:
                raise CheckFailed(
                    "layer_check of a right backward pass is wrong",
                    expected="0, up to 1e-4",
                    actual=f"{error:.4g}",
                )
        for _, said, _, expected in faults:
            _seen(next(errors), said, expected)
        for _, said, change in batch:
            error = _number(next(errors))
            if not error > 0.1:
                raise CheckFailed(
                    f"layer_check does not see {said}",
                    expected="an error of at least 0.1",
                    actual=f"{error:.4g}",
                    likely="with one example a division by 1 can't be seen: draw several"
                    if change == "divided"
                    else "is grad_output all ones? Draw it",
                )
