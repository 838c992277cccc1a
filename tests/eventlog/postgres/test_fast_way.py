"""The single round trip is taken when it is safe, and only then."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from ckbx.clock import micros
from ckbx.domain.shared.errors import CkbxError, ConcurrencyConflict
from ckbx.eventlog.ports import RECORDED_AT, Appended, RowDelete, RowWrite
from ckbx.eventlog.postgres import writer
from ckbx.eventlog.postgres.fast import CAREFUL_ROUNDS, Memory, store_fast
from ckbx.eventlog.postgres.log import PostgresEventLog
from ckbx.eventlog.postgres.wire import byteas, int8s, texts, uuids
from ckbx.eventlog.refusals import RowRefused
from tests.eventlog.postgres.conftest import OpenLog
from tests.eventlog.postgres.samples import INSERT_EVENT, NOW, command


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For every batch: whether the fast way stored it."""
    seen: list[bool] = []

    def watch(*args: Any) -> Any:
        outcomes = store_fast(*args)
        seen.append(outcomes is not None)
        return outcomes

    monkeypatch.setattr(writer, "store_fast", watch)
    return seen


def test_it_is_taken_once_the_log_is_known(log: PostgresEventLog, taken: list[bool]) -> None:
    known = uuid4()
    log.append(command(known))
    log.append(command(known, version=2))
    log.append(command(uuid4(), expect={known: 2}))
    assert taken == [False, True, True]


def test_what_the_memory_cannot_vouch_for_goes_another_way(
    open_log: OpenLog, taken: list[bool]
) -> None:
    other, log = open_log(), open_log()
    unseen, first = uuid4(), command(uuid4())
    other.append(command(unseen))
    log.append(first)
    taken.clear()

    log.append(command(unseen, version=2))
    assert log.append(first).replayed
    assert taken == [False, False]


VAULT: list[tuple[str, list[RowWrite | RowDelete]]] = [
    ("deleted", [RowDelete("vault_rows", "row_id", [7])]),
    ("empty", [RowWrite("vault_rows", ("row_id", "sealed"), [(1, b""), (2, None)])]),
    ("mixed", [RowWrite("vault_note", ("key", "text"), [("a", "b"), ("c", 1)])]),
    ("unlike", [RowWrite("vault_rows", ("row_id", "field"), [(1, True)])]),
]


@pytest.mark.parametrize("writes", [w for _, w in VAULT], ids=[name for name, _ in VAULT])
def test_rows_that_are_not_all_of_one_kind_go_the_careful_way(
    log: PostgresEventLog, taken: list[bool], writes: list[RowWrite | RowDelete]
) -> None:
    log.append(command(uuid4()))
    with suppress(CkbxError):
        log.append(command(uuid4(), writes=writes))
    assert taken == [False, False]


def test_rows_for_other_tables_go_along(
    log: PostgresEventLog, raw: psycopg.Connection[Any], taken: list[bool]
) -> None:
    log.append(command(uuid4()))
    columns = ("row_id", "field", "sealed", "recorded_at")
    sealed = [(1, "甲", b"\x00\xff", RECORDED_AT), (2, "", b"", RECORDED_AT)]
    notes = RowWrite("vault_note", ("key", "text"), [("b", "{,}"), ("a", '"')])
    batch = [
        command(uuid4(), writes=[RowWrite("vault_rows", columns, sealed), notes]),
        command(uuid4()),
        command(uuid4(), writes=vault_row(3)),
        command(uuid4(), writes=[RowWrite("vault_rows", columns, [(4, "乙", b"1", RECORDED_AT)])]),
    ]
    outcomes = log.append_many(batch)
    assert [type(each) for each in outcomes] == [Appended] * 4
    assert taken == [False, True]
    at = micros(NOW)
    found = raw.execute("SELECT row_id, field, sealed, recorded_at FROM vault_rows ORDER BY row_id")
    assert found.fetchall() == [
        (1, "甲", b"\x00\xff", at),
        (2, "", b"", at),
        (3, "x", None, None),
        (4, "乙", b"1", at),
    ]
    kept = raw.execute("SELECT key, text FROM vault_note ORDER BY key").fetchall()
    assert kept == [("a", '"'), ("b", "{,}")]


def row_ids(raw: psycopg.Connection[Any]) -> list[int]:
    return [key for (key,) in raw.execute("SELECT row_id FROM vault_rows ORDER BY row_id")]


def test_rows_of_a_command_that_is_not_stored_are_not_stored(
    log: PostgresEventLog, raw: psycopg.Connection[Any], taken: list[bool]
) -> None:
    stream = uuid4()
    log.append(command(stream))
    twice = command(uuid4(), writes=vault_row(1))
    late = command(stream, writes=vault_row(2))
    outcomes = log.append_many([twice, late, command(uuid4(), writes=vault_row(3)), twice])
    assert [type(o) for o in outcomes] == [Appended, ConcurrencyConflict, Appended, Appended]
    assert log.append(twice).replayed
    assert row_ids(raw) == [1, 3]
    assert taken[:2] == [False, True]


@pytest.mark.parametrize("same", [True, False])
def test_rows_are_stored_once_when_another_process_has_written(
    open_log: OpenLog, raw: psycopg.Connection[Any], taken: list[bool], same: bool
) -> None:
    log, other = open_log(), open_log()
    log.append(command(uuid4()))
    mine = command(uuid4(), writes=vault_row(1))
    other.append(mine if same else command(uuid4()))
    taken.clear()
    assert log.append(mine).replayed is same
    assert taken == [False]
    assert row_ids(raw) == [1]


