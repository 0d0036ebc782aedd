"""What an engine costs: lines executed where paths double, and a recursion that is too deep."""

from __future__ import annotations

from typing import Any

from byhand.checks import CheckFailed, scenario
from byhand.differences.calls import Function

Parents = dict[str, list[tuple[str, float]]]
LEVELS = 16  # 65,536 paths take 0.1 s even if each is walked


def recursion(what: str) -> CheckFailed:
    """Return what a check says where the student's code ends in a RecursionError."""
    return CheckFailed(
        f"{what} ends in a RecursionError",
        likely="a function that calls itself for each parent stops at a depth of about 1000: keep "
        "a list of what is still to be visited",
    )


@scenario
def _lines_of(answer: Function, problem: Any, most: int) -> int:
    """Return how many lines run, `most` at most: for a graph's slope, or back from doublings."""
    import sys

    lines, doublings = [0], isinstance(problem, int)

    def count(frame: Any, event: str, argument: Any) -> Any:
        lines[0] += event == "line"
        if lines[0] >= most:
            raise InterruptedError
        return count

    out: Any = answer(1.5) if doublings else None
    for _ in range(problem if doublings else 0):
        out = out + out
    before = sys.gettrace()
    sys.settrace(count)
    try:
        out.backward() if doublings else answer(problem)
    except InterruptedError:
        pass
    finally:
        sys.settrace(before)
    return lines[0]


def diamonds(levels: int) -> Parents:
    """Return a row of names, each of which reads the next one twice, from y to x."""
    names = ["y", *(f"n{k}" for k in reversed(range(levels - 1))), "x"]
    return {a: [(b, 1.0), (b, 1.0)] for a, b in zip(names, names[1:], strict=False)}


def check_doublings(engine: Function) -> None:
    """Check that an engine's backward doesn't walk every path."""
    __tracebackhide__ = True
    what = f"backward after {LEVELS} doublings out = out + out"
    _refuse_paths(what, f"{LEVELS} additions", _lines_of(engine, LEVELS, 2**LEVELS))


def check_diamonds(path_slope: Function) -> None:
    """Check that a slope is found without walking every path."""
    __tracebackhide__ = True
    what = f"path_slope of a row of {LEVELS} names, each of which reads the next one twice,"
    lines = _lines_of(path_slope, diamonds(LEVELS), 2**LEVELS)
    _refuse_paths(what, f"{LEVELS} names", lines)


def _refuse_paths(what: str, size: str, lines: int) -> None:
    __tracebackhide__ = True
    if lines >= 2**LEVELS:
        raise CheckFailed(
            f"{what} takes too many steps",
            expected=f"some lines of Python for each of the {size}",
            actual=f"{lines:,} lines executed, and more to come",
            likely=f"every path is walked, and there are 2 ** {LEVELS} of them: visit each once, "
            "when all of its shares have arrived",
        )
