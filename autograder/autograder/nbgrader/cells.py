"""Notes a chapter's cells in the gradebook: what nbgrader's `SaveCells` does, in one transaction.

nbgrader itself looks each cell up and commits it, which takes it almost a second a chapter.
"""

from __future__ import annotations

import json
from typing import Any

import nbformat
from nbgrader import utils
from nbgrader.api import (
    Gradebook,
    GradeCell,
    MissingEntry,
    SolutionCell,
    SourceCell,
    TaskCell,
)
from traitlets.config import Config
from traitlets.utils.importstring import import_item

from autograder.errors import StepFailed

SAVE_CELLS = "nbgrader.preprocessors.SaveCells"


def cells_to_note(config: Config, chapter: str, source: str) -> nbformat.NotebookNode:
    """Return a source notebook as `SaveCells` is given it: without answers, with hidden tests.

    Parameters
    ----------
    config
        Of the course: `GenerateAssignment.preprocessors` says what is done before.
    chapter
        Its name.
    source
        The notebook.
    """
    notebook = nbformat.reads(source, as_version=4)
    resources: Any = {"nbgrader": {"assignment": chapter, "notebook": chapter}}
    steps = config.GenerateAssignment.preprocessors
    for name in steps[: steps.index(SAVE_CELLS)]:
        step = import_item(name)(config=config)
        if step.enabled:
            notebook, resources = step.preprocess(notebook, resources)
    return notebook


def note_cells(config: Config, url: str, chapter: str, notebook: nbformat.NotebookNode) -> None:
    """Note cells and points; what the gradebook has is brought up to date.

    Parameters
    ----------
    config
        Of the course.
    url
        Of the gradebook, which has tables; cells that were added or deleted since something was
        handed in must be there already, or be gone.
    chapter
        Its name.
    notebook
        From `cells_to_note`.

    Raises
    ------
    StepFailed
        If there are submissions that were graded with other cells.
    """
    with Gradebook(url, config.CourseDirectory.course_id) as gradebook:
        gradebook.update_or_create_assignment(chapter)
        try:
            noted = gradebook.find_notebook(chapter, chapter)
        except MissingEntry:
            noted = gradebook.add_notebook(chapter, chapter)
        noted.kernelspec = json.dumps(notebook.metadata.get("kernelspec", {}))
        known = {(type(row), row.name): row for row in (*noted._base_cells, *noted.source_cells)}
        wanted = {
            (kind, cell.metadata.nbgrader["grade_id"]): values
            for cell in notebook.cells
            for kind, values in _rows_of(cell)
        }
        if noted.submissions and wanted.keys() != known.keys():
            raise StepFailed("cells were added or removed since it was handed in; grade again")
        for kind, name in known.keys() - wanted.keys():
            gradebook.db.delete(known[kind, name])
        for (kind, name), values in wanted.items():
            row = known.get((kind, name)) or kind(name=name, notebook=noted)
            for column, value in values.items():
                setattr(row, column, value)
            gradebook.db.add(row)
        gradebook.db.commit()


def _rows_of(cell: nbformat.NotebookNode) -> list[tuple[type, dict[str, Any]]]:
    """Return the kinds of rows that a cell has in the gradebook, and what is in them."""
    rows: list[tuple[type, dict[str, Any]]] = []
    marks = cell.metadata.get("nbgrader", {})
    for applies, kind in ((utils.is_grade(cell), GradeCell), (utils.is_task(cell), TaskCell)):
        if applies:
            values = {"max_score": float(marks["points"]), "cell_type": cell.cell_type}
            rows.append((kind, values))
    if utils.is_solution(cell):
        rows.append((SolutionCell, {}))
    if rows or utils.is_locked(cell):
        values = {"cell_type": cell.cell_type, "locked": utils.is_locked(cell)}
        values |= {"source": cell.source, "checksum": marks.get("checksum")}
        rows.append((SourceCell, values))
    return rows
