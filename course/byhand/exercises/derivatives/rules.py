"""Exercises 1.3 to 1.6: powers, common functions, products and quotients, tangents."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from byhand.checks import check_close, check_unchanged, scenario, supplied
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, points

EXACT = 1e-12  # a rule's relative error; measured slopes are not as exact

# -- 1.3 -------------------------------------------------------------------------------------


def _power_slips(x: Floats, n: float) -> dict[str, object]:
    """Return what common slips give in place of the slope of x ** n."""
    with np.errstate(all="ignore"):
        return {
            "the exponent does not drop by one": n * x**n,
            "the factor n is missing": x ** (n - 1),
            "the exponent drops, but the factor is n - 1": (n - 1) * x ** (n - 1),
            "the factor is n - 1, and the exponent stays": (n - 1) * x**n,
            "Python reads n * x**n - 1 as (n * x**n) - 1: bracket the exponent": n * x**n - 1,
            "the factor n is inside the power, and is raised too": (n * x) ** (n - 1),
            "the power has become a product: raise with **": n * x * (n - 1),
            "the exponent grows by one; it must drop": n * x ** (n + 1),
            "this is the second derivative": n * (n - 1) * x ** (n - 2),
            "this is the antiderivative, whose exponent grows": (
                x ** (n + 1) / (n + 1) if n != -1 else np.log(x)
            ),
            "this is x ** n itself, not its slope": x**n,
            "x and n are swapped: x is the base": x * float(abs(n)) ** (x - 1),
            "this is the slope of n ** x; here x is the base": (
                float(abs(n)) ** x * np.log(abs(n))
            ),
            "n is cut off to a whole number": int(n) * x ** (int(n) - 1.0),
        }


def _check_power(power_derivative: Function, x: Floats, n: float) -> None:
    check_close(
        check_unchanged(power_derivative, x, n, what="power_derivative"),
        n * x ** (n - 1),
        what=f"power_derivative(x, {n})",
        rtol=EXACT,
        dtype=np.float64,
        x=x,
        mistakes=_power_slips(x, n),
    )


def power_derivative_values(power_derivative: Function, draw: int = 0) -> None:
    """Check whole exponents from 1 up, for a number and an array; x is left as it was."""
    for n in (3, 4 + draw % 5, 1):
        _check_power(power_derivative, points(draw), n)
    check_close(power_derivative(-1.5, 3), 6.75, what="power_derivative(-1.5, 3)", rtol=EXACT)


def power_derivative_exponents(power_derivative: Function, draw: int = 0) -> None:
    """Check negative exponents where x is not 0, and fractional ones where x is positive."""
    _check_power(power_derivative, points(draw), -2 - draw % 3)
    positive = points(draw, (5,), 0.2, 4.0)
    for n in (0.5, -1.5, 2.5 + draw % 3):
        _check_power(power_derivative, positive, n)


def power_derivative_constant(power_derivative: Function, draw: int = 0) -> None:
    """Check exponent 0: the slope is 0 everywhere, at x = 0 too, one for each entry of x."""
    x = points(draw)
    x[1, 2] = 0.0
    check_close(
        power_derivative(x, 0),
        np.zeros_like(x),
        what="power_derivative(x, 0), with x = 0 among the points",
        x=x,
        mistakes={
            "one number for a whole array: return a 0 for each entry of x": 0.0,
            "x ** 0 is 1 everywhere, but this asks for its slope": np.ones_like(x),
            "0 * x ** -1 is 0 * inf at x = 0: n = 0 is a case of its own": (
                np.where(x == 0, np.nan, 0.0)
            ),
            "right where x is 0, but the slope is 0 everywhere": np.where(x == 0, 0.0, 1.0),
        },
    )
    check_close(power_derivative(0.0, 0), 0.0, what="power_derivative(0.0, 0)")


def power_derivative_robust(power_derivative: Function, draw: int = 0) -> None:
    """Check arrays of integers, which give float64, and x = 0 where the exponent is 1 or more."""
    whole = np.array([10**10, -3 - draw, 7])
    for n, slopes in ((3, 3.0 * whole.astype(float) ** 2), (-1, -(whole.astype(float) ** -2))):
        check_close(
            power_derivative(whole, n),
            slopes,
            what=f"power_derivative(x, {n}) of integers",
            rtol=EXACT,
            dtype=np.float64,
            x=whole,
            mistakes={
                "integers stay integers, and 10**20 is too large for one": (
                    n * whole ** abs(n - 1)
                ),
            },
        )
    constant = power_derivative(whole, 0)
    if np.shape(constant) == whole.shape:  # a wrong shape is no matter of integers
        check_close(
            constant, [0.0, 0.0, 0.0], what="power_derivative(x, 0) of integers", dtype=np.float64
        )
    for n, slope in ((1, 1.0), (2 + draw % 3, 0.0)):
        check_close(
            power_derivative(np.array([-2.0, 0.0, 0.5]), n)[1],
            slope,
            what=f"power_derivative(x, {n}) at x = 0",
            atol=1e-300,
            mistakes={
                "0 / 0 is nan: don't divide by x": np.nan,
                "only n = 0 has the slope 0 everywhere": 0.0,
            },
        )


# -- 1.4 -------------------------------------------------------------------------------------

Slips = dict[str, Callable[[Floats], Floats]]


def _check_slope(name: str, slope: Function, right: Function, x: Floats, slips: Slips) -> None:
    """Check a derivative on floats, on integers and at a single number."""
    for values, kind in ((x, ""), (np.array([3, 1, 5]), " of integers")):
        expected = right(values)
        with np.errstate(all="ignore"):
            mistakes = {said: slip(values) for said, slip in slips.items()}
        check_close(
            check_unchanged(slope, values, what=name),
            expected,
            what=f"{name}(x){kind}",
            rtol=EXACT,
            x=values,
            mistakes=mistakes,
        )
    check_close(slope(2.5), right(2.5), what=f"{name}(2.5)", rtol=EXACT)


def exp_derivative_values(exp_derivative: Function, draw: int = 0) -> None:
    """Check the derivative of exp, for numbers and arrays, integers too; x is left as it was."""
    slips: Slips = {
        "x * e^(x - 1) is the power rule, but here the exponent moves": lambda x: x * np.exp(x - 1),
        "there is a factor x too many": lambda x: x * np.exp(x),
        "this is e * x": lambda x: np.e * x,
    }
    _check_slope("exp_derivative", exp_derivative, np.exp, points(draw), slips)


def log_derivative_values(log_derivative: Function, draw: int = 0) -> None:
    """Check the derivative of the natural logarithm for x > 0, integers too."""
    slips: Slips = {
        "this is the logarithm itself, not its derivative": np.log,
        "this is the derivative of the logarithm to base 10": lambda x: 1 / (x * np.log(10)),
        "this is the reciprocal of the logarithm, not its derivative": lambda x: 1 / np.log(x),
        "this is the derivative of 1 / x": lambda x: -1 / np.square(x, dtype=float),
        "// cuts the fraction off: divide with /": lambda x: 1 // x,
    }
    _check_slope("log_derivative", log_derivative, lambda x: 1 / x, points(draw, low=0.1), slips)


def sin_derivative_values(sin_derivative: Function, draw: int = 0) -> None:
    """Check the derivative of sin, for numbers and arrays, integers too; x is left as it was."""
    slips: Slips = {
        "this is sin itself, not its derivative": np.sin,
        "a square root has lost the sign": lambda x: np.abs(np.cos(x)),
        "x is in radians, not in degrees": lambda x: np.cos(np.deg2rad(x)),
    }
    _check_slope("sin_derivative", sin_derivative, np.cos, points(draw), slips)


def cos_derivative_values(cos_derivative: Function, draw: int = 0) -> None:
    """Check the derivative of cos, for numbers and arrays, integers too; x is left as it was."""
    slips: Slips = {
        "this is cos itself, not its derivative": np.cos,
        "a square root has lost the sign": lambda x: np.abs(np.sin(x)),
        "a square root has lost the sign; the sign in front does not bring it back": (
            lambda x: -np.abs(np.sin(x))
        ),
        "x is in radians, not in degrees": lambda x: -np.sin(np.deg2rad(x)),
    }
    _check_slope("cos_derivative", cos_derivative, lambda x: -np.sin(x), points(draw), slips)


# -- 1.5 -------------------------------------------------------------------------------------


@scenario
def _slopes_of_two(rule: Function, x: Floats, number: float) -> list[Floats]:
    """Make the rule's functions for two pairs, then ask the first twice and the second once."""
    slope = rule(np.sin, np.cos, lambda t: t**2 - 2, lambda t: 2 * t)
    other = rule(lambda t: t**3, lambda t: 3 * t**2, np.exp, np.exp)
    return [slope(x), other(x), slope(number)]


