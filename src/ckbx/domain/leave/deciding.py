"""The decision of township or county on an application, and what follows it over time."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ckbx.domain.child.child import Child
from ckbx.domain.child.leaves import LeaveDecision
from ckbx.domain.leave import events as ev
from ckbx.domain.leave.application import LeaveApplication
from ckbx.domain.leave.conditions import Approval, not_by_the_school
from ckbx.domain.leave.errors import LeaveDayRefused, LeaveWordsMissing, NoLeaveInForce
from ckbx.domain.leave.steps import check, check_document
from ckbx.domain.shared.event import CommandContext


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
    not_by_the_school(role, application.kind.label)
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
