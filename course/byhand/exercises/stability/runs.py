"""Runs of a gradient check, many in one request, on functions that run beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from byhand.checks import CheckFailed, check_parts, scenario
from byhand.checks.failures import brief
from byhand.differences.calls import Function
from byhand.exercises.batches import results_of, unchanged_results

NAMES = ("relative_error", "numerical_grad")


@scenario
def function_of(name: str, *data: Any) -> Any:
    """Return a function that runs beside the student's code, which calls it very often."""

    def linear(x: Any) -> Any:
        slant, offset = data
        return offset + (slant * x).sum()

    def cubes(x: Any) -> Any:
        weights, x0 = data
        return (weights * (x - x0) ** 3).sum()

    return {
        "linear": linear,
        "cubes": cubes,
        "sin": lambda x: data[0] * np.sin(x).sum(),
        "exp": lambda x: np.exp(x).sum(),
        "log": lambda x: np.log1p(x**2).sum(),
        "first square": lambda x: x[0] ** 2,
        "half squares": lambda x: (x**2).sum() / 2,
        "constant": lambda x: data[0],
        "steep": lambda x: data[0] * np.exp(8 * x[0] ** 2),
    }[name]


def runs_of(gradient_check: Function, calls: list[tuple[Any, ...]]) -> Iterator[tuple[Any, Any]]:
    """Return an iterator over the error and the measured gradient of each call.

    Each call is a function's name and data, then x, the claimed gradient, and perhaps eps.
    """
    __tracebackhide__ = True
    functions = results_of(function_of, [call[0] for call in calls])
    given = [(f, *call[1:]) for f, call in zip(functions, calls, strict=True)]
    return map(_parts, unchanged_results(gradient_check, given, what="gradient_check"))


def _parts(found: Any) -> tuple[Any, Any]:
    """Return the error and the measured gradient."""
    __tracebackhide__ = True
    if isinstance(found, int | float | np.number) and not isinstance(found, bool):
        raise CheckFailed(
            "gradient_check(...) must return a tuple of two",
            expected="the relative error, and the measured gradient",
            actual=brief(found),
            likely="this is the error alone: return the measured gradient too",
        )
    error, measured = check_parts(found, NAMES, what="gradient_check(...)")
    if np.shape(error) and not np.shape(measured):
        raise CheckFailed(
            "gradient_check(...) returns the wrong parts",
            expected="the relative error, then the measured gradient",
            actual="an array, then a number",
            likely="the two are swapped",
        )
    return error, measured
