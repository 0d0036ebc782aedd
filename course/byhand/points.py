"""The twenty points of chapter 1: what one weight is fitted to, from its first page to its last."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["twenty"]


def twenty() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return 20 noisy measurements y at the places x, the same at every call.

    Drawn from ``y = tanh(1.7 x) + noise``; the noise is normal with standard deviation 0.1.

    Returns
    -------
    x, y : ndarray of float64, shape (20,)
        The places, in rising order between -1.5 and 1.5, and what was measured there.

    Examples
    --------
    >>> x, y = twenty()
    >>> x.shape, y.shape
    ((20,), (20,))
    """
    rng = np.random.default_rng(7)
    x = np.sort(rng.uniform(-1.5, 1.5, 20))
    return x, np.tanh(1.7 * x) + 0.1 * rng.standard_normal(20)
