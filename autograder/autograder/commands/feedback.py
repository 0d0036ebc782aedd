"""`feedback`: writes a page for every graded notebook."""

from __future__ import annotations

import argparse

from autograder.commands.console import (
    Stopwatch,
    counted,
    make_console,
    print_faults,
    progress_bar,
)
from autograder.desk.feedback import find_graded, write_feedback
from autograder.desk.packs import pack
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
        f"{counted(len(written.pages), 'page')}, {unchanged} of them unchanged, in {watch}: "
        f"{layout.show(layout.feedback)}",
        soft_wrap=True,
    )
    faults = list(written.faults)
    if options.zip:
        zips, unnamed, elsewhere = pack(layout, set(options.zip), written.pages)
        print_faults(console, layout, unnamed, "Not packed")
        if elsewhere:
            are = f"{counted(elsewhere, 'page')} {'is' if elsewhere == 1 else 'are'}"
            console.print(f"{are} of work that was not handed in there: not packed")
        for path in zips:
            console.print(f"To upload: {layout.show(path)}", soft_wrap=True)
        faults += unnamed
    return 1 if faults else 0
