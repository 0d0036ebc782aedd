"""How fast the layers of chapter 5 are, beside PyTorch on one thread of the same machine.

Run it with ``python3 autograder/benchmarks/layers.py [--seconds 0.3]``. Each layer runs forward and
backward on the same float64 arrays, once by the chapter's solutions and once by PyTorch, whose
gradients must agree. Both take turns, so that they share whatever else the machine does; the
shortest run of each counts. A ratio of 2 says: the course takes twice as long.
"""

from __future__ import annotations

import argparse
import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # read when NumPy and PyTorch are imported

import time  # noqa: E402 - after the variables
from collections.abc import Callable  # noqa: E402
from dataclasses import dataclass  # noqa: E402

import numpy as np  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402
from tests.tools.rehearsal import namespace_of  # noqa: E402

from autograder.course.notebooks import read_cells  # noqa: E402
from autograder.layout import Layout  # noqa: E402

CHAPTER = "5_layer_gradients"
RNG = np.random.default_rng(0)


@dataclass(frozen=True)
class Pair:
    """One layer, done twice.

    Attributes
    ----------
    name, shapes : str
        What the table calls it, and the sizes of its arrays.
    ours : callable
        Runs forward and backward and returns the gradients.
    theirs : callable
        The same by PyTorch.
    """

    name: str
    shapes: str
    ours: Callable[[], tuple]
    theirs: Callable[[], tuple]


def by_autograd(forward: Callable, *arrays: np.ndarray, upstream: np.ndarray | None) -> Callable:
    """Return a function that runs PyTorch forward and backward and returns the gradients."""
    import torch

    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    grad_output = None if upstream is None else torch.tensor(upstream)

    def run() -> tuple:
        return torch.autograd.grad(forward(*tensors), tensors, grad_output)

    return run


def normal(*shapes: tuple[int, ...]) -> list[np.ndarray]:
    """Return standard normal arrays of these shapes."""
    return [RNG.standard_normal(shape) for shape in shapes]


def sizes(shape: tuple[int, ...]) -> str:
    """Return a shape as text for the table."""
    return "×".join(map(str, shape))


def pairs(course: dict) -> list[Pair]:
    """Return every layer of the chapter beside PyTorch's."""
    return [
        *convolutions(course),
        max_pool(course),
        *normalizations(course),
        softmax(course),
        cross_entropy(course),
        dropout(course),
        attention(course),
        embedding(course),
        recurrent_step(course),
    ]


def convolutions(course: dict) -> list[Pair]:
    """Return the convolution by loops and without, for a small and a larger layer."""
    from torch.nn.functional import conv2d

    found = []
    for shape, kernel_shape in (((1, 1, 28, 28), (8, 1, 3, 3)), ((16, 8, 28, 28), (16, 8, 3, 3))):
        x, kernel, bias, G = normal(
            shape, kernel_shape, kernel_shape[:1], (shape[0], kernel_shape[0], *shape[2:])
        )
        theirs = by_autograd(lambda *given: conv2d(*given, padding=1), x, kernel, bias, upstream=G)
        for name, end in (("convolution, loops", ""), ("convolution, fast", "_fast")):
            forward = course[f"conv2d_forward{end}"]
            backward = course[f"conv2d_backward{end}"]

            def ours(forward=forward, backward=backward, x=x, kernel=kernel, bias=bias, G=G):
                return backward(G, forward(x, kernel, bias, 1, 1)[1])

            found.append(Pair(name, f"{sizes(shape)} to {kernel_shape[0]}, 3×3", ours, theirs))
    return found


def max_pool(course: dict) -> Pair:
    """Return max pooling."""
    from torch.nn.functional import max_pool2d

    x, G = normal((16, 8, 28, 28), (16, 8, 14, 14))

    def ours() -> tuple:
        return (course["max_pool2d_backward"](G, course["max_pool2d_forward"](x, 2)[1]),)

    return Pair(
        "max pool", sizes(x.shape), ours, by_autograd(lambda x: max_pool2d(x, 2), x, upstream=G)
    )


def normalizations(course: dict) -> list[Pair]:
    """Return batch norm, node by node and fused, and layer norm."""
    from torch.nn.functional import batch_norm, layer_norm

    x, gamma, beta, G = normal((256, 128), (128,), (128,), (256, 128))
    zeros, ones = np.zeros(128), np.ones(128)

    def staged() -> tuple:
        course["batchnorm_forward"](x, gamma, beta, zeros, ones, True)
        grads = course["batchnorm_backward_staged"](G, x, gamma)
        return grads["x"], grads["gamma"], grads["beta"]

    def fused() -> tuple:
        cache = course["batchnorm_forward"](x, gamma, beta, zeros, ones, True)[1]
        return course["batchnorm_backward"](G, cache)

    def layer() -> tuple:
        return course["layernorm_backward"](G, course["layernorm_forward"](x, gamma, beta)[1])

    by_batch = by_autograd(
        lambda x, gamma, beta: batch_norm(x, None, None, gamma, beta, training=True),
        x, gamma, beta, upstream=G,
    )  # fmt: skip
    by_layer = by_autograd(
        lambda x, gamma, beta: layer_norm(x, (128,), gamma, beta), x, gamma, beta, upstream=G
    )
    return [
        Pair("batch norm, staged", sizes(x.shape), staged, by_batch),
        Pair("batch norm, fused", sizes(x.shape), fused, by_batch),
        Pair("layer norm", sizes(x.shape), layer, by_layer),
    ]


