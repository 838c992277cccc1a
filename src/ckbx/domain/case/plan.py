"""一生一策: teacher, cause, risk, plan, support, and contact with the family."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from ckbx.domain.case import work_events as wk
from ckbx.domain.case.case import Case
from ckbx.domain.case.codes import CAUSE_CODES, Means, Measure, Met, RiskLevel
from ckbx.domain.case.errors import CauseUnknown, NoTeacher, TeacherAlready, WordsMissing
from ckbx.domain.case.people import Attached
from ckbx.domain.case.persuasion import check_met
from ckbx.domain.case.steps import check
from ckbx.domain.shared.event import CommandContext


def name_teacher(
    case: Case,
    ctx: CommandContext,
    *,
    role: str,
    account: str,
    holder: UUID,
    post: UUID,
    first_day: date,
) -> None:
    """Name the 帮扶教师, or let one hand over to another, from ``first_day`` on.

    Raises TeacherAlready and what :func:`check` raises.
    """
    check(case, ctx, "name_teacher", role=role, on=min(first_day, ctx.today))
    old = case.teacher
    if old is not None and old.account == account:
        raise TeacherAlready(account=account)
    case.trigger_event(
        wk.TeacherNamed,
        ctx,
        occurred_on=min(first_day, ctx.today),
        account=account,
        holder=holder,
        post=post,
        first_day=first_day,
        previous=old.account if old else None,
    )


def release_teacher(case: Case, ctx: CommandContext, *, role: str, last_day: date) -> None:
    """The teacher leaves; the class teacher answers until another is named."""
    check(case, ctx, "release_teacher", role=role, on=min(last_day, ctx.today))
    if case.teacher is None:
        raise NoTeacher
    case.trigger_event(
        wk.TeacherReleased,
        ctx,
        occurred_on=min(last_day, ctx.today),
        account=case.teacher.account,
        post=case.teacher.post,
        last_day=last_day,
    )


def record_cause(
    case: Case, ctx: CommandContext, *, role: str, on: date, cause: str, ref: UUID, primary: bool
) -> None:
    """A cause by its code (reference §6.6), which itself goes to the vault under ``ref``."""
    check(case, ctx, "record_cause", role=role, on=on)
    if cause not in CAUSE_CODES:
        raise CauseUnknown(given=cause)
    case.trigger_event(wk.CauseRecorded, ctx, occurred_on=on, cause_ref=ref, primary=primary)


def assess_risk(
    case: Case,
    ctx: CommandContext,
    *,
    role: str,
    on: date,
    level: RiskLevel,
    note: UUID | None = None,
) -> None:
    """风险等级."""
    check(case, ctx, "assess_risk", role=role, on=on)
    case.trigger_event(wk.RiskAssessed, ctx, occurred_on=on, level=level, note_ref=note)


def make_plan(
    case: Case,
    ctx: CommandContext,
    *,
    role: str,
    on: date,
    plan: UUID | None,
    measures: Sequence[Measure],
    review_on: date | None = None,
) -> None:
    """一生一策, or a new version of it. ``plan``: its words in the vault (WordsMissing)."""
    check(case, ctx, "make_plan", role=role, on=on)
    if plan is None or not measures:
        raise WordsMissing(action="制定一生一策", what="方案内容和帮扶措施", who="帮扶教师")
    case.trigger_event(
        wk.PlanMade,
        ctx,
        occurred_on=on,
        plan_ref=plan,
        measures=list(measures),
        review_on=review_on,
    )


def give_support(
    case: Case,
    ctx: CommandContext,
    *,
    role: str,
    on: date,
    measure: Measure,
    note: UUID | None = None,
    attachments: Sequence[Attached] = (),
) -> None:
    """A measure was carried out."""
    check(case, ctx, "give_support", role=role, on=on)
    case.trigger_event(
        wk.SupportGiven,
        ctx,
        occurred_on=on,
        measure=measure,
        note_ref=note,
        attachments=list(attachments),
    )


def contact(
    case: Case,
    ctx: CommandContext,
    *,
    role: str,
    on: date,
    means: Means,
    met: Sequence[Met],
    note: UUID | None = None,
) -> None:
    """The family was rung or seen. Raises NobodySaidMet."""
    check(case, ctx, "contact", role=role, on=on)
    check_met(met)
    case.trigger_event(
        wk.GuardianContacted, ctx, occurred_on=on, means=means, met=list(met), note_ref=note
    )
