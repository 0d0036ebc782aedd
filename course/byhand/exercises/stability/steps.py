"""Exercise 6.3: the best step of a central difference, and the complex step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from byhand.checks import CheckFailed, check_close, check_shape, check_unchanged, scenario
from byhand.checks.failures import brief
from byhand.differences.calls import Function
from byhand.exercises.batches import here, unchanged_results
from byhand.exercises.samples import points

STEPS = [1e-9, 1e-3, 1e-13, 1e-1, 1e-6, 1e-11, 1e-5, 1e-2, 1e-15, 1e-8, 1e-4, 1e-7]
Case = tuple[Function, Function, float, list[float]]
Chooser = Callable[[Function, Function, float, Sequence[float]], float]


def _error(f: Function, df: Function, x: float, h: float) -> Any:
    return (f(x + h) - f(x - h)) / (2 * h) - df(x)


def _least(error: Function) -> Chooser:
    """Return the choice of the step with the least of some error."""
    return lambda f, df, x, steps: min(steps, key=lambda h: error(f, df, x, h))


CHOICES: dict[str, Chooser] = {
    "the smallest step is returned: rounding has ruined it": lambda f, df, x, steps: min(steps),
    "the largest step is returned": lambda f, df, x, steps: max(steps),
    "the step with the largest error is returned": _least(
        lambda f, df, x, h: -abs(_error(f, df, x, h))
    ),
    "the error keeps its sign, so the most negative one is least: take its size": _least(_error),
    "this is the best step of a forward difference": _least(
        lambda f, df, x, h: abs((f(x + h) - f(x)) / h - df(x))
    ),
    "a / 2 * h divides by 2 and multiplies by h: bracket 2 * h": _least(
        lambda f, df, x, h: abs((f(x + h) - f(x - h)) / 2 * h - df(x))
    ),
    "the two points are 2 * h apart, not h": _least(
        lambda f, df, x, h: abs((f(x + h) - f(x - h)) / h - df(x))
    ),
    "this is a rule of thumb: measure, for the best step depends on f": _least(
        lambda f, df, x, h: abs(np.log(h / 6e-6))
    ),
    "the first step is returned: the loop ends too early": lambda f, df, x, steps: steps[0],
    "the last step is returned": lambda f, df, x, steps: steps[-1],
}


@scenario
def _functions() -> Any:
    """Return functions and slopes that best_step calls, beside the student's code."""
    return {
        "slope of tan": lambda x: 1 / np.cos(x) ** 2,
        "steep": lambda x: np.exp(1e3 * x),
        "slope of steep": lambda x: 1e3 * np.exp(1e3 * x),
        "flat": lambda x: np.exp(x / 1e3),
        "slope of flat": lambda x: np.exp(x / 1e3) / 1e3,
    }


def _cases(draw: int, f: dict[str, Function]) -> list[Case]:
    x = points(draw, (3,), 0.6, 1.3)
    rotated = STEPS[draw % 5 :] + STEPS[: draw % 5]

    return [
        (np.sin, np.cos, float(x[0]), rotated),
        (np.exp, np.exp, -float(x[1]), rotated),
        (np.tan, f["slope of tan"], float(x[2]), rotated),
        (f["steep"], f["slope of steep"], 0.0, rotated),  # it bends much: 1e-8 is best
        (f["flat"], f["slope of flat"], 0.0, rotated),  # it hardly bends: 1e-2 is best
        (np.exp, np.exp, 1.0, [1e-2, 1e-5, 1e-12]),
    ]


