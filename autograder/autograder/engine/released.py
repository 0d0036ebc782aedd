"""What was released to students: a cell that agrees with some release was not edited by a student.

The source changes after a release: a test is corrected, points are moved, a test comes or goes.
Two things tell an older release from an edit. A released cell carries nbgrader's checksum of its
own source and points; and whoever grades a class can keep the *traces* of all releases it has seen.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from autograder.course.notebooks import HIDDEN_TESTS, kind_of, nbgrader_metadata

MARKS = ("points", "grade", "solution", "locked")
NAMED = ("solution", "test", "given", "setup")  # kinds of cells that a submission should hold


def plain(source: str) -> str:
    """Return a cell's source as it is compared: line ends and spaces before them don't count."""
    return "\n".join(line.rstrip() for line in source.splitlines()).strip()


def _trace(name: str, what: str, value: Any) -> str:
    """Return a short hash of one fact about a cell."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53:
        value = float(value)  # 2 and 2.0 points are the same
    text = json.dumps([name, what, value])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]


@lru_cache(maxsize=32)  # chapters, as they are and as they were released
def traces_of(notebook: bytes) -> frozenset[str]:
    """Return the traces of a source notebook or of a released one.

    Raises
    ------
    ValueError
        If it is no notebook.
    """
    found: set[str] = set()
    names = []
    for cell in json.loads(notebook)["cells"]:
        kind, whole = kind_of(cell), "".join(cell["source"])
        metadata = nbgrader_metadata(cell)
        name = metadata.get("grade_id") or cell.get("id", "")
        if kind in NAMED:
            names.append(name)
        if kind != "markdown":
            for text in (whole, HIDDEN_TESTS.pattern.sub("", whole)):
                found.add(_trace(name, "source", plain(text)))
        found |= {_trace(name, mark, metadata[mark]) for mark in MARKS if mark in metadata}
        found.add(_trace(name, "tags", cell["metadata"].get("tags", [])))
    found.add(_trace("", "names", sorted(names)))
    return frozenset(found)


class Releases:
    """The releases that a submission is compared with.

    Parameters
    ----------
    traces : iterable of str
        From `traces_of`, of every release that is known.
    """

    def __init__(self, traces: Iterable[str]) -> None:
        self._traces = frozenset(traces)

    def had(self, name: str, what: str, value: Any) -> bool:
        """Return whether in some release a cell had a source, a mark or tags."""
        if isinstance(value, list):
            value = [part for part in value if isinstance(part, str)]
        elif not isinstance(value, bool | int | float | str):
            return False
        value = plain(value) if what == "source" else value
        return _trace(name, what, value) in self._traces

    def had_just(self, names: Iterable[str]) -> bool:
        """Return whether some release had cells of these names and no others."""
        return _trace("", "names", sorted(names)) in self._traces

    def took_away(self, cell: dict, source: str) -> bool:
        """Return whether a cell that the source does not have is a test, or locked, of a release.

        Parameters
        ----------
        cell : dict
            As it was handed in.
        source : str
            Its text.
        """
        metadata = nbgrader_metadata(cell)
        name = metadata.get("grade_id")
        if not isinstance(name, str) or metadata.get("solution"):
            return False
        if not (metadata.get("grade") or metadata.get("locked")):
            return False
        return self.had(name, "source", source) or keeps_its_checksum(cell, source)


def keeps_its_checksum(cell: dict, source: str) -> bool:
    """Return whether a cell's type, source, marks and points agree with nbgrader's checksum of it.

    Parameters
    ----------
    cell : dict
        As it was handed in.
    source : str
        Its text, with the line ends that nbgrader wrote.
    """
    metadata = nbgrader_metadata(cell)
    grade, solution, locked = (metadata.get(mark, False) for mark in MARKS[1:])
    parts = [source, cell["cell_type"], str(grade), str(solution)]
    parts += [str(False if solution else True if grade else locked), str(metadata.get("grade_id"))]
    if grade:
        points = metadata.get("points")
        if isinstance(points, bool) or not isinstance(points, int | float) or abs(points) > 2**53:
            return False
        parts.append(str(float(points)))
    whole = "".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.md5(whole, usedforsecurity=False).hexdigest() == metadata.get("checksum")
