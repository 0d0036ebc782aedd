"""Functions that the checks of several chapters compute with, and supply to an answer."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from byhand.exercises.samples import Floats


def total_derivative(dz_dy: Any, dy_dx: Any) -> Any:
    """Return the derivatives of z with respect to x, a matrix product."""
    return np.asarray(dz_dy) @ np.asarray(dy_dx)


def vector_chain_rule(J: Any, dx_dt: Any) -> Any:
    """Return the velocity of y, a matrix product."""
    return np.asarray(J) @ np.asarray(dx_dt)


def sigmoid(z: Any) -> Any:
    """Return 1 / (1 + exp(-z)), for z that are not far from 0."""
    return 1 / (1 + np.exp(-z))


def softmax(x: ArrayLike, axis: int = -1) -> NDArray[Any]:
    """Return the softmax of x along an axis; float32 stays float32."""
    x = np.asarray(x)
    x = x if x.dtype == np.float32 else x.astype(np.float64)
    powers = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return powers / np.sum(powers, axis=axis, keepdims=True)


def softmax_vjp(grad_output: Floats, weights: Floats) -> Floats:
    """Return the gradient with respect to the scores, for any number of axes in front."""
    return weights * (grad_output - np.sum(grad_output * weights, axis=-1, keepdims=True))
