"""县季度复核: what could be drawn, what was drawn, and what did the re-checks find?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Column, LargeBinary, Text, and_, select

from ckbx.clock import from_micros
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.recheck.events import ItemRechecked, Pick, RecheckDrawn
from ckbx.domain.recheck.recheck import CLOSURE
from ckbx.domain.recheck.sampling import Quarter
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.codec import decode_event, encode_event
from ckbx.eventlog.ports import RecordedEvent
from projections import cases, roster
from projections.cases_tables import CASES
from projections.kit.fold import Fold
from projections.kit.projection import Handler, Projection
from projections.kit.reading import Reading
from projections.kit.tables import AnyTable, PlainTable, Position, child
from projections.leave import decisions
from projections.scope import Scope

NAME, VERSION = "rechecks", 1
LEAVES = (TrackingStatus.EXEMPTED, TrackingStatus.HOME_TAUGHT, TrackingStatus.SUSPENDED)
"""Leaves that are all looked at again (domain §6): 免学, 送教, 休学."""

FACTS = PlainTable(
    f"{NAME}_facts",
    key=(child("stream"), Column("position", Position)),
    values=(
        Column("recorded_at", Position, nullable=False),
        Column("quarter", Text, nullable=False),
        Column("topic", Text, nullable=False),
        Column("state", LargeBinary, nullable=False),
    ),
)
"""Draws and results as recorded; ``state``: the stored bytes."""


def _kept(fold: Fold, event: Any, position: int) -> None:
    values = (fold.recorded_at, event.quarter, event.TOPIC, encode_event(event))
    fold[FACTS].put((event.originator_id.bytes, position), values)


HANDLERS: Mapping[type[DomainEvent], Handler] = {RecheckDrawn: _kept, ItemRechecked: _kept}


def _keys(batch: Sequence[RecordedEvent]) -> Mapping[AnyTable, Iterable[Any]]:
    named = [r for r in batch if type(r.event) in HANDLERS]
    return {FACTS: [(r.event.originator_id.bytes, r.position) for r in named]}


PROJECTION = Projection(NAME, VERSION, (FACTS,), HANDLERS, keys=_keys)


class Drawable(msgspec.Struct, frozen=True, kw_only=True):
    """What may be drawn for a quarter, as of a day and position."""

    closures: list[Pick]
    leaves: list[Pick]


class RecheckRow(msgspec.Struct, frozen=True, kw_only=True):
    """A drawn item and its latest result (None: not looked at yet). ``draw`` is the number of
    the draw; ``earlier``: how many results stand before the latest.
    """

    quarter: str
    draw: int
    seed: str
    drawn_on: date
    drawn_by: str
    population: int
    drawn: int
    item: str
    kind: str
    child: UUID
    school_code: str | None
    class_key: str | None
    grade: int | None
    agrees: bool | None
    checked_on: date | None
    checked_by: str | None
    recorded_at: datetime | None
    evidence_ref: str | None
    earlier: int


def drawable(
    reading: Reading, scope: Scope, quarter: Quarter, *, as_of: date, position: int
) -> Drawable:
    """Cases closed in the quarter by the day, and leaves that stood in it."""
    first, last = quarter.first_day.toordinal(), min(quarter.last_day, as_of).toordinal()
    which = and_(CASES.c.closed_on >= first, CASES.c.closed_on <= last)
    closed = cases.cases_on(reading, scope, as_of=as_of, position=position, which=which)
    leaves = [
        row
        for row in decisions(reading, scope, as_of, position, all_=True)
        if row.kind in LEAVES
        and row.until >= quarter.first_day
        and row.effective_from <= min(quarter.last_day, as_of)
        and (row.ended_on is None or row.ended_on > quarter.first_day)
    ]
    return Drawable(
        closures=[Pick(item=str(c.case.id), kind=CLOSURE, child=c.case.child) for c in closed],
        leaves=[Pick(item=row.decision, kind=row.kind.value, child=row.child) for row in leaves],
    )


def draws(
    reading: Reading, scope: Scope, *, as_of: date, position: int, quarter: str | None = None
) -> list[RecheckDrawn]:
    """Every draw by a day as known at a position; none for a scope that is not the county:
    a draw names the whole population.
    """
    if not scope.everything:
        return []
    return _draws(_facts(reading, as_of, position, quarter))


def rechecks(
    reading: Reading, scope: Scope, *, as_of: date, position: int, quarter: str | None = None
) -> list[RecheckRow]:
    """Every drawn item in scope, by quarter, draw, kind, school and item. The scope is that of
    the child's place on the day.
    """
    facts = list(_facts(reading, as_of, position, quarter))
    made = _draws(facts)
    results: dict[tuple[str, str], list[RecordedEvent]] = {}
    for fact in facts:
        event: Any = fact.event
        if isinstance(event, ItemRechecked):
            results.setdefault((event.quarter, event.item), []).append(fact)
    wanted = dict.fromkeys(pick.child for draw in made for pick in draw.picks)
    places = roster.place_of(reading, scope, wanted, as_of=as_of, position=position)
    rows = [
        _row(draw, pick, places[pick.child], results.get((draw.quarter, pick.item), []))
        for draw in made
        for pick in draw.picks
        if pick.child in places
    ]
    return sorted(rows, key=lambda r: (r.quarter, r.draw, r.kind, r.school_code or "", r.item))


def _row(
    draw: RecheckDrawn, pick: Pick, place: roster.Place, results: Sequence[RecordedEvent]
) -> RecheckRow:
    last = results[-1] if results else None
    found: Any = last.event if last else None
    of_kind = draw.closures if pick.kind == CLOSURE else draw.leaves
    return RecheckRow(
        quarter=draw.quarter,
        draw=draw.number,
        seed=draw.seed,
        drawn_on=draw.occurred_on,
        drawn_by=draw.actor,
        population=len(of_kind),
        drawn=sum((each.kind == CLOSURE) == (pick.kind == CLOSURE) for each in draw.picks),
        item=pick.item,
        kind=pick.kind,
        child=pick.child,
        school_code=place.school,
        class_key=place.class_key,
        grade=place.grade,
        agrees=found.agrees if found else None,
        checked_on=found.occurred_on if found else None,
        checked_by=found.actor if found else None,
        recorded_at=from_micros(last.recorded_at) if last else None,
        evidence_ref=found.evidence_ref if found else None,
        earlier=max(len(results) - 1, 0),
    )


def _draws(facts: Iterable[RecordedEvent]) -> list[RecheckDrawn]:
    return [fact.event for fact in facts if isinstance(fact.event, RecheckDrawn)]


def _facts(
    reading: Reading, as_of: date, position: int, quarter: str | None
) -> Iterable[RecordedEvent]:
    c = FACTS.c
    query = select(c.position, c.recorded_at, c.topic, c.state).where(c.position <= position)
    if quarter is not None:
        query = query.where(c.quarter == quarter)
    for at, recorded_at, topic, state in reading.rows(query.order_by(c.position)):
        event = decode_event(topic, bytes(state))
        if event.occurred_on <= as_of:
            yield RecordedEvent(at, recorded_at, event)
