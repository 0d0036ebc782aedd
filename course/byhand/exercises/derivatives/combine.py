"""Exercises 1.5 and 1.6: products and quotients; tangents and sensitivities."""

from __future__ import annotations

import numpy as np

from byhand.checks import check_close, check_unchanged, scenario, supplied
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, points

OTHERS = "this is the other function's value: each returned function must keep its own f and df"
AGAIN = "the first result is given again, whatever x is"

# -- 1.5 -------------------------------------------------------------------------------------


@scenario
def _slopes_of_two(rule: Function, x: Floats) -> list[Floats]:
    """Make the rule's functions for two pairs, then ask the first twice and the second once."""
    slope = rule(
        lambda t: np.sin(2 * t), lambda t: 2 * np.cos(2 * t), lambda t: t**2 - 2, lambda t: 2 * t
    )
    other = rule(lambda t: t**3, lambda t: 3 * t**2, np.exp, np.exp)
    return [slope(x), other(x), slope(0.0), slope(x / 2)]


def _parts_of_two(x: Floats) -> list[tuple[str, Floats, Floats, Floats, Floats]]:
    """Return for both pairs of `_slopes_of_two` its name and f, f', g, g' at x."""
    return [
        ("f(x) = sin(2x), g(x) = x ** 2 - 2", np.sin(2 * x), 2 * np.cos(2 * x), x**2 - 2, 2 * x),
        ("f(x) = x ** 3, g(x) = exp(x)", x**3, 3 * x**2, np.exp(x), np.exp(x)),
    ]


def _check_later(slope: object, elsewhere: object, x: Floats, rule: Function) -> None:
    """Check what the first returned function gives at 0 and x / 2, after a second one was made."""
    first, second = (rule(*parts) for _, *parts in _parts_of_two(np.asarray(0.0)))
    check_close(
        slope,
        first,
        what="the first function's value at x = 0, where f is 0, after a second one was made",
        rtol=1e-11,
        mistakes={AGAIN: rule(*_parts_of_two(x)[0][1:]), OTHERS: second},
    )
    check_close(
        elsewhere,
        rule(*_parts_of_two(x / 2)[0][1:]),
        what="the first function's values at other x",
        rtol=1e-11,
        relative_to="largest",
        mistakes={
            AGAIN: rule(*_parts_of_two(x)[0][1:]),
            OTHERS: rule(*_parts_of_two(x / 2)[1][1:]),
        },
    )


def product_rule_values(product_rule: Function, draw: int = 0) -> None:
    """Check the returned functions: an array and a number, two products, asked again later."""
    x = points(draw)
    *of_arrays, of_number, elsewhere = _slopes_of_two(product_rule, x)
    parts = _parts_of_two(x)
    for slope, (pair, f, df, g, dg), (_, u, du, v, dv) in zip(
        of_arrays, parts, reversed(parts), strict=True
    ):
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
                "this multiplies the two derivatives": df * dg,
                "f and g are multiplied, without a derivative": f * g,
                "each derivative is multiplied by its own function, not by the other one": df * f
                + g * dg,
                "one term has no derivative, the other two; each needs one": f * g + df * dg,
                "in the second term g is not differentiated": df * g + f * g,
                "in the first term f is not differentiated": f * g + f * dg,
                "the derivatives are added: that is the slope of f(x) + g(x)": df + dg,
                "the two terms are multiplied; they must be added": df * g * f * dg,
                OTHERS: du * v + u * dv,
            },
        )
    _check_later(of_number, elsewhere, x, lambda f, df, g, dg: df * g + f * dg)


def quotient_rule_values(quotient_rule: Function, draw: int = 0) -> None:
    """Check the returned functions: an array and a number, two quotients, asked again later."""
    x = points(draw)
    *of_arrays, of_number, elsewhere = _slopes_of_two(quotient_rule, x)
    parts, at_squares = _parts_of_two(x), _parts_of_two(x**2)
    for slope, (pair, f, df, g, dg), (_, u, du, v, dv), (*_, wrong, _) in zip(
        of_arrays, parts, reversed(parts), at_squares, strict=True
    ):
        rise, below = df * g - f * dg, {"1 / g(x)**2": 1 / g**2}
        with np.errstate(all="ignore"):
            by_dg, by_f, both = rise / dg**2, rise / f**2, df / dg
        check_close(
            slope,
            rise / g**2,
            what=f"the slope of f(x) / g(x) for {pair}",
            rtol=1e-11,
            relative_to="largest",
            x=x,
            terms={
                "f'(x) g(x) / g(x)**2": {"f'(x)": df, "g(x)": g, **below},
                "-f(x) g'(x) / g(x)**2": {"f(x)": -f, "g'(x)": dg, **below},
            },
            mistakes={
                "the denominator is g(x); it must be squared": rise / g,
                "the denominator is 2 g(x): a square is written g(x) ** 2": rise / (2 * g),
                "the numerator is doubled and divided by g(x): a square is written g(x) ** 2": (
                    rise / g * 2
                ),
                "the denominator is g(x) to the third power": rise / g**3,
                "the denominator is g'(x) squared": by_dg,
                "the denominator is f(x) squared": by_f,
                "the second term is divided by g(x), not by its square": df / g - f * dg / g,
                "the derivatives are divided by each other": both,
                "f and g are divided, without a derivative": f / g,
                "this is the product rule": df * g + f * dg,
                "the numerator has f' g' and f g; each term needs one derivative": (
                    (df * dg - f * g) / g**2
                ),
                "g is taken at x ** 2, but its value is to be squared": rise / wrong,
                "the sign is lost": np.abs(rise) / g**2,
                OTHERS: (du * v - u * dv) / v**2,
            },
        )
    _check_later(of_number, elsewhere, x, lambda f, df, g, dg: (df * g - f * dg) / g**2)


