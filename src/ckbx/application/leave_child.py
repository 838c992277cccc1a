"""What a step on an application does to the child and its placement."""

from __future__ import annotations

from collections.abc import Callable

from ckbx.application.decisions import carry_out
from ckbx.application.leave_filing import Filing
from ckbx.domain.child import leaves
from ckbx.domain.child.child import Child
from ckbx.domain.child.leaves import LeaveDecision
from ckbx.domain.leave.codes import LeaveKind
from ckbx.domain.leave.conditions import Approval
from ckbx.domain.placement.placement import ChildPlacement
from ckbx.domain.shared.event import CommandContext, DomainEvent


def placement_of(filing: Filing) -> ChildPlacement:
    """The placement of the child that the application is about."""
    stream = ChildPlacement.stream(filing.office.county, filing.child.id)
    return filing.unit.get(stream, ChildPlacement)


def decide_on(
    filing: Filing,
    decide: Callable[[Child, CommandContext], None],
    kind: type[DomainEvent],
) -> str:
    """Carry out a decision on the child; the id of its fact."""
    child = filing.child
    start = child.pending_count
    carry_out(filing.office, filing.unit, child, decide)
    return next(e.event_id for e in child.pending_since(start) if type(e) is kind)


def grant(
    child: Child,
    ctx: CommandContext,
    kind: LeaveKind,
    decided: LeaveDecision,
    given: Approval,
    legal_basis: str | None,
) -> None:
    """The leave itself, of one of the four kinds."""
    match kind:
        case LeaveKind.SUSPENSION:
            leaves.suspend(child, ctx, decided)
        case LeaveKind.DEFERRAL:
            leaves.defer(child, ctx, decided)
        case LeaveKind.EXEMPTION:
            leaves.exempt(child, ctx, decided, legal_basis=legal_basis)
        case LeaveKind.HOME_TEACHING:
            leaves.teach_at_home(
                child,
                ctx,
                decided,
                visits_per_month=given.visits_per_month or 0,
                lessons_per_visit=given.lessons_per_visit or 0,
            )
