"""Exercises 2.1 and 2.2: slopes along the axes, and the gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import check_close, check_shape, check_unchanged, may_measure, scenario, supplied
from byhand.differences.calls import Function
from byhand.exercises.batches import here, results_of
from byhand.exercises.gradients.earlier import (
    DEFAULT,
    SHORT,
    UNSIGNED,
    measured_by,
    slips_of_defaults,
    slips_of_differences,
    slips_of_integers,
    slopes_at_kinks,
)
from byhand.exercises.gradients.earlier import (
    numerical_gradient as _gradient,
)
from byhand.exercises.gradients.earlier import (
    partial_derivative as _partial,
)
from byhand.exercises.samples import Floats, kept, points

IGNORED = "h is not used: this is the slope for a tiny step"


@scenario
def _functions() -> Any:
    """Return what the student's functions measure: they call it very often."""

    def sizes(z: Floats) -> Any:
        return np.abs(z).sum()

    def four(z: Floats) -> Any:
        return z[0] ** 3 * z[1] - 2 * z[1] ** 3 + z[2] ** 3 * z[3] + z[3] ** 3 * z[0]

    def quarter(z: Floats) -> Any:
        return z[0] ** 2 * z[1] / 4 + z[2] ** 3 / 8 - z[3] ** 2 / 4 + z[0] * z[3]

    def wavy(z: Floats) -> Any:
        return (
            z[0] ** 3 * z[1] + 4 * z[1] ** 3 - z[2] ** 3 * z[4] + 2 * z[3] ** 3 + z[4] ** 3 * z[0]
        )

    return {"sizes": sizes, "four": four, "quarter": quarter, "wavy": wavy}


_sizes, _four, _quarter, _wavy = here(_functions).values()


def _four_slopes(z: Floats) -> Floats:
    a, b, c, d = z
    return np.array(
        [3 * a**2 * b + d**3, a**3 - 6 * b**2, 3 * c**2 * d, c**3 + 3 * d**2 * a], dtype=float
    )


def _quarter_slopes(z: Floats) -> Floats:
    a, b, c, d = z
    return np.array([a * b / 2 + d, a**2 / 4, 3 * c**2 / 8, a - d / 2], dtype=float)


def _whole(draw: int) -> Any:
    return np.array([3 + 2 * (draw % 4), -7, 5 + 2 * (draw % 3), -1 - 2 * (draw % 5)])


def _barely(draw: int) -> Floats:
    """Return numbers that change if a step is added and subtracted again."""
    return np.array([0.1, 1e-9, -1.3, 2.7e-7]) * (1 + draw % 7 / 10)


def partial_derivative_values(partial_derivative: Function, draw: int = 0) -> None:
    """Check the slopes along four axes, with a large step h, with -h, and with h left out."""
    f = _functions()
    x = points(draw, (4,), 1.2, 3.0) * [1, -1, 1, -1]
    h = 0.4
    right = np.array([_partial(_four, x, i, h) for i in range(4)])
    with may_measure():
        check_close(
            list(results_of(partial_derivative, [(f["four"], x.copy(), i, h) for i in range(4)])),
            right,
            what=f"partial_derivative(f, x, i, {h}) of four variables, for i = 0, 1, 2, 3",
            rtol=1e-8,
            mistakes=slips_of_differences(_four, x, h) | {IGNORED: _four_slopes(x)},
        )
        check_close(
            list(results_of(partial_derivative, [(f["four"], x.copy(), i, -h) for i in range(4)])),
            right,
            what=f"partial_derivative(f, x, i, {-h}), for i = 0, 1, 2, 3",
            rtol=1e-8,
            mistakes={UNSIGNED: -right},
        )
        check_close(
            list(results_of(partial_derivative, [(f["four"], x.copy(), i) for i in range(4)])),
            _four_slopes(x),
            what="partial_derivative(f, x, i), without h, for i = 0, 1, 2, 3",
            rtol=1e-7,
            relative_to="largest",
            mistakes=slips_of_differences(_four, x, 1e-6) | slips_of_defaults(_four, x, 1e-6),
        )
        near, right = slopes_at_kinks(draw, 1e-6)
        check_close(
            list(results_of(partial_derivative, [(f["sizes"], near.copy(), i) for i in range(4)])),
            right,
            what="partial_derivative(f, x, i), without h, closer than h to the kinks of |x|",
            rtol=1e-6,
            hint=DEFAULT.format("1e-6"),
            mistakes=slips_of_defaults(_sizes, near, 1e-6),
        )


