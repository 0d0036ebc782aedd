"""Exercise 6.8: the logarithm of a sigmoid, and binary cross-entropy."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import check_close, check_quiet, check_unchanged, supplied
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, points, unlike
from byhand.exercises.stability.earlier import SUMS
from byhand.exercises.stability.earlier import log_sigmoid as _log_sigmoid

OVERFLOW = "exp(t) gives inf for t above 709.8, and np.where computes both of its values"
LOST = "1 + t keeps little of a small t, and nothing below 1e-16: np.log1p keeps all of it"
CONSTANTS = (1e-6, 1e-7, 1e-8, 1e-10, 1e-12, 1e-15, 1e-16, 1e-300)
HELP = {**SUMS, "log_sigmoid": _log_sigmoid}


def _sigmoid(x: Any) -> Floats:
    return np.exp(_log_sigmoid(x))


def log_sigmoid_values(log_sigmoid: Function, draw: int = 0) -> None:
    """Check a matrix, a vector, numbers and integers; x is left as it was."""
    x = points(draw, (3, 4))
    small = np.exp(-np.abs(x))
    with supplied(**SUMS):
        check_close(
            check_unchanged(log_sigmoid, x, what="log_sigmoid"),
            -np.log(1 + np.exp(-x)),
            what="log_sigmoid(x)",
            rtol=1e-12,
            x=x,
            mistakes={
                "this is sigmoid: its logarithm is asked for": _sigmoid(x),
                "this is log_sigmoid(-x), the logarithm of 1 - sigmoid(x): mind the sign": (
                    -np.log(1 + np.exp(x))
                ),
                "the sign is flipped: the logarithm of a number below 1 is negative": np.log(
                    1 + np.exp(-x)
                ),
                "np.min takes one minimum of all: np.minimum works entry by entry": (
                    np.min([x.min(), 0]) - np.log1p(small)
                ),
                "the two parts are added: one is subtracted": np.minimum(x, 0) + np.log1p(small),
                "np.maximum is where np.minimum belongs": np.maximum(x, 0) - np.log1p(small),
                "exp(|x|) is where exp(-|x|) belongs": np.minimum(x, 0)
                - np.log1p(np.exp(np.abs(x))),
                "this is right for x >= 0 only": -np.log1p(small),
                "exp(-x) is where exp(-|x|) belongs: right for x >= 0 only": np.minimum(x, 0)
                - np.log1p(np.exp(-x)),
                "log1p adds the 1 itself: log1p(1 + t) is log(2 + t)": np.minimum(x, 0)
                - np.log1p(1 + small),
                "this is a product: the logarithm of a product is a sum": np.minimum(x, 0)
                * np.log1p(small),
                **{
                    f"{c:g} is added in the logarithm": np.log(_sigmoid(x) + c)
                    for c in CONSTANTS[:4]
                },
            },
        )
        for number in (-1.5 - draw % 3, 0.25, 0, 3, -2):
            check_close(
                log_sigmoid(number), -np.log1p(np.exp(-number)), what=f"log_sigmoid({number})"
            )
        whole = np.array([0, 3 + draw % 4, -2])
        check_close(
            log_sigmoid(whole), -np.log1p(np.exp(-1.0 * whole)), what="log_sigmoid of integers"
        )


def log_sigmoid_extremes(log_sigmoid: Function, draw: int = 0) -> None:
    """Check all digits from -1e300 to 700, in an array and one by one, and no warning."""
    far = np.array([-1e300, -1e5, -1000, -710, -50, 21, 31, 36.1, 38, 45, 100, 700.0])
    far[1:] += draw % 9 / 10
    right = np.minimum(far, 0) - np.log1p(np.exp(-np.abs(far)))
    with np.errstate(all="ignore"):
        lost = np.minimum(far, 0) - np.log(1 + np.exp(-np.abs(far)))
    slips: dict[str, Any] = {LOST: lost}
    for at in (15, 20, 30, 36, 50, 100, 500, 700, 709):
        slips[f"x is cut off at {at}"] = _log_sigmoid(np.clip(far, -at, at))
    for at in (20, 30, 36, 37, 40, 50):
        slips[f"above {at} the result is 0: some digits are left"] = np.where(far > at, 0, right)
    for c in CONSTANTS:
        slips[f"{c:g} in the logarithm caps the result at {np.log(c):.4g}"] = np.log(
            _sigmoid(far) + c
        )
    with supplied(**SUMS):
        check_close(
            check_quiet(log_sigmoid, far.copy(), what="log_sigmoid far from 0", hint=OVERFLOW),
            right,
            what="log_sigmoid(x)",
            rtol=1e-12,
            x=far,
            mistakes=slips,
        )
        for number, value, low in zip(far, right, lost, strict=True):
            check_close(
                check_quiet(log_sigmoid, float(number), what=f"log_sigmoid({number})"),
                value,
                what=f"log_sigmoid({number})",
                rtol=1e-12,
                mistakes=unlike({LOST: low}, value),
            )
        check_close(log_sigmoid(1000.0), 0.0, what="log_sigmoid(1000.0)", atol=1e-300)


def _losses(z: Floats, t: Floats) -> Floats:
    return np.where(t == 0, 0, -t * _log_sigmoid(z)) - np.where(
        t == 1, 0, (1 - t) * _log_sigmoid(-z)
    )


def binary_cross_entropy_values(binary_cross_entropy_with_logits: Function, draw: int = 0) -> None:
    """Check the mean over all entries of vectors and matrices; nothing is changed."""
    name = "binary_cross_entropy_with_logits"
    with supplied(**HELP):
        for shape in ((6,), (4, 3), (3, 4, 5)):
            z, t = points(draw, shape), points(draw + 1, shape, 0.05, 0.95)
            t.flat[:2] = 0.0, 1.0
            loss = _losses(z, t)
            p, large = _sigmoid(z), np.maximum(z, 0)
            tail = np.log1p(np.exp(-np.abs(z)))
            slips = {
                "this is the sum: take the mean over all entries": loss.sum(),
                "this is the mean over the examples of sums: take the mean over all entries": (
                    loss.sum() / shape[0]
                ),
                "these are the losses of all entries: return their mean": loss,
                "this is the mean along the first axis only": loss.mean(axis=0),
                "this is the mean along the last axis only": loss.mean(axis=-1),
                "the minus is missing: a loss is positive": -loss.mean(),
                "the part with 1 - t is missing": np.mean(-t * np.log(p)),
                "the part with t is missing": np.mean(-(1 - t) * np.log(1 - p)),
                "targets and 1 - targets are swapped": _losses(z, 1 - t).mean(),
                "both parts take the logarithm of p: one needs that of 1 - p": np.mean(-np.log(p)),
                "the logarithm of 1 - p is not 1 - log(p)": np.mean(
                    -t * np.log(p) - (1 - t) * (1 - np.log(p))
                ),
                "np.max takes one maximum of all: np.maximum works entry by entry": np.mean(
                    max(z.max(), 0) - z * t + tail
                ),
                "exp(-z) is where exp(-|z|) belongs": np.mean(large - z * t + np.log1p(np.exp(-z))),
                "exp(|z|) is where exp(-|z|) belongs": np.mean(
                    large - z * t + np.log1p(np.exp(np.abs(z)))
                ),
                "z * t is added: it is subtracted": np.mean(large + z * t + tail),
                "z * t is missing": np.mean(large + tail),
                "sigmoid is applied twice": _losses(p, t).mean(),
                "targets between 0 and 1 count as 0": _losses(z, (t == 1) + 0.0).mean(),
                "targets are rounded to 0 or 1": _losses(z, np.round(t)).mean(),
                **{
                    f"{c:g} is added in the logarithms": -np.mean(
                        t * np.log(p + c) + (1 - t) * np.log(1 - p + c)
                    )
                    for c in CONSTANTS[:5]
                },
            }
            check_close(
                check_unchanged(binary_cross_entropy_with_logits, z, t, what=name),
                loss.mean(),
                what=f"the mean loss of random logits of shape {shape}",
                rtol=1e-12,
                mistakes=unlike(slips, loss.mean(), rtol=1e-12),
            )
        whole, targets = np.array([2, -1, 0]), np.array([1, 0, draw % 2])
        check_close(
            binary_cross_entropy_with_logits(whole, targets),
            _losses(1.0 * whole, targets).mean(),
            what="the mean loss of integers",
            rtol=1e-12,
        )


def binary_cross_entropy_extremes(
    binary_cross_entropy_with_logits: Function, draw: int = 0
) -> None:
    """Check all digits of large losses and of tiny ones, and no warning."""
    far = 1000.0 + draw
    with supplied(**HELP):
        for z, t in (
            (-far, 1.0), (far, 0.0), (far, 1.0), (-far, 0.0), (1e6, 0.25), (-1e6, 0.25),
            (40.0, 1.0), (-40.0, 0.0), (37.0 + draw % 9, 1.0), (100.0, 1.0),
        ):  # fmt: skip
            right = float(_losses(np.array(z), np.array(t)))
            p = _sigmoid(z)
            lost = max(z, 0) - z * t + np.log(1 + np.exp(-abs(z)))
            slips: dict[str, Any] = {LOST: lost}
            with np.errstate(all="ignore"):
                for c in CONSTANTS if right > 1 else ():  # elsewhere 1 + t loses the digits
                    said = f"{c:g} in the logarithms caps the loss at {-np.log(c):.4g}"
                    slips[said] = -t * np.log(p + c) - (1 - t) * np.log(1 - p + c)
            check_close(
                check_quiet(
                    binary_cross_entropy_with_logits,
                    np.array([z]),
                    np.array([t]),
                    what=f"the loss of the logit {z:g} with the target {t:g}",
                    hint=OVERFLOW,
                ),
                right,
                what=f"the loss of the logit {z:g} with the target {t:g}",
                rtol=1e-12,
                atol=1e-300,
                mistakes=unlike(slips, right),
            )
