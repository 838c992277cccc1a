"""The decision of township or county on an application, and what follows it over time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from uuid import UUID

import msgspec

from ckbx.domain.case.people import Attached
from ckbx.domain.child.child import Child
from ckbx.domain.child.errors import (
    CommitteeOpinionMissing,
    HospitalPaperMissing,
    LeaveNeedsEnd,
    LegalBasisMissing,
    SchoolCannotDecideLeave,
)
from ckbx.domain.child.leaves import LeaveDecision
from ckbx.domain.leave import events as ev
from ckbx.domain.leave.application import CommitteeOpinion, LeaveApplication
from ckbx.domain.leave.codes import LeaveKind, Proof
from ckbx.domain.leave.errors import (
    CommitteeAdvisesOtherwise,
    HospitalNotNamed,
    LeaveDayRefused,
    LeaveDocumentMissing,
    LeaveTooLong,
    LeaveWordsMissing,
    NoLeaveInForce,
    SchoolOpinionMissing,
    TeachingPlanMissing,
)
from ckbx.domain.leave.steps import GOVERNMENT, check, check_document
from ckbx.domain.shared.event import CommandContext

MOST_VISITS, MOST_LESSONS = 31, 8
_ONE_YEAR = (LeaveKind.SUSPENSION, LeaveKind.DEFERRAL)
_UNTIL_REVIEW = (LeaveKind.EXEMPTION, LeaveKind.HOME_TEACHING)


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """What township or county wrote. ``until`` may be left out for 免学 and 送教上门, which
    then go to their review; ``visits_per_month`` and ``lessons_per_visit`` are for 送教上门.
    """

    on: date
    document: str
    effective_from: date
    until: date | None = None
    review_on: date | None = None
    visits_per_month: int | None = None
    lessons_per_visit: int | None = None


def decide(
    application: LeaveApplication,
    ctx: CommandContext,
    child: Child,
    given: Approval,
    *,
    role: str,
    legal_basis: str | None,
    assessed: CommitteeOpinion | None,
    hospitals: Collection[str],
) -> LeaveDecision:
    """The child's decision, when nothing is missing. ``legal_basis`` is the county's of 免学,
    ``assessed`` the last assessment of the committee, ``hospitals`` those the county named.

    Raises SchoolCannotDecideLeave, LegalBasisMissing, CommitteeOpinionMissing,
    CommitteeAdvisesOtherwise, HospitalPaperMissing, HospitalNotNamed, SchoolOpinionMissing,
    LeaveNeedsEnd, LeaveTooLong, LeaveDayRefused, TeachingPlanMissing, LeaveDocumentMissing.
    """
    _not_by_the_school(role, application.kind.label)
    check(application, ctx, "approve", role=role, on=given.on)
    kind = application.kind
    if kind is LeaveKind.EXEMPTION and not legal_basis:
        raise LegalBasisMissing
    committee = None
    if application.proof is Proof.COMMITTEE:
        committee = _committee(application, assessed)
        evidence = committee.ref
    else:
        evidence = _hospital(application, hospitals)
    if kind is LeaveKind.SUSPENSION and child.class_key and application.opinion is None:
        raise SchoolOpinionMissing
    until = _until(kind, given)
    if kind is LeaveKind.HOME_TEACHING:
        _check_plan(given)
    check_document(given.document, action=f"批准{kind.label}", what="文号", who="审批机关")
    return LeaveDecision(
        occurred_on=given.on,
        effective_from=given.effective_from,
        until=until,
        approver=ctx.actor,
        approver_role=role,
        document=given.document,
        evidence_ref=str(evidence),
        committee_ref=str(committee.ref) if committee else None,
        for_disability=committee is not None,
    )


def _not_by_the_school(role: str, kind: str) -> None:
    if role not in GOVERNMENT:
        raise SchoolCannotDecideLeave(kind=kind)


def _committee(
    application: LeaveApplication, assessed: CommitteeOpinion | None
) -> CommitteeOpinion:
    kind, found = application.kind, application.committee or assessed
    if found is None:
        raise CommitteeOpinionMissing(kind=kind.label)
    if kind is not LeaveKind.SUSPENSION and found.advises.value != kind.value:
        raise CommitteeAdvisesOtherwise(
            document=found.document, advised=found.advises.label, kind=kind.label
        )
    return found


def _hospital(application: LeaveApplication, hospitals: Collection[str]) -> UUID:
    kind, paper = application.kind, application.hospital
    if paper is None:
        raise HospitalPaperMissing(kind=kind.label, who="学校或乡镇")
    if kind is LeaveKind.EXEMPTION and not paper.named:
        raise HospitalNotNamed(named="、".join(hospitals) or "无")
    return paper.ref


def _until(kind: LeaveKind, given: Approval) -> date:
    """The last day; of 免学 and 送教上门 the review stands for it where it is not said."""
    until = given.until
    if until is None and kind in _UNTIL_REVIEW:
        until = given.review_on
    if until is None or until < given.effective_from:
        raise LeaveNeedsEnd(kind=kind.label)
    _check_length(kind, given.effective_from, until)
    if given.review_on is not None and not given.effective_from <= given.review_on <= until:
        raise LeaveDayRefused(day=given.review_on, why="不在期限以内，不能作复核日期")
    return until


def _check_length(kind: LeaveKind, first: date, until: date) -> None:
    last = _a_year_from(first)
    if kind in _ONE_YEAR and until > last:
        raise LeaveTooLong(kind=kind.label, first=first, last=last)


def _a_year_from(first: date) -> date:
    """The last day of a year that begins on a day."""
    leap = first.month == 2 and first.day == 29
    again = date(first.year + 1, 3, 1) if leap else first.replace(year=first.year + 1)
    return again - timedelta(days=1)


def _check_plan(given: Approval) -> None:
    visits, lessons = given.visits_per_month or 0, given.lessons_per_visit or 0
    if not (1 <= visits <= MOST_VISITS and 1 <= lessons <= MOST_LESSONS):
        raise TeachingPlanMissing


def approved(
    application: LeaveApplication,
    ctx: CommandContext,
    given: Approval,
    decided: LeaveDecision,
    *,
    decision: str,
) -> None:
    """Record that the application was granted; ``decision``: the id of the child's fact."""
    application.trigger_event(
        ev.LeaveApproved,
        ctx,
        occurred_on=decided.occurred_on,
        child=application.child,
        kind=application.kind,
        decided_by=decided.approver_role,
        document=decided.document,
        effective_from=decided.effective_from,
        until=decided.until,
        review_on=given.review_on,
        decision=decision,
    )


