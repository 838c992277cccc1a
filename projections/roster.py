"""适龄儿童台账: which children are where, in which status, on a day, as known at a position?

Names and numbers come from the vault at read time, by the caller; here are ids and codes.
Tracking status of a day: the status of its stretch, except that an enrolled child with an
absence spell is absent (domain §3); a child persuaded back stays so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, and_, func, select, true

from ckbx.domain.attendance.marks import Reason, is_unexplained
from ckbx.domain.child.status import TERMINAL, RegisterStatus, TrackingStatus
from ckbx.domain.shared.ids import split_class_key
from ckbx.eventlog.selects import Prepared, among
from projections.kit.reading import Reading
from projections.kit.tables import DAY, POSITION
from projections.roster_counts import at_schools, at_schools_on
from projections.roster_fold import HANDLES, PROJECTION, VERSION
from projections.roster_tables import MARKS, NAME, PLACES
from projections.scope import Scope, visible, within

__all__ = [
    "HANDLES",
    "NAME",
    "PROJECTION",
    "VERSION",
    "Place",
    "SchoolCounts",
    "Stretch",
    "absences",
    "children_of",
    "counts_by_school",
    "in_classes",
    "place_of",
    "status_history",
]

_ENROLLED: Final = TrackingStatus.ENROLLED.value
_ABSENT: Final = TrackingStatus.ABSENT.value
_SUSPECTED: Final = TrackingStatus.SUSPECTED.value
_MANY: Final = 500
_STATUSES: Final = {each.value: each for each in TrackingStatus}
_REGISTERS: Final = {each.value: each for each in RegisterStatus}
_REASONS: Final = {each.value: each for each in Reason}


class Place(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A child on a day. ``since``: first day of the tracking status; ``reason`` of the last
    mark while absent; ``attending_since``: a suspect that counts in 在校 again.
    """

    child: UUID
    school: str | None
    class_key: str | None
    grade: int | None
    village: str | None
    residence: str | None
    status: TrackingStatus
    register_status: RegisterStatus
    since: date
    attending_since: date | None = None
    reason: Reason | None = None


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of one child's history; ``until`` is the first day after it."""

    first: date
    until: date | None
    school: str | None
    class_key: str | None
    status: TrackingStatus
    register_status: RegisterStatus
    reason: Reason | None = None


class Learned(msgspec.Struct, frozen=True):
    """School and class of a child from a day on, until the next stretch begins."""

    first: date
    school: str | None
    class_key: str | None
    grade: int | None


class SchoolCounts(msgspec.Struct):
    """How many children of a school stand in each status (base status: absent children are
    moved from ``enrolled`` to ``absent`` (无故, 未核) or ``on_leave`` (病假, 事假); a leave over
    is ``absent`` until such a mark).
    """

    by_status: dict[TrackingStatus, int]
    on_leave: int = 0
    suspected_attending: int = 0

    def of(self, status: TrackingStatus) -> int:
        """The children in a status."""
        return self.by_status.get(status, 0)


def children_of(
    reading: Reading,
    scope: Scope,
    *,
    as_of: date,
    position: int,
    statuses: Collection[TrackingStatus] | None = None,
    all_: bool = False,
) -> list[Place]:
    """The children in scope on a local day as known at a position, by school, class, id.

    Without ``all_`` those in a terminal status (transferred, graduated …) are left out;
    ``statuses`` keeps only these tracking statuses.
    """
    known = reading.at(NAME, position)
    query = within(_places(as_of, known), scope, **_SEEN_BY, repeat=_current(known))
    if not all_:
        query = query.where(PLACES.c.status.not_in([each.value for each in TERMINAL]))
    found = _with_spells(reading, reading.rows(query), as_of, known)
    kept = [place for place in found if statuses is None or place.status in statuses]
    return sorted(kept, key=_order)


