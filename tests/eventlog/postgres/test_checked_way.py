"""Where others write too a command is still one round trip: it says itself what it rests on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from ckbx.clock import FixedClock, micros
from ckbx.domain.shared.errors import ConcurrencyConflict
from ckbx.eventlog.ports import RECORDED_AT, Appended, RowWrite
from ckbx.eventlog.postgres import writer
from ckbx.eventlog.postgres.fast import store_checked
from tests.eventlog.postgres.conftest import OpenLog
from tests.eventlog.postgres.samples import NOW, command


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For every batch that came to this way: whether it was stored by it."""
    seen: list[bool] = []

    def watch(*args: Any) -> Any:
        outcomes = store_checked(*args)
        seen.append(outcomes is not None)
        return outcomes

    monkeypatch.setattr(writer, "store_checked", watch)
    return seen


def test_two_who_write_in_turn_need_no_other_way(open_log: OpenLog, checked: list[bool]) -> None:
    one, other, shared = open_log(), open_log(), uuid4()
    for version in range(1, 9):
        log = one if version % 2 else other
        assert log.append(command(shared, version=version)).position == version
    assert checked == [True] * 8
    assert [row.version for row in one.read_rows(0, 99)] == list(range(1, 9))


def test_a_command_that_rests_on_an_older_version_is_refused(
    open_log: OpenLog, checked: list[bool]
) -> None:
    one, other, stream = open_log(), open_log(), uuid4()
    one.append(command(stream))
    other.append(command(stream, version=2))
    checked.clear()
    for late in (command(stream, version=2), command(uuid4(), expect={stream: 1})):
        with pytest.raises(ConcurrencyConflict) as caught:
            one.append(late)
        assert (caught.value.ids["version"], caught.value.ids["head"]) == (1, 2)
    assert not any(checked)
    assert len(other.read_rows(0, 9)) == 2


def test_one_of_a_batch_that_is_refused_leaves_the_others_alone(open_log: OpenLog) -> None:
    one, other, stream = open_log(), open_log(), uuid4()
    one.append(command(stream))
    other.append(command(stream, version=2))
    batch = [command(uuid4()), command(stream, version=2), command(stream, version=3)]
    outcomes = one.append_many(batch)
    assert [type(each) for each in outcomes] == [Appended, ConcurrencyConflict, Appended]
    assert [each.position for each in outcomes if isinstance(each, Appended)] == [3, 4]


def test_a_command_that_another_has_stored_gets_its_first_answer(open_log: OpenLog) -> None:
    one, other, sent = open_log(), open_log(), command(uuid4())
    one.append(command(uuid4()))
    first = other.append(sent)
    again = one.append(sent)
    assert (again.position, again.recorded_at, again.replayed) == (
        first.position,
        first.recorded_at,
        True,
    )
    assert len(one.read_rows(0, 9)) == 2


def test_instants_never_go_back_and_rows_have_that_of_their_events(
    open_log: OpenLog, raw: psycopg.Connection[Any], checked: list[bool]
) -> None:
    behind, ahead = open_log(), open_log()
    later = NOW + timedelta(minutes=5)
    behind.append(command(uuid4()))
    ahead._writer._clock = FixedClock(later)
    ahead.append(command(uuid4()))
    checked.clear()
    columns = ("row_id", "field", "sealed", "recorded_at")
    rows = RowWrite("vault_rows", columns, [(n, "x", b"", RECORDED_AT) for n in (1, 2)])
    done = behind.append(command(uuid4(), writes=[rows]))
    assert checked == [True]
    assert done.recorded_at == later
    assert [row.recorded_at for row in behind.read_rows(1, 9)] == [micros(later)] * 2
    found = raw.execute("SELECT DISTINCT recorded_at FROM vault_rows").fetchall()
    assert found == [(micros(later),)]
