"""What people do on a child's placement: assessment, decision, review, visits at home."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from ckbx.application.case_papers import Papers
from ckbx.application.child_step import take
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

    def about(child: Child) -> ChildPlacement:
        unit.depend(child)
        return unit.get(ChildPlacement.stream(office.county, child.id), ChildPlacement)

    take(
        office,
        unit,
        child_id,
        about,
        lambda child, placement: act(Placing(unit, child, placement)),
        lambda between: PlacementChangedMeanwhile(between=between),
        seen=seen,
        papers=papers,
    )
    return DONE
