"""Exercise 2.14: bug hunts. Proofs are judged by other ways to the same result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    check_counterexample(returned, _given_rows, _row_by_row, what=what, hint=hint)


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


def _check_answers(
    function: Function,
    name: str,
    cases: Sequence[Case],
    right: Callable[..., bool],
    slips: Slips,
) -> None:
    """Check True or False for all cases; name a slip that gives all the answers."""
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
        likely = nothing_returned(answer)
        if isinstance(plain, bool | int | float):
            likely = the_only(
                [said for said, slip in slips if [bool(slip(*c)) for c in cases] == found]
            )
        shown = ", ".join(brief(a) for a in case)
        raise CheckFailed(
            f"{name}({shown}) is wrong",
            expected=str(right(*case)),
            actual=brief(plain),
            likely=likely,
        )


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
    check_counterexample(returned, _given_minimum, _positive, what=what, hint=hint)


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
    _check_answers(
        is_minimum,
        "is_minimum",
        turned + straight,
        _positive,
        [
            *{
                "this is still the test of the given function": _given_minimum,
                "the diagonal is looked at: its entries are not the eigenvalues": (
                    lambda H: bool((np.diag(H) > 0).all())
                ),
                "trace and determinant are the sum and the product of the eigenvalues: from three "
                "on they don't tell the signs": lambda H: np.linalg.det(H) > 0 and np.trace(H) > 0,
                "an eigenvalue 0 passes: all should be above 0": (
                    lambda H: np.linalg.eigvalsh(H).min() >= 0
                ),
                "one positive eigenvalue is not enough: all should be positive": (
                    lambda H: np.linalg.eigvalsh(H).max() > 0
                ),
                "all entries are looked at: the eigenvalues decide": lambda H: bool((H > 0).all()),
                "the determinant alone decides here: it is the product of the eigenvalues": (
                    lambda H: np.linalg.det(H) > 0
                ),
                "True and False are swapped": lambda H: not _positive(H),
            }.items()
        ],
    )


# -- hunt 3: is it convex? ------------------------------------------------------------------------


def _given_convex(a: float, b: float, c: float) -> bool:
    return bool(2 * c >= 0)


def _at_the_lowest_point(a: float, b: float, c: float) -> bool:
    """Return whether the second derivative is nowhere negative, found from its own derivative."""
    bend = np.polynomial.Polynomial([0, 0, float(c), float(b), float(a)]).deriv(2)
    return bool((bend(bend.deriv().roots()) >= 0).all())


def is_convex_proof(counterexample_3: Function, draw: int = 0) -> None:
    """Check that the given function is wrong for three numbers, a > 0."""
    what = "counterexample_3()"
    returned = counterexample_3()
    hint = None
    if isinstance(returned, tuple):
        parts = check_parts(returned, ("a", "b", "c"), what=what)
        if not all(np.ndim(p) == 0 and np.asarray(p).dtype.kind in "iuf" for p in parts):
            raise CheckFailed(f"{what}: a, b and c must be numbers", actual=brief(returned))
        a, _, c = parts
        if not a > 0:
            raise CheckFailed(
                f"{what}: a must be positive",
                actual=brief(returned),
                likely="with a < 0 the polynomial falls on both sides, which the task excludes",
            )
        hint = (
            "at x = 0 this polynomial bends down already, and the given function says so"
            if c < 0
            else "p'' is not negative at 0: which of a, b and c moves its lowest point elsewhere?"
        )
    check_counterexample(returned, _given_convex, _at_the_lowest_point, what=what, hint=hint)


def is_convex_values(is_convex: Function, draw: int = 0) -> None:
    """Check polynomials far from the border and near it, b of both signs, integers."""
    a, b = (float(v) for v in points(draw, (2,), 0.6, 3.0))
    border = 3 * b**2 / (8 * a)
    far_off = [(1, 1.2), (1, 0.8), (1000, 1.001), (1000, 0.999), (0.01, 1.5), (3, 0.3)]
    far_off += [(1, 0.7), (1, 0.65), (1, 0.32), (1, -1), (1, -5)]  # tell wrong points apart
    far_off += [(3000, 0.8), (1000, 0.4)]
    cases: list[Case] = [
        (a, sign * b * far, border * far**2 * part) for sign in (1, -1) for far, part in far_off
    ]
    cases += [(a, 0.0, b), (a, 0.0, -b), (a, 0.0, 0.0), (8, 16, 12), (3, 4, 1)]
    cases += [(a, 4 * a, 4.8 * a), (a, 8 * a, 22.8 * a)]  # lowest at -1 and at -2
    _check_answers(
        is_convex,
        "is_convex",
        cases,
        _at_the_lowest_point,
        [
            *{
                "this amounts to 2 c >= 0, the test of the given function, as p'' does at "
                "-b / (2 a)": _given_convex,
                "b has to be 0 here: a small b does no harm": lambda a, b, c: b == 0 and c >= 0,
                "the lowest point is taken on the wrong side: mind its sign": (
                    lambda a, b, c: _bend(b / (4 * a), a, b, c) >= 0
                ),
                "the border is lost: where p'' only touches 0, p is convex": (
                    lambda a, b, c: 3 * b**2 < 8 * a * c
                ),
                "b**2 <= 4 a c belongs to a x**2 + b x + c, not to p''": (
                    lambda a, b, c: b**2 <= 4 * a * c
                ),
                "the factors of p'' are 12, 6 and 2": lambda a, b, c: b**2 <= 8 * a * c,
                "a negative b is not looked at": lambda a, b, c: (
                    c >= 0 if b < 0 else _at_the_lowest_point(a, b, c)
                ),
                "a positive b is not looked at": lambda a, b, c: (
                    c >= 0 if b > 0 else _at_the_lowest_point(a, b, c)
                ),
                "the comparison points the other way": lambda a, b, c: 3 * b**2 >= 8 * a * c,
                "True and False are swapped": lambda a, b, c: not _at_the_lowest_point(a, b, c),
            }.items(),
            *_looked_at(),
            *_taken_at(),
        ],
    )


def _looked_at() -> Slips:
    """Return what samples of p'' say, near 0 and as far as 1000."""
    samples = [np.array([-1.0, 0, 1]), np.array([-2.0, 0, 2])]
    samples += [np.linspace(-end, end, 40 * end + 1) for end in (1, 2, 5, 10, 20, 50, 100, 1000)]
    said = "p'' is looked at at some points only: between or beyond them it may be negative"
    return [(said, lambda a, b, c, x=x: bool((_bend(x, a, b, c) >= 0).all())) for x in samples]


def _taken_at() -> Slips:
    """Return what p'' says at -b / (k a), which is its lowest point for k = 4."""
    said = "p'' is not taken at its lowest point: set its own slope to 0"
    return [
        (said, lambda a, b, c, k=k: bool(_bend(-b / (k * a), a, b, c) >= 0))
        for k in (1, 3, 6, 8, 12, 24)
    ]


def _bend(x: Any, a: float, b: float, c: float) -> Any:
    return 12 * a * x**2 + 6 * b * x + 2 * c
