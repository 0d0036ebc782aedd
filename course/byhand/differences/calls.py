"""Calling the function that is differentiated: many points at once, and its rounding noise."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

import numpy as np

from byhand.differences.extrapolation import ROUNDING, SMALLEST, Floats

Function = Callable[..., Any]
Arguments = tuple[Any, ...]

NUMBERS = {np.ndarray, np.float64, float}  # what most functions return: nothing to pick from
_OUTSIDE = object()  # the result where the function can't be evaluated


def evaluate_many(f: Function, arguments: Sequence[Arguments]) -> list[Any]:
    """Return ``[f(*a) for a in arguments]``; each call gets copies that it may change.

    Parameters
    ----------
    f : callable
        If it has a method ``evaluate_many(arguments)``, that method is called instead: a function
        in another process then answers all points in one request.
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


def name_of(f: object) -> str:
    """Return what a message calls a function."""
    name = str(getattr(f, "__name__", type(f).__name__))
    return "the function" if name == "<lambda>" else name


_judged = False
_allowed = False


def allow_in_answers(allowed: bool) -> None:
    """Let answers that are being checked differentiate, or not; they may not at first."""
    global _allowed
    _allowed = allowed


class judged:
    """Refuse to differentiate for a block in which a grader calls a student's function."""

    def __enter__(self) -> None:
        global _judged
        self.before, _judged = _judged, True

    def __exit__(self, *exception: object) -> None:
        global _judged
        _judged = self.before


def is_judged() -> bool:
    """Return whether a grader is calling a student's function."""
    return _judged


def refuse_in_answers(who: str) -> None:
    """Refuse to work for a student's function that a check has called.

    Raises
    ------
    RuntimeError
        In such a function: it is to compute a derivative, not to have it measured.
    """
    if _allowed:
        return
    frame = sys._getframe(1)
    while frame.f_back is not None and _module(frame).startswith("byhand."):
        frame = frame.f_back
    if _judged or _inside_a_check(frame):
        raise RuntimeError(
            f"{who} of byhand.differences can't be used inside an answer: it measures derivatives, "
            "and this exercise asks you to compute them"
        )


def _inside_a_check(frame: FrameType | None) -> bool:
    while frame is not None:
        if _module(frame).startswith("byhand.exercises."):
            return True
        frame = frame.f_back
    return False


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


class Call:
    """The user's function, as a function of the entries of a flat float64 array x."""

    def __init__(
        self, who: str, f: Function, args: Arguments, argnum: int, output: int | None
    ) -> None:
        refuse_in_answers(who)
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

    def values(self, points: Floats) -> tuple[Floats, Floats]:
        """Return f at each of the points (p, n), x first, and its rounding noise: both (p, m)."""
        results = self._results(points)
        there = [r is not _OUTSIDE for r in results]
        found = [r for r in results if r is not _OUTSIDE]
        if self.output is not None or not NUMBERS.issuperset(map(type, found)):
            found = [self._picked(r) for r in found]
        try:
            values = np.array(found)
        except ValueError:
            raise ValueError(
                f"{self.who}: {self.name} must return a number or an array, of the same "
                "shape at all points near x"
            ) from None
        if values.dtype.kind not in "biufc":
            raise ValueError(
                f"{self.who}: {self.name} must return numbers, got {type(found[0]).__name__}"
            )
        self.out_shape = values.shape[1:]
        values = values.reshape(len(found), -1)
        relative, absolute = ROUNDING, SMALLEST
        if values.dtype.kind in "fc":
            own = np.finfo(values.dtype)
            relative = max(relative, float(own.eps) / 2)
            absolute = max(absolute, float(own.smallest_subnormal))
        if values.dtype.kind == "c":  # a Python power of a negative number: outside the real domain
            if there[0] and values[0].imag.any():
                raise ValueError(f"{self.who}: {self.name} must return real numbers, not complex")
            values = np.where(values.imag == 0, values.real, np.nan)
        full = np.full((len(points), values.shape[1]), np.nan)
        full[there] = values
        return full, relative * np.abs(full) + absolute

    def _results(self, points: Floats) -> list[Any]:
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

    def _alone(self, arguments: Arguments, *, at_x: bool) -> Any:
        """Return f at one point; functions such as math.log raise outside their domain."""
        try:
            return evaluate_many(self.f, [arguments])[0]
        except ArithmeticError:
            return _OUTSIDE
        except ValueError:
            if at_x:
                raise
            return _OUTSIDE

    def _picked(self, result: Any) -> Any:
        """Return the output that was chosen from what f returned."""
        if self.output is not None and result is not None:
            several = isinstance(result, tuple | list)
            if not several or not -len(result) <= self.output < len(result):
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
