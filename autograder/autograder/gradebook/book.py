"""nbgrader's gradebook: written in bulk by one process, and what was graded from which bytes.

nbgrader's own classes load and commit one cell at a time; here a batch of results is one
transaction. The tables are nbgrader's, so Formgrader, manual grading and export work unchanged.
Beside them stand two of ours, so that a grade and the note that it was given are written together
or not at all. Any database that SQLAlchemy knows will do.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from autograder.errors import UserError
from autograder.gradebook import tables

if TYPE_CHECKING:
    from autograder.engine.result import Result
    from autograder.layout import Layout

BUSY_SECONDS = 30  # that another program may hold a SQLite gradebook


@dataclass(frozen=True)
class Score:
    """What one student has in one chapter, late penalties taken off."""

    student: str
    chapter: str
    score: float
    max_score: float
    needs_person: bool


@dataclass(frozen=True)
class Graded:
    """A result that is to be written, and whose it is.

    Attributes
    ----------
    student, chapter : str
        Whose submission of what.
    key : str
        Hash of all that the result follows from.
    result : Result
        What the engine found.
    timestamp : datetime or None
        When it was handed in, in UTC, where that is known.
    """

    student: str
    chapter: str
    key: str
    result: Result
    timestamp: datetime | None = None


@dataclass(frozen=True)
class Entry:
    """What the ledger says about a submission: the hash that was graded, and its flags."""

    key: str
    flags: list[str] = field(default_factory=list)


class Gradebook:
    """A class's gradebook.

    Parameters
    ----------
    url : str
        Of the database, such as ``sqlite:///gradebook.db`` or ``postgresql+psycopg://host/class``.
    name : str
        How messages call it.
    """

    def __init__(self, url: str, name: str) -> None:
        self.name = name
        self.is_sqlite = url.startswith("sqlite")
        options: dict[str, Any] = (
            {"connect_args": {"timeout": BUSY_SECONDS}} if self.is_sqlite else {}
        )
        self._engine = sa.create_engine(url, **options)
        if self.is_sqlite:
            # Left to itself, Python's driver makes tables outside of transactions.
            sa.event.listen(self._engine, "connect", _leave_transactions_to_us)
            sa.event.listen(self._engine, "begin", _begin)

    @contextmanager
    def _transaction(self, writes: bool = False) -> Iterator[sa.Connection]:
        try:
            with self._engine.execution_options(writes=writes).begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise _explain(error, self.name) from error

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    # -- reading ----------------------------------------------------------------------------

    def is_made(self) -> bool:
        """Return whether nbgrader's tables are here."""
        with self._transaction() as connection:
            return sa.inspect(connection).has_table(tables.submission.name)

    def is_registered(self, chapter: str, source: bytes) -> bool:
        """Return whether the gradebook holds a chapter's cells as this source has them."""
        with self._transaction() as connection:
            if not sa.inspect(connection).has_table(tables.chapters.name):
                return False
            noted = connection.execute(
                sa.select(tables.chapters.c.source, tables.chapters.c.cells).where(
                    tables.chapters.c.chapter == chapter
                )
            ).first()
            found = (hashlib.sha256(source).hexdigest(), _hash_of_cells(connection, chapter))
            return noted is not None and tuple(noted) == found

    def ledger(self) -> dict[tuple[str, str], Entry]:
        """Return what was graded, by student and chapter."""
        with self._transaction() as connection:
            if not sa.inspect(connection).has_table(tables.ledger.name):
                return {}
            rows = connection.execute(sa.select(tables.ledger)).all()
        return {(r.student, r.chapter): Entry(r.key, json.loads(r.flags)) for r in rows}

    def scores(self) -> list[Score]:
        """Return every score, by student and chapter."""
        with self._transaction() as connection:
            totals = _totals(connection)
        scores = [
            Score(student, chapter, row["score"], row["max_score"], row["waiting"])
            for (student, chapter), row in totals.items()
        ]
        return sorted(scores, key=lambda score: (score.student, score.chapter))

    def students(self) -> list[str]:
        """Return everybody in the gradebook."""
        with self._transaction() as connection:
            if not sa.inspect(connection).has_table(tables.student.name):
                return []
            return list(connection.execute(sa.text("SELECT id FROM student ORDER BY id")).scalars())

    def export_rows(self) -> list[dict[str, Any]]:
        """Return a row for every chapter and student, with the names of `nbgrader export`."""
        with self._transaction() as connection:
            if not sa.inspect(connection).has_table(tables.submission.name):
                return []
            totals = _totals(connection)
            maxima = dict(connection.execute(sa.text(_MAXIMA)).all())
            everybody = connection.execute(sa.text(_EVERYBODY)).mappings().all()
        rows = []
        for row in everybody:
            nothing = {"raw_score": 0.0, "late_submission_penalty": 0.0, "score": 0.0}
            found = totals.get((row["student_id"], row["assignment"]), nothing)
            points = {name: found[name] for name in nothing}
            rows.append(dict(row) | points | {"max_score": maxima.get(row["assignment"], 0.0)})
        return rows

    # -- writing ----------------------------------------------------------------------------

    def prepare(self) -> None:
        """Make the tables that are missing: all of them or none.

        Raises
        ------
        UserError
            If the database can't be written.
        """
        version = None
        if not self.is_made():
            from autograder.nbgrader.steps import schema_version

            version = schema_version()
        with self._transaction(writes=True) as connection:
            if version is not None and not sa.inspect(connection).has_table(tables.submission.name):
                from autograder.nbgrader.steps import make_tables

                make_tables(connection, version)
            tables.ours.create_all(connection)

    def check_writable(self) -> None:
        """Raise UserError where the database can't be written."""
        with self._transaction(writes=True) as connection:
            _put(connection, tables.chapters, {"chapter": ""}, {"source": "", "cells": ""})

    def note_registered(self, chapter: str, source: bytes) -> None:
        """Note that nbgrader was just told a chapter's cells from this source."""
        with self._transaction(writes=True) as connection:
            values = {
                "source": hashlib.sha256(source).hexdigest(),
                "cells": _hash_of_cells(connection, chapter),
            }
            _put(connection, tables.chapters, {"chapter": chapter}, values)

    def write(self, batch: Sequence[Graded], penalty: Any = None) -> None:
        """Write results in one transaction.

        Parameters
        ----------
        batch : sequence of Graded
            Their chapters must be registered.
        penalty : callable, optional
            ``penalty(student, score, seconds late)`` returns what is taken off, or None.

        Raises
        ------
        UserError
            If the database can't be written.
        """
        if not batch:
            return
        with self._transaction(writes=True) as connection:
            _Writer(connection, batch, penalty).write()


