"""Which children are in a scope on a day, without all that is known of each: for pages of many."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select

from ckbx.domain.child.status import TERMINAL
from projections.kit_reading import Reading
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
) -> dict[Class, list[UUID]]:
    """The same children as :func:`projections.roster.children_of` gives, in no order."""
    known, place = reading.at(NAME, position), PLACES.c
    query = select(place.child, place.school, place.class_key, place.grade)
    seen_by: dict[str, Any] = {
        "school": place.school,
        "villages": (place.village, place.residence),
        "class_key": place.class_key,
        "child": place.child,
    }
    current = place.pos_to.is_(None) if known is None else None
    query = within(query.where(*PLACES.known(as_of, known)), scope, **seen_by, repeat=current)
    if not all_:
        query = query.where(place.status.not_in(_TERMINAL))
    found: dict[Class, list[UUID]] = {}
    for child, *where in reading.rows(query):
        found.setdefault(Class(*where), []).append(child)
    return found
