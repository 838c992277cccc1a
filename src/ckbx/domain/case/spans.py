"""When does the 巩固期 end, and in which stretches of it does a person follow up?"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from ckbx.domain.calendar.book import Term

_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)


def months_after(day: date, months: int) -> date:
    """The same day some months later, cut to the length of that month."""
    index = day.month - 1 + months
    year, month = day.year + index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def consolidation_end(terms: Sequence[Term], back_on: date) -> date | None:
    """The last day of the term after the one of the return (a return in a holiday belongs to
    the term before it); None where that term is not set yet.
    """
    ordered = sorted(terms, key=lambda term: term.first_day)
    later = [term for term in ordered if term.first_day > back_on]
    return later[0].last_day if later else None


def follow_up_days(
    back_on: date, months: int, end: date | None
) -> Iterator[tuple[str, date, date]]:
    """(weekly or monthly, first day, last day) of every stretch in order.

    Weeks from the day after the return until ``months`` months later, then months until
    ``end``; where the end is not known yet the months go on.
    """
    until = months_after(back_on, months)
    if end is not None:
        until = min(until, end)
    first = back_on + _DAY
    while first <= until:
        last = min(first + _WEEK - _DAY, until)
        yield "weekly", first, last
        first = last + _DAY
    n = months
    while end is None or first <= end:
        n += 1
        last = months_after(back_on, n)
        if end is not None:
            last = min(last, end)
        yield "monthly", first, last
        first = last + _DAY
