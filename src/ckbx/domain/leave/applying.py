"""The application, the papers that go with it, and its being taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from ckbx.domain.case.people import Attached
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child.child import Child
from ckbx.domain.child.enrolment import check_day as check_day_of_child
from ckbx.domain.child.enrolment import check_transition
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.leave import events as ev
from ckbx.domain.leave.application import LeaveApplication
from ckbx.domain.leave.codes import LeaveKind, Proof
from ckbx.domain.leave.errors import (
    ApplicationOpen,
    LeaveDayRefused,
    LeaveDocumentMissing,
    LeaveRoleRefused,
    LeaveWordsMissing,
)
from ckbx.domain.leave.steps import RECEIVE, check, check_document, titles
from ckbx.domain.placement.codes import PlacementKind
from ckbx.domain.shared.event import CommandContext, DomainEvent

GRANTS: dict[LeaveKind, type[DomainEvent]] = {
    LeaveKind.SUSPENSION: lv.SuspensionGranted,
    LeaveKind.DEFERRAL: lv.DeferralGranted,
    LeaveKind.EXEMPTION: lv.ExemptionGranted,
    LeaveKind.HOME_TEACHING: lv.HomeTeachingArranged,
}
"""The child's own fact that follows from an approval."""
_SUSPECT = (TrackingStatus.SUSPECTED, TrackingStatus.DROPPED_OUT)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the guardian asks for; applicant and reason are notes of the vault."""

    on: date
    kind: LeaveKind
    proof: Proof
    applicant: UUID | None
    reason: UUID | None
    wanted_from: date | None = None
    wanted_until: date | None = None
    attachments: Sequence[Attached] = ()


def apply(
    application: LeaveApplication,
    ctx: CommandContext,
    child: Child,
    asked: Asked,
    *,
    number: int,
    before: LeaveApplication | None,
    role: str,
) -> None:
    """The guardian applies. ``before`` is the child's application before this one.

    Raises LeaveRoleRefused, LeaveWordsMissing, LeaveDayRefused, ApplicationOpen, and what
    the transitions of domain §3 refuse.
    """
    if role not in RECEIVE:
        raise LeaveRoleRefused(action="受理申请", who=titles(RECEIVE))
    if before is not None and before.is_open:
        raise ApplicationOpen(day=before.applied_on, kind=before.kind.label)
    if asked.applicant is None:
        raise LeaveWordsMissing(action="申请", what="申请人（监护人）", who="受理人")
    if asked.reason is None:
        raise LeaveWordsMissing(action="申请", what="理由", who="监护人")
    check_day_of_child(child, ctx, asked.on)
    first, last = asked.wanted_from, asked.wanted_until
    if first and last and last < first:
        raise LeaveDayRefused(day=last, why=f"早于申请的起始日 {first}")
    check_transition(child, GRANTS[asked.kind], asked.on)
    home = asked.kind is LeaveKind.HOME_TEACHING
    application.trigger_event(
        ev.LeaveApplied,
        ctx,
        occurred_on=asked.on,
        child=child.id,
        number=number,
        kind=asked.kind,
        proof=Proof.COMMITTEE if home else asked.proof,
        received_by=role,
        wanted_from=first,
        wanted_until=last,
        after_suspicion=child.base in _SUSPECT,
        applicant_ref=asked.applicant,
        reason_ref=asked.reason,
        attachments=list(asked.attachments),
    )


def give_opinion(
    application: LeaveApplication,
    ctx: CommandContext,
    *,
    role: str,
    on: date,
    agrees: bool,
    opinion: UUID | None = None,
) -> None:
    """学校意见. One that does not agree says why: LeaveWordsMissing."""
    check(application, ctx, "opinion", role=role, on=on)
    if not agrees and opinion is None:
        raise LeaveWordsMissing(action="不同意", what="理由", who="校长")
    application.trigger_event(
        ev.SchoolOpinionGiven,
        ctx,
        occurred_on=on,
        child=application.child,
        agrees=agrees,
        given_by=role,
        opinion_ref=opinion,
    )


def give_hospital_paper(
    application: LeaveApplication,
    ctx: CommandContext,
    *,
    role: str,
    on: date,
    document: str,
    hospital: UUID | None,
    named: bool,
    paper: UUID | None,
    attachments: Sequence[Attached] = (),
) -> None:
    """医院证明. Raises LeaveDocumentMissing, LeaveWordsMissing."""
    check(application, ctx, "hospital", role=role, on=on)
    check_document(document, action="登记医院证明", what="证明编号", who="监护人")
    if hospital is None:
        raise LeaveWordsMissing(action="登记医院证明", what="医院名称", who="受理人")
    if paper is None:
        raise LeaveDocumentMissing(action="登记医院证明", what="证明本身或其内容", who="监护人")
    application.trigger_event(
        ev.HospitalPaperGiven,
        ctx,
        occurred_on=on,
        child=application.child,
        document=document,
        named=named,
        hospital_ref=hospital,
        paper_ref=paper,
        attachments=list(attachments),
    )


def give_committee_opinion(
    application: LeaveApplication,
    ctx: CommandContext,
    *,
    role: str,
    on: date,
    document: str,
    advises: PlacementKind,
    opinion: UUID | None,
    attachments: Sequence[Attached] = (),
) -> None:
    """专家委员会意见, recorded by the county. Raises LeaveDocumentMissing."""
    check(application, ctx, "committee", role=role, on=on)
    check_document(document, action="登记专家委员会意见", what="意见书编号", who="县教育局")
    if opinion is None:
        raise LeaveDocumentMissing(
            action="登记专家委员会意见", what="意见书或其内容", who="县教育局"
        )
    application.trigger_event(
        ev.CommitteeOpinionGiven,
        ctx,
        occurred_on=on,
        child=application.child,
        document=document,
        advises=advises,
        opinion_ref=opinion,
        attachments=list(attachments),
    )


def withdraw(
    application: LeaveApplication,
    ctx: CommandContext,
    *,
    role: str,
    on: date,
    reason: UUID | None = None,
) -> None:
    """The guardian takes the application back."""
    check(application, ctx, "withdraw", role=role, on=on)
    application.trigger_event(
        ev.ApplicationWithdrawn,
        ctx,
        occurred_on=on,
        child=application.child,
        recorded_by=role,
        reason_ref=reason,
    )
