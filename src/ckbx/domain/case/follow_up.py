"""巩固期: a person follows up weekly, then monthly; the county ends it when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from ckbx.domain.case import outcome_events as oc
from ckbx.domain.case.case import Case
from ckbx.domain.case.codes import FollowUpKind, FollowUpResult
from ckbx.domain.case.errors import FollowUpOpen, FollowUpsMissing
from ckbx.domain.case.steps import check, check_stage
from ckbx.domain.shared.event import CommandContext


def follow_up(
    case: Case,
    ctx: CommandContext,
    *,
    role: str,
    on: date,
    kind: FollowUpKind,
    result: FollowUpResult,
    note: UUID | None = None,
) -> None:
    """A person looked after the child."""
    check(case, ctx, "follow_up", role=role, on=on)
    case.trigger_event(
        oc.FollowUpMade, ctx, occurred_on=on, kind=kind, result=result, note_ref=note
    )


def check_followed_up(
    case: Case, ctx: CommandContext, *, role: str, missing: Sequence[date], reason: UUID | None
) -> None:
    """Before the county ends the 巩固期: every follow-up made, or its absence explained.

    ``missing``: the days by which follow-ups were due that nobody made; ``reason``: why, in
    the vault. Raises FollowUpOpen, FollowUpsMissing.
    """
    check(case, ctx, "settle", role=role, on=ctx.today)
    if not case.follow_ups:
        raise FollowUpOpen
    left = [day for day in missing if day not in case.explained]
    if not left:
        return
    if reason is None:
        raise FollowUpsMissing(count=len(left), days="、".join(map(str, left)))
    case.trigger_event(
        oc.FollowUpGapExplained, ctx, occurred_on=ctx.today, due_on=left, reason_ref=reason
    )


def settle(case: Case, ctx: CommandContext, *, on: date) -> None:
    """The 巩固期 is over."""
    check_stage(case, "settle")
    case.trigger_event(oc.StabilityConfirmed, ctx, occurred_on=on)
