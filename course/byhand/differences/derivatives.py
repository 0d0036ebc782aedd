"""Numerical derivatives with an error estimate, by central differences.

The steps of an entry of x start near ``max(1, |x|) / 8`` and shrink 256 times; the results are
extrapolated and judged in `byhand.differences.extrapolation`. All points are fetched in one request
to f, in
three at most where f has another scale, leaves its domain, has a kink or a jump. Scales from 1e-7
to 1000 times ``max(1, |x|)`` are found; a kink nearer than 1e-7 of that counts as one at x. f is
taken to be as exact as its dtype allows, within a few roundings; where it is noisier, the error
estimate grows, but is surer to hold within a factor of ten than exactly.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from byhand.differences.extrapolation import LEVELS, ROUNDING, Look, measure, name_of

__all__ = [
    "Estimate",
    "derivative",
    "evaluate_many",
    "gradient",
    "hessian",
    "jacobian",
    "vjp",
]

START = 0.125  # longest step, in units of max(1, |x|)
START_HESSIAN = 0.25
BLOCK = 2**23  # numbers in the points of one request: 64 MB, which 900 entries of x fill
CORNERS = ((1, 1), (1, -1), (-1, 1), (-1, -1))


@dataclass(frozen=True)
class Estimate:
    """A numerical derivative, its estimated error, and where f has a kink.

    Attributes
    ----------
    value : ndarray of float64
        The derivative; NaN at a kink, a jump or a pole.
    error : ndarray of float64
        Estimated bound of ``|value - true derivative|``; inf where the value is NaN.
    kinks : ndarray of bool
        Where the one-sided slopes disagree.
    left, right : ndarray of float64
        The one-sided slopes at kinks, NaN elsewhere.
    """

    value: np.ndarray
    error: np.ndarray
    kinks: np.ndarray
    left: np.ndarray
    right: np.ndarray


def evaluate_many(f: Callable, arguments: Sequence[tuple]) -> list:
    """Return ``[f(*a) for a in arguments]``; each call gets copies that it may change.

    Parameters
    ----------
    f : callable
        If it has a method ``evaluate_many(arguments)``, that one is called instead: a function
        that lives in another process answers all points in one request.
    arguments : sequence of tuple
        The positional arguments of each call.

    Returns
    -------
    list
        The results, in order.

    Examples
    --------
    >>> evaluate_many(pow, [(2, 3), (3, 2)])
    [8, 9]
    """
    if hasattr(f, "evaluate_many"):
        return list(f.evaluate_many(arguments))
    return [
        f(*[a.copy() if type(a) is np.ndarray else copy.deepcopy(a) for a in call])
        for call in arguments
    ]


def derivative(f: Callable, x: ArrayLike) -> Estimate:
    """Differentiate an elementwise function.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of x and returns one; takes a Python float if x is a number.
        Called 11 times, in one request.
    x : array_like
        The points, any shape; computed with in float64, never changed.

    Returns
    -------
    Estimate
        Shape of x.

    Raises
    ------
    ValueError
        If f returns nothing, no real numbers, or another shape than that of x.

    Examples
    --------
    >>> slope = derivative(np.sin, [0.0, 1.0])
    >>> bool(np.all(abs(slope.value - np.cos([0.0, 1.0])) <= slope.error))
    True
    >>> relu = derivative(lambda x: max(x, 0.0), 0.0)
    >>> bool(relu.kinks), float(relu.left), float(relu.right)
    (True, 0.0, 1.0)
    """
    call = _Call("derivative", f, (x,), 0, None)

    def look(levels: np.ndarray, entries: np.ndarray) -> Look:
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
        return _slopes(call, entries, step, values[:, entries, None], noise[:, entries, None])

    found = measure(look, call.x.size, START)
    return _shaped(found, call.shape)


def gradient(f: Callable, *args: Any, argnum: int = 0, output: int | None = None) -> Estimate:
    """Differentiate a function that returns one number, by each entry of one argument.

    Parameters
    ----------
    f : callable
        ``f(*args)`` returns a number or, with `output`, a tuple that holds one. Called 10 times
        for each entry and once more, in one request.
    *args : object
        Its arguments, copied for each call.
    argnum : int
        The argument to differentiate by: a number, a list or an array.
    output : int, optional
        Which element of a tuple is the number.

    Returns
    -------
    Estimate
        Shape of ``args[argnum]``.

    Raises
    ------
    ValueError
        If f returns nothing, no real number, or more than one.

    Examples
    --------
    >>> gradient(lambda x: np.sum(x**2), [1, -3]).value.round(9)
    array([ 2., -6.])
    >>> gradient(lambda x, y: x**2 * y, 3.0, 2.0, argnum=1).value.round(9)
    np.float64(9.0)
    """
    call = _Call("gradient", f, args, argnum, output)
    found = measure(_each_entry(call, _one_number(call)), call.x.size, START)
    return _shaped(found, call.shape)


def jacobian(f: Callable, *args: Any, argnum: int = 0, output: int | None = None) -> Estimate:
    """Differentiate each entry of ``f(*args)`` by each entry of one argument.

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
        If f returns nothing, or no real numbers.

    Examples
    --------
    >>> A = np.array([[1.0, 2.0, 3.0], [0.0, 1.0, 0.0]])
    >>> jacobian(lambda x: A @ x, np.ones(3)).value.round(9)
    array([[1., 2., 3.],
           [0., 1., 0.]])
    """
    call = _Call("jacobian", f, args, argnum, output)
    found = measure(_each_entry(call, lambda *pair: pair), call.x.size, START)
    return _shaped(found, call.out_shape + call.shape)


def vjp(
    f: Callable, *args: Any, grad_output: ArrayLike, argnum: int = 0, output: int | None = None
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
        If f returns nothing, no real numbers, or another shape than that of `grad_output`.

    Examples
    --------
    >>> vjp(lambda x, W: x @ W, np.ones((1, 2)), np.eye(2), grad_output=[[3.0, 5.0]]).value.round(9)
    array([[3., 5.]])
    """
    call = _Call("vjp", f, args, argnum, output)
    weights = np.asarray(grad_output, dtype=np.float64)

    def contract(values: np.ndarray, noise: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if call.out_shape != weights.shape:
            raise ValueError(
                f"vjp: {call.name} returned an array of shape {call.out_shape}, so grad_output "
                f"must have that shape, not {weights.shape}"
            )
        # The changes are summed, not the values: their sum is smaller and so is its rounding.
        changes = (values - values[0]) @ weights.reshape(-1, 1)
        return changes, np.sqrt(noise**2 @ weights.reshape(-1, 1) ** 2)

    found = measure(_each_entry(call, contract), call.x.size, START)
    return _shaped(found, call.shape)


def hessian(f: Callable, *args: Any, argnum: int = 0) -> Estimate:
    """Differentiate twice a function that returns one number, by each pair of entries.

    Parameters
    ----------
    f, *args, argnum
        As in `gradient`. Called 20 times for each pair of entries and once more, in one request.

    Returns
    -------
    Estimate
        Shape of ``args[argnum]`` twice, symmetric. Kinks are not told from jumps: both are NaN.

    Raises
    ------
    ValueError
        If f returns nothing, no real number, or more than one.

    Examples
    --------
    >>> hessian(lambda x: x[0] ** 2 * x[1], [1.0, 3.0]).value.round(6)
    array([[6., 2.],
           [2., 0.]])
    """
    call = _Call("hessian", f, args, argnum, None)
    size = call.x.size
    rows, columns = np.triu_indices(size)
    reduce = _one_number(call)

    def look(levels: np.ndarray, entries: np.ndarray) -> Look:
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

    found = measure(
        _in_blocks(look, BLOCK // (4 * LEVELS * max(1, size))), len(rows), START_HESSIAN
    )
    where = np.zeros((size, size), dtype=int)
    where[rows, columns] = where[columns, rows] = np.arange(len(rows))
    return _shaped([part[where] for part in found], call.shape + call.shape)


# --- calling f ------------------------------------------------------------------------------------


class _Call:
    """The user's function as one of the entries of a flat float64 array x."""

    def __init__(self, who: str, f: Callable, args: tuple, argnum: int, output: int | None) -> None:
        if not -len(args) <= argnum < len(args):
            count = f"{len(args)} argument{'s' * (len(args) != 1)}"
            raise ValueError(f"{who}: argnum is {argnum}, but f is given {count}")
        self.who, self.f, self.name, self.output = who, f, name_of(f), output
        self.before, self.after = args[:argnum], args[argnum:][1:]
        x = np.asarray(args[argnum])
        if x.dtype.kind not in "biuf":
            raise ValueError(
                f"{who}: x must be a real number or an array of them, "
                f"got {type(args[argnum]).__name__}"
            )
        self.shape, self.x = x.shape, x.astype(np.float64).ravel()
        self.out_shape: tuple[int, ...] = ()
        # Powers of two: x + step is then exact but for the last bit.
        size = np.maximum(1.0, np.abs(np.where(np.isfinite(self.x), self.x, 0.0)))
        self.scale = 2.0 ** np.floor(np.log2(size))

    def values(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return f at each of the points (p, n), x first, and its rounding noise: both (p, m)."""
        results = self._results(points)
        missing = [r is _OUTSIDE for r in results]
        found = [self._picked(r) for r in results if r is not _OUTSIDE]
        try:
            values = np.array(found)
        except ValueError:
            raise ValueError(
                f"{self.who}: {self.name} must return a number or an array, of one shape near x"
            ) from None
        if values.dtype.kind not in "biufc":
            raise ValueError(
                f"{self.who}: {self.name} must return numbers, got {type(found[0]).__name__}"
            )
        self.out_shape = values.shape[1:]
        values = values.reshape(len(found), -1)
        kind = values.dtype
        own = float(np.finfo(kind).eps) / 2 if kind.kind in "fc" else 0.0
        if kind.kind == "c":  # a Python power of a negative number: outside the real domain
            if not missing[0] and values[0].imag.any():
                raise ValueError(f"{self.who}: {self.name} must return real numbers, not complex")
            values = np.where(values.imag == 0, values.real, np.nan)
        full = np.full((len(points), values.shape[1]), np.nan)
        full[~np.array(missing)] = values
        return full, max(ROUNDING, own) * np.abs(full)

    def _results(self, points: np.ndarray) -> list:
        """Return what f returns at each point, `_OUTSIDE` where it can't be evaluated."""
        shaped = [p.reshape(self.shape) for p in points] if self.shape else points.ravel().tolist()
        arguments = [(*self.before, p, *self.after) for p in shaped]
        with np.errstate(all="ignore"):
            try:
                return evaluate_many(self.f, arguments)
            except (ArithmeticError, ValueError):
                results = [self._alone(a, at_x=i == 0) for i, a in enumerate(arguments)]
                if all(r is _OUTSIDE for r in results):
                    raise
                return results

    def _alone(self, arguments: tuple, *, at_x: bool) -> Any:
        """Return f at one point; math.log, 1 / x and their like raise outside their domain."""
        try:
            return evaluate_many(self.f, [arguments])[0]
        except ArithmeticError:
            return _OUTSIDE
        except ValueError:
            if at_x:
                raise
            return _OUTSIDE

    def _picked(self, result: Any) -> Any:
        if self.output is not None and result is not None:
            if not isinstance(result, tuple | list) or not -len(result) <= self.output < len(
                result
            ):
                raise ValueError(
                    f"{self.who}: {self.name} has no output {self.output}, it returned "
                    f"{type(result).__name__}"
                )
            result = result[self.output]
        if result is None:
            raise ValueError(f"{self.who}: {self.name} returned None; did you forget return?")
        if isinstance(result, tuple):
            choose = "" if self.who == "derivative" else "; choose one with output=0"
            raise ValueError(f"{self.who}: {self.name} returned a tuple of {len(result)}{choose}")
        return result


_OUTSIDE = object()


def _one_number(call: _Call) -> Callable:
    def reduce(values: np.ndarray, noise: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if values.shape[1] != 1:
            raise ValueError(
                f"{call.who}: {call.name} must return one number, got an array of shape "
                f"{call.out_shape}; sum it or use jacobian"
            )
        return values, noise

    return reduce


# --- moving entries of x --------------------------------------------------------------------------


def _each_entry(call: _Call, reduce: Callable) -> Callable:
    """Return the look at a function whose entries of x are moved one at a time."""

    def look(levels: np.ndarray, entries: np.ndarray) -> Look:
        step, k = levels * call.scale[entries], np.arange(len(entries))
        points = np.tile(call.x, (2, LEVELS, len(entries), 1))
        points[0][:, k, entries] += step
        points[1][:, k, entries] -= step
        values, noise = reduce(*call.values(np.vstack([call.x, points.reshape(-1, call.x.size)])))
        at_x, moved = (1, len(entries), values.shape[1]), (2 * LEVELS, len(entries), -1)
        by_entry = (
            np.concatenate([np.broadcast_to(part[0], at_x), part[1:].reshape(moved)])
            for part in (values, noise)
        )
        return _slopes(call, entries, step, *by_entry)

    return _in_blocks(look, BLOCK // (2 * LEVELS * max(1, call.x.size)))


def _in_blocks(look: Callable, room: int) -> Callable:
    """Return `look` at many entries of x in requests of at most `room` entries each."""

    def look_in_blocks(levels: np.ndarray, entries: np.ndarray) -> Look:
        count = -(-len(entries) // max(1, room))
        if count <= 1:
            return look(levels, entries)
        parts = [
            look(levels[:, block], entries[block])
            for block in np.array_split(np.arange(len(entries)), count)
        ]
        return Look(
            *(
                np.concatenate(ladders, axis=1)
                for ladders in zip(*((p.slope, p.noise, p.bend) for p in parts), strict=True)
            ),
            np.concatenate([p.size for p in parts]),
        )

    return look_in_blocks


def _slopes(
    call: _Call, entries: np.ndarray, step: np.ndarray, values: np.ndarray, noise: np.ndarray
) -> Look:
    """Return the look that belongs to values at x, at L steps up and at L steps down."""
    x = call.x[entries]
    centre, plus, minus = values[0], values[1 : LEVELS + 1], values[LEVELS + 1 :]
    with np.errstate(all="ignore"):
        moved = ((x + step) - (x - step))[..., None]  # twice the step as rounded
        slope = (plus - minus) / moved
        bend = ((plus - centre) - (centre - minus)) / (moved / 2)
        rounding = (noise[1 : LEVELS + 1] + noise[LEVELS + 1 :]) / moved
        rounding += 2 * ROUNDING * np.abs(x)[:, None] * np.abs(slope) / moved
        return Look(slope, rounding, bend, np.abs(centre) / call.scale[entries, None])


def _shaped(fields: list[np.ndarray], shape: tuple[int, ...]) -> Estimate:
    """Return fields (entries of x, entries of the result) as an `Estimate` of the given shape."""
    return Estimate(*(np.moveaxis(field, 1, 0).reshape(shape) for field in fields))
