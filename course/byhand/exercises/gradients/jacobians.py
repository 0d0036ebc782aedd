"""Exercise 2.5: Jacobians, measured and derived."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import check_close, check_unchanged, may_measure, scenario, supplied
from byhand.differences.calls import Function
from byhand.exercises.batches import here
from byhand.exercises.gradients.earlier import (
    DEFAULT,
    GRADIENT,
    SHORT,
    UNSIGNED,
    measured_by,
    slips_of_defaults,
    slips_of_differences,
    slips_of_integers,
    slopes_at_kinks,
)
from byhand.exercises.gradients.earlier import numerical_jacobian as _measured
from byhand.exercises.samples import Floats, points

KEPT = (
    "f may return the very array that it was given, and that array is changed afterwards: give f "
    "a new array each time"
)


@scenario
def _functions() -> Any:
    """Return what the student's functions measure: they call it very often."""

    def five(z: Floats) -> Floats:
        a, b, c = z
        return np.array([a**3 * b, b**3 - 2 * c, c**3 * a, a * b * c, 4 * a + c**3], dtype=float)

    def two(z: Floats) -> Floats:
        a, b, c, d = z
        return np.array([a**2 * b / 4 + d / 2, c**3 / 8 - a * d / 4], dtype=float)

    return {"five": five, "two": two, "first": lambda z: five(z)[:1]}


_five, _two, _ = here(_functions).values()


def _five_slopes(z: Floats) -> Floats:
    a, b, c = z
    rows = [
        [3 * a**2 * b, a**3, 0],
        [0, 3 * b**2, -2],
        [c**3, 0, 3 * c**2 * a],
        [b * c, a * c, a * b],
        [4, 0, 3 * c**2],
    ]
    return np.array(rows, dtype=float)


def _two_slopes(z: Floats) -> Floats:
    a, b, c, d = z
    return np.array([[a * b / 2, a**2 / 4, 0, 1 / 2], [-d / 4, 0, 3 * c**2 / 8, -a / 4]])


def _shapeless(J: Floats) -> dict[str, Any]:
    """Return Jacobians whose columns are lost, or joined in another way than side by side."""
    return {
        "the columns are joined end to end: each input has a column of its own": J.T.ravel(),
        "the entries are in one row: the Jacobian has two axes": J.ravel(),
        "this is the first column alone: is return inside the loop?": J[:, 0],
        "this is the last column alone: store every column": J[:, -1],
        "the last column is missing: each input has one": J[:, :-1],
        "the first column is missing: each input has one": J[:, 1:],
    }


@scenario
def _of_a_view(numerical_jacobian: Function, x: Floats) -> Any:
    return numerical_jacobian(lambda z: z[1:], x)


def numerical_jacobian_values(numerical_jacobian: Function, draw: int = 0) -> None:
    """Check five outputs of three inputs, one output, a large step h, and h left out."""
    f = _functions()
    x = points(draw, (3,), 0.3, 0.95) * [1, -1, 1]
    wide = _five_slopes(x)
    with may_measure(), supplied(**measured_by(*GRADIENT)):
        for h, called in ((0.4, ", 0.4"), (1e-6, "")):
            slips = slips_of_differences(_five, x, h)
            summed = wide.sum(axis=0)
            right = _measured(_five, x, h) if called else wide
            check_close(
                numerical_jacobian(f["five"], x.copy(), *([h] if called else [])),
                right,
                what=f"numerical_jacobian(f, x{called}) of three inputs and five outputs",
                rtol=1e-8 if called else 1e-7,
                atol=1e-10,
                relative_to="largest",
                mistakes=slips
                | _shapeless(right)
                | {"the outputs are added up: each output has a row of its own": summed}
                | (
                    {"h is not used: these are the slopes for a tiny step": wide}
                    if called
                    else slips_of_defaults(_five, x, h)
                ),
            )
        check_close(
            numerical_jacobian(f["five"], x.copy(), -0.5),
            right := _measured(_five, x, 0.5),
            what="numerical_jacobian(f, x, -0.5)",
            rtol=1e-8,
            atol=1e-10,
            relative_to="largest",
            mistakes={UNSIGNED: -right},
        )
        near, right = slopes_at_kinks(draw, 1e-6)
        check_close(
            numerical_jacobian(np.abs, near.copy()),
            np.diag(right),
            what="numerical_jacobian(f, x), without h, closer than h to the kinks of |x|",
            rtol=1e-6,
            hint=DEFAULT.format("1e-6"),
            mistakes=slips_of_defaults(np.abs, near, 1e-6),
        )
        check_close(
            numerical_jacobian(f["first"], x.copy()),
            wide[:1],
            what="numerical_jacobian of three inputs and one output, in an array of shape (1,)",
            rtol=1e-7,
            atol=1e-9,
            mistakes={"f returns an array, so the Jacobian has two axes: (1, 3)": wide[0]},
        )
        axis = np.arange(4)
        check_close(
            _of_a_view(numerical_jacobian, points(draw, (4,))),
            1.0 * (axis[1:, None] == axis),
            what="numerical_jacobian of f(x) = x[1:], which returns a view of its argument",
            rtol=1e-7,
            atol=1e-9,
            mistakes={KEPT: 0.0 * (axis[1:, None] == axis)},
        )


