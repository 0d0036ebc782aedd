"""The checks of chapter 4."""

from byhand.exercises.backprop.graph import (
    graph_gradients_inner,
    graph_gradients_inputs,
)
from byhand.exercises.backprop.hunts import (
    disagree_hunt_proof,
    disagree_hunt_values,
    divided_hunt_proof,
    divided_hunt_values,
    early_hunt_proof,
    early_hunt_values,
    forgets_hunt_proof,
    forgets_hunt_values,
)
from byhand.exercises.backprop.ladder import (
    ladder_hidden,
    ladder_inputs,
    ladder_loss,
)
from byhand.exercises.backprop.last_use import last_use_hunt_proof, last_use_hunt_values
from byhand.exercises.backprop.linear import (
    linear_backward,
    linear_first_weights,
    linear_forward,
    linear_memory,
    linear_raises,
)
from byhand.exercises.backprop.modes import (
    passes_needed_raises,
    passes_needed_values,
)
from byhand.exercises.backprop.network import (
    two_layer_network_backward,
    two_layer_network_forward,
    two_layer_network_gradients,
    two_layer_network_live,
    two_layer_network_order,
)
from byhand.exercises.backprop.parts import (
    mse_loss_backward,
    mse_loss_forward,
    mse_loss_raises,
    relu_layer_kink,
    relu_layer_values,
)
from byhand.exercises.backprop.passes import (
    backward_pass_biases,
    backward_pass_input,
    backward_pass_weights,
    forward_pass_values,
)
from byhand.exercises.backprop.step import (
    check_layer_faults,
    check_layer_right,
    sgd_step_in_place,
    sgd_step_values,
)
from byhand.exercises.backprop.tensor import (
    tensor_accumulate,
    tensor_broadcast,
    tensor_network,
    tensor_raises,
    unbroadcast_values,
)
from byhand.exercises.backprop.training import (
    train_batches,
    train_digits,
    train_losses,
)
from byhand.exercises.backprop.value import (
    value_accumulate,
    value_chain,
    value_forward,
    value_order,
    value_sides,
    value_twice,
)
from byhand.exercises.backprop.value_functions import value_functions, value_power

__all__ = [
    "backward_pass_biases",
    "backward_pass_input",
    "backward_pass_weights",
    "check_layer_faults",
    "check_layer_right",
    "disagree_hunt_proof",
    "disagree_hunt_values",
    "divided_hunt_proof",
    "divided_hunt_values",
    "early_hunt_proof",
    "early_hunt_values",
    "forgets_hunt_proof",
    "forgets_hunt_values",
    "forward_pass_values",
    "graph_gradients_inner",
    "graph_gradients_inputs",
    "ladder_hidden",
    "ladder_inputs",
    "ladder_loss",
    "last_use_hunt_proof",
    "last_use_hunt_values",
    "linear_backward",
    "linear_first_weights",
    "linear_forward",
    "linear_memory",
    "linear_raises",
    "mse_loss_backward",
    "mse_loss_forward",
    "mse_loss_raises",
    "passes_needed_raises",
    "passes_needed_values",
    "relu_layer_kink",
    "relu_layer_values",
    "sgd_step_in_place",
    "sgd_step_values",
    "tensor_accumulate",
    "tensor_broadcast",
    "tensor_network",
    "tensor_raises",
    "train_batches",
    "train_digits",
    "train_losses",
    "two_layer_network_backward",
    "two_layer_network_forward",
    "two_layer_network_gradients",
    "two_layer_network_live",
    "two_layer_network_order",
    "unbroadcast_values",
    "value_accumulate",
    "value_chain",
    "value_forward",
    "value_functions",
    "value_order",
    "value_power",
    "value_sides",
    "value_twice",
]
