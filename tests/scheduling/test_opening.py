"""The opening of a term: who is seen, who is suspected, who is told (domain §11)."""

from __future__ import annotations

from datetime import date

from ckbx.domain.attendance.marks import Session
from ckbx.domain.child.status import SuspicionSource, TrackingStatus
from ckbx.domain.responsibility.post import Line, Role, Scope, ScopeKind
from tests.scheduling.due_kit import (
    OTHER_SCHOOL,
    SICK,
    SPRING,
    A,
    B,
    C,
    U,
    World,
    alerts,
    standing,
)
from tests.scheduling.opening_kit import away, open_now, suspicion, told_now, with_classes, world
from tests.support.county import COUNTY, SCHOOL

__all__ = ["world"]


def test_a_child_seen_in_its_new_class_is_not_missing(world: World) -> None:
    days = with_classes(world, A, B)
    came, gone = world.children[A][:2]
    for day in days[:2]:
        world.hand_in(A, day, {came: U, gone: U})
        world.hand_in(B, day)
    world.move(came, B, days[2])
    world.move(gone, B, days[2])
    for day in days[2:5]:
        world.hand_in(A, day)
        if day != days[3]:
            world.hand_in(B, day, {gone: U})
    assert world.due(days[4]).suspected == 1
    assert suspicion(world, came) is None
    found = suspicion(world, gone)
    assert found is not None
    assert (found.first_absent_on, found.occurred_on) == (days[0], days[4])


def test_a_child_seen_in_its_old_class_is_not_missing(world: World) -> None:
    days = with_classes(world, A, B)
    child = world.children[A][0]
    for day in days[:2]:
        world.hand_in(A, day)
    world.move(child, B, days[2])
    for day in days[2:5]:
        world.hand_in(B, day, {child: U})
    assert world.due(days[4]).suspected == 0


def test_a_child_enrolled_during_the_opening_has_days_of_its_own(world: World) -> None:
    days = with_classes(world, A)
    for day in days[:2]:
        world.hand_in(A, day)
    (child,) = world.add(A, 1, on=days[2])
    for n, day in enumerate(days[2:8]):
        if n != 1:
            world.hand_in(A, day, {child: U})
        assert world.due(day).suspected == (1 if n == 4 else 0)
    found = suspicion(world, child)
    assert found is not None
    assert (found.first_absent_on, found.occurred_on) == (days[2], days[6])
    own = {(a.rule, a.day) for a in alerts(world.store).values() if a.subject == str(child)}
    assert {("opening_close_1", days[2]), ("opening_close_3", days[4])} <= own


def test_a_child_enrolled_after_the_opening_is_left_to_the_roll_call(world: World) -> None:
    days = with_classes(world, A)
    for day in days[:7]:
        world.hand_in(A, day)
    (child,) = world.add(A, 1, on=days[7])
    for day in (days[7], days[8], days[9], days[11]):
        world.hand_in(A, day, {child: U})
    world.due(days[12])
    assert suspicion(world, child) is None
    told = {a.rule for a in alerts(world.store).values() if a.subject == str(child)}
    assert not any(rule.startswith("opening") for rule in told)


def test_only_unexplained_days_are_counted(world: World) -> None:
    days = with_classes(world, A)
    child = world.children[A][0]
    world.hand_in(A, days[0], {child: SICK})
    for day in days[1:5]:
        world.hand_in(A, day, {child: U})
    world.due(days[4])
    found = suspicion(world, child)
    assert found is not None
    assert found.absent_days == days[1:5]
    assert found.first_absent_on == days[0]


def test_half_a_day_is_not_a_report(world: World) -> None:
    days = with_classes(world, A)
    child = world.children[A][0]
    away(world, days, child)
    world.hand_in(A, days[1], {}, session=Session.MORNING)
    assert world.due(days[4]).suspected == 1
    world.hand_in(A, days[1], {}, session=Session.AFTERNOON)
    world.due(days[5])
    assert not open_now(world, child)


def test_a_class_silent_all_the_week_leaves_its_children_unasked(world: World) -> None:
    days = with_classes(world, A, B)
    for day in days[:5]:
        world.hand_in(B, day)
    assert world.due(days[6]).suspected == 0
    told = {a.rule for a in alerts(world.store).values()}
    assert "roll_call_silent" in told
    assert not any(rule.startswith("opening_close") for rule in told)