def place_of(
    reading: Reading,
    scope: Scope,
    children: Iterable[UUID] | Select[tuple[UUID]],
    *,
    as_of: date,
    position: int,
) -> dict[UUID, Place]:
    """Where these children (or those of a select) were on a day; one outside the scope, or
    not known then, is not in the answer.
    """
    known = reading.at(NAME, position)
    # Read by the key and decided row by row: with the predicate of the scope beside it the
    # database would rather walk the whole school.
    if isinstance(children, Select):
        rows = reading.rows(_places(as_of, known).where(PLACES.c.child.in_(children)))
    else:
        query = _named_places(past=known is not None)
        asked, day = dict.fromkeys(children), as_of.toordinal()
        rows = reading.ask(query, asked, day=day, position=known)
    seen = rows if scope.everything else [row for row in rows if _sees(scope, row)]
    return {place.child: place for place in _with_spells(reading, seen, as_of, known)}


def learned_at(
    reading: Reading, scope: Scope, children: Iterable[UUID], *, position: int
) -> dict[UUID, list[Learned]]:
    """Where these children learned, oldest first, as known at a position; stretches outside
    the scope are not in the answer.
    """
    place = PLACES.c
    columns = (place.child, place.valid_from, place.school, place.class_key, place.grade)
    query = (
        select(*columns, place.village, place.residence)
        .where(*PLACES.believed(reading.at(NAME, position)))
        .order_by(place.child, place.valid_from)
    )
    found: dict[UUID, list[Learned]] = {}
    for chunk in _chunks(children):
        for row in reading.rows(query.where(place.child.in_(chunk))):
            if _sees(scope, row):
                first = date.fromordinal(row.valid_from)
                stretch = Learned(first, row.school, row.class_key, row.grade)
                found.setdefault(row.child, []).append(stretch)
    return found


def absences(
    reading: Reading, children: Collection[UUID], *, as_of: date, position: int
) -> dict[UUID, list[tuple[int, int | None, Reason]]]:
    """Absence spells that began by a day, by child, oldest first: first day, first day after it
    (ordinals; None: it lasts), reason of the last mark. No personal data: no scope.
    """
    found = _spells(reading, children, as_of, reading.at(NAME, position))
    return {
        child: [(first, end, _REASONS[reason]) for first, end, reason in spells]
        for child, spells in found.items()
    }


def without_school(reading: Reading, scope: Scope, *, as_of: date, position: int) -> int:
    """How many children who should study on a day are in no school."""
    known, gone = reading.at(NAME, position), {*TERMINAL, TrackingStatus.ENROLLED_ELSEWHERE}
    query = within(_places(as_of, known), scope, **_SEEN_BY, repeat=_current(known)).where(
        PLACES.c.school.is_(None), PLACES.c.status.not_in([each.value for each in gone])
    )
    return len(reading.rows(query))


def counts_by_school(
    reading: Reading, scope: Scope, *, as_of: date, position: int
) -> dict[str, SchoolCounts]:
    """Children by school and tracking status; a child without a school is in none."""
    known = reading.at(NAME, position)
    counts: dict[str, SchoolCounts] = {}
    if scope.everything and known is None:
        rows: Sequence[Any] = at_schools_on(reading, as_of)
    else:
        query = within(at_schools(as_of, known), scope, **_SEEN_BY, repeat=_current(known))
        rows = reading.rows(query)
    for school, status, again, number in rows:
        of_school = counts.setdefault(school, SchoolCounts({}))
        key = TrackingStatus(status)
        of_school.by_status[key] = of_school.of(key) + number
        if key is TrackingStatus.SUSPECTED and again:
            of_school.suspected_attending += number
    for school, status, reason, number in _absent_counts(reading, scope, as_of, known):
        _move_to_absent(counts[school], TrackingStatus(status), Reason(reason), number)
    return counts


def in_classes(
    reading: Reading,
    scope: Scope,
    class_keys: Collection[str],
    statuses: Collection[TrackingStatus],
    *,
    as_of: date,
    position: int,
) -> dict[str, int]:
    """How many children of these classes have one of these statuses (an absent child has
    its base status), by school.
    """
    known = reading.at(NAME, position)
    place = PLACES.c
    found: dict[str, int] = {}
    keys = sorted(class_keys)
    for start in range(0, len(keys), _MANY):
        chunk = keys[start : start + _MANY]
        schools = sorted({split_class_key(key)[0] for key in chunk})
        query = (
            select(place.school, func.count())
            .where(
                *PLACES.known(as_of, known),
                place.school.in_(schools),
                place.status.in_([each.value for each in statuses]),
                place.class_key.in_(chunk),
            )
            .group_by(place.school)
        )
        for school, number in reading.rows(
            within(query, scope, **_SEEN_BY, repeat=_current(known))
        ):
            found[school] = found.get(school, 0) + number
    return found


