"""`demo`: the whole way from source notebooks to feedback, on a small sample class.

It works in a folder of its own, released notebooks included: `course` and the real gradebook are
not touched.
"""

from __future__ import annotations

import argparse
import shutil
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import nbformat
from rich.console import Console

from autograder.commands.console import (
    Stopwatch,
    make_console,
    new_log,
    print_faults,
    print_flags,
    progress_bar,
    score_table,
)
from autograder.commands.logs import log_to
from autograder.course.release import release_chapter
from autograder.course.sample_class import Sample, make_class, pick_wrong_answers
from autograder.desk.feedback import find_graded, write_feedback
from autograder.errors import StepFailed, UserError
from autograder.gradebook.book import open_gradebook
from autograder.grading.outcome import Report
from autograder.grading.run import grade_all
from autograder.grading.workers import Settings
from autograder.layout import Layout
from autograder.machine import has_engine
from autograder.nbgrader import steps as nbgrader_steps

MARKER = "made-by-autograder-demo"


@dataclass(frozen=True)
class _Expected:
    chapter: str
    sample: Sample


def run(layout: Layout, options: argparse.Namespace) -> int:
    """Run the demo; status 1 if a score differs from what the answers are worth."""
    demo = layout.with_work(options.work or layout.work / "demo")
    demo = replace(demo, course=demo.work / "course")
    demo.check_paths()
    chapters = [chapter for chapter in demo.chapters() if demo.source(chapter).is_file()]
    if not chapters:
        raise UserError(f"{demo.show(demo.solutions)}: no chapters; each is a folder there")
    _empty(demo)
    console = make_console()
    watch = Stopwatch()
    log = new_log(demo, "demo")
    with log_to(log):
        _release(console, demo, chapters)
        expected = [
            _Expected(chapter, sample)
            for chapter in chapters
            for sample in _hand_in(layout, demo, chapter, whole_class=chapter == chapters[0])
        ]
        with progress_bar(console, "Grading") as advance:
            report = grade_all(
                demo,
                chapters,
                on_progress=advance,
                settings=Settings(unsafe=options.unsafe),
            )
        with progress_bar(console, "Feedback") as advance:
            feedback = write_feedback(demo, find_graded(demo), advance)
    report.faults += feedback.faults
    console.print()
    students = list(dict.fromkeys(item.sample.student for item in expected))
    title = "Scores of a sample class"
    table = score_table(console, report.scores, report.faults, title, students)
    console.print(table, crop=False)
    print_flags(console, demo, report.flags)
    print_faults(console, demo, report.faults)
    surprises = _find_surprises(expected, report)
    for surprise in surprises:
        console.print(f"[red]![/] not as expected: {surprise}", soft_wrap=True)
    if not surprises:
        console.print(f"[green]As expected[/]: {len(expected)} submissions, in {watch}.")
    _print_places(console, demo, feedback.pages, log)
    return 1 if surprises else 0


def _empty(demo: Layout) -> None:
    """Empty the demo's folder, unless it holds anything but an earlier demo."""
    if demo.work.is_dir() and any(demo.work.iterdir()):
        if not (demo.work / MARKER).is_file():
            raise UserError(
                f"{demo.show(demo.work)}: not empty, and not an earlier demo's; "
                "name another folder with --work"
            )
        shutil.rmtree(demo.work)
    demo.work.mkdir(parents=True, exist_ok=True)
    (demo.work / MARKER).write_text("This folder is emptied by every demo.\n", "utf-8")


def _release(console: Console, demo: Layout, chapters: list[str]) -> None:
    with open_gradebook(demo) as gradebook:
        gradebook.prepare()
    generate = partial(nbgrader_steps.generate, gradebook=demo.database_url)
    with progress_bar(console, "Releasing") as advance:
        for done, chapter in enumerate(chapters):
            advance(done, len(chapters), chapter)
            try:
                release_chapter(demo, chapter, generate)
            except StepFailed as failure:
                raise UserError(f"{demo.show(demo.source(chapter))}: {failure}") from None
        advance(len(chapters), len(chapters), "")


def _hand_in(layout: Layout, demo: Layout, chapter: str, whole_class: bool) -> list[Sample]:
    """Write the class's notebooks of one chapter, or `right` alone: feedback takes time.

    Only the engine sees through `forged`.
    """
    answers = layout.root / "autograder" / "tests" / "answers" / f"{chapter}.py"
    samples = make_class(
        nbformat.read(demo.source(chapter), as_version=4),
        nbformat.read(demo.released(chapter), as_version=4),
        pick_wrong_answers(answers),
    )
    if not whole_class:
        samples = [sample for sample in samples if sample.student == "right"]
    if not has_engine():
        samples = [sample for sample in samples if sample.student != "forged"]
    for sample in samples:
        path = demo.submission(sample.student, chapter)
        path.parent.mkdir(parents=True)
        path.write_text(sample.content, "utf-8")
    return samples


def _find_surprises(expected: list[_Expected], report: Report) -> list[str]:
    scores = {(score.student, score.chapter): score for score in report.scores}
    surprises = []
    faults = {(fault.student, fault.chapter) for fault in report.faults}
    for item in expected:
        key = (item.sample.student, item.chapter)
        if item.sample.expected is None:
            if key not in faults:
                surprises.append(f"{item.sample.student} in {item.chapter} was graded")
        elif key not in scores or key in faults:
            surprises.append(f"{item.sample.student} in {item.chapter} was not graded")
        else:
            low, high = item.sample.expected
            if not low <= scores[key].score <= high:
                surprises.append(
                    f"{item.sample.student} in {item.chapter} has {scores[key].score:g} points, "
                    f"not {f'{low:g}' if low == high else f'{low:g} to {high:g}'}"
                )
    return surprises


def _print_places(console: Console, demo: Layout, pages: list[Path], log: Path) -> None:
    right = next((page for page in pages if page.parts[-3] == "partly-right"), demo.feedback)
    for label, path in (
        ("Students' notebooks", demo.course),
        ("Handed in", demo.submitted),
        ("Feedback, for one", right),
        ("Gradebook", demo.gradebook),
        ("Log", log),
    ):
        console.print(f"  {label:<20}{demo.show(path)}", soft_wrap=True)
