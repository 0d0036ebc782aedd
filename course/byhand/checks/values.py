"""Checks that teach: what the test cells of the course call.

A check that does not hold raises `CheckFailed`, whose text says what was checked, what was
expected, what came, where, and the likely mistake. Tolerances of the numerical checks come from
the error estimate of `byhand.differences`: they excuse rounding, never a wrong term.

A test reaches a student's code in three ways only, so that it can also run in another process:
a call by value, many points at once (`byhand.differences.evaluate_many`), and a `scenario`.
"""

from __future__ import annotations

import copy
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from byhand import differences
from byhand.checks.failures import (
    PLAIN,
    CheckFailed,
    brief,
    nothing_returned,
    number_pair,
    place,
    shape_text,
)
from byhand.checks.reach import scenario, supplied
from byhand.diagnosis import diagnose
from byhand.differences.extrapolation import name_of

__all__ = [
    "CheckFailed",
    "check_close",
    "check_counterexample",
    "check_derivative",
    "check_each",
    "check_equal",
    "check_gradient",
    "check_jacobian",
    "check_parts",
    "check_quiet",
    "check_raises",
    "check_shape",
    "check_unchanged",
    "check_vjp",
    "scenario",
    "supplied",
]


# --- values ---------------------------------------------------------------------------------------


def check_close(
    actual: Any,
    expected: ArrayLike,
    *,
    what: str,
    rtol: float = 1e-9,
    atol: float = 0.0,
    relative_to: str = "entry",
    dtype: type | None = None,
    hint: str | None = None,
    **context: Any,
) -> None:
    """Check that `actual` has the shape and, within a tolerance, the values of `expected`.

    Parameters
    ----------
    actual : object
        What the student's function returned.
    expected : array_like
        The right values; NaN and inf match themselves.
    what : str
        How the message calls it, such as ``"relu(x)"``.
    rtol, atol : float
        An entry may be off by ``atol + rtol * |expected|``.
    relative_to : {"entry", "largest"}
        Whether `rtol` refers to each entry or to the largest one.
    dtype : type, optional
        The dtype that is asked for too, such as ``np.float64``.
    hint : str, optional
        Shown with a failure.
    **context
        Passed to `byhand.diagnosis.diagnose`: `x` (also shown in the message), `batch`, `sizes`,
        `factors`, `mistakes`.

    Raises
    ------
    CheckFailed
        If it is no array of numbers, or differs in shape, value or dtype.

    Examples
    --------
    >>> check_close([1.0, 2.0], [1.0, 2.0], what="double(x)")
    >>> check_close(3.0, 2.0, what="double(1)")
    Traceback (most recent call last):
        ...
    byhand.checks.failures.CheckFailed: double(1) is wrong
      expected  2.0
      got       3.0
    """
    __tracebackhide__ = True
    values, right = as_numbers(actual, what), np.asarray(expected)
    check_shape(values, right.shape, what=what, hint=hint, expected_values=right, **context)
    if values.dtype.kind == "c" and right.dtype.kind != "c":
        raise CheckFailed(
            f"{what} is complex, and real numbers are expected", actual=brief(actual), hint=hint
        )
    with np.errstate(all="ignore"):
        size = np.abs(right)
        if relative_to == "largest":
            size = np.max(size, initial=0.0, where=np.isfinite(size))
        off = np.abs(1 * values - right)  # times 1: NumPy subtracts no truth values
        wrong = ~((off <= atol + rtol * size) & np.isfinite(right) | (values == right))
        wrong &= ~(np.isnan(values) & np.isnan(right))
    if wrong.any():
        excess = np.where(wrong, np.where(np.isfinite(off), off, np.inf), -1.0)
        worst = np.unravel_index(int(np.argmax(excess)), right.shape)
        count = int(np.count_nonzero(wrong))
        fault = "is wrong" if right.size == 1 else f"is wrong in {count} of {right.size} values"
        shown = number_pair(right[worst], values[worst])
        raise CheckFailed(
            f"{what} {fault}",
            where=place(worst, right.shape, context.get("x")),
            expected=shown[0],
            actual=shown[1],
            likely=diagnose(right, values, **context),
            hint=hint,
        )
    if dtype is not None and values.dtype != np.dtype(dtype):
        raise CheckFailed(
            f"{what} has the right values but the wrong dtype",
            expected=np.dtype(dtype).name,
            actual=values.dtype.name,
            likely=_wrong_dtype(values.dtype),
            hint=hint,
        )


