"""What do the roll calls say of the children of many cases? One read a question, not a case."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date
from functools import cache
from uuid import UUID

from ckbx.clock import from_micros, local_day
from ckbx.domain.calendar.errors import CalendarRefusal
from ckbx.domain.case.codes import CaseKind
from ckbx.domain.case.deadlines import Attendance, SchoolDays
from ckbx.domain.case.outcome_events import ChildReturned
from ckbx.domain.case.spans import consolidation_end
from projections import cases, roll_call_completeness
from projections.cases import CaseOnDay
from projections.kit_reading import Reading
from projections.roll_call_completeness import CountyLines
from projections.suspected_counts import attending_spans, unexplained_dates


class Days:
    """How days are counted for each school, every step of a calendar taken once."""

    def __init__(self, lines: CountyLines) -> None:
        self._lines = lines
        self._made: dict[int, SchoolDays] = {}
        self._working = cache(lines.calendars.add_working_days)

    def of(self, school: str | None) -> SchoolDays:
        """The school's (None: the county's)."""
        calendar = self._lines.calendars.for_school(school)
        made = self._made.get(id(calendar))
        if made is None:
            made = SchoolDays(
                cache(calendar.add_school_days),
                self._working,
                cache(lambda back_on: consolidation_end(calendar.terms, back_on)),
            )
            self._made[id(calendar)] = made
        return made


def attendance(
    reading: Reading,
    found: Sequence[CaseOnDay],
    lines: CountyLines,
    *,
    as_of: date,
    position: int,
) -> dict[UUID, Attendance]:
    """By case, up to the day."""
    children = list(dict.fromkeys(each.case.child for each in found))
    day = as_of.toordinal()
    away = unexplained_dates(reading, children, day, position)
    spans = attending_spans(reading, children, day, position)
    back = [each for each in found if each.case.returned is not None]
    told = _told(reading, back, as_of, position)
    rung = cases.alarms(reading, [each.case.child for each in back], as_of=as_of, position=position)
    said = {}
    for each in found:
        case = each.case
        known = away.get(case.child, [])
        missed = [
            date.fromordinal(d)
            for d in known[bisect_left(known, case.first_absent_on.toordinal()) :]
        ]
        if case.kind is CaseKind.OUT_OF_SCHOOL and not each.place.class_key:
            missed = _every_day(lines, each, as_of)
        returned = case.returned.on if case.returned else None
        said[case.id] = Attendance(
            unexplained=missed,
            reported=told.get(case.id, []),
            alarms=[d for d in rung.get(case.child, []) if returned and d >= returned],
            attending=[
                (date.fromordinal(first), date.fromordinal(until) if until else None)
                for first, until in spans.get((case.child, case.episode), [])
            ],
        )
    return said


def _every_day(lines: CountyLines, each: CaseOnDay, as_of: date) -> list[date]:
    """Nobody has seen a child that never came to a class."""
    calendar = lines.calendars.for_school(each.place.school)
    try:
        return calendar.school_days(each.case.first_absent_on, as_of)
    except CalendarRefusal:
        return []


def _told(
    reading: Reading, back: Sequence[CaseOnDay], as_of: date, position: int
) -> dict[UUID, list[date]]:
    """Days since each return on which the class reported with the child on its roll."""
    since = {each.case.id: _expected_from(reading, each) for each in back}
    if not since:
        return {}
    keys = {each.place.class_key for each in back if each.place.class_key}
    reported = roll_call_completeness.reported_days(
        reading, keys, min(since.values()), as_of, position=position
    )
    found = {}
    for each in back:
        first = since[each.case.id].toordinal()
        days = reported.get(each.place.class_key or "", [])
        found[each.case.id] = [date.fromordinal(day) for day in days if day >= first]
    return found


def _expected_from(reading: Reading, each: CaseOnDay) -> date:
    """A child that was off the roll is expected from the day its return was recorded."""
    fact = next(f for f in reversed(each.facts) if isinstance(f.event, ChildReturned))
    on = fact.event.occurred_on
    if each.case.determined is None:
        return on
    return max(on, local_day(from_micros(fact.recorded_at), reading.zone))
