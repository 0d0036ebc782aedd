"""Every gradient of the solutions against PyTorch's autograd, in float64."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from tests.tools.rehearsal import namespace_of

from autograder.course.notebooks import read_cells
from autograder.layout import Layout

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")

LAYOUT = Layout.here()
RNG = np.random.default_rng(11)


@cache
def solutions(chapter: str) -> dict:
    if not LAYOUT.source(chapter).is_file():
        pytest.skip(f"{chapter} is not written yet")
    return namespace_of(read_cells(LAYOUT.source(chapter)))


def gradients(function, *arrays: np.ndarray) -> list[np.ndarray]:
    """Return PyTorch's gradients of the sum of a function by each of its arguments."""
    tensors = [torch.tensor(a, dtype=torch.float64, requires_grad=True) for a in arrays]
    function(*tensors).sum().backward()
    return [tensor.grad.numpy() for tensor in tensors]


def agree(ours: object, theirs: object) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-10)


ELEMENTWISE = {
    "exp_derivative": torch.exp,
    "sin_derivative": torch.sin,
    "cos_derivative": torch.cos,
    "relu_derivative": torch.relu,
    "sigmoid_derivative": torch.sigmoid,
    "tanh_derivative": torch.tanh,
    "leaky_relu_derivative": torch.nn.functional.leaky_relu,
    "softplus_derivative": torch.nn.functional.softplus,
    "silu_derivative": torch.nn.functional.silu,
    "gelu_derivative": lambda x: torch.nn.functional.gelu(x, approximate="tanh"),
}


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise_derivatives_of_chapter_1(name: str) -> None:
    x = np.concatenate([RNG.normal(0, 3, 40), [0.0]])
    agree(solutions("1_derivatives")[name](x), gradients(ELEMENTWISE[name], x)[0])


def test_log_and_power_of_chapter_1() -> None:
    given = solutions("1_derivatives")
    x = RNG.uniform(0.1, 5, 20)
    agree(given["log_derivative"](x), gradients(torch.log, x)[0])
    for n in (-2, 0.5, 3):
        agree(given["power_derivative"](x, n), gradients(lambda t, n=n: t**n, x)[0])


def test_derivatives_from_the_output_of_chapter_1() -> None:
    given = solutions("1_derivatives")
    x = RNG.normal(0, 2, 20)
    sigmoid = 1 / (1 + np.exp(-x))
    agree(given["sigmoid_derivative_from_output"](sigmoid), gradients(torch.sigmoid, x)[0])
    agree(given["tanh_derivative_from_output"](np.tanh(x)), gradients(torch.tanh, x)[0])


def test_gradients_of_chapter_2() -> None:
    given = solutions("2_gradients")
    x, y = RNG.standard_normal(2)
    agree(given["gradient_f"](x, y), np.array(gradients(lambda x, y: x**2 * y + y**3, x, y)))
    A, b, v = RNG.standard_normal((4, 4)), RNG.standard_normal(4), RNG.standard_normal(4)
    theirs = gradients(lambda x: x @ torch.tensor(A) @ x / 2 - torch.tensor(b) @ x, v)[0]
    agree(given["quadratic_gradient"](A, b, v), theirs)


def test_jacobians_and_hessian_of_chapter_2() -> None:
    given = solutions("2_gradients")
    jacobian, softmax = torch.autograd.functional.jacobian, torch.nn.functional.softmax
    v, rows = RNG.standard_normal(5), RNG.standard_normal((3, 4))
    agree(given["softmax"](rows), softmax(torch.tensor(rows), dim=-1).numpy())
    agree(
        given["softmax_derivative"](v),
        jacobian(lambda x: softmax(x, dim=0), torch.tensor(v)).numpy(),
    )
    each = [jacobian(lambda x: softmax(x, dim=0), torch.tensor(row)).numpy() for row in rows]
    agree(given["softmax_derivative"](rows), np.array(each))
    W = RNG.standard_normal((2, 5))
    theirs = jacobian(lambda x: torch.tensor(W) @ x, torch.tensor(v)).numpy()
    agree(given["linear_jacobian"](W), theirs)
    theirs = jacobian(torch.tanh, torch.tensor(v)).numpy()
    agree(given["elementwise_jacobian"](lambda x: 1 - np.tanh(x) ** 2, v), theirs)
    hessian = torch.autograd.functional.hessian
    theirs = hessian(lambda x: x[0] ** 2 * x[1] + x[1] ** 3, torch.tensor(v[:2])).numpy()
    agree(given["hessian_f"](*v[:2]), theirs)