def numerical_jacobian_input(numerical_jacobian: Function, draw: int = 0) -> None:
    """Check integers and float32, which give float64; x is left exactly as it was."""
    f = _functions()
    whole = np.array([3 + 2 * (draw % 4), -7, 5 + 2 * (draw % 3), -1 - 2 * (draw % 5)])
    with may_measure(), supplied(**measured_by(*GRADIENT)):
        check_close(
            check_unchanged(numerical_jacobian, f["two"], whole, what="numerical_jacobian"),
            _two_slopes(whole),
            what=f"numerical_jacobian at the integers {whole.tolist()}",
            rtol=1e-6,
            atol=1e-8,
            relative_to="largest",
            dtype=np.float64,
            mistakes=slips_of_integers(_two, whole, 1e-6),
        )
        check_close(
            numerical_jacobian(f["two"], whole.astype(np.float32)),
            _two_slopes(whole),
            what=f"numerical_jacobian at {whole.tolist()} in float32",
            rtol=1e-6,
            atol=1e-8,
            relative_to="largest",
            dtype=np.float64,
            hint=SHORT,
        )
        barely = np.array([0.1, 1e-9, -1.3, 2.7e-7]) * (1 + draw % 7 / 10)
        check_unchanged(numerical_jacobian, f["two"], barely, what="numerical_jacobian")


def linear_jacobian_values(linear_jacobian: Function, draw: int = 0) -> None:
    """Check a W of shape (3, 5), one of shape (5, 4), and a square one; W is left as it was."""
    n = 4
    for shape in ((3, 5), (5, 4), (n, n)):
        W = points(draw, shape)
        check_close(
            check_unchanged(linear_jacobian, W, what="linear_jacobian"),
            W,
            what=f"linear_jacobian(W) for a W of shape {shape}",
            mistakes={
                "the entries are all 1: output i changes with input j by W_ij": W * 0 + 1,
                "only the diagonal of W is left: every output contains every input": W
                * (np.arange(shape[0])[:, None] == np.arange(shape[1])),
                "this is the diagonal of W alone": np.diag(W),
                "this is a diagonal matrix: every output contains every input": np.diag(np.diag(W)),
                "the columns are added up: an output changes with each input by itself": W.sum(
                    axis=1
                ),
                "this is the identity: it is the Jacobian of x itself": 1.0
                * (np.arange(shape[0])[:, None] == np.arange(shape[0])),
                "this is W times its transpose": W @ W.T,
                "this is the transpose of W times W": W.T @ W,
                "the rows are added up: each output has a row of its own": W.sum(axis=0),
            },
        )


def _slope(x: Floats) -> Floats:
    return 3.0 * np.square(x) - 2 * x + 0.5


def elementwise_jacobian_values(elementwise_jacobian: Function, draw: int = 0) -> None:
    """Check the Jacobian at five floats and at integers; x is left as it was."""
    for x in (points(draw, (5,)), np.array([2, -1, 3 + draw % 4])):
        slopes = _slope(x)
        own = np.arange(len(x))[:, None] == np.arange(len(x))
        check_close(
            check_unchanged(elementwise_jacobian, _slope, x, what="elementwise_jacobian"),
            own * slopes,
            what=f"elementwise_jacobian(derivative, x) at {x.tolist()}",
            mistakes={
                "these are the slopes alone: say where each belongs in a matrix": slopes,
                "x itself is on the diagonal: its slopes belong there": own * x,
                "the slopes are multiplied by x": own * slopes * x,
                "the derivative is taken twice": own * _slope(slopes),
                "every row holds all slopes: output i depends on input i alone": 0 * own + slopes,
                "every column holds all slopes: output i depends on input i alone": (
                    0 * own + slopes[:, None]
                ),
                "this is the outer product of the slopes with themselves": np.outer(slopes, slopes),
                "off the diagonal is the derivative of 0: it should be 0": _slope(own * x),
                "the entries of the identity are differentiated": _slope(1.0 * own),
                "every slope is multiplied by every x: output i depends on input i alone": np.outer(
                    slopes, x
                ),
                "every x is multiplied by every slope: output i depends on input i alone": np.outer(
                    x, slopes
                ),
                "the diagonal is all 1: the slope of each entry belongs there": 1.0 * own,
                "the slopes are on the other diagonal: output i depends on input i": (own * slopes)[
                    :, ::-1
                ],
                "the slopes are in the reverse order": own * slopes[::-1],
                "the first slope is used for all: each entry has its own": own * slopes[0],
                "the derivative is taken at the indices: take it at x": own
                * _slope(np.arange(float(len(x)))),
                "this is a column: say where each slope belongs in a matrix": slopes[:, None],
                "only the first entry is filled in: is return inside the loop?": own
                * slopes
                * (np.arange(len(x)) == 0),
            },
        )
