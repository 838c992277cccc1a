"""Which children are in a scope on a day, without all that is known of each: for pages of many."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, false, func, or_, select

from ckbx.domain.child.status import TERMINAL
from projections.kit.reading import Reading
from projections.roster_tables import NAME, PLACES
from projections.scope import Scope, within

_TERMINAL = [each.value for each in TERMINAL]


class Class(NamedTuple):
    """Where children are; ``grade`` as registered, which counts where they are in no class."""

    school: str | None
    class_key: str | None
    grade: int | None


def by_class(
    reading: Reading, scope: Scope, *, as_of: date, position: int, all_: bool = False
) -> dict[Class, int]:
    """How many of the children that :func:`projections.roster.children_of` gives are where."""
    place = PLACES.c
    where = (place.school, place.class_key, place.grade)
    query = _asked(reading, select(*where, func.count()), scope, as_of, position, all_=all_)
    return {Class(*where): number for *where, number in reading.rows(query.group_by(*where))}


def of_classes(
    reading: Reading,
    scope: Scope,
    classes: Collection[Class],
    *,
    as_of: date,
    position: int,
    all_: bool = False,
) -> dict[Class, list[UUID]]:
    """Those of some classes, in no order."""
    place = PLACES.c
    columns = (place.school, place.class_key, place.grade)
    listed = [
        and_(*(c.is_not_distinct_from(value) for c, value in zip(columns, one, strict=True)))
        for one in classes
    ]
    query = select(place.child, *columns).where(or_(false(), *listed))
    if all(one.class_key for one in classes):  # what the index can be searched by
        query = query.where(place.class_key.in_({one.class_key for one in classes}))
    query = _asked(reading, query, scope, as_of, position, all_=all_)
    found: dict[Class, list[UUID]] = {}
    for child, *where in reading.rows(query):
        found.setdefault(Class(*where), []).append(child)
    return found


def _asked(
    reading: Reading,
    query: Select[Any],
    scope: Scope,
    as_of: date,
    position: int,
    *,
    all_: bool,
) -> Select[Any]:
    known, place = reading.at(NAME, position), PLACES.c
    seen_by: dict[str, Any] = {
        "school": place.school,
        "villages": (place.village, place.residence),
        "class_key": place.class_key,
        "child": place.child,
    }
    current = place.pos_to.is_(None) if known is None else None
    query = within(query.where(*PLACES.known(as_of, known)), scope, **seen_by, repeat=current)
    return query if all_ else query.where(place.status.not_in(_TERMINAL))
