"""Leaving a step out: only the county, only for a reason that fits, never out of order."""

from __future__ import annotations

from datetime import date

from ckbx.domain.legal import errors
from ckbx.domain.legal import events as e
from ckbx.domain.legal.checks import check_code, check_day, check_document, check_refs, check_role
from ckbx.domain.legal.codes import (
    COUNTY_ROLES,
    ORDERS,
    SKIP_REASONS,
    STEP_TITLES,
    PaperKind,
    SkipReason,
)
from ckbx.domain.legal.grounds import skip_ground
from ckbx.domain.legal.legal_steps import LegalSteps
from ckbx.domain.legal.periods import Law
from ckbx.domain.shared.event import CommandContext

_LAST_PAPER = {
    1: (PaperKind.PERSUASION_NOTICE,),
    2: ORDERS,
    3: (PaperKind.FINE_DECISION,),
}


def skip_step(
    state: LegalSteps,
    ctx: CommandContext,
    step: int,
    *,
    on: date,
    reason: SkipReason,
    approver: str,
    document: str,
    text_ref: str,
    role: str,
    law: Law,
) -> None:
    """Step 1, 2 or 3 is left out by the county's written leave.

    Raises SkipReasonWrong, SkipNotNeeded, StepPassed, AlreadyComplied, and what the step
    before it still lacks.
    """
    check_role(role, COUNTY_ROLES, f"批准跳过第 {step} 步")
    allowed = SKIP_REASONS.get(step, ())
    untrue = reason == SkipReason.NO_FINE_BASIS and law.fine_basis is not None
    if reason not in allowed or untrue:
        names = "、".join(r.label for r in allowed if not (untrue and r is reason))
        raise errors.SkipReasonWrong(step=step, reason=reason.label, allowed=names or "无")
    check_day(ctx, on, "批准跳过", after=state.opened_on or on, before="启动步骤")
    check_document(document, "批准跳过的文件")
    check_refs("批准跳过", "书面理由", "县教育局", text_ref)
    check_code("批准人（账号）", approver)
    _check_needed(state, step)
    reached = max((p.step for p in state.valid()), default=0)
    if reached > step:
        raise errors.StepPassed(step=reached, paper=f"第 {step} 步的跳过批准")
    since = state.back_since(on)
    if since is not None:
        raise errors.AlreadyComplied(since=since, paper="跳过批准")
    ground = skip_ground(state, step, law)
    if ground.refusal is not None:
        raise ground.refusal
    if ground.opens_on is not None and on < ground.opens_on:
        raise errors.DeadlineNotPassed(
            paper="跳过批准", opens=ground.opens_on, because=ground.because
        )
    state.trigger_event(
        e.StepSkipped,
        ctx,
        occurred_on=on,
        step=step,
        reason=reason,
        approver=approver,
        document=document,
        text_ref=text_ref,
    )


def _check_needed(state: LegalSteps, step: int) -> None:
    done = any(p.service is not None for p in state.valid(*_LAST_PAPER[step]))
    if done or step in state.skips:
        raise errors.SkipNotNeeded(step=step, title=STEP_TITLES[step])
