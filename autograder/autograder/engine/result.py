"""What an examination comes to: `Result`, plain data with one documented JSON form."""

from __future__ import annotations

from typing import Any

import msgspec


class Check(msgspec.Struct, frozen=True):
    """What a failed check said, in its parts; see `byhand.checks.CheckFailed`."""

    what: str
    where: str | None = None
    expected: str | None = None
    actual: str | None = None
    likely: str | None = None
    hint: str | None = None


class CellResult(msgspec.Struct, frozen=True):
    """What came of one code cell.

    Attributes
    ----------
    id : str
        The cell's id.
    role : str
        ``setup``, ``student`` or ``test``.
    error : tuple or None
        Builtin type, name and message of the error that ended it; no control characters.
    traceback : list of str
        The error as a kernel would show it. Of a hidden test it shows hidden lines.
    output : str
        What it printed, up to 32,000 characters, as it was printed: escape sequences and all. In a
        test a student's function may have printed what it was called with.
    displayed : list of dict
        What it displayed: ``kind`` and ``data``, as ``text/plain`` only.
    seconds : float
        How long it took on the wall clock.
    points, maximum : float
        Of a test.
    hidden : bool
        Whether a hidden part of a test found the fault: then nothing of `check` but `what`,
        `likely` and `hint` is for the student, nothing of `error` but its name (an answer may put
        its arguments into the message), and neither `traceback` nor `output`.
    died : bool
        Whether the student's process ended or had to be ended.
    check : Check or None
        What the failed check said.
    """

    id: str
    role: str
    error: tuple[str, str, str] | None = None
    traceback: list[str] = []
    output: str = ""
    displayed: list[dict[str, Any]] = []
    seconds: float = 0.0
    points: float = 0.0
    maximum: float = 0.0
    hidden: bool = False
    died: bool = False
    check: Check | None = None


class Result(msgspec.Struct, frozen=True):
    """What came of one submission.

    Attributes
    ----------
    cells : list of CellResult
        Every code cell in order.
    flags : list of str
        What a person should look at, in one line each.
    notebook : dict
        The graded notebook: the instructor's, with the student's sources and all outputs.
    requests : int
        How often the student's process was asked something.
    """

    cells: list[CellResult]
    flags: list[str]
    notebook: dict[str, Any]
    requests: int = 0

    @property
    def tests(self) -> list[CellResult]:
        """The test cells in order."""
        return [cell for cell in self.cells if cell.role == "test"]

    @property
    def points(self) -> float:
        """The sum of the points."""
        return sum(cell.points for cell in self.tests)

    def to_json(self) -> bytes:
        """Return the documented JSON form: an object with the attributes by their names."""
        return msgspec.json.encode(self)

    @classmethod
    def from_json(cls, content: bytes) -> Result:
        """Return the result that `to_json` was called on.

        Raises
        ------
        msgspec.ValidationError
            If it is something else.
        """
        return msgspec.json.decode(content, type=cls)
