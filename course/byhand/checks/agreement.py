"""Why the arguments of a proof prove nothing: entries that are equal, a symmetric matrix."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Differs = Callable[[tuple[Any, ...]], bool]


def why_they_agree(
    arguments: tuple[Any, ...], names: Sequence[str], differs: Differs
) -> str | None:
    """Return what is special about arguments for which a wrong function is right.

    A peculiarity is named only if the two functions differ once it alone is taken away.

    Parameters
    ----------
    arguments : tuple
        The arguments. Arrays may hold any numbers of the same signs.
    names : sequence of str
        What the exercise calls them.
    differs : callable
        Takes other arguments, and says whether the wrong function is wrong there.

    Examples
    --------
    >>> why_they_agree((np.ones((2, 2)),), ["A"], lambda given: (given[0] != given[0].T).any())
    'all entries of A are equal: with different ones the given function is wrong'
    """
    for number, said, others in _peculiarities(arguments, names):
        if differs((*arguments[:number], others, *arguments[number + 1 :])):
            return f"{said} the given function is wrong"
    return None


def _peculiarities(
    arguments: tuple[Any, ...], names: Sequence[str]
) -> Iterator[tuple[int, str, NDArray[Any]]]:
    """Yield the place of an argument, what is special about it, and it without that."""
    for number, (name, a) in enumerate(zip(names, arguments, strict=True)):
        if not isinstance(a, np.ndarray) or a.dtype.kind not in "iuf" or a.size < 2:
            continue
        a = a.astype(np.float64)
        spread = np.random.default_rng(number).uniform(0.1, 0.9, a.shape)
        others = np.where(a == 0, spread, a * (1 + spread))
        if not a.any():
            yield number, f"{name} is 0 everywhere: with other entries", others
        elif (a == a.flat[0]).all():
            yield number, f"all entries of {name} are equal: with different ones", others
        elif along := [k for k, n in enumerate(a.shape) if n > 1 and not np.ptp(a, axis=k).any()]:
            yield number, f"{name} stays the same along axis {along[0]}: with other entries", others
        elif a.ndim > 1 and a.shape[-1] == a.shape[-2] and (a == a.swapaxes(-1, -2)).all():
            yield number, f"{name} is equal to its transpose: with other entries", others
        for earlier, b in zip(names[:number], arguments[:number], strict=True):
            if isinstance(b, np.ndarray) and np.array_equal(a, b):
                yield number, f"{earlier} and {name} are equal: with different ones", others
