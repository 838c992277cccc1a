"""出勤走势: the rate of a day is of the classes that reported; silence stands beside it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from ckbx.domain.attendance.marks import Session
from ckbx.domain.calendar import events as c
from projections import roll_call_completeness
from projections.attendance_line import SCHOOL_DAYS, AttendanceDay, attendance_line
from projections.scope import Scope
from tests.projections.kit_fixtures import any_world, world
from tests.projections.kit_world import BEGAN, SCHOOLS, TODAY, N, U, World, weekdays
from tests.projections.test_completeness import line, newcomer

__all__ = ["any_world", "world"]

A, B = (f"{school}/2026/1" for school in SCHOOLS)
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
THURSDAY, FRIDAY = date(2026, 11, 19), TODAY


def shown(
    of: World,
    day: date = TODAY,
    *,
    scope: Scope | None = None,
    instant: datetime = NOON,
    position: int | None = None,
) -> list[AttendanceDay]:
    with of.reading() as look:
        at = of.log.head() if position is None else position
        wanted = scope or Scope.county()
        return attendance_line(look, wanted, as_of=day, position=at, instant=instant)


def hand_in(of: World, key: str, day: date, *absent: int, session: Session = Session.FULL) -> int:
    of.hand_in(key, day, {UUID(int=n): U for n in absent}, session=session)
    return of.record()


def test_the_rate_is_of_the_classes_that_reported(any_world: World) -> None:
    any_world.found(classes=2, size=4)  # two schools of two classes of four children
    hand_in(any_world, A, THURSDAY, 1)
    hand_in(any_world, A.replace("/1", "/2"), THURSDAY)
    hand_in(any_world, B, THURSDAY, 9, 10)
    first, second = shown(any_world)[-2:]
    assert (first.day, first.classes, first.reported) == (THURSDAY, 4, 3)
    assert (first.expected, first.present) == (2 * 12, 2 * 9)
    assert all(type(each) is int for each in (first.expected, first.present))
    assert first.rate == pytest.approx(75.0)
    assert (second.day, second.classes, second.reported, second.rate) == (FRIDAY, 4, 0, None)


def test_who_had_to_be_named_and_was_not_is_expected_and_not_there(any_world: World) -> None:
    any_world.found(size=4)
    new = newcomer(any_world, A, THURSDAY)
    any_world.hand_in(A, THURSDAY, {UUID(int=1): U})
    any_world.hand_in(A, FRIDAY, {new: N})
    any_world.record()
    first, second = shown(any_world)[-2:]
    assert (first.expected, first.present) == (2 * 5, 2 * 3)
    assert (second.expected, second.present) == (2 * 5, 2 * 4), "on the list: not counted twice"


def test_of_half_days_the_unnamed_are_away_in_each(any_world: World) -> None:
    any_world.found(size=4)
    newcomer(any_world, A, FRIDAY)
    hand_in(any_world, A, FRIDAY, session=Session.MORNING)
    assert shown(any_world)[-1].reported == 0
    hand_in(any_world, A, FRIDAY, session=Session.AFTERNOON)
    assert (shown(any_world)[-1].expected, shown(any_world)[-1].present) == (10, 8)


def test_a_silent_class_is_no_present_class(any_world: World) -> None:
    any_world.found(size=4)
    hand_in(any_world, A, FRIDAY, 1, 2)
    (last,) = shown(any_world)[-1:]
    assert (last.reported, last.classes) == (1, 2)
    assert last.rate == pytest.approx(50.0)


def test_half_a_day_is_no_report_and_two_halves_are_one(any_world: World) -> None:
    any_world.found(size=4)
    hand_in(any_world, A, FRIDAY, 1, session=Session.MORNING)
    hand_in(any_world, B, FRIDAY)
    (last,) = shown(any_world)[-1:]
    assert (last.reported, last.expected, last.present) == (1, 8, 8)
    hand_in(any_world, A, FRIDAY, session=Session.AFTERNOON)
    (last,) = shown(any_world)[-1:]
    assert (last.reported, last.expected, last.present) == (2, 16, 15)


def test_the_days_are_the_last_school_days(world: World) -> None:
    world.found(size=2)
    days = [each.day for each in shown(world)]
    assert len(days) == SCHOOL_DAYS
    assert days == weekdays(date(2026, 10, 26), TODAY)
    assert [each.day for each in shown(world, date(2026, 9, 3))] == weekdays(
        BEGAN, date(2026, 9, 3)
    )
    saturday = TODAY + timedelta(days=1)
    assert shown(world, saturday)[-1].day == TODAY


def test_a_school_closed_for_a_day_had_nothing_to_report(any_world: World) -> None:
    any_world.found(size=4)
    line(any_world, c.ClosureDeclared, SCHOOLS[1], day=FRIDAY, kind="closure")
    hand_in(any_world, A, FRIDAY)
    (last,) = shown(any_world)[-1:]
    assert (last.day, last.classes, last.reported) == (FRIDAY, 1, 1)


def test_before_the_deadline_more_will_come(world: World) -> None:
    world.found(size=2)
    early = datetime(2026, 11, 20, 1, 59, tzinfo=UTC)
    assert shown(world, instant=early)[-1].waiting
    assert not shown(world, instant=early)[-2].waiting
    assert not shown(world)[-1].waiting


def test_it_says_what_was_known_then(any_world: World) -> None:
    any_world.found(size=4)
    before = any_world.log.head()
    known = hand_in(any_world, A, FRIDAY, 1)
    hand_in(any_world, A, FRIDAY, 1, 2)
    assert shown(any_world)[-1].present == 2 * 2
    assert shown(any_world, position=known)[-1].present == 2 * 3
    assert shown(any_world, position=before)[-1].reported == 0


def test_each_sees_the_line_of_the_own_schools(any_world: World) -> None:
    any_world.found(size=4)
    hand_in(any_world, A, FRIDAY, 1)
    hand_in(any_world, B, FRIDAY)
    (mine,) = shown(any_world, scope=Scope.schools([SCHOOLS[0]]))[-1:]
    assert (mine.classes, mine.reported, mine.present) == (1, 1, 6)
    assert shown(any_world, scope=Scope.nothing()) == []


def test_the_reported_classes_are_those_of_the_ledger_of_the_day(any_world: World) -> None:
    any_world.found(classes=2, size=3)
    for day in weekdays(date(2026, 11, 9), TODAY):
        hand_in(any_world, A, day, 1)
    hand_in(any_world, B, FRIDAY, session=Session.MORNING)
    for each in shown(any_world):
        with any_world.reading() as look:
            found = roll_call_completeness.class_days(
                look,
                Scope.county(),
                as_of=each.day,
                position=any_world.log.head(),
                instant=NOON,
            )
        states = [one.state for one in found]
        assert each.classes == len(states)
        assert each.reported == states.count(roll_call_completeness.DayState.REPORTED)
