"""`release`: makes the students' notebooks in `course` from `solutions`."""

from __future__ import annotations

import argparse

from autograder.commands.console import advance_to, make_console, new_log, progress_bar
from autograder.commands.logs import log_to
from autograder.course.readme import update_readme
from autograder.course.release import Released, find_staleness, release_chapter
from autograder.course.topics import PAGE, stale_coverage, update_coverage
from autograder.errors import StepFailed, UserError
from autograder.gradebook.book import open_gradebook
from autograder.layout import Layout


def run(layout: Layout, options: argparse.Namespace) -> int:
    """Release the chapters, or with `--check` only tell which are out of date."""
    if not options.chapters:
        raise UserError(f"{layout.show(layout.solutions)}: no chapters; each is a folder there")
    return (_check if options.check else _release)(layout, options.chapters)


def _release(layout: Layout, chapters: list[str]) -> int:
    layout.work.mkdir(parents=True, exist_ok=True)
    with open_gradebook(layout) as gradebook:
        gradebook.prepare()
    console = make_console()
    log = new_log(layout, "release")
    results: list[Released] = []
    faults: list[str] = []
    with log_to(log), progress_bar(console, "Releasing") as progress:
        for done, chapter in enumerate(chapters):
            advance_to(progress, done, len(chapters), chapter)
            try:
                results.append(release_chapter(layout, chapter))
            except StepFailed as failure:
                faults.append(f"{layout.show(layout.source(chapter))}: {failure}")
            except UserError as error:
                faults.append(str(error))
        advance_to(progress, len(chapters), len(chapters), "")
    if not faults and update_readme(layout):
        console.print("  README.md              table of chapters written")
    if not faults and update_coverage(layout):
        console.print(f"  {PAGE:<22} written")
    for result in results:
        state = "[green]written[/]" if result.changed else "[dim]up to date[/]"
        console.print(f"  {result.chapter:<22} {state}")
        if result.kept:
            console.print(
                f"    what stood there was no release of ours: kept as {layout.show(result.kept)}",
                soft_wrap=True,
            )
    for fault in faults:
        console.print("[red]![/]", fault, soft_wrap=True, markup=True)
    console.print(f"Students' notebooks: {layout.show(layout.course)}", soft_wrap=True)
    return 1 if faults else 0


def _check(layout: Layout, chapters: list[str]) -> int:
    console = make_console()
    stale = 0
    for chapter in chapters:
        try:
            reason = find_staleness(layout, chapter)
        except StepFailed as failure:
            reason = f"{layout.show(layout.source(chapter))}: {failure}"
        except UserError as error:
            reason = str(error)
        if reason:
            stale += 1
            console.print(
                f"[red]![/] {chapter}: {reason}; mend with: python3 autograder release {chapter}",
                soft_wrap=True,
            )
    if stale_coverage(layout) is not None:
        stale += 1
        console.print(
            f"[red]![/] {PAGE} differs from what topics.toml and the notebooks make; "
            "mend with: python3 autograder release",
            soft_wrap=True,
        )
    if not stale:
        console.print(f"course/ is up to date ({len(chapters)} chapters)")
    return 1 if stale else 0
