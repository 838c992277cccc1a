"""毕业未登记: which schools have a ninth grade of last year still on their books?

A class past its ninth grade expects no roll call, but its children count in 应入学 until 毕业
is recorded. Those suspected, on leave or in transit wait for a person's decision of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import and_, or_, select

from ckbx.domain.responsibility.post import Scope, ScopeKind
from ckbx.domain.shared.ids import finished_from, split_class_key
from ckbx.scheduling.duty import Duty
from ckbx.scheduling.watch_tables import CLASSES, EPISODES, SPELLS, STAYS
from projections.kit.reading import Reading

RULE = "graduation_due"
CHUNK = 400


class Leaver(NamedTuple):
    """A child of a class past its ninth grade: ordinals, ``last`` exclusive (None: still there)."""

    finished: int
    first: int
    last: int | None


def leavers(reading: Reading, horizon: date, today: date) -> dict[str, list[Leaver]]:
    """Children who belonged to a class past its ninth grade since the horizon, by school."""
    keys = [key for (key,) in reading.rows(select(CLASSES.c.class_key).order_by("class_key"))]
    over = {key: day.toordinal() for key in keys if (day := finished_from(key)) <= today}
    found: dict[str, list[Leaver]] = defaultdict(list)
    wanted = sorted(over)
    for start in range(0, len(wanted), CHUNK):
        for key, first, last in _stays(reading, wanted[start : start + CHUNK], horizon):
            if last is None or last > over[key]:
                found[split_class_key(key)[0]].append(Leaver(over[key], first, last))
    return dict(found)


def _stays(
    reading: Reading, keys: Sequence[str], horizon: date
) -> Iterator[tuple[str, int, int | None]]:
    """Stays of these classes, but for those of children that a person has to decide on."""
    c, spell, episode = STAYS.c, SPELLS.c, EPISODES.c
    decided = or_(
        c.child.in_(select(spell.child).where(spell.ended.is_(None))),
        c.child.in_(select(episode.child)),
    )
    query = select(c.class_key, c.first, c.last).where(
        c.class_key.in_(keys),
        or_(c.last > horizon.toordinal(), and_(c.last.is_(None), ~decided)),
    )
    yield from map(tuple, reading.rows(query.order_by(c.class_key, c.first, c.last)))


def unrecorded(
    leaving: Mapping[str, Sequence[Leaver]], horizon: date, today: date
) -> Iterator[Duty]:
    """One duty a school and September, closed on the day on which the last child had left."""
    for school, children in sorted(leaving.items()):
        for year in range(horizon.year, today.year + 1):
            on = date(year, 9, 1)
            there = [
                each
                for each in children
                if each.finished <= on.toordinal() and _there(each, on.toordinal())
            ]
            if there:
                yield _duty(school, on, there, today)


def _there(each: Leaver, day: int) -> bool:
    return each.first <= day and (each.last is None or each.last > day)


def _duty(school: str, on: date, there: Sequence[Leaver], today: date) -> Duty:
    left = [each.last for each in there if each.last is not None]
    over = len(left) == len(there) and max(left) <= today.toordinal()
    return Duty(
        kind=RULE,
        rule=RULE,
        subject=school,
        on=on,
        at=Scope(ScopeKind.SCHOOL, school),
        school=school,
        due_on=on,
        over_on=date.fromordinal(max(left)) if over else None,
        detail={"children": len(there)},
    )
