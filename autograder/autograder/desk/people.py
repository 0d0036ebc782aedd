"""Who needs a person's attention, by what the class file and the gradebook say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import takewhile

from autograder.desk.classfile import Student
from autograder.desk.standing import Row, Standing

HALF = 50.0  # percent so far, below which help is offered
SILENT = 2  # expected chapters in a row that were not handed in
OVER = 0.5  # of a class has handed a chapter in: then it counts as one that is expected
ABSENT = ("missing", "not handed in")


@dataclass
class People:
    """Students by what to ask them about; each with one line that says why.

    Attributes
    ----------
    help : list of (str, str)
        Who has less than half of the points that count so far.
    silent : list of (str, str)
        Who handed in before, and then nothing of what most others handed in.
    missing : list of (str, str)
        Who never handed in anything.
    late : list of (str, str)
        Who was late, with what.
    flags : list of (str, str)
        What the grader found odd in a submission.
    """

    help: list[tuple[str, str]] = field(default_factory=list)
    silent: list[tuple[str, str]] = field(default_factory=list)
    missing: list[tuple[str, str]] = field(default_factory=list)
    late: list[tuple[str, str]] = field(default_factory=list)
    flags: list[tuple[str, str]] = field(default_factory=list)


def find_people(standing: Standing, flags: Mapping[tuple[str, str], Sequence[str]]) -> People:
    """Return whom a person should talk to; dropped students are nobody's worry.

    Parameters
    ----------
    standing
        How everyone is doing.
    flags
        What the grader noted, by student and chapter.
    """
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in standing.rows:
        if not row.student.dropped:
            rows[row.student.id].append(row)
    expected = expected_chapters(standing.rows)
    percents = {total.student.id: total.percent for total in standing.totals}
    people = People()
    for mine in rows.values():
        student = mine[0].student
        name = shown(student)
        asked = [row for row in mine if row.chapter in expected and row.status != "excused"]
        absent = [row.chapter for row in asked if row.status in ABSENT]
        if asked and len(absent) == len(asked):
            people.missing.append((name, f"nothing so far of {len(asked)} expected"))
            continue
        if after := _silent_since(asked):
            people.silent.append((name, f"nothing since {after}"))
        percent = percents[student.id]
        if percent is not None and percent < HALF:
            without = f"; not handed in: {_listed(absent)}" if absent else ""
            people.help.append((name, f"{percent:.0f} % so far{without}"))
        late = [f"{row.chapter} ({_length(row.late)})" for row in mine if row.late]
        if late:
            people.late.append((name, ", ".join(late)))
    for (student_id, chapter), reasons in sorted(flags.items()):
        more = f" (+{len(reasons) - 1} more)" if len(reasons) > 1 else ""
        if reasons and student_id in rows:
            name = shown(rows[student_id][0].student)
            people.flags.append((name, f"{chapter}: {reasons[0]}{more}"))
    return people


def expected_chapters(rows: Sequence[Row]) -> set[str]:
    """Return the chapters that are due, or that half of the class has handed in."""
    count: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        if not row.student.dropped and row.status != "excused":
            count[row.chapter][0] += row.status not in ABSENT
            count[row.chapter][1] += 1
    due = {row.chapter for row in rows if row.status == "missing"}
    return due | {chapter for chapter, (n, of) in count.items() if n and n >= OVER * of}


def shown(student: Student) -> str:
    """Return how a page calls a student."""
    return f"{student.name} ({student.id})" if student.name else student.id


def _silent_since(asked: Sequence[Row]) -> str:
    """Return the first of the chapters at the end that were not handed in, if there are two."""
    quiet = list(takewhile(lambda row: row.status in ABSENT, reversed(asked)))
    return quiet[-1].chapter if len(quiet) >= SILENT else ""


def _listed(chapters: Sequence[str]) -> str:
    return ", ".join(chapters)


def _length(late: timedelta) -> str:
    hours = late.total_seconds() / 3600
    return f"{hours / 24:.0f} days" if hours >= 36 else f"{max(hours, 0.1):.0f} hours"
