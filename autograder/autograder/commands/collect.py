"""`collect`: takes downloads of Canvas, Moodle, Gradescope and others into `submitted`."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from datetime import datetime, tzinfo

from rich.console import Console

from autograder.commands.console import Stopwatch, counted, make_console, print_notes, progress_bar
from autograder.desk.collect import class_to_collect, collect
from autograder.errors import UserError
from autograder.layout import Layout


def run(layout: Layout, options: argparse.Namespace) -> int:
    """Collect; status 1 if something needs a person."""
    layout = layout.with_options(options)
    layout.check_paths()
    group = class_to_collect(layout, options.files, options.student)
    handed_in = _moment(options.handed_in, group.zone) if options.handed_in else None
    console = Console(stderr=True) if options.json else make_console()
    watch = Stopwatch()
    with progress_bar(console, "Collecting") as advance:
        report = collect(
            layout, group, options.files, advance, handed_in, options.student, options.dry_run
        )
    if options.json:
        print(json.dumps(asdict(report), indent=1, ensure_ascii=False))
        return 1 if report.decide or report.unmatched or report.refused else 0
    print_notes(console, "For you to decide", report.decide)
    print_notes(console, "Not matched", report.unmatched)
    print_notes(console, "Refused", report.refused)
    would = "would be " if options.dry_run else ""
    others = (
        f", {counted(report.passed_over, 'file')} passed over (no notebook, or untouched)"
        if report.passed_over
        else ""
    )
    undated = (
        f" ({report.undated} without a time, so on time; --handed-in gives one)"
        if report.undated
        else ""
    )
    console.print(
        f"{len(report.placed)} {would}put into {layout.show(layout.submitted)}{undated}, "
        f"{report.unchanged} there already, {counted(report.versions, 'new version')}{others}, "
        f"in {watch}",
        soft_wrap=True,
    )
    if options.dry_run:
        console.print("Nothing was changed (--dry-run).")
    return 1 if report.decide or report.unmatched or report.refused else 0


def _moment(text: str, zone: tzinfo) -> datetime:
    """Return a time as given on the command line, in the class's time zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(f"--handed-in {text!r}: no time; write 2026-10-12T18:00", 2) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
