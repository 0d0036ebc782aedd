"""Exercise 5.4: the backward pass of a convolution, of rows and of images."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import CheckFailed, check_close, check_parts, check_unchanged
from byhand.differences.calls import Function
from byhand.exercises.layer_gradients.draws import arrays, windows
from byhand.exercises.samples import Floats, kept

NAMES = ("grad_x", "grad_kernel", "grad_bias")
Case = tuple[tuple[int, ...], int, int]  # (B, c_in, c_out, H, W, kh, kw), stride, padding
PLAIN: Case = (3, 2, 5, 4, 6, 2, 3), 1, 0
STRIDE: Case = (4, 3, 2, 8, 9, 3, 2), 2, 0
PADDED: Case = (3, 2, 4, 4, 6, 3, 4), 1, 2
BOTH: Case = (4, 2, 3, 6, 8, 3, 4), 3, 1


# -- of a row ------------------------------------------------------------------------------------


def _row_of(draw: int, n: int, k: int) -> list[Floats]:
    """Return grad_output, x and kernel."""
    return arrays(draw, (n - k + 1,), (n,), (k,))


def _row_gradients(G: Floats, x: Floats, kernel: Floats) -> tuple[Any, Any]:
    return np.convolve(G, kernel), np.correlate(x, G, "valid")


def _fits_two_weights(conv1d_backward: Function, draw: int) -> bool:
    """Return whether the gradients of a kernel of two weights are right."""
    G, x, kernel = _row_of(draw, 7, 2)
    try:
        found = conv1d_backward(G, x, kernel)
        return all(map(np.allclose, found, _row_gradients(G, x, kernel)))
    except (TypeError, ValueError):
        return False


def conv1d_backward_kernel(conv1d_backward: Function, draw: int = 0) -> None:
    """Check grad_kernel for kernels of 3 and of 4 weights; the arguments stay as they were."""
    for n, k in ((8, 3), (10, 4)):
        G, x, kernel = _row_of(draw + n, n, k)
        right_x, right = _row_gradients(G, x, kernel)
        try:
            result = check_unchanged(conv1d_backward, G, x, kernel, what="conv1d_backward")
        except ValueError as error:
            if not _fits_two_weights(conv1d_backward, draw):
                raise
            raise CheckFailed(
                f"conv1d_backward raises a ValueError for a kernel of {k} weights",
                actual=str(error),
                likely="it is right for two weights, as in the example, and must be for any number",
            ) from error
        parts = check_parts(
            result,
            NAMES[:2],
            what="conv1d_backward(...)",
        )
        check_close(
            parts[1],
            right,
            what=f"grad_kernel for {n} numbers and {k} weights",
            rtol=1e-11,
            relative_to="largest",
            sizes={"the number of outputs": len(G), "the number of weights": k},
            swapped={"grad_x": right_x},
            mistakes={
                "the order is reversed: weight u met x[i + u]": right[::-1],
                "grad_output is missing: this adds up what each weight has read": np.correlate(
                    x, np.ones_like(G), "valid"
                ),
                "only the last output counts: add up over all of them": G[-1] * x[len(G) - 1 :],
                "only the first output counts: add up over all of them": G[0] * x[:k],
                "the last output is left out: the loop ends too early": np.correlate(
                    x[:-1], G[:-1], "valid"
                ),
                "the first output is left out": np.correlate(x[1:], G[1:], "valid"),
                "the kernel is in it: its own value has no part in its slope": right * kernel,
            },
        )


def conv1d_backward_input(conv1d_backward: Function, draw: int = 0) -> None:
    """Check grad_x for kernels of 3 and of 4 weights; windows overlap."""
    for n, k in ((8, 3), (10, 4)):
        G, x, kernel = _row_of(draw + n + 1, n, k)
        right, right_kernel = _row_gradients(G, x, kernel)
        overwritten = np.zeros(n)
        for i, g in enumerate(G):
            overwritten[i : i + k] = g * kernel
        parts = check_parts(
            check_unchanged(conv1d_backward, G, x, kernel, what="conv1d_backward"),
            NAMES[:2],
            what="conv1d_backward(...)",
        )
        check_close(
            parts[0],
            right,
            what=f"grad_x for {n} numbers and {k} weights",
            rtol=1e-11,
            relative_to="largest",
            sizes={"the number of weights": k},
            swapped={"grad_kernel": right_kernel},
            mistakes={
                "outputs overwrite each other where their windows overlap: add up": overwritten,
                "the kernel is turned round: x[j] met weight j - i in output i": np.convolve(
                    G, kernel[::-1]
                ),
                "grad_output is missing: this adds up the weights that x[j] has met": np.convolve(
                    np.ones_like(G), kernel
                ),
                "output i is passed back to x[i] alone, but it has read k numbers": np.pad(
                    G * kernel.sum(), (0, k - 1)
                ),
                "the last output is left out: the loop ends too early": np.convolve(
                    np.where(np.arange(len(G)) < len(G) - 1, G, 0), kernel
                ),
                "the kernel is missing: this adds up the gradients of the outputs that read x[j]": (
                    np.convolve(G, np.ones(k))
                ),
                "only the inner part is computed: x[0] and the last one are read too": np.convolve(
                    G, kernel, "valid"
                )
                if len(G) >= k
                else np.zeros(1),
            },
        )


# -- of images -----------------------------------------------------------------------------------


def _layer(seed: int, case: Case) -> tuple[Floats, Floats, Floats]:
    """Return grad_output, x and kernel."""
    (B, c_in, c_out, H, W, kh, kw), stride, padding = case
    size = ((H + 2 * padding - kh) // stride + 1, (W + 2 * padding - kw) // stride + 1)
    G, x, kernel = arrays(seed, (B, c_out, *size), (B, c_in, H, W), (c_out, c_in, kh, kw))
    return G, x, kernel


@kept
def _spread(
    G: Floats,
    x: Any,
    kernel: Any,
    stride: int,
    padding: int,
    add: bool = True,
    steps: tuple[int, int] | None = None,
) -> Floats:
    """Return the gradient with respect to the padded x; without `add`, windows overwrite.

    `steps` are those of the windows, down and to the right, where they are not the stride.
    """
    B, c_in, H, W = x.shape
    down, right = steps or (stride, stride)
    grad = np.zeros((B, c_in, H + 2 * padding, W + 2 * padding))
    for i, j in np.ndindex(G.shape[2:]):
        rows = slice(down * i, down * i + kernel.shape[2])
        columns = slice(right * j, right * j + kernel.shape[3])
        share = np.tensordot(G[:, :, i, j], kernel, axes=(1, 0))
        grad[:, :, rows, columns] = share + add * grad[:, :, rows, columns]
    return grad


def _cut(grad: Floats, padding: int) -> Floats:
    return grad[:, :, padding : grad.shape[2] - padding, padding : grad.shape[3] - padding]


@kept
def _gradients(G: Floats, x: Any, kernel: Any, stride: int, padding: int) -> tuple[Any, ...]:
    return (
        _cut(_spread(G, x, kernel, stride, padding), padding),
        np.einsum("boij,bcijuv->ocuv", G, windows(x, kernel, stride, padding)),
        G.sum(axis=(0, 2, 3)),
    )


def _results(conv2d_backward: Function, seed: int, case: Case) -> tuple[Any, Any, Any]:
    """Return the arguments, what the student's function returned, and the right gradients."""
    __tracebackhide__ = True
    G, x, kernel = _layer(seed, case)
    given = G, (x, kernel, *case[1:])
    right = _gradients(G, x, kernel, *case[1:])
    result = check_unchanged(conv2d_backward, *given, what="conv2d_backward")
    return given, check_parts(result, NAMES, what="conv2d_backward(...)"), right


