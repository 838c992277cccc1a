"""A leave over time: it gets a later last day, or the child comes back."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ckbx.application.child_status import listed_class
from ckbx.application.decisions import carry_out
from ckbx.application.enrolment import enrol_again
from ckbx.application.leave_child import decide_on, placement_of
from ckbx.application.leave_filing import Act, Filing
from ckbx.domain.case.people import Attached
from ckbx.domain.child import enrolment, leaves
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child.errors import SchoolCannotDecideLeave
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.leave import deciding, extending
from ckbx.domain.leave.codes import Stage
from ckbx.domain.leave.errors import NoLeaveInForce
from ckbx.domain.leave.steps import GOVERNMENT, check_role
from ckbx.domain.placement import deciding as placing


def extend(
    *,
    role: str,
    on: date,
    until: date,
    document: str,
    paper: UUID | None,
    review_on: date | None = None,
    attachments: list[Attached],
) -> Act:
    """延期, also of a leave that was granted before applications were kept."""

    def act(filing: Filing) -> None:
        application, child = filing.application, filing.child
        if not (application.exists or child.leave):
            raise NoLeaveInForce(status=child.status_on(on).label, action="延长期限")
        if application.exists:
            ref = extending.check_extension(
                application,
                filing.ctx,
                role=role,
                on=on,
                until=until,
                review_on=review_on,
                document=document,
                paper=paper,
            )
        else:
            if role not in GOVERNMENT:
                raise SchoolCannotDecideLeave(kind="延长期限")
            ref = extending.check_extension_paper(document, paper)
        decision = decide_on(
            filing,
            lambda child, ctx: leaves.extend(
                child,
                ctx,
                on=on,
                until=until,
                approver=ctx.actor,
                approver_role=role,
                document=document,
                evidence_ref=str(ref),
            ),
            lv.LeaveExtended,
        )
        if application.exists:
            extending.prolonged(
                application,
                filing.ctx,
                role=role,
                on=on,
                until=until,
                review_on=review_on,
                document=document,
                paper=ref,
                decision=decision,
                attachments=attachments,
            )

    return act


def resume(*, role: str, on: date, class_key: str, paper: UUID | None) -> Act:
    """复学 after 休学, 入学 after 缓学, 免学 or 送教上门; the application and placement end.

    Raises LeaveRoleRefused, NoLeaveInForce, ClassNotListed, ClassOver, and what the return
    itself refuses.
    """

    def act(filing: Filing) -> None:
        check_role("end", role)
        office, unit, child = filing.office, filing.unit, filing.child
        if child.leave is None:
            raise NoLeaveInForce(status=child.status_on(on).label, action="办理复学或入学")
        grade = listed_class(office, unit, class_key, on)
        if child.leave.status is TrackingStatus.SUSPENDED:
            carry_out(
                office,
                unit,
                child,
                lambda child, ctx: enrolment.resume_study(
                    child,
                    ctx,
                    on=on,
                    class_key=class_key,
                    grade=grade,
                    fit_paper_ref=str(paper) if paper else None,
                ),
            )
        else:
            enrolment.check_day(child, filing.ctx, on)
            enrol_again(office, unit, class_key, [child.id], grade=grade, on=on)
        decision = child.last_event or ""
        if filing.application.stage is Stage.APPROVED:
            deciding.ended(filing.application, filing.ctx, on=on, decision=decision, paper=paper)
        placing.end(placement_of(filing), filing.ctx, on=on, decision=decision)

    return act