def test_neuron_and_layers_of_chapter_3() -> None:
    given = solutions("3_chain_rule")
    w, b, x, y = RNG.standard_normal(3), RNG.standard_normal(), RNG.standard_normal(3), 0.3
    theirs = gradients(lambda w, b, x: (torch.sigmoid(w @ x + b) - y) ** 2 / 2, w, b, x)
    for ours, gradient in zip(given["neuron_gradients"](w, b, x, y), theirs, strict=True):
        agree(ours, gradient)
    W, b = RNG.standard_normal((2, 3)), RNG.standard_normal((2, 1))
    x, y = RNG.standard_normal((3, 5)), RNG.standard_normal((2, 5))
    theirs = gradients(
        lambda W, b, x: (torch.sigmoid(W @ x + b) - torch.tensor(y)) ** 2 / (2 * 5), W, b, x
    )
    for ours, gradient in zip(given["layer_gradients"](W, b, x, y), theirs, strict=True):
        agree(ours, gradient)
    theirs = gradients(lambda W, b, x: torch.relu(W @ x + b) ** 2, W, b, x)
    for ours, gradient in zip(given["relu_layer_gradients"](W, b, x), theirs, strict=True):
        agree(ours, gradient)


def test_compositions_of_chapter_3() -> None:
    given = solutions("3_chain_rule")
    x = RNG.uniform(-1, 1, 6)
    agree(given["f_derivative"](x), gradients(lambda t: torch.exp(t**2), x)[0])
    theirs = gradients(lambda t: torch.tanh(2 - t) / (1 + t**2) * torch.exp(torch.sin(t)), x)[0]
    ours = [
        given["derivative"](lambda d: (2 - d).tanh() / (1 + d**2) * d.sin().exp(), point)
        for point in x
    ]
    agree(ours, theirs)


def test_layers_and_network_of_chapter_4() -> None:
    given = solutions("4_backprop")
    x, target = RNG.standard_normal((4, 7)), RNG.standard_normal((3, 7))
    network = given["TwoLayerNetwork"](4, 5, 3, RNG)
    _, loss = network.forward(x, target)
    grad_x = network.backward()
    parameters = [network.get_parameters()[name] for name in ("W1", "b1", "W2", "b2")]
    theirs = gradients(
        lambda x, W1, b1, W2, b2: (
            (W2 @ torch.relu(W1 @ x + b1) + b2 - torch.tensor(target)) ** 2 / (2 * 7)
        ),
        x,
        *parameters,
    )
    ours = [network.get_gradients()[name] for name in ("W1", "b1", "W2", "b2")]
    for mine, gradient in zip([grad_x, *ours], theirs, strict=True):
        agree(mine, gradient)


def test_the_loop_over_layers_of_chapter_4() -> None:
    given = solutions("4_backprop")
    shapes = [(5, 4), (3, 5), (2, 3)]
    Ws = [RNG.standard_normal(shape) for shape in shapes]
    bs = [RNG.standard_normal((rows, 1)) for rows, _ in shapes]
    x, g = RNG.standard_normal((4, 6)), RNG.standard_normal((2, 6))
    zs, activations = given["forward_pass"](Ws, bs, x, np.tanh)
    grad_Ws, grad_bs, grad_x = given["backward_pass"](
        Ws, zs, activations, g, lambda z: 1 - np.tanh(z) ** 2
    )

    def forward(x, *parameters):
        for W, b in zip(parameters[:3], parameters[3:], strict=True):
            x = torch.tanh(W @ x + b)
        return x * torch.tensor(g)

    theirs = gradients(forward, x, *Ws, *bs)
    for ours, gradient in zip([grad_x, *grad_Ws, *grad_bs], theirs, strict=True):
        agree(ours, gradient)


