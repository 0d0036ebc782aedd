"""Grades submissions: which ones, where, and what becomes of the results.

Workers examine notebooks and return plain results; this one process writes them down.
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property

from traitlets.log import get_logger

import autograder
from autograder.engine.limits import Limits
from autograder.engine.rebuild import NotANotebook
from autograder.engine.result import Result
from autograder.errors import StepFailed, UserError
from autograder.files import write_atomically
from autograder.gradebook.book import Entry, Gradebook, Graded, Score, open_gradebook
from autograder.grading.submissions import (
    Fault,
    Submission,
    Unreadable,
    find_submissions,
    parse_timestamp,
    read_submission,
    read_timestamp,
)
from autograder.layout import Layout
from autograder.machine import has_engine
from autograder.scratch import only_run

BATCH_SECONDS = 0.5  # between transactions
AHEAD = 2  # submissions under way for each worker
ANSWER_SECONDS = 10  # that a Dask scheduler may take to answer, and its workers to be there

logger = get_logger()


@dataclass(frozen=True)
class Settings:
    """How notebooks are examined.

    Attributes
    ----------
    limits : Limits
        How long a cell, and a notebook, may take.
    workers : int or None
        How many notebooks at a time on this machine; None for one on each core.
    scheduler : str or None
        Address of a Dask scheduler whose workers examine instead of this machine.
    unsafe : bool
        Whether to go on where the machine can't protect itself.
    """

    limits: Limits = Limits()
    workers: int | None = None
    scheduler: str | None = None
    unsafe: bool = False

    def fingerprint(self) -> bytes:
        """Return what of this a result depends on."""
        return repr(
            (autograder.ENGINE, self.limits.cell_seconds, self.limits.notebook_seconds)
        ).encode()


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
        Called at the start and after each submission with the number done, the number of all, and
        whose submission is being graded.
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
    with only_run(layout.work, layout.show(layout.work)), open_gradebook(layout) as gradebook:
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
        self.todo: deque[Submission] = deque()
        self.failed: set[Submission] = set()  # for the machine; they get another turn at the end
        self.waiting: dict[Future, tuple[Submission, str]] = {}
        self.batch: list[Graded] = []
        self.written = time.monotonic()

    def grade(
        self,
        submissions: list[Submission],
        force: bool,
        on_progress: Callable[[int, int, str], None],
    ) -> None:
        """Grade what has to be."""
        self.choose(submissions, force)
        if not self.todo:
            on_progress(0, 0, "")
            return
        on_progress(0, len(self.todo), "getting ready")
        if not has_engine():
            self.grade_plainly(on_progress)
            return
        with executor_for(self.settings) as (executor, width):
            self.register()
            self.written = time.monotonic()
            total, before = len(self.todo), len(self.report.faults)
            try:
                for submission, key, future in self.results(executor, width):
                    self.take(submission, key, future)
                    if time.monotonic() - self.written > BATCH_SECONDS:
                        self.flush()
                    done = self.report.graded + len(self.report.faults) - before
                    # who has been waited for the longest, as a slow one holds up the end
                    now, _ = next(iter(self.waiting.values()), (submission, key))
                    whose = f"{now.student} · {now.chapter}"
                    on_progress(done, total, whose)
            except BaseException:
                # Ctrl-C, a full disk: what was finished is kept, unless that is what failed.
                with suppress(UserError):
                    self.flush()
                raise
            self.flush()

    def grade_plainly(self, on_progress: Callable[[int, int, str], None]) -> None:
        """Grade in one kernel, as nbgrader does by itself, where there is no engine.

        Raises
        ------
        UserError
            Unless the instructor has said that this may be unsafe.
        """
        if not self.settings.unsafe:
            raise UserError(
                f"the engine that keeps students' code in needs Linux, this is {sys.platform}: "
                "grade on Linux or in a container, or say --unsafe to run it with your own rights"
            )
        from autograder.nbgrader import steps as nbgrader_steps

        self.register()
        for done, submission in enumerate(self.todo):
            on_progress(done, len(self.todo), f"{submission.student} · {submission.chapter}")
            try:
                nbgrader_steps.autograde_plainly(
                    self.layout, submission.student, submission.chapter
                )
                self.report.graded += 1
            except StepFailed as failure:
                self.fault(submission, str(failure))
        on_progress(len(self.todo), len(self.todo), "")

    def flush(self) -> None:
        """Write what was finished to the gradebook."""
        self.gradebook.write(self.batch, self.penalty)
        for item in self.batch:
            logger.info("graded %s, %s: %g", item.student, item.chapter, item.result.points)
        self.batch = []
        self.written = time.monotonic()

    def penalty(self, student: str, score: float, late: float) -> float | None:
        """Return what is taken off for handing in so many seconds late."""
        return self.nbgraders_penalty(student, score, late)

    @cached_property
    def nbgraders_penalty(self) -> Callable[[str, float, float], float | None]:
        """What nbgrader is configured to take off; made when the first one is late."""
        from autograder.nbgrader.steps import make_penalty

        return make_penalty()

    def choose(self, submissions: list[Submission], force: bool) -> None:
        """Leave out what was graded before and has not changed.

        Nothing of a submission but its hash is kept: it is read again when its turn comes.
        """
        ledger = self.gradebook.ledger()
        for submission in submissions:
            try:
                _, _, key = self.read(submission)
            except Unreadable as error:
                self.fault(submission, str(error))
                continue
            entry = ledger.get((submission.student, submission.chapter))
            if force or not self.is_graded(submission, entry, key):
                self.todo.append(submission)
            else:
                self.report.skipped += 1

    def read(self, submission: Submission) -> tuple[bytes, bytes, str]:
        """Return the source, what was handed in, and the hash of all that the result follows from.

        Raises
        ------
        Unreadable
            If what was handed in can't be read.
        """
        path = self.layout.source(submission.chapter)
        if submission.chapter not in self.sources:
            self.sources[submission.chapter] = path.read_bytes()
        source = self.sources[submission.chapter]
        theirs = read_submission(submission.path, [path])
        parts = (theirs, source, self.settings.fingerprint())
        timestamp = read_timestamp(submission.path.parent)
        key = hashlib.sha256(b"\0".join((*parts, timestamp.encode()))).hexdigest()
        return source, theirs, key

    def is_graded(self, submission: Submission, entry: Entry | None, key: str) -> bool:
        """Return whether this very submission was graded from the present source."""
        if entry is None or entry.key != key:
            return False
        if entry.flags:
            self.report.flags[submission.student, submission.chapter] = entry.flags
        return self.layout.autograded(submission.student, submission.chapter).is_file()

    def register(self) -> None:
        """Note the chapters' cells in the gradebook; drop submissions of those that fail."""
        self.gradebook.prepare()
        for chapter in sorted({submission.chapter for submission in self.todo}):
            source = self.sources[chapter]
            if self.gradebook.is_registered(chapter, source):
                continue
            from autograder.nbgrader import steps as nbgrader_steps

            try:
                nbgrader_steps.register(self.layout, chapter)
                self.gradebook.note_registered(chapter, source)
            except StepFailed as failure:
                self.gradebook.check_writable()  # or else it is the chapter's fault
                self.report.faults.append(
                    Fault(self.layout.source(chapter), explain(failure), "", chapter)
                )
                self.todo = deque(item for item in self.todo if item.chapter != chapter)

    def results(self, executor: Executor, width: int) -> Iterator[tuple[Submission, str, Future]]:
        """Yield examinations that have ended, as they end; only a few are under way at a time."""
        waiting = self.waiting
        while self.todo or waiting:
            while self.todo and len(waiting) < AHEAD * width:
                submission = self.todo.popleft()
                try:
                    source, theirs, key = self.read(submission)
                except Unreadable as error:  # it was there a moment ago
                    future, key = Future(), ""
                    future.set_exception(error)
                else:
                    future = executor.submit(examine_to_json, source, theirs, self.settings)
                waiting[future] = (submission, key)
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                yield (*waiting.pop(future), future)

    def take(self, submission: Submission, key: str, future: Future) -> None:
        """Write down what is to be read by people; keep what goes into the gradebook."""
        try:
            result = Result.from_json(future.result())
            timestamp = parse_timestamp(read_timestamp(submission.path.parent))
        except (NotANotebook, Unreadable) as error:
            self.fault(submission, str(error))
            return
        except UserError:  # a machine without the walls that safety needs
            raise
        except Exception as error:  # whatever a worker or a cluster raises is the machine's fault
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            logger.warning("not graded: %s, %s: %s", submission.student, submission.chapter, reason)
            if submission in self.failed:
                self.fault(submission, reason, ours=True)
            else:
                self.failed.add(submission)
                self.todo.append(submission)
            return
        write_graded(self.layout, submission, result)
        self.report.graded += 1
        if result.flags:
            self.report.flags[submission.student, submission.chapter] = list(result.flags)
        self.batch.append(Graded(submission.student, submission.chapter, key, result, timestamp))

    def fault(self, submission: Submission, reason: str, ours: bool = False) -> None:
        """Note that a submission can't be graded, for the summary and in its log."""
        self.report.faults.append(
            Fault(submission.path, reason, submission.student, submission.chapter, ours)
        )
        log = self.layout.submission_log(submission.student, submission.chapter)
        whose = "the machine's fault, not the student's; run it again" if ours else "nothing ran"
        write_atomically(log, f"not graded: {reason} ({whose})\n")


