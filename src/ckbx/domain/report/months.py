"""Which days does a month have, and from when on may its report be signed?"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

from ckbx.domain.report.errors import MonthUnreadable

OPENS_BEFORE = timedelta(days=7)
"""Calendar days before its report day from which a school's report may be signed: time to
sign before a week-end or holiday, and no report at the beginning of a month."""
_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?")


class Month(NamedTuple):
    """A calendar month; its key is ``YYYY-MM``."""

    year: int
    number: int

    @property
    def key(self) -> str:
        """As it stands in stream ids and events."""
        return f"{self.year:04d}-{self.number:02d}"

    @property
    def first_day(self) -> date:
        """The first."""
        return date(self.year, self.number, 1)

    @property
    def last_day(self) -> date:
        """The last day, included."""
        return date(self.year, self.number, monthrange(self.year, self.number)[1])

    @property
    def next(self) -> Month:
        """The month after."""
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def before(self) -> Month:
        """The month before."""
        return month_of(self.first_day - timedelta(days=1))

    def report_day(self, number: int) -> date:
        """The day of the month (1-28) by which its schools report."""
        return date(self.year, self.number, number)

    def opens(self, report_day: int) -> date:
        """The first day on which a school may sign it."""
        return self.report_day(report_day) - OPENS_BEFORE

    def county_day(self, number: int) -> date:
        """The day of the next month by which the county sums it up."""
        return date(self.next.year, self.next.number, number)


def month_of(day: date) -> Month:
    """The month of a day."""
    return Month(day.year, day.month)


def read_month(text: str) -> Month:
    """A month as people write it: 2026-11, 2026/11, 2026年11月. Raises MonthUnreadable."""
    found = _MONTH.fullmatch(text.strip())
    if found is None or not 1 <= int(found[2]) <= 12 or int(found[1]) < 2000:
        raise MonthUnreadable(text=text[:20])
    return Month(int(found[1]), int(found[2]))