def _wrong_dtype(dtype: np.dtype) -> str:
    """Say how such a dtype comes about."""
    if dtype.kind in "iub":
        return "integers or truth values came, where numbers with a fraction may be needed later"
    return "a constant or a new array brought its own dtype: convert the result to that of x"


def check_each(
    actual: Any,
    expected: Mapping[str, Any] | Sequence[Any],
    *,
    what: str,
    names: Sequence[str] | None = None,
    mistakes: Mapping[str, Any] | None = None,
    hint: str | None = None,
    **settings: Any,
) -> None:
    """Check a dict, list or tuple of arrays part by part, however deep.

    Parameters
    ----------
    actual : object
        What the student's function returned.
    expected : mapping or sequence
        The right parts: numbers, arrays, or mappings and sequences of arrays. A list may stand for
        a tuple.
    what : str
        How the messages call the whole; a part is called ``part 'W1' of <what>``.
    names : sequence of str, optional
        How the messages call the parts of a list or tuple, instead of ``part 0``.
    mistakes : mapping of str to mapping or sequence, optional
        What a known mistake would give: a whole of the same form, by the sentence that names it.
    hint, **settings
        As in `check_close`.

    Raises
    ------
    CheckFailed
        If it has another form, or if a part is wrong.

    Examples
    --------
    >>> check_each({"W": [1.0, 2.0], "b": 3.0}, {"b": 3.0, "W": [1.0, 2.0]}, what="gradients()")
    """
    __tracebackhide__ = True
    keyed = isinstance(expected, Mapping)
    keys = list(expected) if keyed else list(range(len(expected)))
    if keyed:
        form = f"a dict with the keys {', '.join(map(repr, keys))}"
        fits = isinstance(actual, dict) and set(actual) == set(keys)
    else:
        form = f"a list or tuple of {len(keys)}" + (f": {', '.join(names)}" if names else "")
        fits = isinstance(actual, list | tuple) and len(actual) == len(keys)
    if not fits:
        came = brief(actual)
        if keyed and isinstance(actual, dict):
            came = f"a dict with the keys {', '.join(map(repr, actual)) or '(none)'}"
        elif isinstance(actual, list | tuple):
            came = f"a {type(actual).__name__} of {len(actual)}"
        raise CheckFailed(
            f"{what} has the wrong form",
            expected=form,
            actual=came,
            likely=nothing_returned(actual),
            hint=hint,
        )
    for key, name in zip(keys, names or [f"part {k!r}" for k in keys], strict=True):
        part = {"what": f"{name} of {what}", "hint": hint, **settings}
        part["mistakes"] = {said: whole[key] for said, whole in (mistakes or {}).items()}
        right = expected[key]
        if isinstance(right, Mapping | list | tuple) and _has_parts(right):
            check_each(actual[key], right, **part)
        else:
            check_close(actual[key], right, **part)


def _has_parts(value: Any) -> bool:
    """Whether a value is a mapping or a sequence of arrays, and no list of numbers."""
    return isinstance(value, Mapping) or any(
        isinstance(item, np.ndarray | Mapping) for item in value
    )


def check_equal(actual: Any, expected: Any, *, what: str, hint: str | None = None) -> None:
    """Check that a plain value, such as a string or a key list, is exactly the expected one.

    A scalar of NumPy counts as the plain value that it holds.

    Raises
    ------
    CheckFailed
        If it is another one.

    Examples
    --------
    >>> check_equal("saddle", "saddle", what="classify_critical_point(H)")
    """
    __tracebackhide__ = True
    plain = actual.item() if isinstance(actual, np.generic) else actual
    if type(plain) is not type(expected) or plain != expected:
        likely = nothing_returned(actual)
        if isinstance(expected, str) and str(plain).strip().lower() == expected.lower():
            likely = "the word is right, but not letter by letter: look at capitals and spaces"
        raise CheckFailed(
            f"{what} is wrong",
            expected=repr(expected),
            actual=brief(actual),
            likely=likely,
            hint=hint,
        )


