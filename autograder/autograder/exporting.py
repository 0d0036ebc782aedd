"""Writes the gradebook to a CSV file, with the columns of `nbgrader export`."""

from __future__ import annotations

import csv
from pathlib import Path

from autograder.layout import Layout
from autograder.nbgrader_steps import open_gradebook

COLUMNS = (
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
)


def export_scores(layout: Layout, target: Path) -> int:
    """Write a row for every chapter and student, and return how many there are.

    Students who handed in nothing have a row with score 0, as in `nbgrader export`; unlike there,
    a comma in a name does no harm.

    Parameters
    ----------
    layout
        The class.
    target
        The file to write, UTF-8.
    """
    rows = []
    with open_gradebook(layout) as gradebook:
        for assignment in gradebook.assignments:
            found = {submission.student_id: submission for submission in assignment.submissions}
            for student in gradebook.students:
                submission = found.get(student.id)
                raw = submission.score if submission else 0.0
                penalty = (submission.late_submission_penalty or 0.0) if submission else 0.0
                rows.append(
                    {
                        "assignment": assignment.name,
                        "duedate": assignment.duedate,
                        "timestamp": submission.timestamp if submission else None,
                        "student_id": student.id,
                        "last_name": student.last_name,
                        "first_name": student.first_name,
                        "email": student.email,
                        "raw_score": raw,
                        "late_submission_penalty": penalty,
                        "score": max(0.0, raw - penalty),
                        "max_score": assignment.max_score,
                    }
                )
    rows.sort(key=lambda row: (row["assignment"], row["student_id"]))
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return len(rows)
