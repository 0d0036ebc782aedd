"""nbgrader's gradebook, and what was graded from which bytes.

nbgrader's own classes load and commit one cell at a time; here a batch of results is one
transaction. The tables are nbgrader's, so Formgrader, manual grading and export work unchanged.
The tables of ours are in the same database, so that a grade and the notes about it are written
together or not at all. Any database that SQLAlchemy supports will do.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from autograder.errors import UserError
from autograder.gradebook import queries, tables
from autograder.gradebook.advice import explain
from autograder.gradebook.cells import CellMarks, read_cell_marks
from autograder.gradebook.found import Found, decode
from autograder.gradebook.migrate import migrate
from autograder.gradebook.writer import Graded, Writer

if TYPE_CHECKING:
    from autograder.layout import Layout

# penalty(student, score, seconds late) -> points taken off, or None
Penalty = Callable[[str, float, float], float | None]
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
            raise explain(error, self.name) from error

    def _rows(self, table: sa.TableClause, query: sa.Executable) -> Sequence[Any]:
        """Return what a query finds; nothing while its table is not there."""
        with self._transaction() as connection:
            if not sa.inspect(connection).has_table(table.name):
                return []
            return connection.execute(query).all()

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
        rows = self._rows(tables.ledger, sa.select(tables.ledger))
        return {(r.student, r.chapter): Entry(r.key, json.loads(r.flags)) for r in rows}

    def refused(self) -> dict[tuple[str, str], tuple[str, str]]:
        """Return the hash of what is no notebook, and why, by student and chapter."""
        rows = self._rows(tables.refused, sa.select(tables.refused))
        return {(row.student, row.chapter): (row.key, row.reason) for row in rows}

    def releases(self, chapter: str) -> frozenset[str]:
        """Return the traces of every release of a chapter that was noted."""
        columns = tables.released.c
        query = sa.select(columns.trace).where(columns.chapter == chapter)
        return frozenset(row.trace for row in self._rows(tables.released, query))

    def grades(self) -> dict[tuple[str, str], dict[str, tuple[float, bool]]]:
        """Return each graded cell's points, and whether a person gave them, by submission."""
        rows = self._rows(tables.submission, queries.GRADES)
        found: dict[tuple[str, str], dict[str, tuple[float, bool]]] = {}
        for row in rows:
            by_person = row.manual_score is not None
            score = row.manual_score if by_person else row.auto_score
            found.setdefault((row.student, row.chapter), {})[row.cell] = score or 0.0, by_person
        return found

    def scores(self) -> list[Score]:
        """Return every score, by student and chapter."""
        with self._transaction() as connection:
            totals = queries.totals(connection)
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
            names = [f"{chapter}/{cell}" for chapter, cell in stretch]
            rows = connection.execute(queries.MARKS, {"stretch": names}).mappings()
            penalties = queries.pairs(connection, queries.PENALTIES)
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
        query = sa.select(tables.student.c.id).order_by(tables.student.c.id)
        return [row.id for row in self._rows(tables.student, query)]

    def cell_marks(self, chapter: str, student: str | None = None) -> dict[str, CellMarks]:
        """Return what a chapter's submissions have, cell by cell; see `read_cell_marks`."""
        with self._transaction() as connection:
            return read_cell_marks(connection, chapter, student)

    def findings(self, chapter: str) -> dict[str, list[Found]]:
        """Return what a chapter's tests found, by student."""
        columns = tables.results.c
        query = sa.select(columns.student, columns.tests).where(columns.chapter == chapter)
        return {row.student: decode(row.tests) for row in self._rows(tables.results, query)}

    def export_rows(self) -> list[dict[str, Any]]:
        """Return a row for every chapter and student, with the names of `nbgrader export`."""
        with self._transaction() as connection:
            if not sa.inspect(connection).has_table(tables.submission.name):
                return []
            totals = queries.totals(connection)
            maxima = queries.pairs(connection, queries.MAXIMA)
            everybody = connection.execute(queries.EVERYBODY).mappings().all()
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

    def migrate(self, chapter: str, source: bytes) -> list[str]:
        """Give a chapter the source's cells, which nbgrader refuses once it has submissions.

        Returns
        -------
        list of str
            The cells that were added or deleted; what a person gave for other cells stays.
        """
        with self._transaction(writes=True) as connection:
            return migrate(connection, chapter, source)

    def name_students(self, names: Mapping[str, Mapping[str, str]]) -> None:
        """Note first_name, last_name and email of students, by id; Formgrader shows them."""
        with self._transaction() as connection:
            known = {row.id: row._asdict() for row in connection.execute(sa.select(tables.student))}
        changed = {
            name: values
            for name, values in names.items()
            if not values.items() <= known.get(name, {}).items()
        }
        if changed:
            with self._transaction(writes=True) as connection:
                for name, values in changed.items():
                    tables.put(connection, tables.student, {"id": name}, values)

    def note_release(self, chapter: str, traces: Iterable[str]) -> frozenset[str]:
        """Note the traces of a release; return those of every release that is known."""
        known = self.releases(chapter)
        if missing := sorted(frozenset(traces) - known):
            with self._transaction(writes=True) as connection:
                rows = [{"chapter": chapter, "trace": trace} for trace in missing]
                connection.execute(tables.released.insert(), rows)
        return known.union(missing)

    def note_refused(self, student: str, chapter: str, key: str, reason: str) -> None:
        """Note that what a student handed in is no notebook."""
        mine = {"student": student, "chapter": chapter}
        with self._transaction(writes=True) as connection:
            tables.put(connection, tables.refused, mine, {"key": key, "reason": reason})

    def write(self, batch: Sequence[Graded]) -> None:
        """Write results in one transaction.

        Parameters
        ----------
        batch : sequence of Graded
            Their chapters must be registered.

        Raises
        ------
        UserError
            If the database can't be written.
        """
        if not batch:
            return
        with self._transaction(writes=True) as connection:
            Writer(connection, batch).write()

    def settle_penalties(self, penalty: Penalty) -> None:
        """Take off what nbgrader's rule takes for lateness, by today's due dates and points.

        Parameters
        ----------
        penalty : callable
            ``penalty(student, score, seconds late)`` returns the points taken off, or None; it is
            called for late submissions only.
        """
        with self._transaction() as connection:
            late = connection.execute(queries.LATENESS).all()
        changed = []
        for row in late:
            seconds = _seconds_late(row.handed_in, row.due, row.extension)
            taken = penalty(row.student, row.score, seconds) if seconds else None
            taken = None if taken is None else min(max(0.0, taken), row.score)
            if taken != row.taken:
                changed.append((row.id, taken))
        if not changed:
            return
        with self._transaction(writes=True) as connection:
            for identity, taken in changed:
                mine = tables.submitted.c.id == identity
                values = {"late_submission_penalty": taken}
                connection.execute(tables.submitted.update().where(mine).values(**values))


def _leave_transactions_to_us(connection: Any, record: object) -> None:
    connection.isolation_level = None


def _begin(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _hash_of_cells(connection: sa.Connection, chapter: str) -> str:
    rows = connection.execute(queries.CELLS, {"chapter": chapter}).all()
    return hashlib.sha256(repr(sorted(map(tuple, rows), key=repr)).encode()).hexdigest()


def _seconds_late(
    handed_in: datetime | None, due: datetime | None, extension: timedelta | None
) -> float:
    if handed_in is None or due is None:
        return 0.0
    return max(0.0, (handed_in - due - (extension or timedelta(0))).total_seconds())


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
        raise UserError(f"{name} (--db or AUTOGRADER_DB): {error}") from None  # not the URL itself