# -- 1.6 -------------------------------------------------------------------------------------


@scenario
def _two_tangents(tangent_line: Function, x0: float, x: Floats) -> list[Floats]:
    """Make two tangents, evaluate both at x, then the first elsewhere; return x as well."""
    line = tangent_line(np.sin, np.cos, x0)
    other = tangent_line(np.exp, np.exp, x0 + 0.5)
    return [line(x), other(x), line(x0), line(-x), x]


def _sensitivity(df: Function, x0: float, dx: Floats) -> Floats:
    return df(x0) * dx


def _tangent_slips(f: Function, df: Function, x0: float, x: Floats) -> dict[str, object]:
    """Return what common slips give in place of the tangent of f at x0."""
    y, slope, step = f(x0), df(x0), x - x0
    with np.errstate(all="ignore"):
        secant = (f(x) - y) / step
    return {
        "x0 is not subtracted: the line misses the point (x0, f(x0))": y + slope * x,
        "the slope is multiplied by x alone: bracket x - x0": y + slope * x - x0,
        "x0 is added to x; the way from x0 to x is a difference": y + slope * (x + x0),
        "the slope is taken at x; a tangent has one slope, that at x0": y + df(x) * step,
        "the line starts from f(x); it starts from f(x0)": f(x) + slope * step,
        "value and slope are taken at x; they belong to x0": f(x) + df(x) * step,
        "the line starts at the height x0, not at f(x0)": x0 + slope * step,
        "the value f(x0) is used as the slope": y + y * step,
        "value and slope are swapped": slope + y * step,
        "value and slope are multiplied": y * slope * step,
        "the way from x0 to x has lost its sign": y + slope * np.abs(step),
        "this is f(x) itself, not its tangent": f(x),
        "this is the slope of the secant from x0 to x": secant,
        "this is one number: a line depends on x": y + slope,
        "this is the value at x0: a line depends on x": y,
        "this is the slope: a line depends on x": slope,
    }


def tangent_line_values(tangent_line: Function, draw: int = 0) -> None:
    """Check two tangents: each touches its graph at x0 and has one slope; x is left as it was."""
    x0, x = float(points(draw, ())), points(draw + 1)
    with supplied(sensitivity=_sensitivity):
        line, other, touch, elsewhere, after = _two_tangents(tangent_line, x0, x.copy())
    check_close(
        after,
        x,
        what="x, after the tangent was evaluated there",
        hint="x -= x0 changes the caller's array",
    )
    tangents = [(np.sin, np.cos, x0), (np.exp, np.exp, x0 + 0.5)]
    for values, (f, df, start), (u, du, there) in zip(
        (line, other), tangents, reversed(tangents), strict=True
    ):
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
                **_tangent_slips(f, df, start, x),
                OTHERS: u(there) + du(there) * (x - there),
            },
        )
    check_close(
        touch,
        np.sin(x0),
        what=f"the tangent of sin at x0 = {x0}, at x0 itself",
        mistakes={AGAIN: np.sin(x0) + np.cos(x0) * (x - x0)},
    )
    check_close(
        elsewhere,
        np.sin(x0) + np.cos(x0) * (-x - x0),
        what=f"the tangent of sin at x0 = {x0}, at other x",
        rtol=1e-11,
        relative_to="largest",
        mistakes={AGAIN: np.sin(x0) + np.cos(x0) * (x - x0)},
    )


def sensitivity_values(sensitivity: Function, draw: int = 0) -> None:
    """Check the predicted change, for steps to both sides, one or several; dx is left as it was."""
    x0, dx = float(points(draw, ())), points(draw + 1, (5,))
    f, df = np.sin, np.cos
    with np.errstate(all="ignore"):
        divided = df(x0) / dx
    check_close(
        check_unchanged(sensitivity, df, x0, dx, what="sensitivity"),
        df(x0) * dx,
        what=f"sensitivity(np.cos, {x0}, dx)",
        rtol=1e-12,
        x=dx,
        mistakes={
            "this is the slope alone: it lacks the step": df(x0),
            "this is the step alone: it lacks the slope": dx,
            "slope and step are added": df(x0) + dx,
            "the slope is divided by the step": divided,
            "the step is squared": df(x0) * dx**2,
            "the slope is taken at x0 + dx; the prediction uses the slope at x0": df(x0 + dx) * dx,
            "the slope is taken half a step away from x0": df(x0 + dx / 2) * dx,
            "the slope is taken at dx": df(dx) * dx,
            "x0 and dx are swapped": df(dx) * x0,
            "x0 and dx are multiplied inside the brackets": df(x0 * dx),
            "the point x0 is multiplied by the step, not the slope there": x0 * dx,
            "the slope is multiplied by x0, not by the step": df(x0) * x0,
            "dx is the step already; this multiplies by x0 + dx": df(x0) * (x0 + dx),
            "dx is the step already; this multiplies by dx - x0": df(x0) * (dx - x0),
            "this is the change of the slope, df(x0 + dx) - df(x0)": df(x0 + dx) - df(x0),
            "this is the change itself; the prediction is linear in dx": f(x0 + dx) - f(x0),
            "x0 is added: the change of the output is asked for": x0 + df(x0) * dx,
            "the slope is added: the change of the output is asked for": df(x0) + df(x0) * dx,
            "a step to the left has lost its sign": np.abs(df(x0) * dx),
        },
    )
    check_close(
        sensitivity(np.cos, 2.5, -0.25),
        -0.25 * np.cos(2.5),
        what="sensitivity(np.cos, 2.5, -0.25), where the slope is negative",
    )
