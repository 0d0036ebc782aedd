"""What the usual slips make of one derivative of a ladder, each by the sentence that names it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from byhand.checks.ladders import Rung
from byhand.checks.modes import Floats, Mode, written

__all__ = ["usual_slips"]

Slips = dict[str, Floats]
# By function, what is taken for its slope at x, where its value is y.
LOCAL: dict[str, dict[str, Callable[[Floats, Floats], Floats]]] = {
    "tanh": {
        "1 - {x}**2 is taken for the slope of tanh: it is made of {y}, not of {x}": (
            lambda x, y: 1 - x**2
        ),
        "1 - {y} is taken for the slope of tanh: the square is missing": lambda x, y: 1 - y,
        "1 + {y}**2 is taken for the slope of tanh: the square is subtracted": (
            lambda x, y: 1 + y**2
        ),
    },
    "exp": {"{x} is taken for the slope of exp, which is exp itself": lambda x, y: x},
    "log": {
        "{x} is taken for the slope of log, which is its reciprocal": lambda x, y: x,
        "1 / {y} is taken for the slope of log: it is made of {x}, not of {y}": lambda x, y: 1 / y,
    },
    "power": {},
    "square": {"2 is taken for the slope of {x}**2, without {x}": lambda x, y: 2 + 0 * x},
    "sin": {},
    "cos": {},
    "sqrt": {},
}


def usual_slips(
    mode: Mode,
    right: Floats,
    paths: Mapping[str, Floats],
    found: Mapping[str, Any],
    known: Mapping[str, Floats],
    name: str,
    actual: NDArray[Any],
) -> Slips:
    """Return what the usual slips make of the derivative of one name, if near what is there.

    Parameters
    ----------
    mode : Mode
        The way along the ladder.
    right : ndarray
        The right derivative.
    paths : mapping of str to ndarray
        What each source contributes to it.
    found : mapping of str to object
        The student's derivatives.
    known : mapping of str to ndarray
        The derivatives that are known so far; the student's own, where one can compute with them.
    name : str
        The name.
    actual : ndarray
        The student's derivative with respect to it, of any shape.

    Returns
    -------
    dict of str to ndarray
        No two are alike, and none is a multiple of the right derivative.
    """
    through: Slips = {}
    taken: Slips = {}
    beside: Slips = {}
    numbers: Slips = {}
    replaced: Slips = {}
    counted = _miscounted(mode, right, paths, name)
    for source, rung in mode.sources(name).items():
        path, given = paths[source], known[source]
        fits = bool(np.shape(mode.values[name]) == given.shape)
        for said, wrong in _local_slips(mode, rung, name, source, given):
            taken[said] = right - path + wrong
        others = [n for n in known if n != source and known[n].shape == given.shape and fits]
        local, *passed = mode.passed_each(
            name, source, [np.ones_like(given), *(known[other] for other in others)]
        )
        for other, instead in zip(others, passed, strict=True):
            said = f"{written(other)} is in the place of {written(source)}"
            replaced[said] = right - path + instead
        for said, factor in _other_factors(mode, rung, name, given) if fits else ():
            replaced[said] = right - path + factor
        if len(paths) > 1:
            via = mode.path(source)
            through |= _of_one_path(via, right, path, paths)
            beside[f"{written(source)} is missing in {via}"] = right - path + local
            if fits:
                beside[f"{written(source)} is passed on as it is in {via}"] = right - path + given
            continue
        beside[f"{written(source)} is missing: this is the local derivative alone"] = local
        said = (
            f"{written(source)} is passed on as it is, without the local derivative of {rung.line}"
        )
        beside[said] = given
        if fits and mode.noun == "gradient" and np.allclose(np.abs(local), 1.0):
            once = f"so that {written(source)} counts once, and nothing else"
            said = f"only {rung.line} reads {name}, {once}"
            counted[said] = 2 * right
    for reader, derivative in known.items():
        if reader in found and reader not in paths:
            numbers[f"it equals your {written(reader)}"] = derivative
    for value in mode.values:
        said = f"it equals {value}, which is not a {mode.noun}"
        numbers[said] = np.asarray(mode.values[value], dtype=np.float64)  # constants too
    through |= counted
    numbers = {said: array for said, array in numbers.items() if not _is_common(array)}
    # the particular first; alike ones say nothing
    return _told_apart([through, taken, beside, numbers, replaced], right, actual, counted)


def _told_apart(
    tiers: Sequence[Slips], right: Floats, actual: NDArray[Any], counted: Slips
) -> Slips:
    """Return those near what is there that are unlike the others of their tier and before it."""
    likely: Slips = {}
    for tier in tiers:
        near = {said: wrong for said, wrong in tier.items() if _may_be(wrong, actual)}
        likely |= {
            said: wrong
            for said, wrong in near.items()
            if sum(_alike(wrong, other) for other in [*near.values(), *likely.values()]) == 1
            and (said in counted or not _multiple(wrong, right))
        }
    return likely


def _of_one_path(via: str, right: Floats, path: Floats, paths: Mapping[str, Floats]) -> Slips:
    """Return what comes of one path that is lost or miscounted."""
    slips = {
        f"{via} is missing": right - path,
        f"{via} has the wrong sign": right - 2 * path,
        f"{via} is half of what it should be": right - path / 2,
        f"{via} is twice what it should be": right + path,
    }
    if len(paths) == 2:
        product = np.prod([*paths.values()], axis=0)
        return slips | {"the two paths are multiplied: they add": product}
    return slips | {f"only {via} is there": path}


def _other_factors(
    mode: Mode, rung: Rung, name: str, given: Floats
) -> Iterator[tuple[str, Floats]]:
    """Return what passes if a value is taken for the slope of a line."""
    for other in mode.values:
        value = np.asarray(mode.values[other], dtype=np.float64)
        if value.shape == given.shape:
            yield (
                f"{other} is taken for the slope of {rung.line} with respect to {name}"
                if mode.noun == "gradient"
                else f"{other} is taken for the slope of {rung.line}",
                value * given,
            )


def _miscounted(mode: Mode, right: Floats, paths: Mapping[str, Floats], name: str) -> Slips:
    """Return what comes of a mean's division that is left out, or made by another axis's length."""
    slips = {}
    for source, rung in mode.sources(name).items():
        sizes, path = np.shape(mode.values[name]), paths[source]
        count = int(np.prod(sizes)) // max(1, np.size(mode.values[source]))
        if "mean(" not in rung.line or count < 2:
            continue
        slips[f"the division by {count} that belongs to {rung.line} is missing"] = (
            right + (count - 1) * path
        )
        slips |= {
            f"divided by {size}, but {rung.line} takes the mean of {count}": (
                right + (count / size - 1) * path
            )
            for size in {*sizes, int(np.prod(sizes))} - {count, 1}
        }
    return slips


def _local_slips(
    mode: Mode, rung: Rung, name: str, source: str, given: Floats
) -> Iterator[tuple[str, Floats]]:
    """Return what passes if something else is taken for the slope of the line's one function."""
    read = name if rung.name == source else source
    function, sign = _function_of(rung.line, read)
    x, y = (np.asarray(mode.values[n], dtype=np.float64) for n in (read, rung.name))
    if function not in LOCAL or not x.shape == y.shape == given.shape:
        return
    for said, slope in LOCAL[function].items():
        yield said.format(x=read, y=rung.name), sign * slope(x, y) * given
    if function != "exp":
        yield f"{rung.name} itself is taken for the slope of {rung.line}", sign * y * given


