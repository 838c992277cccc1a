"""休学 缓学 免学 送教上门: who may grant them, what they need, that they end."""

from __future__ import annotations

from datetime import date

import msgspec

from ckbx.domain.child import leave_events as lv
from ckbx.domain.child.child import Child
from ckbx.domain.child.enrolment import check_day, check_transition
from ckbx.domain.child.errors import (
    CommitteeOpinionMissing,
    EvidenceMissing,
    HospitalPaperMissing,
    LeaveNeedsEnd,
    LegalBasisMissing,
    SchoolCannotDecideLeave,
    TransitionRefused,
)
from ckbx.domain.child.status import ON_LEAVE, TrackingStatus
from ckbx.domain.child.transitions import instead
from ckbx.domain.shared.event import CommandContext, DomainEvent

_SUSPECT = (TrackingStatus.SUSPECTED, TrackingStatus.DROPPED_OUT)


class LeaveDecision(msgspec.Struct, frozen=True, kw_only=True):
    """A decided leave. ``until`` is its last day, included (domain §3);
    ``approver_role`` says who decided.
    """

    occurred_on: date
    effective_from: date
    until: date | None
    approver: str
    approver_role: str
    document: str
    evidence_ref: str
    committee_ref: str | None = None
    for_disability: bool = False


def _grant(
    child: Child,
    ctx: CommandContext,
    event: type[DomainEvent],
    decision: LeaveDecision,
    kind: str,
    approvers: tuple[str, ...],
    **more: object,
) -> None:
    check_day(child, ctx, decision.occurred_on)
    if decision.approver_role not in approvers:
        raise SchoolCannotDecideLeave(kind=kind)
    if decision.until is None or decision.until < decision.effective_from:
        raise LeaveNeedsEnd(kind=kind)
    if not decision.document or not decision.evidence_ref:
        raise EvidenceMissing(action=kind, what="批准文号和证明材料", who="审批机关")
    check_transition(child, event, decision.occurred_on)
    child.trigger_event(
        event,
        ctx,
        occurred_on=decision.occurred_on,
        effective_from=decision.effective_from,
        until=decision.until,
        approver=decision.approver,
        document=decision.document,
        evidence_ref=decision.evidence_ref,
        committee_ref=decision.committee_ref,
        after_suspicion=child.base in _SUSPECT,
        **more,
    )


_GOVERNMENT = ("township_officer", "bureau_officer")


def suspend(child: Child, ctx: CommandContext, decision: LeaveDecision) -> None:
    """休学 (义务教育法 11): the township or the county decides."""
    _grant(child, ctx, lv.SuspensionGranted, decision, "休学", _GOVERNMENT)


def defer(child: Child, ctx: CommandContext, decision: LeaveDecision) -> None:
    """缓学 (义务教育法 11): the township or the county decides."""
    _grant(child, ctx, lv.DeferralGranted, decision, "缓学", _GOVERNMENT)


def exempt(
    child: Child, ctx: CommandContext, decision: LeaveDecision, *, legal_basis: str | None
) -> None:
    """免学: needs the county's recorded legal basis, and committee or hospital (domain §3)."""
    if not legal_basis:
        raise LegalBasisMissing
    if decision.for_disability and not decision.committee_ref:
        raise CommitteeOpinionMissing(kind="免学")
    if not decision.for_disability and not decision.evidence_ref:
        raise HospitalPaperMissing(kind="免学", who="学校或乡镇")
    _grant(child, ctx, lv.ExemptionGranted, decision, "免学", _GOVERNMENT, legal_basis=legal_basis)


def teach_at_home(
    child: Child,
    ctx: CommandContext,
    decision: LeaveDecision,
    *,
    visits_per_month: int,
    lessons_per_visit: int,
) -> None:
    """送教上门: the county decides after the expert committee."""
    if not decision.committee_ref:
        raise CommitteeOpinionMissing(kind="送教上门")
    _grant(
        child,
        ctx,
        lv.HomeTeachingArranged,
        decision,
        "送教上门",
        ("bureau_officer",),
        visits_per_month=visits_per_month,
        lessons_per_visit=lessons_per_visit,
    )


def extend(
    child: Child,
    ctx: CommandContext,
    *,
    on: date,
    until: date,
    approver: str,
    approver_role: str,
    document: str,
    evidence_ref: str,
) -> None:
    """延长: a later last day, decided by who may grant the leave."""
    check_day(child, ctx, on)
    if approver_role not in _GOVERNMENT:
        raise SchoolCannotDecideLeave(kind="延长期限")
    leave = child.leave
    status = child.status_on(on)
    if leave is None or leave.status not in ON_LEAVE or status is TrackingStatus.SUSPECTED:
        raise TransitionRefused(
            child=child.id, status=status.label, action="延长期限", instead=instead(status)
        )
    if until.toordinal() <= leave.until:
        raise LeaveNeedsEnd(kind="延长期限")
    child.trigger_event(
        lv.LeaveExtended,
        ctx,
        occurred_on=on,
        until=until,
        approver=approver,
        document=document,
        evidence_ref=evidence_ref,
    )


def notice_expiry(child: Child, ctx: CommandContext) -> None:
    """Record that a leave had ended; nothing when it has not or is recorded already."""
    leave = child.leave
    if leave is None or leave.expiry_noticed or ctx.today.toordinal() <= leave.until:
        return
    child.trigger_event(
        lv.LeaveExpired,
        ctx,
        occurred_on=date.fromordinal(leave.over_from),
        until=date.fromordinal(leave.until),
    )
