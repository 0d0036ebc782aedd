"""What the commands print: progress, the table of scores, and what needs a person."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from autograder.engine.rebuild import MILD
from autograder.engine.text import printable
from autograder.errors import UserError
from autograder.layout import Layout, number_then_name

if TYPE_CHECKING:  # SQLAlchemy takes 0.2 s to import
    from autograder.gradebook.book import Score
    from autograder.grading.submissions import Fault

NAMELESS: Mapping[str, str] = {}  # where no class file says what students are called


def make_console() -> Console:
    """Return a console on standard output that colours only what is marked."""
    return Console(highlight=False)


@contextmanager
def progress_bar(console: Console, label: str) -> Iterator[Callable[[int, int, str], None]]:
    """Show a bar for the block; yield what moves it, called with done, total and what is done.

    No bar is left behind if the block is refused before anything was done.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]left"),
        TimeRemainingColumn(),
        TextColumn("[dim]{task.fields[current]}"),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(f"{label:<9}", total=None, current="")

        def advance(done: int, total: int, current: str) -> None:
            progress.update(task, completed=done, total=total, current=shown(current))

        try:
            yield advance
        except UserError:
            progress.live.transient = progress.tasks[task].total is None
            raise


def score_table(
    console: Console,
    scores: Sequence[Score],
    faults: Sequence[Fault],
    title: str,
    students: Sequence[str] = (),
    names: Mapping[str, str] = NAMELESS,
) -> Table:
    """Return the table of scores: a row a student, a column a chapter, and totals.

    If the console is too narrow for the chapters' names, the columns are headed by their numbers
    and points; if it is too narrow for students' names, these go over several lines. Points are
    never cut: print the table with ``crop=False``.

    Parameters
    ----------
    console
        Where the table will be printed.
    scores
        What the gradebook holds.
    faults
        What could not be graded: shown as `fault`, even if an older score is known.
    title
        Is printed above the table.
    students
        Order of the rows; by id where it is not given.
    names
        What the students are called, by id.
    """
    table = _build_table(scores, faults, students, names, short=False)
    if _width(console, table) > console.width:
        table = _build_table(scores, faults, students, names, short=True)
        fit_names(console, table)
    table.title = title
    return table


def _width(console: Console, table: Table) -> int:
    """Return how wide a table is where there is room for all of it."""
    return Measurement.get(console, console.options.update(max_width=10_000), table).maximum


def fit_names(console: Console, table: Table) -> None:
    """Narrow a table to the console by its first column, which has names, but never to nothing.

    If that is not enough, the table is wider than the console: print it with ``crop=False``.
    """
    wanted = _width(console, table)
    names = (_text(cell).cell_len for cell in table.columns[0].cells)
    widest = max(names, default=0)
    if wanted > console.width:
        table.columns[0].width = max(NARROWEST, widest - (wanted - console.width))
        table.width = max(console.width, wanted - widest + NARROWEST)


def _text(cell: object) -> Text:
    return cell if isinstance(cell, Text) else Text.from_markup(str(cell))


def _build_table(
    scores: Sequence[Score],
    faults: Sequence[Fault],
    students: Sequence[str],
    names: Mapping[str, str],
    short: bool,
) -> Table:
    known = {(score.student, score.chapter): score for score in scores}
    ungraded = {(fault.student, fault.chapter) for fault in faults if fault.student}
    chapters = {chapter for _, chapter in (*known, *ungraded) if chapter}
    ordered = sorted(chapters, key=number_then_name)
    table = Table(title_justify="left", title_style="bold", header_style="bold", box=box.ROUNDED)
    table.add_column("student", overflow="fold")
    for chapter in ordered:
        head = _shorten(chapter, scores) if short else chapter
        table.add_column(head, justify="right", no_wrap=True)
    if len(ordered) > 1:
        table.add_column("total", justify="right", no_wrap=True)
    for student in students or sorted({name for name, chapter in (*known, *ungraded) if chapter}):
        row: list[Text] = []
        points = []
        for chapter in ordered:
            score = known.get((student, chapter))
            if (student, chapter) in ungraded:
                row.append(Text("fault", "red"))
            elif score is None:
                row.append(Text("–", "dim"))
            else:
                row.append(_format_score(score, short))
                points.append(score.score)
        if len(ordered) > 1:
            row.append(Text(f"{sum(points):g}"))
        table.add_row(_text(shown(called(student, names))), *row)
    for column in table.columns:  # rich would measure all cells again and again
        lines = [*map(str, column.cells), *str(column.header).split("\n")]
        column.width = max(map(cell_len, lines))
    return table


def called(student: str, names: Mapping[str, str]) -> str:
    """Return a student's id and name, as far as that is known."""
    return f"{student} {names.get(student, '')}".rstrip()


def _shorten(chapter: str, scores: Sequence[Score]) -> str:
    points = next((score.max_score for score in scores if score.chapter == chapter), None)
    return chapter.split("_")[0] + ("" if points is None else f"\nof {points:g}")


def _format_score(score: Score, short: bool) -> Text:
    colour = "green" if score.score == score.max_score else "yellow" if score.score else "red"
    text = Text(f"{score.score:g}", end="")
    text.stylize(colour)
    text.append("" if short else f" / {score.max_score:g}")
    return text.append("*", "yellow") if score.needs_person else text


def shown(text: object, longest: int = 1000) -> str:
    """Return a text that came from outside as one line of markup that steers no terminal."""
    return escape(printable(str(text), longest).replace("\n", " "))