def check_shape(
    actual: Any,
    shape: tuple[int, ...],
    *,
    what: str,
    hint: str | None = None,
    expected_values: np.ndarray | None = None,
    **context: Any,
) -> None:
    """Check the shape of an array.

    Parameters
    ----------
    actual : object
        What the student's function returned.
    shape : tuple of int
        The shape it should have.
    what : str
        How the message calls it.
    hint : str, optional
        Shown with a failure.
    expected_values : ndarray, optional
        The right values, for the diagnosis only.
    **context
        Passed to `byhand.diagnosis.diagnose`.

    Raises
    ------
    CheckFailed
        If the shape is another one.

    Examples
    --------
    >>> check_shape(np.zeros((2, 3)), (2, 3), what="grad_W")
    """
    __tracebackhide__ = True
    values = as_numbers(actual, what)
    if values.shape == tuple(shape):
        return
    right = np.full(shape, np.nan) if expected_values is None else expected_values
    raise CheckFailed(
        f"{what} has the wrong shape",
        expected=shape_text(shape),
        actual=shape_text(values.shape),
        likely=diagnose(right, values, **context),
        hint=hint,
    )


def check_parts(
    actual: Any, names: Sequence[str], *, what: str, hint: str | None = None
) -> tuple[Any, ...]:
    """Check that `actual` is a tuple with one part for each name, and return it.

    Parameters
    ----------
    actual : object
        What the student's function returned; a list will do.
    names : sequence of str
        What the parts are called, such as ``("grad_W", "grad_b")``.
    what, hint : str
        How the message calls the result, and a hint.

    Returns
    -------
    tuple
        The parts, which are not looked at.

    Raises
    ------
    CheckFailed
        If it is something else, or has another length.

    Examples
    --------
    >>> grad_w, grad_b = check_parts(([1.0], 2.0), ("grad_w", "grad_b"), what="gradients(x)")
    """
    __tracebackhide__ = True
    if not isinstance(actual, tuple | list) or len(actual) != len(names):
        raise CheckFailed(
            f"{what} must return {len(names)} results: {', '.join(names)}",
            actual=brief(actual),
            likely=nothing_returned(actual),
            hint=hint,
        )
    return tuple(actual)


def as_numbers(actual: Any, what: str) -> np.ndarray:
    """Return `actual` as an array of numbers, dtype kept.

    Raises
    ------
    CheckFailed
        If it is None, text, a ragged list or another object.
    """
    __tracebackhide__ = True
    try:
        values = np.asarray(actual)
    except (TypeError, ValueError):  # a ragged list
        values = np.asarray(None)
    if values.dtype.kind not in "biufc":
        raise CheckFailed(
            f"{what} is not a number or an array of numbers",
            actual=brief(actual),
            likely=nothing_returned(actual[0] if _all_none(actual) else actual),
        )
    return values


def _all_none(value: Any) -> bool:
    """Whether a value is a list of nothing but None: what several calls gave."""
    return isinstance(value, list) and bool(value) and all(item is None for item in value)


# --- derivatives ----------------------------------------------------------------------------------


