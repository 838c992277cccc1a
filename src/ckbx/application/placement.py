"""What people do on a child's placement: assessment, decision, review, visits at home."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from ckbx.application.child_step import Steps
from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.child.child import Child
from ckbx.domain.placement.errors import PlacementChangedMeanwhile
from ckbx.domain.placement.placement import ChildPlacement
from ckbx.domain.shared.event import CommandContext

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


def _placing(office: Office, unit: Unit, child: Child) -> Placing:
    unit.depend(child)
    stream = ChildPlacement.stream(office.county, child.id)
    return Placing(unit, child, unit.get(stream, ChildPlacement))


STEPS: Final = Steps[Placing](
    _placing,
    lambda placing: placing.placement,
    lambda between: PlacementChangedMeanwhile(between=between),
    DONE,
)
work_on, take_step = STEPS.work_on, STEPS.take_step
