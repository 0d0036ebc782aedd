"""What the checks of chapter 5 draw, and the layers they measure with."""

from __future__ import annotations

import numpy as np

from byhand.exercises.samples import Floats

__all__ = ["WRONG_EPS", "arrays", "windows"]

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