def partial_derivative_input(partial_derivative: Function, draw: int = 0) -> None:
    """Check integers, and that x is left exactly as it was."""
    f = _functions()
    whole = _whole(draw)
    with may_measure():
        found = [
            check_unchanged(partial_derivative, f["quarter"], whole, i, what="partial_derivative")
            for i in range(4)
        ]
        check_close(
            found,
            _quarter_slopes(whole),
            what=f"partial_derivative(f, x, i) at the integers x = {whole.tolist()}",
            rtol=1e-6,
            relative_to="largest",
            mistakes=slips_of_integers(_quarter, whole, 1e-6),
        )
        for i in range(4):
            check_unchanged(
                partial_derivative, f["quarter"], _barely(draw), i, what="partial_derivative"
            )


@kept
def _slips_along_x(x: Floats, y: Floats) -> dict[str, Any]:
    return {
        "y**3 is kept: with respect to x it is a constant, whose slope is 0": 2 * x * y + y**3,
        "3 * y**2 is kept: with respect to x, y**3 is a constant": 2 * x * y + 3 * y**2,
        "x**2 is not differentiated": x**2 * y,
        "the size of y is taken: y may be negative": 2 * x * np.abs(y),
        "the factor y is added, where it multiplies": 2 * x + y,
        "each term is differentiated by a variable of its own: y is held fixed in both": 2 * x
        + 3 * y**2,
        "y is squared here: x**2 * y has the factor y once": 2 * x * y**2,
        "this is f itself, not its slope": x**2 * y + y**3,
    }


@kept
def _slips_along_y(x: Floats, y: Floats) -> dict[str, Any]:
    return {
        "x**2 is differentiated too: with respect to y it is a constant factor": 2 * x + 3 * y**2,
        "y**3 is not differentiated": x**2 + y**3,
        "the slope of y**3 is positive for a negative y too": x**2 + 3 * y * np.abs(y),
        "the factor y of x**2 * y is kept: its slope is 1": x**2 * y + 3 * y**2,
        "x**2 is differentiated and y is kept: with respect to y it is the other way round": 2
        * x
        * y
        + 3 * y**2,
        "x**2 * y gives 1 here: with respect to y its factor x**2 stays": 1 + 3 * y**2,
        "x**2 * y gives x here: with respect to y its factor x**2 stays": x + 3 * y**2,
        "the factor 3 that the exponent of y**3 brings down is missing": x**2 + y**2,
        "y**3 gives 3 * y here: its exponent goes down to 2": x**2 + 3 * y,
        "y**3 gives 2 * y here: that is the slope of y**2": x**2 + 2 * y,
        "y**3 gives 2 * y**2 here: the exponent 3 comes down": x**2 + 2 * y**2,
        "the exponent of y**3 does not go down by 1": x**2 + 3 * y**3,
        "the slopes of the two terms are multiplied: they add": x**2 * 3 * y**2,
        "the factor 3 belongs to y**2 alone": 3 * (x**2 + y**2),
        "the slope of x**2 alone, which is a constant factor here": 2 * x,
        "this is f itself, not its slope": x**2 * y + y**3,
    }


def gradient_f_values(gradient_f: Function, draw: int = 0) -> None:
    """Check both slopes of x**2 * y + y**3 at nine points, integers among them."""
    places = [(a, b) for a, b in points(draw, (8, 2), -2.5, 2.5).tolist()]  # not generic: x and y
    places += [(3 + draw % 3, -2)]
    found = [gradient_f(a, b) for a, b in places]
    for (a, b), slopes in zip(places, found, strict=True):
        right = np.array([2 * a * b, a**2 + 3 * b**2])
        check_shape(
            slopes,
            (2,),
            what=f"gradient_f({a}, {b})",
            expected_values=right,
            mistakes={
                "this is a column, with two axes: one is asked for": right[:, None],
                "this is a matrix with one row: one axis is asked for": right[None],
                "the two slopes are added up: each is an entry of its own": right.sum(),
            },
        )
    both, (x, y) = np.array(found), np.array(places).T
    along_x, along_y = 2 * x * y, x**2 + 3 * y**2
    swapped = "the two slopes are swapped: the slope with respect to x comes first"
    check_close(
        both[:, 0],
        along_x,
        what="the slope with respect to x, at nine points (x, y)",
        mistakes={swapped: along_y} | _slips_along_x(x, y),
        factors={"y, which multiplies x**2": y, "x": x},
    )
    check_close(
        both[:, 1],
        along_y,
        what="the slope with respect to y, at nine points (x, y)",
        mistakes={swapped: along_x} | _slips_along_y(x, y),
        terms={"x**2": x**2.0, "3 * y**2": 3.0 * y**2},
    )


def _wavy_slopes(z: Floats) -> Floats:
    a, b, c, d, e = z
    return np.array(
        [3 * a**2 * b + e**3, a**3 + 12 * b**2, -3 * c**2 * e, 6 * d**2, 3 * e**2 * a - c**3]
    )