def _points_of_two(draw: int) -> tuple[Floats, float]:
    """Return points, x = 0 among them, and one number; nowhere is x ** 2 - 2 near 0."""
    x = points(draw)
    x[1, 2] = 0.0
    return x, 2.5 + draw % 3


def _parts_of_two(x: Floats) -> list[tuple[str, Floats, Floats, Floats, Floats]]:
    """Return for both pairs of `_slopes_of_two` its name and f, f', g, g' at x."""
    return [
        ("f(x) = sin(x), g(x) = x ** 2 - 2", np.sin(x), np.cos(x), x**2 - 2, 2 * x),
        ("f(x) = x ** 3, g(x) = exp(x)", x**3, 3 * x**2, np.exp(x), np.exp(x)),
    ]


def product_rule_values(product_rule: Function, draw: int = 0) -> None:
    """Check the returned functions: an array and a number, two products, asked again later."""
    x, number = _points_of_two(draw)
    *of_arrays, of_number = _slopes_of_two(product_rule, x, number)
    for slope, (pair, f, df, g, dg) in zip(of_arrays, _parts_of_two(x), strict=True):
        check_close(
            slope,
            df * g + f * dg,
            what=f"the slope of f(x) g(x) for {pair}",
            rtol=1e-11,
            relative_to="largest",
            x=x,
            terms={
                "f'(x) g(x)": {"f'(x)": df, "g(x)": g},
                "f(x) g'(x)": {"f(x)": f, "g'(x)": dg},
            },
            mistakes={
                "the derivatives are multiplied with each other": df * dg,
                "f and g are multiplied, without a derivative": f * g,
                "each derivative is multiplied with its own function": df * f + g * dg,
            },
        )
    _, f, df, g, dg = _parts_of_two(np.asarray(number))[0]
    check_close(
        of_number,
        df * g + f * dg,
        what=f"the first product's slope at x = {number}, asked after a second product was made",
        rtol=1e-11,
    )


