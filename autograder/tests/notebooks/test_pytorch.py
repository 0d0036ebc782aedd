"""Every gradient of the solutions against PyTorch's autograd, in float64."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from autograder.layout import Layout
from autograder.notebooks import read_cells
from autograder.rehearsal import namespace_of

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
