"""What a check says first about a typical slip, where a rule of its own was needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from byhand.checks import CheckFailed
from byhand.exercises.chain_rule.dual_functions import dual_derivative
from byhand.exercises.gradients import descent, hunts, measured, softmax


def first_axis_only(f: Any, x: Any, h: float = 1e-6) -> Any:
    slopes = np.zeros(x.shape)
    for i in range(len(x)):
        step = np.zeros(x.shape)
        step[i] = h
        slopes[i] = (f(x + step) - f(x - step)) / (2 * h)
    return slopes


def one_maximum_for_all(x: Any, axis: int = -1) -> Any:
    powers = np.exp(x - np.max(x))
    return powers / np.sum(powers, axis=axis, keepdims=True)


def moves_the_first_row(grad: Any, x0: Any, rate: float, steps: int) -> Any:
    path, x = [x0], x0
    for _ in range(steps):
        x -= rate * grad(x)
        path.append(x)
    return np.array(path)


class Number:
    """A Dual that knows only as much as a constant and a variable need."""

    def __init__(self, value: Any, derivative: Any) -> None:
        self.value, self.derivative = value, derivative


@pytest.mark.parametrize(
    ("check", "answer", "said"),
    [
        (measured.numerical_gradient_shape, first_axis_only, "moves all that x[i] holds"),
        (softmax.softmax_extremes, one_maximum_for_all, "0 / 0 or inf / inf, which gives NaN"),
        (softmax.softmax_dtype, one_maximum_for_all, "right to the digits that float16 holds"),
        (descent.gradient_descent_shape, moves_the_first_row, "the first row moved with x"),
        (hunts.is_minimum_values, lambda H: np.linalg.eigvalsh(H) > 0, "judged by itself"),
        (dual_derivative, lambda f, x: Number(x, 1.0), "only the companion"),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_slip_is_named(check: Callable[..., None], answer: Any, said: str) -> None:
    with pytest.raises(CheckFailed) as failed:
        check(answer)
    assert said in failed.value.rows()["likely"]


def test_an_answer_of_numpys_is_shown_as_the_plain_value_that_it_holds() -> None:
    with pytest.raises(CheckFailed) as failed:
        hunts.is_convex_values(lambda a, b, c: np.bool_(3 * b**2 < 8 * a * c))
    assert failed.value.rows()["got"] == "False"
