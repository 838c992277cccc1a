"""Which days does the made-up year have? Written out by hand, apart from the product's calendar.

What must be told is computed from these lists alone. The notice of 2026 is the published one;
that of 2027 is made up, and the county enters it in December as it would the real one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
BEGINS, ENDS = date(2026, 8, 17), date(2027, 8, 31)
"""The day before T−14 of the autumn opening, and the last day of the school year."""
AUTUMN = (date(2026, 9, 1), date(2027, 1, 22))
SPRING = (date(2027, 3, 1), date(2027, 7, 2))
NEXT_AUTUMN = (date(2027, 9, 1), date(2028, 1, 21))
OFF_2026 = (
    date(2026, 9, 25),  # 中秋
    *(date(2026, 10, day) for day in (1, 2, 5, 6, 7)),  # 国庆
)
LESSONS_2026 = (date(2026, 9, 20), date(2026, 10, 10))
OFF_2027 = (
    date(2027, 1, 1),  # 元旦
    *(date(2027, 2, day) for day in (5, 8, 9, 10, 11)),  # 春节
    date(2027, 4, 5),  # 清明
    *(date(2027, 5, day) for day in (3, 4, 5)),  # 劳动节
    date(2027, 6, 9),  # 端午
)
LESSONS_2027 = (date(2027, 5, 8),)
YEAR_KNOWN = date(2026, 12, 15)
"""The day on which the county enters the days off of 2027."""
_OFF = frozenset((*OFF_2026, *OFF_2027))
_LESSONS = frozenset((*LESSONS_2026, *LESSONS_2027))
_SATURDAY = 5


def _is_working(day: date) -> bool:
    return day in _LESSONS or (day.weekday() < _SATURDAY and day not in _OFF)


def _working(first: date, last: date) -> list[date]:
    days = (first + n * ONE_DAY for n in range((last - first).days + 1))
    return [day for day in days if _is_working(day)]


class Days:
    """Days in order, counted."""

    def __init__(self, days: Sequence[date]) -> None:
        self.days = sorted(days)
        self._all = frozenset(days)

    def after(self, day: date, n: int) -> date:
        """The n-th of these days after a day."""
        return self.days[bisect_right(self.days, day) + n - 1]

    def of(self, first: date, last: date) -> list[date]:
        """Those from a first to a last day, both included."""
        return self.days[bisect_left(self.days, first) : bisect_right(self.days, last)]

    def __contains__(self, day: object) -> bool:
        return day in self._all


SCHOOL = Days([*_working(*AUTUMN), *_working(*SPRING)])
"""Days with lessons."""
WORKING = Days(_working(BEGINS, date(2027, 12, 31)))
"""Days on which public offices work."""


def day_of(term: tuple[date, date], n: int) -> date:
    """The n-th school day of a term, from 1."""
    return SCHOOL.of(*term)[n - 1]