def _said(case: Case) -> str:
    (B, c_in, c_out, H, W, kh, kw), stride, padding = case
    return (
        f"for x {(B, c_in, H, W)}, kernel {(c_out, c_in, kh, kw)}, stride {stride}, "
        f"padding {padding}"
    )


def conv2d_backward_bias(conv2d_backward: Function, draw: int = 0) -> None:
    """Check one number for each output channel, for any stride and padding."""
    for case in (BOTH,) if draw else (PLAIN, BOTH):
        (G, _), found, right = _results(conv2d_backward, draw + 1, case)
        check_close(
            found[2],
            right[2],
            what=f"grad_bias {_said(case)}",
            rtol=1e-11,
            relative_to="largest",
            batch=len(G),
            sizes={"the number of output pixels": G[0, 0].size},
            mistakes={
                "a sum for each image: the batch is summed over too": G.sum(axis=(2, 3)),
                "a sum for each pixel: pixels are summed over too": G.sum(axis=0),
                "a sum for each image: each output channel has one": G.sum(axis=(1, 2, 3)),
                "a single sum: each output channel has its own": G.sum(),
            },
        )


@kept
def _kernel_slips(
    G: Floats, x: Floats, kernel: Floats, stride: int, padding: int
) -> dict[str, Any]:
    """Return what the usual slips make of grad_kernel."""
    right = _gradients(G, x, kernel, stride, padding)[1]
    every = windows(x, kernel, 1, padding)[:, :, : G.shape[2], : G.shape[3]]
    seen = windows(x, kernel, stride, padding)
    return {
        "input and output channels are swapped": right.swapaxes(0, 1),
        "the window of output i begins at stride * i, as in forward": np.einsum(
            "boij,bcijuv->ocuv", G, every
        ),
        "only the first image counts: add up over the batch": np.einsum(
            "oij,cijuv->ocuv", G[0], seen[0]
        ),
        "only the last image counts: add up over the batch": np.einsum(
            "oij,cijuv->ocuv", G[-1], seen[-1]
        ),
        **{
            said: np.einsum("boij,bcijuv->ocuv", G, dense[:, :, : G.shape[2], : G.shape[3]])
            for said, dense in {
                "the window moves by the stride downward only": windows(x, kernel, 1, padding)[
                    :, :, ::stride
                ],
                "the window moves by the stride to the right only": windows(x, kernel, 1, padding)[
                    :, :, :, ::stride
                ],
            }.items()
            if stride > 1
        },
        "the last row of outputs is left out": np.einsum(
            "boij,bcijuv->ocuv", G[:, :, :-1], seen[:, :, :-1]
        ),
        "the last column of outputs is left out": np.einsum(
            "boij,bcijuv->ocuv", G[..., :-1], seen[:, :, :, :-1]
        ),
        "only the last output pixel counts: add up over all of them": np.einsum(
            "bo,bcuv->ocuv", G[:, :, -1, -1], seen[:, :, -1, -1]
        ),
        "the kernel is turned upside down": right[..., ::-1, ::-1],
        "grad_output is missing: this adds up the windows": np.broadcast_to(
            seen.sum(axis=(0, 2, 3)), kernel.shape
        ),
    }