def best_step_values(best_step: Function, draw: int = 0) -> None:
    """Check that the step is among the best for six functions; the list stays as it was."""
    cases = _cases(draw, here(_functions))
    found = []
    for chosen in unchanged_results(best_step, _cases(draw, _functions()), what="best_step"):
        check_shape(chosen, (), what="best_step(f, df, x, steps)")
        found.append(float(chosen))
    for (f, df, x, steps), chosen in zip(cases, found, strict=True):
        errors = [abs(_error(f, df, x, h)) for h in steps]
        known = [
            said for said, choice in CHOICES.items() if [choice(*case) for case in cases] == found
        ]
        likely = known[0] if len(known) == 1 else None
        if chosen not in steps:
            places = [
                int(np.argmin([abs(_error(*case[:3], h)) for h in case[3]])) for case in cases
            ]
            raise CheckFailed(
                "best_step does not return one of its steps",
                expected=f"one of {steps}",
                actual=brief(chosen),
                likely="this is the place of the step in the list" if places == found else None,
            )
        if errors[steps.index(chosen)] > 30 * min(errors):
            raise CheckFailed(
                f"best_step(f, df, {x:g}, steps) is not the best step",
                expected=f"{steps[int(np.argmin(errors))]:g}, with an error of {min(errors):.0e}",
                actual=f"{chosen:g}, with an error of {errors[steps.index(chosen)]:.0e}",
                likely=likely,
            )
    (f, df, x, steps), chosen = cases[0], best_step(*cases[0][:3], np.array(cases[0][3]))
    check_close(chosen, found[0], what="best_step for an array of steps")


def _hard(x: Any) -> Any:
    return np.exp(x) / (np.sin(x) ** 3 + np.cos(x) ** 3)


def _hard_slope(x: Any) -> Any:
    below = np.sin(x) ** 3 + np.cos(x) ** 3
    moved = 3 * np.sin(x) * np.cos(x) * (np.sin(x) - np.cos(x))
    return np.exp(x) * (below - moved) / below**2


def complex_step_values(complex_step: Function, draw: int = 0) -> None:
    """Check 13 digits of the slope for four functions, for a matrix, a number and an integer."""
    x = points(draw, (3, 4), 0.1, 1.4)
    for name, f, slope in (
        ("sin(x)", np.sin, np.cos),
        ("exp(x) / (sin(x) ** 3 + cos(x) ** 3)", _hard, _hard_slope),
        ("x ** 3", lambda x: x**3, lambda x: 3 * x**2),
        ("sin(1e6 x)", lambda x: np.sin(1e6 * x), lambda x: 1e6 * np.cos(1e6 * x)),
    ):
        right = slope(x)
        with np.errstate(all="ignore"):
            slips = {
                "the imaginary part is not divided by the step": right * 1e-30,
                "the real part is taken: it holds f(x), not the slope": f(x) / 1e-30,
                "the step is real, so nothing is left of it": 0 * x,
                "the sign is flipped: is it the imaginary part of f(x + ih)?": -right,
                **{
                    f"the step is {h:g}: take 1e-30": np.imag(f(x + 1j * h)) / h
                    for h in (1e-3, 1e-5, 1e-6, 1e-8)
                },
                **{
                    f"this is a central difference with h = {h:g}, which cancels": (
                        (f(x + h) - f(x - h)) / (2 * h)
                    )
                    for h in (1e-5, 1e-6)
                },
            }
        found = check_unchanged(complex_step, f, x, what="complex_step")
        check_close(
            found,
            right,
            what=f"complex_step of {name} for a matrix",
            rtol=1e-12 if "1e6" in name else 1e-13,
            atol=1e-14 * float(np.abs(right).max()),
            x=x,
            mistakes=unlike_digits(slips, right),
            hint="in which part of f(x + ih) is the slope?" if np.iscomplexobj(found) else None,
        )
    number = 1.25 + draw % 3
    check_close(
        complex_step(np.exp, number), np.exp(number), what=f"complex_step of exp at {number}",
        rtol=1e-14,
    )  # fmt: skip
    check_close(complex_step(lambda x: x**4, 2), 32.0, what="complex_step of x ** 4 at 2")


def unlike_digits(slips: dict[str, Any], right: Any) -> dict[str, Any]:
    """Return the slips that are wrong in at least one of 12 digits."""
    return {
        said: value
        for said, value in slips.items()
        if not np.allclose(value, right, rtol=1e-12, atol=0)
    }
