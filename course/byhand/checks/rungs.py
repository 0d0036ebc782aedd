"""Which derivatives of a ladder are right, each judged from those that the student found above it.

The gradient of a name is the sum, over the lines that read it, of what each passes back; the slope
of a line is the sum, over the names that it reads, of what each brings. One such step is measured
by finite differences, from the *student's* derivative before it. So a slip is blamed on its own
line, and what follows from it is not.
"""

from __future__ import annotations

import copy
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import numpy as np

from byhand.checks.failures import CheckFailed, brief, nothing_returned, shape_text
from byhand.checks.ladders import Forward, Ladder, ladder
from byhand.checks.modes import Floats, Mode, and_, mode_of, written
from byhand.checks.slips import usual_slips
from byhand.checks.values import as_numbers, check_close
from byhand.differences.calls import Function, name_of

__all__ = ["Verdict", "check_ladder", "judge", "refuse_zeros"]

LEAST = float(np.finfo(np.float64).tiny)  # an error below that is none: all may be zero
RTOL = 1e-7  # of the largest entry, in addition to ten times the estimated error
MOST_NAMES = 6  # that a message lists


@dataclass(frozen=True)
class Verdict:
    """What is to be said of one derivative.

    Attributes
    ----------
    state : {"right", "wrong", "missing", "unjudged"}
        It is unjudged if it doesn't follow from the right derivatives before it, but may follow
        from the student's, one of which is missing or can't be computed with.
    failure : CheckFailed or None
        What a check says of a wrong or missing one.
    """

    state: Literal["right", "wrong", "missing", "unjudged"]
    failure: CheckFailed | None = None


@dataclass
class _Expected:
    """The derivative that follows from those before it.

    Attributes
    ----------
    value, tolerance : ndarray
        The derivative, and how far a right one may be from it.
    paths : dict of str to ndarray
        What each source contributes, by its name; see `Mode`.
    measurable : bool
        False if one of the lines between has no slope here.
    """

    value: Floats
    tolerance: Floats
    paths: dict[str, Floats] = field(default_factory=dict)
    measurable: bool = True


def check_ladder(
    lines: Ladder | Sequence[str],
    gradients: Function,
    inputs: Mapping[str, Any],
    *,
    forward: bool = False,
    what: str | None = None,
    hint: str | None = None,
) -> None:
    """Check the derivatives of a ladder, each from those that the student found above it.

    They are the gradients of the last line with respect to every line and every input, or with
    `forward` the slopes of every line with respect to the one input.

    Parameters
    ----------
    lines : Ladder or sequence of str
        The ladder, or its lines.
    gradients : callable
        Called once with copies of the inputs, by name. It returns a dict that holds, for each name,
        the gradient with respect to it, or its slope, of the same shape. For an answer that takes
        the forward pass instead, as in ``gradients(v)``, pass a scenario that makes it beside the
        student's code: ``return gradients(network(**inputs))``.
    inputs : mapping of str to array_like
        The inputs, as in `Ladder`; with `forward` one of them is a single number, the others are
        constants.
    forward : bool, default False
        Whether they are slopes.
    what : str, optional
        How the message calls the result.
    hint : str, optional
        Shown if one is wrong.

    Raises
    ------
    CheckFailed
        If one is wrong, missing, or belongs to no line; the message is about the one that is found
        first, and names the others.
    ValueError
        If the ladder is malformed or doesn't fit the inputs.

    Examples
    --------
    >>> lines = ["z = w * x", "a = np.tanh(z)", "y = a**2"]
    >>> def gradients(w, x):
    ...     v = ladder(*lines)(w=w, x=x)
    ...     d = {"y": 1.0}
    ...     d["a"] = v.a * d["y"]
    ...     d["z"] = (1 - v.a**2) * d["a"]
    ...     d["w"] = v.x * d["z"]
    ...     d["x"] = v.w * d["z"]
    ...     return d
    >>> check_ladder(lines, gradients, {"w": 0.5, "x": 2.0})
    Traceback (most recent call last):
        ...
    byhand.checks.failures.CheckFailed: gradients(...): d["a"] is wrong
      where     the line a = np.tanh(z), which y = a**2 reads
      expected  1.5231883, from your d["y"]
      got       0.76159416
      likely    the result is half of what it should be
    >>> def slopes(x):
    ...     v = ladder(*chain)(x=x)
    ...     return {"x": 1.0, "a": 2 * v.x, "y": np.exp(v.a)}
    >>> chain = ["a = x**2", "y = np.exp(a)"]
    >>> check_ladder(chain, slopes, {"x": 0.7}, forward=True)
    Traceback (most recent call last):
        ...
    byhand.checks.failures.CheckFailed: slopes(...): d["y"] is wrong
      where     the line y = np.exp(a), which reads a
      expected  2.2852427, from your d["a"]
      got       1.6323162
      likely    d["a"] is missing: this is the local derivative alone
    """
    __tracebackhide__ = True
    steps = lines if isinstance(lines, Ladder) else ladder(*lines)
    values = steps(**inputs)
    names = mode_of(values, forward).names
    given = copy.deepcopy(dict(inputs))
    what = what or f"{name_of(gradients)}(...)"
    found = gradients(**given)
    for name, value in inputs.items():
        if not np.array_equal(value, given[name], equal_nan=np.asarray(value).dtype.kind == "f"):
            raise CheckFailed(f"{what} changed its argument {name} in place", hint=hint)
    _check_names(found, names, what)
    verdicts = judge(values, found, forward=forward)
    for name, verdict in verdicts.items():
        if verdict.failure is not None:
            failure = verdict.failure
            failure.what = "; ".join([f"{what}: {failure.what}", *_others(verdicts, name)])
            failure.hint = hint
            raise failure


