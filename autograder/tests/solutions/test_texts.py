"""The answers obey their own texts: with integers, float32, single numbers and nothing at all.

Each call is written once. It is made with whole numbers as float64, then with the same numbers as
integers, as float32, as 0-d arrays and Python numbers, and with empty arrays where the text allows
any shape. What must come out is read from the docstring; what no text promises is not asked for.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.tools.rehearsal import namespace_of

from autograder.course.lint.names import bound_names
from autograder.course.notebooks import read_cells

ROOT = Path(__file__).resolve().parents[3]

# `x()` stands for a number or an array of any shape, `p()` likewise, but positive; `s()` for an
# array of any shape; `a(3, 4)` for an array of that shape; `n()` for a number.
CALLS = {
    "1_derivatives": """
        forward_difference(np.sin, x(), 0.5)
        central_difference(np.sin, x(), 0.5)
        power_derivative(p(), 3)
        power_derivative(x(), 0)
        power_derivative(p(), -1)
        exp_derivative(x())
        log_derivative(p())
        sin_derivative(x())
        cos_derivative(x())
        product_rule(np.sin, np.cos, np.exp, np.exp)(x())
        quotient_rule(np.sin, np.cos, np.exp, np.exp)(x())
        tangent_line(np.sin, np.cos, n())(x())
        sensitivity(np.cos, n(), n())
        relu(x())
        relu_derivative(x())
        sigmoid(x())
        sigmoid_derivative(x())
        sigmoid_derivative_from_output(x())
        tanh_derivative(x())
        tanh_derivative_from_output(x())
        leaky_relu(x(), n())
        leaky_relu(x())
        leaky_relu_derivative(x(), n())
        leaky_relu_derivative(x())
        softplus_derivative(x())
        silu_derivative(x())
        gelu_derivative(x())
        newton_root(lambda z: z * z - 4, lambda z: 2 * z, n())
        power_slope(n(), 3)
        measured_slope(np.square, float(n()))
        leaky_slope(n(), n())
    """,
    "2_gradients": """
        partial_derivative(lambda z: z[0] * z[1], a(3), 1)
        gradient_f(n(), n())
        numerical_gradient(lambda z: np.sum(z * z), s())
        quadratic_gradient(a(3, 3), a(3), a(3))
        directional_derivative(a(3), a(3))
        steepest_ascent(a(3))
        level_curve_direction(a(2))
        numerical_jacobian(lambda z: z * z, a(3))
        linear_jacobian(a(2, 3))
        elementwise_jacobian(np.cos, a(3))
        outputs_with(a(4, 3), 1)
        output_slopes(a(4, 3), 1)
        least_squares_gradient(a(4, 3), a(4), a(3))
        softmax(a(2, 3))
        softmax(a(0, 3))
        softmax(a(3), axis=0)
        softmax_derivative(a(2, 3))
        softmax_derivative(a(0, 3))
        softmax_derivative(a(3))
        hessian_f(n(), n())
        numerical_hessian(lambda z: z[0] * z[1] ** 2, a(2))
        classify_critical_point(a(1, 1))
        gradient_descent(np.cos, a(3), 0.5, 4)
        gradient_descent(np.cos, a(3), n(), 0)
        newton_step(lambda z: z**3, lambda z: np.diag(3.0 * z**2), a(3))
        check_gradient_by_hand(lambda z: np.sum(z * z), lambda z: 3 * z, s())
        check_gradient_with_noise(lambda z: np.sum(z * z), lambda z: 3 * z, s())
        softmax_rows(a(2, 3))
        softmax_rows(a(0, 3))
        is_minimum(a(1, 1))
        is_convex(3, n(), n())
        bfgs_update(a(1, 1) * np.eye(3, dtype=int), a(3), a(3))
    """,
    "3_chain_rule": """
        f_derivative(x())
        chain(np.cos, np.square, lambda z: 2 * z)(x())
        chain_many([np.square, np.sin], [lambda z: 2 * z, np.cos])(x())
        total_derivative(a(3), a(3, 2))
        total_derivative(a(4, 3), a(3, 2))
        vector_chain_rule(a(2, 3), a(3))
        slope_by_paths([a(4).tolist(), a(4).tolist()])
        slope_by_factoring([a(4).tolist(), a(4).tolist()])
        sigmoid(x())
        neuron_gradients(a(3), n(), a(3), n())
        layer_gradients(a(2, 3), a(2, 1), a(3, 4), a(2, 4))
        relu_layer_gradients(a(2, 3), a(2, 1), a(3, 4))
        relu_layer_gradients(a(2, 3), a(2, 1), a(3, 0))
        jvp([a(2, 3), a(4, 2)], a(3))
        vjp([a(2, 3), a(4, 2)], a(4))
        multiply_cost([(2, 3), (4, 2)], "forward")
        derivative(lambda z: (z * z + 1).log() * z.sin() - z**3 / 2, n())
        self_power_slope(3 * n() * n())
        input_gradient(a(2, 3), a(2, 1), a(3, 4))
        pull_back([a(2, 3), a(4, 2)], a(4))
    """,
    "4_backprop": """
        graph_gradients(n(), n(), n())
        forward_pass([a(2, 3)], [a(2, 1)], a(3, 4), np.tanh)
        forward_pass([a(2, 3)], [a(2, 1)], a(3, 0), np.tanh)
        backward_pass([a(2, 3)], [a(2, 4)], [a(3, 4), a(2, 4)], a(2, 4), np.cos)
        backward_pass([a(2, 3)], [a(2, 0)], [a(3, 0), a(2, 0)], a(2, 0), np.cos)
        Linear(3, 2, rng()).forward(a(3, 4))
        Linear(3, 2, rng()).forward(a(3, 0))
        ReLU().forward(s())
        MSELoss().forward(a(2, 3), a(2, 3))
        TwoLayerNetwork(3, 4, 2, rng()).forward(a(3, 5))
        check_layer(Linear(3, 2, rng()), a(3, 4), a(2, 4))
        Value(n()).tanh().data
        (Value(n()) * n() + n()).data
        unbroadcast(a(2, 3), (1, 3))
        unbroadcast(a(2, 3), ())
        unbroadcast(a(2, 3), (3,))
        Tensor(x()).data
        Tensor(x()).relu().data
        (Tensor(x()) * n() + n()).data
        Tensor(x()).sum().data
        passes_needed(3, 2, "reverse")
        mean_loss_gradient(a(2, 3), a(3, 4), a(2, 4))
        loss_and_gradient(a(2, 3), a(2, 3))
        collected_gradient([a(3, 4), a(3, 4)], [a(2, 4), a(2, 4)])
        product_gradient([(0, 1), (2, 1)], [n(), n()])
        path_slope({"y": [("a", n()), ("x", n())], "a": [("x", n())]})
        path_slope({})
    """,
    "5_layer_gradients": """
        softmax_backward(a(2, 3), a(2, 3))
        softmax_backward(a(0, 3), a(0, 3))
        softmax_backward(a(3), a(3))
        cross_entropy(a(2, 3), np.array([2, 0]))
        cross_entropy(a(2, 3), a(2, 3))
        conv2d_forward(a(2, 3, 4, 5), a(2, 3, 2, 3), a(2), 2, 1)
        conv2d_forward(a(0, 3, 4, 5), a(2, 3, 2, 3), a(2))
        conv1d_backward(a(4), a(6), a(3))
        conv2d_backward(a(2, 2, 3, 3), (a(2, 3, 4, 5), a(2, 3, 2, 3), 1, 0))
        max_pool2d_forward(a(2, 3, 4, 4), 2)
        max_pool2d_backward(a(2, 3, 2, 2), (a(2, 3, 4, 4), 2, 2))
        batchnorm_forward(a(4, 3), a(3), a(3), a(3), a(3), True)
        batchnorm_forward(a(4, 3), a(3), a(3), a(3), a(3) ** 2, False)
        batchnorm_backward_staged(a(4, 3), a(4, 3), a(3))
        batchnorm_backward(a(4, 3), (a(4, 3), a(3), a(3), True))
        layernorm_forward(a(2, 3, 4), a(4), a(4))
        layernorm_forward(a(0, 4), a(4), a(4))
        layernorm_forward(a(4), a(4), a(4))
        layernorm_backward(a(2, 4), (a(2, 4), a(2, 1), a(4)))
        dropout_forward(s(), 0.5, True, rng())
        dropout_forward(s(), 0.0, False, rng())
        dropout_backward(a(2, 3), a(2, 3), 0.5)
        attention_forward(a(2, 3, 4), a(2, 5, 4), a(2, 5, 2))
        attention_forward(a(0, 3, 4), a(0, 5, 4), a(0, 5, 2))
        attention_backward(a(2, 3, 2), a(2, 3, 4), a(2, 5, 4), a(2, 5, 2), a(2, 3, 5))
        embedding_backward(a(2, 3, 4), np.array([[0, 2, 0], [1, 1, 0]]), 5)
        embedding_backward(a(0, 3, 4), np.zeros((0, 3), int), 5)
        rnn_step_backward(a(2, 3), (a(2, 4), a(2, 3), a(3, 4), a(3, 3), a(2, 3)))
        kernel_gradient(a(2, 3, 2, 2), a(2, 2, 4, 3))
        attention_scores(a(2, 3), a(4, 3))
        dropped_layer_gradient(a(2, 3), a(2, 4), a(2, 4), 0.5)
        normalized_gradient(a(4, 3), a(4, 3), a(3))
        image_gamma_gradient(a(2, 3, 4, 5), a(2, 3, 4, 5))
        conv2d_forward_fast(a(2, 3, 4, 5), a(2, 3, 2, 3), a(2), 2, 1)
        conv2d_backward_fast(a(2, 2, 3, 3), (a(2, 3, 4, 5), a(2, 3, 2, 3), 1, 0))
    """,
    "6_stability": """
        relative_error(x(), x())
        relative_error(n(), n())
        gradient_check(lambda z: np.sum(z * z), s(), s())
        best_step(np.square, lambda z: 2 * z, n(), [0.25, 0.5])
        complex_step(np.sin, x())
        softmax_stable(a(2, 3))
        softmax_stable(a(0, 3))
        softmax_stable(a(3), axis=0)
        logsumexp(a(2, 3))
        logsumexp(a(3))
        logsumexp(a(0, 3))
        logsumexp(a(2, 3), axis=0, keepdims=True)
        log_softmax(a(2, 3))
        log_softmax(a(0, 3))
        log_softmax_backward(a(2, 3), a(2, 3))
        cross_entropy_stable(a(2, 3), a(2, 3))
        cross_entropy_gradient(a(2, 3), a(2, 3))
        log_sigmoid(x())
        binary_cross_entropy_with_logits(a(2, 3), a(2, 3))
        binary_cross_entropy_with_logits(n(), n())
        gradient_norms([a(3, 4), a(2, 3)], a(5, 4), a(5, 2))
        gradient_norms([], a(5, 4), a(5, 4))
        clip_gradient_norm({"W": a(2, 3)}, 1e9)
        clip_gradient_norm({}, 1.0)
        square_check(a(3), a(3), a(3))
        example_loss(a(3), 1)
        gate(x())
        variance(a(5))
        pairwise_sum(a(5))
        pairwise_sum(a(0))
        kahan_sum(a(5))
        kahan_sum(a(0))
        he_init(3, 2, rng())
        xavier_init(3, 2, rng())
        float16_gradient(s(), 1024)
    """,
}
ARRAYS = ("integers", "float32")
SHAPES = ("a 0-d array", "nothing")
PYTHON = ("a Python float", "a Python int")
FREE = {  # not called here, and why
    "slopes": "takes the values of a ladder",
    "gradients": "takes the values of a ladder",
    "network_gradients": "takes the values of a ladder",
    "attention_gradients": "takes the values of a ladder",
    "sgd_step": "works in place: see its checks",
    "train": "works in place: see its checks",
    "layer_check": "takes a function: see its checks",
    "einsum_letters": "takes nothing",
    "lift": "belongs to Dual, which derivative calls",
    "Dual": "derivative calls it",
}
KEPT = re.compile(r"float32 for float32|float32 where both|dtype as")
FLOAT = re.compile(r"^float$|\ba float\b", re.MULTILINE)


class Arguments:
    """The arguments that a call may name: the same numbers, in one of several kinds."""

    def __init__(self, kind: str) -> None:
        self.kind, self.turn = kind, count()
        self.given: list[tuple[Any, Any]] = []  # each array, and a copy of it

    def a(self, *shape: int) -> Any:
        """Return an array of whole numbers of both signs, none 0."""
        rng = np.random.default_rng(next(self.turn))
        numbers = rng.integers(1, 5, shape) * rng.choice([-1, 1], shape)
        array = numbers.astype({"integers": np.int64, "float32": np.float32}.get(self.kind, float))
        self.given.append((array, array.copy()))
        return array

    def n(self) -> Any:
        number = self.a()[()]
        return number if self.kind == "float32" else number.item()

    def s(self) -> Any:
        return self.a(
            *{"a 0-d array": (), "one entry": (1,), "nothing": (0, 3)}.get(self.kind, (2, 3))
        )

    def x(self) -> Any:
        if self.kind in PYTHON:
            return (int if self.kind == "a Python int" else float)(self.a())
        return self.s()

    def p(self) -> Any:
        return abs(self.x())


@cache
def names_of(chapter: str) -> dict[str, Any]:
    return namespace_of(read_cells(ROOT / "solutions" / chapter / f"{chapter}.ipynb"))


def parts_of(chapter: str, call: str, arguments: Arguments) -> list[Any]:
    """Return the numbers, arrays and words that the result of a call is made of, in order."""
    named = {name: getattr(arguments, name) for name in "anspx"}
    with np.errstate(all="ignore"):
        result = eval(call, names_of(chapter) | named | {"rng": lambda: np.random.default_rng(7)})
    return list(flat(result))


def flat(result: Any) -> Iterator[Any]:
    if isinstance(result, dict | list | tuple):
        for part in result.values() if isinstance(result, dict) else result:
            yield from flat(part)
    elif result is not None:
        yield result


def text_of(chapter: str, call: str) -> str:
    """Return the docstring of what is called; a class's method has its own."""
    thing = names_of(chapter)[re.findall(r"\w+", call)[0]]
    if inspect.isclass(thing):
        thing = getattr(thing, "forward", thing)
    return inspect.getdoc(thing) or ""


