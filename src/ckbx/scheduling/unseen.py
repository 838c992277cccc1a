"""Who has not been seen by the close of the n-th day of an opening (domain §11)?

报到 is a positive fact: a check-in by name, or on the roll of a class-day reported in full and
not listed. A child is judged over all classes it belonged to in this school since it was
enrolled; one enrolled, or back on the roll, during the opening has days of its own. 待核 (its classes reported
none of its days), away on the last of them, and excused on the last reported one (请假) are
not 未报到.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

import msgspec

from ckbx.domain.attendance.marks import is_unexplained
from ckbx.domain.attendance.opening import LAST_DAY
from ckbx.domain.calendar.book import Term
from ckbx.domain.calendar.errors import CalendarRefusal
from ckbx.domain.calendar.school_calendar import SchoolCalendar
from ckbx.domain.rules.rule_book import RuleBook
from ckbx.scheduling.facts import Facts, Stay

TOLD_ON = (1, 3)
"""Days whose unseen children are told of; the next is that of the rule pack."""


class Unseen(msgspec.Struct, frozen=True):
    """A child not seen by the close of ``on``, its n-th day; ``first`` is its first day,
    ``days`` (ordinals) are those up to ``on``.
    """

    child: UUID
    class_key: str
    school: str
    first: date
    on: date
    days: Sequence[int] = ()


def days_looked_at(calendar: SchoolCalendar, rules: RuleBook, term: Term, today: date) -> list[int]:
    """The school days of an opening, with those of a child enrolled on its last day (ordinals)."""
    last = rules.rules_on(term.first_day).pack.opening_suspect_day
    found = calendar.school_days(term.first_day, min(term.last_day, today))
    return [day.toordinal() for day in found[: LAST_DAY + last - 1]]


def days_judged(opening: Opening) -> int:
    """The days that can decide who was seen, a bit each: those of the opening, and of a child
    whose own first day is the last of them.
    """
    first, today = opening.term.first_day, opening.facts.today
    most = LAST_DAY + max(opening.suspect_day, *TOLD_ON) - 1
    days = opening.calendar.school_days(first, today)
    known = opening.day(LAST_DAY) is not None and len(days) >= most
    last = days[most - 1] if known else today
    return opening.facts.reported.mask(first.toordinal(), last.toordinal() + 1)


def who_is_unseen(opening: Opening) -> Mapping[int, Sequence[Unseen]]:
    """By the number of the day: on those on which somebody is told, or suspected."""
    facts, school = opening.facts, opening.school
    judged, bits, rolls = days_judged(opening), facts.reported.bits, facts.rolls
    moved = rolls.moved.get(school, {})
    keys = [each.class_key for each in facts.classes.get(school, ())]
    left = sorted({stay.class_key for stays in moved.values() for stay in stays}.difference(keys))
    basis = (
        keys,
        [bits.get(key, 0) & judged for key in (*keys, *left)],
        rolls.schools.get(school),
        moved,
        rolls.movers,
        rolls.checked_in,
    )
    numbers = sorted({*TOLD_ON, opening.suspect_day})
    return facts.memory.part("unseen").made(
        (school, opening.key), basis, lambda: {n: list(opening.unseen(n)) for n in numbers}
    )


class Opening:
    """One school's opening of one term: its days, cut to those that have come."""

    def __init__(self, facts: Facts, school: str, term: Term) -> None:
        self.facts = facts
        self.school = school
        self.term = term
        self.key = term.key
        self.calendar = facts.calendar(school)
        self.suspect_day = facts.rules.rules_on(term.first_day).pack.opening_suspect_day

    def day(self, n: int, since: date | None = None) -> date | None:
        """The n-th school day of the term (or of a child's days); None when not known yet."""
        try:
            return self.calendar.nth_from(since or self.term.first_day, n)
        except CalendarRefusal:
            return None

    def closed(self, n: int) -> bool:
        """Whether the close (18:00) of the n-th day has come."""
        day = self.day(n)
        return day is not None and self.facts.closed(day)

    def unseen(self, n: int) -> Iterator[Unseen]:
        """Children not seen by the close of their n-th day, where that has come."""
        days = self._days(self.term.first_day, n)
        if days:
            yield from self._staying(days)
        yield from self._moved(n)

    def _days(self, first: date, n: int) -> list[date]:
        """The first n school days since a day, empty until the last of them has closed."""
        last = self.day(n, first)
        if last is None or not self.facts.closed(last):
            return []
        return self.calendar.school_days(first, last)

    def _staying(self, days: Sequence[date]) -> Iterator[Unseen]:
        """Children who were in one class, and on its roll, all the time."""
        rolls, reported = self.facts.rolls, self.facts.reported
        ordinals = [day.toordinal() for day in days]
        for each in self.facts.classes.get(self.school, ()):
            told = [day for day in ordinals if reported.told(each.class_key, day)]
            absent = [rolls.absent(day, each.class_key) for day in told]
            for id_ in absent[0] if absent else ():
                if id_ in rolls.movers or not all(id_ in marks for marks in absent):
                    continue
                if is_unexplained(absent[-1][id_]) and not self._checked_in(id_, ordinals[-1]):
                    who = UUID(bytes=id_)
                    yield Unseen(who, each.class_key, self.school, days[0], days[-1], ordinals)

    def _moved(self, n: int) -> Iterator[Unseen]:
        """Children who joined, changed class, left, or were on leave meanwhile."""
        first, last = self.day(1), self.day(LAST_DAY)
        if first is None:
            return
        for id_, stays in self.facts.rolls.moved.get(self.school, {}).items():
            for stretch in _stretches(stays):
                since = max(first, date.fromordinal(stretch[0].first))
                began = self._expected_from(stretch, since, last)
                if began is None:
                    continue
                days = self._days(began, n)
                ordinals = [day.toordinal() for day in days]
                found = self._unseen_in(id_, stretch, ordinals)
                if found is not None:
                    who = UUID(bytes=id_)
                    yield Unseen(who, found, self.school, began, days[-1], ordinals)

    def _expected_from(self, stays: Sequence[Stay], first: date, last: date | None) -> date | None:
        """The child's own first day: the first school day of the opening on a roll."""
        days = self.calendar.school_days(first, min(last or self.facts.today, self.facts.today))
        return next((d for d in days if any(s.on_roll(d.toordinal()) for s in stays)), None)

    def _unseen_in(self, id_: bytes, stays: Sequence[Stay], days: Sequence[int]) -> str | None:
        """The class in which a child is missed on the last of its days, None when it is not."""
        rolls, reported = self.facts.rolls, self.facts.reported
        here = next((s for s in stays if days and s.on_roll(days[-1])), None)
        if here is None or self._checked_in(id_, days[-1]):
            return None
        told = [
            rolls.absent(day, stay.class_key).get(id_)
            for day in days
            for stay in stays
            if stay.on_roll(day) and reported.told(stay.class_key, day)
        ]
        unseen = bool(told) and all(told) and is_unexplained(told[-1])
        return here.class_key if unseen else None

    def _checked_in(self, id_: bytes, by: int) -> bool:
        seen = self.facts.rolls.checked_in.get((id_, self.key))
        return seen is not None and seen <= by


def _stretches(stays: Sequence[Stay]) -> list[list[Stay]]:
    """The child's enrolment periods in the school: stays that follow each other without a gap."""
    found: list[list[Stay]] = []
    for stay in stays:
        if stay.last is not None and stay.last <= stay.first:
            continue
        if found and found[-1][-1].last is not None and stay.first <= found[-1][-1].last:
            found[-1].append(stay)
        else:
            found.append([stay])
    return found
