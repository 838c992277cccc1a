"""How does the vault open the SQLite file that the event log writes?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event

BUSY_SECONDS = 10


def sqlite_engine(path: Path) -> Engine:
    """An engine on an existing SQLite file, configured as every writer of it must be.

    ``secure_delete`` on, durable commits, no checkpoint but those made under the writer
    lock. A transaction begins when SQLAlchemy begins one.
    """
    url = f"sqlite:///{path.absolute()}"
    how = {"timeout": BUSY_SECONDS, "isolation_level": None}
    engine = create_engine(url, connect_args=how, hide_parameters=True)
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


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


def _begin(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN")
