"""What does the clock ask of a class that has finished its ninth grade?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ckbx.application.decisions import decide_on_child
from ckbx.application.graduation import graduate_school
from ckbx.domain.child import departures
from ckbx.domain.child.child import Child
from ckbx.domain.child.status import Finding
from ckbx.domain.responsibility.post import Role, Scope, ScopeKind
from ckbx.domain.shared.event import CommandContext
from tests.scheduling.due_kit import AUTUMN, SPRING, A, AlertState, U, World, alerts
from tests.support.county import SCHOOL, opened

LEAVING = f"{SCHOOL}/2017/1"
FIRST = date(2026, 9, 1)


@pytest.fixture
def world(store_url: str, tmp_path: Path) -> Iterator[World]:
    with opened(store_url, tmp_path / "secrets") as store:
        made = World(store, terms=[SPRING, AUTUMN])
        made.add(LEAVING)
        made.add(A)
        made.post(Scope(ScopeKind.SCHOOL, SCHOOL), "principal1", Role.PRINCIPAL)
        yield made


def of_kind(world: World, kind: str) -> list[AlertState]:
    """Those of a kind that were told first, not those that rose."""
    rose = ("_unread", "_up", "_copy")
    every = alerts(world.store).values()
    found = [a for a in every if a.kind == kind and not a.rule.endswith(rose)]
    return sorted(found, key=lambda a: (a.day, a.subject))


def test_a_class_past_its_ninth_grade_is_silent_no_more(world: World) -> None:
    world.hand_in(LEAVING, world.days(SPRING[2])[0])  # the school teaches beyond its sixth grade
    world.due(date(2026, 9, 4))
    silent = {a.subject for a in of_kind(world, "roll_call_silent") if a.day >= FIRST}
    assert silent == {A}
    before = {a.subject for a in of_kind(world, "roll_call_silent") if a.day < FIRST}
    assert before == {A, LEAVING}


def test_the_school_is_told_from_september_on_until_its_ninth_grade_is_graduated(
    world: World,
) -> None:
    world.due(date(2026, 8, 31))
    assert of_kind(world, "graduation_due") == []
    world.due(date(2026, 9, 2))
    (told,) = of_kind(world, "graduation_due")
    assert (told.day, told.state, told.to, told.subject) == (FIRST, "open", ("principal1",), SCHOOL)
    graduate(world, date(2026, 9, 3))
    world.due(date(2026, 9, 4))
    assert [a.state for a in of_kind(world, "graduation_due")] == ["closed"]
    assert world.due(date(2026, 9, 4)).nothing


def graduate(world: World, on: date) -> None:
    graduate_school(world.office, world.office.context("test"), SCHOOL, on=on)


def test_a_class_graduated_in_the_summer_is_never_asked_for(world: World) -> None:
    graduate(world, date(2026, 7, 4))
    world.due(date(2026, 9, 30))
    assert of_kind(world, "graduation_due") == []


def test_a_child_suspected_or_on_leave_is_not_asked_for_by_its_age(world: World) -> None:
    suspect, away, third = world.children[LEAVING]
    for day in world.days(SPRING[2])[:5]:
        world.hand_in(LEAVING, day, {suspect: U})
    world.suspend(away, date(2026, 6, 1), date(2027, 6, 1))
    world.due(date(2026, 9, 2))
    assert [a.state for a in of_kind(world, "graduation_due")] == ["open"]
    graduate(world, date(2026, 9, 3))
    world.due(date(2026, 9, 4))
    assert [a.state for a in of_kind(world, "graduation_due")] == ["closed"]
    assert not world.child(third).class_key
    assert world.child(suspect).class_key == world.child(away).class_key == LEAVING


def test_a_suspect_that_was_cleared_is_asked_for_again(world: World) -> None:
    suspect = world.children[LEAVING][0]
    for day in world.days(SPRING[2])[:5]:
        world.hand_in(LEAVING, day, {suspect: U})
    graduate(world, date(2026, 9, 3))
    world.due(date(2026, 9, 4))
    assert [a.state for a in of_kind(world, "graduation_due")] == ["closed"]

    def clear(child: Child, ctx: CommandContext) -> None:
        departures.clear_suspicion(
            child,
            ctx,
            on=date(2026, 9, 7),
            finding=Finding.A,
            evidence_ref="ref:1",
            role="principal",
        )

    decide_on_child(world.office, world.office.context("test"), suspect, clear)
    world.due(date(2026, 9, 8))
    assert [a.state for a in of_kind(world, "graduation_due")] == ["open"]
    graduate(world, date(2026, 9, 9))
    world.due(date(2026, 9, 9))
    assert [a.state for a in of_kind(world, "graduation_due")] == ["closed"]


def test_what_is_left_of_an_older_ninth_grade_is_asked_for_each_september(world: World) -> None:
    graduate(world, date(2026, 7, 4))
    older = f"{SCHOOL}/2016/1"
    world.add(older)
    world.due(date(2026, 9, 2))
    (told,) = of_kind(world, "graduation_due")
    assert (told.day, told.state) == (FIRST, "open")
