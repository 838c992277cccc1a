"""What was applied for, said and decided for a child, and how is a disabled child placed?

Applications and placements are replayed from their own facts by the domain's classes, so that
a list says what the page of a child says. Names and typed words stand in the vault.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Column, LargeBinary, Text, select

from ckbx.domain.leave import events as ev
from ckbx.domain.leave.application import LeaveApplication
from ckbx.domain.placement import events as pl
from ckbx.domain.placement.placement import ChildPlacement
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.codec import decode_event, encode_event
from ckbx.eventlog.ports import RecordedEvent
from projections import roster
from projections.kit.fold import Fold
from projections.kit.projection import Handler, Projection
from projections.kit.reading import Reading
from projections.kit.tables import AnyTable, PlainTable, Position, child
from projections.scope import Scope

NAME, VERSION = "applications", 1
_MANY: Final = 500

FACTS = PlainTable(
    f"{NAME}_facts",
    key=(child(), Column("position", Position)),
    values=(
        Column("recorded_at", Position, nullable=False),
        Column("topic", Text, nullable=False),
        Column("state", LargeBinary, nullable=False),
    ),
)
"""Every fact of a child's applications and of its placement; ``state``: the stored bytes."""

OF_APPLICATION: tuple[type[DomainEvent], ...] = (
    ev.LeaveApplied,
    ev.SchoolOpinionGiven,
    ev.HospitalPaperGiven,
    ev.CommitteeOpinionGiven,
    ev.LeaveApproved,
    ev.LeaveRefused,
    ev.ApplicationWithdrawn,
    ev.LeaveProlonged,
    ev.LeaveReviewed,
    ev.LeaveEnded,
)
OF_PLACEMENT: tuple[type[DomainEvent], ...] = (
    pl.ChildAssessed,
    pl.PlacementDecided,
    pl.PlacementReviewed,
    pl.PlacementEnded,
    pl.HomeVisitMade,
    pl.HomeVisitVoided,
)


def _kept(fold: Fold, event: Any, position: int) -> None:
    key = (event.child.bytes, position)
    fold[FACTS].put(key, (fold.recorded_at, event.TOPIC, encode_event(event)))


HANDLERS: Mapping[type[DomainEvent], Handler] = dict.fromkeys(
    (*OF_APPLICATION, *OF_PLACEMENT), _kept
)


def _keys(batch: Sequence[RecordedEvent]) -> Mapping[AnyTable, Iterable[Any]]:
    """The rows a batch adds."""
    named = []
    for recorded in batch:
        event: Any = recorded.event
        if type(event) in HANDLERS:
            named.append((event.child.bytes, recorded.position))
    return {FACTS: named}


def _subject(event: Any) -> str:
    return str(event.child)


PROJECTION = Projection(NAME, VERSION, (FACTS,), HANDLERS, keys=_keys, subject=_subject)


class ChildFile(msgspec.Struct, frozen=True, kw_only=True):
    """One child on a day: where it was, its applications in order, its placement (None: never
    assessed nor placed), the facts behind them in order of recording.
    """

    place: roster.Place
    applications: list[LeaveApplication]
    placement: ChildPlacement | None
    facts: list[RecordedEvent]

    def deciding(self, decision: str) -> LeaveApplication | None:
        """The application from which a fact of the child (its id) came."""
        return next(
            (a for a in self.applications if a.granted and a.granted.decision == decision), None
        )


def files_on(
    reading: Reading,
    scope: Scope,
    *,
    as_of: date,
    position: int,
    children: Collection[UUID] | None = None,
) -> dict[UUID, ChildFile]:
    """The files of a day as known at a position, of every child in scope that has one.

    A visit that was recorded by mistake never was, as soon as that is known.
    """
    known = _known(reading, position, children)
    places = roster.place_of(reading, scope, known, as_of=as_of, position=position)
    found = {}
    for who, place in places.items():
        facts = [each for each in known[who] if _holds(each.event, as_of)]
        if facts:
            found[who] = _file(place, facts)
    return found


def _holds(event: DomainEvent, as_of: date) -> bool:
    return event.occurred_on <= as_of or isinstance(event, pl.HomeVisitVoided)


def _known(
    reading: Reading, position: int, children: Collection[UUID] | None
) -> dict[UUID, list[RecordedEvent]]:
    c = FACTS.c
    query = select(FACTS.table).where(c.position <= position).order_by(c.child, c.position)
    rows: list[Any] = []
    if children is None:
        rows += reading.rows(query)
    else:
        listed = list(children)
        for start in range(0, len(listed), _MANY):
            rows += reading.rows(query.where(c.child.in_(listed[start : start + _MANY])))
    found: dict[UUID, list[RecordedEvent]] = {}
    for who, at, recorded_at, topic, state in rows:
        fact = RecordedEvent(at, recorded_at, decode_event(topic, bytes(state)))
        found.setdefault(who, []).append(fact)
    return found


def _file(place: roster.Place, facts: list[RecordedEvent]) -> ChildFile:
    applications: dict[UUID, LeaveApplication] = {}
    placement: ChildPlacement | None = None
    for fact in facts:
        event = fact.event
        stream = event.originator_id
        if type(event) in OF_PLACEMENT:
            placement = placement or ChildPlacement(stream)
            placement.replay([event])
        else:
            application = applications.setdefault(stream, LeaveApplication(stream))
            application.replay([event])
    listed = sorted((a for a in applications.values() if a.exists), key=lambda a: a.number)
    return ChildFile(place=place, applications=listed, placement=placement, facts=facts)