def conv2d_backward_kernel(conv2d_backward: Function, draw: int = 0) -> None:
    """Check grad_kernel with a stride that leaves a remainder, with padding, of integers too.

    Hidden tests try two of the four cases.
    """
    for case in (STRIDE, BOTH) if draw else (PLAIN, STRIDE, PADDED, BOTH):
        (G, (x, kernel, stride, padding)), found, right = _results(conv2d_backward, draw + 2, case)
        check_close(
            found[1],
            right[1],
            what=f"grad_kernel {_said(case)}",
            rtol=1e-11,
            relative_to="largest",
            batch=len(G),
            sizes={"the number of output pixels": G[0, 0].size},
            swapped={"grad_x": right[0]},
            mistakes=_kernel_slips(G, x, kernel, stride, padding),
        )
    if draw:
        return
    G, x, kernel = _layer(3, PLAIN)
    whole = np.rint(3 * x).astype(int), np.rint(3 * kernel).astype(int)
    found = check_parts(conv2d_backward(G, (*whole, 1, 0)), NAMES, what="conv2d_backward(...)")
    check_close(
        found[1],
        _gradients(G, *whole, 1, 0)[1],
        what="grad_kernel where x and kernel hold integers",
        rtol=1e-11,
        relative_to="largest",
        dtype=np.float64,
    )


