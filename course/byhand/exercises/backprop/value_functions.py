"""Exercise 4.8: functions and powers of an engine for numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import check_close, scenario
from byhand.differences import gradient
from byhand.differences.calls import Function
from byhand.exercises.samples import points


@scenario
def _of_functions(Value: Function, number: float) -> Any:
    found = []
    for name in ("exp", "tanh", "relu"):
        v = Value(number)
        out = getattr(v, name)()
        (out * 10.0).backward()
        found.append([out.data, v.grad])
    return found


@scenario
def _composed(Value: Function, number: float) -> Any:
    v = Value(number)
    out = ((v * 2.0 - 1.0).tanh() + 0.5).relu().exp() / 3.0
    out = out + (v - 2.0).relu() + v.tanh() * (v * -0.5).exp()
    out.backward()
    return [out.data, v.grad]


def _compose(v: Any) -> Any:
    first = np.exp(np.maximum(np.tanh(2 * v - 1) + 0.5, 0)) / 3
    return first + np.maximum(v - 2, 0) + np.tanh(v) * np.exp(-0.5 * v)


def value_functions(Value: Function, draw: int = 0) -> None:
    """Check exp, tanh and relu on both sides of 0, at 0, and far out, and nested."""
    near = float(points(draw, (), 0.2, 1.5))
    for x in (near, -near, 0, 3.0, -700.0, 700.0):
        bent, on, e = np.tanh(x), float(x > 0), np.exp(float(x))
        right = [[e, 10 * e], [bent, 10 - 10 * bent**2], [x * on, 10 * on]]
        for k, name in enumerate(("exp", "tanh", "relu")):
            slopes = {  # by what is wrong with them, for each function
                "exp": {
                    "the slope of exp is its output, not its input": 10.0 * x,
                    "the slope of exp is its output, not 1": 10.0,
                    "the power rule does not apply to exp, whose exponent moves": 10
                    * x
                    * float(np.exp(x - 1.0)),
                },
                "tanh": {
                    "the slope of tanh is 1 - tanh(x)**2: take the output": 10 - 10.0 * x**2,
                    "the square is missing in the slope of tanh": 10 - 10 * bent,
                    "the slope of tanh is 1 - tanh(x)**2, with a minus": 10 + 10 * bent**2,
                    "tanh(x) (1 - tanh(x)) is built like the slope of sigmoid": 10
                    * bent
                    * (1 - bent),
                    "tanh itself is taken for its slope": 10 * bent,
                    "1 / cosh(x) is taken for the slope of tanh: it is squared": 10
                    / np.cosh(np.clip(x, -700, 700)),
                },
                "relu on": {
                    "relu has the slope 1 above 0, not its output": 10.0 * x,
                },
                "relu": {"relu has the slope 0 at 0": 10.0, "0 at 0, not 1/2": 5.0}
                if x == 0
                else {"below 0 relu is flat": 10.0},
            }["relu on" if name == "relu" and x > 0 else name]
            if x:
                slopes["the slope is not multiplied by the upstream gradient"] = right[k][1] / 10
            mistakes = {said: [right[k][0], slope] for said, slope in slopes.items()}
            check_close(
                _of_functions(Value, x)[k],
                right[k],
                what=f"[data, 10 times the slope] of v.{name}() at v = {x}",
                rtol=1e-12,
                atol=1e-13,
                mistakes=mistakes,
            )
    check_close(
        _composed(Value, 0.75),
        [_compose(0.75), gradient(_compose, 0.75).value],
        what="[data, slope] of exp(relu(tanh(2v - 1) + 1/2)) / 3 + relu(v - 2) + "
        "tanh(v) exp(-v/2) at v = 0.75",
        rtol=1e-8,
    )


@scenario
def _power(Value: Function, number: float, exponent: float) -> Any:
    v = Value(number)
    out = v**exponent
    (out * 10.0).backward()
    return [out.data, v.grad]


def value_power(Value: Function, draw: int = 0) -> None:
    """Check positive, negative, fractional and zero exponents, a negative base, and 0."""
    x = float(points(draw, (), 1.2, 3.0))
    for v, n in (
        (x, 2), (-x, 3), (x, 0.5), (x, 1.5), (-x, -2), (2, -1), (0.0, 2), (0.0, 1), (0.0, 0),
        (0, 0), (x, 0), (-x, 1),
    ):  # fmt: skip
        slope = n * float(v) ** (n - 1) if n else 0.0
        check_close(
            _power(Value, v, n),
            [float(v) ** n, 10 * slope],
            what=f"[data, 10 times the slope] of v ** {n} at v = {v}",
            rtol=1e-12,
            mistakes={
                "the exponent of the slope does not drop by one": [v**n, 10 * n * v**n],
                "the factor n is missing": [v**n, 10 * float(v) ** (n - 1)],
                "the slope is not multiplied by the upstream gradient": [v**n, slope],
            }
            if v and n
            else {},
            hint=None if n else "v ** 0 is 1 everywhere, at 0 too: what is its slope?",
        )
