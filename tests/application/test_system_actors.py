"""The system is an actor of its own: what the rule decides is nobody's act (domain §1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from ckbx.application.decisions import decide_on_child
from ckbx.domain.attendance.marks import Reason
from ckbx.domain.case.events import CaseOpened
from ckbx.domain.child import departures
from ckbx.domain.child.child import Child
from ckbx.domain.child.events import DropoutSuspected
from ckbx.domain.child.status import SuspicionSource
from ckbx.domain.class_roll.events import RollCallSubmitted
from ckbx.domain.shared.event import CommandContext, DomainEvent
from ckbx.domain.shared.system_actors import ATTENDANCE_RULE, CASE_POLICY, DUE, actor_name
from ckbx.scheduling.effects import ACTOR
from tests.scheduling.due_kit import AUTUMN, SICK, A, U, World
from tests.support.county import opened

RULE = {
    "AbsenceWarned",
    "AbsenceWarningWithdrawn",
    "DropoutSuspected",
    "SuspicionRevised",
    "SuspicionWithdrawn",
    "SuspicionGroundChanged",
    "SuspectAttendanceChanged",
    "LongLeaveFlagged",
    "LongLeaveFlagWithdrawn",
    "AlertRaised",
    "AlertReopened",
    "AlertWithdrawn",
    "AlertClosed",
}
CASE = {"CaseOpened", "CaseRevised", "CaseWithdrawn", "CaseGroundChanged"}
PERSON = {
    "RollCallSubmitted",
    "AbsenceRecorded",
    "AbsenceExplained",
    "AbsenceVoided",
    "AttendanceResumed",
}


@pytest.fixture
def world(store_url: str, tmp_path: Path) -> Iterator[World]:
    with opened(store_url, tmp_path / "secrets") as store:
        found = World(store, terms=[AUTUMN])
        found.add(A, on=AUTUMN[2])
        yield found


def log(world: World) -> list[DomainEvent]:
    return [recorded.event for recorded in world.store.log.read(0, 1_000_000)]


def eventful(world: World) -> tuple[list[date], UUID]:
    """A suspicion, attending again, a long leave, a correction that takes the suspicion back."""
    days, (child, on_leave, _) = world.days(), world.children[A]
    for n, day in enumerate(days[:14]):
        absent = {on_leave: Reason.PERSONAL} if n < 5 else {}
        world.hand_in(A, day, {**absent, child: U} if 1 < n < 8 else absent)
    world.hand_in(A, days[5], {child: SICK}, note="ref:1")
    world.hand_in(A, days[2], {on_leave: Reason.PERSONAL}, note="ref:1")
    return days, child


def test_what_the_rule_decides_in_a_roll_call_is_not_the_teachers_act(world: World) -> None:
    eventful(world)
    made = log(world)
    names = {type(event).__name__ for event in made}
    assert names >= {"DropoutSuspected", "SuspectAttendanceChanged", "LongLeaveFlagged"}
    assert names >= {"SuspicionWithdrawn", "AbsenceWarningWithdrawn", "CaseOpened", "CaseWithdrawn"}
    assert names >= {"AlertRaised", "AlertWithdrawn"}
    for event in made:
        name = type(event).__name__
        if name in RULE:
            assert (name, event.actor) == (name, ATTENDANCE_RULE)
        elif name in CASE:
            assert (name, event.actor) == (name, CASE_POLICY)
        elif name in PERSON:
            assert (name, event.actor) == (name, "ct0")


def test_it_names_the_command_and_the_sheet_that_caused_it(world: World) -> None:
    eventful(world)
    made = log(world)
    sheets = {e.command_id: e for e in made if isinstance(e, RollCallSubmitted)}
    by_id = {event.event_id: event for event in made}
    seen = set()
    for event in made:
        name = type(event).__name__
        if event.actor == ATTENDANCE_RULE:
            assert event.correlation_id == event.command_id
            assert event.causation_id == sheets[event.command_id].event_id
        if event.actor == CASE_POLICY:
            assert event.correlation_id == event.command_id
            cause = by_id[event.causation_id or ""]
            assert cause.command_id == event.command_id
            seen.add((name, type(cause).__name__))
        if name in PERSON:
            assert event.causation_id is None
    assert seen >= {("CaseOpened", "DropoutSuspected"), ("CaseWithdrawn", "SuspicionWithdrawn")}


def test_a_suspicion_a_person_enters_is_the_persons_and_its_case_the_policys(world: World) -> None:
    child, day = world.children[A][0], world.days()[3]

    def suspect(found: Child, ctx: CommandContext) -> None:
        departures.suspect(
            found,
            ctx,
            on=day,
            source=SuspicionSource.PERSON,
            first_absent_on=day,
            rule="person",
            rule_version=0,
            evidence=[],
        )

    decide_on_child(world.office, world.office.context("officer"), child, suspect)
    (suspected,) = [e for e in log(world) if isinstance(e, DropoutSuspected)]
    (case,) = [e for e in log(world) if isinstance(e, CaseOpened)]
    assert (suspected.actor, suspected.causation_id) == ("officer", None)
    assert (case.actor, case.causation_id) == (CASE_POLICY, suspected.event_id)


def test_the_clock_is_an_actor_of_its_own_and_each_has_a_chinese_name() -> None:
    assert ACTOR == DUE == "system:due"
    assert actor_name(ATTENDANCE_RULE) == "系统：考勤规则"
    assert actor_name(CASE_POLICY) == "系统：个案随学生状态"
    assert actor_name(DUE) == "系统：到期事务"
    assert actor_name("ct0") == "ct0"
