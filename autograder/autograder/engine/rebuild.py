"""Rebuild, don't repair: the notebook that is graded starts as the instructor's own.

From the submission come the sources of solution cells, of the cells that students may change, and
of cells that they added. Nothing else of it survives: no metadata, tag, output, type or locked
cell. Everything odd about the submission is noted for a person to see.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from autograder.course.notebooks import HIDDEN_TESTS, Kind, kind_of, nbgrader_metadata
from autograder.engine.text import encodable, printable
from autograder.untrusted import LARGEST_PICTURE, PICTURES

LARGEST = 64 * 2**20  # bytes of a submission
MOST_CELLS = 20_000
MOST_CODE = 2 * 2**20  # characters in all code cells
MOST_TEXT = 2 * 2**20  # in all others
MOST_PICTURES = 3 * 2**20  # characters of all attached pictures; what is more is left out
MARKS = ("grade_id", "points", "grade", "solution", "locked")  # of nbgrader's, looked at
DELETED = "# This cell is missing from what was handed in."


class NotANotebook(Exception):
    """A submission that can't be read as a notebook; the message says why and what to do."""


@dataclass
class Rebuilt:
    """A notebook that is ready to be graded.

    Attributes
    ----------
    notebook : dict
        The instructor's notebook with the student's sources, without outputs (nbformat 4.5).
    flags : list of str
        What a person should know about the submission.
    written : set of str
        Ids of the code cells that hold a student's own code.
    written_with : str or None
        The version of Python that the submission says it was saved with.
    """

    notebook: dict[str, Any]
    flags: list[str] = field(default_factory=list)
    written: set[str] = field(default_factory=set)
    written_with: str | None = None

    def code_cells(self) -> Iterator[dict[str, Any]]:
        """Yield the code cells of the notebook in order."""
        return (cell for cell in self.notebook["cells"] if cell["cell_type"] == "code")


def read_notebook(content: bytes) -> dict[str, Any]:
    """Return the parts of a submission that count: its ``cells`` and the version of ``python``.

    Of a cell these are type, source, attached pictures, and what marks it.

    Raises
    ------
    NotANotebook
        If it is too large or no notebook of format 4.
    """
    check_size(content)
    if not content.strip():
        raise NotANotebook("the file is empty; ask for it again")
    try:
        notebook = json.loads(content)
    except (ValueError, RecursionError):
        raise NotANotebook("not a notebook (not JSON); ask for the .ipynb file again") from None
    except MemoryError:
        raise NotANotebook(
            "it takes more memory than a notebook may; clear its outputs and hand it in again"
        ) from None
    if not isinstance(notebook, dict) or not isinstance(notebook.get("nbformat"), int):
        raise NotANotebook("not a notebook (no nbformat); ask for the .ipynb file again")
    if notebook["nbformat"] != 4:
        raise NotANotebook(
            f"notebook format {notebook['nbformat']}, 4 is expected; "
            "open it in JupyterLab, save it and hand it in again"
        )
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        raise NotANotebook("a damaged notebook (it has no cells); ask for it again")
    if len(cells) > MOST_CELLS:
        raise NotANotebook(f"it has {len(cells)} cells, {MOST_CELLS} is the most; ask for it again")
    read = [_read_cell(cell) for cell in cells]
    room = MOST_PICTURES
    for cell in read:
        for name, kinds in list(cell["attachments"].items()):
            room -= len(name) + sum(map(len, kinds.values()))
            if room < 0:
                del cell["attachments"][name]
    for kind, most in (("code", MOST_CODE), ("text", MOST_TEXT)):
        size = sum(len(c["source"]) for c in read if (c["cell_type"] == "code") == (kind == "code"))
        if size > most:
            raise NotANotebook(
                f"it has {size >> 20} MB of {kind}, {most >> 20} is the most; ask for it again"
            )
    return {"cells": read, "python": _python_of(notebook)}


def check_size(content: bytes) -> None:
    """Raise NotANotebook if a submission is too large."""
    if len(content) > LARGEST:
        raise NotANotebook(
            f"the file has {len(content) >> 20} MB, {LARGEST >> 20} is the most; "
            "clear its outputs (Edit, Clear Outputs of All Cells) and hand it in again"
        )


