"""nbgrader's gradebook: written in bulk by one process, and what was graded from which bytes.

nbgrader's own classes load and commit one cell at a time; here a batch of results is one
transaction. The tables are nbgrader's, so Formgrader, manual grading and export work unchanged.
Beside them stands one of ours, `autograder_ledger`, so that a grade and the note that it was given
are written together or not at all. Any database that SQLAlchemy knows will do.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from autograder.errors import UserError

if TYPE_CHECKING:
    from autograder.engine.result import Result
    from autograder.layout import Layout

BUSY_SECONDS = 30  # that another program may hold a SQLite gradebook

_ledger = sa.Table(
    "autograder_ledger",
    sa.MetaData(),
    sa.Column("student", sa.String(128), primary_key=True),
    sa.Column("chapter", sa.String(128), primary_key=True),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("flags", sa.Text, nullable=False),
)


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

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.begin() as connection:
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
        """Return whether nbgrader has made its tables here."""
        with self._transaction() as connection:
            return sa.inspect(connection).has_table("submitted_assignment")

    def ledger(self) -> dict[tuple[str, str], Entry]:
        """Return what was graded, by student and chapter."""
        with self._transaction() as connection:
            if not sa.inspect(connection).has_table(_ledger.name):
                return {}
            rows = connection.execute(sa.select(_ledger)).all()
        return {(r.student, r.chapter): Entry(r.key, json.loads(r.flags)) for r in rows}

    def scores(self) -> list[Score]:
        """Return every score, by student and chapter."""
        with self._transaction() as connection:
            if not sa.inspect(connection).has_table("submitted_assignment"):
                return []
            maxima = dict(connection.execute(sa.text(_MAXIMA)).all())
            rows = connection.execute(sa.text(_SCORES)).all()
            penalties: dict[str, float] = dict(connection.execute(sa.text(_PENALTIES)).all())
        scores = [
            Score(
                student=row.student,
                chapter=row.chapter,
                score=max(0.0, (row.score or 0.0) - penalties.get(row.id, 0.0)),
                max_score=maxima.get(row.chapter, 0.0),
                needs_person=bool(row.waiting),
            )
            for row in rows
        ]
        return sorted(scores, key=lambda score: (score.student, score.chapter))

    def students(self) -> list[str]:
        """Return everybody in the gradebook."""
        with self._transaction() as connection:
            if not sa.inspect(connection).has_table("student"):
                return []
            return list(connection.execute(sa.text("SELECT id FROM student ORDER BY id")).scalars())

    def export_rows(self) -> list[dict[str, Any]]:
        """Return a row for every chapter and student, with the names of `nbgrader export`."""
        with self._transaction() as connection:
            if not sa.inspect(connection).has_table("submitted_assignment"):
                return []
            maxima = dict(connection.execute(sa.text(_MAXIMA)).all())
            raw = {(r.student, r.chapter): r for r in connection.execute(sa.text(_SCORES)).all()}
            penalties = dict(connection.execute(sa.text(_PENALTIES)).all())
            everybody = connection.execute(sa.text(_EVERYBODY)).mappings().all()
        rows = []
        for row in everybody:
            found = raw.get((row["student_id"], row["assignment"]))
            score = (found.score or 0.0) if found else 0.0
            penalty = penalties.get(found.id, 0.0) if found else 0.0
            rows.append(
                dict(row)
                | {
                    "raw_score": score,
                    "late_submission_penalty": penalty,
                    "score": max(0.0, score - penalty),
                    "max_score": maxima.get(row["assignment"], 0.0),
                }
            )
        return rows

    # -- writing ----------------------------------------------------------------------------

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
        with self._transaction() as connection:
            _ledger.create(connection, checkfirst=True)
            _Writer(connection, batch, penalty).write()


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
    advice = "Put a copy that works in its place, or move it away and grade again."
    if "locked" in reason:
        advice = "Another program is writing to it: close that one and run the command again."
    elif "full" in reason or "No space" in reason:
        advice = "Free some space and run the command again; what was finished is kept."
    elif isinstance(error, OperationalError) and "connect" in reason.lower():
        advice = "Check that the server runs and that the URL is right."
    return UserError(f"{name}: {reason}. {advice}")


# --- the writer -----------------------------------------------------------------------------------


class _Writer:
    """Writes one batch: looks up what is there, then inserts and updates in bulk."""

    def __init__(self, connection: sa.Connection, batch: Sequence[Graded], penalty: Any) -> None:
        from nbgrader import api

        self.connection = connection
        self.batch = batch
        self.penalty = penalty
        self.student = api.Student.__table__
        self.assignment = api.Assignment.__table__
        self.notebook = api.Notebook.__table__
        self.base_cell = api.BaseCell.__table__
        self.grade_cell = api.GradeCell.__table__
        self.source_cell = api.SourceCell.__table__
        self.submission = api.SubmittedAssignment.__table__
        self.submitted = api.SubmittedNotebook.__table__
        self.grade = api.Grade.__table__
        self.comment = api.Comment.__table__
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
            self.connection.execute(self.grade.insert(), grades)
        if comments:
            self.connection.execute(self.comment.insert(), comments)
        for item in self.batch:
            self._note(item)

    def _rows(self, statement: Any) -> list[Any]:
        return list(self.connection.execute(statement).all())

    def _add_students(self) -> None:
        wanted = {item.student for item in self.batch}
        there = set(
            self.connection.execute(
                sa.select(self.student.c.id).where(self.student.c.id.in_(wanted))
            ).scalars()
        )
        missing = [{"id": name} for name in sorted(wanted - there)]
        if missing:
            self.connection.execute(self.student.insert(), missing)

    def _read_chapter(self, chapter: str) -> _Chapter:
        found = self._rows(
            sa.select(self.assignment.c.id, self.assignment.c.duedate, self.notebook.c.id)
            .join(self.notebook, self.notebook.c.assignment_id == self.assignment.c.id)
            .where(self.assignment.c.name == chapter, self.notebook.c.name == chapter)
        )
        if not found:
            raise UserError(f"{chapter} is not in the gradebook; run: python3 autograder grade")
        assignment_id, due, notebook_id = found[0]
        cells = self._rows(
            sa.select(self.base_cell.c.id, self.base_cell.c.name, self.base_cell.c.type).where(
                self.base_cell.c.notebook_id == notebook_id
            )
        )
        checksums = self._rows(
            sa.select(self.source_cell.c.name, self.source_cell.c.checksum).where(
                self.source_cell.c.notebook_id == notebook_id
            )
        )
        kinds: dict[str, dict[str, str]] = {"GradeCell": {}, "SolutionCell": {}, "TaskCell": {}}
        for identity, name, kind in cells:
            kinds.setdefault(kind, {})[name] = identity
        return _Chapter(
            assignment_id, notebook_id, due,
            grades=kinds["GradeCell"] | kinds["TaskCell"],
            comments=kinds["SolutionCell"] | kinds["TaskCell"],
            checksums={name: checksum for name, checksum in checksums},
        )  # fmt: skip

    def _submitted_notebook(self, item: Graded) -> str:
        """Return the id of a student's notebook, made where it is not there yet."""
        chapter = self.chapters[item.chapter]
        found = self._rows(
            sa.select(self.submission.c.id, self.submitted.c.id)
            .join(
                self.submitted,
                sa.and_(
                    self.submitted.c.assignment_id == self.submission.c.id,
                    self.submitted.c.notebook_id == chapter.notebook_id,
                ),
                isouter=True,
            )
            .where(
                self.submission.c.assignment_id == chapter.assignment_id,
                self.submission.c.student_id == item.student,
            )
        )
        submission_id, notebook_id = found[0] if found else (None, None)
        if submission_id is None:
            submission_id = _new_id()
            self.connection.execute(
                self.submission.insert().values(
                    id=submission_id,
                    assignment_id=chapter.assignment_id,
                    student_id=item.student,
                    timestamp=item.timestamp,
                )
            )
        elif item.timestamp is not None:
            self.connection.execute(
                self.submission.update()
                .where(self.submission.c.id == submission_id)
                .values(timestamp=item.timestamp)
            )
        if notebook_id is None:
            notebook_id = _new_id()
            self.connection.execute(
                self.submitted.insert().values(
                    id=notebook_id,
                    assignment_id=submission_id,
                    notebook_id=chapter.notebook_id,
                    flagged=bool(item.result.flags),
                )
            )
        else:
            self.connection.execute(
                self.submitted.update()
                .where(self.submitted.c.id == notebook_id)
                .values(flagged=bool(item.result.flags))
            )
        self._write_penalty(item, submission_id, notebook_id)
        return notebook_id

    def _write_penalty(self, item: Graded, submission_id: str, notebook_id: str) -> None:
        chapter = self.chapters[item.chapter]
        taken = None
        if chapter.due is not None and self.penalty is not None:
            row = self.connection.execute(
                sa.select(self.submission.c.timestamp, self.submission.c.extension).where(
                    self.submission.c.id == submission_id
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
            self.submitted.update()
            .where(self.submitted.c.id == notebook_id)
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
                sa.select(self.grade.c.id, self.grade.c.cell_id, self.grade.c.manual_score).where(
                    self.grade.c.notebook_id == notebook_id
                )
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
                    self.grade.update().where(self.grade.c.id == identity).values(**values)
                )
        said = dict(
            self._rows(
                sa.select(self.comment.c.cell_id, self.comment.c.id).where(
                    self.comment.c.notebook_id == notebook_id
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
                    self.comment.update()
                    .where(self.comment.c.id == said[cell_id])
                    .values(auto_comment=text)
                )

    def _note(self, item: Graded) -> None:
        values = {"key": item.key, "flags": json.dumps(item.result.flags)}
        mine = sa.and_(_ledger.c.student == item.student, _ledger.c.chapter == item.chapter)
        changed = self.connection.execute(_ledger.update().where(mine).values(**values))
        if not changed.rowcount:
            self.connection.execute(
                _ledger.insert().values(student=item.student, chapter=item.chapter, **values)
            )


@dataclass(frozen=True)
class _Chapter:
    assignment_id: str
    notebook_id: str
    due: datetime | None
    grades: dict[str, str]
    comments: dict[str, str]
    checksums: dict[str, str | None]


def _new_id() -> str:
    return uuid.uuid4().hex  # as nbgrader makes them


def _is_untouched(result: Result, name: str, chapter: _Chapter) -> bool:
    """Return whether a solution cell is still the stub that was released."""
    from nbformat import from_dict
    from nbgrader.utils import compute_checksum

    for cell in result.notebook["cells"]:
        if cell["id"] == name:
            return compute_checksum(from_dict(cell)) == chapter.checksums.get(name)
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
