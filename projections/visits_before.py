"""缺勤家访 before there is a case: which of them stand, and where was the child?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Column, LargeBinary, Text, select

from ckbx.domain.child.visit_events import HomeVisited, HomeVisitWithdrawn
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.codec import decode_event, encode_event
from ckbx.eventlog.ports import RecordedEvent
from projections import roster
from projections.kit.fold import Fold
from projections.kit.projection import Handler, Projection
from projections.kit.reading import Reading
from projections.kit.tables import AnyTable, PlainTable, Position, child
from projections.scope import Scope

NAME, VERSION = "visits_before", 1

FACTS = PlainTable(
    f"{NAME}_facts",
    key=(child(), Column("position", Position)),
    values=(
        Column("recorded_at", Position, nullable=False),
        Column("topic", Text, nullable=False),
        Column("state", LargeBinary, nullable=False),
    ),
)
"""Every visit of a child's family before there was a case, and what took one back; ``state``:
the stored bytes."""


class VisitBefore(NamedTuple):
    """A visit that stands, and where the child is on the day asked about."""

    place: roster.Place
    fact: RecordedEvent


def _kept(fold: Fold, event: DomainEvent, position: int) -> None:
    key = (event.originator_id.bytes, position)
    fold[FACTS].put(key, (fold.recorded_at, event.TOPIC, encode_event(event)))


HANDLERS: Mapping[type[DomainEvent], Handler] = {HomeVisited: _kept, HomeVisitWithdrawn: _kept}


def _keys(batch: Sequence[RecordedEvent]) -> Mapping[AnyTable, Iterable[Any]]:
    named = [r for r in batch if type(r.event) in HANDLERS]
    return {FACTS: [(r.event.originator_id.bytes, r.position) for r in named]}


PROJECTION = Projection(NAME, VERSION, (FACTS,), HANDLERS, keys=_keys)


def visits_before(
    reading: Reading, scope: Scope, *, as_of: date, position: int
) -> list[VisitBefore]:
    """The visits of a day and before as known at a position, in order of recording. One that
    was recorded by mistake never was, as soon as that is known.
    """
    query = select(FACTS.table).where(FACTS.c.position <= position).order_by(FACTS.c.position)
    facts = [
        RecordedEvent(at, recorded_at, decode_event(topic, bytes(state)))
        for _, at, recorded_at, topic, state in reading.rows(query)
    ]
    gone = {fact.event.visit for fact in facts if isinstance(fact.event, HomeVisitWithdrawn)}
    standing = [
        fact
        for fact in facts
        if isinstance(fact.event, HomeVisited)
        and fact.event.event_id not in gone
        and fact.event.occurred_on <= as_of
    ]
    children: list[UUID] = list({fact.event.originator_id for fact in standing})
    places = roster.place_of(reading, scope, children, as_of=as_of, position=position)
    return [
        VisitBefore(places[fact.event.originator_id], fact)
        for fact in standing
        if fact.event.originator_id in places
    ]
