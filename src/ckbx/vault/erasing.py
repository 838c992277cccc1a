"""How do a person's data leave the store, and the files, for good?

The append that carries the event deletes key, values and look-ups. Their bytes leave the
database file when the write-ahead log has been copied back over them and cut to nothing
(SQLite, with ``secure_delete``), or when the tables have been written anew (PostgreSQL).
Until then the state is 待清除.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Engine, func, insert, select, text
from sqlalchemy.exc import OperationalError

from ckbx.eventlog.ports import RECORDED_AT, RowDelete, RowWrite
from ckbx.eventlog.sqlite.guard import authorize
from ckbx.vault import tables
from ckbx.vault.errors import SubjectUnknown
from ckbx.vault.numbers import tombstones
from ckbx.vault.reading import erased_among
from ckbx.vault.statements import db_uuid, raw_uuid, select_among

_HELD = "SELECT subject FROM vault_keys WHERE subject {among}"
_PERSONAL = ("vault_rows", "vault_lookup", "vault_numbers", "vault_search", "vault_keys")
PENDING = "待清除"
PURGED = "已清除"
_LOCK_WAIT = "3s"
_READER_WAIT = 200  # milliseconds


class PurgeState(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the erased data have left the files; ``waiting`` are those still 待清除."""

    waiting: tuple[UUID, ...] = ()
    why: str = ""

    @property
    def done(self) -> bool:
        return not self.waiting

    @property
    def title(self) -> str:
        return PURGED if self.done else PENDING


def erase_rows(
    connection: Connection, subjects: Sequence[UUID], *, free: bool = False
) -> list[RowDelete | RowWrite]:
    """The deletions for the append that carries the event, and the marks that stay.

    ``free``: their numbers may be registered again (they were entered by mistake). Harmless
    when repeated (restoring re-applies every erasure). Raises SubjectUnknown.
    """
    dialect = connection.dialect.name
    gone = erased_among(connection, subjects)
    wanted = list(dict.fromkeys(subjects))
    ids = [db_uuid(dialect, subject) for subject in wanted]
    held = {raw_uuid(ref) for (ref,) in select_among(connection, _HELD, ids)}
    for subject in wanted:
        if subject.bytes not in held and subject not in gone:
            raise SubjectUnknown(subject=subject)
    fresh = [db_uuid(dialect, subject) for subject in wanted if subject not in gone]
    done: list[RowDelete | RowWrite] = []
    if fresh:  # first: the tables let go only of people who bear the mark
        marks = [(ref, RECORDED_AT) for ref in fresh]
        done.append(RowWrite("vault_erased", ("subject", "recorded_at"), marks))
    if not free:
        done += tombstones(connection, ids)
    return done + [RowDelete(name, "subject", ids) for name in _PERSONAL]


def waiting(connection: Connection) -> tuple[UUID, ...]:
    """The subjects whose erased bytes may still lie in the files, oldest first."""
    last = select(func.coalesce(func.max(tables.purges.c.up_to), 0)).scalar_subquery()
    gone = tables.erased.c
    asked = select(gone.subject).where(gone.recorded_at > last).order_by(gone.recorded_at)
    return tuple(connection.execute(asked).scalars())


def purge_files(engine: Engine, at: int, *, rebuild: bool) -> PurgeState:
    """Try once. The caller holds the writer lock and tries again while it is not done.

    ``rebuild`` also writes the SQLite file anew (VACUUM: seconds for a county, in the
    maintenance window), which reaches copies that moved pages have left in free space.
    """
    with engine.connect() as connection:
        left = waiting(connection)
        up_to = connection.execute(select(func.max(tables.erased.c.recorded_at))).scalar()
    postgres = engine.dialect.name == "postgresql"
    why = _rewrite_postgres(engine) if postgres else _truncate_sqlite(engine, rebuild=rebuild)
    if why:
        return PurgeState(waiting=left, why=why)
    if left:
        with engine.begin() as connection:
            connection.execute(insert(tables.purges), {"up_to": up_to, "at": at})
    return PurgeState()


def _truncate_sqlite(engine: Engine, *, rebuild: bool) -> str:
    with closing(engine.raw_connection()) as raw:  # neither runs inside a transaction
        cursor: Any = raw.cursor()
        if not cursor.execute("PRAGMA secure_delete").fetchone()[0]:
            return "数据库连接没有打开 secure_delete，删除的内容仍在文件里"
        if rebuild:
            _vacuum(raw.driver_connection, cursor)
        patience = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout={_READER_WAIT}")  # writers wait meanwhile
        try:
            busy, left, _ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            cursor.execute(f"PRAGMA busy_timeout={patience}")
    return "有读取尚未结束，日志文件暂时不能清空；结束后会再次清除" if busy or left > 0 else ""


def _vacuum(connection: Any, cursor: Any) -> None:
    """Write the file anew: SQLite attaches a file of its own meanwhile, which the guard forbids."""
    connection.set_authorizer(None)
    try:
        cursor.execute("VACUUM")
    finally:
        connection.set_authorizer(authorize)


_READERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    " AND backend_xmin IS NOT NULL"
)
_OWNER = text(
    "SELECT bool_and(pg_has_role(current_user, relowner, 'MEMBER')) FROM pg_class"
    " WHERE oid IN (to_regclass('vault_keys'), to_regclass('vault_rows'),"
    " to_regclass('vault_lookup'), to_regclass('vault_numbers'), to_regclass('vault_search'))"
)


def _rewrite_postgres(engine: Engine) -> str:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.execute(_OWNER).scalar():
            return "需要数据库属主（CKBX_OWNER_URL）来清除；请由属主再运行一次"
        if connection.execute(_READERS).scalar():
            return "有读取尚未结束，旧数据暂时不能清除；结束后会再次清除"
        connection.exec_driver_sql(f"SET lock_timeout = '{_LOCK_WAIT}'")
        try:
            connection.exec_driver_sql(f"VACUUM (FULL) {', '.join(_PERSONAL)}")
        except OperationalError as error:
            return f"数据库正忙，暂时不能清除（{type(error.orig).__name__}）；稍后会再次清除"
        finally:
            connection.exec_driver_sql("RESET lock_timeout")
    return ""
