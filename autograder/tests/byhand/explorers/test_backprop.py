import re

import numpy as np
import pytest

from byhand import figures
from byhand.explorers import backprop


def test_the_words_walk_the_graph_forward_and_back():
    explorer = backprop.graph_explorer(predicted=True)
    said = []
    for step in range(8):
        explorer.control["step"].box.value = step
        said.append(explorer.words)
    assert "nothing is computed yet" in said[0]
    assert "v1 = x1 · x2 = −10" in said[1] and "y = v1 + x3 = −6" in said[2]
    assert "∂y/∂y = 1" in said[3]
    assert "∂y/∂v1 is 1 × 1 through y = 1" in said[4]
    assert "∂y/∂x3 is 1 × 1 through y = 1" in said[5]
    assert "∂y/∂x1 is 1 × −5 through v1 = −5" in said[7]


def test_the_words_add_up_the_paths_of_an_input_that_is_used_twice():
    explorer = backprop.graph_explorer(predicted=True)
    explorer.control["graph"].box.value = "y = x1 · x2 + x1"
    explorer.control["step"].box.value = 5
    assert "is 1 × −5 through v1 plus 1 × 1 through y = −4" in explorer.words
    assert "The two paths add up." in explorer.words
    assert explorer.control["x3"].disabled


@pytest.mark.parametrize(
    ("activation", "size", "verdict"),
    [("sigmoid", 1.0, "vanishes"), ("ReLU", 2.0, "keeps its size"), ("none", 4.0, "explodes")],
)
def test_the_words_say_what_depth_does_to_the_gradient(activation, size, verdict):
    explorer = backprop.flow_explorer(predicted=True)
    explorer.control["activation"].box.value = activation
    explorer.control["size"].box.value = size
    assert verdict in explorer.words


def test_the_students_backward_pass_lies_on_the_measured_lengths(notebook):
    names, passed = notebook

    def backward_pass(weights, zs, activations, grad_output, activation_derivative):
        slopes = []
        for W, z in zip(reversed(weights), reversed(zs), strict=True):
            slopes.insert(0, grad_output * activation_derivative(z))
            grad_output = W.T @ slopes[0]
        return [], slopes, grad_output

    names["backward_pass"] = backward_pass
    passed.add("4.2")
    explorer = backprop.flow_explorer(predicted=True)
    np.testing.assert_allclose(
        explorer.yours.mark.get_ydata(), explorer.curve.get_ydata(), rtol=1e-4
    )
    assert explorer.yours.label.get_text() == "dotted: yours (4.2)"


def test_three_hidden_units_fence_in_the_disc_and_two_do_not():
    explorer = backprop.boundary_explorer(predicted=True)
    assert "49 of 60 points" in explorer.words
    explorer.control["hidden"].box.value = 3
    assert "60 of 60 points" in explorer.words


def test_a_learning_rate_that_is_too_large_is_called_so():
    explorer = backprop.boundary_explorer(predicted=True)
    explorer.control["learning_rate"].box.value = 10
    assert "blown up" in explorer.words


def test_the_students_network_learns_along_the_measured_losses(notebook):
    names, passed = notebook

    class TwoLayerNetwork:
        def __init__(self, n_in, hidden, n_out, rng):
            self.p = {
                "W1": np.zeros((hidden, n_in)),
                "b1": np.zeros((hidden, 1)),
                "W2": np.zeros((n_out, hidden)),
                "b2": np.zeros((n_out, 1)),
            }

        def forward(self, x, target):
            self.x, self.z = x, self.p["W1"] @ x + self.p["b1"]
            self.a = np.maximum(self.z, 0)
            self.off = self.p["W2"] @ self.a + self.p["b2"] - target
            return None, np.mean(self.off**2) / 2

        def backward(self):
            g = self.off / self.off.shape[1]
            d = (self.p["W2"].T @ g) * (self.z > 0)
            ones = np.ones((g.shape[1], 1))
            self.g = {"W1": d @ self.x.T, "b1": d @ ones, "W2": g @ self.a.T, "b2": g @ ones}

        def get_parameters(self):
            return self.p

        def get_gradients(self):
            return self.g

    names["TwoLayerNetwork"] = TwoLayerNetwork
    passed.add("4.5")
    explorer = backprop.boundary_explorer(predicted=True)
    np.testing.assert_allclose(
        explorer.yours.mark.get_ydata(), explorer.curve.get_ydata(), rtol=1e-4
    )


def test_a_students_network_that_fails_is_named_in_the_words(notebook):
    names, passed = notebook
    names["TwoLayerNetwork"] = lambda *sizes: {}[0]
    passed.add("4.5")
    explorer = backprop.boundary_explorer(predicted=True)
    assert explorer.words.endswith("Your TwoLayerNetwork (4.5) raises KeyError: 0.")


def test_other_points_are_drawn_and_learned():
    explorer = backprop.boundary_explorer(predicted=True)
    explorer.control["points"].box.value = "two moons"
    explorer.control["hidden"].box.value = 8
    explorer.control["learning_rate"].box.value = 0.3
    assert "of 60 points" in explorer.words
    x, target = backprop.two_moons()
    np.testing.assert_array_equal(explorer.dots[1].get_xdata(), x[0, target[0] == 1])


class Number:
    """A value that adds and multiplies, and knows its gradients from the start."""

    def __init__(self, data, grad=0.25):
        self.data, self.grad = data, grad

    def __add__(self, other):
        return Number(self.data + other.data)

    def __mul__(self, other):
        return Number(self.data * other.data)

    def backward(self):
        self.grad = 1.0


def test_a_program_of_values_is_drawn_with_what_they_hold(shown):
    backprop.show_program(Number, ["s = a * b", "y = s + a"], {"a": 2.0, "b": -3.0})
    (alt,) = shown
    assert "a: 2, gradient 0.25" in alt and "s: −6" in alt and "y: −4, gradient 1" in alt


def test_learning_is_shown_from_the_first_step_to_the_last(shown):
    backprop.show_goal()
    backprop.show_learning([[0.0] * 13, [0.1] * 13])
    goal, short = shown
    assert re.search(r"and (5[89]|60) of 60 points", goal)
    assert "loss falls from 0.500" in short


def test_nothing_is_drawn_in_a_grading_run(shown, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    backprop.show_goal()
    backprop.show_program(Number, ["y = a + a"], {"a": 1.0})
    assert not shown


@pytest.fixture
def shown(monkeypatch):
    """Return the alternative texts of the figures that are shown."""
    import matplotlib.pyplot as plt

    texts = []
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.setattr(figures, "show", lambda figure, alt: (texts.append(alt), plt.close(figure)))
    return texts
