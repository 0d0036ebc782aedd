"""How a test reaches a student's code other than by a call: `scenario`, `supplied`, `may_measure`.

In one kernel both are simple. They are written so that a grader may also run the student's code in
a process of its own: a scenario's source is sent there, and only plain data is sent back.
"""

from __future__ import annotations

import contextlib
import copy
import sys
from collections.abc import Iterator
from functools import wraps
from types import FunctionType
from typing import Any, Protocol

import numpy as np

from byhand.checks.failures import PLAIN, CheckFailed, brief, nothing_returned
from byhand.differences.calls import Arguments, Function, allow_in_answers, name_of

__all__ = ["Delegate", "delegate_to", "may_measure", "scenario", "supplied"]

CHECKS = "byhand.exercises."  # the package of the modules that hold the exercises' checks


class Delegate(Protocol):
    """A grader that runs the student's code in another process."""

    def run_scenario(self, function: Function, args: Arguments, kwargs: dict[str, Any]) -> Any:
        """Run a scenario's source in that process and return its result."""

    def run_scenario_many(self, function: Function, arguments: list[Arguments]) -> list[Any]:
        """Run a scenario once for each tuple of arguments and return the results."""

    def supply(self, trusted: dict[str, Any]) -> Any:
        """Put trusted functions into the student's namespace; return what `withdraw` needs."""

    def withdraw(self, trusted: dict[str, Any], token: Any) -> None:
        """Remove them again."""

    def allow_measuring(self, allowed: bool) -> None:
        """Let the student's functions use `byhand.differences`, or not."""


_delegate: Delegate | None = None


def delegate_to(delegate: Delegate | None) -> None:
    """Let a grader run scenarios and supply names; with None, both run in this kernel again."""
    global _delegate
    _delegate = delegate


def scenario(function: Function) -> Function:
    """Mark a function of a check or a test cell whose source runs beside the student's code.

    It runs in the notebook's namespace: it may use the student's names, the import cell's names,
    its own arguments and nothing else of the module or cell that it is written in. It takes and
    returns plain data (numbers, strings, arrays, lists, tuples, dicts), which the test then judges;
    it may also take the student's functions and classes, and return functions of its own, to be
    passed to theirs or supplied: those run beside them too. It holds inputs, never expected values.

    Raises
    ------
    CheckFailed
        When it is called, if it returns something that is not plain data.

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
        result = _in_notebook(function)(*args, **kwargs)
        foreign = _foreign(result, function)
        if foreign is not None:
            raise CheckFailed(
                f"{name_of(function)} got something other than numbers, arrays or text",
                actual=f"an object of type {type(foreign).__name__}: {brief(foreign)}",
                likely=nothing_returned(foreign),
            )
        return result

    def evaluate_many(arguments: list[Arguments]) -> list[Any]:
        if _delegate is not None:
            return _delegate.run_scenario_many(function, arguments)
        return [run(*copy.deepcopy(call)) for call in arguments]

    # `differences` calls evaluate_many, to fetch all points at once.
    vars(run).update(__scenario__=True, evaluate_many=evaluate_many)
    return run


class supplied:
    """Put trusted functions into the student's namespace for a block.

    A student's answer may call an earlier answer; with the trusted one in its place, the points of
    one exercise never depend on another.

    Parameters
    ----------
    **trusted : object
        The names to rebind and their new values.

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
        self.namespace = _notebook(sys._getframe(1).f_globals)
        self.before = {k: self.namespace[k] for k in self.trusted if k in self.namespace}
        self.namespace.update(self.trusted)

    def __exit__(self, *exception: object) -> None:
        if _delegate is not None:
            _delegate.withdraw(self.trusted, self.token)
            return
        for name in self.trusted:
            self.namespace.pop(name, None)
        self.namespace.update(self.before)


@contextlib.contextmanager
def may_measure() -> Iterator[None]:
    """Let answers use `byhand.differences` for a block: the exercise is about measuring.

    Elsewhere it refuses to work for an answer that a check calls.
    """
    allow = allow_in_answers if _delegate is None else _delegate.allow_measuring
    allow(True)
    try:
        yield
    finally:
        allow(False)


def _in_notebook(function: Function) -> Function:
    """Return a scenario that reads its global names in the notebook."""
    names = _notebook(function.__globals__)
    if names is function.__globals__:
        return function
    rest = function.__name__, function.__defaults__, function.__closure__
    return FunctionType(function.__code__, names, *rest)


def _notebook(names: dict[str, Any]) -> dict[str, Any]:
    """Return the notebook's namespace: `names`, or that of the cell which called a check."""
    if not names.get("__name__", "").startswith(CHECKS):
        return names
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("byhand."):
        frame = frame.f_back
    return frame.f_globals


def _foreign(value: Any, scenario: Function) -> Any | None:
    """Return the first part of `value` that is not plain data, nor a function of the scenario's.

    None counts as plain data.
    """
    if value is None or isinstance(value, PLAIN):
        return None
    if isinstance(value, FunctionType) and value.__code__.co_filename == (
        scenario.__code__.co_filename
    ):
        return None
    if isinstance(value, np.ndarray):
        return value if value.dtype.kind not in "biufc" else None
    if isinstance(value, list | tuple):
        return next((bad for item in value if (bad := _foreign(item, scenario)) is not None), None)
    if isinstance(value, dict):
        return _foreign([*value.keys(), *value.values()], scenario)
    return value
