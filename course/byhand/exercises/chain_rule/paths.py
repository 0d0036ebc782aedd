"""Exercises 3.3 and 3.4: sums over all paths, for many inputs and along a curve."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import check_close, check_jacobian, check_unchanged, supplied
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, kept, points
from byhand.exercises.trusted import total_derivative as _total_derivative
from byhand.exercises.trusted import vector_chain_rule as _vector_chain_rule

EXACT = 1e-12


# -- 3.3 -------------------------------------------------------------------------------------


def _paths(rates: Floats, inner: Floats) -> dict[str, object]:
    """Return the terms of the sum: one path for each intermediate value."""
    terms: dict[str, object] = {}
    for i, rate in enumerate(rates.T):
        rate = rate if rates.ndim == 1 else rate[:, None]
        terms[f"through y_{i + 1}"] = {f"dz/dy_{i + 1}": rate, f"dy_{i + 1}/dx": inner[i]}
    return terms


@kept
def _slips_of_paths(rates: Floats, inner: Floats) -> dict[str, object]:
    rows = np.atleast_2d(rates)
    products = rows[:, :, None] * inner
    slips: dict[str, object] = {
        "only the path through y_1 is counted": products[:, 0],
        "only the path through the last y is counted; is `return` inside the loop, or = in place "
        "of +=?": products[:, -1],
        "the paths are averaged; they add": products.mean(axis=1),
        "the path through y_1 is missing: does the loop start at 1?": products[:, 1:].sum(axis=1),
        "the path through the last y is missing: does the loop end too early?": (
            products[:, :-1].sum(axis=1)
        ),
        "only the largest path is counted; the paths add": products.max(axis=1),
        "the paths are multiplied; they add": products.prod(axis=1),
        "dz_dy is missing: these are the sums down the columns of dy_dx": (
            0 * rows.sum(axis=1, keepdims=True) + inner.sum(axis=0)
        ),
        "the rates are added along a path, where they multiply": (
            (rows[:, :, None] + inner).sum(axis=1)
        ),
        "the sum of dz_dy times the sum of dy_dx: multiply along each path first, then add": (
            rows.sum(axis=1, keepdims=True) * inner.sum(axis=0)
        ),
    }
    if inner.shape[0] == inner.shape[1]:
        slips["the sum runs over the columns of dy_dx: its rows belong to y, its columns to x"] = (
            rows @ inner.T
        )
    if rates.ndim == 1:
        if inner.shape[0] == inner.shape[1]:
            nothing_added = "`*` multiplies entry by entry and adds nothing over the paths"
            slips[nothing_added] = [rates * inner]
            slips["the sum runs over the inputs; it runs over the values in between, the rows"] = [
                (rates[:, None] * inner).sum(axis=1)
            ]
        slips = {said: np.asarray(value)[0] for said, value in slips.items()}
        every = rates[:, None] * inner
        return slips | {
            "these are all the products; those of a column belong together: add them": every,
            "every rate meets every entry: a path goes through one value in between": np.outer(
                rates, inner
            ),
        }
    whole = products.sum(axis=1)
    if len(rows) == 1:
        return slips | {"the axis of the outputs is lost: (1, m) gives (1, n)": whole[0]}
    return slips | {
        "the sum runs over the outputs; it runs over the values in between": products.sum(axis=0),
        "the outputs are added up: each has a row of its own": whole.sum(axis=0),
        "this is the first output alone: each has a row of its own": whole[0],
        "this is the last output alone: each has a row of its own": whole[-1],
        "these are all the products; add over the values in between": products,
    }


def _check_paths(total_derivative: Function, rates: Floats, inner: Floats) -> None:
    shapes = f"shapes {rates.shape} and {inner.shape}"
    with supplied(vector_chain_rule=_vector_chain_rule):
        found = check_unchanged(total_derivative, rates, inner, what="total_derivative")
    check_close(
        found,
        np.einsum("...i,ij->...j", rates, inner),
        what=f"total_derivative of {shapes}",
        rtol=EXACT,
        relative_to="largest",
        terms=_paths(rates, inner),
        mistakes=_slips_of_paths(rates, inner),
    )


def total_derivative_values(total_derivative: Function, draw: int = 0) -> None:
    """Check one output: one number for each input, for shapes of all kinds."""
    for k, (m, n) in enumerate(((4, 4), (3, 5), (5, 3), (1, 4), (4, 1), (1, 1))):
        _check_paths(total_derivative, points(draw + k, (m,)), points(draw + k + 10, (m, n)))


def total_derivative_outputs(total_derivative: Function, draw: int = 0) -> None:
    """Check several outputs, one row for each; one output may be given as one row, too."""
    for k, (rows, m, n) in enumerate(((3, 4, 4), (5, 3, 4), (1, 3, 5), (4, 1, 3), (3, 5, 1))):
        _check_paths(total_derivative, points(draw + k, (rows, m)), points(draw + k + 10, (m, n)))


# -- 3.4 -------------------------------------------------------------------------------------


@kept
def _slips_of_velocities(J: Floats, velocity: Floats) -> dict[str, object]:
    slips: dict[str, object] = {
        "divided by the velocities; they multiply": (J / velocity).sum(axis=1),
        "the velocities are added; along a path they multiply": (J + velocity).sum(axis=1),
        "the sum of each row times the sum of the velocities: multiply first, then add": (
            J.sum(axis=1) * velocity.sum()
        ),
        "the velocities are missing: these are the sums of the rows": J.sum(axis=1),
        "the velocities are squared": J @ velocity**2,
        "the sizes of the slopes are taken; their signs count": np.abs(J) @ velocity,
        "the last coordinate of x is missing": J[:, :-1] @ velocity[:-1],
        "the first coordinate of x is missing": J[:, 1:] @ velocity[1:],
        "this is the length of the velocity of y; each entry is asked for": np.linalg.norm(
            J @ velocity
        ),
        "every entry of J meets every velocity; column j belongs to dx_j/dt": np.outer(J, velocity),
        "this is a column, with two axes: one is asked for": (J @ velocity)[:, None],
        "only the diagonal of J is used: every x moves every y": np.diag(J)
        * velocity[: min(J.shape)],
    }
    return slips


def vector_chain_rule_values(vector_chain_rule: Function, draw: int = 0) -> None:
    """Check one velocity for each output, for Jacobians of all shapes."""
    for k, (m, n) in enumerate(((4, 4), (3, 5), (5, 3), (1, 3), (4, 1))):
        J, velocity = points(draw + k, (m, n)), points(draw + k + 10, (n,), 0.4, 3.0)
        velocity[::2] *= -1
        columns = {
            f"of x_{j + 1}": {f"dy/dx_{j + 1}": J[:, j], f"dx_{j + 1}/dt": velocity[j]}
            for j in range(n)
        }
        slips: dict[str, object] = {
            "the velocity is divided by its length; it counts as it is": (
                J @ velocity / np.linalg.norm(velocity)
            ),
            "these are all the products; the ones of a row belong together": J * velocity,
            "the sizes of the velocities are taken; their signs count": J @ np.abs(velocity),
            "everything is added up; each output keeps its own sum": np.sum(J @ velocity),
            "only the first coordinate of x is counted": J[:, 0] * velocity[0],
            "only the last coordinate of x is counted": J[:, -1] * velocity[-1],
            **_slips_of_velocities(J, velocity),
        }
        if m == n:
            slips["summed down the columns of J; the entries of a row belong to one output"] = (
                J * velocity
            ).sum(axis=0)
            slips["J is used transposed: row i of J belongs to output y_i"] = J.T @ velocity
        with supplied(total_derivative=_total_derivative):
            found = check_unchanged(vector_chain_rule, J, velocity, what="vector_chain_rule")
        check_close(
            found,
            J @ velocity,
            what=f"vector_chain_rule of shapes {J.shape} and {velocity.shape}",
            rtol=EXACT,
            relative_to="largest",
            terms=columns,
            mistakes={} if J.size == m else slips,
        )


def _seen(t: float) -> Floats:
    x = np.cos(t), np.sin(t), t / 2
    return np.array([x[0] * x[1], x[1] + x[2] ** 2])


def vector_chain_rule_curve(vector_chain_rule: Function, draw: int = 0) -> None:
    """Check the velocity of y along a helix, against measured ones at three moments."""

    def velocity(t: float) -> Any:
        x, dx = (np.cos(t), np.sin(t), t / 2), np.array([-np.sin(t), np.cos(t), 0.5])
        return vector_chain_rule(np.array([[x[1], x[0], 0.0], [0.0, 1.0, 2 * x[2]]]), dx)

    for t in points(draw, (3,), 0.3, 2.9):
        x, dx = (np.cos(t), np.sin(t), t / 2), np.array([-np.sin(t), np.cos(t), 0.5])
        J = np.array([[x[1], x[0], 0.0], [0.0, 1.0, 2 * x[2]]])
        unit = J @ dx / np.linalg.norm(dx)
        with supplied(total_derivative=_total_derivative):
            check_jacobian(
                _seen,
                velocity,
                float(t),
                what=f"the velocity of y on a helix at t = {t}",
                mistakes={"the velocity is divided by its length; it counts as it is": unit},
            )
