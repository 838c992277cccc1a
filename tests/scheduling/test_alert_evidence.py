"""An alert of the clock lists the events it rests on, each of which can be looked up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ckbx.domain.alert.events import AlertRaised
from ckbx.domain.responsibility.post import Role, Scope, ScopeKind
from ckbx.domain.shared.event import DomainEvent
from tests.scheduling.due_kit import AUTUMN, SICK, A, U, World
from tests.support.county import opened

EXPECTED = {
    "leave_expiring": {"SuspensionGranted"},
    "leave_expired": {"SuspensionGranted"},
    "transfer_step_10": {"TransferStarted"},
    "opening_close_1": {"AbsenceRecorded"},
    "opening_close_3": {"AbsenceRecorded"},
    "opening_close_3_village": {"AbsenceRecorded"},
    "opening_close_5_township": {"AbsenceRecorded"},
    "opening_close_5_county": {"AbsenceRecorded"},
    "post_vacant": {"PostVacated", "PostHeld"},
    "roll_call_silent": {"ClassOpened"},
    "opening_silent": {"ClassOpened"},
}


@pytest.fixture
def world(store_url: str, tmp_path: Path) -> Iterator[World]:
    with opened(store_url, tmp_path / "secrets") as store:
        found = World(store, terms=[AUTUMN])
        found.add(A, on=AUTUMN[2])
        yield found


def cited(world: World) -> dict[str, list[tuple[AlertRaised, list[DomainEvent]]]]:
    """By rule, the alerts raised and the events they cite."""
    events = [recorded.event for recorded in world.store.log.read(0, 1_000_000)]
    by_id = {event.event_id: event for event in events}
    found: dict[str, list[tuple[AlertRaised, list[DomainEvent]]]] = {}
    for event in events:
        if isinstance(event, AlertRaised):
            found.setdefault(event.rule, []).append((event, [by_id[id_] for id_ in event.events]))
    return found


def test_every_alert_about_a_child_a_post_or_a_class_cites_what_it_rests_on(world: World) -> None:
    missed, on_leave, moving = world.children[A]
    days = world.days()
    scope = Scope(ScopeKind.CLASS, A)
    world.post(scope, "ct1", Role.CLASS_TEACHER, last=date(2026, 10, 10))
    for n, day in enumerate(days[1:7], 1):
        if n != 3:
            world.hand_in(A, day, {missed: SICK if n == 1 else U})
    world.suspend(on_leave, date(2026, 9, 10), date(2026, 10, 10))
    world.transfer(moving, date(2026, 9, 10), date(2026, 9, 24))
    world.due(date(2026, 10, 30))
    found = cited(world)
    for rule, kinds in EXPECTED.items():
        for alert, events in found.get(rule, []):
            assert events, rule
            assert {type(event).__name__ for event in events} <= kinds
            if alert.child is not None:
                assert {event.originator_id for event in events} == {alert.child}
    assert found.keys() >= EXPECTED.keys() - {"opening_close_1"}
    ((_, by_five),) = found["opening_close_5_county"]
    assert [event.occurred_on for event in by_five] == [days[1], days[2], days[4]]


def test_a_child_missed_on_day_one_is_told_with_the_fact_of_that_day(world: World) -> None:
    child, day = world.children[A][0], world.days()[0]
    world.hand_in(A, day, {child: U})
    world.due(day)
    ((_, events),) = cited(world)["opening_close_1"]
    found = [(type(event).__name__, event.occurred_on) for event in events]
    assert found == [("AbsenceRecorded", day)]


def test_an_extended_leave_rests_on_its_extension_from_then_on(world: World) -> None:
    child = world.children[A][0]
    world.suspend(child, date(2026, 9, 10), date(2026, 10, 10))
    world.due(date(2026, 9, 30))
    world.extend(child, date(2026, 10, 5), date(2026, 11, 10))
    world.due(date(2026, 11, 15))
    names = [
        (alert.occurred_on >= date(2026, 10, 5), {type(event).__name__ for event in events})
        for rule in ("leave_expiring", "leave_expired")
        for alert, events in cited(world)[rule]
    ]
    assert {(late, *kinds) for late, kinds in names} == {
        (False, "SuspensionGranted"),
        (True, "LeaveExtended"),
    }
