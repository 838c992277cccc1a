"""The ladder: what nobody has seen, or done, rises on its own line with a copy to the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from ckbx.application.alerts import done
from ckbx.domain.alert.closing import ClosedBecause
from ckbx.domain.alert.events import AlertClosed, AlertRaised, AlertReopened
from ckbx.domain.attendance.marks import Reason
from ckbx.domain.responsibility.post import Line, Role, Scope, ScopeKind
from ckbx.domain.rules.rule_book import RuleBook
from ckbx.scheduling import ladder
from ckbx.scheduling.gather import gather
from ckbx.scheduling.instants import hours_of
from ckbx.scheduling.run_due import DueReport
from tests.scheduling.due_kit import AUTUMN, A, AlertState, B, U, World, alerts, local
from tests.support.county import COUNTY, SCHOOL, opened

VILLAGE = f"{COUNTY}100201"
FRIDAY, MONDAY, TUESDAY = date(2026, 9, 11), date(2026, 9, 14), date(2026, 9, 15)


def people(world: World) -> World:
    """One class in a village, with everybody who answers for it on both lines."""
    world.add(A, on=AUTUMN[2], village=VILLAGE)
    for kind, code, account, role in (
        (ScopeKind.CLASS, A, "teacher", Role.CLASS_TEACHER),
        (ScopeKind.SCHOOL, SCHOOL, "head", Role.PRINCIPAL),
        (ScopeKind.COUNTY, COUNTY, "bureau", Role.BUREAU_OFFICER),
    ):
        world.post(Scope(kind, code), account, role)
    for kind, code, account, role in (
        (ScopeKind.VILLAGE, VILLAGE, "village", Role.VILLAGE_OFFICER),
        (ScopeKind.TOWNSHIP, VILLAGE[:9], "town", Role.TOWNSHIP_OFFICER),
        (ScopeKind.COUNTY, COUNTY, "governor", Role.NOTIFIED),
    ):
        world.post(Scope(kind, code), account, role, line=Line.GOVERNMENT)
    return world


@pytest.fixture
def begun(store_url: str, tmp_path: Path) -> Iterator[World]:
    """It is the evening of the first day; what is recorded later is recorded later."""
    with opened(store_url, tmp_path / "secrets", now=local(AUTUMN[2])) as store:
        yield people(World(store, terms=[AUTUMN]))


@pytest.fixture
def world(begun: World) -> World:
    """It is the evening of Wednesday 16 September 2026, nothing reported but what a test says."""
    begun.clock(local(date(2026, 9, 16)))
    return begun


def of(world: World, *rules: str) -> list[AlertState]:
    found = [a for a in alerts(world.store).values() if a.rule in rules]
    return sorted(found, key=lambda a: (a.day, a.rule))


def report_until(world: World, last: date, absent: dict[UUID, object] | None = None) -> None:
    for day in world.days():
        if day <= last:
            world.hand_in(A, day, absent)  # type: ignore[arg-type]


SILENT = ("roll_call_silent", "roll_call_silent_up", "roll_call_silent_county")


def silence(world: World) -> list[tuple[str, date, tuple[str, ...]]]:
    return [(a.rule, a.day, a.to) for a in of(world, *SILENT) if a.state == "open"]


def test_a_silent_class_rises_to_the_principal_that_day_and_to_the_county_the_next(
    world: World,
) -> None:
    report_until(world, FRIDAY - timedelta(days=1))
    world.due(FRIDAY, 13)
    told = ("roll_call_silent", FRIDAY, ("teacher",))
    assert silence(world) == [told]
    world.due(FRIDAY, 14)
    up = ("roll_call_silent_up", FRIDAY, ("head",))
    assert silence(world) == [told, up]
    world.due(MONDAY, 9)
    assert silence(world) == [told, up]
    world.due(MONDAY, 10)
    assert ("roll_call_silent_county", MONDAY, ("bureau",)) in silence(world)


def test_a_late_report_takes_back_all_that_rose_from_its_silence(world: World) -> None:
    report_until(world, FRIDAY - timedelta(days=1))
    world.due(MONDAY, 10)
    world.hand_in(A, FRIDAY)
    world.due(MONDAY, 10)
    assert {a.state for a in of(world, *SILENT) if a.day == FRIDAY} == {"withdrawn"}
    assert {a.state for a in of(world, "roll_call_silent_county")} == {"withdrawn"}


def test_silence_that_was_only_acknowledged_rises_all_the_same(world: World) -> None:
    report_until(world, FRIDAY - timedelta(days=1))
    world.due(FRIDAY, 10)
    world.acknowledge("roll_call_silent", "teacher", local(FRIDAY, 11))
    world.clock(local(MONDAY))
    world.due(FRIDAY, 14)
    assert [a.to for a in of(world, "roll_call_silent_up")] == [("head",)]


WARNED = "absence_run_3"
LATER = local(date(2026, 9, 25))


@pytest.fixture
def warned(begun: World) -> World:
    """A child away from Tuesday the 8th on, warned of on Thursday the 10th; now it is the 10th."""
    away_from_the_8th(begun)
    return begun


def run(world: World, day: date, hour: int = 20) -> DueReport:
    """A run when it is that hour."""
    world.clock(local(day, hour))
    return world.due(day, hour)


def away_from_the_8th(world: World) -> None:
    world.clock(local(date(2026, 9, 10)))
    report_until(world, date(2026, 9, 7))
    for day in (date(2026, 9, 8), date(2026, 9, 9), date(2026, 9, 10)):
        world.hand_in(A, day, {world.children[A][0]: U})


def test_an_early_warning_not_answered_by_its_day_rises_acknowledged_or_not(
    warned: World,
) -> None:
    warned.acknowledge(WARNED, "teacher", local(FRIDAY, 9))
    run(warned, FRIDAY)
    assert of(warned, WARNED + "_unread", WARNED + "_up") == []
    run(warned, MONDAY)  # due on Friday
    assert of(warned, WARNED + "_unread") == []
    assert [(a.day, a.to) for a in of(warned, WARNED + "_up")] == [(date(2026, 9, 12), ("head",))]
    assert of(warned, WARNED + "_copy") == []  # the village was told with the warning
    assert [a.to for a in of(warned, "absence_warning_village")] == [("village",)]


EXPIRED = "leave_expired"


@pytest.fixture
def expired(begun: World) -> World:
    """A leave that ended on Wednesday the 9th: noted on Thursday, nobody acknowledges it."""
    begun.clock(local(date(2026, 9, 2)))
    begun.suspend(begun.children[A][0], date(2026, 9, 2), date(2026, 9, 9))
    begun.clock(local(date(2026, 9, 10)))
    report_until(begun, date(2026, 9, 10))
    begun.due(date(2026, 9, 10))
    return begun


def test_what_nobody_acknowledged_rises_after_two_working_days_at_the_hour(expired: World) -> None:
    run(expired, MONDAY, 15)
    assert of(expired, EXPIRED + "_unread") == []
    run(expired, MONDAY, 16)
    (up,), (copy,) = of(expired, EXPIRED + "_unread"), of(expired, EXPIRED + "_unread_copy")
    assert (up.day, up.to, copy.to) == (MONDAY, ("bureau",), ("town",))
    assert run(expired, MONDAY, 16).nothing


def test_one_acknowledged_in_time_does_not_rise_and_one_acknowledged_late_closes_what_rose(
    expired: World,
) -> None:
    run(expired, MONDAY)
    expired.acknowledge(EXPIRED, "head", local(TUESDAY, 9))
    run(expired, TUESDAY)
    rose = of(expired, EXPIRED + "_unread", EXPIRED + "_unread_copy")
    assert [a.state for a in rose] == ["closed", "closed"]


def test_what_was_acknowledged_in_time_rises_only_when_it_is_overdue(expired: World) -> None:
    expired.acknowledge(EXPIRED, "head", local(FRIDAY, 9))
    run(expired, date(2026, 9, 17))
    assert [a.day for a in of(expired, EXPIRED + "_unread")] == [date(2026, 9, 16)]  # the +5 one
    run(expired, date(2026, 9, 18))
    assert [(a.day, a.to) for a in of(expired, EXPIRED + "_up")] == [
        (date(2026, 9, 18), ("bureau",))
    ]


def test_once_overdue_what_rose_as_unread_is_over(expired: World) -> None:
    run(expired, MONDAY)
    run(expired, date(2026, 9, 18))
    first = of(expired, EXPIRED + "_unread")[0]
    assert (first.day, first.state) == (MONDAY, "closed")


def test_a_child_that_came_back_leaves_nothing_to_rise(warned: World) -> None:
    warned.clock(local(FRIDAY, 11))
    warned.hand_in(A, FRIDAY)
    run(warned, MONDAY)
    assert of(warned, WARNED + "_unread", WARNED + "_up") == []


def warnings(world: World) -> list[tuple[str, str]]:
    found = of(world, WARNED, "absence_warning_village", WARNED + "_up")
    return [(a.rule, a.state) for a in found]


def closed_with(world: World) -> list[tuple[str, date]]:
    found = [r.event for r in world.store.log.read(0, 10_000)]
    closed = [e for e in found if isinstance(e, AlertClosed) and e.kind == "absence_warning"]
    return [(e.reason, e.occurred_on) for e in closed]


def test_a_child_that_came_back_closes_the_warning_with_its_reason(warned: World) -> None:
    run(warned, date(2026, 9, 10))
    warned.clock(local(FRIDAY, 11))
    warned.hand_in(A, FRIDAY)
    report = run(warned, FRIDAY)
    assert report.closed["absence_warning"] == 2
    assert warnings(warned) == [(WARNED, "closed"), ("absence_warning_village", "closed")]
    assert closed_with(warned) == [("resolved", FRIDAY), ("returned", FRIDAY)]
    assert run(warned, MONDAY, 9).nothing


def test_a_return_that_was_none_raises_the_warning_again_and_once_and_it_rises(
    warned: World,
) -> None:
    child = warned.children[A][0]
    warned.clock(local(FRIDAY, 11))
    warned.hand_in(A, FRIDAY)
    run(warned, FRIDAY)
    warned.clock(local(MONDAY, 9))
    warned.hand_in(A, FRIDAY, {child: U}, note="点错了")
    head = warned.store.log.head()
    run(warned, MONDAY, 10)
    again = [r.event for r in warned.store.log.read(head, 100)]
    reopened = [e for e in again if isinstance(e, AlertReopened)]
    assert [(e.kind, e.to) for e in reopened if e.originator_id in _first(warned)] == [
        ("absence_warning", ["teacher"])
    ]
    assert (WARNED, "open") in warnings(warned)
    assert (WARNED + "_up", "open") in warnings(warned), "it was due on Friday"
    assert run(warned, MONDAY, 11).nothing


def _first(world: World) -> set[UUID]:
    """The streams of the warnings that the roll call raised."""
    found = [r.event for r in world.store.log.read(0, 10_000)]
    return {e.originator_id for e in found if isinstance(e, AlertRaised) and e.rule == WARNED}


def test_a_return_that_came_a_day_later_than_was_said_leaves_the_warning_closed(
    warned: World,
) -> None:
    child = warned.children[A][0]
    for day in (FRIDAY, MONDAY):
        warned.clock(local(day, 11))
        warned.hand_in(A, day)
    run(warned, MONDAY)
    warned.hand_in(A, FRIDAY, {child: U}, note="点错了")
    run(warned, TUESDAY)
    assert (WARNED, "closed") in warnings(warned)


def test_a_warning_closed_by_a_return_is_withdrawn_where_it_never_was_one(warned: World) -> None:
    child = warned.children[A][0]
    warned.clock(local(FRIDAY, 11))
    warned.hand_in(A, FRIDAY)
    run(warned, FRIDAY)
    warned.hand_in(A, date(2026, 9, 9), note="到校")
    warned.hand_in(A, FRIDAY, {child: U}, note="点错了")
    run(warned, FRIDAY, 21)
    assert dict(warnings(warned))[WARNED] == "withdrawn"


def test_a_day_that_was_no_school_day_brings_nobody_back(warned: World) -> None:
    warned.clock(local(FRIDAY, 11))
    warned.hand_in(A, FRIDAY)
    warned.close(FRIDAY)
    run(warned, FRIDAY, 21)
    assert dict(warnings(warned))[WARNED] == "open"


def test_who_changed_class_is_back_only_where_the_new_class_says_so(warned: World) -> None:
    child = warned.children[A][0]
    warned.clock(local(FRIDAY, 8))
    warned.add(B, on=FRIDAY)
    warned.move(child, B, FRIDAY)
    warned.hand_in(A, FRIDAY)
    run(warned, FRIDAY)
    assert dict(warnings(warned))[WARNED] == "open"
    warned.clock(local(MONDAY, 8))
    warned.hand_in(B, MONDAY)
    run(warned, MONDAY)
    assert dict(warnings(warned))[WARNED] == "closed"


def test_one_closed_by_hand_stays_so_whatever_the_days_say(warned: World) -> None:
    (alert,) = _first(warned)
    done(warned.office, warned.office.context("cli:test"), [alert], "teacher", ClosedBecause.DONE)
    run(warned, FRIDAY)
    assert closed_with(warned)[0][0] == "done"
    assert dict(warnings(warned))[WARNED] == "closed"
    assert run(warned, FRIDAY, 21).nothing


def test_a_correction_withdraws_what_rose_from_the_warning(warned: World) -> None:
    run(warned, MONDAY)
    warned.hand_in(A, date(2026, 9, 9), note="到校")
    run(warned, MONDAY)
    assert {a.state for a in of(warned, WARNED + "_unread", WARNED + "_up")} == {"withdrawn"}


def test_a_red_alert_rises_the_same_day_and_a_late_one_on_the_next_working_day(
    warned: World,
) -> None:
    child = warned.children[A][0]
    warned.clock(local(FRIDAY, 9))
    warned.hand_in(A, FRIDAY, {child: U})
    warned.clock(local(MONDAY, 9))
    warned.hand_in(A, MONDAY, {child: U})
    run(warned, MONDAY, 15)
    assert of(warned, "absence_run_5_unread") == []
    run(warned, MONDAY, 16)
    assert [(a.day, a.to) for a in of(warned, "absence_run_5_unread")] == [(MONDAY, ("head",))]


def test_a_warning_of_the_day_on_which_the_child_is_suspected_does_not_rise_beside_it(
    warned: World,
) -> None:
    """The suspicion, raised with it in one append, has deadlines of its own (domain §7)."""
    child, second = warned.children[A][0], "absence_5_in_20"
    for day in (FRIDAY, MONDAY):
        warned.clock(local(day, 9))
        warned.hand_in(A, day, {child: U})
    warned.clock(local(TUESDAY, 9))
    warned.hand_in(A, TUESDAY, {child: U})
    run(warned, date(2026, 9, 16))
    assert [a.day for a in of(warned, second, "absence_run_5")] == [MONDAY, MONDAY]
    assert of(warned, second + "_up", second + "_unread") == []
    assert of(warned, WARNED + "_up") != [], "control: one of an earlier day rose in its time"


@pytest.mark.parametrize(
    ("rule", "post", "near"),
    [
        ("follow_up_absent_2", None, ScopeKind.VILLAGE),
        ("relapse_run_3", ScopeKind.SCHOOL, ScopeKind.TOWNSHIP),
    ],
)
def test_a_relapse_rises_from_the_post_it_was_told_to(
    warned: World, rule: str, post: ScopeKind | None, near: ScopeKind
) -> None:
    """The first days away go to the child's own teacher, the relapse to the principal."""
    run(warned, MONDAY)
    facts = gather(warned.office, warned.store.answers, local(MONDAY, 20))
    told = msgspec.structs.replace(facts.told[0], kind="relapse", rule=rule, over=None)
    up, copy = ladder.risen(msgspec.structs.replace(facts, told=[told]), ())
    assert (up.rule, up.at.kind if up.at else None) == (rule + "_unread", post)
    assert (copy.rule, copy.region) == (rule + "_unread_copy", near)