def _totals(connection: sa.Connection) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the points of each submission, by student and chapter; none without tables."""
    if not sa.inspect(connection).has_table(tables.submission.name):
        return {}
    maxima = dict(connection.execute(sa.text(_MAXIMA)).all())
    penalties = dict(connection.execute(sa.text(_PENALTIES)).all())
    found = {}
    for row in connection.execute(sa.text(_SCORES)).all():
        raw, penalty = row.score or 0.0, penalties.get(row.id, 0.0)
        found[row.student, row.chapter] = {
            "raw_score": raw,
            "late_submission_penalty": penalty,
            "score": max(0.0, raw - penalty),
            "max_score": maxima.get(row.chapter, 0.0),
            "waiting": bool(row.waiting),
        }
    return found


def _leave_transactions_to_us(connection: Any, record: object) -> None:
    connection.isolation_level = None


def _begin(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _put(connection: sa.Connection, table: sa.Table, key: dict, values: dict) -> None:
    """Update the row with this key, or insert it."""
    mine = sa.and_(*(table.c[name] == value for name, value in key.items()))
    if not connection.execute(table.update().where(mine).values(**values)).rowcount:
        connection.execute(table.insert().values(**key, **values))


def _hash_of_cells(connection: sa.Connection, chapter: str) -> str:
    rows = connection.execute(sa.text(_CELLS), {"chapter": chapter}).all()
    return hashlib.sha256(repr(sorted(map(tuple, rows), key=repr)).encode()).hexdigest()


_CELLS = """
    SELECT b.name, b.type, COALESCE(g.max_score, t.max_score, 0), NULL
    FROM assignment a JOIN notebook n ON n.assignment_id = a.id
    JOIN base_cell b ON b.notebook_id = n.id
    LEFT JOIN grade_cells g ON g.id = b.id LEFT JOIN task_cells t ON t.id = b.id
    WHERE a.name = :chapter
    UNION ALL
    SELECT s.name, 'source', 0, s.checksum
    FROM assignment a JOIN notebook n ON n.assignment_id = a.id
    JOIN source_cell s ON s.notebook_id = n.id
    WHERE a.name = :chapter
