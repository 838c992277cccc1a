"""Which days of an opening are a child's own, and was it seen on any of them (domain §11)?

The roll call asks this of a suspicion it finds, or finds open; the clock's run asks it of
every child at once (``scheduling.unseen``). Both have to come to the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from ckbx.domain.attendance.marks import Reason, is_unexplained
from ckbx.domain.attendance.thresholds import Schedule
from ckbx.domain.calendar.errors import CalendarRefusal
from ckbx.domain.calendar.school_calendar import SchoolCalendar
from ckbx.domain.child.child import Child
from ckbx.domain.child.standing import NEVER
from ckbx.domain.school_class.register import ClassRegister
from ckbx.domain.shared.ids import split_class_key

LAST_DAY = 7
"""The school day on which an opening ends; a child that comes later is left to the roll call."""


class OpeningDays(NamedTuple):
    """The first school days of a child in a term (ordinals), up to that on whose close it is
    suspected; ``expected`` are those on which it was on a roll.
    """

    term: str
    days: Sequence[int]
    expected: Sequence[int]

    @property
    def first(self) -> int:
        """Its own day 1."""
        return self.days[0]

    @property
    def last(self) -> int:
        """The day on whose close it is suspected (its day 5 by default)."""
        return self.days[-1]


def opening_days(
    child: Child,
    on: int,
    calendar: SchoolCalendar,
    rules: Schedule,
    register: Callable[[str], ClassRegister],
) -> OpeningDays | None:
    """A child's days of the opening of the term in which ``on`` (ordinal) lies, in the school
    it belonged to that day (whose ``calendar`` this is; ``register`` by class key).

    None where it was on no roll during the opening, or the calendar cannot say.
    """
    term = calendar.term_of(date.fromordinal(on))
    stays = _stretch(child, on)
    if term is None or not stays:
        return None
    expects = _Expects(child, stays, register)
    opening = calendar.school_days(term.first_day, term.last_day)[:LAST_DAY]
    first = next((day for day in opening if expects(day.toordinal())), None)
    if first is None:
        return None
    wanted = rules.on(term.first_day.toordinal()).thresholds.opening_day
    try:
        last = calendar.nth_from(first, wanted)
    except CalendarRefusal:
        return None
    days = [day.toordinal() for day in calendar.school_days(first, last)]
    return OpeningDays(term.key, days, [day for day in days if expects(day)])


class _Expects:
    """Whether the roll call of a day expected the child."""

    def __init__(
        self,
        child: Child,
        stays: Sequence[tuple[str, int, int]],
        register: Callable[[str], ClassRegister],
    ) -> None:
        self._child = child
        self._stays = stays
        self._register = register

    def __call__(self, day: int) -> bool:
        return any(
            first <= day < last and self._register(key).on_roll(self._child.id, day)
            for key, first, last in self._stays
        )


def _stretch(child: Child, on: int) -> list[tuple[str, int, int]]:
    """The stays, without a gap between them, of the enrolment period that a day lies in."""
    found: list[tuple[str, int, int]] = []
    for stay in reversed(child.segments):
        key, first, last = stay
        if last <= first:
            continue
        if not found:
            if first <= on < last:
                found.append(stay)
        elif last >= found[-1][1] and split_class_key(key)[0] == split_class_key(found[0][0])[0]:
            found.append(stay)
        else:
            break
    return found


def is_unseen(
    child: Child, own: OpeningDays, marks: Mapping[int, Reason], reported: Sequence[int]
) -> bool:
    """Whether by the last of its days the child had not been seen, and was asked after.

    Not one whose classes reported none of the days (待核), that was excused on the last one
    they reported (请假), checked in by name, or off the roll on the last day.
    """
    if child.checked_in.get(own.term, NEVER) <= own.last or own.last not in own.expected:
        return False
    on_roll = set(own.expected)
    told = [day for day in reported if day in on_roll]
    return bool(told) and all(day in marks for day in told) and is_unexplained(marks[told[-1]])
