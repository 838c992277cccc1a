"""A child never seen in the opening, listed by the roll call of day 5 as by the clock."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from ckbx.application.unit import Unit
from ckbx.domain.attendance.marks import Reason
from ckbx.domain.child import returns
from ckbx.domain.child.child import Child
from ckbx.domain.child.status import SuspicionSource
from tests.scheduling.due_kit import (
    SICK,
    SPRING,
    A,
    B,
    U,
    World,
)
from tests.scheduling.opening_kit import away, open_now, suspicion, told_now, with_classes, world

__all__ = ["world"]


def absent_from_day_one(world: World) -> tuple[list[date], UUID]:
    """Listed absent on each of the days 1–5, by the roll call alone."""
    days = with_classes(world, A)
    child = world.children[A][0]
    for day in days[:5]:
        world.hand_in(A, day, {child: U})
    return days, child


def test_the_roll_call_of_day_five_lists_a_child_never_seen_as_the_clock_would(
    world: World,
) -> None:
    days, child = absent_from_day_one(world)
    found = suspicion(world, child)
    assert found is not None
    assert (found.source, found.rule) == (SuspicionSource.OPENING, "opening_day_5")
    assert (found.first_absent_on, found.occurred_on) == (days[0], days[4])
    assert found.absent_days == days[:5]
    assert "opening_day_5" in told_now(world, child)
    for hour in (9, 17, 20):
        report = world.due(days[4], hour)
        assert (report.suspected, report.unsuspected) == (0, 0)
    assert world.due(days[4]).nothing
    assert world.child(child).episodes == 1


def test_a_child_seen_once_this_term_is_suspected_by_the_roll_call(world: World) -> None:
    days = with_classes(world, A)
    child = world.children[A][0]
    world.hand_in(A, days[0])
    for day in days[1:6]:
        world.hand_in(A, day, {child: U})
    found = suspicion(world, child)
    assert found is not None
    assert (found.source, found.rule) == (SuspicionSource.ABSENCE, "absence_run_5")


def test_a_child_checked_in_by_name_is_suspected_by_the_roll_call(world: World) -> None:
    days = with_classes(world, A)
    early, late = world.children[A][:2]
    world.check_in(early, days[2])
    world.check_in(late, days[7])
    for day in days[:5]:
        world.hand_in(A, day, {early: U, late: U})
    found = [suspicion(world, each) for each in (early, late)]
    sources = [each.source for each in found if each]
    assert sources == [SuspicionSource.ABSENCE, SuspicionSource.OPENING]
    assert world.due(days[5]).unsuspected == 0


def test_a_run_that_began_last_term_is_the_roll_calls(world: World) -> None:
    world.term(*SPRING)
    world.add(A, on=SPRING[2])
    child, days = world.children[A][0], world.days()
    before = [day for day in world.days(SPRING[2]) if day < days[0]][-1]
    for day in (before, *days[:4]):
        world.hand_in(A, day, {child: U})
    found = suspicion(world, child)
    assert found is not None
    assert (found.source, found.occurred_on) == (SuspicionSource.ABSENCE, days[3])


def test_a_child_of_the_opening_is_counted_from_its_own_first_day(world: World) -> None:
    days = with_classes(world, A)
    for day in days[:2]:
        world.hand_in(A, day)
    (new,) = world.add(A, 1, on=days[2])
    for day in days[2:7]:
        world.hand_in(A, day, {new: U})
    (later,) = world.add(A, 1, on=days[7])
    for day in days[7:12]:
        world.hand_in(A, day, {later: U})
    found = [suspicion(world, each) for each in (new, later)]
    assert [each.source for each in found if each] == [
        SuspicionSource.OPENING,
        SuspicionSource.ABSENCE,
    ]
    report = world.due(days[12])
    assert (report.suspected, report.unsuspected) == (0, 0)


def test_a_child_that_changed_class_keeps_its_first_day(world: World) -> None:
    days = with_classes(world, A, B)
    child = world.children[A][0]
    for day in days[:2]:
        world.hand_in(A, day, {child: U})
    world.move(child, B, days[2])
    for day in days[2:5]:
        world.hand_in(B, day, {child: U})
    found = suspicion(world, child)
    assert found is not None
    assert (found.source, found.first_absent_on) == (SuspicionSource.OPENING, days[0])
    assert world.due(days[5]).unsuspected == 0


@pytest.mark.parametrize("by_clock", [False, True])
@pytest.mark.parametrize(("wrong", "right"), [(0, {}), (3, {}), (4, {}), (4, SICK)])
def test_whoever_listed_it_a_correction_takes_it_back_at_once_and_only_once(
    world: World,
    by_clock: bool,
    wrong: int,
    right: Reason | dict[UUID, Reason],
) -> None:
    days = with_classes(world, A)
    child = world.children[A][0]
    away(world, days, child, silent=1 if by_clock else 9)
    assert world.due(days[4]).suspected == (1 if by_clock else 0)
    world.hand_in(A, days[wrong], {child: right} if isinstance(right, Reason) else {}, note="ref:1")
    assert not open_now(world, child)
    names = [type(event).__name__ for event in world.store.log.load([child])[child]]
    assert names.count("SuspicionWithdrawn") == 1
    assert "opening_day_5" not in told_now(world, child)
    report = world.due(days[5])
    assert (report.suspected, report.unsuspected) == (0, 0)
    assert world.due(days[5]).nothing


def test_excused_before_the_last_day_the_clock_lists_it_as_not_seen_all_the_same(
    world: World,
) -> None:
    days, child = absent_from_day_one(world)
    world.hand_in(A, days[2], {child: SICK}, note="ref:1")
    assert not open_now(world, child)
    assert world.due(days[4]).suspected == 1
    found = suspicion(world, child)
    assert found is not None
    assert (found.source, found.occurred_on) == (SuspicionSource.OPENING, days[4])
    world.hand_in(A, days[1], {child: SICK}, note="ref:1")
    assert open_now(world, child)
    assert world.due(days[5]).unsuspected == 0


def test_excused_before_the_last_day_one_acted_on_keeps_its_ground(world: World) -> None:
    days, child = absent_from_day_one(world)
    acted(world, child)
    world.hand_in(A, days[2], {child: SICK}, note="ref:1")
    world.due(days[5])
    episode = world.child(child).episode
    assert episode is not None
    assert (episode.number, episode.ground_changed) == (1, False)


def test_a_suspicion_somebody_acted_on_is_marked_and_stays(world: World) -> None:
    days, child = absent_from_day_one(world)
    acted(world, child)
    world.hand_in(A, days[2], {}, note="ref:1")
    episode = world.child(child).episode
    assert episode is not None
    assert episode.ground_changed
    world.due(days[5])
    names = [type(event).__name__ for event in world.store.log.load([child])[child]]
    assert names.count("SuspicionGroundChanged") == 1


def test_a_run_that_holds_without_the_opening_is_the_roll_calls_from_then_on(
    world: World,
) -> None:
    days, child = absent_from_day_one(world)
    world.hand_in(A, days[5], {child: U})
    world.hand_in(A, days[0], {}, note="ref:1")
    episode = world.child(child).episode
    assert episode is not None
    assert (episode.number, episode.source, episode.rule) == (
        1,
        SuspicionSource.ABSENCE,
        "absence_run_5",
    )
    assert episode.suspected_on == days[5]
    assert "opening_day_5" not in told_now(world, child)
    assert "absence_run_5" in told_now(world, child)
    report = world.due(days[6])
    assert (report.suspected, report.unsuspected) == (0, 0)
    world.hand_in(A, days[0], {child: U}, note="ref:2")
    again = world.child(child).episode
    assert again is not None
    assert (again.number, again.source, again.suspected_on) == (
        1,
        SuspicionSource.OPENING,
        days[4],
    )
    assert "absence_run_5" not in told_now(world, child)
    world.store.catch_up()
    assert world.store.projector.check("watch").equal
    world.hand_in(A, days[4], {child: SICK}, note="ref:3")
    world.hand_in(A, days[5], {child: SICK}, note="ref:3")
    assert not open_now(world, child)
    assert world.due(days[6]).unsuspected == 0


def test_a_closure_declared_after_it_moves_the_roll_calls_suspicion_too(world: World) -> None:
    days, child = absent_from_day_one(world)
    world.close(days[1])
    world.hand_in(A, days[5], {child: U})
    report = world.due(days[5])
    assert (report.unsuspected, report.suspected) == (1, 1)
    found = suspicion(world, child)
    assert found is not None
    assert (found.first_absent_on, found.occurred_on) == (days[0], days[5])
    assert world.due(days[5]).nothing


def acted(world: World, child: UUID) -> None:
    """Somebody acted on the open episode."""

    def decide(unit: Unit) -> bytes:
        found = unit.get(child, Child)
        returns.act_on(found, unit.ctx, found.episodes)
        return b"acted"

    world.office.run(world.office.context("case_teacher"), decide)
