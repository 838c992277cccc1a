"""What do the roll calls say of the children of many cases? One read a question, not a case."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Final
from uuid import UUID

from ckbx.clock import from_micros, local_day
from ckbx.domain.calendar.errors import CalendarRefusal
from ckbx.domain.case.codes import CaseKind
from ckbx.domain.case.deadlines import Attendance, SchoolDays
from ckbx.domain.case.spans import consolidation_end
from projections import cases, roll_call_completeness
from projections.cases import CaseStand
from projections.kit.reading import Reading
from projections.roll_call_completeness import CountyLines
from projections.roster_rolls import on_roll_since
from projections.suspected_counts import attending_spans, away_at_least, unexplained_dates

_FEW: Final = 20


class Days:
    """How days are counted for each school, every step of a calendar taken once."""

    @staticmethod
    def at(reading: Reading, lines: CountyLines) -> Days:
        """The same for the same lines: they are counted by in many looks."""
        kept: dict[int, tuple[CountyLines, Days]] = reading.keep(("deadlines", "days"), dict)
        known = kept.get(id(lines))
        if known is None or known[0] is not lines:
            kept.clear()
            known = kept[id(lines)] = (lines, Days(lines))
        return known[1]

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
    found: Sequence[CaseStand],
    lines: CountyLines,
    *,
    as_of: date,
    position: int,
) -> dict[UUID, Attendance]:
    """By case, up to the day; a case of which the roll calls say nothing is left out.

    Unexplained days are read of those alone in which persuasion and absence came as far as a
    determination asks: nothing else rests on them.
    """
    day = as_of.toordinal()
    missed = _all_missed(reading, found, lines, as_of, position)
    spans = attending_spans(reading, {each.case.child for each in found}, day, position)
    back = [each for each in found if each.case.returned is not None]
    told = _told(reading, back, as_of, position)
    rung = cases.alarms(reading, {each.case.child for each in back}, as_of=as_of, position=position)
    said = {}
    for each in found:
        case = each.case
        again = spans.get((case.child, case.episode)) if spans else None
        if again is None and case.returned is None and case.id not in missed:
            continue
        returned = case.returned.on if case.returned else None
        said[case.id] = Attendance(
            unexplained=missed.get(case.id, []),
            reported=told.get(case.id, []),
            alarms=[d for d in rung.get(case.child, []) if returned and d >= returned],
            attending=[
                (date.fromordinal(first), date.fromordinal(until) if until else None)
                for first, until in again or ()
            ],
        )
    return said


def _all_missed(
    reading: Reading, found: Sequence[CaseStand], lines: CountyLines, as_of: date, position: int
) -> dict[UUID, list[date]]:
    """The unexplained days since the first absence, by case; of many cases only where there
    are enough of them for a determination.
    """
    pack = cache(lambda on: lines.rules.rules_on(on).pack)
    counted = [
        each
        for each in found
        if each.case.rounds and len(each.case.rounds) >= pack(each.case.suspected_on).dropout_rounds
    ]
    children, day = {each.case.child for each in counted}, as_of.toordinal()
    if len(counted) > _FEW:
        fewest = min(pack(each.case.suspected_on).dropout_days for each in counted)
        children = away_at_least(reading, children, day, position, fewest)
    away = unexplained_dates(reading, children, day, position)
    return {
        each.case.id: _missed(lines, each, away, as_of)
        for each in counted
        if each.case.child in children or each.case.kind is CaseKind.OUT_OF_SCHOOL
    }


def _missed(
    lines: CountyLines, each: CaseStand, away: dict[UUID, list[int]], as_of: date
) -> list[date]:
    case = each.case
    if case.kind is CaseKind.OUT_OF_SCHOOL and not each.place.class_key:
        return _every_day(lines, each, as_of)
    known = away.get(case.child, [])
    first = bisect_left(known, case.first_absent_on.toordinal())
    return [date.fromordinal(day) for day in known[first:]]


def _every_day(lines: CountyLines, each: CaseStand, as_of: date) -> list[date]:
    """Nobody has seen a child that never came to a class."""
    calendar = lines.calendars.for_school(each.place.school)
    try:
        return calendar.school_days(each.case.first_absent_on, as_of)
    except CalendarRefusal:
        return []


def _told(
    reading: Reading, back: Sequence[CaseStand], as_of: date, position: int
) -> dict[UUID, list[date]]:
    """Days since each return on which the class reported with the child on its roll."""
    since = {each.case.id: _expected_from(reading, each) for each in back}
    if not since:
        return {}
    began = min(since.values())
    stays = on_roll_since(reading, {each.case.child for each in back}, began, position)
    keys = {stay.class_key for own in stays.values() for stay in own}
    reported = roll_call_completeness.reported_days(reading, keys, began, as_of, position=position)
    return {
        each.case.id: [
            date.fromordinal(day)
            for stay in stays.get(each.case.child, ())
            for day in stay.within(reported.get(stay.class_key, ()))
            if day >= since[each.case.id].toordinal()
        ]
        for each in back
    }


def _expected_from(reading: Reading, each: CaseStand) -> date:
    """A child that was off the roll is expected from the day its return was recorded."""
    case = each.case
    if case.returned is None or each.back_at is None:
        return date.max
    if case.determined is None:
        return case.returned.on
    return max(case.returned.on, local_day(from_micros(each.back_at), reading.zone))
