"""Many calls of a student's function, fetched in one request, and functions that run beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from byhand.checks import check_unchanged, scenario
from byhand.checks.behaviour import identical
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


@scenario
def _with_arguments(f: Function, *args: Any) -> Any:
    return f(*args), args


def unchanged_results(
    f: Function, calls: Sequence[Arguments], *, what: str | Sequence[str]
) -> Iterator[Any]:
    """Return an iterator over ``check_unchanged(f, *call, what=what)`` for each call.

    `what` is one for all, or one for each. All are fetched in one request, as by `results_of`. If
    one of them raises or changes an
    argument, they are made one by one.
    """
    __tracebackhide__ = True
    try:
        found = [*results_of(_with_arguments, calls, of=f)]
    except Exception:
        found = []
    if found and all(
        identical(list(call), list(after)) for call, (_, after) in zip(calls, found, strict=True)
    ):
        return iter([result for result, _ in found])
    names = [what] * len(calls) if isinstance(what, str) else what
    return (check_unchanged(f, *call, what=n) for call, n in zip(calls, names, strict=True))


def here(made: Function, *args: Any) -> Any:
    """Return what a scenario returns, computed beside the check: functions to compare with."""
    return vars(made)["__wrapped__"](*args)
