"""Exercise 3.11: bug hunts. Proofs are judged by measuring, corrections on several inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from byhand import differences
from byhand.checks import CheckFailed, check_close, check_counterexample, check_unchanged, supplied
from byhand.checks.failures import brief
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, kept, points

NUMBERS = (int, float, np.number)
AS_GIVEN = "this is still what the given function returns"

# -- hunt 1: the slope of x ** x ------------------------------------------------------------


def _given_self_power_slope(x: float) -> float:
    return float(x) * float(x) ** (float(x) - 1)


def self_power_proof(counterexample_1: Function, draw: int = 0) -> None:
    """Check that the given function disagrees with the measured slope of x ** x, for an x > 0."""
    what = "counterexample_1()"
    returned = counterexample_1()
    arguments = (returned,) if isinstance(returned, NUMBERS) else returned
    if isinstance(arguments, tuple):
        if len(arguments) != 1 or not isinstance(arguments[0], NUMBERS):
            raise CheckFailed(f"{what} must return (x,), with one number x", actual=brief(returned))
        if not arguments[0] > 0:
            raise CheckFailed(
                f"{what}: x must be positive",
                actual=brief(returned),
                likely="at x = 0 the power x ** x has no slope"
                if arguments[0] == 0
                else "x ** x is no real number for most negative x",
            )
        if arguments[0] > 100:
            raise CheckFailed(
                f"{what}: x must be at most 100", actual=brief(returned),
                likely="x ** x grows too large to measure its slope",
            )  # fmt: skip
    check_counterexample(
        arguments,
        _given_self_power_slope,
        lambda x: differences.derivative(lambda t: t**t, float(x)).value,
        what=what,
        likely="ln x is 0 or almost 0 there, and with it the path that the function forgets",
        hint="x reaches x ** x by two paths; where does the forgotten one contribute nothing?",
    )


@kept
def _slips_of_powers(x: Floats) -> dict[str, Any]:
    power, log, down = x**x, np.log(x), x ** (x - 1)
    return {
        "x ** x multiplies ln x alone here; the base's path has it, too: look at the brackets": (
            power * log + 1
        ),
        "x stands for ln x in the exponent's path": power * (1 + x),
        "x stands for the 1 of the base's path: x * x ** (x - 1) is x ** x": power * (log + x),
        "the base's path lacks its factor x: x * x ** (x - 1) is x ** x": down + power * log,
        "x ** (x - 1) is in both paths: the exponent's path has x ** x": down * (log + 1),
        "the exponent's path has a factor x too many": power * (x * log + 1),
        "x ** x is multiplied by ln x and by x: the two paths add": power * log * x,
        "this is the decimal logarithm: ln is np.log": power * (np.log10(x) + 1),
        "this is the logarithm to the base 2: ln is np.log": power * (np.log2(x) + 1),
        "exp(x) stands for ln x": power * (np.exp(x) + 1),
        "1 / x, the slope of ln x, stands for ln x itself": power * (1 / x + 1),
        "the 1 is inside the logarithm: it is added to ln x": power * np.log(x + 1),
        "1 is added to the right slope": power * (log + 1) + 1,
        "x stands for x ** x": x * (log + 1),
        "x stands for x ** x in the exponent's path, and 1 in the other": x * log + 1,
        "ln x is added once more, without x ** x": (power + 1) * log,
        "the two paths are multiplied: they add": power * log * power,
    }


def self_power_values(self_power_slope: Function, draw: int = 0) -> None:
    """Check the slope at seven numbers, below 1, at 1 and above it."""
    x = np.array([*points(draw, (3,), 0.05, 0.9), 1.0, *points(draw + 1, (3,), 1.2, 4.0)])
    power = x**x
    with supplied(derivative=lambda f, x: np.imag(f(x + 1e-30j)) / 1e-30):
        found = [self_power_slope(float(number)) for number in x]
    log = np.log(x)
    check_close(
        found,
        power * (log + 1),
        what="self_power_slope(x) at seven numbers x",
        rtol=1e-11,
        atol=1e-12,
        x=x,
        terms={"of the exponent's path": {"x**x": power, "ln x": log}, "of the base's path": power},
        mistakes={
            **_slips_of_powers(x),
            "only the base's path is there, as in the given function": power,
            "only the exponent's path is there": power * log,
            "the size of ln x is taken; below 1 the logarithm is negative": power * (abs(log) + 1),
            "the exponent's path is lost below 1, where the logarithm is negative": power
            * (np.maximum(log, 0) + 1),
            "this is x ** x plus its logarithm": power + log,
            "the inner slope alone, without x ** x": log + 1,
            "the inner slope is that of ln x, without the x before it": power / x,
        },
    )


# -- hunt 2: the gradient through a ReLU -------------------------------------------------------


def _given_input_gradient(W: Any, b: Any, x: Any) -> Any:
    W, x = np.asarray(W, dtype=float), np.asarray(x, dtype=float)
    return W.T @ (2 * (W @ x + b) * (x > 0))


def _loss(W: Floats, b: Floats, x: Floats) -> Any:
    return np.sum(np.maximum(W @ x + b, 0) ** 2)


@kept
def _measured(W: Any, b: Any, x: Any) -> Any:
    layer = [np.asarray(part, dtype=float) for part in (W, b, x)]
    return differences.gradient(_loss, *layer, argnum=2).value


def relu_mask_proof(counterexample_2: Function, draw: int = 0) -> None:
    """Check that the given function disagrees with the measured gradient for (W, b, x)."""
    what = "counterexample_2()"
    returned = counterexample_2()
    if isinstance(returned, tuple):
        _check_layer(returned, what)
    check_counterexample(
        returned,
        _given_input_gradient,
        _measured,
        what=what,
        likely=_harmless_mask(returned),
        hint="look for a neuron that is on where the given function takes it for off, or the "
        "reverse",
    )


def _harmless_mask(returned: Any) -> str | None:
    """Return why the given function is right for a layer, where it is."""
    if not isinstance(returned, tuple):
        return None
    W, b, x = (np.asarray(part, dtype=float) for part in returned)
    z = W @ x + b
    if z.shape == x.shape and np.array_equal(z > 0, x > 0):
        return "each z is above 0 exactly where its x is: both masks are the same"
    if z.shape != x.shape:
        return None
    return "the masks differ only where nothing is passed back, because z or the weights are 0"


def _check_layer(returned: tuple[Any, ...], what: str) -> None:
    __tracebackhide__ = True
    if len(returned) != 3:
        raise CheckFailed(f"{what} must return (W, b, x)", actual=brief(returned))
    shapes = [np.shape(part) for part in returned]
    if any(len(shape) != 2 for shape in shapes):
        raise CheckFailed(
            f"{what}: W, b and x must be matrices",
            expected="shapes (n_out, n_in), (n_out, 1) and (n_in, B)",
            actual=f"shapes {', '.join(map(str, shapes))}",
        )
    (n_out, n_in), rows, batch = shapes
    if rows != (n_out, 1) or batch[0] != n_in:
        raise CheckFailed(
            f"{what}: the shapes don't belong together",
            expected=f"for W of shape {shapes[0]}: b of shape ({n_out}, 1), x of ({n_in}, B)",
            actual=f"shapes {', '.join(map(str, shapes))}",
        )


def relu_mask_values(input_gradient: Function, draw: int = 0) -> None:
    """Check the gradient for layers of four shapes, square and not; nothing is changed."""
    for k, (n_out, n_in, batch) in enumerate(((5, 5, 4), (3, 5, 4), (5, 3, 7), (4, 3, 1))):
        W, b = points(draw + k, (n_out, n_in)), points(draw + k + 10, (n_out, 1), 0.5, 3.0)
        b[::2] *= -1
        x = points(draw + k + 20, (n_in, batch))
        z = W @ x + b
        on = z > 0
        slips = {
            "the mask is missing: neurons that are off pass something back": W.T @ (2 * z),
            "the slope 2a of the square is missing": W.T @ (1.0 * on),
            "the square itself is taken for its slope, 2a": W.T @ np.maximum(z, 0) ** 2,
            "the factor 2 is missing": W.T @ (z * on),
            "the bias is missing where z decides": W.T @ (2 * z * (W @ x > 0)),
            "the bias is missing in z": W.T @ (2 * np.maximum(W @ x, 0)),
            "a neuron is on where z is positive, not where it is negative": W.T @ (2 * z * ~on),
            "the slope of the square is 2a, not 2": W.T @ (2.0 * on),
            "the size of z is taken: a neuron that is off passes nothing back": W.T
            @ (2 * np.abs(z)),
            "the bias decides the mask, but is missing in 2a": W.T @ (2 * (W @ x) * on),
            "W.T is missing: this is the gradient with respect to z": 2 * z * on,
            "a is squared: the slope of a**2 is 2a": W.T @ (2 * z**2 * on),
            "this is the gradient with respect to W": (2 * z * on) @ x.T,
            "the sum of z over the neurons decides: each has a mask of its own": W.T
            @ (2 * z * (z.sum(axis=0) > 0)),
        }
        if n_out == n_in:
            slips[AS_GIVEN] = W.T @ (2 * z * (x > 0))
            slips["both x and z decide here; it is z alone"] = W.T @ (2 * z * (on & (x > 0)))
            slips["W is no longer transposed"] = W @ (2 * z * on)
            slips["x stands for z in 2a"] = W.T @ (2 * x * on)
            early = "the mask comes after W.T; it belongs to z, before the sum over the neurons"
            slips[early] = W.T @ (2 * z) * on
            slips["x decides here, after W.T; it is z, before W.T"] = W.T @ (2 * z) * (x > 0)
            slips["x decides once more, after W.T; it is z alone"] = W.T @ (2 * z * on) * (x > 0)
        with supplied(relu_layer_gradients=_relu_layer_gradients):
            found = check_unchanged(input_gradient, W, b, x, what="input_gradient")
        check_close(
            found,
            W.T @ (2 * z * on),
            what=f"input_gradient for n_out = {n_out}, n_in = {n_in} and B = {batch}",
            rtol=1e-9,
            relative_to="largest",
            mistakes=slips,
        )


def _relu_layer_gradients(W: Floats, b: Floats, x: Floats) -> tuple[Any, Any, Any]:
    delta = 2 * np.maximum(W @ x + b, 0)
    return np.einsum("ik,jk->ij", delta, x), delta.sum(axis=1, keepdims=True), W.T @ delta


# -- hunt 3: the order of the way back ---------------------------------------------------------


def _given_pull_back(jacobians: Sequence[Any], g: Any) -> Any:
    for J in jacobians:
        g = np.asarray(J).T @ np.asarray(g)
    return g


def _measured_pull_back(jacobians: Sequence[Any], g: Any) -> Any:
    def weighted(x: Floats) -> Any:
        for J in jacobians:
            x = np.asarray(J, dtype=float) @ x
        return np.asarray(g, dtype=float) @ x

    start = np.zeros(np.shape(jacobians[0])[1])  # not generic: its slope is the same anywhere
    return differences.gradient(weighted, start).value


def order_proof(counterexample_3: Function, draw: int = 0) -> None:
    """Check that the given function disagrees with the measured gradient for (jacobians, g)."""
    what = "counterexample_3()"
    returned = counterexample_3()
    if isinstance(returned, tuple):
        kinds = list | tuple | np.ndarray
        if len(returned) != 2 or not isinstance(returned[0], kinds) or not len(returned[0]):
            raise CheckFailed(
                f"{what} must return (jacobians, g), with a list of matrices first",
                actual=brief(returned),
            )
        if any(np.ndim(J) != 2 for J in returned[0]) or np.ndim(returned[1]) != 1:
            raise CheckFailed(
                f"{what}: the Jacobians must be matrices, and g a vector", actual=brief(returned)
            )
    single = isinstance(returned, tuple) and len(returned[0]) == 1
    likely = _harmless_order(*returned) if isinstance(returned, tuple) else None
    check_counterexample(
        returned,
        _given_pull_back,
        _measured_pull_back,
        what=what,
        likely=likely,
        hint="a single Jacobian has no order"
        if single
        else "the order matters where A @ B is not B @ A",
    )


def _harmless_order(jacobians: Any, g: Any) -> str | None:
    """Return why the order does not matter, where it doesn't."""
    if len(jacobians) == 1:
        return "with a single Jacobian there is only one order"
    if not np.any(g):
        return "g is 0, and so is whatever is pulled back"
    if any(np.shape(J) != np.shape(jacobians[0]) for J in jacobians):
        return None
    pairs = [(np.asarray(A), np.asarray(B)) for A in jacobians for B in jacobians]
    if all(np.shape(A)[0] == np.shape(A)[1] and np.allclose(A @ B, B @ A) for A, B in pairs):
        return "A @ B is B @ A for these matrices, as it is for diagonal and for equal ones"
    return None


