"""出勤走势: of those who had to be at school on each of the last school days, how many were?

A class that did not report stands beside the rate, never in it: it is neither all present
nor all absent (domain §4). Half a day handed in is not a report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Integer, and_, bindparam, case, func, select

from ckbx.domain.attendance.marks import Session
from ckbx.domain.calendar.school_calendar import SchoolCalendar
from ckbx.eventlog.selects import Prepared, among
from projections.kit.reading import Reading
from projections.kit.tables import DAY, POSITION, as_uuid
from projections.roll_call_completeness import NAME, CountyLines, Stretch, by_calendar
from projections.roll_call_completeness_fold import DAYS, UNVERIFIED
from projections.scope import Scope

SCHOOL_DAYS: Final = 20
"""So many school days are shown: those in which the rule looks for five days away."""


class AttendanceDay(msgspec.Struct, frozen=True, kw_only=True):
    """A school day. ``classes`` had to report, ``reported`` did, whole; ``expected`` and
    ``present`` are of the reported ones, in half days (a whole day is two). ``waiting``: the
    deadline has not passed, more will come.
    """

    day: date
    classes: int
    reported: int
    expected: int
    present: int
    waiting: bool

    @property
    def rate(self) -> float | None:
        """Present per hundred of expected; None where no class reported anybody."""
        return self.present * 100 / self.expected if self.expected else None


class _Sum(msgspec.Struct):
    """Being counted."""

    classes: int = 0
    reported: int = 0
    expected: int = 0
    present: int = 0


def attendance_line(
    reading: Reading,
    scope: Scope,
    *,
    as_of: date,
    position: int,
    instant: datetime,
    number: int = SCHOOL_DAYS,
) -> list[AttendanceDay]:
    """The last ``number`` school days up to a local day, as known at a position, oldest first.

    A day is one on which a class in scope had to report; of an unknown year, one on which a
    class did. ``instant`` (UTC) is the one asked about. Read are the roll calls of these days,
    one row a class and day, and who of them is 未核.
    """
    lines = CountyLines.at(reading, position)
    sums: dict[int, _Sum] = {}
    for calendar, schools in by_calendar(reading, lines, scope, position=position):
        classes = [each for listed in schools.values() for each in listed]
        days = _days(calendar, as_of, number)
        handed_in = _handed_in(reading, classes, days, position)
        for day in days:
            there = 0
            if calendar.is_school_day(date.fromordinal(day)):
                there = len({each.class_key for each in classes if each.on(day)})
            reported, expected, present = handed_in.get(day, (0, 0, 0))
            if there or reported:
                of = sums.setdefault(day, _Sum())
                of.classes += max(there, reported)
                of.reported += reported
                of.expected += expected
                of.present += present
    return [_shown(reading, lines, day, sums[day], instant) for day in sorted(sums)[-number:]]


def _shown(
    reading: Reading, lines: CountyLines, day: int, of: _Sum, instant: datetime
) -> AttendanceDay:
    on = date.fromordinal(day)
    return AttendanceDay(
        day=on,
        classes=of.classes,
        reported=of.reported,
        expected=of.expected,
        present=of.present,
        waiting=lines.due(on, reading) > instant,
    )


def _days(calendar: SchoolCalendar, as_of: date, number: int) -> list[int]:
    """The last school days, and the days since the first of them of which nobody knows yet."""
    known = calendar.window(as_of, number)
    first = known[0] if known else date.min
    unknown = [day for day in calendar.unknown_days if first <= day <= as_of]
    return sorted({day.toordinal() for day in (*known, *unknown)})


def _handed_in(
    reading: Reading, classes: Iterable[Stretch], days: Sequence[int], position: int
) -> dict[int, tuple[int, int, int]]:
    """By day: how many of the classes reported whole, expected and present of these."""
    found: dict[int, tuple[int, int, int]] = {}
    if not days:
        return found
    known = reading.at(NAME, position)
    keys = sorted({each.class_key for each in classes})
    wanted = set(days)
    of = {"first": days[0], "day": days[-1], "position": known}
    for day, *counts in reading.ask(_sums(past=known is not None), keys, **of):
        if day in wanted:  # asked in chunks of classes: a day comes once a chunk
            so_far = found.get(day, (0, 0, 0))
            reported, expected, present = (a + int(b) for a, b in zip(so_far, counts, strict=True))
            found[day] = reported, expected, present
    for day, number in _not_named(reading, keys, of).items():
        if day in found:
            reported, expected, present = found[day]
            found[day] = reported, expected, present - number
    return found


def _not_named(reading: Reading, keys: Sequence[str], of: Mapping[str, Any]) -> Counter[int]:
    """By day, in half days: children on no list of a whole day who had to be named 到校."""
    days: dict[tuple[str, int], dict[UUID, list[tuple[int, bool]]]] = {}
    query = _unsure(past=of["position"] is not None)
    for key, day, child, session, listed in reading.ask(query, keys, **of):
        halves = 2 if session == Session.FULL.value else 1
        said = days.setdefault((key, day), {}).setdefault(as_uuid(child), [])
        said.append((halves, as_uuid(child).hex in listed))
    found = Counter[int]()
    for (_, day), children in days.items():
        for said in children.values():
            if sum(halves for halves, _ in said) >= 2:
                found[day] += sum(halves for halves, listed in said if not listed)
    return found


@cache
def _unsure(*, past: bool) -> Prepared:
    c, u, known = DAYS.c, UNVERIFIED.c, POSITION if past else None
    return Prepared(
        select(u.class_key, u.day, u.child, c.session, c.unverified)
        .join(DAYS.table, and_(c.class_key == u.class_key, c.day == u.day))
        .where(
            u.day.between(bindparam("first", None, type_=Integer()), DAY),
            *UNVERIFIED.believed(known),
            *DAYS.believed(known),
            among(u.class_key),
        )
    )


@cache
def _sums(*, past: bool) -> Prepared:
    c = DAYS.c
    halves = case((c.session == Session.FULL.value, 2), else_=1)
    whole = (
        select(
            c.day.label("day"),
            func.sum(halves * c.expected).label("expected"),
            func.sum(halves * c.present).label("present"),
        )
        .where(
            c.day.between(bindparam("first", None, type_=Integer()), DAY),
            *DAYS.believed(POSITION if past else None),
            among(c.class_key),
        )
        .group_by(c.class_key, c.day)
        .having(func.sum(halves) >= 2)
        .subquery()
        .c
    )
    return Prepared(
        select(
            whole.day,
            func.count().label("reported"),
            func.sum(whole.expected).label("expected"),
            func.sum(whole.present).label("present"),
        ).group_by(whole.day)
    )
