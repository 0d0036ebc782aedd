"""The measurements that `byhand.differences` offers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from byhand.differences.calls import Call, Function
from byhand.differences.extrapolation import (
    LEVELS,
    ROUNDING,
    SMALLEST,
    Estimate,
    Floats,
    Indices,
    Look,
    measure,
)
from byhand.differences.looks import BLOCK, each_entry, in_blocks, one_number, slopes

START = 0.125  # longest step, in units of max(1, |x|)
START_HESSIAN = 0.25
CORNERS = ((1, 1), (1, -1), (-1, 1), (-1, -1))


def derivative(f: Function, x: ArrayLike) -> Estimate:
    """Differentiate an elementwise function.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of x and returns one; gets a Python float if x is a number.
        Called 11 times, in one request.
    x : array_like
        The points, of any shape; converted to float64, never changed.

    Returns
    -------
    Estimate
        Shape of x.

    Raises
    ------
    ValueError
        If f returns nothing, values that are not real numbers, or an array whose shape is not that
        of x.

    Examples
    --------
    >>> slope = derivative(np.sin, [0.0, 1.0])
    >>> bool(np.all(abs(slope.value - np.cos([0.0, 1.0])) <= slope.error))
    True
    >>> relu = derivative(lambda x: max(x, 0.0), 0.0)
    >>> bool(relu.kinks), float(relu.left), float(relu.right)
    (True, 0.0, 1.0)
    """
    call = Call("derivative", f, (x,), 0, None)

    def look(levels: Floats, entries: Indices) -> Look:
        step = levels * call.scale[entries]
        points = np.tile(call.x, (1 + 2 * LEVELS, 1))
        points[1 : LEVELS + 1, entries] += step
        points[LEVELS + 1 :, entries] -= step
        values, noise = call.values(points)
        if call.out_shape != call.shape:
            raise ValueError(
                f"derivative: {call.name} must return an array of the shape of x, {call.shape}, "
                f"got one of shape {call.out_shape}; see gradient and jacobian for other functions"
            )
        values, noise = values[:, entries, None], noise[1:, entries, None]
        return slopes(call, entries, step, values[0], values[1:], noise)

    return measure(look, call.x.size, START).shaped(call.shape)


def gradient(f: Function, *args: Any, argnum: int = 0, output: int | None = None) -> Estimate:
    """Differentiate a function that returns one number with respect to each entry of an argument.

    Parameters
    ----------
    f : callable
        ``f(*args)`` returns a number or, with `output`, a tuple that holds one. Called 10 times
        for each entry and once at x, in one request.
    *args : object
        Its arguments, copied for each call.
    argnum : int
        The argument to differentiate with respect to: a number, a list or an array.
    output : int, optional
        Which element of a tuple is the number.

    Returns
    -------
    Estimate
        Shape of ``args[argnum]``.

    Raises
    ------
    ValueError
        If f returns nothing, something that is not a real number, or more than one number.

    Examples
    --------
    >>> gradient(lambda x: np.sum(x**2), [1, -3]).value.round(9)
    array([ 2., -6.])
    >>> gradient(lambda x, y: x**2 * y, 3.0, 2.0, argnum=1).value.round(9)
    np.float64(9.0)
    """
    call = Call("gradient", f, args, argnum, output)
    return measure(each_entry(call, one_number(call)), call.x.size, START).shaped(call.shape)


def jacobian(f: Function, *args: Any, argnum: int = 0, output: int | None = None) -> Estimate:
    """Differentiate each entry of ``f(*args)`` with respect to each entry of an argument.

    Parameters
    ----------
    f, *args, argnum, output
        As in `gradient`, but the result is an array of any shape.

    Returns
    -------
    Estimate
        Shape of the result, then that of ``args[argnum]``: (m, n) for vectors.

    Raises
    ------
    ValueError
        If f returns nothing, or values that are not real numbers.

    Examples
    --------
    >>> A = np.array([[1.0, 2.0, 3.0], [0.0, 1.0, 0.0]])
    >>> jacobian(lambda x: A @ x, np.ones(3)).value.round(9)
    array([[1., 2., 3.],
           [0., 1., 0.]])
    """
    call = Call("jacobian", f, args, argnum, output)
    look = each_entry(call, lambda values, noise: (values, noise))
    return measure(look, call.x.size, START).shaped(call.out_shape + call.shape)


def vjp(
    f: Function,
    *args: Any,
    grad_output: ArrayLike,
    argnum: int = 0,
    output: int | None = None,
) -> Estimate:
    """Differentiate ``sum(f(*args) * grad_output)``: the vector-Jacobian product, numerically.

    Parameters
    ----------
    f, *args, argnum, output
        As in `gradient`, but the result is an array of any shape.
    grad_output : array_like
        The upstream gradient, of the shape of the result.

    Returns
    -------
    Estimate
        Shape of ``args[argnum]``.

    Raises
    ------
    ValueError
        If f returns nothing, values that are not real numbers, or an array whose shape is not that
        of `grad_output`.

    Examples
    --------
    >>> vjp(lambda x, W: x @ W, np.ones((1, 2)), np.eye(2), grad_output=[[3.0, 5.0]]).value.round(9)
    array([[3., 5.]])
    """
    call = Call("vjp", f, args, argnum, output)
    weights = np.asarray(grad_output, dtype=np.float64)
    return _products(call, weights[None]).shaped(call.shape)


def vjps(f: Function, x: ArrayLike, *, grad_outputs: ArrayLike) -> Estimate:
    """Return what `vjp` does for each of several upstream gradients, from the same calls of f."""
    call = Call("vjp", f, (x,), 0, None)
    weights = np.asarray(grad_outputs, dtype=np.float64)
    return _products(call, weights).shaped((len(weights), *call.shape))


def _products(call: Call, weights: Floats) -> Estimate:
    """Return the derivative of the sums of f's result with each of the weights."""

    def contract(values: Floats, noise: Floats) -> tuple[Floats, Floats]:
        if call.out_shape != weights.shape[1:]:
            raise ValueError(
                f"vjp: {call.name} returned an array of shape {call.out_shape}, so grad_output "
                f"must have that shape, not {weights.shape[1:]}"
            )
        flat = weights.reshape(len(weights), -1).T
        # The changes are summed, not the values: their sum is smaller and so is its rounding.
        changes = (values - values[0]) @ flat
        # Relative to the largest, because squares may be too small or too large for a float.
        unit = np.max(noise, where=np.isfinite(noise), initial=SMALLEST)
        scatter = unit * np.sqrt((noise / unit) ** 2 @ flat**2)
        return changes, scatter + weights[0].size * SMALLEST

    return measure(each_entry(call, contract), call.x.size, START)


