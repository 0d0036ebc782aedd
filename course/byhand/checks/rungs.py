"""Which gradients of a ladder are right, each judged from the student's own gradients above it.

The gradient of a name is the sum, over the lines that read it, of what each passes back. One such
step is measured by finite differences, with the *student's* gradient of the reading line as the
upstream gradient. So a slip is blamed on its own line, and what follows from it is not.
"""

from __future__ import annotations

import copy
import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from byhand import differences
from byhand.checks.failures import CheckFailed, brief, nothing_returned, shape_text
from byhand.checks.ladders import Forward, Ladder, ladder
from byhand.checks.values import check_close
from byhand.differences.calls import Function, name_of

__all__ = ["Verdict", "check_ladder", "judge"]

LEAST = float(np.finfo(np.float64).tiny)  # an error below that is none: all may be zero
RTOL = 1e-7  # of the largest entry, in addition to ten times the estimated error
MOST_NAMES = 6  # that a message lists

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Verdict:
    """What is to be said of one gradient.

    Attributes
    ----------
    state : {"right", "wrong", "missing", "unjudged"}
        It is unjudged if it doesn't follow from the right gradients of the lines that read it, but
        may follow from the student's, one of which is missing or can't be computed with.
    failure : CheckFailed or None
        What a check says of a wrong or missing one.
    """

    state: Literal["right", "wrong", "missing", "unjudged"]
    failure: CheckFailed | None = None


