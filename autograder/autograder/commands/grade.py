"""`grade`: grades what was handed in and has changed, and shows the scores."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.markup import escape

from autograder.commands.console import (
    Stopwatch,
    called,
    make_console,
    new_log,
    print_faults,
    print_flags,
    print_lost,
    progress_bar,
    score_table,
    shown,
)
from autograder.commands.logs import log_to
from autograder.desk.classreader import load_class
from autograder.desk.formgrader import name_students
from autograder.desk.standing import with_penalties
from autograder.engine.limits import Limits
from autograder.errors import UserError
from autograder.gradebook.book import Score, open_gradebook
from autograder.grading.cluster import Cluster
from autograder.grading.outcome import Report
from autograder.grading.preview import Change, preview
from autograder.grading.run import Settings, grade_all
from autograder.layout import Layout


def run(layout: Layout, options: argparse.Namespace) -> int:
    """Grade; status 1 when something needs a person."""
    layout = layout.with_options(options)
    layout.check_paths()
    _check_folder(layout, options.student)
    cluster = None
    if options.scheduler:
        cluster = Cluster(options.scheduler, options.tls_ca_file, options.tls_cert, options.tls_key)
        cluster.check()
    console = make_console()
    watch = Stopwatch()
    if cluster and not cluster.is_encrypted:
        console.print(
            f"[yellow]?[/] {escape(cluster.address)} is not encrypted: who can reach it can read "
            "submissions and hidden tests and run programs on the workers. Use tls:// and --tls-*.",
            soft_wrap=True,
        )
    limits = Limits.of_cell(options.seconds) if options.seconds else Limits()
    settings = Settings(limits, options.workers, cluster, options.unsafe)
    asked = (layout, options.chapters, options.student, options.force)
    names = _names(layout)
    if options.preview:
        with progress_bar(console, "Preview") as advance:
            changes, report = preview(*asked, advance, settings)
        _print_changes(console, changes, report, names)
        print_faults(console, layout, report.faults, names=names)
        return 1 if report.faults else 0
    log = new_log(layout, "grade")
    with log_to(log), progress_bar(console, "Grading") as advance:
        report = grade_all(*asked, advance, settings)
    scores, problem = _with_class_file(layout, report.scores)
    table = score_table(console, scores, report.faults, "Scores", names=names)
    console.print(table, crop=False)
    if problem:
        console.print(f"Late penalties are not in these scores: {escape(problem)}", soft_wrap=True)
    if any(score.needs_person for score in report.scores):
        console.print("* needs points from a person: open Formgrader (python3 autograder lab)")
    print_flags(console, layout, report.flags, names)
    print_lost(console, report.lost, names)
    print_faults(console, layout, report.faults, names=names)
    unchanged = f", {report.skipped} unchanged since last time" if report.skipped else ""
    left = f", {len(report.faults)} not" if report.faults else ""
    console.print(
        f"{report.graded} graded{unchanged}{left} in {watch} · "
        f"{layout.show(layout.gradebook)} · log: {layout.show(log)}",
        soft_wrap=True,
    )
    return 1 if report.faults or report.lost else 0


def _check_folder(layout: Layout, student: str | None) -> None:
    folder = layout.submitted / student if student else layout.submitted
    if not folder.is_dir():
        raise UserError(
            f"{layout.show(folder)}: no such folder; hand in as "
            "submitted/<student>/<chapter>/<chapter>.ipynb"
        )


def _names(layout: Layout) -> dict[str, str]:
    """Return what the class file calls the students; nothing where it can't be read."""
    try:
        students = load_class(layout).students.values()
    except UserError:  # said where it matters, with the penalties
        return {}
    return {name: one.name for one in students if one.name for name in (one.id, *one.formerly)}


def _with_class_file(layout: Layout, scores: list[Score]) -> tuple[list[Score], str]:
    """Note the students' names; return scores with late penalties, or as they are and why."""
    try:
        with open_gradebook(layout) as gradebook:
            if gradebook.is_made():
                name_students(layout, gradebook)
        return with_penalties(layout, scores), ""
    except UserError as error:
        return scores, str(error)


def _print_changes(
    console: Console, changes: Sequence[Change], report: Report, names: Mapping[str, str]
) -> None:
    """Print who would gain or lose points, and in which tests."""
    moved = [change for change in changes if change.before is not None and change.tests]
    for change in moved:
        before = change.before or 0.0
        difference = change.after - before
        colour = "green" if difference > 0 else "red" if difference < 0 else "yellow"
        tests = ", ".join(f"{name} {points:+g}" for name, points in change.tests.items())
        who = shown(called(change.student, names))
        console.print(
            f"[{colour}]{difference:+g}[/]  {who} · {change.chapter}: "
            f"{before:g} → {change.after:g} ({escape(tests)})",
            soft_wrap=True,
        )
    gain, lose = (
        sum(sign * (change.after - (change.before or 0.0)) > 0 for change in moved)
        for sign in (1, -1)
    )
    new = sum(change.before is None for change in changes)
    same = len(changes) - len(moved) - new + report.skipped
    console.print(
        f"{gain} would gain points, {lose} would lose some, {same} would keep theirs, "
        f"{new} would be graded for the first time; nothing was written",
        soft_wrap=True,
    )
