"""Any class on any day: who should have sat there, who was reported absent, by whom and when."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date
from typing import NamedTuple
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from ckbx.clock import from_micros
from ckbx.domain.attendance.marks import Reason, Session, Tally
from ckbx.domain.child.events import AbsenceRecorded
from ckbx.domain.class_roll.events import RollCallSubmitted
from ckbx.domain.school_class.register import ClassRegister
from ckbx.eventlog.ports import RecordedEvent
from ckbx.store import Store
from ckbx.vault import Access
from ckbx.web.pages.roll_call.sheet import path_of
from tests.web.inspect.conftest import OTHER_SCHOOL, SCHOOL
from tests.web.ledgers.kit import children_in
from tests.web.signing import signed_in

LOOK = Access(actor="test", view="test", purpose="核对")


class Sheets(NamedTuple):
    class_key: str
    day: date
    facts: list[RecordedEvent]


def _sheets(store: Store) -> list[Sheets]:
    """Every class-day with its roll calls, from the log itself."""
    found: dict[tuple[str, date], list[RecordedEvent]] = defaultdict(list)
    for fact in store.log.read(0, 10**6):
        if isinstance(fact.event, RollCallSubmitted):
            found[(fact.event.class_key, fact.event.occurred_on)].append(fact)
    return [Sheets(key, day, facts) for (key, day), facts in found.items()]


@pytest.fixture(scope="module")
def amended(county: Store) -> Sheets:
    """The class-day with most versions of its roll call."""
    return max(_sheets(county), key=lambda each: (len(each.facts), each.day))


@pytest.fixture(scope="module")
def late(county: Store) -> Sheets:
    """A class-day that was entered days after."""
    return next(
        each
        for each in _sheets(county)
        if any(isinstance(f.event, RollCallSubmitted) and f.event.lag_days for f in each.facts)
    )


def _address(of: Sheets, **more: str) -> str:
    given = "".join(f"&{name}={value}" for name, value in more.items())
    return f"/inspect/class?class={of.class_key}&day={of.day}{given}"


def _names(store: Store, fact: RecordedEvent) -> set[str]:
    assert isinstance(fact.event, RollCallSubmitted)
    people = store.vault.read(list(fact.event.absent), ("identity",), LOOK)
    return {person.name for person in people.values()}


def test_every_version_stands_with_its_instant_its_sender_and_its_absentees(
    county: Store, inspector: TestClient, amended: Sheets
) -> None:
    assert len(amended.facts) > 1
    text = inspector.get(_address(amended)).text
    assert f"报过 <b>{len(amended.facts)}</b> 次" in text
    assert text.count("已被取代") == len(amended.facts) - 1
    zone = county.clock.zone
    for fact in amended.facts:
        event = fact.event
        assert isinstance(event, RollCallSubmitted)
        at = from_micros(fact.recorded_at).astimezone(zone)
        assert f"{at.month}月{at.day}日 {at:%H:%M}" in text
        assert f"记录位置 {fact.position:,}" in text
        of = Tally.of(event.expected, event.absent.values())
        said = f"应到 {of.expected}，实到 {of.present}，缺勤 {of.absent}，请假 {of.on_leave}"
        assert f"{said}，未核 {of.unverified}" in text
        for name in _names(county, fact):
            assert name in text
        for reason in event.absent.values():
            assert reason.label in text


def test_the_page_of_the_roll_call_says_by_name_who_handed_each_version_in(
    county: Store, amended: Sheets
) -> None:
    accounts = {
        fact.event.submitted_by
        for fact in amended.facts
        if isinstance(fact.event, RollCallSubmitted)
    }
    with signed_in(county, min(accounts)) as client:
        text = client.get(f"{path_of(amended.class_key)}?day={amended.day}").text
    for account in accounts:
        assert re.search(rf"<bdi>[\u4e00-\u9fff]{{2,4}}（{account}）</bdi>", text), account
        assert f">{account}<" not in text


def test_as_known_before_the_amendment_only_the_first_version_is_there(
    county: Store, inspector: TestClient, amended: Sheets
) -> None:
    first, second = amended.facts[:2]
    between = from_micros((first.recorded_at + second.recorded_at) // 2)
    local = between.astimezone(county.clock.zone).strftime("%Y-%m-%dT%H:%M:%S")
    text = inspector.get(_address(amended, known_at=local)).text
    assert "报过 <b>1</b> 次" in text
    assert "已被取代" not in text
    assert f"记录位置 {second.position:,}；" not in text


def test_what_was_entered_late_is_marked(inspector: TestClient, late: Sheets) -> None:
    lags = [fact.event.lag_days for fact in late.facts if isinstance(fact.event, RollCallSubmitted)]
    text = inspector.get(_address(late)).text
    assert text.count("晚 ") == sum(lag > 0 for lag in lags)
    assert f"晚 {max(lags)} 天" in text


def test_those_who_should_have_sat_there_are_those_of_the_class_roll(
    county: Store, inspector: TestClient, amended: Sheets
) -> None:
    """By the register of the class itself, not by the answers that the page asks."""
    stream = ClassRegister.stream(county.log.county, amended.class_key)
    register = ClassRegister(stream).replay(county.log.load([stream])[stream])
    roll = register.roll(amended.day.toordinal())
    text = inspector.get(_address(amended)).text
    assert f"应点名 <b>{len(roll)}</b>" in text
    assert roll <= children_in(text)


def test_a_silent_class_is_not_a_full_one(county: Store, inspector: TestClient) -> None:
    text = inspector.get(f"/inspect/day?school={SCHOOL}&day=2026-03-01").text
    assert "已报" not in text
    for of in _sheets(county)[:1]:
        silent = inspector.get(f"/inspect/class?class={of.class_key}&day=2026-09-05").text
        assert "没有点名记录" in silent
        assert ">到校<" not in silent


def test_the_day_of_a_school_leads_to_its_classes(inspector: TestClient, amended: Sheets) -> None:
    school = amended.class_key.split("/")[0]
    text = inspector.get(f"/inspect/day?school={school}&day={amended.day}").text
    assert f"class={amended.class_key.replace('/', '%2F')}" in text or amended.class_key in text


@pytest.mark.parametrize(
    "address",
    [
        "/inspect/class?class=nothing&day=2026-11-20",
        "/inspect/class?class=&day=2026-11-20",
        f"/inspect/class?class={SCHOOL}/1999/1&day=2026-11-20",
        f"/inspect/class?class={SCHOOL}/2022/01&day=2026-11-20",
        "/inspect/day?school=2152699999",
        "/inspect/day",
    ],
)
def test_what_is_no_class_or_school_is_not_there(inspector: TestClient, address: str) -> None:
    assert inspector.get(address).status_code == 404


def test_an_inspector_of_one_school_sees_no_class_of_another(
    county: Store, of_one: TestClient
) -> None:
    last = {each.class_key: each for each in _sheets(county)}
    for key, each in sorted(last.items()):
        status = of_one.get(_address(each)).status_code
        assert status == (200 if key.startswith(SCHOOL) else 404), key
    assert any(not key.startswith(SCHOOL) for key in last)
    assert of_one.get(f"/inspect/day?school={OTHER_SCHOOL}&day=2026-11-20").status_code == 404


def test_looking_at_a_class_is_recorded_with_the_children_shown(
    county: Store, inspector: TestClient, amended: Sheets
) -> None:
    before = county.vault.access_records(limit=10**6)[-1].id
    text = inspector.get(_address(amended)).text
    (record,) = county.vault.access_records(after=before)
    assert (record.actor, record.view) == ("inspector", "web:inspect:class")
    assert children_in(text) <= set(record.subjects)


@pytest.fixture(scope="module")
def unnamed(county: Store) -> tuple[Sheets, UUID]:
    """A class-day with one roll call of the whole day, and a child that had to be named 到校 and
    that it does not speak of.
    """
    for sheets in _sheets(county):
        sheet = sheets.facts[0].event
        assert isinstance(sheet, RollCallSubmitted)
        if len(sheets.facts) > 1 or sheet.session is not Session.FULL:
            continue
        for fact in county.log.read(sheets.facts[0].position, 50):
            event = fact.event
            if (
                isinstance(event, AbsenceRecorded)
                and event.occurred_on == sheets.day
                and event.reason is Reason.UNVERIFIED
                and event.class_key == sheets.class_key
                and event.originator_id not in {*sheet.absent, *sheet.seen}
            ):
                return sheets, event.originator_id
    pytest.fail("the demo county has no such child")


def test_a_child_that_nobody_confirmed_is_not_said_to_have_been_there(
    county: Store, inspector: TestClient, unnamed: tuple[Sheets, UUID]
) -> None:
    of, child = unnamed
    text = inspector.get(_address(of)).text
    (row,) = (row for row in re.split("<tr", text) if f"/children/{child}" in row)
    assert "没有确认到校，按未核计" in row
    assert "到校" in text.replace("没有确认到校", "")  # the others were there
