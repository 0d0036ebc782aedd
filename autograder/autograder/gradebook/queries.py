"""What is asked of the gradebook, in SQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Connection,
    DateTime,
    Float,
    Interval,
    String,
    TextClause,
    bindparam,
    inspect,
    text,
)

from autograder.gradebook import tables

CELLS = text("""
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
""")
MAXIMA = text("""
    SELECT a.name, SUM(COALESCE(g.max_score, t.max_score, 0))
    FROM assignment a JOIN notebook n ON n.assignment_id = a.id
    JOIN base_cell b ON b.notebook_id = n.id
    LEFT JOIN grade_cells g ON g.id = b.id LEFT JOIN task_cells t ON t.id = b.id
    GROUP BY a.name
""")
SCORES = text("""
    SELECT s.id AS id, s.student_id AS student, a.name AS chapter,
        SUM(COALESCE(g.manual_score, g.auto_score, 0) + COALESCE(g.extra_credit, 0)) AS score,
        MAX(CASE WHEN g.needs_manual_grade THEN 1 ELSE 0 END) AS waiting
    FROM submitted_assignment s JOIN assignment a ON a.id = s.assignment_id
    LEFT JOIN submitted_notebook n ON n.assignment_id = s.id
    LEFT JOIN grade g ON g.notebook_id = n.id
    GROUP BY s.id, s.student_id, a.name
""")
MARKS = (
    text("""
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
""")
    .bindparams(bindparam("stretch", type_=String, expanding=True))
    .columns(handed_in=DateTime)
)
PENALTIES = text("""
    SELECT assignment_id, SUM(COALESCE(late_submission_penalty, 0)) FROM submitted_notebook
    GROUP BY assignment_id
""")
GRADES = text("""
    SELECT s.student_id AS student, a.name AS chapter, b.name AS cell, g.auto_score, g.manual_score
    FROM submitted_assignment s JOIN assignment a ON a.id = s.assignment_id
    JOIN submitted_notebook n ON n.assignment_id = s.id
    JOIN grade g ON g.notebook_id = n.id JOIN base_cell b ON b.id = g.cell_id
""")
LATENESS = text("""
    SELECT n.id AS id, s.student_id AS student, s.timestamp AS handed_in, a.duedate AS due,
        s.extension AS extension, n.late_submission_penalty AS taken,
        SUM(COALESCE(g.manual_score, g.auto_score, 0) + COALESCE(g.extra_credit, 0)) AS score
    FROM submitted_assignment s JOIN assignment a ON a.id = s.assignment_id
    JOIN submitted_notebook n ON n.assignment_id = s.id JOIN grade g ON g.notebook_id = n.id
    WHERE n.late_submission_penalty IS NOT NULL OR s.timestamp > a.duedate
    GROUP BY n.id, s.student_id, s.timestamp, a.duedate, s.extension, n.late_submission_penalty
""").columns(handed_in=DateTime, due=DateTime, extension=Interval, score=Float)
EVERYBODY = text("""
    SELECT a.name AS assignment, a.duedate AS duedate, s.timestamp AS timestamp,
        p.id AS student_id, p.last_name AS last_name, p.first_name AS first_name, p.email AS email
    FROM assignment a CROSS JOIN student p
    LEFT JOIN submitted_assignment s ON s.assignment_id = a.id AND s.student_id = p.id
""")


def totals(connection: Connection) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the points of each submission, by student and chapter; none without tables."""
    if not inspect(connection).has_table(tables.submission.name):
        return {}
    maxima, penalties = pairs(connection, MAXIMA), pairs(connection, PENALTIES)
    found = {}
    for row in connection.execute(SCORES).all():
        raw, penalty = row.score or 0.0, penalties.get(row.id, 0.0)
        found[row.student, row.chapter] = {
            "raw_score": raw,
            "late_submission_penalty": penalty,
            "score": max(0.0, raw - penalty),
            "max_score": maxima.get(row.chapter, 0.0),
            "waiting": bool(row.waiting),
        }
    return found


def pairs(connection: Connection, query: TextClause) -> dict[str, float]:
    """Return the two columns of a query as keys and values."""
    return {key: value for key, value in connection.execute(query).all()}
