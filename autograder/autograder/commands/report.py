"""`report`: writes a page about a class, and a table of all checks."""

from __future__ import annotations

import argparse

from autograder.commands.console import Stopwatch, counted, make_console, progress_bar
from autograder.desk.report import graded_chapters, read_report, write_report
from autograder.desk.standing import read_standing
from autograder.layout import Layout


def run(layout: Layout, options: argparse.Namespace) -> int:
    """Write both files and say where they are."""
    layout = layout.with_options(options)
    page = (options.to or layout.work / "report.html").absolute()
    console = make_console()
    watch = Stopwatch()
    standing = read_standing(layout)
    graded_chapters(layout, standing)  # raises where there is nothing to tell
    with progress_bar(console, "Report") as advance:
        report = read_report(layout, standing, advance)
    table = write_report(report, page)
    console.print(
        f"{counted(report.students, 'student')}, {counted(len(report.chapters), 'chapter')} "
        f"in {watch}: "
        f"{layout.show(page)}, {layout.show(table)}",
        soft_wrap=True,
    )
    return 0
