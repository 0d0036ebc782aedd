"""nbgrader's gradebook, and what was graded from which bytes.

nbgrader's own classes load and commit one cell at a time; here a batch of results is one
transaction. The tables are nbgrader's, so Formgrader, manual grading and export work unchanged.
Two tables of ours are in the same database, so that a grade and the note that it was given are
written together or not at all. Any database that SQLAlchemy supports will do.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from autograder.errors import UserError
from autograder.gradebook import tables
from autograder.gradebook.writer import Graded, Penalty, Writer

if TYPE_CHECKING:
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
class Marks:
    """What one student has in one chapter, core and ★ apart, before anything is taken off.

    Attributes
    ----------
    core, stretch : float
        Points, a person's included.
    handed_in : datetime or None
        In UTC, if it is known.
    penalty : float
        What nbgrader took off when it graded, for a due date in the gradebook.
    needs_person : bool
        Whether points of a person are still missing.
    """

    student: str
    chapter: str
    core: float
    stretch: float
    handed_in: datetime | None
    penalty: float
    needs_person: bool


@dataclass(frozen=True)
class Entry:
    """What the ledger holds about a submission: the hash that was graded, and its flags."""

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
        """Return whether nbgrader's tables exist."""
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

    def marks(self, stretch: Iterable[tuple[str, str]]) -> list[Marks]:
        """Return what every submission earned, by student and chapter.

        Parameters
        ----------
        stretch
            Chapter and name of each test cell that belongs to a ★ exercise.
        """
        with self._transaction() as connection:
            if not sa.inspect(connection).has_table(tables.submission.name):
                return []
            query = sa.text(_MARKS).bindparams(
                sa.bindparam("stretch", type_=sa.String, expanding=True)
            )
            names = [f"{chapter}/{cell}" for chapter, cell in stretch]
            rows = connection.execute(
                query.columns(handed_in=sa.DateTime), {"stretch": names}
            ).mappings()
            penalties = _pairs(connection, _PENALTIES)
            return [
                Marks(
                    row["student"],
                    row["chapter"],
                    (row["score"] or 0.0) - (row["stretch"] or 0.0),
                    row["stretch"] or 0.0,
                    row["handed_in"] and row["handed_in"].replace(tzinfo=UTC),
                    penalties.get(row["id"], 0.0),
                    bool(row["waiting"]),
                )
                for row in rows
            ]

    def students(self) -> list[str]:
        """Return every student in the gradebook."""
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
            maxima = _pairs(connection, _MAXIMA)
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
        if not self.is_made():
            import autograder.nbgrader.schema  # noqa: F401  (takes two seconds: not while it writes)
        with self._transaction(writes=True) as connection:
            if not sa.inspect(connection).has_table(tables.submission.name):
                from autograder.nbgrader.schema import make_tables

                make_tables(connection)
            tables.ours.create_all(connection)

    def check_writable(self) -> None:
        """Raise UserError where the database can't be written."""
        with self._transaction(writes=True) as connection:
            tables.put(connection, tables.chapters, {"chapter": ""}, {"source": "", "cells": ""})

    def note_registered(self, chapter: str, source: bytes) -> None:
        """Note that nbgrader was just told a chapter's cells from this source."""
        with self._transaction(writes=True) as connection:
            values = {
                "source": hashlib.sha256(source).hexdigest(),
                "cells": _hash_of_cells(connection, chapter),
            }
            tables.put(connection, tables.chapters, {"chapter": chapter}, values)

    def write(self, batch: Sequence[Graded], penalty: Penalty | None = None) -> None:
        """Write results in one transaction.

        Parameters
        ----------
        batch : sequence of Graded
            Their chapters must be registered.
        penalty : callable, optional
            ``penalty(student, score, seconds late)`` returns the points taken off, or None.

        Raises
        ------
        UserError
            If the database can't be written.
        """
        if not batch:
            return
        with self._transaction(writes=True) as connection:
            Writer(connection, batch, penalty).write()


def _totals(connection: sa.Connection) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the points of each submission, by student and chapter; none without tables."""
    if not sa.inspect(connection).has_table(tables.submission.name):
        return {}
    maxima, penalties = _pairs(connection, _MAXIMA), _pairs(connection, _PENALTIES)
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


def _pairs(connection: sa.Connection, query: str) -> dict[str, float]:
    return {key: value for key, value in connection.execute(sa.text(query)).all()}


def _leave_transactions_to_us(connection: Any, record: object) -> None:
    connection.isolation_level = None


def _begin(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


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
_MARKS = """
    SELECT s.id AS id, s.student_id AS student, a.name AS chapter, s.timestamp AS handed_in,
        SUM(COALESCE(g.manual_score, g.auto_score, 0) + COALESCE(g.extra_credit, 0)) AS score,
        SUM(CASE WHEN a.name || '/' || b.name IN :stretch
            THEN COALESCE(g.manual_score, g.auto_score, 0) + COALESCE(g.extra_credit, 0)
            ELSE 0 END) AS stretch,
        MAX(CASE WHEN g.needs_manual_grade THEN 1 ELSE 0 END) AS waiting
    FROM submitted_assignment s JOIN assignment a ON a.id = s.assignment_id
    LEFT JOIN submitted_notebook n ON n.assignment_id = s.id
    LEFT JOIN grade g ON g.notebook_id = n.id
    LEFT JOIN base_cell b ON b.id = g.cell_id
    GROUP BY s.id, s.student_id, a.name, s.timestamp
    ORDER BY s.student_id, a.name
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
    ("disk i/o", "Check that the disk works and has space, then run the command again."),
    ("readonly", "Make it and its folder writable, then run the command again."),
    ("permission denied", "Make it writable for you, then run the command again."),
    ("unable to open", "Check that its folder exists and is writable, then run the command again."),
    ("connect", "Check that the server runs and that the URL is right."),
    ("not a database", "Replace it with a working copy, or move it away and grade again."),
)
_OTHERWISE = "Fix that and run the command again; what was finished is kept."


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
