"""Writes points to tables: nbgrader's long one, or a wide one with a row a student."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
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
    """Write a row for every chapter and student, and return how many there are.

    The columns are those of `nbgrader export`. Unlike there, a chapter that was not handed in has
    no score, a comma in a name does no harm, and nothing is a formula. The class file's due dates
    and rule for late work count.

    Parameters
    ----------
    layout
        The class.
    target
        The file to write, UTF-8.
    """
    known = {(row.student.id, row.chapter): row for row in read_standing(layout).rows}
    with open_gradebook(layout) as gradebook:
        rows = gradebook.export_rows()
    rows.sort(key=lambda row: (row["assignment"], row["student_id"]))
    for row in rows:
        found = known.get((row["student_id"], row["assignment"]))
        if found is None or found.status != "graded":
            row |= dict.fromkeys(("raw_score", "late_submission_penalty", "score"))
        else:
            row["late_submission_penalty"] = found.penalty
            row["score"] = found.points
            row["duedate"] = found.due or row["duedate"]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {key: safe(value) if isinstance(value, str) else value for key, value in row.items()}
        for row in rows
    )
    write_atomically(target, text.getvalue())
    return len(rows)


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
