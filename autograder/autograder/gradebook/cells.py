"""What the gradebook knows about one chapter's submissions: for feedback and for the report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from autograder.gradebook import tables


@dataclass(frozen=True)
class Mark:
    """The points of one cell.

    Attributes
    ----------
    points, maximum : float
        A person's points, where a person gave any, otherwise those of the test; extra credit too.
    by_person : bool
        Whether a person gave them.
    waiting : bool
        Whether a person still has to.
    """

    points: float
    maximum: float
    by_person: bool = False
    waiting: bool = False


@dataclass(frozen=True)
class CellMarks:
    """What one student has in one chapter.

    Attributes
    ----------
    student, name : str
        The id, and the name where the gradebook has one.
    handed_in : datetime or None
        In UTC.
    penalty : float
        Points that nbgrader took off for being late.
    cells : mapping of str to Mark
        By the cell's name.
    comments : mapping of str to str
        What a person wrote, by the cell's name.
    untouched : frozenset of str
        Answer cells that are as they were released.
    before : mapping of str to float
        Points by test of the attempt before this one; empty for the first.
    """

    student: str
    name: str = ""
    handed_in: datetime | None = None
    penalty: float = 0.0
    cells: Mapping[str, Mark] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)
    untouched: frozenset[str] = frozenset()
    before: Mapping[str, float] = field(default_factory=dict)


def read_cell_marks(
    connection: sa.Connection, chapter: str, student: str | None = None
) -> dict[str, CellMarks]:
    """Return what a chapter's submissions have, by student.

    Parameters
    ----------
    connection
        To a gradebook.
    chapter
        The chapter.
    student
        This student only.
    """
    inspector = sa.inspect(connection)
    if not inspector.has_table(tables.submission.name):
        return {}
    where = {"chapter": chapter, "student": student or "", "anybody": int(student is None)}

    def rows(query: str) -> list[Any]:
        return list(connection.execute(sa.text(query), where).all())

    cells: dict[str, dict[str, Mark]] = {}
    same: dict[tuple, Mark] = {}  # a class's many points are a few different ones
    for student_id, cell, auto, manual, extra, waiting, maximum in rows(_GRADES):
        key = (auto, manual, extra, waiting, maximum)
        if key not in same:
            points = manual if manual is not None else auto
            same[key] = Mark(
                (points or 0.0) + (extra or 0.0), maximum or 0.0,
                manual is not None, bool(waiting) and manual is None,
            )  # fmt: skip
        cells.setdefault(student_id, {})[cell] = same[key]
    comments: dict[str, dict[str, str]] = {}
    untouched: dict[str, set[str]] = {}
    for student_id, cell, by_machine, by_person in rows(_COMMENTS):
        if by_machine == tables.UNTOUCHED:
            untouched.setdefault(student_id, set()).add(cell)
        if by_person and by_person.strip():
            comments.setdefault(student_id, {})[cell] = by_person
    before: dict[str, dict[str, float]] = {}
    if inspector.has_table(tables.results.name):
        before = {row.student: json.loads(row.before) for row in rows(_BEFORE) if row.before}
    return {
        row.student: CellMarks(
            row.student, " ".join(filter(None, (row.first_name, row.last_name))),
            row.timestamp and row.timestamp.replace(tzinfo=UTC), row.penalty or 0.0,
            cells.get(row.student, {}), comments.get(row.student, {}),
            frozenset(untouched.get(row.student, ())), before.get(row.student, {}),
        )
        for row in connection.execute(_SUBMISSIONS, where).all()
    }  # fmt: skip


_WHOSE = """
    FROM assignment a JOIN submitted_assignment s ON s.assignment_id = a.id
    JOIN submitted_notebook n ON n.assignment_id = s.id
"""
_ASKED = "WHERE a.name = :chapter AND (:anybody = 1 OR s.student_id = :student)"
_SUBMISSIONS = sa.text(f"""
    SELECT s.student_id AS student, s.timestamp AS timestamp, p.first_name AS first_name,
        p.last_name AS last_name, n.late_submission_penalty AS penalty
    {_WHOSE} JOIN student p ON p.id = s.student_id {_ASKED}
""").columns(
    sa.column("student"), sa.column("timestamp", sa.DateTime), sa.column("first_name"),
    sa.column("last_name"), sa.column("penalty"),
)  # fmt: skip
_GRADES = f"""
    SELECT s.student_id AS student, b.name AS cell, g.auto_score AS auto_score,
        g.manual_score AS manual_score, g.extra_credit AS extra_credit,
        g.needs_manual_grade AS waiting, COALESCE(c.max_score, t.max_score) AS maximum
    {_WHOSE} JOIN grade g ON g.notebook_id = n.id JOIN base_cell b ON b.id = g.cell_id
    LEFT JOIN grade_cells c ON c.id = b.id LEFT JOIN task_cells t ON t.id = b.id {_ASKED}
"""
_COMMENTS = f"""
    SELECT s.student_id AS student, b.name AS cell, c.auto_comment AS auto_comment,
        c.manual_comment AS manual_comment
    {_WHOSE} JOIN comment c ON c.notebook_id = n.id JOIN base_cell b ON b.id = c.cell_id {_ASKED}
        AND (c.auto_comment IS NOT NULL OR c.manual_comment IS NOT NULL)
"""
_BEFORE = """
    SELECT student, before FROM autograder_results
    WHERE chapter = :chapter AND (:anybody = 1 OR student = :student)
"""
