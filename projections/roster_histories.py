"""Where was each child, stretch by stretch, up to a day as known at a position? (indicators)

The histories of all children who ever belonged to the scope, with their stretches elsewhere:
a transfer is seen only from both sides. What is counted of them is only what the scope sees.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, bindparam, select

from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.indicators.stays import Stay
from ckbx.domain.shared.ids import split_class_key
from ckbx.eventlog.selects import Prepared, among
from projections.kit.reading import Reading
from projections.roster_tables import COHORTS, NAME, PLACES
from projections.scope import Scope, within

_STATUSES: Final = {each.value: each for each in TrackingStatus}


def histories(
    reading: Reading, scope: Scope, *, as_of: date, position: int
) -> dict[UUID, list[Stay]]:
    """Every child's stretches that began by a local day, oldest first."""
    known = reading.at(NAME, position)
    c = PLACES.c
    query = (
        select(
            c.child,
            c.school,
            c.class_key,
            c.grade,
            c.status,
            c.attending_since,
            c.valid_from,
            c.valid_to,
            c.pos_end,
        )
        .where(*PLACES.believed(known), c.valid_from <= as_of.toordinal())
        .order_by(c.child, c.valid_from)
    )
    if not scope.everything:
        query = query.where(c.child.in_(ever_in(reading, scope, position=position)))
    entries: dict[str, int] = {}
    lives: dict[UUID, list[Stay]] = {}
    for child, school, class_key, grade, status, again, first, last, pos_end in reading.rows(query):
        until = last if known is None else PLACES.end_at(last, pos_end, known)
        if class_key and class_key not in entries:
            entries[class_key] = split_class_key(class_key)[1]
        stay = Stay(
            school=school,
            status=_STATUSES[status],
            first=date.fromordinal(first),
            until=None if until is None else date.fromordinal(until),
            entry_year=entries[class_key] if class_key else None,
            grade=grade,
            attends_again=again is not None,
        )
        lives.setdefault(child, []).append(stay)
    return lives


def cohorts(reading: Reading, scope: Scope, *, position: int) -> dict[UUID, int | None]:
    """The school year in which each child reaches grade 1 (None: not known), as registered."""
    c = COHORTS.c
    query = select(c.child, c.cohort).where(c.position <= position)
    if not scope.everything:
        query = query.where(c.child.in_(ever_in(reading, scope, position=position)))
    return {row.child: row.cohort for row in reading.rows(query)}


def registered_sexes(
    reading: Reading, children: Collection[UUID], *, position: int
) -> dict[UUID, str]:
    """The code (GB/T 2261.1) with which each child was registered by a position. No scope: whose
    rows are shown is decided before.
    """
    asked = dict.fromkeys(children)
    return {row.child: row.sex for row in reading.ask(_sexes(), asked, position=position)}


@cache
def _sexes() -> Prepared:
    c = COHORTS.c
    query = select(c.child, c.sex).where(c.position <= bindparam("position"))
    return Prepared(query.where(among(c.child)))


def ever_in(reading: Reading, scope: Scope, *, position: int) -> Select[Any]:
    """The children who belonged to the scope on any day, as believed at a position."""
    c = PLACES.c
    query = select(c.child).where(*PLACES.believed(reading.at(NAME, position)))
    seen: dict[str, Any] = {
        "school": c.school,
        "villages": (c.village, c.residence),
        "class_key": c.class_key,
        "child": c.child,
    }
    return within(query, scope, **seen)
