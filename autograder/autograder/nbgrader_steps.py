"""nbgrader's steps, called in this process: generate, autograde, feedback, and its gradebook.

Importing this module costs two seconds, so only the commands that need nbgrader do.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SAWarning, SQLAlchemyError
from traitlets.config import Config, PyFileConfigLoader

from autograder.errors import UserError
from autograder.layout import Layout

CONFIG_FILE = Layout.here().root / "autograder" / "nbgrader_config.py"


class StepFailed(Exception):
    """A step of nbgrader failed on one notebook; the message is the reason in one line."""


@dataclass(frozen=True)
class Score:
    """What one student has in one chapter, late penalties taken off."""

    student: str
    chapter: str
    score: float
    max_score: float
    needs_person: bool


def generate(layout: Layout, chapter: str, into: Path, gradebook: Path | None = None) -> None:
    """Make a chapter's student version in the folder `into`.

    Parameters
    ----------
    layout
        The folders of the course; nothing in them is written.
    chapter
        The chapter's folder in `solutions`.
    into
        An empty folder; `<chapter>/<chapter>.ipynb` is written there.
    gradebook
        Database to note the chapter's cells in, where they are to be noted.

    Raises
    ------
    StepFailed
        When nbgrader refuses the source notebook.
    """
    config = _config()
    config.CourseDirectory.root = str(layout.root)
    config.CourseDirectory.release_directory = str(into)
    if gradebook:
        config.CourseDirectory.db_url = _url(gradebook)
    else:  # saves the two seconds that a new database takes
        config.GenerateAssignment.no_database = True
        steps = config.GenerateAssignment.preprocessors
        config.GenerateAssignment.preprocessors = [x for x in steps if not x.endswith(".SaveCells")]
    _run(GenerateAssignment, config, chapter)


def register(layout: Layout, chapter: str) -> None:
    """Note a chapter's cells and points in the class's gradebook, as grading needs them.

    Raises
    ------
    StepFailed
        When nbgrader refuses the source notebook, or the gradebook holds submissions that were
        graded with other cells.
    """
    with tempfile.TemporaryDirectory() as scratch:
        generate(layout, chapter, Path(scratch), layout.gradebook)


def autograde(layout: Layout, student: str, chapter: str) -> None:
    """Run one submission and mark it, into `autograded` and the gradebook.

    Raises
    ------
    StepFailed
        When the notebook cannot be run or marked.
    """
    # A person's IPython profile must not change what a student's notebook does.
    with _variables(IPYTHONDIR=str(layout.work / "ipython")):
        _run(Autograde, _class_config(layout), chapter, student)


def write_feedback(layout: Layout, student: str, chapter: str) -> None:
    """Write the feedback page of one graded notebook.

    Raises
    ------
    StepFailed
        When the page cannot be made.
    """
    _run(GenerateFeedback, _class_config(layout), chapter, student)


@contextlib.contextmanager
def open_gradebook(layout: Layout) -> Iterator[Gradebook]:
    """Open the class's gradebook, making it where there is none; close it at the end.

    Raises
    ------
    UserError
        When the file is no gradebook, is locked, or cannot be written.
    """
    layout.work.mkdir(parents=True, exist_ok=True)
    try:
        with _warnings_are_no_errors(), Gradebook(_url(layout.gradebook)) as gradebook:
            yield gradebook
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        raise UserError(
            f"{layout.show(layout.gradebook)}: {reason}. Put a copy that works in its place, "
            "or move it away and grade again."
        ) from error


def read_scores(layout: Layout) -> list[Score]:
    """Return every score in the gradebook, by student and chapter."""
    with open_gradebook(layout) as gradebook:
        scores = [
            Score(
                student=submission.student_id,
                chapter=assignment.name,
                score=max(0.0, submission.score - (submission.late_submission_penalty or 0.0)),
                max_score=assignment.max_score,
                needs_person=submission.needs_manual_grade,
            )
            for assignment in gradebook.assignments
            for submission in assignment.submissions
        ]
    return sorted(scores, key=lambda score: (score.student, score.chapter))


@contextlib.contextmanager
def log_to(file: Path) -> Iterator[None]:
    """Send what nbgrader, its kernels and students' code have to say to a file, for the block."""
    file.parent.mkdir(parents=True, exist_ok=True)
    logger = _logger()
    level = logger.level
    handler = logging.FileHandler(file, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    sys.stderr.flush()
    terminal = os.dup(2)
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    os.dup2(handler.stream.fileno(), 2)  # kernels inherit it
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(terminal, 2)
        os.close(terminal)
        logger.setLevel(level)
        logger.removeHandler(handler)
        handler.close()


def _config() -> Config:
    return PyFileConfigLoader(CONFIG_FILE.name, path=str(CONFIG_FILE.parent)).load_config()


def _class_config(layout: Layout) -> Config:
    # nbgrader escapes its root but not its directories when it matches paths, so the work folder,
    # which may have any name, is the root here.
    config = _config()
    config.CourseDirectory.root = str(layout.work)
    config.CourseDirectory.source_directory = str(layout.solutions)
    config.CourseDirectory.submitted_directory = "submitted"
    config.CourseDirectory.autograded_directory = "autograded"
    config.CourseDirectory.feedback_directory = "feedback"
    config.CourseDirectory.db_url = _url(layout.gradebook)
    return config


def _run(step: type[BaseConverter], config: Config, chapter: str, student: str = ".") -> None:
    config.CourseDirectory.assignment_id = chapter
    config.CourseDirectory.student_id = student
    config.BaseConverter.force = True
    reasons = _Reasons()
    logger = _logger()
    logger.addHandler(reasons)
    try:
        with _warnings_are_no_errors():
            step(coursedir=CourseDirectory(config=config), config=config).start()
    except (NbGraderException, SQLAlchemyError) as error:
        raise StepFailed(reasons.last or str(error).splitlines()[0]) from error
    finally:
        logger.removeHandler(reasons)


@contextlib.contextmanager
def _warnings_are_no_errors() -> Iterator[None]:
    # What nbgrader's libraries warn of is for the log, whatever -W says; what its database layer
    # says about nbgrader's own way with sessions is for nobody.
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        warnings.simplefilter("ignore", SAWarning)
        yield


class _Reasons(logging.Handler):
    """Remembers the last line of the last traceback that nbgrader logged: why a step failed."""

    last = ""

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if message.startswith("Traceback"):
            self.last = message.strip().splitlines()[-1]


def _logger() -> logging.Logger:
    return CourseDirectory().log


@contextlib.contextmanager
def _variables(**values: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _url(database: Path) -> str:
    return f"sqlite:///{database}"
