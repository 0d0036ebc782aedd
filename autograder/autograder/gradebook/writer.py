"""Writes results into the gradebook: a batch is one transaction, inserted and updated in bulk."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, TableClause, and_, bindparam, select

from autograder.course.notebooks import nbgrader_metadata
from autograder.errors import UserError
from autograder.gradebook import tables
from autograder.gradebook.found import decode, encode

if TYPE_CHECKING:
    from autograder.engine.result import Result


@dataclass(frozen=True)
class Graded:
    """A result to be written, and whose it is.

    Attributes
    ----------
    student, chapter : str
        Whose submission of what.
    key : str
        Hash of everything that the result depends on.
    result : Result
        What the engine found.
    timestamp : datetime or None
        When it was handed in, in UTC, if that is known.
    """

    student: str
    chapter: str
    key: str
    result: Result
    timestamp: datetime | None = None


# statements are built once: that takes longer than to run one
_SUBMISSION = (
    select(tables.submission.c.id, tables.submitted.c.id)
    .join(
        tables.submitted,
        and_(
            tables.submitted.c.assignment_id == tables.submission.c.id,
            tables.submitted.c.notebook_id == bindparam("notebook"),
        ),
        isouter=True,
    )
    .where(
        tables.submission.c.assignment_id == bindparam("assignment"),
        tables.submission.c.student_id == bindparam("student"),
    )
)
_RESULT = select(tables.results).where(
    tables.results.c.student == bindparam("student"),
    tables.results.c.chapter == bindparam("chapter"),
)
_GRADES = select(tables.grade).where(tables.grade.c.notebook_id == bindparam("notebook"))
_COMMENTS = select(tables.comment).where(tables.comment.c.notebook_id == bindparam("notebook"))


@dataclass(frozen=True)
class _Chapter:
    """What the gradebook knows about a chapter: ids, its cells by name."""

    assignment_id: str
    notebook_id: str
    grades: dict[str, str]
    comments: dict[str, str]
    stubs: dict[str, str | None]


class Writer:
    """Writes one batch: looks up what is there, then inserts and updates in bulk.

    Parameters
    ----------
    connection
        In a transaction that may write.
    batch
        What to write; the chapters must be registered.
    """

    def __init__(self, connection: Connection, batch: Sequence[Graded]) -> None:
        self.connection = connection
        self.batch = batch
        self.chapters: dict[str, _Chapter] = {}

    def write(self) -> None:
        """Write the batch.

        Raises
        ------
        UserError
            If a chapter is not registered.
        """
        self._add_students()
        for chapter in sorted({item.chapter for item in self.batch}):
            self.chapters[chapter] = self._read_chapter(chapter)
        grades: list[dict[str, Any]] = []
        comments: list[dict[str, Any]] = []
        for item in self.batch:
            notebook_id = self._write_submission(item)
            grades += self._write_grades(item, notebook_id, self._write_result(item))
            comments += self._write_comments(item, notebook_id)
            tables.put(
                self.connection,
                tables.ledger,
                {"student": item.student, "chapter": item.chapter},
                {"key": item.key, "flags": json.dumps(item.result.flags)},
            )
        if grades:
            self.connection.execute(tables.grade.insert(), grades)
        if comments:
            self.connection.execute(tables.comment.insert(), comments)

    def _rows(self, statement: Any, **values: Any) -> list[Any]:
        return list(self.connection.execute(statement, values).all())

    def _put(
        self, table: TableClause, identity: str | None, values: dict[str, Any], **new: Any
    ) -> str:
        """Update the row with this id, or insert one with `new` values as well; return its id."""
        if identity is None:
            identity = _new_id()
            self.connection.execute(table.insert(), {"id": identity, **new, **values})
        elif values:
            tables.put(self.connection, table, {"id": identity}, values)
        return identity

    def _add_students(self) -> None:
        wanted = {item.student for item in self.batch}
        ids = tables.student.c.id
        known = {row.id for row in self._rows(select(ids).where(ids.in_(wanted)))}
        missing = [{"id": name} for name in sorted(wanted - known)]
        if missing:
            self.connection.execute(tables.student.insert(), missing)

    def _read_chapter(self, chapter: str) -> _Chapter:
        assignment, notebook = tables.assignment.c, tables.notebook.c
        found = self._rows(
            select(assignment.id, notebook.id)
            .join(tables.notebook, notebook.assignment_id == assignment.id)
            .where(assignment.name == chapter, notebook.name == chapter)
        )
        if not found:
            raise UserError(f"{chapter} is not in the gradebook; run: python3 autograder grade")
        assignment_id, notebook_id = found[0]
        cell, stub = tables.base_cell.c, tables.source_cell.c
        by_type: dict[str, dict[str, str]] = {"GradeCell": {}, "SolutionCell": {}, "TaskCell": {}}
        for row in self._rows(
            select(cell.id, cell.name, cell.type).where(cell.notebook_id == notebook_id)
        ):
            by_type.setdefault(row.type, {})[row.name] = row.id
        stubs = self._rows(select(stub.name, stub.source).where(stub.notebook_id == notebook_id))
        return _Chapter(
            assignment_id, notebook_id,
            grades=by_type["GradeCell"] | by_type["TaskCell"],
            comments=by_type["SolutionCell"] | by_type["TaskCell"],
            stubs={row.name: row.source for row in stubs},
        )  # fmt: skip

    def _write_submission(self, item: Graded) -> str:
        """Write what concerns the whole submission and return the id of its notebook."""
        chapter = self.chapters[item.chapter]
        found = self._rows(
            _SUBMISSION,
            notebook=chapter.notebook_id,
            assignment=chapter.assignment_id,
            student=item.student,
        )
        submission_id, notebook_id = found[0] if found else (None, None)
        submission_id = self._put(
            tables.submission,
            submission_id,
            {} if item.timestamp is None else {"timestamp": item.timestamp},
            assignment_id=chapter.assignment_id,
            student_id=item.student,
        )
        return self._put(
            tables.submitted,
            notebook_id,
            {"flagged": bool(item.result.flags)},
            assignment_id=submission_id,
            notebook_id=chapter.notebook_id,
        )

    def _write_result(self, item: Graded) -> bool:
        """Note what was found; if other answers were graded before, how many points they had.

        Return whether the same answers were graded before.
        """
        attempt, tests, before = _hash_of_answers(item.result), encode(item.result), ""
        same = False
        for known in self._rows(_RESULT, student=item.student, chapter=item.chapter):
            before, same = known.before, known.attempt == attempt
            if not same:
                points = {test.id: test.points for test in decode(known.tests)}
                before = json.dumps(points)
        tables.put(
            self.connection,
            tables.results,
            {"student": item.student, "chapter": item.chapter},
            {"attempt": attempt, "tests": tests, "before": before},
        )
        return same

    def _write_grades(self, item: Graded, notebook_id: str, same: bool) -> list[dict[str, Any]]:
        """Update the grades that exist; return those that are to be inserted.

        A person is asked again about what a person has graded, unless everything is the `same`.
        """
        points = {cell.id: cell.points for cell in item.result.tests}
        known = {row.cell_id: row for row in self._rows(_GRADES, notebook=notebook_id)}
        new = []
        for name, cell_id in self.chapters[item.chapter].grades.items():
            score, row = points.get(name), known.get(cell_id)
            asks = score is None
            if row is not None and row.manual_score is not None:
                asks = row.needs_manual_grade or not same or row.auto_score != score
            values = {"auto_score": score, "needs_manual_grade": asks}
            if row is None:
                new.append(
                    {"id": _new_id(), "notebook_id": notebook_id, "cell_id": cell_id, **values}
                )
            else:
                self._put(tables.grade, row.id, values)
        return new

    def _write_comments(self, item: Graded, notebook_id: str) -> list[dict[str, Any]]:
        """Update the comments that exist; return those that are to be inserted."""
        chapter = self.chapters[item.chapter]
        sources = {cell["id"]: cell["source"] for cell in item.result.notebook["cells"]}
        known = {row.cell_id: row.id for row in self._rows(_COMMENTS, notebook=notebook_id)}
        new = []
        for name, cell_id in chapter.comments.items():
            untouched = name in sources and sources[name] == chapter.stubs.get(name)
            values = {"auto_comment": tables.UNTOUCHED if untouched else None}
            if cell_id in known:
                self._put(tables.comment, known[cell_id], values)
            else:
                new.append(
                    {"id": _new_id(), "notebook_id": notebook_id, "cell_id": cell_id, **values}
                )
        return new


def _hash_of_answers(result: Result) -> str:
    """Return a hash of what the student wrote: the same where only the course's tests changed."""
    answers = []
    for cell in result.notebook["cells"]:
        metadata = nbgrader_metadata(cell)
        if metadata.get("solution") or metadata.get("task"):
            pictures = cell.get("attachments")
            answers.append(cell["source"] + (json.dumps(pictures) if pictures else ""))
    return hashlib.sha256("\0".join(answers).encode()).hexdigest()


def _new_id() -> str:
    return uuid.uuid4().hex  # as nbgrader makes them
