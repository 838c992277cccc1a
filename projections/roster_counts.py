"""How many children live where, and stand how at which school, without walking over all of them?

Kept are differences: of those in one place and standing, how many more (or fewer) are there than
the day before? Their sum up to a day is the number on that day, so that what happens to one
child touches its own days alone, and a new day changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from enum import IntEnum
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Column, Select, func, select

from ckbx.domain.child.status import TERMINAL, TrackingStatus
from ckbx.eventlog.selects import Prepared
from projections.kit.fold import Fold, HistoryRow
from projections.kit.projection import Handler
from projections.kit.reading import Reading
from projections.kit.tables import DAY, PlainTable
from projections.roster_tables import HOMES, PLACES, STANDINGS, PlaceValues

TOWNSHIP_DIGITS: Final = 9
_TERMINAL: Final = frozenset(each.value for each in TERMINAL)
_SUSPECTED: Final = TrackingStatus.SUSPECTED.value
_Differences = dict[tuple[PlainTable, tuple[Any, ...]], int]


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


class AtSchool(NamedTuple):
    """So many children of a school in a tracking status (of suspects also: attending again)."""

    school: str
    status: str
    attending: bool
    children: int


def counting(handler: Handler) -> Handler:
    """A handler of events about one child's places that keeps the sums as well."""

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
    found = reading.ask(_homes(), day=as_of.toordinal())
    return [Homes(village, home, Standing(kind), n) for village, home, kind, n in found if n]


def at_schools_on(reading: Reading, as_of: date) -> list[AtSchool]:
    """The children of every school on a local day as believed now, by status."""
    found = reading.ask(_at_schools(), day=as_of.toordinal())
    return [AtSchool(school, status, bool(again), n) for school, status, again, n in found if n]


def at_schools(as_of: date, known: int | None) -> Select[Any]:
    """The same counted child by child, of those whom the caller's scope sees, as believed at a
    position (None: now).
    """
    c = PLACES.c
    of = c.school, c.status, c.attending_since.is_not(None)
    here = *PLACES.known(as_of, known), c.school.is_not(None)
    return select(*of, func.count()).where(*here).group_by(*of)


def standing_of(status: str, *, attending: bool) -> Standing:
    """Of a child with a tracking status; ``attending``: a suspect that counts in 在校 again."""
    if status != _SUSPECTED:
        return Standing.OTHER
    return Standing.SUSPECTED_ATTENDING if attending else Standing.SUSPECTED


def _add(fold: Fold, before: _Differences, after: _Differences) -> None:
    for of in before.keys() | after.keys():
        change = after.get(of, 0) - before.get(of, 0)
        if not change:
            continue
        table, key = of
        rows = fold[table]
        stands = rows.get(key)
        number = change + (stands[0] if stands is not None else 0)
        if number:
            rows.put(key, (number,))
        else:
            rows.drop(key)


def _differences(rows: Iterable[HistoryRow]) -> _Differences:
    """What one child adds, by table and key."""
    found: _Differences = {}
    for row in rows:
        for table, key in _counted_as(PlaceValues._make(row.values)):
            began = table, (row.first, *key)
            found[began] = found.get(began, 0) + 1
            if row.last is not None:
                ended = table, (row.last, *key)
                found[ended] = found.get(ended, 0) - 1
    return found


def _counted_as(place: PlaceValues) -> Iterator[tuple[PlainTable, tuple[Any, ...]]]:
    attending = place.attending_since is not None
    if place.status not in _TERMINAL:
        standing = int(standing_of(place.status, attending=attending))
        yield HOMES, (_township(place.village), _township(place.residence), standing)
    if place.school is not None:
        yield STANDINGS, (place.school, place.status, int(attending))


def _township(code: str | None) -> str:
    return (code or "")[:TOWNSHIP_DIGITS]


@cache
def _homes() -> Prepared:
    c = HOMES.c
    return _sums(HOMES, c.village, c.residence, c.standing)


@cache
def _at_schools() -> Prepared:
    c = STANDINGS.c
    return _sums(STANDINGS, c.school, c.status, c.attending)


def _sums(table: PlainTable, *of: Column[Any]) -> Prepared:
    c = table.c
    return Prepared(select(*of, func.sum(c.more).label("more")).where(c.day <= DAY).group_by(*of))