def numerical_gradient_values(numerical_gradient: Function, draw: int = 0) -> None:
    """Check all slopes of a function of five numbers, with a large step, its negative, and none."""
    f = _functions()
    x = points(draw, (5,), 0.3, 0.95) * [1, -1, 1, -1, 1]
    with may_measure(), supplied(**measured_by("partial_derivative")):
        for h, called in ((0.4, ", 0.4"), (1e-6, "")):
            slips = slips_of_differences(_wavy, x, h)
            check_close(
                numerical_gradient(f["wavy"], x.copy(), *([h] if called else [])),
                _gradient(_wavy, x, h) if called else _wavy_slopes(x),
                what=f"numerical_gradient(f, x{called}) of five variables",
                rtol=1e-8 if called else 1e-7,
                relative_to="largest",
                mistakes=slips
                | ({IGNORED: _wavy_slopes(x)} if called else slips_of_defaults(_wavy, x, 1e-6)),
            )
        check_close(
            numerical_gradient(f["wavy"], x.copy(), -0.5),
            right := _gradient(_wavy, x, 0.5),
            what="numerical_gradient(f, x, -0.5)",
            rtol=1e-8,
            relative_to="largest",
            mistakes={UNSIGNED: -right},
        )
        near, right = slopes_at_kinks(draw, 1e-6)
        check_close(
            numerical_gradient(f["sizes"], near.copy()),
            right,
            what="numerical_gradient(f, x), without h, closer than h to the kinks of |x|",
            rtol=1e-6,
            hint=DEFAULT.format("1e-6"),
            mistakes=slips_of_defaults(_sizes, near, 1e-6),
        )


@scenario
def _of_squares(numerical_gradient: Function, weights: Floats, x: Floats) -> Any:
    return numerical_gradient(lambda z: (weights * z**2).sum(), x)


@scenario
def _at_transpose(numerical_gradient: Function, weights: Floats, x: Floats) -> Any:
    return numerical_gradient(lambda z: (weights.T * z**2).sum(), x.T)


def numerical_gradient_shape(numerical_gradient: Function, draw: int = 0) -> None:
    """Check a matrix, its transpose, which is not contiguous, and an array with three axes."""
    with may_measure(), supplied(**measured_by("partial_derivative")):
        for shape in ((3, 5, 4), (3, 4)):
            x = points(draw, shape, 0.4, 3.0)
            weights = np.arange(1.0, x.size + 1).reshape(shape)
            right = 2 * weights * x
            check_close(
                _of_squares(numerical_gradient, weights, x),
                right,
                what=f"numerical_gradient at an x of shape {shape}",
                rtol=1e-7,
                relative_to="largest",
                mistakes={
                    "the slopes are right, but in one row: give them the shape of x": right.ravel(),
                    "only the first entry is computed: is return inside the loop?": right
                    * (weights == 1),
                    "every entry of x moves at once: only one of them should": right * 0
                    + right.sum(),
                    "one index moves all that x[i] holds: with more axes that is no single entry": (
                        right * 0 + right.sum(axis=tuple(range(1, x.ndim)), keepdims=True)
                    ),
                },
            )
        x = points(draw + 1, (3, 4), 0.4, 3.0)
        weights = np.arange(1.0, 13.0).reshape(3, 4)
        right = 2 * weights.T * x.T
        check_close(
            _at_transpose(numerical_gradient, weights, x),
            right,
            what="numerical_gradient at x.T",
            rtol=1e-7,
            relative_to="largest",
            mistakes={
                "ravel() or reshape(-1) of x.T is a copy: what is stored there is lost": right * 0
            },
        )


def numerical_gradient_input(numerical_gradient: Function, draw: int = 0) -> None:
    """Check integers and float32, which give float64, and that x is left exactly as it was."""
    f = _functions()
    whole = _whole(draw)
    with may_measure(), supplied(**measured_by("partial_derivative")):
        check_close(
            check_unchanged(numerical_gradient, f["quarter"], whole, what="numerical_gradient"),
            _quarter_slopes(whole),
            what=f"numerical_gradient at the integers {whole.tolist()}",
            rtol=1e-6,
            relative_to="largest",
            dtype=np.float64,
            mistakes=slips_of_integers(_quarter, whole, 1e-6),
        )
        check_close(
            numerical_gradient(f["quarter"], whole.astype(np.float32)),
            _quarter_slopes(whole),
            what=f"numerical_gradient at {whole.tolist()} in float32",
            rtol=1e-6,
            relative_to="largest",
            dtype=np.float64,
            hint=SHORT,
        )
        check_unchanged(numerical_gradient, f["quarter"], _barely(draw), what="numerical_gradient")
