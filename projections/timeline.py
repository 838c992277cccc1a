"""What happened to one child, in order (事件时间线)? Its own facts, its posts, its alerts, its
cases with their legal steps.

The facts are read from the log; the table only says which other streams concern a child.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Column, select

from ckbx.clock import from_micros
from ckbx.domain.alert.events import AlertRaised
from ckbx.domain.case.events import CaseOpened
from ckbx.domain.legal.events import LegalStepsOpened
from ckbx.domain.responsibility.post import Scope as Covers
from ckbx.domain.responsibility.post import ScopeKind
from ckbx.domain.responsibility.register import posts_stream
from ckbx.domain.shared.event import ActedEvent, DomainEvent
from ckbx.eventlog.ports import EventLog, RecordedEvent
from ckbx.eventlog.readable import read_readable
from projections import roster
from projections.kit.fold import Fold
from projections.kit.projection import Handler, Projection
from projections.kit.reading import Reading
from projections.kit.tables import AnyTable, PlainTable, Position, child
from projections.scope import Scope

NAME, VERSION = "timeline", 2

LINKS = PlainTable(
    f"{NAME}_links",
    key=(child(), child("stream")),
    values=(Column("position", Position, nullable=False),),
)
"""A stream that concerns a child, and the position that said so."""

_ENVELOPE = frozenset(ActedEvent.__struct_fields__)


class Entry(msgspec.Struct, frozen=True):
    """One fact. ``event`` is its topic, ``title`` Chinese; ``recorded_at`` a UTC instant;
    ``data`` holds the fact's own fields as JSON values.
    """

    event: str
    title: str
    occurred_on: date
    recorded_at: datetime
    actor: str
    position: int
    data: dict[str, Any]


_Linking = AlertRaised | CaseOpened | LegalStepsOpened
"""Facts that begin a stream about a child."""


def _begun(fold: Fold, event: _Linking, position: int) -> None:
    if event.child is not None:
        key = (event.child.bytes, event.originator_id.bytes)
        if fold[LINKS].get(key) is None:
            fold[LINKS].put(key, (position,))


def _keys(batch: Sequence[RecordedEvent]) -> Mapping[AnyTable, Iterable[Any]]:
    events = [r.event for r in batch if isinstance(r.event, _Linking)]
    return {LINKS: [(e.child.bytes, e.originator_id.bytes) for e in events if e.child]}


_HANDLERS: Mapping[type[DomainEvent], Handler] = {
    AlertRaised: _begun,
    CaseOpened: _begun,
    LegalStepsOpened: _begun,
}
PROJECTION = Projection(NAME, VERSION, (LINKS,), _HANDLERS, keys=_keys)


def timeline(
    reading: Reading, log: EventLog, scope: Scope, child_id: UUID, *, as_of: date, position: int
) -> list[Entry]:
    """The facts about one child of a day and before, recorded by a position: by day, those of
    one day in order of recording. Empty when the scope does not see the child on that day.
    """
    found = facts_with_gaps(reading, log, scope, child_id, as_of=as_of, position=position)
    return [entry(recorded) for recorded in found[0]]


def facts_with_gaps(
    reading: Reading, log: EventLog, scope: Scope, child_id: UUID, *, as_of: date, position: int
) -> tuple[list[RecordedEvent], list[int]]:
    """The facts of :func:`timeline`, and the positions of events that cannot be read: from
    there on the facts of their streams are missing.
    """
    places = roster.place_of(reading, scope, [child_id], as_of=as_of, position=position)
    if not (places or scope.everything):
        return [], []
    linked = select(LINKS.c.stream).where(LINKS.c.child == child_id, LINKS.c.position <= position)
    posts = posts_stream(reading.county, Covers(ScopeKind.STUDENT, str(child_id)))
    streams = [child_id, posts, *(row.stream for row in reading.rows(linked))]
    found = read_readable(log, streams, up_to=position)
    facts = [recorded for recorded in found.events if recorded.event.occurred_on <= as_of]
    return sorted(facts, key=_order), sorted(found.broken.values())


def _order(recorded: RecordedEvent) -> tuple[date, int]:
    return recorded.event.occurred_on, recorded.position


def entry(recorded: RecordedEvent) -> Entry:
    """One recorded fact as a line of the timeline."""
    event = recorded.event
    return Entry(
        event=event.TOPIC,
        title=event.TITLE,
        occurred_on=event.occurred_on,
        recorded_at=from_micros(recorded.recorded_at),
        actor=event.actor,
        position=recorded.position,
        data={name: _plain(getattr(event, name)) for name in _own_fields(type(event))},
    )


@cache
def _own_fields(kind: type[DomainEvent]) -> tuple[str, ...]:
    return tuple(name for name in kind.__struct_fields__ if name not in _ENVELOPE)


def _plain(value: Any) -> Any:
    """A JSON value; most are one already."""
    if value is None or type(value) in (str, int, bool):
        return value
    return msgspec.json.decode(msgspec.json.encode(value))
