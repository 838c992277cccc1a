"""One class with everything a decision on its roll call needs, and that decision.

The book holds the class register, the rolls of the loaded terms and the children. It is
loaded from their streams and kept between commands by the application.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

import msgspec

from ckbx.domain.attendance.assess import (
    AttendingSpan,
    ClassDays,
    Thresholds,
    assess,
    attending_spans,
)
from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.child.absences import DayChange, Verdict, follow_rule, record_day
from ckbx.domain.child.child import Child
from ckbx.domain.class_roll import errors
from ckbx.domain.class_roll.class_roll import ClassRoll, Sheet
from ckbx.domain.school_class.register import ClassRegister
from ckbx.domain.shared.aggregate import Aggregate
from ckbx.domain.shared.event import CommandContext, DomainEvent


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """One class-day-session as handed in. ``class_name`` is for messages (Chinese)."""

    class_key: str
    class_name: str
    day: date
    session: Session
    expected: int
    present: int
    absent: Mapping[UUID, Reason]
    seen: frozenset[UUID] = frozenset()
    submitted_by: str
    claimed_at: str | None = None
    correction_note: str | None = None

    @property
    def sheet(self) -> Sheet:
        """What is compared for "the same again"."""
        return Sheet(self.expected, self.present, frozenset(self.absent.items()), self.seen)


class Entry(msgspec.Struct, frozen=True):
    """How the submission came in: live, late (补录) or initial (初始导入), calendar days late."""

    kind: str
    lag_days: int


class Rule(msgspec.Struct, frozen=True):
    """The thresholds in force and the version of the rule pack they come from."""

    thresholds: Thresholds
    version: int


ElsewhereDays = Callable[[Child], tuple[ClassDays, Mapping[int, Reason]] | None]
"""For a child that changed class: its days and marks over all its classes; else None."""


class ClassBook:
    """A class as decisions see it. Days are ordinals."""

    __slots__ = ("_days", "children", "register", "rolls", "since")

    def __init__(
        self,
        register: ClassRegister,
        rolls: dict[str, ClassRoll],
        children: dict[UUID, Child],
        since: int,
    ) -> None:
        """``rolls`` by term in order of time; ``since``: first ordinal they cover."""
        self.register = register
        self.rolls = rolls
        self.children = children
        self.since = since
        self._days: tuple[Sequence[int], int, ClassDays] | None = None

    def aggregates(self) -> Iterator[Aggregate]:
        """Everything the book holds."""
        yield self.register
        yield from self.rolls.values()
        yield from self.children.values()

    def days(self, school_days: Sequence[int]) -> ClassDays:
        """The class's school days and fully reported days over the loaded terms.

        In a year nobody has made known, the reported days are its school days.
        """
        count = sum(len(r.reported) for r in self.rolls.values())
        cached = self._days
        if cached is not None and cached[0] is school_days and cached[1] == count:
            return cached[2]
        rolls = list(self.rolls.values())
        reported: Sequence[int] = (
            rolls[0].reported if len(rolls) == 1 else [d for r in rolls for d in r.reported]
        )
        known = set(school_days)
        extra = [d for d in reported if d not in known]
        days = ClassDays(sorted(known.union(extra)) if extra else school_days, reported)
        self._days = (school_days, count, days)
        return days

    def marks(self, child: UUID) -> Mapping[int, Reason]:
        """The child's absent days in this class over the loaded terms."""
        found = [r.marks[child] for r in self.rolls.values() if r.marks.get(child)]
        if len(found) == 1:
            return found[0]
        return {d: m for marks in found for d, m in marks.items()}

    def next_day(self, day: int) -> int | None:
        """The next day after ``day`` for which anything stands, over the loaded terms."""
        found = (r.next_day(day) for r in self.rolls.values())
        return min((d for d in found if d is not None), default=None)

    def absent_before(self, day: int) -> dict[UUID, Reason | None]:
        """Who was absent, and why, on the last day before ``day`` for which anything stands."""
        last: tuple[int, ClassRoll] | None = None
        for roll in self.rolls.values():
            found = roll.day_before(day)
            if found is not None and (last is None or found > last[0]):
                last = (found, roll)
        if last is None:
            return {}
        return {child: last[1].value(child, last[0]) for child in last[1].absent_on(last[0])}

    def implied(self, day: int, seen: frozenset[UUID], listed: Mapping[UUID, Reason]) -> list[UUID]:
        """Children on the roll who still have to be named 到校 and were neither named nor
        listed: they count as 未核 (domain §4, the roll).
        """
        waiting = []
        for child in self.register.any_awaited():
            since = self.register.awaited(child, day)
            if since is None or child in seen or child in listed:
                continue
            if any(
                since <= d <= day for r in self.rolls.values() for d in r.seen_on.get(child, ())
            ):
                continue
            waiting.append(child)
        return waiting


