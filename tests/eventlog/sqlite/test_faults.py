"""What is told, and what is stored, when the database or the disk fails?"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

from ckbx.domain.shared.errors import CkbxError, ConcurrencyConflict, StoreUnavailable
from ckbx.eventlog.ports import Append, Appended, RowWrite
from ckbx.eventlog.refusals import RowRefused
from ckbx.eventlog.sqlite.connect import Connection
from ckbx.eventlog.sqlite.errors import unavailable
from ckbx.eventlog.sqlite.log import SQLiteEventLog
from tests.eventlog.sample import clock, named, note
from tests.eventlog.sqlite.conftest import SQLiteKit

Plant = Callable[[str, Callable[[sqlite3.Connection], None]], None]


def failure(name: str) -> sqlite3.OperationalError:
    """What sqlite3 raises."""
    error = sqlite3.OperationalError("planted")
    error.sqlite_errorname = name
    return error


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Plant:
    """Let something else happen, once, where a connection opened from now on executes this."""
    planted: dict[str, Callable[[sqlite3.Connection], None]] = {}

    class Faulty(Connection):
        __slots__ = ()

        def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            if act := planted.pop(sql, None):
                act(self)
            return super().execute(sql, *parameters)

    monkeypatch.setattr("ckbx.eventlog.sqlite.connect.Connection", Faulty)
    return planted.__setitem__


def test_a_full_disk_is_a_chinese_sentence_and_loses_nothing(log: SQLiteEventLog) -> None:
    log.append(note(named("a"), 1, 1))
    connection = log._writer.open()
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}").fetchall()
    with pytest.raises(
        StoreUnavailable, match="磁盘已满，正在写的这一步没有保存，已经写完的各步"
    ) as refused:
        log.append(note(named("a"), 2, *range(2000)))
    assert refused.value.exit_code == 6
    connection.execute("PRAGMA max_page_count = 1000000").fetchall()
    log.append(note(named("a"), 2, 2))
    assert [e.originator_version for e in log.load([named("a")])[named("a")]] == [1, 2]


@pytest.mark.parametrize("name", ["SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC"])
def test_a_commit_that_failed_and_stored_nothing_is_refused(
    kit: SQLiteKit, plant: Plant, name: str
) -> None:
    def fail(connection: sqlite3.Connection) -> None:
        connection.rollback()
        raise failure(name)

    log = kit.open(clock())
    plant("COMMIT", fail)
    request = note(named("a"), 1, 1)
    with pytest.raises(StoreUnavailable, match="磁盘"):
        log.append(request)
    assert log.head() == 0
    assert not log.append(request).replayed
    assert log.head() == 1


def test_a_commit_that_failed_but_stored_is_acknowledged(kit: SQLiteKit, plant: Plant) -> None:
    def fail_after_commit(connection: sqlite3.Connection) -> None:
        sqlite3.Connection.execute(connection, "COMMIT")
        raise failure("SQLITE_IOERR_FSYNC")

    log = kit.open(clock())
    plant("COMMIT", fail_after_commit)
    request = note(named("a"), 1, 1, reply=b"mine")
    done = log.append(request)
    assert (done.position, done.reply, done.replayed) == (1, b"mine", False)
    assert log.append(request).replayed
    log.append(note(named("a"), 2, 2))


def test_an_outcome_that_cannot_be_asked_is_said_to_be_unknown(
    kit: SQLiteKit, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = kit.open(clock())

    def fail(connection: sqlite3.Connection) -> None:
        connection.rollback()
        monkeypatch.setattr(
            "ckbx.eventlog.sqlite.write.open_writer",
            lambda _path: (_ for _ in ()).throw(unavailable(failure("SQLITE_CANTOPEN"))),
        )
        raise failure("SQLITE_IOERR_FSYNC")

    plant("COMMIT", fail)
    with pytest.raises(StoreUnavailable, match="结果未知.*同一命令编号重试"):
        log.append(note(named("a"), 1, 1))


def test_one_failing_command_of_a_batch_fails_alone(log: SQLiteEventLog) -> None:
    bad = [
        RowWrite("vault_nowhere", ("key",), [("k",)]),
        RowWrite("vault_note", ("nothing",), [("k",)]),
        RowWrite("vault_note", ("key",), [(object(),)]),
        RowWrite("vault_note", ("key",), [(2**70,)]),
        RowWrite("vault_note", ("key", "text"), [("k",)]),
    ]
    requests = [
        note(named(n), 1, n, writes=[write] if write else ())
        for n, write in enumerate([None, *bad, None])
    ]
    outcomes = log.append_many(requests)
    assert [type(o) for o in outcomes] == [
        *(Appended, StoreUnavailable, StoreUnavailable, RowRefused, RowRefused, RowRefused),
        Appended,
    ]
    assert [row.stream for row in log.read_rows(0, 10)] == [named(0), named(6)]


def test_a_program_that_ignores_the_lock_is_named_as_the_cause(
    kit: SQLiteKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ckbx.eventlog.sqlite.connect.BUSY_SECONDS", 0.01)
    log = kit.open(clock())
    stranger = sqlite3.connect(kit.path, isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="其他程序占用"):
        log.append(note(named("a"), 1))
    stranger.execute("ROLLBACK")
    stranger.close()
    log.append(note(named("a"), 1))


@pytest.mark.parametrize(
    "name, sentence",
    [
        ("SQLITE_FULL", "磁盘已满"),
        ("SQLITE_BUSY_SNAPSHOT", "占用"),
        ("SQLITE_READONLY_DBMOVED", "只读"),
        ("SQLITE_CORRUPT_INDEX", "备份"),
        ("SQLITE_NOTADB", "CKBX_DATABASE_URL"),
        ("SQLITE_TOOBIG", "SQLITE_TOOBIG"),
    ],
)
def test_every_database_error_becomes_a_sentence_that_says_what_to_do(
    name: str, sentence: str
) -> None:
    assert sentence in str(unavailable(failure(name)))


def test_a_stored_conflict_beneath_a_wrong_memory_is_still_a_conflict(log: SQLiteEventLog) -> None:
    log.append(note(named("a"), 1, 1))
    log._writer._heads._heads[named("a").bytes] = 0
    with pytest.raises(ConcurrencyConflict):
        log.append(note(named("a"), 1, 2))
    log.append(note(named("a"), 2, 2))
    assert log.head() == 2


def test_more_streams_than_are_remembered_are_read_again(log: SQLiteEventLog) -> None:
    log._writer._heads.limit = 3
    for version in (1, 2):
        for name in range(8):
            log.append(note(named(name), version, expect={named("never"): 0}))
    assert len(log._writer._heads._heads) == 3
    with pytest.raises(ConcurrencyConflict):
        log.append(note(named(0), 2))


def test_an_error_of_the_program_reaches_all_who_wait(log: SQLiteEventLog) -> None:
    class Odd(CkbxError):
        pass

    def broken(_batch: object) -> list[object]:
        raise Odd

    log._group._commit = broken  # type: ignore[assignment]
    waiting = [log.submit(Append(command_id=named(n))) for n in range(3)]
    for one in waiting:
        with pytest.raises(Odd):
            one.result(10)