def _read_cell(cell: object) -> dict[str, Any]:
    """Return the parts of a cell that count, whatever else is in it.

    Raises
    ------
    NotANotebook
        If it has no text.
    """
    source = _lines(cell.get("source")) if isinstance(cell, dict) else None
    if not isinstance(cell, dict) or source is None:
        raise NotANotebook("a damaged notebook (its cells are unreadable); ask for it again")
    kind = cell.get("cell_type")
    kept_kind = kind if kind in ("code", "raw") else "markdown"
    read = {"cell_type": kept_kind, "source": source}
    if kind == "heading":  # of notebooks made before 2015
        read["source"] = f"# {source}"
    metadata = cell.get("metadata")
    if not isinstance(metadata, dict):
        metadata = {}
    marks = nbgrader_metadata({"metadata": metadata})
    known = {key: _small(marks[key]) for key in MARKS if isinstance(marks, dict) and key in marks}
    tags = metadata.get("tags") or []
    kept = {"nbgrader": known, "tags": _small(tags) if isinstance(tags, list) else [_short(tags)]}
    return read | {"id": _small(cell.get("id")), "metadata": kept, "attachments": _pictures(cell)}


def _small(value: Any) -> Any:
    """Return a value of metadata, or as much of it as a flag shows."""
    if isinstance(value, list):
        return [_small(item) if isinstance(item, str) else _short(item) for item in value[:4]]
    if isinstance(value, str):
        return encodable(value[:200])
    if isinstance(value, int) and not isinstance(value, bool):
        return max(-(2**53), min(value, 2**53))
    return value if value is None or isinstance(value, bool | float) else {}