def check_derivative(
    f: Callable,
    df: Callable,
    x: ArrayLike,
    *,
    what: str | None = None,
    rtol: float = 1e-7,
    hint: str | None = None,
    **context: Any,
) -> None:
    """Check that `df` is the derivative of the elementwise function `f` at the points `x`.

    Parameters
    ----------
    f, df : callable
        Functions of one array; `df` is called once.
    x : array_like
        The points. At a kink there is nothing to check against: choose others.
    what, hint : str, optional
        How the message calls ``df(x)``, and a hint.
    rtol : float
        Allowed besides ten times the estimated error of the numerical derivative.
    **context
        Passed to `byhand.diagnosis.diagnose`.

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
    _compare(
        df(points.copy()),
        numeric,
        what or f"{name_of(df)}(x)",
        rtol,
        hint,
        f,
        {"x": points} | context,
    )


def check_gradient(
    f: Callable,
    grad: Callable,
    *args: Any,
    argnum: int = 0,
    what: str | None = None,
    rtol: float = 1e-7,
    hint: str | None = None,
    **context: Any,
) -> None:
    """Check that ``grad(*args)`` is the gradient of the number ``f(*args)`` by argument `argnum`.

    Raises
    ------
    CheckFailed
        If it differs by more than `rtol` of the largest entry and ten times the estimated error.

    Examples
    --------
    >>> check_gradient(lambda x: np.sum(x**2), lambda x: 2 * x, np.array([1.0, -3.0]))
    """
    __tracebackhide__ = True
    numeric = differences.gradient(f, *args, argnum=argnum)
    actual = grad(*copy.deepcopy(args))
    _compare(actual, numeric, what or f"{name_of(grad)}(x)", rtol, hint, f, context)


def check_jacobian(
    f: Callable,
    jacobian: Callable,
    *args: Any,
    argnum: int = 0,
    what: str | None = None,
    rtol: float = 1e-7,
    hint: str | None = None,
    **context: Any,
) -> None:
    """Check that ``jacobian(*args)`` holds the derivatives of ``f(*args)`` by argument `argnum`.

    Shape: that of the output, then that of the argument; (m, n) for vectors.

    Raises
    ------
    CheckFailed
        If it differs by more than `rtol` of the largest entry and ten times the estimated error.

    Examples
    --------
    >>> A = np.array([[1.0, 2.0, 3.0], [0.0, 1.0, 0.0]])
    >>> check_jacobian(lambda x: A @ x, lambda x: A, np.ones(3))
    """
    __tracebackhide__ = True
    numeric = differences.jacobian(f, *args, argnum=argnum)
    actual = jacobian(*copy.deepcopy(args))
    _compare(actual, numeric, what or f"{name_of(jacobian)}(x)", rtol, hint, f, context)


def check_vjp(
    forward: Callable,
    backward: Callable,
    args: Sequence[Any],
    *,
    names: Sequence[str],
    output: int | None = None,
    seed: int = 0,
    rtol: float = 1e-7,
    hint: str | None = None,
    **context: Any,
) -> None:
    """Check a backward pass against its forward pass under a random upstream gradient.

    Parameters
    ----------
    forward : callable
        ``forward(*args)`` returns an array, or a tuple whose element `output` is one.
    backward : callable
        ``backward(grad_output, *args)`` returns one gradient for each of `args`, in a tuple or
        list; a single argument's gradient may stand alone.
    args : sequence
        Arrays to differentiate by, each of which `backward` has a gradient for.
    names : sequence of str
        What the messages call the gradients, such as ``("grad_x", "grad_W")``.
    output : int, optional
        Which element of a tuple is the output.
    seed : int
        Of the upstream gradient, which is standard normal and never all ones.
    rtol, hint, **context
        As in `check_derivative`.

    Raises
    ------
    CheckFailed
        If a gradient is missing, has the wrong shape or a wrong entry.

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
    shape = as_numbers(
        result if output is None else result[output], f"{name_of(forward)}(...)"
    ).shape
    grad_output = np.random.default_rng(seed).standard_normal(shape)
    gradients = backward(grad_output.copy(), *copy.deepcopy(tuple(args)))
    if len(names) == 1 and not isinstance(gradients, tuple):
        gradients = (gradients,)
    if not isinstance(gradients, tuple | list) or len(gradients) != len(names):
        raise CheckFailed(
            f"{name_of(backward)} must return {len(names)} gradients: {', '.join(names)}",
            actual=brief(gradients),
            likely=nothing_returned(gradients),
            hint=hint,
        )
    for argnum, (name, gradient) in enumerate(zip(names, gradients, strict=True)):
        numeric = differences.vjp(
            forward, *args, grad_output=grad_output, argnum=argnum, output=output
        )
        _compare(gradient, numeric, name, rtol, hint, forward, context)


