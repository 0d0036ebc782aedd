"""Makes a graded notebook fit to be shown: nothing of a student's runs, and not too much of it.

Formgrader renders the graded notebook as it is, in the instructor's session. What students wrote in
Markdown becomes HTML here; of code, and of the cells that they added, as much stays as a person
reads. The whole of it is in what was handed in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograder.course.notebooks import nbgrader_metadata
from autograder.untrusted import readable_code, safe_markdown, safe_text

MOST_MARKDOWN = 30_000  # characters of a notebook's Markdown that students wrote
MOST_CODE = 40_000  # and of their code, of which a chapter asks for 27,000 at most
MOST_ADDED = 200  # cells


def show_safely(notebook: dict[str, Any]) -> None:
    """Replace what a student wrote in a graded notebook by what can be shown, in place.

    Parameters
    ----------
    notebook : dict
        With the student's Markdown and attachments as they were handed in.
    """
    notebook["cells"] = list(_shown(notebook["cells"]))


def _shown(cells: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    markdown, code, added = MOST_MARKDOWN, MOST_CODE, 0
    for cell in cells:
        is_added = cell["id"].startswith("added-")
        added += is_added
        if is_added and added > MOST_ADDED:
            continue
        if not (is_added or nbgrader_metadata(cell).get("solution") or _is_task(cell)):
            yield cell
            continue
        source = cell["source"]
        if cell["cell_type"] == "code":
            source = readable_code(_cut(source, code, "# "))
            code -= len(source)
        else:
            attachments = cell.pop("attachments", {})
            source = _cut(source, markdown, "")
            markdown -= len(source)
            source = safe_markdown(source, attachments)
        yield cell | {"source": source}
    if added > MOST_ADDED:
        text = f"{added - MOST_ADDED} more cells that the student added are not shown."
        yield {
            "cell_type": "markdown",
            "id": "not-shown",
            "metadata": {},
            "source": safe_text(text),
        }


def _is_task(cell: dict[str, Any]) -> bool:
    return bool(nbgrader_metadata(cell).get("task"))


def _cut(text: str, room: int, comment: str) -> str:
    if len(text) <= room:
        return text
    room = max(room, 0)
    note = f"[{len(text) - room} more characters are in what was handed in]"
    return f"{text[:room]}\n{comment}{note}"
