"""How do cases stand on a day? Read from the log for lists and pages; nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from ckbx.application.cases import (
    Work,
    attended_since_return,
    consolidation_ends,
    deadlines_of,
    missed_follow_ups,
)
from ckbx.application.class_days import away_since, days_of
from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.case.case import Case
from ckbx.domain.case.codes import WORKING, Stage
from ckbx.domain.case.deadlines import Deadline, Outcome
from ckbx.domain.case.errors import CaseUnknown
from ckbx.domain.child.child import Child
from ckbx.domain.rules.rule_pack import RulePack

READER = "system:case_view"


class CaseView(NamedTuple):
    """A case, its child, every deadline that has arisen by the day, and the unexplained days
    since the first absence (school days in order).
    """

    case: Case
    child: Child
    deadlines: list[Deadline]
    unexplained: list[date]

    @property
    def next_due(self) -> Deadline | None:
        """The open duty that falls due first; None where nothing is open."""
        left = (d for d in self.deadlines if d.outcome is Outcome.OPEN and d.due_on is not None)
        return min(left, key=lambda d: (d.due_on, d.kind), default=None)

    @property
    def missed(self) -> int:
        """How many duties were not done in time and not done since."""
        late = (d for d in self.deadlines if d.outcome is Outcome.MISSED)
        return sum(each.evidence is None for each in late)


def look_at_cases(office: Office, cases: Sequence[UUID], day: date) -> list[CaseView]:
    """The cases among these that exist, in the order asked for.

    An office of its own is used, so that nothing another thread decides on is touched.
    """
    own = Office(office.log, office.clock)
    unit = Unit(own.map, own.context(READER, today=day))
    found = [case for case in unit.get_many(dict.fromkeys(cases, Case)).values() if case.exists]
    children = unit.get_many({case.child: Child for case in found})
    views = []
    for case in found:
        child = children[case.child]
        work = Work(own, unit, case, child)
        away = away_since(own, unit, child, case.first_absent_on, day)
        views.append(CaseView(case, child, deadlines_of(work, day), away))
    return views


class BackView(NamedTuple):
    """A case whose return waits to be confirmed: the days attended in a row since, and how
    many are needed.
    """

    case: Case
    attended: list[date]
    needed: int

    @property
    def ready(self) -> bool:
        """Whether the return may be confirmed."""
        return len(self.attended) >= self.needed


def look_at_returns(office: Office, cases: Sequence[UUID], day: date) -> list[BackView]:
    """Those of the cases whose child is back and not confirmed, in the order asked for."""
    own = Office(office.log, office.clock)
    unit = Unit(own.map, own.context(READER, today=day))
    loaded = unit.get_many(dict.fromkeys(cases, Case)).values()
    waiting = [case for case in loaded if case.stage is Stage.RETURNED]
    children = unit.get_many({case.child: Child for case in waiting})
    return [
        BackView(case, *attended_since_return(Work(own, unit, case, children[case.child])))
        for case in waiting
    ]


class GroundView(NamedTuple):
    """What decisions on a case rest on by a ``day``: the unexplained days since the first
    absence, the last attended day of that school year, the days attended since the return, how
    many of these were ``reported``, the first of them in a ``row`` and how many of those are
    ``needed``, the last day of the 巩固期 (None: no return, or no such term yet), the follow-ups
    missed by then, and the rules of the day.
    """

    case: Case
    day: date
    unexplained: list[date]
    last_seen: date | None
    attended: list[date]
    reported: int
    row: list[date]
    needed: int
    until: date | None
    missed: int
    pack: RulePack


def look_at_ground(office: Office, case_id: UUID, day: date) -> GroundView:
    """What the case and the roll calls say by a day. Raises CaseUnknown."""
    own = Office(office.log, office.clock)
    unit = Unit(own.map, own.context(READER, today=day))
    case = unit.get(case_id, Case)
    if not case.exists:
        raise CaseUnknown(case=case_id)
    child = unit.get(case.child, Child)
    work = Work(own, unit, case, child)
    first = date(school_year_of(case.first_absent_on), 9, 1)
    days = days_of(own, unit, child, first)
    seen, back = days.attended(first, day), case.returned
    row, needed = attended_since_return(work)
    return GroundView(
        case=case,
        day=day,
        unexplained=away_since(own, unit, child, case.first_absent_on, day),
        last_seen=seen[-1] if seen else None,
        attended=days.attended(back.on, day) if back else [],
        reported=sum(each <= day for each in days.told(back.on)) if back else 0,
        row=row,
        needed=needed,
        until=consolidation_ends(work) if back else None,
        missed=len(missed_follow_ups(work, day)) if back else 0,
        pack=own.rules(unit, day).pack,
    )


def is_open(case: Case) -> bool:
    """Whether people still have to do with it: worked on, or waiting to be closed."""
    return case.stage in WORKING or case.stage in (Stage.SETTLED, Stage.CONCLUDED)
