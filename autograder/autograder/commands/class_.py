"""`class`: shows and checks the class file, and reads a list of students into it."""

from __future__ import annotations

import argparse
import json
from datetime import datetime, tzinfo
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from autograder.commands.console import make_console, print_notes
from autograder.desk.classfile import ClassFile, Student, class_path
from autograder.desk.classreader import load_class
from autograder.desk.export import number
from autograder.desk.lateness import show_duration
from autograder.desk.roster import merge_roster
from autograder.desk.standing import (
    Chapter,
    Row,
    Standing,
    chapters_of,
    list_submissions,
    read_marks,
    standing,
)
from autograder.errors import UserError
from autograder.layout import Layout

MARKS = {
    "excused": "[dim]excused[/]", "missing": "[red]missing[/]",
    "not graded": "[yellow]to grade[/]", "not handed in": "[dim]–[/]",
}  # fmt: skip


def run(layout: Layout, options: argparse.Namespace) -> int:
    """Show the class; status 1 if the file has problems."""
    layout = layout.with_options(options)
    console = make_console()
    path = class_path(layout)
    notes: list[str] = []
    if options.roster:
        merged = merge_roster(layout, options.roster)
        notes = merged.notes
        if not options.json:
            console.print(
                f"{len(merged.added)} students added, {len(merged.changed)} completed, "
                f"{merged.unchanged} unchanged: {layout.show(path)}",
                soft_wrap=True,
            )
    elif not path.is_file():
        raise UserError(
            f"{layout.show(path)}: no class file yet; read a list of students: "
            "python3 autograder class --roster FILE"
        )
    group, chapters = load_class(layout), chapters_of(layout)
    found = standing(group, read_marks(layout, chapters), chapters, list_submissions(layout))
    notes += [f"{name}: in the gradebook, not in the class file" for name in found.strangers]
    if options.json:
        print(json.dumps(_as_json(group, found, notes), indent=1, ensure_ascii=False))
        return 1 if group.problems else 0
    if group.due or group.weights:
        console.print(_chapter_table(group, chapters))
    console.print(_student_table(group, found, list(chapters)))
    print_notes(console, "To look at", notes)
    print_notes(console, f"Please fix in {layout.show(path)}", group.problems)
    console.print(
        f"{len(group.students)} students, {sum(s.dropped for s in group.students.values())} "
        f"dropped; ★ is {'part of the maximum' if group.stretch == 'counted' else 'extra credit'}"
        f"; {layout.show(path)}",
        soft_wrap=True,
    )
    return 1 if group.problems else 0


def _table(title: str, *columns: str) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold", header_style="bold", box=box.ROUNDED
    )
    for name in columns:
        table.add_column(name)
    return table


def _chapter_table(group: ClassFile, chapters: dict[str, Chapter]) -> Table:
    table = _table("Chapters", "chapter", "points", "due", "late work", "weight")
    for name, chapter in chapters.items():
        star = f" + {number(chapter.stretch)} ★" if chapter.stretch else ""
        due = [_show(group.due.get(name), group.zone)]
        due += [
            f"{section}: {_show(dates[name], group.zone)}"
            for section, dates in group.section_due.items()
            if name in dates
        ]
        weight = number(group.weights[name]) if name in group.weights else "by points"
        policy = str(group.late_policy(name)) if name in group.due else ""
        table.add_row(name, number(chapter.core) + star, "\n".join(due), policy, weight)
    return table


def _student_table(group: ClassFile, found: Standing, chapters: list[str]) -> Table:
    columns = [chapter.partition("_")[0] for chapter in chapters]
    table = _table("Students", "student", "name", "section", *columns, "total", "notes")
    cells = {(row.student.id, row.chapter): row for row in found.rows}
    for total in found.totals:
        student = total.student
        percent = "" if total.percent is None else f"{number(total.percent)} %"
        table.add_row(
            escape(student.id),
            escape(student.name),
            escape(student.section),
            *(_cell(cells[student.id, chapter]) for chapter in chapters),
            percent,
            escape(_notes(student, group.zone)),
            style="dim" if student.dropped else "",
        )
    return table


def _cell(row: Row) -> str:
    if row.points is None:
        return MARKS[row.status]
    late = f"\n[yellow]−{number(row.penalty)} late {show_duration(row.late)}[/]" if row.late else ""
    return f"{number(row.points)}{'[yellow]*[/]' if row.needs_person else ''}{late}"


def _notes(student: Student, zone: tzinfo) -> str:
    parts = ["dropped"] if student.dropped else []
    parts += [f"formerly {', '.join(student.formerly)}"] if student.formerly else []
    for chapter, extension in student.extensions.items():
        until = _show(extension, zone) if isinstance(extension, datetime) else ""
        parts.append(f"{chapter} {'until ' + until if until else '+' + show_duration(extension)}")  # type: ignore[arg-type]
    return "; ".join(parts)


def _show(moment: datetime | None, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment else ""


def _as_json(group: ClassFile, found: Standing, notes: list[str]) -> dict[str, Any]:
    """Return what the tables show, for a program."""
    rows: dict[str, list[Row]] = {}
    for row in found.rows:
        rows.setdefault(row.student.id, []).append(row)
    return {
        "students": [
            {
                "id": total.student.id,
                "name": total.student.name,
                "email": total.student.email,
                "section": total.student.section,
                "dropped": total.student.dropped,
                "points": total.points,
                "out_of": total.out_of,
                "percent": total.percent,
                "chapters": {row.chapter: _row_as_json(row) for row in rows[total.student.id]},
            }
            for total in found.totals
        ],
        "problems": list(group.problems),
        "notes": notes,
    }


def _row_as_json(row: Row) -> dict[str, Any]:
    return {
        "status": row.status,
        "core": row.core,
        "stretch": row.stretch,
        "penalty": row.penalty,
        "points": row.points,
        "out_of": row.out_of,
        "seconds_late": row.late.total_seconds(),
        "handed_in": row.handed_in.isoformat() if row.handed_in else None,
        "due": row.due.isoformat() if row.due else None,
    }
