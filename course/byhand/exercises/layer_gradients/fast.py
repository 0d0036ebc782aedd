"""Exercise 5.14: a convolution without loops over pixels, channels or images."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import check_close, check_each, check_parts, check_unchanged, scenario
from byhand.differences.calls import Function
from byhand.exercises.layer_gradients.convolution import known_mistakes
from byhand.exercises.layer_gradients.draws import arrays, check_size, windows
from byhand.exercises.samples import Floats, kept

# (B, c_in, c_out, H, W, kh, kw), stride, padding
CASES = (
    ((3, 4, 5, 6, 8, 2, 3), 1, 0),
    ((4, 3, 5, 8, 9, 3, 2), 2, 0),
    ((3, 4, 6, 5, 7, 3, 4), 1, 2),
    ((4, 5, 3, 6, 8, 3, 4), 3, 1),
)
NAMES = ("grad_x", "grad_kernel", "grad_bias")


def _layer(seed: int, case: Any) -> list[Floats]:
    (B, c_in, c_out, H, W, kh, kw), _, _ = case
    return arrays(seed, (B, c_in, H, W), (c_out, c_in, kh, kw), (c_out,))


def conv2d_fast_forward(conv2d_forward_fast: Function, draw: int = 0) -> None:
    """Check out and cache for any stride and padding, and with both left out."""
    for case in CASES:
        x, kernel, bias = _layer(draw + 1, case)
        how = case[1:]
        given = () if how == (1, 0) else how
        plain = np.einsum("bcijuv,ocuv->boij", windows(x, kernel, *how), kernel)
        shift = np.broadcast_to(bias[:, None, None], plain.shape)
        out, cache = check_parts(
            check_unchanged(
                conv2d_forward_fast, x, kernel, bias, *given, what="conv2d_forward_fast"
            ),
            ("out", "cache"),
            what="conv2d_forward_fast(...)",
        )
        what = f"out for x {x.shape}, kernel {kernel.shape}, stride {how[0]}, padding {how[1]}"
        what += "" if given else ", both left out"
        check_size(out, plain.shape, x.shape[2:], kernel.shape[2:], *how, what=what)
        check_close(
            out,
            plain + shift,
            what=what,
            rtol=1e-11,
            relative_to="largest",
            terms={"of the windows": plain, "of the bias": shift},
            mistakes=known_mistakes(x, kernel, bias, *how)
            | {"the first two axes are (c_out, B): swap them": (plain + shift).swapaxes(0, 1)},
        )
        check_each(
            cache,
            (x, kernel, *how),
            what="the cache of conv2d_forward_fast",
            names=("x", "kernel", "stride", "padding"),
        )


@kept
def _gradients(G: Floats, x: Floats, kernel: Floats, stride: int, padding: int) -> Any:
    """Return the three gradients, and what the usual slips make of grad_x."""
    (B, c_in, H, W), (kh, kw) = x.shape, kernel.shape[2:]
    summed, written, dense = (
        np.zeros((B, c_in, H + 2 * padding, W + 2 * padding)) for _ in range(3)
    )
    for u, v in np.ndindex(kh, kw):
        rows = slice(u, u + stride * G.shape[2], stride)
        columns = slice(v, v + stride * G.shape[3], stride)
        share = np.einsum("boij,oc->bcij", G, kernel[:, :, u, v])
        summed[:, :, rows, columns] += share
        written[:, :, rows, columns] = share
        dense[:, :, u : u + G.shape[2], v : v + G.shape[3]] += share
    inside = (..., slice(padding, padding + H), slice(padding, padding + W))
    grad_kernel = np.einsum("boij,bcijuv->ocuv", G, windows(x, kernel, stride, padding))
    gradients = (summed[inside], grad_kernel, G.sum(axis=(0, 2, 3)))
    cuts = {"the ring of padding is still there": summed}
    cuts["the cut begins at 0: the ring of padding is cut off at the end only"] = summed[
        ..., :H, :W
    ]
    turned = np.zeros_like(summed)
    for u, v in np.ndindex(kh, kw):
        rows = slice(u, u + stride * G.shape[2], stride)
        columns = slice(v, v + stride * G.shape[3], stride)
        weights = kernel[:, :, kh - 1 - u, kw - 1 - v]
        turned[:, :, rows, columns] += np.einsum("boij,oc->bcij", G, weights)
    slips = {
        "windows overwrite each other where they overlap: add up": written[inside],
        "a window begins at stride * i, on the way back too": dense[inside],
        "the kernel is turned upside down on the way back": turned[inside],
    }
    return gradients, slips | (cuts if padding else {})


def conv2d_fast_backward(conv2d_backward_fast: Function, draw: int = 0) -> None:
    """Check all three gradients for any stride and padding, and grad_x of integers."""
    for case in CASES:
        x, kernel, _ = _layer(draw + 2, case)
        size = windows(x, kernel, *case[1:]).shape
        (G,) = arrays(draw + 3, (len(x), len(kernel), *size[2:4]))
        given = (x, kernel, *case[1:])
        right, slips = _gradients(G, *given)
        check_each(
            check_unchanged(conv2d_backward_fast, G, given, what="conv2d_backward_fast"),
            right,
            what=f"conv2d_backward_fast for x {x.shape}, kernel {kernel.shape}, "
            f"stride {case[1]}, padding {case[2]}",
            names=NAMES,
            rtol=1e-11,
            relative_to="largest",
            batch=len(x),
            mistakes={said: (wrong, *right[1:]) for said, wrong in slips.items()}
            | {
                "input and output channels are swapped": (
                    right[0], right[1].swapaxes(0, 1), right[2],
                ),
            },
        )  # fmt: skip
    whole = np.rint(3 * x).astype(int), np.rint(3 * kernel).astype(int)
    check_close(
        check_parts(
            conv2d_backward_fast(G, (*whole, *case[1:])), NAMES, what="conv2d_backward_fast(...)"
        )[0],
        _gradients(G, *whole, *case[1:])[0][0],
        what="grad_x where x and kernel hold integers",
        rtol=1e-11,
        relative_to="largest",
        dtype=np.float64,
    )


@scenario
def _lines_executed(forward: Function, backward: Function, arrays: list[Floats]) -> Any:
    import gc
    import sys

    x, kernel, bias = arrays

    def both_ways(
        factor,
    ):  # other values each time: who remembers results has to compute them again
        out, cache = forward(factor * x, kernel, bias)
        return out, backward(np.array(out), cache)

    def count(frame, event, argument):
        lines[0] += event == "line"
        return count

    lines, before = [0], sys.gettrace()
    both_ways(2.0)  # what NumPy loads or remembers at a first call is not counted
    collects = gc.isenabled()
    gc.disable()  # a finalizer of what is collected just now would be counted, too
    sys.settrace(count)
    try:
        found = both_ways(1.0)
        watched = sys.gettrace() is count
    finally:
        sys.settrace(before)
        if collects:
            gc.enable()
    if not watched:
        raise RuntimeError("your code called sys.settrace: the lines could not be counted")
    return {"lines": lines[0], "found": found}


@kept
def _right(sizes: tuple[int, ...], draw: int) -> Any:
    """Return arrays of these sizes, what forward makes of them, and the gradients for that."""
    B, c_in, c_out, H, W = sizes
    x, kernel, bias = _layer(draw + 5, ((B, c_in, c_out, H, W, 3, 3), 1, 0))
    out = np.einsum("bcijuv,ocuv->boij", windows(x, kernel, 1, 0), kernel) + bias[:, None, None]
    return [x, kernel, bias], out, _gradients(out, x, kernel, 1, 0)[0]


def _counted(forward: Function, backward: Function, sizes: tuple[int, ...], draw: int) -> int:
    """Return the lines executed for arrays of these sizes, once the results are right."""
    __tracebackhide__ = True
    given, out, gradients = _right(sizes, draw)
    outcome = _lines_executed(forward, backward, [array.copy() for array in given])
    check_each(
        outcome["found"],
        (out, gradients),
        what="forward and backward, whose lines are counted,",
        names=("out", "the gradients"),
        rtol=1e-10,
        relative_to="largest",
    )
    return outcome["lines"]


def conv2d_fast_lines(
    conv2d_forward_fast: Function, conv2d_backward_fast: Function, draw: int = 0
) -> None:
    """Check that Python executes the same number of lines however large the arrays are.

    Hidden tests look at two of the four axes.
    """
    few = _counted(conv2d_forward_fast, conv2d_backward_fast, (3, 4, 5, 6, 7), draw)
    loops = (
        ("output pixels", (3, 4, 5, 22 + draw % 9, 24)),
        ("images", (20 + draw % 9, 4, 5, 6, 7)),
        ("input channels", (3, 20 + draw % 9, 5, 6, 7)),
        ("output channels", (3, 4, 20 + draw % 9, 6, 7)),
    )
    for loop, sizes in loops[:: 2 if draw else 1]:
        many = _counted(conv2d_forward_fast, conv2d_backward_fast, sizes, draw)
        check_close(
            many,
            few,
            atol=8,
            what=f"the number of lines that Python executes with many {loop}",
            mistakes={f"a loop runs over the {loop}: each turn costs lines": many},
        )
