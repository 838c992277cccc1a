"""重点关注名单: who is on it on a day, since when, and for which reason?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Column, Integer, Text, select

from ckbx.domain.child.focus_codes import FocusReason
from ckbx.domain.child.focus_events import FocusEnded, FocusListed
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.ports import RecordedEvent
from projections import roster
from projections.kit.fold import Fold
from projections.kit.projection import Handler, Projection
from projections.kit.reading import Reading
from projections.kit.tables import AnyTable, PlainTable, Position, child
from projections.scope import Scope

NAME, VERSION = "focus", 1

FACTS = PlainTable(
    f"{NAME}_facts",
    key=(child(), Column("position", Position)),
    values=(
        Column("day", Integer, nullable=False),
        Column("reason", Text),
        Column("decided_by", Text, nullable=False),
    ),
)
"""By whom a child was put on the list from a day (ordinal) on; taken off where no reason is."""


class FocusRow(msgspec.Struct, frozen=True, kw_only=True):
    """A child on the list. ``decided_by`` is a role."""

    place: roster.Place
    since: date
    reason: FocusReason
    decided_by: str


def _listed(fold: Fold, event: FocusListed, position: int) -> None:
    values = (event.occurred_on.toordinal(), event.reason.value, event.decided_by)
    fold[FACTS].put((event.originator_id.bytes, position), values)


def _ended(fold: Fold, event: FocusEnded, position: int) -> None:
    values = (event.occurred_on.toordinal(), None, event.decided_by)
    fold[FACTS].put((event.originator_id.bytes, position), values)


HANDLERS: Mapping[type[DomainEvent], Handler] = {FocusListed: _listed, FocusEnded: _ended}


def _keys(batch: Sequence[RecordedEvent]) -> Mapping[AnyTable, Iterable[Any]]:
    named = [r for r in batch if type(r.event) in HANDLERS]
    return {FACTS: [(r.event.originator_id.bytes, r.position) for r in named]}


PROJECTION = Projection(NAME, VERSION, (FACTS,), HANDLERS, keys=_keys)


def listed(reading: Reading, scope: Scope, *, as_of: date, position: int) -> list[FocusRow]:
    """Who is on the list on a day, known at a position: by school, class and child."""
    c = FACTS.c
    query = select(c.child, c.day, c.reason, c.decided_by).where(
        c.position <= position, c.day <= as_of.toordinal()
    )
    last: dict[UUID, tuple[int, str, str]] = {}
    for id_, day, reason, role in reading.rows(query.order_by(c.position)):
        last[id_] = (day, reason or "", role)
    standing = {id_: said for id_, said in last.items() if said[1]}
    places = roster.place_of(reading, scope, standing, as_of=as_of, position=position)
    rows = [
        FocusRow(
            place=place,
            since=date.fromordinal(standing[id_][0]),
            reason=FocusReason(standing[id_][1]),
            decided_by=standing[id_][2],
        )
        for id_, place in places.items()
    ]
    return sorted(rows, key=_order)


def _order(row: FocusRow) -> tuple[str, str, bytes]:
    return row.place.school or "", row.place.class_key or "", row.place.child.bytes
