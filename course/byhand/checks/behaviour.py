"""Checks of behaviour: arguments left unchanged, exceptions, warnings, counterexamples."""

from __future__ import annotations

import copy
import inspect
import re
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from byhand.checks.agreement import why_they_agree
from byhand.checks.failures import PLAIN, CheckFailed, brief, nothing_returned
from byhand.differences.calls import Function, name_of

NUMBERS = (int, float, complex, np.number, np.ndarray)
MEANINGS = {  # of NumPy's warnings, by what was encountered and in which operation
    ("divide by zero", "divide"): "a division by 0, which gives infinity",
    ("divide by zero", "log"): "the logarithm of 0, which gives -inf",
    ("divide by zero", "power"): "a negative power of 0, which gives infinity",
    ("invalid value", "add"): "inf - inf, which gives NaN",
    ("invalid value", "divide"): "0 / 0 or inf / inf, which gives NaN",
    ("invalid value", "log"): "the logarithm of a negative number, which gives NaN",
    ("invalid value", "multiply"): "0 * inf, which gives NaN",
    ("invalid value", "sqrt"): "the root of a negative number, which gives NaN",
    ("invalid value", "subtract"): "inf - inf, which gives NaN",
}


def check_unchanged(f: Function, *args: Any, what: str | None = None) -> Any:
    """Call ``f(*args)``, check that it changed none of its arguments, and return the result.

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
    before = tuple(arg if callable(arg) else copy.deepcopy(arg) for arg in args)
    result = f(*args)
    for position, (old, new) in enumerate(zip(before, args, strict=True)):
        if not identical(old, new):
            slip, copied = _in_place(new)
            raise CheckFailed(
                f"{what or name_of(f)} changed {_argument(f, position)} in place",
                expected=brief(old),
                actual=brief(new),
                likely=f"an operation such as {slip} changes the caller's object",
                hint=f"work on a copy: {copied}",
            )
    return result


def _argument(f: Function, position: int) -> str:
    """Return what a message calls an argument: its name, if the function tells."""
    try:
        parameters = list(inspect.signature(f).parameters.values())[position:]
    except (TypeError, ValueError):  # as many functions of NumPy
        parameters = []
    if parameters and parameters[0].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD:
        return f"its argument {parameters[0].name}"
    return f"argument number {position + 1}"


def _in_place(value: object) -> tuple[str, str]:
    """Return which code changes such a value in place, and which copies it."""
    if isinstance(value, list):
        return "items.pop(), items.reverse() or items[i] = ...", "items = list(items)"
    if isinstance(value, dict):
        return "d[key] = ... or d[key] -= ...", "d = dict(d)"
    return "x += h or x[i] = ...", "x = np.array(x, dtype=float)"


def identical(old: Any, new: Any) -> bool:
    """Return whether values, shapes and dtypes are the same, however deep."""
    if isinstance(old, np.ndarray):
        return (
            isinstance(new, np.ndarray)
            and old.dtype == new.dtype
            and np.array_equal(old, new, equal_nan=old.dtype.kind in "fc")
        )
    if isinstance(old, list | tuple):
        return len(old) == len(new) and all(map(identical, old, new))
    if isinstance(old, dict):
        return old.keys() == new.keys() and all(identical(old[k], new[k]) for k in old)
    if isinstance(old, PLAIN) or old is None:
        return old is new or bool(old == new)
    return True  # functions, generators: nothing to compare


def check_raises(
    exception: type[BaseException],
    f: Function,
    *args: Any,
    what: str,
    match: str | None = None,
    hint: str | None = None,
) -> None:
    """Check that ``f(*args)`` raises `exception` with a message that matches `match`, a regex.

    Raises
    ------
    CheckFailed
        If no exception, another exception or another message is raised.

    Examples
    --------
    >>> check_raises(ValueError, float, "two", what="float('two')")
    """
    __tracebackhide__ = True
    try:
        result = f(*args)
    except NotImplementedError:
        raise  # a stub: its error is a RuntimeError, but not the one that the test asks for
    except exception as error:
        if match is not None and not re.search(match, str(error)):
            raise CheckFailed(
                f"{what} raises {exception.__name__}, but its message does not say why",
                expected=f"a message that matches {match!r}",
                actual=repr(str(error)),
                hint=hint,
            ) from None
        return
    except Exception as error:
        raise CheckFailed(
            f"{what} raises the wrong exception",
            expected=exception.__name__,
            actual=f"{type(error).__name__}: {error}",
            likely=f"no `raise {exception.__name__}(...)` is reached: this error comes before it",
            hint=hint,
        ) from None
    raise CheckFailed(
        f"{what} raises no exception",
        expected=exception.__name__,
        actual=brief(result),
        likely=f"no `raise {exception.__name__}(...)` is reached with these arguments",
        hint=hint,
    )


def check_accepts(f: Function, *args: Any, what: str, likely: str) -> Any:
    """Call ``f(*args)``, which must not refuse its arguments, and return the result.

    For arguments that a contract allows and that a usual mistake makes fail: a ValueError or an
    IndexError is told together with that mistake.

    Raises
    ------
    CheckFailed
        If a ValueError or an IndexError is raised.

    Examples
    --------
    >>> check_accepts(float, "2.5", what="float('2.5')", likely="the point is not read")
    2.5
    """
    __tracebackhide__ = True
    try:
        return f(*args)
    except (ValueError, IndexError) as error:
        kind = ValueError if isinstance(error, ValueError) else IndexError  # not the answer's own
        raise CheckFailed(
            f"{what} raises {kind.__name__}",
            expected="a result: these arguments are allowed",
            actual=str(error),
            likely=likely,
        ) from error


def check_quiet(
    f: Function, *args: Any, what: str, hint: str | None = None, overflow: str | None = None
) -> Any:
    """Call ``f(*args)``, check that NumPy issued no warning, and return the result.

    Overflow, division by zero and invalid values count; see `numpy.errstate`. Other warnings are
    ignored: students may issue their own. `overflow` names the mistake behind an overflow, where
    only one can be.

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
    # A student's np.seterr must not silence the very warnings that are checked for.
    with warnings.catch_warnings(record=True) as issued, np.errstate(all="warn", under="ignore"):
        warnings.simplefilter("always")
        result = f(*args)
    for warning in issued:
        if issubclass(warning.category, RuntimeWarning):
            raise CheckFailed(
                f"{what} issues a warning",
                actual=f"RuntimeWarning: {warning.message}",
                likely=(overflow if "overflow" in str(warning.message) else None)
                or _meaning(str(warning.message)),
                hint=hint,
            )
    return result


