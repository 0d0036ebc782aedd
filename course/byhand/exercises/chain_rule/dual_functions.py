"""Exercise 3.10: powers and functions of dual numbers, and derivatives of derivatives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from byhand.checks import CheckFailed, check_close, scenario
from byhand.differences.calls import Function
from byhand.exercises.chain_rule.dual import EXACT, Pair, check_operations, numbers_of

# -- powers ----------------------------------------------------------------------------------

LOGARITHM = (
    "the power goes through log, which a negative base has not: with a constant exponent the power "
    "rule needs none"
)


def dual_powers(Dual: Function, draw: int = 0) -> None:
    """Check constant exponents: whole, negative and fractional ones, 0 and 1; negative bases."""
    a, da = numbers_of(draw)[:2]
    whole = [3, 2, 1, 0, -1, -2, 5.0]
    for base, moves, exponents in (
        (a, da, [*whole, 0.5, -1.5]),
        (-a, da, whole),
        (0.0, da, [3, 2, 1]),
        (a, 0.0, [2, 0, -1]),
    ):
        right: dict[str, Pair] = {}
        slips: dict[str, dict[str, Pair]] = {}
        for n in exponents:
            name = f"d ** {n}"
            value = float(base**n)
            slope = n * float(base) ** (n - 1) if n else 0.0
            right[name] = (value, slope * moves)
            if not n:
                slips[name] = {
                    "an exponent of 0 gives the constant 1, which does not move": (1, moves)
                }
            if base < 0:
                slips[name] = {LOGARITHM: (float("nan"), float("nan"))}
            if base and n:
                slips[name] = slips.get(name, {}) | {
                    "d's own derivative is missing": (value, slope),
                    "the exponent does not go down by 1": (value, n * value * moves),
                    "the factor n is missing": (value, slope / n * moves),
                    "the factor is n - 1: the exponent goes down, the factor is n": (
                        value, slope / n * (n - 1) * moves,
                    ),
                    "the exponent goes up by 1, where it goes down": (
                        value, n * value * base * moves,
                    ),
                    "1 is subtracted from the power, not from its exponent": (
                        value, n * (value - (1 if n != 1 else 0)) * moves,
                    ),
                    "d's own derivative is added, where it multiplies": (value, slope + moves),
                    "the exponent counts as moving, at the rate 1": (
                        value, slope * moves + value * float(np.log(abs(base))),
                    ),
                }  # fmt: skip
        check_operations(Dual, (base, moves), right, slips)


def dual_exponents(Dual: Function, draw: int = 0) -> None:
    """Check exponents that move: of a plain number, of another Dual, of the Dual itself."""
    cases = [numbers_of(draw + k) for k in range(2)]
    for a, da, b, db in [*cases, (cases[0][0], 0.0, *cases[1][2:]), (*cases[1][:3], 0.0)]:
        log = float(np.log(a))
        base, exponent = a**b * b * da / a, a**b * log * db
        right = {
            "2 ** d": (2**a, 2**a * float(np.log(2)) * da),
            "0.5 ** e": (0.5**b, 0.5**b * float(np.log(0.5)) * db),
            "d ** e": (a**b, base + exponent),
            "d ** d": (a**a, a**a * (log + 1) * da),
        }
        slips: dict[str, dict[str, Pair]] = {
            "2 ** d": {
                "the factor ln 2 is missing": (2**a, 2**a * da),
                "the exponent's derivative, ln 2 and d's own, is missing: exp multiplies by it": (
                    2**a, 2**a,
                ),
                "the slope of exp is missing, which is the power itself": (
                    2**a, float(np.log(2)) * da,
                ),
                "exp adds the derivative of what it is given: it multiplies by it": (
                    2**a, 2**a + float(np.log(2)) * da,
                ),
                "the logarithm is that of d, where it is that of 2": (
                    2**a, 2**a * float(np.log(a)) * da,
                ),
                "the 2 moves here, though it is constant: does log multiply by the derivative?": (
                    2**a, 2**a * (float(np.log(2)) * da + a / 2),
                ),
                "d's own derivative is missing": (2**a, 2**a * float(np.log(2))),
                "the power rule is for a constant exponent: here it is the exponent that moves": (
                    2**a, a * 2 ** (a - 1) * da,
                ),
                "2 ** d is not d ** 2: mind the order": (a**2, 2 * a * da),
            },
            "d ** e": {
                "the exponent's path is missing": (a**b, base),
                "the base's path is missing": (a**b, exponent),
                "one path is subtracted; paths add": (a**b, base - exponent),
                "this is e ** d: mind the order": (b**a if b > 0 else 0.0, 0.0),
            },
            "d ** d": {
                "the exponent's path is missing": (a**a, a**a * da),
                "the base's path is missing": (a**a, a**a * log * da),
            },
        }  # fmt: skip
        check_operations(Dual, (a, da, b, db), right, slips)


# -- functions -------------------------------------------------------------------------------


def dual_functions(Dual: Function, draw: int = 0) -> None:
    """Check exp, log, sin, cos and tanh at numbers of both signs, and tanh at 1000 and -1000."""
    every = ["exp", "log", "sin", "cos", "tanh"]
    for k, sign in ((0, 1), (1, -1)):
        a, da = sign * numbers_of(draw + k)[0], sign * numbers_of(draw + k)[1]
        names = [name for name in every if a > 0 or name != "log"]
        t = float(np.tanh(a))
        slopes = {
            "exp": float(np.exp(a)), "log": 1 / a, "sin": float(np.cos(a)),
            "cos": -float(np.sin(a)), "tanh": 1 / float(np.cosh(a)) ** 2,
        }  # fmt: skip
        values = {name: float(getattr(np, name)(abs(a) if name == "log" else a)) for name in every}
        own: dict[str, dict[str, float]] = {
            "exp": {
                "the power rule does not apply to exp, whose exponent moves": a
                * float(np.exp(a - 1))
            },
            "log": {"multiplied by the value, where the slope of log is its reciprocal": a},
            "sin": {
                "the slope of sin is cos, without a minus": -slopes["sin"],
                "sin itself is taken for its slope, cos": values["sin"],
            },
            "cos": {
                "the slope of cos is -sin: the minus is missing": -slopes["cos"],
                "cos itself is taken for its slope, -sin": values["cos"],
                "minus cos is taken for the slope of cos, -sin": -values["cos"],
            },
            "tanh": {
                "the slope of tanh is 1 - t**2, not 1 - t": 1 - t,
                "the slope of tanh is 1 - t**2, not 1 + t**2": 1 + t * t,
                "1 - a**2 with the number itself: it is made of tanh(a)": 1 - a * a,
                "t * (1 - t) is the slope of sigmoid": t * (1 - t),
            },
        }
        slips = {
            f"d.{name}()": {
                "d's own derivative is missing: multiply by it": (values[name], slopes[name]),
                "the slope of the function is missing": (values[name], da),
                "d's own derivative is added, where it multiplies": (
                    values[name], slopes[name] + da,
                ),
                "the slope is divided by d's derivative": (values[name], slopes[name] / da),
                **{said: (values[name], slope * da) for said, slope in own[name].items()},
            }
            for name in names
        }  # fmt: skip
        right = {f"d.{name}()": (values[name], slopes[name] * da) for name in names}
        check_operations(Dual, (a, da), right, slips)
    for a in (1000.0 + draw, -1000.0 - draw):
        slip = {"exp overflows here; np.tanh does not": (float("nan"), float("nan"))}
        right = {"d.tanh()": (float(np.sign(a)), 0.0)}
        check_operations(Dual, (a, 3.0), right, {"d.tanh()": slip})


# -- derivative ------------------------------------------------------------------------------


@scenario
def _derivatives(derivative: Function, formulas: list[str], x: float, order: int) -> Any:
    found = {}
    for formula in formulas:
        try:
            if order == 1:
                found[formula] = derivative(lambda t, f=formula: eval(f, {"t": t}), x)
            else:
                found[formula] = derivative(
                    lambda s, f=formula: derivative(lambda t: eval(f, {"t": t}), s), x
                )
        except (AttributeError, TypeError) as error:
            found[formula] = f"{type(error).__name__}: {error}"
        else:
            if hasattr(found[formula], "derivative"):
                found[formula] = repr(found[formula])
    return found


def _cause(error: str, formula: str) -> str | None:
    if "has no attribute 'derivative'" in error and formula in ("5.0", "t**0"):
        return "f may return a plain number: turn the result into a Dual with lift"
    if "Error: " not in error:
        return "this is value and companion together: only the companion is the derivative"
    if re.search(r"'(int|float|float64)' object has no attribute", error):
        return "a plain number is used where a Dual is needed: f is to be given a Dual"
    if "float() argument" in error or "must be real number" in error:
        return (
            "float(...) and the functions of math take plain numbers only; the value may be a "
            "Dual: use operators, and np.sin and its like"
        )
    return None


def _check_derivatives(
    derivative: Function,
    right: Mapping[str, Any],
    x: float,
    order: int,
    slips: Mapping[str, Mapping[str, Any]],
) -> None:
    __tracebackhide__ = True
    found = _derivatives(derivative, list(right), x, order)
    words = ("", "derivative(f, x)", "the second derivative")[order]
    for formula, slope in right.items():
        what = f"{words} for f(t) = {formula} at {x:g}"
        if isinstance(found[formula], str):
            raise CheckFailed(
                f"{what} "
                + ("can't be computed" if "Error: " in found[formula] else "is not a number"),
                actual=found[formula],
                likely=_cause(found[formula], formula),
            )
        own = slips.get(formula, {})
        check_close(
            found[formula],
            slope,
            what=what,
            rtol=EXACT if order == 1 else 1e-11,
            atol=1e-14 if order == 1 else 1e-13,
            mistakes={said: wrong for said, wrong in own.items() if wrong != slope},
            hint=None if order == 1 else NESTED,
        )


NESTED = (
    "every rule must hold for Duals inside a Dual too: write each with operators on the values and "
    "derivatives, and leave out no term"
)


def dual_derivative(derivative: Function, draw: int = 0) -> None:
    """Check the derivatives of six formulas, a constant among them, to the last digits."""
    for x in (0.6 + draw % 5 / 8, -1.7):
        s = 1 / (1 + np.exp(-x))
        right = {
            "t * t.exp()": (1 + x) * np.exp(x),
            "(t * t).sin() / (t + 1)": (
                2 * x * np.cos(x**2) / (x + 1) - np.sin(x**2) / (x + 1) ** 2
            ),
            "1 / (1 + (0 - t).exp())": s * (1 - s),
            "3 * t**2 - 2 * t + 5": 6 * x - 2,
            "t": 1.0,
            "5.0": 0.0,
        }
        values = (x * np.exp(x), np.sin(x**2) / (x + 1), s, 3 * x**2 - 2 * x + 5, x, 5.0)
        slips = {
            formula: {
                "this is the value; the derivative is asked for": value,
                "the derivative starts at x; x moves with itself at the rate 1": slope * x,
                "the derivative starts at 0, as that of a constant": 0.0,
            }
            for (formula, slope), value in zip(right.items(), values, strict=True)
        }
        _check_derivatives(derivative, right, x, 1, slips)


def dual_second_derivatives(derivative: Function, draw: int = 0) -> None:
    """Check second derivatives of products, quotients and powers: Duals inside Duals."""
    for x in (0.6 + draw % 5 / 8, -1.7):
        right = {
            "t**3": 6 * x,
            "1 / t": 2 / x**3,
            "(t * t - 1) / (2 - t)": 6 / (2 - x) ** 3,
            "t * t * (t - 3)": 6 * x - 6,
            "t**-2": 6 / x**4,
            "t**0 + t**1": 0.0,
        }
        _check_derivatives(derivative, right, x, 2, {})


def dual_second_of_functions(derivative: Function, draw: int = 0) -> None:
    """Check second derivatives of exp, log, sin, cos, tanh and moving exponents."""
    for x in (0.6 + draw % 5 / 8, 2.3):
        power, t = x**x, np.tanh(x)
        right = {
            "t.exp()": np.exp(x),
            "t.log()": -1 / x**2,
            "(t * t).sin()": 2 * np.cos(x**2) - 4 * x**2 * np.sin(x**2),
            "t.cos()": -np.cos(x),
            "t.tanh()": -2 * t * (1 - t**2),
            "2**t": 2**x * np.log(2.0) ** 2,
            "t**t": power * ((np.log(x) + 1) ** 2 + 1 / x),
        }
        _check_derivatives(derivative, right, x, 2, {})
