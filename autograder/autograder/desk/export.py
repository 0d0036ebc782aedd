"""Writes the gradebook to a CSV file, with the columns of `nbgrader export`."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from autograder.gradebook.book import open_gradebook
from autograder.layout import Layout

FORMULA = re.compile(r"\s*[=+@\-]|[\t\r]")  # how what a spreadsheet calculates begins
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
    with open_gradebook(layout) as gradebook:
        rows = gradebook.export_rows()
    rows.sort(key=lambda row: (row["assignment"], row["student_id"]))
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: harmless(value) for name, value in row.items()} for row in rows)
    return len(rows)


def harmless(value: object) -> object:
    """Return what a spreadsheet shows as text, even if it looks like a formula.

    Examples
    --------
    >>> harmless("=1+1"), harmless("ada"), harmless(-1.5)
    ("'=1+1", 'ada', -1.5)
    """
    return f"'{value}" if isinstance(value, str) and FORMULA.match(value) else value