def kinds_of(call: str) -> tuple[str, ...]:
    """Return the kinds of arguments that a call can be made with."""
    number, shape = (re.search(rf"\b[{names}]\(\)", call) for names in ("xp", "sxp"))
    return ARRAYS + (SHAPES if shape else ()) + (PYTHON if number else ())


@pytest.mark.parametrize(
    ("chapter", "call", "kind"),
    [
        pytest.param(chapter, call, kind, id=f"{call}-{kind}")
        for chapter, calls in CALLS.items()
        for call in filter(None, map(str.strip, calls.splitlines()))
        for kind in kinds_of(call)
    ],
)
def test_an_answer_gives_what_its_text_promises_for_every_kind_of_argument(
    chapter: str, call: str, kind: str
) -> None:
    arguments, text = Arguments(kind), text_of(chapter, call)
    single = kind in PYTHON or kind == "a 0-d array"
    found = parts_of(chapter, call, arguments)
    right = parts_of(chapter, call, Arguments("one entry" if single else "float64"))
    assert len(found) == len(right)
    for got, expected in zip(found, right, strict=True):
        if isinstance(expected, str | bool):
            assert got == expected
            continue
        shape = np.shape(expected)
        if kind == "nothing":
            assert np.shape(got) == ((0, *shape[1:]) if shape else ())
        else:
            near = 1e-4 if kind == "float32" else 1e-12
            assert np.shape(got) == (() if single and shape == (1,) else shape)
            np.testing.assert_allclose(got, np.reshape(expected, np.shape(got)), near, near)
        if kind == "float32" and KEPT.search(text):
            assert got.dtype == np.float32
        elif "float64" in text and isinstance(got, np.ndarray | np.generic):
            assert got.dtype == np.float64
        elif FLOAT.search(text) and not np.shape(got):
            assert isinstance(got, float)
    for given, before in arguments.given:
        np.testing.assert_array_equal(given, before, "the argument was changed", strict=True)


def test_every_function_that_is_answered_is_called() -> None:
    for chapter in CALLS:
        cells = read_cells(ROOT / "solutions" / chapter / f"{chapter}.ipynb")
        for name in (n for c in cells if c.kind == "solution" for n in bound_names(c.tree())):
            free = name.startswith(("_", "counterexample")) or name in FREE
            assert free or re.search(rf"\b{name}\(", CALLS[chapter]), name
