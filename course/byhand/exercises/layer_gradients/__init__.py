"""The checks of chapter 5."""

from byhand.exercises.layer_gradients.attention import (
    attention_forward_closed,
    attention_forward_large,
    attention_forward_masks,
    attention_forward_values,
)
from byhand.exercises.layer_gradients.attention_backward import (
    attention_backward_keys,
    attention_backward_masks,
    attention_backward_queries,
    attention_backward_values,
    ladder_inputs,
    ladder_output,
    ladder_softmax,
)
from byhand.exercises.layer_gradients.batchnorm import (
    batchnorm_forward_eps,
    batchnorm_forward_evaluation,
    batchnorm_forward_running,
    batchnorm_forward_single,
    batchnorm_forward_training,
)
from byhand.exercises.layer_gradients.batchnorm_backward import (
    batchnorm_backward_evaluation,
    batchnorm_backward_parameters,
    batchnorm_backward_training,
    batchnorm_staged_down,
    batchnorm_staged_up,
)
from byhand.exercises.layer_gradients.convolution import (
    conv2d_forward_cache,
    conv2d_forward_padding,
    conv2d_forward_stride,
    conv2d_forward_values,
)
from byhand.exercises.layer_gradients.convolution_backward import (
    conv1d_backward_input,
    conv1d_backward_kernel,
    conv2d_backward_bias,
    conv2d_backward_input,
    conv2d_backward_kernel,
    conv2d_backward_remainder,
)
from byhand.exercises.layer_gradients.dropout import (
    dropout_backward_values,
    dropout_forward_evaluation,
    dropout_forward_mask,
    dropout_forward_rates,
    dropout_forward_training,
)
from byhand.exercises.layer_gradients.fast import (
    conv2d_fast_backward,
    conv2d_fast_forward,
    conv2d_fast_lines,
)
from byhand.exercises.layer_gradients.hunts import (
    attention_scores_proof,
    attention_scores_values,
    dropped_layer_proof,
    dropped_layer_values,
    kernel_gradient_proof,
    kernel_gradient_values,
)
from byhand.exercises.layer_gradients.layernorm import (
    layernorm_backward_input,
    layernorm_backward_parameters,
    layernorm_forward_eps,
    layernorm_forward_values,
)
from byhand.exercises.layer_gradients.norm_hunts import (
    image_gamma_proof,
    image_gamma_values,
    normalized_gradient_proof,
    normalized_gradient_values,
)
from byhand.exercises.layer_gradients.pooling import (
    max_pool2d_backward_ties,
    max_pool2d_backward_values,
    max_pool2d_forward_cache,
    max_pool2d_forward_values,
)
from byhand.exercises.layer_gradients.sequences import (
    embedding_backward_values,
    rnn_step_inputs,
    rnn_step_parameters,
)
from byhand.exercises.layer_gradients.softmax import (
    cross_entropy_extremes,
    cross_entropy_gradient,
    cross_entropy_loss,
    cross_entropy_probabilities,
    softmax_backward_dtype,
    softmax_backward_memory,
    softmax_backward_values,
)

__all__ = [
    "attention_backward_keys",
    "attention_backward_masks",
    "attention_backward_queries",
    "attention_backward_values",
    "attention_forward_closed",
    "attention_forward_large",
    "attention_forward_masks",
    "attention_forward_values",
    "attention_scores_proof",
    "attention_scores_values",
    "batchnorm_backward_evaluation",
    "batchnorm_backward_parameters",
    "batchnorm_backward_training",
    "batchnorm_forward_eps",
    "batchnorm_forward_evaluation",
    "batchnorm_forward_running",
    "batchnorm_forward_single",
    "batchnorm_forward_training",
    "batchnorm_staged_down",
    "batchnorm_staged_up",
    "conv1d_backward_input",
    "conv1d_backward_kernel",
    "conv2d_backward_bias",
    "conv2d_backward_input",
    "conv2d_backward_kernel",
    "conv2d_backward_remainder",
    "conv2d_fast_backward",
    "conv2d_fast_forward",
    "conv2d_fast_lines",
    "conv2d_forward_cache",
    "conv2d_forward_padding",
    "conv2d_forward_stride",
    "conv2d_forward_values",
    "cross_entropy_extremes",
    "cross_entropy_gradient",
    "cross_entropy_loss",
    "cross_entropy_probabilities",
    "dropout_backward_values",
    "dropout_forward_evaluation",
    "dropout_forward_mask",
    "dropout_forward_rates",
    "dropout_forward_training",
    "dropped_layer_proof",
    "dropped_layer_values",
    "embedding_backward_values",
    "image_gamma_proof",
    "image_gamma_values",
    "kernel_gradient_proof",
    "kernel_gradient_values",
    "ladder_inputs",
    "ladder_output",
    "ladder_softmax",
    "layernorm_backward_input",
    "layernorm_backward_parameters",
    "layernorm_forward_eps",
    "layernorm_forward_values",
    "max_pool2d_backward_ties",
    "max_pool2d_backward_values",
    "max_pool2d_forward_cache",
    "max_pool2d_forward_values",
    "normalized_gradient_proof",
    "normalized_gradient_values",
    "rnn_step_inputs",
    "rnn_step_parameters",
    "softmax_backward_dtype",
    "softmax_backward_memory",
    "softmax_backward_values",
]
