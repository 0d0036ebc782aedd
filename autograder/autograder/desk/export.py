"""Writes points to tables: nbgrader's long one, or a wide one with a row a student."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from autograder.desk.sheets import Sheet, safe, write_sheet
from autograder.desk.standing import Row, Standing, read_standing
from autograder.files import write_atomically
from autograder.gradebook.book import open_gradebook
from autograder.layout import Layout

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
    """Write a row for every chapter in the gradebook and student, and return how many there are.

    The columns are those of `nbgrader export`. Unlike there, a chapter that was not handed in has
    no score, a comma in a name does no harm, and nothing is a formula. The class file's students,
    due dates and rule for late work count.

    Parameters
    ----------
    layout
        The class.
    target
        The file to write, UTF-8.
    """
    found = read_standing(layout)
    with open_gradebook(layout) as gradebook:
        noted = gradebook.export_rows()
    maxima = {row["assignment"]: row["max_score"] for row in noted}
    people = {row["student_id"]: row for row in noted}
    rows = []
    for row in sorted(found.rows, key=lambda row: (row.chapter, row.student.id)):
        if row.chapter not in maxima:
            continue
        known = [people[name] for name in (row.student.id, *row.student.formerly) if name in people]
        first, last = row.student.first_and_last
        names = {"last_name": last, "first_name": first, "email": row.student.email}
        names = {key: next(filter(None, (one[key] for one in known)), names[key]) for key in names}
        graded = row.status == "graded"
        rows.append({
            "assignment": row.chapter,
            "duedate": _as_nbgrader(row.due),
            "timestamp": _as_nbgrader(row.handed_in),
            "student_id": row.student.id,
            **names,
            "raw_score": row.core + row.stretch if graded else None,
            "late_submission_penalty": row.penalty if graded else None,
            "score": row.points,
            "max_score": maxima[row.chapter],
        })  # fmt: skip
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {key: safe(value) if isinstance(value, str) else value for key, value in row.items()}
        for row in rows
    )
    write_atomically(target, text.getvalue())
    return len(rows)


def _as_nbgrader(time: datetime | None) -> str | None:
    return None if time is None else f"{time.replace(tzinfo=None)}"


def export_wide(found: Standing, chapters: Sequence[str], target: Path, apart: bool = False) -> int:
    """Write a row a student and a column a chapter, and return how many rows there are.

    Parameters
    ----------
    found
        How everyone is doing.
    chapters
        Which chapters to write.
    target
        The file to write, UTF-8 with a mark that spreadsheets need.
    apart
        Give ★ a column of its own beside each chapter's.
    """
    header = ["student", "name", "email", "section"]
    for chapter in chapters:
        header += [chapter, f"{chapter} ★"] if apart else [chapter]
    header += ["points", "out of", "percent"]
    cells = {(row.student.id, row.chapter): row for row in found.rows}
    rows = []
    for total in found.totals:
        student = total.student
        if student.dropped:
            continue
        row = [student.id, student.name, student.email, student.section]
        for chapter in chapters:
            row += points_of(cells[student.id, chapter], apart)
        row += [number(total.points), number(total.out_of)]
        rows.append([*row, "" if total.percent is None else number(total.percent)])
    write_sheet(Sheet(target.name, header, rows, encoding="utf-8-sig"), target)
    return len(rows)


def points_of(row: Row, apart: bool) -> list[str]:
    """Return what one chapter counts, or core and ★ apart; blank where nothing counts yet."""
    if apart:
        return [number(points) for points in row.points_apart] if row.points_apart else ["", ""]
    return ["" if row.points is None else number(row.points)]


def number(value: float) -> str:
    """Return points as a table has them.

    Examples
    --------
    >>> number(4.0), number(2.3333333)
    ('4', '2.33')
    """
    return f"{round(value, 2):g}" if abs(value) < 1e5 else f"{value:.2f}"
