"""Where was each child, in which status: every fact moves its own child and no other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from ckbx.domain.child import departures, enrolment, leaves
from ckbx.domain.child import events as e
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child import return_events as rt
from ckbx.domain.child.child import Child
from ckbx.domain.child.return_codes import Placement, Whereabouts
from ckbx.domain.child.status import Finding, RegisterStatus, TrackingStatus
from ckbx.domain.shared.event import CommandContext, DomainEvent
from projections import roster
from tests.projections.kit_fixtures import world
from tests.projections.kit_world import BEGAN, SCHOOLS, TODAY, U, World

__all__ = ["world"]

from tests.projections.roster_helps import DAY, DAYS, away, decision, place, status, suspect

_S = TrackingStatus


def transfer(child: Child, ctx: CommandContext, on: date = DAY) -> None:
    departures.start_transfer(
        child, ctx, on=on, receiving_school=SCHOOLS[1], document="d", confirm_by=on
    )


Step = Callable[[Child, CommandContext], None]
ENDINGS = {
    lv.DeathRecorded: _S.DECEASED,
    lv.WentAbroad: _S.ABROAD,
    lv.WentMissing: _S.MISSING,
    lv.Deregistered: _S.DEREGISTERED,
}


def end(event: type[DomainEvent]) -> Step:
    review = TODAY if event is lv.WentMissing else None
    return lambda child, ctx: departures.end(
        child, ctx, event, on=DAY, evidence_ref="p", review_by=review
    )


def then(*steps: Step) -> Step:
    def run(child: Child, ctx: CommandContext) -> None:
        for step in steps:
            step(child, ctx)

    return run


def graduated(child: Child, ctx: CommandContext) -> None:
    child.trigger_event(lv.Promoted, ctx, occurred_on=DAY, class_key=child.class_key, grade=9)
    departures.graduate(child, ctx, on=DAY)


def dropped_out(child: Child, ctx: CommandContext, on: date = DAY) -> None:
    child.trigger_event(
        rt.DropoutConfirmed,
        ctx,
        occurred_on=on,
        episode=1,
        unexplained_days=20,
        rounds=2,
        whereabouts=Whereabouts.AT_HOME,
        rule_version=0,
    )


def persuaded_back(child: Child, ctx: CommandContext, on: date = DAY) -> None:
    child.trigger_event(
        rt.PersuadedBack,
        ctx,
        occurred_on=on,
        episode=1,
        placement=Placement.ORIGINAL_CLASS,
        class_key=child.class_key,
        grade=1,
    )


def settled(child: Child, ctx: CommandContext) -> None:
    child.trigger_event(rt.ReturnSettled, ctx, occurred_on=DAY, episode=1)


LATER = DAY + timedelta(days=7)
SINGLE: dict[type[DomainEvent], tuple[Step, TrackingStatus, RegisterStatus]] = {
    lv.SuspensionGranted: (
        lambda c, x: leaves.suspend(c, x, decision()),
        _S.SUSPENDED,
        RegisterStatus.SUSPENDED,
    ),
    lv.ExemptionGranted: (
        lambda c, x: leaves.exempt(c, x, decision(), legal_basis="县规"),
        _S.EXEMPTED,
        RegisterStatus.REGISTERED,
    ),
    lv.HomeTeachingArranged: (
        lambda c, x: leaves.teach_at_home(
            c, x, decision(), visits_per_month=2, lessons_per_visit=2
        ),
        _S.HOME_TAUGHT,
        RegisterStatus.REGISTERED,
    ),
    e.DropoutSuspected: (suspect, _S.SUSPECTED, RegisterStatus.REGISTERED),
    lv.TransferStarted: (transfer, _S.TRANSFERRING, RegisterStatus.TRANSFERRING),
    lv.TransferConfirmed: (
        then(
            transfer,
            lambda c, x: departures.confirm_transfer(
                c, x, on=DAY, receiving_school=SCHOOLS[1], evidence_ref="p"
            ),
        ),
        _S.TRANSFERRED,
        RegisterStatus.TRANSFERRED,
    ),
    lv.TransferCancelled: (
        then(transfer, lambda c, x: departures.cancel_transfer(c, x, on=DAY)),
        _S.ENROLLED,
        RegisterStatus.REGISTERED,
    ),
    lv.StudyElsewhereVerified: (
        lambda c, x: departures.verify_elsewhere(c, x, on=DAY, evidence_ref="p", review_by=TODAY),
        _S.ENROLLED_ELSEWHERE,
        RegisterStatus.REGISTERED,
    ),
    lv.DeathRecorded: (end(lv.DeathRecorded), _S.DECEASED, RegisterStatus.DECEASED),
    lv.WentAbroad: (end(lv.WentAbroad), _S.ABROAD, RegisterStatus.ABROAD),
    lv.WentMissing: (end(lv.WentMissing), _S.MISSING, RegisterStatus.MISSING),
    lv.Deregistered: (end(lv.Deregistered), _S.DEREGISTERED, RegisterStatus.OTHER_LEFT),
    e.EnrolmentUndone: (
        lambda c, x: enrolment.undo_enrolment(c, x, batch="b"),
        _S.NOT_ENROLLED,
        RegisterStatus.UNREGISTERED,
    ),
    rt.DropoutConfirmed: (
        then(suspect, dropped_out),
        _S.DROPPED_OUT,
        RegisterStatus.REGISTERED,
    ),
    rt.PersuadedBack: (
        then(suspect, dropped_out, persuaded_back),
        _S.PERSUADED_BACK,
        RegisterStatus.REGISTERED,
    ),
    rt.ReturnSettled: (
        then(suspect, dropped_out, persuaded_back, settled),
        _S.ENROLLED,
        RegisterStatus.REGISTERED,
    ),
    lv.Graduated: (
        graduated,
        _S.GRADUATED,
        RegisterStatus.GRADUATED,
    ),
}


@pytest.mark.parametrize("event", SINGLE, ids=[kind.__name__ for kind in SINGLE])
def test_a_fact_changes_its_own_child_and_no_other(world: World, event: type[DomainEvent]) -> None:
    world.found(size=2)
    step, expected, register = SINGLE[event]
    before = world.log.head()
    step(world.child(1), world.context())
    made = world.child(1)._pending
    assert type(made[-1]) is event
    world.record()
    found = place(world, 1, DAY)
    assert (found.status, found.register_status) == (expected, register)
    assert status(world, 1, DAY, before) is _S.ENROLLED, "as known before, it was not so"
    assert place(world, 2, DAY).status is _S.ENROLLED
    assert place(world, 3, DAY).school == SCHOOLS[1]
    gone = expected in (
        _S.TRANSFERRED,
        _S.DECEASED,
        _S.ABROAD,
        _S.DEREGISTERED,
        _S.GRADUATED,
        _S.ENROLLED_ELSEWHERE,
        _S.NOT_ENROLLED,
    )
    assert (found.school is None) == gone
    day_before = DAY - timedelta(days=1) if event is not e.EnrolmentUndone else BEGAN
    expected_before = _S.ENROLLED if event is not e.EnrolmentUndone else _S.NOT_ENROLLED
    assert status(world, 1, day_before) is expected_before


def test_every_event_the_roster_handles_is_tested_here() -> None:
    elsewhere = {
        e.ChildRegistered,
        e.ResidenceChanged,
        e.Enrolled,
        e.ClassChanged,
        lv.Promoted,
        lv.GradeRepeated,
        e.CheckedIn,
        e.AbsenceRecorded,
        e.AbsenceExplained,
        e.AttendanceResumed,
        e.AbsenceVoided,
        lv.DeferralGranted,
        lv.LeaveExtended,
        lv.StudyResumed,
        e.SuspicionRevised,
        e.SuspicionWithdrawn,
        e.SuspicionCleared,
        e.SuspicionOvertaken,
        e.SuspectAttendanceChanged,
        e.AbsenceSetAside,
    }
    assert set(roster.HANDLES) == set(SINGLE) | elsewhere


def test_a_registered_child_is_not_enrolled_until_it_is(world: World) -> None:
    world.found(size=1)
    child = Child(type(world.child(1).id)(int=99))
    world.children[child.id] = child
    enrolment.register(
        child, world.context(), on=DAY, sex="male", cohort=2026, village="v1", residence="v2"
    )
    world.record()
    found = place(world, 99, DAY)
    assert (found.status, found.school, found.village) == (_S.NOT_ENROLLED, None, "v1")
    assert found.register_status is RegisterStatus.UNREGISTERED
    leaves.defer(child, world.context(), decision(until=DAY + timedelta(days=10)))
    world.record()
    assert status(world, 99, DAY + timedelta(days=10)) is _S.DEFERRED
    assert status(world, 99, DAY + timedelta(days=11)) is _S.NOT_ENROLLED
    enrolment.enrol(
        child,
        world.context(),
        on=date(2026, 11, 2),
        school=SCHOOLS[0],
        class_key=f"{SCHOOLS[0]}/2026/1",
        grade=1,
    )
    world.record()
    found = place(world, 99, TODAY)
    assert (found.status, found.village, found.since) == (_S.ENROLLED, "v1", date(2026, 11, 2))


def test_an_enrolment_dated_before_the_child_was_known_holds_from_its_day(world: World) -> None:
    world.found(size=1)
    child = Child(type(world.child(1).id)(int=99))
    world.children[child.id] = child
    ctx = world.context()
    enrolment.register(child, ctx, on=DAY, sex="male", cohort=2026, village="v1", residence=None)
    key = f"{SCHOOLS[0]}/2026/1"
    enrolment.enrol(child, ctx, on=BEGAN, school=SCHOOLS[0], class_key=key, grade=1)
    world.record()
    assert place(world, 99, BEGAN).village == "v1"
    assert status(world, 99, BEGAN) is _S.ENROLLED


def test_a_move_of_home_or_class_keeps_the_rest(world: World) -> None:
    world.found(size=2, classes=2)
    child, ctx = world.child(1), world.context()
    child.trigger_event(e.ResidenceChanged, ctx, occurred_on=DAY, residence="522629101300")
    other = f"{SCHOOLS[0]}/2026/2"
    enrolment.change_class(child, ctx, on=LATER, class_key=other, grade=1)
    child.trigger_event(lv.GradeRepeated, ctx, occurred_on=LATER, class_key=other, grade=2)
    world.record()
    found = place(world, 1, LATER)
    assert (found.class_key, found.grade, found.residence) == (other, 2, "522629101300")
    assert (found.village, found.since) == ("522629100201", BEGAN)
    assert place(world, 1, DAY).class_key == f"{SCHOOLS[0]}/2026/1"
    assert place(world, 2, LATER).residence is None


def test_after_its_end_a_suspended_child_is_absent_whether_or_not_anybody_noticed(
    world: World,
) -> None:
    world.found(size=2)
    until = DAY + timedelta(days=10)
    leaves.suspend(world.child(1), world.context(), decision(until=until))
    world.record()
    after = until + timedelta(days=1)
    assert status(world, 1, until) is _S.SUSPENDED
    assert place(world, 1, after).status is _S.ABSENT
    assert place(world, 1, after).since == after
    leaves.notice_expiry(world.child(1), world.context())
    world.record()
    assert place(world, 1, TODAY).status is _S.ABSENT


def test_a_leave_extended_lasts_to_its_new_end(world: World) -> None:
    world.found(size=2)
    until, longer = DAY + timedelta(days=10), DAY + timedelta(days=20)
    leaves.suspend(world.child(1), world.context(), decision(until=until))
    before = world.record()
    leaves.extend(
        world.child(1),
        world.context(),
        on=DAY,
        until=longer,
        approver="o",
        approver_role="bureau_officer",
        document="d",
        evidence_ref="e",
    )
    world.record()
    after = until + timedelta(days=1)
    assert place(world, 1, after).status is _S.SUSPENDED
    assert place(world, 1, after).since == DAY
    assert status(world, 1, longer) is _S.SUSPENDED
    assert status(world, 1, longer + timedelta(days=1)) is _S.ABSENT
    assert status(world, 1, until, before) is _S.SUSPENDED
    assert status(world, 1, after, before) is _S.ABSENT


def test_a_leave_that_begins_later_gives_a_suspect_back_until_then(world: World) -> None:
    world.found(size=2)
    suspect(world.child(1), world.context())
    granted = DAY + timedelta(days=2)
    first = DAY + timedelta(days=5)
    leaves.suspend(world.child(1), world.context(), decision(first, TODAY, occurred_on=granted))
    world.record()
    statuses = [status(world, 1, DAY + timedelta(days=n)) for n in (0, 1, 2, 4, 5)]
    assert statuses == [_S.SUSPECTED, _S.SUSPECTED, _S.ENROLLED, _S.ENROLLED, _S.SUSPENDED]


def test_study_resumed_ends_a_leave(world: World) -> None:
    world.found(size=2)
    leaves.suspend(world.child(1), world.context(), decision())
    enrolment.resume_study(
        world.child(1),
        world.context(),
        on=LATER,
        class_key=f"{SCHOOLS[0]}/2026/1",
        grade=1,
        fit_paper_ref="p",
    )
    world.record()
    found = place(world, 1, LATER)
    assert (found.status, found.register_status) == (_S.ENROLLED, RegisterStatus.REGISTERED)
    assert status(world, 1, TODAY) is _S.ENROLLED
    assert status(world, 1, LATER - timedelta(days=1)) is _S.SUSPENDED


def test_a_cleared_suspicion_was_one_until_its_clearing(world: World) -> None:
    world.found(size=2)
    suspect(world.child(1), world.context())
    suspect(world.child(2), world.context())
    departures.clear_suspicion(
        world.child(1),
        world.context(),
        on=LATER,
        finding=Finding.A,
        evidence_ref="p",
        role="principal",
    )
    world.record()
    assert status(world, 1, LATER - timedelta(days=1)) is _S.SUSPECTED
    assert status(world, 1, LATER) is _S.ENROLLED
    assert status(world, 2, LATER) is _S.SUSPECTED


def test_a_withdrawn_suspicion_never_was_but_was_known(world: World) -> None:
    world.found(size=2)
    known = away(world, 1, 0, 5)
    suspected_on = DAYS[4]
    assert status(world, 1, suspected_on) is _S.SUSPECTED
    key = world.child(1).class_key or ""
    world.hand_in(key, DAYS[2], {}, note="到校")
    world.record()
    assert place(world, 1, suspected_on).status is _S.ABSENT
    assert status(world, 1, DAYS[2]) is _S.ENROLLED
    assert status(world, 1, suspected_on, known) is _S.SUSPECTED
    assert status(world, 1, DAYS[2], known) is _S.ABSENT


def test_a_revised_suspicion_moves_its_day(world: World) -> None:
    world.found(size=2)
    known = away(world, 1, 1, 6)
    assert status(world, 1, DAYS[5]) is _S.SUSPECTED
    key = world.child(1).class_key or ""
    world.hand_in(key, DAYS[0], {world.child(1).id: U})
    world.record()
    assert place(world, 1, DAYS[4]).status is _S.SUSPECTED
    assert place(world, 1, DAYS[6]).since == DAYS[4]
    assert place(world, 1, DAYS[4], known).status is _S.ABSENT
    world.hand_in(key, DAYS[0], {}, note="到校")
    world.record()
    assert place(world, 1, DAYS[4]).status is _S.ABSENT
    assert place(world, 1, DAYS[5]).since == DAYS[5]


def test_a_suspect_counts_as_attending_from_its_third_day_until_it_stays_away(
    world: World,
) -> None:
    world.found(size=2)
    away(world, 1, 0, 5)
    key = world.child(1).class_key or ""
    for day in DAYS[5:9]:
        world.hand_in(key, day, {})
        world.record()
    assert [place(world, 1, d).attending_since for d in DAYS[5:9]] == [
        None,
        None,
        DAYS[5],
        DAYS[5],
    ]
    away(world, 1, 9, 1)
    assert place(world, 1, DAYS[8]).attending_since == DAYS[5]
    assert place(world, 1, DAYS[9]).attending_since is None


def test_a_dropout_stands_through_an_amendment_of_the_days_before_it(world: World) -> None:
    world.found(size=2)
    key = world.child(1).class_key or ""
    away(world, 1, 0, 6)
    assert status(world, 1, DAYS[4]) is _S.SUSPECTED
    dropped_out(world.child(1), world.context(), DAYS[8])
    world.record()
    world.hand_in(key, DAYS[0], {})
    world.record()
    assert [status(world, 1, DAYS[n]) for n in (4, 5, 7, 8, 9)] == [
        _S.ABSENT,
        _S.SUSPECTED,
        _S.SUSPECTED,
        _S.DROPPED_OUT,
        _S.DROPPED_OUT,
    ]
    with world.reading() as look:
        assert look.parked(roster.NAME) == []


def test_a_child_persuaded_back_stays_so_when_absent_until_it_relapses(world: World) -> None:
    world.found(size=2)
    suspect(world.child(1), world.context(), DAYS[0])
    persuaded_back(world.child(1), world.context(), DAYS[1])
    world.record()
    away(world, 1, 2, 2)
    assert status(world, 1, DAYS[3]) is _S.PERSUADED_BACK
    away(world, 1, 4, 1)
    assert [status(world, 1, DAYS[n]) for n in (3, 4)] == [_S.PERSUADED_BACK, _S.SUSPECTED]
    world.hand_in(world.child(1).class_key or "", DAYS[3], {})
    world.record()
    assert [status(world, 1, DAYS[n]) for n in (3, 4)] == [_S.PERSUADED_BACK] * 2
