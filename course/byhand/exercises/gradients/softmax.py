"""Exercises 2.7 and 2.8: softmax and its Jacobian."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import CheckFailed, check_close, check_quiet, check_unchanged, supplied
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, kept, points
from byhand.exercises.trusted import softmax as _softmax

NOT_THE_LARGEST = (
    "less than the largest score of the row is subtracted, such as its mean: then the largest "
    "exponent is far above 0"
)
AS_ON_IT = "off the diagonal is s_i (1 - s_j), as on it: only the score with i = j is in e^(x_i)"
SHIFT = "which number may be added to all scores of a row? Each row has its own"


def _exact(x: Floats, axis: int = -1) -> Floats:
    return np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)


def softmax_values(softmax: Function, draw: int = 0) -> None:
    """Check the probabilities of six scores, and of 2; the scores are left as they were."""
    for count in (6, 2):
        x = points(draw, (count,))
        powers = np.exp(x)
        check_close(
            check_unchanged(softmax, x, what="softmax"),
            powers / powers.sum(),
            what=f"softmax(x) of {count} scores",
            rtol=1e-12,
            mistakes={
                "these are the exponentials: divide them by their sum": powers,
                "these are the exponentials of the shifted scores: divide them by their sum": (
                    np.exp(x - x.max())
                ),
                "divided by the largest exponential plus 1, not by the sum": powers
                / (powers.max() + 1),
                "a small number is added to the sum": np.exp(x - x.max())
                / (np.exp(x - x.max()).sum() + 1e-8),
                "the scores are divided by their sum: exponentials are needed": x / x.sum(),
                "this is the logarithm of softmax": x - np.log(powers.sum()),
                "the exponent has a minus: this is softmax of -x": 1 / powers / (1 / powers).sum(),
                "this divides by the mean, not by the sum": powers / powers.mean(),
                "the scores are divided by the largest, which is to be subtracted": _exact(
                    x / x.max()
                ),
                "the scores are divided by the largest of them": np.exp(x / x.max()),
                "2 is raised to the scores here: softmax takes powers of e": _exact(x * np.log(2)),
                "the sum of the squares is taken: divide by the sum of the exponentials": (
                    np.exp(x - x.max()) / np.sum(np.exp(x - x.max()) ** 2)
                ),
                "this is 1 minus softmax": 1 - powers / powers.sum(),
                "this is the sigmoid of each score: the scores of a row share one sum": powers
                / (1 + powers),
            },
        )


def softmax_axis(softmax: Function, draw: int = 0) -> None:
    """Check a batch of rows, one row, and each axis of an array with three."""
    rows = points(draw, (4, 3))
    powers = np.exp(rows)
    check_close(
        check_unchanged(softmax, rows, what="softmax"),
        powers / powers.sum(axis=1, keepdims=True),
        what="softmax(x) of four rows with three scores each",
        rtol=1e-12,
        mistakes={
            "divided by the sum of the whole array: each row has its own": powers / powers.sum(),
            "the sum of the shifted exponentials runs over the whole array: each row has its own": (
                np.exp(rows - rows.max(axis=1, keepdims=True))
                / np.exp(rows - rows.max(axis=1, keepdims=True)).sum()
            ),
            "divided by the sums of the columns: axis -1 means along each row": powers
            / powers.sum(axis=0),
            "the largest score of each column is subtracted from it, but the sums run along rows": (
                _exact(rows - rows.max(axis=0))
            ),
            "the largest score of each row is subtracted, but the sums run down the columns": (
                _exact(rows - rows.max(axis=1, keepdims=True), 0)
            ),
        },
    )
    check_close(
        softmax(rows[:1].copy()),
        powers[:1] / powers[:1].sum(),
        what="softmax(x) of a batch with one row",
        rtol=1e-12,
    )
    block = points(draw + 1, (3, 5, 4))
    for axis in (0, 1, 2, -2):
        check_close(
            softmax(block.copy(), axis),
            _exact(block, axis),
            what=f"softmax(x, {axis}) for an x of shape (3, 5, 4)",
            rtol=1e-12,
            mistakes={
                f"the probabilities add up to 1 along axis {other}, not along axis {axis}": _exact(
                    block, other
                )
                for other in range(3)
                if other != axis % 3
            }
            | _half_along(block, axis),
        )


def _half_along(block: Floats, axis: int) -> dict[str, Any]:
    """Return what comes of an axis that only one of maximum and sum follows."""
    if axis == 2:
        return {}
    mine, last = block.max(axis=axis, keepdims=True), block.max(axis=-1, keepdims=True)
    return {
        f"the largest score is taken along the last axis, not along axis {axis}": _exact(
            block - last, axis
        ),
        f"the sum runs along the last axis, not along axis {axis}": _exact(block - mine),
    }


def softmax_extremes(softmax: Function, draw: int = 0) -> None:
    """Check scores near 1000 and -1000, columns that are far apart, and -inf; no warning."""
    a, b, c = points(draw, (3,), 0.2, 2.0)
    near = np.array([a, b, a + c])
    right = _exact(near)
    for shift in (1000.0, -1000.0):
        check_close(
            check_quiet(softmax, near + shift, what=f"softmax of {near + shift}", hint=SHIFT),
            right,
            what=f"softmax(x), all scores near {shift}",
            x=near + shift,
            rtol=1e-10,
            mistakes={
                "the scores are cut off, so that all are the same: shift them": right * 0 + 1 / 3
            },
        )
    apart = np.stack([near + 1000, near, near - 1000], axis=1)[:, ::-1]
    check_close(
        check_quiet(
            softmax, apart.copy(), 0, what="softmax(x, 0) of columns 1000 apart", hint=SHIFT
        ),
        np.stack([right] * 3, axis=1),
        what="softmax(x, 0) of columns that are 1000 apart",
        rtol=1e-10,
    )
    wide = near + [500, -900, -400]
    check_close(
        check_quiet(softmax, wide, what=f"softmax of {wide}", hint=SHIFT, overflow=NOT_THE_LARGEST),
        _softmax(wide),
        what=f"softmax of {wide}",
        atol=1e-300,
        mistakes=_raised(wide),
    )
    masked = np.array([a, -np.inf, b, -800.0, -np.inf])
    two = _exact(np.array([a, b]))
    zeros = [two[0], 0, two[1], 0, 0]
    check_close(
        check_quiet(softmax, masked, what=f"softmax of {masked}", hint="exp(-inf) is 0"),
        zeros,
        what=f"softmax of {masked}",
        mistakes={
            f"-inf is replaced by {low}: its probability is exactly 0": _softmax(
                np.maximum(masked, low)
            )
            for low in (-30, -50, -100, -500, -700)
        }
        | _raised(masked),
    )


def _raised(x: Floats) -> dict[str, Any]:
    """Return what becomes of the probabilities if low scores are raised, once they are shifted."""
    return {
        f"shifted scores below {low} are raised to it: exp(-inf) is exactly 0": _softmax(
            np.maximum(x - x.max(), low)
        )
        for low in (-30, -50, -100, -500, -700)
    }


def softmax_dtype(softmax: Function, draw: int = 0) -> None:
    """Check that float32 stays float32, and that all other numbers give float64."""
    whole = np.array([3, -1, 0, 2 + draw % 3])
    for kind, dtype in (
        (np.int64, np.float64),
        (np.float64, np.float64),
        (np.float16, np.float64),
        (np.float32, np.float32),
    ):
        name = np.dtype(kind).name
        check_close(
            check_unchanged(softmax, whole.astype(kind), what=f"softmax of {name}"),
            _exact(1.0 * whole),
            what=f"softmax of {name} numbers",
            rtol=1e-5 if kind is np.float32 else 1e-12,
            dtype=dtype,
        )


# -- the Jacobian ---------------------------------------------------------------------------------


def _diagonal(s: Floats) -> Floats:
    return (np.arange(s.shape[-1])[:, None] == np.arange(s.shape[-1])) * s[..., :, None]


def _products(s: Floats) -> Floats:
    return s[..., :, None] * s[..., None, :]


@kept
def _slips(x: Floats, s: Floats) -> dict[str, Any]:
    diagonal, products = _diagonal(s), _products(s)
    one = (diagonal > 0) * 1.0
    return {
        "off the diagonal are zeros: a score changes every probability": one
        * (diagonal - products),
        "these are the entries with i = j alone: a score changes every probability": s * (1 - s),
        "the entries with i = j lack the factor s_i, by which everything is multiplied": one
        - products,
        "the entries are made of the scores: take s = softmax(x) first": _diagonal(x)
        - _products(x),
        "s_j is taken for i = j, where two slopes count": diagonal - (1 - one) * products,
        AS_ON_IT: (s[..., :, None] * (1 - s[..., None, :])),
        "off the diagonal is s_j (1 - s_i), as on it: only the score with i = j is in e^(x_i)": (
            s[..., None, :] * (1 - s[..., :, None])
        ),
        "on the diagonal the factor s_i is missing": one * (1 - s)[..., None]
        - (1 - one) * products,
        "off the diagonal is -s_i s_i: the factors belong to two scores": diagonal
        - one * products
        - (1 - one) * (s**2)[..., :, None],
        "off the diagonal is -s_j s_j: the factors belong to two scores": diagonal
        - one * products
        - (1 - one) * (s**2)[..., None, :],
        "off the diagonal is -s_i, without s_j": diagonal
        - one * products
        - (1 - one) * s[..., :, None],
        "off the diagonal is -s_j, without s_i": diagonal
        - one * products
        - (1 - one) * s[..., None, :],
        "softmax is taken twice": _diagonal(_exact(s)) - _products(_exact(s)),
        "the probabilities themselves are on the diagonal, and nothing is off it": diagonal,
    }


@kept
def _slips_of_rows(rows: Floats, s: Floats) -> dict[str, Any]:
    """Return what comes of taking a batch for something else than rows on their own."""
    right, down = _diagonal(s) - _products(s), _exact(rows, 0)
    all_of_it = np.exp(rows) / np.exp(rows).sum()
    slips = {
        "softmax runs over the whole batch: each row has its own sum": _diagonal(all_of_it)
        - _products(all_of_it),
        "softmax runs down the columns: each row is an example": _diagonal(down) - _products(down),
    }
    if len(rows) == 1:
        return slips | {
            "the batch of one is lost: (1, n) gives (1, n, n)": right[0],
        }
    return slips | {
        "the Jacobians of the rows are added up: each row has its own": right.sum(0),
        "this is the mean of the rows' Jacobians: each row has its own": right.mean(0),
        "this is the Jacobian of the first row alone": right[0],
        "this is the Jacobian of the last row alone": right[-1],
        "the products s_i s_j of all rows are added up: each row has its own": _diagonal(s)
        - _products(s).sum(0),
        "the products s_i s_j are those of the first row, in every row": _diagonal(s)
        - _products(s)[0],
        "each row's s_i meets the s_j of all rows: each row is on its own": _diagonal(s)
        - s[:, :, None] * s.sum(axis=0),
    }


def _of_a_batch(softmax_derivative: Function, rows: Floats) -> Any:
    """Call it for a batch; an operand that is as large as the batch is named."""
    __tracebackhide__ = True
    count, n = rows.shape
    try:
        return check_unchanged(softmax_derivative, rows, what="softmax_derivative")
    except ValueError as error:
        text, said = str(error).replace(" ", ""), None
        if f"({count},{count})" in text and count != n:
            said = (
                f"a matrix of shape ({count}, {count}) is made, and {count} is the number of rows: "
                f"the Jacobian of {n} scores is ({n}, {n}), and s.shape[-1] counts the scores"
            )
        elif f"({count * n},{count * n})" in text:
            said = "np.outer makes one long vector of a batch: multiply with new axes instead"
        if said is None:
            raise
        raise CheckFailed(
            f"softmax_derivative(x) for an x of shape {rows.shape} raises ValueError",
            actual=str(error),
            likely=said,
        ) from None


def softmax_derivative_values(softmax_derivative: Function, draw: int = 0) -> None:
    """Check the Jacobian at five scores, at large ones, and at one; x is left as it was."""
    x = points(draw, (5,))
    with supplied(softmax=_softmax):
        for shift in (0.0, 900.0):
            s = _exact(x)
            check_close(
                check_unchanged(softmax_derivative, x + shift, what="softmax_derivative"),
                _diagonal(s) - _products(s),
                what="softmax_derivative(x) of five scores" + (", all above 890" if shift else ""),
                rtol=1e-11 if shift == 0 else 1e-9,
                relative_to="largest",
                mistakes=_slips(x + shift, s),
                terms={"s_i for i = j": _diagonal(s), "-s_i s_j": -_products(s)},
            )
        whole = np.array([2, 0, -1 - draw % 3])
        s = _exact(1.0 * whole)
        check_close(
            softmax_derivative(whole),
            _diagonal(s) - _products(s),
            what=f"softmax_derivative of the integers {whole.tolist()}",
            rtol=1e-11,
            relative_to="largest",
        )


def _check_rows(softmax_derivative: Function, rows: Floats) -> None:
    __tracebackhide__ = True
    s = _exact(rows)
    with supplied(softmax=_softmax):
        check_close(
            _of_a_batch(softmax_derivative, rows),
            _diagonal(s) - _products(s),
            what=f"softmax_derivative(x) for an x of shape {rows.shape}",
            rtol=1e-11,
            relative_to="largest",
            mistakes=_slips(rows, s) | _slips_of_rows(rows, s),
        )


def softmax_derivative_batch(softmax_derivative: Function, draw: int = 0) -> None:
    """Check four rows with three scores each, and three rows with three."""
    n = 3
    _check_rows(softmax_derivative, points(draw + 1, (4, 3)))
    _check_rows(softmax_derivative, points(draw + 2, (n, n)))


def softmax_derivative_row(softmax_derivative: Function, draw: int = 0) -> None:
    """Check a batch with a single row of four scores."""
    count = 1
    _check_rows(softmax_derivative, points(draw + 3, (count, 4)))
