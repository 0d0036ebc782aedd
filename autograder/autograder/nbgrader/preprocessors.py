"""The course's own nbgrader preprocessors: bug hunts, folded tests, the engine."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import ClearSolutions, NbGraderPreprocessor

from autograder.course.notebooks import RELEASE_INSTEAD, SOLUTION, kind_of


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
    """First half of `nbgrader autograde`: passes the submission on; the engine reads it as it is.

    Raises
    ------
    ValueError
        If the submission's folder holds links: nbgrader would follow them and copy their targets.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Look for links."""
        folder = Path(_folder(self, "submitted_directory", resources))
        links = [path.name for path in (folder, *folder.rglob("*")) if path.is_symlink()]
        if links:
            raise ValueError(f"{folder}: holds links ({', '.join(links[:3])}); ask for the files")
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
        result = examine(source.read_bytes(), handed_in.read_bytes())
        if result.lost_by_waiting:  # the machine was busy, or the code waits for something
            result = examine(source.read_bytes(), handed_in.read_bytes())
        for flag in result.flags:
            self.log.warning("%s, %s: %s", resources["nbgrader"]["student"], chapter, flag)
        return nbformat.from_dict(json.loads(graded_notebook(result))), resources


def _folder(
    step: NbGraderPreprocessor, which: str, resources: Any, student: str | None = None
) -> str:
    course = CourseDirectory(config=step.config)
    return course.format_path(
        getattr(course, which),
        student or resources["nbgrader"]["student"],
        resources["nbgrader"]["assignment"],
    )
