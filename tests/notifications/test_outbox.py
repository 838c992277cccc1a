"""The outbox: notices once an alert, messages once a slot, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ckbx.application.rule_adoption import adopt_rules
from ckbx.application.unit import Unit
from ckbx.clock import FixedClock, from_micros
from ckbx.domain.responsibility.post import Line, Role, Scope, ScopeKind
from ckbx.domain.responsibility.register import PostRegister, posts_stream
from ckbx.eventlog.ports import RecordedEvent
from ckbx.eventlog.row_store import RowWriter, catch_up
from ckbx.store import Store
from notifications.compose import compose
from notifications.outbox import NAME, Outbox
from notifications.outbox_tables import MESSAGES, NOTICES, MessageRow, NoticeRow
from notifications.postroom import Postroom
from notifications.queue import INBOX, Way
from tests.support.alerts import GROUP, MAIL, end_alert, notice, raise_alert
from tests.support.county import SCHOOL, SmallCounty, opened

TODAY = date(2026, 11, 20)  # a Friday
NOON = datetime.fromisoformat("2026-11-20T12:00:00+08:00")
EVENING = datetime.fromisoformat("2026-11-20T17:30:00+08:00")
MORNING = datetime.fromisoformat("2026-11-20T07:30:00+08:00")
CLASS = f"{SCHOOL}/2026/1"


class Desk:
    """A store with a class, and its post room."""

    def __init__(self, store: Store, ways: Sequence[Way] = (MAIL,)) -> None:
        self.store = store
        self.office = store.office
        self.county = SmallCounty(store.office)
        self.pupils = self.county.pupils[CLASS]
        store.ways = tuple(ways)
        self.room = store.postroom
        self.room.catch_up()

    def absent(self, child: UUID, on: date = TODAY, to: str = "ct1", **more: Any) -> UUID:
        said = notice("absence_warning", on, [to], child=child, class_key=CLASS, **more)
        return raise_alert(self.office, said)

    def silent(self, on: date = TODAY, to: str = "ct1") -> UUID:
        return raise_alert(self.office, notice("roll_call_silent", on, [to], class_key=CLASS))

    def notices(self, channel: str = "mail") -> list[NoticeRow]:
        with self.store.rows.snapshot() as look:
            rows = [NoticeRow(*row) for row in look.scan(NOTICES)]
        return sorted(row for row in rows if row.channel == channel)

    def messages(self) -> list[MessageRow]:
        with self.store.rows.snapshot() as look:
            return sorted((MessageRow(*row) for row in look.scan(MESSAGES)), key=lambda m: m.slot)

    def place(self) -> int:
        with self.store.rows.snapshot() as look:
            return look.places()[NAME].position

    def at(self, now: datetime) -> None:
        clock = self.store.clock
        assert isinstance(clock, FixedClock)
        clock.at = now


@pytest.fixture
def desk(store_url: str, tmp_path: Path) -> Any:
    with opened(store_url, tmp_path / "keys", now=NOON) as store:
        yield Desk(store)


def test_an_alert_becomes_one_notice_a_way_and_stands_in_the_inbox_at_once(desk: Desk) -> None:
    desk.absent(desk.pupils[0])
    desk.room.catch_up()
    desk.room.catch_up()
    assert [row.state for row in desk.notices()] == ["waiting"]
    assert [row.subject for row in desk.room.inbox.of("ct1")] == [str(desk.pupils[0])]


def test_alerts_of_one_slot_go_together_in_one_digest(desk: Desk) -> None:
    for child in desk.pupils[:3]:
        desk.absent(child)
    raise_alert(desk.office, notice("post_vacant", TODAY, ["ct1"]))
    assert desk.room.tick(NOON) == 1
    (message,) = desk.messages()
    assert (message.kind, message.recipient) == ("digest", "ct1")
    assert "缺勤预警 3 人" in message.body
    assert "责任岗位空缺 1 所" in message.body
    assert {row.state for row in desk.notices()} == {"composed"}


def test_an_urgent_alert_goes_alone_and_at_its_hour(desk: Desk) -> None:
    desk.silent()
    desk.absent(desk.pupils[0])
    desk.room.tick(datetime.fromisoformat("2026-11-20T10:00:00+08:00"))
    assert [m.kind for m in desk.messages()] == ["digest", "roll_call_silent"]


def test_a_message_is_not_made_before_its_slot(desk: Desk) -> None:
    desk.absent(desk.pupils[0])
    assert desk.room.tick(MORNING - timedelta(microseconds=1)) == 0
    assert desk.room.tick(MORNING) == 1


def test_a_tick_repeated_makes_nothing_more(desk: Desk) -> None:
    desk.absent(desk.pupils[0])
    desk.room.tick(NOON)
    before = desk.messages(), desk.notices()
    assert desk.room.tick(NOON) == 0
    assert (desk.messages(), desk.notices()) == before


@pytest.mark.parametrize("withdraw", [True, False])
def test_an_alert_that_is_over_before_it_was_told_is_skipped_and_counted(
    desk: Desk, withdraw: bool
) -> None:
    over, stands = desk.absent(desk.pupils[0]), desk.absent(desk.pupils[1])
    desk.room.catch_up()
    end_alert(desk.office, over, TODAY, withdraw=withdraw)
    desk.room.tick(NOON)
    by_alert = {row.alert: (row.state, row.reason) for row in desk.notices()}
    assert by_alert == {
        over.bytes: ("skipped", "alert_over"),
        stands.bytes: ("composed", None),
    }
    assert "缺勤预警 1 人" in desk.messages()[0].body


def test_an_alert_raised_and_closed_between_two_ticks_is_not_told(desk: Desk) -> None:
    end_alert(desk.office, desk.silent(), TODAY)
    assert desk.room.tick(NOON) == 0
    assert [row.reason for row in desk.notices()] == ["alert_over"]
    assert desk.room.inbox.of("ct1", unread=True) == []


def test_an_alert_raised_again_is_told_again_with_what_it_said_first(desk: Desk) -> None:
    alert = desk.absent(desk.pupils[0])
    desk.room.tick(NOON)
    end_alert(desk.office, alert, TODAY, withdraw=True)
    desk.room.catch_up()
    desk.absent(desk.pupils[0])
    desk.room.tick(NOON)
    assert [row.state for row in desk.notices()] == ["composed", "composed"]
    assert {row.class_key for row in desk.notices()} == {CLASS}


def test_what_comes_to_a_slot_after_its_message_gets_a_message_of_its_own(desk: Desk) -> None:
    desk.absent(desk.pupils[0])
    desk.room.tick(NOON)
    desk.absent(desk.pupils[1])
    desk.room.tick(NOON)
    parts = sorted((m.part, m.id) for m in desk.messages())
    assert [part for part, _ in parts] == [0, 1]
    assert parts[0][1] != parts[1][1]


def test_an_alert_of_last_week_is_counted_in_one_line_of_the_next_digest(desk: Desk) -> None:
    for child in desk.pupils[:2]:
        desk.absent(child, date(2026, 11, 9))
    desk.absent(desk.pupils[2])
    desk.room.tick(EVENING)
    said = [m.body for m in desk.messages()]
    assert len(said) == 2  # this morning's late digest, and the evening's with the old ones
    assert sum("另有 2 项" in body for body in said) == 1
    assert [row.reason for row in desk.notices()].count("stale") == 2
    assert desk.room.inbox.older("ct1") == 2


def test_an_old_alert_that_is_over_is_counted_as_over(desk: Desk) -> None:
    old = desk.absent(desk.pupils[0], date(2026, 11, 9))
    desk.room.catch_up()
    end_alert(desk.office, old, TODAY)
    assert desk.room.tick(EVENING) == 0
    assert desk.room.inbox.older("ct1") == 0
    assert [row.reason for row in desk.notices()] == ["alert_over"]


def test_a_group_hears_numbers_and_no_person(store_url: str, tmp_path: Path) -> None:
    with opened(store_url, tmp_path / "keys", now=NOON) as store:
        desk = Desk(store, [GROUP])
        for child in desk.pupils[:2]:
            desk.absent(child)
        desk.room.tick(NOON)
        (message,) = desk.messages()
    assert message.recipient == "group:bureau"
    assert "一小 2 人" in message.body
    assert not any(str(child) in message.body for child in desk.pupils)


def test_a_new_outbox_in_a_store_with_a_past_begins_at_its_head(desk: Desk) -> None:
    desk.absent(desk.pupils[0])
    with desk.store.rows.transaction() as tx:
        for table in ("outbox_notices", "outbox_messages"):
            tx.execute(f"DROP TABLE {table}")
        tx.execute(f"DELETE FROM answers_positions WHERE subscriber = '{NAME}'")
    room = Postroom(desk.store.log, desk.store.rows, desk.store.clock.zone, (MAIL,))
    room.prepare()
    room.tick(NOON)
    assert desk.notices() == []
    desk.absent(desk.pupils[1])
    room.tick(NOON)
    assert [row.child for row in desk.notices()] == [desk.pupils[1].bytes]


# ---------------------------------------------------------------- crashes


class _Planted(Exception):
    """The process dies here."""


class _DiesAfterWriting(Outbox):
    def take(self, tx: RowWriter, batch: Sequence[RecordedEvent]) -> None:
        super().take(tx, batch)
        raise _Planted


def _followed(desk: Desk, kind: type[Outbox]) -> Outbox:
    return kind(desk.store.log, desk.store.clock.zone, (MAIL,))


def test_a_crash_between_notices_and_place_leaves_nothing_half_done(desk: Desk) -> None:
    desk.absent(desk.pupils[0])
    before = desk.place()
    with pytest.raises(_Planted):
        catch_up(desk.store.log, desk.store.rows, _followed(desk, _DiesAfterWriting))
    assert (desk.place(), desk.notices()) == (before, [])
    desk.room.tick(NOON)
    assert len(desk.notices()) == 1


def test_the_control_a_place_moved_first_loses_a_notice(desk: Desk) -> None:
    desk.absent(desk.pupils[0])
    with desk.store.rows.snapshot() as look:
        place = look.places()[NAME]
    with desk.store.rows.transaction() as tx:  # the fault: a transaction of its own
        tx.move(NAME, place, desk.store.log.head())
    with pytest.raises(_Planted), desk.store.rows.transaction() as tx:
        _followed(desk, _DiesAfterWriting).take(tx, desk.store.log.read(place.position, 100))
    desk.room.tick(NOON)
    assert desk.notices() == []


def test_composing_cut_off_and_repeated_makes_the_same_messages(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifications.compose.GROUPS", 1)
    for number, child in enumerate(desk.pupils):
        desk.absent(child, to=f"ct{number}")
    desk.room.catch_up()
    whole = _composed(desk, fail_at=None)
    for cut in range(5):
        _uncompose(desk)
        with pytest.raises(_Planted):
            _composed(desk, fail_at=cut)
        assert len(desk.messages()) == cut
        assert _composed(desk, fail_at=None) == whole
    assert len(whole) == 5


def _composed(desk: Desk, fail_at: int | None) -> set[tuple[bytes, str, str]]:
    from notifications import compose as module

    real, calls = module._message, 0

    def message(*args: Any) -> MessageRow:
        nonlocal calls
        if calls == fail_at:
            raise _Planted
        calls += 1
        return real(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_message", message)
        compose(desk.store.log, desk.store.rows, (MAIL,), desk.store.clock.zone, NOON)
    return {(m.id, m.subject, m.body) for m in desk.messages()}


def _uncompose(desk: Desk) -> None:
    messages, notices = desk.messages(), desk.notices()
    with desk.store.rows.transaction() as tx:
        tx.delete(MESSAGES, [(m.id,) for m in messages])
        waiting = [("waiting", None, *row[: NOTICES.key]) for row in notices]
        tx.update(NOTICES, ("state", "message"), waiting)


def test_rebuilding_every_answer_and_running_again_tells_nobody_again(desk: Desk) -> None:
    """The outbox is a record: a replay of the log sends nothing."""
    for child in desk.pupils[:3]:
        desk.absent(child)
    desk.silent()
    desk.room.tick(NOON)
    before = desk.notices(), desk.notices(INBOX), desk.messages()
    desk.store.catch_up()
    desk.store.projector.rebuild()
    desk.room.tick(NOON)
    desk.room.tick(EVENING)
    assert (desk.notices(), desk.notices(INBOX), desk.messages()) == before


def test_the_control_an_outbox_folded_anew_would_tell_everybody_again(desk: Desk) -> None:
    desk.absent(desk.pupils[0])
    desk.room.tick(NOON)
    with desk.store.rows.transaction() as tx:  # what a rebuild does to an answer
        for table in ("outbox_notices", "outbox_messages"):
            tx.execute(f"DELETE FROM {table}")
        tx.execute(f"UPDATE answers_positions SET position = 0 WHERE subscriber = '{NAME}'")
    assert desk.room.tick(NOON) == 1


# ------------------------------------------------------- as known then


def test_a_rule_pack_adopted_after_an_alert_does_not_move_its_slot(desk: Desk) -> None:
    """The outbox folded late comes to the slots of the outbox folded at once."""
    desk.absent(desk.pupils[0])
    adopt_rules(desk.office, desk.office.context("x"), {"morning_digest": "08:00"}, TODAY)
    desk.absent(desk.pupils[1])
    desk.room.catch_up()
    assert [from_micros(row.slot).minute for row in desk.notices()] == [30, 0]


def test_a_township_hears_of_what_its_own_people_are_told(store_url: str, tmp_path: Path) -> None:
    groups = [
        Way(name=f"t{code}", kind="wecom", scope=f"township:{code}")
        for code in ("522699100", "522699101")
    ]
    with opened(store_url, tmp_path / "keys", now=NOON) as store:
        desk = Desk(store, groups)
        _village_post(desk, "522699100201", "vil1")
        desk.absent(desk.pupils[0], to="vil1")
        desk.absent(desk.pupils[1], to="ct1")
        desk.room.catch_up()
        found = {name: len(desk.notices(name)) for name in ("t522699100", "t522699101")}
    assert found == {"t522699100": 1, "t522699101": 0}


def _village_post(desk: Desk, code: str, account: str) -> None:
    scope = Scope(ScopeKind.VILLAGE, code)
    stream = posts_stream(desk.office.county, scope)

    def decide(unit: Unit) -> bytes:
        made = unit.get(stream, partial(PostRegister, county=desk.office.county))
        post = made.establish(
            unit.ctx,
            line=Line.GOVERNMENT,
            scope=scope,
            title="村主任",
            level=4,
            role=Role.VILLAGE_OFFICER,
            since=TODAY,
        )
        made.hold(unit.ctx, post, account=account, holder=UUID(int=9), first_day=TODAY)
        return b"post"

    desk.office.run(desk.office.context("x"), decide)
