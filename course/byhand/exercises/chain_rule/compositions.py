"""Exercises 3.1 and 3.2: a composition of two functions, and of many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from byhand.checks import CheckFailed, check_close, check_unchanged, scenario
from byhand.differences.calls import Function
from byhand.exercises.samples import kept, points

EXACT = 1e-12  # a rule's relative error; measured slopes are not as exact

# -- 3.1 -------------------------------------------------------------------------------------


@kept
def _square_exp_slips(x: Any) -> dict[str, object]:
    """Return what common slips give in place of the slope of exp(x ** 2)."""
    outer = np.exp(x**2)
    with np.errstate(all="ignore"):
        return {
            "the slope of the inner function is missing: this is exp(x ** 2) itself": outer,
            "this is the inner slope alone": 2 * x,
            "the outer slope is taken at x; it belongs at x ** 2": 2 * x * np.exp(x),
            "the outer slope is taken at 2x, the inner slope; it belongs at x ** 2, the inner "
            "value": 2 * x * np.exp(2 * x),
            "the two slopes are added; along a chain they multiply": outer + 2 * x,
            "the power rule does not apply to exp, whose exponent is not constant": (
                x**2 * np.exp(x**2 - 1)
            ),
            "the power rule does not apply to exp, though the inner slope is there": (
                x**2 * np.exp(x**2 - 1) * 2 * x
            ),
            "this is the slope of (exp x) ** 2; the square belongs to x": 2 * np.exp(2 * x),
            "this raises 2x to a power, where the two slopes multiply": 2 * x**outer,
            "the inner slope 2x is raised to a power; the two slopes multiply": (2 * x) ** outer,
            "the inner function x ** 2 is the factor, where its slope belongs": x**2 * outer,
            "the inner slope is a half of what it should be": x * outer,
            "the inner slope lacks its x": 2 * outer,
            "the size of x is taken: the slope of x ** 2 is negative for negative x": (
                2 * np.abs(x) * outer
            ),
            "the exponent has the wrong sign": 2 * x * np.exp(-(x**2)),
            "this is the second derivative": (2 + 4 * x**2) * outer,
            "this is the slope of x * exp(x ** 2), by the product rule": (1 + 2 * x**2) * outer,
            "the inner function and its slope are mixed: the factor is 2x, not 2x ** 2": (
                2 * x**2 * outer
            ),
            "the inner slope is squared": 4 * x**2 * outer,
            "the outer slope is divided by the inner one; the two multiply": outer / (2 * x),
            "the outer slope is taken at x ** 4; it belongs at x ** 2": 2 * x * np.exp(x**4),
            "the outer slope is taken at 2x, the inner slope, and is not multiplied by it": (
                np.exp(2 * x)
            ),
            "this is exp(x), whose exponent is not x ** 2": np.exp(x),
        }


def f_derivative_values(f_derivative: Function, draw: int = 0) -> None:
    """Check numbers of both signs and 0; x is left as it was."""
    x = points(draw, (3, 4), -1.8, 1.8)
    x[1, 2] = 0.0
    check_close(
        check_unchanged(f_derivative, x, what="f_derivative"),
        2 * x * np.exp(x**2),
        what="f_derivative(x)",
        rtol=EXACT,
        x=x,
        mistakes=_square_exp_slips(x),
    )


def _cut_off(x: float) -> dict[str, object]:
    """Return what an array of integers keeps of the slope at an integer."""
    if not isinstance(x, int):
        return {}
    right = 2 * x * np.exp(float(x) ** 2)
    return {
        "the fraction is cut off: an array made like an integer x holds integers": np.trunc(right),
    }


def f_derivative_shapes(f_derivative: Function, draw: int = 0) -> None:
    """Check single numbers, integers among them, and arrays of integers, which give float64."""
    for x in (-1.25 - draw % 5 / 8, 2, -3):
        number = float(x)
        check_close(
            f_derivative(x),
            2 * number * np.exp(number**2),
            what=f"f_derivative({x})",
            rtol=EXACT,
            mistakes=_square_exp_slips(np.float64(number)) | _cut_off(x),
        )
    whole = np.array([3, -2, 0, -1 - draw % 4, 4])
    floats = whole.astype(float)
    check_close(
        check_unchanged(f_derivative, whole, what="f_derivative"),
        2 * floats * np.exp(floats**2),
        what="f_derivative(x) of integers",
        rtol=EXACT,
        dtype=np.float64,
        x=floats,
        mistakes=_square_exp_slips(floats),
    )


# -- 3.2 -------------------------------------------------------------------------------------

Composition = tuple[str, Function, Function, Function]
Chain = Sequence[tuple[Callable[[Any], Any], Callable[[Any], Any]]]

LINKS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "sin": (np.sin, np.cos),
    "half": (lambda t: t / 2, lambda t: 0.5 + 0 * t),
    "plus": (lambda t: 1 + t**2, lambda t: 2 * t),
    "log": (np.log, lambda t: 1 / t),
    "cube": (lambda t: t**3, lambda t: 3 * t**2),
    "exp": (np.exp, np.exp),
}


@scenario
def _slopes_of_two(chain: Function, x: Any, other: Any) -> Any:
    sine = chain(np.cos, lambda t: 1 + t**2, lambda t: 2 * t)
    cube = chain(lambda t: 3 * t**2, np.sin, np.cos)
    return [sine(x), cube(x), sine(other), cube(other), sine(x / 2)]


def _slips_of_two(df: Function, g: Function, dg: Function, x: Any) -> dict[str, object]:
    return {
        "the outer slope is taken at x; it belongs at g(x), which f is given": df(x) * dg(x),
        "the outer slope is taken at dg(x); it belongs at g(x)": df(dg(x)) * dg(x),
        "the inner slope is missing": df(g(x)),
        "the inner slope is taken at g(x); it belongs at x": df(g(x)) * dg(g(x)),
        "the outer slope is missing": dg(x),
        "the two slopes are added; along a chain they multiply": df(g(x)) + dg(x),
        "the inner slope is put into the outer one; the two slopes multiply": df(dg(x)),
        "the outer slope is put into the inner one; the two slopes multiply": dg(df(x)),
        "the inner function is the factor, where its slope belongs": df(g(x)) * g(x),
        "the outer slope is divided by the inner one": df(g(x)) / dg(x),
        "the outer slope is taken at x, and g(x) is the factor, not its slope": df(x) * g(x),
        "the outer slope is taken at dg(x), and g(x) is the factor: the two are swapped": (
            df(dg(x)) * g(x)
        ),
        "the inner slope is taken at df(x), and df(x) is the factor: inner and outer are swapped": (
            dg(df(x)) * df(x)
        ),
        "this is the product rule: f is applied to g(x), not multiplied by it": (
            df(x) * g(x) + g(x) * dg(x)
        ),
        "g(x) is in the place of the outer slope": g(x) * dg(x),
        "the inner slope is squared": df(g(x)) * dg(x) ** 2,
        "x is the factor, where the slope of g belongs": df(g(x)) * x,
        "the outer slope is taken at x, and the inner slope is missing": df(x),
    }


def chain_values(chain: Function, draw: int = 0) -> None:
    """Check two compositions, used in turn, at arrays and at single numbers."""
    x, number = points(draw, (3, 4), 0.4, 1.5), -0.75 - draw % 5 / 8
    x[1] *= -1
    found = _slopes_of_two(chain, x, number)
    sine: Composition = "the derivative of sin(1 + x ** 2)", np.cos, *LINKS["plus"]
    cube: Composition = "the derivative of sin(x) ** 3", LINKS["cube"][1], *LINKS["sin"]
    for slope, (name, df, g, dg), at in zip(
        found, (sine, cube, sine, cube, sine), (x, x, number, number, x / 2), strict=True
    ):
        check_close(
            slope,
            df(g(at)) * dg(at),
            what=f"chain(...): {name}"
            + ("" if at is x else f" at {at}" if at is number else " at other x"),
            rtol=EXACT,
            x=at,
            mistakes={
                **_slips_of_two(df, g, dg, at),
                "the first result is given again, whatever x is": df(g(x)) * dg(x),
            }
            if at is not x
            else _slips_of_two(df, g, dg, at),
        )


@scenario
def _slope_of_many(chain_many: Function, names: list[str], x: Any) -> Any:
    links = {
        "sin": (np.sin, np.cos),
        "half": (lambda t: t / 2, lambda t: 0.5 + 0 * t),
        "plus": (lambda t: 1 + t**2, lambda t: 2 * t),
        "log": (np.log, lambda t: 1 / t),
        "cube": (lambda t: t**3, lambda t: 3 * t**2),
    }
    return chain_many([links[name][0] for name in names], [links[name][1] for name in names])(x)


def _slope(chain: Chain, x: Any) -> Any:
    """Return the slope of a chain at x."""
    slope = 1.0
    for f, df in chain:
        slope, x = df(x) * slope, f(x)
    return slope


def _late(chain: Chain, x: Any) -> Any:
    """Return the product where each slope is taken at the value after its link."""
    slope = 1.0
    for f, df in chain:
        x = f(x)
        slope = df(x) * slope
    return slope


def _slips_of_many(names: list[str], x: Any) -> dict[str, object]:
    chain = [LINKS[name] for name in names]
    values = [x]
    for f, _ in chain:
        values.append(f(values[-1]))
    slopes = [df(value) for (_, df), value in zip(chain, values, strict=False)]
    lists = [f for f, _ in chain], [df for _, df in chain]
    with np.errstate(all="ignore"):
        return {
            "each slope is one link late: take df(value) before value moves on": _late(chain, x),
            "every slope is taken at x; each belongs at the value that has reached its link": (
                np.prod([df(x) for _, df in chain], axis=0)
            ),
            "the chain is applied in the reverse order: functions[0] comes first": (
                _slope(chain[::-1], x)
            ),
            "the slopes are added; along a chain they multiply": np.sum(slopes, axis=0),
            "this is the value of the chain, not its slope": values[-1],
            "only the last link is counted": slopes[-1],
            "only the first link is counted; is `return` inside the loop?": slopes[0],
            "the last link is missing": np.prod(slopes[:-1], axis=0),
            "the first link is missing": np.prod(slopes[1:], axis=0),
            "the slope starts at x, not at 1": x * _slope(chain, x),
            "the slope starts at 0, and stays there": 0.0 * _slope(chain, x),
            "the slopes are all taken at the last value; each belongs at the value that has "
            "reached its link": np.prod([df(values[-1]) for df in lists[1]], axis=0),
            "the derivatives are in the reverse order, the functions are not": _slope(
                list(zip(lists[0], lists[1][::-1], strict=True)), x
            ),
            "the functions are in the reverse order, the derivatives are not": _slope(
                list(zip(lists[0][::-1], lists[1], strict=True)), x
            ),
            "the first slope is counted twice": slopes[0] * np.prod(slopes, axis=0),
            "the last slope is counted twice": slopes[-1] * np.prod(slopes, axis=0),
            "the last slope is used for every link: does an inner function look up the loop's "
            "index when it is called?": slopes[-1] ** len(slopes),
            **_slips_of_the_values(chain, x),
        }


def _slips_of_the_values(chain: Chain, x: Any) -> dict[str, object]:
    """Return products whose slopes are taken where no value has come along the whole chain."""
    near, fed, mixed, skipped, doubled = 1.0, 1.0, x, 1.0, 1.0
    value, late, again = x, x, x
    (last, last_slope), powers = chain[-1], [x]
    for k, (f, df) in enumerate(chain):
        near = near * df(chain[k - 1][0](x) if k else x)
        fed = df(fed) * fed
        mixed = f(mixed) * df(mixed)
        doubled, again = doubled * df(again), f(f(again))
        if k:
            skipped, late = skipped * df(late), f(late)
        value = f(value)
    for _ in chain[1:]:
        powers.append(last(powers[-1]))
    bound_late = np.prod([last_slope(value) for value in powers], axis=0)
    return {
        "each slope is taken one function after x; all functions before its link come first": near,
        "each slope is taken at the slope so far; it belongs at the value": fed,
        "value and slope are one number here; keep the two apart": mixed,
        "the first link is left out, of the values too": skipped,
        "each function is applied twice to the value": doubled,
        "every inner function uses the last link: a lambda looks f and df up when it is called, so "
        "bind them as defaults": bound_late,
    }


def chain_many_values(chain_many: Function, draw: int = 0) -> None:
    """Check two chains of four and three links, at an array of both signs and at a number."""
    x = points(draw, (3, 4), 0.4, 1.3)
    x[1] *= -1
    for names, text in (
        (["sin", "plus", "log", "cube"], "log(1 + sin(x) ** 2) ** 3"),
        (["plus", "half", "sin"], "sin((1 + x ** 2) / 2)"),
    ):
        for at in (x, float(x[0, 1])):
            check_close(
                _slope_of_many(chain_many, names, at),
                _slope([LINKS[name] for name in names], at),
                what=f"chain_many(...): the derivative of {text}"
                + ("" if at is x else f" at {at}"),
                rtol=EXACT,
                x=at,
                mistakes=_slips_of_many(names, at),
            )


def chain_many_lengths(chain_many: Function, draw: int = 0) -> None:
    """Check a chain with no link at all, with one link, and with 25 links."""
    x = 0.75 + draw % 5 / 8
    for number in (x, -2.0):
        check_close(
            _slope_of_many(chain_many, [], number),
            1.0,
            what=f"chain_many([], []) at {number}",
            mistakes={
                "with no link the value is x, but this asks for its slope": number,
                "with no link nothing happens to x, so its slope is 1, not 0": 0.0,
            },
        )
    for names, text in ((["sin"], "one sine"), (["sin"] * 25, "25 sines in a row")):
        check_close(
            _slope_of_many(chain_many, names, x),
            _slope([LINKS[name] for name in names], x),
            what=f"chain_many(...): the slope of {text} at {x}",
            rtol=EXACT,
            mistakes=_slips_of_many(names, x) if len(names) > 1 else {},
        )


@scenario
def _two_chains_in_turn(chain_many: Function, x: float, other: float) -> Any:
    functions = [np.exp, lambda t: 1 + t**2, np.sin]
    derivatives = [np.exp, lambda t: 2 * t, np.cos]
    before = [*functions, *derivatives]
    first = chain_many(functions, derivatives)
    second = chain_many([np.sin, np.exp], [np.cos, np.exp])
    slopes = [first(x), second(x), first(other), second(other), first(x)]
    kept = len(functions) == len(derivatives) == 3
    after = [*functions, *derivatives]
    return [slopes, kept and all(old is new for old, new in zip(before, after, strict=True))]


def chain_many_again(chain_many: Function, draw: int = 0) -> None:
    """Check two chains used in turn, each called again; the lists are as they were."""
    x, other = 0.35 + draw % 5 / 8, -0.6
    slopes, kept = _two_chains_in_turn(chain_many, x, other)
    first, second = [LINKS["exp"], LINKS["plus"], LINKS["sin"]], [LINKS["sin"], LINKS["exp"]]
    calls = [(first, x), (second, x), (first, other), (second, other), (first, x)]
    right = [_slope(chain, at) for chain, at in calls]
    check_close(
        slopes[0],
        right[0],
        what=f"the slope of sin(1 + exp(x) ** 2) at {x}, the first call",
        rtol=EXACT,
        mistakes=_slips_of_many(["exp", "plus", "sin"], x),
    )
    if not kept:
        raise CheckFailed(
            "after five calls the lists of functions and derivatives are no longer as they were",
            likely="pop, reverse, clear and insert change the caller's lists: iterate over them "
            "instead",
        )
    check_close(
        slopes,
        right,
        what="five calls of two chains in turn",
        rtol=EXACT,
        mistakes={
            "later calls find nothing to multiply: a list, or an iterator such as zip, is used up "
            "by the first": [right[0], right[1], 1.0, 1.0, 1.0],
            "a call begins with the slope that the last one ended with: start at 1 in the inner "
            "function": [
                right[0], right[1], right[2] * right[0], right[3] * right[1],
                right[4] * right[2] * right[0],
            ],
            "every call returns what the first one of its chain did": [
                right[0], right[1], right[0], right[1], right[0],
            ],
        },
    )  # fmt: skip
