"""From which day does a roster count, and when must a child be marked 到校 by name?"""

from __future__ import annotations

from datetime import date

from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.calendar.book import Term
from ckbx.domain.calendar.school_calendar import SchoolCalendar, school_year_of
from ckbx.domain.shared.errors import InputRefused, RuleRefusal
from ckbx.imports.job_errors import EffectiveInFuture
from ckbx.imports.roster_rows import Dates

_SHOWN = 4


class EffectiveBeforeTerms(InputRefused):
    """By which school year its grades count is known only from the terms on."""

    code = "effective_before_terms"
    message = (
        "--effective {day} 早于校历里的所有学期（{terms}），不知道年级按哪一学年算。"
        "请改成学期内的日期，或先导入包含这一天的学期的校历（ckbx import calendar）"
    )


class TermsNotBegun(RuleRefusal):
    """No term has begun: a roster counts from the first day of the running one."""

    code = "terms_not_begun"
    message = (
        "今天（{today}）还没有开学（{terms}），不知道花名册从哪一天算起、年级按哪一学年算。"
        "请在 {first} 或之后导入，或先导入上一学期的校历（ckbx import calendar）"
    )


class RosterDates:
    """The dates of each school's roster: ``--effective``, else the running term's first day.

    Between terms the term that ended last is the running one. ``warnings`` says by which
    school year grades were counted where ``--effective`` lies between two. Raises
    EffectiveInFuture.
    """

    def __init__(self, office: Office, unit: Unit, effective: date | None, today: date) -> None:
        if effective is not None and effective > today:
            raise EffectiveInFuture(day=effective, today=today)
        self._office, self._unit = office, unit
        self._effective, self._today = effective, today
        self.warnings: list[str] = []
        self._known: dict[str, Dates] = {}
        self._calendars: dict[str, SchoolCalendar] = {}

    def of(self, school: str) -> Dates:
        """The dates of one school. Raises EffectiveBeforeTerms, TermsNotBegun."""
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
        terms = self._calendar(school).terms
        if self._effective is not None:
            return Dates(self._effective, self._year_of(self._effective, terms), explicit=True)
        begun = [term for term in terms if term.first_day <= self._today]
        if begun:
            return Dates(begun[-1].first_day, begun[-1].school_year, explicit=False)
        if terms:
            first = terms[0].first_day
            raise TermsNotBegun(today=self._today, terms=_named(terms), first=first)
        year = school_year_of(self._today)
        return Dates(None, year, explicit=False, why="还没有导入校历")

    def _year_of(self, day: date, terms: tuple[Term, ...]) -> int:
        """The school year that ``--effective`` lies in; without a calendar that of the date."""
        year = school_year_of(day)
        if not terms:
            return year
        if day < terms[0].first_day:
            raise EffectiveBeforeTerms(day=day, terms=_named(terms))
        begun = [term for term in terms if term.first_day <= day]
        if day in begun[-1]:
            return begun[-1].school_year
        coming = [term for term in terms if term.first_day > day]
        if begun[-1].school_year != (coming[0].school_year if coming else year + 1):
            said = f"--effective {day} 不在学期内，年级按 {year}-{year + 1} 学年计；不对的请改日期"
            if said not in self.warnings:
                self.warnings.append(said)
        return year


def _named(terms: tuple[Term, ...]) -> str:
    """The terms with their days, the first few of many."""
    shown = [f"{term.title} {term.first_day} 至 {term.last_day}" for term in terms[:_SHOWN]]
    return "；".join(shown) + (f" 等 {len(terms)} 个学期" if len(terms) > _SHOWN else "")
