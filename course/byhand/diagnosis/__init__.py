"""Name the likely mistake behind a wrong array.

`diagnose` compares the actual values with the expected ones and says in one sentence which mistake
would produce exactly that difference: a forgotten sign, a lost term, a swapped axis. A wrong name
is worse than none, so it speaks only if

- the mistake explains *every* wrong entry, on values that make a coincidence unlikely, and
- no other mistake that is as particular explains them as well.

Each rule is a generator of such sentences, ``rule(evidence) -> Iterator[str]``. The rules of a
level are asked only if the levels before it have nothing to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from byhand.diagnosis.evidence import Evidence, same
from byhand.diagnosis.named import close_mistake, known_mistake, missing_factor, swapped_parts
from byhand.diagnosis.numbers import (
    all_zero,
    at_the_kink,
    complement,
    constant_factor,
    lost_precision,
    not_finite,
    other_branch,
    sign_flipped,
    truncated_to_integers,
    whole_numbers,
)
from byhand.diagnosis.places import on_or_off_the_diagonal, some_signs_flipped
from byhand.diagnosis.shapes import (
    broadcast,
    not_summed,
    reordered,
    reshaped,
    summed_too_much,
    told_by_shapes,
    transposed,
    wrong_shape,
)
from byhand.diagnosis.terms import wrong_terms

__all__ = ["Evidence", "diagnose", "told_by_shapes"]

Rule = Callable[[Evidence], Iterator[str]]

GENERAL: list[Rule] = [
    not_finite,
    not_summed,
    summed_too_much,
    broadcast,
    wrong_shape,
    transposed,
    reshaped,
    reordered,
    all_zero,
    truncated_to_integers,
    whole_numbers,
    sign_flipped,
    constant_factor,
    on_or_off_the_diagonal,
    at_the_kink,
    complement,
    other_branch,
    lost_precision,
]
LEVELS: list[list[Rule]] = [
    [known_mistake],
    [missing_factor, wrong_terms, swapped_parts],
    GENERAL,
    [some_signs_flipped],
]
# Any larger mistake would show, so only digits or single points can be wrong.
NEARLY_RIGHT: list[list[Rule]] = [
    [close_mistake],
    [truncated_to_integers, at_the_kink, lost_precision],
]


def diagnose(expected: object, actual: object, **context: Any) -> str | None:
    """Say which mistake would turn `expected` into `actual`.

    Parameters
    ----------
    expected, actual : array_like
        The right values and those that the student's code returned; any numeric dtype, any shapes.
    **context
        What else is known; see `Evidence`. `mistakes` may be a function that returns them.

    Returns
    -------
    str or None
        One sentence without a full stop, or None if no mistake explains every entry, or several do.

    Examples
    --------
    >>> diagnose([1.0, -2.0], [-1.0, 2.0])
    'the sign is flipped'
    >>> diagnose([1.0, -2.0], [0.25, -0.5], batch=4)
    'everything is 1/4 of what it should be: divided by the batch (B = 4) once too often?'
    """
    mistakes = context.get("mistakes")
    if callable(mistakes):
        context["mistakes"] = mistakes()
    try:
        evidence = Evidence(np.asarray(expected), np.asarray(actual), **context)
    except (TypeError, ValueError):  # ragged or foreign objects have no diagnosis
        return None
    expected, actual = evidence.expected, evidence.actual
    # no slip of arithmetic explains a wrong boolean, nor a boolean in place of a number
    if actual.dtype.kind not in "iufc" or expected.dtype.kind not in "iufc":
        return None
    if np.array_equal(expected, actual) or expected.size == 0:
        return None
    with np.errstate(all="ignore"):
        return _said(NEARLY_RIGHT if same(expected, actual) else LEVELS, evidence)


def _said(levels: Sequence[Sequence[Rule]], evidence: Evidence) -> str | None:
    """Return the only sentence of the first level that has any."""
    for rules in levels:
        sentences = {said for rule in rules for said in rule(evidence)}
        if sentences:
            return sentences.pop() if len(sentences) == 1 else None
    return None
