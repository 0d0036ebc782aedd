"""The graded notebook that nbgrader and Formgrader read, and how a submission was graded."""

from __future__ import annotations

from typing import Any

import msgspec

from autograder.engine.result import CellResult, Result
from autograder.untrusted import safe_list

MARK = "autograder"  # where a cell's metadata holds what feedback is made from
STUB = "NotImplementedError"  # what a part raises that is not written yet
FLAGS = "autograder-flags"  # id of the cell that shows an instructor what to look at


def graded_notebook(result: Result) -> dict[str, Any]:
    """Return the graded notebook: what a kernel would have shown, and the flags on top.

    What the student wrote in Markdown is in it as it was written; see `show_safely`.
    """
    notebook = dict(result.notebook)
    by_id = {cell.id: cell for cell in result.cells}
    cells = []
    for cell in notebook["cells"]:
        found = by_id.get(cell["id"])
        if found is not None and (found.kind == "test" or found.told):
            cell = cell | {"metadata": cell["metadata"] | {MARK: mark_of(found)}}
        cells.append(cell)
    if result.flags:
        title = "For the instructor to look at (points were taken only where it says so)"
        text = safe_list(title, result.flags)
        cells.insert(0, {"cell_type": "markdown", "id": FLAGS, "metadata": {}, "source": text})
    notebook["cells"] = cells
    return notebook


def written(notebook: dict[str, Any]) -> str:
    """Return a notebook as the text of its file."""
    return msgspec.json.format(msgspec.json.encode(notebook), indent=1).decode() + "\n"


def mark_of(cell: CellResult) -> dict[str, Any]:
    """Return what a graded cell's metadata keep for the student's feedback.

    Parameters
    ----------
    cell : CellResult
        A test's, or one that did not run.
    """
    return {"passed": True} if cell.told is None else {
        "passed": False, "hidden": cell.hidden and not cell.died,
        "stub": cell.error is not None and cell.error[0] == STUB and not cell.hidden,
        "check": msgspec.to_builtins(cell.told),
    }  # fmt: skip


def submission_report(result: Result) -> str:
    """Return how a submission was graded, test by test, as text for a log file."""
    maximum = sum(cell.maximum for cell in result.tests)
    lines = [f"{result.points:g} of {maximum:g} points", ""]
    lines += [f"look at: {flag}" for flag in result.flags]
    for cell in result.cells:
        if cell.kind == "test":
            lines.append(f"{cell.points:g}/{cell.maximum:g}  {cell.id}  {cell.seconds:.3f} s")
        elif cell.error is not None:
            lines.append(f"      {cell.id}  {cell.seconds:.3f} s")
        if cell.error is not None:
            where = " (hidden test)" if cell.hidden else ""
            text = cell.error[2] or cell.error[1]
            lines += [f"        {line}" for line in f"{text}{where}".split("\n")[:12]]
    return "\n".join(lines) + "\n"
