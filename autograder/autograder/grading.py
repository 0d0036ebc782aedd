"""Grades submissions: which ones, and one at a time.

`grade_submission` is the one place that knows how a notebook is run and marked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from autograder import nbgrader_steps
from autograder.layout import Layout
from autograder.nbgrader_steps import Score, StepFailed
from autograder.submissions import Fault, Submission, find_submissions


@dataclass
class Report:
    """What a run of grading came to.

    `scores` holds all of the gradebook for the chapters and students asked for, `faults` what needs
    a person, `graded` and `skipped` how many submissions were graded, or were graded before and
    have not changed.
    """

    scores: list[Score] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    graded: int = 0
    skipped: int = 0


def grade_submission(layout: Layout, submission: Submission) -> str | None:
    """Grade one submission into the gradebook and `autograded`; return why that failed, if so.

    The submission itself is only read. Its chapter must be registered in the gradebook.
    """
    try:
        nbgrader_steps.autograde(layout, submission.student, submission.chapter)
    except StepFailed as failure:
        return str(failure)
    return None


def grade_all(
    layout: Layout,
    chapters: Sequence[str],
    student: str | None = None,
    force: bool = False,
    on_progress: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> Report:
    """Grade what was handed in and has changed since it was last graded.

    Parameters
    ----------
    layout
        The folders; `submitted` is only read.
    chapters
        The chapters to grade.
    student
        Grade this student only.
    force
        Grade again what has not changed.
    on_progress
        Called before each submission and at the end with the number done, the number of all, and
        whose submission comes next.

    Returns
    -------
    Report
        Scores, faults and counts. One bad submission never stops the others.
    """
    submissions, faults = find_submissions(layout, chapters, student)
    report = Report(faults=faults)
    ledger = Ledger(layout)
    ready = set(chapters) - _register(layout, submissions, report)
    todo = [submission for submission in submissions if submission.chapter in ready]
    try:
        for done, submission in enumerate(todo):
            on_progress(done, len(todo), f"{submission.student} · {submission.chapter}")
            if not force and ledger.is_graded(submission):
                report.skipped += 1
                continue
            reason = grade_submission(layout, submission)
            if reason is None:
                ledger.note(submission)
                report.graded += 1
            else:
                ledger.forget(submission)
                text = f"could not be graded: {reason}; see the log"
                report.faults.append(
                    Fault(submission.path, text, submission.student, submission.chapter)
                )
    finally:
        ledger.save()
    on_progress(len(todo), len(todo), "")
    report.scores = [
        score
        for score in nbgrader_steps.read_scores(layout)
        if score.chapter in chapters and student in (None, score.student)
    ]
    return report


def _register(layout: Layout, submissions: list[Submission], report: Report) -> set[str]:
    """Register the chapters that were handed in; return those that could not be."""
    failed = set()
    for chapter in sorted({submission.chapter for submission in submissions}):
        try:
            nbgrader_steps.register(layout, chapter)
        except StepFailed as failure:
            failed.add(chapter)
            report.faults.append(Fault(layout.source(chapter), explain(failure), "", chapter))
    return failed


def explain(failure: StepFailed) -> str:
    """Return what to do about a chapter that nbgrader refused."""
    if "submissions associated" in str(failure):
        return (
            "cells were added or removed, but the gradebook holds submissions graded with the old "
            "ones; start a new work folder (--work DIR) or move gradebook.db away"
        )
    return f"nbgrader refuses it: {failure}; mend it there"


class Ledger:
    """Remembers from which bytes each grade came, so that nothing is graded twice for nothing.

    Parameters
    ----------
    layout
        The class whose `work` folder keeps the memory, in `graded.json`.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.path = layout.work / "graded.json"
        self._keys: dict[str, str] = {}
        if self.path.is_file() and layout.gradebook.is_file():
            self._keys = json.loads(self.path.read_text("utf-8"))

    def is_graded(self, submission: Submission) -> bool:
        """Return whether this very submission was graded with the present source notebook."""
        graded = self.layout.autograded(submission.student, submission.chapter)
        return graded.is_file() and self._keys.get(_name(submission)) == self._key(submission)

    def note(self, submission: Submission) -> None:
        """Remember that a submission is graded."""
        self._keys[_name(submission)] = self._key(submission)

    def forget(self, submission: Submission) -> None:
        """Forget a submission, so that it is tried again."""
        self._keys.pop(_name(submission), None)

    def save(self) -> None:
        """Write the memory to disk."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".part")
        draft.write_text(json.dumps(self._keys, indent=1), "utf-8")
        draft.replace(self.path)

    def _key(self, submission: Submission) -> str:
        files = (submission.path, self.layout.source(submission.chapter))
        return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def _name(submission: Submission) -> str:
    return f"{submission.student}/{submission.chapter}"
