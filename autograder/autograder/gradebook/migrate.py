"""Gives the gradebook a chapter's cells as the source has them now.

nbgrader refuses to add or remove cells once there are submissions. Here the rows of new cells are
added, those of cells that are gone are deleted, and everything else stays: submissions, times,
extensions, points and comments of a person. What a person gave for a cell that is gone is set
aside, because the cell may return.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from autograder.course.notebooks import nbgrader_metadata
from autograder.gradebook import tables

# cells of a type have rows in this table, and what is given for them has rows in those
DETAILS = {
    "GradeCell": tables.grade_cells,
    "SolutionCell": tables.solution_cells,
    "TaskCell": tables.task_cells,
}
GIVEN = {
    "GradeCell": (tables.grade,),
    "SolutionCell": (tables.comment,),
    "TaskCell": (tables.grade, tables.comment),
}
BY_PERSON = ("manual_score", "extra_credit", "manual_comment")


def _id() -> str:
    return uuid.uuid4().hex


def migrate(connection: sa.Connection, chapter: str, source: bytes) -> list[str]:
    """Add and delete the rows of cells; return the names of those added and of those deleted.

    Nothing is done where nbgrader can do it: without submissions.

    Parameters
    ----------
    connection
        In a transaction that may write.
    chapter : str
        The chapter's name.
    source : bytes
        Its source notebook.
    """
    assignment, notebook = tables.assignment.c, tables.notebook.c
    notebook_id = connection.scalar(
        sa.select(notebook.id)
        .join(tables.assignment, notebook.assignment_id == assignment.id)
        .where(assignment.name == chapter, notebook.name == chapter)
    )
    submitted = tables.submitted.c
    handed_in = list(
        connection.scalars(sa.select(submitted.id).where(submitted.notebook_id == notebook_id))
    )
    if notebook_id is None or not handed_in:
        return []
    cells = json.loads(source)["cells"]
    wanted = {(name, kind): cell for cell in cells for name, kind in _rows_of(cell)}
    base = tables.base_cell.c
    known = {
        (row.name, row.type): row.id
        for row in connection.execute(
            sa.select(base.id, base.name, base.type).where(base.notebook_id == notebook_id)
        )
    }
    for name, kind in known.keys() - wanted.keys():
        _remove(connection, known[name, kind], name, kind)
    for name, kind in sorted(wanted.keys() - known.keys()):
        _add(connection, notebook_id, handed_in, name, kind, wanted[name, kind])
    _match_sources(connection, notebook_id, cells)
    return sorted({name for name, _ in wanted.keys() ^ known.keys()})


def _rows_of(cell: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the name and the type of each row that nbgrader makes for a cell."""
    metadata = nbgrader_metadata(cell)
    for mark, kind in (("grade", "GradeCell"), ("solution", "SolutionCell"), ("task", "TaskCell")):
        if metadata.get(mark):
            yield metadata["grade_id"], kind


def _remove(connection: sa.Connection, cell_id: str, name: str, kind: str) -> None:
    for given in GIVEN[kind]:
        kept = [column for column in given.c if column.name in BY_PERSON]
        something = sa.or_(*(column.is_not(None) for column in kept))
        rows = connection.execute(
            sa.select(given.c.notebook_id, *kept).where(given.c.cell_id == cell_id, something)
        ).mappings()
        for row in rows.all():
            key = {"submitted_notebook": row["notebook_id"], "cell": name, "type": kind}
            values = {column.name: row[column.name] for column in kept}
            tables.put(connection, tables.set_aside, key, values)
        connection.execute(given.delete().where(given.c.cell_id == cell_id))
    for table in (DETAILS[kind], tables.base_cell):
        connection.execute(table.delete().where(table.c.id == cell_id))


def _add(
    connection: sa.Connection,
    notebook_id: str,
    handed_in: list[str],
    name: str,
    kind: str,
    cell: dict[str, Any],
) -> None:
    cell_id = _id()
    row = {"id": cell_id, "name": name, "notebook_id": notebook_id, "type": kind}
    connection.execute(tables.base_cell.insert().values(**row))
    details: dict[str, Any] = {"id": cell_id}
    if kind != "SolutionCell":
        points = float(nbgrader_metadata(cell).get("points", 0))
        details |= {"max_score": points, "cell_type": cell["cell_type"]}
    connection.execute(DETAILS[kind].insert().values(**details))
    aside = tables.set_aside.c
    mine = sa.and_(aside.cell == name, aside.type == kind, aside.submitted_notebook.in_(handed_in))
    kept = {
        row["submitted_notebook"]: row
        for row in connection.execute(sa.select(tables.set_aside).where(mine)).mappings()
    }
    for given in GIVEN[kind]:
        rows = []
        for submitted in handed_in:
            values: dict[str, Any] = {"id": _id(), "notebook_id": submitted, "cell_id": cell_id}
            for column in given.c:
                if column.name in BY_PERSON:
                    values[column.name] = (
                        kept[submitted][column.name] if submitted in kept else None
                    )
            if given is tables.grade:
                values["needs_manual_grade"] = values["manual_score"] is not None
            rows.append(values)
        connection.execute(given.insert(), rows)
    connection.execute(tables.set_aside.delete().where(mine))


def _match_sources(
    connection: sa.Connection, notebook_id: str, cells: list[dict[str, Any]]
) -> None:
    """Add and delete the rows of cells' sources; nbgrader itself fills them in."""
    source = tables.source_cell.c
    known = set(connection.scalars(sa.select(source.name).where(source.notebook_id == notebook_id)))
    wanted = {}
    for cell in cells:
        metadata = nbgrader_metadata(cell)
        if any(metadata.get(mark) for mark in ("grade", "solution", "locked", "task")):
            wanted[metadata["grade_id"]] = cell["cell_type"]
    gone = sa.and_(source.notebook_id == notebook_id, source.name.in_(known - wanted.keys()))
    connection.execute(tables.source_cell.delete().where(gone))
    for name in sorted(wanted.keys() - known):
        row = {"id": _id(), "name": name, "notebook_id": notebook_id, "cell_type": wanted[name]}
        connection.execute(tables.source_cell.insert().values(**row, locked=False))
