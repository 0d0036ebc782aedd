"""The checks of chapter 6."""

from byhand.exercises.stability.checking import (
    gradient_check_dtypes,
    gradient_check_measured,
    gradient_check_right,
    gradient_check_wrong,
)
from byhand.exercises.stability.clipping import (
    clip_gradient_norm_in_place,
    clip_gradient_norm_short,
    clip_gradient_norm_values,
)
from byhand.exercises.stability.compare import (
    relative_error_edges,
    relative_error_noise,
    relative_error_small,
    relative_error_values,
)
from byhand.exercises.stability.depth import (
    gradient_norms_values,
    he_init_values,
    xavier_init_values,
)
from byhand.exercises.stability.far import (
    float16_gradient_values,
    kahan_sum_values,
    pairwise_sum_values,
    variance_values,
)
from byhand.exercises.stability.hunts import (
    example_loss_proof,
    example_loss_values,
    gate_proof,
    gate_values,
    square_check_proof,
    square_check_values,
)
from byhand.exercises.stability.ladder import (
    ladder_first_lines,
    ladder_inputs,
    ladder_last_lines,
)
from byhand.exercises.stability.layer import (
    layer_check_proof,
    layer_check_values,
)
from byhand.exercises.stability.logs import (
    binary_cross_entropy_extremes,
    binary_cross_entropy_values,
    log_sigmoid_extremes,
    log_sigmoid_values,
)
from byhand.exercises.stability.losses import (
    cross_entropy_extremes,
    cross_entropy_gradient_values,
    cross_entropy_values,
    log_softmax_backward_values,
    log_softmax_extremes,
    log_softmax_values,
)
from byhand.exercises.stability.softmax import (
    logsumexp_extremes,
    logsumexp_infinite,
    logsumexp_keepdims,
    logsumexp_values,
    softmax_extremes,
    softmax_infinite,
    softmax_values,
)
from byhand.exercises.stability.steps import (
    best_step_values,
    complex_step_values,
)

__all__ = [
    "best_step_values",
    "binary_cross_entropy_extremes",
    "binary_cross_entropy_values",
    "clip_gradient_norm_in_place",
    "clip_gradient_norm_short",
    "clip_gradient_norm_values",
    "complex_step_values",
    "cross_entropy_extremes",
    "cross_entropy_gradient_values",
    "cross_entropy_values",
    "example_loss_proof",
    "example_loss_values",
    "float16_gradient_values",
    "gate_proof",
    "gate_values",
    "gradient_check_dtypes",
    "gradient_check_measured",
    "gradient_check_right",
    "gradient_check_wrong",
    "gradient_norms_values",
    "he_init_values",
    "kahan_sum_values",
    "ladder_first_lines",
    "ladder_inputs",
    "ladder_last_lines",
    "layer_check_proof",
    "layer_check_values",
    "log_sigmoid_extremes",
    "log_sigmoid_values",
    "log_softmax_backward_values",
    "log_softmax_extremes",
    "log_softmax_values",
    "logsumexp_extremes",
    "logsumexp_infinite",
    "logsumexp_keepdims",
    "logsumexp_values",
    "pairwise_sum_values",
    "relative_error_edges",
    "relative_error_noise",
    "relative_error_small",
    "relative_error_values",
    "softmax_extremes",
    "softmax_infinite",
    "softmax_values",
    "square_check_proof",
    "square_check_values",
    "variance_values",
    "xavier_init_values",
]
