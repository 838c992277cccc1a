"""All calendars of a county: the county's lines, each school's own, and the working days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from ckbx.domain.calendar.book import CalendarBook, calendar_stream
from ckbx.domain.calendar.errors import CalendarYearUnknown
from ckbx.domain.calendar.holidays import DayKind, HolidayData, plain_kind
from ckbx.domain.calendar.school_calendar import ONE_DAY, SchoolCalendar, school_calendar
from ckbx.domain.shared.event import DomainEvent


class CountyCalendars:
    """Folded from calendar events in order of recording, county and schools mixed.

    To know what the calendar was as known on a day, fold only what was recorded by then.
    """

    __slots__ = ("_cache", "_schools", "county", "county_book", "data")

    def __init__(self, county: str, data: HolidayData) -> None:
        self.county = county
        self.data = data
        self.county_book = CalendarBook(calendar_stream(county))
        self._schools: dict[str, CalendarBook] = {}
        self._cache: dict[str | None, tuple[tuple[int, int], SchoolCalendar]] = {}

    def replay(self, events: Iterable[DomainEvent]) -> CountyCalendars:
        """Fold recorded events; returns itself."""
        for event in events:
            self.book(getattr(event, "school", None)).replay([event])
        return self

    def streams(self, schools: Iterable[str] = ()) -> list[UUID]:
        """The streams to load: the county's and those of the schools."""
        own = (calendar_stream(self.county, school) for school in schools)
        return [self.county_book.id, *own]

    def book(self, school: str | None) -> CalendarBook:
        """The lines of a school, or of the county (None); an empty book where there are none."""
        if school is None:
            return self.county_book
        book = self._schools.get(school)
        if book is None:
            book = CalendarBook(calendar_stream(self.county, school), school)
            self._schools[school] = book
        return book

    def schools_with_lines(self) -> list[str]:
        """Codes of the schools that have a calendar stream, in order."""
        return sorted(code for code, book in self._schools.items() if book.version)

    def for_school(self, school: str | None) -> SchoolCalendar:
        """The calendar of a school (None: of the county), cached until a line is added.

        Schools without lines of their own share one calendar.
        """
        book = self._schools.get(school) if school else None
        key = school if book is not None and book.version else None
        versions = (self.county_book.version, book.version if book and key else 0)
        cached = self._cache.get(key)
        if cached is None or cached[0] != versions:
            own = book if key else None
            cached = (versions, school_calendar(self.data, self.county_book, own))
            self._cache[key] = cached
        return cached[1]

    def awaiting_county(self, school: str) -> list[date]:
        """Days a school reported as closed that the county has not answered, oldest first."""
        book, calendar = self.book(school), self.for_school(school)
        days = (day for day, state in book.taps.items() if state == "reported")
        return sorted(day for day in days if calendar.is_school_day(day) is not False)

    def is_working_day(self, day: date) -> bool | None:
        """Whether public offices work (行政强制法 69: 工作日, 不含法定节假日); None: unknown.

        By the State Council's notice; in a year only the county has confirmed, by the
        county's own 放假 and 补课 lines. 停课 closes schools, not offices.
        """
        if day.year not in self.county_book.years:
            return self.data.kind_of(day).has_lessons
        line = self.county_book.lines.get(day)
        if line and line.kind != "closure":
            return line.kind == "make_up"
        return plain_kind(day) is DayKind.SCHOOL

    def add_working_days(self, day: date, n: int) -> date:
        """The n-th (n ≥ 1) working day after ``day``. Raises CalendarYearUnknown."""
        while n > 0:
            day += ONE_DAY
            works = self.is_working_day(day)
            if works is None:
                raise CalendarYearUnknown(year=day.year)
            n -= works
        return day
