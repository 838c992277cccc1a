"""Which terms does the demo county have around today, and what does its 校历 say?"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from ckbx.calendar_data import national_holidays
from ckbx.demo.names import REGION
from ckbx.domain.calendar.events import TermName
from ckbx.domain.calendar.school_calendar import school_year_of

HEADINGS = ("学年", "学期", "开始", "结束", "适用", "日期", "类型", "说明")
_FIXED_DAYS_OFF = (
    (1, 1, 1, "元旦"),
    (4, 5, 1, "清明节"),
    (5, 1, 3, "劳动节"),
    (10, 1, 7, "国庆节"),
)


class DemoTerm(NamedTuple):
    """A term of the demo county; both days included."""

    school_year: int
    name: TermName
    first_day: date
    last_day: date

    def row(self) -> tuple[str, ...]:
        """The line of the calendar file that sets it."""
        year = f"{self.school_year}-{self.school_year + 1}"
        name = "秋季" if self.name == "autumn" else "春季"
        days = (self.first_day.isoformat(), self.last_day.isoformat())
        return (year, name, *days, REGION, "", "", "")


def term(school_year: int, name: TermName) -> DemoTerm:
    """The dates of a term: autumn 1 September to the Friday nearest 22 January, spring the
    first Monday of March to the second Friday of July.
    """
    if name == "autumn":
        end = date(school_year + 1, 1, 22)
        return DemoTerm(school_year, name, date(school_year, 9, 1), _weekday(end, 4))
    first = date(school_year + 1, 3, 1)
    return DemoTerm(school_year, name, _weekday(first, 0), _weekday(date(school_year + 1, 7, 8), 4))


def two_terms(today: date) -> tuple[DemoTerm, DemoTerm]:
    """The last term that has begun by today, and the one before it."""
    year = school_year_of(today)
    last: list[DemoTerm] = [
        term(year - 1, "autumn"),
        term(year - 1, "spring"),
        term(year, "autumn"),
        term(year, "spring"),
    ]
    begun = [each for each in last if each.first_day < today]
    return begun[-2], begun[-1]


def calendar_rows(terms: tuple[DemoTerm, DemoTerm]) -> tuple[list[tuple[str, ...]], list[int]]:
    """The lines of the 校历 and the calendar years that the county had to make known itself.

    Of a year whose notice is not in the installed holiday data the county enters the legal
    holidays on their fixed dates and confirms the year.
    """
    later = terms[1]
    year = later.school_year
    coming = term(year, "spring") if later.name == "autumn" else term(year + 1, "autumn")
    listed = [*terms, coming]
    rows = [each.row() for each in listed]
    known = national_holidays().years
    years = sorted({day.year for t in listed for day in (t.first_day, t.last_day)} - known)
    for year in years:
        for month, day, length, name in _FIXED_DAYS_OFF:
            for offset in range(length):
                off = date(year, month, day) + timedelta(days=offset)
                rows.append(("", "", "", "", REGION, off.isoformat(), "放假", name))
        rows.append(
            ("", "", "", "", REGION, date(year, 1, 1).isoformat(), "已核定", "县教育局核定")
        )
    return rows, years


def _weekday(day: date, weekday: int) -> date:
    """The first day on or after ``day`` with a weekday (0: Monday)."""
    return day + timedelta(days=(weekday - day.weekday()) % 7)
