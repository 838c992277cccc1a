"""By which statements does ``ckbx init`` make the tables of signing in and their guards?

Every statement may be run again. On PostgreSQL the owner runs them, after the vault's.
"""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Dialect, Engine, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from ckbx.access.tables import metadata, sign_ins
from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.eventlog.checks import check_guards
from ckbx.eventlog.sqlite.connect import open_writer

_LOG: Final = sign_ins.name
_CHANGED: Final = (
    "access_credentials, access_sessions, access_api_tokens, access_tries, access_runs,"
    " access_identities, access_handshakes, access_handed_in, access_handed_pieces"
)
_ROLE: Final = re.compile(r"[a-z_][a-z0-9_]*")
_SAID: Final = "登录记录只能追加，不能修改或删除"
_TAKEN: Final = f"EXISTS (SELECT 1 FROM {_LOG} WHERE id = NEW.id)"  # noqa: S608 - own names
_GUARDS: Final = {
    f"{_LOG}_no_update": f"UPDATE ON {_LOG}",
    f"{_LOG}_no_delete": f"DELETE ON {_LOG}",
    f"{_LOG}_no_replace": f"INSERT ON {_LOG} WHEN {_TAKEN}",
}


def create_sqlite_tables(path: Path) -> None:
    """Make tables and guards where they are missing, in one transaction.

    For ``init``, inside the writer lock. Raises sqlite3.Error, StoreUnavailable.
    """
    with closing(open_writer(path, guarded=False)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        for statement in sqlite_ddl():
            connection.execute(statement)
        connection.execute("COMMIT")


def sqlite_ddl() -> list[str]:
    """The statements for SQLite."""
    return _tables(sqlite.dialect()) + [
        f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {when}"
        f" BEGIN SELECT RAISE(ABORT, '{_SAID}（{name}）'); END"
        for name, when in _GUARDS.items()
    ]


def postgres_ddl() -> list[str]:
    """The statements for PostgreSQL, in the vault's schema: its function refuses a change."""
    done = _tables(postgresql.dialect())  # type: ignore[no-untyped-call]
    for event in ("UPDATE", "DELETE", "TRUNCATE"):
        name = f"{_LOG}_no_{event.lower()}"
        runs = f"FOR EACH STATEMENT EXECUTE FUNCTION vault_refuse('{_SAID}（{name}）')"
        done += [
            f"CREATE OR REPLACE TRIGGER {name} BEFORE {event} ON {_LOG} {runs}",
            f"ALTER TABLE {_LOG} ENABLE ALWAYS TRIGGER {name}",
        ]
    return done


def postgres_grants(app_role: str) -> list[str]:
    """What a running program needs: of the log of sign-ins to read and to append, no more.

    To be run last. The role is a plain lower-case name.
    """
    if not _ROLE.fullmatch(app_role):
        msg = f"not a plain role name: {app_role}"
        raise ValueError(msg)
    return [
        f"REVOKE ALL ON {_CHANGED}, {_LOG} FROM {app_role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {_CHANGED} TO {app_role}",
        f"GRANT SELECT, INSERT ON {_LOG} TO {app_role}",
    ]


def check_tables(engine: Engine) -> None:
    """Raises StoreUnavailable unless tables and guards are those of this program."""
    with engine.connect() as connection:
        if not _has_tables(connection):
            why = "还没有登录用的表（库比本程序旧）；请先备份，再运行 ckbx init 升级"
            raise StoreUnavailable(why=why)
        if connection.dialect.name == "sqlite":
            found = set(connection.exec_driver_sql("SELECT name FROM sqlite_master").scalars())
            check_guards(sorted(set(_GUARDS).difference(found)))


def _has_tables(connection: Connection) -> bool:
    look = inspect(connection)
    return all(look.has_table(table.name) for table in metadata.sorted_tables)


def _tables(dialect: Dialect) -> list[str]:
    done: list[str] = []
    for table in metadata.sorted_tables:
        done.append(_text(CreateTable(table, if_not_exists=True), dialect))
        done += [_text(CreateIndex(i, if_not_exists=True), dialect) for i in table.indexes]
    return done


def _text(statement: Any, dialect: Dialect) -> str:
    return str(statement.compile(dialect=dialect)).strip()
