"""How a test reaches a student's code besides calling it: `scenario` and `supplied`.

In one kernel both are simple. They are written so that a grader may also run the student's code in
a process of its own: a scenario's source is sent there, and only plain data comes back.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol

import numpy as np

from byhand.checks.failures import PLAIN, CheckFailed, brief, nothing_returned

__all__ = ["Delegate", "delegate_to", "scenario", "supplied"]


class Delegate(Protocol):
    """A grader that runs the student's code in another process."""

    def run_scenario(self, function: Callable, args: tuple, kwargs: dict[str, Any]) -> Any:
        """Run a scenario's source there and return its result."""

    def run_scenario_many(self, function: Callable, arguments: list[tuple]) -> list:
        """Run it once for each of the arguments and return the results."""

    def supply(self, trusted: dict[str, Any]) -> Any:
        """Put trusted functions into the student's namespace; return what `withdraw` needs."""

    def withdraw(self, trusted: dict[str, Any], token: Any) -> None:
        """Take them away again."""


_delegate: Delegate | None = None


def delegate_to(delegate: Delegate | None) -> None:
    """Let a grader run scenarios and supply names; None brings back the one kernel."""
    global _delegate
    _delegate = delegate


def scenario(function: Callable) -> Callable:
    """Mark a function of a test cell whose source runs beside the student's code.

    It may use the student's names, the import cell's names, its own arguments and nothing else of
    the test cell; it takes and returns plain data (numbers, strings, arrays, lists, tuples, dicts)
    which the test then judges. It holds inputs, never expected values.

    Raises
    ------
    CheckFailed
        When it is called and returns something that is not plain data.

    Examples
    --------
    >>> @scenario
    ... def run(n):
    ...     return {"zeros": np.zeros(n)}
    >>> run(2)
    {'zeros': array([0., 0.])}
    """

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if _delegate is not None:
            return _delegate.run_scenario(function, args, kwargs)
        result = function(*args, **kwargs)
        foreign = _foreign(result)
        if foreign is not None:
            raise CheckFailed(
                f"{function.__name__} met a {type(foreign).__name__} where a number, an array or "
                "text belongs",
                actual=brief(foreign),
                likely=nothing_returned(foreign),
            )
        return result

    def evaluate_many(arguments: list[tuple]) -> list:
        if _delegate is not None:
            return _delegate.run_scenario_many(function, arguments)
        return [run(*copy.deepcopy(call)) for call in arguments]

    run.__scenario__ = True
    run.evaluate_many = evaluate_many  # what `differences` asks for, to fetch all points at once
    return run


class supplied:  # noqa: N801 - reads as a statement: with supplied(sigmoid=trusted):
    """Put trusted functions into the student's namespace for a block.

    A student's answer may call an earlier answer; with the trusted one in its place, one
    exercise's points never hang on another's.

    Parameters
    ----------
    **trusted : object
        The names to rebind, and what to.

    Examples
    --------
    >>> def softmax(x): ...
    >>> with supplied(softmax=np.tanh):
    ...     softmax(0.0)
    np.float64(0.0)
    """

    def __init__(self, **trusted: Any) -> None:
        self.trusted = trusted

    def __enter__(self) -> None:
        if _delegate is not None:
            self.token = _delegate.supply(self.trusted)
            return
        self.namespace = sys._getframe(1).f_globals
        self.before = {k: self.namespace[k] for k in self.trusted if k in self.namespace}
        self.namespace.update(self.trusted)

    def __exit__(self, *exception: object) -> None:
        if _delegate is not None:
            _delegate.withdraw(self.trusted, self.token)
            return
        for name in self.trusted:
            self.namespace.pop(name, None)
        self.namespace.update(self.before)


def _foreign(value: Any) -> Any | None:
    """Return the first part of `value` that is not plain data; None counts as plain inside."""
    if value is None or isinstance(value, PLAIN):
        return None
    if isinstance(value, np.ndarray):
        return value if value.dtype.kind not in "biufc" else None
    if isinstance(value, list | tuple):
        return next((bad for item in value if (bad := _foreign(item)) is not None), None)
    if isinstance(value, dict):
        return _foreign([*value.keys(), *value.values()])
    return value
