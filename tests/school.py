"""A made-up class to test rules on: children, days, sheets, without any store."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from ckbx.domain.attendance.book import (
    ClassBook,
    Entry,
    Submission,
    WholeBook,
    rejudge,
    submit,
    void,
)
from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.attendance.thresholds import ALWAYS, Schedule
from ckbx.domain.calendar.book import DayLine, Term
from ckbx.domain.calendar.holidays import HolidayData
from ckbx.domain.calendar.school_calendar import SchoolCalendar
from ckbx.domain.child import enrolment
from ckbx.domain.child.child import Child
from ckbx.domain.class_roll.class_roll import ClassRoll
from ckbx.domain.school_class.register import ClassRegister
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.codec import decode_event, encode_event
from tests.dsl import an_id, context

KEY = "2152939972/2026/1"
TERM = "2026-1"
LATE = date(2026, 12, 31)
BEGAN, ENDED = date(2026, 9, 1), date(2027, 1, 21)
SPRING = date(2027, 2, 22)
PLAIN = HolidayData("plain", frozenset({2026, 2027}), {}, {})
CODES = {
    "u": Reason.UNEXPLAINED,
    "n": Reason.UNVERIFIED,
    "s": Reason.SICK,
    "p": Reason.PERSONAL,
}


def plain_calendar(closed: Iterable[date] = ()) -> SchoolCalendar:
    """Two terms of weekdays, without holidays, with declared closures."""
    terms = (
        Term(2026, "autumn", BEGAN, ENDED),
        Term(2026, "spring", SPRING, date(2027, 7, 2)),
    )
    return SchoolCalendar(terms, {day: DayLine("closure") for day in closed}, (), PLAIN)


class SmallClass:
    """A class of ``size`` children, ids 1…size, on plain weekdays from 2026-09-01."""

    def __init__(self, size: int = 5, *, began: date = BEGAN) -> None:
        ctx = context(date(2026, 11, 20))
        self.register = ClassRegister(an_id(1000))
        self.register.open(ctx, class_key=KEY, on=began)
        self.children = {an_id(n): Child(an_id(n)) for n in range(1, size + 1)}
        for child in self.children.values():
            enrolment.register(
                child, ctx, on=began, sex="f", cohort=2026, village=None, residence=None
            )
            enrolment.enrol(child, ctx, on=began, school="2152939972", class_key=KEY, grade=1)
        self.register.join(ctx, children=list(self.children), on=began)
        self.roll = ClassRoll(an_id(1001))
        self.spring = ClassRoll(an_id(1002))
        self.rolls = {TERM: self.roll, "2026-2": self.spring}
        calendar = plain_calendar()
        self.book = ClassBook(self.register, self.rolls, self.children, began.toordinal(), calendar)
        self.rules: Schedule = ALWAYS
        self.school_days = calendar.school_day_ordinals
        self.events: list[DomainEvent] = []
        self.collect()

    def collect(self) -> list[DomainEvent]:
        """What the aggregates made since the last call; each can be read back."""
        new: list[DomainEvent] = []
        for aggregate in (self.register, *self.rolls.values(), *self.children.values()):
            new += aggregate.collect_events()
        for event in new:
            assert decode_event(event.TOPIC, encode_event(event)) == event
        self.events += new
        return new

    def child(self, n: int) -> Child:
        """The n-th child."""
        return self.children[an_id(n)]

    def day(self, n: int) -> date:
        """The n-th school day, from 1 (the second term goes on counting)."""
        return date.fromordinal(self.school_days[n - 1])

    def hand_in(
        self,
        n: int,
        absent: dict[int, str] | None = None,
        *,
        session: Session = Session.FULL,
        seen: Iterable[int] = (),
        today: date = LATE,
        note: str | None = None,
        **counts: int,
    ) -> list[DomainEvent]:
        """Hand in the n-th school day; the events it made (none: it was a replay)."""
        marks = {an_id(c): CODES[letter] for c, letter in (absent or {}).items()}
        day = self.day(n)
        expected = counts.get("expected", len(self.register.roll(day.toordinal())))
        submission = Submission(
            class_key=KEY,
            class_name="一年级1班",
            day=day,
            session=session,
            expected=expected,
            present=counts.get("present", expected - len(marks)),
            absent=marks,
            seen=frozenset(map(an_id, seen)),
            submitted_by="ct0",
            correction_note=note,
        )
        roll = self.spring if day >= SPRING else self.roll
        history = WholeBook(self.book)
        submit(self.book, context(today), roll, submission, Entry("live", 0), self.rules, history)
        return self.collect()

    def put_aside(
        self, n: int, session: Session = Session.FULL, *, today: date = LATE
    ) -> list[DomainEvent]:
        """The n-th school day's sheet is voided."""
        history = WholeBook(self.book)
        void(self.book, context(today), self.roll, self.day(n), session, self.rules, history)
        return self.collect()

    def close(self, *days: int, today: date = LATE) -> list[DomainEvent]:
        """These school days are declared closed (none: no more), and the rule applied again."""
        self.book.use(plain_calendar(self.day(n) for n in days))
        history = WholeBook(self.book)
        rejudge(self.book, context(today), BEGAN, self.rules, history)
        return self.collect()

    def pattern(self, child: int, letters: str, start: int = 1) -> list[DomainEvent]:
        """Hand in one day a letter for one child (``.`` present, ``-`` silent)."""
        made: list[DomainEvent] = []
        for n, letter in enumerate(letters, start):
            if letter != "-":
                made += self.hand_in(n, {child: letter} if letter != "." else {})
        return made


def kinds(events: Iterable[Any]) -> list[str]:
    """The names of the events' classes."""
    return [type(e).__name__ for e in events]
