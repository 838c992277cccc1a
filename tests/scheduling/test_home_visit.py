"""缺勤家访: the visit that was due is over when it was made, on that day or later (domain §6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from ckbx.domain.responsibility.post import Role, Scope, ScopeKind
from tests.scheduling.due_kit import AUTUMN, A, U, World, alerts, local
from tests.support.county import SCHOOL, opened

MONDAY = date(2026, 9, 7)
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (MONDAY + timedelta(days=n) for n in (1, 2, 3, 4))
ONE, TWO = "visit_focus_1", "visit_run_2"


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
    return world.children[A][0]


def away(world: World, child: UUID, *days: date) -> None:
    for day in days:
        world.hand_in(A, day, {child: U})


def states(world: World, rule: str = TWO) -> list[tuple[date, str]]:
    found = [(a.day, a.state) for a in alerts(world.store).values() if a.rule == rule]
    return sorted(found)


@pytest.mark.parametrize("day", [TUESDAY, WEDNESDAY])
def test_a_visit_that_was_made_ends_what_asked_for_it(world: World, child: UUID, day: date) -> None:
    away(world, child, MONDAY, TUESDAY)
    world.due(TUESDAY)
    assert states(world) == [(TUESDAY, "open")], "control: it was asked for"
    world.visits(child, day)
    world.due(day)
    assert states(world) == [(TUESDAY, "closed")]
    assert world.due(day).nothing


def test_in_the_same_run_no_second_visit_is_asked_for(world: World, child: UUID) -> None:
    away(world, child, MONDAY, TUESDAY)
    world.visits(child, TUESDAY)
    world.due(TUESDAY)
    away(world, child, WEDNESDAY, THURSDAY)
    world.due(THURSDAY)
    assert states(world) == [(TUESDAY, "closed")]


def test_a_visit_of_a_day_to_come_ends_nothing_before_it(world: World, child: UUID) -> None:
    away(world, child, MONDAY, TUESDAY)
    world.visits(child, THURSDAY)
    world.due(WEDNESDAY)
    assert states(world) == [(TUESDAY, "open")]
    world.due(THURSDAY)
    assert states(world) == [(TUESDAY, "closed")]


def test_a_visit_made_before_the_second_day_did_not_bring_the_child_back(
    world: World, child: UUID
) -> None:
    away(world, child, MONDAY)
    world.visits(child, MONDAY)
    away(world, child, TUESDAY)
    world.due(TUESDAY)
    assert states(world) == [(TUESDAY, "open")]


def test_a_visit_recorded_days_later_ends_it_on_the_day_it_was_made(
    world: World, child: UUID
) -> None:
    away(world, child, MONDAY, TUESDAY)
    world.due(TUESDAY)
    away(world, child, WEDNESDAY)
    world.visits(child, TUESDAY, on=THURSDAY)
    world.due(THURSDAY)
    assert states(world) == [(TUESDAY, "closed")]


def test_the_visit_of_one_ends_nothing_for_another(world: World, child: UUID) -> None:
    other = world.children[A][1]
    for day in (MONDAY, TUESDAY):
        world.hand_in(A, day, {child: U, other: U})
    world.visits(child, TUESDAY)
    world.due(TUESDAY)
    found = {a.subject: a.state for a in alerts(world.store).values() if a.rule == TWO}
    assert found == {str(child): "closed", str(other): "open"}


def test_the_visit_after_the_first_day_ends_too_and_who_stays_away_is_visited_again(
    world: World, child: UUID
) -> None:
    world.focus(child, AUTUMN[2])
    away(world, child, MONDAY)
    world.calls(child, MONDAY, reached=False)
    world.due(MONDAY)
    assert states(world, ONE) == [(MONDAY, "open")]
    world.visits(child, MONDAY)
    world.due(MONDAY)
    assert states(world, ONE) == [(MONDAY, "closed")]
    away(world, child, TUESDAY)
    world.due(TUESDAY)
    assert states(world, ONE) == [(MONDAY, "closed")]
    assert states(world, TWO) == [(TUESDAY, "open")]
    world.visits(child, WEDNESDAY)
    world.due(WEDNESDAY)
    assert states(world, TWO) == [(TUESDAY, "closed")]


def test_made_on_the_second_day_it_is_the_visit_of_the_run(world: World, child: UUID) -> None:
    world.focus(child, AUTUMN[2])
    away(world, child, MONDAY)
    world.calls(child, MONDAY, reached=False)
    world.due(MONDAY)
    away(world, child, TUESDAY)
    world.visits(child, TUESDAY)
    world.due(TUESDAY)
    assert states(world, ONE) == [(MONDAY, "closed")]
    assert states(world, TWO) == []


def test_a_run_made_up_late_leads_to_the_same_alerts(world: World, child: UUID) -> None:
    away(world, child, MONDAY, TUESDAY, WEDNESDAY)
    world.visits(child, WEDNESDAY)
    away(world, child, THURSDAY)
    world.hand_in(A, FRIDAY)
    world.due(FRIDAY)
    assert states(world) == [(TUESDAY, "closed")]
    assert world.due(FRIDAY).nothing


def test_a_visit_taken_back_leaves_the_duty_to_be_done(world: World, child: UUID) -> None:
    away(world, child, MONDAY, TUESDAY)
    world.visits(child, TUESDAY)
    world.visits(child, TUESDAY)
    world.due(TUESDAY)
    assert states(world) == [(TUESDAY, "closed")]
    world.unvisits(child, TUESDAY)
    world.due(TUESDAY)
    assert states(world) == [(TUESDAY, "closed")], "the other visit of that day stands"
    world.unvisits(child, TUESDAY)
    world.due(WEDNESDAY)
    assert states(world) == [(TUESDAY, "open")]
