"""未报: which classes were to report a day and did not (domain §4, silence is a state)?

A silent class is told to its teacher at the deadline; to the next post up (grade leader,
principal) some hours later; and to the county at the deadline of the next working day. A class
lives nowhere: there is nobody on the other line below the county to be given a copy.
Acknowledging it does not stop that: it is overdue from the first hour.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec

from ckbx.domain.calendar.book import Term
from ckbx.domain.calendar.errors import CalendarRefusal
from ckbx.domain.calendar.school_calendar import SchoolCalendar
from ckbx.domain.responsibility.post import Scope, ScopeKind
from ckbx.domain.rules.rule_ids import SILENT_COUNTY, SILENT_UP
from ckbx.domain.shared.identifiers import SchoolKind, school_kind
from ckbx.scheduling.duty import STILL_SILENT, Duty
from ckbx.scheduling.facts import Facts, WatchedClass
from ckbx.scheduling.primary_leavers import past_sixth


def silent_days(facts: Facts) -> Iterator[Duty]:
    """One duty a class-day whose deadline has passed and that nobody has reported by now.

    A closure is no school day; one that a school tapped counts until the county confirmed
    it, which the calendar already says. In an unknown year no day is silent. A class was to
    report the days on which it had pupils, until the end of its ninth grade.
    """
    known: dict[int, _Days] = {}
    for school in facts.schools:
        calendar = facts.calendar(school)
        days = known.get(id(calendar))
        if days is None:
            days = known[id(calendar)] = _Days(facts, calendar)
        for each in facts.classes.get(school, ()):
            silent = days.due & _expected(facts, each)
            silent &= ~facts.reported.bits.get(each.class_key, 0)
            for day in facts.reported.days(silent):
                told = _silent(each, date.fromordinal(day))
                yield told
                if not facts.waits(told.rule, told.school, told.on):
                    yield from _risen(facts, told, days)


class _Days:
    """What is the same for all classes of a calendar: the days whose deadline has passed (a bit
    each), the first days of terms, and the next working day of each day asked about.
    """

    def __init__(self, facts: Facts, calendar: SchoolCalendar) -> None:
        self.due = _due_days(facts, calendar)
        self.firsts = {_first(calendar, term) for term in calendar.terms}
        self._calendars = facts.calendars
        self._next: dict[date, date | None] = {}

    def after(self, day: date) -> date | None:
        """The next working day (the last day of a term has no school day near it); None where
        the calendar does not reach.
        """
        if day not in self._next:
            try:
                self._next[day] = self._calendars.add_working_days(day, 1)
            except CalendarRefusal:
                self._next[day] = None
        return self._next[day]


def _first(calendar: SchoolCalendar, term: Term) -> date | None:
    try:
        return calendar.nth_from(term.first_day, 1)
    except CalendarRefusal:
        return None


def _due_days(facts: Facts, calendar: SchoolCalendar) -> int:
    """School days since the horizon whose roll-call deadline has passed, a bit each."""
    days = calendar.school_days(facts.horizon, facts.today)
    base = facts.reported.base
    passed = [d for d in days if facts.passed(d, facts.rules.rules_on(d).pack.roll_call_due)]
    return sum(1 << (day.toordinal() - base) for day in passed)


def taught_until(facts: Facts, each: WatchedClass) -> int:
    """The first day (ordinal) on which a class expects no roll call any more: after its ninth
    grade, in a primary school after its sixth; who is still in it then is told of by name
    (``primary_gap``). A primary class that has reported since is taught there.
    """
    if school_kind(each.class_key) is not SchoolKind.PRIMARY:
        return each.finished
    over = past_sixth(each.class_key).toordinal()
    bits = facts.reported.bits.get(each.class_key, 0)
    taught = bits & facts.reported.mask(over, each.finished)
    return each.finished if taught else min(over, each.finished)


def _expected(facts: Facts, each: WatchedClass) -> int:
    """The days on which the class was open and had pupils, a bit each."""
    end, bits = min(facts.today.toordinal() + 1, taught_until(facts, each)), 0
    for first, last in each.filled:
        bits |= facts.reported.mask(
            max(first, each.opened), end if last is None else min(last, end)
        )
    return bits


def _silent(each: WatchedClass, on: date) -> Duty:
    return Duty(
        kind="roll_call_silent",
        rule="roll_call_silent",
        subject=each.class_key,
        on=on,
        at=Scope(ScopeKind.CLASS, each.class_key),
        school=each.school,
        class_key=each.class_key,
        due_on=on,
    )


def _risen(facts: Facts, told: Duty, days: _Days) -> Iterator[Duty]:
    """Up its own line on the same day, and to the county on the next working day. On the first
    day of a term the principal is told by the opening programme.
    """
    change, pack = msgspec.structs.replace, facts.rules.rules_on(told.on).pack
    still = change(told, kind=STILL_SILENT)
    if told.on not in days.firsts and facts.passed(told.on, pack.silent_rise_at):
        yield change(still, rule=SILENT_UP, up=True, asked_on=told.on)
    on = days.after(told.on)
    if on is None or on > facts.today:
        return
    if facts.passed(on, facts.rules.rules_on(on).pack.roll_call_due):
        county = facts.whole_county
        yield change(still, rule=SILENT_COUNTY, on=on, at=county)
