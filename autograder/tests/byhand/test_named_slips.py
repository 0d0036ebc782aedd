"""A usual slip is called by its name on the card that a student sees."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.course.answers import read_answers
from byhand.checks import CheckFailed
from byhand.exercises import backprop, chain_rule, gradients, layer_gradients, stability
from byhand.exercises.stability.earlier import make_relative_error

ANSWERS = Path(__file__).parents[1] / "answers"
AT_ONCE = "each share is passed on as it arrives"


@cache
def written(chapter: str, cell: str, name: str) -> dict[str, Any]:
    """Return what a wrong answer defines."""
    (answer,) = (
        answer
        for answer in read_answers(ANSWERS / f"{chapter}.py")
        if (answer.cell, answer.name) == (cell, name)
    )
    names: dict[str, Any] = {"np": np, "relative_error": make_relative_error()}
    exec(answer.source, names)
    return names


@pytest.mark.parametrize(
    ("check", "named", "cell", "title", "words"),
    [
        (backprop.linear_first_weights, "Linear", "linear", "standard deviation 2 / n_in",
         "take its square root"),
        (backprop.value_accumulate, "Value", "value", AT_ONCE, "let it wait for all"),
        (backprop.value_order, "Value", "value", AT_ONCE, "let it wait for all"),
        (backprop.value_twice, "Value", "value", "inner not reset",
         "inner numbers keep their old gradient"),
        (layer_gradients.conv2d_backward_input, "conv2d_backward", "conv2d-backward",
         "[padding:-padding] with padding 0", "is empty where padding is 0"),
        (layer_gradients.conv2d_fast_backward, "conv2d_backward_fast", "conv2d-fast",
         "windows are neighbors on the way back", "begins at stride * i"),
        (layer_gradients.kernel_gradient_values, "kernel_gradient", "swapped-hunt",
         "reshapes instead of swapping the axes", "it swaps no axes"),
        (layer_gradients.cross_entropy_probabilities, "cross_entropy", "cross-entropy-loss",
         "goes by the dtype of the targets", "look at targets.ndim"),
        (layer_gradients.conv1d_backward_kernel, "conv1d_backward", "conv1d-backward",
         "written for two weights", "it is right for two weights"),
        (layer_gradients.batchnorm_forward_single, "batchnorm_forward", "batchnorm-forward",
         "refuses a batch of 1 in evaluation", "refuse it in training only"),
        (backprop.value_accumulate, "Value", "value", "walks every path", "every path is walked"),
        (backprop.early_hunt_values, "path_slope", "early-hunt", "walks every path",
         "every path is walked"),
        (backprop.early_hunt_values, "path_slope", "early-hunt",
         "depth first, before all shares are there", "depth first"),
        (backprop.ladder_hidden, "network_gradients", "ladder-gradients",
         "the mean is divided by the other length", "takes the mean of 4"),
        (backprop.linear_memory, "Linear", "linear", "all layers share one array of biases",
         "both layers share one array"),
        (backprop.linear_memory, "Linear", "linear", "the class keeps the gradients",
         "this is the other layer's"),
        (backprop.mse_loss_backward, "MSELoss", "mse-loss", "the class keeps the size of the batch",
         "share the size of the batch"),
        (backprop.check_layer_right, "check_layer", "step-and-check",
         "asks for the claims after measuring", "ask for the claims before you measure"),
        (layer_gradients.conv2d_backward_remainder, "conv2d_backward", "conv2d-backward",
         "the stride is lost for x alone", "is added at i, but its window began at stride * i"),
        (layer_gradients.batchnorm_staged_down, "batchnorm_backward_staged",
         "batchnorm-backward-staged", "the root's slope lacks eps", "eps is under it too"),
        (layer_gradients.attention_forward_masks, "attention_forward", "attention-forward",
         "-1e9 before the maximum, masked again after it", "an allowed score can be below"),
        (layer_gradients.kernel_gradient_proof, "counterexample_1", "swapped-hunt",
         "all entries of the counterexample are equal", "all entries of grad_output are equal"),
        (layer_gradients.conv2d_forward_padding, "conv2d_forward", "conv2d-forward",
         "padding 2 and more counts as 1", "the padding is 1 whatever it should be"),
        (backprop.relu_layer_values, "ReLU", "relu-layer",
         "cuts off negative upstream gradients, and by the mask too", "any gradient passes"),
        (backprop.value_twice, "Value", "value", "adds 1 to the result without a reset",
         "the gradient of the result is not reset"),
        (backprop.passes_needed_values, "passes_needed", "passes-needed",
         "a table with both modes the wrong way round", "the wrong way round"),
        (backprop.forgets_hunt_values, "collected_gradient", "forgets-hunt",
         "copies the buffer before the batch is in it", "the batch before its own"),
        (gradients.numerical_hessian_values, "numerical_hessian", "hessian",
         "squares h alone in the divisor", "(2 * h)**2 is 4 * h**2"),
        (gradients.softmax_rows_proof, "counterexample_1", "softmax-rows-hunt",
         "a proof whose rows are too near", "300 apart"),
        (gradients.is_minimum_values, "is_minimum", "is-minimum-hunt", "compares all() with 0",
         "whether no eigenvalue is 0"),
        (gradients.bfgs_update_values, "bfgs_update", "bfgs-update", "takes rho from y alone",
         "rho is 1 over y^T y"),
        (chain_rule.f_derivative_shapes, "f_derivative", "f-derivative",
         "makes an array like the integers", "the fraction is cut off"),
        (chain_rule.chain_many_values, "chain_many", "chain", "looks up the loop variables late",
         "bind them as defaults"),
        (chain_rule.total_derivative_outputs, "total_derivative", "total-derivative",
         "lines up the outputs with the values in between", "the sum runs over the outputs"),
        (chain_rule.self_power_values, "self_power_slope", "self-power-hunt",
         "forgets the brackets around both paths", "look at the brackets"),
        (chain_rule.relu_mask_proof, "counterexample_2", "relu-mask-hunt",
         "a proof whose masks agree", "both masks are the same"),
        (chain_rule.ladder_lines, "gradients", "ladder-gradients",
         "adds the slope of the other summand", "only p = u + q reads u"),
        (stability.gradient_check_dtypes, "gradient_check", "gradient-check",
         "float32 stays float32", "x stays float32"),
        (stability.logsumexp_infinite, "logsumexp", "logsumexp", "leaves NaN out",
         "NaN is left out"),
        (stability.gradient_norms_values, "gradient_norms", "initialization",
         "the mask comes from a layer's input", "its own z decides"),
        (stability.square_check_values, "square_check", "square-check-hunt",
         "points and slopes stay integers", "integers hold the points"),
        (stability.gradient_check_dtypes, "gradient_check", "gradient-check",
         "stores the slopes in the dtype of the claim", "the dtype of the claimed ones"),
        (stability.gradient_norms_values, "gradient_norms", "initialization",
         "passes gradients at the kink", "z is exactly 0 too"),
        (stability.layer_check_values, "layer_check", "layer-check-hunt",
         "calls by name and keeps the larger one before a NaN", "ask np.isfinite"),
        (stability.kahan_sum_values, "kahan_sum", "sums",
         "replaces the total before the loss is computed", "the loss needs the old one"),
    ],
)  # fmt: skip
def test_a_usual_slip_is_named(check, named, cell, title, words) -> None:
    chapters = {
        "2_gradients": gradients,
        "3_chain_rule": chain_rule,
        "4_backprop": backprop,
        "5_layer_gradients": layer_gradients,
    }
    chapter = next((c for c, m in chapters.items() if check.__name__ in dir(m)), "6_stability")
    with pytest.raises(CheckFailed) as failure:
        check(written(chapter, cell, title)[named])
    assert words in f"{failure.value.likely} {failure.value.hint}"