def test_automatic_differentiation_of_chapter_4() -> None:
    given = solutions("4_backprop")
    a, b = RNG.uniform(0.5, 2, 2)
    x, y = given["Value"](a), given["Value"](b)
    ((x * y + x).tanh() / y - (y - 2 * x).relu() + (x / 3).exp() ** 2).backward()
    theirs = gradients(
        lambda x, y: torch.tanh(x * y + x) / y - torch.relu(y - 2 * x) + torch.exp(x / 3) ** 2,
        a,
        b,
    )
    agree([x.grad, y.grad], np.array(theirs))
    W, v, c = RNG.standard_normal((3, 4)), RNG.standard_normal((4, 5)), RNG.standard_normal((3, 1))
    tensors = [given["Tensor"](array) for array in (W, v, c)]
    ((tensors[0] @ tensors[1] + tensors[2]).relu() * tensors[2]).sum().backward()
    theirs = gradients(lambda W, v, c: torch.relu(W @ v + c) * c, W, v, c)
    for ours, gradient in zip(tensors, theirs, strict=True):
        agree(ours.grad, gradient)


def test_losses_of_chapter_6() -> None:
    given = solutions("6_stability")
    nn = torch.nn.functional
    x, g = RNG.normal(0, 5, (4, 3)), RNG.standard_normal((4, 3))
    agree(given["softmax_stable"](x), nn.softmax(torch.tensor(x), dim=-1).numpy())
    agree(given["logsumexp"](x, axis=0), torch.logsumexp(torch.tensor(x), dim=0).numpy())
    theirs = gradients(lambda x: nn.log_softmax(x, dim=-1) * torch.tensor(g), x)[0]
    agree(given["log_softmax_backward"](g, given["log_softmax"](x)), theirs)
    targets = RNG.dirichlet(np.ones(3), 4)
    for logits in (x, 200 * x):
        theirs = nn.cross_entropy(torch.tensor(logits), torch.tensor(targets))
        agree(given["cross_entropy_stable"](logits, targets), theirs.numpy())
        theirs = gradients(lambda x: nn.cross_entropy(x, torch.tensor(targets)), logits)[0]
        agree(given["cross_entropy_gradient"](logits, targets), theirs)
        agree(given["log_sigmoid"](logits), nn.logsigmoid(torch.tensor(logits)).numpy())
        theirs = nn.binary_cross_entropy_with_logits(torch.tensor(logits), torch.tensor(targets))
        agree(given["binary_cross_entropy_with_logits"](logits, targets), theirs.numpy())


def test_gradient_checks_of_chapter_6_pass_the_gradients_of_autograd() -> None:
    given = solutions("6_stability")
    z, t = RNG.normal(0, 2, 6), RNG.uniform(size=6)
    theirs = gradients(
        lambda z: torch.nn.functional.binary_cross_entropy_with_logits(z, torch.tensor(t)), z
    )[0]
    agree((1 / (1 + np.exp(-z)) - t) / 6, theirs)
    loss = given["binary_cross_entropy_with_logits"]
    assert given["gradient_check"](lambda z: loss(z, t), z, theirs)[0] < 1e-6


