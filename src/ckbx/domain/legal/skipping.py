"""Leaving a step out: only the county, only for a reason that fits, never out of order."""

from __future__ import annotations

from datetime import date

import msgspec

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
from ckbx.domain.legal.opening import Subject, open_steps
from ckbx.domain.legal.periods import Law
from ckbx.domain.shared.event import CommandContext

_LAST_PAPER = {
    1: (PaperKind.PERSUASION_NOTICE,),
    2: ORDERS,
    3: (PaperKind.FINE_DECISION,),
}


class SkipDecision(msgspec.Struct, frozen=True, kw_only=True):
    """The county's written leave. ``approver``: the account of who approved it."""

    step: int
    on: date
    reason: SkipReason
    approver: str
    document: str
    text_ref: str


def skip_step(
    state: LegalSteps,
    ctx: CommandContext,
    decision: SkipDecision,
    *,
    role: str,
    law: Law,
    of: Subject,
) -> None:
    """Step 1, 2 or 3 is left out by the county's written leave.

    Raises SkipReasonWrong, SkipNotNeeded, StepPassed, AlreadyComplied, and what the step
    before it still lacks.
    """
    step, on = decision.step, decision.on
    check_role(role, COUNTY_ROLES, f"批准跳过第 {step} 步")
    _check_reason(decision, law)
    check_day(ctx, on, "批准跳过", after=state.opened_on or on, before="启动步骤")
    check_document(decision.document, "批准跳过的文件")
    check_refs("批准跳过", "书面理由", "县教育局", decision.text_ref)
    check_code("批准人（账号）", decision.approver)
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
    open_steps(state, ctx, of, on)
    state.trigger_event(
        e.StepSkipped,
        ctx,
        occurred_on=on,
        step=step,
        reason=decision.reason,
        approver=decision.approver,
        document=decision.document,
        text_ref=decision.text_ref,
    )


def _check_reason(decision: SkipDecision, law: Law) -> None:
    step, reason = decision.step, decision.reason
    allowed = SKIP_REASONS.get(step, ())
    untrue = reason == SkipReason.NO_FINE_BASIS and law.fine_basis is not None
    if reason not in allowed or untrue:
        names = "、".join(r.label for r in allowed if not (untrue and r == reason))
        raise errors.SkipReasonWrong(step=step, reason=reason.label, allowed=names or "无")


def _check_needed(state: LegalSteps, step: int) -> None:
    done = any(p.service is not None for p in state.valid(*_LAST_PAPER[step]))
    if done or step in state.skips:
        raise errors.SkipNotNeeded(step=step, title=STEP_TITLES[step])
