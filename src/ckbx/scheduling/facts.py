"""The facts that duties are computed from, gathered once for a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from ckbx.clock import local_instant
from ckbx.domain.calendar.county_calendars import CountyCalendars
from ckbx.domain.calendar.school_calendar import SchoolCalendar
from ckbx.domain.responsibility.directory import Directory
from ckbx.domain.rules.rule_book import RuleBook


class WatchedClass(msgspec.Struct, frozen=True):
    """A class, the ordinal from which it was to report, how many pupils it has."""

    class_key: str
    school: str
    opened: int
    pupils: int


class Spell(msgspec.Struct, frozen=True):
    """A leave or transfer of a child; ordinals, ``ended`` None while it stands."""

    child: UUID
    kind: str
    status: str
    began: int
    until: int
    ended: int | None
    school: str = ""


class Unseen(msgspec.Struct, frozen=True):
    """A child that none of the opening days saw: marks on every day its class reported."""

    child: UUID
    class_key: str
    school: str


UnseenBy = Callable[[str, str, Sequence[int]], list[Unseen]]
"""(school, term key, the opening's school days so far) to the children not seen on any."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything known now. ``at`` is the instant asked about; days are local."""

    county: str
    at: datetime
    zone: ZoneInfo
    horizon: date
    calendars: CountyCalendars
    rules: RuleBook
    directory: Directory
    schools: Sequence[str]
    classes: Sequence[WatchedClass]
    reported: Mapping[str, frozenset[int]]
    spells: Sequence[Spell]
    unseen_by: UnseenBy

    @property
    def today(self) -> date:
        """The local day of the instant asked about."""
        return self.at.astimezone(self.zone).date()

    def passed(self, day: date, clock: str) -> bool:
        """Whether a wall-clock time (``HH:MM``) of a local day has come by the instant."""
        return local_instant(day, time.fromisoformat(clock), self.zone) <= self.at

    def calendar(self, school: str | None) -> SchoolCalendar:
        """The calendar of a school, or of the county."""
        return self.calendars.for_school(school)
