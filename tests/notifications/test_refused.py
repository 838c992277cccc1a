"""A notice that the database refuses stops neither the others nor the outbox."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from ckbx.eventlog.row_store import FollowerMoved, RowUnwritable
from ckbx.store import Store
from notifications.outbox_tables import NOTICES, NoticeRow
from notifications.refused import pass_refused
from notifications.rules import REASONS, UNWRITABLE
from tests.support.alerts import MAIL, end_alert, notice, raise_alert
from tests.support.county import SmallCounty, opened

TODAY = date(2026, 11, 20)
NOON = datetime.fromisoformat("2026-11-20T12:00:00+08:00")
BAD = "not-for-this-database"
_REFUSING = {
    "sqlite": (
        "CREATE TRIGGER no BEFORE INSERT ON outbox_notices WHEN NEW.recipient = "
        f"'{BAD}' BEGIN SELECT RAISE(ABORT, 'planted'); END"
    ),
    "postgresql": f"ALTER TABLE outbox_notices ADD CHECK (recipient <> '{BAD}')",
}


@pytest.fixture
def store(store_url: str, tmp_path: Path) -> Iterator[Store]:
    with opened(store_url, tmp_path / "keys", now=NOON) as made:
        made.ways = (MAIL,)
        SmallCounty(made.office)
        made.postroom.prepare()
        made.postroom.catch_up()
        with made.rows.transaction() as tx:
            tx.execute(_REFUSING[made.rows.dialect])
        yield made


def tell(store: Store, day: int, to: Sequence[str]) -> None:
    """An alert to these accounts."""
    on = TODAY - timedelta(days=day)
    raise_alert(store.office, notice("post_vacant", on, list(to)))


def kept(store: Store) -> list[NoticeRow]:
    """Every notice."""
    with store.rows.snapshot() as look:
        return sorted(NoticeRow(*row) for row in look.scan(NOTICES))


def told(store: Store) -> list[str]:
    """Who was told, a notice each, of those that were not refused."""
    return [row.recipient for row in kept(store) if row.reason != UNWRITABLE]


def test_the_others_are_told_and_what_was_refused_is_counted(store: Store) -> None:
    tell(store, 0, ["ct1"])
    tell(store, 1, ["ct2", BAD, "ct3"])
    tell(store, 2, ["ct4"])
    assert store.postroom.catch_up() == store.log.head()
    assert sorted(set(told(store))) == ["ct1", "ct2", "ct3", "ct4"]
    assert store.postroom.reasons()[UNWRITABLE] == 2  # inbox and mail
    assert UNWRITABLE in REASONS
    assert BAD not in repr(kept(store))
    assert store.postroom.tick(NOON + timedelta(days=1)) >= 1


@pytest.mark.parametrize("where", [0, 3, 6])
def test_it_is_found_wherever_it_stands_among_others(store: Store, where: int) -> None:
    for day in range(7):
        tell(store, day, [BAD] if day == where else [f"ct{day}"])
    assert store.postroom.catch_up() == store.log.head()
    assert set(told(store)) == {f"ct{day}" for day in range(7) if day != where}


def test_more_of_them_than_tries_are_passed(store: Store) -> None:
    for day in range(8):
        tell(store, day, [BAD])
    assert store.postroom.catch_up() == store.log.head()
    assert store.postroom.reasons()[UNWRITABLE] == 16
    assert told(store) == []


def test_its_alert_ends_as_any_other(store: Store) -> None:
    on = TODAY
    stream = raise_alert(store.office, notice("post_vacant", on, ["ct1", BAD]))
    store.postroom.catch_up()
    end_alert(store.office, stream, on)
    assert store.postroom.catch_up() == store.log.head()
    assert store.postroom.reasons()[UNWRITABLE] == 2


def test_what_is_not_found_again_still_stops_the_outbox(store: Store) -> None:
    room = store.postroom
    tell(store, 0, ["ct1"])
    error = RowUnwritable(why="planted")
    with pytest.raises(RowUnwritable):
        pass_refused(store.log, store.rows, room._outbox, error)
    assert room.catch_up() == store.log.head()
    assert set(told(store)) == {"ct1"}


def test_where_another_process_passed_it_nothing_is_done_twice(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = store.postroom
    outbox = room._outbox
    tell(store, 0, [BAD])
    real = outbox.notices_of

    def meanwhile(recorded: object) -> list[NoticeRow]:
        monkeypatch.setattr(outbox, "notices_of", real)
        room.catch_up()
        return real(recorded)  # type: ignore[arg-type]

    monkeypatch.setattr(outbox, "notices_of", meanwhile)
    with pytest.raises(FollowerMoved):
        pass_refused(store.log, store.rows, outbox, RowUnwritable(why="planted"))
    assert store.postroom.reasons()[UNWRITABLE] == 2
