"""Exercise 4.12, bug hunt 4: only the last use counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from byhand.checks import check_close, check_counterexample, check_unchanged
from byhand.differences import gradient
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, kept

Program = Sequence[tuple[int, int]]


def _result(program: Program, inputs: Any) -> Any:
    numbers = list(inputs)
    for i, j in program:
        numbers.append(numbers[i] * numbers[j])
    return numbers[-1]


@kept
def _measured_products(program: Program, inputs: Sequence[float]) -> Floats:
    values = np.asarray(inputs, dtype=float)
    return gradient(lambda x: _result(program, x), values).value


def _given_products(program: Program, inputs: Sequence[float]) -> list[float]:
    numbers = [float(x) for x in inputs]
    for i, j in program:
        numbers.append(numbers[i] * numbers[j])
    grads = [0.0] * (len(numbers) - 1) + [1.0]
    for k in reversed(range(len(program))):
        i, j = program[k]
        grads[i] = grads[len(inputs) + k] * numbers[j]
        grads[j] = grads[len(inputs) + k] * numbers[i]
    return grads[: len(inputs)]


def last_use_hunt_proof(counterexample_4: Function, draw: int = 0) -> None:
    """Check a program for which the given gradient is not the measured one."""
    check_counterexample(
        counterexample_4(), _given_products, _measured_products, what="counterexample_4()",
        likely="each input is used once on its way to the result, or what its other uses add is 0",
        hint="in which programs is a number used more than once?",
    )  # fmt: skip


def _walked(program: Program, inputs: Sequence[float], slip: str) -> Any:
    """Return the gradients that come of a slip on the way back."""
    numbers = [float(x) for x in inputs]
    for i, j in program:
        numbers.append(numbers[i] * numbers[j])
    grads = [0.0] * (len(numbers) - 1) + [1.0]
    if slip == "ones":
        grads = [1.0] * len(numbers)
    for k in reversed(range(len(program))):
        i, j = program[k]
        up = 1.0 if slip == "none" else grads[len(inputs) + k]
        a, b = (1.0, 1.0) if slip == "alone" else (numbers[j], numbers[i])
        if slip == "own":
            a, b = b, a
        grads[i] += up * a * (slip != "second") * (-1 if slip == "minus" else 1)
        grads[j] += up * b * (slip != "first") * (i != j or slip != "pair")
    return grads if slip == "all" else grads[: len(inputs)]


@kept
def _slips_of_products(program: Program, inputs: Sequence[float]) -> dict[str, Any]:
    said = {
        "each factor gets its own value: it needs that of the other": "own",
        "the upstream gradient is missing: multiply by it": "none",
        "only the first factor of each product gets its share": "first",
        "only the second factor of each product gets its share": "second",
        "all gradients begin at 1: only that of the result does": "ones",
        "the value of the other factor is missing: multiply by it": "alone",
        "a number that is multiplied by itself gets one share only: it has two": "pair",
        "the first factor's share is subtracted": "minus",
        "these are the gradients of all numbers: only those of the inputs are asked for": "all",
    }
    found = {text: _walked(program, inputs, slip) for text, slip in said.items()}
    right, given = _walked(program, inputs, ""), _given_products(program, inputs)
    return {
        text: wrong
        for text, wrong in found.items()
        if len(wrong) != len(right) or not (np.allclose(wrong, right) or np.allclose(wrong, given))
    }


def last_use_hunt_values(product_gradient: Function, draw: int = 0) -> None:
    """Check programs in which numbers are used once, twice by one line, and by several lines."""
    rng = np.random.default_rng(draw)
    for program, count in (
        ([(0, 2), (3, 0), (4, 3), (5, 1)], 3), ([(0, 1)], 2), ([(0, 0)], 1), ([(1, 1)], 3),
        ([(0, 1), (2, 0)], 2),
        ([(0, 0), (1, 1), (2, 0)], 1), ([(0, 1), (0, 2), (3, 4)], 3), ([(0, 1), (2, 2), (3, 1)], 2),
    ):  # fmt: skip
        inputs = (np.round(rng.uniform(0.5, 1.6, count), 2) * rng.choice([-1, 1], count)).tolist()
        check_close(
            check_unchanged(product_gradient, program, inputs, what="product_gradient"),
            _measured_products(program, inputs),
            what=f"product_gradient({program}, {inputs})",
            rtol=1e-7,
            atol=1e-9,
            mistakes={
                "only the last use of a number counts, as in the given function": (
                    _given_products(program, inputs)
                ),
                **_slips_of_products(program, inputs),
            },
        )
    check_close(
        product_gradient([(k, k) for k in range(60)], [1.0]),
        [2.0**60],
        what="product_gradient of 60 squares in a row, from 1.0",
        hint="there are 2 ** 60 paths: add up what reaches a number, then pass it on once",
    )
