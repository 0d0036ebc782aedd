"""The checks of chapter 1."""

from byhand.exercises.derivatives.combine import (
    product_rule_values,
    quotient_rule_values,
    sensitivity_values,
    tangent_line_values,
)
from byhand.exercises.derivatives.differences import (
    central_difference_order,
    central_difference_values,
    forward_difference_order,
    forward_difference_values,
)
from byhand.exercises.derivatives.rules import (
    cos_derivative_values,
    exp_derivative_values,
    log_derivative_values,
    power_derivative_constant,
    power_derivative_exponents,
    power_derivative_robust,
    power_derivative_values,
    sin_derivative_values,
)

__all__ = [
    "central_difference_order",
    "central_difference_values",
    "cos_derivative_values",
    "exp_derivative_values",
    "forward_difference_order",
    "forward_difference_values",
    "log_derivative_values",
    "power_derivative_constant",
    "power_derivative_exponents",
    "power_derivative_robust",
    "power_derivative_values",
    "product_rule_values",
    "quotient_rule_values",
    "sensitivity_values",
    "sin_derivative_values",
    "tangent_line_values",
]
