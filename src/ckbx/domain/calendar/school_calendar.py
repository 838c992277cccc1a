"""Is this day a school day of this school, and which is the n-th school day from here?

An immutable value: national holidays, under the county's lines, under the school's own.
A day outside every term is a holiday; a day in a year whose notice is not known is
*unknown* (neither silent nor counted) until a line names it, the county has confirmed the
year, or, for one class, a roll call was sent for it (:meth:`SchoolCalendar.for_class`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from itertools import pairwise

from ckbx.domain.calendar.book import TERM_TITLES, CalendarBook, DayLine, Term
from ckbx.domain.calendar.errors import NotASchoolDay, OutsideTerm, TermNotSet
from ckbx.domain.calendar.events import TermName
from ckbx.domain.calendar.holidays import DayKind, HolidayData, plain_kind
from ckbx.domain.calendar.sequence import DaySequence

ONE_DAY = timedelta(days=1)


class SchoolCalendar:
    """The school days of one school (or of a school without lines of its own: the county).

    Days are local dates. ``terms`` stand in order of time. Build it with
    :func:`school_calendar`; two calls with the same facts give the same answers.
    """

    __slots__ = ("_data", "_kinds", "_lines", "_sequence", "_years", "terms")

    def __init__(
        self,
        terms: Collection[Term],
        lines: Mapping[date, DayLine],
        confirmed_years: Collection[int],
        data: HolidayData,
        reported: Collection[date] = (),
    ) -> None:
        self.terms = tuple(sorted(terms, key=lambda term: (term.first_day, term.rank)))
        self._lines = dict(lines)
        self._years = frozenset(confirmed_years)
        self._data = data
        self._kinds = {day: self._decide(day) for term in self.terms for day in _days_of(term)}
        for day in reported:
            if self._kinds.get(day) is DayKind.UNKNOWN:
                self._kinds[day] = DayKind.SCHOOL
        self._sequence = _sequence(self.terms, self._kinds)

    def for_class(self, reported: Collection[date]) -> SchoolCalendar:
        """The calendar of a class that sent roll calls on these days.

        In an unknown year they are school days of that class; everything else is unchanged.
        """
        if not any(self._kinds.get(day) is DayKind.UNKNOWN for day in reported):
            return self
        return SchoolCalendar(self.terms, self._lines, self._years, self._data, reported)

    # What a day is

    def kind_of(self, day: date) -> DayKind:
        """What the day is; its ``label`` is the Chinese word."""
        return self._kinds.get(day, DayKind.VACATION)

    def is_school_day(self, day: date) -> bool | None:
        """True or False; None: unknown (a year not made known, no line, no roll call)."""
        return self.kind_of(day).has_lessons

    def require_school_day(self, day: date) -> None:
        """Raises OutsideTerm or NotASchoolDay unless lessons may take place (known or 未知)."""
        if self.term_of(day) is None:
            raise OutsideTerm(day=day)
        if self.is_school_day(day) is False:
            raise NotASchoolDay(day=day, kind=self.kind_of(day).label)

    def is_unknown_year(self, year: int) -> bool:
        """True while neither a published notice nor the county has made the year known."""
        return year not in self._data.years and year not in self._years

    def timetable_of(self, day: date) -> date | None:
        """On a make-up day: the day whose lessons are given, where it was said."""
        line = self._lines.get(day)
        return line.timetable_of if line else None

    # Terms

    def term_of(self, day: date) -> Term | None:
        """The term in which the day lies, or None."""
        return next((term for term in self.terms if day in term), None)

    def term(self, school_year: int, name: TermName) -> Term:
        """A term by name. Raises TermNotSet, naming it, when it has not been imported."""
        for term in self.terms:
            if (term.school_year, term.name) == (school_year, name):
                return term
        raise TermNotSet(day=f"{school_year}-{school_year + 1}学年{TERM_TITLES[name]}学期")

    def first_day(self, school_year: int, name: TermName) -> date:
        """T: the first day of the term as set, school day or not. Raises TermNotSet."""
        return self.term(school_year, name).first_day

    def day_of_term(self, school_year: int, name: TermName, n: int) -> date:
        """The n-th (from 1) school day of a term. Raises TermNotSet, CalendarYearUnknown."""
        return self.nth_from(self.first_day(school_year, name), n)

    def week_of_term(self, day: date) -> int:
        """Teaching week, from 1; weeks run Monday to Sunday. Raises OutsideTerm."""
        term = self.term_of(day)
        if term is None:
            raise OutsideTerm(day=day)
        monday = term.first_day - term.first_day.weekday() * ONE_DAY
        return (day - monday).days // 7 + 1

    # Counting school days

    @property
    def school_day_ordinals(self) -> tuple[int, ...]:
        """All known school days as proleptic ordinals, in order."""
        return self._sequence.days

    @property
    def unknown_days(self) -> list[date]:
        """Days within terms of which nobody knows yet whether they are school days."""
        return [date.fromordinal(day) for day in self._sequence.unknown]

    def school_days(self, first: date, last: date) -> list[date]:
        """Known school days from ``first`` to ``last``, both included, in order."""
        return [date.fromordinal(day) for day in self._sequence.slice(first, last)]

    def count(self, first: date, last: date) -> int:
        """How many known school days from ``first`` to ``last``, both included."""
        return self._sequence.count(first, last)

    def count_between(self, start: date, end: date) -> int:
        """School days after ``start`` up to ``end`` (``start`` itself not); negative backwards.

        The inverse of :meth:`add_school_days`.
        """
        if end >= start:
            return self.count(start + ONE_DAY, end)
        return -self.count(end, start - ONE_DAY)

    def index_of(self, day: date) -> int:
        """Place (from 0) among :attr:`school_day_ordinals`. Raises OutsideTerm, NotASchoolDay."""
        self.require_school_day(day)
        if self.is_school_day(day) is None:
            raise NotASchoolDay(day=day, kind=self.kind_of(day).label)
        return self._sequence.count(date.min, day) - 1

    def add_school_days(self, day: date, n: int, *, skip_unknown: bool = False) -> date:
        """The n-th school day after ``day`` (before it for n < 0); n = 0: ``day`` itself.

        ``day`` need not be a school day unless n is 0. Days of an unknown year on the way
        are refused, because the deadline could fall on one of them; ``skip_unknown`` counts
        the known ones only. Raises CalendarYearUnknown, TermNotSet, NotASchoolDay.
        """
        if n == 0:
            self.index_of(day)
            return day
        return self._sequence.step(day, n, skip_unknown=skip_unknown)

    def nth_from(self, first: date, n: int, *, skip_unknown: bool = False) -> date:
        """The n-th (from 1) school day counted from ``first``, which counts if it is one."""
        return self._sequence.step(first - ONE_DAY, n, skip_unknown=skip_unknown)

    def next_school_day(self, day: date) -> date:
        """The first school day after ``day``. Raises CalendarYearUnknown, TermNotSet."""
        return self.add_school_days(day, 1)

    def previous_school_day(self, day: date) -> date:
        """The last school day before ``day``. Raises CalendarYearUnknown, TermNotSet."""
        return self.add_school_days(day, -1)

    def last_school_day(self, day: date) -> date | None:
        """``day`` if it is a known school day, else the last known one before it, else None."""
        before = self._sequence.count(date.min, day)
        return date.fromordinal(self._sequence.days[before - 1]) if before else None

    def window(self, day: date, n: int) -> list[date]:
        """The last ``n`` known school days up to and including ``day`` (fewer at the start)."""
        until = self._sequence.count(date.min, day)
        return [date.fromordinal(d) for d in self._sequence.days[max(0, until - n) : until]]

    def _decide(self, day: date) -> DayKind:
        line = self._lines.get(day)
        if line and line.kind != "make_up":
            return DayKind(line.kind)
        if line:
            plain = plain_kind(day) is DayKind.SCHOOL and day not in self._data.days_off
            return DayKind.SCHOOL if plain else DayKind.MAKE_UP
        if day.year in self._years:
            return plain_kind(day)
        return self._data.kind_of(day)


def school_calendar(
    data: HolidayData, county: CalendarBook, school: CalendarBook | None = None
) -> SchoolCalendar:
    """The calendar of a school; without ``school`` that of a school with no lines of its own.

    A year the county has confirmed follows the county's lines alone, so that a later
    release of the holiday data changes nothing that was settled.
    """
    terms, lines = dict(county.terms), dict(county.lines)
    if school is not None:
        terms |= school.terms
        lines |= school.lines
    return SchoolCalendar(terms.values(), lines, county.years, data)


def school_year_of(day: date) -> int:
    """The school year (named by its autumn) of a day: 1 September to 31 August."""
    return day.year if day.month >= 9 else day.year - 1


def _days_of(term: Term) -> list[date]:
    length = (term.last_day - term.first_day).days + 1
    return [term.first_day + i * ONE_DAY for i in range(length)]


def _sequence(terms: tuple[Term, ...], kinds: Mapping[date, DayKind]) -> DaySequence:
    days = [day.toordinal() for day, kind in kinds.items() if kind.has_lessons]
    unknown = [day.toordinal() for day, kind in kinds.items() if kind is DayKind.UNKNOWN]
    gaps = [
        (before.last_day.toordinal() + 1, after.first_day.toordinal() - 1)
        for before, after in pairwise(terms)
        if after.rank - before.rank > 1
    ]
    return DaySequence(sorted(days), sorted(unknown), gaps)
