"""认定辍学 in the case: only after a check found K, whatever way the decision comes."""

from __future__ import annotations

from ckbx.domain.case import outcome_events as oc
from ckbx.domain.case.case import Case
from ckbx.domain.case.codes import Stage
from ckbx.domain.case.errors import NotFoundDroppedOut
from ckbx.domain.case.steps import check_stage
from ckbx.domain.child.return_events import DropoutConfirmed
from ckbx.domain.shared.event import CommandContext


def check_found(case: Case) -> None:
    """Refuse a determination before a check found K. Raises NotFoundDroppedOut, StageRefuses."""
    if case.stage in (Stage.OPEN, Stage.VERIFIED):
        found = case.finding
        said = f"{found.value}（{found.label}）" if found else "尚未核查"
        raise NotFoundDroppedOut(finding=said)
    check_stage(case, "determine")


def determine(case: Case, ctx: CommandContext, confirmed: DropoutConfirmed) -> None:
    """The county confirmed the dropout."""
    check_found(case)
    case.trigger_event(
        oc.DropoutDetermined,
        ctx,
        occurred_on=confirmed.occurred_on,
        unexplained_days=confirmed.unexplained_days,
        rounds=confirmed.rounds,
        whereabouts=confirmed.whereabouts,
    )
