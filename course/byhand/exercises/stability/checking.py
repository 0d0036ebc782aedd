"""Exercise 6.2: a gradient check."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import (
    check_close,
    may_measure,
    supplied,
)
from byhand.differences.calls import Function
from byhand.exercises.batches import here
from byhand.exercises.samples import Floats, kept, points, unlike
from byhand.exercises.stability.earlier import checking
from byhand.exercises.stability.runs import function_of, runs_of

SLOPES = np.array([[1.5, -2.0, 0.5, 3.0], [-0.7, 4.0, 1.2, -1.1], [2.5, -3.5, 0.9, 0.3]])
BLAMED = "the gradient is right: is what is measured right, and is the noise forgiven?"


@kept
def _slips(x: Floats, h: Floats, eps: float) -> dict[str, Any]:
    """Return what usual slips measure of `_cubes`, whose slope is 3 w x ** 2."""
    here, ahead, back = (SLOPES * at**3 for at in (x, x + h, x - h))
    right = (ahead - back) / (2 * h)
    together = np.sum(ahead - back) / (2 * h)
    piled = np.cumsum((ahead - here).ravel()).reshape(x.shape)
    sunk = np.cumsum((here - back).ravel()).reshape(x.shape)
    kept = SLOPES * ((x + h) ** 3 - (x + 2 * h) ** 3)
    return {
        "a / 2 * step divides by 2 and multiplies by the step: bracket 2 * step": (
            (ahead - back) / 2 * h
        ),
        "divided by 2 * eps: the two points are 2 * step apart": (ahead - back) / (2 * eps),
        "divided by step: the two points are 2 * step apart": (ahead - back) / h,
        "the difference is not divided by the distance of the two points": ahead - back,
        "this is a forward difference: look both ways": (ahead - here) / h,
        "this is a backward difference: look both ways": (here - back) / h,
        "a forward difference, divided by 2 * step: look both ways": (ahead - here) / (2 * h),
        "the two values of f are subtracted the wrong way round": -right,
        "the two values of f are added: subtract them": np.sum(SLOPES * x**3) / h + 0 * x,
        "f(up) is f(down): both move the same way, or both are one array": 0 * x,
        "all entries move at once: only one of them should": together,
        "the step is eps everywhere: it should follow |x|": SLOPES * (3 * x**2 + eps**2),
        "the step follows the largest entry of x: each entry has a step of its own": SLOPES
        * (3 * x**2 + (eps * np.max(np.abs(x), initial=1.0)) ** 2),
        "the step is eps * |x|: where |x| is below 1 it should be eps": SLOPES
        * (3 * x**2 + (eps * np.abs(x)) ** 2),
        "eps has no effect: the step is tiny, or this is the gradient that was given": SLOPES
        * 3
        * x**2,
        "the step is eps * (1 + |x|): it should be eps * max(1, |x|)": SLOPES
        * (3 * x**2 + (eps * (1 + np.abs(x))) ** 2),
        "eps is missing: this is the step max(1, |x|) itself": SLOPES
        * (3 * x**2 + np.maximum(1, np.abs(x)) ** 2),
        "an entry that has moved is not put back: start each one from a fresh copy": (piled + sunk)
        / (2 * h),
        "up and down are one array, which is not put back": kept / (2 * h),
    }


def gradient_check_measured(gradient_check: Function, draw: int = 0) -> None:
    """Check the measured gradient for three steps, at x.T, for eps left out, and a large x."""
    x = points(draw, (3, 4), 0.3, 3.0) * np.where(points(draw + 1, (3, 4)) > 0, 1, -1)
    with may_measure(), supplied(relative_error=checking()["relative_error"]):
        steps = (0.1, 0.02, 1e-3)
        cubes, claimed = ("cubes", SLOPES, 0.0), 3 * SLOPES * x**2
        for eps, (_, measured) in zip(
            steps, runs_of(gradient_check, [(cubes, x, claimed, eps) for eps in steps]), strict=True
        ):
            h = eps * np.maximum(1, np.abs(x))
            right = SLOPES * (3 * x**2 + h**2)
            check_close(
                measured,
                right,
                what=f"the measured gradient of sum(w * x ** 3) with eps = {eps:g}",
                rtol=1e-8,
                mistakes=unlike(_slips(x, h, eps), right),
                x=x,
            )
        turned = points(draw + 2, (4, 3), 0.3, 3.0).T
        right = 3 * SLOPES * turned**2
        check_close(
            next(runs_of(gradient_check, [(cubes, turned, right)]))[1],
            right,
            what="the measured gradient at x.T",
            rtol=1e-6,
            mistakes={
                "ravel() or reshape(-1) of x.T is a copy: what is stored there is lost": 0 * right
            },
        )
        low = np.array([0.0, 1.5, -0.25])
        h = 1e-5 * np.maximum(1, np.abs(low))
        flat = np.array([1.0, 2.0, 4.0]) * h**2
        bent = "cubes", np.array([1.0, 2.0, 4.0]), low
        measured = next(runs_of(gradient_check, [(bent, low, 0 * low)]))[1]
        check_close(
            measured,
            flat,
            what="the measured gradient of sum(w * (x - x0) ** 3) at x0, eps left out",
            rtol=1e-4,
            mistakes={
                f"the default of eps is not 1e-5: this is {other:g}": flat * (other / 1e-5) ** 2
                for other in (1e-3, 1e-4, 1e-6, 1e-7, 1e-8)
            },
        )
        for far in (1e8, -3e11):
            x = np.array([far, 0.5 * far, 1 + draw % 5])
            check_close(
                next(runs_of(gradient_check, [(("half squares",), x, x)]))[1][:2],
                x[:2],
                what=f"the measured gradient of sum(x ** 2) / 2 at x = {far:g} and half of it",
                rtol=1e-6,
                hint="the step must follow the size of x",
            )


def _cut(f: Function, x: Any) -> dict[str, Any]:
    """Return what becomes of slopes whose points are stored as integers."""
    if x.dtype.kind != "i":
        return {"x stays float32, which rounds the step: copy it as float64": _short(f, x)}
    h = 1e-5 * np.maximum(1, np.abs(x))
    cut = 0.0 * x
    for i in range(x.size):
        step = h * (np.arange(x.size) == i)
        cut[i] = (f(np.trunc(x + step)) - f(np.trunc(x - step))) / (2 * h[i])
    said = "the points are stored as integers, which cuts the step off"
    return {said: cut, f"{said}, and so are the slopes": np.trunc(cut)}


def _short(f: Function, x: Any) -> Floats:
    """Return the slopes that are measured at points of the dtype of x."""
    slopes = np.zeros(x.shape)
    for at in np.ndindex(x.shape):
        h, up, down = 1e-5 * max(1.0, abs(x[at])), x.copy(), x.copy()
        up[at] += h
        down[at] -= h
        slopes[at] = (f(up) - f(down)) / (2 * h)
    return slopes


def gradient_check_dtypes(gradient_check: Function, draw: int = 0) -> None:
    """Check integers and float32: everything is computed in float64."""
    whole = np.array([2, -3, 1 + draw % 4])
    short = points(draw, (3, 4)).astype(np.float32)
    short[0, 1], short[2, 2] = 100.0, 0.0
    exact = short.astype(float)
    with may_measure(), supplied(relative_error=checking()["relative_error"]):
        for name, f, x, right in (
            ("integers", ("cubes", 1, 0), whole, 3.0 * whole**2),
            ("a float32 x", ("sin", 1), short, np.cos(exact)),
        ):
            error, measured = next(runs_of(gradient_check, [(f, x, right)]))
            check_close(
                measured,
                right,
                what=f"the measured gradient for {name}",
                rtol=1e-6,
                atol=1e-8,
                dtype=np.float64,
                mistakes={
                    **_cut(here(function_of, *f), np.asarray(x)),
                    "the slopes are stored as integers, which cuts them off": (np.trunc(right)),
                    "the slopes are cut off, being stored as integers": (np.trunc(right - 1e-6)),
                },
            )
            check_close(
                error,
                0.0,
                what=f"the error of the right gradient at {name}",
                atol=1e-5,
                hint=BLAMED,
            )
        _check_claim_of_integers(gradient_check, draw)


def _check_claim_of_integers(gradient_check: Function, draw: int) -> None:
    """Check that a claim of integers leaves the measured slopes their decimals."""
    __tracebackhide__ = True
    x = points(draw + 1, (4,), 0.3, 0.9)
    check_close(
        next(runs_of(gradient_check, [(("sin", 1), x, np.array([1, 2, 1, 3]))]))[1],
        np.cos(x),
        what="the measured gradient where the claimed one holds integers",
        rtol=1e-6,
        dtype=np.float64,
        mistakes={
            "the measured slopes are stored in the dtype of the claimed ones, here integers": (
                np.trunc(np.cos(x))
            )
        },
    )


@kept
def _errors(factor: float) -> dict[str, float]:
    """Return what other measures say of a gradient that is `factor` times the right one."""
    off, size = abs(factor - 1), max(abs(factor), 1.0)
    slips = {
        "one sign of the difference is lost": 0.0,
        "divided by |a| + |b|, not by the larger one": off / (abs(factor) + 1),
        "divided by the measured gradient, not by the larger of the two": off,
        "this is half of the error": off / size / 2,
        "this is a third of the error": off / size / 3,
        "two times step is lost: the measured gradient is twice too large": abs(factor - 2)
        / max(abs(factor), 2),
    }
    return unlike(slips, off / size, rtol=1e-2)


def gradient_check_wrong(gradient_check: Function, draw: int = 0) -> None:
    """Check the error of wrong gradients: in one small entry, in all, NaN, and infinite."""
    spot = points(draw, (4,), 0.2, 0.9)
    slants = [np.array([1.0, -2.0, 0.5, small]) for small in (1e-6, 1e-9)]
    scaled = [(f, u) for f in (1.001, 0.999, 0.5, 3.0, 0.0, -1.0) for u in (1.0, 1e-15, 1e-100)]
    odd = np.array([np.cos(spot), np.cos(spot)])
    odd[:, draw % 4] = np.nan, np.inf
    with may_measure(), supplied(relative_error=checking()["relative_error"]):
        runs = runs_of(
            gradient_check,
            [
                *((("linear", slant, 0.0), spot, slant * [1, 1, 1, -1]) for slant in slants),
                *((("sin", unit), spot, factor * unit * np.cos(spot)) for factor, unit in scaled),
                *((("sin", 1.0), spot, claimed) for claimed in odd),
            ],
        )
        for small, rtol in ((1e-6, 0.01), (1e-9, 0.25)):
            check_close(
                next(runs)[0],
                2.0,
                what=f"the error of a gradient with an entry {-small:g} that should be {small:g}",
                rtol=rtol,
                mistakes={
                    "the flipped entry is hidden by the large ones, or by too much noise": 0.0,
                    "1 means that one side is 0: is the measured gradient right?": 1.0,
                },
                hint="a slope this small drowns if the step is much smaller than 1e-5",
            )
        for factor, unit in scaled:
            check_close(
                next(runs)[0],
                abs(factor - 1) / max(abs(factor), 1.0),
                what=f"the error of a gradient times {factor:g}, all slopes near {unit:g}",
                rtol=2e-3,
                mistakes=_errors(factor),
            )
        for bad in (np.nan, np.inf):
            check_close(
                next(runs)[0],
                np.inf,
                what=f"the error of a gradient with one entry {bad}",
                mistakes={"NaN passes no comparison: the error must be inf": np.nan},
            )


def gradient_check_right(gradient_check: Function, draw: int = 0) -> None:
    """Check right gradients that are hard to measure, and how much noise is forgiven."""
    base = points(draw, (3,), -2.0, 2.0)
    slant = np.array([1.0, 0.5, 1e-11])
    grid = np.array([[1e4, -2.0 - draw % 3], [3e7, 0.1], [0.0, 5.0]])
    cases: list[tuple[str, tuple[Any, ...], Floats, Floats]] = [
        ("sum(exp(x))", ("exp",), base, np.exp(base)),
        ("1 + 1e-15 * sum(x)", ("linear", 1e-15, 1), base, 0 * base + 1e-15),
        ("x[0] ** 2", ("first square",), base, np.array([2 * base[0], 0, 0])),
        ("a constant", ("constant", 2.5), base, 0 * base),
        ("sum(log(1 + x ** 2))", ("log",), grid, 2 * grid / (1 + grid**2)),
    ]
    for offset in (1.0, -40.0, 1e6):
        named = f"{offset:g} + x[0] + x[1] / 2 + 1e-11 * x[2]"
        cases.append((named, ("linear", slant, offset), base, slant))
    with may_measure(), supplied(relative_error=checking()["relative_error"]):
        runs = runs_of(gradient_check, [(f, x, right) for _, f, x, right in cases])
        for (name, made, x, right), (error, measured) in zip(cases, runs, strict=True):
            f = here(function_of, *made)
            off, size = np.abs(_short(f, x) - right), np.maximum(np.abs(_short(f, x)), abs(right))
            plain = float((off / np.where(size > 0, size, 1)).max())
            check_close(
                error,
                0.0,
                what=f"the error of the right gradient of {name}",
                atol=1e-5,
                hint=BLAMED,
                mistakes={
                    "the noise of the measurement is not forgiven": plain,
                    **_negative_noise(f, x, off, size),
                }
                if plain > 1e-5 and np.allclose(measured, _short(f, x), rtol=1e-6, atol=0)
                else {},
            )
        _check_noise(gradient_check, 2.0 + draw % 5)


def _negative_noise(f: Function, x: Floats, off: Floats, size: Floats) -> dict[str, float]:
    """Return the error if the noise takes the sign of f, where f is negative."""
    if f(x) >= 0:
        return {}
    noise = 10 * 2.2e-16 * f(x) / (1e-5 * np.maximum(1, np.abs(x)))
    said = "the noise is negative where f is: take the sizes of both values of f"
    return {said: float(((off - noise) / size).max())}


def _check_noise(gradient_check: Function, size: float) -> None:
    """Check what is left of a claim of four noises where f has no slope."""
    __tracebackhide__ = True
    unit = 10 * 2.2e-16
    for x in (100.0, 0.5):
        step = 1e-5 * max(1.0, x)
        noise = unit * size / step
        check_close(
            next(
                runs_of(
                    gradient_check, [(("constant", -size), np.array([x]), np.array([4 * noise]))]
                )
            )[0],
            0.75,
            what=f"the error of a gradient of 4 noises at x = {x:g}, where f is -{size:g} "
            "everywhere",
            rtol=0.02,
            mistakes=unlike(
                {
                    "the noise lacks its factor 10": 0.975,
                    "the noise is half of what it should be: the errors of both values add up": (
                        0.875
                    ),
                    "the noise is twice as large: divide by the distance of the two points": 0.5,
                    "the noise is divided by eps, not by the step": max(0.0, 1 - step / 4e-5),
                    "hardly any noise is forgiven: is it missing, or is 2.2e-16 there twice?": 1.0,
                    "the noise has a minus: take the size of f": 1.25,
                },
                0.75,
                rtol=0.02,
            ),
        )
    # f rises along the first axis only, evenly to both sides: it has more noise there
    at = np.array([0.0, 0.5, -0.25])
    noise = unit * size / 0.5
    check_close(
        next(
            runs_of(gradient_check, [(("steep", size), at, np.array([0.0, 4 * noise, 0.0]), 0.5)])
        )[0],
        0.75,
        what="the error of 4 noises in entry 1, where moving entry 0 makes f larger",
        rtol=0.02,
        mistakes={
            "one noise is taken for all entries: each has its own": 0.0,
            "hardly any noise is forgiven: is it missing, or is 2.2e-16 there twice?": 1.0,
        },
    )
