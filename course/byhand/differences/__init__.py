"""Numerical derivatives with an error estimate, by central differences."""

from byhand.differences.derivatives import (
    Estimate,
    derivative,
    evaluate_many,
    gradient,
    hessian,
    jacobian,
    vjp,
)

__all__ = [
    "Estimate",
    "derivative",
    "evaluate_many",
    "gradient",
    "hessian",
    "jacobian",
    "vjp",
]
