"""How many children live where, without walking over all of them?

Kept are differences: of those with a home on a day, how many more (or fewer) are there than the
day before? Their sum up to a day is the number on that day, so that what happens to one child
touches its own days alone, and a new day changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import IntEnum
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import func, select

from ckbx.domain.child.status import TERMINAL, TrackingStatus
from ckbx.eventlog.selects import Prepared
from projections.kit import Handler
from projections.kit_fold import Fold, HistoryRow
from projections.kit_reading import Reading
from projections.kit_tables import DAY
from projections.roster_tables import HOMES, PLACES, PlaceValues

TOWNSHIP_DIGITS: Final = 9
_TERMINAL: Final = frozenset(each.value for each in TERMINAL)
_SUSPECTED: Final = TrackingStatus.SUSPECTED.value
_Differences = dict[tuple[int, str, str, int], int]


class Standing(IntEnum):
    """What a township's figures tell apart of a child that is asked about."""

    OTHER = 0
    SUSPECTED = 1
    SUSPECTED_ATTENDING = 2


class Homes(NamedTuple):
    """So many children with these region codes of 户籍 and home (9 digits; empty: unknown)."""

    village: str
    residence: str
    standing: Standing
    children: int


def counting(handler: Handler) -> Handler:
    """A handler of events about one child's places that keeps :data:`HOMES` as well."""

    def count_too(fold: Fold, event: Any, position: int) -> None:
        child = event.originator_id.bytes
        before = _differences(fold[PLACES].rows(child))
        handler(fold, event, position)
        after = _differences(fold[PLACES].rows(child))
        if after != before:
            _add(fold, before, after)

    return count_too


def homes_on(reading: Reading, as_of: date) -> list[Homes]:
    """The children asked about on a local day as believed now, by home and standing."""
    found = reading.ask(_sums(), day=as_of.toordinal())
    return [Homes(village, home, Standing(kind), n) for village, home, kind, n in found if n]


def standing_of(status: str, *, attending: bool) -> Standing:
    """Of a child with a tracking status; ``attending``: a suspect that counts in 在校 again."""
    if status != _SUSPECTED:
        return Standing.OTHER
    return Standing.SUSPECTED_ATTENDING if attending else Standing.SUSPECTED


def _add(fold: Fold, before: _Differences, after: _Differences) -> None:
    homes = fold[HOMES]
    for key in before.keys() | after.keys():
        change = after.get(key, 0) - before.get(key, 0)
        if not change:
            continue
        stands = homes.get(key)
        number = change + (stands[0] if stands is not None else 0)
        if number:
            homes.put(key, (number,))
        else:
            homes.drop(key)


def _differences(rows: Iterable[HistoryRow]) -> _Differences:
    """What one child adds, by day, home and standing."""
    found: _Differences = {}
    for row in rows:
        place = PlaceValues._make(row.values)
        if place.status in _TERMINAL:
            continue
        standing = standing_of(place.status, attending=place.attending_since is not None)
        home = _township(place.village), _township(place.residence), int(standing)
        began = row.first, *home
        found[began] = found.get(began, 0) + 1
        if row.last is not None:
            ended = row.last, *home
            found[ended] = found.get(ended, 0) - 1
    return found


def _township(code: str | None) -> str:
    return (code or "")[:TOWNSHIP_DIGITS]


@cache
def _sums() -> Prepared:
    c = HOMES.c
    of = c.village, c.residence, c.standing
    return Prepared(select(*of, func.sum(c.more).label("more")).where(c.day <= DAY).group_by(*of))
