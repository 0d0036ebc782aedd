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


def told_by_shapes(
    expected: tuple[int, ...], actual: tuple[int, ...], batch: int | None = None
) -> str | None:
    """Say what two shapes alone show: an axis that is missing, too many, or one off.

    It is asked where `diagnose` has nothing to say, so the values are wrong too, or unknown. It
    states facts, and what gives such a shape.

    Examples
    --------
    >>> told_by_shapes((3, 4), (4,))
    'axis 0, of length 3, is missing, as after a sum over it or after an index'
    """
    missing, extra = _left_out(expected, actual), _left_out(actual, expected)
    if len(actual) == 2 and len(set(actual)) == 1 and expected == actual[:1] != (1,):
        return (
            "it has an entry for each pair of entries: np.outer gives such a shape, and so do "
            f"({actual[0]}, 1) and ({actual[0]},) together"
        )
    if len(missing) == 1:
        gone = f"axis {missing[0]}, of length {expected[missing[0]]},"
        return f"{gone} is missing, as after a sum over it or after an index"
    if len(extra) == 1:
        size = actual[extra[0]]
        over = f"axis {extra[0]}, of length {size}," if expected else f"an axis of length {size}"
        batch_axis = " the batch's," if size == batch and actual.count(size) == 1 else ""
        return f"{over}{batch_axis} is too many: a sum over it or an index gives the right shape"
    if len(expected) == len(actual) > 0:
        return _other_lengths(expected, actual)
    return None


def _left_out(longer: tuple[int, ...], shorter: tuple[int, ...]) -> list[int]:
    """Return which axes of a shape can be left out to give the other one."""
    if len(longer) != len(shorter) + 1:
        return []
    return [k for k in range(len(longer)) if longer[:k] + longer[k + 1 :] == shorter]


def _other_lengths(expected: tuple[int, ...], actual: tuple[int, ...]) -> str | None:
    """Say how axes of the same number differ: in their order, or, in images, by one entry."""
    off = [k for k, (a, b) in enumerate(zip(expected, actual, strict=True)) if a != b]
    if len(off) > 1 and sorted(expected) == sorted(actual):
        if len(set(expected)) == len(expected) < 6:
            order = tuple(actual.index(size) for size in expected)
            return f"the axes are in another order: transpose{order} gives the right shape"
    elif len({actual[k] - expected[k] for k in off} | {-1, 1}) == 2 and off[0] > 1:
        short = {actual[k] < expected[k] for k in off}
        if len(short) == 1:
            axes = f"axis {off[0]} is" if len(off) == 1 else f"axes {off[0]} and {off[1]} are each"
            said = "short" if short.pop() else "long"
            return f"{axes} one entry too {said}"
    return None
