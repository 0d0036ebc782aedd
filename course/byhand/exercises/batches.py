"""Many calls of a student's function, fetched in one request, and functions that run beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from byhand.differences.calls import Arguments, Function, evaluate_many


def results_of(f: Function, calls: Sequence[Arguments], *, of: Any = None) -> Iterator[Any]:
    """Return an iterator over ``f(*call)`` for each call.

    All are fetched in one request. If one of them raises, they are made one by one, so that what
    comes before the error is judged before it.

    Parameters
    ----------
    f : callable
        The student's function, or a scenario.
    calls : sequence of tuple
        The positional arguments of each call, of which it gets copies.
    of : callable, optional
        The student's function, where `f` is a scenario that takes it before each call's arguments.

    Examples
    --------
    >>> list(results_of(pow, [(2, 3), (3, 2)]))
    [8, 9]
    """
    __tracebackhide__ = True
    if of is not None:
        calls = [(of, *call) for call in calls]
    try:
        return iter(evaluate_many(f, calls))
    except Exception as error:
        return _one_by_one(f, calls, error)


def _one_by_one(f: Function, calls: Sequence[Arguments], error: Exception) -> Iterator[Any]:
    __tracebackhide__ = True
    for call in calls:
        yield from evaluate_many(f, [call])
    raise error


def here(made: Function) -> Any:
    """Return what a scenario returns, computed beside the check: functions to compare with."""
    return vars(made)["__wrapped__"]()
