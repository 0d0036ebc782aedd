"""Grades submissions: which ones, where, and what becomes of the results.

Workers examine notebooks and return plain results; this one process writes them down.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field

import autograder
from autograder.cores import available_cores
from autograder.engine.rebuild import NotANotebook
from autograder.engine.result import Result
from autograder.errors import StepFailed, UserError
from autograder.files import write_atomically
from autograder.gradebook import Entry, Gradebook, Graded, Score, open_gradebook
from autograder.layout import Layout
from autograder.submissions import Fault, Submission, find_submissions, read_submission

BATCH_SECONDS = 0.5  # between transactions
AHEAD = 2  # submissions that wait for each worker


@dataclass(frozen=True)
class Settings:
    """How notebooks are examined.

    Attributes
    ----------
    cell_seconds, notebook_seconds : float
        How long a cell, and a notebook, may take on the wall clock.
    workers : int or None
        How many notebooks at a time on this machine; None for one on each core.
    scheduler : str or None
        Address of a Dask scheduler whose workers examine instead of this machine.
    unsafe : bool
        Whether to go on where the machine can't protect itself.
    """

    cell_seconds: float = 20.0
    notebook_seconds: float = 180.0
    workers: int | None = None
    scheduler: str | None = None
    unsafe: bool = False

    def fingerprint(self) -> bytes:
        """Return what of this a result depends on."""
        return repr((autograder.ENGINE, self.cell_seconds, self.notebook_seconds)).encode()


@dataclass
class Report:
    """What a run of grading came to.

    `scores` holds all of the gradebook for the chapters and students asked for, `faults` what needs
    a person, `flags` what a person should look at, by student and chapter, `graded` and `skipped`
    how many submissions were graded, or were graded before and have not changed.
    """

    scores: list[Score] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    flags: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    graded: int = 0
    skipped: int = 0


def grade_all(
    layout: Layout,
    chapters: Sequence[str],
    student: str | None = None,
    force: bool = False,
    on_progress: Callable[[int, int, str], None] = lambda done, total, name: None,
    settings: Settings | None = None,
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
        whose submission was finished last.
    settings
        How notebooks are examined.

    Returns
    -------
    Report
        Scores, faults and counts. One bad submission never stops the others.

    Raises
    ------
    UserError
        If the machine lacks what safety needs, or the gradebook can't be written. What was
        finished before is kept, and the next run takes it up from there.
    """
    submissions, faults = find_submissions(layout, chapters, student)
    layout.work.mkdir(parents=True, exist_ok=True)
    with open_gradebook(layout) as gradebook:
        run = _Run(layout, gradebook, settings or Settings(), Report(faults=faults))
        run.grade(submissions, force, on_progress)
        run.report.scores = [
            score
            for score in gradebook.scores()
            if score.chapter in chapters and student in (None, score.student)
        ]
    return run.report


