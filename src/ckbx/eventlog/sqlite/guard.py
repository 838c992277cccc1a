"""What may a connection of the program not do, whatever statement it is given?"""

from __future__ import annotations

import sqlite3

from ckbx.eventlog.sqlite.schema import PROTECTED_TABLES, TRIGGER_NAMES

GUARDED_PREFIXES = ("vault_", "access_")
"""Tables and triggers of the vault and of signing in; they are protected like the facts."""

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
_REFUSED_BESIDE_TABLE = frozenset(
    {
        sqlite3.SQLITE_CREATE_TRIGGER,
        sqlite3.SQLITE_CREATE_TEMP_TRIGGER,
        sqlite3.SQLITE_ALTER_TABLE,
        sqlite3.SQLITE_DROP_INDEX,
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
    if action == sqlite3.SQLITE_PRAGMA and second is not None and _name(first) in _REFUSED_PRAGMAS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _touches_guards(action: int, first: str | None, second: str | None) -> bool:
    if action in _REFUSED_ON_TABLE:
        return _protected(first)
    if action in (sqlite3.SQLITE_DROP_TRIGGER, sqlite3.SQLITE_DROP_TEMP_TRIGGER):
        return _name(first) in TRIGGER_NAMES or _protected(first) or _protected(second)
    if action in _REFUSED_BESIDE_TABLE:
        return _protected(second)
    if action in (sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE):
        # Renaming any table updates the column "name" behind the scenes.
        if first == "sqlite_sequence":
            return second != "name"
        return _name(first) == "store_meta"
    return False


def _protected(name: str | None) -> bool:
    """Whether a table belongs to facts, vault or signing in (SQLite takes any letter case)."""
    return _name(name) in PROTECTED_TABLES or _name(name).startswith(GUARDED_PREFIXES)


def _name(given: str | None) -> str:
    return (given or "").lower()
