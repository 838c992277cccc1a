"""Which stores does the program refuse to open, and what does it only warn of?"""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from ckbx.clock import FixedClock
from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.eventlog.checks import sqlite_version_warning
from ckbx.eventlog.ports import Append
from ckbx.eventlog.refusals import CountyNotNamed
from ckbx.eventlog.sqlite.connect import open_writer
from ckbx.eventlog.sqlite.log import SQLiteEventLog
from tests.eventlog.sample import COUNTY, NOON, clock, named, note
from tests.eventlog.sqlite.conftest import SQLiteKit


def owner(path: Path, *statements: str) -> None:
    """Do something to the file as its owner, with a tool that knows no rules."""
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_missing_file_is_refused_and_not_made(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    with pytest.raises(StoreUnavailable, match="ckbx init"):
        SQLiteEventLog(path, clock=clock())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
def test_a_file_that_is_no_store_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.db"
    path.write_bytes(content)
    with pytest.raises(StoreUnavailable, match="ckbx init|不是 SQLite"):
        SQLiteEventLog(path, clock=clock())


@pytest.mark.parametrize("stored, sentence", [("3", "比本程序（2）新"), ("0", "旧"), ("x", "init")])
def test_a_store_of_another_schema_version_is_refused(
    kit: SQLiteKit, stored: str, sentence: str
) -> None:
    owner(kit.path, f"UPDATE store_meta SET value = '{stored}' WHERE key = 'schema_version'")
    with pytest.raises(StoreUnavailable, match=sentence):
        kit.open(clock())


def test_the_store_of_another_county_is_refused(kit: SQLiteKit) -> None:
    with pytest.raises(StoreUnavailable, match="属于县 522699"):
        SQLiteEventLog(kit.path, clock=clock(), county="110101")


def test_a_store_whose_guards_were_taken_off_is_refused(kit: SQLiteKit) -> None:
    owner(kit.path, "DROP TRIGGER events_no_update", "DROP TRIGGER commands_no_replace")
    with pytest.raises(StoreUnavailable, match="commands_no_replace、events_no_update"):
        SQLiteEventLog(kit.path, clock=clock())


def test_making_a_store_does_not_put_back_guards_that_were_taken_off(kit: SQLiteKit) -> None:
    owner(kit.path, "DROP TRIGGER events_no_update")
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="被移除（events_no_update）"):
            kit.open(clock())


def test_a_guard_that_was_hollowed_out_counts_as_taken_off(kit: SQLiteKit) -> None:
    hollow = "CREATE TRIGGER events_no_delete BEFORE DELETE ON events BEGIN SELECT 1; END"
    owner(kit.path, "DROP TRIGGER events_no_delete", hollow)
    with pytest.raises(StoreUnavailable, match="被移除（events_no_delete）"):
        kit.open(clock())


def make_version_1(path: Path, *more: str) -> None:
    """Turn a store into one of schema version 1, as the first program made it."""
    old = (
        "CREATE TRIGGER events_no_replace BEFORE INSERT ON events WHEN EXISTS"
        " (SELECT 1 FROM events WHERE position = NEW.position) OR EXISTS"
        " (SELECT 1 FROM events WHERE stream = NEW.stream AND version = NEW.version)"
        " BEGIN SELECT RAISE(ABORT, '事件已经存在，不能覆盖'); END"
    )
    names = ("events_in_order", "events_time_in_order", "events_no_replace")
    dropped = [f"DROP TRIGGER {name}" for name in names]
    version = "UPDATE store_meta SET value = '1' WHERE key = 'schema_version'"
    owner(path, *dropped, old, version, *more)


def test_a_store_of_version_1_is_upgraded_by_init_and_by_nothing_else(kit: SQLiteKit) -> None:
    log = kit.open(clock())
    log.append(note(named("a"), 1, 1))
    log.close()
    make_version_1(kit.path)
    with pytest.raises(StoreUnavailable, match="旧；请先备份，再运行 ckbx init"):
        SQLiteEventLog(kit.path, clock=clock())
    assert kit.open(clock()).append(note(named("a"), 2, 2)).position == 2
    with pytest.raises(sqlite3.IntegrityError, match="位点"):
        owner(kit.path, "INSERT INTO events SELECT 1, stream, 9, 'x', 9e15, state FROM events")
    assert SQLiteEventLog(kit.path, clock=clock()).head() == 2


def test_a_store_of_version_1_without_its_guards_is_not_upgraded(kit: SQLiteKit) -> None:
    make_version_1(kit.path, "DROP TRIGGER commands_no_delete")
    with pytest.raises(StoreUnavailable, match="被移除（commands_no_delete）"):
        kit.open(clock())


def test_a_store_with_an_event_no_reader_would_meet_is_refused(kit: SQLiteKit) -> None:
    make_version_1(
        kit.path,
        "INSERT INTO events VALUES (-3, x'00000000000000000000000000000001', 1, 'x', 1, '')",
    )
    with pytest.raises(StoreUnavailable, match="第 -3 号事件的位点不是正数"):
        kit.open(clock())


