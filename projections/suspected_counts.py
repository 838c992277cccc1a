"""How many unexplained days has a suspicion, and since when does the child attend again?"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache, lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BindParameter, Select, and_, func, or_, select

from ckbx.eventlog.selects import Prepared, among
from projections.kit.reading import Reading
from projections.kit.tables import DAY, POSITION
from projections.suspected_tables import DAYS, EPISODES, HALVES, NAME, SPANS

_MANY: Final = 500


def unexplained_days(
    reading: Reading, children: Collection[UUID], day: int, position: int
) -> dict[tuple[UUID, int], int]:
    """Unexplained days of each episode up to a day (of a closed one: up to its end)."""
    known = reading.at(NAME, position)
    e, d = EPISODES.c, DAYS.c
    half = _half_days(known, day)
    query = (
        select(d.child, e.episode, func.count())
        .join(EPISODES.table, e.child == d.child)
        .outerjoin(half, and_(half.c.class_key == d.class_key, half.c.day == d.day))
        .where(
            *DAYS.believed(known),
            *EPISODES.believed(known),
            d.day >= e.first_absent_on,
            d.day <= day,
            or_(e.closed_on.is_(None), d.day < e.closed_on),
            half.c.day.is_(None),
        )
        .group_by(d.child, e.episode)
    )
    found: dict[tuple[UUID, int], int] = {}
    for chunk in _chunks(children):
        rows = reading.rows(query.where(d.child.in_(chunk)))
        found |= {(child, episode): count for child, episode, count in rows}
    return found


def unexplained_dates(
    reading: Reading, children: Collection[UUID], day: int, position: int
) -> dict[UUID, list[int]]:
    """The unexplained days of each child up to a day, oldest first."""
    known = reading.at(NAME, position)
    found: dict[UUID, list[int]] = {}
    query = _dates(past=known is not None)
    for child, each in reading.ask(query, children, day=day, position=known):
        found.setdefault(child, []).append(each)
    return found


def away_at_least(
    reading: Reading, children: Collection[UUID], day: int, position: int, number: int
) -> set[UUID]:
    """Those of the children who may have so many unexplained days up to a day: days of which
    the other half is not reported are counted, too.
    """
    query = _many_days(reading.at(NAME, position), day, number)
    return {
        child
        for chunk in _chunks(children)
        for (child,) in reading.rows(query.where(DAYS.c.child.in_(chunk)))
    }


@lru_cache(maxsize=16)
def _many_days(known: int | None, day: int, number: int) -> Select[tuple[UUID]]:
    d = DAYS.c
    query = select(d.child).where(*DAYS.believed(known), d.day <= day)
    return query.group_by(d.child).having(func.count() >= number)


@cache
def _dates(*, past: bool) -> Prepared:
    known = POSITION if past else None
    d, half = DAYS.c, _half_days(known, DAY)
    return Prepared(
        select(d.child, d.day)
        .outerjoin(half, and_(half.c.class_key == d.class_key, half.c.day == d.day))
        .where(*DAYS.believed(known), d.day <= DAY, half.c.day.is_(None), among(d.child))
        .order_by(d.day)
    )


def attending_spans(
    reading: Reading, children: Collection[UUID], day: int, position: int
) -> dict[tuple[UUID, int], list[tuple[int, int | None]]]:
    """From which days on each suspected child counted in 在校 again, and the day that ended
    it (None: it lasts), by child and episode, oldest first.
    """
    known = reading.at(NAME, position)
    many = len(children) > _MANY  # few suspects ever attend again: all of them are soon read
    query = _spans(past=known is not None, listed=not many)
    rows = reading.ask(query, None if many else children, day=day, position=known)
    found: dict[tuple[UUID, int], list[tuple[int, int | None]]] = {}
    asked = set(children)
    for child, episode, counted, until in rows:
        if child in asked:
            found.setdefault((child, episode), []).append((counted, until))
    return found


@cache
def _spans(*, past: bool, listed: bool) -> Prepared:
    s = SPANS.c
    query = (
        select(s.child, s.episode, s.counted_from, s.until)
        .where(*SPANS.believed(POSITION if past else None), s.counted_from <= DAY)
        .order_by(s.counted_from)
    )
    return Prepared(query.where(among(s.child)) if listed else query)


def _half_days(known: int | BindParameter[int] | None, day: int | BindParameter[int]) -> Any:
    """Class-days of which exactly one half is reported."""
    h = HALVES.c
    query: Select[Any] = (
        select(h.class_key, h.day)
        .where(*HALVES.believed(known), h.day <= day)
        .group_by(h.class_key, h.day)
        .having(func.count() == 1)
    )
    return query.subquery()


def attending_since(
    reading: Reading, children: Collection[UUID], day: int, position: int
) -> dict[tuple[UUID, int], int]:
    """Since when each suspected child attends again, where it counts in 在校 on the day."""
    s = SPANS.c
    lasts = or_(s.until.is_(None), s.until > day)
    query = select(s.child, s.episode, s.since).where(
        *SPANS.believed(reading.at(NAME, position)), s.counted_from <= day, lasts
    )
    found: dict[tuple[UUID, int], int] = {}
    for chunk in _chunks(children):
        rows = reading.rows(query.where(s.child.in_(chunk)))
        found |= {(child, episode): since for child, episode, since in rows}
    return found


def _chunks(children: Collection[UUID]) -> Iterator[list[UUID]]:
    listed = list(children)
    for start in range(0, len(listed), _MANY):
        yield listed[start : start + _MANY]
