"""Exercise 6.11, hunts 1 to 3: a check that certifies anything, a capped loss, a gate."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import (
    CheckFailed,
    check_close,
    check_counterexample,
    check_parts,
    check_quiet,
    check_unchanged,
    may_measure,
    supplied,
)
from byhand.checks.failures import brief
from byhand.differences.calls import Function
from byhand.exercises.batches import unchanged_results
from byhand.exercises.samples import Floats, kept, points, unlike
from byhand.exercises.stability.earlier import LOSSES, checking

CAP = "a constant in the logarithm caps the loss"


# -- hunt 1: a check that certifies anything ------------------------------------------------------


def _given_check(c: Any, x: Any, claimed: Any) -> float:
    """Return what the given function returns."""
    x = np.asarray(x)
    measured = np.zeros_like(x)
    for i in range(x.size):
        up, down = x.copy(), x.copy()
        up[i], down[i] = up[i] + 1e-7, down[i] - 1e-7
        measured[i] = (np.sum(c * up**2) - np.sum(c * down**2)) / 2e-7
    size = np.linalg.norm(measured) + np.linalg.norm(claimed) + 1e-8
    return float(np.linalg.norm(measured - claimed) / size)


def _is_right(c: Any, x: Any, claimed: Any) -> bool:
    truth = 2.0 * np.asarray(c) * np.asarray(x, dtype=float)
    size = np.maximum(np.abs(truth), np.abs(claimed))
    return bool(np.all(np.abs(truth - claimed) <= 1e-5 * size))


def square_check_proof(counterexample_1: Function, draw: int = 0) -> None:
    """Check that the given function passes a wrong gradient, or fails a right one."""
    what = "counterexample_1()"
    returned = counterexample_1()
    likely = None
    if isinstance(returned, tuple):
        c, x, claimed = check_parts(returned, ("c", "x", "claimed"), what=what)
        shapes = [np.shape(a) for a in (c, x, claimed)]
        if len(set(shapes)) > 1 or len(shapes[0]) != 1:
            raise CheckFailed(
                f"{what}: c, x and claimed must be three vectors of the same length",
                actual=f"shapes {', '.join(map(str, shapes))}",
            )
        if _is_right(c, x, claimed):
            likely = "claimed is right, and the given function passes it"
        else:
            likely = "claimed is wrong, and the given function says so"
    check_counterexample(
        returned,
        lambda c, x, claimed: float(_given_check(c, x, claimed) < 1e-5),
        lambda c, x, claimed: float(_is_right(c, x, claimed)),
        what=what,
        likely=likely,
        hint="1 means passed, 0 failed. Which wrong slope is too small to be seen in the sum of "
        "squares, or beside 1e-8? Which dtype can't hold x + 1e-7?",
    )


@kept
def _judged(right: Floats, claimed: Floats) -> dict[str, Any]:
    """Return what other ways of comparing give."""
    norm, off = np.linalg.norm, np.abs(right - claimed)
    size = np.maximum(np.abs(right), np.abs(claimed))
    safe = np.where(size > 0, size, 1)
    slips = {
        "a norm hides the small entries: compare entry by entry": norm(off)
        / (norm(right) + norm(claimed)),
        "divided by the larger norm, which hides the small entries": norm(off)
        / max(norm(right), norm(claimed)),
        "divided by |a| + |b|: the larger one of the two, as in exercise 6.1": (
            off / np.where(size > 0, np.abs(right) + np.abs(claimed), 1)
        ).max(),
        "this is absolute: divide by the size of the entry": off.max(),
        "this is the mean over the entries: return the largest": (off / safe).mean(),
        "these are the errors of all entries: return the largest": off / safe,
    }
    for small in (1e-6, 1e-8, 1e-10, 1e-12):
        slips[f"{small:g} is added to the denominator, which hides what is smaller"] = (
            off / (size + small)
        ).max()
    return slips


def _error(found: Any) -> Any:
    """Return the error that a check returned."""
    __tracebackhide__ = True
    if isinstance(found, tuple):
        raise CheckFailed(
            "square_check returns a tuple",
            expected="a number",
            actual=brief(found),
            likely="gradient_check returns a pair: the error is its first part",
        )
    return found


def _cut(c: Floats, x: Any) -> float:
    """Return the error of the right gradient where integers hold the points."""
    h, right = 1e-5 * np.maximum(1, np.abs(x)), 2 * c * x
    measured = c * (np.trunc(x + h) ** 2 - np.trunc(x - h) ** 2) / (2 * h)
    errors = np.abs(measured - right) / np.maximum(np.abs(measured), np.abs(right))
    return float(errors.max())


def square_check_values(square_check: Function, draw: int = 0) -> None:
    """Check wrong gradients of any size, right ones, integers, float32, zeros, NaN, infinity."""
    c = points(draw, (4,), 0.5, 2.0) * [1, -1, 1, 1]
    x = points(draw + 1, (4,), 0.5, 2.0) * [1, 1, -1, 1]
    cases = []
    for unit in (1.0, 1e-15, 1e9):
        for which in ("one small entry", "all entries"):
            weights = unit * c * ([1, 1, 1, 1] if which[0] == "a" else [1, 1, 1e-4, 1])
            for factor in (-1.0, 1.001, 0.5, 0.0, 3.0):
                said = f"square_check of a gradient near {unit:g} with {which} times {factor:g}"
                claimed = 2 * weights * x * (factor if which[0] == "a" else [1, 1, factor, 1])
                cases.append((said, factor, (weights, x, claimed)))
    with may_measure(), supplied(**checking()):
        found = unchanged_results(square_check, [given for *_, given in cases], what="square_check")
        for (said, factor, (weights, _, claimed)), returned in zip(cases, found, strict=True):
            expected = abs(factor - 1) / max(abs(factor), 1.0)
            slips = unlike(_judged(2 * weights * x, claimed), expected, rtol=0.02)
            check_close(_error(returned), expected, what=said, rtol=0.02, mistakes=slips)
        whole = np.array([1, 2 + draw % 3, -3, 4])
        far = 1e9 * x
        empty = x * [1, 0, 1, 1]
        lost = {
            "integers": "integers cut off the step of 1e-7: compute in float64",
            "a float32 x": "float32 rounds the step of 1e-7 away: compute in float64",
            "x near 1e9": "rounding swallows the step beside 1e9: it should follow |x|",
            "an x with an entry 0": "where both entries are 0 the error is 0, not 1",
        }
        for name, at in (
            ("integers", whole),
            ("a float32 x", x.astype(np.float32)),
            ("x near 1e9", far),
            ("an x with an entry 0", empty),
        ):
            check_close(
                square_check(c, at, 2 * c * at.astype(float)),
                0.0,
                what=f"square_check of the right gradient at {name}",
                atol=2e-6,
                mistakes={
                    "0 / 0 is NaN: where both entries are 0 the error is 0": np.nan,
                    lost[name]: 1.0,
                    "integers hold the points, and cut off the step of 1e-5: compute in float64": (
                        _cut(c, at) if at is whole else np.inf
                    ),
                },
            )
        for bad in (np.nan, np.inf):
            claimed = 2 * c * x
            claimed[draw % 4] = bad
            check_close(
                square_check(c, x, claimed),
                np.inf,
                what=f"square_check of a gradient with one entry {bad}",
                mistakes={"NaN passes no comparison: return inf, as in exercise 6.1": np.nan},
                hint="what is not finite must never pass: return inf, as in exercise 6.1",
            )


# -- hunt 2: a loss with a ceiling ----------------------------------------------------------------


def _given_loss(logits: Any, k: int) -> float:
    e = np.exp(np.asarray(logits, dtype=float) - np.max(logits))
    return float(-np.log(e[k] / np.sum(e) + 1e-10))


def _loss(logits: Any, k: int) -> float:
    z = np.asarray(logits, dtype=float)
    return float(np.logaddexp.reduce(z - z[k]))


def example_loss_proof(counterexample_2: Function, draw: int = 0) -> None:
    """Check that the given loss is off by more than a millionth at (logits, k)."""
    what = "counterexample_2()"
    returned = counterexample_2()
    likely = None
    if isinstance(returned, tuple):
        logits, k = check_parts(returned, ("logits", "k"), what=what)
        if np.ndim(logits) != 1 or isinstance(k, bool | float | np.ndarray):
            raise CheckFailed(
                f"{what}: logits must be a vector and k a whole number", actual=brief(returned)
            )
        if not -len(logits) <= k < len(logits):
            raise CheckFailed(
                f"{what}: there is no class number {k}",
                expected=f"k from 0 to {len(logits) - 1}",
                actual=brief(returned),
            )
        gap = float(np.max(logits) - np.asarray(logits)[k])
        likely = (
            f"the right class is {gap:.3g} below the largest score: its probability is far above "
            "the constant"
            if gap > 0
            else "the right class has the largest score, and its loss is far above the constant"
        )
    check_counterexample(returned, _given_loss, _loss, what=what, likely=likely)


def example_loss_values(example_loss: Function, draw: int = 0) -> None:
    """Check large losses, tiny ones, -inf, one class, and no warning."""
    far = 1000.0 + draw
    random = points(draw, (5,))
    cases: list[tuple[Floats, int]] = [
        (random, 3),
        (np.array([far, far - 2, -far]), 1),
        (np.array([-900.0, -1900.0, -900.0]), 1),
        (np.array([far, 0.0]), 1),
        (20 * points(draw + 1, (3,)), 0),
        (np.array([0.0, 25.0, 3.0]), 0),
        (np.array([-np.inf, 1.0, 2.0]), 2),
        (np.array([0.0]), 0),
        (np.array([30.0, 0.0]), 0),
    ]
    with supplied(**LOSSES):
        for z, k in cases:
            p = np.exp(z - np.max(z)) / np.exp(z - np.max(z)).sum()
            right = _loss(z, k)
            with np.errstate(all="ignore"):
                slips = {
                    f"{CAP} at {-np.log(small):.4g}": -np.log(p[k] + small)
                    for small in (1e-6, 1e-8, 1e-10, 1e-12, 1e-15, 1e-20, 1e-30, 1e-300)
                }
                slips |= {
                    "the probability underflows to 0 before its logarithm is taken": -np.log(p[k]),
                    "the shift is not added again": np.log(np.exp(z - z.max()).sum()) - z[k],
                    "the sign is flipped: the loss is positive": -right,
                    "exp overflows: shift the logits first": np.log(np.exp(z).sum()) - z[k],
                    "this is log-sum-exp: the score of the right class is missing": right + z[k],
                    "the last class is taken, not class k": _loss(z, -1),
                    "the first class is taken, not class k": _loss(z, 0),
                }
            check_close(
                check_quiet(
                    example_loss,
                    z.copy(),
                    k,
                    what=f"example_loss({z}, {k})",
                    hint="a probability may underflow to 0: don't take its logarithm, and shift "
                    "the logits before exp",
                ),
                right,
                what=f"example_loss({z}, {k})",
                rtol=1e-12,
                atol=2e-12,
                mistakes=unlike(slips, right, rtol=1e-12),
            )


# -- hunt 3: a gate that jams ---------------------------------------------------------------------


def _given_gate(x: Any) -> Floats:
    return np.asarray(np.exp(x) / (1 + np.exp(x)))


def _gate(x: Any) -> Floats:
    x = np.asarray(x, dtype=float)
    small = np.exp(-np.abs(x))
    return np.where(x < 0, small, 1.0) / (1 + small)


def gate_proof(counterexample_3: Function, draw: int = 0) -> None:
    """Check that the given function is wrong at x."""
    what = "counterexample_3()"
    returned = counterexample_3()
    likely = None
    if isinstance(returned, tuple):
        (x,) = check_parts(returned, ("x",), what=what)
        if np.size(x) == 1 and np.asarray(x).dtype.kind in "iuf":
            likely = f"exp({float(np.ravel(x)[0]):g}) is no larger than a float64 can be"
    check_counterexample(returned, _given_gate, _gate, what=what, likely=likely)


def gate_values(gate: Function, draw: int = 0) -> None:
    """Check both sides of 0, far out too, for matrices, numbers and integers; no warning."""
    near = points(draw, (3, 4))
    near[0] = -0.6 - draw % 4 / 10, -0.25, 0.25, 0.6 + draw % 4 / 10
    near[1, :2] = -1.5, 1.5
    far = np.array([-1e5, -1000, -745, -710, -40, -30, 30, 37, 709, 720, 1000, 2e4])
    far += draw % 7 / 10
    jam = "exp overflows above 709.8, and np.where computes both of its values for every x"
    with supplied(**LOSSES):
        for name, x in (("near 0", near), ("far from 0", far)):
            with np.errstate(all="ignore"):
                slips: dict[str, Any] = {
                    "this is gate(-x): the two cases are swapped": _gate(-x),
                    "this is right for x >= 0 only": 1 / (1 + np.exp(-np.abs(x))),
                    "this is right for x < 0 only": np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))),
                    "the given function is still there: inf / inf is NaN": _given_gate(x),
                    "this is the logarithm of the gate": np.log(_gate(x)),
                }
                for at in (-1, 1, 0.5, -0.5):
                    small = np.exp(-np.abs(x))
                    slips[f"the case changes at {at:g}, not at 0"] = np.where(
                        x < at, small, 1.0
                    ) / (1 + small)
                for at in (5, 10, 15, 20, 25, 30):
                    slips[f"x is cut off at {at}, where the gate is not 0 or 1 yet"] = _gate(
                        np.clip(x, -at, at)
                    )
            check_close(
                check_quiet(check_unchanged, gate, x, what=f"gate(x) for x {name}", hint=jam),
                _gate(x),
                what=f"gate(x) for x {name}",
                rtol=1e-11,
                atol=1e-15,
                x=x,
                mistakes=slips,
            )
        for number in (-800.0 - draw, 800.0, -720.0, 710.0, -0.5 - draw % 4 / 10, 0, 2, -1):
            check_close(
                check_quiet(gate, number, what=f"gate({number})", hint=jam),
                _gate(number),
                what=f"gate({number})",
                rtol=1e-11,
                atol=1e-15,
            )
