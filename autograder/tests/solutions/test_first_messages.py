"""What a check says first about a typical slip, where a rule of its own was needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from byhand.checks import CheckFailed
from byhand.exercises.chain_rule import compositions, ladder, neuron, paths
from byhand.exercises.chain_rule import hunts as chain_hunts
from byhand.exercises.chain_rule.dual_functions import dual_derivative
from byhand.exercises.gradients import (
    convexity,
    critical,
    descent,
    earlier,
    hessian,
    hunts,
    measured,
    softmax,
    trust,
)


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


def mean_subtracted(x: Any, axis: int = -1) -> Any:
    powers = np.exp(x - np.mean(x, axis=axis, keepdims=True))
    return powers / np.sum(powers, axis=axis, keepdims=True)


def plus_off_the_diagonal(x: Any) -> Any:
    s = np.exp(x - np.max(x)) / np.exp(x - np.max(x)).sum()
    return np.diag(s * (1 - s)) + np.outer(s, s) * (1 - np.eye(len(s)))


def squeezed(x: Any) -> Any:
    rows = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    return np.array([np.diag(s) - np.outer(s, s) for s in rows]).squeeze()


def three_points_over_four(f: Any, x: Any, h: float = 1e-4) -> Any:
    E = h * np.eye(len(x))
    H = [[f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b) for b in E] for a in E]
    own = [f(x + a) - 2 * f(x) + f(x - a) for a in E]
    return np.where(E > 0, own, H) / (4 * h**2)


def bound_from_the_largest(H: Any) -> str:
    values = np.linalg.eigvalsh(H)
    bound = 1e-10 * values.max()
    if (values > bound).any() and (values < -bound).any():
        return "saddle"
    if (np.abs(values) <= bound).any():
        return "degenerate"
    return "minimum" if (values > 0).all() else "maximum"


def measure(error: Callable[[Any, Any], Any]) -> Callable[..., float]:
    """Return a check of a gradient that measures the error in its own way."""
    return lambda f, grad, x, noise=1e-8: float(error(grad(x), earlier.numerical_gradient(f, x)))


def noisy(error: Callable[[Any, float], Any]) -> Callable[..., float]:
    def check(f: Any, grad: Any, x: Any, noise: float = 1e-8) -> float:
        a, n = grad(x), earlier.numerical_gradient(f, x)
        return float(np.max(error(np.abs(a - n), noise) / np.maximum(np.abs(a), np.abs(n))))

    return check


def sampled(a: float, b: float, c: float) -> bool:
    x = np.linspace(-10, 10, 2001)
    return bool((12 * a * x**2 + 6 * b * x + 2 * c >= 0).all())


def at(k: int) -> Callable[..., bool]:
    return lambda a, b, c: bool(convexity._bend(-b / (k * a), a, b, c) >= 0)


def slope_of_tanh_at_z(v: Any) -> dict[str, Any]:
    d = {"loss": 1.0, "m": v.m}
    d["r"] = v.s * d["m"]
    d["p"] = -v.r * d["r"]
    d["q"] = d["u"] = d["p"]
    d["s"] = v.r * d["m"] + v.x * d["u"]
    d["z"] = (1 - v.z**2) * d["s"] + 2 * v.z * d["q"]
    return d | {"w": v.x * d["z"], "x": v.w * d["z"] + v.s * d["u"]}


def mask_after_the_weights(W: Any, b: Any, x: Any) -> Any:
    return W.T @ (2 * np.maximum(W @ x + b, 0)) * (x > 0)


def without_second_factor(w: Any, b: Any, x: Any, y: Any) -> Any:
    a = 1 / (1 + np.exp(-(w @ x + b)))
    return (a - y) * a * x, (a - y) * a, (a - y) * a * w


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
        (softmax.softmax_extremes, mean_subtracted, "such as its mean"),
        (softmax.softmax_derivative_values, plus_off_the_diagonal, "off it the sign is flipped"),
        (softmax.softmax_derivative_row, squeezed, "the batch of one is lost"),
        (hessian.numerical_hessian_values, three_points_over_four, "on it everything is 1/4"),
        (critical.classify_degenerate, bound_from_the_largest, "of the largest |eigenvalue|"),
        (trust.check_gradient_wrong,
         measure(lambda a, n: np.max(abs(abs(a) - abs(n)) / np.maximum(abs(a), abs(n)))),
         "sizes subtracted"),
        (trust.check_gradient_wrong,
         measure(lambda a, n: np.max(abs(a - n) / (abs(a) + abs(n)))), "divided by |a| + |n|"),
        (trust.check_gradient_wrong,
         measure(lambda a, n: np.max(abs(a - n) / np.minimum(abs(a), abs(n)))), "the smaller one"),
        (trust.check_gradient_wrong,
         measure(lambda a, n: np.linalg.norm(a - n) / np.linalg.norm(n)), "hides the small ones"),
        (trust.check_gradient_noise, noisy(lambda off, noise: off * (off > noise)),
         "noise only decides which entries count"),
        (trust.check_gradient_noise, noisy(lambda off, noise: off), "noise is not used"),
        (convexity.is_convex_values, sampled, "at some points only"),
        *(
            (convexity.is_convex_values, at(k), "not taken at its lowest point")
            for k in (1, 3, 6, 8)
        ),
        (compositions.chain_values, lambda df, g, dg: lambda x: df(dg(x)), "put into the outer"),
        (paths.vector_chain_rule_values, lambda J, v: (J * v).sum(axis=0), "down the columns"),
        (chain_hunts.relu_mask_values, mask_after_the_weights, "after W.T"),
        (neuron.neuron_gradients_w, without_second_factor, "lacks its second factor, 1 - a"),
        (ladder.ladder_lines, slope_of_tanh_at_z, "it is made of s, not of z"),
        (dual_derivative, lambda f, x: Number(x, 1.0), "only the companion"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_slip_is_named(check: Callable[..., None], answer: Any, said: str) -> None:
    with pytest.raises(CheckFailed) as failed:
        check(answer)
    assert said in failed.value.rows()["likely"]


def test_an_answer_of_numpys_is_shown_as_the_plain_value_that_it_holds() -> None:
    with pytest.raises(CheckFailed) as failed:
        convexity.is_convex_values(lambda a, b, c: np.bool_(3 * b**2 < 8 * a * c))
    assert failed.value.rows()["got"] == "False"
