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
from byhand.exercises.derivatives.hunts import (
    leaky_slope_proof,
    leaky_slope_values,
    measured_slope_proof,
    measured_slope_values,
    power_slope_proof,
    power_slope_values,
)
from byhand.exercises.derivatives.ladder import (
    ladder_first_lines,
    ladder_last_lines,
    ladder_whole,
)
from byhand.exercises.derivatives.newton import (
    newton_root_fails,
    newton_root_not_finite,
    newton_root_stops,
    newton_root_values,
)
from byhand.exercises.derivatives.relu import (
    leaky_relu_derivative_values,
    leaky_relu_numbers,
    leaky_relu_values,
    relu_derivative_kink,
    relu_derivative_values,
    relu_numbers,
    relu_values,
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
from byhand.exercises.derivatives.sigmoid import (
    sigmoid_derivative_from_output,
    sigmoid_derivative_range,
    sigmoid_derivative_values,
    sigmoid_extremes,
    sigmoid_numbers,
    sigmoid_values,
)
from byhand.exercises.derivatives.smooth import (
    gelu_derivative,
    silu_derivative,
    softplus_derivative,
)
from byhand.exercises.derivatives.tanh import (
    tanh_derivative_from_output,
    tanh_derivative_range,
    tanh_derivative_values,
)

__all__ = [
    "central_difference_order",
    "central_difference_values",
    "cos_derivative_values",
    "exp_derivative_values",
    "forward_difference_order",
    "forward_difference_values",
    "gelu_derivative",
    "ladder_first_lines",
    "ladder_last_lines",
    "ladder_whole",
    "leaky_relu_derivative_values",
    "leaky_relu_numbers",
    "leaky_relu_values",
    "leaky_slope_proof",
    "leaky_slope_values",
    "log_derivative_values",
    "measured_slope_proof",
    "measured_slope_values",
    "newton_root_fails",
    "newton_root_not_finite",
    "newton_root_stops",
    "newton_root_values",
    "power_derivative_constant",
    "power_derivative_exponents",
    "power_derivative_robust",
    "power_derivative_values",
    "power_slope_proof",
    "power_slope_values",
    "product_rule_values",
    "quotient_rule_values",
    "relu_derivative_kink",
    "relu_derivative_values",
    "relu_numbers",
    "relu_values",
    "sensitivity_values",
    "sigmoid_derivative_from_output",
    "sigmoid_derivative_range",
    "sigmoid_derivative_values",
    "sigmoid_extremes",
    "sigmoid_numbers",
    "sigmoid_values",
    "silu_derivative",
    "sin_derivative_values",
    "softplus_derivative",
    "tangent_line_values",
    "tanh_derivative_from_output",
    "tanh_derivative_range",
    "tanh_derivative_values",
]
