"""Can what was recorded be altered through SQL, by this program or with other tools?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from ckbx.eventlog.sqlite.log import SQLiteEventLog
from tests.eventlog.sample import clock, named, note
from tests.eventlog.sqlite.conftest import SQLiteKit

UPSERT = (
    "INSERT INTO events SELECT 99, stream, 1, 'x', 1, x'00' FROM events WHERE true LIMIT 1"
    " ON CONFLICT (stream, version) DO UPDATE SET topic = 'x'"
)
ATTACKS = [
    "UPDATE events SET topic = 'x'",
    "DELETE FROM events",
    "DELETE FROM events WHERE position = 1",
    "INSERT OR REPLACE INTO events SELECT 1, stream, 9, 'x', 1, x'00' FROM events LIMIT 1",
    "INSERT OR REPLACE INTO events SELECT 99, stream, 1, 'x', 1, x'00' FROM events LIMIT 1",
    "INSERT INTO events SELECT 1, stream, 9, 'x', 1, x'00' FROM events LIMIT 1",
    "INSERT INTO events SELECT 0, stream, 9, 'x', 9e15, x'00' FROM events LIMIT 1",
    "INSERT INTO events SELECT -5, stream, 9, 'x', 9e15, x'00' FROM events LIMIT 1",
    "INSERT INTO events SELECT NULL, stream, 9, 'x', 9e15, x'00' FROM events LIMIT 1",
    "INSERT OR REPLACE INTO events SELECT 1, stream, 9, 'x', 9e15, x'00' FROM events LIMIT 1",
    "INSERT OR IGNORE INTO events SELECT 2, stream, 9, 'x', 9e15, x'00' FROM events LIMIT 1",
    "INSERT INTO events SELECT 3 - version, stream, 9 + version, 'x', 9e15, x'00' FROM events",
    "INSERT INTO events SELECT 9 - version, stream, 9 + version, 'x', 9e15, x'00' FROM events",
    "INSERT INTO events SELECT 3, stream, 9, 'x', 1, x'00' FROM events LIMIT 1",
    UPSERT,
    "UPDATE OR IGNORE events SET recorded_at = 1",
    "UPDATE commands SET reply = x'00'",
    "DELETE FROM commands",
    "INSERT OR REPLACE INTO commands SELECT command_id, 7, 7, x'00' FROM commands",
    "UPDATE store_meta SET value = '110101' WHERE key = 'county'",
    "DELETE FROM store_meta WHERE key = 'county'",
    "INSERT OR REPLACE INTO store_meta VALUES ('county', '110101')",
]
TAKING_GUARDS_OFF = [
    "DROP TRIGGER events_no_delete",
    "DROP TABLE events",
    "DROP TABLE commands",
    "DROP TABLE store_meta",
    "ALTER TABLE events RENAME TO old_events",
    "ALTER TABLE commands ADD COLUMN extra TEXT",
    "ATTACH DATABASE ':memory:' AS other",
    "CREATE TEMP TABLE events (position INTEGER)",
    "CREATE TEMP VIEW events AS SELECT 1",
    "CREATE TRIGGER swallow BEFORE INSERT ON events BEGIN SELECT RAISE(IGNORE); END",
    "CREATE TEMP TRIGGER swallow BEFORE INSERT ON commands BEGIN SELECT RAISE(IGNORE); END",
    "DELETE FROM sqlite_sequence",
    "UPDATE sqlite_sequence SET seq = 0",
    "PRAGMA writable_schema = ON",
    "PRAGMA synchronous = OFF",
    "PRAGMA journal_mode = DELETE",
    "PRAGMA recursive_triggers = OFF",
    "PRAGMA WRITABLE_SCHEMA = ON",
    "PRAGMA Recursive_Triggers = OFF",
    "CREATE TEMP TABLE Events (position INTEGER)",
    "DROP TABLE vault_note",
    "ALTER TABLE vault_note RENAME TO p_note",
    "CREATE TEMP TABLE VAULT_NOTE (key TEXT)",
    "CREATE TRIGGER vault_swallow BEFORE INSERT ON vault_note BEGIN SELECT RAISE(IGNORE); END",
    "UPDATE store_meta SET value = '2' WHERE key = 'schema_version'",
    "DELETE FROM store_meta",
]


def content(path: Path) -> list[object]:
    """Everything that must stay."""
    connection = sqlite3.connect(path)
    try:
        return [
            *connection.execute("SELECT * FROM events ORDER BY position"),
            *connection.execute("SELECT * FROM commands ORDER BY command_id"),
            *connection.execute("SELECT * FROM store_meta ORDER BY key"),
            *connection.execute("SELECT * FROM sqlite_sequence"),
            *connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name"),
        ]
    finally:
        connection.close()


@pytest.fixture
def filled(log: SQLiteEventLog) -> SQLiteEventLog:
    log.append(note(named("a"), 1, 1))
    log.append(note(named("a"), 2, 2))
    return log


@pytest.fixture(params=["application", "plain"])
def connection(
    filled: SQLiteEventLog, request: pytest.FixtureRequest
) -> Iterator[sqlite3.Connection]:
    """A connection of the program, and one as any other tool opens it."""
    own = request.param == "application"
    connection = filled.connect_rw() if own else sqlite3.connect(filled.path)
    yield connection
    connection.close()


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_is_recorded_cannot_be_altered(
    connection: sqlite3.Connection, filled: SQLiteEventLog, attack: str
) -> None:
    before = content(filled.path)
    with pytest.raises(sqlite3.DatabaseError, match="不能|已经|authorized"):
        connection.execute(attack)
    connection.rollback()
    assert content(filled.path) == before


@pytest.mark.parametrize("attack", TAKING_GUARDS_OFF)
def test_the_program_cannot_take_the_guards_off(filled: SQLiteEventLog, attack: str) -> None:
    connection = filled.connect_rw()
    before = content(filled.path)
    with pytest.raises(sqlite3.DatabaseError, match="not authorized"):
        connection.execute(attack)
    connection.close()
    assert content(filled.path) == before


def test_a_program_connection_may_make_and_drop_its_own_tables(filled: SQLiteEventLog) -> None:
    connection = filled.connect_rw()
    with filled.write_lock():
        connection.execute("CREATE TABLE p_new (id INTEGER PRIMARY KEY, n INTEGER)")
        connection.execute("INSERT INTO p_new (n) VALUES (1)")
        connection.execute("ALTER TABLE p_new RENAME TO p_live")
        connection.execute("CREATE INDEX p_by_n ON p_live (n)")
        assert connection.execute("SELECT n FROM p_live").fetchall() == [(1,)]
        connection.execute("DROP TABLE p_live")
    connection.close()


def test_a_reader_cannot_write(filled: SQLiteEventLog) -> None:
    with filled.connection() as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("INSERT INTO store_meta VALUES ('x', 'y')")


def test_a_lost_position_cannot_be_taken_by_hand(kit: SQLiteKit) -> None:
    log = kit.open(clock())
    log.append(note(named("a"), 1, 1, 2, 3))
    log.close()
    owner = sqlite3.connect(kit.path)
    (guard,) = owner.execute(
        "SELECT sql FROM sqlite_master WHERE name = 'events_no_delete'"
    ).fetchone()
    owner.execute("DROP TRIGGER events_no_delete")
    owner.execute("DELETE FROM events WHERE version > 1")
    owner.execute(guard)
    with pytest.raises(sqlite3.IntegrityError, match="位点"):
        owner.execute("INSERT INTO events SELECT 3, stream, 9, 'x', 9e15, x'00' FROM events")
    owner.close()


def test_a_position_above_the_last_is_taken_and_led_on_from(
    filled: SQLiteEventLog, connection: sqlite3.Connection
) -> None:
    """The control of the attacks on positions: the same statement with room above."""
    connection.execute(
        "INSERT INTO events SELECT 7, stream, 3, 'x', 9e15, x'00' FROM events LIMIT 1"
    )
    connection.commit()
    assert filled.append(note(named("b"), 1)).position == 8


def test_a_position_is_not_given_twice_even_after_a_loss(kit: SQLiteKit) -> None:
    log = kit.open(clock())
    last = log.append(note(named("a"), 1, 1, 2, 3)).position
    log.close()
    owner = sqlite3.connect(kit.path)
    owner.execute("DROP TRIGGER events_no_delete")
    owner.execute("DELETE FROM events WHERE version > 1")
    owner.execute(
        "CREATE TRIGGER events_no_delete BEFORE DELETE ON events"
        " BEGIN SELECT RAISE(ABORT, '事件只能追加，不能删除'); END"
    )
    owner.commit()
    owner.close()
    assert kit.open(clock()).append(note(named("a"), 2)).position == last + 1
