"""Exercise 2.15: the BFGS update of an inverse Hessian."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import CheckFailed, check_close, check_shape, check_unchanged, scenario
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, kept, points


def _inputs(draw: int, size: float = 1.0) -> tuple[Floats, Floats, Floats]:
    """Return a positive definite matrix, a step and a change of the gradient, s @ y > 0."""
    n = 4
    root = points(draw, (n, n))
    s, y = points(draw + 1, (n,), 0.3, 3.0) * [1, -1, 1, -1], points(draw + 2, (n,))
    return root @ root.T / 4 + np.diag([1.0, 2, 3, 4]), s * size, y * size * np.sign(s @ y)


def _update(M: Floats, s: Floats, y: Floats, curvature: float | None = None) -> Floats:
    rho = 1 / np.float64(s @ y if curvature is None else curvature)
    V = np.diag(s * 0 + 1) - np.outer(s, y) * rho
    return V @ M @ V.T + np.outer(s, s) * rho


@kept
def _slips(M: Floats, s: Floats, y: Floats) -> dict[str, Any]:
    one, rho = np.diag(s * 0 + 1), 1 / (s @ y)
    V, last = one - rho * np.outer(s, y), rho * np.outer(s, s)
    My = M @ y
    flat = one - rho * (s @ y)
    return {
        "s and y are swapped: this updates the Hessian, not its inverse": _update(M, y, s),
        "the last term, rho s s^T, is missing": V @ M @ V.T,
        "the last term lacks the factor rho": V @ M @ V.T + np.outer(s, s),
        "the last term is subtracted": V @ M @ V.T - last,
        "the last term is made of y, not of s": V @ M @ V.T + rho * np.outer(y, y),
        "the last term is s times s entry by entry: s s^T is a matrix": V @ M @ V.T + rho * s * s,
        "the last term is the number s^T s: s s^T is a matrix": V @ M @ V.T + rho * (s @ s),
        "the two brackets are swapped: M is between (I - rho s y^T) and its transpose": V.T @ M @ V
        + last,
        "both brackets are the same: the second is the transpose of the first": V @ M @ V + last,
        "both brackets are (I - rho y s^T): the first is its transpose": V.T @ M @ V.T + last,
        "the second bracket is missing": V @ M + last,
        "the first bracket is missing": M @ V.T + last,
        "this is the DFP update, the older twin of BFGS": M + last - np.outer(My, My) / (y @ My),
        "this is the update of rank one": M
        + np.outer(s - My, s - My) / ((s - My) @ y if (s - My) @ y else 1.0),
        "rho is s^T y itself: divide by it": (one - np.outer(s, y) / rho)
        @ M
        @ (one - np.outer(s, y) / rho).T
        + np.outer(s, s) / rho,
        "rho is missing": (one - np.outer(s, y)) @ M @ (one - np.outer(s, y)).T + np.outer(s, s),
        "s^T y, a number, is in the place of s y^T, a matrix": flat @ M @ flat.T + last,
        "s^T y and s^T s are numbers: s y^T and s s^T are matrices": flat @ M @ flat.T
        + rho * (s @ s),
        "the brackets have a plus": (2 * one - V) @ M @ (2 * one - V).T + last,
        "this is H_inv itself: it is updated where s^T y is positive": M,
    }


def _other_rhos(M: Floats, s: Floats, y: Floats) -> dict[str, Any]:
    """Return what comes of another number in the place of rho, in one place or in both."""
    one, rho = np.diag(s * 0 + 1), 1 / (s @ y)

    def with_rhos(bracket: Any, last: Any) -> Floats:
        V = one - bracket * np.outer(s, y)
        return V @ M @ V.T + last * np.outer(s, s)

    slips = {
        "rho is squared: divide by s^T y once": with_rhos(rho**2, rho**2),
        "in the brackets rho is squared: divide by s^T y once": with_rhos(rho**2, rho),
        "in the last term rho is squared: divide by s^T y once": with_rhos(rho, rho**2),
        "in the brackets rho is s^T y itself: divide by it": with_rhos(1 / rho, rho),
        "in the last term rho is s^T y itself: divide by it": with_rhos(rho, 1 / rho),
        "the brackets lack the factor rho": with_rhos(1.0, rho),
        "half of the last term is added": with_rhos(rho, rho / 2),
        "the last term is counted twice": with_rhos(rho, 2 * rho),
    }
    for name, other in (
        ("y^T y", y @ y),
        ("s^T s", s @ s),
        ("the product of the lengths of s and y", np.sqrt((s @ s) * (y @ y))),
        ("s^T M y", s @ M @ y),
        ("y^T M y", y @ M @ y),
    ):
        slips[f"rho is 1 over {name} here, not 1 over s^T y"] = with_rhos(1 / other, 1 / other)
        slips[f"in the brackets rho is 1 over {name}, not 1 over s^T y"] = with_rhos(1 / other, rho)
        slips[f"in the last term rho is 1 over {name}, not 1 over s^T y"] = with_rhos(
            rho, 1 / other
        )
    return slips


def _other_matrices(M: Floats, s: Floats, y: Floats) -> dict[str, Any]:
    """Return what comes of another matrix in the place of one of the update's."""
    one, rho = np.diag(s * 0 + 1), 1 / (s @ y)
    V, last = one - rho * np.outer(s, y), rho * np.outer(s, s)
    W, Z = one - rho * np.outer(s, s), one - rho * np.outer(y, y)
    ones, short = V - one + 1, M - rho * np.outer(s, y)
    return {
        "the brackets contain s s^T, not s y^T": W @ M @ W.T + last,
        "the brackets contain y y^T, not s y^T": Z @ M @ Z.T + last,
        "the last term is s y^T, not s s^T": V @ M @ V.T + rho * np.outer(s, y),
        "the last term is y s^T, not s s^T": V @ M @ V.T + rho * np.outer(y, s),
        "I is a matrix of ones here: it has ones on its diagonal only": ones @ M @ ones.T + last,
        "H_inv is in the place of I in the brackets": short @ M @ short.T + last,
        "the brackets are multiplied entry by entry: use @": V * M * V.T + last,
        "both brackets are on the left of M: it belongs between them": V @ V.T @ M + last,
        "both brackets are on the right of M: it belongs between them": M @ V @ V.T + last,
        "M is missing between the brackets": V @ V.T + last,
        "M is inverted: it is the inverse Hessian already": V @ np.linalg.inv(M) @ V.T + last,
        "the brackets are missing: only the last term is added": M + last,
        "this is the last term alone": last,
    }


