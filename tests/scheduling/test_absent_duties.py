"""未到校: guardians contacted the same day, a visit after two days, the village told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from ckbx.application.alerts import done
from ckbx.domain.alert.closing import ClosedBecause
from ckbx.domain.responsibility.post import Line, Role, Scope, ScopeKind
from tests.scheduling.due_kit import AUTUMN, SICK, A, AlertState, B, U, World, alerts, local
from tests.support.county import COUNTY, SCHOOL, opened

VILLAGE = f"{COUNTY}100201"
MONDAY = date(2026, 9, 7)
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (MONDAY + timedelta(days=n) for n in (1, 2, 3, 4))


@pytest.fixture
def world(store_url: str, tmp_path: Path) -> Iterator[World]:
    """Two classes that reported the first week; it is late September 2026."""
    with opened(store_url, tmp_path / "secrets", now=local(date(2026, 9, 25))) as store:
        made = World(store, terms=[AUTUMN])
        for key in (A, B):
            made.add(key, on=AUTUMN[2], village=VILLAGE)
        made.post(Scope(ScopeKind.CLASS, A), "teacher", Role.CLASS_TEACHER)
        made.post(Scope(ScopeKind.SCHOOL, SCHOOL), "head", Role.PRINCIPAL)
        village = Scope(ScopeKind.VILLAGE, VILLAGE)
        made.post(village, "village", Role.VILLAGE_OFFICER, line=Line.GOVERNMENT)
        for day in made.days():
            if day < MONDAY:
                made.hand_in(A, day)
        yield made


def of(world: World, rule: str) -> list[AlertState]:
    found = [a for a in alerts(world.store).values() if a.rule == rule]
    return sorted(found, key=lambda a: (a.day, a.subject))


def test_guardians_are_contacted_the_same_day_one_alert_a_class_however_many(world: World) -> None:
    one, two, ill = world.children[A]
    world.hand_in(A, MONDAY, {one: U, two: U, ill: SICK})
    world.due(MONDAY, 11)
    (told,) = of(world, "contact_same_day")
    assert (told.subject, told.day, told.to, told.state) == (A, MONDAY, ("teacher",), "open")
    world.hand_in(A, TUESDAY, {ill: SICK})
    world.due(TUESDAY, 11)
    assert [a.state for a in of(world, "contact_same_day")] == ["closed"]


def test_a_class_with_nobody_away_without_a_word_contacts_nobody(world: World) -> None:
    world.hand_in(A, MONDAY, {world.children[A][0]: SICK})
    world.hand_in(B, MONDAY)
    world.due(MONDAY, 11)
    assert of(world, "contact_same_day") == []


def test_a_contact_that_was_made_is_closed_by_hand_and_a_correction_withdraws_it(
    world: World,
) -> None:
    child = world.children[A][0]
    world.hand_in(A, MONDAY, {child: U})
    world.due(MONDAY, 11)
    (id_,) = [i for i, a in alerts(world.store).items() if a.rule == "contact_same_day"]
    office = world.office
    done(office, office.context("cli:test"), [id_], "teacher", ClosedBecause.DONE)
    assert world.due(MONDAY, 11).nothing
    world.hand_in(A, TUESDAY, {child: U})
    world.due(TUESDAY, 11)
    world.hand_in(A, TUESDAY, {child: SICK}, note="请了假")
    world.due(TUESDAY, 11)
    assert [a.state for a in of(world, "contact_same_day")] == ["closed", "withdrawn"]


def test_a_visit_is_due_after_two_days_in_a_row_and_over_when_the_child_is_there(
    world: World,
) -> None:
    child = world.children[A][0]
    world.hand_in(A, MONDAY, {child: U})
    world.due(MONDAY)
    assert of(world, "visit_run_2") == []
    world.hand_in(A, TUESDAY, {child: SICK})  # neither counts nor breaks
    world.hand_in(A, WEDNESDAY, {child: U})
    world.due(WEDNESDAY)
    (visit,) = of(world, "visit_run_2")
    assert (visit.subject, visit.day, visit.to) == (str(child), WEDNESDAY, ("teacher",))
    world.hand_in(A, THURSDAY)
    world.due(THURSDAY)
    assert [a.state for a in of(world, "visit_run_2")] == ["closed"]
    world.hand_in(A, FRIDAY, {child: U})
    world.due(FRIDAY)
    assert len(of(world, "visit_run_2")) == 1


def test_a_visit_gives_way_to_the_suspicion_and_is_not_asked_for_twice_in_a_run(
    world: World,
) -> None:
    child = world.children[A][0]
    for day in (MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY):
        world.hand_in(A, day, {child: U})
    world.due(THURSDAY)
    assert [(a.day, a.state) for a in of(world, "visit_run_2")] == [(TUESDAY, "open")]
    world.due(FRIDAY)
    assert [(a.day, a.state) for a in of(world, "visit_run_2")] == [(TUESDAY, "closed")]


def test_contacts_and_visits_end_with_the_term(world: World) -> None:
    child = world.children[A][0]
    for day in (MONDAY, TUESDAY):
        world.hand_in(A, day, {child: U})
    world.due(date(2026, 9, 25))
    assert [a.state for a in of(world, "visit_run_2")] == ["open"]
    assert [a.state for a in of(world, "contact_same_day")] == ["closed", "open"]
    world.clock(local(date(2027, 1, 23)))
    world.due(date(2027, 1, 23))
    assert [a.state for a in of(world, "visit_run_2")] == ["closed"]
    assert [a.state for a in of(world, "contact_same_day")] == ["closed", "closed"]


def test_the_village_is_told_with_the_early_warning_and_a_correction_takes_it_back(
    world: World,
) -> None:
    child = world.children[A][0]
    for day in (MONDAY, TUESDAY, WEDNESDAY):
        world.hand_in(A, day, {child: U})
    world.due(WEDNESDAY)
    (told,) = of(world, "absence_warning_village")
    assert (told.day, told.to, told.state) == (WEDNESDAY, ("village",), "open")
    world.hand_in(A, TUESDAY, {child: SICK}, note="有病假条")
    world.due(WEDNESDAY)
    assert [a.state for a in of(world, "absence_warning_village")] == ["withdrawn"]
