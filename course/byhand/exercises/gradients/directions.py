"""Exercise 2.4: slopes in every direction."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import CheckFailed, check_close, check_raises, check_unchanged
from byhand.checks.failures import brief
from byhand.checks.values import as_numbers
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, points

SIZES = [1.0, 1e-7, -3.0, 1e6, 1e99, 1e-99]  # the text: from 1e-100 to 1e100


def _length(v: Floats) -> Any:
    return np.sqrt(np.sum(np.square(v), axis=-1, keepdims=True))


def _each(function: Function, what: str, *rows: Floats) -> list[Any]:
    """Call it for each row, and check that it leaves its arguments as they were.

    A ValueError for the first row, which is an ordinary one, is Python's own.
    """
    __tracebackhide__ = True
    found: list[Any] = []
    for arguments in zip(*rows, strict=True):
        try:
            found.append(check_unchanged(function, *[a.copy() for a in arguments], what=what))
        except ValueError as error:
            if not found:
                raise
            shown = ", ".join(brief(a) for a in arguments)
            raise CheckFailed(
                f"{what}({shown}) raises a ValueError",
                actual=f"ValueError: {error}",
                likely="a vector is 0 only if all its entries are 0, however small they are",
            ) from None
    return found


def directional_derivative_values(directional_derivative: Function, draw: int = 0) -> None:
    """Check six directions, short and long, and one at a right angle; nothing is changed."""
    grad = points(draw, (6, 5))
    v = points(draw + 1, (6, 5), 0.3, 3.0) * np.where(points(draw + 2, (6, 5)) > 0, 1, -1)
    v[1, 2] = v[4, 0] = 0.0  # a zero among other entries
    v[3] = np.array([2.0, -1, -3, 1, 1]) * (1 + draw % 3)  # entries that cancel
    v *= np.array(SIZES)[:, None]
    dots, length = np.sum(grad * v, axis=1), _length(v)[:, 0]
    with np.errstate(divide="ignore"):
        by_sum = dots / v.sum(axis=1)
    found = _each(directional_derivative, "directional_derivative", grad, v)
    check_close(
        found,
        dots / length,
        what="directional_derivative(grad, v) for six pairs in five dimensions",
        mistakes={
            "v is not divided by its length": dots,
            "divided by the length of the gradient, not by that of v": dots / _length(grad)[:, 0],
            "divided by the square of the length of v": dots / length**2,
            "divided by both lengths: this is the cosine of the angle": dots
            / length
            / _length(grad)[:, 0],
            "divided by the sum of the entries of v, not by its length": by_sum,
            "divided by the sum of the sizes of the entries, not by the length": dots
            / np.abs(v).sum(axis=1),
            "divided by the largest entry of v, not by its length": dots / np.abs(v).max(axis=1),
            "the size is right, but where the way leads down the slope is negative": np.abs(dots)
            / length,
            "where the way leads down the slope is negative, not 0": np.maximum(dots, 0) / length,
            "a small number is added to the length": dots / (length + 1e-8),
            "multiplied by the length of v, not divided": dots * length,
            "this is the length of the gradient: the slope depends on the angle, too": _length(
                grad
            )[:, 0],
            "this is the product of both lengths: the slope depends on the angle, too": (
                length * _length(grad)[:, 0]
            ),
            "divided by the root of the number of entries, not by the length": dots
            / np.sqrt(v.shape[1]),
            "this is v scaled to length 1: multiply the gradient by it": v / length[:, None],
            "this is the gradient's projection on v, a vector: a number is asked for": (
                v * (dots / length**2)[:, None]
            ),
            **{
                f"{small:g} is added under the root, which hides a short v": dots
                / np.sqrt(length**2 + small)
                for small in (1e-6, 1e-8, 1e-10, 1e-12, 1e-15, 1e-16)
            },
        },
    )
    check_close(
        directional_derivative(np.array([1 + draw % 5, 7]), np.array([3, 4])),
        (31 + 3 * (draw % 5)) / 5,
        what=f"directional_derivative([{1 + draw % 5}, 7], [3, 4]), of integers,",
    )
    check_close(
        directional_derivative(0 * grad[0], v[0]),
        0.0,
        what="directional_derivative(grad, v) where the gradient is 0 and v is not",
        atol=1e-15,
    )


def steepest_ascent_values(steepest_ascent: Function, draw: int = 0) -> None:
    """Check six gradients, short and long; the gradient is left as it was."""
    grad = points(draw + 3, (6, 5), 0.3, 3.0) * np.where(points(draw + 4, (6, 5)) > 0, 1, -1)
    grad[1, 2] = grad[4, 0] = 0.0
    grad[3] = np.array([2.0, -1, -3, 1, 1]) * (1 + draw % 3)
    grad *= np.abs(SIZES)[:, None]
    right = grad / _length(grad)
    with np.errstate(divide="ignore"):
        by_sum = grad / grad.sum(axis=1, keepdims=True)
    found = _each(steepest_ascent, "steepest_ascent", grad)
    check_close(
        found,
        right,
        what="steepest_ascent(grad) for six gradients in five dimensions",
        atol=1e-15,
        mistakes={
            "this is steepest descent": -right,
            "this is the gradient itself: scale it to length 1": grad,
            "divided by the square of the length": right / _length(grad),
            "divided by the sum of the entries, not by the length": by_sum,
            "divided by the sum of the sizes, not by the length": grad
            / np.abs(grad).sum(axis=1, keepdims=True),
            "divided by the largest entry, not by the length": grad
            / np.abs(grad).max(axis=1, keepdims=True),
            "a small number is added to the length": grad / (_length(grad) + 1e-8),
            "these are the signs of the entries": np.sign(grad),
            "multiplied by the length, not divided": grad * _length(grad),
            "this is the length of the gradient: its direction is asked for": _length(grad)[:, 0],
            "divided by the largest entry with its sign, not by the length": grad
            / grad.max(axis=1, keepdims=True),
            "only the largest entry is followed: all entries make the direction": 1.0
            * (grad == grad.max(axis=1, keepdims=True)),
            "divided by the root of the number of entries, not by the length": grad
            / np.sqrt(grad.shape[1]),
        },
    )
    check_close(
        steepest_ascent(np.array([5 + draw % 4, -12, 0])),
        np.array([5 + draw % 4, -12, 0]) / np.sqrt((5 + draw % 4) ** 2 + 144),
        what=f"steepest_ascent([{5 + draw % 4}, -12, 0]), of integers,",
        atol=1e-15,
    )


def no_direction(
    directional_derivative: Function, steepest_ascent: Function, draw: int = 0
) -> None:
    """Check that a v and a gradient of zeros, floats or integers, raise a ValueError."""
    raises = 'a vector of zeros has no direction: raise ValueError("..."), before dividing'
    for n in (3, 4 + draw % 3):
        grad, v = points(draw, (n,), 0.3, 3.0), points(draw + 1, (n,), 0.3, 3.0)
        as_numbers(directional_derivative(grad, v), "directional_derivative(grad, v)")
        as_numbers(steepest_ascent(grad), "steepest_ascent(grad)")
        for zero in (0.0 * np.arange(n), 0 * np.arange(n)):
            check_raises(
                ValueError,
                directional_derivative,
                points(draw, (n,)),
                zero,
                what=f"directional_derivative(grad, {zero.tolist()})",
                hint=raises,
            )
            check_raises(
                ValueError,
                steepest_ascent,
                zero,
                what=f"steepest_ascent({zero.tolist()})",
                hint=raises,
            )


def level_curve_direction_values(level_curve_direction: Function, draw: int = 0) -> None:
    """Check the direction along the level curve for seven gradients in the plane."""
    grad = points(draw + 5, (7, 2), 0.3, 3.0)  # not generic: in the plane
    grad *= np.array([[1, 1], [-1, 1], [1, -1], [-1, -1], [0, 1], [-1, 0], [1e-99, 1e-99]])
    right = np.stack([-grad[:, 1], grad[:, 0]], axis=1) / _length(grad)
    found = _each(level_curve_direction, "level_curve_direction", grad)
    check_close(
        found,
        right,
        what="level_curve_direction(grad) for seven gradients",
        atol=1e-15,
        mistakes={
            "turned by -90°, clockwise": -right,
            "turned, but not scaled to length 1": right * _length(grad),
            "turned, but divided by the square of the length": right / _length(grad),
            "turned by -90°, clockwise, and not scaled to length 1": -right * _length(grad),
            "the entries are swapped, and it is not scaled to length 1": grad[:, ::-1],
            "this is the gradient itself: turn it, and scale it to length 1": grad,
            "turned by 45°, not by 90°": right + grad / _length(grad),
            "the entries are swapped, which is a reflection: a sign belongs to one of them": (
                grad[:, ::-1] / _length(grad)
            ),
            "a sign is changed, but the entries are not swapped": grad * [-1, 1] / _length(grad),
            "the second sign is changed, but the entries are not swapped": grad
            * [1, -1]
            / _length(grad),
            "this is the gradient's own direction: turn it": grad / _length(grad),
            "turned by 180°, not by 90°": -grad / _length(grad),
            "both signs are changed: only the one in front of the second entry should": -grad[
                :, ::-1
            ]
            / _length(grad),
        },
    )
    check_close(
        level_curve_direction(np.array([0, -3 - draw % 4])),
        np.array([1.0, 0.0]),
        what=f"level_curve_direction([0, {-3 - draw % 4}]), of integers,",
        atol=1e-15,
    )
