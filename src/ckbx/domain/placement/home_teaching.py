"""Were the visits of a month made? A pure function of the plan, the visits and the calendar.

In a month in which lessons are held on fewer than two thirds of the weekdays (a holiday, the
plan's first or last month) as many visits are due as the share of them says, rounded down;
in any other month all. Months of a calendar year whose holidays nobody made known are not
judged (domain §5).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Final, NamedTuple

from ckbx.domain.calendar.school_calendar import SchoolCalendar

WHOLE: Final = Fraction(2, 3)
ONE_DAY = timedelta(days=1)
_SATURDAY: Final = 5


class TeachingPlan(NamedTuple):
    """How often teachers go, from a first to a last day (included)."""

    visits_per_month: int
    first_day: date
    last_day: date


class Outcome(StrEnum):
    """How a month stands on a day."""

    OPEN = "open"
    KEPT = "kept"
    MISSED = "missed"
    VOID = "void"

    @property
    def label(self) -> str:
        """The Chinese word shown to people."""
        return _OUTCOMES[self]


_OUTCOMES = {
    Outcome.OPEN: "未到期",
    Outcome.KEPT: "完成",
    Outcome.MISSED: "未完成",
    Outcome.VOID: "不计",
}


class Month(NamedTuple):
    """One month: ``planned`` None where its school days are not known."""

    first_day: date
    last_day: date
    planned: int | None
    done: int
    outcome: Outcome


def months(
    plan: TeachingPlan, visits: Iterable[date], calendar: SchoolCalendar, day: date
) -> list[Month]:
    """Every month of the plan up to the one of a day, as it stands on that day."""
    made = list(visits)
    return [
        _month(plan, made, calendar, first, day)
        for first in _firsts(plan.first_day, min(day, plan.last_day))
    ]


def last_of(first: date) -> date:
    """The last day of the month that begins on a day."""
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - ONE_DAY


def _firsts(first: date, last: date) -> Iterator[date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = last_of(month) + ONE_DAY


def _month(
    plan: TeachingPlan, made: list[date], calendar: SchoolCalendar, first: date, day: date
) -> Month:
    last = last_of(first)
    planned = due_in(plan, calendar, first)
    done = sum(1 for on in made if first <= on <= min(last, day))
    if not planned:
        outcome = Outcome.VOID
    elif done >= planned:
        outcome = Outcome.KEPT
    else:
        outcome = Outcome.MISSED if day > last else Outcome.OPEN
    return Month(first, last, planned, done, outcome)


def due_in(plan: TeachingPlan, calendar: SchoolCalendar, first: date) -> int | None:
    """How many visits are due in the month that begins on a day; None where nobody knows."""
    if calendar.is_unknown_year(first.year):
        return None
    last = last_of(first)
    begin, end = max(first, plan.first_day), min(last, plan.last_day)
    lessons = calendar.count(begin, end) if begin <= end else 0
    share = Fraction(lessons, _weekdays(first, last))
    if share >= WHOLE:
        return plan.visits_per_month
    return int(plan.visits_per_month * share)


def _weekdays(first: date, last: date) -> int:
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return sum(1 for day in days if day.weekday() < _SATURDAY)
