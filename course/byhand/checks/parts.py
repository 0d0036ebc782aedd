"""Checks of results with several parts: tuples, lists and dicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import numpy as np

from byhand.checks.failures import CheckFailed, brief, nothing_returned
from byhand.checks.values import check_close

Whole = Mapping[str, Any] | Sequence[Any]
NONE_AMONG_OTHERS = (
    "it was never computed, or a function that should return it has no return statement"
)


def check_parts(
    actual: object, names: Sequence[str], *, what: str, hint: str | None = None
) -> tuple[Any, ...]:
    """Check that `actual` is a tuple with one part for each name, and return it.

    Parameters
    ----------
    actual : object
        What the student's function returned; a list will do.
    names : sequence of str
        What the parts are called, such as ``("grad_W", "grad_b")``.
    what, hint : str
        How the message calls the result, and a hint.

    Returns
    -------
    tuple
        The parts, whose values are not checked; `check_each` does that.

    Raises
    ------
    CheckFailed
        If it is neither a tuple nor a list, or has another length.

    Examples
    --------
    >>> grad_w, grad_b = check_parts(([1.0], 2.0), ("grad_w", "grad_b"), what="gradients(x)")
    """
    __tracebackhide__ = True
    fits = isinstance(actual, list | tuple) and len(actual) == len(names)
    _check_form(fits, _sequence_of(len(names), names), len(names), actual, what, hint)
    return tuple(cast(Sequence[Any], actual))


def check_each(
    actual: object,
    expected: Whole,
    *,
    what: str,
    names: Sequence[str] | None = None,
    mistakes: Mapping[str, Any] | None = None,
    hint: str | None = None,
    **settings: Any,
) -> None:
    """Check a dict, list or tuple of arrays part by part, however deep.

    Parameters
    ----------
    actual : object
        What the student's function returned.
    expected : mapping or sequence
        The right parts: numbers, arrays, or mappings and sequences of arrays. Lists and tuples
        are interchangeable.
    what : str
        How the messages call the whole; a part is called ``part 'W1' of <what>``.
    names : sequence of str, optional
        How the messages call the parts of a list or tuple, instead of ``part 0``.
    mistakes : mapping of str to mapping or sequence, optional
        What a known mistake would give: a whole of the same form, by the sentence that names it.
    hint, **settings
        As in `check_close`.

    Raises
    ------
    CheckFailed
        If it has another form, or if a part is wrong.

    Examples
    --------
    >>> check_each({"W": [1.0, 2.0], "b": 3.0}, {"b": 3.0, "W": [1.0, 2.0]}, what="gradients()")
    """
    __tracebackhide__ = True
    keys: Sequence[Any]
    if isinstance(expected, Mapping):
        keys, form = list(expected), _dict_with(expected)
        fits = isinstance(actual, dict) and set(actual) == set(keys)
    else:
        keys, form = range(len(expected)), _sequence_of(len(expected), names)
        fits = isinstance(actual, list | tuple) and len(actual) == len(keys)
    wanted = None if isinstance(expected, Mapping) else len(keys)
    _check_form(fits, form, wanted, actual, what, hint)
    actual_parts, expected_parts = cast(Any, actual), cast(Any, expected)
    called = dict(zip(keys, names or [f"part {k!r}" for k in keys], strict=True))

    plain = [key for key in keys if not _has_parts(expected_parts[key])]
    nothing = all(actual_parts[key] is None for key in keys)
    for key, name in called.items():
        given, right, part = actual_parts[key], expected_parts[key], f"{name} of {what}"
        known = {said: whole[key] for said, whole in (mistakes or {}).items()}
        if given is None and not nothing:
            raise CheckFailed(f"{part} is None", likely=NONE_AMONG_OTHERS, hint=hint)
        if key not in plain:
            check_each(given, right, what=part, hint=hint, mistakes=known, **settings)
            continue
        swapped = {
            called[other]: expected_parts[other]
            for other in (() if _is_value(given, right) else plain)
            if other != key and _is_value(actual_parts[other], right)
        }
        context = {"mistakes": known, "swapped": swapped}
        check_close(given, right, what=part, hint=hint, **settings | context)


def _check_form(
    fits: bool, form: str, wanted: int | None, actual: object, what: str, hint: str | None
) -> None:
    """Fail, unless `actual` has the form that is expected: of a list, so many `wanted` values."""
    __tracebackhide__ = True
    if fits:
        return
    if isinstance(actual, dict):
        got = _dict_with(actual)
    elif isinstance(actual, list | tuple):
        got = f"a {type(actual).__name__} of length {len(actual)}"
    else:
        got = brief(actual)
    raise CheckFailed(
        f"{what} has the wrong form",
        expected=form,
        actual=got,
        likely=nothing_returned(actual) or _one_of_several(wanted, actual),
        hint=hint,
    )


def _one_of_several(wanted: int | None, actual: object) -> str | None:
    """Return that one value, too few or too many are returned, where several are wanted."""
    if wanted is None:
        return None
    if isinstance(actual, np.ndarray | np.number | float | int):
        return "one value is returned, not all that are asked for"
    if isinstance(actual, list | tuple):
        missing = wanted - len(actual)
        one = abs(missing) == 1
        if missing > 0:
            return f"{missing} of the values that are asked for {'is' if one else 'are'} missing"
        return f"{-missing} more than are asked for: leave out what the contract does not name"
    return None


def _dict_with(keys: Iterable[Any]) -> str:
    return f"a dict with the keys {', '.join(map(repr, keys)) or '(none)'}"


def _sequence_of(count: int, names: Sequence[str] | None) -> str:
    return f"a list or tuple of length {count}" + (f": {', '.join(names)}" if names else "")


def _is_value(actual: object, value: Any) -> bool:
    """Return whether an object is this array of numbers, up to round-off."""
    try:
        numbers = np.asarray(actual)
        return numbers.shape == np.shape(value) and np.allclose(numbers, value, rtol=1e-6, atol=0)
    except (TypeError, ValueError):  # ragged or foreign
        return False


def _has_parts(value: object) -> bool:
    """Return whether a value is a mapping or a sequence of arrays, and not a list of numbers."""
    if isinstance(value, list | tuple):
        return any(isinstance(item, np.ndarray | Mapping) for item in value)
    return isinstance(value, Mapping)
