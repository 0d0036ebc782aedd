"""Mistakes that a wrong shape shows, and right numbers in wrong places."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from byhand.diagnosis.evidence import Evidence, magnitudes, same


def not_summed(e: Evidence) -> Iterator[str]:
    """Recognize a result that still has the axis over which it should be summed or averaged."""
    for axis, keepdims in itertools.product(range(e.actual.ndim), (False, True)):
        size = e.actual.shape[axis]
        added = e.actual.sum(axis=axis, keepdims=keepdims)
        if size < 2 or not (same(added, e.expected) or same(added / size, e.expected)):
            continue
        if same(np.abs(e.actual).max(axis=axis, keepdims=keepdims), np.abs(e.expected)):
            continue  # one entry of each sum is not 0: the largest may be wanted
        verb = "summed" if same(added, e.expected) else "averaged"
        if size == e.batch and e.actual.shape.count(size) == 1:
            yield f"not {verb} over the batch: your result has one entry for each example"
        else:
            yield f"not {verb} over axis {axis}: your result still has an entry for each index"


def summed_too_much(e: Evidence) -> Iterator[str]:
    """Recognize the right result summed over an axis that should have stayed, or over all."""
    if e.actual.size >= e.expected.size or magnitudes(e.expected) < 2:
        return
    for axis, keepdims in itertools.product(range(e.expected.ndim), (False, True)):
        if e.expected.ndim > 1 and same(e.expected.sum(axis=axis, keepdims=keepdims), e.actual):
            yield f"this is the right result summed over axis {axis}, which should stay"
    if e.actual.size == 1 and same(e.expected.sum(), e.actual.ravel()[0]):
        yield "this is the sum of all the entries that you should return"


def broadcast(e: Evidence) -> Iterator[str]:
    """Recognize a column and a row of the same length that were broadcast to a matrix."""
    shape, n = e.actual.shape, e.expected.size
    if shape == (n, n) and n > 1 and magnitudes(e.expected) > 1:
        off = e.actual[~np.eye(n, dtype=bool)]
        if same(np.diagonal(e.actual), e.expected.ravel()) and off.any():
            yield (
                f"the right values are on the diagonal: shapes such as ({n}, 1) and ({n},) were "
                f"broadcast to ({n}, {n})"
            )


def wrong_shape(e: Evidence) -> Iterator[str]:
    """Recognize the right values in a wrong shape, and the shape of the transpose."""
    expected, actual = e.expected, e.actual
    if actual.shape == expected.shape or any(transposed(e)):
        return
    if actual.size == expected.size and same(actual.reshape(expected.shape), expected):
        said = "the values are right, but their shape is wrong"
        kept = tuple(size for size in expected.shape if size > 1)
        if actual.ndim < expected.ndim and actual.shape == kept:
            said += (
                ": axes of length 1 are lost, as by a sum without keepdims, by np.squeeze or by "
                "an index"
            )
        yield said
    elif actual.ndim == expected.ndim >= 2 and actual.shape == expected.shape[::-1]:
        yield "the shape is that of the transpose"


def transposed(e: Evidence) -> Iterator[str]:
    """Recognize swapped axes, whether the shape shows it or not."""
    if e.actual.ndim != e.expected.ndim:  # 32 axes have more orders than can be tried
        return
    if e.actual.ndim >= 2 and same(np.swapaxes(e.actual, -1, -2), e.expected):
        yield "the result is transposed"
        return
    for axes in list(itertools.permutations(range(e.actual.ndim)))[1:]:  # the first changes nothing
        if same(e.actual.transpose(axes), e.expected):
            yield f"the axes are in the wrong order: your result is right after transpose{axes}"


def reshaped(e: Evidence) -> Iterator[str]:
    """Recognize a reshape in the place of a transposition."""
    shape = e.expected.shape
    if e.actual.shape != shape or not 2 <= len(shape) <= 5 or magnitudes(e.expected) < 3:
        return
    for axes in itertools.permutations(range(len(shape))):
        turned = e.expected.transpose(axes)
        if turned.shape != shape and same(turned.reshape(shape), e.actual):
            yield "reshape deals out the numbers again in their old order: it swaps no axes"


def reordered(e: Evidence) -> Iterator[str]:
    """Recognize the right numbers in reverse order."""
    if e.actual.ndim == 1 and e.actual.size > 1 and same(e.actual[::-1], e.expected):
        yield "the right numbers in reverse order"
