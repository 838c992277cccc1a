"""Single duties of the clock: silence by the pupils of the day, leaves, transfers, posts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from ckbx.application.unit import Unit
from ckbx.domain.attendance.marks import Session
from ckbx.domain.child.child import Child
from ckbx.domain.child.events import AttendanceResumed
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.responsibility.post import Role, Scope, ScopeKind
from ckbx.store import Store
from tests.scheduling.due_kit import AUTUMN, SPRING, A, AlertState, B, U, World, alerts, standing
from tests.support.county import COUNTY, SCHOOL, opened


@pytest.fixture
def world(store_url: str, tmp_path: Path) -> Iterator[World]:
    with opened(store_url, tmp_path / "secrets") as store:
        made = World(store, terms=[AUTUMN])
        for key in (A, B):
            made.add(key, on=AUTUMN[2])
        yield made


def by_rule(store: Store, rule: str) -> list[AlertState]:
    return sorted(a for a in alerts(store).values() if a.rule == rule)


def test_a_class_was_to_report_while_it_had_pupils_and_no_longer(world: World) -> None:
    days = world.days()
    for day in days[:6]:
        world.hand_in(A, day)
    world.due(days[2])
    before = {(a.subject, a.day) for a in by_rule(world.store, "roll_call_silent")}
    assert before == {(B, day) for day in days[:3]}
    for child in world.children[B]:
        world.move(child, A, days[3])
    assert world.due(days[5]).withdrawn == {}
    assert {(a.subject, a.day) for a in by_rule(world.store, "roll_call_silent")} == before


def test_a_class_filled_later_was_not_silent_before(world: World) -> None:
    days = world.days()
    key = f"{SCHOOL}/2025/3"
    (child,) = world.add(key, 1, on=days[0])
    world.move(child, A, days[0])
    world.add(key, 1, on=days[4])
    world.due(days[5])
    silent = [a.day for a in by_rule(world.store, "roll_call_silent") if a.subject == key]
    assert silent == days[4:6]


def test_a_half_reported_day_is_silent_until_both_halves_are_in(world: World) -> None:
    day = world.days()[0]
    world.hand_in(A, day, session=Session.MORNING)
    world.due(day)
    assert {a.subject for a in standing(world.store) if a.rule == "roll_call_silent"} == {A, B}
    world.hand_in(A, day, session=Session.AFTERNOON)
    world.due(day)
    assert {a.subject for a in standing(world.store) if a.rule == "roll_call_silent"} == {B}


def test_a_lapsed_transfer_raises_the_suspicion_alert_in_the_same_append(world: World) -> None:
    child = world.children[A][0]
    world.transfer(child, date(2026, 9, 10), date(2026, 9, 24))
    assert world.due(date(2026, 9, 25)).lapsed == 1
    assert world.child(child).base is TrackingStatus.SUSPECTED
    (alert,) = by_rule(world.store, "transfer_lapsed")
    assert (alert.kind, alert.subject) == ("dropout_suspected", str(child))
    log = {r.position: type(r.event).__name__ for r in world.store.log.read(0, 10_000)}
    lapsed = next(p for p, name in log.items() if name == "TransferLapsed")
    assert [log[lapsed + n] for n in range(3)] == [
        "TransferLapsed",
        "DropoutSuspected",
        "AlertRaised",
    ]


def test_an_expired_leave_is_noticed_once(world: World) -> None:
    world.suspend(world.children[A][0], date(2026, 9, 10), date(2026, 10, 1))
    assert world.due(date(2026, 10, 1)).expired == 0
    assert world.due(date(2026, 10, 2)).expired == 1
    assert world.due(date(2026, 10, 3)).expired == 0


def test_a_leave_is_warned_of_to_its_last_day_and_is_over_from_the_day_after(
    world: World,
) -> None:
    last = date(2026, 10, 31)
    world.suspend(world.children[A][0], date(2026, 9, 10), last)
    world.due(last)
    assert by_rule(world.store, "leave_expired") == []
    world.due(date(2026, 11, 30))
    assert [a.day for a in by_rule(world.store, "leave_expiring")] == [
        date(2026, 10, 1),
        date(2026, 10, 21),
        last,
    ]
    assert [a.day for a in by_rule(world.store, "leave_expired")] == [
        date(2026, 11, 1),
        date(2026, 11, 5),
    ]


def test_a_child_named_present_after_its_leave_closes_what_its_end_had_raised(
    world: World,
) -> None:
    child = world.children[A][0]
    world.suspend(child, date(2026, 9, 10), date(2026, 10, 1))
    world.due(date(2026, 10, 9))
    assert {a.state for a in by_rule(world.store, "leave_expired")} == {"open"}
    ctx = world.office.context("test")

    def decide(unit: Unit) -> bytes:
        found = unit.get(child, Child)
        found.trigger_event(
            AttendanceResumed, ctx, occurred_on=date(2026, 10, 12), class_key=A, after_leave=True
        )
        return b"back"

    world.office.run(ctx, decide)
    world.due(date(2026, 10, 13))
    assert {(a.day, a.state) for a in by_rule(world.store, "leave_expired")} == {
        (date(2026, 10, 2), "closed"),
        (date(2026, 10, 6), "closed"),
    }


def test_a_suspicion_leaves_the_leave_what_it_was(world: World) -> None:
    child = world.children[A][0]
    days = world.days()
    for day in days[:5]:
        world.hand_in(A, day, {child: U})
    world.hand_in(A, days[1], note="ref:1")
    world.suspend(child, days[5], date(2026, 11, 10))
    world.due(date(2026, 11, 16))
    assert [a.day for a in by_rule(world.store, "leave_expired")] == [
        date(2026, 11, 11),
        date(2026, 11, 15),
    ]


def test_the_vacant_post_of_one_child_is_told_to_the_next_up(world: World) -> None:
    child = world.children[A][0]
    world.post(Scope(ScopeKind.CLASS, A), "ct1", Role.CLASS_TEACHER)
    scope = Scope(ScopeKind.STUDENT, str(child))
    world.post(scope, "cs1", Role.CASE_TEACHER, last=date(2026, 10, 10))
    world.due(date(2026, 10, 12))
    (vacant,) = by_rule(world.store, "post_vacant")
    assert (vacant.day, vacant.to, vacant.state) == (date(2026, 10, 11), ("ct1",), "open")
    assert vacant.school == SCHOOL


def test_a_tapped_closure_is_asked_for_when_two_school_days_are_over(world: World) -> None:
    world.tap_closure(SCHOOL, date(2026, 11, 9))
    world.due(date(2026, 11, 10))
    assert by_rule(world.store, "closure_unconfirmed") == []
    world.due(date(2026, 11, 11))
    world.due(date(2026, 11, 10))
    (asked,) = by_rule(world.store, "closure_unconfirmed")
    assert (asked.day, asked.state) == (date(2026, 11, 11), "open")


def test_a_missing_calendar_is_asked_for_until_there_is_one(world: World) -> None:
    world.term("2025-2026", "秋季", date(2025, 9, 1), date(2026, 1, 23))
    world.due(date(2026, 11, 20))
    (missing,) = by_rule(world.store, "calendar_unset")
    assert (missing.subject, missing.state) == ("2026-spring", "open")
    world.term("2025-2026", "春季", date(2026, 3, 2), date(2026, 7, 3))
    world.due(date(2026, 11, 20))
    (missing,) = by_rule(world.store, "calendar_unset")
    assert missing.state == "withdrawn"


def test_no_calendar_is_asked_for_from_before_the_countys_first_term(world: World) -> None:
    world.due(date(2026, 8, 1))
    world.due(date(2026, 9, 9))
    assert by_rule(world.store, "calendar_unset") == []


def test_posts_that_begin_on_the_first_day_are_set_a_week_before(world: World) -> None:
    """The week before lies in the school year before: a seventh grade is not a sixth."""
    key = f"{SCHOOL}/2020/1"
    world.add(key, on=AUTUMN[2])
    first = world.days()[0]
    for place in (Scope(ScopeKind.CLASS, key), Scope(ScopeKind.GRADE, f"{SCHOOL}/7")):
        world.post(place, f"t{place.kind.value}", Role.CLASS_TEACHER, since=first)
    for known in (A, B):
        world.post(Scope(ScopeKind.CLASS, known), f"t{known}", Role.CLASS_TEACHER, since=first)
    world.post(Scope(ScopeKind.GRADE, f"{SCHOOL}/2"), "g2", Role.GRADE_LEADER, since=first)
    world.post(Scope(ScopeKind.SCHOOL, SCHOOL), "p1", Role.PRINCIPAL, since=first)
    world.post(Scope(ScopeKind.COUNTY, COUNTY), "b1", Role.BUREAU_OFFICER, since=first)
    world.due(first)
    assert by_rule(world.store, "chain_unset") == []


def test_an_unset_chain_names_its_scopes_and_is_closed_once_all_are_set(world: World) -> None:
    days = world.days()
    world.post(Scope(ScopeKind.CLASS, B), "t2", Role.CLASS_TEACHER, since=days[0])
    world.post(Scope(ScopeKind.SCHOOL, SCHOOL), "p1", Role.PRINCIPAL, since=days[0])
    world.post(Scope(ScopeKind.COUNTY, COUNTY), "b1", Role.BUREAU_OFFICER, since=days[0])
    world.due(days[0])
    (unset,) = by_rule(world.store, "chain_unset")
    assert (unset.day, unset.state) == (days[0] - timedelta(days=7), "open")
    world.post(Scope(ScopeKind.CLASS, A), "t1", Role.CLASS_TEACHER, since=days[2])
    world.due(days[1])
    (unset,) = by_rule(world.store, "chain_unset")
    assert unset.state == "open"
    world.due(days[2])
    (unset,) = by_rule(world.store, "chain_unset")
    assert unset.state == "closed"


def test_two_weeks_before_an_opening_the_leaves_that_end_before_it_are_told(
    world: World,
) -> None:
    world.term(*SPRING)
    world.add(A, on=SPRING[2])
    ends, lasts = world.children[A][-2:]
    world.suspend(ends, date(2026, 6, 1), date(2026, 8, 31))
    world.suspend(lasts, date(2026, 6, 1), AUTUMN[2])
    world.due(date(2026, 8, 20))
    told = by_rule(world.store, "opening_t14")
    assert [(a.subject, a.day) for a in told] == [(str(ends), date(2026, 8, 18))]
