"""What do the roll calls say of one child since a day? Read from the class, never typed."""

from __future__ import annotations

from datetime import date

from ckbx.application.books import StoredHistory, open_book
from ckbx.application.office import Office
from ckbx.application.roll_calls import rule_book, thresholds
from ckbx.application.unit import Unit
from ckbx.domain.attendance.assess import ClassDays
from ckbx.domain.attendance.marks import Reason, is_unexplained
from ckbx.domain.calendar.school_calendar import SchoolCalendar
from ckbx.domain.child.child import Child
from ckbx.domain.school_class.register import ClassRegister
from ckbx.domain.shared.ids import split_class_key


class ChildDays:
    """The days of one child over all its classes, from a day on (school days, ordinals)."""

    def __init__(self, days: ClassDays, marks: dict[int, Reason], on_roll: set[int]) -> None:
        self.marks = marks
        self.reported = [d for d in days.reported if d in on_roll]

    def unexplained(self, first: date, last: date) -> list[date]:
        """Unexplained school days in a span, both ends included."""
        low, high = first.toordinal(), last.toordinal()
        found = (d for d, why in self.marks.items() if is_unexplained(why) and low <= d <= high)
        return [date.fromordinal(d) for d in sorted(found)]

    def attended_row(self, since: date, needed: int) -> list[date]:
        """The first row of ``needed`` attended days since a day; else the row standing now.

        A silent day neither counts nor breaks, an absent one breaks, whatever its reason.
        """
        row: list[date] = []
        for day in self.reported:
            if day < since.toordinal():
                continue
            if day in self.marks:
                row = []
                continue
            row.append(date.fromordinal(day))
            if len(row) == needed:
                break
        return row

    def attended(self, first: date, last: date) -> list[date]:
        """Attended school days in a span, both ends included."""
        low, high = first.toordinal(), last.toordinal()
        there = (d for d in self.reported if low <= d <= high and d not in self.marks)
        return [date.fromordinal(d) for d in there]

    def told(self, since: date) -> list[date]:
        """Days from one on for which its class reported on the child."""
        return [date.fromordinal(d) for d in self.reported if d >= since.toordinal()]


def days_of(office: Office, unit: Unit, child: Child, since: date) -> ChildDays:
    """The child's days from ``since`` on; none for one that never belonged to a class.

    The decision rests on the registers and roll calls as they are.
    """
    if not child.segments:
        return ChildDays(ClassDays((), ()), {}, set())
    key = child.segments[-1][0]
    school = split_class_key(key)[0]
    calendar = office.calendars(unit, school).for_school(school)
    book = open_book(office, unit, key, calendar, since)
    widest = thresholds(rule_book(office, unit)).widest
    days, marks = StoredHistory(office, unit, book, calendar, widest).of(child, since.toordinal())
    for aggregate in (book.register, *book.rolls.values()):
        unit.depend(aggregate)
    first = since.toordinal()
    told = {d for d in days.reported if d >= first}
    on_roll = {d for d in told if _on_roll(office, unit, child, d)}
    return ChildDays(days, {d: m for d, m in marks.items() if d >= first}, on_roll)


def _on_roll(office: Office, unit: Unit, child: Child, day: int) -> bool:
    key = next((k for k, first, last in child.segments if first <= day < last), None)
    if key is None:
        return False
    register = unit.get(ClassRegister.stream(office.county, key), ClassRegister)
    return register.on_roll(child.id, day)


def away_since(office: Office, unit: Unit, child: Child, first: date, last: date) -> list[date]:
    """Unexplained school days since a day: from the roll calls; for a child that never came to
    a class every school day of the county, because nobody has seen it.
    """
    if child.segments:
        return days_of(office, unit, child, first).unexplained(first, last)
    return calendar_of(office, unit, child).school_days(first, last)


def calendar_of(office: Office, unit: Unit, child: Child) -> SchoolCalendar:
    """The calendar of the child's school, or the county's."""
    return office.calendars(unit, child.school).for_school(child.school)