def softmax(course: dict) -> Pair:
    """Return the softmax; the chapter has its backward only, forward is added here."""
    import torch

    x, G = normal((256, 128), (256, 128))

    def ours() -> tuple:
        powers = np.exp(x - x.max(axis=-1, keepdims=True))
        return (course["softmax_backward"](G, powers / powers.sum(axis=-1, keepdims=True)),)

    theirs = by_autograd(lambda x: torch.softmax(x, dim=-1), x, upstream=G)
    return Pair("softmax", sizes(x.shape), ours, theirs)


def cross_entropy(course: dict) -> Pair:
    """Return the cross-entropy."""
    import torch

    (logits,) = normal((256, 128))
    labels = RNG.integers(0, 128, 256)
    wanted = torch.tensor(labels)
    theirs = by_autograd(
        lambda x: torch.nn.functional.cross_entropy(x, wanted), logits, upstream=None
    )
    return Pair(
        "cross-entropy",
        sizes(logits.shape),
        lambda: (course["cross_entropy"](logits, labels)[1],),
        theirs,
    )


def dropout(course: dict) -> Pair:
    """Return dropout; the masks differ, so rate 0 is what can be compared."""
    import torch

    x, G = normal((256, 128), (256, 128))

    def ours() -> tuple:
        _, mask = course["dropout_forward"](x, 0.0, True, RNG)
        return (course["dropout_backward"](G, mask, 0.0),)

    def forward(x: object) -> object:  # PyTorch takes a shortcut for rate 0: draw all the same
        return x * torch.empty_like(x).bernoulli_(1.0)

    return Pair("dropout", sizes(x.shape), ours, by_autograd(forward, x, upstream=G))


def attention(course: dict) -> Pair:
    """Return attention under a causal mask."""
    import torch

    Q, K, V, G = normal(*[(8, 64, 32)] * 4)
    causal = np.tri(64, dtype=bool)
    theirs_mask = torch.tensor(causal)

    def ours() -> tuple:
        weights = course["attention_forward"](Q, K, V, causal)[1]
        return course["attention_backward"](G, Q, K, V, weights)

    attend = torch.nn.functional.scaled_dot_product_attention
    theirs = by_autograd(
        lambda Q, K, V: attend(Q, K, V, attn_mask=theirs_mask), Q, K, V, upstream=G
    )
    return Pair("attention, causal", sizes(Q.shape), ours, theirs)


def embedding(course: dict) -> Pair:
    """Return the lookup in a table."""
    import torch

    table, G = normal((1000, 32), (16, 64, 32))
    tokens = RNG.integers(0, 1000, (16, 64))
    wanted = torch.tensor(tokens)

    def ours() -> tuple:
        _ = table[tokens]
        return (course["embedding_backward"](G, tokens, 1000),)

    theirs = by_autograd(lambda E: torch.nn.functional.embedding(wanted, E), table, upstream=G)
    return Pair("embedding", f"{sizes(tokens.shape)} of {sizes(table.shape)}", ours, theirs)


def recurrent_step(course: dict) -> Pair:
    """Return one step of a recurrent layer."""
    import torch

    x, h, W_x, W_h, b, G = normal((64, 32), (64, 64), (64, 32), (64, 64), (64,), (64, 64))

    def ours() -> tuple:
        h_next = np.tanh(x @ W_x.T + h @ W_h.T + b)
        return course["rnn_step_backward"](G, (x, h, W_x, W_h, h_next))

    theirs = by_autograd(
        lambda x, h, W_x, W_h, b: torch.tanh(x @ W_x.T + h @ W_h.T + b),
        x, h, W_x, W_h, b, upstream=G,
    )  # fmt: skip
    return Pair("recurrent step", f"{sizes(x.shape)}, {sizes(h.shape)}", ours, theirs)


def shortest(pair: Pair, seconds: float) -> tuple[float, float]:
    """Return the shortest run of ours and of theirs, which take turns for so many seconds."""
    pair.ours(), pair.theirs()  # the first call of each sets things up
    best = [np.inf, np.inf]
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for side, run in enumerate((pair.ours, pair.theirs)):
            start = time.perf_counter()
            run()
            best[side] = min(best[side], time.perf_counter() - start)
    return best[0], best[1]


def difference(pair: Pair) -> float:
    """Return by how much the gradients differ, relative to the largest entry of each."""
    both = zip(pair.ours(), pair.theirs(), strict=True)
    return max(
        float(np.abs(ours - theirs.numpy()).max() / np.abs(ours).max()) for ours, theirs in both
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--seconds", type=float, default=0.3, help="for each layer (default 0.3)")
    options = parser.parse_args()

    console = Console()
    try:
        import torch
    except ImportError:
        raise SystemExit("PyTorch is not installed: pip install torch") from None
    torch.set_num_threads(1)
    course = namespace_of(read_cells(Layout.here().source(CHAPTER)))
    table = Table(title="Forward and backward in float64, one thread")
    table.add_column("layer", no_wrap=True)
    table.add_column("sizes", no_wrap=True)
    for title in ("ours ms", "torch ms", "ratio", "differ"):
        table.add_column(title, justify="right")
    for pair in pairs(course):
        ours, theirs = shortest(pair, options.seconds)
        table.add_row(
            pair.name, pair.shapes, f"{1000 * ours:.3g}", f"{1000 * theirs:.3g}",
            f"{ours / theirs:.1f}", f"{difference(pair):.0e}",
        )  # fmt: skip
    console.print(table)
    console.print("differ: how far the gradients are apart, of the largest entry.")


if __name__ == "__main__":
    main()