@dataclass
class _Expected:
    """The gradient that follows from those of the lines that read the name.

    Attributes
    ----------
    value, tolerance : ndarray
        The gradient, and how far a right one may be from it.
    paths : dict of str to ndarray
        What each line that reads it passes back, by the name that the line assigns.
    measurable : bool
        False if one of these lines has no slope here.
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
    what: str | None = None,
    hint: str | None = None,
) -> None:
    """Check the gradients of a ladder's last line with respect to every line and every input.

    Parameters
    ----------
    lines : Ladder or sequence of str
        The ladder, or its lines.
    gradients : callable
        Called once with copies of the inputs, by name. It returns a dict that holds, for each name,
        the gradient with respect to it, of the same shape. For an answer that takes the forward
        pass instead, as in ``gradients(v)``, pass a scenario that makes it beside the student's
        code: ``return gradients(network(**inputs))``.
    inputs : mapping of str to array_like
        The inputs, as in `Ladder`.
    what : str, optional
        How the message calls the result.
    hint : str, optional
        Shown if a gradient is wrong.

    Raises
    ------
    CheckFailed
        If a gradient is wrong, missing, or belongs to no line; the message is about the one nearest
        the last line, and names the others.
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
    """
    __tracebackhide__ = True
    steps = lines if isinstance(lines, Ladder) else ladder(*lines)
    values = steps(**inputs)
    given = copy.deepcopy(dict(inputs))
    what = what or f"{name_of(gradients)}(...)"
    found = gradients(**given)
    for name, value in inputs.items():
        if not np.array_equal(value, given[name], equal_nan=np.asarray(value).dtype.kind == "f"):
            raise CheckFailed(f"{what} changed its argument {name} in place", hint=hint)
    _check_names(found, names_of(values), what)
    verdicts = judge(values, found)
    for name, verdict in verdicts.items():
        if verdict.failure is not None:
            failure = verdict.failure
            failure.what = "; ".join([f"{what}: {failure.what}", *_others(verdicts, name)])
            failure.hint = hint
            raise failure


def names_of(values: Forward) -> list[str]:
    """Return the names that have a gradient: the lines from the last one down, then the inputs."""
    steps = values._ladder
    names = [*reversed(steps.rungs), *steps.inputs]
    return [name for name in names if np.asarray(values[name]).dtype.kind == "f"]


def judge(values: Forward, found: Mapping[str, Any]) -> dict[str, Verdict]:
    """Judge each gradient from those of the lines that read the name.

    Parameters
    ----------
    values : Forward
        The values of the forward pass.
    found : mapping of str to object
        The student's gradients, by name; other names are ignored.

    Returns
    -------
    dict of str to Verdict
        For each name that has a gradient, from the last line down, then for the inputs.

    Examples
    --------
    >>> verdicts = judge(ladder("z = 3 * x", "y = z**2")(x=1.0), {"y": 1.0, "z": 5.0, "x": 15.0})
    >>> {name: verdict.state for name, verdict in verdicts.items()}
    {'y': 'right', 'z': 'wrong', 'x': 'right'}
    """
    upstream: dict[str, Floats] = {}
    unusable: set[str] = set()
    verdicts = {}
    with np.errstate(all="ignore"):
        for name in names_of(values):
            expected = _expected(values, upstream, name)
            verdict = _verdict(values, expected, found, upstream, name)
            if verdict.state == "wrong" and unusable & expected.paths.keys():
                verdict = Verdict("unjudged")
            verdicts[name] = verdict
            own = _as_floats(found.get(name), expected.value.shape)
            upstream[name] = expected.value if own is None else own
            if own is None:
                unusable.add(name)
    return verdicts


def _as_floats(value: object, shape: tuple[int, ...]) -> Floats | None:
    """Return a student's gradient as an array; None if one can't compute with it."""
    try:
        array = np.asarray(value)
    except ValueError:  # a ragged list
        return None
    if array.dtype.kind not in "biuf" or array.shape != shape or not np.isfinite(array).all():
        return None
    return array.astype(np.float64)


def _expected(values: Forward, upstream: Mapping[str, Floats], name: str) -> _Expected:
    """Return the gradient that follows from those of the lines that read the name."""
    steps = values._ladder
    shape = np.shape(values[name])
    if name == steps.output:
        return _Expected(np.ones(shape), np.full(shape, RTOL))
    expected = _Expected(np.zeros(shape), np.zeros(shape))
    for rung in steps.readers(name):
        if rung.name not in upstream:  # a constant
            continue
        step = rung.as_function_of(name, values)
        grad = upstream[rung.name]
        measured = differences.vjp(step, values[name], grad_output=grad)
        largest = np.max(np.abs(measured.value), initial=0.0)
        scale = max(largest, np.max(np.abs(grad), initial=0.0))
        expected.measurable &= bool((10 * measured.error <= 1e-4 * scale + LEAST).all())
        expected.value = expected.value + measured.value
        expected.tolerance = expected.tolerance + 10 * measured.error + RTOL * largest
        expected.paths[rung.name] = measured.value
    return expected


def _verdict(
    values: Forward,
    expected: _Expected,
    found: Mapping[str, Any],
    upstream: Mapping[str, Floats],
    name: str,
) -> Verdict:
    """Return the verdict on one gradient, given those of the lines that read the name."""
    __tracebackhide__ = True
    where = _where(values, name)
    if found.get(name) is None or found[name] is ...:
        shape = shape_text(expected.value.shape)
        return Verdict(
            "missing", CheckFailed(f"{_d(name)} is missing", where=where, expected=shape)
        )
    if not expected.measurable:
        why = "a line that reads it has a kink, a jump or infinity at these inputs"
        failure = CheckFailed(f"{_d(name)} can't be measured here", where=where, likely=why)
        return Verdict("wrong", failure)
    own = _as_floats(found[name], expected.value.shape)
    if own is not None and (np.abs(own - expected.value) <= expected.tolerance).all():
        return Verdict("right")
    try:
        check_close(
            found[name],
            expected.value,
            what=_d(name),
            rtol=0.0,
            atol=cast(Any, expected.tolerance),
            sizes={f"{name}.size": expected.value.size} if expected.value.size > 2 else {},
            mistakes=_mistakes(values, expected, found, upstream, name),
        )
    except CheckFailed as failure:
        failure.where = f"{failure.where}; {where}" if failure.where else where
        if own is not None and failure.expected and expected.paths:
            failure.expected += f", from your {_and(map(_d, expected.paths))}"
        return Verdict("wrong", failure)
    return Verdict("right")


def _mistakes(
    values: Forward,
    expected: _Expected,
    found: Mapping[str, Any],
    upstream: Mapping[str, Floats],
    name: str,
) -> dict[str, Floats]:
    """Return what the usual mistakes would give for one gradient, by the sentence that names it."""
    rungs, right, paths = values._ladder.rungs, expected.value, expected.paths
    through, beside, numbers = {}, {}, {}
    for reader, path in paths.items():
        line = rungs[reader].line
        if len(paths) > 1:
            through[f"the path through {line} is missing"] = right - path
            if len(paths) > 2:
                through[f"only the path through {line} is there"] = path
            continue
        ones = np.ones(np.shape(values[reader]))
        step = rungs[reader].as_function_of(name, values)
        local = differences.vjp(step, values[name], grad_output=ones).value
        beside[f"{_d(reader)} is missing: this is the local derivative alone"] = local
        passed = f"{_d(reader)} is passed on as it is, without the local derivative of {line}"
        beside[passed] = upstream[reader]
    for other, gradient in upstream.items():
        if other in found and other not in paths:
            numbers[f"it equals your {_d(other)}"] = gradient
    for other in values:
        numbers[f"it equals {other}, which is not a gradient"] = np.asarray(values[other])
    numbers = {said: array for said, array in numbers.items() if not _is_common(array)}
    known: dict[str, Floats] = {}
    for tier in (through, beside, numbers):  # the particular first; alike ones say nothing
        known |= {
            said: gradient
            for said, gradient in tier.items()
            if sum(_alike(gradient, other) for other in [*tier.values(), *known.values()]) == 1
            and not _multiple(gradient, right)
        }
    return known


def _is_common(array: Floats) -> bool:
    """Return whether an array is one whole number throughout, which may be there by chance."""
    first = array.flat[0] if array.size else 0
    return bool((array == first).all() and first == np.round(first))


def _alike(one: Floats, other: Floats) -> bool:
    """Return whether two arrays can't be told from each other."""
    if one.shape != other.shape:
        return False
    largest = np.max(np.abs(other), initial=0.0)
    return bool(np.max(np.abs(one - other), initial=0.0) <= 1e-5 * largest)


