"""Read a course notebook as what it is: headings, exercises, given cells, solutions, tests.

nbgrader's words, which mark cells and regions of cells, are spelled here and nowhere else.
"""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from autograder.errors import UserError

HEADING = re.compile(r"^### Exercise (\d+\.\d+)( ★)? · (.+) \((\d+) points?\)$", re.MULTILINE)
MINUTES = re.compile(r"^\*About (\d+) minutes?\.\*", re.MULTILINE)


@dataclass(frozen=True)
class Region:
    """Lines of a cell between two marks, which students do not get.

    Attributes
    ----------
    name : str
        What the marks call it.
    """

    name: str

    @property
    def begin(self) -> str:
        """The mark in the first line."""
        return f"### BEGIN {self.name}"

    @property
    def end(self) -> str:
        """The mark in the last line."""
        return f"### END {self.name}"

    @property
    def pattern(self) -> re.Pattern[str]:
        """What matches a region with its marks, as whole lines."""
        flags = re.DOTALL | re.MULTILINE
        return re.compile(rf"^[^\n]*{self.begin}.*?{self.end}[^\n]*\n?", flags)


SOLUTION, HIDDEN_TESTS = Region("SOLUTION"), Region("HIDDEN TESTS")
# this course's own: below it, in a solution region, is what students get instead, as comments
RELEASE_INSTEAD = "### RELEASE INSTEAD"

Kind = Literal["markdown", "setup", "solution", "test", "given", "code"]


@dataclass(frozen=True)
class Cell:
    """One cell of a course notebook.

    Attributes
    ----------
    id : str
        The cell's id.
    kind : Kind
        ``markdown``, ``setup`` (runs for student and tests alike), ``solution``, ``test``,
        ``given`` (locked, runs beside the student's code) or ``code``.
    source : str
        The text.
    points : int
        What a test cell is worth, otherwise 0.
    raw : dict
        The cell as it is in the file.
    """

    id: str
    kind: Kind
    source: str
    points: int
    raw: dict[str, Any]

    def tree(self) -> ast.Module:
        """Return the parsed source of a code cell; lines with magics count as blank.

        Raises
        ------
        SyntaxError
            If it is not Python.
        """
        return ast.parse(re.sub(r"^\s*[%!].*$", "", self.source, flags=re.MULTILINE))


@dataclass
class Exercise:
    """One exercise: the cells from its heading to the next heading of its rank or higher.

    Attributes
    ----------
    number, title : str
        Such as ``1.7`` and the words after it.
    stretch : bool
        Whether it is marked ★.
    points, minutes : int
        As the heading says; 0 minutes where it says nothing.
    cells : list of Cell
        The heading's cell first.
    """

    number: str
    title: str
    stretch: bool
    points: int
    minutes: int
    cells: list[Cell] = field(default_factory=list)

    def of_kind(self, kind: Kind) -> list[Cell]:
        """Return the cells of one kind in order."""
        return [cell for cell in self.cells if cell.kind == kind]


def nbgrader_metadata(raw: dict[str, Any]) -> dict[str, Any]:
    """Return what nbgrader notes about a cell, such as ``grade_id``; nothing for an ordinary one.

    Parameters
    ----------
    raw : dict
        A cell as it is in the file, or nbformat's node of one.
    """
    return raw["metadata"].get("nbgrader", {})


def kind_of(raw: dict[str, Any]) -> Kind:
    """Return the kind of a cell; see `Cell`."""
    if raw["cell_type"] != "code":
        return "markdown"
    if "setup" in raw["metadata"].get("tags", []):
        return "setup"
    metadata = nbgrader_metadata(raw)
    if metadata.get("solution"):  # also an answer that a person grades, which has points itself
        return "solution"
    if metadata.get("grade"):
        return "test"
    return "given" if metadata.get("locked") else "code"


def only_shows(raw: dict[str, Any]) -> bool:
    """Return whether a cell is tagged `figure`: only others of the kind need what it defines.

    Such a cell is not run when grading, unless the student has changed it or reads what it defines.
    """
    return kind_of(raw) == "code" and "figure" in raw["metadata"].get("tags", [])


def read_cells(notebook: Path) -> list[Cell]:
    """Return the cells of a notebook file.

    Raises
    ------
    UserError
        If the file cannot be read or is no notebook.
    """
    try:
        return [
            Cell(
                id=raw.get("id", ""),
                kind=kind_of(raw),
                source="".join(raw["source"]),
                points=int(nbgrader_metadata(raw).get("points", 0)),
                raw=raw,
            )
            for raw in json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        ]
    except FileNotFoundError:
        raise UserError(
            f"{notebook}: missing; a chapter's notebook has the name of its folder"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            f"{notebook}: not a notebook ({type(error).__name__}: {error}); restore it from git"
        ) from None


def title_of(cells: list[Cell]) -> str | None:
    """Return the title of a chapter, from the heading of its first cell."""
    match = re.search(r"^# (.+)$", cells[0].source, flags=re.MULTILINE) if cells else None
    return match[1] if match else None


def exercises_of(cells: list[Cell]) -> list[Exercise]:
    """Return the exercises of a chapter in order."""
    found: list[Exercise] = []
    inside = False
    for cell in cells:
        match = HEADING.search(cell.source) if cell.kind == "markdown" else None
        if match:
            minutes = MINUTES.search(cell.source)
            found.append(
                Exercise(
                    number=match[1],
                    title=match[3],
                    stretch=bool(match[2]),
                    points=int(match[4]),
                    minutes=int(minutes[1]) if minutes else 0,
                )
            )
            inside = True
        elif cell.kind == "markdown" and re.match(r"#{1,3} ", cell.source):
            inside = False
        if inside:
            found[-1].cells.append(cell)
    return found
