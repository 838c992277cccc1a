"""Assessment by the committee, the county's decision, reviews (残疾人教育条例 20, 21)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from ckbx.domain.child.child import Child
from ckbx.domain.child.errors import ReviewDayMissing
from ckbx.domain.child.status import ON_ROLL, TrackingStatus
from ckbx.domain.leave.steps import check_document
from ckbx.domain.placement import events as ev
from ckbx.domain.placement.assessing import check_county, check_day
from ckbx.domain.placement.codes import AT_SCHOOL, PlacementKind
from ckbx.domain.placement.errors import (
    AssessmentMissing,
    NoPlacement,
    PlacementAgainstAdvice,
    PlacementDayRefused,
    PlacementNeedsApplication,
    PlacementNeedsSchool,
    PlacementPaperMissing,
)
from ckbx.domain.placement.placement import ChildPlacement
from ckbx.domain.shared.event import CommandContext

_AT_SCHOOL_NOW = ON_ROLL - {TrackingStatus.TRANSFERRING, TrackingStatus.SUSPECTED}


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """一人一案, as the county decided it."""

    on: date
    kind: PlacementKind
    document: str
    plan_no: str
    review_on: date | None
    teacher: str | None = None
    plan: UUID | None = None


def decide(
    placement: ChildPlacement, ctx: CommandContext, child: Child, plan: Plan, *, role: str
) -> None:
    """随班就读, 特教班, 特教学校: the child stays enrolled.

    Raises PlacementRoleRefused, PlacementNeedsApplication, AssessmentMissing,
    PlacementAgainstAdvice, PlacementNeedsSchool, PlacementPaperMissing, ReviewDayMissing.
    """
    check_county(role, "确定安置方式")
    check_day(ctx, plan.on)
    if plan.kind not in AT_SCHOOL:
        raise PlacementNeedsApplication(kind=plan.kind.label)
    assessed = placement.assessed
    if assessed is None or assessed.on > plan.on:
        raise AssessmentMissing
    if assessed.advises is not plan.kind:
        raise PlacementAgainstAdvice(
            document=assessed.document, advised=assessed.advises.label, kind=plan.kind.label
        )
    status = child.status_on(plan.on)
    if child.class_key is None or status not in _AT_SCHOOL_NOW:
        raise PlacementNeedsSchool(status=status.label, kind=plan.kind.label)
    for text, what in ((plan.document, "文号"), (plan.plan_no, "一人一案编号")):
        check_document(text, action="确定安置方式", what=what, who="县教育局")
    if plan.review_on is None or plan.review_on <= plan.on:
        raise ReviewDayMissing(action="确定安置方式")
    placement.trigger_event(
        ev.PlacementDecided,
        ctx,
        occurred_on=plan.on,
        child=child.id,
        kind=plan.kind,
        document=plan.document,
        plan_no=plan.plan_no,
        review_on=plan.review_on,
        school=child.school,
        teacher=plan.teacher,
        plan_ref=plan.plan,
    )


def placed_by_leave(
    placement: ChildPlacement,
    ctx: CommandContext,
    child: Child,
    plan: Plan,
    *,
    decision: str,
    visits_per_month: int | None,
    lessons_per_visit: int | None,
) -> None:
    """送教上门, 缓学, 免学: the placement that follows from an approved application."""
    placement.trigger_event(
        ev.PlacementDecided,
        ctx,
        occurred_on=plan.on,
        child=child.id,
        kind=plan.kind,
        document=plan.document,
        plan_no=plan.plan_no,
        review_on=plan.review_on,
        school=child.school,
        teacher=plan.teacher,
        visits_per_month=visits_per_month,
        lessons_per_visit=lessons_per_visit,
        decision=decision,
        plan_ref=plan.plan,
    )


def review(
    placement: ChildPlacement,
    ctx: CommandContext,
    *,
    role: str,
    on: date,
    review_on: date | None,
    note: UUID | None,
) -> None:
    """复核: the placement still fits. Raises NoPlacement, ReviewDayMissing, PlacementPaperMissing."""
    check_county(role, "复核安置")
    check_day(ctx, on)
    current = placement.current
    if current is None or current.kind not in AT_SCHOOL:
        raise NoPlacement(
            action="复核" if current is None else "在这里复核（请用 ckbx leave review）"
        )
    if on < current.on:
        raise PlacementDayRefused(day=on, why=f"早于安置决定的日期 {current.on}")
    if note is None:
        raise PlacementPaperMissing(action="复核安置", what="复核情况", who="复核人")
    if review_on is None or review_on <= on:
        raise ReviewDayMissing(action="复核安置")
    placement.trigger_event(
        ev.PlacementReviewed,
        ctx,
        occurred_on=on,
        child=placement.child,
        review_on=review_on,
        note_ref=note,
    )


def end(placement: ChildPlacement, ctx: CommandContext, *, on: date, decision: str) -> None:
    """The child is back at school: nothing when no leave had placed it."""
    current = placement.current
    if current is not None and current.kind not in AT_SCHOOL:
        placement.trigger_event(
            ev.PlacementEnded, ctx, occurred_on=on, child=placement.child, decision=decision
        )


def end_at_school(
    placement: ChildPlacement,
    ctx: CommandContext,
    *,
    role: str,
    on: date,
    document: str,
    note: UUID | None,
) -> None:
    """结束随班就读、特教安置: the child learns on as any other, or is placed anew.

    Raises PlacementRoleRefused, NoPlacement, PlacementDayRefused, PlacementPaperMissing.
    """
    check_county(role, "结束安置")
    check_day(ctx, on)
    current = placement.current
    if current is None or current.kind not in AT_SCHOOL:
        raise NoPlacement(
            action="结束" if current is None else "在这里结束（请办理入学或复学，安置随之结束）"
        )
    if on < current.on:
        raise PlacementDayRefused(day=on, why=f"早于安置决定的日期 {current.on}")
    check_document(document, action="结束安置", what="文号", who="县教育局")
    if note is None:
        raise PlacementPaperMissing(action="结束安置", what="理由", who="县教育局")
    placement.trigger_event(
        ev.PlacementEnded,
        ctx,
        occurred_on=on,
        child=placement.child,
        document=document,
        note_ref=note,
    )
