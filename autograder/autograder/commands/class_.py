"""`class`: shows and checks the class file, and reads a list of students into it."""

from __future__ import annotations

import argparse
import json
from datetime import datetime, tzinfo
from typing import Any

from rich import box
from rich.table import Table

from autograder.commands.console import counted, fit_names, make_console, print_notes, shown
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
                f"{counted(len(merged.added), 'student')} added, {len(merged.changed)} completed, "
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
    if not options.roster:  # a term's first page of names would push what was done out of sight
        if group.due or group.weights:
            console.print(_chapter_table(group, chapters))
            if not any(group.late):  # one rule for all
                console.print(f"late work: {group.late_policy('')}", soft_wrap=True)
        table = _student_table(group, found, list(chapters))
        fit_names(console, table)
        console.print(table, crop=False)
    print_notes(console, "To look at", notes)
    print_notes(console, f"Please fix in {layout.show(path)}", group.problems)
    console.print(
        f"{counted(len(group.students), 'student')}, "
        f"{sum(s.dropped for s in group.students.values())} dropped; "
        f"★ is {'part of the maximum' if group.stretch == 'counted' else 'extra credit'}"
        f"; {layout.show(path)}",
        soft_wrap=True,
    )
    return 1 if group.problems else 0


def _table(title: str, *columns: str) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold", header_style="bold", box=box.ROUNDED
    )
    for name in columns:
        table.add_column(name, overflow="fold")
    return table


def _chapter_table(group: ClassFile, chapters: dict[str, Chapter]) -> Table:
    columns = ["chapter", "points", "due"]
    columns += ["weight"] if group.weights else []
    columns += ["late work"] if any(group.late) else []
    table = _table("Chapters", *columns)
    for name, chapter in chapters.items():
        star = f" + {number(chapter.stretch)} ★" if chapter.stretch else ""
        due = [_show(group.due.get(name), group.zone)]
        due += [
            f"{section}: {_show(dates[name], group.zone)}"
            for section, dates in group.section_due.items()
            if name in dates
        ]
        row = [name, number(chapter.core) + star, "\n".join(filter(None, due))]
        row += [number(group.weights.get(name, 0))] if group.weights else []
        row += [str(group.late_policy(name))] if any(group.late) else []
        table.add_row(*row)
    return table


def _student_table(group: ClassFile, found: Standing, chapters: list[str]) -> Table:
    table = _table("Students")
    table.add_column("student", overflow="fold")
    for name in (*(chapter.partition("_")[0] for chapter in chapters), "total"):
        table.add_column(name, justify="right", no_wrap=True)
    cells = {(row.student.id, row.chapter): row for row in found.rows}
    for total in found.totals:
        student = total.student
        about = (student.name, student.section, _notes(student, group.zone))
        table.add_row(
            f"[bold]{shown(student.id)}[/] {shown(' · '.join(filter(None, about)))}",
            *(_cell(cells[student.id, chapter]) for chapter in chapters),
            "" if total.percent is None or student.dropped else f"{total.percent:.1f} %",
            style="dim" if student.dropped else "",
        )
    return table


def _cell(row: Row) -> str:
    if row.points is None:
        return "" if row.student.dropped else MARKS[row.status]
    points = f"{number(row.points)}{'[yellow]*[/]' if row.needs_person else ''}"
    if not row.late:
        return points
    return f"{points}\n[yellow]late\n{show_duration(row.late)}\n−{number(row.penalty)}[/]"


def _notes(student: Student, zone: tzinfo) -> str:
    parts = ["dropped"] if student.dropped else []
    parts += [f"formerly {', '.join(student.formerly)}"] if student.formerly else []
    for chapter, extension in student.extensions.items():
        if isinstance(extension, datetime):
            parts.append(f"chapter {chapter.partition('_')[0]}: until {_show(extension, zone)}")
        else:
            parts.append(f"chapter {chapter.partition('_')[0]}: {show_duration(extension)} more")
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
