"""What stands in the SQLite file, and why can it not be altered through SQL?

``events`` and ``commands`` take new rows only. The BEFORE INSERT triggers matter most:
``INSERT OR REPLACE`` removes the old row without asking a DELETE trigger. An event comes after
the last one, in position and in time: a reader that goes on from where it stood meets it.
"""

from __future__ import annotations

import sqlite3

from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.eventlog.checks import check_guards

SCHEMA_VERSION = 2
PROTECTED_TABLES = frozenset({"events", "commands", "store_meta", "sqlite_sequence"})

_TABLES = """
CREATE TABLE IF NOT EXISTS events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    stream BLOB NOT NULL CHECK (length(stream) = 16),
    version INTEGER NOT NULL,
    topic TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    state BLOB NOT NULL,
    UNIQUE (stream, version)
);
CREATE TABLE IF NOT EXISTS commands (
    command_id BLOB PRIMARY KEY NOT NULL,
    position INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    reply BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS store_meta (
    key TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) WITHOUT ROWID;
"""

# A position that SQLite is to choose itself is -1 here: it is refused as well.
_NOT_AFTER_THE_LAST = (
    "WHEN NEW.position <= COALESCE((SELECT MAX(position) FROM events), 0)"
    " OR NEW.position <= (SELECT seq FROM sqlite_sequence WHERE name = 'events')"
)
_BEFORE_THE_LAST = (
    "WHEN NEW.recorded_at < (SELECT recorded_at FROM events ORDER BY position DESC LIMIT 1)"
)
_EVENT_EXISTS = (
    "WHEN EXISTS (SELECT 1 FROM events WHERE stream = NEW.stream AND version = NEW.version)"
)

# (name, event, table, condition, what a person reads)
_TRIGGERS = (
    ("events_no_update", "UPDATE", "events", "", "事件只能追加，不能修改"),
    ("events_no_delete", "DELETE", "events", "", "事件只能追加，不能删除"),
    (
        "events_no_replace",
        "INSERT",
        "events",
        _EVENT_EXISTS,
        "事件已经存在，不能覆盖",
    ),
    (
        "events_in_order",
        "INSERT",
        "events",
        _NOT_AFTER_THE_LAST,
        "事件只能追加，位点不能小于或等于最后一条",
    ),
    (
        "events_time_in_order",
        "INSERT",
        "events",
        _BEFORE_THE_LAST,
        "事件只能追加，记录时间不能早于最后一条",
    ),
    ("commands_no_update", "UPDATE", "commands", "", "命令记录只能追加，不能修改"),
    ("commands_no_delete", "DELETE", "commands", "", "命令记录只能追加，不能删除"),
    (
        "commands_no_replace",
        "INSERT",
        "commands",
        "WHEN EXISTS (SELECT 1 FROM commands WHERE command_id = NEW.command_id)",
        "命令已经执行过，不能覆盖",
    ),
    (
        "store_meta_county_stays",
        "UPDATE",
        "store_meta",
        "WHEN OLD.key = 'county'",
        "事件库的县代码不能修改",
    ),
    (
        "store_meta_county_not_deleted",
        "DELETE",
        "store_meta",
        "WHEN OLD.key = 'county'",
        "事件库的县代码不能删除",
    ),
    (
        "store_meta_county_not_replaced",
        "INSERT",
        "store_meta",
        "WHEN NEW.key = 'county' AND EXISTS (SELECT 1 FROM store_meta WHERE key = 'county')",
        "事件库的县代码不能覆盖",
    ),
)
TRIGGER_NAMES = frozenset(name for name, *_ in _TRIGGERS)
_GUARDS = {
    name: f"CREATE TRIGGER {name} BEFORE {event} ON {table} {when}"
    f" BEGIN SELECT RAISE(ABORT, '{text}'); END"
    for name, event, table, when, text in _TRIGGERS
}
_SINCE_VERSION_2 = frozenset({"events_in_order", "events_time_in_order"})


def create_schema(connection: sqlite3.Connection) -> None:
    """Make or upgrade the store, in one transaction. The caller holds the writer lock.

    Guards that were taken off a store are not put back: the start refuses it, and a person
    hears of it. Raises StoreUnavailable when an old store to upgrade lacks its guards.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = _stored_version(connection)
        if found is None:
            for statement in _TABLES.split(";\n"):
                if statement.strip():
                    connection.execute(statement)
            _add_guards(connection)
        elif found == "1":
            there = {name for name, _ in _triggers(connection)}
            check_guards(sorted(TRIGGER_NAMES - _SINCE_VERSION_2 - there))
            connection.execute("DROP TRIGGER events_no_replace")
            _add_guards(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def read_meta(connection: sqlite3.Connection) -> dict[str, str]:
    """All of ``store_meta``. Raises StoreUnavailable when the file is no event store."""
    try:
        return dict(connection.execute("SELECT key, value FROM store_meta"))
    except sqlite3.OperationalError as error:
        why = "文件不是控辍保学事件库，或尚未初始化；请先运行 ckbx init"
        raise StoreUnavailable(why=why) from error


def missing_guards(connection: sqlite3.Connection) -> list[str]:
    """The names of append-only triggers that are not in the file as they must be, sorted."""
    found = {name: " ".join(text.split()) for name, text in _triggers(connection)}
    return sorted(n for n, text in _GUARDS.items() if found.get(n) != " ".join(text.split()))


def _add_guards(connection: sqlite3.Connection) -> None:
    for text in _GUARDS.values():
        connection.execute(text.replace("TRIGGER", "TRIGGER IF NOT EXISTS", 1))
    connection.execute(
        "INSERT INTO store_meta VALUES ('schema_version', ?)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (str(SCHEMA_VERSION),),
    )


def _stored_version(connection: sqlite3.Connection) -> str | None:
    """The store's schema version; None where there is no store yet."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'store_meta'").fetchone():
        return None
    return read_meta(connection).get("schema_version")


def _triggers(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    return connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    ).fetchall()
