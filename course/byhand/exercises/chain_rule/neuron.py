"""Exercise 3.5: the gradients of one neuron with a sigmoid."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import check_close, check_parts, check_unchanged
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, kept, points
from byhand.exercises.trusted import sigmoid

NAMES = ("grad_w", "grad_b", "grad_x")
SIZES = 4, 3, 5
Case = tuple[Floats, float, Floats, float]


def _case(draw: int, n: int) -> Case:
    """Return weights, bias, input and target of a neuron that is not saturated."""
    sign = 1.0 if draw % 2 else -1.0
    w, x = points(draw, (n,), 0.3, 1.2), points(draw + 1, (n,), 0.3, 1.4)
    w[::2] *= -1
    b, y = (round(float(v), 2) for v in points(draw + 2, (2,), 0.3, 0.9))
    return w, sign * b, x, -sign * y


def _gradients(neuron_gradients: Function, case: Case) -> tuple[Any, ...]:
    __tracebackhide__ = True
    found = check_unchanged(neuron_gradients, *case, what="neuron_gradients")
    return check_parts(found, NAMES, what="neuron_gradients(w, b, x, y)")


def _delta(z: Any, y: float) -> Any:
    """Return the derivative of the loss with respect to z."""
    a = sigmoid(z)
    return (a - y) * a * (1 - a)


def _deltas(w: Floats, b: float, x: Floats, y: float) -> dict[str, Any]:
    """Return what common slips give for the derivative of the loss with respect to z."""
    z = w @ x + b
    a = sigmoid(z)
    error, slope = a - y, a * (1 - a)
    return {
        "the slope of sigmoid is missing": error,
        "the error a - y is missing": slope,
        "the sign is flipped: the derivative of (a - y)**2 / 2 with respect to a is a - y": (
            -error * slope
        ),
        "twice what it should be: the 2 that the square brings down cancels the 1/2": (
            2 * error * slope
        ),
        "half of what it should be: the square brings down a 2, which cancels the 1/2": (
            error * slope / 2
        ),
        "the slope of sigmoid is z * (1 - z) here: it is made of a, not of z": error * z * (1 - z),
        "sigmoid is applied to a once more: its slope is made of a itself": (
            error * sigmoid(a) * (1 - sigmoid(a))
        ),
        "this takes the slope of tanh, 1 - a**2": error * (1 - a**2),
        "the slope of sigmoid lacks its first factor, a": error * (1 - a),
        "the slope of sigmoid lacks its second factor, 1 - a": error * a,
        "the error is z - y: sigmoid is missing in the error": (z - y) * slope,
        "the error is squared: this is the loss, not its slope": error**2 * slope,
        "half the squared error is taken for its slope": error**2 / 2 * slope,
        "the bias is missing in z": _delta(w @ x, y),
        "the bias is subtracted in z": _delta(w @ x - b, y),
        "the target y is missing in the error": a * slope,
        "the error is a + y: the target is subtracted": (a + y) * slope,
        "w * x is not added up: z is a single number": _delta(w * x + b, y),
        "the slope of sigmoid is squared": error * slope**2,
        "the slope of sigmoid has a + 1: it is a * (1 - a)": error * a * (1 + a),
        "the slope of sigmoid is taken as a * a: it is a * (1 - a)": error * a * a,
        "the slope of sigmoid is made of the target: it is made of a": error * y * (1 - y),
        "error and slope are added: along a path they multiply": error + slope,
        "brackets are missing around a - y: only y is multiplied": a - y * slope,
        "brackets are missing around 1 - a: only 1 is multiplied": error * a - a,
        "a is missing in the error: it is a - y": -y * slope,
        "sigmoid is missing: a is not z": z - y,
        "sigmoid is missing: a is not z, though its slope is there": (z - y) * z * (1 - z),
        "exp(-z) stands for the slope of sigmoid": error * np.exp(-z),
        "x is missing in z: these are only the weights and the bias": _delta(np.sum(w) + b, y),
        "w is missing in z: these are only the inputs and the bias": _delta(np.sum(x) + b, y),
        "z is the mean of w * x, where it is the sum": _delta(np.mean(w * x) + b, y),
    }


@kept
def _own_slips(case: Case, delta: Any) -> list[dict[str, Any]]:
    """Return what slips in each of the three gradients give, where the derivative of z is right."""
    w, b, x, _ = case
    n = len(w)
    return [
        {
            "this is grad_x: the slope of w_i x_i with respect to w_i is x_i": (delta * w),
            "this is grad_b: the slope of z with respect to w_i is missing": delta,
            "multiplied by w and x: with respect to w_i the slope of w_i x_i is x_i": (
                delta * w * x
            ),
            "divided by x, not multiplied": delta / x,
            "b is added: grad_w contains it only in z": delta * x + b,
            "x and w are both factors: with respect to w_i the slope of w_i x_i is x_i": (
                delta * (x + w)
            ),
            "x is squared: with respect to w_i the slope of w_i x_i is x_i": delta * x**2,
            "x alone: it is not multiplied by what arrives at z": x,
            "the upstream factor is a here, not the derivative with respect to z": (
                sigmoid(w @ x + b) * x
            ),
            "everything is added up: each weight has a slope of its own": np.sum(delta * x),
            "divided by the number of inputs: the loss contains no mean": delta * x / n,
        },
        {
            "the slope of z with respect to b is 1, not b": delta * b,
            "summed over the weights or inputs: b is in z once": n * delta,
            "1 is the slope of z with respect to b: multiply it by what arrives at z": 1.0,
            "b is in z, so its slope is not 0": 0.0,
            "this is grad_x: are the three in the order w, b, x?": delta * w,
            "this is grad_w: are the three in the order w, b, x?": delta * x,
            "one number for each input: b is a single number": delta + 0 * x,
            "this is an array of one entry: b is a single number": np.array([delta]),
            "this is the sum of grad_w: the slope of z with respect to b is 1": (delta * np.sum(x)),
            "this is the sum of grad_x: the slope of z with respect to b is 1": (delta * np.sum(w)),
        },
        {
            "this is grad_w: the slope of w_i x_i with respect to x_i is w_i": delta * x,
            "this is grad_b: the slope of z with respect to x_i is missing": delta,
            "multiplied by w and x: with respect to x_i the slope of w_i x_i is w_i": (
                delta * w * x
            ),
            "divided by w, not multiplied": delta / w,
            "w is squared: with respect to x_i the slope of w_i x_i is w_i": delta * w**2,
            "a is one factor too many: it is in the slope of sigmoid already": (
                delta * w * sigmoid(w @ x + b)
            ),
            "w alone: it is not multiplied by what arrives at z": w,
            "everything is added up: each input has a slope of its own": np.sum(delta * w),
            "divided by the number of inputs: the loss contains no mean": delta * w / n,
        },
    ]


def _check(part: int, neuron_gradients: Function, draw: int) -> None:
    """Check one of the three gradients, for three neurons."""
    __tracebackhide__ = True
    for k, n in enumerate(SIZES):
        w, b, x, y = case = _case(draw + k, n)
        delta = _delta(w @ x + b, y)
        right: tuple[Any, ...] = (delta * x, delta, delta * w)
        local: tuple[Any, ...] = (x, 1.0, w)
        slips = {said: d * local[part] for said, d in _deltas(w, b, x, y).items()}
        check_close(
            _gradients(neuron_gradients, case)[part],
            right[part],
            what=f"{NAMES[part]} of a neuron with {n} inputs",
            rtol=1e-11,
            mistakes=slips | _own_slips(case, delta)[part],
        )


def neuron_gradients_w(neuron_gradients: Function, draw: int = 0) -> None:
    """Check grad_w for three neurons; w and x are left as they were."""
    _check(0, neuron_gradients, draw)


def neuron_gradients_b(neuron_gradients: Function, draw: int = 0) -> None:
    """Check grad_b, a single number, for three neurons."""
    _check(1, neuron_gradients, draw)


def neuron_gradients_x(neuron_gradients: Function, draw: int = 0) -> None:
    """Check grad_x for three neurons."""
    _check(2, neuron_gradients, draw)


def neuron_gradients_saturated(neuron_gradients: Function, draw: int = 0) -> None:
    """Check all three where z is 15 or -15, and that they vanish where z is 801 or -801."""
    x = np.array([1.0, 2.0, -0.5])
    for z in (15.0, -15.0):
        small = np.exp(-abs(z))
        delta = (sigmoid(z) - 0.4) * small / (1 + small) ** 2
        w = np.array([z, 0.5, 2.0])
        right = (delta * x, delta, delta * w)
        found = _gradients(neuron_gradients, (w, 0.0, x, 0.4))
        for name, part, value in zip(NAMES, found, right, strict=True):
            check_close(part, value, what=f"{name} where z is {z}", rtol=1e-8)
    for z in (801.0 + draw % 50, -801.0 - draw % 50):
        found = _gradients(neuron_gradients, (np.array([z, 0.5, 2.0]), 0.0, x, 0.4))
        for name, part, value in zip(NAMES, found, (x, 0.0, x), strict=True):
            check_close(
                part,
                0.0 * np.asarray(value),
                what=f"{name} where z is {z}",
                atol=1e-280,
                hint="exp(801) is too large for a float64: compute with sigmoid(z), which is safe",
            )
