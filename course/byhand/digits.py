"""Handwritten digits of 8 x 8 pixels, which the networks of the course learn to recognize.

`digits.npz` holds the 1797 images of the test set of *Optical Recognition of Handwritten Digits* by
E. Alpaydin and C. Kaynak, UCI Machine Learning Repository (1998), https://doi.org/10.24432/C50P49,
licensed under CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/). Changed from the original:
the same numbers in another order and file format. Each pixel counts, from 0 to 16, how many of the
4 x 4 pixels of a scan have ink.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

__all__ = ["HELD_OUT", "Digits", "load"]

FILE = Path(__file__).with_name("digits.npz")
HELD_OUT = 360  # of 1797: one in five


@dataclass(frozen=True)
class Digits:
    """The images and the digits they show, split into a training set and a test set.

    Attributes
    ----------
    train_images : ndarray of float64, shape (1437, 8, 8)
        Ink from 0 (none) to 1.
    train_labels : ndarray of int64, shape (1437,)
        The digit that each image shows, 0 to 9.
    test_images : ndarray of float64, shape (360, 8, 8)
        Images that are not used in training.
    test_labels : ndarray of int64, shape (360,)
        The digits that the test images show.
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray


def load() -> Digits:
    """Return the digits, always in the same order and split; the caller may change the arrays.

    The file was shuffled once, so both sets hold images of all writers.

    Returns
    -------
    Digits

    Examples
    --------
    >>> digits = load()
    >>> digits.train_images.shape, digits.test_images.shape
    ((1437, 8, 8), (360, 8, 8))
    >>> digits.test_labels[:5]
    array([0, 8, 8, 9, 8])
    """
    images, labels = _read()
    return Digits(
        images[:-HELD_OUT].copy(),
        labels[:-HELD_OUT].copy(),
        images[-HELD_OUT:].copy(),
        labels[-HELD_OUT:].copy(),
    )


@cache
def _read() -> tuple[np.ndarray, np.ndarray]:
    """Return all images and labels, which are read once."""
    with np.load(FILE, allow_pickle=False) as file:
        return file["images"] / 16.0, file["labels"].astype(np.int64)
