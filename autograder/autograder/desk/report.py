"""Writes the report on a class: one page and one table, from the gradebook alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import mean, median

from autograder.course.notebooks import read_cells
from autograder.desk import figures
from autograder.desk.classreader import read_class
from autograder.desk.items import ChapterReport, chapter_report
from autograder.desk.pages.render import render
from autograder.desk.people import People, find_people
from autograder.desk.sheets import Sheet, write_sheet
from autograder.desk.standing import Row, Standing
from autograder.errors import UserError
from autograder.files import write_atomically
from autograder.gradebook.book import open_gradebook
from autograder.layout import Layout

MOST_MISTAKES = 8  # of a chapter, on the page
TO_SAY = 5  # of the newest chapter, at its top
COLUMNS = (
    "chapter", "exercise", "check", "points", "tried", "solved", "difficulty", "discrimination",
    "mistake", "made by", "doubt",
)  # fmt: skip


@dataclass(frozen=True)
class Overview:
    """A chapter in one line: shares are of what it is worth, NaN where nobody is graded."""

    name: str
    title: str
    handed_in: int
    expected: int
    late: int
    mean: float
    median: float


@dataclass(frozen=True)
class ClassReport:
    """What the page shows.

    Attributes
    ----------
    made : datetime
        When, in the class's time zone.
    students : int
        How many are in the class.
    overview : list of Overview
        The chapters that were handed in, in order.
    chapters : list of ChapterReport
        The same.
    people : People
        Who needs attention.
    totals : list of float
        Percent so far, of everyone who has any.
    """

    made: datetime
    students: int
    overview: list[Overview]
    chapters: list[ChapterReport]
    people: People
    totals: list[float]


def graded_chapters(layout: Layout, standing: Standing) -> list[str]:
    """Return the chapters of which something is graded, in order.

    Raises
    ------
    UserError
        If there are none.
    """
    graded = {row.chapter for row in standing.rows if row.status == "graded"}
    if not graded:
        raise UserError(
            f"{layout.show(layout.work)}: nothing is graded yet; run: python3 autograder grade"
        )
    return [name for name in layout.chapters() if name in graded]


def read_report(
    layout: Layout,
    standing: Standing,
    on_progress: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> ClassReport:
    """Return what there is to tell about a class.

    Parameters
    ----------
    layout
        The class; no notebook that was handed in is read.
    standing
        How everyone is doing.
    on_progress
        Called after each chapter with the number done, the total, and the chapter.

    Raises
    ------
    UserError
        If nothing is graded, or a file of the course or of the class can't be read.
    """
    names = graded_chapters(layout, standing)
    group = read_class(layout)
    rows = [row for row in standing.rows if not row.student.dropped]
    on_progress(0, len(names), "")
    chapters = []
    with open_gradebook(layout) as gradebook:
        for done, name in enumerate(names, start=1):
            marks, findings = gradebook.cell_marks(name), gradebook.findings(name)
            counted = {one for one in marks if not group.student_of(one).dropped}
            cells = read_cells(layout.source(name))
            chapters.append(chapter_report(name, cells, marks, findings, counted))
            on_progress(done, len(names), name)
        flags = {
            (group.student_of(student).id, chapter): entry.flags
            for (student, chapter), entry in gradebook.ledger().items()
        }
    return ClassReport(
        made=datetime.now(group.zone),
        students=len({row.student.id for row in rows}),
        overview=[_overview(chapter, rows) for chapter in chapters],
        chapters=chapters,
        people=find_people(standing, flags),
        totals=_totals(standing),
    )


def write_report(report: ClassReport, page: Path) -> Path:
    """Write the page, and beside it the table of all checks; return where that is.

    Parameters
    ----------
    report
        What to write.
    page
        The file to write; the table has the same name and the ending ``.csv``.
    """
    newest = report.chapters[-1]
    text = render(
        "report",
        report=report,
        newest=newest,
        to_say=newest.mistakes[:TO_SAY],
        most=MOST_MISTAKES,
        totals=figures.totals(report.totals),
        figures={chapter.name: figures.exercises(chapter) for chapter in report.chapters},
    )
    write_atomically(page, text)
    table = page.with_suffix(".csv")
    rows = [
        [
            chapter.name, item.exercise, item.title, f"{item.maximum:g}", str(item.tried),
            str(item.solved), _rounded(item.difficulty), _rounded(item.discrimination),
            item.mistake, str(item.made_by), item.doubt,
        ]
        for chapter in report.chapters
        for item in chapter.items
    ]  # fmt: skip
    write_sheet(Sheet("the report", list(COLUMNS), rows), table)
    return table


def _overview(chapter: ChapterReport, rows: list[Row]) -> Overview:
    mine = [row for row in rows if row.chapter == chapter.name and row.status != "excused"]
    shares = [
        (row.points or 0.0) / row.out_of for row in mine if row.status == "graded" and row.out_of
    ]
    return Overview(
        chapter.name, chapter.title,
        sum(row.status in ("graded", "not graded") for row in mine), len(mine),
        sum(bool(row.late) for row in mine),
        mean(shares) if shares else math.nan, median(shares) if shares else math.nan,
    )  # fmt: skip


def _totals(standing: Standing) -> list[float]:
    return [
        total.percent
        for total in standing.totals
        if total.percent is not None and not total.student.dropped
    ]


def _rounded(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.2f}"
