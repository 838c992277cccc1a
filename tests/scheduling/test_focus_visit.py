"""第 1 天就家访: on the focus list, and nobody was reached that day (domain §6, adr/0019)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from ckbx.application.alerts import done
from ckbx.application.decisions import decide_on_child
from ckbx.domain.alert.closing import ClosedBecause
from ckbx.domain.child import focus
from ckbx.domain.responsibility.post import Role, Scope, ScopeKind
from tests.scheduling.due_kit import AUTUMN, SICK, A, AlertState, U, World, alerts, local
from tests.support.county import SCHOOL, opened

MONDAY = date(2026, 9, 7)
TUESDAY, WEDNESDAY, THURSDAY = (MONDAY + timedelta(days=n) for n in (1, 2, 3))
CONTACT, ONE, TWO = "contact_same_day", "visit_focus_1", "visit_run_2"


@pytest.fixture
def world(store_url: str, tmp_path: Path) -> Iterator[World]:
    """A class that reported the first week; it is late September 2026."""
    with opened(store_url, tmp_path / "secrets", now=local(date(2026, 9, 25))) as store:
        made = World(store, terms=[AUTUMN])
        made.add(A, on=AUTUMN[2])
        made.post(Scope(ScopeKind.CLASS, A), "teacher", Role.CLASS_TEACHER)
        made.post(Scope(ScopeKind.SCHOOL, SCHOOL), "head", Role.PRINCIPAL)
        for day in made.days():
            if day < MONDAY:
                made.hand_in(A, day)
        yield made


@pytest.fixture
def child(world: World) -> UUID:
    """On the list, away on Monday without a word."""
    one = world.children[A][0]
    world.focus(one, AUTUMN[2])
    world.hand_in(A, MONDAY, {one: U})
    return one


def of(world: World, rule: str) -> list[AlertState]:
    found = [a for a in alerts(world.store).values() if a.rule == rule]
    return sorted(found, key=lambda a: (a.day, a.subject))


def states(world: World, rule: str) -> list[tuple[date, str]]:
    return [(a.day, a.state) for a in of(world, rule)]


def test_nobody_reached_and_on_the_list_is_visited_after_the_first_day(
    world: World, child: UUID
) -> None:
    world.due(MONDAY, 11)
    assert of(world, ONE) == []
    world.calls(child, MONDAY, reached=False)
    world.due(MONDAY, 12)
    (visit,) = of(world, ONE)
    assert (visit.subject, visit.day, visit.to) == (str(child), MONDAY, ("teacher",))
    assert (visit.kind, visit.state) == ("visit_due", "open")
    assert world.due(MONDAY, 20).nothing


def test_without_the_list_or_with_the_guardian_reached_there_is_no_visit_after_one_day(
    world: World, child: UUID
) -> None:
    other = world.children[A][1]
    world.hand_in(A, TUESDAY, {child: SICK, other: U})
    world.calls(other, TUESDAY, reached=False)
    world.calls(child, MONDAY, reached=True)
    world.due(TUESDAY)
    assert of(world, ONE) == []


def test_a_list_that_begins_after_or_ended_before_the_day_asks_for_no_visit(world: World) -> None:
    early, late, _ = world.children[A]
    world.focus(early, AUTUMN[2])
    decide_on_child(
        world.office,
        world.office.context("head"),
        early,
        lambda c, x: focus.take_off(c, x, on=MONDAY, role="principal"),
    )
    world.focus(late, TUESDAY)
    world.hand_in(A, MONDAY, {early: U, late: U})
    world.calls(early, MONDAY, reached=False)
    world.calls(late, MONDAY, reached=False)
    world.due(MONDAY)
    assert of(world, ONE) == []


def test_it_is_over_when_the_child_is_there_and_withdrawn_when_the_day_is_explained(
    world: World, child: UUID
) -> None:
    world.calls(child, MONDAY, reached=False)
    world.due(MONDAY)
    world.hand_in(A, TUESDAY)
    world.due(TUESDAY)
    assert states(world, ONE) == [(MONDAY, "closed")]
    world.hand_in(A, WEDNESDAY, {child: U})
    world.calls(child, WEDNESDAY, reached=False)
    world.due(WEDNESDAY)
    world.hand_in(A, WEDNESDAY, {child: SICK}, note="有病假条")
    world.due(WEDNESDAY)
    assert states(world, ONE) == [(MONDAY, "closed"), (WEDNESDAY, "withdrawn")]


def test_reached_in_the_evening_of_the_same_day_nobody_had_to_go(world: World, child: UUID) -> None:
    world.calls(child, MONDAY, reached=False)
    world.due(MONDAY, 12)
    world.calls(child, MONDAY, reached=True)
    world.due(MONDAY, 20)
    assert states(world, ONE) == [(MONDAY, "withdrawn")]


def test_the_visit_stands_for_that_after_two_days_and_is_not_asked_for_twice(
    world: World, child: UUID
) -> None:
    world.calls(child, MONDAY, reached=False)
    world.due(MONDAY)
    world.hand_in(A, TUESDAY, {child: U})
    world.due(TUESDAY)
    assert states(world, ONE) == [(MONDAY, "open")]
    assert of(world, TWO) == []
    world.calls(child, MONDAY, reached=True, on=TUESDAY)  # away on a second day all the same
    world.due(TUESDAY)
    assert states(world, ONE) == [(MONDAY, "open")]
    world.hand_in(A, WEDNESDAY)
    world.due(WEDNESDAY)
    assert states(world, ONE) == [(MONDAY, "closed")]
    assert of(world, TWO) == []


@pytest.mark.parametrize("how", ["reached", "visited"])
def test_who_was_reached_or_visited_before_and_stays_away_is_visited_after_two_days(
    world: World, child: UUID, how: str
) -> None:
    world.calls(child, MONDAY, reached=False)
    world.due(MONDAY)
    world.hand_in(A, TUESDAY, {child: SICK})
    if how == "reached":
        world.calls(child, MONDAY, reached=True, on=TUESDAY)
    else:
        (id_,) = [i for i, a in alerts(world.store).items() if a.rule == ONE]
        ctx = world.office.context("cli:test", today=TUESDAY)
        done(world.office, ctx, [id_], "teacher", ClosedBecause.DONE)
    world.due(TUESDAY)
    assert states(world, ONE) == [(MONDAY, "closed")]
    world.hand_in(A, WEDNESDAY, {child: U})
    world.due(WEDNESDAY)
    assert states(world, ONE) == [(MONDAY, "closed")]
    assert states(world, TWO) == [(WEDNESDAY, "open")]


def test_a_call_of_the_next_day_is_kept_and_asks_for_no_visit_after_the_first(
    world: World, child: UUID
) -> None:
    world.calls(child, MONDAY, reached=False, on=TUESDAY)
    world.due(TUESDAY, 11)
    assert of(world, ONE) == []
    assert states(world, CONTACT) == [(MONDAY, "closed")]


def test_the_contact_of_a_class_is_over_when_all_of_its_calls_were_made(
    world: World, child: UUID
) -> None:
    other = world.children[A][1]
    world.hand_in(A, MONDAY, {child: U, other: U}, note="漏记一人")
    world.calls(child, MONDAY, reached=False)
    world.due(MONDAY)
    assert states(world, CONTACT) == [(MONDAY, "open")]
    world.calls(other, MONDAY, reached=True)
    world.due(MONDAY)
    assert states(world, CONTACT) == [(MONDAY, "closed")]


def test_a_run_made_up_late_leads_to_the_same_alerts(world: World, child: UUID) -> None:
    world.calls(child, MONDAY, reached=False)
    for day in (TUESDAY, WEDNESDAY):
        world.hand_in(A, day, {child: U})
    world.hand_in(A, THURSDAY)
    world.due(THURSDAY)
    assert states(world, ONE) == [(MONDAY, "closed")]
    assert of(world, TWO) == []