def _compare(
    actual: Any,
    numeric: differences.Estimate,
    what: str,
    rtol: float,
    hint: str | None,
    f: Callable,
    context: Mapping[str, Any],
) -> None:
    """Hold a derivative against a numerical one, entry by entry within its estimated error."""
    __tracebackhide__ = True
    if numeric.kinks.any():
        at = tuple(np.argwhere(numeric.kinks)[0])
        left, right = float(numeric.left[at]), float(numeric.right[at])
        raise CheckFailed(
            f"{name_of(f)} has a kink here: there is no derivative to check {what} against",
            where=place(at, numeric.value.shape, context.get("x")),
            likely=f"slope from the left {left:.6g}, from the right {right:.6g}",
        )
    largest = np.max(np.abs(numeric.value), initial=0.0, where=np.isfinite(numeric.value))
    if not (10 * numeric.error <= 1e-4 * max(largest, 1.0)).all():
        at = np.unravel_index(int(np.argmax(numeric.error)), numeric.value.shape)
        raise CheckFailed(
            f"{name_of(f)} has no derivative that can be measured here, so {what} can't be checked",
            where=place(at, numeric.value.shape, context.get("x")),
            likely="a jump, NaN or inf, or a function that answers differently at each call",
        )
    atol = 10 * numeric.error + rtol * largest
    check_close(actual, numeric.value, what=what, rtol=rtol, atol=atol, hint=hint, **context)


# --- behaviour ------------------------------------------------------------------------------------


def check_unchanged(f: Callable, *args: Any, what: str | None = None) -> Any:
    """Call ``f(*args)``, check that it changed none of its arguments, and return its result.

    Raises
    ------
    CheckFailed
        If an array, list or dict among `args` is different afterwards.

    Examples
    --------
    >>> check_unchanged(np.negative, np.array([1.0, 2.0]))
    array([-1., -2.])
    """
    __tracebackhide__ = True
    before = copy.deepcopy(args)
    result = f(*args)
    for position, (old, new) in enumerate(zip(before, args, strict=True)):
        if not _identical(old, new):
            slip, copied = _in_place(new)
            raise CheckFailed(
                f"{what or name_of(f)} changed its argument number {position + 1}",
                expected=brief(old),
                actual=brief(new),
                likely=f"an in-place operation such as {slip} on what the caller gave",
                hint=f"work on a copy: {copied}",
            )
    return result


def _in_place(value: Any) -> tuple[str, str]:
    """Say what changes such a value in place, and how to copy it."""
    if isinstance(value, list):
        return "items.pop(), items.reverse() or items[i] = ...", "items = list(items)"
    if isinstance(value, dict):
        return "d[key] = ... or d[key] -= ...", "d = dict(d)"
    return "x += h or x[i] = ...", "x = np.array(x, dtype=float)"


def check_raises(
    exception: type[BaseException],
    f: Callable,
    *args: Any,
    what: str,
    match: str | None = None,
    hint: str | None = None,
) -> None:
    """Check that ``f(*args)`` raises `exception`, with `match` (a regular expression) in its text.

    Raises
    ------
    CheckFailed
        If nothing or something else is raised.

    Examples
    --------
    >>> check_raises(ValueError, float, "two", what="float('two')")
    """
    __tracebackhide__ = True
    try:
        result = f(*args)
    except NotImplementedError:
        raise  # a stub; it is a RuntimeError, but not the one that was asked for
    except exception as error:
        if match is not None and not re.search(match, str(error)):
            raise CheckFailed(
                f"{what} raises {exception.__name__}, but its message does not say why",
                expected=f"a message with {match!r}",
                actual=repr(str(error)),
                hint=hint,
            ) from None
        return
    except Exception as error:
        raise CheckFailed(
            f"{what} raises the wrong exception",
            expected=exception.__name__,
            actual=f"{type(error).__name__}: {error}",
            hint=hint,
        ) from None
    raise CheckFailed(
        f"{what} raises nothing", expected=exception.__name__, actual=brief(result), hint=hint
    )