class _Run:
    """One run of grading."""

    def __init__(
        self, layout: Layout, gradebook: Gradebook, settings: Settings, report: Report
    ) -> None:
        self.layout = layout
        self.gradebook = gradebook
        self.settings = settings
        self.report = report
        self.sources: dict[str, bytes] = {}
        self.todo: list[tuple[Submission, bytes, str]] = []
        self.penalty: Callable | None = None

    def grade(
        self,
        submissions: list[Submission],
        force: bool,
        on_progress: Callable[[int, int, str], None],
    ) -> None:
        """Grade what has to be."""
        self.choose(submissions, force)
        total, done = len(self.todo), 0
        on_progress(0, total, "")
        if self.todo:
            self.register()
        if not self.todo:
            return
        from autograder.nbgrader_steps import make_penalty

        self.penalty = make_penalty()
        batch: list[Graded] = []
        written = time.monotonic()
        with executor_for(self.settings) as executor:
            for submission, key, future in self.results(executor):
                done += 1
                on_progress(done, total, f"{submission.student} · {submission.chapter}")
                item = self.take(submission, key, future)
                if item is not None:
                    batch.append(item)
                if time.monotonic() - written > BATCH_SECONDS:
                    self.gradebook.write(batch, self.penalty)
                    batch, written = [], time.monotonic()
            self.gradebook.write(batch, self.penalty)

    def choose(self, submissions: list[Submission], force: bool) -> None:
        """Read what was handed in; leave out what was graded before and has not changed."""
        ledger = self.gradebook.ledger()
        settings = self.settings.fingerprint()
        for submission in submissions:
            source = self.layout.source(submission.chapter)
            content = self.sources.setdefault(submission.chapter, source.read_bytes())
            try:
                theirs = read_submission(submission.path, [source])
            except UserError as error:
                self.fault(submission, str(error))
                continue
            key = hashlib.sha256(b"\0".join((theirs, content, settings))).hexdigest()
            entry = ledger.get((submission.student, submission.chapter))
            if force or not self.is_graded(submission, entry, key):
                self.todo.append((submission, theirs, key))
            else:
                self.report.skipped += 1

    def is_graded(self, submission: Submission, entry: Entry | None, key: str) -> bool:
        """Return whether this very submission was graded from the present source."""
        if entry is None or entry.key != key:
            return False
        if entry.flags:
            self.report.flags[submission.student, submission.chapter] = entry.flags
        return self.layout.autograded(submission.student, submission.chapter).is_file()

    def register(self) -> None:
        """Note the chapters' cells in the gradebook; drop submissions of those that fail."""
        from autograder import nbgrader_steps

        for chapter in sorted({submission.chapter for submission, _, _ in self.todo}):
            try:
                nbgrader_steps.register(self.layout, chapter)
            except StepFailed as failure:
                self.report.faults.append(
                    Fault(self.layout.source(chapter), explain(failure), "", chapter)
                )
                self.todo = [item for item in self.todo if item[0].chapter != chapter]

    def results(self, executor: Executor) -> Iterator[tuple[Submission, str, Future]]:
        """Yield finished examinations as they come; only a few are under way at a time."""
        waiting: dict[Future, tuple[Submission, str]] = {}
        rest = iter(self.todo)
        most = AHEAD * (self.settings.workers or available_cores())
        if self.settings.scheduler:
            most = 1000
        try:
            while True:
                for submission, theirs, key in rest:
                    source = self.sources[submission.chapter]
                    future = executor.submit(examine_to_json, source, theirs, self.settings)
                    waiting[future] = (submission, key)
                    if len(waiting) >= most:
                        break
                if not waiting:
                    return
                for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                    yield (*waiting.pop(future), future)
        finally:
            for future in waiting:
                future.cancel()

    def take(self, submission: Submission, key: str, future: Future) -> Graded | None:
        """Write down what is to be read by people; return what goes into the gradebook."""
        try:
            result = Result.from_json(future.result())
            from autograder.nbgrader_steps import read_timestamp

            timestamp = read_timestamp(submission.path.parent)
        except (NotANotebook, StepFailed) as error:
            self.fault(submission, str(error))
            return None
        except Exception as error:  # whatever a worker or a cluster raises is the machine's fault
            if isinstance(error, UserError):
                raise
            self.fault(
                submission,
                f"could not be graded, and that is this machine's fault, not the student's: "
                f"{' '.join(str(error).split())[:200] or type(error).__name__}; run it again",
            )
            return None
        write_graded(self.layout, submission, result)
        self.report.graded += 1
        if result.flags:
            self.report.flags[submission.student, submission.chapter] = list(result.flags)
        return Graded(submission.student, submission.chapter, key, result, timestamp)

    def fault(self, submission: Submission, reason: str) -> None:
        """Note that a submission can't be graded, for the summary and in its log."""
        self.report.faults.append(
            Fault(submission.path, reason, submission.student, submission.chapter)
        )
        log = self.layout.submission_log(submission.student, submission.chapter)
        write_atomically(log, f"not graded: {reason}\n")


# --- workers --------------------------------------------------------------------------------------


def examine_to_json(source: bytes, submission: bytes, settings: Settings) -> bytes:
    """Examine one notebook in this process's engine; what workers run."""
    from autograder.engine import controller

    limits = controller.Limits(settings.cell_seconds, settings.notebook_seconds)
    engine = controller.default_engine(settings.workers, settings.unsafe)
    return engine.examine(source, submission, limits).to_json()


@contextmanager
def executor_for(settings: Settings) -> Iterator[Executor]:
    """Yield what examinations are submitted to: threads of this process, or a Dask cluster."""
    if settings.scheduler:
        with _cluster(settings.scheduler) as executor:
            yield executor
        return
    from autograder.engine import controller

    controller.default_engine(settings.workers, settings.unsafe)  # refused at once, if it must be
    workers = settings.workers or available_cores()
    with ThreadPoolExecutor(workers, thread_name_prefix="examine") as executor:
        yield executor


@contextmanager
def _cluster(address: str) -> Iterator[Executor]:
    try:
        from distributed import Client
    except ImportError:
        raise UserError(
            "--scheduler needs Dask: pip install 'distributed>=2024.5' here and on the workers"
        ) from None
    try:
        client = Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise UserError(
            f"{address}: no Dask scheduler answers ({error}); start one there"
        ) from None
    with client:
        yield client.get_executor(pure=False, retries=3)


# --- files ----------------------------------------------------------------------------------------


def write_graded(layout: Layout, submission: Submission, result: Result) -> None:
    """Write the graded notebook, which Formgrader and feedback read, and the submission's log."""
    from autograder.marking import graded_notebook, submission_report

    notebook = layout.autograded(submission.student, submission.chapter)
    write_atomically(notebook, graded_notebook(result))
    log = layout.submission_log(submission.student, submission.chapter)
    write_atomically(log, submission_report(result))
    timestamp = submission.path.with_name("timestamp.txt")
    if timestamp.is_file() and not timestamp.is_symlink():
        write_atomically(notebook.with_name("timestamp.txt"), timestamp.read_text("utf-8"))


def explain(failure: StepFailed) -> str:
    """Return what to do about a chapter that nbgrader refused."""
    if "submissions associated" in str(failure):
        return (
            "cells were added or removed, but the gradebook holds submissions graded with the old "
            "ones; start a new work folder (--work DIR) or move gradebook.db away"
        )
    return f"nbgrader refuses it: {failure}; mend it there"