@pytest.mark.parametrize(
    "change, sentence",
    [
        ("state = x'01ff'", "无法解读"),
        ("topic = 'test.eventlog.Unknown'", "不认识的事件名"),
        ("version = 7", "与编号不一致"),
        ("recorded_at = 5", "记录时间早于前一条"),
    ],
)
def test_a_store_whose_last_events_are_damaged_is_refused(
    kit: SQLiteKit, change: str, sentence: str
) -> None:
    log = kit.open(clock())
    log.append(note(named("a"), 1, 1, 2))
    log.close()
    (trigger,) = (
        sqlite3.connect(kit.path)
        .execute("SELECT sql FROM sqlite_master WHERE name = 'events_no_update'")
        .fetchone()
    )
    damage = f"UPDATE events SET {change} WHERE version = 2"
    owner(kit.path, "DROP TRIGGER events_no_update", damage, trigger)
    with pytest.raises(StoreUnavailable, match=f"第 2 号事件.*{sentence}"):
        kit.open(clock())


def test_a_clock_that_went_back_more_than_a_minute_is_flagged(kit: SQLiteKit) -> None:
    kit.open(clock()).append(note(named("a"), 1))
    late, early = NOON - timedelta(seconds=60), NOON - timedelta(seconds=61)
    assert not [w for w in kit.open(FixedClock(late)).warnings if "时钟" in w]
    assert [w for w in kit.open(FixedClock(early)).warnings if "早 61 秒" in w]


@pytest.mark.parametrize("version", ["3.40.1", "3.44.5", "3.45.0", "3.50.6", "3.51.2", "3.7.0"])
def test_a_version_with_the_log_reset_defect_is_named(version: str) -> None:
    assert version in (sqlite_version_warning(version) or "")


@pytest.mark.parametrize("version", ["3.51.3", "3.53.0", "3.44.6", "3.50.7", "3.6.23"])
def test_a_mended_version_is_not_warned_of(version: str) -> None:
    assert sqlite_version_warning(version) is None


def test_every_connection_is_durable(log: SQLiteEventLog) -> None:
    connection = log.connect_rw()
    asked = ("journal_mode", "synchronous", "wal_autocheckpoint", "mmap_size", "secure_delete")
    found = [connection.execute(f"PRAGMA {name}").fetchone() for name in asked]
    connection.close()
    assert found == [("wal",), (2,), (0,), (0,), (1,)]


def test_a_database_that_cannot_be_durable_is_refused(
    kit: SQLiteKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Weak(sqlite3.Connection):
        def execute(self, sql: str, *parameters: object) -> sqlite3.Cursor:
            return super().execute(sql.replace("synchronous=FULL", "synchronous=NORMAL"))

    monkeypatch.setattr("ckbx.eventlog.sqlite.connect.Connection", Weak)
    with pytest.raises(StoreUnavailable, match="synchronous=FULL"):
        open_writer(kit.path)


def test_a_store_without_a_county_takes_no_command_until_it_is_named(tmp_path: Path) -> None:
    path = tmp_path / "county.db"
    log = SQLiteEventLog(path, clock=clock(), create=True)
    other = SQLiteEventLog(path, clock=clock())
    for attempt in (lambda: log.append(Append(command_id=named("c"))), lambda: log.append_many([])):
        with pytest.raises(CountyNotNamed, match="ckbx init --county"):
            attempt()
    log.name_county(COUNTY)
    log.name_county(COUNTY)
    with pytest.raises(StoreUnavailable, match="属于县"):
        log.name_county("110101")
    log.append(note(named("a"), 1))
    other.append(note(named("a"), 2))
    assert (log.county, other.county) == (COUNTY, COUNTY)
    log.close()
    other.close()


def test_a_closed_log_says_so_and_may_be_closed_again(log: SQLiteEventLog) -> None:
    log.append(note(named("a"), 1))
    log.close()
    log.close()
    with pytest.raises(StoreUnavailable, match="已经关闭"):
        log.append(note(named("a"), 2))
    with pytest.raises(StoreUnavailable):
        log.head()


def test_closing_waits_for_the_reads_of_other_threads_and_refuses_the_next(kit: SQLiteKit) -> None:
    kit.open(clock()).append_many([note(named(n), 1, *range(50)) for n in range(20)])

    def read_until_closed(log: SQLiteEventLog, start: threading.Barrier) -> str:
        start.wait(20)
        while True:
            try:
                assert len(log.read_rows(0, 10)) == len(log.select_notifications(1, 10)) == 10
            except StoreUnavailable as refused:
                return str(refused)

    # Closing a connection under a running statement kills the process about once in 20 times.
    with ThreadPoolExecutor(8) as pool:
        for _ in range(20):
            log, start = kit.open(clock()), threading.Barrier(9)
            reading = [pool.submit(read_until_closed, log, start) for _ in range(8)]
            start.wait(20)
            log.head()
            log.close()
            assert all("已经关闭" in one.result(20) for one in reading)


def test_making_a_store_again_changes_nothing(kit: SQLiteKit) -> None:
    kit.open(clock()).append(note(named("a"), 1))
    before = sqlite3.connect(kit.path).execute("SELECT * FROM events").fetchall()
    assert kit.open(clock()).head() == 1
    assert sqlite3.connect(kit.path).execute("SELECT * FROM events").fetchall() == before
