"""Exercises 1.3 and 1.4: powers; exp, log, sin and cos."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from byhand.checks import check_close, check_unchanged
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, kept, points

EXACT = 1e-12  # a rule's relative error; measured slopes are not as exact

# -- 1.3 -------------------------------------------------------------------------------------


@kept
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
            "x and n have changed places everywhere: x is the base": x * float(abs(n)) ** (x - 1),
            "this is the slope of n ** x; here x is the base": (
                float(abs(n)) ** x * np.log(abs(n))
            ),
            "only n = 0 has the slope 0 everywhere": np.zeros_like(x),
            "n is cut off to a whole number": int(n) * x ** (int(n) - 1.0),
            "the exponent is cut off to a whole number": n * x ** float(int(n - 1)),
            "base and exponent are swapped: x is the base": float(abs(n)) ** (x - 1),
            "x and n are swapped: n is the factor, x the base": x * float(abs(n)) ** (n - 1),
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
    for n in (4 + draw % 5, 3, 1):
        _check_power(power_derivative, points(draw), n)
    check_close(power_derivative(-1.5, 3), 6.75, what="power_derivative(-1.5, 3)", rtol=EXACT)


def power_derivative_exponents(power_derivative: Function, draw: int = 0) -> None:
    """Check negative exponents where x is not 0, and fractional ones where x is positive."""
    x = points(draw)
    _check_power(power_derivative, np.where(x == 0, 0.5, x), -2 - draw % 3)
    positive = points(draw, (5,), 0.2, 4.0)
    for n in (2.5 + draw % 3, -1.5, 0.5):
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
            "0 * inf or 0 / 0 at x = 0: n = 0 is a case of its own": (
                np.where(x == 0, np.nan, 0.0)
            ),
            "right where x is 0, but the slope is 0 everywhere": np.where(x == 0, 0.0, 1.0),
        },
    )
    check_close(power_derivative(0.0, 0), 0.0, what="power_derivative(0.0, 0)")
    check_close(
        power_derivative(x[0], 1),
        np.ones_like(x[0]),
        what="power_derivative(x, 1), beside it,",
        mistakes={"0 is the slope for n = 0 alone": np.zeros_like(x[0])},
    )


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
            atol=1e-30,
            mistakes={
                "0 / 0 is nan: don't divide by x": np.nan,
                "x ** 1 is x, whose slope is 1 at x = 0 too": 0.0,
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
        "this is e * x": lambda x: np.exp(1.0) * x,
        "x is added": lambda x: np.exp(x) + x,
    }
    _check_slope("exp_derivative", exp_derivative, np.exp, points(draw), slips)


def log_derivative_values(log_derivative: Function, draw: int = 0) -> None:
    """Check the derivative of the natural logarithm for x > 0, integers too."""
    slips: Slips = {
        "this is the logarithm itself, not its derivative": np.log,
        "this is the derivative of the logarithm to base 10": lambda x: 1 / (x * np.log(10)),
        "this is the reciprocal of the logarithm, not its derivative": lambda x: 1 / np.log(x),
        "this is the logarithm of 1 / x": lambda x: -np.log(x),
        "there is one power of x too many: this is 1 / x ** 2": lambda x: 1 / x**2.0,
        "this is the derivative of 1 / x": lambda x: -1 / np.square(x, dtype=float),
        "the fraction is cut off, as // does, and a division of integers into integers": lambda x: (
            1 // x
        ),
    }
    _check_slope("log_derivative", log_derivative, lambda x: 1 / x, points(draw, low=0.1), slips)


def sin_derivative_values(sin_derivative: Function, draw: int = 0) -> None:
    """Check the derivative of sin, for numbers and arrays, integers too; x is left as it was."""
    slips: Slips = {
        "this is sin itself, not its derivative": np.sin,
        "this is sin with its sign flipped, not its derivative": lambda x: -np.sin(x),
        "there is a factor x too many": lambda x: x * np.cos(x),
        "x is in radians already": lambda x: np.cos(np.rad2deg(x)),
        "a square root has lost the sign": lambda x: np.abs(np.cos(x)),
        "x is in radians, not in degrees": lambda x: np.cos(np.deg2rad(x)),
    }
    _check_slope("sin_derivative", sin_derivative, np.cos, points(draw), slips)


def cos_derivative_values(cos_derivative: Function, draw: int = 0) -> None:
    """Check the derivative of cos, for numbers and arrays, integers too; x is left as it was."""
    slips: Slips = {
        "this is cos itself, not its derivative": np.cos,
        "this is cos with its sign flipped, not its derivative": lambda x: -np.cos(x),
        "there is a factor x too many": lambda x: -x * np.sin(x),
        "x is in radians already": lambda x: -np.sin(np.rad2deg(x)),
        "a square root has lost the sign": lambda x: np.abs(np.sin(x)),
        "a square root has lost the sign; the sign in front does not bring it back": (
            lambda x: -np.abs(np.sin(x))
        ),
        "x is in radians, not in degrees": lambda x: -np.sin(np.deg2rad(x)),
    }
    _check_slope("cos_derivative", cos_derivative, lambda x: -np.sin(x), points(draw), slips)
