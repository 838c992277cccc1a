"""A made-up class to test rules on: children, days, sheets, without any store."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from ckbx.domain.attendance.assess import Thresholds
from ckbx.domain.attendance.book import ClassBook, Entry, Rule, Submission, submit
from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.child import enrolment
from ckbx.domain.child.child import Child
from ckbx.domain.class_roll.class_roll import ClassRoll
from ckbx.domain.school_class.register import ClassRegister
from ckbx.domain.shared.event import DomainEvent
from tests.dsl import an_id, context

KEY = "2152939972/2026/1"
TERM = "2026-1"
CODES = {
    "u": Reason.UNEXPLAINED,
    "n": Reason.UNVERIFIED,
    "s": Reason.SICK,
    "p": Reason.PERSONAL,
}


class SmallClass:
    """A class of ``size`` children, ids 1…size, on plain weekdays from 2026-09-01."""

    def __init__(self, size: int = 5, *, began: date = date(2026, 9, 1)) -> None:
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
        self.book = ClassBook(self.register, {TERM: self.roll}, self.children, began.toordinal())
        first, last = began.toordinal(), date(2027, 1, 22).toordinal()
        self.school_days = [d for d in range(first, last) if date.fromordinal(d).weekday() < 5]
        self.events: list[DomainEvent] = []
        self._collect()

    def _collect(self) -> list[DomainEvent]:
        new: list[DomainEvent] = []
        for aggregate in (self.register, self.roll, *self.children.values()):
            new += aggregate.collect_events()
        self.events += new
        return new

    def child(self, n: int) -> Child:
        """The n-th child."""
        return self.children[an_id(n)]

    def day(self, n: int) -> date:
        """The n-th school day, from 1."""
        return date.fromordinal(self.school_days[n - 1])

    def hand_in(
        self,
        n: int,
        absent: dict[int, str] | None = None,
        *,
        session: Session = Session.FULL,
        seen: Iterable[int] = (),
        today: date = date(2026, 12, 31),
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
        submit(
            self.book,
            context(today),
            self.roll,
            submission,
            Entry("live", 0),
            Rule(Thresholds(), 0),
            self.school_days,
            lambda _child: None,
        )
        return self._collect()

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
