"""Grades submissions: chooses them, has them examined, writes the results.

Workers examine notebooks and return plain results; this one process writes them.
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from functools import cache

from traitlets.log import get_logger

from autograder.engine.check_modules import fingerprint
from autograder.engine.reading import NotANotebook
from autograder.engine.released import traces_of
from autograder.engine.result import Result
from autograder.errors import StepFailed, UserError
from autograder.files import write_atomically
from autograder.gradebook.book import Entry, Gradebook, open_gradebook
from autograder.gradebook.writer import Graded
from autograder.grading.outcome import HandedIn, Report, write_graded
from autograder.grading.recognition import Chapters
from autograder.grading.submissions import Fault, Submission, find_submissions, moved
from autograder.grading.workers import (
    CHECK_SECONDS,
    Settings,
    Workers,
    examine_to_json,
    executor_for,
)
from autograder.handed_in import (
    TIMESTAMP,
    Unreadable,
    parse_timestamp,
    read_note,
    read_submission,
)
from autograder.layout import Layout
from autograder.machine import has_engine
from autograder.scratch import only_run

BATCH_SECONDS = 2.0  # between transactions
AHEAD = 2  # submissions under way for each worker
NEVER_UNCHANGED = ""  # no submission's hash

logger = get_logger()


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
        finished is kept, and the next run resumes there.
    """
    submissions, faults = find_submissions(layout, chapters, student)
    layout.work.mkdir(parents=True, exist_ok=True)
    with only_run(layout.work, layout.show(layout.work)), open_gradebook(layout) as gradebook:
        run = Run(layout, gradebook, settings or Settings(), Report(faults=faults))
        run.grade(submissions, force, on_progress)
        run.settle_penalties()
        run.report.scores = [
            score
            for score in gradebook.scores()
            if score.chapter in chapters and student in (None, score.student)
        ]
    return run.report


