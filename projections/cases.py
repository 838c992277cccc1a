"""Which cases are there on a day, and what had been done in each (个案)?

A case is replayed from its own facts by the domain's class, so that a list says what the
page of the case says. Names, causes and typed words stand in the vault, read by the caller.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, and_, func, or_, select

from ckbx.domain.case.case import Case
from ckbx.domain.case.events import (
    CaseOpened,
    CaseRelapsed,
    CaseRelapseWithdrawn,
    CaseRevised,
)
from ckbx.domain.legal.legal_steps import LegalSteps
from ckbx.domain.responsibility.answer import Holder
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.codec import decode_event
from ckbx.eventlog.ports import RecordedEvent
from projections import responsibility, roster
from projections.cases_fold import HANDLERS, keys, school
from projections.cases_tables import ALARMS, CASES, FACTS, NAME, RELAPSED, TABLES
from projections.kit import Projection
from projections.kit_reading import Reading
from projections.scope import Scope

VERSION = 1
PROJECTION = Projection(NAME, VERSION, TABLES, HANDLERS, keys=keys, school=school)
_MANY: Final = 500
_KEPT: Final = 6_000
"""So many replayed cases are kept for later looks (some 20 kB each)."""
_ALWAYS_HELD = (CaseOpened, CaseRevised)
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


class CaseOnDay(msgspec.Struct, frozen=True, kw_only=True):
    """A case as of a day: its state, its legal steps (None: none begun), where the child was,
    the facts of that day and before in order of recording. All are shared: not to be changed.
    """

    case: Case
    steps: LegalSteps | None
    place: roster.Place
    facts: list[RecordedEvent]

    def last(self, kind: type[DomainEvent]) -> Any:
        """The last fact of a kind, None where there is none."""
        found = (fact.event for fact in reversed(self.facts) if type(fact.event) is kind)
        return next(found, None)


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
    (:data:`OPEN`, :data:`WORKED_ON`). The scope is that of the child's place on the day.
    """
    rows = list(_rows(reading, as_of, position, which, children))
    places = roster.place_of(
        reading, scope, {row.child: None for row in rows}, as_of=as_of, position=position
    )
    seen = [row for row in rows if row.child in places]
    stand = _replayed(reading, [row.case_id for row in seen], as_of, position)
    found = [
        CaseOnDay(
            case=stand[row.case_id].case,
            steps=stand[row.case_id].steps,
            place=places[row.child],
            facts=stand[row.case_id].facts,
        )
        for row in seen
    ]
    return sorted(found, key=_order)


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
    c = ALARMS.c
    known = ALARMS.believed(reading.at(NAME, position))
    query = select(c.child, c.day).where(*known, c.day <= as_of.toordinal()).order_by(c.day)
    found: dict[UUID, list[date]] = {}
    for chunk in chunks(children):
        for child, day in reading.rows(query.where(c.child.in_(chunk))):
            found.setdefault(child, []).append(date.fromordinal(day))
    return found


def teachers(
    reading: Reading, scope: Scope, found: Iterable[CaseOnDay], *, as_of: date, position: int
) -> dict[UUID, Holder]:
    """Who works one-to-one with each child on the day, by child."""
    learners = [responsibility.child_place(reading, each.place) for each in found]
    held = responsibility.case_teachers(reading, scope, learners, as_of=as_of, position=position)
    return {UUID(child): holder for child, holder in held.items()}


def facts_of_cases(
    reading: Reading, cases: Collection[UUID], position: int
) -> dict[UUID, list[RecordedEvent]]:
    """What is known of the cases by a position, in order of recording."""
    c = FACTS.c
    query = select(FACTS.table).where(c.position <= position).order_by(c.case_id, c.position)
    found: dict[UUID, list[RecordedEvent]] = {}
    for chunk in chunks(cases):
        for case, at, recorded_at, topic, state in reading.rows(query.where(c.case_id.in_(chunk))):
            fact = RecordedEvent(at, recorded_at, decode_event(topic, bytes(state)))
            found.setdefault(case, []).append(fact)
    return found


def chunks(ids: Collection[UUID]) -> Iterator[list[UUID]]:
    """As many as one select names."""
    listed = list(ids)
    for start in range(0, len(listed), _MANY):
        yield listed[start : start + _MANY]


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


class _Stand(NamedTuple):
    """A case as of a day, replayed from what is known of it."""

    case: Case
    steps: LegalSteps | None
    facts: list[RecordedEvent]


def _replayed(
    reading: Reading, ids: Collection[UUID], as_of: date, position: int
) -> dict[UUID, _Stand]:
    """Each case as of a day. Facts are only ever added, so a case whose last known fact is the
    same is the same: it is replayed once and kept.
    """
    kept: dict[tuple[UUID, int, date], _Stand] = reading.keep((NAME, "replayed"), dict)
    keys = {case: (case, last, as_of) for case, last in _last_known(reading, ids, position)}
    stand = {case: held for case, key in keys.items() if (held := kept.get(key)) is not None}
    facts = facts_of_cases(reading, [id_ for id_ in ids if id_ not in stand], position)
    if len(kept) + len(facts) > _KEPT:
        kept.clear()
    for case, known in facts.items():
        stand[case] = _on_day(case, known, as_of)
        if len(facts) <= _KEPT:
            kept[keys[case]] = stand[case]
    return stand


def _last_known(
    reading: Reading, ids: Collection[UUID], position: int
) -> Iterator[tuple[UUID, int]]:
    c = FACTS.c
    query = select(c.case_id, func.max(c.position)).where(c.position <= position)
    for chunk in chunks(ids):
        named = query.where(c.case_id.in_(chunk)).group_by(c.case_id)
        yield from ((case, last) for case, last in reading.rows(named))


def _on_day(id_: UUID, known: Sequence[RecordedEvent], as_of: date) -> _Stand:
    case, steps = Case(id_), None
    facts = [f for f in known if f.event.occurred_on <= as_of or isinstance(f.event, _ALWAYS_HELD)]
    never = {f.event.next_case for f in known if isinstance(f.event, CaseRelapseWithdrawn)}
    for fact in facts:
        event = fact.event
        if isinstance(event, CaseRelapsed | CaseRelapseWithdrawn) and event.next_case in never:
            continue
        if event.originator_id == case.id:
            case.replay([event])
        else:
            steps = steps or LegalSteps(event.originator_id)
            steps.replay([event])
    return _Stand(case, steps, facts)


def _order(found: CaseOnDay) -> tuple[str, str, bytes, int]:
    place = found.place
    return place.school or "", place.class_key or "", place.child.bytes, found.case.episode
