"""`export`: writes the points to a table, or fills the one that Canvas or Moodle exported."""

from __future__ import annotations

import argparse

from autograder.commands.console import counted, make_console, print_notes
from autograder.desk.classreader import read_class
from autograder.desk.export import export_scores, export_wide
from autograder.desk.standing import read_standing
from autograder.desk.templates import ADVICE, fill_template
from autograder.errors import UserError
from autograder.layout import Layout

FILES = {None: "grades", "csv": "class"}  # where the file is not called like the system


def run(layout: Layout, options: argparse.Namespace) -> int:
    """Write the file and say where it is; status 1 if something in it needs a person."""
    layout = layout.with_options(options)
    if layout.db_url is None and not layout.gradebook.is_file():
        raise UserError(
            f"{layout.show(layout.gradebook)}: no gradebook yet; run: python3 autograder grade"
        )
    system, apart = options.system, options.stars == "apart"
    if system in ADVICE and options.template is None:
        raise UserError(f"--for {system} needs --template FILE: export it {ADVICE[system]}")
    if system not in ADVICE and options.template is not None:
        raise UserError("--template is for --for canvas or --for moodle; say which it is")
    target = options.to or layout.work / f"{FILES.get(system, system)}.csv"
    target = target.absolute()
    console = make_console()
    if system is None:
        console.print(
            f"{export_scores(layout, target)} rows: {layout.show(target)}", soft_wrap=True
        )
        return 0
    found = read_standing(layout)
    if system == "csv":
        rows = export_wide(found, options.chapters, target, apart)
        console.print(f"{rows} rows: {layout.show(target)}", soft_wrap=True)
        return 0
    filled = fill_template(
        layout, read_class(layout), found, system, options.template.absolute(), target,
        options.chapters, apart,
    )  # fmt: skip
    print_notes(console, "To look at", filled.notes)
    for remark in filled.remarks:
        console.print(remark, soft_wrap=True)
    console.print(
        f"{counted(filled.cells, 'grade')} of {counted(filled.rows, 'student')}: "
        f"{layout.show(target)}",
        soft_wrap=True,
    )
    return 1 if filled.notes else 0