def check_quiet(f: Callable, *args: Any, what: str, hint: str | None = None) -> Any:
    """Call ``f(*args)``, check that NumPy warned of nothing, and return the result.

    Overflow, division by zero and invalid values count; see `numpy.errstate`.

    Other warnings are the student's business and pass.

    Raises
    ------
    CheckFailed
        If a RuntimeWarning was issued.

    Examples
    --------
    >>> float(check_quiet(np.exp, 0.0, what="exp(0)"))
    1.0
    """
    __tracebackhide__ = True
    # a student's np.seterr must not silence the very warnings that are looked for
    with warnings.catch_warnings(record=True) as issued, np.errstate(all="warn", under="ignore"):
        warnings.simplefilter("always")
        result = f(*args)
    for warning in issued:
        if issubclass(warning.category, RuntimeWarning):
            raise CheckFailed(
                f"{what} issues a warning", actual=f"RuntimeWarning: {warning.message}", hint=hint
            )
    return result


PLAIN_NUMBERS = (int, float, complex, np.number, np.ndarray)


def check_counterexample(
    arguments: Any,
    wrong: Callable,
    right: Callable,
    *,
    what: str,
    rtol: float = 1e-6,
    hint: str | None = None,
) -> None:
    """Check that a bug hunt's arguments prove the fault: `wrong` and `right` disagree there.

    Parameters
    ----------
    arguments : tuple
        What the student's counterexample function returned.
    wrong, right : callable
        The function as it was given, and one that is right; both return one number or array.
    what, hint : str
        How the message calls the arguments, and a hint.
    rtol : float
        Relative difference from which on a value counts as wrong.

    Raises
    ------
    CheckFailed
        If both agree, or if the functions can't be called with these arguments.

    Examples
    --------
    >>> check_counterexample((-2.0,), lambda x: x, abs, what="counterexample_1()")
    """
    __tracebackhide__ = True
    if not isinstance(arguments, tuple):
        raise CheckFailed(
            f"{what} must return the arguments in a tuple, such as (1.0, 2)",
            actual=brief(arguments),
            likely=nothing_returned(arguments),
        )
    if not all(np.isfinite(a).all() for a in arguments if isinstance(a, PLAIN_NUMBERS)):
        raise CheckFailed(f"{what}: NaN and infinity prove nothing", actual=brief(arguments))
    try:
        with np.errstate(all="ignore"):
            came = np.asarray(wrong(*copy.deepcopy(arguments)), dtype=np.float64)
            truth = np.asarray(right(*copy.deepcopy(arguments)), dtype=np.float64)
    except (TypeError, ValueError, ArithmeticError, IndexError) as error:
        raise CheckFailed(
            f"{what}: the given function can't be called with these arguments",
            actual=brief(arguments),
            likely=f"{type(error).__name__}: {error}",
        ) from None
    if not np.isfinite(truth).all():
        raise CheckFailed(
            f"{what}: there is no right value at these arguments, so they prove nothing",
            actual=brief(arguments),
            hint=hint,
        )
    if came.shape == truth.shape and np.allclose(came, truth, rtol=rtol, atol=0.0):
        raise CheckFailed(
            f"{what} proves nothing: the given function is right there",
            actual=f"{brief(arguments)}, where both give {brief(truth.tolist())}",
            hint=hint,
        )


def _identical(old: Any, new: Any) -> bool:
    """Whether nothing changed: values, shapes and dtypes, all the way down."""
    if isinstance(old, np.ndarray):
        return (
            isinstance(new, np.ndarray)
            and old.dtype == new.dtype
            and np.array_equal(old, new, equal_nan=old.dtype.kind in "fc")
        )
    if isinstance(old, list | tuple):
        return len(old) == len(new) and all(map(_identical, old, new))
    if isinstance(old, dict):
        return old.keys() == new.keys() and all(_identical(old[k], new[k]) for k in old)
    if isinstance(old, PLAIN) or old is None:
        return old is new or bool(old == new)
    return True  # functions, generators: nothing to compare
