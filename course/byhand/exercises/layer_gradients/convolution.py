"""Exercise 5.3: the forward pass of a convolution."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import check_close, check_each, check_parts, check_unchanged
from byhand.differences.calls import Function
from byhand.exercises.layer_gradients.draws import arrays, check_size, windows
from byhand.exercises.samples import Floats, kept

NAMES = ("x", "kernel", "stride", "padding")


def _layer(seed: int, sizes: tuple[int, ...]) -> list[Floats]:
    """Return x, kernel and bias for sizes (B, c_in, c_out, H, W, kh, kw)."""
    B, c_in, c_out, H, W, kh, kw = sizes
    return arrays(seed, (B, c_in, H, W), (c_out, c_in, kh, kw), (c_out,))


def _out_of(result: Any) -> Any:
    __tracebackhide__ = True
    return check_parts(result, ("out", "cache"), what="conv2d_forward(...)")[0]


@kept
def known_mistakes(
    x: Floats, kernel: Floats, bias: Floats, stride: int, padding: int
) -> dict[str, Any]:
    """Return what the usual slips make of the output, by the sentence that names each."""
    seen = windows(x, kernel, stride, padding)
    every = windows(x, kernel, 1, padding)[:, :, : seen.shape[2], : seen.shape[3]]
    rows, columns = seen.shape[2:4]
    whole = windows(x, kernel, 1, padding)
    shift = bias[:, None, None]
    plain = np.einsum("bcijuv,ocuv->boij", seen, kernel)
    return {
        "the kernel is flipped: that is the mathematicians' convolution": np.einsum(
            "bcijuv,ocuv->boij", seen, kernel[..., ::-1, ::-1]
        )
        + shift,
        "a window begins at i, but it must begin at stride * i": np.einsum(
            "bcijuv,ocuv->boij", every, kernel
        )
        + shift,
        "the window moves by the stride downward only": np.einsum(
            "bcijuv,ocuv->boij", whole[:, :, ::stride][:, :, :rows, :columns], kernel
        )
        + shift,
        "the window moves by the stride to the right only": np.einsum(
            "bcijuv,ocuv->boij", whole[:, :, :, ::stride][:, :, :rows, :columns], kernel
        )
        + shift,
        "the bias is added once for each weight of the kernel": plain + kernel[0].size * shift,
        "the bias is added once for each place of the kernel": plain + kernel[0, 0].size * shift,
        "the bias is added once for each input channel": plain + kernel.shape[1] * shift,
        "only the first input channel is used": np.einsum(
            "bijuv,ouv->boij", seen[:, 0], kernel[:, 0]
        )
        + shift,
        "only the last input channel is used": np.einsum(
            "bijuv,ouv->boij", seen[:, -1], kernel[:, -1]
        )
        + shift,
        "the bias is a factor here: it is added": plain * shift,
        "the sum is divided by the places of the kernel, where it is asked for as it is": plain
        / kernel[0, 0].size
        + shift,
        "the sum is divided by the input channels, where it is asked for as it is": plain
        / kernel.shape[1]
        + shift,
        "this is the mean of the products, where their sum is asked for": plain / kernel[0].size
        + shift,
    } | (
        {
            "the ring around the image repeats its border: it must be zeros": np.einsum(
                "bcijuv,ocuv->boij", _windows_of_edge(x, kernel, stride, padding), kernel
            )
            + shift
        }
        if padding
        else {}
    )


def _windows_of_edge(x: Floats, kernel: Floats, stride: int, padding: int) -> Floats:
    """Return the windows of images whose border is repeated around them."""
    ring = ((0, 0), (0, 0), (padding, padding), (padding, padding))
    return windows(np.pad(x, ring, mode="edge"), kernel, stride)


def _check_out(f: Function, seed: int, sizes: tuple[int, ...], *how: int) -> None:
    __tracebackhide__ = True
    stride, padding = how or (1, 0)
    x, kernel, bias = _layer(seed, sizes)
    plain = np.einsum("bcijuv,ocuv->boij", windows(x, kernel, stride, padding), kernel)
    shift = np.broadcast_to(bias[:, None, None], plain.shape)
    said = f", stride {stride}, padding {padding}" if how else ""
    what = f"out for x {x.shape}, kernel {kernel.shape}{said}"
    out = _out_of(check_unchanged(f, x, kernel, bias, *how, what="conv2d_forward"))
    check_size(out, plain.shape, x.shape[2:], kernel.shape[2:], stride, padding, what=what)
    check_close(
        out,
        plain + shift,
        what=what,
        rtol=1e-11,
        relative_to="largest",
        terms={"of the windows": plain, "of the bias": shift},
        mistakes=known_mistakes(x, kernel, bias, stride, padding),
    )


def conv2d_forward_values(conv2d_forward: Function, draw: int = 0) -> None:
    """Check every window, every channel and the bias, with stride and padding left out."""
    _check_out(conv2d_forward, draw + 1, (3, 4, 7, 6, 8, 2, 3))
    _check_out(conv2d_forward, draw + 2, (4, 3, 6, 8, 4, 4, 2))


def conv2d_forward_stride(conv2d_forward: Function, draw: int = 0) -> None:
    """Check windows that move by more than a pixel and leave a remainder; no padding."""
    _check_out(conv2d_forward, draw + 3, (3, 4, 5, 8, 10, 3, 4), 2, 0)
    _check_out(conv2d_forward, draw + 4, (4, 3, 5, 9, 7, 2, 3), 3, 0)


def conv2d_forward_padding(conv2d_forward: Function, draw: int = 0) -> None:
    """Check zeros around the image, by 1, 2 and 3 pixels, with stride 1 and 2."""
    _check_out(conv2d_forward, draw + 5, (3, 4, 5, 5, 7, 3, 2), 1, 1)
    _check_out(conv2d_forward, draw + 6, (4, 3, 5, 4, 6, 2, 3), 2, 3)
    _check_out(conv2d_forward, draw + 7, (3, 4, 6, 6, 5, 4, 3), 1, 2)


def conv2d_forward_cache(conv2d_forward: Function, draw: int = 0) -> None:
    """Check the cache, x in it without padding, and that integers give float64."""
    x, kernel, bias = _layer(draw + 8, (3, 4, 5, 6, 7, 2, 3))
    whole, places = np.rint(3 * x).astype(int), np.rint(2 * kernel).astype(int)
    out, cache = check_parts(
        conv2d_forward(whole, places, bias, 2, 1), ("out", "cache"), what="conv2d_forward(...)"
    )
    ring = np.pad(whole, ((0, 0), (0, 0), (1, 1), (1, 1)))
    check_each(
        cache,
        (whole, places, 2, 1),
        what="the cache of conv2d_forward",
        names=NAMES,
        mistakes={"this is x with its padding: keep x as it was given": (ring, places, 2, 1)},
    )
    check_close(
        out,
        np.einsum("bcijuv,ocuv->boij", windows(whole, places, 2, 1), places) + bias[:, None, None],
        what="out of images and a kernel of integers",
        rtol=1e-11,
        relative_to="largest",
        dtype=np.float64,
        mistakes=known_mistakes(whole, places, bias, 2, 1),
    )
