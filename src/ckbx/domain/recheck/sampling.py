"""How is the sample drawn, so that whoever knows the seed draws the same one?

Algorithm ``ckbx-recheck-1``: every item has an opaque id (a closed case: its id; a leave: the
id of the event that granted it). Its rank is HMAC-SHA-256 with the seed (UTF-8) as key over
``ckbx-recheck-1/<quarter>/<item id>`` (ASCII). The closures of the quarter are sorted by rank
(as hexadecimal text) and then by id; the first ``ceil(n × percent ÷ 100)`` of them are drawn.
All leaves are drawn. Neither the order of recording nor the store has a part in it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final, NamedTuple

from ckbx.domain.recheck.errors import QuarterUnreadable

ALGORITHM: Final = "ckbx-recheck-1"
_QUARTER = re.compile(r"(\d{4})[-年 ]?[Qq第]?([1-4])(?:季度)?")


class Quarter(NamedTuple):
    """A quarter of a calendar year; its key is ``YYYY-QN``."""

    year: int
    number: int

    @property
    def key(self) -> str:
        """As it stands in stream ids, in events and under the HMAC."""
        return f"{self.year:04d}-Q{self.number}"

    @property
    def first_day(self) -> date:
        """Its first day."""
        return date(self.year, self.number * 3 - 2, 1)

    @property
    def last_day(self) -> date:
        """Its last day, included."""
        return self.next.first_day - timedelta(days=1)

    @property
    def next(self) -> Quarter:
        """The quarter after."""
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def before(self) -> Quarter:
        """The quarter before."""
        return quarter_of(self.first_day - timedelta(days=1))


def quarter_of(day: date) -> Quarter:
    """The quarter of a day."""
    return Quarter(day.year, (day.month + 2) // 3)


def read_quarter(text: str) -> Quarter:
    """A quarter as people write it: 2026-Q4, 2026年第4季度. Raises QuarterUnreadable."""
    found = _QUARTER.fullmatch(text.strip())
    if found is None or int(found[1]) < 2000:
        raise QuarterUnreadable(text=text[:20])
    return Quarter(int(found[1]), int(found[2]))


def rank(seed: str, quarter: str, item: str) -> str:
    """The rank of an item under a seed, 64 hexadecimal digits."""
    message = f"{ALGORITHM}/{quarter}/{item}".encode()
    return hmac.new(seed.encode(), message, hashlib.sha256).hexdigest()


def how_many(population: int, percent: int) -> int:
    """Of so many at least this percentage, rounded up; none of none."""
    return -(-population * percent // 100)


def sample(seed: str, quarter: str, population: Iterable[str], percent: int) -> list[str]:
    """The drawn ids in order of rank."""
    ordered = sorted(set(population), key=lambda item: (rank(seed, quarter, item), item))
    return ordered[: how_many(len(ordered), percent)]
