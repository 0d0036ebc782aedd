"""Exercises 2.3 and 2.6: the gradient of a quadratic function, and that of least squares."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import CheckFailed, check_close, check_shape, check_unchanged
from byhand.checks.failures import brief, nothing_returned
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, kept, points


@kept
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
        "b @ x, a number, is subtracted from every entry: the slope of b_k x_k is b_k": (A + A.T)
        @ x
        / 2
        - b @ x,
        "x is missing: these are the sums of the entries of A": (A + A.T).sum(axis=1) / 2 - b,
        "A times its transpose is taken, where the two are added": (A @ A.T) @ x / 2 - b,
        "A times its transpose is taken: x^T A x contains A once": A @ A.T @ x - b,
        "b is subtracted from x before A: only x is multiplied by A": (A + A.T) @ (x - b) / 2,
        "this is the gradient of least squares: A stands once in x^T A x": A.T @ (A @ x - b),
        "A.T is subtracted from A: the two parts add": (A - A.T) @ x / 2 - b,
        "b is divided by 2, too: the 1/2 belongs to x^T A x alone": ((A + A.T) @ x - b) / 2,
        "multiplied by x once more: each slope is linear in x": x * ((A + A.T) @ x / 2 - b),
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


@kept
def _slips_of_indices(A: Floats, j: int) -> dict[str, Any]:
    column = A[:, j]
    right, rows = np.flatnonzero(column), np.arange(len(A))
    return {
        "these are the indices with an entry 0: they do not contain x_j": np.flatnonzero(
            column == 0
        ),
        "these are the entries of A, not their indices i": column[right],
        "these are the entries of column j: return the indices i": column,
        "this says for each i whether it contains x_j: return the indices i": (column != 0) * 1,
        "the indices are counted from 0": right + 1,
        "only positive entries are found: a negative one contains x_j too": np.flatnonzero(
            column > 0
        ),
        "only negative entries are found: a positive one contains x_j too": np.flatnonzero(
            column < 0
        ),
        "all outputs are listed: x_j is in those with A_ij other than 0": rows,
        "only the first output is found: is return inside the loop?": right[:1],
        "the first output is never looked at": right[right > 0],
        "the last output is never looked at: i goes up to len(A) - 1": right[right < len(A) - 1],
        "this reads row j of A; x_j multiplies column j": np.flatnonzero(A[j]),
    }


def _index_slip(A: Floats, found: list[Any]) -> str | None:
    """Return the mistake that gives all the lists of indices, if it is only one."""
    slips = [_slips_of_indices(A, j) for j in range(A.shape[1])]
    said = [
        name
        for name in slips[0]
        if all(
            np.array_equal(slip[name], numbers) for slip, numbers in zip(slips, found, strict=True)
        )
    ]
    return said[0] if len(said) == 1 else None


def outputs_with_indices(outputs_with: Function, draw: int = 0) -> None:
    """Check which of five outputs contain x_j, for each of four j; A is left as it was."""
    A = _sparse(draw)
    found = []
    for j in range(4):
        listed = check_unchanged(outputs_with, A, j, what="outputs_with")
        if not isinstance(listed, list | tuple | np.ndarray):
            count = np.size(listed) == 1 and np.all(listed == np.count_nonzero(A[:, j]))
            raise CheckFailed(
                f"outputs_with(A, {j}) must be a list of indices",
                expected=str(np.flatnonzero(A[:, j]).tolist()),
                actual=brief(listed),
                likely="this is how many outputs contain x_j: which are they?"
                if count
                else nothing_returned(listed),
            )
        numbers = np.asarray(listed)
        found.append(numbers * 1 if numbers.dtype == bool else numbers)
    slip = _index_slip(A, found)
    for j, numbers in enumerate(found):
        check_close(
            numbers,
            np.flatnonzero(A[:, j]),
            what=f"outputs_with(A, {j})",
            mistakes={slip: numbers} if slip else {},
        )


def output_slopes_values(output_slopes: Function, draw: int = 0) -> None:
    """Check the slopes of all five outputs with respect to x_j, zeros included."""
    A = _sparse(draw + 2)
    found = [check_unchanged(output_slopes, A, j, what="output_slopes") for j in range(4)]
    for j, slopes in enumerate(found):
        right = A[:, j]
        check_shape(
            slopes,
            right.shape,
            what=f"output_slopes(A, {j})",
            expected_values=right,
            mistakes={
                "this is row j of A; x_j multiplies column j": A[j],
                "only the outputs that contain x_j are listed: the others have the slope 0": right[
                    right != 0
                ],
                "the slopes are added up: each output has its own": right.sum(),
                "this is a column, with two axes: one is asked for": right[:, None],
            },
        )
    right = A.T
    check_close(
        np.array(found),
        right,
        what="output_slopes(A, j) for j = 0, 1, 2, 3, row by row,",
        mistakes={
            "this says which outputs contain x_j, not how strongly": (right != 0) * 1.0,
            "the sizes of the slopes are right, their signs are lost": np.abs(right),
            "these are all 1: output i changes with x_j by A_ij": 0 * right + 1,
            "this is column j - 1 of A": np.roll(right, 1, axis=0),
            "this is column j + 1 of A": np.roll(right, -1, axis=0),
            "the first column is given for every j": 0 * right + right[0],
            "the entries of the column are in the reverse order": right[:, ::-1],
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
            likely="the letters of all operands and of the result are one text, with , and ->"
            if isinstance(written, list | tuple)
            else nothing_returned(written),
        )
    said = None
    if len(operands) != 2 or len(operands[0]) != 2 or len(operands[1]) != 1:
        said = "A has two axes and r has one: two letters, a comma, one letter"
    elif operands[1] not in operands[0]:
        said = "r has a letter that A has not: then all of r is added up, whatever the row"
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
                "r is squared: the slope of r_i**2 / 2 is r_i": r**2 @ A,
                "the sizes of r are taken: an entry of r may be negative": np.abs(r) @ A,
                "only the signs of r count here: the slope of r_i**2 / 2 is r_i": np.sign(r) @ A,
                "r is missing: each A_ij should be multiplied by its r_i": A.sum(axis=0),
                "multiplied by x once more": (r @ A) * x,
                "only the first output is counted: add over all i": A[0] * r[0],
                "only the last output is counted: add over all i": A[-1] * r[-1],
                "x is missing in r: the residual is A x - b": (A.sum(axis=1) - b) @ A,
                "divided by the number of entries of x: the loss is a sum": r @ A / len(x),
            },
            terms={"A^T A x": A.T @ A @ x, "-A^T b": -A.T @ b},
        )
