"""How do a confirmed dropout and the return from it change a child's place?"""

from __future__ import annotations

from ckbx.domain.child import return_events as rt
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.shared.ids import split_class_key
from projections.kit.fold import Fold
from projections.roster_steps import change_places, forget
from projections.roster_tables import MARKS, PlaceValues

_S = TrackingStatus


def confirmed(fold: Fold, event: rt.DropoutConfirmed, position: int) -> None:
    """辍学 from that day. The episode goes on: an amendment may still move its dates."""
    child, day = event.originator_id.bytes, event.occurred_on.toordinal()

    def step(place: PlaceValues) -> PlaceValues:
        return place._replace(status=_S.DROPPED_OUT.value, since=day, attending_since=None)

    change_places(fold, child, day, None, step, position)
    fold[MARKS].clear(child, day, None, position)


def persuaded_back(fold: Fold, event: rt.PersuadedBack, position: int) -> None:
    """Back in the class named, from that day; a leave to come is no more."""
    child, day = event.originator_id.bytes, event.occurred_on.toordinal()

    def step(place: PlaceValues) -> PlaceValues:
        return place._replace(
            school=split_class_key(event.class_key)[0],
            class_key=event.class_key,
            grade=event.grade,
            status=_S.PERSUADED_BACK.value,
            since=day,
            attending_since=None,
        )

    change_places(fold, child, day, None, step, position)
    fold[MARKS].clear(child, day, None, position)
    forget(fold, child)