def _multiple(one: Floats, right: Floats) -> bool:
    """Return whether a gradient is a multiple of the right one, which has other explanations."""
    if one.shape != right.shape:
        return False
    factors = [-1.0, 0.0, 0.5, -0.5, 2.0, -2.0]  # any two single numbers are multiples
    if right.size > 1:
        factors = [float(np.vdot(one, right)) / (float(np.vdot(right, right)) or 1.0)]
    return any(_alike(factor * right, one) for factor in factors)


def _check_names(found: object, names: list[str], what: str) -> None:
    """Fail, unless the gradients are a dict whose keys have a gradient."""
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
                f"{what} has the key {name!r}, which is neither a line nor an input",
                expected=f"the keys {', '.join(map(repr, names))}",
                likely=f"a misspelled {near[0]!r}" if near else None,
            )


def _others(verdicts: Mapping[str, Verdict], first: str) -> list[str]:
    """Return which other gradients are not right, in words."""
    texts = []
    for state, said in (("wrong", "wrong"), ("missing", "missing"), ("unjudged", "not judged yet")):
        names = [_d(n) for n, v in verdicts.items() if v.state == state and n != first]
        if len(names) > MOST_NAMES:
            names[MOST_NAMES - 1 :] = [f"{len(names) - MOST_NAMES + 1} more"]
        also = "also " if state == verdicts[first].state else ""
        texts += [f"{also}{said}: {_and(names)}"] if names else []
    return texts


def _where(values: Forward, name: str) -> str:
    """Return the line of a name, and the lines that read it, in words."""
    steps = values._ladder
    if name == steps.output:
        return f"the last line, {steps.rungs[name].line}"
    subject = f"the line {steps.rungs[name].line}" if name in steps.rungs else f"the input {name}"
    readers = [rung.line for rung in steps.readers(name)]
    return f"{subject}, which {_and(readers)} read{'s' * (len(readers) == 1)}"


def _d(name: str) -> str:
    """Return how a student writes the gradient of a name."""
    return f'd["{name}"]'


def _and(items: Iterable[str]) -> str:
    """Return a list in words."""
    *others, last = items
    return f"{', '.join(others)} and {last}" if others else last