"""


_MAXIMA = """
    SELECT a.name, SUM(COALESCE(g.max_score, t.max_score, 0))
    FROM assignment a JOIN notebook n ON n.assignment_id = a.id
    JOIN base_cell b ON b.notebook_id = n.id
    LEFT JOIN grade_cells g ON g.id = b.id LEFT JOIN task_cells t ON t.id = b.id
    GROUP BY a.name
"""
_SCORES = """
    SELECT s.id AS id, s.student_id AS student, a.name AS chapter,
        SUM(COALESCE(g.manual_score, g.auto_score, 0) + COALESCE(g.extra_credit, 0)) AS score,
        MAX(CASE WHEN g.needs_manual_grade THEN 1 ELSE 0 END) AS waiting
    FROM submitted_assignment s JOIN assignment a ON a.id = s.assignment_id
    LEFT JOIN submitted_notebook n ON n.assignment_id = s.id
    LEFT JOIN grade g ON g.notebook_id = n.id
    GROUP BY s.id, s.student_id, a.name
"""
_PENALTIES = """
    SELECT assignment_id, SUM(COALESCE(late_submission_penalty, 0)) FROM submitted_notebook
    GROUP BY assignment_id
"""


_EVERYBODY = """
    SELECT a.name AS assignment, a.duedate AS duedate, s.timestamp AS timestamp,
        p.id AS student_id, p.last_name AS last_name, p.first_name AS first_name, p.email AS email
    FROM assignment a CROSS JOIN student p
    LEFT JOIN submitted_assignment s ON s.assignment_id = a.id AND s.student_id = p.id
