"""nbgrader's steps, called in this process: generate, register, autograde.

Importing this module costs two seconds, so only the commands that need nbgrader do.
"""

from __future__ import annotations

import contextlib
import logging
import os
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy.exc import SAWarning, SQLAlchemyError
from traitlets.config import Config, PyFileConfigLoader
from traitlets.log import get_logger

from autograder.errors import StepFailed
from autograder.layout import Layout
from autograder.nbgrader.cells import cells_to_note, note_cells
from autograder.nbgrader.schema import make_missing_tables
from autograder.scratch import Scratch

CONFIG_FILE = Layout.here().root / "autograder" / "nbgrader_config.py"


def generate(layout: Layout, chapter: str, into: Path, gradebook: str | None = None) -> None:
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
        URL of the database in which the chapter's cells are to be noted; its tables must exist.

    Raises
    ------
    StepFailed
        When nbgrader refuses the source notebook; the message says what to do.
    """
    config = _config()
    config.CourseDirectory.root = str(layout.root)
    config.CourseDirectory.source_directory = "solutions"
    _generate(config, chapter, into, gradebook)


def _generate(config: Config, chapter: str, into: Path, gradebook: str | None) -> None:
    config.CourseDirectory.release_directory = str(into)
    if gradebook:
        config.CourseDirectory.db_url = gradebook
    else:  # saves the two seconds that a new database takes
        config.GenerateAssignment.no_database = True
        steps = config.GenerateAssignment.preprocessors
        config.GenerateAssignment.preprocessors = [x for x in steps if not x.endswith(".SaveCells")]
    try:
        _run(GenerateAssignment, config, chapter)
    except StepFailed as failure:
        raise StepFailed(f"nbgrader refuses it: {failure}; please fix it there") from None


def register(layout: Layout, chapter: str) -> None:
    """Note a chapter's cells and points in the class's gradebook, as grading needs them.

    Raises
    ------
    StepFailed
        When nbgrader refuses the source notebook, or the gradebook holds submissions that were
        graded with other cells.
    """
    config = _config()
    with _warnings_are_no_errors():
        try:
            notebook = cells_to_note(config, chapter, layout.source(chapter).read_text("utf-8"))
        except Exception as error:  # whatever nbgrader raises about a notebook
            reason = traceback.format_exception_only(error)[-1].strip()
            raise StepFailed(f"nbgrader refuses it: {reason}; please fix it there") from error
        try:
            note_cells(config, layout.database_url, chapter, notebook)
        except SQLAlchemyError as error:
            raise StepFailed(str(error).splitlines()[0]) from error


def register_if_new(course: CourseDirectory) -> None:
    """Do the same for nbgrader's own `autograde`, where nothing was graded before.

    Raises
    ------
    StepFailed
        When nbgrader refuses the source notebook.
    """
    make_missing_tables(course.db_url)
    with Gradebook(course.db_url, course.course_id) as gradebook:
        with contextlib.suppress(MissingEntry):
            gradebook.find_assignment(course.assignment_id)
            return
    config = _config()
    sources = Path(course.root, course.source_directory)
    config.CourseDirectory.root = str(sources.parent)  # nbgrader escapes this part only
    config.CourseDirectory.source_directory = sources.name
    with Scratch("cells") as scratch:
        _generate(config, course.assignment_id, scratch, course.db_url)


def autograde(layout: Layout, student: str, chapter: str) -> None:
    """Have the engine examine one submission, the way `nbgrader autograde` does.

    Raises
    ------
    StepFailed
        When the notebook cannot be run or marked.
    """
    _run(Autograde, _class_config(layout), chapter, student)


def autograde_plainly(layout: Layout, student: str, chapter: str) -> None:
    """Do the same in one kernel, as nbgrader does without the engine: unprotected.

    Raises
    ------
    StepFailed
        When the notebook cannot be run or marked.
    """
    config = _class_config(layout)
    for name in ("exporter_class", "sanitize_preprocessors", "autograde_preprocessors"):
        del config.Autograde[name]
    # A person's IPython profile must not change what a student's notebook does.
    with _variables(IPYTHONDIR=str(layout.work / "ipython")):
        _run(Autograde, config, chapter, student)


def make_penalty() -> Callable[[str, float, float], float | None]:
    """Return the rule of nbgrader's plugin for late submissions, as configured.

    Returns
    -------
    callable
        ``penalty(student, score, seconds late)``.
    """
    assign = AssignLatePenalties(config=_config())
    assign.init_plugin()
    return assign.plugin_inst.late_submission_penalty


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
    config.CourseDirectory.db_url = layout.database_url
    return config


def _run(step: type[BaseConverter], config: Config, chapter: str, student: str = ".") -> None:
    config.CourseDirectory.assignment_id = chapter
    config.CourseDirectory.student_id = student
    config.BaseConverter.force = True
    reasons = _Reasons()
    logger = get_logger()
    assert isinstance(logger, logging.Logger)
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
    # Warnings of nbgrader's libraries go to the log, whatever -W says, except those that its
    # database layer gives about nbgrader's own use of sessions.
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
