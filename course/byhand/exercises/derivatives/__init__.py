"""The checks of chapter 1."""

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

__all__ = [
    "central_difference_order",
    "central_difference_values",
    "forward_difference_order",
    "forward_difference_values",
    "ladder_first_lines",
    "ladder_last_lines",
    "ladder_whole",
    "leaky_slope_proof",
    "leaky_slope_values",
    "measured_slope_proof",
    "measured_slope_values",
    "newton_root_fails",
    "newton_root_not_finite",
    "newton_root_stops",
    "newton_root_values",
    "power_slope_proof",
    "power_slope_values",
]
