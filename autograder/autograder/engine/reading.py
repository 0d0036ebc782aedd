"""Reads a submission: what counts of it, whatever else is in the file."""

from __future__ import annotations

import json
import re
from typing import Any

from autograder.engine.released import MARKS
from autograder.engine.text import encodable, printable
from autograder.untrusted import LARGEST_PICTURE, PICTURES

LARGEST = 64 * 2**20  # bytes of a submission
MOST_CELLS = 20_000
MOST_BRACKETS = 2_000_000  # each may take as much memory as a hundred characters
MOST_CODE = 2 * 2**20  # characters in all code cells
MOST_TEXT = 2 * 2**20  # in all others
MOST_PICTURES = 3 * 2**20  # characters of all attached pictures; what is more is left out
KEPT = frozenset(("grade_id", "checksum", *MARKS))  # of nbgrader's metadata


class NotANotebook(Exception):
    """A submission that can't be read as a notebook; the message says why and what to do."""


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
    if content.count(b"[") + content.count(b"{") > MOST_BRACKETS:
        raise NotANotebook("it takes too much memory; clear its outputs and hand it in again")
    try:
        notebook = json.loads(content)
    except (ValueError, RecursionError):
        if content.strip().startswith(b"{") and not content.strip().endswith(b"}"):
            raise NotANotebook("the file is cut off before its end; ask for it again") from None
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
    sizes = {"code": 0, "text": 0}
    for cell in read:
        sizes["code" if cell["cell_type"] == "code" else "text"] += len(cell["source"])
    for kind, most in (("code", MOST_CODE), ("text", MOST_TEXT)):
        if (size := sizes[kind]) > most:
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
    if "\r" in source:
        source = re.sub(r"\r\n?", "\n", source)  # the line ends that Python sees anyway
    if kind == "heading":  # of notebooks made before 2015
        source = f"# {source}"
    metadata = cell.get("metadata")
    if not isinstance(metadata, dict):
        metadata = {}
    marks = metadata.get("nbgrader")
    known = {}
    if isinstance(marks, dict):
        known = {key: _small(value) for key, value in marks.items() if key in KEPT}
    tags = metadata.get("tags") or []
    kept = {"nbgrader": known, "tags": _small(tags) if isinstance(tags, list) else [short(tags)]}
    return {
        "cell_type": kind if kind in ("code", "raw") else "markdown",
        "source": source,
        "id": _small(cell.get("id")),
        "metadata": kept,
        "attachments": _pictures(cell) if "attachments" in cell else {},
    }


def _small(value: Any) -> Any:
    """Return a value of metadata, or as much of it as a flag shows."""
    if isinstance(value, str):
        return encodable(value[:200])
    if isinstance(value, list):
        return [_small(item) if isinstance(item, str) else short(item) for item in value[:4]]
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
    try:
        return encodable("".join(text if isinstance(text, list) else [text]))  # type: ignore[list-item]
    except TypeError:
        return None


def _python_of(notebook: dict[str, Any]) -> str | None:
    """Return the version of Python that a notebook's metadata names."""
    found: Any = notebook
    for key in ("metadata", "language_info", "version"):
        found = found.get(key) if isinstance(found, dict) else None
    return encodable(found[:40]) if isinstance(found, str) else None


def short(value: Any) -> str:
    """Return a few words for whatever is in a submission's metadata."""
    if isinstance(value, list):
        return ", ".join(map(short, value[:3])) + ", ..." * (len(value) > 3)
    if value is None or isinstance(value, bool | int | float | str):
        return printable(value if isinstance(value, str) else repr(value), 30)
    return f"a {type(value).__name__}"