def status_history(
    reading: Reading, scope: Scope, child: UUID, *, as_of: date, position: int
) -> list[Stretch]:
    """The stretches of one child up to a day as known at a position, oldest first.

    Empty when the child's place on the day (or its last one before) is outside the scope.
    """
    known = reading.at(NAME, position)
    place = PLACES.c
    query = (
        select(PLACES.table)
        .where(place.child == child, *PLACES.believed(known), place.valid_from <= as_of.toordinal())
        .order_by(place.valid_from)
    )
    rows = reading.rows(query)
    last = rows[-1] if rows else None
    if last is None or not _sees(scope, last):
        return []
    marks = _spells(reading, [child], as_of, known).get(child, [])
    return [part for row in rows for part in _stretches(row, marks, known)]


def _sees(scope: Scope, row: Any) -> bool:
    villages = (row.village, row.residence)
    return scope.sees(
        school=row.school, villages=villages, class_key=row.class_key, child=row.child
    )


_SEEN_BY: dict[str, Any] = {
    "school": PLACES.c.school,
    "villages": (PLACES.c.village, PLACES.c.residence),
    "class_key": PLACES.c.class_key,
    "child": PLACES.c.child,
}


def _current(known: int | None) -> ColumnElement[bool] | None:
    """What the indexes on villages are limited to, where it is asked."""
    return PLACES.c.pos_to.is_(None) if known is None else None


@lru_cache(maxsize=16)
def _places(as_of: date, known: int | None) -> Select[Any]:
    return _places_where(PLACES.known(as_of, known), MARKS.known(as_of, known))


@cache
def _named_places(*, past: bool) -> Prepared:
    query = _places_where(PLACES.on_day(past=past), MARKS.on_day(past=past))
    return Prepared(query.where(among(PLACES.c.child)))


_Terms = tuple[ColumnElement[bool], ...]


def _places_where(of_place: _Terms, of_mark: _Terms) -> Select[Any]:
    place, mark = PLACES.c, MARKS.c
    spell = and_(mark.child == place.child, *of_mark)
    return (
        select(
            place.child,
            place.school,
            place.class_key,
            place.grade,
            place.village,
            place.residence,
            place.status,
            place.register_status,
            place.since,
            place.attending_since,
            mark.reason,
        )
        .select_from(PLACES.table.outerjoin(MARKS.table, spell))
        .where(*of_place)
    )


def _with_spells(
    reading: Reading, rows: Iterable[Any], as_of: date, known: int | None
) -> list[Place]:
    """Lay the absence spells over: an enrolled child with one is absent, since its first day."""
    listed = list(rows)
    away = [row[0] for row in listed if row[-1] is not None and row.status == _ENROLLED]
    day = as_of.toordinal()
    spells = _spells(reading, away, as_of, known) if away else {}
    began = {child: _first_day(own, day) for child, own in spells.items()}
    return [_place(row, began) for row in listed]


def _place(row: Any, began: dict[UUID, int]) -> Place:
    child, school, class_key, grade, village, residence, status, register, since, again, why = row
    spell = began.get(child)
    away = spell is not None or (status == _ABSENT and why is not None)
    return Place(
        child=child,
        school=school,
        class_key=class_key,
        grade=grade,
        village=village,
        residence=residence,
        status=_STATUSES[status] if spell is None else TrackingStatus.ABSENT,
        register_status=_REGISTERS[register],
        since=date.fromordinal(since if spell is None else max(spell, since)),
        attending_since=None if again is None else date.fromordinal(again),
        reason=_REASONS[why] if away else None,
    )


_Spell = tuple[int, int | None, str]


def _spells(
    reading: Reading, children: Collection[UUID], as_of: date, known: int | None
) -> dict[UUID, list[_Spell]]:
    """Absence spells that began by a day: (first, end, reason), oldest first."""
    query, day = _spells_of(past=known is not None), as_of.toordinal()
    found: dict[UUID, list[_Spell]] = {}
    rows = reading.ask(query, children, day=day, position=known)
    for child, first, valid_to, pos_end, reason in rows:
        end = valid_to if known is None else MARKS.end_at(valid_to, pos_end, known)
        found.setdefault(child, []).append((first, end, reason))
    return found


