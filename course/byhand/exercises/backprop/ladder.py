"""Exercise 4.13: a network of twenty lines, whose gradients are found from the loss back."""

from __future__ import annotations

import numpy as np

from byhand.checks import CheckFailed, ladder
from byhand.checks.rungs import judge, refuse_zeros
from byhand.differences.calls import Function
from byhand.exercises.ladders import answer_to, require_dict

LINES = [
    "p = W @ x",
    "z = p + b",
    "a = np.tanh(z)",
    "q = V @ a",
    "u = q + b",
    "h = np.tanh(u)",
    "r = a + h",
    "c = r.mean(axis=0, keepdims=True)",
    "n = r - c",
    "g = k * n",
    "e = g - t",
    "s = e**2",
    "f = s.sum(axis=0)",
    "m = f.mean()",
    "D = W**2",
    "w = D.sum()",
    "E = V**2",
    "v = E.sum()",
    "j = w + v",
    "loss = m / 2 + 0.05 * j",
]
LOSS = ("loss", "j", "v", "E", "w", "D", "m", "f", "s", "e", "g")
HIDDEN = ("n", "c", "r", "h", "u", "q", "a", "z", "p")
INPUTS = ("k", "t", "V", "b", "W", "x")


def _check(network_gradients: Function, names: tuple[str, ...], draw: int) -> None:
    """Judge some of the gradients, each from the student's own, in a drawn network."""
    __tracebackhide__ = True
    n_in, width, batch = (4, 3, 5) if draw % 2 else (5, 4, 3)
    rng = np.random.default_rng(draw)
    shapes = {
        "W": (width, n_in), "x": (n_in, batch), "b": (width, 1), "V": (width, width),
        "k": (width, 1), "t": (width, batch),
    }  # fmt: skip
    inputs = {name: 0.7 * rng.standard_normal(shape) for name, shape in shapes.items()}
    found = answer_to(network_gradients, LINES, inputs)
    require_dict(found, set(), "network_gradients(v) must return a dict, d")
    verdicts = judge(ladder(*LINES)(**inputs), found)
    wrong = [name for name in names if verdicts[name].state != "right"]
    if wrong:
        failure = verdicts[wrong[0]].failure or CheckFailed(
            f'd["{wrong[0]}"] can\'t be judged, because one that it follows from is not usable'
        )
        others = ", ".join(f'd["{name}"]' for name in wrong[1:6])
        failure.what += f"; look at {others} too" if others else ""
        raise failure
    refuse_zeros(found, names)


def ladder_loss(network_gradients: Function, draw: int = 0) -> None:
    """Check the gradients from the loss back to g, each from your own gradients above it."""
    _check(network_gradients, LOSS, draw)


def ladder_hidden(network_gradients: Function, draw: int = 0) -> None:
    """Check the gradients from n back to p, each from your own gradients above it."""
    _check(network_gradients, HIDDEN, draw)


def ladder_inputs(network_gradients: Function, draw: int = 0) -> None:
    """Check the gradients of the six inputs, each from your own gradients above it."""
    _check(network_gradients, INPUTS, draw)
