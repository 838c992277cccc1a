"""Which class handed in which day: what stands, since which position, and which classes are.

Of children only those are kept whose day is 未核: the sheet alone does not say who had to be
named 到校 and was not (domain §4).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Integer, Text

from ckbx.domain.attendance.marks import Reason, Session, is_unexplained
from ckbx.domain.child import events as e
from ckbx.domain.class_roll.events import RollCallSubmitted, RollCallVoided
from ckbx.domain.school_class.events import ClassOpened, PupilLeft, PupilsJoined
from ckbx.domain.shared.event import DomainEvent
from ckbx.domain.shared.ids import split_class_key
from ckbx.eventlog.ports import RecordedEvent
from projections.kit.fold import Fold, Values
from projections.kit.projection import Handler, Projection
from projections.kit.tables import AnyTable, HistoryTable, Position, VersionedTable, child
from projections.roll_call_completeness_lines import LINE_HANDLERS, LINES, NAME

VERSION = 2
_SESSIONS = tuple(session.value for session in Session)
_FULL = Session.FULL.value
_HALVES = (Session.MORNING.value, Session.AFTERNOON.value)

DAYS = VersionedTable(
    f"{NAME}_days",
    key=(Column("class_key", Text), Column("day", Integer), Column("session", Text)),
    values=(
        Column("school", Text, nullable=False),
        Column("expected", Integer, nullable=False),
        Column("present", Integer, nullable=False),
        Column("roll", Integer, nullable=False),
        Column("absent", Integer, nullable=False),
        Column("on_leave", Integer, nullable=False),
        Column("unverified", Text, nullable=False),
        Column("submitted_by", Text, nullable=False),
        Column("entry", Text, nullable=False),
        Column("recorded_at", Position, nullable=False),
    ),
)
"""One row a submission; ``day`` an ordinal, ``recorded_at`` microseconds UTC. Of the ``absent``
listed, ``on_leave`` have 病假 or 事假; ``unverified`` are the ids (hex, spaced) of those with 未核.
"""

UNVERIFIED = VersionedTable(
    f"{NAME}_unverified",
    key=(Column("class_key", Text), Column("day", Integer), child()),
)
"""A child whose day in the class is 未核: listed so, or not named 到校 though it had to be."""

CLASSES = HistoryTable(
    f"{NAME}_classes",
    key=(Column("class_key", Text),),
    values=(Column("school", Text, nullable=False), Column("pupils", Integer)),
    indexes=(("school",),),
)
"""A class from the day it opened; ``pupils`` belong to it (NULL: nobody was entered yet)."""

TABLES = (DAYS, UNVERIFIED, CLASSES, LINES)


def _submitted(fold: Fold, event: RollCallSubmitted, position: int) -> None:
    rows, day, session = fold[DAYS], event.occurred_on.toordinal(), event.session.value
    for other in _HALVES if session == _FULL else (_FULL,):
        rows.drop((event.class_key, day, other), position)
    values = (
        event.class_key.partition("/")[0],
        event.expected,
        event.present,
        event.roll,
        len(event.absent),
        sum(not is_unexplained(reason) for reason in event.absent.values()),
        " ".join(_listed_unverified(event)),
        event.submitted_by,
        event.entry,
        fold.recorded_at,
    )
    rows.put((event.class_key, day, session), values, position)


def _listed_unverified(event: RollCallSubmitted) -> list[str]:
    listed = event.absent.items()
    return sorted(one.hex for one, reason in listed if reason is Reason.UNVERIFIED)


def _absent(fold: Fold, event: e.AbsenceRecorded | e.AbsenceExplained, position: int) -> None:
    if event.reason is Reason.UNVERIFIED:
        fold[UNVERIFIED].put(_child_day(event), (), position)
    else:
        fold[UNVERIFIED].drop(_child_day(event), position)


def _there(fold: Fold, event: e.AbsenceVoided | e.AbsenceSetAside, position: int) -> None:
    fold[UNVERIFIED].drop(_child_day(event), position)


_OfChild = e.AbsenceRecorded | e.AbsenceExplained | e.AbsenceVoided | e.AbsenceSetAside


def _child_day(event: _OfChild) -> tuple[str, int, bytes]:
    return event.class_key, event.occurred_on.toordinal(), event.originator_id.bytes


def _voided(fold: Fold, event: RollCallVoided, position: int) -> None:
    key = (event.class_key, event.occurred_on.toordinal(), event.session.value)
    fold[DAYS].drop(key, position)


def _opened(fold: Fold, event: ClassOpened, position: int) -> None:
    day = event.occurred_on.toordinal()
    fold[CLASSES].put(event.class_key, day, None, (event.school, None), position)


def _joined(fold: Fold, event: PupilsJoined, position: int) -> None:
    _count(fold, event.class_key, event.occurred_on.toordinal(), len(event.children), position)


def _left(fold: Fold, event: PupilLeft, position: int) -> None:
    _count(fold, event.class_key, event.occurred_on.toordinal(), -1, position)


def _count(fold: Fold, class_key: str, day: int, more: int, position: int) -> None:
    def change(old: Values | None) -> Values | None:
        return None if old is None else (old[0], (old[1] or 0) + more)

    fold[CLASSES].patch(class_key, day, None, change, position)


HANDLERS: dict[type[DomainEvent], Handler] = {
    RollCallSubmitted: _submitted,
    RollCallVoided: _voided,
    e.AbsenceRecorded: _absent,
    e.AbsenceExplained: _absent,
    e.AbsenceVoided: _there,
    e.AbsenceSetAside: _there,
    ClassOpened: _opened,
    PupilsJoined: _joined,
    PupilLeft: _left,
    **LINE_HANDLERS,
}
HANDLES = tuple(HANDLERS)


def _keys(batch: Sequence[RecordedEvent]) -> dict[AnyTable, list[Any]]:
    days: list[Any] = []
    unverified: list[Any] = []
    classes: list[Any] = []
    for recorded in batch:
        event: Any = recorded.event
        if isinstance(event, RollCallSubmitted | RollCallVoided):
            day = event.occurred_on.toordinal()
            days += [(event.class_key, day, session) for session in _SESSIONS]
        elif isinstance(event, _OfChild):
            unverified.append(_child_day(event))
        elif isinstance(event, ClassOpened | PupilsJoined | PupilLeft):
            classes.append(event.class_key)
    return {DAYS: days, UNVERIFIED: unverified, CLASSES: classes}


def _subject(event: Any) -> str:
    return str(getattr(event, "class_key", event.originator_id))


def _school(_fold: Fold, event: Any) -> str | None:
    key = getattr(event, "class_key", None)
    return split_class_key(key)[0] if key else getattr(event, "school", None)


PROJECTION = Projection(
    NAME, VERSION, TABLES, HANDLERS, keys=_keys, subject=_subject, school=_school
)
