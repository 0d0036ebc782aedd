"""`release`: the author's desk. It lints the chapters and makes `course/` and the pages from them.

A chapter with a problem, however small, is not released: what the lint finds either breaks the
release or reaches every student.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from autograder.commands.console import counted, make_console, new_log, progress_bar
from autograder.commands.logs import log_to
from autograder.course import preview
from autograder.course.handout import NAME, write_handout
from autograder.course.lint import problems, released_problems
from autograder.course.release import (
    Released,
    dropped_chapters,
    find_staleness,
    release_chapter,
    stale_pages,
)
from autograder.engine.released import traces_of
from autograder.errors import StepFailed, UserError
from autograder.files import write_atomically
from autograder.gradebook.book import Gradebook, open_gradebook
from autograder.layout import Layout
from autograder.nbgrader import steps as nbgrader_steps


def run(layout: Layout, options: argparse.Namespace) -> int:
    """Release the chapters, or with `--check` only say what is out of date."""
    layout = layout.with_options(options)
    if not options.chapters:
        raise UserError(f"{layout.show(layout.solutions)}: no chapters; each is a folder there")
    if options.check:
        return _check(layout, options.chapters)
    return _release(layout, options.chapters, options.zip)


def _release(layout: Layout, chapters: list[str], archive: Path | None) -> int:
    layout.work.mkdir(parents=True, exist_ok=True)
    console = make_console()
    faults: list[str] = []
    written: list[str] = []
    results: list[Released] = []
    with (
        log_to(new_log(layout, "release")),
        progress_bar(console, "Releasing") as advance,
        open_gradebook(layout) as gradebook,
    ):
        gradebook.prepare()
        generate = partial(_generate, gradebook)
        for done, chapter in enumerate(chapters):
            advance(done, len(chapters), chapter)
            try:
                found = lint(layout, chapter)
                faults += found
                if not found:
                    results.append(release_chapter(layout, chapter, generate))
                    if preview.is_stale(layout, chapter):
                        advance(done, len(chapters), f"{chapter}: pictures")
                        preview.render(layout, chapter)
                        written.append(layout.show(preview.page_path(layout, chapter)))
            except StepFailed as failure:
                faults.append(f"{layout.show(layout.source(chapter))}: {failure}")
            except UserError as error:
                faults.append(str(error))
        if not faults:
            try:
                for name, page in stale_pages(layout).items():
                    write_atomically(layout.root / name, page)
                    written.append(name)
            except UserError as error:
                faults.append(str(error))
        advance(len(chapters), len(chapters), "")
    for result in results:
        state = "[green]written[/]" if result.changed else "[dim]up to date[/]"
        console.print(f"  {result.chapter:<22} {state}")
        if result.kept:
            kept = layout.show(result.kept)
            console.print(f"    what it replaced was not committed: kept as {kept}", soft_wrap=True)
    for name in written:
        console.print(f"  {name:<22} [green]written[/]", soft_wrap=True)
    for fault in (*faults, *_dropped(layout)):
        console.print(f"[red]![/] {escape(fault)}", soft_wrap=True)
    if held := [chapter for chapter in chapters if chapter not in {r.chapter for r in results}]:
        console.print(f"Not released until corrected: {', '.join(held)}", soft_wrap=True)
    console.print(f"Students' notebooks: {layout.show(layout.course)}", soft_wrap=True)
    if archive and faults:
        console.print("The archive was not written", soft_wrap=True)
    elif archive:
        _pack(console, layout, results, archive)
    return 1 if faults or dropped_chapters(layout) else 0


def _pack(console: Console, layout: Layout, results: Sequence[Released], archive: Path) -> None:
    archive = archive.resolve() if archive.name else layout.work / f"{NAME}.zip"
    size = write_handout(layout, [file for result in results for file in result.files], archive)
    chapters = ", ".join(result.chapter for result in results)
    console.print(
        f"Archive for students: {layout.show(archive)} ({size / 1e6:.1f} MB: {chapters})",
        soft_wrap=True,
    )


def _generate(gradebook: Gradebook, layout: Layout, chapter: str, into: Path) -> None:
    """Make a chapter's student version; note its cells, and that students may have it."""
    source = layout.source(chapter).read_bytes()
    gradebook.migrate(chapter, source)
    gradebook.note_release(chapter, traces_of(source))
    nbgrader_steps.generate(layout, chapter, into, layout.database_url)


def _check(layout: Layout, chapters: list[str]) -> int:
    console = make_console()
    faults = check(layout, chapters)
    for fault in faults:
        console.print(f"[red]![/] {escape(fault)}", soft_wrap=True)
    if not faults:
        console.print(f"course/ is up to date ({counted(len(chapters), 'chapter')})")
    return 1 if faults else 0


def check(layout: Layout, chapters: Sequence[str]) -> list[str]:
    """Return what `release` would refuse or write, a line each, with what to do; writes nothing.

    Parameters
    ----------
    layout
        The folders of the course.
    chapters
        Which chapters to look at; the README's table and TOPICS.md are looked at in any case.

    Returns
    -------
    list of str
        Nothing if all is sound and up to date.
    """
    faults: list[str] = []
    for chapter in chapters:
        try:
            faults += lint(layout, chapter) or _staleness(layout, chapter)
        except StepFailed as failure:
            faults.append(f"{layout.show(layout.source(chapter))}: {failure}")
        except UserError as error:
            faults.append(str(error))
    if not faults:
        try:
            faults += [f"{name}: {_OUT_OF_DATE}" for name in stale_pages(layout)]
        except UserError as error:
            faults.append(str(error))
    return [*faults, *_dropped(layout)]


def lint(layout: Layout, chapter: str) -> list[str]:
    """Return the problems of a chapter's source notebook, each with its file.

    Raises
    ------
    UserError
        If it cannot be read.
    """
    source = layout.source(chapter)
    return [f"{layout.show(source)}, {problem}" for problem in problems(source)]


_OUT_OF_DATE = "out of date; fix with: python3 autograder release"


def _staleness(layout: Layout, chapter: str) -> list[str]:
    if reason := find_staleness(layout, chapter, nbgrader_steps.generate):
        return [f"{chapter}: {reason}; fix with: python3 autograder release {chapter}"]
    released = layout.released(chapter)
    faults = [f"{layout.show(released)}, {problem}" for problem in released_problems(released)]
    if preview.is_stale(layout, chapter):
        page = layout.show(preview.page_path(layout, chapter))
        faults.append(f"{page}: {_OUT_OF_DATE} {chapter}")
    return faults


def _dropped(layout: Layout) -> list[str]:
    return [
        f"{layout.show(layout.course / chapter)}: solutions/ has no such chapter; "
        f"remove it with: git rm -r course/{chapter} (or delete the folder), or restore its source"
        for chapter in dropped_chapters(layout)
    ]
