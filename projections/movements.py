"""What was decided on a child's leave and its change of school? The facts, as recorded.

The ledgers of leaves, placements and transfers fold them by day and position when asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Column, LargeBinary, Text, or_, select

from ckbx.domain.child import events as e
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child import movement_events as mv
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.codec import decode_event, encode_event
from ckbx.eventlog.ports import RecordedEvent
from ckbx.eventlog.selects import Prepared, among
from projections.kit.fold import Fold
from projections.kit.projection import Handler, Projection
from projections.kit.reading import Reading
from projections.kit.tables import AnyTable, PlainTable, Position, child

NAME, VERSION = "movements", 2

FACTS = PlainTable(
    f"{NAME}_facts",
    key=(child(), Column("position", Position)),
    values=(Column("topic", Text, nullable=False), Column("state", LargeBinary, nullable=False)),
    indexes=(("topic",),),
    load_by=1,
)
"""What concerns a leave or a transfer of a child, by position; ``state``: the stored bytes."""

LEAVES = (
    lv.SuspensionGranted,
    lv.DeferralGranted,
    lv.ExemptionGranted,
    lv.HomeTeachingArranged,
)
ENDINGS = (
    e.Enrolled,
    lv.StudyElsewhereVerified,
    lv.DeathRecorded,
    lv.WentAbroad,
    lv.WentMissing,
    lv.Deregistered,
    lv.Graduated,
)
"""What ends a leave or a transfer of a child that has one, and says nothing otherwise."""


def _kept(fold: Fold, event: DomainEvent, position: int) -> None:
    key = (event.originator_id.bytes, position)
    fold[FACTS].put(key, (event.TOPIC, encode_event(event)))


def _kept_of_the_known(fold: Fold, event: DomainEvent, position: int) -> None:
    if fold[FACTS].keys_of(event.originator_id.bytes):
        _kept(fold, event, position)


def _resumed(fold: Fold, event: e.AttendanceResumed, position: int) -> None:
    if event.after_leave:
        _kept_of_the_known(fold, event, position)


HANDLERS: Mapping[type[DomainEvent], Handler] = {
    **dict.fromkeys(LEAVES, _kept),
    lv.TransferStarted: _kept,
    mv.TransferredIn: _kept,
    lv.LeaveExtended: _kept_of_the_known,
    lv.LeaveExpired: _kept_of_the_known,
    lv.StudyResumed: _kept_of_the_known,
    lv.TransferConfirmed: _kept_of_the_known,
    lv.TransferCancelled: _kept_of_the_known,
    lv.TransferLapsed: _kept_of_the_known,
    **dict.fromkeys(ENDINGS, _kept_of_the_known),
    e.EnrolmentUndone: _kept_of_the_known,
    e.AttendanceResumed: _resumed,
}


def _keys(batch: Sequence[RecordedEvent]) -> Mapping[AnyTable, Iterable[Any]]:
    """The children a batch speaks of."""
    named: list[bytes] = []
    for recorded in batch:
        event: Any = recorded.event
        plain = isinstance(event, e.AttendanceResumed) and not event.after_leave
        if type(event) in HANDLERS and not plain:
            named.append(event.originator_id.bytes)
    return {FACTS: named}


PROJECTION = Projection(NAME, VERSION, (FACTS,), HANDLERS, keys=_keys)


def movements(
    reading: Reading, kinds: Sequence[type[DomainEvent]], *, as_of: date, position: int
) -> dict[UUID, list[Any]]:
    """The facts of a day and before, known at a position, in order of recording, of every
    child that has one of these kinds. Facts of a child, so a caller asks its scope.
    """
    c = FACTS.c
    topics = [kind.TOPIC for kind in kinds]
    named = select(c.child).where(c.topic.in_(topics), c.position <= position)
    query = (
        select(c.child, c.topic, c.state)
        .where(c.child.in_(named), c.position <= position)
        .order_by(c.child, c.position)
    )
    found: dict[UUID, list[Any]] = {}
    for who, event in _decoded(reading.rows(query)):
        if event.occurred_on <= as_of:
            found.setdefault(who, []).append(event)
    return found


def ever_on_leave(reading: Reading, children: Collection[UUID]) -> set[UUID]:
    """Who of the children was ever granted a leave, over or not, as known now."""
    return {child for (child,) in reading.ask(_leaves(), children)}


@cache
def _leaves() -> Prepared:
    c = FACTS.c
    granted = or_(*(c.topic == kind.TOPIC for kind in LEAVES))
    return Prepared(select(c.child).distinct().where(among(c.child), granted))


def _decoded(rows: Sequence[Any]) -> Iterator[tuple[UUID, DomainEvent]]:
    for who, topic, state in rows:
        yield who, decode_event(topic, bytes(state))
