"""What a run of grading takes in and leaves behind: submissions as read, files, a report."""

from __future__ import annotations

from dataclasses import dataclass, field

from autograder.engine.result import Result
from autograder.files import write_atomically
from autograder.gradebook.book import Score
from autograder.grading.submissions import Fault, Submission
from autograder.handed_in import copy_notes
from autograder.layout import Layout


@dataclass
class Report:
    """The outcome of a run.

    Attributes
    ----------
    scores : list of Score
        Everything in the gradebook for the chapters and students asked for.
    faults : list of Fault
        What a person must fix.
    flags : dict
        What a person should look at, by student and chapter.
    lost : dict
        Points that were lost twice because time was up on the clock only, by student and chapter.
    graded, skipped : int
        How many submissions were graded in this run; how many were graded before and are unchanged.
    """

    scores: list[Score] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    flags: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    lost: dict[tuple[str, str], float] = field(default_factory=dict)
    graded: int = 0
    skipped: int = 0


@dataclass(frozen=True)
class HandedIn:
    """A submission as it was read: its bytes, its time as text, the key of its result."""

    submission: Submission
    notebook: bytes
    timestamp: str
    key: str


def write_graded(layout: Layout, item: HandedIn, result: Result) -> None:
    """Write the graded notebook, which Formgrader and feedback read, and the submission's log."""
    from autograder.nbgrader.graded import graded_notebook, submission_report, written
    from autograder.nbgrader.shown import show_safely

    submission = item.submission
    notebook = layout.autograded(submission.student, submission.chapter)
    graded = graded_notebook(result)
    show_safely(graded)
    write_atomically(notebook, written(graded))
    log = layout.submission_log(submission.student, submission.chapter)
    write_atomically(log, submission_report(result))
    copy_notes(submission.path.parent, notebook.parent)
