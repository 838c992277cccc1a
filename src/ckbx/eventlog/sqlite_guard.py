"""What may a connection of the program not do, whatever statement it is given?"""

from __future__ import annotations

import sqlite3

from ckbx.eventlog.sqlite_schema import PROTECTED_TABLES, TRIGGER_NAMES

_REFUSED = frozenset(
    {
        sqlite3.SQLITE_ATTACH,
        sqlite3.SQLITE_DETACH,
    }
)
_REFUSED_ON_TABLE = frozenset(
    {
        sqlite3.SQLITE_DROP_TABLE,
        sqlite3.SQLITE_DROP_TEMP_TABLE,
        sqlite3.SQLITE_CREATE_TEMP_TABLE,
        sqlite3.SQLITE_CREATE_TEMP_VIEW,
    }
)
_REFUSED_PRAGMAS = frozenset(
    {
        "writable_schema",
        "journal_mode",
        "synchronous",
        "mmap_size",
        "ignore_check_constraints",
        "schema_version",
        "wal_autocheckpoint",
        "secure_delete",
        "recursive_triggers",
    }
)


def authorize(
    action: int, first: str | None, second: str | None, _db: str | None, _source: str | None
) -> int:
    """SQLite's question, at the time a statement is compiled, whether it may run.

    Keeps an application connection from taking the append-only guards off. The owner of
    the file can still do so with other tools: that is what the Merkle tree finds.
    """
    if action in _REFUSED or _touches_guards(action, first, second):
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and second is not None and first in _REFUSED_PRAGMAS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _touches_guards(action: int, first: str | None, second: str | None) -> bool:
    if action in _REFUSED_ON_TABLE:
        return first in PROTECTED_TABLES
    if action in (sqlite3.SQLITE_DROP_TRIGGER, sqlite3.SQLITE_DROP_TEMP_TRIGGER):
        return first in TRIGGER_NAMES or second in PROTECTED_TABLES
    if action in (sqlite3.SQLITE_CREATE_TRIGGER, sqlite3.SQLITE_CREATE_TEMP_TRIGGER):
        return second in PROTECTED_TABLES
    if action == sqlite3.SQLITE_ALTER_TABLE:
        return second in PROTECTED_TABLES
    if action in (sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE):
        # Renaming any table updates the column "name" behind the scenes.
        return first == "sqlite_sequence" and second != "name"
    return False
