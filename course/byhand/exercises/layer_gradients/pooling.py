"""Exercise 5.5: max pooling, forward and backward."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import CheckFailed, check_close, check_each, check_parts, check_unchanged
from byhand.differences.calls import Function
from byhand.exercises.layer_gradients.draws import arrays, check_size
from byhand.exercises.samples import Floats, kept

# shape of x, size, stride; with rows and columns left over, with and without overlap
CASES = (((3, 4, 10, 11), 3, 2), ((4, 3, 5, 7), 2, 2), ((3, 5, 8, 10), 2, 3))


def _windows(x: Floats, size: int, stride: int) -> Floats:
    """Return the windows, each as the last axis: shape (B, C, H_out, W_out, size * size)."""
    seen = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))
    seen = seen[:, :, ::stride, ::stride]
    return seen.reshape(*seen.shape[:4], size * size)


def max_pool2d_forward_values(max_pool2d_forward: Function, draw: int = 0) -> None:
    """Check the largest pixel of each window, with a stride of its own and without."""
    for shape, size, stride in CASES:
        (x,) = arrays(draw + size + stride, shape)
        x = x - 4  # all negative: a maximum that starts from 0 shows
        given = (x, size) if size == stride else (x, size, stride)
        seen = _windows(x, size, stride)
        out, _ = check_parts(
            check_unchanged(max_pool2d_forward, *given, what="max_pool2d_forward"),
            ("out", "cache"),
            what="max_pool2d_forward(...)",
        )
        what = f"out for x {shape}, size {size}, stride {stride}"
        check_size(out, seen.shape[:4], shape[2:], (size, size), stride, what=what)
        every = _windows(x, size, 1)[:, :, : seen.shape[2], : seen.shape[3]]
        check_close(
            out,
            seen.max(axis=-1),
            what=what,
            rtol=1e-13,
            mistakes={
                "this is the mean of each window": seen.mean(axis=-1),
                "this is the smallest pixel of each window": seen.min(axis=-1),
                "the maximum starts from 0, so negative pixels never win": np.zeros(seen.shape[:4]),
                "this is the first pixel of each window": seen[..., 0],
                "this is the largest absolute value: signs are lost": np.abs(seen).max(axis=-1),
                "all images and channels share one maximum": np.broadcast_to(
                    seen.max(axis=(0, 1, -1)), seen.shape[:4]
                ),
                "all channels share one maximum": np.broadcast_to(
                    seen.max(axis=(1, -1))[:, None], seen.shape[:4]
                ),
            }
            | (
                {"a window begins at i, but it must begin at stride * i": every.max(axis=-1)}
                if stride > 1
                else {}
            ),
        )


def max_pool2d_forward_cache(max_pool2d_forward: Function, draw: int = 0) -> None:
    """Check the cache, with the stride that was used, and that integers give float64."""
    (x,) = arrays(draw + 9, (3, 4, 6, 5))
    whole = np.rint(5 * x).astype(int) - 20
    for how in ((2,), (3, 2)):
        out, cache = check_parts(
            max_pool2d_forward(whole, *how), ("out", "cache"), what="max_pool2d_forward(...)"
        )
        kept = check_parts(cache, ("x", "size", "stride"), what="the cache")
        if kept[2] is None:
            raise CheckFailed(
                "the cache of max_pool2d_forward holds None for the stride",
                likely="where no stride is given, the stride that is used is the size",
            )
        check_each(
            cache,
            (whole, how[0], how[-1]),
            what=f"the cache of max_pool2d_forward with size and stride {how}"
            if len(how) > 1
            else f"the cache of max_pool2d_forward with size {how[0]} and no stride",
            names=("x", "size", "stride"),
        )
        check_close(
            out,
            _windows(whole, how[0], how[-1]).max(axis=-1),
            what="out of integers",
            dtype=np.float64,
        )


@kept
def _backward(G: Floats, x: Any, size: int, stride: int, which: str = "first") -> Floats:
    """Return the gradient; `which` says which of the largest pixels of a window receive it."""
    grad = np.zeros(x.shape)
    for b, c, i, j in np.ndindex(G.shape):
        place = (b, c, slice(stride * i, stride * i + size), slice(stride * j, stride * j + size))
        window = x[place]
        won = window == window.max()
        if which == "first":
            won = np.arange(size * size).reshape(size, size) == window.argmax()
        elif which == "last":
            won = np.arange(size * size).reshape(size, size) == np.flatnonzero(won)[-1]
        elif which == "column":
            won = np.arange(size * size).reshape(size, size).T == window.T.argmax()
        share = G[b, c, i, j] / won.sum() if which == "shared" else G[b, c, i, j]
        grad[place] = won * share + (which != "overwritten") * grad[place]
    return grad


def max_pool2d_backward_values(max_pool2d_backward: Function, draw: int = 0) -> None:
    """Check that each gradient goes to its winner, that windows add up, and integer images."""
    for shape, size, stride in CASES:
        out = (shape[0], shape[1], *((n - size) // stride + 1 for n in shape[2:]))
        x, G = arrays(draw + 3 * size + stride, shape, out)
        whole = np.argsort(np.argsort(x, axis=None)).reshape(shape)  # integers, no two the same
        for image in (whole / 8 - 99, whole):
            kind = " of integers" if image is whole else ""
            check_close(
                check_unchanged(
                    max_pool2d_backward, G, (image, size, stride), what="max_pool2d_backward"
                ),
                _backward(G, image, size, stride),
                what=f"grad_x for x {shape}{kind}, size {size}, stride {stride}",
                rtol=1e-12,
                atol=1e-13,
                dtype=np.float64,
                mistakes={
                    "windows overwrite each other where they overlap: add up": _backward(
                        G, image, size, stride, "overwritten"
                    ),
                    "every pixel of a window receives the gradient, not only the largest": (
                        _backward(G, np.zeros(shape), size, stride, "all")
                    ),
                    "grad_output is missing: each winner receives 1": _backward(
                        np.ones_like(G), image, size, stride
                    ),
                    "the largest pixel is a factor: its slope is 1": _backward(
                        G * _windows(np.asarray(image, dtype=float), size, stride).max(axis=-1),
                        image,
                        size,
                        stride,
                    ),
                    "the smallest pixel receives the gradient": _backward(G, -image, size, stride),
                },
            )


def max_pool2d_backward_ties(max_pool2d_backward: Function, draw: int = 0) -> None:
    """Check that of several largest pixels the first one wins, row by row, and alone."""
    # the first of the largest is in the middle of a row, below and left of it is another one
    tied = np.array([[0, 7, 1, 7], [7, 3, 7, 2], [5, 7, 7, 4]]) + draw % 5
    x = np.stack([tied, tied[::-1], tied[:, ::-1]])[:, None].astype(float)
    (G,) = arrays(draw + 5, (3, 4, 3))  # cut to the windows' shape
    G = G[:, None, :2, :3]
    check_close(
        max_pool2d_backward(G, (x, 2, 1)),
        _backward(G, x, 2, 1),
        what="grad_x for images with ties, size 2, stride 1",
        rtol=1e-12,
        atol=1e-13,
        mistakes={
            "all of the largest pixels receive the whole gradient": _backward(G, x, 2, 1, "all"),
            "the gradient is shared out among the largest pixels": _backward(G, x, 2, 1, "shared"),
            "the last of the largest pixels wins": _backward(G, x, 2, 1, "last"),
            "the first of the largest wins column by column, not row by row": _backward(
                G, x, 2, 1, "column"
            ),
        },
    )