@cache
def _spells_of(*, past: bool) -> Prepared:
    mark = MARKS.c
    believed = MARKS.believed(POSITION if past else None)
    return Prepared(
        select(mark.child, mark.valid_from, mark.valid_to, mark.pos_end, mark.reason)
        .where(among(mark.child), *believed, mark.valid_from <= DAY)
        .order_by(mark.child, mark.valid_from)
    )


def _first_day(spells: list[_Spell], day: int) -> int:
    """The first day of the absence that covers ``day``, over changes of reason."""
    first: int | None = None
    for began, end, _reason in reversed(spells):
        if first is None:
            if began <= day and (end is None or day < end):
                first = began
        elif end == first:
            first = began
        else:
            break
    return day if first is None else first


def _stretches(row: Any, spells: list[_Spell], known: int | None) -> Iterator[Stretch]:
    last = row.valid_to if known is None else PLACES.end_at(row.valid_to, row.pos_end, known)
    cursor: int | None = row.valid_from
    if row.status == _ENROLLED:
        for began, ended, reason in spells:
            first = max(began, row.valid_from)
            end = last if ended is None or (last is not None and last < ended) else ended
            if cursor is None or (last is not None and first >= last):
                break
            if end is not None and end <= first:
                continue
            if cursor < first:
                yield _stretch(row, cursor, first, None)
            yield _stretch(row, first, end, reason)
            cursor = end
    if cursor is not None and (last is None or cursor < last):
        yield _stretch(row, cursor, last, None)


def _stretch(row: Any, first: int, until: int | None, reason: str | None) -> Stretch:
    return Stretch(
        first=date.fromordinal(first),
        until=date.fromordinal(until) if until is not None else None,
        school=row.school,
        class_key=row.class_key,
        status=TrackingStatus.ABSENT if reason is not None else TrackingStatus(row.status),
        register_status=RegisterStatus(row.register_status),
        reason=Reason(reason) if reason is not None else None,
    )


def _absent_counts(reading: Reading, scope: Scope, as_of: date, known: int | None) -> Iterable[Any]:
    """(school, status, reason, number) of enrolled children, and of those whose leave is
    over, with a spell on the day.
    """
    place, mark = PLACES.c, MARKS.c
    spells = select(mark.child, mark.school, mark.reason).where(*MARKS.known(as_of, known))
    seen: ColumnElement[bool] = true()
    if scope.class_keys or scope.village_codes or scope.children:
        seen = visible(scope, **_SEEN_BY, repeat=_current(known))
    else:
        spells = within(spells, scope, school=mark.school)
    # The few who are away first, then each one's place by its key. As a join the databases would
    # rather walk all places, of a school or of the county (PostgreSQL: four times as long).
    away = spells.cte("away").prefix_with("MATERIALIZED")
    status = (
        select(place.status)
        .where(
            place.child == away.c.child,
            *PLACES.known(as_of, known),
            func.coalesce(place.status, "").in_((_ENROLLED, _ABSENT)),
            func.coalesce(place.school, "") == away.c.school,
            seen,
        )
        .correlate(away)
        .limit(1)
        .scalar_subquery()
    )
    found = select(away.c.school, status.label("status"), away.c.reason).subquery("found").c
    query = (
        select(found.school, found.status, found.reason, func.count())
        .where(found.status.is_not(None))
        .group_by(found.school, found.status, found.reason)
    )
    return reading.rows(query)


def _move_to_absent(
    counts: SchoolCounts, status: TrackingStatus, reason: Reason, number: int
) -> None:
    absent = TrackingStatus.ABSENT
    counts.by_status[status] = counts.of(status) - number
    if is_unexplained(reason):
        counts.by_status[absent] = counts.of(absent) + number
    else:
        counts.on_leave += number


def _order(place: Place) -> tuple[str, str, bytes]:
    return place.school or "", place.class_key or "", place.child.bytes


def _chunks(children: Iterable[UUID]) -> Iterator[list[UUID]]:
    listed = list(dict.fromkeys(children))
    for start in range(0, len(listed), _MANY):
        yield listed[start : start + _MANY]
