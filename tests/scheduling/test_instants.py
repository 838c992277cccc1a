"""At which instants can anything fall due, and is nothing found between two of them?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from ckbx.domain.rules.rule_book import RuleBook
from ckbx.scheduling.instants import instants, next_instant
from tests.support.county import COUNTY

ZONE = ZoneInfo("Asia/Shanghai")
RULES = RuleBook.of(COUNTY)


def local(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%m-%d %H:%M:%S.%f}"


def test_a_day_begins_just_after_the_midnight_that_ends_the_day_before() -> None:
    """At midnight itself the run still looks at the day before: what falls due with the new day
    would wait until ten o'clock.
    """
    evening = datetime(2026, 9, 1, 14, 0, tzinfo=UTC)
    assert local(next_instant(RULES, ZONE, evening)) == "09-02 00:00:00.000001"
    midnight = datetime(2026, 9, 1, 16, 0, tzinfo=UTC)
    assert local(next_instant(RULES, ZONE, midnight)) == "09-02 00:00:00.000001"


def test_every_hour_of_the_rule_pack_is_an_instant_of_every_day() -> None:
    start = datetime(2028, 2, 28, 10, 0, tzinfo=UTC)  # 18:00 there: it has passed
    found = [local(at) for at in islice(instants(RULES, ZONE, start), 7)]
    assert found == [
        "02-29 00:00:00.000001",
        "02-29 10:00:00.000000",
        "02-29 12:00:00.000000",
        "02-29 14:00:00.000000",
        "02-29 16:00:00.000000",
        "02-29 18:00:00.000000",
        "03-01 00:00:00.000001",
    ]


def test_the_clock_that_goes_from_instant_to_instant_misses_no_day() -> None:
    days = set[date]()
    at = datetime(2026, 8, 16, 16, 0, tzinfo=UTC)
    while len(days) < 366:
        at = next_instant(RULES, ZONE, at)
        days.add(at.astimezone(ZONE).date())
    assert max(days) - min(days) == timedelta(days=365)