"""


def _explain(error: SQLAlchemyError, name: str) -> UserError:
    reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    advice = next((advice for sign, advice in _ADVICE if sign in reason.lower()), _OTHERWISE)
    return UserError(f"{name}: {reason}. {advice}")


_ADVICE = (
    ("locked", "Another program is writing to it: close that one and run the command again."),
    ("full", "Free some space and run the command again; what was finished is kept."),
    ("no space", "Free some space and run the command again; what was finished is kept."),
    ("disk i/o", "See that the disk is whole and has space, then run the command again."),
    ("readonly", "Make it and its folder writable, then run the command again."),
    ("permission denied", "Make it writable for you, then run the command again."),
    ("unable to open", "See that its folder is there and writable, then run the command again."),
    ("connect", "Check that the server runs and that the URL is right."),
    ("not a database", "Put a copy that works in its place, or move it away and grade again."),
)
_OTHERWISE = "Mend that and run the command again; what was finished is kept."


# --- the writer -----------------------------------------------------------------------------------


class _Writer:
    """Writes one batch: looks up what is there, then inserts and updates in bulk."""

    def __init__(self, connection: sa.Connection, batch: Sequence[Graded], penalty: Any) -> None:
        self.connection = connection
        self.batch = batch
        self.penalty = penalty
        self.chapters: dict[str, _Chapter] = {}

    def write(self) -> None:
        """Write it."""
        self._add_students()
        for chapter in sorted({item.chapter for item in self.batch}):
            self.chapters[chapter] = self._read_chapter(chapter)
        grades: list[dict] = []
        comments: list[dict] = []
        for item in self.batch:
            notebook_id = self._submitted_notebook(item)
            self._write_grades(item, notebook_id, grades, comments)
        if grades:
            self.connection.execute(tables.grade.insert(), grades)
        if comments:
            self.connection.execute(tables.comment.insert(), comments)
        for item in self.batch:
            self._note(item)

    def _rows(self, statement: Any) -> list[Any]:
        return list(self.connection.execute(statement).all())

    def _add_students(self) -> None:
        wanted = {item.student for item in self.batch}
        there = set(
            self.connection.execute(
                sa.select(tables.student.c.id).where(tables.student.c.id.in_(wanted))
            ).scalars()
        )
        missing = [{"id": name} for name in sorted(wanted - there)]
        if missing:
            self.connection.execute(tables.student.insert(), missing)

    def _read_chapter(self, chapter: str) -> _Chapter:
        found = self._rows(
            sa.select(tables.assignment.c.id, tables.assignment.c.duedate, tables.notebook.c.id)
            .join(tables.notebook, tables.notebook.c.assignment_id == tables.assignment.c.id)
            .where(tables.assignment.c.name == chapter, tables.notebook.c.name == chapter)
        )
        if not found:
            raise UserError(f"{chapter} is not in the gradebook; run: python3 autograder grade")
        assignment_id, due, notebook_id = found[0]
        cells = self._rows(
            sa.select(
                tables.base_cell.c.id, tables.base_cell.c.name, tables.base_cell.c.type
            ).where(tables.base_cell.c.notebook_id == notebook_id)
        )
        stubs = self._rows(
            sa.select(tables.source_cell.c.name, tables.source_cell.c.source).where(
                tables.source_cell.c.notebook_id == notebook_id
            )
        )
        kinds: dict[str, dict[str, str]] = {"GradeCell": {}, "SolutionCell": {}, "TaskCell": {}}
        for identity, name, kind in cells:
            kinds.setdefault(kind, {})[name] = identity
        return _Chapter(
            assignment_id, notebook_id, due,
            grades=kinds["GradeCell"] | kinds["TaskCell"],
            comments=kinds["SolutionCell"] | kinds["TaskCell"],
            stubs={name: source for name, source in stubs},
        )  # fmt: skip

    def _submitted_notebook(self, item: Graded) -> str:
        """Return the id of a student's notebook, made where it is not there yet."""
        chapter = self.chapters[item.chapter]
        found = self._rows(
            sa.select(tables.submission.c.id, tables.submitted.c.id)
            .join(
                tables.submitted,
                sa.and_(
                    tables.submitted.c.assignment_id == tables.submission.c.id,
                    tables.submitted.c.notebook_id == chapter.notebook_id,
                ),
                isouter=True,
            )
            .where(
                tables.submission.c.assignment_id == chapter.assignment_id,
                tables.submission.c.student_id == item.student,
            )
        )
        submission_id, notebook_id = found[0] if found else (None, None)
        if submission_id is None:
            submission_id = _new_id()
            self.connection.execute(
                tables.submission.insert().values(
                    id=submission_id,
                    assignment_id=chapter.assignment_id,
                    student_id=item.student,
                    timestamp=item.timestamp,
                )
            )
        elif item.timestamp is not None:
            self.connection.execute(
                tables.submission.update()
                .where(tables.submission.c.id == submission_id)
                .values(timestamp=item.timestamp)
            )
        if notebook_id is None:
            notebook_id = _new_id()
            self.connection.execute(
                tables.submitted.insert().values(
                    id=notebook_id,
                    assignment_id=submission_id,
                    notebook_id=chapter.notebook_id,
                    flagged=bool(item.result.flags),
                )
            )
        else:
            self.connection.execute(
                tables.submitted.update()
                .where(tables.submitted.c.id == notebook_id)
                .values(flagged=bool(item.result.flags))
            )
        self._write_penalty(item, submission_id, notebook_id)
        return notebook_id

    def _write_penalty(self, item: Graded, submission_id: str, notebook_id: str) -> None:
        chapter = self.chapters[item.chapter]
        taken = None
        if chapter.due is not None and self.penalty is not None:
            row = self.connection.execute(
                sa.select(tables.submission.c.timestamp, tables.submission.c.extension).where(
                    tables.submission.c.id == submission_id
                )
            ).one()
            if row.timestamp is not None:
                due = chapter.due + (row.extension or timedelta(0))
                late = max(0.0, (row.timestamp - due).total_seconds())
                if late:
                    taken = self.penalty(item.student, item.result.points, late)
        if taken is not None:
            taken = min(max(0.0, taken), item.result.points)
        self.connection.execute(
            tables.submitted.update()
            .where(tables.submitted.c.id == notebook_id)
            .values(late_submission_penalty=taken)
        )

    def _write_grades(
        self, item: Graded, notebook_id: str, grades: list[dict], comments: list[dict]
    ) -> None:
        """Update what is there; collect what is to be inserted."""
        chapter = self.chapters[item.chapter]
        points = {cell.id: cell.points for cell in item.result.tests}
        there = {
            cell_id: (identity, manual)
            for identity, cell_id, manual in self._rows(
                sa.select(
                    tables.grade.c.id, tables.grade.c.cell_id, tables.grade.c.manual_score
                ).where(tables.grade.c.notebook_id == notebook_id)
            )
        }
        for name, cell_id in chapter.grades.items():
            score = points.get(name)
            identity, manual = there.get(cell_id, (None, None))
            values = {
                "auto_score": score,
                "needs_manual_grade": manual is not None or score is None,
            }
            if identity is None:
                grades.append(
                    {"id": _new_id(), "notebook_id": notebook_id, "cell_id": cell_id, **values}
                )
            else:
                self.connection.execute(
                    tables.grade.update().where(tables.grade.c.id == identity).values(**values)
                )
        said = dict(
            self._rows(
                sa.select(tables.comment.c.cell_id, tables.comment.c.id).where(
                    tables.comment.c.notebook_id == notebook_id
                )
            )
        )
        for name, cell_id in chapter.comments.items():
            text = "No response." if _is_untouched(item.result, name, chapter) else None
            if cell_id not in said:
                comments.append(
                    {"id": _new_id(), "notebook_id": notebook_id, "cell_id": cell_id,
                     "auto_comment": text}
                )  # fmt: skip
            else:
                self.connection.execute(
                    tables.comment.update()
                    .where(tables.comment.c.id == said[cell_id])
                    .values(auto_comment=text)
                )

    def _note(self, item: Graded) -> None:
        key = {"student": item.student, "chapter": item.chapter}
        values = {"key": item.key, "flags": json.dumps(item.result.flags)}
        _put(self.connection, tables.ledger, key, values)


@dataclass(frozen=True)
class _Chapter:
    assignment_id: str
    notebook_id: str
    due: datetime | None
    grades: dict[str, str]
    comments: dict[str, str]
    stubs: dict[str, str | None]


def _new_id() -> str:
    return uuid.uuid4().hex  # as nbgrader makes them


def _is_untouched(result: Result, name: str, chapter: _Chapter) -> bool:
    """Return whether a solution cell is still the stub that was released."""
    for cell in result.notebook["cells"]:
        if cell["id"] == name:
            return cell["source"] == chapter.stubs.get(name)
    return False


def open_gradebook(layout: Layout) -> Gradebook:
    """Return the class's gradebook; no table is made here.

    Raises
    ------
    UserError
        When the URL is no database's.
    """
    name = layout.show(layout.gradebook) if layout.db_url is None else "the gradebook"
    try:
        return Gradebook(layout.database_url, name)
    except (SQLAlchemyError, ImportError) as error:
        raise UserError(f"{layout.database_url.split('@')[-1]}: {error}") from None
