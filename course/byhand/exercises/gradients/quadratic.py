"""Exercises 2.3 and 2.6: the gradient of a quadratic function, and that of least squares."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import CheckFailed, check_close, check_unchanged
from byhand.checks.failures import brief, nothing_returned
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, points


def _slips(A: Floats, b: Floats, x: Floats) -> dict[str, Any]:
    upper = np.triu(A) + np.triu(A, 1).T
    twice = (np.triu(A) + np.triu(A).T) / 2
    return {
        "these are products entry by entry: a matrix times a vector is A @ x": (A + A.T) / 2 * x
        - b,
        "this is f itself, a number: its slope along each x_k is asked for": x @ A @ x / 2 - b @ x,
        "b is multiplied by x: the slope of b_k x_k is b_k": (A + A.T) @ x / 2 - b * x,
        "only the entries of A above its diagonal are read": upper @ x - b,
        "only the upper triangle of A is read, and its mirror image": twice @ x - b,
        "only the diagonal of A is read": np.diag(A) * x - b,
    }


def quadratic_gradient_symmetric(quadratic_gradient: Function, draw: int = 0) -> None:
    """Check the gradient for a symmetric A of shape (6, 6); A, b and x are left as they were."""
    n = 6
    half = points(draw, (n, n))
    A, b, x = half + half.T, points(draw + 1, (n,)), points(draw + 2, (n,))
    right = A @ x - b
    check_close(
        check_unchanged(quadratic_gradient, A, b, x, what="quadratic_gradient"),
        right,
        what="quadratic_gradient(A, b, x) for a symmetric A",
        relative_to="largest",
        mistakes=_slips(A, b, x),
        terms={"of x^T A x / 2": A @ x, "-b": -b},
    )


def quadratic_gradient_any(quadratic_gradient: Function, draw: int = 0) -> None:
    """Check the gradient for an A that is not symmetric, of shape (7, 7)."""
    n = 7
    A, b, x = points(draw + 3, (n, n)), points(draw + 4, (n,)), points(draw + 5, (n,))
    check_close(
        quadratic_gradient(A.copy(), b.copy(), x.copy()),
        (A + A.T) @ x / 2 - b,
        what="quadratic_gradient(A, b, x) for an A that is not symmetric",
        relative_to="largest",
        mistakes=_slips(A, b, x)
        | {
            "A @ x - b is right for a symmetric A only: x_k is a left and a right factor": A @ x
            - b,
            "A.T @ x - b is right for a symmetric A only: x_k is a left and a right factor": A.T @ x
            - b,
        },
        terms={"of the left factor x": A @ x / 2, "of the right factor x": A.T @ x / 2, "-b": -b},
    )


# -- the ladder of least squares -----------------------------------------------------------------


def _sparse(draw: int) -> Floats:
    """Return a matrix of shape (5, 4) with zeros, no two columns of which have the same ones."""
    A = points(draw, (5, 4), 0.5, 3.0) * np.where(points(draw + 1, (5, 4)) > 0, 1, -1)
    for i, j in ((0, 1), (2, 0), (3, 0), (1, 3), (4, 1), (3, 2)):
        A[i, j] = 0.0
    return A


def outputs_with_indices(outputs_with: Function, draw: int = 0) -> None:
    """Check which of five outputs contain x_j, for each of four j; A is left as it was."""
    A = _sparse(draw)
    for j in range(4):
        right = np.flatnonzero(A[:, j])
        found = check_unchanged(outputs_with, A, j, what="outputs_with")
        mask = (A[:, j] != 0) * 1
        mistakes = {
            "these are the indices with an entry 0: they do not contain x_j": np.flatnonzero(
                A[:, j] == 0
            ),
            "these are the entries of A, not their indices i": A[right, j],
            "this says for each i whether it contains x_j: return the indices i": mask,
            "the indices are counted from 0": right + 1,
            "only positive entries are found: a negative one contains x_j too": np.flatnonzero(
                A[:, j] > 0
            ),
        }
        if j < len(A[0]):
            mistakes["this reads row j of A; x_j multiplies column j"] = np.flatnonzero(A[j])
        if not isinstance(found, list | tuple | np.ndarray):
            raise CheckFailed(
                f"outputs_with(A, {j}) must be a list of indices",
                expected=str(right.tolist()),
                actual=brief(found),
                likely=nothing_returned(found),
            )
        numbers = np.asarray(found)
        if numbers.dtype == bool:
            numbers = numbers * 1
        check_close(
            numbers,
            right,
            what=f"outputs_with(A, {j})",
            mistakes={k: v for k, v in mistakes.items() if not np.array_equal(v, right)},
        )


def output_slopes_values(output_slopes: Function, draw: int = 0) -> None:
    """Check the slopes of all five outputs with respect to x_j, zeros included."""
    A = _sparse(draw + 2)
    for j in range(4):
        right = A[:, j]
        check_close(
            check_unchanged(output_slopes, A, j, what="output_slopes"),
            right,
            what=f"output_slopes(A, {j})",
            mistakes={
                "this is row j of A; x_j multiplies column j": A[j],
                "only the outputs that contain x_j are listed: the others have the slope 0": right[
                    right != 0
                ],
                "this says which outputs contain x_j, not how strongly": (right != 0) * 1.0,
                "the sizes of the slopes are right, their signs are lost": np.abs(right),
                "the slopes are added up: each output has its own": right.sum(),
            },
        )


def least_squares_letters(letters: Function, draw: int = 0) -> None:
    """Check the letters for einsum with A of shape (5, 3) and r of shape (5,)."""
    written = letters()
    text = written.replace(" ", "") if isinstance(written, str) else ""
    inputs, arrow, output = text.partition("->")
    operands = inputs.split(",")
    if not text:
        raise CheckFailed(
            "einsum_letters() must return text",
            expected="letters such as 'ab,b->a'",
            actual=brief(written),
            likely=nothing_returned(written),
        )
    said = None
    if len(operands) != 2 or len(operands[0]) != 2 or len(operands[1]) != 1:
        said = "A has two axes and r has one: two letters, a comma, one letter"
    elif operands[0][1] == operands[1]:
        said = "the letter of r is that of the columns of A, but r has an entry for each row"
    elif arrow and output == operands[1]:
        said = "the sum runs over j here: it should run over i, and leave an entry for each j"
    elif arrow and len(output) > 1:
        said = "nothing is summed: the result has one letter only, that of j"
    elif arrow and not output:
        said = "everything is summed: the letter of j should be left after the arrow"
    A, r = points(draw, (5, 3)), points(draw + 1, (5,))
    try:
        product = np.einsum(text, A, r)
    except (ValueError, TypeError) as error:
        raise CheckFailed(
            "einsum_letters() does not fit an A of shape (5, 3) and an r of shape (5,)",
            actual=f"{written!r}: {error}",
            likely=said,
        ) from None
    check_close(
        product,
        r @ A,
        what=f"np.einsum({written!r}, A, r)",
        mistakes={said: product} if said else {},
    )


def least_squares_gradient_values(least_squares_gradient: Function, draw: int = 0) -> None:
    """Check the gradient for an A of shape (8, 6) and one of shape (3, 5); nothing is changed."""
    for shape in ((8, 6), (3, 5)):
        A, b, x = points(draw, shape), points(draw + 1, shape[:1]), points(draw + 2, shape[1:])
        r = A @ x - b
        check_close(
            check_unchanged(least_squares_gradient, A, b, x, what="least_squares_gradient"),
            r @ A,
            what=f"least_squares_gradient(A, b, x) for an A of shape {shape}",
            relative_to="largest",
            mistakes={
                "this is r, the vector of the outputs: its entries are still to be combined": r,
                "this is the loss itself, a number": r @ r / 2,
                "this divides by the number of outputs: the loss is a sum": r @ A / len(r),
                "the residual is b - A x here: it is A x - b": -(r @ A),
                "b is forgotten: the residual is A x - b": A.T @ A @ x,
                "each r_i should be multiplied by its own slope A_ij": A.sum(axis=0) * r.sum(),
            },
            terms={"A^T A x": A.T @ A @ x, "-A^T b": -A.T @ b},
        )
