"""Who came from outside, who is looked for again, and by when (domain §3)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from ckbx.domain.child import departures, enrolment, movements
from ckbx.domain.child import events as e
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child import movement_events as mv
from ckbx.domain.child.child import Child
from ckbx.domain.child.errors import EvidenceMissing, TransitionRefused
from ckbx.domain.child.movement_errors import (
    ArrivalKnown,
    BeforeDecision,
    DocumentMissing,
    FoundAnew,
    NotTheirsToDecide,
    OtherReceiver,
    ReviewTooLate,
    SameSchool,
)
from ckbx.domain.child.movements import Arrival
from ckbx.domain.child.offices import MAY_DECIDE, check_office
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.responsibility.post import Role
from ckbx.domain.shared.identifiers import RegionCodeMalformed
from tests.domain.test_child_transitions import REACHED, TODAY, a_child
from tests.dsl import context, given

S = TrackingStatus
ARRIVAL = Arrival(from_region="522601", document="转1", evidence_ref="ref")
LATER = TODAY + timedelta(days=100)


def came(arrival: Arrival = ARRIVAL) -> Any:
    return lambda c, x: movements.came_from_outside(c, x, arrival, on=TODAY)


def looked_for(review: date = LATER, ref: str = "ref") -> Any:
    return lambda c, x: movements.recheck(c, x, on=TODAY, evidence_ref=ref, review_by=review)


@pytest.mark.parametrize("status", REACHED, ids=lambda s: s.value)
def test_only_a_missing_child_or_one_elsewhere_is_looked_for_again(status: S) -> None:
    outcome = a_child(status).when(looked_for())
    if status is S.MISSING:
        outcome.then((mv.MissingRechecked, {"review_by": LATER}))
    elif status is S.ENROLLED_ELSEWHERE:
        outcome.then((lv.StudyElsewhereVerified, {"review_by": LATER}))
    else:
        outcome.then_refused(FoundAnew, status.label)
    assert outcome.aggregate.status_on(TODAY) is status


def test_a_check_again_rests_on_new_evidence_and_lasts_a_term() -> None:
    a_child(S.MISSING).when(looked_for(ref="")).then_refused(EvidenceMissing, "公安回复")
    for day in (TODAY, TODAY + timedelta(days=201)):
        a_child(S.MISSING).when(looked_for(day)).then_refused(ReviewTooLate, "每学期")
    last = TODAY + timedelta(days=200)
    a_child(S.MISSING).when(looked_for(last)).then((mv.MissingRechecked, {}))
    a_child(S.ENROLLED).when(
        lambda c, x: departures.end(
            c, x, lv.WentMissing, on=TODAY, evidence_ref="r", review_by=last + timedelta(days=1)
        )
    ).then_refused(ReviewTooLate)


@pytest.mark.parametrize("status", REACHED, ids=lambda s: s.value)
def test_an_arrival_belongs_to_a_running_enrolment(status: S) -> None:
    outcome = a_child(status).when(came())
    if status in (S.ENROLLED, S.SUSPECTED, S.PERSUADED_BACK):
        outcome.then((mv.TransferredIn, {"from_region": "522601"}))
    else:
        outcome.then_refused(TransitionRefused)
    assert outcome.aggregate.status_on(TODAY) is status


def test_an_enrolment_has_one_arrival_and_the_next_one_its_own() -> None:
    child = a_child(S.ENROLLED).after(came())
    child.when(came()).then_refused(ArrivalKnown)

    def again(c: Child, x: Any) -> None:
        departures.start_transfer(
            c, x, on=TODAY, receiving_school="2152939973", document="d", confirm_by=None
        )
        departures.confirm_transfer(c, x, on=TODAY, receiving_school="2152939973", evidence_ref="r")
        key = "2152939972/2018/1"
        enrolment.enrol(c, x, on=TODAY, school="2152939972", class_key=key, grade=9)

    given(child.aggregate, TODAY).after(again).when(came()).then((mv.TransferredIn, {}))


def test_nothing_is_dated_before_the_decision_it_follows() -> None:
    def yesterday(c: Child, x: Any) -> None:
        on = TODAY - timedelta(days=1)
        movements.recheck(c, x, on=on, evidence_ref="r", review_by=LATER)

    a_child(S.MISSING).when(yesterday).then_refused(BeforeDecision, str(TODAY))


def test_an_arrival_says_where_from_on_which_paper() -> None:
    def but(**changes: Any) -> Any:
        values = {"from_region": "522601", "document": "转1", "evidence_ref": "ref"} | changes
        return came(Arrival(**values))

    a_child(S.ENROLLED).when(but(document="")).then_refused(DocumentMissing, "转入学校")
    a_child(S.ENROLLED).when(but(evidence_ref="")).then_refused(EvidenceMissing, "转学证明")
    with pytest.raises(RegionCodeMalformed):
        but(from_region="贵州")(a_child(S.ENROLLED).aggregate, context(TODAY))


def test_a_transfer_goes_to_another_school_which_alone_confirms_it() -> None:
    child = a_child(S.ENROLLED).aggregate
    with pytest.raises(SameSchool):
        movements.check_transfer(child, receiving_school=child.school or "", document="d")
    with pytest.raises(DocumentMissing):
        movements.check_transfer(child, receiving_school="2152939973", document="")
    gone = a_child(S.TRANSFERRING).aggregate
    assert gone.transfer_to
    movements.check_receiver(gone, gone.transfer_to)
    with pytest.raises(OtherReceiver):
        movements.check_receiver(gone, "2152939979")


@pytest.mark.parametrize("event", MAY_DECIDE, ids=lambda e: e.__name__)
def test_who_may_not_decide_is_told_who_does(event: Any) -> None:
    check_office(event, Role.BUREAU_OFFICER)
    for role in (Role.CLASS_TEACHER, Role.LIAISON, Role.TOWNSHIP_OFFICER, "nobody"):
        with pytest.raises(NotTheirsToDecide, match="请转交办理"):
            check_office(event, role)
    at_school = event in (
        e.Enrolled,
        lv.TransferStarted,
        lv.TransferConfirmed,
        lv.TransferCancelled,
        mv.TransferredIn,
        e.DropoutSuspected,
    )
    if at_school:
        check_office(event, Role.PRINCIPAL)
    else:
        with pytest.raises(NotTheirsToDecide, match="县教育局"):
            check_office(event, Role.PRINCIPAL)