def test_norms_and_clipping_of_chapter_6() -> None:
    given = solutions("6_stability")
    Ws = [RNG.standard_normal(shape) for shape in ((5, 4), (3, 5), (2, 3))]
    g = RNG.standard_normal((6, 2))
    layers = [torch.tensor(RNG.standard_normal((6, 4)), requires_grad=True)]
    for W in Ws:
        layers.append(torch.relu(layers[-1] @ torch.tensor(W).T))
        layers[-1].retain_grad()
    (layers[-1] * torch.tensor(g)).sum().backward()
    theirs = [np.linalg.norm(a.grad.numpy()) for a in layers]
    agree(given["gradient_norms"](Ws, layers[0].detach().numpy(), g), theirs)
    ours = {str(k): W.copy() for k, W in enumerate(Ws)}
    parameters = [torch.nn.Parameter(torch.tensor(W)) for W in Ws]
    for parameter, W in zip(parameters, Ws, strict=True):
        parameter.grad = torch.tensor(W)
    agree(
        given["clip_gradient_norm"](ours, 0.5),
        torch.nn.utils.clip_grad_norm_(parameters, 0.5).numpy(),
    )
    for parameter, mine in zip(parameters, ours.values(), strict=True):
        # PyTorch divides by the norm plus 1e-6
        np.testing.assert_allclose(mine, parameter.grad.numpy(), rtol=1e-5)


def test_a_gradient_in_float16_of_chapter_6() -> None:
    grad = RNG.standard_normal(50) * 10.0 ** RNG.uniform(-9, 0, 50)
    for scale in (1.0, 1024.0):
        theirs = torch.tensor(grad * scale).to(torch.float16).to(torch.float64).numpy() / scale
        agree(solutions("6_stability")["float16_gradient"](grad, scale), theirs)


# --- chapter 5: the sum of the output is weighted by an upstream gradient G -----------------------


def layer(name: str) -> object:
    return solutions("5_layer_gradients")[name]


def normal(*shapes: tuple[int, ...]) -> list[np.ndarray]:
    return [RNG.standard_normal(shape) for shape in shapes]


@pytest.mark.parametrize("shape", [(4,), (1, 5), (5, 3), (2, 4, 3), (2, 1, 3, 5)])
def test_softmax_backward_of_chapter_5(shape: tuple[int, ...]) -> None:
    x, G = normal(shape, shape)
    theirs = gradients(lambda x: torch.softmax(x, dim=-1) * torch.tensor(G), x)[0]
    agree(layer("softmax_backward")(G, torch.softmax(torch.tensor(x), dim=-1).numpy()), theirs)


@pytest.mark.parametrize("shape", [(5, 3), (1, 4), (4, 4), (7, 2)])
def test_cross_entropy_of_chapter_5(shape: tuple[int, int]) -> None:
    (logits,) = normal(shape)
    labels = RNG.integers(0, shape[1], shape[0])
    rows = RNG.dirichlet(np.ones(shape[1]), shape[0])
    for targets in (labels, rows):
        x = torch.tensor(logits, requires_grad=True)
        theirs = torch.nn.functional.cross_entropy(x, torch.tensor(targets))
        theirs.backward()
        loss, grad = layer("cross_entropy")(logits, targets)
        agree(loss, theirs.item())
        agree(grad, x.grad.numpy())


# batch, channels in, channels out, height, width, kernel height and width, stride, padding
CONVOLUTIONS = [
    (2, 3, 4, 6, 5, 3, 2, 1, 0),
    (2, 3, 4, 6, 7, 3, 2, 2, 0),  # a remainder
    (1, 2, 5, 5, 4, 2, 3, 1, 2),  # a batch of 1
    (3, 1, 2, 7, 8, 3, 3, 2, 1),
    (2, 4, 1, 8, 7, 2, 1, 3, 1),
    (2, 2, 2, 4, 4, 4, 4, 1, 0),
]


@pytest.mark.parametrize("speed", ["", "_fast"])
@pytest.mark.parametrize("case", CONVOLUTIONS, ids=str)
def test_convolution_of_chapter_5(case: tuple[int, ...], speed: str) -> None:
    B, c_in, c_out, H, W, kh, kw, stride, padding = case
    x, kernel, bias = normal((B, c_in, H, W), (c_out, c_in, kh, kw), (c_out,))
    convolve = torch.nn.functional.conv2d
    right = convolve(*map(torch.tensor, (x, kernel, bias)), stride, padding)
    out, cache = layer(f"conv2d_forward{speed}")(x, kernel, bias, stride, padding)
    agree(out, right.numpy())
    (G,) = normal(out.shape)
    theirs = gradients(
        lambda *tensors: convolve(*tensors, stride, padding) * torch.tensor(G), x, kernel, bias
    )
    for ours, gradient in zip(layer(f"conv2d_backward{speed}")(G, cache), theirs, strict=True):
        agree(ours, gradient)


