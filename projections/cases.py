"""Which cases are there on a day, and what had been done in each (个案)?

A case is replayed from its own facts by the domain's class, so that a list says what the
page of the case says. Names, causes and typed words stand in the vault, read by the caller.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, or_, select

from ckbx.domain.responsibility.answer import Holder
from ckbx.eventlog.selects import Prepared, among
from projections import responsibility, roster
from projections.cases_fold import HANDLERS, keys, school
from projections.cases_replay import (
    CaseOnDay,
    CaseStand,
    chunks,
    facts_of_cases,
    replayed,
    unpacked,
)
from projections.cases_tables import ALARMS, CASES, NAME, RELAPSED, STANDS, TABLES
from projections.kit.projection import Projection
from projections.kit.reading import Reading
from projections.kit.tables import DAY, POSITION
from projections.scope import Scope

__all__ = [
    "DROPPED_OUT",
    "NAME",
    "OPEN",
    "PROJECTION",
    "VERSION",
    "WORKED_ON",
    "CaseOnDay",
    "CaseStand",
    "alarms",
    "cases_on",
    "facts_of_cases",
    "returned_before",
    "stands_on",
    "teachers",
    "with_others_of_child",
]

VERSION = 2
PROJECTION = Projection(NAME, VERSION, TABLES, HANDLERS, keys=keys, school=school)
OPEN: ColumnElement[bool] = and_(
    CASES.c.closed_on.is_(None), or_(CASES.c.how.is_(None), CASES.c.how != RELAPSED)
)
"""Not closed (销号) and not gone on in another case."""
WORKED_ON: ColumnElement[bool] = and_(CASES.c.closed_on.is_(None), CASES.c.over_on.is_(None))
"""The work on it goes on."""
DROPPED_OUT: ColumnElement[bool] = or_(
    CASES.c.determined_on.is_not(None), CASES.c.returned_on.is_not(None)
)
"""The county confirmed 辍学, or the child was persuaded back."""


def cases_on(
    reading: Reading,
    scope: Scope,
    *,
    as_of: date,
    position: int,
    which: ColumnElement[bool] | None = None,
    children: Collection[UUID] | None = None,
) -> list[CaseOnDay]:
    """The cases of a day, by school, class, child and episode; ``which``: only these
    (:data:`OPEN`, :data:`WORKED_ON`), ``children``: only theirs. The scope is that of the
    child's place on the day.
    """
    rows = list(_rows(reading, as_of, position, which, children))
    return _on_day(reading, scope, rows, as_of, position)


def with_others_of_child(
    reading: Reading, scope: Scope, case_id: UUID, *, as_of: date, position: int
) -> list[CaseOnDay]:
    """A case and the child's other ones by the day; none where it was not there then."""
    known = reading.at(NAME, position)
    query = _of_child_of(past=known is not None)
    rows = reading.ask(query, case=case_id, day=as_of.toordinal(), position=known)
    return _on_day(reading, scope, rows, as_of, position)


@cache
def _of_child_of(*, past: bool) -> Prepared:
    c, known = CASES.c, CASES.on_day(past=past)
    case = bindparam("case", None, type_=c.case_id.type)
    child = select(c.child).where(c.case_id == case, *known)
    return Prepared(select(c.case_id, c.child, c.episode).where(*known, c.child.in_(child)))


def _on_day(
    reading: Reading, scope: Scope, rows: Sequence[Any], as_of: date, position: int
) -> list[CaseOnDay]:
    places = roster.place_of(
        reading, scope, {row.child: None for row in rows}, as_of=as_of, position=position
    )
    seen = [row for row in rows if row.child in places]
    stood = replayed(reading, [row.case_id for row in seen], as_of, position)
    return sorted((stood[row.case_id].at(places[row.child]) for row in seen), key=_order)


def stands_on(
    reading: Reading,
    scope: Scope,
    *,
    as_of: date,
    position: int,
    which: ColumnElement[bool] | None = None,
) -> list[CaseStand]:
    """As :func:`cases_on`, without the facts and in no order: where thousands of cases are
    counted, each is read as it was packed when its newest fact was folded.
    """
    known = CASES.known(as_of, reading.at(NAME, position))
    wanted = known if which is None else (*known, which)
    c, s = CASES.c, STANDS.c
    query = select(c.case_id, c.child, s.last, s.last_day, s.plain).join(
        STANDS.table, s.case_id == c.case_id
    )
    children = select(c.child).where(*wanted)
    places = roster.place_of(reading, scope, children, as_of=as_of, position=position)
    day = as_of.toordinal()
    packed: list[tuple[UUID, int, roster.Place]] = []
    others: dict[UUID, roster.Place] = {}
    for case, child, last, last_day, plain in reading.rows(query.where(*wanted)):
        place = places.get(child)
        if place is None:
            continue
        if plain and last <= position and last_day <= day:
            packed.append((case, last, place))
        else:
            others[case] = place
    stood = replayed(reading, others, as_of, position)
    rest = [each.at(others[case]) for case, each in stood.items()]
    return [*unpacked(reading, packed), *rest]


def returned_before(
    reading: Reading, found: Iterable[CaseOnDay], *, as_of: date, position: int
) -> set[UUID]:
    """Which of these cases follow another one of the child in which it had come back (二次辍学)."""
    of = {each.case.id: (each.case.child, each.case.episode) for each in found}
    which = CASES.c.returned_on.is_not(None)
    children = {child for child, _ in of.values()}
    back: dict[UUID, int] = {}
    for row in _rows(reading, as_of, position, which, children):
        back[row.child] = min(row.episode, back.get(row.child, row.episode))
    return {id_ for id_, (child, episode) in of.items() if back.get(child, episode) < episode}


def alarms(
    reading: Reading, children: Collection[UUID], *, as_of: date, position: int
) -> dict[UUID, list[date]]:
    """Days by a day on which a child that came back was found away again, oldest first."""
    known = reading.at(NAME, position)
    query = _alarms(past=known is not None)
    found: dict[UUID, list[date]] = {}
    for child, day in reading.ask(query, children, day=as_of.toordinal(), position=known):
        found.setdefault(child, []).append(date.fromordinal(day))
    return found


@cache
def _alarms(*, past: bool) -> Prepared:
    c = ALARMS.c
    believed = ALARMS.believed(POSITION if past else None)
    query = select(c.child, c.day).where(*believed, c.day <= DAY, among(c.child))
    return Prepared(query.order_by(c.day))


def teachers(
    reading: Reading, scope: Scope, found: Iterable[CaseStand], *, as_of: date, position: int
) -> dict[UUID, Holder]:
    """Who works one-to-one with each child on the day, by child."""
    places = [each.place for each in found]
    return responsibility.teachers_of(reading, scope, places, as_of=as_of, position=position)


def _rows(
    reading: Reading,
    as_of: date,
    position: int,
    which: ColumnElement[bool] | None,
    children: Collection[UUID] | None,
) -> Iterator[Any]:
    c = CASES.c
    known = CASES.known(as_of, reading.at(NAME, position))
    query = select(c.case_id, c.child, c.episode).where(*known)
    if which is not None:
        query = query.where(which)
    if children is None:
        yield from reading.rows(query)
        return
    for chunk in chunks(children):
        yield from reading.rows(query.where(c.child.in_(chunk)))


def _order(found: CaseOnDay) -> tuple[str, str, bytes, int]:
    place = found.place
    return place.school or "", place.class_key or "", place.child.bytes, found.case.episode
