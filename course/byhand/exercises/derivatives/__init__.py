"""The checks of chapter 1."""

from byhand.exercises.derivatives.differences import (
    central_difference_order,
    central_difference_values,
    forward_difference_order,
    forward_difference_values,
)

__all__ = [
    "central_difference_order",
    "central_difference_values",
    "forward_difference_order",
    "forward_difference_values",
]
