"""When is an alert told? A function of the alert alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckbx.calendar_data import national_holidays
from ckbx.domain.calendar.county_calendars import CountyCalendars
from ckbx.domain.calendar.lines import calendar_commands
from ckbx.domain.calendar.rows import calendar_line
from ckbx.domain.calendar.school_calendar import SchoolCalendar
from ckbx.domain.rules.rule_pack import DEFAULT_RULES, RulePack, make_rule_pack
from ckbx.domain.shared.event import CommandContext
from notifications.queue import INBOX, NOT_WANTED, Way
from notifications.recipients import Recipient, recipients
from notifications.rules import (
    COUNTED,
    DIGEST,
    IN_INBOX,
    SKIPPED,
    STALE,
    WAITING,
    Told,
    is_stale,
    is_urgent,
    next_digest,
    notices,
    slot_of,
)

ZONE = ZoneInfo("Asia/Shanghai")
ID = UUID(int=7)
FRIDAY = date(2026, 9, 11)


def at(text: str) -> datetime:
    """A local wall-clock time in September 2026: ``11 10:00``."""
    return datetime.strptime(f"2026-09-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


def told(kind: str = "verification_due", **fields: Any) -> Told:
    base = Told(
        alert=ID,
        kind=kind,
        level="黄",
        subject="x",
        rule=kind,
        on=FRIDAY,
        recorded_at=at("11 10:00").astimezone(UTC),
        by_clock=True,
    )
    return msgspec.structs.replace(base, **fields)


def pack(_day: date) -> RulePack:
    return DEFAULT_RULES


@pytest.fixture(scope="module")
def calendar() -> SchoolCalendar:
    calendars = CountyCalendars("522699", national_holidays())
    line = calendar_line(
        county="522699",
        school_year="2026-2027",
        term="秋季",
        first_day=date(2026, 9, 1),
        last_day=date(2027, 1, 22),
        applies_to="522699",
    )
    calendar_commands(
        calendars, line, CommandContext(actor="t", command_id=ID, today=date(2026, 8, 1))
    )
    return calendars.for_school(None)


@pytest.mark.parametrize(
    ("rule", "hour"),
    [
        ("roll_call_silent", "11 10:00"),
        ("opening_silent", "11 12:00"),
    ],
)
def test_a_silent_class_is_told_at_the_hour_of_its_rule(rule: str, hour: str) -> None:
    assert slot_of(told("roll_call_silent", rule=rule), pack, ZONE) == at(hour)


def test_an_urgent_alert_of_an_hour_is_not_put_off_where_the_hour_is_no_round_one() -> None:
    odd = make_rule_pack({"roll_call_due": "10:05"})
    assert slot_of(told("roll_call_silent"), lambda _: odd, ZONE) == at("11 10:05")


def test_an_urgent_alert_of_an_act_waits_for_those_of_the_same_minutes() -> None:
    first = told("relapse", by_clock=False, recorded_at=at("11 10:01").astimezone(UTC))
    later = told("relapse", by_clock=False, recorded_at=at("11 10:10").astimezone(UTC))
    after = told("relapse", by_clock=False, recorded_at=at("11 10:11").astimezone(UTC))
    slots = [slot_of(each, pack, ZONE) for each in (first, later, after)]
    assert slots == [at("11 10:10"), at("11 10:10"), at("11 10:20")]


def test_any_other_alert_waits_for_the_next_digest() -> None:
    assert slot_of(told(), pack, ZONE) == at("11 07:30")
    of_act = [
        told(by_clock=False, recorded_at=at(hour).astimezone(UTC))
        for hour in ("11 07:30", "11 07:31", "11 17:31")
    ]
    slots = [slot_of(each, pack, ZONE) for each in of_act]
    assert slots == [at("11 07:30"), at("11 17:30"), at("12 07:30")]


def test_a_red_alert_is_urgent_and_a_yellow_one_is_not() -> None:
    assert is_urgent(told(level="红"))
    assert not is_urgent(told(level="橙"))


@given(
    minutes=st.integers(0, 60 * 24 * 40),
    late=st.integers(0, 60 * 24 * 2),
    kind=st.sampled_from(["verification_due", "roll_call_silent", "relapse", "post_vacant"]),
)
def test_a_late_tick_of_the_clock_comes_to_the_same_slot(
    minutes: int, late: int, kind: str
) -> None:
    on = FRIDAY + timedelta(days=minutes // (60 * 24))
    prompt = told(kind, on=on)
    tardy = msgspec.structs.replace(
        prompt, recorded_at=prompt.recorded_at + timedelta(minutes=late)
    )
    assert slot_of(prompt, pack, ZONE) == slot_of(tardy, pack, ZONE)


def test_the_control_a_slot_of_the_tick_would_move_with_it() -> None:
    """What the rule above forbids: a slot made of the time of recording."""
    prompt = told(by_clock=False)
    tardy = told(by_clock=False, recorded_at=prompt.recorded_at + timedelta(hours=10))
    assert slot_of(prompt, pack, ZONE) != slot_of(tardy, pack, ZONE)


@given(minutes=st.integers(0, 60 * 24 * 400))
def test_a_digest_is_never_before_what_it_tells(minutes: int) -> None:
    moment = at("01 00:00") + timedelta(minutes=minutes)
    digest = next_digest(moment, pack, ZONE)
    assert moment <= digest < moment + timedelta(hours=24)


def test_three_school_days_after_it_fell_due_an_alert_is_stale(calendar: SchoolCalendar) -> None:
    """Friday 10:00 and three school days: Wednesday 10:00, the weekend does not count."""
    before = told("roll_call_silent", recorded_at=at("16 09:59").astimezone(UTC))
    then = told("roll_call_silent", recorded_at=at("16 10:00").astimezone(UTC))
    assert not is_stale(before, pack, calendar, ZONE)
    assert is_stale(then, pack, calendar, ZONE)


def test_where_the_calendar_does_not_reach_calendar_days_count(calendar: SchoolCalendar) -> None:
    on = date(2027, 7, 1)
    late = datetime(2027, 7, 4, tzinfo=ZONE)
    assert is_stale(told(on=on, recorded_at=late), pack, calendar, ZONE)
    early = late - timedelta(minutes=1)
    assert not is_stale(told(on=on, recorded_at=early), pack, calendar, ZONE)


def test_a_stale_alert_is_counted_in_the_next_digest_and_stands_in_no_inbox(
    calendar: SchoolCalendar,
) -> None:
    late = told("roll_call_silent", recorded_at=at("18 11:00").astimezone(UTC))
    to = [Recipient("ct1", INBOX), Recipient("ct1", "mail")]
    found = list(notices(late, to, pack, calendar, ZONE))
    assert [(each.state, each.reason) for each in found] == [(SKIPPED, STALE), (COUNTED, STALE)]
    assert (found[1].fold, found[1].slot) == (DIGEST, at("18 17:30"))


def test_a_fresh_alert_stands_in_the_inbox_and_waits_on_the_other_ways(
    calendar: SchoolCalendar,
) -> None:
    to = [Recipient("ct1", INBOX), Recipient("ct1", "mail"), Recipient("ct1", "sms", NOT_WANTED)]
    found = list(notices(told(), to, pack, calendar, ZONE))
    assert [each.state for each in found] == [IN_INBOX, WAITING, SKIPPED]


def ask(to: list[str], *ways: Way, school: str | None = "s1") -> list[Recipient]:
    return list(
        recipients(
            to, ways, kind="relapse", level="红", school=school, township=lambda code: code == "t1"
        )
    )


def test_an_account_is_told_by_every_personal_way_once() -> None:
    found = ask(["ct1", "ct1"], Way(name="mail", kind="email"))
    assert found == [Recipient("ct1", INBOX), Recipient("ct1", "mail")]


def test_a_way_that_wants_other_levels_or_kinds_says_so() -> None:
    levels = Way(name="sms", kind="sms", levels=["橙"])
    kinds = Way(name="hook", kind="webhook", kinds=["post_vacant"])
    found = ask(["ct1"], levels, kinds)
    assert [each.reason for each in found] == [None, NOT_WANTED, NOT_WANTED]


@pytest.mark.parametrize(
    ("scope", "concerned"),
    [
        ("county", True),
        ("school:s1", True),
        ("school:s2", False),
        ("township:t1", True),
        ("township:t2", False),
    ],
)
def test_a_group_is_told_of_what_lies_within_its_scope(scope: str, concerned: bool) -> None:
    found = ask(["ct1"], Way(name="g", kind="wecom", scope=scope))
    assert (Recipient("group:g", "g") in found) is concerned


def test_an_alert_that_names_nobody_is_counted() -> None:
    assert ask([]) == [Recipient("", "", "no_recipient")]
