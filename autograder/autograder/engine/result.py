"""The result of an examination: plain data with one documented JSON form."""

from __future__ import annotations

from typing import Any

import msgspec

from autograder.course.notebooks import Kind

NOT_AGAIN = ": this function is not called again"  # which has hung or ended its process


class ComparedArrays(msgspec.Struct, frozen=True):
    """Two small arrays side by side; see `byhand.checks.failures.Compared`."""

    shape: list[int]
    expected: list[str]
    actual: list[str]
    wrong: list[bool]
    part: str = ""


class FailedCheck(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a failed check said, in its parts; see `byhand.checks.CheckFailed`."""

    what: str
    where: str | None = None
    expected: str | None = None
    actual: str | None = None
    likely: str | None = None
    hint: str | None = None
    compared: ComparedArrays | None = None


class CellResult(msgspec.Struct, frozen=True):
    """The result of one code cell.

    Attributes
    ----------
    id : str
        The cell's id.
    kind : Kind
        See `autograder.course.notebooks.Cell`. A ``test`` is run by the examiner alone, a ``setup``
        cell on both sides, all others beside the student's code; a cell that a person grades counts
        as a ``solution``.
    error : tuple or None
        Builtin type, name and message of the error that ended it; no control characters.
    traceback : list of str
        The error as a kernel would show it. Of a hidden test it shows hidden lines.
    output : str
        What it printed, up to 32,000 characters, as it was printed: escape sequences and all. In a
        test a student's function may have printed what it was called with.
    displayed : list of dict
        What it displayed: ``output_type`` as in a notebook and ``data``, as ``text/plain`` only.
    seconds : float
        How long it took on the wall clock.
    points, maximum : float
        What a test gave, and what it is worth.
    hidden : bool
        Whether a hidden part of a test failed.
    died : bool
        Whether the student's process ended or had to be ended.
    waited : bool
        Whether that was because of the time on the clock only, not of CPU time: the code sleeps, or
        the machine was busy.
    check : FailedCheck or None
        What the failed check said.
    told : FailedCheck or None
        What the student may read about a cell that failed; see `autograder.engine.disclosure`.
        Everything else here is for the instructor only, because a student's code can put into it
        what hidden tests have passed to it.
    """

    id: str
    kind: Kind
    error: tuple[str, str, str] | None = None
    traceback: list[str] = []
    output: str = ""
    displayed: list[dict[str, Any]] = []
    seconds: float = 0.0
    points: float = 0.0
    maximum: float = 0.0
    hidden: bool = False
    died: bool = False
    waited: bool = False
    check: FailedCheck | None = None
    told: FailedCheck | None = None


class Examination(msgspec.Struct, frozen=True):
    """What an examiner reports: the parts of a `Result` that it knows.

    Attributes
    ----------
    cells, flags, requests
        As of a `Result`.
    passed : dict of str to bytes
        By test, the digests of right answers that were not known before.
    """

    cells: list[CellResult]
    flags: list[str]
    requests: int
    passed: dict[str, bytes] = {}


class Result(msgspec.Struct, frozen=True):
    """The result of one submission.

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
        return [cell for cell in self.cells if cell.kind == "test"]

    @property
    def points(self) -> float:
        """The sum of the points."""
        return sum(cell.points for cell in self.tests)

    @property
    def lost_by_waiting(self) -> float:
        """The points that tests lost because time was up on the clock only."""
        return sum(cell.maximum - cell.points for cell in self.tests if cell.waited)

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
