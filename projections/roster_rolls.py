"""Which class expected a child at its roll call, and from when to when?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Integer, bindparam, or_, select

from ckbx.domain.child.status import ON_ROLL
from ckbx.eventlog.selects import Prepared, among
from projections.kit.reading import Reading
from projections.kit.tables import POSITION
from projections.roster_tables import NAME, PLACES


class RollStay(NamedTuple):
    """A stretch in which a class expects a child at its roll call (ordinals, end excluded)."""

    class_key: str
    first: int
    until: int | None

    def within(self, days: Iterable[int]) -> Iterator[int]:
        """Those of the days (ordinals) that fall into it."""
        return (d for d in days if self.first <= d and (self.until is None or d < self.until))


def on_roll_since(
    reading: Reading, children: Iterable[UUID], since: date, position: int
) -> dict[UUID, list[RollStay]]:
    """Which class expected each child, and when, from a day on as known at a position, oldest
    first. No personal data: no scope.
    """
    known = reading.at(NAME, position)
    query, of = _roll_stays(past=known is not None), {"since": since.toordinal()}
    found: dict[UUID, list[RollStay]] = {}
    for row in reading.ask(query, sorted(children), position=known, **of):
        until = row.valid_to if known is None else PLACES.end_at(row.valid_to, row.pos_end, known)
        if until is None or until > of["since"]:
            stay = RollStay(row.class_key, row.valid_from, until)
            found.setdefault(row.child, []).append(stay)
    return found


@cache
def _roll_stays(*, past: bool) -> Prepared:
    place = PLACES.c
    lasts = or_(place.valid_to.is_(None), place.valid_to > bindparam("since", None, Integer()))
    return Prepared(
        select(place.child, place.class_key, place.valid_from, place.valid_to, place.pos_end)
        .where(
            among(place.child),
            *PLACES.believed(POSITION if past else None),
            *(() if past else (lasts,)),
            place.class_key.is_not(None),
            or_(*(place.status == each.value for each in sorted(ON_ROLL))),
        )
        .order_by(place.child, place.valid_from)
    )
