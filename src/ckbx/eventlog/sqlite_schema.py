"""What stands in the SQLite file, and why can it not be altered through SQL?

``events`` and ``commands`` take new rows only. The BEFORE INSERT triggers matter most:
``INSERT OR REPLACE`` removes the old row without asking a DELETE trigger.
"""

from __future__ import annotations

import sqlite3

from ckbx.domain.shared.errors import StoreUnavailable

SCHEMA_VERSION = 1
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

_EVENT_EXISTS = (
    "WHEN EXISTS (SELECT 1 FROM events WHERE position = NEW.position)"
    " OR EXISTS (SELECT 1 FROM events WHERE stream = NEW.stream AND version = NEW.version)"
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


def create_schema(connection: sqlite3.Connection) -> None:
    """Make what is missing, in one transaction. The caller holds the writer lock."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in _TABLES.split(";\n"):
            if statement.strip():
                connection.execute(statement)
        for name, event, table, when, text in _TRIGGERS:
            connection.execute(
                f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {event} ON {table} {when}"
                f" BEGIN SELECT RAISE(ABORT, '{text}'); END"
            )
        connection.execute(
            "INSERT INTO store_meta VALUES ('schema_version', ?) ON CONFLICT DO NOTHING",
            (str(SCHEMA_VERSION),),
        )
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
    """The names of append-only triggers that are not in the file, sorted."""
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    return sorted(TRIGGER_NAMES - {name for (name,) in found})
