"""开学报到: which children on the rolls were seen since a term began, by the roll calls alone?

报到 is a positive fact (domain §11): on the roll of a class-day reported in full and not listed.
A check-in by name is asked for by itself. A child whose
classes reported none of its days is 待核; one excused on the last of them is not 未报到.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from enum import StrEnum
from functools import cache
from uuid import UUID

import msgspec
from sqlalchemy import Text, bindparam, select

from ckbx.domain.attendance.marks import Reason, is_unexplained
from ckbx.domain.child.status import ON_ROLL
from ckbx.eventlog.selects import Prepared, among
from projections import roll_call_completeness, roster
from projections.kit.reading import Reading
from projections.kit.tables import DAY
from projections.roster import Place
from projections.roster_rolls import on_roll_since
from projections.roster_tables import CHECKED_IN
from projections.scope import Scope


class Arrived(StrEnum):
    """What is known of a child at an opening."""

    SEEN = "seen"
    UNSEEN = "unseen"
    EXCUSED = "excused"
    OPEN = "open"

    @property
    def label(self) -> str:
        """The Chinese word shown to people."""
        return _LABELS[self]


_LABELS = {
    Arrived.SEEN: "已报到",
    Arrived.UNSEEN: "未报到",
    Arrived.EXCUSED: "请假",
    Arrived.OPEN: "待核",
}


class Arrival(msgspec.Struct, frozen=True):
    """A child on a roll on the day, and what the roll calls say of it since the term began."""

    place: Place
    state: Arrived


def arrivals(
    reading: Reading, scope: Scope, first: date, *, as_of: date, position: int
) -> list[Arrival]:
    """Every child in scope that a class expects on a local day, by school, class and id.

    ``first``: the first day of the term; days after ``as_of`` are not looked at.
    """
    places = [
        place
        for place in roster.children_of(reading, scope, as_of=as_of, position=position)
        if place.status in ON_ROLL and place.class_key is not None
    ]
    children = [place.child for place in places]
    stays = on_roll_since(reading, children, first, position)
    keys = {stay.class_key for own in stays.values() for stay in own}
    told = roll_call_completeness.reported_days(reading, keys, first, as_of, position=position)
    spells = roster.absences(reading, children, as_of=as_of, position=position)
    found = []
    for place in places:
        days = sorted(
            day
            for stay in stays.get(place.child, ())
            for day in stay.within(told.get(stay.class_key, ()))
        )
        found.append(Arrival(place, _state(days, spells.get(place.child, ()))))
    return found


def checked_in(
    reading: Reading, children: Collection[UUID], term: str, *, as_of: date
) -> set[UUID]:
    """Who of the children was checked in by name in a term by a local day, as known now."""
    found = reading.ask(_by_name(), children, term=term, day=as_of.toordinal())
    return {child for (child,) in found}


@cache
def _by_name() -> Prepared:
    c, term = CHECKED_IN.c, bindparam("term", None, type_=Text())
    return Prepared(select(c.child).where(among(c.child), c.term == term, c.day <= DAY))


def _state(days: list[int], spells: list[tuple[int, int | None, Reason]] | tuple[()]) -> Arrived:
    """``days``: those on which its class reported on it, oldest first."""
    marks = [_mark(day, spells) for day in days]
    if not marks:
        return Arrived.OPEN
    last = marks[-1]
    if last is None or not all(marks):
        return Arrived.SEEN
    return Arrived.UNSEEN if is_unexplained(last) else Arrived.EXCUSED


def _mark(day: int, spells: list[tuple[int, int | None, Reason]] | tuple[()]) -> Reason | None:
    """Why it was away that day; None: it was there."""
    return next(
        (why for first, end, why in spells if first <= day and (end is None or day < end)), None
    )