# --- workers --------------------------------------------------------------------------------------


def examine_to_json(source: bytes, submission: bytes, settings: Settings) -> bytes:
    """Examine one notebook in this process's engine; what workers run."""
    from autograder.engine import controller

    engine = controller.default_engine(settings.workers, settings.unsafe)
    return engine.examine(source, submission, settings.limits).to_json()


@contextmanager
def executor_for(settings: Settings) -> Iterator[tuple[Executor, int]]:
    """Yield what examinations are submitted to, and how many of them it works on at a time.

    That is threads of this process, or a Dask cluster. If the block ends with an exception, what is
    under way is ended too.
    """
    if settings.scheduler:
        with _cluster(settings.scheduler) as found:
            yield found
        return
    from autograder.engine import controller

    try:
        engine = controller.default_engine(settings.workers, settings.unsafe)
    except controller.EngineFault as fault:
        raise UserError(
            f"{fault}; free some memory or restart the machine, then try again"
        ) from None
    executor = ThreadPoolExecutor(engine.slots, thread_name_prefix="examine")
    try:
        yield executor, engine.slots
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        engine.close()
        raise
    executor.shutdown()


@contextmanager
def _cluster(address: str) -> Iterator[tuple[Executor, int]]:
    try:
        from distributed import Client
    except ImportError:
        raise UserError(
            "--scheduler needs Dask, here and on each worker: pip install 'distributed>=2024.5'"
        ) from None
    try:
        client = Client(address, timeout=f"{ANSWER_SECONDS}s", set_as_default=False)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"{address}: no Dask scheduler answers ({reason}); start one") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=ANSWER_SECONDS)
        except TimeoutError:
            raise UserError(
                f"{address}: the scheduler has no workers; start: dask worker {address}"
            ) from None
        executor = client.get_executor(pure=False, retries=3)
        try:
            yield executor, sum(client.nthreads().values())
        except BaseException as error:
            if client.status == "running":
                executor.shutdown(wait=False)  # which cancels what is under way
            elif isinstance(error, Exception):
                raise UserError(
                    f"{address}: the scheduler is gone; what was finished is kept, so start it "
                    "anew and run this again"
                ) from None
            raise


# --- files ----------------------------------------------------------------------------------------


def write_graded(layout: Layout, submission: Submission, result: Result) -> None:
    """Write the graded notebook, which Formgrader and feedback read, and the submission's log."""
    from autograder.nbgrader.graded import graded_notebook, submission_report

    notebook = layout.autograded(submission.student, submission.chapter)
    write_atomically(notebook, graded_notebook(result))
    log = layout.submission_log(submission.student, submission.chapter)
    write_atomically(log, submission_report(result))
    timestamp = read_timestamp(submission.path.parent)
    if timestamp:
        write_atomically(notebook.with_name("timestamp.txt"), timestamp)


def explain(failure: StepFailed) -> str:
    """Return what to do about a chapter that nbgrader refused."""
    if "submissions associated" in str(failure):
        return (
            "cells were added or removed, but the gradebook holds submissions graded with the old "
            "ones; start a new work folder (--work DIR) or move gradebook.db away"
        )
    return f"nbgrader refuses it: {failure}; mend it there"
