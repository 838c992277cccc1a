"""At which instants can anything fall due while the facts stand still?

Duties depend on the local day and, for some, on an hour of the rule pack. Between two of these
instants the same facts owe the same duties: a look there finds nothing new. A day begins just
after its midnight, which still belongs to the day before (``run_due``).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ckbx.clock import local_day, local_instant
from ckbx.domain.rules.rule_book import RuleBook

MIDNIGHT = "00:00"
SMALLEST = timedelta(microseconds=1)


def hours_of(rules: RuleBook, day: date) -> list[str]:
    """The wall-clock times (``HH:MM``) of a local day at which something may fall due."""
    pack = rules.rules_on(day).pack
    return sorted(
        {
            MIDNIGHT,
            pack.roll_call_due,
            pack.opening_silent_at,
            pack.silent_rise_at,
            pack.rise_at,
            pack.opening_close_at,
        }
    )


def instants(rules: RuleBook, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    """Every such UTC instant after one, in order, without end."""
    day = local_day(after, zone)
    while True:
        for hour in hours_of(rules, day):
            at = local_instant(day, time.fromisoformat(hour), zone)
            if hour == MIDNIGHT:
                at += SMALLEST
            if at > after:
                yield at
        day += timedelta(days=1)


def next_instant(rules: RuleBook, zone: ZoneInfo, after: datetime) -> datetime:
    """The first such UTC instant after one."""
    return next(instants(rules, zone, after))