@pytest.mark.parametrize(
    ("shape", "size", "stride"),
    [
        ((2, 3, 4, 6), 2, None),
        ((1, 2, 5, 7), 2, None),  # a remainder
        ((3, 1, 7, 8), 3, 2),  # windows that overlap
        ((2, 2, 7, 5), 2, 3),  # gaps between them
    ],
)
def test_max_pool_of_chapter_5(shape: tuple[int, ...], size: int, stride: int | None) -> None:
    (x,) = normal(shape)
    x = x.round(1)  # with ties, which PyTorch gives to the first too
    pool = torch.nn.functional.max_pool2d
    out, cache = layer("max_pool2d_forward")(x, size, stride)
    agree(out, pool(torch.tensor(x), size, stride).numpy())
    (G,) = normal(out.shape)
    theirs = gradients(lambda x: pool(x, size, stride) * torch.tensor(G), x)[0]
    agree(layer("max_pool2d_backward")(G, cache), theirs)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", [(5, 3), (3, 4), (4, 4), (8, 1)])
def test_batch_norm_of_chapter_5(shape: tuple[int, int], training: bool) -> None:
    B, n = shape
    x, gamma, beta, mean, G = normal(shape, n, n, n, shape)
    var = RNG.random(n) + 0.5
    theirs_mean, theirs_var = torch.tensor(mean), torch.tensor(var)
    normalize = torch.nn.functional.batch_norm
    right = normalize(
        torch.tensor(x), theirs_mean, theirs_var, torch.tensor(gamma), torch.tensor(beta), training
    )
    out, cache, *running = layer("batchnorm_forward")(x, gamma, beta, mean, var, training)
    agree(out, right.numpy())
    agree(running[0], theirs_mean.numpy())
    agree(running[1], theirs_var.numpy())

    def forward(x, gamma, beta):
        statistics = torch.tensor(mean), torch.tensor(var)
        return normalize(x, *statistics, gamma, beta, training) * torch.tensor(G)

    theirs = gradients(forward, x, gamma, beta)
    for ours, gradient in zip(layer("batchnorm_backward")(G, cache), theirs, strict=True):
        agree(ours, gradient)
    if training:
        staged = layer("batchnorm_backward_staged")(G, x, gamma)
        for name, gradient in zip(("x", "gamma", "beta"), theirs, strict=True):
            agree(staged[name], gradient)


def test_every_node_of_staged_batch_norm_of_chapter_5() -> None:
    x, gamma, G = normal((5, 3), 3, (5, 3))
    node = {"x": torch.tensor(x, requires_grad=True)}
    node["mean"] = node["x"].mean(0)
    node["centered"] = node["x"] - node["mean"]
    node["squared"] = node["centered"] ** 2
    node["var"] = node["squared"].mean(0)
    node["std"] = torch.sqrt(node["var"] + 1e-5)
    node["inv_std"] = 1 / node["std"]
    node["x_hat"] = node["centered"] * node["inv_std"]
    node["gamma"] = torch.tensor(gamma, requires_grad=True)
    node["beta"] = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    node["out"] = node["gamma"] * node["x_hat"] + node["beta"]
    for tensor in node.values():
        tensor.retain_grad()
    (node["out"] * torch.tensor(G)).sum().backward()
    staged = layer("batchnorm_backward_staged")(G, x, gamma)
    assert set(staged) == set(node)
    for name, tensor in node.items():
        agree(staged[name], tensor.grad.numpy())


