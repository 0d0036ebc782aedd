"""Writes results into the gradebook: a batch is one transaction, inserted and updated in bulk."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, Table, TableClause, and_, select

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
        for chapter, items in groupby(sorted(self.batch, key=_chapter_of), _chapter_of):
            self.chapters[chapter] = self._read_chapter(chapter)
            last = {item.student: item for item in items}
            self._write_chapter(chapter, list(last.values()))

    def _write_chapter(self, chapter: str, items: list[Graded]) -> None:
        """Write what belongs to one chapter."""
        notebooks = self._write_submissions(chapter, items)
        same = self._write_results(chapter, items)
        grades = self._by_notebook(tables.grade, notebooks)
        comments = self._by_notebook(tables.comment, notebooks)
        new_grades: list[dict[str, Any]] = []
        new_comments: list[dict[str, Any]] = []
        for item in items:
            notebook_id = notebooks[item.student]
            new_grades += self._write_grades(
                item, notebook_id, grades.get(notebook_id, {}), item.student in same
            )
            new_comments += self._write_comments(item, notebook_id, comments.get(notebook_id, {}))
        self._insert(tables.grade, new_grades)
        self._insert(tables.comment, new_comments)
        self._replace(
            tables.ledger,
            [
                {"student": item.student, "chapter": chapter, "key": item.key,
                 "flags": json.dumps(item.result.flags)}
                for item in items
            ],
        )  # fmt: skip

    def _rows(self, statement: Select) -> Sequence[Any]:
        return self.connection.execute(statement).all()

    def _insert(self, table: TableClause, rows: list[dict[str, Any]]) -> None:
        if rows:
            self.connection.execute(table.insert(), rows)

    def _replace(self, table: Table, rows: list[dict[str, Any]]) -> None:
        """Put rows of a chapter in the place of those that are there for the same students."""
        self.connection.execute(
            table.delete().where(
                table.c.chapter == rows[0]["chapter"],
                table.c.student.in_([row["student"] for row in rows]),
            )
        )
        self._insert(table, rows)

    def _by_notebook(
        self, table: TableClause, notebooks: Mapping[str, str]
    ) -> dict[str, dict[str, Any]]:
        """Return a table's rows by notebook and cell."""
        found: dict[str, dict[str, Any]] = {}
        query = select(table).where(table.c.notebook_id.in_(notebooks.values()))
        for row in self._rows(query):
            found.setdefault(row.notebook_id, {})[row.cell_id] = row
        return found

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

    def _write_submissions(self, name: str, items: list[Graded]) -> dict[str, str]:
        """Write what concerns whole submissions; return the ids of their notebooks by student."""
        chapter, submission, submitted = self.chapters[name], tables.submission, tables.submitted
        mine = and_(
            submitted.c.assignment_id == submission.c.id,
            submitted.c.notebook_id == chapter.notebook_id,
        )
        query = (
            select(submission.c.student_id, submission.c.id, submitted.c.id.label("notebook"))
            .join(submitted, mine, isouter=True)
            .where(
                submission.c.assignment_id == chapter.assignment_id,
                submission.c.student_id.in_([item.student for item in items]),
            )
        )
        known = {row.student_id: row for row in self._rows(query)}
        submissions, notebooks, ids = [], [], {}
        for item in items:
            found = known.get(item.student)
            submission_id = found.id if found else _new_id()
            ids[item.student] = notebook_id = (found and found.notebook) or _new_id()
            timed = {} if item.timestamp is None else {"timestamp": item.timestamp}
            flagged = {"flagged": bool(item.result.flags)}
            if not found:
                submissions.append(
                    {"id": submission_id, "assignment_id": chapter.assignment_id,
                     "student_id": item.student, "timestamp": item.timestamp}
                )  # fmt: skip
            elif timed:
                tables.put(self.connection, submission, {"id": submission_id}, timed)
            if found and found.notebook:
                tables.put(self.connection, submitted, {"id": notebook_id}, flagged)
            else:
                notebooks.append(
                    {"id": notebook_id, "assignment_id": submission_id,
                     "notebook_id": chapter.notebook_id, **flagged}
                )  # fmt: skip
        self._insert(submission, submissions)
        self._insert(submitted, notebooks)
        return ids

    def _write_results(self, chapter: str, items: list[Graded]) -> set[str]:
        """Note what was found; if other answers were graded before, how many points they had.

        Return the students of whom the same answers were graded before.
        """
        columns = tables.results.c
        query = select(tables.results).where(
            columns.chapter == chapter, columns.student.in_([item.student for item in items])
        )
        known = {row.student: row for row in self._rows(query)}
        rows, same = [], set()
        for item in items:
            attempt, before = _hash_of_answers(item.result), ""
            if found := known.get(item.student):
                before = found.before
                if found.attempt == attempt:
                    same.add(item.student)
                else:
                    before = json.dumps({test.id: test.points for test in decode(found.tests)})
            rows.append(
                {"student": item.student, "chapter": chapter, "attempt": attempt,
                 "tests": encode(item.result), "before": before}
            )  # fmt: skip
        self._replace(tables.results, rows)
        return same

    def _write_grades(
        self, item: Graded, notebook_id: str, known: Mapping[str, Any], same: bool
    ) -> list[dict[str, Any]]:
        """Update the grades that are known; return those that are to be inserted.

        A person is asked again about what a person has graded, unless everything is the `same`.
        """
        points = {cell.id: cell.points for cell in item.result.tests}
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
            elif (row.auto_score, row.needs_manual_grade) != (score, asks):
                tables.put(self.connection, tables.grade, {"id": row.id}, values)
        return new

    def _write_comments(
        self, item: Graded, notebook_id: str, known: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Update the comments that are known; return those that are to be inserted."""
        chapter = self.chapters[item.chapter]
        sources = {cell["id"]: cell["source"] for cell in item.result.notebook["cells"]}
        new = []
        for name, cell_id in chapter.comments.items():
            untouched = name in sources and sources[name] == chapter.stubs.get(name)
            values = {"auto_comment": tables.UNTOUCHED if untouched else None}
            if cell_id not in known:
                new.append(
                    {"id": _new_id(), "notebook_id": notebook_id, "cell_id": cell_id, **values}
                )
            elif known[cell_id].auto_comment != values["auto_comment"]:
                tables.put(self.connection, tables.comment, {"id": known[cell_id].id}, values)
        return new


def _chapter_of(item: Graded) -> str:
    return item.chapter


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
