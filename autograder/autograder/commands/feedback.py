"""`feedback`: writes a page for every graded notebook."""

from __future__ import annotations

import argparse

from autograder.commands.console import (
    Stopwatch,
    make_console,
    new_log,
    print_faults,
    progress_bar,
)
from autograder.commands.logs import log_to
from autograder.desk.feedback import write_all_feedback
from autograder.errors import UserError
from autograder.layout import Layout


def run(layout: Layout, options: argparse.Namespace) -> int:
    """Write the pages; status 1 when one could not be made."""
    layout = layout.with_options(options)
    layout.check_paths()
    if not (layout.work / "autograded").is_dir():
        raise UserError(
            f"{layout.show(layout.work / 'autograded')}: nothing is graded yet; "
            "run: python3 autograder grade"
        )
    console = make_console()
    watch = Stopwatch()
    log = new_log(layout, "feedback")
    with log_to(log), progress_bar(console, "Feedback") as advance:
        pages, faults = write_all_feedback(layout, advance)
    print_faults(console, layout, faults, "No page")
    console.print(f"{len(pages)} pages in {watch}: {layout.show(layout.feedback)}", soft_wrap=True)
    return 1 if faults else 0
