"""`similarity`: writes a page of pairs of students whose code is alike."""

from __future__ import annotations

import argparse
import json

from rich.console import Console

from autograder.commands.console import (
    Stopwatch,
    counted,
    make_console,
    print_faults,
    progress_bar,
    shown,
)
from autograder.desk.classreader import load_class
from autograder.desk.handed_in_code import read_handed_in_code
from autograder.desk.pages.similarity import similarity_page
from autograder.desk.similarity import FEWEST, find_pairs
from autograder.errors import UserError
from autograder.files import write_atomically
from autograder.layout import Layout

MOST_PRINTED = 10


def run(layout: Layout, options: argparse.Namespace) -> int:
    """Print the most unlikely pairs and write the page; status 1 if a notebook can't be read."""
    layout = layout.with_options(options)
    if not layout.submitted.is_dir():
        raise UserError(
            f"{layout.show(layout.submitted)}: nothing is handed in yet; "
            "run: python3 autograder collect FILE"
        )
    group = load_class(layout)
    console = Console(stderr=True, highlight=False) if options.json else make_console()
    watch = Stopwatch()
    with progress_bar(console, "Reading") as advance:
        students, faults = read_handed_in_code(layout, group, options.chapters, advance)
    with progress_bar(console, "Comparing") as advance:
        pairs = find_pairs(students, on_progress=advance)
    page = layout.work / "similarity.html"
    write_atomically(page, similarity_page(students, pairs, group))
    print_faults(console, layout, faults, "Not compared")
    if options.json:
        print(json.dumps([pair.to_json() for pair in pairs], indent=2))
        return 1 if faults else 0
    if pairs:
        console.print("[bold]Pairs to read[/], no verdict and no points:")
    for pair in pairs[:MOST_PRINTED]:
        first, second = (group.student_of(one).id_and_name for one in (pair.first, pair.second))
        names = f"{shown(first)} and {shown(second)}"
        console.print(f"[yellow]?[/] {names}: {pair.summary()}", soft_wrap=True)
    if len(pairs) > MOST_PRINTED:
        console.print(f"[yellow]?[/] and {len(pairs) - MOST_PRINTED} more on the page")
    if len(students) < FEWEST:
        console.print(
            f"With fewer than {FEWEST} students, what is usual can't be told from what is not."
        )
    console.print(
        f"{counted(len(pairs), 'pair')} of {counted(len(students), 'student')} in "
        f"{watch}: {layout.show(page)}",
        soft_wrap=True,
    )
    return 1 if faults else 0
