"""What does the clock's run have to know? Which days were reported, who was absent, which
leaves and transfers stand, which alerts are open. Its own folded state: a policy never reads
an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ckbx.domain.child import events as e
from ckbx.domain.class_roll.events import RollCallSubmitted
from ckbx.domain.school_class.events import PupilsJoined
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.ports import RecordedEvent
from ckbx.scheduling import (
    backups,
    watch_alerts,
    watch_care,
    watch_cases,
    watch_children,
    watch_classes,
    watch_focus,
)
from ckbx.scheduling.watch_cases import CASES, DEEDS
from ckbx.scheduling.watch_tables import (
    ALERTS,
    DAYS,
    MARKS,
    SIZES,
    SPELLS,
    STAYS,
    TABLES,
    TOLD,
    WARNED,
)
from projections.kit.fold import Fold
from projections.kit.projection import Handler, Projection
from projections.kit.tables import AnyTable

NAME, VERSION = "watch", 15


def _keys(batch: Sequence[RecordedEvent]) -> Mapping[AnyTable, Iterable[Any]]:
    """What most events touch, loaded in one select a table."""
    loaded = (ALERTS, DAYS, MARKS, SIZES, SPELLS, STAYS, CASES, DEEDS, TOLD, WARNED)
    wanted: dict[AnyTable, list[Any]] = {table: [] for table in loaded}
    for recorded in batch:
        event: Any = recorded.event
        day = event.occurred_on
        match event:
            case RollCallSubmitted():
                wanted[DAYS].append((event.class_key, watch_classes.month_of(event)))
            case (
                e.AbsenceRecorded() | e.AbsenceExplained() | e.AbsenceVoided() | e.AbsenceSetAside()
            ):
                wanted[MARKS].append((day.toordinal(), event.class_key))
            case e.DropoutSuspected():
                wanted[WARNED].append(event.originator_id.bytes)
            case PupilsJoined():
                wanted[SIZES].append((event.class_key, day.toordinal()))
                wanted[STAYS] += ((id_.bytes, event.class_key) for id_ in event.children)
            case e.Enrolled():
                wanted[SPELLS].append(event.originator_id.bytes)
            case _ if event.TOPIC.startswith("ckbx.alert."):
                wanted[ALERTS].append(event.originator_id.bytes)
                wanted[TOLD].append(event.originator_id.bytes)
            case _ if event.TOPIC.startswith("ckbx.case."):
                wanted[CASES].append(event.originator_id.bytes)
                wanted[DEEDS].append(event.originator_id.bytes)
    return wanted


def _with(
    handlers: Mapping[type[DomainEvent], Handler], more: Mapping[type[DomainEvent], Handler]
) -> dict[type[DomainEvent], Handler]:
    """Events of which several parts of the watch take note: each in turn."""

    def both(first: Handler, second: Handler) -> Handler:
        def handle(fold: Fold, event: Any, position: int) -> None:
            first(fold, event, position)
            second(fold, event, position)

        return handle

    return {**handlers, **{kind: both(handlers[kind], more[kind]) for kind in more}}


WATCH = Projection(
    NAME,
    VERSION,
    (*TABLES, *watch_cases.TABLES, *watch_care.TABLES, *watch_focus.TABLES, *backups.TABLES),
    _with(
        {
            **watch_cases.HANDLERS,
            **watch_classes.HANDLERS,
            **watch_children.HANDLERS,
            **watch_care.HANDLERS,
            **watch_alerts.HANDLERS,
            **watch_focus.HANDLERS,
            **backups.HANDLERS,
        },
        watch_alerts.WARNINGS,
    ),
    keys=_keys,
)
