"""Exercise 3.10: the arithmetic of dual numbers, one operation at a time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from byhand.checks import CheckFailed, check_close, scenario
from byhand.differences.calls import Function
from byhand.exercises.samples import points

EXACT = 1e-12
Pair = tuple[float, float]
Slips = Mapping[str, Mapping[str, Pair]]


def numbers_of(draw: int) -> tuple[float, float, float, float]:
    """Return value and derivative of d, then those of e: of both signs, all different."""
    a, da, b, db = (float(v) for v in points(draw, (4,), 1.2, 2.6))
    return a + 0.25, -da, -b, db + 1.1


@scenario
def _calculated(Dual: Function, numbers: list[float], operations: list[str]) -> Any:
    """Return value and derivative of each operation, then those of d and e."""
    duals = dict(zip("de", (Dual(*numbers[:2]), Dual(*numbers[2:] or (1.0, 0.0))), strict=True))
    results = dict.fromkeys(operations)
    for operation in operations:
        try:
            result = eval(operation, dict(duals))
            pair = [result.value, result.derivative]
        except AttributeError as error:
            results[operation] = str(error)
            continue
        results[operation] = pair
    return [results, [part for d in duals.values() for part in (d.value, d.derivative)]]


def check_operations(
    Dual: Function, numbers: Sequence[float], right: Mapping[str, Pair], slips: Slips
) -> None:
    """Check value and derivative of operations on d and e, which stay as they were."""
    __tracebackhide__ = True
    where = f"d = Dual({numbers[0]:g}, {numbers[1]:g})"
    where += f", e = Dual({numbers[2]:g}, {numbers[3]:g})" if len(numbers) > 2 else ""
    results, afterwards = _calculated(Dual, list(numbers), list(right))
    if not np.array_equal(afterwards[: len(numbers)], numbers):
        raise CheckFailed(
            f"after {', '.join(right)}, d and e are no longer what they were: {where}",
            actual=f"d = Dual({afterwards[0]:g}, {afterwards[1]:g}), "
            f"e = Dual({afterwards[2]:g}, {afterwards[3]:g})",
            likely="an operation stores its result in self or other; it must return a new Dual",
        )
    for operation, pair in right.items():
        what = f"value and derivative of {operation} for {where}"
        if isinstance(results[operation], str):
            raise CheckFailed(
                f"{operation} can't be computed for {where}",
                actual=results[operation],
                likely="a plain number is used as if it were a Dual: turn it into one with lift, "
                "and let every operation return a Dual"
                if re.match(r"'(int|float|float64)'", results[operation])
                else None,
            )
        mistakes = {said: wrong for said, wrong in slips.get(operation, {}).items()}
        for said, wrong in (
            ("the derivative is missing: it is 0, as if nothing moved", (pair[0], 0.0)),
            ("the derivative has the wrong sign", (pair[0], -pair[1])),
        ):
            if not any(_near(wrong, other) for other in mistakes.values()):
                mistakes[said] = wrong
        check_close(
            results[operation],
            pair,
            what=what,
            rtol=EXACT,
            atol=1e-14,
            mistakes={said: wrong for said, wrong in mistakes.items() if wrong != pair},
        )


def _near(one: Pair, other: Pair) -> bool:
    """Return what `numpy.allclose` does, for two pairs of numbers."""
    both = zip(one, other, strict=True)
    return all(a == b or abs(a - b) <= 1e-8 + 1e-5 * abs(b) for a, b in both)


def dual_sums(Dual: Function, draw: int = 0) -> None:
    """Check + and -, between two Duals and with a plain number on either side."""
    for k in range(3):
        a, da, b, db = numbers = numbers_of(draw + k)
        right = {
            "d + e": (a + b, da + db), "d + 3": (a + 3, da), "3 + d": (a + 3, da),
            "d - e": (a - b, da - db), "e - d": (b - a, db - da),
            "d - 3": (a - 3, da), "3 - d": (3 - a, -da),
        }  # fmt: skip
        moving = "a plain number is a constant: it does not move"
        slips: dict[str, dict[str, Pair]] = {
            "d + 3": {moving: (a + 3, da + 1), "the number moves at the rate 3": (a + 3, da + 3)},
            "3 + d": {moving: (a + 3, da + 1)},
            "d - 3": {moving: (a - 3, da - 1)},
            "3 - d": {
                "3 - d is not d - 3: mind the order": (a - 3, da),
                "the value is that of 3 - d, but the derivative is that of d - 3": (3 - a, da),
            },
            "d - e": {
                "the derivatives are added": (a - b, da + db),
                "this is e - d": (b - a, db - da),
                "the value is that of e - d, but the derivative is that of d - e": (b - a, da - db),
                "the derivative is that of e - d": (a - b, db - da),
                "only one of the derivatives is there": (a - b, da),
            },
            "d + e": {
                "only one of the derivatives is there": (a + b, da),
                "only the derivative of e is there": (a + b, db),
                "the derivatives are multiplied, where they add": (a + b, da * db),
                "this is the product rule: a sum adds the derivatives": (a + b, da * b + a * db),
                "the derivatives are subtracted": (a + b, da - db),
            },
        }  # fmt: skip
        check_operations(Dual, numbers, right, slips)


def dual_products(Dual: Function, draw: int = 0) -> None:
    """Check *, between two Duals, of a Dual with itself, and with a plain number."""
    for k in range(3):
        a, da, b, db = numbers = numbers_of(draw + k)
        right = {
            "d * e": (a * b, da * b + a * db), "e * d": (a * b, da * b + a * db),
            "d * 3": (3 * a, 3 * da), "3 * d": (3 * a, 3 * da), "d * d": (a * a, 2 * a * da),
            "d * e * d": (a * b * a, 2 * a * b * da + a * a * db),
        }  # fmt: skip
        slips: dict[str, dict[str, Pair]] = {
            "d * e": {
                "the derivatives are multiplied; each factor moves while the other is held": (
                    a * b, da * db,
                ),
                "the term of e's derivative is missing": (a * b, da * b),
                "the term of d's derivative is missing": (a * b, a * db),
                "each derivative is multiplied by its own value, not by the other's": (
                    a * b, da * a + b * db,
                ),
                "one term is subtracted, where both are added": (a * b, da * b - a * db),
                "the term of eps**2 is kept, which is 0": (a * b, da * b + a * db + da * db),
                "the derivatives are added": (a * b, da + db),
                "the term of d's derivative is counted twice, that of e's is missing": (
                    a * b, 2 * da * b,
                ),
                "the two terms are multiplied: they add": (a * b, da * b * a * db),
            },
            "d * 3": {
                "the derivative is not multiplied by the constant": (3 * a, da),
                "a plain number is a constant: it does not move": (3 * a, 3 * da + a),
            },
        }  # fmt: skip
        check_operations(Dual, numbers, right, slips)


def dual_quotients(Dual: Function, draw: int = 0) -> None:
    """Check /, for denominators of both signs, and with a plain number on either side."""
    for k in range(3):
        a, da, b, db = numbers_of(draw + k)
        b = b if k else -b
        numbers = a, da, b, db
        top, reverse = da * b - a * db, db * a - b * da
        right = {
            "d / e": (a / b, top / b**2), "e / d": (b / a, reverse / a**2),
            "d / 4": (a / 4, da / 4), "3 / d": (3 / a, -3 * da / a**2),
            "3 / e": (3 / b, -3 * db / b**2), "d / d": (1.0, 0.0),
        }  # fmt: skip
        flipped = (
            "the two terms are swapped, which flips the sign"
            if b > 0
            else "right for positive denominators only: the sign of e's value is lost"
        )
        slips: dict[str, dict[str, Pair]] = {
            "d / e": {
                flipped: (a / b, -top / b**2),
                "the derivative is divided by e's value, not by its square": (a / b, top / b),
                "the derivative is not divided by the square of e's value": (a / b, top),
                "the derivatives are divided by each other": (a / b, da / db),
                "the term of e's derivative is missing": (a / b, da / b),
                "the term of d's derivative is missing": (a / b, -a * db / b**2),
                "the two terms are added; the denominator's is subtracted": (
                    a / b, (da * b + a * db) / b**2,
                ),
                "the derivative is divided by the square of d's value": (a / b, top / a**2),
                "each derivative is multiplied by its own value, not by the other's": (
                    a / b, (da * a - b * db) / b**2,
                ),
                "the derivative is divided by the square of e's derivative": (a / b, top / db**2),
            },
            "3 / d": {
                "3 / d is not d / 3: mind the order": (a / 3, da / 3),
                "the sign: a larger denominator makes the quotient smaller": (3 / a, 3 * da / a**2),
                "the derivative is divided by the value, not by its square": (3 / a, -3 * da / a),
                "d's own derivative is missing": (3 / a, -3 / a**2),
            },
        }  # fmt: skip
        check_operations(Dual, numbers, right, slips)
