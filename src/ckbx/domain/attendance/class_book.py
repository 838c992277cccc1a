"""What did a class report, and what does each child's day come to? One class as decisions see it.

The book holds the class register, the rolls of the loaded terms and the children. It is
loaded from their streams and kept between commands by the application; what it answers for
a day depends on the streams alone, never on how many terms happen to be loaded.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from ckbx.domain.attendance.assess import ClassDays
from ckbx.domain.attendance.marks import Reason
from ckbx.domain.calendar.school_calendar import SchoolCalendar
from ckbx.domain.child.child import Child
from ckbx.domain.class_roll.class_roll import ClassRoll
from ckbx.domain.school_class.register import NEVER, Awaiting, ClassRegister
from ckbx.domain.shared.aggregate import Aggregate


@lru_cache(maxsize=512)
def _ordinals(calendar: SchoolCalendar) -> frozenset[int]:
    """The known school days of a calendar, shared by its classes."""
    return frozenset(calendar.school_day_ordinals)


@lru_cache(maxsize=4096)
def _end_of_term(calendar: SchoolCalendar, day: int) -> int:
    """The day after the term of a day (before a term begins: that term)."""
    on = date.fromordinal(day)
    ends = (t.last_day.toordinal() + 1 for t in calendar.terms if t.last_day >= on)
    return next(ends, NEVER)


@lru_cache(maxsize=4096)
def _first_of_term(calendar: SchoolCalendar, day: int) -> int:
    """The first day of the term of a day; outside all terms the day itself."""
    term = calendar.term_of(date.fromordinal(day))
    return term.first_day.toordinal() if term else day


class Wait(NamedTuple):
    """Days (ordinals) on which a child has to be named 到校: from ``since``, before ``end``;
    ``until`` is the day it was seen, or ``end``.
    """

    since: int
    until: int
    end: int


class ClassDay:
    """What one class-day says of the children, for as long as no sheet changes."""

    __slots__ = ("_awaited", "_day", "_only", "_roll", "stands")

    def __init__(
        self, roll: ClassRoll | None, day: int, awaited: Sequence[UUID], *, stands: bool
    ) -> None:
        """``roll`` of the day, None where nothing was reported; ``awaited`` by name."""
        self._roll = roll
        self._day = day
        self._awaited = frozenset(awaited)
        self._only = roll.only_sheet(day) if roll is not None else None
        self.stands = stands

    def is_awaited(self, child: UUID) -> bool:
        """Whether the child still had to be named 到校."""
        return bool(self._awaited) and child in self._awaited

    def value(self, child: UUID) -> Reason | None:
        """The child's day, as :meth:`ClassBook.value`."""
        if self._roll is None:
            return None
        unlisted = Reason.UNVERIFIED if self.is_awaited(child) else None
        if self._only is not None:
            return self._only.get(child, unlisted)
        return self._roll.value(child, self._day, unlisted=unlisted)

    def absent(self) -> Mapping[UUID, Reason]:
        """Who was absent and why; those awaited and not named too."""
        if self._only is not None and not self._awaited:
            return self._only
        if self._roll is None:
            return {}
        listed = self._roll.absent_on(self._day)
        values = {child: self.value(child) for child in (*listed, *self._awaited)}
        return {child: value for child, value in values.items() if value is not None}


