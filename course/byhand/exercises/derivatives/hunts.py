"""Exercise 1.14: bug hunts. Proofs and corrections are measured, or compared with exact slopes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from byhand.checks import (
    CheckFailed,
    check_close,
    check_counterexample,
    check_parts,
    scenario,
    supplied,
)
from byhand.checks.failures import brief
from byhand.differences.calls import Function
from byhand.exercises.batches import here, results_of
from byhand.exercises.samples import Floats, kept, points

NUMBERS = (int, float, np.number)
LUCK = (
    "between 1e4 and 1e9 the roundings of x + h and x - h may cancel by luck, above all where x "
    "has few digits: take a number beside it, or go further"
)


def _arguments(returned: object, names: Sequence[str], what: str) -> Any:
    """Return the arguments of a proof: a tuple with a number for each name.

    A single number counts as the tuple of one; what is no tuple is left to `check_counterexample`.
    """
    __tracebackhide__ = True
    if len(names) == 1 and isinstance(returned, NUMBERS):
        return (returned,)
    if isinstance(returned, NUMBERS):
        form = f"({', '.join(names)}), a tuple"
        raise CheckFailed(
            f"{what} must return {form}", actual=brief(returned), likely="one number is returned"
        )
    if isinstance(returned, tuple):
        for name, part in zip(names, check_parts(returned, names, what=what), strict=True):
            if not isinstance(part, NUMBERS) or isinstance(part, bool):
                raise CheckFailed(
                    f"{what}: {name} must be a single number",
                    actual=brief(part),
                    likely="an array proves nothing here, even an array of one number"
                    if isinstance(part, np.ndarray)
                    else None,
                )
    return returned


def _check_changed(f: Function, given: Function, cases: Iterable[Sequence[Any]], what: str) -> None:
    """Fail, without showing where the bug is, if `f` still returns what the given function does."""
    __tracebackhide__ = True
    pairs = ((f(*case), given(*case)) for case in cases)
    if all(isinstance(now, NUMBERS) and now == before for now, before in pairs):
        raise CheckFailed(
            f"{what} still returns what the given function returns",
            likely="nothing is fixed yet: prove the bug first, then fix the function",
        )


@scenario
def _beside() -> Any:
    """Return what stands for earlier answers, and a function to be measured."""

    def power_derivative(x: float, n: float) -> float:
        return n * float(x) ** (n - 1) if n else 0.0

    def central_difference(f: Function, x: float, h: float) -> Any:
        return (f(x + h) - f(x - h)) / (2 * h)

    def forward_difference(f: Function, x: float, h: float) -> Any:
        return (f(x + h) - f(x)) / h

    def cube_and_line(x: Floats) -> Floats:
        return x**3 + x

    return {
        "power_derivative": power_derivative,
        "central_difference": central_difference,
        "forward_difference": forward_difference,
        "cube_and_line": cube_and_line,
    }


_, _central, _, _cube_and_line = here(_beside).values()


# -- hunt 1: the slope of a power ------------------------------------------------------------


def _given_power_slope(x: float, n: float) -> float:
    return 0.0 if x == 0 else float(n * float(x) ** (n - 1))


def _polynomial_slope(x: float, n: float) -> float:
    """Return the slope of x ** n by the rule for polynomials, which has no special case."""
    power = np.polynomial.Polynomial.basis(int(n))
    return float(power.deriv()(x))


def power_slope_proof(counterexample_1: Function, draw: int = 0) -> None:
    """Check that the given function is wrong at (x, n), for a whole number n from 0 up."""
    what = "counterexample_1()"
    returned = _arguments(counterexample_1(), ("x", "n"), what)
    likely = None
    if isinstance(returned, tuple):
        x, n = returned
        if n not in range(1000):
            raise CheckFailed(
                f"{what}: n must be a whole number, from 0 up to 999",
                actual=brief(returned),
                likely="n is negative" if n < 0 else "n is not whole" if n != int(n) else None,
            )
        likely = (
            "where x is not 0, the given function uses the general rule, which is right there"
            if x
            else f"at x = 0 the given function returns 0, which is right for n = {n}"
        )
    check_counterexample(returned, _given_power_slope, _polynomial_slope, what=what, likely=likely)


def power_slope_values(power_slope: Function, draw: int = 0) -> None:
    """Check the slope of x ** n at x = 0 and elsewhere, for seven exponents n, 0 among them."""
    near, far = (float(x) for x in points(draw, (2,), 1.1, 2.5))
    flat = "only the line, n = 1, has the slope 1 at x = 0"
    constant = "x ** 0 is 1 everywhere, so its slope is 0"
    cases: list[tuple[float, int, dict[str, float]]] = [
        (
            x,
            n,
            {
                "the factor n is missing": x ** (n - 1),
                "the exponent does not go down by 1": n * x**n,
                "this is x ** n itself": x**n,
                "the slope is 0 at x = 0 only": 0.0,
            },
        )
        for x, n in ((-near, 3), (far, 5), (-far, 2))
    ]
    cases += [
        (-far, 1, {"the line y = x has the slope 1 everywhere": 0.0}),
        (near, 0, {constant: 1.0}),
        (0.0, 1, {"still 0 as in the given function, where the line y = x has the slope 1": 0.0}),
        (0, 1, {}),
        (0.0, 0, {constant: 1.0}),
        (0.0, 2, {flat: 1.0}),
        (0.0, 3, {flat: 1.0}),
    ]
    inputs = [(x, n) for x, n, _ in cases]
    _check_changed(power_slope, _given_power_slope, inputs, "power_slope")
    with supplied(power_derivative=_beside()["power_derivative"]):
        found = results_of(power_slope, inputs)
        for (x, n, mistakes), slope in zip(cases, found, strict=True):
            check_close(
                slope,
                _polynomial_slope(x, n),
                what=f"power_slope({x}, {n})",
                mistakes=mistakes,
            )


# -- hunt 2: a measured slope ----------------------------------------------------------------


def _given_measured_slope(f: Function, x: float) -> Any:
    return _central(f, x, 1e-6)


def measured_slope_proof(counterexample_2: Function, draw: int = 0) -> None:
    """Check that the given function is wrong for np.square at x, from 1 to 1e100 in size."""
    what = "counterexample_2()"
    returned = _arguments(counterexample_2(), ("x",), what)
    lucky, likely = False, None
    if isinstance(returned, tuple):
        size = abs(float(returned[0]))
        if not 1 <= size <= 1e100:
            raise CheckFailed(
                f"{what}: x must be from 1 to 1e100 in size",
                actual=brief(returned),
                likely=f"x is too {'small' if size < 1 else 'large'}",
            )
        lucky = 1e4 <= size <= 1e9
        if size < 1e4:
            likely = "at this size of x the step is a good one"
    check_counterexample(
        returned,
        lambda x: _given_measured_slope(np.square, float(x)),
        lambda x: 2.0 * x,
        what=what,
        likely=likely or (LUCK if lucky else None),
    )


def measured_slope_values(measured_slope: Function, draw: int = 0) -> None:
    """Check slopes of x ** 3 + x and x ** 2, to one part in a million, for x of all sizes."""
    sizes = np.array([1.0, -1.0, 0.02, 3e5, -4e7, 1e9, 1e12, -1e15])
    numbers = [*(points(draw, sizes.shape, 1.1, 2.5) * sizes), 0.0]
    helpers = _beside()
    f = helpers.pop("cube_and_line")
    inputs = [(_cube_and_line, float(x)) for x in numbers]
    with supplied(**helpers):
        _check_changed(measured_slope, _given_measured_slope, inputs, "measured_slope")
        for name, g, calls, slope in (
            ("x ** 3 + x", _cube_and_line, [(f, x) for _, x in inputs], lambda x: 3 * x**2 + 1),
            ("x ** 2", np.square, [(np.square, x) for _, x in inputs], lambda x: 2 * x),
        ):
            found = results_of(measured_slope, calls)
            for (_, x), measured in zip(inputs, found, strict=True):
                check_close(
                    measured,
                    slope(x),
                    what=f"measured_slope of {name} at {x:g}",
                    rtol=1e-6,
                    atol=1e-9 if x == 0 else 0.0,
                    mistakes=_steps_not_fit(g, x),
                )


@kept
def _steps_not_fit(f: Function, x: float) -> dict[str, float]:
    """Return what steps measure that do not fit x, by the sentence that says so."""
    said, scale = {}, max(1.0, abs(x))
    with np.errstate(all="ignore"):
        for h in 10.0 ** np.arange(0, -13, -1):
            said[f"this is what the step {h:g} measures: it must follow the size of x"] = h
        # 1e-14 and 1e-15 can reach the same two floats, and so measure the same
        for h in 10.0 ** np.array([-1, -2, -3, -11, -12, -13, -16]):
            size = "large" if h > 1e-6 else "small"
            said[f"this is what a step of {h:g} |x| measures: it is too {size}"] = h * scale
        found = {sentence: float(_central(f, x, h)) for sentence, h in said.items()}
    found = {sentence: slope for sentence, slope in found.items() if slope}
    if x:
        found["f(x + h) equals f(x - h): the step is too small for an x this large"] = 0.0
    h = 1e-6 * scale
    found["a / 2 * h divides by 2 and multiplies by h: bracket 2 * h"] = _central(f, x, h) * h**2
    if f is _cube_and_line:
        found["2 * x is the slope of x ** 2 alone: measure f"] = 2 * x
    return found


# -- hunt 3: the slope of leaky ReLU ---------------------------------------------------------


def _leaky(x: float, alpha: float) -> float:
    return x if x > 0 else alpha * x


def _given_leaky_slope(x: float, alpha: float) -> float:
    return 1.0 if x > alpha * x else alpha


def _slope_of_ray(x: float, alpha: float) -> float:
    """Return the slope of the ray from 0 through (x, leaky(x)); alpha at x = 0."""
    side = float(np.sign(x))
    return _leaky(side, alpha) * side if side else alpha


def leaky_slope_proof(counterexample_3: Function, draw: int = 0) -> None:
    """Check that the given function is wrong at (x, alpha)."""
    what = "counterexample_3()"
    returned = _arguments(counterexample_3(), ("x", "alpha"), what)
    likely = None
    if isinstance(returned, tuple):
        x, alpha = returned
        if x == 0:
            likely = "at x = 0 this course takes the slope alpha, as the given function does"
        elif alpha < 1:
            likely = f"with alpha = {alpha}, x > alpha * x is the same as x > 0"
        elif alpha == 1:
            likely = "with alpha = 1 the slope is 1 on both sides, so no condition matters"
    check_counterexample(returned, _given_leaky_slope, _slope_of_ray, what=what, likely=likely)


def _alpha_at_worst(found: Sequence[Any], slopes: Sequence[float], alphas: Floats) -> str | None:
    """Return which alpha the worst result belongs to, for the message that names its x."""
    if not all(isinstance(slope, NUMBERS) and np.isfinite(slope) for slope in found):
        return None
    return f"alpha is {alphas[np.argmax(np.abs(np.subtract(found, slopes)))]:g} there"


def leaky_slope_values(leaky_slope: Function, draw: int = 0) -> None:
    """Check the slope on both sides and at 0, for alpha below 0, from 0 to 1, and above 1."""
    x = points(draw, (3,), 0.3, 3.0)
    alpha = np.array([-1.0, 0.1, 1.0]) * points(draw + 1, (3,), 1.2, 4.0)
    pairs = [(float(s * a), float(b)) for s in (1, -1, 0) for a, b in zip(x, alpha, strict=True)]
    xs, alphas = np.array(pairs).T
    trusted = {
        "leaky_relu": lambda x, alpha=0.01: np.where(np.asarray(x) > 0, x, alpha * np.asarray(x)),
        "leaky_relu_derivative": lambda x, alpha=0.01: np.where(np.asarray(x) > 0, 1.0, alpha),
    }
    with supplied(**trusted):
        _check_changed(leaky_slope, _given_leaky_slope, pairs, "leaky_slope")
        found = [leaky_slope(a, b) for a, b in pairs]
    slopes = [_slope_of_ray(a, b) for a, b in pairs]
    check_close(
        found,
        slopes,
        what="leaky_slope(x, alpha), for nine pairs,",
        x=xs,
        hint=_alpha_at_worst(found, slopes, alphas),
        mistakes={
            "the comparison of x with alpha * x points the other way": np.where(
                xs < alphas * xs, 1.0, alphas
            ),
            "1 and alpha are swapped": np.where(xs > 0, alphas, 1.0),
            "right for x from 0 up, but a negative x gets 1 where alpha is above 1": np.where(
                (xs > 0) | (xs > alphas * xs), 1.0, alphas
            ),
            "right for negative x, but a positive x gets alpha where it is above 1": np.where(
                (xs > 0) & (xs > alphas * xs), 1.0, alphas
            ),
            "an alpha above 1 is replaced by 1": np.where(xs > 0, 1.0, np.minimum(alphas, 1.0)),
            "the size of alpha is taken: a negative alpha loses its sign": np.where(
                xs > 0, 1.0, np.abs(alphas)
            ),
            "the sign of alpha is flipped": np.where(xs > 0, 1.0, -alphas),
            "0.01 is only the default of exercise 1.11: use alpha": np.where(xs > 0, 1.0, 0.01),
            "this is leaky ReLU itself, not its slope": np.where(xs > 0, xs, alphas * xs),
            "alpha * x is the value: its slope is asked for": np.where(xs > 0, 1.0, alphas * xs),
            "this is the larger one of 1 and alpha, whatever x is": np.maximum(1.0, alphas),
            "always alpha: the positive side has the slope 1": alphas,
            "always 1: the negative side has the slope alpha": np.ones_like(alphas),
        },
    )
