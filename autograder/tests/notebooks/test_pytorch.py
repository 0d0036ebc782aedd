"""Every gradient of the solutions against PyTorch's autograd, in float64."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.layout import Layout
from autograder.notebooks import read_cells
from autograder.rehearsal import namespace_of

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")

LAYOUT = Layout.here()
RNG = np.random.default_rng(11)


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