def refuse(
    application: LeaveApplication,
    ctx: CommandContext,
    *,
    role: str,
    on: date,
    reason: UUID | None,
    document: str | None = None,
) -> None:
    """不予批准. Raises SchoolCannotDecideLeave, LeaveWordsMissing."""
    _not_by_the_school(role, application.kind.label)
    check(application, ctx, "refuse", role=role, on=on)
    if reason is None:
        raise LeaveWordsMissing(action="不予批准", what="理由", who="审批机关")
    if document:
        check_document(document, action="不予批准", what="文号", who="审批机关")
    application.trigger_event(
        ev.LeaveRefused,
        ctx,
        occurred_on=on,
        child=application.child,
        decided_by=role,
        document=document,
        reason_ref=reason,
    )


def check_extension(
    application: LeaveApplication,
    ctx: CommandContext,
    *,
    role: str,
    on: date,
    until: date,
    review_on: date | None,
    document: str,
    paper: UUID | None,
) -> UUID:
    """Whether a leave may get a later last day; the paper it rests on.

    Raises SchoolCannotDecideLeave, LeaveDocumentMissing, LeaveTooLong, LeaveDayRefused.
    """
    _not_by_the_school(role, "延长期限")
    check(application, ctx, "extend", role=role, on=on)
    ref = check_extension_paper(document, paper)
    if application.granted is not None:
        first = application.granted.until + timedelta(days=1)
        _check_length(application.kind, first, until)
    if review_on is not None and not on < review_on <= until:
        raise LeaveDayRefused(day=review_on, why="不在期限以内，不能作复核日期")
    return ref


def check_extension_paper(document: str, paper: UUID | None) -> UUID:
    """The paper an extension rests on. Raises LeaveDocumentMissing."""
    check_document(document, action="延长期限", what="文号", who="审批机关")
    if paper is None:
        what = "新的医院证明或专家委员会意见"
        raise LeaveDocumentMissing(action="延长期限", what=what, who="监护人")
    return paper


def prolonged(
    application: LeaveApplication,
    ctx: CommandContext,
    *,
    role: str,
    on: date,
    until: date,
    review_on: date | None,
    document: str,
    paper: UUID,
    decision: str,
    attachments: Sequence[Attached] = (),
) -> None:
    """Record what :func:`check_extension` allowed."""
    application.trigger_event(
        ev.LeaveProlonged,
        ctx,
        occurred_on=on,
        child=application.child,
        decided_by=role,
        document=document,
        until=until,
        review_on=review_on,
        decision=decision,
        paper_ref=paper,
        attachments=list(attachments),
    )


def review(
    application: LeaveApplication,
    ctx: CommandContext,
    child: Child,
    *,
    role: str,
    on: date,
    note: UUID | None,
    review_on: date | None = None,
) -> None:
    """复核: the ground still holds. Raises LeaveWordsMissing, LeaveDayRefused, NoLeaveInForce."""
    check(application, ctx, "review", role=role, on=on)
    if child.leave is None:
        raise NoLeaveInForce(status=child.status_on(on).label, action="复核")
    if note is None:
        raise LeaveWordsMissing(action="复核", what="复核情况", who="复核人")
    if review_on is not None and not on < review_on <= date.fromordinal(child.leave.until):
        raise LeaveDayRefused(day=review_on, why="不在期限以内，不能作下次复核日期")
    application.trigger_event(
        ev.LeaveReviewed,
        ctx,
        occurred_on=on,
        child=application.child,
        reviewed_by=role,
        review_on=review_on,
        note_ref=note,
    )


def ended(
    application: LeaveApplication,
    ctx: CommandContext,
    *,
    on: date,
    decision: str,
    paper: UUID | None,
) -> None:
    """Record that the child is back at school."""
    application.trigger_event(
        ev.LeaveEnded,
        ctx,
        occurred_on=on,
        child=application.child,
        decision=decision,
        paper_ref=paper,
    )
