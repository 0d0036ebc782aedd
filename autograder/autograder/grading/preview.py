"""Tells who would gain or lose points if grading ran now; writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.errors import UserError
from autograder.gradebook.book import open_gradebook
from autograder.gradebook.writer import Graded
from autograder.grading.outcome import HandedIn, Report
from autograder.grading.run import Run, known_releases
from autograder.grading.submissions import Submission, find_submissions
from autograder.grading.workers import Settings
from autograder.layout import Layout
from autograder.machine import has_engine


@dataclass(frozen=True)
class Change:
    """What grading would do to one submission's points.

    Attributes
    ----------
    student, chapter : str
        Whose submission of what.
    before : float or None
        The points of all its tests now; None where it was never graded.
    after : float
        The points that it would have. What a person gave for a test counts, not what the test says.
    tests : dict
        The points that each test would add or take, by its cell.
    """

    student: str
    chapter: str
    before: float | None
    after: float
    tests: dict[str, float] = field(default_factory=dict)


class _Preview(Run):
    """A run that compares results with the gradebook instead of writing them."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.grades = self.gradebook.grades()
        self.changes: list[Change] = []

    def register(self) -> None:
        for chapter in {submission.chapter for submission in self.todo}:
            known = known_releases(self.layout, chapter)
            self.released[chapter] = known | self.gradebook.releases(chapter)

    def keep(self, item: HandedIn, graded: Graded) -> None:
        known = self.grades.get((graded.student, graded.chapter))
        points = {cell.id: cell.points for cell in graded.result.tests}
        before = known or {}
        others = {  # a person grades them
            cell["id"]
            for cell in graded.result.notebook["cells"]
            if cell["id"] in before and cell["id"] not in points
        }
        after = points | {
            name: score
            for name, (score, by_person) in before.items()
            if name in others or (by_person and name in points)
        }
        tests = {
            name: after.get(name, 0.0) - before.get(name, (0.0, False))[0]
            for name in {**after, **before}
        }
        self.changes.append(
            Change(
                graded.student,
                graded.chapter,
                None if known is None else sum(score for score, _ in before.values()),
                sum(after.values()),
                {name: points for name, points in tests.items() if points},
            )
        )

    def flush(self) -> None:
        """Write nothing."""

    def log_fault(self, submission: Submission, reason: str, by_machine: bool) -> None:
        """Write nothing."""


def preview(
    layout: Layout,
    chapters: Sequence[str],
    student: str | None,
    force: bool,
    on_progress: Callable[[int, int, str], None],
    settings: Settings,
) -> tuple[list[Change], Report]:
    """Return what grading would change, by student and chapter; see `autograder.grading.run`.

    Raises
    ------
    UserError
        If there is no gradebook to compare with, or no engine.
    """
    if layout.db_url is None and not layout.gradebook.is_file():
        raise UserError(
            f"{layout.show(layout.gradebook)}: nothing was graded yet, so there is nothing to "
            "compare with; run: python3 autograder grade"
        )
    if not has_engine():
        raise UserError("--preview needs the engine, and that needs Linux")
    submissions, faults = find_submissions(layout, chapters, student)
    with open_gradebook(layout) as gradebook:
        run = _Preview(layout, gradebook, settings, Report(faults=faults))
        run.grade(submissions, force, on_progress)
    return sorted(run.changes, key=lambda change: (change.student, change.chapter)), run.report
