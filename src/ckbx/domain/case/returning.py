"""Back in class: placed, then confirmed by the days the roll calls show the child there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ckbx.domain.case import outcome_events as oc
from ckbx.domain.case.case import Case
from ckbx.domain.case.errors import ReturnNotYetAttended
from ckbx.domain.case.steps import check, check_stage
from ckbx.domain.child.return_events import PersuadedBack
from ckbx.domain.shared.event import CommandContext


def bring_back(case: Case, ctx: CommandContext, back: PersuadedBack) -> None:
    """The child was placed in a class."""
    check_stage(case, "bring_back")
    case.trigger_event(
        oc.ChildReturned,
        ctx,
        occurred_on=back.occurred_on,
        placement=back.placement,
        class_key=back.class_key,
    )


def confirm_return(
    case: Case, ctx: CommandContext, *, role: str, attended: Sequence[date], needed: int
) -> None:
    """The principal confirms on days attended in a row, read from the roll calls (never
    typed): ``attended`` are those since the return. Raises ReturnNotYetAttended.
    """
    check(case, ctx, "confirm_return", role=role, on=ctx.today)
    if len(attended) < needed:
        since = case.returned.on if case.returned else case.suspected_on
        raise ReturnNotYetAttended(needed=needed, days=len(attended), since=since)
    case.trigger_event(
        oc.ReturnConfirmed,
        ctx,
        occurred_on=attended[needed - 1],
        attended=list(attended[:needed]),
    )
