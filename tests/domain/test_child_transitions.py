"""Domain §3: every pair of status and step is either accepted or refused by name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from ckbx.domain.child import absences, departures, enrolment, leaves, returns
from ckbx.domain.child import events as e
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child import movement_events as mv
from ckbx.domain.child import return_events as rt
from ckbx.domain.child.child import Child
from ckbx.domain.child.errors import (
    AlreadySuspected,
    BeforeEnrolment,
    CommitteeOpinionMissing,
    EvidenceMissing,
    FindingIsDropout,
    FindingNeedsDecision,
    FindingNotForPrincipal,
    FitToStudyPaperMissing,
    HospitalPaperMissing,
    InTheFuture,
    LeaveNeedsEnd,
    LegalBasisMissing,
    NoOpenSuspicion,
    PunishmentForbidden,
    ReviewDayMissing,
    SchoolCannotDecideLeave,
    TransitionRefused,
)
from ckbx.domain.child.leaves import LeaveDecision
from ckbx.domain.child.return_codes import Placement, Whereabouts
from ckbx.domain.child.returns import DropoutGround
from ckbx.domain.child.status import Finding, SuspicionSource, TrackingStatus
from ckbx.domain.child.transitions import TRANSITIONS
from ckbx.domain.shared.event import CommandContext
from tests.dsl import Given, an_id, context, given

KEY, SCHOOL = "2152939972/2026/1", "2152939972"
TODAY, BEGAN = date(2026, 11, 20), date(2026, 9, 1)
S = TrackingStatus
Step = Callable[[Child, CommandContext], None]


def registered(child: Child, ctx: CommandContext) -> None:
    enrolment.register(child, ctx, on=BEGAN, sex="m", cohort=2018, village=None, residence=None)


def enrolled(child: Child, ctx: CommandContext) -> None:
    enrolment.enrol(child, ctx, on=BEGAN, school=SCHOOL, class_key=KEY, grade=9)


def suspected(child: Child, ctx: CommandContext) -> None:
    departures.suspect(
        child,
        ctx,
        on=TODAY,
        source=SuspicionSource.REGISTER,
        first_absent_on=TODAY,
        rule="register_finding",
        rule_version=0,
        evidence=[],
    )


def decision(**changes: object) -> LeaveDecision:
    values: dict[str, object] = {
        "occurred_on": TODAY,
        "effective_from": TODAY,
        "until": date(2027, 9, 1),
        "approver": "township",
        "approver_role": "township_officer",
        "document": "镇教〔2026〕1号",
        "evidence_ref": "ref:1",
    }
    return LeaveDecision(**{**values, **changes})  # type: ignore[arg-type]


def suspended(child: Child, ctx: CommandContext) -> None:
    leaves.suspend(child, ctx, decision())


def deferred(child: Child, ctx: CommandContext) -> None:
    leaves.defer(child, ctx, decision())


def exempted(child: Child, ctx: CommandContext) -> None:
    leaves.exempt(child, ctx, decision(), legal_basis="县教〔2026〕2号")


def home_taught(child: Child, ctx: CommandContext) -> None:
    leaves.teach_at_home(
        child,
        ctx,
        decision(approver_role="bureau_officer", committee_ref="ref:2"),
        visits_per_month=2,
        lessons_per_visit=2,
    )


def transferring(child: Child, ctx: CommandContext) -> None:
    departures.start_transfer(
        child, ctx, on=TODAY, receiving_school="外县一中", document="转1", confirm_by=TODAY
    )


def elsewhere(child: Child, ctx: CommandContext) -> None:
    departures.verify_elsewhere(
        child, ctx, on=TODAY, evidence_ref="ref:3", review_by=date(2027, 3, 1)
    )


def ending(event: type[lv.DeathRecorded]) -> Step:
    def step(child: Child, ctx: CommandContext) -> None:
        departures.end(
            child, ctx, event, on=TODAY, evidence_ref="ref:4", review_by=date(2027, 3, 1)
        )

    return step


def confirmed(child: Child, ctx: CommandContext) -> None:
    departures.confirm_transfer(
        child, ctx, on=TODAY, receiving_school="外县一中", evidence_ref="ref:5"
    )


def dropped_out(child: Child, ctx: CommandContext) -> None:
    ground = DropoutGround(
        unexplained=20,
        rounds=2,
        cause_recorded=True,
        dropout_days=20,
        dropout_rounds=2,
        rule_version=0,
    )
    whereabouts = Whereabouts.AT_HOME
    returns.confirm_dropout(
        child, ctx, on=TODAY, role="bureau_officer", ground=ground, whereabouts=whereabouts
    )


def persuaded_back(child: Child, ctx: CommandContext) -> None:
    key, placement = child.class_key or KEY, Placement.ORIGINAL_CLASS
    returns.persuade_back(
        child, ctx, on=TODAY, role="principal", placement=placement, class_key=key, grade=9
    )


def settled(child: Child, ctx: CommandContext) -> None:
    returns.settle_return(child, ctx, on=TODAY, role="bureau_officer", until=date(2026, 11, 19))


REACHED: dict[TrackingStatus, list[Step]] = {
    S.NOT_ENROLLED: [registered],
    S.ENROLLED: [registered, enrolled],
    S.SUSPECTED: [registered, enrolled, suspected],
    S.DROPPED_OUT: [registered, enrolled, suspected, dropped_out],
    S.PERSUADED_BACK: [registered, enrolled, suspected, dropped_out, persuaded_back],
    S.SUSPENDED: [registered, enrolled, suspended],
    S.DEFERRED: [registered, deferred],
    S.EXEMPTED: [registered, exempted],
    S.HOME_TAUGHT: [registered, home_taught],
    S.TRANSFERRING: [registered, enrolled, transferring],
    S.ENROLLED_ELSEWHERE: [registered, elsewhere],
    S.TRANSFERRED: [registered, enrolled, transferring, confirmed],
    S.GRADUATED: [registered, enrolled, lambda c, x: departures.graduate(c, x, on=TODAY)],
    S.DECEASED: [registered, enrolled, ending(lv.DeathRecorded)],
    S.ABROAD: [registered, enrolled, ending(lv.WentAbroad)],  # type: ignore[arg-type]
    S.DEREGISTERED: [registered, enrolled, ending(lv.Deregistered)],  # type: ignore[arg-type]
    S.MISSING: [registered, enrolled, ending(lv.WentMissing)],  # type: ignore[arg-type]
}

STEPS: dict[type, Step] = {
    e.Enrolled: enrolled,
    e.DropoutSuspected: suspected,
    e.SuspicionCleared: lambda c, x: departures.clear_suspicion(
        c, x, on=TODAY, finding=Finding.A, evidence_ref="ref:6", role="principal"
    ),
    rt.DropoutConfirmed: dropped_out,
    rt.PersuadedBack: persuaded_back,
    rt.ReturnSettled: settled,
    lv.SuspensionGranted: suspended,
    lv.DeferralGranted: deferred,
    lv.ExemptionGranted: exempted,
    lv.HomeTeachingArranged: home_taught,
    lv.StudyResumed: lambda c, x: enrolment.resume_study(
        c, x, on=TODAY, class_key=KEY, grade=9, fit_paper_ref="ref:7"
    ),
    lv.StudyElsewhereVerified: elsewhere,
    lv.TransferStarted: transferring,
    lv.TransferConfirmed: confirmed,
    lv.TransferCancelled: lambda c, x: departures.cancel_transfer(c, x, on=TODAY),
    lv.DeathRecorded: ending(lv.DeathRecorded),
    lv.WentAbroad: ending(lv.WentAbroad),  # type: ignore[arg-type]
    lv.WentMissing: ending(lv.WentMissing),  # type: ignore[arg-type]
    lv.Deregistered: ending(lv.Deregistered),  # type: ignore[arg-type]
    lv.Graduated: lambda c, x: departures.graduate(c, x, on=TODAY),
}
MATRIX = {row.event: row for row in TRANSITIONS}
STAY = {mv.MissingRechecked, mv.TransferredIn}
"""Steps that change no status: tests/domain/test_child_movements.py."""


def a_child(status: TrackingStatus) -> Given[Child]:
    return given(Child(an_id(1)), TODAY).after(*REACHED[status])


@pytest.mark.parametrize("status", REACHED, ids=lambda s: s.value)
@pytest.mark.parametrize("event", STEPS, ids=lambda e: e.__name__)
def test_every_step_from_every_status_is_taken_or_refused_as_the_matrix_says(
    status: TrackingStatus, event: type
) -> None:
    row = MATRIX[event]
    outcome = a_child(status)
    assert outcome.aggregate.status_on(TODAY) is status
    grade_is_known = outcome.aggregate.grade == 9
    outcome.when(STEPS[event])
    if status in row.from_ and (event is not lv.Graduated or grade_is_known):
        assert outcome.error is None
        assert outcome.aggregate.status_on(TODAY) is row.to
    else:
        assert outcome.error is not None
        assert outcome.events == []


def test_every_status_is_reached_and_every_step_of_the_matrix_is_tried() -> None:
    assert set(REACHED) == set(S) - {S.ABSENT}
    clocked = {lv.TransferLapsed, lv.LeaveExtended, e.SuspicionWithdrawn, rt.Relapsed}
    assert set(STEPS) == set(MATRIX) - clocked - STAY


def test_nobody_can_be_expelled() -> None:
    a_child(S.ENROLLED).when(lambda c, _x: enrolment.expel(c)).then_refused(
        PunishmentForbidden, "第二十七条"
    )


def test_a_terminal_status_says_who_can_mend_a_mistake() -> None:
    a_child(S.DECEASED).when(suspended).then_refused(TransitionRefused, "死亡", "县教育局")


def test_a_leave_needs_an_end() -> None:
    for until in (None, TODAY - timedelta(days=1)):
        given_leave = decision(until=until)
        a_child(S.ENROLLED).when(
            lambda c, x, d=given_leave: leaves.suspend(c, x, d)  # type: ignore[misc]
        ).then_refused(LeaveNeedsEnd)


def test_a_leave_of_one_day_is_that_day_and_no_other() -> None:
    one_day = decision(until=TODAY)
    child = a_child(S.ENROLLED).when(lambda c, x: leaves.suspend(c, x, one_day)).aggregate
    assert child.status_on(TODAY) is S.SUSPENDED
    assert child.status_on(TODAY + timedelta(days=1)) is S.ABSENT


def test_a_school_cannot_grant_a_leave() -> None:
    alone = decision(approver_role="principal")
    a_child(S.ENROLLED).when(lambda c, x: leaves.suspend(c, x, alone)).then_refused(
        SchoolCannotDecideLeave, "乡镇"
    )


def test_exemption_needs_the_countys_legal_basis_and_for_a_disability_the_committee() -> None:
    a_child(S.ENROLLED).when(
        lambda c, x: leaves.exempt(c, x, decision(), legal_basis=None)
    ).then_refused(LegalBasisMissing)
    disabled = decision(for_disability=True)
    a_child(S.ENROLLED).when(
        lambda c, x: leaves.exempt(c, x, disabled, legal_basis="文")
    ).then_refused(CommitteeOpinionMissing)
    without = decision(evidence_ref="")
    a_child(S.ENROLLED).when(
        lambda c, x: leaves.exempt(c, x, without, legal_basis="文")
    ).then_refused(HospitalPaperMissing)


def test_home_teaching_needs_the_committee() -> None:
    alone = decision(approver_role="bureau_officer")
    a_child(S.ENROLLED).when(
        lambda c, x: leaves.teach_at_home(c, x, alone, visits_per_month=2, lessons_per_visit=1)
    ).then_refused(CommitteeOpinionMissing)


def test_a_leave_that_starts_after_a_suspicion_is_marked() -> None:
    outcome = a_child(S.SUSPECTED).when(suspended)
    outcome.then((lv.SuspensionGranted, {"after_suspicion": True}))
    assert outcome.aggregate.episode is None


def test_after_its_end_a_suspended_child_is_absent_whether_or_not_anybody_noticed() -> None:
    child = a_child(S.SUSPENDED).aggregate
    last, after = date(2027, 9, 1), date(2027, 9, 2)
    assert child.status_on(last) is S.SUSPENDED
    assert child.on_leave(last)
    assert child.status_on(after) is S.ABSENT
    given(child, last).when(leaves.notice_expiry).then_nothing()
    later = given(child, after).when(leaves.notice_expiry)
    later.then((lv.LeaveExpired, {"occurred_on": after, "until": last}))
    given(child, date(2027, 9, 3)).when(leaves.notice_expiry).then_nothing()


def test_a_leave_to_come_changes_nothing_yet() -> None:
    later = decision(effective_from=date(2026, 12, 1))
    child = a_child(S.ENROLLED).when(lambda c, x: leaves.suspend(c, x, later)).aggregate
    assert child.status_on(date(2026, 11, 30)) is S.ENROLLED
    assert child.status_on(date(2026, 12, 1)) is S.SUSPENDED


def test_return_from_a_medical_leave_needs_a_paper() -> None:
    a_child(S.SUSPENDED).when(
        lambda c, x: enrolment.resume_study(
            c, x, on=TODAY, class_key=KEY, grade=9, fit_paper_ref=None
        )
    ).then_refused(FitToStudyPaperMissing)


def test_a_principal_may_clear_a_to_c_only_and_nobody_k() -> None:
    def clear(finding: Finding, role: str) -> Step:
        return lambda c, x: departures.clear_suspicion(
            c, x, on=TODAY, finding=finding, evidence_ref="ref", role=role
        )

    a_child(S.SUSPECTED).when(clear(Finding.D, "principal")).then_refused(FindingNotForPrincipal)
    a_child(S.SUSPECTED).when(clear(Finding.K, "bureau_officer")).then_refused(FindingIsDropout)
    a_child(S.SUSPECTED).when(clear(Finding.G, "bureau_officer")).then((e.SuspicionCleared, {}))


@pytest.mark.parametrize(
    ("finding", "decision"),
    [
        (Finding.D, "户籍问题销号"),
        (Finding.E, "登记死亡"),
        (Finding.F, "休学、缓学或免学"),
        (Finding.H, "毕业"),
        (Finding.I, "出国"),
        (Finding.J, "失联"),
    ],
)
def test_what_a_decision_of_its_own_records_is_no_clearing(finding: Finding, decision: str) -> None:
    a_child(S.SUSPECTED).when(
        lambda c, x: departures.clear_suspicion(
            c, x, on=TODAY, finding=finding, evidence_ref="ref", role="bureau_officer"
        )
    ).then_refused(FindingNeedsDecision, decision)


def test_a_clearing_leads_to_school_also_after_a_transfer_that_lapsed() -> None:
    lapsed = (
        a_child(S.TRANSFERRING)
        .on(date(2026, 11, 21))
        .after(lambda c, x: departures.lapse_transfer(c, x, rule_version=0))
    )
    cleared = lapsed.when(STEPS[e.SuspicionCleared])
    assert cleared.aggregate.status_on(date(2026, 11, 21)) is S.ENROLLED


def test_a_missing_child_needs_the_day_of_the_next_check() -> None:
    a_child(S.ENROLLED).when(
        lambda c, x: departures.end(c, x, lv.WentMissing, on=TODAY, evidence_ref="ref")
    ).then_refused(ReviewDayMissing, "失联")
    a_child(S.ENROLLED).when(
        lambda c, x: departures.verify_elsewhere(c, x, on=TODAY, evidence_ref="ref", review_by=None)
    ).then_refused(ReviewDayMissing, "外地就读")


def test_no_event_is_made_that_nobody_could_read_back() -> None:
    child = a_child(S.ENROLLED).aggregate
    with pytest.raises(TypeError, match="review_by"):
        child.trigger_event(
            lv.WentMissing, context(TODAY), occurred_on=TODAY, evidence_ref="r", review_by=None
        )
    assert not child.has_pending


def test_a_transfer_that_starts_ends_a_leave_to_come() -> None:
    later = decision(effective_from=date(2026, 12, 1))
    child = (
        a_child(S.ENROLLED)
        .after(lambda c, x: leaves.suspend(c, x, later), transferring, confirmed)
        .aggregate
    )
    assert child.leave is None
    assert child.status_on(date(2026, 12, 2)) is S.TRANSFERRED


def test_a_suspicion_leaves_a_leave_to_come_and_gives_way_to_it() -> None:
    first = date(2026, 12, 1)
    later = decision(effective_from=first)
    outcome = a_child(S.ENROLLED).after(lambda c, x: leaves.suspend(c, x, later)).when(suspected)
    outcome.then((e.DropoutSuspected, {"until": first, "followed_by": S.SUSPENDED}))
    child = outcome.aggregate
    assert [child.status_on(d) for d in (TODAY, first)] == [S.SUSPECTED, S.SUSPENDED]
    outcome.on(first).when(
        lambda c, x: departures.clear_suspicion(
            c, x, on=first, finding=Finding.A, evidence_ref="ref", role="principal"
        )
    ).then_refused(NoOpenSuspicion)


def test_a_suspicion_in_force_is_extended_by_no_old_leave() -> None:
    child = a_child(S.SUSPENDED).aggregate
    over = date(2027, 9, 2)
    outcome = given(child, over).after(
        lambda c, x: absences.open_suspicion(
            c,
            x,
            on=over,
            source=SuspicionSource.ABSENCE,
            first_absent_on=over,
            rule="absence_run_5",
            rule_version=0,
        )
    )
    assert child.status_on(over) is S.SUSPECTED
    outcome.when(
        lambda c, x: leaves.extend(
            c,
            x,
            on=over,
            until=date(2028, 1, 1),
            approver="a",
            approver_role="bureau_officer",
            document="d",
            evidence_ref="r",
        )
    ).then_refused(TransitionRefused, "疑似辍学")


def test_clearing_and_endings_need_evidence() -> None:
    a_child(S.SUSPECTED).when(
        lambda c, x: departures.clear_suspicion(
            c, x, on=TODAY, finding=Finding.A, evidence_ref="", role="principal"
        )
    ).then_refused(EvidenceMissing)
    a_child(S.ENROLLED).when(
        lambda c, x: departures.end(c, x, lv.DeathRecorded, on=TODAY, evidence_ref="")
    ).then_refused(EvidenceMissing, "死亡证明")


def test_nothing_is_dated_in_the_future_or_before_the_enrolment() -> None:
    def go(on: date) -> Step:
        return lambda c, x: departures.cancel_transfer(c, x, on=on)

    a_child(S.TRANSFERRING).when(go(date(2026, 11, 21))).then_refused(InTheFuture)
    a_child(S.TRANSFERRING).when(go(date(2026, 8, 31))).then_refused(BeforeEnrolment)


def test_a_transfer_nobody_confirms_becomes_a_suspicion() -> None:
    a_child(S.TRANSFERRING).when(
        lambda c, x: departures.lapse_transfer(c, x, rule_version=0)
    ).then_nothing()
    outcome = (
        a_child(S.TRANSFERRING)
        .on(date(2026, 11, 21))
        .when(lambda c, x: departures.lapse_transfer(c, x, rule_version=0))
    )
    outcome.then(
        (lv.TransferLapsed, {}),
        (e.DropoutSuspected, {"source": SuspicionSource.TRANSFER_LAPSED}),
    )
    assert outcome.aggregate.base is S.SUSPECTED


def test_a_class_change_changes_no_status() -> None:
    outcome = a_child(S.ENROLLED).when(
        lambda c, x: enrolment.change_class(c, x, on=TODAY, class_key="2152939972/2026/2", grade=9)
    )
    outcome.then((e.ClassChanged, {}))
    assert outcome.aggregate.class_key == "2152939972/2026/2"
    assert context(TODAY).today == TODAY


def test_a_child_is_not_suspected_twice() -> None:
    already = given(Child(an_id(1)), TODAY).after(registered, enrolled, suspected)
    already.when(suspected).then_refused(AlreadySuspected)