def _check_input(found: Any, given: Any, right: Any, case: Case) -> None:
    __tracebackhide__ = True
    G, (x, kernel, stride, padding) = given
    read = [stride * (size - 1) + k for size, k in zip(G.shape[2:], kernel.shape[2:], strict=True)]
    whole = _spread(G, x, kernel, stride, padding)
    steps = {
        "what goes back to x is added at i, but its window began at stride * i": (1, 1),
        "what goes back moves by the stride downward only": (stride, 1),
        "what goes back moves by the stride to the right only": (1, stride),
    }
    check_close(
        found[0],
        right[0],
        what=f"grad_x {_said(case)}",
        hint=None
        if padding or np.size(found[0])
        else "a slice that ends at -padding is empty where padding is 0",
        rtol=1e-11,
        relative_to="largest",
        batch=len(G),
        mistakes={
            "windows overwrite each other where they overlap: add up": _cut(
                _spread(G, x, kernel, stride, padding, add=False), padding
            ),
            "the kernel is turned upside down on the way back": _cut(
                _spread(G, x, kernel[..., ::-1, ::-1], stride, padding), padding
            ),
            "the last rows and columns, which no window reads, are cut off: grad_x has the "
            "shape of x": right[0][:, :, : read[0] - padding, : read[1] - padding],
            "only the first output channel counts: add up over all of them": _cut(
                _spread(G[:, :1], x, kernel[:1], stride, padding), padding
            ),
            "only the last output channel counts: add up over all of them": _cut(
                _spread(G[:, -1:], x, kernel[-1:], stride, padding), padding
            ),
            "grad_output is missing: this adds up the weights that each pixel has met": _cut(
                _spread(np.ones_like(G), x, kernel, stride, padding), padding
            ),
        }
        | {
            said: _cut(_spread(G, x, kernel, stride, padding, steps=how), padding)
            for said, how in steps.items()
            if stride > 1
        }
        | {
            said: part
            for said, part in {
                "the ring of padding is still there": whole,
                "the cut begins at twice the padding: the ring is cut off at the start only": whole[
                    :, :, 2 * padding :, 2 * padding :
                ],
                "the cut begins at 0: the ring of padding is cut off at the end only": whole[
                    :, :, : x.shape[2], : x.shape[3]
                ],
            }.items()
            if padding
        },
    )


def conv2d_backward_input(conv2d_backward: Function, draw: int = 0) -> None:
    """Check grad_x where windows overlap, with padding by 0 and 2, and of integers.

    Hidden tests try one of the three.
    """
    for case in (PLAIN,) if draw else (PLAIN, PADDED):
        given, found, right = _results(conv2d_backward, draw + 4, case)
        _check_input(found, given, right, case)
    if draw:
        return
    G, x, kernel = _layer(5, PLAIN)
    whole = np.rint(3 * x).astype(int), np.rint(3 * kernel).astype(int)
    found = check_parts(conv2d_backward(G, (*whole, 1, 0)), NAMES, what="conv2d_backward(...)")
    check_close(
        found[0],
        _gradients(G, *whole, 1, 0)[0],
        what="grad_x where x and kernel hold integers",
        rtol=1e-11,
        relative_to="largest",
        dtype=np.float64,
    )


def conv2d_backward_remainder(conv2d_backward: Function, draw: int = 0) -> None:
    """Check grad_x with a stride of 2 or 3: what no window reads has the gradient 0."""
    for case in (STRIDE, BOTH):
        given, found, right = _results(conv2d_backward, draw + 6, case)
        _check_input(found, given, right, case)
