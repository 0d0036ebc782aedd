"""The tables of nbgrader's gradebook as far as we write them, and six of our own.

nbgrader's models are not imported for this: that takes seconds, most of what a run with little to
do would take. A test compares these columns with nbgrader's.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    DateTime,
    Float,
    Insert,
    Interval,
    MetaData,
    String,
    Table,
    TableClause,
    Text,
    Update,
    and_,
    bindparam,
    column,
    table,
)

UNTOUCHED = "No response."  # nbgrader's comment on an answer that is as it was released


def _ids(*names: str) -> list:
    return [column(name, String) for name in names]


student = table("student", *_ids("id", "first_name", "last_name", "email"))
assignment = table("assignment", *_ids("id", "name"), column("duedate", DateTime))
notebook = table("notebook", *_ids("id", "name", "assignment_id"))
base_cell = table("base_cell", *_ids("id", "name", "notebook_id", "type"))
grade_cells = table("grade_cells", *_ids("id", "cell_type"), column("max_score", Float))
solution_cells = table("solution_cells", *_ids("id"))
task_cells = table("task_cells", *_ids("id", "cell_type"), column("max_score", Float))
source_cell = table(
    "source_cell",
    *_ids("id", "name", "notebook_id", "source", "cell_type"),
    column("locked", Boolean),
)
submission = table(
    "submitted_assignment",
    *_ids("id", "assignment_id", "student_id"),
    column("timestamp", DateTime),
    column("extension", Interval),
)
submitted = table(
    "submitted_notebook",
    *_ids("id", "assignment_id", "notebook_id"),
    column("flagged", Boolean),
    column("late_submission_penalty", Float),
)
grade = table(
    "grade",
    *_ids("id", "notebook_id", "cell_id"),
    column("auto_score", Float),
    column("manual_score", Float),
    column("extra_credit", Float),
    column("needs_manual_grade", Boolean),
)
comment = table("comment", *_ids("id", "notebook_id", "cell_id", "auto_comment", "manual_comment"))
NBGRADERS = (
    student, assignment, notebook, base_cell, grade_cells, solution_cells, task_cells, source_cell,
    submission, submitted, grade, comment,
)  # fmt: skip


def _whose() -> list[Column]:
    """Return the key of what is noted about a submission."""
    return [Column(name, String(128), primary_key=True) for name in ("student", "chapter")]


ours = MetaData()
ledger = Table(
    "autograder_ledger",
    ours,
    *_whose(),
    Column("key", String(64), nullable=False),
    Column("flags", Text, nullable=False),
)
# what is no notebook, and why: it is not read again
refused = Table(
    "autograder_refused",
    ours,
    *_whose(),
    Column("key", String(64), nullable=False),
    Column("reason", Text, nullable=False),
)
# what was found in each submission, for the report; how the attempt before it did, for feedback
results = Table(
    "autograder_results",
    ours,
    *_whose(),
    Column("attempt", String(64), nullable=False),
    Column("tests", Text, nullable=False),
    Column("before", Text, nullable=False),
)
# hashes of the chapter's cells as nbgrader has them, and of the source they were read from
chapters = Table(
    "autograder_chapters",
    ours,
    Column("chapter", String(128), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("cells", String(64), nullable=False),
)
# what is known of every release that students may have; see `autograder.engine.released`
released = Table(
    "autograder_released",
    ours,
    Column("chapter", String(128), primary_key=True),
    Column("trace", String(32), primary_key=True),
)
# what a person gave for cells that the source has lost: they get it back if the cell returns
set_aside = Table(
    "autograder_set_aside",
    ours,
    Column("submitted_notebook", String(32), primary_key=True),
    Column("cell", String(128), primary_key=True),
    Column("type", String(32), primary_key=True),
    Column("manual_score", Float),
    Column("extra_credit", Float),
    Column("manual_comment", Text),
)


def put(connection: Connection, table: TableClause, key: Mapping, values: Mapping) -> None:
    """Update the row with this key, or insert it."""
    update, insert = _statements(table, tuple(key), tuple(values))
    parameters = {f"key_{name}": value for name, value in key.items()} | dict(values)
    if not connection.execute(update, parameters).rowcount:
        connection.execute(insert, {**key, **values})


@cache  # to build a statement takes longer than to run it
def _statements(
    table: TableClause, key: tuple[str, ...], values: tuple[str, ...]
) -> tuple[Update, Insert]:
    mine = and_(*(table.c[name] == bindparam(f"key_{name}") for name in key))
    update = table.update().where(mine).values({name: bindparam(name) for name in values})
    return update, table.insert().values({name: bindparam(name) for name in (*key, *values)})
