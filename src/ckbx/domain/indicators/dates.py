"""On which days do a school year and a term begin and end, for each school?"""

from __future__ import annotations

from datetime import date
from functools import cache

from ckbx.domain.calendar.book import Term
from ckbx.domain.calendar.county_calendars import CountyCalendars
from ckbx.domain.calendar.errors import TermNotSet
from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.indicators.stays import DayOf


class IndicatorDates:
    """The days that indicators of an as-of day rest on.

    学年初 is the first day of the school's autumn term, 1 September where it is not set
    (reference §5.3: base date 9-01). A school without lines of its own follows the county.
    """

    def __init__(self, calendars: CountyCalendars, as_of: date) -> None:
        self._calendars = calendars
        self.as_of = as_of
        self._terms: dict[str | None, Term | None] = {}
        near = school_year_of(as_of)
        years = (near + 1, near, near - 1)
        self.school_year = next(y for y in years if self.year_start(None, y) <= as_of)
        """The last school year that has begun in the county."""

    def year_start(self, school: str | None, school_year: int) -> date:
        """学年初 of a school year (named by its autumn)."""
        try:
            return self._calendars.for_school(school).first_day(school_year, "autumn")
        except TermNotSet:
            return date(school_year, 9, 1)

    def start_of(self, school_year: int) -> DayOf:
        """学年初 of each school; never after the as-of day."""
        return cache(lambda school: min(self.year_start(school, school_year), self.as_of))

    def term(self, school: str | None) -> Term | None:
        """The term of the as-of day; in a vacation the one before."""
        if school not in self._terms:
            terms = self._calendars.for_school(school).terms
            begun = [term for term in terms if term.first_day <= self.as_of]
            self._terms[school] = begun[-1] if begun else None
        return self._terms[school]

    def term_start(self, school: str | None) -> date:
        """期初; the as-of day where no term has begun."""
        term = self.term(school)
        return term.first_day if term is not None else self.as_of

    def term_end(self, school: str | None) -> date:
        """期末: the last day of the term, the as-of day while it runs."""
        term = self.term(school)
        return min(term.last_day, self.as_of) if term is not None else self.as_of

    def end(self, _school: str) -> date:
        """The as-of day."""
        return self.as_of