def quotient_rule_values(quotient_rule: Function, draw: int = 0) -> None:
    """Check the returned functions: an array and a number, two quotients, asked again later."""
    x, number = _points_of_two(draw)
    *of_arrays, of_number = _slopes_of_two(quotient_rule, x, number)
    for slope, (pair, f, df, g, dg) in zip(of_arrays, _parts_of_two(x), strict=True):
        below = {"1 / g(x)**2": 1 / g**2}
        with np.errstate(all="ignore"):
            mistakes = {
                "the denominator is g(x); it must be squared": (df * g - f * dg) / g,
                "the derivatives are divided by each other": df / dg,
                "the denominator is g'(x) squared": (df * g - f * dg) / dg**2,
                "f and g are divided, without a derivative": f / g,
                "this is the product rule": df * g + f * dg,
            }
        check_close(
            slope,
            (df * g - f * dg) / g**2,
            what=f"the slope of f(x) / g(x) for {pair}",
            rtol=1e-11,
            relative_to="largest",
            x=x,
            terms={
                "f'(x) g(x) / g(x)**2": {"f'(x)": df, "g(x)": g, **below},
                "-f(x) g'(x) / g(x)**2": {"f(x)": -f, "g'(x)": dg, **below},
            },
            mistakes=mistakes,
        )
    _, f, df, g, dg = _parts_of_two(np.asarray(number))[0]
    check_close(
        of_number,
        (df * g - f * dg) / g**2,
        what=f"the first quotient's slope at x = {number}, asked after a second one was made",
        rtol=1e-11,
    )


