"""送教: visits recorded against the plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from ckbx.domain.case.people import Attached, Participant
from ckbx.domain.child.child import Child
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.leave.conditions import MOST_LESSONS
from ckbx.domain.placement import events as ev
from ckbx.domain.placement.assessing import check_day
from ckbx.domain.placement.errors import (
    NotTaughtAtHome,
    PlacementPaperMissing,
    PlacementRoleRefused,
    VisitRepeated,
    VisitUnknown,
)
from ckbx.domain.placement.placement import ChildPlacement
from ckbx.domain.responsibility.post import Role
from ckbx.domain.shared.event import CommandContext

ROLES = (
    Role.CASE_TEACHER,
    Role.CLASS_TEACHER,
    Role.GRADE_LEADER,
    Role.PRINCIPAL,
    Role.BUREAU_OFFICER,
)


def visit(
    placement: ChildPlacement,
    ctx: CommandContext,
    child: Child,
    *,
    role: str,
    on: date,
    lessons: int,
    teachers: Sequence[Participant],
    content: UUID | None,
    attachments: Sequence[Attached] = (),
) -> None:
    """One visit a day; lessons as taught.

    Raises PlacementRoleRefused, PlacementDayRefused, NotTaughtAtHome, VisitRepeated,
    PlacementPaperMissing.
    """
    _check_role(role)
    check_day(ctx, on)
    status = child.status_on(on)
    if status is not TrackingStatus.HOME_TAUGHT:
        raise NotTaughtAtHome(day=on, status=status.label)
    for number, made in placement.visits.items():
        if made.on == on:
            raise VisitRepeated(day=on, visit=number)
    if not 1 <= lessons <= MOST_LESSONS:
        raise PlacementPaperMissing(action="登记送教", what="课时（1–8）", who="送教教师")
    if not teachers:
        raise PlacementPaperMissing(action="登记送教", what="送教教师", who="登记人")
    if content is None:
        raise PlacementPaperMissing(action="登记送教", what="教学内容", who="送教教师")
    placement.trigger_event(
        ev.HomeVisitMade,
        ctx,
        occurred_on=on,
        child=child.id,
        visit=placement.made + 1,
        lessons=lessons,
        teachers=list(teachers),
        content_ref=content,
        attachments=list(attachments),
    )


def void_visit(
    placement: ChildPlacement,
    ctx: CommandContext,
    *,
    role: str,
    on: date,
    number: int,
    reason: UUID | None,
) -> None:
    """更正. Raises PlacementRoleRefused, VisitUnknown, PlacementPaperMissing."""
    _check_role(role)
    check_day(ctx, on)
    made = placement.visits.get(number)
    if made is None:
        raise VisitUnknown(visit=number)
    if reason is None:
        raise PlacementPaperMissing(action="更正送教登记", what="理由", who="登记人")
    placement.trigger_event(
        ev.HomeVisitVoided,
        ctx,
        occurred_on=on,
        child=placement.child,
        visit=number,
        made_on=made.on,
        reason_ref=reason,
    )


def _check_role(role: str) -> None:
    if role not in ROLES:
        who = "帮扶教师、班主任、年级领导、校长、县教育局控辍保学专干"
        raise PlacementRoleRefused(action="登记送教", who=who)