class ClassBook:
    """A class with everything a decision on its roll call needs. Days are ordinals."""

    __slots__ = (
        "_calendar",
        "_closed",
        "_days",
        "_known",
        "_reported",
        "_restated_for",
        "_stamp",
        "_taken",
        "_waits",
        "_waits_stamp",
        "children",
        "loaded_for",
        "register",
        "restated",
        "rolls",
        "since",
    )

    def __init__(
        self,
        register: ClassRegister,
        rolls: dict[str, ClassRoll],
        children: dict[UUID, Child],
        since: int,
        calendar: SchoolCalendar | None = None,
    ) -> None:
        """``rolls`` by term key, which sorts by time; ``since``: first ordinal they cover."""
        self.register = register
        self.rolls = dict(sorted(rolls.items()))
        self.children = children
        self.since = since
        self.restated: dict[UUID, list[Wait]] = {}
        self.loaded_for: tuple[SchoolCalendar, int, date] | None = None
        """By which calendar, from which day on and until when all terms are loaded."""
        self._known: frozenset[int] = frozenset()
        self._stamp = -1
        self._reported: list[int] = []
        self._taken: list[tuple[ClassRoll, int, int]] = []
        self._days = ClassDays((), ())
        self._closed: frozenset[int] = frozenset()
        self._waits: dict[UUID, list[Wait]] = {}
        self._waits_stamp: tuple[int, ...] = ()
        self._restated_for: dict[UUID, list[Wait]] | None = None
        self._calendar: SchoolCalendar | None = None
        if calendar is not None:
            self.use(calendar)

    def use(self, calendar: SchoolCalendar) -> None:
        """The school's calendar as it stands now; every answer follows it."""
        if calendar is not self._calendar:
            self._calendar = calendar
            self._known = _ordinals(calendar)
            self._begin_again()

    @property
    def calendar(self) -> SchoolCalendar:
        """The calendar in use."""
        if self._calendar is None:
            msg = f"no calendar for class {self.register.class_key}"
            raise RuntimeError(msg)
        return self._calendar

    def add(self, rolls: Mapping[str, ClassRoll], since: int) -> None:
        """Further terms were loaded; they cover the days from ``since`` on."""
        self.rolls = dict(sorted({**self.rolls, **rolls}.items()))
        self.since = min(self.since, since)
        self._begin_again()

    def has_loaded(self, calendar: SchoolCalendar, since: int, until: date) -> bool:
        """Whether it is known to hold all terms of a calendar between these days."""
        known = self.loaded_for
        return (
            known is not None
            and known[0] is calendar
            and known[1] <= since
            and known[2] == until
            and self._calendar is calendar
        )

    def cover(self, since: int) -> None:
        """The loaded terms are all there are from a day (ordinal) on."""
        if since < self.since:
            self.since = since
            self._begin_again()

    def _begin_again(self) -> None:
        self._stamp = -1
        self._taken = []
        self._waits_stamp = ()
        self._restated_for = None
        self.restated.clear()

    def aggregates(self) -> Iterator[Aggregate]:
        """Everything the book holds."""
        yield self.register
        yield from self.rolls.values()
        yield from self.children.values()

    # Days

    def days(self) -> ClassDays:
        """The class's school days and fully reported days over the loaded terms.

        A reported day that the calendar knows to be no school day (a closure declared
        later) is left out; in a year nobody has made known, reported days are school days.
        """
        self._settle()
        return self._days

    def stands(self, day: int) -> bool:
        """Whether anything was reported for a day that is not known to be without lessons."""
        return self._roll_of(day) is not None and not self._is_closed(day)

    def next_day(self, day: int) -> int | None:
        """The next day after ``day`` that stands, over the loaded terms."""
        found = (self._next(roll, day) for roll in self.rolls.values())
        return min((d for d in found if d is not None), default=None)

    def day_before(self, day: int) -> int | None:
        """The last day before ``day`` that stands, over the loaded terms."""
        for roll in reversed(self.rolls.values()):
            found = roll.day_before(day)
            while found is not None and self._is_closed(found):
                found = roll.day_before(found)
            if found is not None:
                return found
        return None

    def _next(self, roll: ClassRoll, day: int) -> int | None:
        found = roll.next_day(day)
        while found is not None and self._is_closed(found):
            found = roll.next_day(found)
        return found

    def standing_days(self, since: int, end: int) -> list[int]:
        """Days from ``since``, before ``end``, that stand, half-reported ones among them."""
        reported = self.days().reported
        days = list(reported[bisect_left(reported, since) : bisect_left(reported, end)])
        for roll in self.rolls.values():
            days += [d for d in roll.partial if since <= d < end and not self._is_closed(d)]
        return sorted(days)

    def _is_closed(self, day: int) -> bool:
        if day in self._known or self._calendar is None:
            return False
        return self._calendar.is_school_day(date.fromordinal(day)) is False

    def _roll_of(self, day: int) -> ClassRoll | None:
        for roll in self.rolls.values():
            if roll.has(day):
                return roll
        return None

    # What a child's day comes to

    def value(self, child: UUID, day: int) -> Reason | None:
        """The child's day (None: present, or nothing reported): 未核 where it is not listed
        though it still has to be named 到校 (domain §4, the roll).
        """
        roll = self._roll_of(day)
        if roll is None:
            return None
        unlisted = Reason.UNVERIFIED if self.is_awaited(child, day) else None
        return roll.value(child, day, unlisted=unlisted)

    def days_of(self, child: UUID) -> tuple[ClassDays, Mapping[int, Reason]]:
        """:meth:`days` and :meth:`marks`."""
        marks = self.marks(child)
        return self._days, marks

    def marks(self, child: UUID) -> Mapping[int, Reason]:
        """The child's absent days in this class, fully reported, over the loaded terms."""
        waits = self.waits(child)
        kept = [roll.marks.get(child) for roll in self.rolls.values()]
        found = [marks for marks in kept if marks]
        if len(found) == 1 and not waits and not self._closed:
            return found[0]
        merged = {d: m for marks in found for d, m in marks.items() if d not in self._closed}
        halved = {d for roll in self.rolls.values() for d in roll.halved} if waits else set()
        for day in self._days_awaited(child, waits):
            if day in halved:
                value = self.value(child, day)
                if value is not None:
                    merged[day] = value
            else:
                merged.setdefault(day, Reason.UNVERIFIED)
        return merged

    def _days_awaited(self, child: UUID, waits: Sequence[Wait]) -> Iterator[int]:
        """Fully reported days on which the child was on the roll and had not been seen."""
        reported = self._days.reported
        for wait in waits:
            days = reported[bisect_left(reported, wait.since) : bisect_left(reported, wait.until)]
            if self.register.was_away(child):
                yield from (day for day in days if self.register.on_roll(child, day))
            else:
                yield from days

    def on(self, day: int) -> ClassDay:
        """What a day says of the children."""
        roll = self._roll_of(day)
        stands = roll is not None and not self._is_closed(day)
        return ClassDay(roll, day, self.awaited_on(day), stands=stands)

    # Who still has to be named

    def waits(self, child: UUID) -> Sequence[Wait]:
        """The stretches in which a child has, or had, to be named 到校."""
        self._settle()
        return self._waits.get(child, ()) if self._waits else ()

    def to_restate(self) -> list[UUID]:
        """Children with such a stretch, where any of theirs changed since last asked: their
        facts may have to say something else on its days.
        """
        self._settle()
        if self._restated_for is self._waits:
            return []
        self._restated_for = self._waits
        return list(self._waits)

    def is_awaited(self, child: UUID, day: int) -> bool:
        """Whether the child is on the roll and was not seen since its awaiting began."""
        waits = self.waits(child)
        return any(w.since <= day < w.until for w in waits) and self.register.on_roll(child, day)

    def was_seen(self, child: UUID, day: int) -> bool:
        """Whether a standing sheet of the day names the child 到校."""
        roll = self._roll_of(day)
        return roll is not None and roll.first_seen(child, day) == day

    def awaited_on(self, day: int) -> list[UUID]:
        """The children awaited on a day."""
        self._settle()
        if not self._waits:
            return []
        return [child for child in self._waits if self.is_awaited(child, day)]

    def earliest_wait(self, since: int) -> int | None:
        """The first day after a leave from which somebody on the roll on or after ``since``
        has to be named 到校: the terms from it on must be loaded.
        """
        if not self.register.awaited():
            return None
        return min(
            (
                each.since
                for found in self.register.awaited().values()
                for each in found
                if not each.joined and each.end > since
            ),
            default=None,
        )

    def _settle(self) -> None:
        """Derive everything anew of what a sheet, or a change of the register, has changed."""
        stamp = self.register.version
        for roll in self.rolls.values():  # versions only grow, so the sum tells every change
            stamp += roll.version
        if stamp == self._stamp:
            return
        self._stamp = stamp
        if not self._take_further_days():
            self._take_all_days()
        rolls = self.rolls.values()
        waits_stamp = (self.register.version, *(roll.seen_changes for roll in rolls))
        if waits_stamp != self._waits_stamp:
            self._waits_stamp = waits_stamp
            self._waits = self._find_waits()

    def _take_further_days(self) -> bool:
        """Take in days that were only added at the end; False where more than that happened."""
        if not self._taken:
            return False
        for n, (roll, reshaped, count) in enumerate(self._taken):
            if roll.reshaped != reshaped:
                return False
            if len(roll.reported) == count:
                continue
            for day in roll.reported[count:]:
                if day not in self._known or (self._reported and self._reported[-1] > day):
                    return False
                self._reported.append(day)
            self._taken[n] = (roll, reshaped, len(roll.reported))
        return True

    def _take_all_days(self) -> None:
        rolls = self.rolls.values()
        reported: list[int] = []
        extra: list[int] = []
        closed: list[int] = []
        for day in (d for roll in rolls for d in roll.reported):
            if day in self._known:
                reported.append(day)
            elif self._is_closed(day):
                closed.append(day)
            else:
                reported.append(day)
                extra.append(day)
        school_days = self.calendar.school_day_ordinals
        known = sorted(self._known.union(extra)) if extra else school_days
        self._reported = reported
        self._days = ClassDays(known, reported)
        self._closed = frozenset(closed)
        self._taken = [(roll, roll.reshaped, len(roll.reported)) for roll in rolls]

    def _find_waits(self) -> dict[UUID, list[Wait]]:
        found: dict[UUID, list[Wait]] = {}
        for child, awaited in self.register.awaited().items():
            for each in awaited:
                end = (
                    min(each.end, _end_of_term(self.calendar, each.since))
                    if each.joined
                    else each.end
                )
                if end <= self.since:
                    continue
                seen = [r.first_seen(child, each.since) for r in self.rolls.values()]
                seen.append(self._checked_in(child, each))
                until = min((d for d in seen if d is not None), default=end)
                found.setdefault(child, []).append(Wait(each.since, min(until, end), end))
        return found

    def _checked_in(self, child: UUID, each: Awaiting) -> int | None:
        """From which day on a check-in by name ends the awaiting: one of the same term, where
        that began by joining the class; else one since it began.
        """
        known = self.children.get(child)
        if known is None or not known.checked_in:
            return None
        since = each.since
        first = _first_of_term(self.calendar, since) if each.joined else since
        days = [day for day in known.checked_in.values() if first <= day < each.end]
        return max(since, min(days)) if days else None