def _pictures(cell: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return the pictures that are attached to a cell."""
    attachments = cell.get("attachments")
    if not isinstance(attachments, dict):
        return {}
    found: dict[str, dict[str, str]] = {}
    for name, kinds in attachments.items():
        for kind, content in kinds.items() if isinstance(kinds, dict) else ():
            text = _lines(content)
            if kind in PICTURES and text is not None and len(text) <= 4 * LARGEST_PICTURE // 3:
                found[encodable(name)] = {kind: text}
    return found


def _lines(text: object) -> str | None:
    """Return a text that may be a list of lines; None if it is something else."""
    lines: list[Any] = text if isinstance(text, list) else [text]
    return encodable("".join(lines)) if all(isinstance(line, str) for line in lines) else None


def rebuild(source: bytes, submission: bytes) -> Rebuilt:
    """Put a student's answers into the instructor's notebook.

    Parameters
    ----------
    source : bytes
        The source notebook, with answers and hidden tests.
    submission : bytes
        What the student handed in.

    Returns
    -------
    Rebuilt
        With each added cell right after the cell that it followed.

    Raises
    ------
    NotANotebook
        If the submission is none.
    """
    return rebuild_from(source, read_notebook(submission))


def rebuild_from(source: bytes, handed_in: dict[str, Any]) -> Rebuilt:
    """Put the answers among a submission's cells into the instructor's notebook.

    Parameters
    ----------
    source : bytes
        The source notebook, with answers and hidden tests.
    handed_in : dict
        What `read_notebook` returned.

    Returns
    -------
    Rebuilt
        With each added cell right after the cell that it followed.
    """
    theirs = handed_in["cells"]
    ours = _read_source(source)
    known = {cell["id"]: cell for cell in ours["cells"]}
    found: dict[str, dict] = {}
    added: dict[str | None, list[dict]] = {}
    flags: list[str] = []
    anchor: str | None = None
    order: list[int] = []
    places = {name: place for place, name in enumerate(known)}
    for cell in theirs:
        name = _name_of(cell, known)
        if name is None:
            if cell["source"].strip():
                added.setdefault(anchor, []).append(_added(cell))
            continue
        kind = kind_of(known[name])
        if name in found:
            if kind in ("solution", "code") and cell["cell_type"] == "code":
                flags.append(f"cell {name} is there more than once; the second one was run as well")
                added.setdefault(anchor, []).append(_added(cell))
            else:
                flags.append(f"locked cell {name} is there more than once; one counted")
            continue
        found[name] = cell
        order.append(places[name])
        anchor = name
        flags += _oddities(name, kind, known[name], cell)
    if order != sorted(order):
        flags.append("cells were moved; they were graded in the course's order")
    missing = [
        name
        for name, cell in known.items()
        if name not in found and kind_of(cell) in ("solution", "test", "given", "setup")
    ]
    if missing:
        flags.append(f"cells are missing: {', '.join(missing[:8])}" + ", ..." * (len(missing) > 8))
    notebook = _assemble(ours, found, added)
    written = {
        cell["id"]
        for cell in notebook["cells"]
        if cell["cell_type"] == "code"
        and (cell["id"] not in known or cell["source"] != "".join(known[cell["id"]]["source"]))
    }
    return Rebuilt(notebook, flags, written, handed_in["python"])


def _python_of(notebook: dict[str, Any]) -> str | None:
    """Return the version of Python that a notebook's metadata names."""
    found: Any = notebook
    for key in ("metadata", "language_info", "version"):
        found = found.get(key) if isinstance(found, dict) else None
    return encodable(found[:40]) if isinstance(found, str) else None


@lru_cache(maxsize=16)  # chapters; a class shares them
def _read_source(source: bytes) -> dict[str, Any]:
    """Return the instructor's notebook, which nobody changes."""
    return json.loads(source)


@lru_cache(maxsize=4096)
def _versions(whole: str) -> tuple[str, str]:
    """Return a test cell with and without its hidden tests."""
    return whole.strip(), HIDDEN_TESTS.pattern.sub("", whole).strip()


def _name_of(cell: dict, known: dict[str, dict]) -> str | None:
    """Return which of the instructor's cells this is."""
    for name in (nbgrader_metadata(cell).get("grade_id"), cell.get("id")):
        if isinstance(name, str) and name in known:
            return name
    return None


def _oddities(name: str, kind: Kind, ours: dict, theirs: dict) -> Iterator[str]:
    if theirs["cell_type"] != ours["cell_type"]:
        yield f"cell {name} was made a {theirs['cell_type']} cell"
        return
    text = theirs["source"]
    if kind == "test":
        if text.strip() not in _versions("".join(ours["source"])):
            yield f"test cell {name} was edited; the instructor's was run"
    if kind in ("given", "setup") and text.strip() != "".join(ours["source"]).strip():
        yield f"locked cell {name} was edited; the instructor's was run"
    tags = theirs["metadata"].get("tags")
    if tags and tags != ours["metadata"].get("tags"):
        yield f"cell {name} carries tags of its own: {_short(tags)}"
    metadata = nbgrader_metadata(theirs)
    for key in ("points", "grade", "solution", "locked"):
        right = nbgrader_metadata(ours).get(key)
        if right is not None and key in metadata and metadata[key] != right:
            yield f"cell {name} says {key} {_short(metadata[key])}, {right} is right"


def _short(value: Any) -> str:
    """Return a few words for whatever is in a submission's metadata."""
    if isinstance(value, list):
        return ", ".join(map(_short, value[:3])) + ", ..." * (len(value) > 3)
    if value is None or isinstance(value, bool | int | float | str):
        return printable(value if isinstance(value, str) else repr(value), 30)
    return f"a {type(value).__name__}"


def _added(cell: dict) -> dict:
    """Return a cell that a student added, or the part of a cell that is the student's."""
    if cell["cell_type"] == "code":
        return {"cell_type": "code", "source": cell["source"]}
    return {"cell_type": "markdown", "source": cell["source"]} | _attached(cell)


def _attached(cell: dict) -> dict:
    return {"attachments": cell["attachments"]} if cell["attachments"] else {}


def _assemble(ours: dict, found: dict[str, dict], added: dict[str | None, list[dict]]) -> dict:
    cells: list[dict] = []
    count = 0

    def append_added(anchor: str | None) -> None:
        nonlocal count
        for cell in added.get(anchor, ()):
            count += 1
            cells.append(cell | {"id": f"added-{count}", "metadata": {}})

    append_added(None)
    for cell in ours["cells"]:
        name, kind = cell["id"], kind_of(cell)
        built = copy.deepcopy(cell)
        built["source"] = "".join(cell["source"])
        metadata = nbgrader_metadata(cell)
        theirs = found.get(name)
        if metadata.get("solution") or metadata.get("task"):  # in Markdown too, for a person
            built["source"] = theirs["source"] if theirs else DELETED
            if theirs and cell["cell_type"] != "code":
                built |= _attached(theirs)
        elif kind == "code":
            built["source"] = theirs["source"] if theirs else ""
        if built["source"] or kind != "code":
            cells.append(built)
        append_added(name)
    for cell in cells:
        cell["metadata"] = dict(cell["metadata"])
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    metadata = {"kernelspec": ours["metadata"].get("kernelspec", {})}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
