"""Exercise 1.13: Newton's method."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from byhand.checks import CheckFailed, check_close, scenario
from byhand.checks.failures import brief
from byhand.differences.calls import Function
from byhand.exercises.samples import points

EARLIER = (
    "this is x one step earlier: is it returned before the step, or is the bound for the step "
    "too large?"
)
IGNORED = "this is the result for the default tol = 1e-12: tol is not used"
BY_VALUE = "this is where f(x) is at most tol: the size of the step decides, not f(x)"
BY_OLD_VALUE = "the size of the step decides when to stop, not f(x)"
MULTIPLE_ROOT = "a root is a root whatever the slope: is f(x) looked at before the slope?"
NOT_RAISED = "max_steps steps were not enough, and x is returned: after the loop, raise"


@scenario
def _first_step(newton_root: Function, x0: float, c: float) -> Any:
    """Return the second point at which f(x) = x ** 3 + 2 x - c is evaluated, and the result."""
    seen = []

    def f(x: float) -> float:
        seen.append(float(x))
        if len(seen) > 1000 or not abs(x) < 1e50:
            raise RuntimeError("endless, or far away: the first step is known by now")
        return x**3 + 2 * x - c

    found = None
    try:
        found = newton_root(f, lambda x: 3 * x**2 + 2, x0)
    except NotImplementedError:
        raise
    except RuntimeError:
        pass
    return [next((x for x in seen if x != x0), None), found]


@scenario
def _run(newton_root: Function, which: str, c: float, x0: float, *settings: Any) -> Any:
    """Return the root that is found for one of these functions, or a dict on what was raised."""
    f, df = {
        "x ** 2 - {c}": (lambda x: x**2 - c, lambda x: 2 * x),
        "x ** 2 + {c}": (lambda x: x**2 + c, lambda x: 2 * x),
        "x ** 2": (lambda x: x**2, lambda x: 2 * x),
        "(x - {c}) ** 2": (lambda x: (x - c) ** 2, lambda x: 2 * (x - c)),
        "exp(x) - {c}": (lambda x: np.exp(x) - c, lambda x: np.exp(x)),
        "(x - {c}) / 1e5": (lambda x: (x - c) / 1e5, lambda x: 1e-5),
        "x - 1e6 * {c}": (lambda x: x - 1e6 * c, lambda x: 1.0),
        "cos(x) + {c}": (lambda x: np.cos(x) + c, lambda x: -np.sin(x)),
        "x ** 3 - 2 x + 2": (lambda x: x**3 - 2 * x + 2, lambda x: 3 * x**2 - 2),
        "an f that is inf": (lambda x: np.inf, lambda x: c),
        "log(x), NaN for x < 0": (lambda x: np.log(x) if x > 0 else np.nan, lambda x: 1 / x),
        "x - {c} with a slope that is inf": (lambda x: x - c, lambda x: np.inf),
        "x - {c} with a slope that is NaN": (lambda x: x - c, lambda x: np.nan),
    }[which]
    calls = []

    class Endless(Exception):
        pass

    def counted(x: float) -> Any:
        calls.append(x)
        if len(calls) > 1000:
            raise Endless
        return f(x)

    try:
        return newton_root(counted, df, x0, *settings)
    except NotImplementedError:
        raise
    except Endless:
        return {"raised": "", "fits": False, "message": ""}
    except Exception as error:
        meant = (RuntimeError, ValueError, ArithmeticError, AssertionError)
        if type(error) is not Exception and not isinstance(error, meant):
            raise  # a slip of Python, which is explained elsewhere
        fits = isinstance(error, RuntimeError) and not isinstance(error, RecursionError)
        return {"raised": type(error).__name__, "fits": fits, "message": str(error)}


def _call(which: str, c: float, x0: float, settings: Mapping[str, Any]) -> str:
    extra = "".join(f", {name} = {value}" for name, value in settings.items())
    return f"newton_root for {which.format(c=c)} from x0 = {x0}{extra}"


def _check_endless(outcome: object, what: str) -> None:
    """Fail if the loop would not have ended."""
    __tracebackhide__ = True
    if isinstance(outcome, dict) and not outcome["raised"]:
        raise CheckFailed(
            f"{what} goes on after f was called 1,000 times",
            likely="the number of steps is not limited: count them, up to max_steps",
        )


def _check_root(
    newton_root: Function,
    case: tuple[str, float, float],
    expected: float,
    settings: Mapping[str, Any] | None = None,
    gives_up: str | None = None,
    **context: Any,
) -> None:
    """Check that a root is found; `gives_up` is the likely mistake if a RuntimeError is raised."""
    __tracebackhide__ = True
    settings = settings or {}
    what = _call(*case, settings)
    outcome = _run(newton_root, *case, *settings.values())
    _check_endless(outcome, what)
    if isinstance(outcome, dict):
        raise CheckFailed(
            f"{what} raises an error",
            expected=brief(float(expected)),
            actual=f"{outcome['raised']}: {outcome['message']}",
            likely=gives_up if outcome["fits"] else None,
        )
    if isinstance(outcome, list | tuple):
        raise CheckFailed(
            f"{what} returns several values", actual=brief(outcome), likely="return x alone"
        )
    check_close(outcome, expected, what=what, rtol=1e-11, **context)


def _check_gives_up(
    newton_root: Function,
    case: tuple[str, float, float],
    settings: Mapping[str, Any] | None = None,
    *,
    why: str,
    likely: Callable[[float], str | None] = lambda returned: None,
) -> str:
    """Check that a RuntimeError is raised, and return its message.

    `why` says why it is asked for; `likely` returns the likely mistake for a returned number.
    """
    __tracebackhide__ = True
    settings = settings or {}
    what = f"{_call(*case, settings)}, where {why},"
    outcome = _run(newton_root, *case, *settings.values())
    _check_endless(outcome, what)
    if isinstance(outcome, dict) and outcome["fits"]:
        return str(outcome["message"])
    if isinstance(outcome, dict):
        said = dict.fromkeys(("ValueError", "Exception"), "another kind of error is asked for")
        if "division by zero" in outcome["message"]:
            said["ZeroDivisionError"] = "f(x) is divided by a slope of 0: look at the slope first"
        raise CheckFailed(
            f"{what} raises another kind of error",
            expected="RuntimeError",
            actual=f"{outcome['raised']}: {outcome['message']}",
            likely=said.get(outcome["raised"]),
        )
    mistake: str | None = None
    if outcome is None:
        mistake = "nothing is raised, and nothing is returned"
    elif isinstance(outcome, int | float):
        mistake = likely(outcome) or ("NaN is returned instead" if np.isnan(outcome) else None)
    raise CheckFailed(
        f"{what} raises no error", expected="RuntimeError", actual=brief(outcome), likely=mistake
    )


def newton_root_values(newton_root: Function, draw: int = 0) -> None:
    """Check the first step from eight points, and the roots of five functions."""
    starts, c = points(draw, (8,)), float(points(draw, (), 2.0, 5.0))
    value, slope = starts**3 + 2 * starts - c, 3 * starts**2 + 2
    step = value / slope
    second = []
    for x0, right in zip(starts, starts - step, strict=True):
        point, found = _first_step(newton_root, float(x0), c)
        if point is None:
            stops = isinstance(found, float) and np.isclose(found, right)
            raise CheckFailed(
                f"newton_root for x ** 3 + 2 x - {c} evaluates f at x0 = {x0} and nowhere else",
                likely="it stops after one step, which is negative here: is its size compared?"
                if stops and right > x0
                else None,
            )
        second.append(point)
    check_close(
        second,
        starts - step,
        what=f"x after the first step, for x ** 3 + 2 x - {c} from eight points x0",
        x=starts,
        mistakes={
            "the step goes the wrong way": starts + step,
            "the fraction of the step is upside down": starts - slope / value,
            "f(x) is multiplied by the slope, but must be divided by it": starts - value * slope,
            "the slope is not used": starts - value,
            "only half of the step is taken": starts - step / 2,
            "x becomes the step: subtract the step from x instead": step,
            "x becomes minus the step: subtract the step from x instead": -step,
        },
    )
    _check_root(newton_root, ("x ** 2 - {c}", c, 1.0), np.sqrt(c))
    negative = "the slope is negative here, but it is not 0"
    _check_root(newton_root, ("x ** 2 - {c}", c, -3.0), -np.sqrt(c), gives_up=negative)
    _check_root(newton_root, ("exp(x) - {c}", c, 2), np.log(c))
    _check_root(
        newton_root,
        ("(x - {c}) / 1e5", c, 0.0),
        c,
        gives_up="a slope of 1e-5 is small, but it is not 0: the tangent does cross zero",
    )
    _check_root(
        newton_root,
        ("x - 1e6 * {c}", c, 0.0),
        1e6 * c,
        gives_up="a large step is no failure: only a step that is not finite is",
    )


def _halved(x: float, enough: Callable[[float], bool]) -> float:
    """Return the first of x / 2, x / 4, ... that is small enough: on x ** 2 it is also the step."""
    x /= 2
    while not enough(x):
        x /= 2
    return x


def newton_root_stops(newton_root: Function, draw: int = 0) -> None:
    """Check that it returns at once on a root, whatever the slope, and after a small step."""
    c, start = float(points(draw, (), 2.0, 5.0)), float(points(draw, (), 0.9, 1.13))
    for which in ("(x - {c}) ** 2", "x - {c} with a slope that is inf"):
        _check_root(newton_root, (which, c, c), c, gives_up=MULTIPLE_ROOT)
    one = {"tol": 1e-12, "max_steps": 1}
    enough = "no step is needed, and max_steps = 1 would allow one"
    _check_root(newton_root, ("x - 1e6 * {c}", 0.0, 0.0), 0.0, one, enough)

    right = _halved(start, lambda x: x <= 0.02)  # the sixth step
    mistakes = {
        EARLIER: 2 * right,
        IGNORED: _halved(start, lambda x: x <= 1e-12),
        BY_VALUE: _halved(start, lambda x: x**2 <= 0.02),
        BY_OLD_VALUE: _halved(start, lambda x: (2 * x) ** 2 <= 0.02),
    }
    away_from_0 = _run(newton_root, "x ** 2 - {c}", c, 2.0, 0.02)
    converges = isinstance(away_from_0, int | float) and np.isclose(away_from_0, np.sqrt(c), 1e-3)
    bound = "near 0 the bound is tol itself: is it tol * |x|, without the max(1, ...)?"
    for settings, gives_up in (
        ({"tol": 0.02}, bound if converges else None),
        (
            {"tol": 0.02, "max_steps": 6},
            "the sixth step is small enough, and max_steps = 6 allows it",
        ),
    ):
        _check_root(
            newton_root, ("x ** 2", 0.0, start), right, settings, gives_up, mistakes=mistakes
        )
    below_1 = round(0.8 * start, 3)  # where a bound of tol * (1 + |x|) would be too large
    mistakes = {EARLIER: below_1 / 2, IGNORED: _halved(below_1, lambda x: x <= 1e-12)}
    case = ("x ** 2", 0.0, below_1)
    _check_root(newton_root, case, below_1 / 4, {"tol": 0.35}, mistakes=mistakes)
    exactly = ("x ** 2", 0.0, 0.5 ** (draw % 4))
    mistakes = {"a step of exactly tol is small enough: compare with <=": exactly[2] / 8}
    _check_root(newton_root, exactly, exactly[2] / 4, {"tol": exactly[2] / 4}, mistakes=mistakes)
    _check_defaults(newton_root, start)
    large = 1024 * start
    by_size = {
        EARLIER: large,
        IGNORED: _halved(large, lambda x: x <= 1e-12),
        BY_VALUE: _halved(large, lambda x: x**2 <= 3),
        "where |x| is above 1 the bound is tol * |x|, not tol": _halved(large, lambda x: x <= 3),
    }
    for sign in (1, -1):  # -1: a bound with x in the place of |x| is too small
        mistakes = {said: sign * x for said, x in by_size.items()}
        case = ("x ** 2", 0.0, sign * large)
        _check_root(newton_root, case, sign * large / 2, {"tol": 3.0}, mistakes=mistakes)


def _check_defaults(newton_root: Function, start: float) -> None:
    """Check tol and max_steps where both are left out: the step halves each time."""
    __tracebackhide__ = True
    small = start / 1.2 * 1e-12  # above half of 1e-12
    _check_root(
        newton_root,
        ("x ** 2", 0.0, small * 2**50),
        small,
        gives_up="step 50 is the first of at most 1e-12, and max_steps = 50 allows it",
        mistakes={EARLIER: 2 * small},
    )
    _check_gives_up(
        newton_root,
        ("x ** 2", 0.0, small * 2**51),
        why="it takes 51 steps, and max_steps = 50 if it is left out",
        likely={small: "51 steps are taken, where max_steps = 50 allows 50"}.get,
    )


def newton_root_fails(newton_root: Function, draw: int = 0) -> None:
    """Check the RuntimeError for a slope of 0 and for too many steps, and that it says which."""
    c, start = float(points(draw, (), 2.0, 5.0)), float(points(draw, (), 0.9, 1.13))
    fine = "nothing fails here, so a root is found"
    _check_root(newton_root, ("x ** 2 - {c}", c, 2.0), np.sqrt(c), gives_up=fine)
    slope = _check_gives_up(newton_root, ("x ** 2 + {c}", c, 0.0), why="the slope is 0")
    _check_gives_up(
        newton_root,
        ("cos(x) + {c}", c, 0.0),
        why="the slope is a NumPy 0",
        likely=lambda returned: (
            None
            if np.isfinite(returned)
            else "a NumPy number divided by 0 is inf or NaN, and no error: is the slope 0?"
        ),
    )
    steps = _check_gives_up(
        newton_root,
        ("x ** 3 - 2 x + 2", c, 0.0),
        why="x goes 0, 1, 0, 1, ...",
        likely=lambda returned: NOT_RAISED if returned in (0, 1) else None,
    )
    limited = {"tol": 0.02, "max_steps": 5}
    lax = _run(newton_root, "x ** 2", 0.0, start, 0.02) == start / 32
    returned = {
        start / 32: None if lax else NOT_RAISED,
        start / 64: "six steps are taken, where max_steps = 5 allows five",
    }
    why = "the sixth step is the first small one"
    _check_gives_up(newton_root, ("x ** 2", 0.0, start), limited, why=why, likely=returned.get)
    _check_says_which(slope, steps)


def _check_says_which(slope: str, steps: str) -> None:
    """Check the messages of two errors: that of a slope of 0, and that of too many steps."""
    __tracebackhide__ = True
    if not slope.strip():
        raise CheckFailed(
            "the RuntimeError for a slope of 0 does not say what happened",
            expected="a message",
            actual=repr(slope),
            likely='there is no text in the brackets: RuntimeError("...")',
        )
    if slope == steps:
        raise CheckFailed(
            "the RuntimeErrors for a slope of 0 and for too many steps say the same",
            actual=repr(slope),
            likely="both are raised with one text: say in each what happened",
        )


def newton_root_not_finite(newton_root: Function, draw: int = 0) -> None:
    """Check the RuntimeError for a value, a slope or a step that is NaN or infinite."""
    c = float(points(draw, (), 2.0, 5.0))
    finite = "f, its slope and the steps are finite here, so a root is found"
    _check_root(newton_root, ("x ** 2 - {c}", c, 1.0), np.sqrt(c), gives_up=finite)
    infinite = "|step| <= tol * |x| is True where both are infinite: np.isfinite is not asked"
    stuck = "f(x) divided by an infinite slope is a step of 0, which looks like success"

    def none_or(sentence: str, fits: Callable[[float], Any]) -> Callable[[float], str | None]:
        return lambda returned: sentence if fits(returned) else None

    for which, why, likely in (
        ("an f that is inf", "f(x) is infinite", none_or(infinite, np.isinf)),
        ("log(x), NaN for x < 0", "f becomes NaN", lambda returned: None),
        (
            "x - {c} with a slope that is inf",
            "the slope is infinite",
            none_or(stuck, lambda returned: returned == c + 1),
        ),
        ("x - {c} with a slope that is NaN", "the slope is NaN", lambda returned: None),
    ):
        _check_gives_up(newton_root, (which, c, c + 1), why=why, likely=likely)
    _check_gives_up(
        newton_root,
        ("x ** 2 + {c}", c, 1e-320),
        why="f(x) divided by the slope overflows",
        likely=none_or(infinite, np.isinf),
    )
