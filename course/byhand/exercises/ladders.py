"""Calls a student's answer to a ladder, and judges its lines one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from byhand.checks import CheckFailed, check_ladder, ladder, scenario
from byhand.checks.failures import brief, nothing_returned
from byhand.checks.ladders import Forward
from byhand.checks.rungs import judge, refuse_zeros
from byhand.differences.calls import Function

Slips = Callable[[Forward, dict[str, Any], str], Mapping[str, Any]]  # values by mistake


@scenario
def answer_to(answer: Function, lines: Sequence[str], inputs: dict[str, Any]) -> Any:
    """Return what the student's function gives for a ladder's values."""
    from byhand.checks import ladder

    return answer(ladder(*lines)(**inputs))


def require_dict(found: Any, keys: set[str], expected: str) -> None:
    """Fail unless the answer is a dict that has the keys; `expected` says so in words."""
    if not isinstance(found, dict) or not keys <= found.keys():
        raise CheckFailed(expected, actual=brief(found), likely=nothing_returned(found))


def check_lines(
    answer: Function,
    lines: Sequence[str],
    names: Sequence[str],
    inputs: dict[str, Any],
    *,
    slips: Slips,
    what: str,
    forward: bool = False,
) -> None:
    """Check some lines of a ladder, each from the student's own derivatives before it.

    Parameters
    ----------
    answer
        The student's function.
    lines
        The ladder.
    names
        Which of its lines count here.
    inputs
        The ladder's inputs.
    slips
        What known mistakes give, from the values, the student's derivatives and a line's name.
    what
        What is checked, in words.
    forward
        Whether the derivatives are slopes from the input up, not gradients from the loss down.
    """
    __tracebackhide__ = True
    chain, found = ladder(*lines), None

    def run(**inputs: Any) -> Any:
        nonlocal found
        found = answer_to(answer, lines, inputs)
        return found

    try:
        check_ladder(chain, run, inputs, forward=forward, what=what)
    except CheckFailed as first:
        failure, v = first, chain(**inputs)
        if not isinstance(found, dict) or not set(found) <= set(v):
            raise
        verdicts = judge(v, found, forward=forward)
        wrong = [name for name in verdicts if verdicts[name].state != "right"]
        own = [name for name in wrong if name in names]
        if not own:
            refuse_zeros(found, names)
            return  # the lines of another check
        if own[0] != wrong[0]:
            others = "slopes before" if forward else "gradients below"
            failure = verdicts[own[0]].failure or CheckFailed(
                f'd["{own[0]}"] can be judged only with the {others} it'
            )
        slip = known_slip(v, found, own[0], slips)
        if slip is not None:
            failure.likely = slip
        raise failure from None


def known_slip(v: Forward, found: dict[str, Any], name: str, slips: Slips) -> str | None:
    """Return the mistake in a wrong line, if it is one of the known ones."""
    try:
        d = {line: np.asarray(value, dtype=float) for line, value in found.items()}
        said = [
            mistake
            for mistake, value in slips(v, d, name).items()
            if np.shape(value) == d[name].shape and np.allclose(value, d[name], rtol=1e-6)
        ]
    except (TypeError, ValueError, KeyError, ZeroDivisionError):
        return None  # not numbers, or not all of them
    return said[0] if len(said) == 1 else None
