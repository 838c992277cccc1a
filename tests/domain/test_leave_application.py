"""An application: every step at every stage, and every refusal by its name."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ckbx.domain.child import errors as ce
from ckbx.domain.child.departures import suspect
from ckbx.domain.child.status import SuspicionSource
from ckbx.domain.leave import errors, hospitals
from ckbx.domain.leave import events as ev
from ckbx.domain.leave.application import CommitteeOpinion, LeaveApplication
from ckbx.domain.leave.codes import LeaveKind, Proof, Stage
from ckbx.domain.leave.steps import STEPS
from ckbx.domain.placement.codes import PlacementKind
from tests.dsl import an_id, context, given
from tests.support.leave_county import (
    APPLIED,
    NOTE,
    REACHED,
    READY,
    TODAY,
    UNTIL,
    Step,
    a_child,
    an_application,
    applied,
    approved,
    committee,
    ended,
    hospital,
    opinion,
    prolonged,
    refused,
    reviewed,
    withdrawn,
)

K, P, PK = LeaveKind, Proof, PlacementKind
TAKEN: dict[str, Step] = {
    "opinion": opinion(),
    "hospital": hospital(),
    "committee": committee(),
    "approve": approved(),
    "refuse": refused(),
    "withdraw": withdrawn(),
    "extend": prolonged(),
    "review": reviewed(),
}
OPEN = {"opinion", "hospital", "committee", "approve", "refuse", "withdraw"}
ALLOWED = {Stage.APPLIED: OPEN, Stage.APPROVED: {"extend", "review"}}


@pytest.mark.parametrize("stage", list(Stage), ids=str)
@pytest.mark.parametrize("step", TAKEN)
def test_every_step_at_every_stage_is_taken_or_refused_by_name(stage: Stage, step: str) -> None:
    outcome = an_application(*REACHED[stage])
    assert outcome.aggregate.stage is stage
    outcome.when(TAKEN[step])
    if step in ALLOWED.get(stage, set()):
        assert outcome.error is None
        assert len(outcome.events) == 1
    else:
        outcome.then_refused(errors.ApplicationStageRefuses, stage.label, "请")


def test_every_step_of_the_table_is_tried() -> None:
    assert set(TAKEN) | {"end"} == set(STEPS)
    assert set(REACHED) == set(Stage)


@pytest.mark.parametrize("step", TAKEN)
def test_a_step_on_an_application_that_nobody_made_is_refused(step: str) -> None:
    an_application().when(TAKEN[step]).then_refused(errors.ApplicationUnknown, "监护人")


@pytest.mark.parametrize(
    ("steps", "step", "who"),
    [
        ([], applied(role="inspector"), "乡镇"),
        (READY, opinion(role="class_teacher"), "校长"),
        (READY, committee(role="principal"), "县教育局"),
        (READY, withdrawn(role="inspector"), "乡镇"),
    ],
)
def test_the_wrong_person_is_told_who_can(steps: list[Step], step: Step, who: str) -> None:
    an_application(*steps).when(step).then_refused(errors.LeaveRoleRefused, who)


@pytest.mark.parametrize("role", ["principal", "class_teacher", "registrar", "village_officer"])
@pytest.mark.parametrize("kind", list(LeaveKind))
def test_a_school_or_village_alone_decides_nothing(kind: LeaveKind, role: str) -> None:
    made = [applied(kind, P.COMMITTEE), committee(PK.EXEMPTED)]
    for step in (approved(role=role), refused(role=role)):
        an_application(*made).when(step).then_refused(
            ce.SchoolCannotDecideLeave, "乡镇人民政府或县教育局"
        )
    an_application(*REACHED[Stage.APPROVED]).when(prolonged(role=role)).then_refused(
        ce.SchoolCannotDecideLeave, "不能自行决定"
    )


def test_a_township_does_not_arrange_home_teaching() -> None:
    steps = [applied(K.HOME_TEACHING), committee()]
    an_application(*steps).when(approved(role="township_officer")).then_refused(
        errors.LeaveRoleRefused, "送教上门", "县教育局"
    )


@pytest.mark.parametrize(
    ("steps", "step", "error", "words"),
    [
        ([applied()], approved(), ce.HospitalPaperMissing, ("休学", "监护人", "学校或乡镇")),
        ([applied(), hospital()], approved(), errors.SchoolOpinionMissing, ("校长",)),
        (READY, approved(until=None), ce.LeaveNeedsEnd, ("截止日期", "审批机关")),
        (READY, approved(until=date(2026, 11, 1)), ce.LeaveNeedsEnd, ("休学",)),
        (READY, approved(until=None, review_on=UNTIL), ce.LeaveNeedsEnd, ("休学",)),
        (READY, approved(until=date(2027, 11, 20)), errors.LeaveTooLong, ("2027-11-19", "延期")),
        (READY, approved(document=" "), errors.LeaveDocumentMissing, ("文号", "审批机关")),
        (READY, approved(document="13900000000"), errors.NumberInDocument, ("经办人",)),
        (READY, approved(review_on=date(2028, 1, 1)), errors.LeaveDayRefused, ("复核",)),
        (READY, approved(on=date(2026, 11, 1)), errors.LeaveDayRefused, ("早于申请日期",)),
        (READY, approved(on=date(2026, 11, 21)), errors.LeaveDayRefused, ("还没有到",)),
        ([applied(K.DEFERRAL)], approved(), ce.HospitalPaperMissing, ("缓学",)),
        ([applied(K.DEFERRAL, P.COMMITTEE)], approved(), ce.CommitteeOpinionMissing, ("缓学",)),
        ([applied(K.HOME_TEACHING)], approved(), ce.CommitteeOpinionMissing, ("送教", "县教育局")),
        (
            [applied(K.HOME_TEACHING), committee(PK.INCLUSIVE)],
            approved(),
            errors.CommitteeAdvisesOtherwise,
            ("随班就读", "重新评估"),
        ),
        (
            [applied(K.HOME_TEACHING), committee()],
            approved(visits_per_month=None),
            errors.TeachingPlanMissing,
            ("每月", "县教育局"),
        ),
        ([applied(K.EXEMPTION)], approved(basis=None), ce.LegalBasisMissing, ("县教育局",)),
        (
            [applied(K.EXEMPTION, P.COMMITTEE)],
            approved(),
            ce.CommitteeOpinionMissing,
            ("免学", "县教育局"),
        ),
        ([applied(K.EXEMPTION)], approved(), ce.HospitalPaperMissing, ("免学", "指定")),
        (
            [applied(K.EXEMPTION), hospital()],
            approved(),
            errors.HospitalNotNamed,
            ("县人民医院", "监护人"),
        ),
        (READY, refused(reason=None), errors.LeaveWordsMissing, ("理由", "审批机关")),
        (READY, opinion(agrees=False, opinion=None), errors.LeaveWordsMissing, ("校长",)),
        (READY, hospital(document=""), errors.LeaveDocumentMissing, ("证明编号", "监护人")),
        (READY, hospital(hospital=None), errors.LeaveWordsMissing, ("医院",)),
        (READY, hospital(paper=None), errors.LeaveDocumentMissing, ("证明本身",)),
        (READY, committee(document=""), errors.LeaveDocumentMissing, ("县教育局",)),
        (READY, committee(opinion=None), errors.LeaveDocumentMissing, ("意见书",)),
        ([], applied(applicant=None), errors.LeaveWordsMissing, ("监护人", "受理人")),
        ([], applied(reason=None), errors.LeaveWordsMissing, ("理由", "监护人")),
        ([], applied(on=date(2026, 11, 21)), ce.InTheFuture, ()),
        ([], applied(on=date(2026, 8, 31)), ce.BeforeEnrolment, ()),
        (
            [],
            applied(wanted_from=UNTIL, wanted_until=TODAY),
            errors.LeaveDayRefused,
            ("起始日",),
        ),
        ([], applied(K.DEFERRAL, child=a_child()), ce.TransitionRefused, ("缓学", "在读")),
        (REACHED[Stage.APPROVED], prolonged(paper=None), errors.LeaveDocumentMissing, ("证明",)),
        (REACHED[Stage.APPROVED], prolonged(document=""), errors.LeaveDocumentMissing, ("文号",)),
        (
            REACHED[Stage.APPROVED],
            prolonged(until=date(2028, 7, 1)),
            errors.LeaveTooLong,
            ("2028-06-30",),
        ),
        (
            REACHED[Stage.APPROVED],
            prolonged(review_on=date(2026, 11, 1)),
            errors.LeaveDayRefused,
            ("复核",),
        ),
        (REACHED[Stage.APPROVED], reviewed(note=None), errors.LeaveWordsMissing, ("复核",)),
        (
            REACHED[Stage.APPROVED],
            reviewed(review_on=date(2027, 7, 1)),
            errors.LeaveDayRefused,
            ("下次",),
        ),
        (REACHED[Stage.APPROVED], reviewed(a_child()), errors.NoLeaveInForce, ("在读",)),
    ],
)
def test_what_is_missing_is_named_with_who_supplies_it(
    steps: list[Step], step: Step, error: type[Any], words: tuple[str, ...]
) -> None:
    an_application(*steps).when(step).then_refused(error, *words)


def test_a_second_application_waits_for_the_first() -> None:
    open_ = an_application(applied()).aggregate
    an_application().when(applied(before=open_)).then_refused(errors.ApplicationOpen, "撤回")
    for stage in (Stage.REFUSED, Stage.WITHDRAWN, Stage.ENDED):
        decided = an_application(*REACHED[stage]).aggregate
        an_application().when(applied(before=decided)).then((ev.LeaveApplied, {"number": 1}))


def test_an_approval_carries_what_the_child_s_decision_carries() -> None:
    an_application(*READY).when(approved(review_on=date(2027, 3, 1))).then(
        (
            ev.LeaveApproved,
            {
                "kind": K.SUSPENSION,
                "decided_by": "bureau_officer",
                "document": "县教1号",
                "effective_from": TODAY,
                "until": UNTIL,
                "review_on": date(2027, 3, 1),
            },
        )
    )


def test_the_review_stands_for_the_end_of_an_exemption() -> None:
    steps = [applied(K.EXEMPTION), hospital(named=True)]
    an_application(*steps).when(approved(until=None, review_on=UNTIL)).then(
        (ev.LeaveApproved, {"until": UNTIL, "review_on": UNTIL})
    )


def test_an_assessment_of_the_committee_serves_where_the_application_has_none() -> None:
    found = CommitteeOpinion(APPLIED, "评9", NOTE, PK.HOME_TAUGHT)
    an_application(applied(K.HOME_TEACHING)).when(approved(assessed=found)).then(
        (ev.LeaveApproved, {"kind": K.HOME_TEACHING})
    )


def test_home_teaching_always_rests_on_the_committee() -> None:
    an_application().when(applied(K.HOME_TEACHING, P.HOSPITAL)).then(
        (ev.LeaveApplied, {"proof": P.COMMITTEE})
    )


def test_an_application_made_under_suspicion_is_marked() -> None:
    child = a_child()
    suspect(
        child,
        context(TODAY),
        on=TODAY,
        source=SuspicionSource.PERSON,
        first_absent_on=APPLIED,
        rule="person",
        rule_version=0,
        evidence=[],
    )
    an_application().when(applied(child=child, on=TODAY)).then(
        (ev.LeaveApplied, {"after_suspicion": True})
    )
    an_application().when(applied()).then((ev.LeaveApplied, {"after_suspicion": False}))


@pytest.mark.parametrize(
    ("first", "last"), [("2028-02-29", "2029-02-28"), ("2027-03-01", "2028-02-29")]
)
def test_a_year_ends_on_the_day_before_it_began(first: str, last: str) -> None:
    begins, ends = date.fromisoformat(first), date.fromisoformat(last)
    over = approved(effective_from=begins, until=date.fromordinal(ends.toordinal() + 1))
    an_application(*READY).when(over).then_refused(errors.LeaveTooLong, last)
    within = approved(effective_from=begins, until=ends)
    an_application(*READY).when(within).then((ev.LeaveApproved, {"until": ends}))


def test_an_extension_moves_the_last_day_and_a_review_the_next_review() -> None:
    later = date(2027, 7, 31)
    outcome = an_application(*REACHED[Stage.APPROVED]).when(prolonged(until=later))
    assert outcome.aggregate.granted is not None
    assert outcome.aggregate.granted.until == later
    outcome = an_application(*REACHED[Stage.APPROVED]).when(reviewed())
    assert outcome.aggregate.review_on == date(2027, 3, 1)
    ended(outcome.aggregate, context(TODAY))
    assert outcome.aggregate.review_on is None


def named(role: str = "bureau_officer", hospital: str = "县人民医院", document: str = "卫1") -> Any:
    return lambda h, x: h.name(x, role=role, on=TODAY, hospital=hospital, document=document)


def test_only_the_county_names_hospitals_and_each_once() -> None:
    def known() -> Any:
        return given(hospitals.NamedHospitals(an_id(3)), TODAY)

    known().when(named("principal")).then_refused(errors.LeaveRoleRefused, "县教育局")
    known().when(named(document="")).then_refused(errors.LeaveDocumentMissing, "文号")
    known().after(named()).when(named()).then_refused(errors.HospitalStandsSo, "已是")
    known().when(
        lambda h, x: h.drop(x, role="bureau_officer", on=TODAY, hospital="县医院")
    ).then_refused(errors.HospitalStandsSo, "不是")
    outcome = known().after(named())
    outcome.when(lambda h, x: h.drop(x, role="bureau_officer", on=TODAY, hospital="县人民医院"))
    outcome.then((ev.HospitalDropped, {"hospital": "县人民医院"}))
    assert outcome.aggregate.names == {}


def test_a_stream_replayed_is_what_it_was() -> None:
    for steps in REACHED.values():
        live = LeaveApplication(an_id(1))
        events = []
        for step in steps:
            step(live, context(TODAY))
            events += live.collect_events()
        again = LeaveApplication(an_id(1)).replay(events)
        kept = LeaveApplication.__slots__
        assert [getattr(again, name) for name in kept] == [getattr(live, name) for name in kept]
