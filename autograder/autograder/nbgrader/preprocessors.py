"""The course's own nbgrader preprocessors: bug hunts, folded tests, the engine."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbformat.v4 import new_notebook
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import ClearSolutions, NbGraderPreprocessor

from autograder.course.notebooks import RELEASE_INSTEAD, SOLUTION, kind_of
from autograder.errors import StepFailed
from autograder.handed_in import (
    TIMESTAMP,
    copy_notes,
    fault_of_name,
    parse_timestamp,
    read_note,
    read_submission,
)
from autograder.nbgrader.steps import register_if_new


class ClearSolutionsOrPlantBugs(ClearSolutions):
    """nbgrader's `ClearSolutions`, which also knows bug hunts.

    In a bug hunt students get code that is wrong on purpose instead of the stub. It is in the
    solution region, as comments below `### RELEASE INSTEAD`; see `plant_bugs`.
    """

    def _replace_solution_region(self, cell: NotebookNode, language: str) -> bool:
        planted = RELEASE_INSTEAD in cell.source
        if planted:
            cell.source = plant_bugs(
                cell.source, self.begin_solution_delimeter, self.end_solution_delimeter
            )
        return super()._replace_solution_region(cell, language) or planted


def plant_bugs(
    source: str, begin: str = f"BEGIN {SOLUTION.name}", end: str = f"END {SOLUTION.name}"
) -> str:
    r"""Return a cell's source with every region that has a `### RELEASE INSTEAD` replaced.

    What takes the region's place are the lines below that mark, each without its first `# `
    and with its indentation. Regions without the mark stay as they are.

    Parameters
    ----------
    source
        The cell of the source notebook.
    begin, end
        What marks the first and the last line of a solution region.

    Raises
    ------
    ValueError
        When the mark is outside a region, a region has no end, or a line below the mark is not
        a comment.

    Examples
    --------
    >>> print(plant_bugs('''def slope(x):
    ...     ### BEGIN SOLUTION
    ...     return 2 * x
    ...     ### RELEASE INSTEAD
    ...     # return x
    ...     ### END SOLUTION'''))
    def slope(x):
        return x
    """
    released: list[str] = []
    region: list[str] = []
    bugs: list[str] | None = None
    inside = False
    for line in source.split("\n"):
        if RELEASE_INSTEAD in line:
            if not inside:
                raise ValueError(f"{RELEASE_INSTEAD} is outside a solution region")
            bugs = []
        elif begin in line:
            inside, region = True, [line]
        elif end in line:
            released += bugs if bugs is not None else [*region, line]
            inside, bugs = False, None
        elif bugs is not None:
            bugs.append(_uncomment(line))
        elif inside:
            region.append(line)
        else:
            released.append(line)
    if inside:
        raise ValueError(f"a solution region has no {end}")
    return "\n".join(released)


def _uncomment(line: str) -> str:
    match = re.fullmatch(r"(\s*)#(?: (.*))?", line)
    if match:
        indent, code = match.groups()
        return indent + code if code else ""
    if line.strip():
        raise ValueError(
            f"below {RELEASE_INSTEAD} every line starts with '# ', not: {line.strip()}"
        )
    return ""


class FoldTests(NbGraderPreprocessor):
    """Folds the code of test cells away: JupyterLab, Notebook 7, VS Code and Colab respect it."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: Any, index: int
    ) -> tuple[NotebookNode, Any]:
        """Fold the cell if it is a test."""
        if kind_of(cell) == "test":
            cell.metadata["jupyter"] = {"source_hidden": True}
            cell.metadata["cellView"] = "form"
        return cell, resources


# --- autograde ------------------------------------------------------------------------------------


class TakeAsHandedIn(NbGraderPreprocessor):
    """First half of `nbgrader autograde`: looks at the folder; the rest is left to the engine.

    Raises
    ------
    ValueError
        If the folder can't be called so, or holds links, which a person may follow.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Look at the name and for links; note when it was handed in."""
        folder = Path(_folder(self, "submitted_directory", resources))
        fault = fault_of_name(resources["nbgrader"]["student"])
        if fault:
            raise ValueError(f"{folder}: {fault}")
        links = [path.name for path in (folder, *folder.rglob("*")) if path.is_symlink()]
        if links:
            raise ValueError(f"{folder}: holds links ({', '.join(links[:3])}); ask for the files")
        copy_notes(folder, Path(_folder(self, "autograded_directory", resources)))
        return nb, resources


class Examine(NbGraderPreprocessor):
    """Second half of `nbgrader autograde`: has the engine examine the notebook.

    nbgrader's own `SaveAutoGrades` then reads the points from the cells' outputs.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Return the graded notebook."""
        from autograder.engine.controller import examine
        from autograder.nbgrader.graded import graded_notebook

        chapter = resources["nbgrader"]["assignment"]
        name = f"{resources['nbgrader']['notebook']}.ipynb"
        source = Path(_folder(self, "source_directory", resources, student=".")) / name
        handed_in = Path(_folder(self, "submitted_directory", resources)) / name
        submission = read_submission(handed_in, [source])
        result = examine(source.read_bytes(), submission)
        if result.lost_by_waiting:  # the machine was busy, or the code waits for something
            result = examine(source.read_bytes(), submission)
        for flag in result.flags:
            self.log.warning("%s, %s: %s", resources["nbgrader"]["student"], chapter, flag)
        return nbformat.from_dict(graded_notebook(result)), resources


class ShowSafely(NbGraderPreprocessor):
    """Last step of `nbgrader autograde`: makes the graded notebook fit to be shown."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Return what can be shown."""
        from autograder.nbgrader.shown import show_safely

        show_safely(nb)
        return nbformat.from_dict(nb), resources


class EngineReads(NotebookExporter):
    """Keeps nbgrader from reading a submission, which may be anything: the engine does that.

    nbgrader makes one exporter for each `Autograde`, before it looks at a submission. So this is
    the place to register the chapter, to read times as `grade` does, and to copy no student's file
    into the folder from which Formgrader serves pages.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        step: Any = self.parent
        given = step.coursedir
        names = given.trait_names(config=True)
        step.coursedir = _Submissions(**{name: getattr(given, name) for name in names})
        step.coursedir.ignore = ["*"]
        try:
            register_if_new(step.coursedir)
        except StepFailed as failure:
            raise NbGraderException(str(failure)) from None

    def from_filename(
        self, filename: str, resources: Any = None, **options: Any
    ) -> tuple[Any, Any]:
        """Run the preprocessors on an empty notebook, which `Examine` replaces."""
        return self.from_notebook_node(new_notebook(), resources, **options)


class _Submissions(CourseDirectory):
    """nbgrader's folders, with times read as `grade` reads them."""

    def get_existing_timestamp(self, dest_path: str) -> datetime | None:
        return parse_timestamp(read_note(Path(dest_path), TIMESTAMP))


def _folder(
    step: NbGraderPreprocessor, which: str, resources: Any, student: str | None = None
) -> str:
    course = CourseDirectory(config=step.config)
    return course.format_path(
        getattr(course, which),
        student or resources["nbgrader"]["student"],
        resources["nbgrader"]["assignment"],
    )