def hessian(f: Function, *args: Any, argnum: int = 0) -> Estimate:
    """Differentiate a function that returns one number twice, for each pair of entries.

    Parameters
    ----------
    f, *args, argnum
        As in `gradient`. Called 20 times for each pair of entries and once at x, in one request.

    Returns
    -------
    Estimate
        Shape of ``args[argnum]`` twice, symmetric. At a kink and at a jump alike the value is NaN.

    Raises
    ------
    ValueError
        If f returns nothing, something that is not a real number, or more than one number.

    Examples
    --------
    >>> hessian(lambda x: x[0] ** 2 * x[1], [1.0, 3.0]).value.round(6)
    array([[6., 2.],
           [2., 0.]])
    """
    call = Call("hessian", f, args, argnum, None)
    size = call.x.size
    rows, columns = np.triu_indices(size)
    reduce = one_number(call)

    def look(levels: Floats, entries: Indices) -> Look:
        i, j, pair = rows[entries], columns[entries], np.arange(len(entries))
        step_i, step_j = levels * call.scale[i], levels * call.scale[j]
        points = np.tile(call.x, (4, LEVELS, len(entries), 1))
        for corner, (sign_i, sign_j) in zip(points, CORNERS, strict=True):
            corner[:, pair, i] += sign_i * step_i
            corner[:, pair, j] += sign_j * step_j
        values, noise = reduce(*call.values(np.vstack([call.x, points.reshape(-1, size)])))
        at_x = np.abs(values[0]) / (call.scale[i] * call.scale[j])[:, None]
        corners = values[1:].reshape(4, LEVELS, -1, 1)
        area = 4 * (step_i * step_j)[..., None]
        slope = (corners[0] - corners[1] - corners[2] + corners[3]) / area
        noise_x = ROUNDING * np.maximum(np.abs(call.x[i]), np.abs(call.x[j]))[:, None]
        rounding = noise[1:].reshape(4, LEVELS, -1, 1).sum(axis=0) / area
        rounding += noise_x * np.abs(slope) / np.minimum(step_i, step_j)[..., None]
        return Look(slope, rounding, np.full_like(slope, np.nan), at_x)

    where = np.zeros((size, size), dtype=int)
    where[rows, columns] = where[columns, rows] = np.arange(len(rows))
    by_blocks = in_blocks(look, BLOCK // (4 * LEVELS * max(1, size)))
    found = measure(by_blocks, len(rows), START_HESSIAN)
    return found.of(where.ravel()).shaped(call.shape + call.shape)