def submit(
    book: ClassBook,
    ctx: CommandContext,
    roll: ClassRoll,
    submission: Submission,
    entry: Entry,
    rule: Rule,
    school_days: Sequence[int],
    elsewhere: ElsewhereDays,
) -> list[tuple[Child, list[DomainEvent]]] | None:
    """Record a submission and everything the rule makes of it.

    Returns the rule's events by child; None when the same sheet was handed in before, which
    changes nothing. Raises the refusals of ``class_roll.errors``.
    """
    day = submission.day.toordinal()
    sheet = submission.sheet
    if roll.was_handed_in(day, submission.session, sheet):
        standing = roll.current(day, submission.session)
        if standing == sheet or submission.correction_note is None:
            return None
    on_roll = book.register.roll(day)
    check(book, submission, on_roll)
    was_known = roll.has(day)
    next_day = book.next_day(day)
    in_order = not was_known and next_day is None
    implied = book.implied(day, submission.seen, submission.absent)
    touched = set(submission.absent) | set(implied)
    was: dict[UUID, Reason | None] = {}
    if was_known:
        touched |= roll.absent_on(day)
        was = {child: roll.value(child, day) for child in touched}
    before = book.absent_before(day)
    touched |= {child for child in before if child in on_roll}
    roll.submit(
        ctx,
        class_key=submission.class_key,
        day=submission.day,
        session=submission.session,
        expected=submission.expected,
        present=submission.present,
        roll=len(on_roll),
        absent=submission.absent,
        implied=implied,
        seen=sorted(submission.seen),
        submitted_by=submission.submitted_by,
        claimed_at=submission.claimed_at,
        entry=entry.kind,
        lag_days=entry.lag_days,
        correction_note=submission.correction_note,
    )
    until = date.fromordinal(next_day) if next_day else None
    for child in sorted(touched):
        change = DayChange(
            day=submission.day,
            class_key=submission.class_key,
            session=submission.session,
            was_known=was_known,
            was=was.get(child),
            now=roll.value(child, day),
            before=before.get(child),
            until=until,
            implied=child in implied,
        )
        record_day(book.children[child], ctx, change)
    judged = {*submission.absent, *implied} if in_order else set(book.children)
    return judge(book, ctx, judged, rule, school_days, elsewhere)


def judge(
    book: ClassBook,
    ctx: CommandContext,
    children: set[UUID],
    rule: Rule,
    school_days: Sequence[int],
    elsewhere: ElsewhereDays,
) -> list[tuple[Child, list[DomainEvent]]]:
    """Apply the rule to these children and to every open suspicion of the class."""
    days = book.days(school_days)
    results = []
    for child in book.children.values():
        if child.episode is None and child.id not in children:
            continue
        verdict = _verdict(book, child, rule, days, elsewhere)
        if verdict is None:
            continue
        spans: tuple[AttendingSpan, ...] = ()
        if child.suspected_on is not None:
            spans = attending_spans(verdict.marks, verdict.reported, child.suspected_on.toordinal())
        events = follow_rule(child, ctx, verdict, spans)
        if events:
            results.append((child, events))
    return results


def _verdict(
    book: ClassBook, child: Child, rule: Rule, days: ClassDays, elsewhere: ElsewhereDays
) -> Verdict | None:
    marks: Mapping[int, Reason] = book.marks(child.id)
    own = days
    if len(child.segments) > 1:
        other = elsewhere(child)
        if other is not None:
            own, marks = other
    if not marks and not child.warned and not child.long_leave and child.episode is None:
        return None
    first = child.enrolled_on.toordinal() if child.enrolled_on else 0
    result = assess(marks, own, rule.thresholds, first=first, resets=child.resets)
    return Verdict(result, marks, own.reported, book.since, rule.version)


def check(book: ClassBook, submission: Submission, on_roll: frozenset[UUID]) -> None:
    """Refuse counts that cannot be and absentees who are not on the roll (domain §4)."""
    s = submission
    where = {"day": s.day, "class_name": s.class_name}
    if s.expected < 0 or s.present < 0:
        raise errors.NegativeCount(**where, expected=s.expected, present=s.present)
    if s.present > s.expected:
        raise errors.PresentExceedsExpected(**where, expected=s.expected, present=s.present)
    if s.expected - s.present != len(s.absent):
        raise errors.AbsenteesDoNotAddUp(
            **where,
            expected=s.expected,
            present=s.present,
            gap=s.expected - s.present,
            listed=len(s.absent),
        )
    for child in (*s.absent, *s.seen):
        if child not in on_roll:
            raise errors.AbsenteeNotOnRoll(**where, child=child)
    opened = book.register.opened_on
    if opened is not None and s.day < opened:
        raise errors.BeforeClassBegan(**where, began=opened)