def bfgs_update_values(bfgs_update: Function, draw: int = 0) -> None:
    """Check the update in four dimensions, for a step of ordinary size, a tiny and a huge one."""
    for size in (1.0, 1e-7, 1e5):
        M, s, y = _inputs(draw, size)
        check_close(
            check_unchanged(bfgs_update, M, s, y, what="bfgs_update"),
            _update(M, s, y),
            what="bfgs_update(H_inv, s, y) in four dimensions"
            + ("" if size == 1 else f", s and y about {size:g} in size"),
            rtol=1e-8,
            relative_to="largest",
            mistakes=_slips(M, s, y) | _other_rhos(M, s, y) | _other_matrices(M, s, y)
            if size == 1
            else {"this is H_inv itself: it is updated where s^T y is positive, however small": M},
        )


def bfgs_update_secant(bfgs_update: Function, draw: int = 0) -> None:
    """Check that the result times y is s, and that it is symmetric."""
    for k in range(3):
        M, s, y = _inputs(draw + 5 * k)
        found = bfgs_update(M, s, y)
        check_shape(found, (4, 4), what="bfgs_update(H_inv, s, y)")
        check_close(
            np.asarray(found) @ y,
            s,
            what="bfgs_update(H_inv, s, y) @ y, which is s,",
            rtol=1e-8,
            relative_to="largest",
            mistakes={said: np.asarray(slip) @ y for said, slip in _slips(M, s, y).items()
                      if np.ndim(slip) == 2},
        )  # fmt: skip
        check_close(
            np.asarray(found) - np.transpose(found),
            0.0 * M,
            what="the result minus its transpose, which is 0,",
            atol=1e-10,
        )
    check_close(
        bfgs_update(np.diag([3.0]), np.array([2.0]), np.array([8.0])),
        [[0.25]],
        what="bfgs_update in one dimension, for s = [2] and y = [8]",
    )


@scenario
def _skipped(bfgs_update: Function, H_inv: Floats, s: Floats, y: Floats) -> Any:
    found = bfgs_update(H_inv, s, y)
    return {"found": found, "shares": bool(np.shares_memory(np.asarray(found), H_inv))}


def bfgs_update_skipped(bfgs_update: Function, draw: int = 0) -> None:
    """Check that a copy of H_inv is returned where s @ y is negative, and where it is 0."""
    M, s, y = _inputs(draw + 3)
    s = np.round(4 * s) / 4  # whole quarters, whose products are exact
    across = np.array([-s[1], s[0], 0.0, 0.0])
    if np.array_equal(_skipped(bfgs_update, M.copy(), s.copy(), y * np.sign(s @ y))["found"], M):
        raise CheckFailed(
            "bfgs_update returns H_inv unchanged where s @ y is positive, too",
            likely="the update is never applied",
        )
    for name, change in (("negative", y * -np.sign(s @ y)), ("0", across)):
        outcome = _skipped(bfgs_update, M.copy(), s.copy(), change.copy())
        with np.errstate(all="ignore"):
            applied = _update(M, s, change)
            turned = _update(M, s, change, abs(float(s @ change)))
        size = {"the update is applied here too, with the size of s^T y": turned}
        if name == "0":
            size = {}
        check_close(
            outcome["found"],
            M,
            what=f"bfgs_update where s @ y is {name}",
            mistakes={
                "the update is applied here too": applied,
                **size,
                "nothing but zeros is returned: a copy of H_inv is asked for": 0.0 * M,
                "this is the identity: a copy of H_inv is asked for": np.diag(s * 0 + 1),
            },
        )
        if outcome["shares"]:
            raise CheckFailed(
                "bfgs_update returns H_inv itself where it is not updated",
                likely="a later change of one would change the other: return a copy",
            )