def test_a_run_made_up_late_and_runs_at_every_hour_lead_to_the_same_alerts(
    warned: World, tmp_path: Path
) -> None:
    for day in (FRIDAY, MONDAY, TUESDAY):
        for hour in (9, 10, 12, 14, 16, 18):
            run(warned, day, hour)
    often = {a for a in alerts(warned.store).values() if a.state != "withdrawn"}
    with opened(
        f"sqlite:///{tmp_path / 'late.db'}", tmp_path / "late", now=local(AUTUMN[2])
    ) as store:
        late = people(World(store, terms=[AUTUMN]))
        away_from_the_8th(late)
        late.clock(LATER)
        late.due(TUESDAY, 18)
        assert {a for a in alerts(store).values() if a.state != "withdrawn"} == often


def test_a_vacant_post_that_nobody_fills_rises_when_it_is_overdue(world: World) -> None:
    grade = Scope(ScopeKind.GRADE, f"{SCHOOL}/1")
    world.post(grade, "leader", Role.GRADE_LEADER, last=date(2026, 9, 3))
    report_until(world, date(2026, 9, 16))
    world.due(date(2026, 9, 10))
    assert [(a.day, a.to) for a in of(world, "post_vacant_unread")] == [
        (date(2026, 9, 8), ("bureau",))
    ]
    world.due(date(2026, 9, 12))
    assert [(a.day, a.to) for a in of(world, "post_vacant_up")] == [
        (date(2026, 9, 12), ("bureau",))
    ]


def test_a_long_leave_nobody_confirmed_goes_to_the_county(world: World) -> None:
    world.clock(local(date(2026, 9, 8)))
    child = world.children[A][0]
    report_until(world, date(2026, 9, 7), {child: Reason.PERSONAL})
    world.clock(local(date(2026, 9, 25)))
    world.due(date(2026, 9, 10))
    assert of(world, "long_leave_unconfirmed") == []
    world.due(FRIDAY)
    assert [(a.kind, a.day, a.to) for a in of(world, "long_leave_unconfirmed")] == [
        ("long_leave_unconfirmed", FRIDAY, ("bureau",))
    ]


def test_every_hour_of_the_ladder_is_an_instant_at_which_something_may_fall_due(
    world: World,
) -> None:
    assert {"10:00", "14:00", "16:00"} <= set(hours_of(RuleBook.of(COUNTY), FRIDAY))
