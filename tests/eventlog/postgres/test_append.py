"""What an append promises, on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from ckbx.clock import FixedClock, micros
from ckbx.domain.shared.errors import ConcurrencyConflict, StoreUnavailable
from ckbx.eventlog.ports import RECORDED_AT, Append, Appended, RowDelete, RowWrite
from ckbx.eventlog.postgres.log import CountyNotNamed, PostgresEventLog
from ckbx.eventlog.postgres.schema import migrate
from ckbx.eventlog.prepared import ForbiddenWrite
from ckbx.eventlog.sqlite.write import RowRefused
from tests.eventlog.postgres.conftest import OpenLog
from tests.eventlog.postgres.samples import COUNTY, INSERT_EVENT, NOW, command, noted


def test_an_appended_command_is_read_back_in_order(log: PostgresEventLog) -> None:
    a, b = uuid4(), uuid4()
    done = log.append(command(a, b))
    log.append(command(b, version=2))

    assert (done.position, done.recorded_at, done.replayed) == (2, NOW, False)
    rows = log.read_rows(0, 10)
    assert [(r.position, r.stream, r.version) for r in rows] == [(1, a, 1), (2, b, 1), (3, b, 2)]
    assert {r.recorded_at for r in rows} == {micros(NOW)}
    assert [e.event.originator_id for e in log.read(1, 10)] == [b, b]
    loaded = log.load([b, a, uuid4()])
    assert [len(events) for events in loaded.values()] == [2, 1, 0]
    assert [e.position for e in log.read_streams([b], up_to=2)] == [2]
    assert [e.position for e in log.at_positions([3, 1, 99])] == [1, 3]
    assert log.head() == 3


def test_a_repeated_command_gets_the_first_reply(log: PostgresEventLog) -> None:
    first = command(uuid4())
    done = log.append(first)
    again = log.append(command(uuid4(), command_id=first.command_id))

    assert again == Appended(done.position, NOW, first.reply, replayed=True)
    assert log.find_command(first.command_id) == again
    assert log.find_command(uuid4()) is None
    assert log.head() == 1


def test_a_moved_stream_is_a_conflict_and_leaves_nothing(log: PostgresEventLog) -> None:
    a, b = uuid4(), uuid4()
    log.append(command(a))
    write = RowWrite("vault_rows", ("row_id", "field"), [(1, "x")])
    for bad in (
        command(a, b, writes=[write]),
        command(b, version=2, writes=[write]),
        command(b, expect={a: 0}, writes=[write]),
        command(b, expect={uuid4(): 1}, writes=[write]),
    ):
        with pytest.raises(ConcurrencyConflict):
            log.append(bad)
        assert log.find_command(bad.command_id) is None
    assert log.head() == 1
    assert log.all("SELECT * FROM vault_rows") == []


def test_a_command_may_only_have_read(log: PostgresEventLog) -> None:
    a = uuid4()
    log.append(command(a))
    done = log.append(Append(command_id=uuid4(), expect={a: 1}, reply=b"ok"))
    assert (done.position, done.reply) == (0, b"ok")


def test_vault_rows_stand_in_the_same_transaction(log: PostgresEventLog) -> None:
    rows = [(1, "name", b"\x00sealed", RECORDED_AT), (2, "phone", None, RECORDED_AT)]
    names = ("row_id", "field", "sealed", "recorded_at")
    log.append(command(uuid4(), writes=[RowWrite("vault_rows", names, rows)]))
    at = micros(NOW)
    assert log.all("SELECT * FROM vault_rows ORDER BY row_id") == [
        (1, "name", b"\x00sealed", at),
        (2, "phone", None, at),
    ]
    log.append(command(uuid4(), writes=[RowDelete("vault_rows", "row_id", [1, 7])]))
    assert log.all("SELECT row_id FROM vault_rows") == [(2,)]


def test_a_refused_vault_row_takes_its_events_with_it(log: PostgresEventLog) -> None:
    secret = "张三的住址"
    log.append(_with_row(1, "x"))
    for row in ((2, None), (1, "x"), (secret, "x")):
        with pytest.raises(RowRefused) as refused:
            log.append(_with_row(*row))
        assert secret not in str(refused.value)
    assert len(log.read_rows(0, 9)) == 1


def _with_row(*row: object) -> Append:
    return command(uuid4(), writes=[RowWrite("vault_rows", ("row_id", "field"), [row])])


def test_writes_outside_the_vault_are_refused(log: PostgresEventLog) -> None:
    with pytest.raises(ForbiddenWrite):
        log.append(command(uuid4(), writes=[RowDelete("events", "position", [1])]))


def test_in_a_batch_only_the_offender_fails(log: PostgresEventLog) -> None:
    a = uuid4()
    good, bad, later = command(a), command(a), command(a, version=2)
    row = command(uuid4(), writes=[RowWrite("vault_rows", ("row_id",), [(1,)])])
    twin = command(uuid4(), command_id=good.command_id)

    outcomes = log.append_many([good, bad, later, twin, row])

    assert [type(o) for o in outcomes] == [
        Appended, ConcurrencyConflict, Appended, Appended, RowRefused,
    ]  # fmt: skip
    assert [getattr(o, "replayed", None) for o in outcomes] == [False, None, False, True, None]
    assert [r.version for r in log.read_rows(0, 9)] == [1, 2]


@pytest.mark.parametrize("size", [100, 3_000])
def test_large_batches_keep_order_and_positions(log: PostgresEventLog, size: int) -> None:
    streams = [uuid4() for _ in range(size)]
    cells = [(n, "f\t\\N", b"\\x00\n", RECORDED_AT) for n in range(size)]
    names = ("row_id", "field", "sealed", "recorded_at")
    id_ = uuid4()
    big = Append(
        command_id=id_,
        events=[noted(s, 1, id_, n) for n, s in enumerate(streams)],
        writes=[RowWrite("vault_rows", names, cells)],
    )
    empty = Append(command_id=uuid4())
    outcomes = log.append_many([command(uuid4()), big, empty])

    assert [o.position for o in outcomes if isinstance(o, Appended)] == [1, size + 1, 0]
    assert [r.stream for r in log.read_rows(1, size + 5)] == streams
    stored = log.all("SELECT * FROM vault_rows ORDER BY row_id")
    assert stored == [(n, "f\t\\N", b"\\x00\n", micros(NOW)) for n in range(size)]
    log.append(command(uuid4(), writes=[RowDelete("vault_rows", "row_id", range(size))]))
    assert log.all("SELECT count(*) FROM vault_rows") == [(0,)]


def test_recorded_at_never_decreases_and_is_found_by_halving(open_log: OpenLog) -> None:
    clock = FixedClock(NOW)
    log = open_log(clock=clock)
    for minutes in (0, 1, -5, 3, 3):
        clock.at = NOW + timedelta(minutes=minutes)
        log.append(command(uuid4()))
    at = [(r.recorded_at - micros(NOW)) // 60_000_000 for r in log.read_rows(0, 9)]
    assert at == [0, 1, 1, 3, 3]
    asked = [(-1, 0), (0, 1), (1, 3), (2, 3), (3, 5), (9, 5)]
    assert [log.position_at(NOW + timedelta(minutes=m)) for m, _ in asked] == [p for _, p in asked]
    assert log.recorded_at(0) is None
    assert log.recorded_at(99) == NOW + timedelta(minutes=3)


def test_gaps_in_positions_disturb_nothing(log: PostgresEventLog, raw: Any) -> None:
    log.append(command(uuid4()))
    raw.execute("BEGIN")
    raw.execute(INSERT_EVENT)
    raw.execute("ROLLBACK")
    assert log.append(command(uuid4())).position == 3
    assert [r.position for r in log.read_rows(0, 9)] == [1, 3]
    assert log.position_at(NOW) == 3
    assert log.recorded_at(2) == NOW


def test_a_waiter_is_woken_by_an_append_and_by_its_timeout(
    log: PostgresEventLog, open_log: OpenLog
) -> None:
    assert log.wait_for_change(0, 0.0) == 0
    open_log().append(command(uuid4()))
    assert log.wait_for_change(0, 5.0) == 1


def test_nothing_is_appended_before_the_county_is_named(
    open_log: OpenLog,
) -> None:
    with pytest.raises(CountyNotNamed):
        open_log(county=None).append(command(uuid4()))
    log = open_log(county=None)
    log.name_county(COUNTY)
    assert open_log(county=None).county == COUNTY
    with pytest.raises(StoreUnavailable, match="属于县 522699"):
        open_log(county="110101")
    with pytest.raises(StoreUnavailable, match="属于县 522699"):
        log.name_county("110101")


def test_owner_and_application_may_be_one_role(pg_url: str) -> None:
    migrate(pg_url)
    log = PostgresEventLog(pg_url, clock=FixedClock(NOW), county=COUNTY)
    try:
        assert log.append(command(uuid4())).position == 1
        assert log.weak
        with pytest.raises(StoreUnavailable, match="权限不足") as refused:
            log.all("DELETE FROM events RETURNING 1")
        assert "事实只能追加" in str(refused.value.__cause__)
    finally:
        log.close()
