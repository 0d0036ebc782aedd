"""What the checks of chapter 3 supply in the place of a student's earlier answers."""

from __future__ import annotations

from typing import Any

import numpy as np


def product(left: Any, right: Any) -> Any:
    """Return the matrix product."""
    return np.asarray(left) @ np.asarray(right)


def sigmoid(z: Any) -> Any:
    """Return 1 / (1 + exp(-z)), for z that are not far from 0."""
    return 1 / (1 + np.exp(-z))
