"""`feedback`: writes a page for every graded notebook."""

from __future__ import annotations

import argparse

from autograder.commands.console import Stopwatch, make_console, print_faults, progress_bar
from autograder.desk.feedback import find_graded, write_feedback
from autograder.layout import Layout


def run(layout: Layout, options: argparse.Namespace) -> int:
    """Write the pages; status 1 when one could not be made."""
    layout = layout.with_options(options)
    graded = find_graded(layout, options.chapters, options.student)
    console = make_console()
    watch = Stopwatch()
    with progress_bar(console, "Feedback") as advance:
        written = write_feedback(layout, graded, advance)
    print_faults(console, layout, written.faults, "No page")
    unchanged = len(written.pages) - written.changed
    console.print(
        f"{len(written.pages)} pages, {unchanged} of them unchanged, in {watch}: "
        f"{layout.show(layout.feedback)}",
        soft_wrap=True,
    )
    return 1 if written.faults else 0
