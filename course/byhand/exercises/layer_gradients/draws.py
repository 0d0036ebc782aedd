"""What the checks of chapter 5 draw, and the layers they measure with."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import CheckFailed
from byhand.checks.failures import shape_text
from byhand.exercises.samples import Floats

__all__ = ["WRONG_EPS", "arrays", "check_size", "windows"]

# Defaults of eps other than 1e-5; what is far smaller can't be told from 0.
WRONG_EPS = {"0, or almost 0,": 0.0} | {f"{eps:g}": eps for eps in (1e-3, 1e-4, 1e-6, 1e-7, 1e-8)}


def arrays(seed: int, *shapes: tuple[int, ...]) -> list[Floats]:
    """Return arrays of normal numbers with two digits, none of them 0.

    Parameters
    ----------
    seed : int
        Which numbers are drawn.
    *shapes : tuple of int
        A shape for each array.

    Examples
    --------
    >>> [array.shape for array in arrays(0, (3, 4), (5,))]
    [(3, 4), (5,)]
    """
    rng = np.random.default_rng(seed)
    drawn = [np.round(rng.standard_normal(shape), 2) for shape in shapes]
    return [np.where(array == 0, 0.37, array) for array in drawn]


def windows(x: Floats, kernel: Floats, stride: int = 1, padding: int = 0) -> Floats:
    """Return what a kernel reads: shape (B, c_in, H_out, W_out, kh, kw)."""
    ring = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    seen = np.lib.stride_tricks.sliding_window_view(ring, kernel.shape[2:], axis=(2, 3))
    return seen[:, :, ::stride, ::stride]


def check_size(
    out: Any, right: tuple[int, ...], image: tuple[int, ...], window: tuple[int, ...], stride: int,
    padding: int = 0, *, what: str,
) -> None:  # fmt: skip
    """Check height and width of an output, and name the slip that gives those that are wrong.

    Other faults of a shape, and sizes that no slip or several explain, are left to `check_close`.
    """
    __tracebackhide__ = True
    found = np.shape(out)
    if found[:2] != right[:2] or len(found) != 4 or found == right:
        return
    H, kernel = np.array(image), np.array(window)
    whole = H + 2 * padding - kernel
    slips = {
        "the 1 is missing that counts the first window": whole // stride,
        "the stride is missing: a window begins at stride * i": whole + 1,
        "the stride is the size of the window here, but it is an argument": whole // kernel + 1,
        "the stride is missing along the width": (whole[0] // stride + 1, whole[1] + 1),
        "the stride is missing along the height": (whole[0] + 1, whole[1] // stride + 1),
        "the padding is missing": (H - kernel) // stride + 1,
        "the padding counts on both sides, but is there once": (H + padding - kernel) // stride + 1,
        "the padding is 1 whatever it should be": (H + 2 - kernel) // stride + 1,
        "height and width of the window have changed places": (
            (H + 2 * padding - kernel[::-1]) // stride + 1
        ),
        "the last window, which is not whole, counts too": -(-whole // stride) + 1,
        "the kernel is not subtracted": (H + 2 * padding) // stride,
    }
    named = [said for said, size in slips.items() if tuple(map(int, size)) == found[2:]]
    if len(named) == 1:
        raise CheckFailed(
            f"{what} has the wrong shape",
            expected=shape_text(right),
            actual=shape_text(found),
            likely=named[0],
        )
