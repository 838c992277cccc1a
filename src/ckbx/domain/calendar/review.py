"""What is doubtful about a calendar that was accepted? Asked once all lines are in.

Looked at after the last line, so that the order of rows in a file makes no difference.
"""

from __future__ import annotations

from datetime import date

import msgspec

from ckbx.domain.calendar.book import CalendarBook
from ckbx.domain.calendar.county_calendars import CountyCalendars
from ckbx.domain.calendar.school_calendar import SchoolCalendar

NOTICE_DUE = (12, 15)
"""Month and day before the unknown year by which the county should have made it known.

The State Council's notice normally appears in November (that of 2026 on 2025-11-04).
"""


class CalendarWarning(msgspec.Struct, frozen=True, kw_only=True):
    """``due_on`` (local date): by when somebody should act, where there is such a day."""

    code: str
    message: str
    school: str | None = None
    day: date | None = None
    due_on: date | None = None


def calendar_warnings(
    calendars: CountyCalendars, *, since: date | None = None
) -> list[CalendarWarning]:
    """Warnings for the county and every school with lines of its own, in that order.

    ``since``: leave out days and years that ended before it (a calendar date).
    """
    found: list[CalendarWarning] = []
    for school in (None, *calendars.schools_with_lines()):
        calendar, book = calendars.for_school(school), calendars.book(school)
        if school is None or book.terms:
            found += _unknown_years(calendar, school)
        found += _lines_outside_terms(calendar, book)
    found += _bare_confirmations(calendars.county_book)
    return [w for w in found if since is None or w.day is None or w.day >= since]


def _unknown_years(calendar: SchoolCalendar, school: str | None) -> list[CalendarWarning]:
    last_of: dict[int, date] = {day.year: day for day in calendar.unknown_days}
    return [
        CalendarWarning(
            code="term_reaches_unknown_year",
            message=(
                f"学期延伸到 {year} 年，该年放假调休安排尚未核定：未点名的日子按“未知”处理，"
                f"不计期限。请在 {year - 1} 年 12 月 15 日前导入该年的放假、补课日和“已核定”"
            ),
            school=school,
            day=last,
            due_on=date(year - 1, *NOTICE_DUE),
        )
        for year, last in last_of.items()
    ]


def _lines_outside_terms(calendar: SchoolCalendar, book: CalendarBook) -> list[CalendarWarning]:
    return [
        CalendarWarning(
            code="line_outside_term",
            message=f"{day} 的登记不在任何学期之内，目前不起作用。请核对日期，或导入该学期的起止",
            school=book.school,
            day=day,
        )
        for day, line in sorted(book.lines.items())
        if calendar.term_of(day) is None and (line.kind == "closure" or book.school)
    ]


def _bare_confirmations(book: CalendarBook) -> list[CalendarWarning]:
    with_holidays = {day.year for day, line in book.lines.items() if line.kind == "holiday"}
    return [
        CalendarWarning(
            code="confirmed_year_without_holidays",
            message=f"{year} 年已核定，却没有一条“放假”：周一至周五将全部按教学日计算。请核对",
            day=date(year, 12, 31),
        )
        for year in sorted(book.years - with_holidays)
    ]
