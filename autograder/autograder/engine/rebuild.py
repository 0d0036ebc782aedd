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
from typing import Any, NamedTuple

from autograder.course.notebooks import Kind, kind_of, nbgrader_metadata
from autograder.engine.reading import read_notebook, short
from autograder.engine.released import MARKS, NAMED, Releases, keeps_its_checksum, traces_of

# how `rebuild` words what may be an accident, or an editor's doing; all else has to be meant
MILD = re.compile(
    r"(test |locked )?cells? (\S+ (was edited|says|carries tags|is there more|was made a)"
    r"|are missing|were moved)"
)
_MISSING = object()
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
    known, kinds = ours.cells, ours.kinds
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
        kind = kinds[name]
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
    named = [name for name, kind in kinds.items() if kind in NAMED]
    missing = [name for name in named if name not in found]
    if missing and not releases.had_just([*taken_away, *(n for n in named if n in found)]):
        flags.append(f"cells are missing: {', '.join(missing[:8])}" + ", ..." * (len(missing) > 8))
    notebook = _assemble(ours, found, added)
    written = {
        cell["id"]
        for cell in notebook["cells"]
        if cell["cell_type"] == "code" and not _is_ours(cell, ours, releases)
    }
    return Rebuilt(notebook, flags, written, handed_in["python"])


class Source(NamedTuple):
    """The instructor's notebook, which nobody changes; a class shares it.

    Attributes
    ----------
    metadata : dict
        The notebook's.
    cells : dict of str to dict
        By id and in order, each with its source as one text.
    kinds : dict of str to str
        Of the cells.
    """

    metadata: dict[str, Any]
    cells: dict[str, dict[str, Any]]
    kinds: dict[str, Kind]


@lru_cache(maxsize=16)  # chapters
def _read_source(source: bytes) -> Source:
    notebook = json.loads(source)
    cells = {c["id"]: c | {"source": "".join(c["source"])} for c in notebook["cells"]}
    return Source(notebook["metadata"], cells, {name: kind_of(c) for name, c in cells.items()})


def _name_of(cell: dict, known: dict[str, dict]) -> str | None:
    """Return which of the instructor's cells this is."""
    for name in (nbgrader_metadata(cell).get("grade_id"), cell.get("id")):
        if isinstance(name, str) and name in known:
            return name
    return None


def _is_ours(cell: dict, ours: Source, releases: Releases) -> bool:
    """Whether a cell is as in the source; or one that need not be answered, as in a release."""
    name = cell["id"]
    if name not in ours.cells:
        return False
    if cell["source"] == ours.cells[name]["source"]:
        return True
    return ours.kinds[name] == "code" and releases.had(name, "source", cell["source"])


def _oddities(name: str, kind: Kind, ours: dict, theirs: dict, releases: Releases) -> Iterator[str]:
    """Yield what is neither as in the source nor as in any release.

    The releases are asked last: that takes a hash, and most cells are as in the source.
    """
    if theirs["cell_type"] != ours["cell_type"]:
        yield f"cell {name} was made a {theirs['cell_type']} cell"
        return
    text = theirs["source"]
    if kind in ("test", "given", "setup"):
        if not (keeps_its_checksum(theirs, text) or releases.had(name, "source", text)):
            what = "test" if kind == "test" else "locked"
            yield f"{what} cell {name} was edited; the instructor's was run"
    tags = theirs["metadata"].get("tags")
    if tags and tags != ours["metadata"].get("tags") and not releases.had(name, "tags", tags):
        yield f"cell {name} carries tags of its own: {short(tags)}"
    rights, metadata = nbgrader_metadata(ours), nbgrader_metadata(theirs)
    for key in MARKS:
        right, says = rights.get(key), metadata.get(key, _MISSING)
        if right is None or says is _MISSING or (type(says), says) == (type(right), right):
            continue
        if releases.had(name, key, says):
            continue
        if key != "points" or not keeps_its_checksum(theirs, text):
            yield f"cell {name} says {key} {short(says)}, {right} is right"


def _added(cell: dict) -> dict:
    """Return a cell that a student added, or the part of a cell that is the student's."""
    if cell["cell_type"] == "code":
        return {"cell_type": "code", "source": cell["source"]}
    return {"cell_type": "markdown", "source": cell["source"]} | _attached(cell)


def _attached(cell: dict) -> dict:
    return {"attachments": cell["attachments"]} if cell["attachments"] else {}


def _assemble(ours: Source, found: dict[str, dict], added: dict[str | None, list[dict]]) -> dict:
    cells: list[dict] = []
    count = 0

    def append_added(anchor: str | None) -> None:
        nonlocal count
        for cell in added.get(anchor, ()):
            count += 1
            cells.append(cell | {"id": f"added-{count}", "metadata": {}})

    append_added(None)
    for name, cell in ours.cells.items():
        kind, built = ours.kinds[name], dict(cell)  # nobody changes what is in it
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
    metadata = {"kernelspec": ours.metadata.get("kernelspec", {})}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
