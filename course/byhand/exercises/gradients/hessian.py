"""Exercise 2.9: Hessians, derived and measured."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import (
    CheckFailed,
    check_close,
    check_shape,
    check_unchanged,
    may_measure,
    scenario,
    supplied,
)
from byhand.differences.calls import Function
from byhand.exercises.batches import here
from byhand.exercises.gradients.earlier import (
    DEFAULT,
    JACOBIAN,
    SHORT,
    measured_by,
    slips_of_defaults,
    slopes_at_kinks,
    steps_along,
)
from byhand.exercises.samples import Floats, kept, points


def hessian_f_values(hessian_f: Function, draw: int = 0) -> None:
    """Check all second derivatives of x**2 * y + y**3 at seven points, integers among them."""
    count = 6
    places = [(a, b) for a, b in points(draw, (count, 2), -2.5, 2.5).tolist()]
    places += [(3 + draw % 3, -2)]
    found = [hessian_f(a, b) for a, b in places]
    for (a, b), H in zip(places, found, strict=True):
        right = np.array([[2 * b, 2 * a], [2 * a, 6 * b]])  # not generic: H
        check_shape(
            H,
            (2, 2),
            what=f"hessian_f({a}, {b})",
            expected_values=right,
            mistakes={
                "the entries are in one row: a matrix has two axes": right.ravel(),
                "these are the entries of the diagonal alone": np.diag(right),
            },
        )
    H, (x, y) = np.array(found), np.array(places).T
    for (i, j), name, right, mistakes in (
        (
            (0, 0),
            "x twice",
            2 * y,
            {
                "the factor y of x**2 * y is lost": 0 * y + 2,
                "2 * y is added to the slope of 3 * y**2: with respect to x, y**3 is a constant": 2
                * y
                + 6 * y,
            },
        ),
        ((0, 1), "x, then y", 2 * x, {}),
        ((1, 0), "y, then x", 2 * x, {}),
        (
            (1, 1),
            "y twice",
            6 * y,
            {
                "the slope of 3 * y**2 is 6 * y": 3 * y,
                "the exponent of 3 * y**2 does not go down by 1": 6 * y**2,
                "this is the slope of y**3: differentiate it once more": 3 * y**2,
                "6 * y has lost its y": 0 * y + 6,
                "x**2 is differentiated with respect to x: with respect to y it is a constant": 2
                * x
                + 6 * y,
                "x**2 is kept: with respect to y it is a constant": x**2 + 6 * y,
            },
        ),
    ):
        common = _elsewhere(x, y)
        check_close(
            H[:, i, j],
            right,
            what=f"entry [{i}, {j}] of hessian_f(x, y), with respect to {name}, at seven points",
            mistakes=mistakes
            | {
                said: v
                for said, v in common.items()
                if not any(np.array_equal(v, other) for other in (right, *mistakes.values()))
            },
        )


def _first_slopes(x: Floats, y: Floats) -> dict[str, Any]:
    """Return first derivatives, and slips of a mixed entry, which no entry holds."""
    return {
        "this is the first slope with respect to x: differentiate it once more": 2 * x * y,
        "this is the first slope with respect to y: differentiate it once more": x**2 + 3 * y**2,
        "this is f itself: differentiate it twice": x**2 * y + y**3,
        "x**2 is kept: a mixed entry differentiates it by x": x**2,
        "2 * x has lost its x": 0 * x + 2,
        "2 * x is added to the slope of y**3, which contains no x": 2 * x + 3 * y**2,
    }


def _elsewhere(x: Floats, y: Floats) -> dict[str, Any]:
    """Return what belongs to no entry, or to another one."""
    return _first_slopes(x, y) | {
        "this belongs to another entry of the matrix: 2 y": 2 * y,
        "this belongs to another entry of the matrix: 6 y": 6 * y,
        "this belongs to a mixed entry, 2 x": 2 * x,
        "a mixed entry is missing: the slope with respect to one variable contains the other": (
            0.0 * x
        ),
    }


@scenario
def _functions() -> Any:
    """Return what the student's functions measure: they call it very often."""

    def bent(z: Floats) -> Any:
        a, b, c, d = z
        return a**3 * b / 3 + b**2 * c**2 - 2 * c * d**2 + d**4 / 4 + a * d

    return {
        "bent": bent,
        "kinked": lambda z: abs(z[0]) * z[1],
        "mixed": lambda z: np.sin(3 * z[0]) * z[1] + z[2] ** 4,
        "cubic": lambda z: z[0] ** 3 / 6 + z[0] ** 2,
    }


_bent = here(_functions)["bent"]


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


def _by_four_points(x: Floats, h: float) -> Floats:
    E = steps_along(len(x), h)
    four = [
        [_bent(x + a + b) - _bent(x + a - b) - _bent(x - a + b) + _bent(x - a - b) for b in E]
        for a in E
    ]
    return np.array(four) / (4 * h**2)


