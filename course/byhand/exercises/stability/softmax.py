"""Exercises 6.4 and 6.5: softmax and log-sum-exp for scores of any size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from byhand.checks import check_close, check_quiet, check_unchanged
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, kept, points, unlike
from byhand.exercises.stability.earlier import logsumexp as _logsumexp
from byhand.exercises.stability.earlier import softmax_stable as _softmax

RANGE = "exp gives inf above 709.8, 0 below -745.2: what may be added to all scores of a sum?"
CLIPS = (-1e4, -1000, -745, -709, -700, -500, -100, -50, -30)


def _powers(x: Floats) -> Floats:
    return np.exp(x - x.max())


def softmax_values(softmax_stable: Function, draw: int = 0) -> None:
    """Check five scores, rows, all axes of an array with three; the scores are left alone."""
    x = points(draw, (5,))
    powers = np.exp(x)
    check_close(
        check_unchanged(softmax_stable, x, what="softmax_stable"),
        powers / powers.sum(),
        what="softmax_stable(x) of five scores",
        rtol=5e-14,
        mistakes={
            "these are the exponentials: divide them by their sum": powers,
            "these are shifted exponentials: divide them by their sum": _powers(x),
            "this is the logarithm of softmax": x - np.log(powers.sum()),
            "the exponent has a minus: this is softmax of -x": 1 / powers / (1 / powers).sum(),
            "the shift is in the numerator only": _powers(x) / powers.sum(),
            "the shift is in the denominator only": powers / _powers(x).sum(),
            **{
                f"{small:g} is added to the denominator": _powers(x) / (_powers(x).sum() + small)
                for small in (1e-3, 1e-6, 1e-8, 1e-10, 1e-12)
            },
        },
    )
    rows = points(draw + 1, (4, 3))
    powers = np.exp(rows)
    shifted = np.exp(rows - rows.max(axis=1, keepdims=True))
    check_close(
        check_unchanged(softmax_stable, rows, what="softmax_stable"),
        powers / powers.sum(axis=1, keepdims=True),
        what="softmax_stable(x) of four rows with three scores each",
        rtol=1e-12,
        mistakes={
            "divided by the sum of the whole array: each row has its own": powers / powers.sum(),
            "the shifted exponentials are divided by the sum of the whole array": (
                shifted / shifted.sum()
            ),
            "each column sums to 1: axis -1 means along each row": powers / powers.sum(axis=0),
            "each row has its maximum, but the sum runs along the columns": shifted
            / shifted.sum(axis=0),
        },
    )
    block = points(draw + 2, (3, 5, 4))
    for axis in (0, 1, 2, -3):
        check_close(
            softmax_stable(block.copy(), axis),
            _softmax(block, axis),
            what=f"softmax_stable(x, {axis}) for an x of shape (3, 5, 4)",
            rtol=1e-12,
            mistakes={
                f"the probabilities add up to 1 along axis {other}, not along axis {axis}": (
                    _softmax(block, other)
                )
                for other in range(3)
                if other != axis % 3
            },
        )


def softmax_extremes(softmax_stable: Function, draw: int = 0) -> None:
    """Check rows at 1000, at -1000 and far from each other, along both axes; no warning."""
    near = points(draw, (3,), 0.3, 3.0)
    shifts = np.array([1000.0, -1000.0, 0.0, -2e4])
    with np.errstate(all="ignore"):
        rows = near + shifts[:, None]
        right = np.tile(_softmax(near), (4, 1))
        slips = {
            "one maximum is taken for all rows: the others underflow": _powers(rows)
            / _powers(rows).sum(axis=1, keepdims=True),
            "large scores are cut off, which makes them equal: shift them": _softmax(
                np.clip(rows, -50, 50)
            ),
            "scores are cut off at the top, which makes large ones equal: shift them": _softmax(
                np.minimum(rows, 50)
            ),
            "scores are cut off at the bottom, which makes low ones equal: shift them": _softmax(
                np.maximum(rows, -50)
            ),
        }
    check_close(
        check_quiet(softmax_stable, rows.copy(), what="softmax_stable of rows", hint=RANGE),
        right,
        what="softmax_stable of rows near 1000, -1000, 0 and -20000",
        rtol=1e-8,
        mistakes=slips,
    )
    check_close(
        check_quiet(softmax_stable, rows.T.copy(), 0, what="softmax_stable(x, 0)", hint=RANGE),
        right.T,
        what="softmax_stable(x, 0) of columns near 1000, -1000, 0 and -20000",
        rtol=1e-8,
    )
    for apart in (
        np.array([1000.0, 0.0, -1000.0]),
        np.array([-800.0 - draw % 9, -1600.0, -2400.0]),
    ):
        check_close(
            check_quiet(softmax_stable, apart.copy(), what=f"softmax_stable({apart})", hint=RANGE),
            [1.0, 0.0, 0.0],
            what=f"softmax_stable({apart})",
        )
    gap = np.array([-700.0 - draw % 9, 0.0, -20.5])
    check_close(
        check_quiet(softmax_stable, gap.copy(), what=f"softmax_stable({gap})"),
        np.exp(gap) / np.exp(gap).sum(),
        what=f"softmax_stable({gap})",
        mistakes={f"scores below {low:g} are raised to it": _softmax(np.maximum(gap, low))
                  for low in CLIPS if low > -700},
    )  # fmt: skip


def softmax_infinite(softmax_stable: Function, draw: int = 0) -> None:
    """Check -inf beside other scores, and where all are -inf; integers and float32."""
    a, b = points(draw, (2,), 0.3, 3.0)
    masked = np.array([a, -np.inf, b, -np.inf, -900.0])
    two = _softmax(np.array([a, b]))
    slips = {
        f"-inf is replaced by {low:g}: its probability is exactly 0": _softmax(
            np.maximum(masked, low)
        )
        for low in CLIPS
    }
    right = [two[0], 0, two[1], 0, 0]
    with np.errstate(all="ignore"):  # NumPy may warn of -inf minus -inf
        check_close(
            check_unchanged(softmax_stable, masked, what="softmax_stable"),
            right,
            what=f"softmax_stable({masked})",
            mistakes=unlike(slips, right),
            hint="exp(-inf) is exactly 0, so a finite maximum is all that is needed",
        )
        for count in (3, 5):
            nothing = np.array([-np.inf] * count)
            check_close(
                softmax_stable(nothing),
                [np.nan] * count,
                what=f"softmax_stable of {count} scores -inf",
                mistakes={
                    "zeros hide that there are no probabilities: leave the NaN": np.zeros(count),
                    "equal shares of what is impossible: leave the NaN": np.zeros(count)
                    + 1 / count,
                },
            )
    whole = np.array([3, -1, 0, 2 + draw % 3])
    for dtype in (np.int64, np.float32):
        check_close(
            softmax_stable(whole.astype(dtype)),
            _softmax(whole),
            what=f"softmax_stable of {np.dtype(dtype).name}",
            rtol=1e-12,
            dtype=np.float64,
        )


# -- log-sum-exp ----------------------------------------------------------------------------------


@kept
def _sum_slips(x: Floats, total: Any) -> dict[str, Any]:
    """Return what usual slips give for the logarithm of the sum of five powers."""
    return {
        "the shift is subtracted but not added again": np.log(total) - x.max(),
        "the shift is subtracted twice": np.log(total) - 2 * x.max(),
        "the shift is added twice": np.log(total) + x.max(),
        "this is the sum: take its logarithm": total,
        "this is the shifted sum": total / np.exp(x.max()),
        "this is the shifted sum plus the maximum: the logarithm is missing": total
        / np.exp(x.max())
        + x.max(),
        "this is the maximum alone": x.max(),
        "this is the logarithm of the mean: do not divide": np.log(total / 5),
        "the exponents have a minus": np.log(np.exp(-x).sum()),
        "the logarithm of each exponential is added, which gives the sum of x": x.sum(),
        "this is log1p of the shifted sum: there is no 1 in it": x.max()
        + np.log1p(total / np.exp(x.max())),
    }


def logsumexp_values(logsumexp: Function, draw: int = 0) -> None:
    """Check five numbers, rows, all axes of an array with three, integers, float32; x is left."""
    x = points(draw, (5,), 0.5, 3.0) * [1, -1, 1, -1, 1]
    total = np.exp(x).sum()
    check_close(
        check_unchanged(logsumexp, x, what="logsumexp"),
        np.log(total),
        what="logsumexp(x) of five numbers",
        rtol=1e-12,
        mistakes=_sum_slips(x, total),
    )
    block = points(draw + 1, (3, 5, 4))
    shapes: list[tuple[Floats, int]] = [(points(draw + 2, (4, 3)), axis) for axis in (-1, 0)]
    shapes += [(block, axis) for axis in (0, 1, 2, -3)]
    for array, axis in shapes:
        check_close(
            check_unchanged(logsumexp, array, axis, what="logsumexp"),
            np.log(np.exp(array).sum(axis=axis)),
            what=f"logsumexp(x, axis={axis}) for shape {array.shape}",
            rtol=1e-12,
            mistakes={
                f"the sum runs along axis {other}, not along axis {axis}": np.log(
                    np.exp(array).sum(axis=other)
                )
                for other in range(array.ndim)
                if other != axis % array.ndim
            },
        )
    whole = np.array([[3, -1, 0], [2 + draw % 3, 1, 4]])
    check_close(logsumexp(whole), np.log(np.exp(whole).sum(axis=-1)), what="logsumexp of integers")
    single = block.astype(np.float32)
    check_close(
        logsumexp(single),
        np.log(np.exp(single.astype(np.float64)).sum(axis=-1)),
        what="logsumexp of float32",
        rtol=1e-5,
        dtype=np.float64,
    )
    check_close(
        logsumexp(np.array([3.0 + draw])),
        3.0 + draw,
        what="logsumexp of one number",
        mistakes={
            f"scores are cut off at {at}: shift them": float(at)
            for at in (500, 700, 709)
            if at < 3 + draw
        },
    )


def logsumexp_keepdims(logsumexp: Function, draw: int = 0) -> None:
    """Check keepdims for six shapes, in which other axes may have the length 1."""
    for shape, axis in (((4,), -1), ((3, 5), -1), ((3, 5), 0), ((3, 5, 4), 1)):
        _check_kept(logsumexp, points(draw, shape), axis)
    column = points(draw + 1, (4,))
    _check_kept(logsumexp, column[:, None], 0)
    _check_kept(logsumexp, column[None, :], -1)


def _check_kept(logsumexp: Function, x: Floats, axis: int) -> None:
    __tracebackhide__ = True
    for keep in (True, False):
        right = np.log(np.exp(x).sum(axis=axis, keepdims=keep))
        what = f"logsumexp(x, {axis}, keepdims={keep}) for shape {x.shape}"
        found = logsumexp(x.copy(), axis, keepdims=keep)
        check_close(
            found,
            right,
            what=what,
            hint="the axis of the sum stays with length 1 if keepdims is True, else it disappears",
        )
        if not keep:
            check_close(
                logsumexp(x.copy(), axis=axis), right, what=f"logsumexp(x, axis={axis}), "
                f"keepdims left out, for shape {x.shape}",
            )  # fmt: skip


def logsumexp_extremes(logsumexp: Function, draw: int = 0) -> None:
    """Check rows near 1000, -1000 and 1e300, and far from each other, along both axes."""
    near = points(draw, (3,), 0.3, 3.0)
    shifts = np.array([1000.0, -1000.0, 1e5, -2e4])
    rows = near + shifts[:, None]
    right = shifts + np.log(np.exp(near).sum())
    with np.errstate(all="ignore"):
        one = rows.max() + np.log(np.exp(rows - rows.max()).sum(axis=1))
    check_close(
        check_quiet(logsumexp, rows.copy(), what="logsumexp of rows near 1000", hint=RANGE),
        right,
        what="logsumexp of rows near 1000, -1000, 100000 and -20000",
        rtol=1e-13,
        mistakes={
            "one maximum is taken for all rows: the others underflow": one,
            **{
                f"scores are cut off at {at}: shift them": _logsumexp(np.minimum(rows, at))
                for at in (500, 700, 709)
            },
            **{
                f"scores are cut off at {-at} and {at}: shift them": _logsumexp(
                    np.clip(rows, -at, at)
                )
                for at in (500, 700, 709)
            },
        },
    )
    check_close(
        check_quiet(logsumexp, rows.T.copy(), 0, what="logsumexp(x, 0)", hint=RANGE),
        right,
        what="logsumexp(x, 0) of columns near 1000, -1000, 100000 and -20000",
        rtol=1e-13,
    )
    for apart, value in (
        ([1000.0, -1000.0, 0.0], 1000.0),
        ([-3000.0 - draw, -1000.0, -2000.0], -1000.0),
        ([1e300, 5e299, -1e300], 1e300),
        ([-2e300, -1e300, -3e300], -1e300),
    ):
        check_close(
            check_quiet(logsumexp, np.array(apart), what=f"logsumexp({apart})", hint=RANGE),
            value,
            what=f"logsumexp({apart})",
            rtol=1e-13,
        )


INFINITE: list[tuple[list[float], Callable[[float, float], Any]]] = [
    ([-np.inf, -np.inf, -np.inf], lambda a, b: -np.inf),
    ([np.inf, 0.0, 1000.0], lambda a, b: np.inf),
    ([np.inf, -np.inf, 5.0], lambda a, b: np.inf),
    ([np.inf, np.inf, np.inf], lambda a, b: np.inf),
    ([np.nan, 1.0, 2.0], lambda a, b: np.nan),
    ([-np.inf, np.nan, 1000.0], lambda a, b: np.nan),
]


def _without_nan(row: Floats) -> dict[str, float]:
    return {
        "NaN is replaced by 0: it should stay": float(_logsumexp(np.where(row == row, row, 0))),
        "NaN is left out: it should stay": float(_logsumexp(row[row == row])),
    }


def logsumexp_infinite(logsumexp: Function, draw: int = 0) -> None:
    """Check rows with infinities and NaN, one by one and together; no warning."""
    a, b = points(draw, (2,), 0.3, 3.0)
    cases = [(row, value(a, b)) for row, value in INFINITE]
    cases.append(([-np.inf, a, b], np.log(np.exp(a) + np.exp(b))))
    for row, right in cases:
        slips = {
            "inf minus inf, or -inf minus -inf, is NaN: choose another shift there": np.nan,
            "np.nan_to_num replaces -inf by the smallest float": -1.7976931348623157e308,
            "np.nan_to_num replaces inf by the largest float": 1.7976931348623157e308,
            **(_without_nan(np.array(row)) if np.isnan(row).any() else {}),
            **{
                f"{small:g} in the logarithm hides that the sum is 0": np.log(small)
                for small in (1e-8, 1e-10, 1e-12, 1e-300)
            },
        }
        check_close(
            check_quiet(
                logsumexp,
                np.array(row),
                what=f"logsumexp({row})",
                hint="what is meant to be infinite may be computed inside np.errstate",
            ),
            right,
            what=f"logsumexp({row})",
            rtol=1e-13,
            mistakes=unlike(slips, right),
        )
    rows = np.array([row for row, _ in cases])
    check_close(
        check_quiet(logsumexp, rows.copy(), what="logsumexp with infinities and NaN"),
        [right for _, right in cases],
        what="logsumexp of these rows in one array",
        rtol=1e-13,
    )
    column = np.array([[-np.inf, a], [-np.inf, b], [-np.inf, -np.inf]])
    check_close(
        check_quiet(logsumexp, column, 0, True, what="logsumexp(x, 0, True) with a column of -inf"),
        [[-np.inf, np.log(np.exp(a) + np.exp(b))]],
        what="logsumexp(x, 0, True) with a column of -inf",
    )
