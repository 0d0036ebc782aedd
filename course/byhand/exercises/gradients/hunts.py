"""Exercise 2.14: bug hunts 1 and 2. Proofs are judged by other ways to the same result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from byhand.checks import (
    CheckFailed,
    check_close,
    check_counterexample,
    check_parts,
    check_quiet,
    supplied,
)
from byhand.checks.failures import brief, nothing_returned
from byhand.differences.calls import Function
from byhand.exercises.gradients.critical import the_only, with_eigenvalues
from byhand.exercises.samples import Floats, points
from byhand.exercises.trusted import softmax as _softmax


def _only(returned: object, what: str, name: str) -> Any:
    """Return the one argument of a proof, or None if it is no tuple of one."""
    __tracebackhide__ = True
    if isinstance(returned, tuple):
        (argument,) = check_parts(returned, (name,), what=what)
        return np.asarray(argument)
    return None


# -- hunt 1: softmax for a batch ------------------------------------------------------------------


def _given_rows(x: Floats) -> Floats:
    powers = np.exp(x - np.max(x))
    return powers / np.sum(powers, axis=1, keepdims=True)


def _row_by_row(x: Floats) -> Floats:
    rows = [np.exp(row - max(row)) for row in np.asarray(x)]
    return np.array([row / sum(row) for row in rows])


def softmax_rows_proof(counterexample_1: Function, draw: int = 0) -> None:
    """Check that the given function is wrong for the batch, whose scores are finite."""
    what = "counterexample_1()"
    returned = counterexample_1()
    x = _only(returned, what, "x")
    if x is not None and (x.ndim != 2 or x.dtype.kind not in "iuf"):
        raise CheckFailed(
            f"{what}: x must be a batch of rows, an array of shape (B, n)",
            actual=brief(returned),
            likely="with a single row there is one maximum only" if x.ndim == 1 else None,
        )
    hint = "the given function subtracts one number from all rows: which row is harmed by that?"
    check_counterexample(
        returned, _given_rows, _row_by_row, what=what, hint=hint, likely=_harmless_rows(x)
    )


def _harmless_rows(x: Any) -> str | None:
    """Return why the given function is right for a batch, where it is."""
    if x is None or x.ndim != 2 or not x.size or not np.isfinite(x).all():
        return None
    if len(x) == 1:
        return "with a single row its largest score is that of the whole batch"
    apart = float(np.max(x) - np.min(np.max(x, axis=1)))
    if not apart:
        return "the largest score is the same in every row, so that it may be subtracted from all"
    return (
        f"the rows' largest scores are at most {apart:g} apart, and exp(-{apart:g}) is no 0 yet: "
        "what is left still has all its digits after the division"
    )


def _half_by_rows(x: Floats) -> dict[str, Any]:
    """Return what comes of sums that do not run along the rows of shifted powers."""
    powers = np.exp(x - np.max(x, axis=1, keepdims=True))
    return {
        "the sums run down the columns: each row should add up to 1": powers / powers.sum(axis=0),
        "one sum over the whole batch divides: each row has its own": powers / powers.sum(),
        "these are the powers of the shifted scores: divide them by their sum": powers,
    }


def softmax_rows_values(softmax_rows: Function, draw: int = 0) -> None:
    """Check rows that are near each other, far apart, and all far below 0; no warning."""
    near = points(draw, (4, 3))
    far = near + np.array([[0.0], [-1500], [2000], [800]]) * (1 + draw % 3)
    wide = near * [1, 1500, -1500] + 0.5
    whole = np.array([[3 + draw % 4, -2, 1], [2000, 1999, -5], [-900, -901, 0], [4, 5, 6]])
    with supplied(softmax=_softmax):
        for name, x in (
            ("of ordinary scores", near),
            ("1000 and more apart", far),
            ("with scores that are far apart in a row", wide),
            ("of integers", whole),
        ):
            with np.errstate(all="ignore"):
                slips = {
                    "one maximum is subtracted from all rows, as in the given function": (
                        _given_rows(x)
                    ),
                    "the largest score of each column is subtracted: each row has its own": (
                        np.exp(x - np.max(x, axis=0))
                        / np.exp(x - np.max(x, axis=0)).sum(axis=1, keepdims=True)
                    ),
                    "the mean of each row is subtracted, not its largest score": np.exp(
                        x - x.mean(axis=1, keepdims=True)
                    )
                    / np.exp(x - x.mean(axis=1, keepdims=True)).sum(axis=1, keepdims=True),
                    "the sum runs over the whole batch: each row has its own": _row_by_row(x)
                    / len(x),
                    "this is softmax along the columns: each row should add up to 1": (
                        _row_by_row(np.transpose(x)).T
                    ),
                    **_half_by_rows(x),
                }
            check_close(
                check_quiet(
                    softmax_rows,
                    x.copy(),
                    what=f"softmax_rows(x) of rows {name}",
                    hint="in each row the largest exponent should be 0, whatever the others are",
                ),
                _row_by_row(x),
                what=f"softmax_rows(x) of rows {name}",
                atol=1e-300,
                mistakes=slips,
            )


# -- true or false --------------------------------------------------------------------------------

Case = tuple[Any, ...]
Slips = Sequence[tuple[str, Callable[..., bool]]]


def check_answers(
    function: Function,
    name: str,
    cases: Sequence[Case],
    right: Callable[..., bool],
    slips: Slips,
    general: Slips = (),
) -> None:
    """Check True or False for all cases; name a slip that gives all the answers.

    The `general` ones are asked only if none of the others does.
    """
    __tracebackhide__ = True
    found = [function(*[np.copy(a)[()] for a in case]) for case in cases]
    for case, answer in zip(cases, found, strict=True):
        if isinstance(answer, np.ndarray) and answer.size != 1:
            raise CheckFailed(
                f"{name} returns an array of {answer.size} values",
                expected="a single True or False",
                actual=brief(answer),
                likely="every entry is judged by itself: what has to hold for all of them?",
            )
        plain = answer.item() if isinstance(answer, np.generic | np.ndarray) else answer
        if isinstance(plain, bool | int | float) and plain == right(*case):
            continue
        shown = ", ".join(brief(a) for a in case)
        raise CheckFailed(
            f"{name}({shown}) is wrong",
            expected=str(right(*case)),
            actual=brief(plain),
            likely=partial(_likely_slip, plain, cases, found, (slips, general)),
        )


def _likely_slip(
    answer: Any, cases: Sequence[Case], found: Sequence[Any], tiers: Sequence[Slips]
) -> str | None:
    """Return the one slip that gives all the answers, of the first tier that has any."""
    if not isinstance(answer, bool | int | float):
        return nothing_returned(answer)
    for tier in tiers:
        known = [
            said
            for said, slip in tier
            if all(bool(slip(*case)) == one for case, one in zip(cases, found, strict=True))
        ]
        if known:
            return the_only(known)
    return None


# -- hunt 2: is it a minimum? ---------------------------------------------------------------------


def _given_minimum(H: Floats) -> bool:
    H = np.asarray(H)
    return bool(np.linalg.det(H) > 0 and H[0, 0] > 0)


def _positive(H: Floats) -> bool:
    return bool(np.linalg.eigvalsh(H).min() > 0)


def is_minimum_proof(counterexample_2: Function, draw: int = 0) -> None:
    """Check that the given function is wrong for a symmetric H."""
    what = "counterexample_2()"
    returned = counterexample_2()
    H = _only(returned, what, "H")
    if H is not None and not (H.ndim == 2 and H.dtype.kind in "iuf" and np.array_equal(H, H.T)):
        raise CheckFailed(
            f"{what}: H must be a symmetric matrix of numbers",
            actual=brief(returned),
            likely="it is no Hessian: H[i, j] and H[j, i] differ" if H.ndim == 2 else None,
        )
    hint = None
    if H is not None:
        hint = (
            "in two dimensions the quick test is right: how many eigenvalues are there in three?"
            if len(H) < 3
            else "the quick test says True only if the determinant and the first entry are positive"
        )
    check_counterexample(
        returned, _given_minimum, _positive, what=what, hint=hint, likely=_harmless_minimum(H)
    )


def _harmless_minimum(H: Any) -> str | None:
    """Return why the quick test is right for a matrix, where it is."""
    if H is None or not H.size or not np.isfinite(H).all():
        return None
    if len(H) < 3:
        return "in one and in two dimensions the quick test is always right"
    if _positive(H):
        return "all eigenvalues are positive here: True is right"
    if np.linalg.det(H) <= 0:
        return "the determinant is not positive here: the quick test says False, and that is right"
    if H[0, 0] <= 0:
        return "H[0, 0] is not positive here: the quick test says False, and that is right"
    return None


TESTS: dict[str, Callable[..., Any]] = {
    "this is still the test of the given function": _given_minimum,
    "the diagonal is looked at: its entries are not the eigenvalues": (
        lambda H: bool((np.diag(H) > 0).all())
    ),
    "trace and determinant are the sum and the product of the eigenvalues: from three "
    "on they don't tell the signs": lambda H: np.linalg.det(H) > 0 and np.trace(H) > 0,
    "an eigenvalue 0 passes: all should be above 0": (lambda H: np.linalg.eigvalsh(H).min() >= 0),
    "one positive eigenvalue is not enough: all should be positive": (
        lambda H: np.linalg.eigvalsh(H).max() > 0
    ),
    "all entries are looked at: the eigenvalues decide": lambda H: bool((H > 0).all()),
    "the determinant alone decides here: it is the product of the eigenvalues": (
        lambda H: np.linalg.det(H) > 0
    ),
    "values.all() > 0 asks whether no eigenvalue is 0: compare each with 0 first": (
        lambda H: np.linalg.eigvalsh(H).all() > 0
    ),
    "values.any() > 0 asks whether one is not 0: compare each with 0 first": (
        lambda H: np.linalg.eigvalsh(H).any() > 0
    ),
    "all eigenvalues are below 0 where this says True: that is a maximum": (
        lambda H: np.linalg.eigvalsh(H).max() < 0
    ),
    "the sum of the eigenvalues, the trace, decides here: it hides signs": (
        lambda H: np.trace(H) > 0
    ),
    "only the first two rows and columns decide here": (lambda H: _positive(H[:2, :2])),
    "two positive eigenvalues are enough here: all of them should be positive": (
        lambda H: np.count_nonzero(np.linalg.eigvalsh(H) > 0) >= 2
    ),
    "determinant and last entry decide here, as little as determinant and first": (
        lambda H: np.linalg.det(H) > 0 and H[-1, -1] > 0
    ),
    "a small positive eigenvalue is taken for 0": (lambda H: np.linalg.eigvalsh(H).min() > 1e-2),
    "a small negative eigenvalue is taken for 0, and 0 passes": (
        lambda H: np.linalg.eigvalsh(H).min() > -1e-2
    ),
    "True and False are swapped": lambda H: not _positive(H),
}


def is_minimum_values(is_minimum: Function, draw: int = 0) -> None:
    """Check matrices of one to four dimensions, turned and diagonal, with zeros too."""
    a, b, c, d = (float(v) for v in points(draw, (4,), 0.5, 4.0))
    spectra = [[a, -b, -c], [a, b], [a, -b], [-a, -b], [a], [a, b, c, d], [a, b, -c, -d]]
    spectra += [[-a, -b, -c, -d], [5 * a, 1e-3, b], [a, b, -1e-3]]
    turned = [(with_eigenvalues(values, draw + k),) for k, values in enumerate(spectra)]
    straight = [
        (np.diag([a, 0.0, b]),),
        (np.diag([a, b, -c, -d]),),
        (np.diag([3 + draw % 4, -1, -2]),),
        (np.diag([1, 2, 5]),),
    ]
    check_answers(
        is_minimum,
        "is_minimum",
        turned + straight,
        _positive,
        [*TESTS.items()],
    )
