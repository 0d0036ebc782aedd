"""What the usual slips at one line of a ladder would give, by the sentence that names each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from byhand.checks.modes import Floats, Mode


def rung_slips(
    mode: Mode,
    right: Floats,
    paths: Mapping[str, Floats],
    found: Mapping[str, Any],
    known: Mapping[str, Floats],
    name: str,
) -> dict[str, Floats]:
    """Return what the usual mistakes would give for one name, by the sentence that names it."""
    through, beside, numbers = {}, {}, {}
    for source, rung in mode.sources(name).items():
        path = paths[source]
        local, _ = mode.passed(name, source, np.ones_like(known[source]))
        if len(paths) > 1:
            via = mode.path(source)
            through[f"{via} is missing"] = right - path
            through[f"{via} has the wrong sign"] = right - 2 * path
            if len(paths) > 2:
                through[f"only {via} is there"] = path
            beside[f"{entry_of(source)} is missing in {via}"] = right - path + local
            continue
        beside[f"{entry_of(source)} is missing: this is the local derivative alone"] = local
        passed = f"{entry_of(source)} is passed on as it is"
        beside[f"{passed}, without the local derivative of {rung.line}"] = known[source]
    for other, derivative in known.items():
        if other in found and other not in paths:
            numbers[f"it equals your {entry_of(other)}"] = derivative
    for other in mode.values:
        said = f"it equals {other}, which is not a {mode.noun}"
        numbers[said] = np.asarray(mode.values[other], dtype=np.float64)  # constants too
    counted = _miscounted(mode, right, paths, name)
    through |= counted
    numbers = {said: array for said, array in numbers.items() if not _is_common(array)}
    likely: dict[str, Floats] = {}
    for tier in (through, beside, numbers):  # the particular first; alike ones say nothing
        likely |= {
            said: wrong
            for said, wrong in tier.items()
            if sum(_alike(wrong, other) for other in [*tier.values(), *likely.values()]) == 1
            and (said in counted or not _multiple(wrong, right))
        }
    return likely


def _miscounted(
    mode: Mode, right: Floats, paths: Mapping[str, Floats], name: str
) -> dict[str, Floats]:
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
    """Return whether an array is a multiple of the right one, which has other explanations."""
    if one.shape != right.shape:
        return False
    factors = [-1.0, 0.0, 0.5, -0.5, 2.0, -2.0]  # any two single numbers are multiples
    if right.size > 1:
        factors = [float(np.vdot(one, right)) / (float(np.vdot(right, right)) or 1.0)]
    return any(_alike(factor * right, one) for factor in factors)


def entry_of(name: str) -> str:
    """Return how a student writes the derivative of a name."""
    return f'd["{name}"]'