def test_a_row_that_is_refused_takes_its_events_with_it_alone(
    log: PostgresEventLog, raw: psycopg.Connection[Any]
) -> None:
    log.append(command(uuid4(), writes=vault_row(1)))
    batch = [command(uuid4(), writes=vault_row(key)) for key in (2, 1, 3)]
    outcomes = log.append_many(batch)
    assert [type(each) for each in outcomes] == [Appended, RowRefused, Appended]
    assert row_ids(raw) == [1, 2, 3]
    assert len(log.read_rows(0, 9)) == 3


def test_a_taken_stream_is_a_conflict_and_draws_no_position(
    log: PostgresEventLog, taken: list[bool]
) -> None:
    stream = uuid4()
    log.append(command(uuid4()))
    log.append(command(stream))
    with pytest.raises(ConcurrencyConflict):
        log.append(command(stream))
    log._writer._memory.learn({}, 2, 0)
    log._writer._memory._heads.clear()
    with pytest.raises(ConcurrencyConflict):
        log.append(command(stream))
    assert log.append(command(uuid4())).position == 3
    assert taken[:2] == [False, True]


def test_another_writer_makes_it_do_without_its_memory_for_a_while(
    open_log: OpenLog, taken: list[bool]
) -> None:
    log, other = open_log(), open_log()
    for one in (log, other, log):
        one.append(command(uuid4()))
    taken.clear()
    for _ in range(CAREFUL_ROUNDS + 1):
        log.append(command(uuid4()))
    assert taken == [False] * CAREFUL_ROUNDS + [True]
    assert [row.position for row in log.read_rows(0, 99)] == list(range(1, CAREFUL_ROUNDS + 5))


def test_a_writer_without_the_lock_does_not_break_it(
    log: PostgresEventLog, raw: psycopg.Connection[Any]
) -> None:
    log.append(command(uuid4()))
    raw.execute(INSERT_EVENT)
    assert log.append(command(uuid4())).position == 3


def test_a_batch_builds_on_itself(log: PostgresEventLog, taken: list[bool]) -> None:
    log.append(command(uuid4()))
    a = uuid4()
    batch = [command(a), command(a, version=2), command(a, version=2), command(uuid4())]
    outcomes = log.append_many(batch)
    assert [type(o) for o in outcomes] == [Appended, Appended, ConcurrencyConflict, Appended]
    assert [o.position for o in outcomes if isinstance(o, Appended)] == [2, 3, 4]
    assert taken == [False, True]


def test_the_memory_keeps_the_streams_last_written() -> None:
    memory = Memory(limit=2)
    for name, version in ((b"a", 1), (b"b", 1), (b"a", 2), (b"c", 1)):
        memory.learn({name: version}, version, 0)
    assert memory._heads == {b"a": 2, b"c": 1}


def test_hand_made_arrays_are_what_the_server_understands(raw: psycopg.Connection[Any]) -> None:
    ids = [uuid4(), UUID(int=0)]
    cases: list[tuple[str, bytes, list[Any]]] = [
        ("uuid[]", uuids([i.bytes for i in ids]), ids),
        ("bigint[]", int8s([0, -1, 2**62]), [0, -1, 2**62]),
        ("text[]", texts(["事件", "", "{,}"]), ["事件", "", "{,}"]),
        ("bytea[]", byteas([b"\x00\xff", b""]), [b"\x00\xff", b""]),
        ("uuid[]", uuids([]), []),
    ]
    wire = raw.pgconn
    for kind, encoded, expected in cases:
        sent = wire.exec_params(f"SELECT $1::{kind}::text".encode(), [encoded], None, [1])
        text = sent.get_value(0, 0)
        assert text is not None
        back = raw.execute(f"SELECT %s::text::{kind}".encode(), (text.decode(),)).fetchone()
        assert back == (expected,)


def vault_row(key: int, field: str | None = "x") -> list[RowWrite]:
    return [RowWrite("vault_rows", ("row_id", "field"), [(key, field)])]


@pytest.mark.parametrize("refused", ["conflict", "row"])
def test_a_refusal_does_not_take_the_way_away(
    log: PostgresEventLog, taken: list[bool], refused: str
) -> None:
    """The driver drops every prepared statement after a ROLLBACK, also those of this way."""
    for key in range(10):  # the driver prepares what it has seen five times
        log.append(command(uuid4(), writes=vault_row(key)))
    bad = (
        command(uuid4(), writes=vault_row(99), expect={uuid4(): 7})
        if refused == "conflict"
        else command(uuid4(), writes=vault_row(99, None))
    )
    with pytest.raises(ConcurrencyConflict if refused == "conflict" else RowRefused):
        log.append(bad)
    log.append(command(uuid4(), writes=vault_row(100)))
    connection = log._writer._conn
    taken.clear()
    for _ in range(3):
        log.append(command(uuid4()))
    assert taken == [True, True, True]
    if refused == "conflict":
        assert log._writer._conn is connection


def test_statements_that_the_server_forgot_are_prepared_again(
    log: PostgresEventLog, taken: list[bool]
) -> None:
    """A pooler between this program and the server may do that at any time."""
    log.append(command(uuid4()))
    assert log._writer._conn is not None
    log._writer._conn.execute("DEALLOCATE ALL")
    first = command(uuid4())
    assert not log.append(first).replayed
    assert not log.append(command(uuid4())).replayed
    assert log.append(first).replayed
    assert taken[-1:] == [False]
    assert len(log.read_rows(0, 9)) == 3
