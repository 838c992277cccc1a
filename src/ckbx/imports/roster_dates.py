"""From which day does a roster count, and when must a child be marked 到校 by name?"""

from __future__ import annotations

from datetime import date

from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.calendar.book import Term
from ckbx.domain.calendar.school_calendar import SchoolCalendar, school_year_of
from ckbx.imports.job import EffectiveInFuture
from ckbx.imports.roster_rows import Dates


class RosterDates:
    """The dates of each school's roster: ``--effective``, else the running term's first day.

    Between terms the term that ended last is the running one. Raises EffectiveInFuture.
    """

    def __init__(self, office: Office, unit: Unit, effective: date | None, today: date) -> None:
        if effective is not None and effective > today:
            raise EffectiveInFuture(day=effective, today=today)
        self._office, self._unit = office, unit
        self._effective, self._today = effective, today
        self._known: dict[str, Dates] = {}
        self._calendars: dict[str, SchoolCalendar] = {}

    def of(self, school: str) -> Dates:
        """The dates of one school."""
        found = self._known.get(school)
        if found is None:
            found = self._known[school] = self._find(school)
        return found

    def term_first_day(self, school: str, day: date) -> date:
        """The first day of the term that a day lies in; the day itself outside all terms."""
        term = self._calendar(school).term_of(day)
        return term.first_day if term else day

    def _calendar(self, school: str) -> SchoolCalendar:
        found = self._calendars.get(school)
        if found is None:
            found = self._office.calendars(self._unit, school).for_school(school)
            self._calendars[school] = found
        return found

    def _find(self, school: str) -> Dates:
        calendar = self._calendar(school)
        if self._effective is not None:
            term = calendar.term_of(self._effective)
            year = term.school_year if term else school_year_of(self._effective)
            return Dates(self._effective, year, explicit=True)
        begun = [term for term in calendar.terms if term.first_day <= self._today]
        if begun:
            return Dates(begun[-1].first_day, begun[-1].school_year, explicit=False)
        return Dates(None, school_year_of(self._today), explicit=False, why=_why(calendar.terms))


def _why(terms: tuple[Term, ...]) -> str:
    if not terms:
        return "还没有导入校历"
    return f"今天还没有开学（{terms[0].title} {terms[0].first_day} 开始）"
