"""What people do on a child's placement: assessment, decision, review, visits at home."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from ckbx.application.case_papers import Papers
from ckbx.application.erasure import ChildNeverRegistered
from ckbx.application.leave_filing import changes
from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.child.child import Child
from ckbx.domain.placement.errors import PlacementChangedMeanwhile
from ckbx.domain.placement.placement import ChildPlacement
from ckbx.domain.shared.event import CommandContext
from ckbx.eventlog.ports import Appended

DONE = b"placement"


class Placing(NamedTuple):
    """A child's placement as a step sees it."""

    unit: Unit
    child: Child
    placement: ChildPlacement

    @property
    def ctx(self) -> CommandContext:
        return self.unit.ctx


Act = Callable[[Placing], None]


def work_on(
    office: Office,
    ctx: CommandContext,
    child: UUID,
    act: Act,
    *,
    seen: int | None = None,
    papers: Papers | None = None,
) -> Appended:
    """Carry out a step on the placement of a child.

    Raises ChildNeverRegistered, PlacementChangedMeanwhile, and what ``act`` refuses.
    """
    return office.run(
        ctx, lambda unit: take_step(office, unit, child, act, seen=seen, papers=papers)
    )


def take_step(
    office: Office,
    unit: Unit,
    child_id: UUID,
    act: Act,
    *,
    seen: int | None = None,
    papers: Papers | None = None,
) -> bytes:
    """Decide :func:`work_on` in a unit that is carried through elsewhere."""
    child = unit.get(child_id, Child)
    if not child.version:
        raise ChildNeverRegistered(child=child_id)
    unit.depend(child)
    placement = unit.get(ChildPlacement.stream(office.county, child_id), ChildPlacement)
    if seen is not None and seen != placement.version:
        between = changes(office, placement.id, seen)
        raise PlacementChangedMeanwhile(between=between)
    act(Placing(unit, child, placement))
    if papers is not None:
        papers.write(unit, child_id)
    return DONE