def test_a_check_in_by_name_counts_from_its_day(world: World) -> None:
    days = with_classes(world, A)
    early, late = world.children[A][:2]
    for n, day in enumerate(days[:5]):
        if n != 1:
            world.hand_in(A, day, {early: U, late: U})
    world.check_in(early, days[3])
    world.check_in(late, days[8])
    assert world.due(days[9]).suspected == 1
    assert not open_now(world, early)
    assert open_now(world, late)


def test_before_the_close_of_day_five_nothing_is_taken_back(world: World) -> None:
    days = with_classes(world, A)
    child = world.children[A][0]
    away(world, days, child)
    world.due(days[4])
    for hour in (8, 12, 17):
        assert world.due(days[4], hour).unsuspected == 0
    assert world.due(days[1]).unsuspected == 0
    assert open_now(world, child)


def test_a_suspicion_stands_however_long_ago_the_opening_was(world: World) -> None:
    days = with_classes(world, A)
    child = world.children[A][0]
    away(world, days, child)
    world.due(days[6])
    report = world.due(date(2026, 11, 20))
    assert (report.withdrawn, report.unsuspected) == ({}, 0)
    assert open_now(world, child)


def test_excused_or_seen_by_day_five_after_all_takes_it_back_with_its_alert(world: World) -> None:
    days = with_classes(world, A)
    child = world.children[A][0]
    away(world, days, child)
    world.due(days[6])
    world.hand_in(A, days[4], {child: SICK}, note="ref:1")
    assert world.child(child).base is TrackingStatus.ENROLLED
    assert "opening_day_5" not in told_now(world, child)
    assert world.due(days[6]).unsuspected == 0
    left = told_now(world, child)
    assert not left & {"opening_day_5", "opening_close_5_county", "opening_close_5_township"}
    assert world.due(days[6]).nothing


def test_seen_only_after_day_five_takes_nothing_back(world: World) -> None:
    days = with_classes(world, A)
    child = world.children[A][0]
    away(world, days, child)
    world.due(days[4])
    for day in days[5:10]:
        world.hand_in(A, day)
    assert world.due(days[10]).unsuspected == 0
    assert open_now(world, child)


def test_no_second_episode_where_the_roll_call_suspected_the_child_first(world: World) -> None:
    days = with_classes(world, A)
    child = world.children[A][0]
    away(world, days, child, until=7)
    assert world.due(days[8]).suspected == 0
    found = world.child(child)
    assert found.episodes == 1
    assert found.episode is not None
    assert found.episode.source is SuspicionSource.ABSENCE
    told = {a.rule for a in standing(world.store) if a.subject == str(child)}
    assert {"absence_run_5", "opening_close_1", "opening_close_5_county"} <= told


def test_a_suspicion_made_up_late_knows_since_when_the_child_attends(world: World) -> None:
    days = with_classes(world, A)
    child = world.children[A][0]
    away(world, days, child)
    for day in days[5:9]:
        world.hand_in(A, day)
    world.due(days[20])
    episode = world.child(child).episode
    assert episode is not None
    assert episode.spans == ((days[5], days[7], None),)


def test_a_child_on_leave_by_day_five_is_neither_missed_nor_suspected(world: World) -> None:
    days = with_classes(world, A)
    child = world.children[A][0]
    away(world, days, child, until=3)
    world.suspend(child, days[3], date(2026, 12, 1))
    for day in days[3:6]:
        world.hand_in(A, day)
    assert world.due(days[6]).suspected == 0
    told = {a.rule for a in standing(world.store) if a.subject == str(child)}
    assert "opening_close_3" in told
    assert "opening_close_5_county" not in told


