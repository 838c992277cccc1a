"""Who was in a sixth grade of a primary school and is still in its class in the seventh?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import or_, select

from ckbx.domain.shared.identifiers import SchoolKind, school_kind
from ckbx.domain.shared.ids import finished_from, split_class_key
from ckbx.scheduling.watch_tables import CLASSES, EPISODES, SPELLS, STAYS
from projections.kit.reading import Reading

PRIMARY_YEARS = 6
CHUNK = 400


class Sixth(NamedTuple):
    """A child of a primary class past its sixth grade. Ordinals; ``last`` exclusive (None:
    still there). ``handled``: since when somebody has it in hand (a case, a leave, a transfer
    under way), None when nobody has.
    """

    child: UUID
    class_key: str
    first: int
    last: int | None
    handled: int | None


def past_sixth(class_key: str) -> date:
    """The first day on which a class is in its seventh grade."""
    return date(split_class_key(class_key)[1] + PRIMARY_YEARS, 9, 1)


def left_behind(reading: Reading, horizon: date, today: date) -> dict[str, list[Sixth]]:
    """Children of primary classes past their sixth grade since the horizon, by school."""
    keys = [key for (key,) in reading.rows(select(CLASSES.c.class_key).order_by("class_key"))]
    wanted = [
        key
        for key in keys
        if school_kind(key) is SchoolKind.PRIMARY
        and past_sixth(key) <= today
        and finished_from(key) > horizon
    ]
    found: dict[str, list[Sixth]] = defaultdict(list)
    for start in range(0, len(wanted), CHUNK):
        rows = list(_stays(reading, wanted[start : start + CHUNK], horizon))
        handled = _handled(reading, [child for child, *_ in rows], today)
        for child, key, first, last in rows:
            each = Sixth(child, key, first, last, handled.get(child))
            found[split_class_key(key)[0]].append(each)
    return dict(found)


def _stays(
    reading: Reading, keys: Sequence[str], horizon: date
) -> Iterator[tuple[UUID, str, int, int | None]]:
    c = STAYS.c
    query = select(c.child, c.class_key, c.first, c.last).where(
        c.class_key.in_(keys), or_(c.last.is_(None), c.last > horizon.toordinal())
    )
    yield from map(tuple, reading.rows(query.order_by(c.class_key, c.child, c.first)))


def _handled(reading: Reading, children: Sequence[UUID], today: date) -> dict[UUID, int]:
    """Since when (ordinal) a case is open, or a leave or a transfer stands."""
    spell, episode, since = SPELLS.c, EPISODES.c, today.toordinal()
    found: dict[UUID, int] = {}
    for start in range(0, len(children), CHUNK):
        part = children[start : start + CHUNK]
        rows = [
            *reading.rows(
                select(spell.child, spell.began).where(
                    spell.child.in_(part), spell.ended.is_(None), spell.began <= since
                )
            ),
            *reading.rows(
                select(episode.child, episode.suspected_on).where(
                    episode.child.in_(part), episode.suspected_on <= since
                )
            ),
        ]
        for child, day in rows:
            found[child] = min(day, found.get(child, day))
    return found