@pytest.mark.parametrize("shape", [(3, 5), (1, 4), (2, 3, 4), (4, 4), (6,)])
def test_layer_norm_of_chapter_5(shape: tuple[int, ...]) -> None:
    n = shape[-1]
    x, gamma, beta, G = normal(shape, n, n, shape)
    normalize = torch.nn.functional.layer_norm
    out, cache = layer("layernorm_forward")(x, gamma, beta)
    agree(out, normalize(*(torch.tensor(x), (n,), torch.tensor(gamma), torch.tensor(beta))).numpy())
    theirs = gradients(
        lambda x, gamma, beta: normalize(x, (n,), gamma, beta) * torch.tensor(G), x, gamma, beta
    )
    for ours, gradient in zip(layer("layernorm_backward")(G, cache), theirs, strict=True):
        agree(ours, gradient)


@pytest.mark.parametrize("rate", [0.0, 0.3, 0.9])
def test_dropout_of_chapter_5(rate: float) -> None:
    x, G = normal((4, 3, 5), (4, 3, 5))
    _, mask = layer("dropout_forward")(x, rate, True, RNG)
    theirs = gradients(lambda x: x * torch.tensor(mask) / (1 - rate) * torch.tensor(G), x)[0]
    agree(layer("dropout_backward")(G, mask, rate), theirs)
    agree(layer("dropout_backward")(G, None, rate), gradients(lambda x: x * torch.tensor(G), x)[0])


# batch, queries, keys, width of queries and keys, width of values, shape of the mask
ATTENTIONS = [
    (2, 3, 5, 4, 6, None),
    (1, 4, 2, 3, 1, None),
    (2, 3, 5, 4, 6, (3, 5)),
    (3, 4, 2, 3, 1, (3, 1, 2)),
    (2, 4, 4, 3, 2, "causal"),
]


@pytest.mark.parametrize("case", ATTENTIONS, ids=str)
def test_attention_of_chapter_5(case: tuple) -> None:
    B, Tq, Tk, d, dv, kind = case
    Q, K, V, G = normal((B, Tq, d), (B, Tk, d), (B, Tk, dv), (B, Tq, dv))
    mask = None
    if kind == "causal":
        mask = np.tri(Tq, Tk, dtype=bool)
    elif kind is not None:
        mask = RNG.random(kind) < 0.6
        mask[..., 0] = True  # a fully masked row is NaN in PyTorch
    theirs_mask = None if mask is None else torch.tensor(mask)
    attend = torch.nn.functional.scaled_dot_product_attention
    out, weights = layer("attention_forward")(Q, K, V, mask)
    agree(out, attend(*map(torch.tensor, (Q, K, V)), attn_mask=theirs_mask).numpy())
    theirs = gradients(
        lambda Q, K, V: attend(Q, K, V, attn_mask=theirs_mask) * torch.tensor(G), Q, K, V
    )
    ours = layer("attention_backward")(G, Q, K, V, weights)
    for mine, gradient in zip(ours, theirs, strict=True):
        agree(mine, gradient)


@pytest.mark.parametrize(("B", "T", "d", "size"), [(3, 5, 2, 4), (1, 7, 3, 2), (2, 1, 4, 9)])
def test_embedding_of_chapter_5(B: int, T: int, d: int, size: int) -> None:
    table, G = normal((size, d), (B, T, d))
    tokens = RNG.integers(0, size, (B, T))
    theirs = gradients(lambda table: table[torch.tensor(tokens)] * torch.tensor(G), table)[0]
    agree(layer("embedding_backward")(G, tokens, size), theirs)


@pytest.mark.parametrize(("B", "n", "m"), [(5, 3, 4), (1, 2, 3), (4, 4, 4)])
def test_recurrent_step_of_chapter_5(B: int, n: int, m: int) -> None:
    x, h, W_x, W_h, b, G = normal((B, n), (B, m), (m, n), (m, m), (m,), (B, m))
    h_next = np.tanh(x @ W_x.T + h @ W_h.T + b)
    theirs = gradients(
        lambda x, h, W_x, W_h, b: torch.tanh(x @ W_x.T + h @ W_h.T + b) * torch.tensor(G),
        x, h, W_x, W_h, b,
    )  # fmt: skip
    ours = layer("rnn_step_backward")(G, (x, h, W_x, W_h, h_next))
    for mine, gradient in zip(ours, theirs, strict=True):
        agree(mine, gradient)
