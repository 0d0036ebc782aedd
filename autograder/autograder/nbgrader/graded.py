"""The graded notebook that nbgrader and Formgrader read, and the student's view of it."""

from __future__ import annotations

import ast
import json
from typing import Any

from autograder.course.notebooks import HEADING, kind_of, nbgrader_metadata
from autograder.engine.result import Result
from autograder.untrusted import safe_list
from byhand.progress import check_of

MARK = "autograder"  # where a cell's metadata holds what feedback is made from
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
        if found is not None and found.told:
            mark = {"message": found.told}
            cell = cell | {"metadata": cell["metadata"] | {MARK: mark}}
        cells.append(cell)
    if result.flags:
        title = "For the instructor to look at (no points were taken for it)"
        text = safe_list(title, result.flags)
        cells.insert(0, {"cell_type": "markdown", "id": FLAGS, "metadata": {}, "source": text})
    notebook["cells"] = cells
    return notebook


def written(notebook: dict[str, Any]) -> str:
    """Return a notebook as the text of its file."""
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _escape(text: str) -> str:
    """Return text escaped so that Markdown shows it unchanged."""
    for character in "\\`*_{}[]<>#|":
        text = text.replace(character, "\\" + character)
    return text


def for_student(notebook: Any) -> None:
    """Turn a graded notebook into a student's feedback, in place.

    It holds a table of the tests, and for each exercise the student's own code, why it did not run
    where that is so, and what the tests found. No cell shows its output, because code can print
    there what a hidden test has passed to it.

    Parameters
    ----------
    notebook : NotebookNode
        A graded notebook with scores in its cells, as nbgrader's `GetGrades` leaves it.
    """
    cells = []
    rows = []
    for cell in notebook.cells:
        metadata = nbgrader_metadata(cell)
        name = cell.get("id", "")
        if kind_of(cell) == "test":
            message = cell.metadata.get(MARK, {}).get("message")
            if message is None:  # graded by plain nbgrader
                message = "passed" if metadata.get("score") else "failed"
            rows.append(_row(cell.source, metadata, message))
            cell.source = opening_words(cell.source)
            cell.outputs = [_stream(message)]
        elif metadata.get("solution") or name.startswith("added-"):
            if cell.cell_type == "code":
                message = cell.metadata.get(MARK, {}).get("message")
                cell.outputs = [_stream(message)] if message else []
        elif cell.cell_type == "markdown" and (heading := HEADING.search(cell.source)):
            cell.source = heading[0]
        elif cell.cell_type != "markdown" or not metadata.get("task"):
            continue
        cell.metadata.pop(MARK, None)
        cells.append(cell)
    notebook.cells = [_summary(rows), *cells]


def _row(source: str, metadata: Any, message: str) -> str:
    check = check_of(source)
    exercise, title = (check.exercise, check.title) if check else ("", metadata["grade_id"])
    score, points = float(metadata.get("score") or 0), float(metadata.get("points") or 0)
    first = _escape(message.split("\n")[0])
    return (
        f"| {exercise} | [{_escape(title)}](#{metadata['grade_id']}) | {score:g} / {points:g} "
        f"| {first} |"
    )


def _summary(rows: list[str]) -> Any:
    """Return the table at the top; nbgrader's own list there calls every test "Test cell"."""
    from nbformat.v4 import new_markdown_cell

    head = "| exercise | what was tested | points | result |\n|---|---|---|---|\n"
    style = (
        "<style>#toc li:not(.late-penalty), .prompt {display: none} "
        "td, th {padding: 0.1em 1em 0.1em 0; text-align: left; vertical-align: top}</style>"
    )
    return new_markdown_cell(f"{style}\n\n{head}" + "\n".join(rows))


def _stream(text: str) -> Any:
    from nbformat.v4 import new_output

    return new_output("stream", name="stdout", text=text)


def opening_words(source: str) -> str:
    """Return a test cell's docstring as it is in the cell; a comment if there is none."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        body = []
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        return "\n".join(source.split("\n")[: body[0].end_lineno])
    return "# a test"


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
