"""How does the vault open the SQLite file that the event log writes, and make its tables there?"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event

from ckbx.eventlog.sqlite.connect import open_writer
from ckbx.eventlog.sqlite.guard import authorize
from ckbx.vault.schema import sqlite_ddl

BUSY_SECONDS = 10
KEPT_OPEN = 40
"""Connections, one for each thread that answers pages: what is beyond would be opened and set
up anew for every question.
"""


def sqlite_engine(path: Path) -> Engine:
    """An engine on an existing SQLite file, configured as every writer of it must be.

    ``secure_delete`` on, durable commits, no checkpoint but those made under the writer
    lock. A transaction begins when SQLAlchemy begins one. Like every connection of the
    program it may not take the guards off the file, the vault's own included.
    """
    url = f"sqlite:///{path.absolute()}"
    how = {"timeout": BUSY_SECONDS, "isolation_level": None}
    engine = create_engine(url, connect_args=how, hide_parameters=True, pool_size=KEPT_OPEN)
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def create_sqlite_tables(path: Path) -> None:
    """Make the vault's tables and guards where they are missing, in one transaction.

    For ``init``, inside the writer lock. Raises sqlite3.Error, StoreUnavailable.
    """
    with closing(open_writer(path, guarded=False)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        for statement in sqlite_ddl():
            connection.execute(statement)
        connection.execute("COMMIT")


def _configure(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "wal_autocheckpoint=0",
        "secure_delete=ON",
        "recursive_triggers=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}").fetchall()
    cursor.close()
    connection.set_authorizer(authorize)


def _begin(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN")
