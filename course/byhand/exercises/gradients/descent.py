"""Exercises 2.11 and 2.12: gradient descent, and Newton's step."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from byhand.checks import check_close, check_shape, check_unchanged, scenario
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, kept, points

Step = Callable[[Floats], Floats]


def _step(grad: Step, rate: float, x: Floats) -> Floats:
    return -rate * grad(x)


def _cut_step(grad: Step, rate: float, at: float, x: Floats) -> Floats:
    return -rate * np.clip(grad(x), -at, at)


def _short_step(grad: Step, rate: float, most: float, x: Floats) -> Floats:
    return -rate * grad(x) * min(1.0, most / float(np.linalg.norm(grad(x))))


def _unit_step(grad: Step, rate: float, x: Floats) -> Floats:
    return -rate * grad(x) / np.linalg.norm(grad(x))


def _bend(x: Floats) -> Floats:
    """Return a gradient in three dimensions that differs from point to point."""
    return np.array([np.cos(x[0]) + x[1], 2 * x[1] * x[2] + 1, x[1] ** 2 + 3 * x[2]])


def _slope(x: Floats) -> Floats:
    """Return a gradient that grows no faster than x, for points far away."""
    return np.array([2 * x[0] + x[1], 3 * x[1] - x[2], 4 * x[2] + 5 * np.sin(x[0])])


def _walk(x: Floats, steps: int, step: Step) -> Floats:
    path = [np.array(x, dtype=float)]
    for _ in range(steps):
        path.append(path[-1] + step(path[-1]))
    return np.array(path)


def _slow(grad: Step, rate: float, power: bool, x0: Floats) -> Floats:
    """Return a path whose learning rate shrinks from step to step, though it is constant."""
    path = [x0]
    for k in range(1, 6):
        path.append(path[-1] - (rate**k if power else rate / k) * grad(path[-1]))
    return np.array(path)


def _in_turn(grad: Step, rate: float, x: Floats) -> Floats:
    """Return a step whose entries are taken one after the other."""
    y = x.copy()
    for i in range(len(y)):
        y[i] -= rate * grad(y)[i]
    return y - x


def _memories(grad: Step, rate: float, x0: Floats) -> dict[str, Any]:
    """Return paths that use earlier gradients, or points other than the latest."""
    right = _walk(x0, 5, partial(_step, grad, rate))
    behind, summed, pushed, alone = [x0], [x0], [x0], [x0]
    total, speed, before = np.zeros_like(x0), np.zeros_like(x0), np.zeros_like(x0)
    for _ in range(5):
        behind.append(behind[-1] - rate * grad(before))
        before = behind[-2]
        total = total + grad(summed[-1])
        summed.append(summed[-1] - rate * total)
        speed = 0.9 * speed - rate * grad(pushed[-1])
        pushed.append(pushed[-1] + speed)
        alone.append(-rate * grad(alone[-1]))
    from_x0 = [x0]
    for _ in range(5):
        from_x0.append(x0 - rate * grad(from_x0[-1]))
    return {
        "each step starts from x0: subtract from the point before": np.array(from_x0),
        "the gradient is taken one point too early: take it at the latest point": np.array(behind),
        "the gradients of all points so far are added up: take the latest": np.array(summed),
        "part of the step before is added, which is momentum: take the gradient alone": np.array(
            pushed
        ),
        "these are the steps alone: add each to the point before": np.array(alone),
        "x0 is stored twice: the first step belongs into the second row": np.array(
            [x0, *right[:5]]
        ),
        "the path starts at 0: x0 is the first row": _walk(0 * x0, 5, partial(_step, grad, rate)),
        "the learning rate is divided by the number of the step: it is constant": _slow(
            grad, rate, False, x0
        ),
        "the learning rate is raised to the number of the step: it is constant": _slow(
            grad, rate, True, x0
        ),
        "the entries move one after the other: take the gradient once for all of them": _walk(
            x0, 5, partial(_in_turn, grad, rate)
        ),
        "only the signs of the gradient are used: take it as it is": _walk(
            x0, 5, lambda x: -rate * np.sign(grad(x))
        ),
        "the step is multiplied by the point, too": _walk(x0, 5, lambda x: -rate * x * grad(x)),
        "half of the learning rate is used": _walk(x0, 5, partial(_step, grad, rate / 2)),
        "twice the learning rate is used": _walk(x0, 5, partial(_step, grad, 2 * rate)),
        "divided by the learning rate, not multiplied": _walk(
            x0, 5, partial(_step, grad, 1 / rate)
        ),
        "a learning rate of 0.1 is used, whatever is passed in": _walk(
            x0, 5, partial(_step, grad, 0.1)
        ),
        "a learning rate of 0.01 is used, whatever is passed in": _walk(
            x0, 5, partial(_step, grad, 0.01)
        ),
    }


def gradient_descent_path(gradient_descent: Function, draw: int = 0) -> None:
    """Check every point of a path of five steps, and of one that begins far away."""
    rate = 0.15
    for grad, x0 in (
        (_bend, points(draw, (3,), 0.4, 1.5) * [1, -1, 1]),
        (_slope, points(draw, (3,), 200, 600)),
    ):
        step = partial(_step, grad, rate)
        right = _walk(x0, 5, step)
        up = _walk(x0, 5, partial(_step, grad, -rate))
        rows = np.arange(6)[:, None]
        unit = _walk(x0, 5, partial(_unit_step, grad, rate))
        cut = {
            f"the gradient is cut off at {at}: take it as it is": _walk(
                x0, 5, partial(_cut_step, grad, rate, at)
            )
            for at in (1, 5, 10, 100)
        } | {
            f"the gradient is shortened to the length {at}: take it as it is": _walk(
                x0, 5, partial(_short_step, grad, rate, at)
            )
            for at in (5, 10, 100)
        }
        check_close(
            gradient_descent(grad, x0.copy(), rate, 5),
            right,
            what=f"gradient_descent(grad, {x0.tolist()}, {rate}, 5)",
            rtol=1e-8,
            relative_to="largest",
            mistakes={
                "the steps go uphill: subtract the gradient": up,
                "all rows are the same array, which moved: store copies": right * 0 + right[-1],
                "the first row moved with x: store a copy of x0": np.where(
                    rows == 0, right[-1], right
                ),
                "x0 is missing: it is the first row": right[1:],
                "these are the points after the steps, without x0 and with one step more": _walk(
                    x0, 6, step
                )[1:],
                "this is the last point alone: the whole path is asked for": right[-1],
                "this is one step too many": _walk(x0, 6, step),
                "this is one step too few": right[:-1],
                "the last row was never written": np.where(rows == 5, 0, right),
                "the gradient is asked for at x0 only: ask again at each point": x0
                - rate * rows * grad(x0),
                "only the first step is taken: is return inside the loop?": np.where(
                    rows > 1, 0, right
                ),
                "this stops after the first step: is return inside the loop?": right[:2],
                "the gradient is scaled to length 1: take it as it is": unit,
                "the learning rate is not used": _walk(x0, 5, partial(_step, grad, 1.0)),
                "every step is the first one again: go on from the point before": np.array(
                    [x0, *[x0 - rate * grad(x0)] * 5]
                ),
                **cut,
                **_memories(grad, rate, x0),
            },
        )


def _bowl(x: Floats) -> Floats:
    return 2 * np.asarray(x)


def gradient_descent_shape(gradient_descent: Function, draw: int = 0) -> None:
    """Check no step at all, one step, one variable, and a path that stands still at the end."""
    x0 = points(draw, (4,), 0.4, 3.0)
    check_close(
        gradient_descent(_bowl, x0.copy(), 0.5, 0),
        x0[None],
        what="gradient_descent with 0 steps",
        mistakes={"with 0 steps the path has one row, and still two axes": x0},
    )
    check_close(
        gradient_descent(_bowl, x0[:1].copy(), 0.25, 1),
        np.outer([1, 0.5], x0[:1]),
        what="gradient_descent with one variable and one step",
        mistakes={
            "the first row moved with x: store a copy of x0": np.outer([0.5, 0.5], x0[:1]),
            "the steps go uphill: subtract the gradient": np.outer([1, 1.5], x0[:1]),
        },
    )
    still = np.outer([1.0, 0, 0, 0, 0], x0)
    check_close(
        gradient_descent(_bowl, x0.copy(), 0.5, 4),
        still,
        what="gradient_descent that reaches the minimum with the first of four steps",
        atol=1e-15,
        mistakes={
            "the path ends where nothing moves: one row for each step all the same": still[:2],
            "the path ends a step later, where nothing moves: one row for each step": still[:3],
        },
    )


@scenario
def _plane(gradient_descent: Function, x0: Floats, slope: Floats, steps: int) -> Any:
    path = gradient_descent(lambda x: slope, x0, 0.5, steps)
    return {"path": path, "x0": x0, "slope": slope}


def gradient_descent_input(gradient_descent: Function, draw: int = 0) -> None:
    """Check integers, and that neither x0 nor what grad returns is changed."""
    whole = np.array([5 + 2 * (draw % 3), -3, 7])
    right = np.outer([1, 0.5, 0.25, 0.125], whole)
    check_close(
        check_unchanged(gradient_descent, _bowl, whole, 0.25, 3, what="gradient_descent"),
        right,
        what=f"gradient_descent from the integers {whole.tolist()}",
        dtype=np.float64,
        mistakes={
            "the points are stored in an array of integers, which cuts them off": _cut(whole),
        },
    )
    x0, slope = points(draw, (3,), 0.5, 3.0), points(draw + 1, (3,), 0.2, 2.0)
    check_unchanged(gradient_descent, _bend, x0.copy(), 0.15, 2, what="gradient_descent")
    after = _plane(gradient_descent, x0.copy(), slope.copy(), 4)
    check_close(
        after["slope"],
        slope,
        what="the array that grad returned, after the call",
        rtol=0.0,
        mistakes={
            "this array is grad's own: g *= ... changes it, learning_rate * g does not": slope
            * 0.5**4,
            "this array is grad's own, and was scaled in place": slope * 0.5,
        },
    )
    check_close(
        after["path"],
        x0 - 0.5 * np.outer(np.arange(5), slope),
        what="gradient_descent on a plane, where grad returns the same array at each call",
    )


def _cut(whole: Any) -> Floats:
    path = [np.array(whole)]
    for _ in range(3):
        path.append((path[-1] - 0.25 * 2 * path[-1]).astype(int))
    return np.array(path)


# -- Newton's step --------------------------------------------------------------------------------


@kept
def _slips(H: Floats, g: Floats, x: Floats, d: NDArray[Any]) -> dict[str, Any]:
    values, vectors = np.linalg.eigh(H)
    with np.errstate(divide="ignore"):
        by_entry = x - g / H
    return {
        "the step goes the wrong way: its sign is flipped": x - d,
        "this is the step alone: add it to x": d,
        "this is the step alone, and its sign is flipped": -d,
        "the gradient is divided by the diagonal of H alone": x - g / np.diag(H),
        "the gradient is divided by H entry by entry: solve H d = -g": by_entry,
        "the gradient is multiplied by H: solve H d = -g": x - H @ g,
        "this is a step of gradient descent: H is not used": x - g,
        "the sizes of the curvatures are taken: where one is negative, its sign belongs to it": x
        - vectors @ (vectors.T @ g / np.abs(values)),
        "this is x itself: the step is not added": x,
        "only half of the step is taken": x + d / 2,
        "twice the step is taken": x + 2 * d,
        "H is applied twice: solve H d = -g": x - np.linalg.solve(H @ H, g),
        "the gradient is divided by the norm of H: solve H d = -g": x - g / np.linalg.norm(H),
        "the gradient is divided by the determinant of H: solve H d = -g": x - g / np.linalg.det(H),
        "x is in the place of the gradient: solve H d = -g": x - np.linalg.solve(H, x),
        **{
            f"{small:g} is added to the diagonal of H: take it as it is": x
            - np.linalg.solve(H + small * np.diag(x * 0 + 1), g)
            for small in (1.0, 1e-1, 1e-2, 1e-3, 1e-4)
        },
    }


def _elsewhere(grad: Step, hessian: Step, x: Floats) -> dict[str, Any]:
    """Return steps whose gradient or Hessian belongs to another point, and two steps."""
    H, g, zero = hessian(x), grad(x), 0 * x
    once = x - np.linalg.solve(H, g)
    return {
        "the Hessian is taken at 0: it belongs at x": x - np.linalg.solve(hessian(zero), g),
        "the gradient is taken at 0: it belongs at x": x - np.linalg.solve(H, grad(zero)),
        "these are two steps: one is asked for": once - np.linalg.solve(hessian(once), grad(once)),
    }


def newton_step_values(newton_step: Function, draw: int = 0) -> None:
    """Check the step on a bowl, near a saddle, and where the curvature differs from place to place.

    x is left as it was.
    """
    n = 4
    root, x = points(draw, (n, n)), points(draw + 1, (n,))
    low = points(draw + 2, (n,))
    half = np.tril(points(draw + 3, (n, n))) * 0.3
    bowl, saddle = root @ root.T + np.diag([1.0, 2, 3, 4]), np.diag([3.0, -2, 4, -5])
    saddle = saddle + half + half.T
    for name, H in (("bowl", bowl), ("saddle", saddle)):
        g = H @ (x - low)
        check_close(
            check_unchanged(
                newton_step, lambda z, H=H: H @ (z - low), lambda z, H=H: H, x, what="newton_step"
            ),
            low,
            what=f"newton_step near a {name} of four variables",
            rtol=1e-8,
            relative_to="largest",
            mistakes=_slips(H, g, x, low - x)
            | {"the gradient is taken at 0: it belongs at x": x + np.linalg.solve(H, H @ low)},
        )
    y = points(draw + 4, (3,), 0.5, 1.5)
    H = np.array([[6 * y[0], -1, 0], [-1, 2, y[2]], [0, y[2], np.cosh(y[2]) + 3]])

    def grad(z: Floats) -> Floats:
        return np.array([3 * z[0] ** 2 - z[1], 2 * z[1] - z[0], np.sinh(z[2]) - 1])

    def hessian(z: Floats) -> Floats:
        return np.array([[6 * z[0], -1, 0], [-1, 2, z[2]], [0, z[2], np.cosh(z[2]) + 3]])

    d = np.linalg.solve(H, -grad(y))
    check_close(
        newton_step(grad, hessian, y.copy()),
        y + d,
        what=f"newton_step at {y}, where the curvature differs from place to place",
        rtol=1e-9,
        relative_to="largest",
        mistakes=_slips(H, grad(y), y, d) | _elsewhere(grad, hessian, y),
    )
    count = 1
    whole = np.array([3 + draw % 4])
    check_close(
        newton_step(lambda z: 4.0 * z - 2, lambda z: np.diag([4.0] * count), whole),
        [0.5],
        what=f"newton_step with one variable, from the integer {whole[0]}",
    )


def newton_step_accuracy(newton_step: Function, draw: int = 0) -> None:
    """Check that the step fulfils its equation where H is almost singular: a Hilbert matrix."""
    for size in (9, 10):
        k = np.arange(size)
        hilbert = 1 / (k[:, None] + k + 1)
        b = hilbert @ points(draw, (size,), 0.5, 2.0)
        found = newton_step(lambda z, b=b, H=hilbert: H @ z - b, lambda z, H=hilbert: H, 0.0 * b)
        check_shape(found, (size,), what=f"newton_step with a Hilbert matrix of size {size}")
        check_close(
            hilbert @ np.asarray(found),
            b,
            what=f"H times the new point, which is b, for a Hilbert matrix of size {size}",
            rtol=1e-9,
            relative_to="largest",
            mistakes={
                "the digits are lost in an inverse: solve the equations": hilbert
                @ (np.linalg.inv(hilbert) @ b),
            },
        )
