"""Registering a child, enrolling it, moving it between classes."""

from __future__ import annotations

from datetime import date

from ckbx.domain.child import events as e
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child.child import Child
from ckbx.domain.child.errors import (
    AlreadyRegistered,
    BeforeEnrolment,
    CheckInDuringLeave,
    FitToStudyPaperMissing,
    InTheFuture,
    NotInAClass,
    PunishmentForbidden,
    TransitionRefused,
)
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.child.transitions import BY_EVENT, instead
from ckbx.domain.shared.event import CommandContext, DomainEvent


def check_day(child: Child, ctx: CommandContext, on: date) -> None:
    """Refuse a day in the future or before the child's enrolment began."""
    if on > ctx.today:
        raise InTheFuture(day=on, today=ctx.today)
    if child.enrolled_on is not None and on < child.enrolled_on:
        raise BeforeEnrolment(child=child.id, day=on, began=child.enrolled_on)


def check_transition(child: Child, event: type[DomainEvent], on: date) -> None:
    """Refuse a step that the matrix of domain §3 does not have."""
    row = BY_EVENT[event]
    status = child.status_on(on)
    if status not in row.from_:
        raise TransitionRefused(
            child=child.id, status=status.label, action=row.action, instead=instead(status)
        )


def register(
    child: Child,
    ctx: CommandContext,
    *,
    on: date,
    sex: str,
    cohort: int | None,
    village: str | None,
    residence: str | None,
    batch: str | None = None,
) -> None:
    """Make a child known. The vault rows go into the same append."""
    if child.version:
        raise AlreadyRegistered(child=child.id)
    child.trigger_event(
        e.ChildRegistered,
        ctx,
        occurred_on=on,
        sex=sex,
        cohort=cohort,
        village=village,
        residence=residence,
        batch=batch,
    )


def enrol(
    child: Child,
    ctx: CommandContext,
    *,
    on: date,
    school: str,
    class_key: str,
    grade: int,
    batch: str | None = None,
) -> None:
    """Open an enrolment period: 入学, 转入, 回国, 找到."""
    if on > ctx.today:
        raise InTheFuture(day=on, today=ctx.today)
    check_transition(child, e.Enrolled, on)
    child.trigger_event(
        e.Enrolled,
        ctx,
        occurred_on=on,
        school=school,
        class_key=class_key,
        grade=grade,
        batch=batch,
    )


def change_class(
    child: Child,
    ctx: CommandContext,
    *,
    on: date,
    class_key: str,
    grade: int,
    batch: str | None = None,
) -> None:
    """Move to another class of the same school; nothing when it is there already."""
    if class_key == child.class_key:
        return
    check_day(child, ctx, on)
    child.trigger_event(
        e.ClassChanged, ctx, occurred_on=on, class_key=class_key, grade=grade, batch=batch
    )


def check_in(child: Child, ctx: CommandContext, *, on: date, term: str) -> bool:
    """报到 by name (domain §11); False when it was recorded for this day or an earlier one of
    the term. Raises InTheFuture, NotInAClass, CheckInDuringLeave.
    """
    if on > ctx.today:
        raise InTheFuture(day=on, today=ctx.today)
    day = on.toordinal()
    if child.class_on(day) is None:
        raise NotInAClass(day=on)
    if child.leave is not None and child.leave.effective_from <= day:
        raise CheckInDuringLeave(day=on)
    known = child.checked_in.get(term)
    if known is not None and known <= day:
        return False
    child.trigger_event(e.CheckedIn, ctx, occurred_on=on, term=term)
    return True


def undo_enrolment(child: Child, ctx: CommandContext, *, batch: str | None) -> None:
    """An enrolment that rested on a wrong file never was."""
    if child.enrolled_on is not None and child.class_key is not None:
        child.trigger_event(e.EnrolmentUndone, ctx, occurred_on=child.enrolled_on, batch=batch)


def resume_study(
    child: Child,
    ctx: CommandContext,
    *,
    on: date,
    class_key: str,
    grade: int,
    fit_paper_ref: str | None,
) -> None:
    """复学 after 休学; a medical leave needs a fit-to-study paper."""
    check_day(child, ctx, on)
    leave = child.leave
    suspended = leave is not None and leave.status is TrackingStatus.SUSPENDED
    if not suspended or child.status_on(on) is TrackingStatus.SUSPECTED:
        check_transition(child, lv.StudyResumed, on)
    if leave is not None and leave.medical and not fit_paper_ref:
        raise FitToStudyPaperMissing
    child.trigger_event(
        lv.StudyResumed,
        ctx,
        occurred_on=on,
        class_key=class_key,
        grade=grade,
        fit_paper_ref=fit_paper_ref,
    )


def expel(child: Child) -> None:
    """开除, 劝退, 退学, 长期停课: never (义务教育法 27; 未成年人保护法 28; 教育部令 50 第 12 条)."""
    raise PunishmentForbidden(child=child.id)
