"""`grade`: grades what was handed in and has changed, and shows the scores."""

from __future__ import annotations

import argparse

from rich.markup import escape

from autograder.commands.console import (
    Stopwatch,
    make_console,
    new_log,
    print_faults,
    print_flags,
    progress_bar,
    score_table,
)
from autograder.commands.logs import log_to
from autograder.desk.standing import with_penalties
from autograder.errors import UserError
from autograder.gradebook.book import Score
from autograder.grading.run import Settings, grade_all
from autograder.layout import Layout


def run(layout: Layout, options: argparse.Namespace) -> int:
    """Grade; status 1 when something needs a person."""
    layout = layout.with_options(options)
    layout.check_paths()
    folder = layout.submitted / options.student if options.student else layout.submitted
    if not folder.is_dir():
        raise UserError(
            f"{layout.show(folder)}: no such folder; hand in as "
            "submitted/<student>/<chapter>/<chapter>.ipynb"
        )
    console = make_console()
    watch = Stopwatch()
    log = new_log(layout, "grade")
    with log_to(log), progress_bar(console, "Grading") as advance:
        report = grade_all(
            layout,
            options.chapters,
            options.student,
            options.force,
            advance,
            Settings(workers=options.workers, scheduler=options.scheduler, unsafe=options.unsafe),
        )
    scores, problem = _with_penalties(layout, report.scores)
    console.print(score_table(console, scores, report.faults, "Scores"), crop=False)
    if problem:
        console.print(f"Late penalties are not in these scores: {escape(problem)}", soft_wrap=True)
    if any(score.needs_person for score in report.scores):
        console.print("* needs points from a person: open Formgrader (python3 autograder lab)")
    print_flags(console, layout, report.flags)
    print_faults(console, layout, report.faults)
    unchanged = f", {report.skipped} unchanged since last time" if report.skipped else ""
    left = f", {len(report.faults)} not" if report.faults else ""
    console.print(
        f"{report.graded} graded{unchanged}{left} in {watch} · "
        f"{layout.show(layout.gradebook)} · log: {layout.show(log)}",
        soft_wrap=True,
    )
    return 1 if report.faults else 0


def _with_penalties(layout: Layout, scores: list[Score]) -> tuple[list[Score], str]:
    """Return scores with late penalties, or as they are and why."""
    try:
        return with_penalties(layout, scores), ""
    except UserError as error:
        return scores, str(error)
