"""Exercises 2.9 and 2.10: Hessians, and what they say about critical points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from byhand.checks import (
    CheckFailed,
    check_close,
    check_shape,
    check_unchanged,
    may_measure,
    supplied,
)
from byhand.checks.failures import brief, nothing_returned
from byhand.differences.calls import Function
from byhand.exercises.gradients.earlier import MEASURING, steps_along
from byhand.exercises.samples import Floats, points


def hessian_f_values(hessian_f: Function, draw: int = 0) -> None:
    """Check all second derivatives of x**2 * y + y**3 at seven points, integers among them."""
    count = 6
    places = [(a, b) for a, b in points(draw, (count, 2), -2.5, 2.5).tolist()]
    places += [(3 + draw % 3, -2)]
    found = [hessian_f(a, b) for a, b in places]
    for place, H in zip(places, found, strict=True):
        check_shape(H, (2, 2), what=f"hessian_f{place}")  # a plain list of four is named there
    H, (x, y) = np.array(found), np.array(places).T
    for (i, j), name, right, mistakes in (
        (
            (0, 0),
            "x twice",
            2 * y,
            {
                "this is the slope with respect to x: differentiate it once more": 2 * x * y,
                "the factor y of x**2 * y is lost": 0 * y + 2,
            },
        ),
        ((0, 1), "x, then y", 2 * x, {}),
        ((1, 0), "y, then x", 2 * x, {}),
        (
            (1, 1),
            "y twice",
            6 * y,
            {
                "this is the slope with respect to y: differentiate it once more": x**2 + 3 * y**2,
                "the slope of 3 * y**2 is 6 * y": 3 * y,
                "x**2 is kept: with respect to y it is a constant": x**2 + 6 * y,
            },
        ),
    ):
        common = {
            "this belongs to another entry of the matrix: 2 y": 2 * y,
            "this belongs to another entry of the matrix: 6 y": 6 * y,
            "this belongs to a mixed entry, 2 x": 2 * x,
            "a mixed entry is missing: the slope with respect to one variable contains the other": (
                0.0 * x
            ),
        }
        check_close(
            H[:, i, j],
            right,
            what=f"entry [{i}, {j}] of hessian_f(x, y), with respect to {name}, at seven points",
            mistakes=mistakes
            | {said: v for said, v in common.items() if not np.array_equal(v, right)},
        )


def _bent(z: Floats) -> Any:
    a, b, c, d = z
    return a**3 * b / 3 + b**2 * c**2 - 2 * c * d**2 + d**4 / 4 + a * d


def _bent_hessian(z: Floats) -> Floats:
    a, b, c, d = z
    rows = [
        [2 * a * b, a**2, 0, 1],
        [a**2, 2 * c**2, 4 * b * c, 0],
        [0, 4 * b * c, 2 * b**2, -4 * d],
        [1, 0, -4 * d, -4 * c + 3 * d**2],
    ]
    return np.array(rows, dtype=float)


def _bent_gradient(z: Floats) -> Floats:
    a, b, c, d = z
    return np.array(
        [a**2 * b + d, a**3 / 3 + 2 * b * c**2, 2 * b**2 * c - 2 * d**2, d**3 - 4 * c * d + a]
    )


def _slips(x: Floats, h: float) -> dict[str, Any]:
    """Return what usual slips make of the Hessian of `_bent` by differences."""
    right, steps = _bent_hessian(x), steps_along(len(x), h)
    pp, pm, mp, mm = (
        np.array([[_bent(x + s * a + t * b) for b in steps] for a in steps])
        for s, t in ((1, 1), (1, -1), (-1, 1), (-1, -1))
    )
    own = steps > 0
    four = 4 * h**2
    last = "the last of the four values has the wrong sign: steps against both axes count +"
    return {
        "divided by h**2: the steps are 2h wide along both axes": 4 * right,
        "a / 4 * h**2 multiplies by h**2: bracket 4 * h**2": right * h**4,
        "divided by 2 * h once: each of the two differences is divided by 2 * h": right * 2 * h,
        "divided by 4 * h: each of the two differences is divided by 2 * h": right * h,
        "the differences are not divided": right * four,
        "only the entries on and above the diagonal are filled": np.triu(right),
        "only the entries on and below the diagonal are filled": np.tril(right),
        "only the diagonal is filled": right * own,
        "the diagonal is missing": right * ~own,
        "only the first row is filled: is return inside the loop?": right
        * (np.arange(4) == 0)[:, None],
        "this is the gradient times itself: differentiate it once more": np.outer(
            _bent_gradient(x), _bent_gradient(x)
        ),
        last: (pp - pm - mp - mm) / four,
        "the signs are +, -, -, +: the last two are swapped": (pp - pm + mp - mm) / four,
        "the signs are +, -, -, +: the second and the third are +": (pp + pm + mp + mm) / four,
        "the signs are +, -, -, +: the second is +": (pp + pm - mp + mm) / four,
        "the signs are +, -, -, +: the third is +": (pp - pm + mp + mm) / four,
    }


def numerical_hessian_values(numerical_hessian: Function, draw: int = 0) -> None:
    """Check all second derivatives of a function of four numbers, and that h is used."""
    x = points(draw, (4,), 0.5, 1.5) * [1, -1, 1, -1]
    h = 1e-4
    steps = steps_along(4, h)
    with may_measure(), supplied(**MEASURING):
        one_sided = np.array(
            [
                [(_bent(x + a + b) - _bent(x + a) - _bent(x + b) + _bent(x)) / h**2 for b in steps]
                for a in steps
            ]
        )
        check_close(
            numerical_hessian(_bent, x.copy()),
            _bent_hessian(x),
            what="numerical_hessian(f, x) of four variables",
            rtol=1e-5,
            relative_to="largest",
            mistakes=_slips(x, h)
            | {"these are differences to one side: look both ways": one_sided},
        )
        fine, coarse = (
            numerical_hessian(lambda z: np.sin(3 * z[0]) * z[1] + z[2] ** 4, x[:3].copy(), step)
            for step in (1e-4, 0.5)
        )
        for name, H in (("1e-4", fine), ("0.5", coarse)):
            check_shape(H, (3, 3), what=f"numerical_hessian(f, x, {name})")
        if np.max(np.abs(np.asarray(coarse) - np.asarray(fine))) < 0.01:
            raise CheckFailed(
                "numerical_hessian(f, x, h) gives the same for h = 1e-4 and for h = 0.5",
                likely="h is not used",
            )


def numerical_hessian_input(numerical_hessian: Function, draw: int = 0) -> None:
    """Check integers, a single variable, and that x is left exactly as it was."""
    whole = np.array([3 + draw % 4, -2, 1, 2 + draw % 3])
    with may_measure(), supplied(**MEASURING):
        found = check_unchanged(numerical_hessian, _bent, whole, what="numerical_hessian")
        steps = steps_along(4, 1e-4)
        cut = [
            [
                _bent(np.trunc(whole + a + b))
                - _bent(np.trunc(whole + a - b))
                - _bent(np.trunc(whole - a + b))
                + _bent(np.trunc(whole - a - b))
                for b in steps
            ]
            for a in steps
        ]
        check_close(
            found,
            _bent_hessian(whole),
            what=f"numerical_hessian at the integers {whole.tolist()}",
            rtol=1e-5,
            relative_to="largest",
            mistakes={
                "x + 1e-4 is stored in an array of integers, which cuts it off": np.array(cut)
                / 4e-8,
                "a step is stored in an array of integers, which makes 0 of 1e-4": 0.0
                * _bent_hessian(whole),
            },
        )
        barely = np.array([0.1, 1e-9, 1.3, -2.7e-7]) * (1 + draw % 7 / 10)
        check_unchanged(numerical_hessian, _bent, barely, what="numerical_hessian")
        alone = np.array([0.5 + draw % 4])
        check_close(
            numerical_hessian(lambda z: z[0] ** 3 / 6 + z[0] ** 2, alone),
            alone[:, None] + 2,
            what=f"numerical_hessian of x**3 / 6 + x**2 at {alone}, one variable",
            rtol=1e-5,
        )


# -- critical points ------------------------------------------------------------------------------

Rule = Callable[[Floats], Any]


def _kind(H: Floats, tolerance: float = 1e-10, least: float = 0.0) -> str:
    values = np.linalg.eigvalsh(H)
    zero = max(tolerance * np.max(np.abs(values)), least)
    up, down = values > zero, values < -zero
    if up.any() and down.any():
        return "saddle"
    if up.all():
        return "minimum"
    return "maximum" if down.all() else "degenerate"


def _by_signs(numbers: Floats) -> str:
    if (numbers > 0).all():
        return "minimum"
    if (numbers < 0).all():
        return "maximum"
    return "degenerate" if (numbers == 0).any() else "saddle"


def _zero_first(H: Floats) -> str:
    values = np.linalg.eigvalsh(H)
    zero = np.abs(values) <= 1e-10 * np.max(np.abs(values))
    return "degenerate" if zero.any() else _kind(H)


def _by_determinant(H: Floats) -> str:
    det = np.linalg.det(H)
    if abs(det) < 1e-10:
        return "degenerate"
    if det < 0:
        return "saddle"
    return "minimum" if H[0, 0] > 0 else "maximum"


def _by_determinant_of_one_sign(H: Floats) -> str:
    det = np.linalg.det(H)
    return ("minimum" if H[0, 0] > 0 else "maximum") if det > 0 else "saddle"


def _semidefinite(H: Floats) -> str:
    values = np.linalg.eigvalsh(H)
    zero = 1e-10 * np.max(np.abs(values))
    if (values >= -zero).all():
        return "minimum"
    return "maximum" if (values <= zero).all() else "saddle"


def _swapped(H: Floats) -> str:
    kind = _kind(H)
    return {"minimum": "maximum", "maximum": "minimum"}.get(kind, kind)


def _exact_zeros(H: Floats) -> str:
    values = np.linalg.eigvalsh(H)
    if (values > 0).any() and (values < 0).any():
        return "saddle"
    return _by_signs(values)


RULES: dict[str, Rule] = {
    "an eigenvalue 0 is looked at first: both signs make a saddle all the same": _zero_first,
    "eigenvalues are compared with 0 itself: a computed zero is rarely exact": _exact_zeros,
    "1e-10 is taken as it is: zero is relative to the largest |eigenvalue|": (
        lambda H: _kind(H, 0.0, 1e-10)
    ),
    "the bound for a zero is absolute: it is relative to the largest |eigenvalue|": (
        lambda H: _kind(H, 0.0, 1e-8)
    ),
    "the determinant decides here: it is the product of all eigenvalues, which hides their signs": (
        _by_determinant
    ),
    "the determinant decides here, and it hides the signs of the eigenvalues": (
        _by_determinant_of_one_sign
    ),
    "the diagonal decides here: its entries are not the eigenvalues": (
        lambda H: _by_signs(np.diag(H))
    ),
    "all entries of H are looked at: the eigenvalues decide": lambda H: _by_signs(H.ravel()),
    "an eigenvalue 0 beside others of one sign makes it degenerate": _semidefinite,
    "minimum and maximum are swapped: all eigenvalues positive means up in every direction": (
        _swapped
    ),
    **{
        f"the bound for a zero is {t:g} of the largest |eigenvalue|, not 1e-10": (
            lambda H, t=t: _kind(H, t)
        )
        for t in (1e-6, 1e-7, 1e-8, 1e-9, 5e-10, 2e-10, 5e-11, 1e-11, 1e-12)
    },
}


def the_only(said: Sequence[str]) -> str | None:
    """Return a sentence if it is the only one: a wrong name is worse than none."""
    return said[0] if len(said) == 1 else None


def with_eigenvalues(values: Sequence[float], draw: int) -> Floats:
    """Return a symmetric matrix with these eigenvalues, and no zero on or off its diagonal."""
    n = len(values)
    turn = np.linalg.qr(points(draw, (n, n)) + 0.37)[0]
    H = turn @ np.diag(values) @ turn.T
    return (H + H.T) / 2


def _check_kinds(classify_critical_point: Function, cases: Sequence[tuple[str, Floats]]) -> None:
    """Check what is said of some matrices; name a rule that fits all the answers."""
    __tracebackhide__ = True
    found = [
        check_unchanged(classify_critical_point, H, what="classify_critical_point")
        for _, H in cases
    ]
    plain = [word.item() if isinstance(word, np.generic) else word for word in found]
    for (name, H), word in zip(cases, plain, strict=True):
        if isinstance(word, str) and word == _kind(H):
            continue
        likely = nothing_returned(word)
        if isinstance(word, str):
            fits = [
                said for said, rule in RULES.items() if [str(rule(m)) for _, m in cases] == plain
            ]
            likely = the_only(fits)
            if word.strip().lower() == _kind(H):
                likely = "the word is right, but not its spelling: look at capitals and spaces"
        raise CheckFailed(
            f"classify_critical_point(H) is wrong for an H {name}",
            expected=repr(_kind(H)),
            actual=brief(word),
            likely=likely,
        )


def _cases(spectra: Sequence[Sequence[float]], draw: int) -> list[tuple[str, Floats]]:
    return [
        (f"with the eigenvalues {', '.join(f'{v:g}' for v in values)}", with_eigenvalues(values, k))
        for k, values in enumerate(spectra, start=draw)
    ]


def classify_signs(classify_critical_point: Function, draw: int = 0) -> None:
    """Check minimum, maximum and saddle in one and two dimensions, tiny and huge ones too."""
    a, b = (float(v) for v in points(draw, (2,), 0.4, 4.0))
    spectra = [[a, b + 1], [-a, -b - 1], [a, -b], [-a - 5, b], [a * 1e-12, b * 2e-12 + 1e-11]]
    spectra += [[-1e9 * a, -b], [a], [-b]]
    whole = [("of integers, [[3, 2], [2, -1]]", np.array([[3, 2], [2, -1]]))]  # not generic: H
    _check_kinds(classify_critical_point, _cases(spectra, draw) + whole)


def classify_dimensions(classify_critical_point: Function, draw: int = 0) -> None:
    """Check three and four dimensions, where the determinant says little."""
    a, b, c, d = (float(v) for v in points(draw + 1, (4,), 0.4, 4.0))
    spectra = [[a, -b, -c], [a, b, c], [-a, -b, -c], [a, b, -c, -d], [-a, -b, -c, -d]]
    spectra += [[a, b, c, -0.01], [a, b, c, d]]
    _check_kinds(classify_critical_point, _cases(spectra, draw + 10))


def classify_degenerate(classify_critical_point: Function, draw: int = 0) -> None:
    """Check what counts as 0, and that both signs make a saddle all the same."""
    a, b = (float(v) for v in points(draw + 2, (2,), 0.6, 1.4))
    turned = [[a, 0.0], [-a, 0.0, -b], [a, 0.0, -b], [1e6 * a, 1e6 * b, 0.0]]
    straight = [
        [0.0, 0.0],
        [a, 3e-10 * a],
        [a, -3e-10 * a],
        [a, 4e-11 * a],
        [a, -4e-11 * a],
        [-a, 4e-11 * a, -b],
        [1e6 * a, 1e6 * b, 3e-4 * a],
        [1e6 * a, 4e-5 * a],
        [1e-8 * a, 4e-19 * a],
        [1e-8 * a, 3e-18 * a],
    ]
    diagonal = [
        (f"that is diagonal, with {', '.join(f'{v:g}' for v in values)}", np.diag(values))
        for values in straight
    ]
    _check_kinds(classify_critical_point, _cases(turned, draw + 20) + diagonal)