def test_day_3_tells_the_village_day_5_township_and_county_day_7_the_county(world: World) -> None:
    village, township = f"{COUNTY}100200", f"{COUNTY}100"
    posts = (
        (Scope(ScopeKind.CLASS, A), "ct1", Role.CLASS_TEACHER, Line.EDUCATION),
        (Scope(ScopeKind.SCHOOL, SCHOOL), "head", Role.PRINCIPAL, Line.EDUCATION),
        (Scope(ScopeKind.COUNTY, COUNTY), "bureau", Role.BUREAU_OFFICER, Line.EDUCATION),
        (Scope(ScopeKind.VILLAGE, village), "village", Role.VILLAGE_OFFICER, Line.GOVERNMENT),
        (Scope(ScopeKind.TOWNSHIP, township), "township", Role.TOWNSHIP_OFFICER, Line.GOVERNMENT),
    )
    for scope, account, role, line in posts:
        world.post(scope, account, role, line=line)
    days = with_classes(world, A)
    (child,) = world.add(A, 1, on=days[0], village=village)
    away(world, days, child, until=7)
    world.due(days[6])
    told = {a.rule: (a.day, a.to) for a in alerts(world.store).values() if "opening" in a.rule}
    assert told["opening_close_1"] == (days[0], ("ct1",))
    assert told["opening_close_3"] == (days[2], ("head",))
    assert told["opening_close_3_village"] == (days[2], ("village",))
    assert told["opening_close_5_township"] == (days[4], ("township",))
    assert told["opening_close_5_county"] == (days[4], ("bureau",))
    assert told["opening_report_7"] == (days[6], ("head",))
    assert told["opening_report_7_county"] == (days[6], ("bureau",))


def test_spring_is_checked_like_autumn_and_each_school_by_its_own_days(world: World) -> None:
    world.term(*SPRING)
    world.term("2025-2026", "春季", date(2026, 3, 9), SPRING[3], applies_to=OTHER_SCHOOL)
    for key in (A, C):
        world.add(key, on=SPRING[2])
    early, late = world.days(SPRING[2]), world.days(SPRING[2], OTHER_SCHOOL)
    assert (early[0], late[0]) == (date(2026, 3, 2), date(2026, 3, 9))
    for key, days in ((A, early), (C, late)):
        for n, day in enumerate(days[:5]):
            if n != 1:
                world.hand_in(key, day, {world.children[key][0]: U})
    assert world.due(early[4]).suspected == 1
    assert world.due(late[3]).suspected == 0
    assert world.due(late[4]).suspected == 1
    found = suspicion(world, world.children[C][0])
    assert found is not None
    assert (found.first_absent_on, found.occurred_on) == (late[0], late[4])
    summaries = {a.day for a in standing(world.store) if a.rule == "opening_report_7_county"}
    assert summaries == {early[6]}
    world.due(late[6])
    summaries = {a.day for a in standing(world.store) if a.rule == "opening_report_7_county"}
    assert summaries == {early[6], late[6]}


def test_a_day_five_moved_by_the_calendar_moves_the_suspicion(world: World) -> None:
    days = with_classes(world, A)
    child = world.children[A][0]
    away(world, days, child)
    assert world.due(days[4]).suspected == 1
    world.close(days[1])
    world.hand_in(A, days[5], {child: U})
    assert world.due(days[4]).unsuspected == 0
    report = world.due(days[5])
    assert (report.unsuspected, report.suspected) == (1, 1)
    found = suspicion(world, child)
    assert found is not None
    assert (found.first_absent_on, found.occurred_on) == (days[0], days[5])
    standing_now = {a.day for a in standing(world.store) if a.rule == "opening_day_5"}
    assert standing_now == {days[5]}
    assert world.due(days[5]).nothing


def test_a_child_back_on_the_roll_during_the_opening_has_days_of_its_own(world: World) -> None:
    world.term(*SPRING)
    world.add(A, on=SPRING[2])
    days = world.days()
    child = world.children[A][0]
    world.suspend(child, date(2026, 6, 1), days[1])
    for n, day in enumerate(days[:7]):
        if n != 3:
            world.hand_in(A, day, {child: U})
    world.due(days[4])
    assert suspicion(world, child) is None
    assert world.due(days[6]).suspected == 1
    found = suspicion(world, child)
    assert found is not None
    assert (found.first_absent_on, found.occurred_on) == (days[2], days[6])


def test_a_school_that_came_after_an_opening_owes_no_summary_of_it(world: World) -> None:
    """A county that begins in the middle of a term is asked for nothing of its first week."""
    later = world.days()[20]
    world.add(A, on=later)
    world.due(later)
    assert not {a.rule for a in standing(world.store) if a.rule.startswith("opening_report")}
