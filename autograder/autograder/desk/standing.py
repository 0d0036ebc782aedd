"""How everyone is doing: points, lateness, what it costs, totals. Computed, never stored."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Literal

from autograder.course.notebooks import exercises_of, nbgrader_metadata, read_cells
from autograder.desk.classfile import ClassFile, Student, class_path
from autograder.desk.classreader import read_class
from autograder.gradebook.book import Marks, Score, open_gradebook
from autograder.grading.submissions import find_submissions
from autograder.layout import Layout

Status = Literal["graded", "not graded", "excused", "missing", "not handed in"]


@dataclass(frozen=True)
class Chapter:
    """What a chapter is worth.

    Attributes
    ----------
    core, stretch : float
        Points of the exercises without and with ★.
    cells : frozenset of str
        Names of the test cells of ★ exercises.
    """

    core: float
    stretch: float
    cells: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Row:
    """How one student is doing in one chapter.

    Attributes
    ----------
    status : str
        ``graded``; ``not graded`` (handed in, no points yet); ``excused``; ``missing`` (the due
        date has passed); ``not handed in`` (it has not, or there is none).
    core, stretch : float
        Points earned, a person's included, before anything is taken off.
    penalty : float
        Points taken off for lateness.
    out_of : float
        What counts as everything: with ★ where the class file counts it.
    late : timedelta
        Since the due date; 0 for work on time or within the grace.
    handed_in, due : datetime or None
        In UTC, the extension included.
    needs_person : bool
        Whether points of a person are still missing.
    """

    student: Student
    chapter: str
    status: Status
    core: float = 0.0
    stretch: float = 0.0
    penalty: float = 0.0
    out_of: float = 0.0
    late: timedelta = timedelta()
    handed_in: datetime | None = None
    due: datetime | None = None
    needs_person: bool = False

    @property
    def points(self) -> float | None:
        """What counts, or None where there is nothing to count yet."""
        return self.core + self.stretch - self.penalty if self.status == "graded" else None

    @property
    def points_apart(self) -> tuple[float, float] | None:
        """The same as core and ★; a penalty is taken from the core first."""
        if self.points is None:
            return None
        from_core = min(self.penalty, self.core)
        return self.core - from_core, self.stretch - (self.penalty - from_core)


@dataclass(frozen=True)
class Total:
    """How one student is doing in all chapters that count so far.

    Attributes
    ----------
    points, out_of : float
        Sums over these chapters; the weights are not in them.
    percent : float or None
        With weights and curve; None as long as no chapter counts.
    """

    student: Student
    points: float
    out_of: float
    percent: float | None


@dataclass(frozen=True)
class Standing:
    """A class on one day.

    Attributes
    ----------
    rows : list of Row
        A student after another, each with every chapter.
    totals : list of Total
        One a student, in the same order.
    strangers : list of str
        Who is in the gradebook but not in the class file, if that has students.
    """

    rows: list[Row]
    totals: list[Total]
    strangers: list[str] = field(default_factory=list)


def chapters_of(layout: Layout) -> dict[str, Chapter]:
    """Return what each chapter is worth, in order, as the source notebooks have it.

    Raises
    ------
    UserError
        If a source notebook can't be read.
    """
    found = {}
    for name in layout.chapters():
        cells = read_cells(layout.source(name))
        stretch = [cell for e in exercises_of(cells) if e.stretch for cell in e.of_kind("test")]
        points = sum(cell.points for cell in stretch)
        names = frozenset(nbgrader_metadata(cell.raw).get("grade_id", cell.id) for cell in stretch)
        found[name] = Chapter(sum(cell.points for cell in cells) - points, points, names)
    return found


def standing(
    group: ClassFile,
    marks: Iterable[Marks],
    chapters: Mapping[str, Chapter],
    handed_in: Collection[tuple[str, str]] = (),
    now: datetime | None = None,
) -> Standing:
    """Return how everyone is doing.

    Parameters
    ----------
    group
        The class; where it has no students, those of the gradebook are the class.
    marks
        What the gradebook holds.
    chapters
        What there is, in order.
    handed_in
        Student and chapter of every submission, graded or not.
    now
        The day; by default today.
    """
    now = now or datetime.now(UTC)
    best: dict[tuple[str, str], Marks] = {}
    for mark in marks:  # of a renamed student's two, the later one; without times, the new name's
        key = (group.student_of(mark.student).id, mark.chapter)
        if key not in best or _rank(mark, key[0]) > _rank(best[key], key[0]):
            best[key] = mark
    waiting = {(group.student_of(student).id, chapter) for student, chapter in handed_in}
    known = dict(group.students)
    strangers = sorted({student for student, _ in (*best, *waiting)} - known.keys())
    everybody = [*known.values(), *map(Student, strangers)]
    started = {chapter for _, chapter in best}
    rows, totals = [], []
    for student in everybody:
        mine = [
            _row(
                group, student, name, chapter, best.get((student.id, name)),
                (student.id, name) in waiting, now,
            )
            for name, chapter in chapters.items()
        ]  # fmt: skip
        rows += mine
        totals.append(_total(group, student, mine, started))
    return Standing(rows, totals, strangers if known else [])


def read_standing(layout: Layout, now: datetime | None = None) -> Standing:
    """Return how everyone is doing by class file, gradebook and `submitted`.

    Raises
    ------
    UserError
        When the class file, a source notebook or the gradebook can't be read or contradicts itself.
    """
    group, chapters = read_class(layout), chapters_of(layout)
    return standing(group, read_marks(layout, chapters), chapters, list_submissions(layout), now)


def read_marks(layout: Layout, chapters: Mapping[str, Chapter]) -> list[Marks]:
    """Return what the gradebook holds; nothing where there is none yet."""
    if layout.db_url is None and not layout.gradebook.is_file():
        return []
    with open_gradebook(layout) as gradebook:
        return gradebook.marks(
            (name, cell) for name, chapter in chapters.items() for cell in sorted(chapter.cells)
        )


def with_penalties(layout: Layout, scores: Sequence[Score]) -> list[Score]:
    """Return scores with what the class file takes off for lateness; as they are without one.

    Raises
    ------
    UserError
        When the class file contradicts itself.
    """
    if not class_path(layout).is_file():
        return list(scores)
    group, chapters = read_class(layout), chapters_of(layout)
    rows = standing(group, read_marks(layout, chapters), chapters).rows
    points = {(row.student.id, row.chapter): row.points for row in rows}

    def taken_off(score: Score) -> Score:
        counts = points.get((group.student_of(score.student).id, score.chapter))
        return score if counts is None else replace(score, score=counts)

    return list(map(taken_off, scores))


def list_submissions(layout: Layout) -> set[tuple[str, str]]:
    """Return student and chapter of everything in `submitted`."""
    if not layout.submitted.is_dir():
        return set()
    found, _ = find_submissions(layout, layout.chapters())
    return {(one.student, one.chapter) for one in found}


def _rank(mark: Marks, student: str) -> tuple[bool, float, bool]:
    moment = mark.handed_in
    return moment is not None, moment.timestamp() if moment else 0.0, mark.student == student


def _row(
    group: ClassFile,
    student: Student,
    name: str,
    chapter: Chapter,
    mark: Marks | None,
    waiting: bool,
    now: datetime,
) -> Row:
    due = group.due_date(student, name)
    out_of = chapter.core + (chapter.stretch if group.stretch == "counted" else 0.0)
    if name in student.excused:
        return Row(student, name, "excused", out_of=out_of, due=due)
    if mark is None:
        status: Status = (
            "not graded" if waiting else "missing" if due and due < now else "not handed in"
        )
        return Row(student, name, status, out_of=out_of, due=due)
    policy = group.late_policy(name)
    late = mark.handed_in - due if mark.handed_in and due else timedelta()
    late = late if late > policy.grace else timedelta()
    earned = mark.core + mark.stretch
    # Where the class file sets no date, what nbgrader took off by its own counts.
    penalty = policy.penalty(earned, out_of, late) if due else min(mark.penalty, earned)
    return Row(
        student, name, "graded", mark.core, mark.stretch, penalty, out_of,
        late, mark.handed_in, due, mark.needs_person,
    )  # fmt: skip


def _total(
    group: ClassFile, student: Student, rows: Sequence[Row], started: Collection[str]
) -> Total:
    """Return the total of what counts: graded, missing, or without a date but graded for others."""
    counts = [
        row
        for row in rows
        if row.status in ("graded", "missing")
        or (row.status == "not handed in" and row.due is None and row.chapter in started)
    ]
    points, out_of = sum(row.points or 0.0 for row in counts), sum(row.out_of for row in counts)
    earned = possible = 0.0
    for row in counts:
        weight = group.weights.get(row.chapter, 0.0) if group.weights else row.out_of
        if row.out_of:
            earned += weight * (row.points or 0.0) / row.out_of
            possible += weight
    percent = bend(group.curve, 100 * earned / possible) if possible else None
    return Total(student, points, out_of, percent)


def bend(curve: Sequence[tuple[float, float]], percent: float) -> float:
    """Return what a curve gives for this percentage; outside of it, its ends go on level.

    Examples
    --------
    >>> bend([(0, 0), (50, 60), (100, 100)], 75)
    80.0
    """
    if not curve:
        return percent
    if percent >= curve[-1][0]:  # more than everything, by ★, stays more
        return max(curve[-1][1], percent) if percent > 100 else curve[-1][1]
    for (x0, y0), (x1, y1) in pairwise(curve):
        if x0 <= percent <= x1:
            return y0 + (y1 - y0) * (percent - x0) / (x1 - x0)
    return curve[0][1]
