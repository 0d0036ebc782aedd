"""Exercises 6.13 to 6.15: variance and sums far from zero, and gradients in float16."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from byhand.checks import CheckFailed, check_close, check_unchanged
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, kept, points, unlike

CANCELS = "the mean of the squares minus the square of the mean cancels: subtract the mean first"


def variance_values(variance: Function, draw: int = 0) -> None:
    """Check numbers near 0, near 1e8 and 1e10, of both signs, constants and integers."""
    for offset, count in ((0.0, 50), (1e8, 1000), (-1e8, 301), (1e10, 40), (3.0, 7)):
        near = np.random.default_rng(draw).standard_normal(count)
        x = offset + near
        near = x - offset  # exact
        right = float(np.mean((near - near.mean()) ** 2))
        lost = np.mean(x**2) - np.mean(x) ** 2
        slips = {
            CANCELS: lost,
            **({f"{CANCELS}; cutting it off at 0 does not help": 0.0} if lost < 0 else {}),
            "this is the standard deviation: leave the root out": np.sqrt(right),
            "divided by n - 1: divide by n": right * count / (count - 1),
            "this is the sum: divide by n": right * count,
            "this is the mean distance: square the distances": np.abs(near - near.mean()).mean(),
            "this is the mean of the squares: subtract the mean first": np.mean(x**2),
            "the numbers went through float32": float(np.var(x.astype(np.float32))),
            "the distances from the first number are taken, not those from the mean": np.mean(
                (near - near[0]) ** 2
            ),
        }
        check_close(
            check_unchanged(variance, x, what="variance"),
            right,
            what=f"variance of {count} numbers near {offset:g}",
            rtol=1e-5 if offset else 1e-11,
            mistakes=unlike(slips, right),
        )
    for constant in (0.1, 1e8 + 0.1 + draw, -3e15):
        check_close(
            variance(np.array([constant] * 7)),
            0.0,
            what=f"variance of seven times {constant}",
            atol=1e-12,
            hint="the distances from the mean are 0 here",
        )
    whole = np.array([1, 2, 6 + draw % 4])
    check_close(variance(whole), np.var(1.0 * whole), what=f"variance of the integers {whole}")


# -- sums -----------------------------------------------------------------------------------------


@kept
def _loop(x: Floats) -> float:
    """Return the sum, number by number: `np.cumsum` adds in this order."""
    return float(np.cumsum(x)[-1])


@kept
def _kahan(x: Floats, sign: float = 1.0) -> float:
    total = lost = 0.0
    for number in x.tolist():
        number -= sign * lost
        larger = total + number
        lost = (larger - total) - number
        total = larger
    return total


@kept
def _replaced_first(x: Floats) -> float:
    """Return the sum if the loss is computed from the new total alone."""
    total = lost = 0.0
    for number in x.tolist():
        total, lost = total + number - lost, lost - number
    return total


@kept
def _ragged(draw: int, count: int, offset: float) -> Floats:
    """Return numbers whose sum in a loop is off by 12 units in the last place, in two by 6."""
    for seed in range(draw, draw + 1000):
        x = offset + np.random.default_rng(seed).uniform(0, 1, count)
        exact = math.fsum(x)
        in_halves = _loop(x[: count // 2]) + _loop(x[count // 2 :])
        unit = np.spacing(abs(exact))
        if abs(_loop(x) - exact) > 12 * unit and abs(in_halves - exact) > 6 * unit:
            return x
    raise RuntimeError("no such numbers")


def _check_sum(
    function: Function,
    name: str,
    x: Floats,
    units: float,
    slips: dict[str, float],
    others: dict[str, float] | None = None,
) -> None:
    """Check a sum to so many units in the last place of the exact one."""
    __tracebackhide__ = True
    exact = math.fsum(x.tolist())
    what = f"{name} of {len(x)} numbers" + (f" near {x[0]:.3g}" if len(x) else "")
    found = check_unchanged(function, x, what=name)
    check_close(
        found, exact, what=what, rtol=1e-6, atol=1e-300, mistakes=unlike(others or {}, exact)
    )
    off = abs(float(found) - exact) / np.spacing(max(abs(exact), 1e-300))
    if off > units:
        known = [said for said, value in slips.items() if value == float(found)]
        raise CheckFailed(
            f"{what} has lost digits",
            expected=f"{exact!r}, off by at most {units:g} units in the last place",
            actual=f"{float(found)!r}, off by {off:.0f} units",
            likely=known[0] if len(known) == 1 else None,
        )


def pairwise_sum_values(pairwise_sum: Function, draw: int = 0) -> None:
    """Check lengths from 0 up, odd ones too, and 4,096 numbers near 1e8 to 4 units."""
    for count in (0, 1, 2, 3, 5, 7, 100, 129):
        x = points(draw, (count,), 0.5, 3.0)
        _check_sum(pairwise_sum, "pairwise_sum", x, 4.0 + count, {})
    for offset, half in () if draw else ((1e8, 2048), (0.1, 1024), (-3e5, 1024)):
        x = _ragged(draw, 2 * half, offset)
        slips = {
            "this adds number by number: add the halves": _loop(x),
            "each half is added number by number: split it again, down to single numbers": (
                _loop(x[:half]) + _loop(x[half:])
            ),
        }
        _check_sum(pairwise_sum, "pairwise_sum", x, 4.0, slips)
    _check_sum(pairwise_sum, "pairwise_sum", _ragged(draw, 2001, 1e8), 4.0, {})


def kahan_sum_values(kahan_sum: Function, draw: int = 0) -> None:
    """Check lengths from 0 up, numbers near 1e8, and a large number before many small ones.

    Hidden tests add up two of the four.
    """
    for count in (0, 1, 2, 3, 7):
        x = points(draw, (count,), 0.5, 3.0)
        others = {
            "total is replaced before the loss is computed: the loss needs the old one": (
                _replaced_first(x)
            ),
            "the first number is left out": float(x[1:].sum()),
        }
        _check_sum(kahan_sum, "kahan_sum", x, 2.0, {}, others)
    tiny = np.append(1.0, 1e-16 * points(draw, (2000,), 0.3, 0.9))
    more = () if draw else (_ragged(draw + 1, 2048, 0.1), -tiny)
    for x in (_ragged(draw, 2001, 1e8), tiny, *more):
        slips = {
            "this adds number by number: what each addition loses is not put back": _loop(x),
            "what is lost is added, where it should be subtracted (or the other way round)": (
                _kahan(x, -1.0)
            ),
        }
        _check_sum(kahan_sum, "kahan_sum", x, 1.0, slips)


# -- float16 --------------------------------------------------------------------------------------


SMALL = (
    "float16 holds the numbers without their scale, for which they are too small: scale before "
    "they are rounded, and divide in float64"
)


def _through(grad: Any, scale: float) -> Any:
    with np.errstate(all="ignore"):
        return (grad * scale).astype(np.float16).astype(float) / scale


def float16_gradient_values(float16_gradient: Function, draw: int = 0) -> None:
    """Check five scales, powers of two and others, numbers too large and too small; dtype."""
    rng = np.random.default_rng(draw)
    wide = rng.standard_normal((3, 5)) * 10.0 ** rng.uniform(-9, -2, (3, 5))
    for scale in (1.0, 1024.0, 256.0, 65536.0, 1000.0):
        right = _through(wide, scale)
        with np.errstate(all="ignore"):
            halved = wide.astype(np.float16)
            slips = {
                "nothing was rounded: go through float16": wide,
                SMALL: halved.astype(float),
                "the result is still scaled: divide by loss_scale": right * scale,
                "divided by loss_scale first, then multiplied": _through(wide, 1 / scale),
                "what is below 6e-5 has become 0: float16 keeps some digits down to 6e-8": (
                    np.where(np.abs(right * scale) < 6.1e-5, 0, right)
                ),
            }
            others = {
                "scaled in float16, after the rounding": (halved * np.float16(scale)).astype(float)
                / scale,
                "divided in float16, which can't hold such small numbers": (
                    (wide * scale).astype(np.float16) / np.float16(scale)
                ).astype(float),
            }
            slips |= unlike(others, halved)  # for powers of two all three are alike
        found = check_unchanged(float16_gradient, wide, scale, what="float16_gradient")
        check_close(
            found,
            right,
            what=f"float16_gradient with the scale {scale:g}",
            rtol=1e-12,
            mistakes={k: v for k, v in unlike(slips, right).items() if np.isfinite(v).all()},
        )
        if np.asarray(found).dtype != np.float64:
            raise CheckFailed(
                "float16_gradient returns the wrong dtype",
                expected="float64",
                actual=np.asarray(found).dtype.name,
                likely="return to float64 before you divide by loss_scale"
                if np.asarray(found).dtype == np.float16
                else "the numbers are right: return them as float64",
            )
    _check_ends(float16_gradient, wide, draw)


def _check_ends(float16_gradient: Function, wide: Floats, draw: int) -> None:
    """Check numbers between two float16 numbers, too large ones, and a float32 gradient."""
    __tracebackhide__ = True
    between = np.array([1 + 2.0**-11 + 2.0**-30, 1.25 + 3 * 2.0**-11 - 2.0**-30, 0.3])
    check_close(
        float16_gradient(between / 4, 4.0),
        _through(between / 4, 4.0),
        what="float16_gradient of numbers almost in the middle of two float16 numbers",
        rtol=1e-12,
        mistakes={
            "scaled in float32, which rounds once more: scale in float64": between.astype(
                np.float32
            ).astype(np.float16)
            / 4.0,
        },
    )
    large = np.array([1.0, -1.0, 1e-3, 0.06 + draw % 5 / 1000])
    with np.errstate(all="ignore"):  # NumPy may warn of the overflow that is meant
        found = float16_gradient(large, 1e6)
    right = _through(large, 1e6)
    check_close(
        found,
        right,
        what="float16_gradient with the scale 1e6, where 1e6 exceeds float16",
        rtol=1e-12,
        mistakes={
            "what exceeds 65504 arrives as inf: it is cut off here": np.clip(
                right, -65504 / 1e6, 65504 / 1e6
            ),
            "scaled in float16: scale in float64, then round": large,
        },
    )
    short = wide.astype(np.float32)
    check_close(
        float16_gradient(short, 1024.0),
        _through(short.astype(float), 1024.0),
        what="float16_gradient of a float32 gradient",
        rtol=1e-12,
        dtype=np.float64,
    )
