"""What does the State Council's notice say about a day, and for which years is it out?

The data comes in as a plain value (``ckbx.calendar_data`` reads the package), so that the
domain neither reads files nor guesses a year whose notice has not been published.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

import msgspec


class DayKind(StrEnum):
    """What a local day is; ``label`` is what a person sees."""

    SCHOOL = "school_day"
    MAKE_UP = "make_up_day"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    CLOSURE = "closure"
    VACATION = "vacation"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def has_lessons(self) -> bool | None:
        """True: a school day; False: not one; None: not known."""
        if self is DayKind.UNKNOWN:
            return None
        return self in (DayKind.SCHOOL, DayKind.MAKE_UP)


_LABELS = {
    DayKind.SCHOOL: "教学日",
    DayKind.MAKE_UP: "调休上课",
    DayKind.WEEKEND: "周末",
    DayKind.HOLIDAY: "节假日",
    DayKind.CLOSURE: "停课",
    DayKind.VACATION: "假期",
    DayKind.UNKNOWN: "未知",
}


class HolidayData(msgspec.Struct, frozen=True):
    """Public holidays and make-up days of the years whose notice is known.

    ``source`` names the data and its version; ``years`` are calendar years; ``days_off`` and
    ``make_up`` map a local day to the Chinese name of the holiday it belongs to.
    """

    source: str
    years: frozenset[int]
    days_off: Mapping[date, str]
    make_up: Mapping[date, str]

    def kind_of(self, day: date) -> DayKind:
        """The nature of a day by the notice alone; UNKNOWN in a year without one."""
        if day.year not in self.years:
            return DayKind.UNKNOWN
        if day in self.days_off:
            return DayKind.HOLIDAY
        if day in self.make_up:
            return DayKind.MAKE_UP
        return plain_kind(day)


def plain_kind(day: date) -> DayKind:
    """A day of the week, holidays left aside: Monday to Friday have lessons."""
    return DayKind.SCHOOL if day.weekday() < 5 else DayKind.WEEKEND


NO_HOLIDAYS = HolidayData("无", frozenset(), {}, {})