def _function_of(line: str, name: str) -> tuple[str, int]:
    """Return which function of a name a line is, and the sign of the name in it."""
    match ast.parse(line).body:
        case [ast.Assign(value=ast.Call(func=ast.Attribute(attr=function), args=[argument]))]:
            pass
        case [
            ast.Assign(value=ast.BinOp(left=argument, op=ast.Pow(), right=ast.Constant(value=n)))
        ]:
            function = "square" if n == 2 else "power"
        case _:
            return "", 1
    match argument:
        case ast.Name(id=read) if read == name:
            return function, 1
        case ast.UnaryOp(op=ast.USub(), operand=ast.Name(id=read)) if read == name:
            return function, -1
    return "", 1


def _is_common(array: Floats) -> bool:
    """Return whether an array is one whole number throughout, which may be there by chance."""
    first = array.flat[0] if array.size else 0
    return bool((array == first).all() and first == np.round(first))


def _may_be(wrong: Floats, actual: NDArray[Any]) -> bool:
    """Return whether an array is near what is there, or not finite: the others explain nothing."""
    if wrong.shape != actual.shape:
        return False
    off = np.max(np.abs(wrong - actual), initial=0.0)
    return not 1e-3 * np.max(np.abs(actual), initial=0.0) < off < np.inf


def _alike(one: Floats, other: Floats) -> bool:
    """Return whether two arrays can't be told from each other."""
    if one.shape != other.shape:
        return False
    largest = np.max(np.abs(other), initial=0.0)
    return bool(np.max(np.abs(one - other), initial=0.0) <= 1e-5 * largest)


def _multiple(one: Floats, right: Floats) -> bool:
    """Return whether an array is a multiple of the right one, which has other explanations."""
    if one.shape != right.shape:
        return False
    factors = [-1.0, 0.0, 0.5, -0.5, 2.0, -2.0]  # any two single numbers are multiples
    if right.size > 1:
        factors = [float(np.vdot(one, right)) / (float(np.vdot(right, right)) or 1.0)]
    return any(_alike(factor * right, one) for factor in factors)
