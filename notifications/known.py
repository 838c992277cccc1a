"""Rules, calendars and posts as they were known when an event was recorded.

What was recorded later changes no notice of an earlier event: the outbox folded late comes to
the same slots as the outbox folded at once.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import cached_property
from typing import Generic, TypeVar

from ckbx.calendar_data import national_holidays
from ckbx.domain.calendar.county_calendars import CountyCalendars
from ckbx.domain.calendar.school_calendar import SchoolCalendar
from ckbx.domain.responsibility.post import REGIONS
from ckbx.domain.responsibility.register import PostRegister, streams_above
from ckbx.domain.rules.rule_book import RuleBook
from ckbx.domain.rules.rule_pack import RulePack
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.ports import EventLog, RecordedEvent

T = TypeVar("T")
_TOWNSHIP_DIGITS = 9


class _AsKnown(Generic[T]):
    """What a list of recorded events comes to, as of any position among them."""

    def __init__(
        self, recorded: Sequence[RecordedEvent], fold: Callable[[list[DomainEvent]], T]
    ) -> None:
        self._events = [each.event for each in recorded]
        self._positions = [each.position for each in recorded]
        self._fold = fold
        self._made: dict[int, T] = {}

    def at(self, position: int) -> T:
        """As known at a position; folded once for all positions between two events."""
        count = bisect_right(self._positions, position)
        if count not in self._made:
            self._made[count] = self._fold(self._events[:count])
        return self._made[count]


class Known:
    """For one batch of events: those of ``schools``, up to the position ``until``."""

    def __init__(self, log: EventLog, schools: Iterable[str], until: int) -> None:
        county = log.county
        blank = CountyCalendars(county, national_holidays())
        lines = log.read_streams(blank.streams(sorted(set(schools))), up_to=until)
        rules = log.read_streams([RuleBook.of(county).id], up_to=until)
        self._calendars = _AsKnown(
            lines, lambda events: CountyCalendars(county, national_holidays()).replay(events)
        )
        self._rules = _AsKnown(rules, lambda events: RuleBook.of(county).replay(events))
        self._log = log
        self._until = until

    @cached_property
    def _posts(self) -> _AsKnown[PostRegister]:
        """The posts of the county's regions; read only where a township has a group."""
        county = self._log.county
        streams = streams_above(county)
        recorded = self._log.read_streams(streams, up_to=self._until)
        return _AsKnown(recorded, lambda events: PostRegister(streams[0], county).replay(events))

    def rules(self, position: int) -> Callable[[date], RulePack]:
        """The pack in force on a local day."""
        book = self._rules.at(position)
        return lambda day: book.rules_on(day).pack

    def calendar(self, position: int, school: str | None) -> SchoolCalendar:
        """The calendar of a school, or of the county."""
        return self._calendars.at(position).for_school(school)

    def township(self, position: int, accounts: Sequence[str], day: date) -> Callable[[str], bool]:
        """Whether one of the accounts answers for a township or a village of it on a day."""
        found = {
            post.scope.code[:_TOWNSHIP_DIGITS]
            for post in self._posts.at(position).posts.values()
            if post.scope.kind in REGIONS and len(post.scope.code) >= _TOWNSHIP_DIGITS
            if any(t.account in accounts and t.covers(day) for t in post.tenures)
        }
        return lambda code: code in found
