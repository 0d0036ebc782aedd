"""Exercise 2.10: what the Hessian says about a critical point."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from byhand.checks import CheckFailed, check_unchanged
from byhand.checks.failures import brief, nothing_returned
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, points

Rule = Callable[[Floats], Any]
DETERMINANT = "the determinant decides here: it is the product of all eigenvalues, and hides signs"


def _kind(H: Floats, tolerance: float = 1e-10, least: float = 0.0) -> str:
    values = np.linalg.eigvalsh(H)
    return _beyond(values, max(tolerance * np.max(np.abs(values)), least))


def _beyond(values: NDArray[Any], zero: float) -> str:
    up, down = values > zero, values < -zero
    if up.any() and down.any():
        return "saddle"
    if up.all():
        return "minimum"
    return "maximum" if down.all() else "degenerate"


def _by_signs(numbers: NDArray[Any]) -> str:
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


def _zero_first_absolute(H: Floats, least: float) -> str:
    zero = np.abs(np.linalg.eigvalsh(H)) <= least
    return "degenerate" if zero.any() else _kind(H)


def _loosely(H: Floats, both: bool, up: bool) -> str:
    """Return what comes of one zero too many: any positive, or any negative, eigenvalue decides."""
    values = np.linalg.eigvalsh(H)
    zero = 1e-10 * np.max(np.abs(values))
    high, low = values > zero, values < -zero
    if high.any() and low.any():
        return "saddle"
    if high.all() or (high.any() and (both or up)):
        return "minimum"
    return "maximum" if low.all() or (low.any() and (both or not up)) else "degenerate"


def _with_zeros(H: Floats, up: bool, down: bool) -> str:
    """Return what comes of counting a zero as positive, or as negative, or as both."""
    values = np.linalg.eigvalsh(H)
    zero = 1e-10 * np.max(np.abs(values))
    high = values > (-zero if up else zero)
    low = values < (zero if down else -zero)
    if high.any() and low.any():
        return "saddle"
    return "minimum" if high.all() else "maximum" if low.all() else "degenerate"


def _in_place_of_degenerate(H: Floats, word: str) -> str:
    return word if _kind(H) == "degenerate" else _kind(H)


def _by_sum(H: Floats) -> str:
    total = np.trace(H)
    return "minimum" if total > 0 else "maximum" if total < 0 else "degenerate"


def _swapped(H: Floats) -> str:
    kind = _kind(H)
    return {"minimum": "maximum", "maximum": "minimum"}.get(kind, kind)


def _exact_zeros(H: Floats) -> str:
    values = np.linalg.eigvalsh(H)
    if (values > 0).any() and (values < 0).any():
        return "saddle"
    return _by_signs(values)


ABSOLUTE = "the bound for a zero is absolute: it is relative to the largest |eigenvalue|"
SIGNED = "the bound for a zero is made of the largest eigenvalue, not of the largest |eigenvalue|"
WIDER = "the bound for a zero is wider than 1e-10 times the largest |eigenvalue|"
NARROWER = "the bound for a zero is narrower than 1e-10 times the largest |eigenvalue|"
ZERO_BESIDE = "an eigenvalue 0 beside others of one sign makes it degenerate"
COUNTED = "an eigenvalue 0 counts as positive or as negative here: it has no sign"
LOOSE = (True, True), (False, True), (False, False)
SIGNS = (True, True), (False, True), (True, False)
RULES: list[tuple[str, Rule]] = [
    ("an eigenvalue 0 is looked at first: both signs make a saddle all the same", _zero_first),
    ("eigenvalues are compared with 0 itself: a computed zero is rarely exact", _exact_zeros),
    (DETERMINANT, _by_determinant),
    (DETERMINANT, _by_determinant_of_one_sign),
    (
        "the diagonal decides here: its entries are not the eigenvalues",
        lambda H: _by_signs(np.diag(H)),
    ),
    ("all entries of H are looked at: the eigenvalues decide", lambda H: _by_signs(H.ravel())),
    (ZERO_BESIDE, _semidefinite),
    *((ZERO_BESIDE, lambda H, b=b, u=u: _loosely(H, b, u)) for b, u in LOOSE),
    *((COUNTED, lambda H, u=u, d=d: _with_zeros(H, u, d)) for u, d in SIGNS),
    *(
        (
            f"{word!r} is returned where H is degenerate: one eigenvalue is 0, and no two have "
            "different signs",
            lambda H, word=word: _in_place_of_degenerate(H, word),
        )
        for word in ("minimum", "maximum", "saddle")
    ),
    ("the sum of the eigenvalues, the trace, decides here: it hides signs", _by_sum),
    (
        "one eigenvalue other than 0 makes a saddle here: it takes two, of both signs",
        lambda H: "saddle" if H.any() else "degenerate",
    ),
    *(
        (
            "only some of the eigenvalues are looked at: all of them decide",
            lambda H, part=part: _beyond(v := np.linalg.eigvalsh(H)[part], 1e-10 * max(abs(v))),
        )
        for part in (slice(2), slice(1), slice(-1, None), slice(0, None, 2))
    ),
    (
        "minimum and maximum are swapped: all eigenvalues positive means up in every direction",
        _swapped,
    ),
    *((ABSOLUTE, lambda H, t=t: _kind(H, 0.0, t)) for t in (1e-10, 1e-8, 1e-12, 1e-6)),
    *((ABSOLUTE, lambda H, t=t: _zero_first_absolute(H, t)) for t in (1e-10, 1e-8, 1e-12)),
    (SIGNED, lambda H: _beyond(v := np.linalg.eigvalsh(H), 1e-10 * v[-1])),
    (SIGNED, lambda H: _beyond(v := np.linalg.eigvalsh(H), 1e-10 * abs(v[-1]))),
    *((WIDER, lambda H, t=t: _kind(H, t)) for t in (1e-6, 1e-7, 1e-8, 1e-9, 5e-10, 2e-10)),
    *((NARROWER, lambda H, t=t: _kind(H, t)) for t in (5e-11, 1e-11, 1e-12)),
]


def the_only(said: Iterable[str]) -> str | None:
    """Return a sentence if it is the only one: a wrong name is worse than none."""
    different = set(said)
    return different.pop() if len(different) == 1 else None


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
        raise CheckFailed(
            f"classify_critical_point(H) is wrong for an H {name}",
            expected=repr(_kind(H)),
            actual=brief(word),
            likely=partial(_likely_rule, word, _kind(H), cases, plain),
        )


def _likely_rule(
    word: Any, right: str, cases: Sequence[tuple[str, Floats]], found: Sequence[Any]
) -> str | None:
    """Return why a word is wrong: its spelling, or the one rule that gives all that was found."""
    if not isinstance(word, str):
        return nothing_returned(word)
    if word.strip().lower() == right:
        return "the word is right, but not its spelling: look at capitals and spaces"
    return the_only(
        said
        for said, rule in RULES
        if all(str(rule(H)) == kind for (_, H), kind in zip(cases, found, strict=True))
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
        [a, 1.4e-10 * a],
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