def judge(
    values: Forward, found: Mapping[str, Any], *, forward: bool = False
) -> dict[str, Verdict]:
    """Judge each derivative from those that it follows from.

    Parameters
    ----------
    values : Forward
        The values of the forward pass.
    found : mapping of str to object
        The student's gradients, or slopes, by name; other names are ignored.
    forward : bool, default False
        Whether they are slopes; see `check_ladder`.

    Returns
    -------
    dict of str to Verdict
        For each name that has a derivative, in the order in which they are found: gradients from
        the last line down, then for the inputs; slopes from the input up.

    Raises
    ------
    ValueError
        If slopes are asked for and there isn't one input, a single number.

    Examples
    --------
    >>> verdicts = judge(ladder("z = 3 * x", "y = z**2")(x=1.0), {"y": 1.0, "z": 5.0, "x": 15.0})
    >>> {name: verdict.state for name, verdict in verdicts.items()}
    {'y': 'right', 'z': 'wrong', 'x': 'right'}
    """
    mode = mode_of(values, forward)
    known: dict[str, Floats] = {}
    unusable: set[str] = set()
    verdicts = {}
    with np.errstate(all="ignore"):
        for name in mode.names:
            expected = _expected(mode, known, name)
            verdict = _verdict(mode, expected, found, known, name)
            if verdict.state == "wrong" and unusable & expected.paths.keys():
                verdict = Verdict("unjudged")
            verdicts[name] = verdict
            own = _as_floats(found.get(name), expected.value.shape)
            known[name] = expected.value if own is None else own
            if own is None:
                unusable.add(name)
    return verdicts


def refuse_zeros(found: Mapping[str, Any], names: Sequence[str]) -> None:
    """Refuse derivatives that are all 0: each follows from zeros, though nothing was computed.

    Raises
    ------
    CheckFailed
        If there is no other number among the derivatives of these names.
    """
    __tracebackhide__ = True
    if not any(np.any(found.get(name, 0)) for name in names):
        raise CheckFailed(
            f"{and_([written(name) for name in names])} are all 0",
            likely="0 follows from 0: start where the first one is wrong",
        )


def _as_floats(value: object, shape: tuple[int, ...]) -> Floats | None:
    """Return a student's derivative as an array; None if one can't compute with it."""
    try:
        array = np.asarray(value)
    except ValueError:  # a ragged list
        return None
    if array.dtype.kind not in "biuf" or array.shape != shape or not np.isfinite(array).all():
        return None
    return array.astype(np.float64)