def counted(number: float, noun: str) -> str:
    """Return a number with its noun, as in `1 chapter` and `2 chapters`."""
    return f"{number:g} {noun}{'' if number == 1 else 's'}"


NARROWEST = 12  # characters of a student's name in the table
MOST_NAMED = 6  # submissions that the machine failed, by name
MOST_FLAGGED = 12  # submissions whose flags are printed
MANY = 3  # submissions with the same flag that may be one line


def print_faults(
    console: Console,
    layout: Layout,
    faults: Sequence[Fault],
    heading: str = "Not graded",
    names: Mapping[str, str] = NAMELESS,
) -> None:
    """Print one line for each fault that a person must fix, and one for failures of the machine."""
    theirs = [fault for fault in faults if not fault.by_machine]
    if theirs:
        console.print(f"[bold]{heading}[/], please fix:")
    for fault in sorted(theirs, key=lambda fault: (fault.student, fault.path)):
        path = shown(layout.show(fault.path))
        whose = f" ({shown(names[fault.student])})" if fault.student in names else ""
        console.print(f"[red]![/] {path}{whose}: {shown(fault.reason)}", soft_wrap=True)
    ours = [fault for fault in faults if fault.by_machine]
    if ours:
        (reason, _), *others = Counter(fault.reason for fault in ours).most_common()
        first = ", ".join(f"{fault.student} · {fault.chapter}" for fault in ours[:MOST_NAMED])
        more = f" and {len(ours) - MOST_NAMED} more" if len(ours) > MOST_NAMED else ""
        console.print(
            f"[bold]{heading}[/], because this machine failed, not the students; "
            "run the command again:",
            soft_wrap=True,
        )
        console.print(
            f"[red]![/] {shown(first)}{more}: {shown(reason)}"
            f"{' and other reasons' if others else ''}",
            soft_wrap=True,
        )


def print_flags(
    console: Console,
    layout: Layout,
    flags: Mapping[tuple[str, str], Sequence[str]],
    names: Mapping[str, str] = NAMELESS,
) -> None:
    """Print what a person should look at, the weightiest first.

    What many submissions of a chapter share is one line for all of them: it says more about the
    chapter than about a student.
    """
    if flags:
        logs = f"{layout.show(layout.logs)}/<chapter>/<student>.log"
        console.print(
            f"[bold]To look at[/]; points were taken only where it says so (all of it: {logs}):",
            soft_wrap=True,
        )
    shared = {chapter: _shared(flags, chapter) for chapter in {chapter for _, chapter in flags}}
    own = {
        (student, chapter): [flag for flag in reasons if flag not in shared[chapter]]
        for (student, chapter), reasons in flags.items()
    }
    left = sorted(
        (MILD.match(reasons[0]) is not None, key) for key, reasons in own.items() if reasons
    )
    for _, (student, chapter) in left[:MOST_FLAGGED]:
        _print_flag(console, f"{called(student, names)} · {chapter}", own[student, chapter])
    if len(left) > MOST_FLAGGED:
        console.print(f"[yellow]?[/] and {len(left) - MOST_FLAGGED} more submissions to look at")
    for chapter in sorted(shared, key=number_then_name):
        if counts := shared[chapter]:
            most = max(counts.values())
            _print_flag(console, f"{chapter}, {most} submissions alike", list(counts))


def _shared(flags: Mapping[tuple[str, str], Sequence[str]], chapter: str) -> dict[str, int]:
    """Return the mild flags that many submissions of a chapter have, the most frequent first."""
    those = [reasons for (_, name), reasons in flags.items() if name == chapter]
    counts = Counter(
        flag for reasons in those for flag in dict.fromkeys(reasons) if MILD.match(flag)
    )
    many = max(MANY, len(those) / 2)
    return {flag: count for flag, count in counts.most_common() if count >= many}


def _print_flag(console: Console, whose: str, reasons: Sequence[str]) -> None:
    more = f" (+{len(reasons) - 1} more)" if len(reasons) > 1 else ""
    console.print(f"[yellow]?[/] {shown(whose)}: {shown(reasons[0])}{more}", soft_wrap=True)


def print_notes(console: Console, heading: str, notes: Sequence[str]) -> None:
    """Print lines for a person under a heading; nothing where there are none."""
    if notes:
        console.print(f"[bold]{heading}[/]:")
    for note in notes:
        console.print(f"[yellow]![/] {shown(note, len(note))}", soft_wrap=True)


def print_lost(
    console: Console,
    lost: Mapping[tuple[str, str], float],
    names: Mapping[str, str] = NAMELESS,
) -> None:
    """Print who lost how many points because time was up on the clock."""
    if lost:
        console.print(
            "[bold]Lost to time[/], also when graded again alone: the code waits for something, or "
            "this machine is too busy. The next run tries again:",
            soft_wrap=True,
        )
    for (student, chapter), points in sorted(lost.items()):
        who = shown(called(student, names))
        console.print(f"[red]![/] {who} · {chapter}: {counted(points, 'point')}", soft_wrap=True)


def new_log(layout: Layout, command: str) -> Path:
    """Return the path of the log of a run that starts now."""
    return layout.logs / f"{datetime.now():%Y-%m-%d_%H-%M-%S}-{command}.log"


class Stopwatch:
    """Shows the time since it was made."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __str__(self) -> str:
        return f"{time.monotonic() - self._start:.1f} s"
