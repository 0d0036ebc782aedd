"""Puts the version that counts into `submitted`; what a person put there stays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from autograder.desk.classfile import ClassFile, Student
from autograder.desk.versions import (
    Collected,
    Version,
    Work,
    digest,
    folder_of,
    pick,
    write_index,
)
from autograder.files import write_atomically
from autograder.handed_in import TIMESTAMP
from autograder.layout import Layout

MOST_NAMED = 6  # notebooks in one line


@dataclass
class Report:
    """What collecting did, or would do.

    Attributes
    ----------
    placed : list of (str, str)
        Student and chapter of each notebook that is new in `submitted`, or replaced there.
    unchanged : int
        How many others are there already.
    versions : int
        How many versions are new.
    undated : int
        How many of the placed ones have no time.
    decide : list of str
        What a person must decide, one line each.
    unmatched : list of str
        What belongs to nobody or to no chapter, one line each.
    refused : list of str
        What was not read, one line each.
    passed_over : int
        Other files and untouched copies.
    """

    placed: list[tuple[str, str]] = field(default_factory=list)
    unchanged: int = 0
    versions: int = 0
    undated: int = 0
    decide: list[str] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    passed_over: int = 0


def place_all(
    layout: Layout,
    group: ClassFile,
    index: Collected,
    report: Report,
    only: str | None = None,
    dry_run: bool = False,
) -> None:
    """Put what counts into `submitted`; the index is written first, for whatever stops this.

    Parameters
    ----------
    layout
        The class.
    group
        Its due dates and extensions.
    index
        What was collected.
    report
        Is told what was done, or would be.
    only
        This student's work alone.
    dry_run
        Change nothing.
    """
    todo: list[tuple[Path, Version]] = []
    late: dict[str, list[str]] = {}
    for student, chapters in sorted(index.students.items()):
        if only not in (None, student):
            continue
        one = group.student_of(student)
        for chapter, work in sorted(chapters.items()):
            last = pick(work, group.due_date(one, chapter), group.late_policy(chapter).grace)
            if len(last) > 1 or (not last and len(work.versions) > 1):
                ask_which(layout, one, chapter, last or work.versions, report, dry_run)
            elif last and _is_to_place(layout, one, chapter, work, last[0], report):
                todo.append((layout.submission(student, chapter), last[0]))
            if any(version.late and version.time is None for version in last):
                stamp = layout.submission(student, chapter).with_name(TIMESTAMP)
                if (student, chapter) in report.placed or not stamp.is_file():
                    late.setdefault(chapter, []).append(student)
    for chapter, students in sorted(late.items()):
        names = ", ".join(group.student_of(student).id_and_name for student in students)
        report.decide.append(
            f"{names} · {chapter}: late, but the download does not say when; "
            f"collect it again with --student {students[0]} --handed-in TIME"
            + (", or without --student to date all of them" if students[1:] else "")
        )
    if dry_run:
        return
    write_index(layout, index)
    for target, version in todo:
        stamp = target.with_name(TIMESTAMP)
        if version.time:
            write_atomically(stamp, timestamp_of(version.time))
        else:
            stamp.unlink(missing_ok=True)
        write_atomically(target, (folder_of(layout) / version.file).read_bytes())


def ask_which(
    layout: Layout,
    student: Student,
    chapter: str,
    versions: Iterable[Version],
    report: Report,
    dry_run: bool,
) -> None:
    """Note that nothing tells which of several notebooks came last, unless a person has said.

    The folder that the right one is to be copied into is made.
    """
    target, kept = layout.submission(student.id, chapter), folder_of(layout)
    files = [f"{one.source}, kept as {layout.show(kept / one.file)}" for one in versions]
    more = f"; and {len(files) - MOST_NAMED} more" if len(files) > MOST_NAMED else ""
    line = (
        f"{student.id_and_name} · {chapter}: {len(files)} different notebooks at the same time "
        f"({'; '.join(files[:MOST_NAMED])}{more}); copy the right one to {layout.show(target)}"
    )
    if not target.is_file() and line not in report.decide:
        report.decide.append(line)
        if not (dry_run or _leads_out(layout, target)):
            target.parent.mkdir(parents=True, exist_ok=True)


def _leads_out(layout: Layout, target: Path) -> bool:
    return target.is_symlink() or not target.resolve().is_relative_to(layout.submitted.resolve())


def _is_to_place(
    layout: Layout, student: Student, chapter: str, work: Work, version: Version, report: Report
) -> bool:
    """Return whether a version is new in `submitted`, and note what it is if not."""
    target = layout.submission(student.id, chapter)
    shown = layout.show(target)
    if _leads_out(layout, target):
        report.refused.append(
            f"{shown}: a link leads out of submitted/; remove it and collect again"
        )
        return False
    there = digest(target.read_bytes()) if target.is_file() else None
    if there is not None and there not in (*work.placed, version.sha256):
        report.decide.append(
            f"{student.id_and_name} · {chapter}: {shown} was put there by a person and is kept; "
            "move it away to take what was collected"
        )
        return False
    stamp = target.with_name(TIMESTAMP)
    said = stamp.read_text("utf-8", "replace") if stamp.is_file() else ""
    ours = version.sha256 in work.placed
    wanted = timestamp_of(version.time) if version.time else ""
    if there == version.sha256 and (said == wanted or (said and not (ours and wanted))):
        report.unchanged += 1
        return False
    if not ours:
        work.placed.append(version.sha256)
    report.placed.append((student.id, chapter))
    report.undated += version.time is None
    return True


def timestamp_of(time: datetime) -> str:
    """Return a time as nbgrader notes it."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC\n"
