"""`export`: writes the scores to a CSV file."""

from __future__ import annotations

import argparse

from autograder.commands.console import make_console
from autograder.desk.export import export_scores
from autograder.errors import UserError
from autograder.layout import Layout


def run(layout: Layout, options: argparse.Namespace) -> int:
    """Write the file and say where it is."""
    layout = layout.with_options(options)
    if layout.db_url is None and not layout.gradebook.is_file():
        raise UserError(
            f"{layout.show(layout.gradebook)}: no gradebook yet; run: python3 autograder grade"
        )
    target = (options.to or layout.work / "grades.csv").absolute()
    rows = export_scores(layout, target)
    make_console().print(f"{rows} rows: {layout.show(target)}", soft_wrap=True)
    return 0
