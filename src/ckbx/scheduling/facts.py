"""The facts that duties are computed from, gathered once for a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from ckbx.clock import local_day, local_instant
from ckbx.domain.attendance.marks import Reason
from ckbx.domain.calendar.book import Term
from ckbx.domain.calendar.county_calendars import CountyCalendars
from ckbx.domain.calendar.school_calendar import SchoolCalendar
from ckbx.domain.responsibility.directory import Directory
from ckbx.domain.responsibility.post import Scope, ScopeKind
from ckbx.domain.rules.rule_book import RuleBook
from ckbx.domain.shared.ids import finished_from
from ckbx.scheduling.absent import Away
from ckbx.scheduling.care import Care
from ckbx.scheduling.duty import WAITS_FOR
from ckbx.scheduling.graduation import Leaver
from ckbx.scheduling.memory import Memory
from ckbx.scheduling.packed import unpacked
from ckbx.scheduling.primary_leavers import Sixth
from ckbx.scheduling.told import Answered, Told
from ckbx.scheduling.watch_focus import NOBODY, Known
from ckbx.scheduling.watched_case import WatchedCase

LEAVES_BEFORE = timedelta(days=14)
"""T−14 of an opening, in calendar days (domain §11)."""


# Asked for every duty of a run: tens of thousands of times, for few days.
_day_of = lru_cache(maxsize=64)(local_day)


@lru_cache(maxsize=4_096)
def _instant(day: date, clock: str, zone: ZoneInfo) -> datetime:
    return local_instant(day, time.fromisoformat(clock), zone)


NO_CARE = Care((), (), {})


class WatchedClass(msgspec.Struct, frozen=True):
    """A class, the ordinal from which it was to report, and the stretches (first, last
    exclusive or None) in which it had pupils.
    """

    class_key: str
    school: str
    opened: int
    filled: Sequence[tuple[int, int | None]]

    @property
    def finished(self) -> int:
        """The first day (ordinal) after its ninth grade: it expects no roll call any more."""
        return finished_from(self.class_key).toordinal()

    def has_pupils(self, day: int) -> bool:
        """Whether anybody belonged to it, and was taught, on a day (ordinal)."""
        return day < self.finished and any(
            a <= day and (b is None or day < b) for a, b in self.filled
        )


class Spell(msgspec.Struct, frozen=True):
    """A leave or transfer of a child; ordinals, ``until`` the last day of the leave or of the
    time to confirm (included), ``ended`` None while it stands; ``event`` (id) granted, extended or started it.
    """

    child: UUID
    kind: str
    status: str
    began: int
    until: int
    ended: int | None
    school: str = ""
    event: str = ""

    def stood(self, day: date) -> bool:
        """Whether it stood on a day as it is known now."""
        ordinal = day.toordinal()
        return self.began <= ordinal and (self.ended is None or self.ended > ordinal)

    def over_on(self, today: date) -> date | None:
        """The day it ended, where that has come."""
        if self.ended is None or self.ended > today.toordinal():
            return None
        return date.fromordinal(self.ended)


class Stay(NamedTuple):
    """A child in a class: ordinals, ends exclusive (None: open), and when it was off the roll."""

    class_key: str
    first: int
    last: int | None
    away: Sequence[tuple[int, int | None]]

    def on_roll(self, day: int) -> bool:
        """Whether the roll call of a day expects the child."""
        belongs = self.first <= day and (self.last is None or day < self.last)
        return belongs and not any(a <= day and (b is None or day < b) for a, b in self.away)


class Reported:
    """The class-days reported in full, from a first day on: a number a class, a bit a day."""

    def __init__(self, base: int) -> None:
        self.base = base
        self.bits: dict[str, int] = {}

    def add(self, class_key: str, first: int, bits: int) -> None:
        """Bit n of ``bits`` stands for the n-th day (from 0) after ``first``."""
        at = first - self.base
        moved = bits << at if at >= 0 else bits >> -at
        self.bits[class_key] = self.bits.get(class_key, 0) | moved

    def told(self, class_key: str, day: int) -> bool:
        """Whether the class reported a day in full."""
        return day >= self.base and bool(self.bits.get(class_key, 0) >> (day - self.base) & 1)

    def days(self, bits: int) -> list[int]:
        """The ordinals that the bits stand for."""
        found = []
        while bits:
            low = bits & -bits
            found.append(self.base + low.bit_length() - 1)
            bits ^= low
        return found

    def mask(self, first: int, last: int) -> int:
        """Bits of the days from ``first`` up to ``last`` (exclusive)."""
        first, last = max(first, self.base), max(last, self.base)
        return ((1 << max(last - first, 0)) - 1) << (first - self.base)


class OpeningRolls(msgspec.Struct, frozen=True):
    """Who was absent in the days of the openings (``marks``: packed, by day and class, and by
    school). ``moved``: all stays of the children (by school) whose stays began, ended or were
    interrupted since the first of those days.
    """

    marks: Mapping[tuple[int, str], bytes]
    schools: Mapping[str, Sequence[tuple[int, str, bytes]]]
    moved: Mapping[str, Mapping[bytes, Sequence[Stay]]]
    movers: frozenset[bytes]
    checked_in: Mapping[tuple[bytes, str], int]

    def absent(self, day: int, class_key: str) -> Mapping[bytes, Reason]:
        """Who was absent from a class on a day, and why."""
        return unpacked(self.marks.get((day, class_key), b""))


class Importing(msgspec.Struct, frozen=True):
    """An import that is not finished: its schools (none: the county's), the day it began."""

    batch: str
    kind: str
    schools: frozenset[str]
    began: date

    def touches(self, rule: str, school: str | None, day: date) -> bool:
        """Whether a rule's answer of that day may rest on rows that are not in yet.

        A file holds no day after that on which it came: such a day is judged as ever, so that
        an import that nobody ends holds back no more than its own days.
        """
        if day > self.began or rule not in WAITS_FOR.get(self.kind, ()):
            return False
        return not self.schools or school is None or school in self.schools


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything known now. ``at`` is the instant asked about; days are local.

    ``horizon`` is the first day whose duties a run looks at: what it raises, and what it may
    take back. ``classes`` by school; ``home_schools``: where children with spells or posts of
    their own learn; ``signed``: the day on which a report was first signed, by school (``""``:
    the county) and month. ``told`` are alerts that went with somebody's act, ``answered``
    those of the clock (by stream) that somebody acknowledged or closed by hand; ``rechecked``
    the day on which the re-check of a quarter was through; ``backups`` the days on which one
    was made, ``first_event`` the local day on which the store's first fact was recorded;
    ``focus`` who is on the focus list, and who was called or visited about an absence; ``alerts``
    since the horizon: stream (as the database gives it), rule, school, day due (ordinal), state, and the
    day since when; ``memory`` what earlier looks made of the same facts.
    """

    county: str
    at: datetime
    zone: ZoneInfo
    horizon: date
    calendars: CountyCalendars
    rules: RuleBook
    directory: Directory
    schools: Sequence[str]
    classes: Mapping[str, Sequence[WatchedClass]]
    reported: Reported
    spells: Sequence[Spell]
    rolls: OpeningRolls
    home_schools: Mapping[UUID, str]
    importing: Sequence[Importing] = ()
    leaving: Mapping[str, Sequence[Leaver]] = {}
    sixth: Mapping[str, Sequence[Sixth]] = {}
    cases: Sequence[WatchedCase] = ()
    care: Care = NO_CARE
    signed: Mapping[tuple[str, str], date] = {}
    told: Sequence[Told] = ()
    answered: Mapping[UUID, Answered] = {}
    away: Away = {}
    focus: Known = NOBODY
    rechecked: Mapping[str, date] = {}
    backups: Sequence[date] = ()
    first_event: date | None = None
    alerts: Sequence[tuple[bytes | UUID, str, str | None, int, str, int]] = ()
    memory: Memory = msgspec.field(default_factory=Memory)

    def waits(self, rule: str, school: str | None, day: date) -> bool:
        """Whether what a rule says of a day has to wait for the end of an import."""
        return bool(self.importing) and any(
            each.touches(rule, school, day) for each in self.importing
        )

    @property
    def today(self) -> date:
        """The local day of the instant asked about."""
        return _day_of(self.at, self.zone)

    def passed(self, day: date, clock: str) -> bool:
        """Whether a wall-clock time (``HH:MM``) of a local day has come by the instant."""
        return _instant(day, clock, self.zone) <= self.at

    def closed(self, day: date) -> bool:
        """Whether the close (18:00) of a day of the opening has come."""
        return self.passed(day, self.rules.rules_on(day).pack.opening_close_at)

    @property
    def whole_county(self) -> Scope:
        """Whose a duty is that the county itself answers for."""
        return Scope(ScopeKind.COUNTY, self.county)

    def calendar(self, school: str | None) -> SchoolCalendar:
        """The calendar of a school, or of the county."""
        return self.calendars.for_school(school)

    def terms(self, school: str) -> list[Term]:
        """The terms of a school whose opening a run looks at."""
        return opening_terms(self.calendar(school), self.horizon, self.today)


def opening_terms(calendar: SchoolCalendar, horizon: date, today: date) -> list[Term]:
    """The terms that began since the horizon or begin within 14 days."""
    return [term for term in calendar.terms if horizon <= term.first_day <= today + LEAVES_BEFORE]
