"""The checks of chapter 3."""

from byhand.exercises.chain_rule.compositions import (
    chain_many_again,
    chain_many_lengths,
    chain_many_values,
    chain_values,
    f_derivative_shapes,
    f_derivative_values,
)
from byhand.exercises.chain_rule.dual import dual_products, dual_quotients, dual_sums
from byhand.exercises.chain_rule.dual_functions import (
    dual_derivative,
    dual_exponents,
    dual_functions,
    dual_powers,
    dual_second_derivatives,
    dual_second_of_functions,
)
from byhand.exercises.chain_rule.hunts import (
    order_proof,
    order_values,
    relu_mask_proof,
    relu_mask_values,
    self_power_proof,
    self_power_values,
)
from byhand.exercises.chain_rule.ladder import ladder_lines, ladder_whole
from byhand.exercises.chain_rule.layers import (
    layer_gradients_b,
    layer_gradients_integers,
    layer_gradients_w,
    layer_gradients_x,
    relu_layer_gradients_b,
    relu_layer_gradients_w,
    relu_layer_gradients_x,
)
from byhand.exercises.chain_rule.neuron import (
    neuron_gradients_b,
    neuron_gradients_saturated,
    neuron_gradients_w,
    neuron_gradients_x,
)
from byhand.exercises.chain_rule.paths import (
    total_derivative_outputs,
    total_derivative_values,
    vector_chain_rule_curve,
    vector_chain_rule_values,
)
from byhand.exercises.chain_rule.products import (
    jvp_values,
    multiply_cost_forward,
    multiply_cost_order,
    multiply_cost_reverse,
    products_of_a_network,
    products_without_matrices,
    vjp_values,
)

__all__ = [
    "chain_many_again",
    "chain_many_lengths",
    "chain_many_values",
    "chain_values",
    "dual_derivative",
    "dual_exponents",
    "dual_functions",
    "dual_powers",
    "dual_products",
    "dual_quotients",
    "dual_second_derivatives",
    "dual_second_of_functions",
    "dual_sums",
    "f_derivative_shapes",
    "f_derivative_values",
    "jvp_values",
    "ladder_lines",
    "ladder_whole",
    "layer_gradients_b",
    "layer_gradients_integers",
    "layer_gradients_w",
    "layer_gradients_x",
    "multiply_cost_forward",
    "multiply_cost_order",
    "multiply_cost_reverse",
    "neuron_gradients_b",
    "neuron_gradients_saturated",
    "neuron_gradients_w",
    "neuron_gradients_x",
    "order_proof",
    "order_values",
    "products_of_a_network",
    "products_without_matrices",
    "relu_layer_gradients_b",
    "relu_layer_gradients_w",
    "relu_layer_gradients_x",
    "relu_mask_proof",
    "relu_mask_values",
    "self_power_proof",
    "self_power_values",
    "total_derivative_outputs",
    "total_derivative_values",
    "vector_chain_rule_curve",
    "vector_chain_rule_values",
    "vjp_values",
]
