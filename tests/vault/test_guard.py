"""A connection of the vault cannot take the guards off the file it writes to."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy.exc import DBAPIError

from ckbx.clock import FixedClock
from ckbx.eventlog.sqlite.log import SQLiteEventLog
from tests.vault.store import START, Store

ATTACKS = [
    "DROP TRIGGER vault_access_no_delete",
    "DROP TRIGGER Vault_Rows_Kept",
    "DROP TABLE vault_access",
    "DROP TABLE vault_keyring",
    "DROP INDEX vault_rows_subject",
    "ALTER TABLE vault_rows RENAME TO rows",
    "CREATE TRIGGER swallow BEFORE INSERT ON vault_access BEGIN SELECT RAISE(IGNORE); END",
    "CREATE TEMP TRIGGER swallow BEFORE INSERT ON vault_rows BEGIN SELECT RAISE(IGNORE); END",
    "CREATE TEMP TABLE vault_erased (subject BLOB)",
    "CREATE TEMP VIEW Vault_Lookup AS SELECT 1",
    "DROP TRIGGER events_no_delete",
    "DROP TABLE events",
    "DROP TABLE store_meta",
    "UPDATE store_meta SET value = '0' WHERE key = 'schema_version'",
    "DELETE FROM store_meta WHERE key = 'schema_version'",
    "ATTACH DATABASE ':memory:' AS other",
    "PRAGMA writable_schema = ON",
    "PRAGMA Secure_Delete = OFF",
    "PRAGMA recursive_triggers = OFF",
]


@pytest.fixture
def beside_events(sqlite_store: Store) -> Store:
    """The vault on a file that holds an event log too."""
    log = SQLiteEventLog(sqlite_store.file, clock=FixedClock(START), county="522699", create=True)
    log.close()
    return sqlite_store


def _schema(store: Store) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(store.file)) as connection:
        found = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        return [*found, *connection.execute("SELECT * FROM store_meta ORDER BY key")]


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_vault_cannot_take_the_guards_off(beside_events: Store, attack: str) -> None:
    before = _schema(beside_events)
    with pytest.raises(DBAPIError, match="not authorized"):
        beside_events.run(attack)
    assert _schema(beside_events) == before


@pytest.mark.parametrize("attack", ATTACKS)
def test_control_a_connection_without_the_guard_can(beside_events: Store, attack: str) -> None:
    with closing(sqlite3.connect(beside_events.file, isolation_level=None)) as plain:
        plain.execute(attack)


def test_the_guard_is_back_after_the_file_was_written_anew(sqlite_store: Store) -> None:
    sqlite_store.append(sqlite_store.vault.erase(sqlite_store.child()))
    assert sqlite_store.vault.purge(rebuild=True).done
    with pytest.raises(DBAPIError, match="not authorized"):
        sqlite_store.run("DROP TABLE vault_access")