def order_values(pull_back: Function, draw: int = 0) -> None:
    """Check chains of one to three Jacobians, square and not; the list is left as it was."""
    for k, widths in enumerate(((4, 4, 4, 4), (3, 5, 4, 6), (5, 5, 5), (3, 4))):
        pairs = zip(widths, widths[1:], strict=False)
        chain = [points(draw + 10 * k + i, (rows, cols)) for i, (cols, rows) in enumerate(pairs)]
        g = points(draw + 10 * k + 7, (widths[-1],))
        right = np.linalg.multi_dot([*(J.T for J in chain), g])
        slips: dict[str, Any] = {}
        if len(set(widths)) == 1:
            slips = {
                AS_GIVEN + ": the first Jacobian is met first": _given_pull_back(chain, g),
                "the first Jacobian is missing": _given_pull_back(chain[:0:-1], g),
                "the last Jacobian is missing": _given_pull_back(chain[-2::-1], g),
                "only the first Jacobian is met; does the loop start from g each time?": (
                    _given_pull_back(chain[:1], g)
                ),
                "only the last Jacobian is met; is `return` inside the loop?": _given_pull_back(
                    chain[-1:], g
                ),
                "the Jacobians are no longer transposed": (np.linalg.multi_dot([*chain, g])),
                "neither reversed nor transposed: this pushes forward": (
                    np.linalg.multi_dot([*chain[::-1], g])
                ),
            }
        with supplied(vjp=_vjp, jvp=_jvp):
            found = check_unchanged(pull_back, chain, g, what="pull_back")
        check_close(
            found,
            right,
            what=f"pull_back through the widths {widths}",
            rtol=1e-9,
            relative_to="largest",
            mistakes=slips,
        )


def _vjp(jacobians: Sequence[Any], g: Any) -> Any:
    return _given_pull_back(list(jacobians)[::-1], g)


def _jvp(jacobians: Sequence[Any], v: Any) -> Any:
    for J in jacobians:
        v = np.asarray(J) @ np.asarray(v)
    return v
