"""The checks of chapter 2."""

from byhand.exercises.gradients.bfgs import (
    bfgs_update_secant,
    bfgs_update_skipped,
    bfgs_update_values,
)
from byhand.exercises.gradients.convexity import is_convex_proof, is_convex_values
from byhand.exercises.gradients.critical import (
    classify_degenerate,
    classify_dimensions,
    classify_signs,
)
from byhand.exercises.gradients.descent import (
    gradient_descent_input,
    gradient_descent_path,
    gradient_descent_shape,
    newton_step_accuracy,
    newton_step_values,
)
from byhand.exercises.gradients.directions import (
    directional_derivative_values,
    level_curve_direction_values,
    no_direction,
    steepest_ascent_values,
)
from byhand.exercises.gradients.hessian import (
    hessian_f_values,
    numerical_hessian_input,
    numerical_hessian_values,
)
from byhand.exercises.gradients.hunts import (
    is_minimum_proof,
    is_minimum_values,
    softmax_rows_proof,
    softmax_rows_values,
)
from byhand.exercises.gradients.jacobians import (
    elementwise_jacobian_values,
    linear_jacobian_values,
    numerical_jacobian_input,
    numerical_jacobian_values,
)
from byhand.exercises.gradients.measured import (
    gradient_f_values,
    numerical_gradient_input,
    numerical_gradient_shape,
    numerical_gradient_values,
    partial_derivative_input,
    partial_derivative_values,
)
from byhand.exercises.gradients.quadratic import (
    least_squares_gradient_values,
    least_squares_letters,
    output_slopes_values,
    outputs_with_indices,
    quadratic_gradient_any,
    quadratic_gradient_symmetric,
)
from byhand.exercises.gradients.softmax import (
    softmax_axis,
    softmax_derivative_batch,
    softmax_derivative_row,
    softmax_derivative_values,
    softmax_dtype,
    softmax_extremes,
    softmax_values,
)
from byhand.exercises.gradients.trust import (
    check_gradient_entry,
    check_gradient_noise,
    check_gradient_right,
    check_gradient_wrong,
)

__all__ = [
    "bfgs_update_secant",
    "bfgs_update_skipped",
    "bfgs_update_values",
    "check_gradient_entry",
    "check_gradient_noise",
    "check_gradient_right",
    "check_gradient_wrong",
    "classify_degenerate",
    "classify_dimensions",
    "classify_signs",
    "directional_derivative_values",
    "elementwise_jacobian_values",
    "gradient_descent_input",
    "gradient_descent_path",
    "gradient_descent_shape",
    "gradient_f_values",
    "hessian_f_values",
    "is_convex_proof",
    "is_convex_values",
    "is_minimum_proof",
    "is_minimum_values",
    "least_squares_gradient_values",
    "least_squares_letters",
    "level_curve_direction_values",
    "linear_jacobian_values",
    "newton_step_accuracy",
    "newton_step_values",
    "no_direction",
    "numerical_gradient_input",
    "numerical_gradient_shape",
    "numerical_gradient_values",
    "numerical_hessian_input",
    "numerical_hessian_values",
    "numerical_jacobian_input",
    "numerical_jacobian_values",
    "output_slopes_values",
    "outputs_with_indices",
    "partial_derivative_input",
    "partial_derivative_values",
    "quadratic_gradient_any",
    "quadratic_gradient_symmetric",
    "softmax_axis",
    "softmax_derivative_batch",
    "softmax_derivative_row",
    "softmax_derivative_values",
    "softmax_dtype",
    "softmax_extremes",
    "softmax_rows_proof",
    "softmax_rows_values",
    "softmax_values",
    "steepest_ascent_values",
]
