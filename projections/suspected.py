"""疑似辍学学生台账: which children are suspected of having dropped out, since when, until when?

Rows of a day as known at a position. Where a child learns comes from the roster, who works
with it from the responsibility ledger; names come from the vault at read time, by the caller.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, or_, select

from ckbx.domain.calendar.errors import CalendarRefusal
from ckbx.domain.case.case import case_stream
from ckbx.domain.case.deadlines import Deadline
from ckbx.domain.child.status import SuspicionSource, TrackingStatus
from ckbx.domain.responsibility.answer import Holder
from projections import cases, deadlines, responsibility, roster
from projections.kit.projection import Projection
from projections.kit.reading import Reading
from projections.legal_deadlines import of_papers
from projections.roll_call_completeness import CountyLines
from projections.scope import Scope
from projections.suspected_counts import attending_since, unexplained_days
from projections.suspected_fold import HANDLERS, WITHDRAWN, keys, school
from projections.suspected_tables import EPISODES, NAME, TABLES

VERSION = 3
_VERIFY = "verify"
PROJECTION = Projection(NAME, VERSION, TABLES, HANDLERS, keys=keys, school=school)


class SuspectedRow(msgspec.Struct, frozen=True, kw_only=True):
    """One suspicion on a day. Days are local.

    ``first_absent_on``: first day of the run it rests on; ``unexplained_days``: unexplained
    school days from then to the day asked about (a half-reported day is silent);
    ``attending_since``: since when the child attends again, from the third day in a row on;
    ``case_teacher``: account, ``case_teacher_id`` vault subject of who works one-to-one;
    ``due_on``: the last day of what is to be done first in its case, past where that is
    overdue, and ``due`` what it is (one of :data:`projections.deadlines.TO_DO`); None once
    closed, where nothing is left to do, or where the calendar does not say. ``closed_on``:
    first day it no longer held; ``how`` it ended (``cleared``, or the status that followed)
    and with which ``finding``; ``ground_changed``: 依据已变.
    """

    child: UUID
    school_code: str | None
    class_key: str | None
    grade: int | None
    episode: int
    source: SuspicionSource
    first_absent_on: date
    unexplained_days: int
    suspected_on: date
    status: TrackingStatus
    attending_since: date | None
    case_id: UUID | None
    case_teacher: str | None
    case_teacher_id: UUID | None
    due: str | None
    due_on: date | None
    ground_changed: bool
    closed_on: date | None
    how: str | None
    finding: str | None

    @property
    def due_title(self) -> str:
        """What is to be done first, in words; empty where nothing is."""
        return deadlines.TO_DO.get(self.due or "", "")


class Withdrawal(msgspec.Struct, frozen=True):
    """A suspicion that, after a correction, never was (更正撤销)."""

    child: UUID
    episode: int
    suspected_on: date


def suspected(
    reading: Reading, scope: Scope, *, as_of: date, position: int, all_: bool = False
) -> list[SuspectedRow]:
    """The suspicions that hold on a day, by school, class and child.

    ``all_`` adds those that have ended by then; a withdrawn one never was and is in neither
    (see :func:`withdrawals`). The scope is that of the child's place on the day.
    """
    day = as_of.toordinal()
    found = _episodes(reading, day, position, all_=all_)
    children = dict.fromkeys(row.child for row in found)
    places = roster.place_of(reading, scope, children, as_of=as_of, position=position)
    seen = [row for row in found if row.child in places]
    learners = [responsibility.child_place(reading, place) for place in places.values()]
    teachers = responsibility.case_teachers(
        reading, scope, learners, as_of=as_of, position=position
    )
    ledger = _Ledger(
        day=day,
        due=_first_undone(reading, scope, seen, as_of, position),
        places=places,
        counts=unexplained_days(reading, places, day, position),
        attending=attending_since(reading, places, day, position),
        teachers=teachers,
        lines=CountyLines.at(reading, position),
    )
    return sorted((ledger.row(row) for row in seen), key=_order)


def withdrawals(reading: Reading, scope: Scope, *, as_of: date, position: int) -> list[Withdrawal]:
    """Suspicions of a day or before that corrections have taken back, by child."""
    of = [EPISODES.c.how == WITHDRAWN, EPISODES.c.suspected_on <= as_of.toordinal()]
    known = EPISODES.believed(reading.at(NAME, position))
    rows = reading.rows(select(EPISODES.table).where(*of, *known))
    children = dict.fromkeys(row.child for row in rows)
    places = roster.place_of(reading, scope, children, as_of=as_of, position=position)
    gone = [Withdrawal(r.child, r.episode, _day(r.suspected_on)) for r in rows]
    return sorted((w for w in gone if w.child in places), key=_by_child)


class _Ledger(msgspec.Struct, frozen=True):
    """What the rows of one answer share; days as ordinals."""

    day: int
    due: Mapping[tuple[UUID, int], Deadline | None]
    places: Mapping[UUID, roster.Place]
    counts: Mapping[tuple[UUID, int], int]
    attending: Mapping[tuple[UUID, int], int]
    teachers: Mapping[str, Holder]
    lines: CountyLines

    def row(self, found: Any) -> SuspectedRow:
        place, key = self.places[found.child], (found.child, found.episode)
        holds = found.closed_on is None or self.day < found.closed_on
        suspected_on, since = _day(found.suspected_on), self.attending.get(key)
        teacher = self.teachers.get(str(found.child))
        due, due_on = self._due(key, place.school, suspected_on) if holds else (None, None)
        return SuspectedRow(
            child=found.child,
            school_code=place.school,
            class_key=place.class_key,
            grade=place.grade,
            episode=found.episode,
            source=SuspicionSource(found.source),
            first_absent_on=_day(found.first_absent_on),
            unexplained_days=self.counts.get(key, 0),
            suspected_on=suspected_on,
            status=TrackingStatus.SUSPECTED if holds else place.status,
            attending_since=_day(since) if holds and since is not None else None,
            case_id=case_stream(self.lines.calendars.county, found.child, found.episode),
            case_teacher=(teacher.account or None) if teacher else None,
            case_teacher_id=teacher.subject if teacher else None,
            due=due,
            due_on=due_on,
            ground_changed=bool(found.ground_changed),
            closed_on=None if holds else _day(found.closed_on),
            how=None if holds else found.how,
            finding=None if holds else found.finding,
        )

    def _due(
        self, key: tuple[UUID, int], school: str | None, on: date
    ) -> tuple[str | None, date | None]:
        """What is to be done first and its last day; without a case: to verify."""
        if key in self.due:
            first = self.due[key]
            return (first.kind, first.due_on) if first is not None else (None, None)
        due_on = _verify_by(self.lines, school, on)
        return (_VERIFY if due_on else None), due_on


def _first_undone(
    reading: Reading, scope: Scope, rows: Sequence[Any], as_of: date, position: int
) -> dict[tuple[UUID, int], Deadline | None]:
    """What is to be done first in the case of each, papers included, by child and episode."""
    asked = {(row.child, row.episode) for row in rows}
    found = cases.stands_on(reading, scope, as_of=as_of, position=position, which=cases.WORKED_ON)
    found = [each for each in found if (each.case.child, each.case.episode) in asked]
    due = deadlines.due_of(reading, found, as_of=as_of, position=position)
    legal = of_papers(reading, found, as_of=as_of, position=position)
    first: dict[tuple[UUID, int], Deadline | None] = {}
    for each, own in zip(found, due, strict=True):
        listed = [*legal.get(each.case.id, ()), *([own.undone] if own.undone else ())]
        first[each.case.child, each.case.episode] = deadlines.first_undone(listed)
    return first


def _verify_by(lines: CountyLines, school: str | None, suspected_on: date) -> date | None:
    """Until when a suspicion must be verified (核实期限): school days of the child's school
    after it, by the rules in force that day. None where the calendar does not say.
    """
    days = lines.rules.rules_on(suspected_on).pack.verify_within
    try:
        return lines.calendars.for_school(school).add_school_days(suspected_on, days)
    except CalendarRefusal:
        return None


def _episodes(reading: Reading, day: int, position: int, *, all_: bool) -> Sequence[Any]:
    c = EPISODES.c
    holds: ColumnElement[bool] = or_(c.closed_on.is_(None), c.closed_on > day)
    if all_:
        holds = or_(holds, c.how != WITHDRAWN)
    believed = EPISODES.believed(reading.at(NAME, position))
    query = select(EPISODES.table).where(c.suspected_on <= day, holds, *believed)
    return reading.rows(query)


def _day(ordinal: int) -> date:
    return date.fromordinal(ordinal)


def _order(row: SuspectedRow) -> tuple[str, str, bytes, int]:
    return row.school_code or "", row.class_key or "", row.child.bytes, row.episode


def _by_child(row: Withdrawal) -> tuple[bytes, int]:
    return row.child.bytes, row.episode