# -- 1.6 -------------------------------------------------------------------------------------


@scenario
def _two_tangents(tangent_line: Function, x0: float, x: Floats) -> list[Floats]:
    """Make two tangents; evaluate the first at its point, then both at x; return x as well."""
    line = tangent_line(np.sin, np.cos, x0)
    other = tangent_line(np.exp, np.exp, x0 + 0.5)
    return [line(x0), line(x), other(x), x]


def _sensitivity(df: Function, x0: float, dx: Floats) -> Floats:
    return df(x0) * dx


def tangent_line_values(tangent_line: Function, draw: int = 0) -> None:
    """Check two tangents: each touches its graph at x0 and has one slope; x is left as it was."""
    x0, x = float(points(draw, ())), points(draw + 1)
    with supplied(sensitivity=_sensitivity):
        touch, line, other, after = _two_tangents(tangent_line, x0, x.copy())
    check_close(
        after, x, what="x, after the tangent was evaluated there",
        hint="x -= x0 changes the caller's array",
    )  # fmt: skip
    for values, f, df, start in ((line, np.sin, np.cos, x0), (other, np.exp, np.exp, x0 + 0.5)):
        check_close(
            values,
            f(start) + df(start) * (x - start),
            what=f"the tangent of {f.__name__} at x0 = {start:.6g}",
            rtol=1e-11,
            relative_to="largest",
            x=x,
            terms={
                "f(x0)": np.full_like(x, f(start)),
                "f'(x0) (x - x0)": {"f'(x0)": np.full_like(x, df(start)), "x - x0": x - start},
            },
            mistakes={
                "x0 is not subtracted: the line misses the point (x0, f(x0))": (
                    f(start) + df(start) * x
                ),
                "the slope is taken at x; a tangent has one slope, that at x0": (
                    f(start) + df(x) * (x - start)
                ),
                "the line starts from f(x); it starts from f(x0)": f(x) + df(start) * (x - start),
                "this is f(x) itself, not its tangent": f(x),
            },
        )
    check_close(touch, np.sin(x0), what=f"the tangent of sin at x0 = {x0}, at x0 itself")


def sensitivity_values(sensitivity: Function, draw: int = 0) -> None:
    """Check the predicted change, for steps to both sides, one or several; dx is left as it was."""
    x0, dx = float(points(draw, ())), points(draw + 1, (5,))
    f, df = np.sin, np.cos
    check_close(
        check_unchanged(sensitivity, df, x0, dx, what="sensitivity"),
        df(x0) * dx,
        what=f"sensitivity(np.cos, {x0}, dx)",
        rtol=EXACT,
        x=dx,
        mistakes={
            "this is the slope alone: it lacks the step": np.full_like(dx, df(x0)),
            "one slope, without the step": df(x0),
            "the slope is divided by the step": df(x0) / dx,
            "the slope is taken at x0 + dx; the prediction uses the slope at x0": df(x0 + dx) * dx,
            "the slope is taken at dx": df(dx) * dx,
            "the slope is multiplied by x0, not by the step": df(x0) * x0,
            "this is the change of the slope, df(x0 + dx) - df(x0)": df(x0 + dx) - df(x0),
            "this is the change itself; the prediction is linear in dx": f(x0 + dx) - f(x0),
            "x0 is added: the change of the output is asked for": x0 + df(x0) * dx,
            "the slope is added: the change of the output is asked for": df(x0) + df(x0) * dx,
            "a step to the left has lost its sign": np.abs(df(x0) * dx),
        },
    )
    check_close(
        sensitivity(np.exp, 1.5, -0.25), -0.25 * np.exp(1.5), what="sensitivity(np.exp, 1.5, -0.25)"
    )
