"""延期: a leave gets a later last day, on a new paper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from ckbx.domain.case.people import Attached
from ckbx.domain.leave import events as ev
from ckbx.domain.leave.application import LeaveApplication
from ckbx.domain.leave.conditions import check_length, not_by_the_school
from ckbx.domain.leave.errors import LeaveDayRefused, LeaveDocumentMissing
from ckbx.domain.leave.steps import check, check_document
from ckbx.domain.shared.event import CommandContext


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
    not_by_the_school(role, "延长期限")
    check(application, ctx, "extend", role=role, on=on)
    ref = check_extension_paper(document, paper)
    if application.granted is not None:
        first = application.granted.until + timedelta(days=1)
        check_length(application.kind, first, until)
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