@kept
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
    tiny = {
        f"the step is {k:g} here: rounding is magnified too much": _by_four_points(x, k)
        for k in (1e-5, 1e-6, 1e-7, 1e-8)
    }
    return tiny | {
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
        "the signs are +, -, -, +: here they are +, +, -, -": (pp + pm - mp - mm) / four,
        "the signs are +, -, -, +: here they are all turned round": -(pp - pm - mp + mm) / four,
        "only two of the four values are used: f(x + a + b) and f(x - a - b)": (pp - mm) / four,
        "divided by 2 * h**2: both differences span 2 * h, and (2 * h)**2 is 4 * h**2": 2 * right,
        "(4 * h)**2 is 16 * h**2: each of the two differences spans 2 * h": right / 4,
        "divided by 8 * h**2: each of the two differences spans 2 * h": right / 2,
        "divided by h**3: there are two steps of size h": right / h,
        **_fewer_values(x, h, pp, mm),
    }


def _fewer_values(x: Floats, h: float, pp: Floats, mm: Floats) -> dict[str, Any]:
    """Return what comes of differences to one side, or along one direction only."""
    steps = steps_along(len(x), h)
    here = _bent(x)
    up, down = (np.array([_bent(x + s * a) for a in steps]) for s in (1, -1))
    ahead = pp - up[:, None] - up + here
    behind = mm - down[:, None] - down + here
    along = pp - 2 * here + mm
    own = np.broadcast_to((up - 2 * here + down)[:, None], pp.shape)
    narrow = "divided by 4 * h**2, but the points of a difference to one side are h apart"
    return {
        narrow: ahead / (4 * h**2),
        "these are differences to one side, backward: look both ways": behind / h**2,
        "each row holds the second slope along its own axis: the other step is not used": own
        / h**2,
        "this is the second slope along a + b: a mixed one needs four values": along / h**2,
        "this is a quarter of the second slope along a + b: a mixed one needs four values": along
        / (4 * h**2),
    }


def numerical_hessian_values(numerical_hessian: Function, draw: int = 0) -> None:
    """Check all second derivatives of a function of four numbers, and that h is used."""
    f = _functions()
    x = points(draw, (4,), 0.5, 1.5) * [1, -1, 1, -1]
    h = 1e-4
    steps = steps_along(4, h)
    with may_measure(), supplied(**measured_by(*JACOBIAN)):
        one_sided = np.array(
            [
                [(_bent(x + a + b) - _bent(x + a) - _bent(x + b) + _bent(x)) / h**2 for b in steps]
                for a in steps
            ]
        )
        check_close(
            numerical_hessian(f["bent"], x.copy()),
            _bent_hessian(x),
            what="numerical_hessian(f, x) of four variables",
            rtol=1e-5,
            relative_to="largest",
            mistakes=_slips(x, h)
            | {"these are differences to one side: look both ways": one_sided},
        )
        near, slopes = slopes_at_kinks(draw, 1e-4)
        H = numerical_hessian(f["kinked"], np.array([near[0], x[0]]))
        check_shape(H, (2, 2), what="numerical_hessian(f, x) of two variables")
        check_close(
            [H[0, 1], H[1, 0]],
            [slopes[0], slopes[0]],
            what="the mixed entries of numerical_hessian(f, x), without h, for f = |x| * y "
            "closer than h to the kink",
            rtol=1e-6,
            hint=DEFAULT.format("1e-4"),
            mistakes={
                said: [wrong[0, 0]] * 2
                for said, wrong in slips_of_defaults(np.abs, near[:1], 1e-4).items()
            },
        )
        fine, coarse = (numerical_hessian(f["mixed"], x[:3].copy(), step) for step in (1e-4, 0.5))
        for name, H in (("1e-4", fine), ("0.5", coarse)):
            check_shape(H, (3, 3), what=f"numerical_hessian(f, x, {name})")
        if np.max(np.abs(np.asarray(coarse) - np.asarray(fine))) < 0.01:
            raise CheckFailed(
                "numerical_hessian(f, x, h) gives the same for h = 1e-4 and for h = 0.5",
                likely="h is not used",
            )


def numerical_hessian_input(numerical_hessian: Function, draw: int = 0) -> None:
    """Check integers, float32, a single variable, and that x is left exactly as it was."""
    f = _functions()
    whole = np.array([3 + draw % 4, -2, 1, 2 + draw % 3])
    with may_measure(), supplied(**measured_by(*JACOBIAN)):
        found = check_unchanged(numerical_hessian, f["bent"], whole, what="numerical_hessian")
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
        check_close(
            numerical_hessian(f["bent"], whole.astype(np.float32)),
            _bent_hessian(whole),
            what=f"numerical_hessian at {whole.tolist()} in float32",
            rtol=1e-5,
            relative_to="largest",
            dtype=np.float64,
            hint=SHORT,
        )
        barely = np.array([0.1, 1e-9, 1.3, -2.7e-7]) * (1 + draw % 7 / 10)
        check_unchanged(numerical_hessian, f["bent"], barely, what="numerical_hessian")
        alone = np.array([0.5 + draw % 4])
        check_close(
            numerical_hessian(f["cubic"], alone),
            alone[:, None] + 2,
            what=f"numerical_hessian of x**3 / 6 + x**2 at {alone}, one variable",
            rtol=1e-5,
        )
