"""Checks of derivatives against numerical ones, within their estimated error."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from byhand import differences
from byhand.checks.failures import CheckFailed, place
from byhand.checks.parts import check_parts
from byhand.checks.values import as_numbers, check_close
from byhand.differences.calls import Function, name_of


def check_derivative(
    f: Function, df: Function, x: ArrayLike, *, what: str | None = None, **settings: Any
) -> None:
    """Check that `df` is the derivative of the elementwise function `f` at the points `x`.

    Parameters
    ----------
    f, df : callable
        Functions of one array; `df` is called once.
    x : array_like
        The points. There is no derivative at a kink to check against: choose other points.
    what : str, optional
        How the message calls ``df(x)``.
    **settings
        `rtol`, a relative tolerance in addition to ten times the estimated error of the numerical
        derivative (1e-7), and `hint` and the context of `check_close`.

    Raises
    ------
    CheckFailed
        If `df` disagrees, or if `f` has no derivative at one of the points.

    Examples
    --------
    >>> check_derivative(np.sin, np.cos, [0.0, 1.0, 2.0])
    """
    __tracebackhide__ = True
    points = np.asarray(x, dtype=np.float64)
    numeric = differences.derivative(f, points)
    settings = {"x": points} | settings
    _compare(df(points.copy()), numeric, f, what or f"{name_of(df)}(x)", **settings)


def check_gradient(
    f: Function,
    grad: Function,
    *args: Any,
    argnum: int = 0,
    what: str | None = None,
    **settings: Any,
) -> None:
    """Check that ``grad(*args)`` is the gradient of ``f(*args)`` with respect to one argument.

    Raises
    ------
    CheckFailed
        If it differs by more than `rtol` of the largest entry plus ten times the estimated error.

    Examples
    --------
    >>> check_gradient(lambda x: np.sum(x**2), lambda x: 2 * x, np.array([1.0, -3.0]))
    """
    __tracebackhide__ = True
    numeric = differences.gradient(f, *args, argnum=argnum)
    actual = grad(*copy.deepcopy(args))
    _compare(actual, numeric, f, what or f"{name_of(grad)}(x)", **settings)


def check_jacobian(
    f: Function,
    jacobian: Function,
    *args: Any,
    argnum: int = 0,
    what: str | None = None,
    **settings: Any,
) -> None:
    """Check that ``jacobian(*args)`` is the Jacobian of ``f(*args)`` with respect to one argument.

    Its shape is that of the output, then that of the argument: (m, n) for vectors.

    Raises
    ------
    CheckFailed
        If it differs by more than `rtol` of the largest entry plus ten times the estimated error.

    Examples
    --------
    >>> A = np.array([[1.0, 2.0, 3.0], [0.0, 1.0, 0.0]])
    >>> check_jacobian(lambda x: A @ x, lambda x: A, np.ones(3))
    """
    __tracebackhide__ = True
    numeric = differences.jacobian(f, *args, argnum=argnum)
    actual = jacobian(*copy.deepcopy(args))
    _compare(actual, numeric, f, what or f"{name_of(jacobian)}(x)", **settings)


def check_vjp(
    forward: Function,
    backward: Function,
    args: Sequence[Any],
    *,
    names: Sequence[str],
    output: int | None = None,
    seed: int = 0,
    hint: str | None = None,
    **settings: Any,
) -> None:
    """Check a backward pass against its forward pass under a random upstream gradient.

    Parameters
    ----------
    forward : callable
        ``forward(*args)`` returns an array, or a tuple whose element `output` is one.
    backward : callable
        ``backward(grad_output, *args)`` returns one gradient for each of `args`, in a tuple or
        list; a single gradient needs no tuple.
    args : sequence
        Arrays to differentiate with respect to: `backward` returns a gradient for each.
    names : sequence of str
        What the messages call the gradients, such as ``("grad_x", "grad_W")``.
    output : int, optional
        Which element of the tuple is the output.
    seed : int
        Seed of the upstream gradient, which is standard normal and never all ones.
    hint, **settings
        As in `check_derivative`.

    Raises
    ------
    CheckFailed
        If a gradient is missing, has the wrong shape or has a wrong entry.

    Examples
    --------
    >>> check_vjp(
    ...     lambda x, W: x @ W,
    ...     lambda g, x, W: (g @ W.T, x.T @ g),
    ...     (np.ones((4, 3)), np.ones((3, 2))),
    ...     names=("grad_x", "grad_W"),
    ... )
    """
    __tracebackhide__ = True
    result = forward(*copy.deepcopy(tuple(args)))
    result = result if output is None else result[output]
    shape = as_numbers(result, f"{name_of(forward)}(...)").shape
    grad_output = np.random.default_rng(seed).standard_normal(shape)
    gradients = backward(grad_output.copy(), *copy.deepcopy(tuple(args)))
    if len(names) == 1 and not isinstance(gradients, tuple):
        gradients = (gradients,)
    gradients = check_parts(gradients, names, what=f"{name_of(backward)}(...)", hint=hint)
    for argnum, (name, gradient) in enumerate(zip(names, gradients, strict=True)):
        numeric = differences.vjp(
            forward, *args, grad_output=grad_output, argnum=argnum, output=output
        )
        _compare(gradient, numeric, forward, name, hint=hint, **settings)


def _compare(
    actual: object,
    numeric: differences.Estimate,
    f: Function,
    what: str,
    *,
    rtol: float = 1e-7,
    **settings: Any,
) -> None:
    """Compare a derivative with a numerical one, entry by entry within its estimated error."""
    __tracebackhide__ = True
    if numeric.kinks.any():
        at = tuple(np.argwhere(numeric.kinks)[0])
        left, right = float(numeric.left[at]), float(numeric.right[at])
        raise CheckFailed(
            f"{name_of(f)} has a kink here, so there is no derivative to check {what} against",
            where=place(at, numeric.value.shape, settings.get("x")),
            likely=f"the slope is {left:.6g} from the left and {right:.6g} from the right",
        )
    largest = np.max(np.abs(numeric.value), initial=0.0, where=np.isfinite(numeric.value))
    if not (10 * numeric.error <= 1e-4 * max(largest, 1.0)).all():
        at = np.unravel_index(int(np.argmax(numeric.error)), numeric.value.shape)
        raise CheckFailed(
            f"{name_of(f)} has no derivative that can be measured here, so {what} can't be checked",
            where=place(at, numeric.value.shape, settings.get("x")),
            likely="a jump, NaN or infinity, or a function whose result differs from call to call",
        )
    atol = 10 * numeric.error + rtol * largest
    check_close(actual, numeric.value, what=what, rtol=rtol, atol=atol, **settings)
