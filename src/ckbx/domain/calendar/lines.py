"""Which events does one line of a calendar file cause, and when is it refused?

A line that changes nothing causes none: importing a file twice is harmless. Dates in the
future are the rule here, so nothing is refused for being ahead of ``ctx.today``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

import msgspec

from ckbx.domain.calendar.book import CalendarBook, Term
from ckbx.domain.calendar.county_calendars import CountyCalendars
from ckbx.domain.calendar.errors import (
    DayOutsideSchoolYear,
    LineEmpty,
    LineIncomplete,
    TermEndsBeforeStart,
    TermOutsideSchoolYear,
    TermOverlaps,
    YearConfirmedByCountyOnly,
    YearNotNamed,
)
from ckbx.domain.calendar.events import (
    ClosureDeclared,
    MakeUpDaySet,
    TermName,
    TermSet,
    YearConfirmed,
)
from ckbx.domain.shared.event import CommandContext, DomainEvent

LineKind = Literal["closure", "holiday", "make_up", "confirmed"]
Planned = tuple[type[DomainEvent], dict[str, Any]]


class CalendarLine(msgspec.Struct, frozen=True, kw_only=True):
    """One row, its words already understood. ``school`` None: the whole county.

    A row may carry a term (``first_day`` and ``last_day``), a day (``day`` and ``kind``) or
    both. ``note_ref`` names the vault row that holds 说明; it is not compared, so a line
    that differs only in its note changes nothing.
    """

    school: str | None = None
    school_year: int | None = None
    term: TermName | None = None
    first_day: date | None = None
    last_day: date | None = None
    day: date | None = None
    kind: LineKind | None = None
    timetable_of: date | None = None
    note_ref: str | None = None


def calendar_commands(
    existing: CountyCalendars, line: CalendarLine, ctx: CommandContext
) -> list[DomainEvent]:
    """The events of one line, already applied to ``existing``; none when nothing changes.

    All events go to one stream, the county's or the school's. ``occurred_on`` is
    ``ctx.today``: the day it was entered. Raises a subclass of LineRefused, and then
    nothing was applied.
    """
    book = existing.book(line.school)
    planned = _plan_term(existing.county_book, book, line) + _plan_day(existing, book, line)
    if not planned and _is_empty(line):
        raise LineEmpty
    for event_class, fields in planned:
        book.trigger_event(event_class, ctx, occurred_on=ctx.today, **fields)
    return book.collect_events()


def _is_empty(line: CalendarLine) -> bool:
    return line.first_day is None and line.day is None and line.kind is None


def _plan_term(county: CalendarBook, book: CalendarBook, line: CalendarLine) -> list[Planned]:
    if line.first_day is None and line.last_day is None:
        return []
    if line.first_day is None or line.last_day is None:
        raise LineIncomplete(missing="开始" if line.first_day is None else "结束")
    if line.school_year is None or line.term is None:
        raise LineIncomplete(missing="学年" if line.school_year is None else "学期")
    term = Term(line.school_year, line.term, line.first_day, line.last_day)
    _check_term(term, county.terms | book.terms)
    if book.terms.get((term.school_year, term.name)) == term:
        return []
    fields = {"first_day": term.first_day, "last_day": term.last_day, "school": line.school}
    return [(TermSet, {"school_year": term.school_year, "term": term.name, **fields})]


def _check_term(term: Term, others: Mapping[tuple[int, TermName], Term]) -> None:
    dates = {"first_day": term.first_day, "last_day": term.last_day}
    if term.last_day < term.first_day:
        raise TermEndsBeforeStart(**dates)
    starts_in = term.school_year + (term.name == "spring")
    first, last = school_year_bounds(term.school_year)
    if not first <= term.first_day <= term.last_day <= last or term.first_day.year != starts_in:
        raise TermOutsideSchoolYear(title=term.title, **dates)
    for other in others.values():
        before = other.rank < term.rank and other.last_day < term.first_day
        after = other.rank > term.rank and term.last_day < other.first_day
        if other.rank != term.rank and not (before or after):
            raise TermOverlaps(
                title=term.title,
                other=other.title,
                first_day=other.first_day,
                last_day=other.last_day,
            )


def school_year_bounds(school_year: int) -> tuple[date, date]:
    """First and last day a line of a school year may name.

    1 August to 31 August: schools that open in the last days of August belong to the
    year that begins with them (the school year proper is 1 September to 31 August).
    """
    return date(school_year, 8, 1), date(school_year + 1, 8, 31)


def _plan_day(existing: CountyCalendars, book: CalendarBook, line: CalendarLine) -> list[Planned]:
    if line.kind is None:
        if line.day is not None:
            raise LineIncomplete(missing="类型")
        return []
    if line.kind == "confirmed":
        return _plan_confirmation(existing, line)
    if line.day is None:
        raise LineIncomplete(missing="日期")
    _check_in_school_year(line.day, line.school_year)
    known = book.lines.get(line.day)
    if known and (known.kind, known.timetable_of) == (line.kind, line.timetable_of):
        return []
    fields = {"day": line.day, "school": line.school, "note_ref": line.note_ref}
    if line.kind == "make_up":
        return [(MakeUpDaySet, {**fields, "timetable_of": line.timetable_of})]
    return [(ClosureDeclared, {**fields, "kind": line.kind})]


def _check_in_school_year(day: date, school_year: int | None) -> None:
    if school_year is None:
        return
    first, last = school_year_bounds(school_year)
    if not first <= day <= last:
        raise DayOutsideSchoolYear(day=day, school_year=f"{school_year}-{school_year + 1}")


def _plan_confirmation(existing: CountyCalendars, line: CalendarLine) -> list[Planned]:
    if line.school is not None:
        raise YearConfirmedByCountyOnly(school=line.school)
    calendar = existing.for_school(None)
    unknown = [year for year in _years_meant(line) if calendar.is_unknown_year(year)]
    if len(unknown) > 1:
        raise YearNotNamed
    return [(YearConfirmed, {"year": year}) for year in unknown]


def _years_meant(line: CalendarLine) -> tuple[int, ...]:
    """The year of 日期; where that is empty, both calendar years of 学年."""
    if line.school_year is None:
        if line.day is None:
            raise YearNotNamed
        return (line.day.year,)
    both = (line.school_year, line.school_year + 1)
    if line.day is None:
        return both
    if line.day.year not in both:
        raise DayOutsideSchoolYear(day=line.day, school_year=f"{both[0]}-{both[1]}")
    return (line.day.year,)
