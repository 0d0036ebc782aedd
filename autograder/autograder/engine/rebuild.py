"""Rebuild, don't repair: the notebook that is graded starts as the instructor's own.

From the submission come the sources of solution cells, of the cells that students may change, and
of cells that they added. Nothing else of it survives: no metadata, tag, output, type or locked
cell. Everything odd about the submission is noted for a person to see.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from autograder.course.notebooks import Kind, kind_of, nbgrader_metadata
from autograder.engine.reading import read_notebook, short
from autograder.engine.released import MARKS, NAMED, Releases, keeps_its_checksum, traces_of

# how `rebuild` words what may be an accident, or an editor's doing; all else has to be meant
MILD = re.compile(
    r"(test |locked )?cells? (\S+ (was edited|says|carries tags|is there more|was made a)"
    r"|are missing|were moved)"
)
DELETED = "# This cell is missing from what was handed in."


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

    def code_cells(self) -> list[dict[str, Any]]:
        """Return the code cells of the notebook in order."""
        return [cell for cell in self.notebook["cells"] if cell["cell_type"] == "code"]


def rebuild(source: bytes, submission: bytes, released: Collection[str] = ()) -> Rebuilt:
    """Put a student's answers into the instructor's notebook.

    Parameters
    ----------
    source : bytes
        The source notebook, with answers and hidden tests.
    submission : bytes
        What the student handed in.
    released : collection of str
        The traces of earlier releases; see `autograder.engine.released`.

    Returns
    -------
    Rebuilt
        With each added cell right after the cell that it followed.

    Raises
    ------
    NotANotebook
        If the submission is none.
    """
    return rebuild_from(source, read_notebook(submission), released)


def rebuild_from(
    source: bytes, handed_in: dict[str, Any], released: Collection[str] = ()
) -> Rebuilt:
    """Put the answers among a submission's cells into the instructor's notebook.

    Parameters
    ----------
    source : bytes
        The source notebook, with answers and hidden tests.
    handed_in : dict
        What `read_notebook` returned.
    released : collection of str
        The traces of earlier releases; see `autograder.engine.released`.

    Returns
    -------
    Rebuilt
        With each added cell right after the cell that it followed.
    """
    theirs = handed_in["cells"]
    ours = _read_source(source)
    known = {cell["id"]: cell for cell in ours["cells"]}
    releases = Releases(traces_of(source) | frozenset(released))
    found: dict[str, dict] = {}
    taken_away: list[str] = []
    added: dict[str | None, list[dict]] = {}
    flags: list[str] = []
    anchor: str | None = None
    order: list[int] = []
    places = {name: place for place, name in enumerate(known)}
    for cell in theirs:
        name = _name_of(cell, known)
        if name is None:
            if releases.took_away(cell, cell["source"]):
                taken_away.append(nbgrader_metadata(cell)["grade_id"])
            elif cell["source"].strip():
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
        flags += _oddities(name, kind, known[name], cell, releases)
    if order != sorted(order):
        flags.append("cells were moved; they were graded in the course's order")
    named = [name for name, cell in known.items() if kind_of(cell) in NAMED]
    missing = [name for name in named if name not in found]
    if missing and not releases.had_just([*taken_away, *(n for n in named if n in found)]):
        flags.append(f"cells are missing: {', '.join(missing[:8])}" + ", ..." * (len(missing) > 8))
    notebook = _assemble(ours, found, added)
    written = {
        cell["id"]
        for cell in notebook["cells"]
        if cell["cell_type"] == "code" and not _is_ours(cell, known.get(cell["id"]), releases)
    }
    return Rebuilt(notebook, flags, written, handed_in["python"])


@lru_cache(maxsize=16)  # chapters; a class shares them
def _read_source(source: bytes) -> dict[str, Any]:
    """Return the instructor's notebook, which nobody changes."""
    return json.loads(source)


def _name_of(cell: dict, known: dict[str, dict]) -> str | None:
    """Return which of the instructor's cells this is."""
    for name in (nbgrader_metadata(cell).get("grade_id"), cell.get("id")):
        if isinstance(name, str) and name in known:
            return name
    return None


def _is_ours(cell: dict, ours: dict | None, releases: Releases) -> bool:
    """Whether a cell is as in the source; or one that need not be answered, as in a release."""
    if ours is None:
        return False
    if cell["source"] == "".join(ours["source"]):
        return True
    return kind_of(ours) == "code" and releases.had(cell["id"], "source", cell["source"])


def _oddities(name: str, kind: Kind, ours: dict, theirs: dict, releases: Releases) -> Iterator[str]:
    """Yield what is neither as in the source nor as in any release."""
    if theirs["cell_type"] != ours["cell_type"]:
        yield f"cell {name} was made a {theirs['cell_type']} cell"
        return
    text = theirs["source"]
    intact = keeps_its_checksum(theirs, text)
    if kind in ("test", "given", "setup") and not (intact or releases.had(name, "source", text)):
        what = "test" if kind == "test" else "locked"
        yield f"{what} cell {name} was edited; the instructor's was run"
    tags = theirs["metadata"].get("tags")
    if tags and not releases.had(name, "tags", tags):
        yield f"cell {name} carries tags of its own: {short(tags)}"
    metadata = nbgrader_metadata(theirs)
    for key in MARKS:
        right = nbgrader_metadata(ours).get(key)
        if right is None or key not in metadata or releases.had(name, key, metadata[key]):
            continue
        if key != "points" or not intact:
            yield f"cell {name} says {key} {short(metadata[key])}, {right} is right"


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
        built = dict(cell)  # nobody changes what is in the instructor's cell
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
