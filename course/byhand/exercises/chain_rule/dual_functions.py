"""Exercise 3.10: powers and functions of dual numbers, and derivatives of derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import check_close, scenario
from byhand.differences.calls import Function
from byhand.exercises.chain_rule.dual import EXACT, Pair, about, check_pairs, numbers_of

# -- powers ----------------------------------------------------------------------------------


@scenario
def _powers(Dual: Function, a: float, da: float, exponents: list[float]) -> Any:
    results = {f"d ** {n}": Dual(a, da) ** n for n in exponents}
    return {name: [r.value, r.derivative] for name, r in results.items()}


def dual_powers(Dual: Function, draw: int = 0) -> None:
    """Check constant exponents: whole, negative and fractional ones, 0 and 1; negative bases."""
    a, da = numbers_of(draw)[:2]
    whole = [3, 2, 1, 0, -1, -2, 5.0]
    for base, exponents in ((a, [*whole, 0.5, -1.5]), (-a, whole), (0.0, [3, 2, 1, 0])):
        right, slips = {}, {}
        for n in exponents:
            name = f"d ** {n}"
            value = float(base**n)
            slope = n * float(base) ** (n - 1) if n else 0.0
            right[name] = (value, slope * da)
            if base and n:
                slips[name] = {
                    "d's own derivative is missing": (value, slope),
                    "the exponent does not go down by 1": (value, n * value * da),
                    "the factor n is missing": (value, slope / n * da),
                    "the exponent counts as moving, at the rate 1": (
                        value, slope * da + value * float(np.log(abs(base))),
                    ),
                }  # fmt: skip
        found = _powers(Dual, base, da, exponents)
        check_pairs(found, right, about(base, da), slips)


@scenario
def _moving_powers(Dual: Function, a: float, da: float, b: float, db: float) -> Any:
    d, e = Dual(a, da), Dual(b, db)
    results = {"2 ** d": 2**d, "0.5 ** e": 0.5**e, "d ** e": d**e, "d ** d": d**d}
    return {name: [r.value, r.derivative] for name, r in results.items()}


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
        check_pairs(_moving_powers(Dual, a, da, b, db), right, about(a, da, b, db), slips)


# -- functions -------------------------------------------------------------------------------


@scenario
def _functions(Dual: Function, a: float, da: float, names: list[str]) -> Any:
    results = {f"d.{name}()": getattr(Dual(a, da), name)() for name in names}
    return {name: [r.value, r.derivative] for name, r in results.items()}


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
            "sin": {"the slope of sin is cos, without a minus": -slopes["sin"]},
            "cos": {"the slope of cos is -sin: the minus is missing": -slopes["cos"]},
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
        check_pairs(_functions(Dual, a, da, names), right, about(a, da), slips)
    for a in (1000.0 + draw, -1000.0 - draw):
        check_close(
            _functions(Dual, a, 3.0, ["tanh"])["d.tanh()"],
            [float(np.sign(a)), 0.0],
            what=f"value and derivative of d.tanh() for d = Dual({a:g}, 3)",
            atol=1e-300,
            hint="np.tanh does not overflow; a quotient of exponentials does",
        )


# -- derivative ------------------------------------------------------------------------------


@scenario
def _slopes(derivative: Function, x: float) -> Any:
    formulas = {
        "x e^x": lambda t: t * t.exp(),
        "sin(x^2) / x": lambda t: (t * t).sin() / t,
        "the sigmoid 1 / (1 + e^-x)": lambda t: 1 / (1 + (0 - t).exp()),
        "3 x^2 - 2 x + 5": lambda t: 3 * t**2 - 2 * t + 5,
        "the constant 5": lambda t: 5.0,
        "x itself": lambda t: t,
    }
    return {name: derivative(f, x) for name, f in formulas.items()}


def dual_derivative(derivative: Function, draw: int = 0) -> None:
    """Check the derivatives of six formulas, a constant among them, to the last digits."""
    for x in (0.6 + draw % 5 / 8, -1.7):
        found = _slopes(derivative, x)
        s = 1 / (1 + np.exp(-x))
        right = {
            "x e^x": (1 + x) * np.exp(x),
            "sin(x^2) / x": 2 * np.cos(x**2) - np.sin(x**2) / x**2,
            "the sigmoid 1 / (1 + e^-x)": s * (1 - s),
            "3 x^2 - 2 x + 5": 6 * x - 2,
            "the constant 5": 0.0,
            "x itself": 1.0,
        }
        values = {
            "x e^x": x * np.exp(x),
            "sin(x^2) / x": np.sin(x**2) / x,
            "the sigmoid 1 / (1 + e^-x)": s,
            "3 x^2 - 2 x + 5": 3 * x**2 - 2 * x + 5,
            "the constant 5": 5.0,
            "x itself": x,
        }
        for name, slope in right.items():
            slips = {
                "this is the value; the derivative is asked for": values[name],
                "the derivative starts at x; x moves with itself at the rate 1": slope * x,
                "the derivative starts at 0, as that of a constant": 0.0,
            }
            check_close(
                found[name],
                slope,
                what=f"derivative(f, {x}) for {name}",
                rtol=EXACT,
                atol=1e-14,
                mistakes={said: wrong for said, wrong in slips.items() if wrong != slope},
            )


NESTED = "value and derivative may be Duals themselves: use operators and np functions on them"


@scenario
def _second_of_fractions(derivative: Function, x: float) -> Any:
    formulas = {
        "x^3": lambda t: t**3,
        "1 / x": lambda t: 1 / t,
        "(x^2 - 1) / (2 - x)": lambda t: (t * t - 1) / (2 - t),
        "x^2 (x - 3)": lambda t: t * t * (t - 3),
        "x^-2": lambda t: t**-2,
        "x^0 + x^1": lambda t: t**0 + t**1,
    }
    return {name: derivative(lambda t, f=f: derivative(f, t), x) for name, f in formulas.items()}


def dual_second_derivatives(derivative: Function, draw: int = 0) -> None:
    """Check second derivatives of products, quotients and powers: Duals inside Duals."""
    for x in (0.6 + draw % 5 / 8, -1.7):
        found = _second_of_fractions(derivative, x)
        right = {
            "x^3": 6 * x,
            "1 / x": 2 / x**3,
            "(x^2 - 1) / (2 - x)": 6 / (2 - x) ** 3,
            "x^2 (x - 3)": 6 * x - 6,
            "x^-2": 6 / x**4,
            "x^0 + x^1": 0.0,
        }
        for name, second in right.items():
            check_close(
                found[name],
                second,
                what=f"the second derivative of {name} at {x}",
                rtol=1e-11,
                atol=1e-13,
                hint=NESTED,
            )


@scenario
def _second_of_functions(derivative: Function, x: float) -> Any:
    formulas = {
        "exp(x)": lambda t: t.exp(),
        "log(x)": lambda t: t.log(),
        "sin(x^2)": lambda t: (t * t).sin(),
        "cos(x)": lambda t: t.cos(),
        "tanh(x)": lambda t: t.tanh(),
        "2^x": lambda t: 2**t,
        "x^x": lambda t: t**t,
    }
    return {name: derivative(lambda t, f=f: derivative(f, t), x) for name, f in formulas.items()}


def dual_second_of_functions(derivative: Function, draw: int = 0) -> None:
    """Check second derivatives of exp, log, sin, cos, tanh and moving exponents."""
    for x in (0.6 + draw % 5 / 8, 2.3):
        found = _second_of_functions(derivative, x)
        power, t = x**x, np.tanh(x)
        right = {
            "exp(x)": np.exp(x),
            "log(x)": -1 / x**2,
            "sin(x^2)": 2 * np.cos(x**2) - 4 * x**2 * np.sin(x**2),
            "cos(x)": -np.cos(x),
            "tanh(x)": -2 * t * (1 - t**2),
            "2^x": 2**x * np.log(2.0) ** 2,
            "x^x": power * ((np.log(x) + 1) ** 2 + 1 / x),
        }
        for name, second in right.items():
            check_close(
                found[name],
                second,
                what=f"the second derivative of {name} at {x}",
                rtol=1e-11,
                hint=NESTED,
            )
