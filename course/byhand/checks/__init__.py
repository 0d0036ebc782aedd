"""Checks that teach: what the test cells of the course call.

A check that does not hold raises `CheckFailed`, whose text says what was checked, what was
expected, what the student's code returned, where, and the likely mistake. Tolerances of the
numerical checks come from the error estimate of `byhand.differences`: they excuse round-off error,
never a wrong term.

A test reaches a student's code in three ways only, so that it can also run in another process:
a call by value, many points at once (`byhand.differences.evaluate_many`), and a `scenario`.
"""

from byhand.checks.behaviour import (
    check_accepts,
    check_counterexample,
    check_quiet,
    check_raises,
    check_unchanged,
)
from byhand.checks.derivatives import check_derivative, check_gradient, check_jacobian, check_vjp
from byhand.checks.failures import CheckFailed
from byhand.checks.ladders import ladder
from byhand.checks.parts import check_each, check_parts
from byhand.checks.reach import may_measure, scenario, supplied
from byhand.checks.rungs import check_ladder
from byhand.checks.source import show
from byhand.checks.values import check_close, check_equal, check_shape

__all__ = [
    "CheckFailed",
    "check_accepts",
    "check_close",
    "check_counterexample",
    "check_derivative",
    "check_each",
    "check_equal",
    "check_gradient",
    "check_jacobian",
    "check_ladder",
    "check_parts",
    "check_quiet",
    "check_raises",
    "check_shape",
    "check_unchanged",
    "check_vjp",
    "ladder",
    "may_measure",
    "scenario",
    "show",
    "supplied",
]
