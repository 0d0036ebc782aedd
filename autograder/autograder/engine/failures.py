"""How a failure is told: a test's, and an error in a student's code."""

from __future__ import annotations

from collections.abc import Sequence
from traceback import walk_tb
from typing import Any

from autograder.course.notebooks import HIDDEN_TESTS
from autograder.engine.exceptions import LONGEST_PART, LONGEST_TEXT, builtin_error
from autograder.engine.result import ComparedArrays, FailedCheck
from autograder.engine.text import printable
from byhand.checks.failures import CheckFailed, Compared, nothing_returned

PARTS = ("what", "where", "expected", "actual", "likely", "hint")
LONGEST_ENTRY = 60  # characters of an array's entry
CONTEXT = 2  # lines shown around the one that failed


def failed_line(error: BaseException, name: str, lines: list[str]) -> tuple[int, bool]:
    """Return the line of a test cell that failed, 0 if none did, and whether it is hidden.

    Parameters
    ----------
    error : BaseException
        What ended the test.
    name : str
        What tracebacks call the test cell.
    lines : list of str
        Its source.
    """
    at = [line for frame, line in walk_tb(error.__traceback__) if frame.f_code.co_filename == name]
    line = at[0] if at else getattr(error, "lineno", None) or 0
    mark = _hidden_mark(lines)
    return line, line > mark or (not line and mark <= len(lines))


def _hidden_mark(lines: list[str]) -> int:
    """Return the line where hidden tests begin, or the one behind the last."""
    marks = (k for k, text in enumerate(lines, 1) if HIDDEN_TESTS.begin in text)
    return next(marks, len(lines) + 1)


def describe_failure(
    error: BaseException, lines: list[str], line: int, hidden: bool
) -> dict[str, Any]:
    """Return how a test failed, as fields of a `CellResult`.

    Parameters
    ----------
    error : BaseException
        What ended the test.
    lines : list of str
        Its source.
    line, hidden
        Where; see `failed_line`.
    """
    kind = type(error).__name__
    if isinstance(error, CheckFailed):
        # any of them may quote what the student's code returned, at any length
        for part in PARTS:
            text = getattr(error, part)
            setattr(error, part, None if text is None else printable(text, LONGEST_TEXT))
        parts = {part: getattr(error, part) for part in PARTS}
        return {
            "error": (kind, kind, str(error)),
            "traceback": error._render_traceback_(),
            "hidden": hidden,
            "check": FailedCheck(**parts, compared=None if hidden else _arrays(error.compared)),
        }
    described = getattr(error, "_student", None)
    if described is None:
        described = [kind, kind, printable(str(error), LONGEST_TEXT), [], []]
    explained = explanation(described[4])
    return {
        "error": tuple(described[:3]),
        "traceback": render(described, lines if hidden else lines[: _hidden_mark(lines) - 1], line),
        "hidden": hidden,
        "check": None if hidden else explained,
    }


def _arrays(found: Compared | None) -> ComparedArrays | None:
    """Return two arrays that a check compared; their entries are numbers or words as text."""
    if found is None:
        return None
    right, got = (
        [printable(text, LONGEST_ENTRY) for text in side] for side in (found.expected, found.actual)
    )
    return ComparedArrays(list(found.shape), right, got, list(found.wrong), found.part)


def explanation(parts: Sequence[str | None]) -> FailedCheck | None:
    """Return what a candidate says about an error, as a failed check says it."""
    if not parts:
        return None
    what, where, actual, likely = parts
    return FailedCheck(what or "", where=where, actual=actual, likely=likely)


def foreign_result(name: str, kind: Any, shown: Any) -> CheckFailed:
    """Return the failure of a function that returned something other than plain data.

    Parameters
    ----------
    name : str
        The student's function.
    kind, shown : str
        The type of what it returned, and how it looks.
    """
    shown = printable(shown, 200)
    return CheckFailed(
        f"{name} returned something other than numbers, arrays or text",
        actual=f"{printable(kind, 80)}: {shown}",
        likely=nothing_returned(None if shown == "None" else shown),
    )


def render(error: list[Any], lines: Sequence[str] = (), line: int = 0) -> list[str]:
    """Return an error as a kernel shows it: the line of the cell, then the student's own lines.

    Parameters
    ----------
    error : list
        Described as by `autograder.engine.exceptions.describe`.
    lines : list of str
        The source of the test cell.
    line : int
        Number of the line that failed there; 0 for none.
    """
    _, name, message, frames, explained = error
    text = ["-" * 75, f"{name:<42}Traceback (most recent call last)"]
    if line:
        text.append(f"Cell, line {line}")
        for number in range(max(1, line - CONTEXT), min(len(lines), line + CONTEXT) + 1):
            arrow = "---->" if number == line else "     "
            text.append(f"{arrow} {number} {lines[number - 1]}")
        text.append("")
    for place, number, function, source in frames:
        where = "the test" if place == "<test>" else "the student's code"
        text.append(f"{where}, line {number}, in {function or 'the cell'}")
        text.append(f"----> {number} {source}")
    if frames:
        text.append("")
    text.append(f"{name}: {message}")
    if explained and explained[3]:
        text += ["", f"likely: {explained[3]}"]
    return text


def checked(error: Any) -> list[Any]:
    """Return a described error, which a candidate sent, with nothing else in it."""
    base, name, message, frames, explained = error
    base = builtin_error(base).__name__
    clean = [
        [printable(place, 10), int(line), printable(function, 80), printable(text, 200)]
        for place, line, function, text in frames[:12]
    ]
    said = [None if part is None else printable(part, LONGEST_PART) for part in explained[:4]]
    said = said if len(said) == 4 else []
    return [base, printable(name, 80), printable(message, LONGEST_TEXT), clean, said]
