"""Explorers: pictures that answer to sliders, one module a chapter."""

# For tests and benchmarks: "module:function" of every explorer, by chapter. Importing them here
# would import Matplotlib and ipywidgets into every grading run.
EXPLORERS = {
    "1_derivatives": (
        "byhand.explorers.derivatives:secant_explorer",
        "byhand.explorers.derivatives:activation_explorer",
        "byhand.explorers.derivatives:error_explorer",
    ),
    "2_gradients": (
        "byhand.explorers.gradients:gradient_explorer",
        "byhand.explorers.gradients:warp_explorer",
        "byhand.explorers.gradients:softmax_explorer",
        "byhand.explorers.gradients:descent_explorer",
        "byhand.explorers.gradients:newton_explorer",
    ),
    "3_chain_rule": (
        "byhand.explorers.chain_rule:chain_explorer",
        "byhand.explorers.chain_rule:graph_explorer",
        "byhand.explorers.chain_rule:cost_explorer",
    ),
    "4_backprop": (
        "byhand.explorers.backprop:graph_explorer",
        "byhand.explorers.backprop:flow_explorer",
        "byhand.explorers.boundary:boundary_explorer",
    ),
    "5_layer_gradients": (
        "byhand.explorers.layers:convolution_explorer",
        "byhand.explorers.layers:batchnorm_explorer",
        "byhand.explorers.layers:dropout_explorer",
        "byhand.explorers.layers:attention_explorer",
    ),
    "6_stability": (
        "byhand.explorers.stability:depth_explorer",
        "byhand.explorers.float16:float16_explorer",
        "byhand.explorers.stability:overflow_explorer",
        "byhand.explorers.rounding:bench_explorer",
        "byhand.explorers.rounding:precision_explorer",
    ),
}
