"""What each test found in a submission, kept in the gradebook: a report reads no notebook."""

from __future__ import annotations

import msgspec

from autograder.engine.result import Result


class Found(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one test found: no more than the student is told.

    Attributes
    ----------
    id : str
        Of the test cell.
    points, maximum : float
        What it gave, and what it is worth.
    error : str
        Builtin type of the error that ended it; "" for a test that passed.
    hidden : bool
        Whether only a hidden part of it failed.
    what, where, expected, actual, likely, hint : str
        As in `FailedCheck`; "" for none.
    """

    id: str
    points: float
    maximum: float
    error: str = ""
    hidden: bool = False
    what: str = ""
    where: str = ""
    expected: str = ""
    actual: str = ""
    likely: str = ""
    hint: str = ""


def encode(result: Result) -> str:
    """Return what the tests of a submission found, as JSON."""
    tests = []
    for cell in result.tests:
        check = cell.told
        found = Found(cell.id, cell.points, cell.maximum)
        if cell.error is not None and check is not None:
            found = Found(
                cell.id, cell.points, cell.maximum, cell.error[0], cell.hidden, check.what,
                check.where or "", check.expected or "", check.actual or "", check.likely or "",
                check.hint or "",
            )  # fmt: skip
        tests.append(found)
    return msgspec.json.encode(tests).decode()


def decode(text: str) -> list[Found]:
    """Return what `encode` was told."""
    return msgspec.json.decode(text, type=list[Found])
