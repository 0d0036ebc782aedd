"""Makes the tables of nbgrader's gradebook, all of them or none."""

from __future__ import annotations

from alembic.script import ScriptDirectory
from nbgrader.api import Base
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import Connection, create_engine, inspect, text


def make_tables(connection: Connection) -> None:
    """Make nbgrader's tables as it makes them itself, within the connection's transaction.

    nbgrader makes one table after the other and then calls `alembic` from PATH; what is killed in
    between leaves a gradebook that nothing can open.
    """
    version = ScriptDirectory(ALEMBIC_DIR).get_current_head()
    Base.metadata.create_all(connection)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
    connection.execute(
        text("INSERT INTO alembic_version (version_num) VALUES (:version)"), {"version": version}
    )


def make_missing_tables(url: str) -> None:
    """Make the tables of a gradebook that has none."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            if not inspect(connection).has_table("submitted_assignment"):
                make_tables(connection)
    finally:
        engine.dispose()
