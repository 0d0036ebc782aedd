"""Exercise 2.14, bug hunt 3: whether a polynomial is convex."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import CheckFailed, check_counterexample, check_parts
from byhand.checks.failures import brief
from byhand.differences.calls import Function
from byhand.exercises.gradients.hunts import Case, Slips, check_answers
from byhand.exercises.samples import points


def _given_convex(a: float, b: float, c: float) -> bool:
    return bool(2 * c >= 0)


def _at_the_lowest_point(a: float, b: float, c: float) -> bool:
    """Return whether the second derivative is nowhere negative, found from its own derivative."""
    bend = np.polynomial.Polynomial([0, 0, float(c), float(b), float(a)]).deriv(2)
    return bool((bend(bend.deriv().roots()) >= 0).all())


def is_convex_proof(counterexample_3: Function, draw: int = 0) -> None:
    """Check that the given function is wrong for three numbers, a > 0."""
    what = "counterexample_3()"
    returned = counterexample_3()
    hint = None
    if isinstance(returned, tuple):
        parts = check_parts(returned, ("a", "b", "c"), what=what)
        if not all(np.ndim(p) == 0 and np.asarray(p).dtype.kind in "iuf" for p in parts):
            raise CheckFailed(f"{what}: a, b and c must be numbers", actual=brief(returned))
        a, _, c = parts
        if not a > 0:
            raise CheckFailed(
                f"{what}: a must be positive",
                actual=brief(returned),
                likely="with a < 0 the polynomial falls on both sides, which the task excludes",
            )
        hint = (
            "at x = 0 this polynomial bends down already, and the given function says so"
            if c < 0
            else "p'' is not negative at 0: which of a, b and c moves its lowest point elsewhere?"
        )
    check_counterexample(
        returned,
        _given_convex,
        _at_the_lowest_point,
        what=what,
        hint=hint,
        likely=_harmless_convex(returned),
    )


def _harmless_convex(returned: object) -> str | None:
    """Return why the given function is right for three numbers, where it is."""
    if not isinstance(returned, tuple):
        return None
    a, b, c = returned
    if c < 0:
        return "p'' is negative at 0 already: the given function says False, and that is right"
    if b == 0:
        return "with b = 0 the lowest point of p'' is 0 itself, where the given function looks"
    return "p'' is nowhere negative here, though its lowest point is not 0: True is right"


def is_convex_values(is_convex: Function, draw: int = 0) -> None:
    """Check polynomials far from the border and near it, b of both signs, integers."""
    a, b = (float(v) for v in points(draw, (2,), 0.6, 3.0))
    border = 3 * b**2 / (8 * a)
    far_off = [(1, 1.2), (1, 0.8), (1000, 1.001), (1000, 0.999), (0.01, 1.5), (3, 0.3)]
    far_off += [(1, 0.7), (1, 0.65), (1, 0.32), (1, -1), (1, -5)]  # tell wrong points apart
    far_off += [(3000, 0.8), (1000, 0.4)]
    cases: list[Case] = [
        (a, sign * b * far, border * far**2 * part) for sign in (1, -1) for far, part in far_off
    ]
    cases += [(a, 0.0, b), (a, 0.0, -b), (a, 0.0, 0.0), (8, 16, 12), (3, 4, 1)]
    cases += [(a, 4 * a, 4.8 * a), (a, 8 * a, 22.8 * a)]  # lowest at -1 and at -2
    check_answers(
        is_convex,
        "is_convex",
        cases,
        _at_the_lowest_point,
        [
            *{
                "this amounts to 2 c >= 0, the test of the given function, as p'' does at "
                "-b / (2 a)": _given_convex,
                "b has to be 0 here: a small b does no harm": lambda a, b, c: b == 0 and c >= 0,
                "the lowest point is taken on the wrong side: mind its sign": (
                    lambda a, b, c: _bend(b / (4 * a), a, b, c) >= 0
                ),
                "the border is lost: where p'' only touches 0, p is convex": (
                    lambda a, b, c: 3 * b**2 < 8 * a * c
                ),
                "b**2 <= 4 a c belongs to a x**2 + b x + c, not to p''": (
                    lambda a, b, c: b**2 <= 4 * a * c
                ),
                "the factors of p'' are 12, 6 and 2": lambda a, b, c: b**2 <= 8 * a * c,
                "a negative b is not looked at": lambda a, b, c: (
                    c >= 0 if b < 0 else _at_the_lowest_point(a, b, c)
                ),
                "a positive b is not looked at": lambda a, b, c: (
                    c >= 0 if b > 0 else _at_the_lowest_point(a, b, c)
                ),
                "p itself is taken at the lowest point of p'': p'' belongs there": (
                    lambda a, b, c: _value(-b / (4 * a), a, b, c, 0) >= 0
                ),
                "p' is taken at the lowest point of p'': p'' belongs there": (
                    lambda a, b, c: _value(-b / (4 * a), a, b, c, 1) >= 0
                ),
                "a, b and c are compared with 0: a negative or a large b matters in another way": (
                    lambda a, b, c: b >= 0 and c >= 0
                ),
                "c is compared with the size of b: where is p'' lowest, and how low?": (
                    lambda a, b, c: c >= abs(b)
                ),
                "the comparison points the other way": lambda a, b, c: 3 * b**2 >= 8 * a * c,
                "True and False are swapped": lambda a, b, c: not _at_the_lowest_point(a, b, c),
            }.items(),
            *_looked_at(),
            *_taken_at(),
        ],
        _multiples(),
    )


def _multiples() -> Slips:
    """Return what comes of a wrong multiple of a c, to which b**2 is compared."""
    said = "b**2 is compared with the wrong multiple of a c: p'' is 12 a x**2 + 6 b x + 2 c"
    return [
        (said, lambda a, b, c, k=k: b**2 <= k * a * c)
        for k in (1 / 3, 2 / 3, 8 / 9, 1, 4 / 3, 2, 3, 16 / 3, 6, 16, 24, 32, 96)
    ]


def _looked_at() -> Slips:
    """Return what samples of p'' say, near 0 and as far as 1000."""
    samples = [np.array([-1.0, 0, 1]), np.array([-2.0, 0, 2])]
    samples += [np.linspace(-end, end, 40 * end + 1) for end in (1, 2, 5, 10, 20, 50, 100, 1000)]
    said = "p'' is looked at at some points only: between or beyond them it may be negative"
    return [(said, lambda a, b, c, x=x: bool((_bend(x, a, b, c) >= 0).all())) for x in samples]


def _taken_at() -> Slips:
    """Return what p'' says at -b / (k a), which is its lowest point for k = 4."""
    said = "p'' is not taken at its lowest point: set its own slope to 0"
    return [
        (said, lambda a, b, c, k=k: bool(_bend(-b / (k * a), a, b, c) >= 0))
        for k in (1, 3, 6, 8, 12, 24)
    ]


def _value(x: Any, a: float, b: float, c: float, order: int) -> Any:
    """Return a x**4 + b x**3 + c x**2, or a derivative of it."""
    return np.polynomial.Polynomial([0, 0, c, b, a]).deriv(order)(x)


def _bend(x: Any, a: float, b: float, c: float) -> Any:
    return 12 * a * x**2 + 6 * b * x + 2 * c