class Run:
    """One run of grading."""

    def __init__(
        self, layout: Layout, gradebook: Gradebook, settings: Settings, report: Report
    ) -> None:
        self.layout = layout
        self.gradebook = gradebook
        self.settings = settings
        self.report = report
        self.sources: dict[str, bytes] = {}
        self.released: dict[str, frozenset[str]] = {}
        self.todo: deque[Submission] = deque()
        # The machine failed: they are tried again at the end.
        self.failed: set[Submission] = set()
        # Time was up on the clock: they are examined again, with nothing beside them.
        self.alone: deque[Submission] = deque()
        self.late: set[Submission] = set()
        self.waiting: dict[Future, HandedIn] = {}
        self.batch: list[Graded] = []
        self.written = time.monotonic()

    def grade(
        self,
        submissions: list[Submission],
        force: bool,
        on_progress: Callable[[int, int, str], None],
    ) -> None:
        """Grade those submissions that need it."""
        self.choose(submissions, force)
        if not self.todo:
            on_progress(0, 0, "")
            return
        on_progress(0, len(self.todo), "getting ready")
        if not has_engine():
            self.grade_plainly(on_progress)
            return
        with ThreadPoolExecutor(1) as beside:  # the engine starts in a process of its own
            ready = beside.submit(self.register)
            with executor_for(self.settings) as workers:
                ready.result()
                self.examine(workers, on_progress)

    def examine(self, workers: Workers, on_progress: Callable[[int, int, str], None]) -> None:
        """Have what is to do examined; write what is found, in batches."""
        self.written = time.monotonic()
        total, before = len(self.todo), len(self.report.faults)
        try:
            for item, future in self.results(workers):
                self.take(item, future)
                if time.monotonic() - self.written > BATCH_SECONDS:
                    self.flush()
                done = self.report.graded + len(self.report.faults) - before
                # the one under way for the longest time, because a slow one delays the end
                now = next(iter(self.waiting.values()), item).submission
                on_progress(done, total, f"{now.student} · {now.chapter}")
        except BaseException:
            # Ctrl-C, a full disk: keep what was finished, unless writing it is what failed.
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
                f"the engine that isolates students' code needs Linux, and this is {sys.platform}: "
                "grade on Linux or in a container, or add --unsafe to run it with your own rights"
            )
        from autograder.nbgrader import steps

        self.register()
        for done, submission in enumerate(self.todo):
            on_progress(done, len(self.todo), f"{submission.student} · {submission.chapter}")
            try:
                steps.autograde_plainly(self.layout, submission.student, submission.chapter)
                self.report.graded += 1
            except StepFailed as failure:
                self.fault(submission, str(failure))
        on_progress(len(self.todo), len(self.todo), "")

    def flush(self) -> None:
        """Write what was finished to the gradebook."""
        self.gradebook.write(self.batch)
        for item in self.batch:
            logger.info("graded %s, %s: %g", item.student, item.chapter, item.result.points)
        self.batch = []
        self.written = time.monotonic()

    def settle_penalties(self) -> None:
        """Take off what nbgrader's rule takes: a due date set since last time counts as well."""

        @cache  # nbgrader is imported when the first submission is late
        def rule() -> Callable[[str, float, float], float | None]:
            from autograder.nbgrader.steps import make_penalty

            return make_penalty()

        if self.gradebook.is_made():
            self.gradebook.settle_penalties(lambda *late: rule()(*late))

    def choose(self, submissions: list[Submission], force: bool) -> None:
        """Leave out submissions that were graded before and have not changed.

        Only a submission's hash is kept: it is read again when its turn comes.
        """
        ledger, refused = self.gradebook.ledger(), self.gradebook.refused()
        chapters = Chapters(self.layout)
        for submission in submissions:
            try:
                item = self.read(submission)
                other = chapters.other(item.notebook, submission.chapter)
                if other is not None:
                    submission = moved(submission, other, submissions)
                    submissions = [*submissions, submission]
                    item = self.read(submission)
                key = item.key
            except Unreadable as error:
                self.fault(submission, str(error))
                continue
            who = submission.student, submission.chapter
            entry, (no_notebook, reason) = ledger.get(who), refused.get(who, ("", ""))
            if no_notebook == key and not force:
                self.fault(submission, reason)
            elif force or not self.is_graded(submission, entry, key):
                self.todo.append(submission)
            else:
                self.report.skipped += 1
        # chapter by chapter: the engine prepares itself for each
        self.todo = deque(sorted(self.todo, key=lambda submission: submission.chapter))

    def read(self, submission: Submission) -> HandedIn:
        """Return what was handed in, with the hash of everything the result depends on.

        Raises
        ------
        Unreadable
            If it can't be read.
        """
        source = self.layout.source(submission.chapter)
        if submission.chapter not in self.sources:
            self.sources[submission.chapter] = source.read_bytes()
        notebook = read_submission(submission.path, [source])
        timestamp = read_note(submission.path.parent, TIMESTAMP)
        code = fingerprint(self.sources[submission.chapter])
        parts = (notebook, code, self.settings.fingerprint())
        key = hashlib.sha256(b"\0".join((*parts, timestamp.encode()))).hexdigest()
        return HandedIn(submission, notebook, timestamp, key)

    def is_graded(self, submission: Submission, entry: Entry | None, key: str) -> bool:
        """Return whether exactly this submission was graded from the current source."""
        if entry is None or entry.key != key:
            return False
        self.look_at(submission, entry.flags)
        return self.layout.autograded(submission.student, submission.chapter).is_file()

    def look_at(self, submission: Submission, flags: Sequence[str]) -> None:
        """Note what a person should look at."""
        found = [*submission.notes, *flags]
        if found:
            self.report.flags[submission.student, submission.chapter] = found

    def register(self) -> None:
        """Register the chapters in the gradebook; drop the submissions of those that fail."""
        self.gradebook.prepare()
        for chapter in sorted({submission.chapter for submission in self.todo}):
            source = self.sources[chapter]
            self.released[chapter] = self.gradebook.note_release(
                chapter, known_releases(self.layout, chapter)
            )
            if self.gradebook.is_registered(chapter, source):
                continue
            from autograder.nbgrader import steps

            try:
                if changed := self.gradebook.migrate(chapter, source):
                    logger.info("%s: cells added or removed: %s", chapter, ", ".join(changed))
                steps.register(self.layout, chapter)
                self.gradebook.note_registered(chapter, source)
            except StepFailed as failure:
                self.gradebook.check_writable()  # if it is, the chapter is at fault
                self.report.faults.append(
                    Fault(self.layout.source(chapter), str(failure), "", chapter)
                )
                self.todo = deque(item for item in self.todo if item.chapter != chapter)

    def results(self, workers: Workers) -> Iterator[tuple[HandedIn, Future]]:
        """Yield examinations as they end; only a few are under way at a time."""
        while self.todo or self.waiting or self.alone:
            while self.todo and len(self.waiting) < AHEAD * workers.width:
                self.submit(workers, self.todo.popleft())
            if not self.waiting and self.alone:
                self.submit(workers, self.alone.popleft())
            done = wait(self.waiting, CHECK_SECONDS, FIRST_COMPLETED).done
            if not done or any(future.cancelled() for future in done):
                workers.check()
            for future in done:
                yield self.waiting.pop(future), future

    def submit(self, workers: Workers, submission: Submission) -> None:
        """Have a submission examined."""
        try:
            item = self.read(submission)
        except Unreadable as error:  # it was readable a moment ago
            self.fault(submission, str(error))
            return
        source = self.sources[submission.chapter]
        released = self.released.get(submission.chapter, frozenset())
        try:
            future = workers.executor.submit(
                examine_to_json, source, item.notebook, self.settings, released
            )
        except Exception:
            workers.check()
            raise
        self.waiting[future] = item

    def take(self, item: HandedIn, future: Future) -> None:
        """Keep a result, or note what went wrong."""
        submission = item.submission
        try:
            result = Result.from_json(future.result())
            timestamp = parse_timestamp(item.timestamp)
        except NotANotebook as error:
            self.fault(submission, str(error))
            self.gradebook.note_refused(
                submission.student, submission.chapter, item.key, str(error)
            )
            return
        except Unreadable as error:
            self.fault(submission, str(error))
            return
        except UserError:  # the machine lacks what safety needs
            raise
        except Exception as error:  # anything else that a worker or a cluster raises
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            logger.warning("not graded: %s, %s: %s", submission.student, submission.chapter, reason)
            if submission in self.failed:
                self.fault(submission, reason, by_machine=True)
            else:
                self.failed.add(submission)
                self.todo.append(submission)
            return
        key = item.key
        if result.lost_by_waiting:
            if submission not in self.late:
                self.late.add(submission)
                self.alone.append(submission)
                return
            self.report.lost[submission.student, submission.chapter] = result.lost_by_waiting
            key = NEVER_UNCHANGED
        self.report.graded += 1
        self.look_at(submission, result.flags)
        self.keep(item, Graded(submission.student, submission.chapter, key, result, timestamp))

    def keep(self, item: HandedIn, graded: Graded) -> None:
        """Write the files that people read; collect what goes into the gradebook."""
        write_graded(self.layout, item, graded.result)
        self.batch.append(graded)

    def fault(self, submission: Submission, reason: str, by_machine: bool = False) -> None:
        """Note in the summary and in the log that a submission can't be graded."""
        self.report.faults.append(
            Fault(submission.path, reason, submission.student, submission.chapter, by_machine)
        )
        self.log_fault(submission, reason, by_machine)

    def log_fault(self, submission: Submission, reason: str, by_machine: bool) -> None:
        """Write why a submission can't be graded."""
        log = self.layout.submission_log(submission.student, submission.chapter)
        advice = "this machine failed, not the student; grade again"
        write_atomically(log, f"not graded: {reason} ({advice if by_machine else 'nothing ran'})\n")


def known_releases(layout: Layout, chapter: str) -> frozenset[str]:
    """Return the traces of a chapter as its source has it, and as course/ has it."""
    found = traces_of(layout.source(chapter).read_bytes())
    with suppress(OSError, ValueError, KeyError):  # a chapter that was not released yet
        found |= traces_of(layout.released(chapter).read_bytes())
    return found