def _expected(mode: Mode, known: Mapping[str, Floats], name: str) -> _Expected:
    """Return the derivative that follows from those that are known."""
    shape = np.shape(mode.values[name])
    if name == mode.names[0]:
        return _Expected(np.ones(shape), np.full(shape, RTOL))
    expected = _Expected(np.zeros(shape), np.zeros(shape))
    for source in mode.sources(name):
        value, error = mode.passed(name, source, known[source])
        largest = np.max(np.abs(value), initial=0.0)
        scale = max(largest, np.max(np.abs(known[source]), initial=0.0))
        expected.measurable &= bool((10 * error <= 1e-4 * scale + LEAST).all())
        expected.value = expected.value + value
        expected.tolerance = expected.tolerance + 10 * error + RTOL * largest
        expected.paths[source] = value
    return expected


def _verdict(
    mode: Mode,
    expected: _Expected,
    found: Mapping[str, Any],
    known: Mapping[str, Floats],
    name: str,
) -> Verdict:
    """Return the verdict on one derivative, given those that it follows from."""
    __tracebackhide__ = True
    where = mode.where(name)
    if found.get(name) is None or found[name] is ...:
        shape = shape_text(expected.value.shape)
        return Verdict(
            "missing", CheckFailed(f"{written(name)} is missing", where=where, expected=shape)
        )
    if not expected.measurable:
        why = f"{mode.kinked} has a kink, a jump or infinity at these inputs"
        failure = CheckFailed(f"{written(name)} can't be measured here", where=where, likely=why)
        return Verdict("wrong", failure)
    own = _as_floats(found[name], expected.value.shape)
    if own is not None and (np.abs(own - expected.value) <= expected.tolerance).all():
        return Verdict("right")
    known = dict(known)  # there are more once the message is read
    try:
        actual = as_numbers(found[name], written(name))
        check_close(
            found[name],
            expected.value,
            what=written(name),
            rtol=0.0,
            atol=cast(Any, expected.tolerance),
            sizes={f"{name}.size": expected.value.size} if expected.value.size > 2 else {},
            mistakes=lambda: usual_slips(
                mode, expected.value, expected.paths, found, known, name, actual
            ),
        )
    except CheckFailed as failure:
        failure.where = f"{failure.where}; {where}" if failure.where else where
        if own is not None and failure.expected and expected.paths:
            failure.expected += f", from your {and_(map(written, expected.paths))}"
        return Verdict("wrong", failure)
    return Verdict("right")


def _check_names(found: object, names: list[str], what: str) -> None:
    """Fail, unless the derivatives are a dict whose keys have one."""
    __tracebackhide__ = True
    if not isinstance(found, dict):
        raise CheckFailed(
            f"{what} has the wrong form",
            expected=f"a dict with the keys {', '.join(map(repr, names))}",
            actual=brief(found),
            likely=nothing_returned(found),
        )
    for name in found:
        if name not in names:
            missing = [right for right in names if right not in found]
            near = [right for right in missing if right.lower() == str(name).lower()]
            near += difflib.get_close_matches(str(name), missing, 1)
            raise CheckFailed(
                f"{what} has a key that is neither a line nor an input",
                expected=f"the keys {', '.join(map(repr, names))}",
                actual=f"the key {name!r}",
                likely=f"a misspelled {near[0]!r}" if near else None,
            )


def _others(verdicts: Mapping[str, Verdict], first: str) -> list[str]:
    """Return which other derivatives are not right, in words."""
    texts = []
    for state, said in (("wrong", "wrong"), ("missing", "missing"), ("unjudged", "not judged yet")):
        names = [written(n) for n, v in verdicts.items() if v.state == state and n != first]
        if len(names) > MOST_NAMES:
            names[MOST_NAMES - 1 :] = [f"{len(names) - MOST_NAMES + 1} more"]
        also = "also " if state == verdicts[first].state else ""
        texts += [f"{also}{said}: {and_(names)}"] if names else []
    return texts
