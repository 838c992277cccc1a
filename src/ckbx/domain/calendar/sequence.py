"""Which is the n-th day from here, and how many lie between? Bisection over ordinals.

Knows nothing of schools: ``days`` count, ``unknown`` days may or may not count, ``gaps``
are stretches (first and last ordinal) about which nothing has been set.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date
from typing import NoReturn

from ckbx.domain.calendar.errors import CalendarYearUnknown, TermNotSet


class DaySequence:
    """Sorted ordinals of days that count, with the holes in the knowledge about them."""

    __slots__ = ("days", "gaps", "unknown")

    def __init__(
        self,
        days: Sequence[int],
        unknown: Sequence[int] = (),
        gaps: Sequence[tuple[int, int]] = (),
    ) -> None:
        self.days = tuple(days)
        self.unknown = tuple(unknown)
        self.gaps = tuple(gaps)

    def count(self, first: date, last: date) -> int:
        """Days that count from ``first`` to ``last``, both included; 0 when reversed."""
        low = bisect_left(self.days, first.toordinal())
        return max(0, bisect_right(self.days, last.toordinal()) - low)

    def slice(self, first: date, last: date) -> tuple[int, ...]:
        """The ordinals from ``first`` to ``last``, both included."""
        low = bisect_left(self.days, first.toordinal())
        return self.days[low : bisect_right(self.days, last.toordinal())]

    def step(self, day: date, n: int, *, skip_unknown: bool = False) -> date:
        """The n-th day after ``day`` (n > 0) or before it (n < 0); ``day`` itself never counts.

        Raises CalendarYearUnknown when an unknown day lies on the way (unless
        ``skip_unknown``) or the answer may lie among unknown days; TermNotSet when the way
        leads over a stretch that has not been set, or past everything that has.
        """
        start = day.toordinal()
        if n > 0:
            index = bisect_right(self.days, start) + n - 1
        else:
            index = bisect_left(self.days, start) + n
        if not 0 <= index < len(self.days):
            self._refuse_past_end(day, forward=n > 0)
        found = self.days[index]
        low, high = min(start, found), max(start, found)
        for first, last in self.gaps:
            if low < last and first < high:
                raise TermNotSet(day=day)
        hole = bisect_right(self.unknown, low)
        if not skip_unknown and hole < len(self.unknown) and self.unknown[hole] < high:
            raise CalendarYearUnknown(year=date.fromordinal(self.unknown[hole]).year)
        return date.fromordinal(found)

    def _refuse_past_end(self, day: date, *, forward: bool) -> NoReturn:
        start = day.toordinal()
        holes = [u for u in self.unknown if (u > start if forward else u < start)]
        if holes:
            year = date.fromordinal(holes[0] if forward else holes[-1]).year
            raise CalendarYearUnknown(year=year)
        raise TermNotSet(day=day)