def _meaning(warning: str) -> str | None:
    """Return what NaN or infinity comes from, and from where on exp has an overflow."""
    found = re.match(r"([\w ]+) encountered in (?:scalar )?(\w+)", warning)
    if found is None:
        return None
    kind, operation = found.groups()
    if kind != "overflow":
        return MEANINGS.get((kind, operation))
    start = f"a result of {operation} is above 1.8e308, the largest float64"
    return f"{start}: exp(x) is, for x above 709.78" if operation == "exp" else start


def _no_tuple(arguments: object) -> str | None:
    """Return why something is no tuple of arguments."""
    if isinstance(arguments, list):
        return "square brackets make a list, round ones a tuple"
    if isinstance(arguments, NUMBERS):
        return "this is the argument itself: a comma makes a tuple of one, as in (x,)"
    return nothing_returned(arguments)


def check_counterexample(
    arguments: Any,
    wrong: Function,
    right: Function,
    *,
    what: str,
    rtol: float = 1e-6,
    likely: str | None = None,
    names: Sequence[str] = (),
    hint: str | None = None,
) -> None:
    """Check that the arguments prove the bug of a bug hunt: `wrong` and `right` differ there.

    Parameters
    ----------
    arguments : tuple
        What the student's counterexample function returned.
    wrong, right : callable
        The function as given, with the bug, and a correct one; both return a number or an array.
    what, hint : str
        How the message calls the arguments, and a hint.
    rtol : float
        Relative difference above which a value counts as wrong.
    likely : str, optional
        Why the given function is right for these arguments, said if it is.
    names : sequence of str, optional
        What the exercise calls the arguments, if all of them may hold any numbers: then what is
        special about theirs is looked for where `likely` says nothing.

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
            likely=_no_tuple(arguments),
        )
    if not all(np.isfinite(a).all() for a in arguments if isinstance(a, NUMBERS)):
        raise CheckFailed(
            f"{what} proves nothing: it contains NaN or infinity", actual=brief(arguments)
        )
    try:
        found, answer = _both(wrong, right, arguments)
        correct = np.asarray(answer, dtype=np.float64)
    except (TypeError, ValueError, ArithmeticError, IndexError) as error:
        raise CheckFailed(
            f"{what}: the given function can't be called with these arguments",
            actual=f"{brief(arguments)}, which gives {type(error).__name__}: {error}",
        ) from None
    if not np.isfinite(correct).all():
        raise CheckFailed(
            f"{what} proves nothing: the right result is not finite for these arguments",
            actual=brief(arguments),
            hint=hint,
        )
    if _agree(found, correct, rtol):
        if likely is None and len(names) == len(arguments):
            likely = why_they_agree(
                arguments, names, lambda given: not _agree(*_both(wrong, right, given), rtol)
            )
        agreed = brief(answer if isinstance(answer, bool) else correct.tolist())
        raise CheckFailed(
            f"{what} proves nothing: the given function is right there",
            actual=f"{brief(arguments)}, for which both return {agreed}",
            likely=likely,
            hint=hint,
        )


def _both(wrong: Function, right: Function, given: tuple[Any, ...]) -> tuple[Any, Any]:
    """Return what both functions give, with copies of the arguments."""
    with np.errstate(all="ignore"):
        found = np.asarray(wrong(*copy.deepcopy(given)), dtype=np.float64)
        return found, right(*copy.deepcopy(given))


def _agree(found: Any, correct: Any, rtol: float) -> bool:
    """Return whether two results are the same, to a relative tolerance."""
    same_shape = np.shape(found) == np.shape(correct)
    return bool(same_shape and np.allclose(found, correct, rtol=rtol, atol=0.0))
