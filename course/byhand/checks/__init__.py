"""Checks that teach: what the test cells of the course call."""

from byhand.checks.values import (
    CheckFailed,
    check_close,
    check_counterexample,
    check_derivative,
    check_each,
    check_equal,
    check_gradient,
    check_jacobian,
    check_parts,
    check_quiet,
    check_raises,
    check_shape,
    check_unchanged,
    check_vjp,
    scenario,
    supplied,
)

__all__ = [
    "CheckFailed",
    "check_close",
    "check_counterexample",
    "check_derivative",
    "check_each",
    "check_equal",
    "check_gradient",
    "check_jacobian",
    "check_parts",
    "check_quiet",
    "check_raises",
    "check_shape",
    "check_unchanged",
    "check_vjp",
    "scenario",
    "supplied",
]
