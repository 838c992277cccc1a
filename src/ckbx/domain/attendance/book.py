"""What follows from a submission of a class? It is checked, recorded, and the rule applied.

The facts of each child are brought in line with the sheets, then the rule is asked anew for
whom it may say something else, from the day of the change on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import NamedTuple, Protocol
from uuid import UUID

import msgspec

from ckbx.domain.attendance.assess import NOTHING, ClassDays, assess, stays_below
from ckbx.domain.attendance.class_book import ClassBook, Wait
from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.attendance.opening import OpeningDays, opening_days
from ckbx.domain.attendance.thresholds import Schedule
from ckbx.domain.child.absences import Verdict, follow_episode, follow_rule
from ckbx.domain.child.child import Child
from ckbx.domain.child.day_facts import DayFact, state_day
from ckbx.domain.class_roll import errors
from ckbx.domain.class_roll.class_roll import ClassRoll, Sheet
from ckbx.domain.shared.event import CommandContext, DomainEvent
from ckbx.domain.shared.system_actors import ATTENDANCE_RULE, acting

__all__ = [
    "ClassBook",
    "Entry",
    "History",
    "Recorded",
    "Results",
    "Submission",
    "WholeBook",
    "check",
    "conclude",
    "judge",
    "record",
    "rejudge",
    "restate",
    "submit",
    "void",
]

Results = list[tuple[Child, list[DomainEvent]]]
"""Children of whom something new was recorded, each with what the rule said (often nothing),
for alerts to be raised from.
"""


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


class History(Protocol):
    """Where a child's days come from, over all its classes."""

    def of(self, child: Child, since: int) -> tuple[ClassDays, Mapping[int, Reason]]:
        """Its days and marks, far enough back for what the rule dates on ``since`` (ordinal)
        or later, and for the attending spans of an open suspicion.
        """
        ...

    def opening(self, child: Child, rules: Schedule, on: int) -> OpeningDays | None:
        """Its own days of the opening of the term in which a day (ordinal) lies, if any."""
        ...


class WholeBook:
    """The history of children who were in one class only, all terms of it loaded."""

    def __init__(self, book: ClassBook) -> None:
        self._book = book

    def of(self, child: Child, _since: int) -> tuple[ClassDays, Mapping[int, Reason]]:
        """Everything the book has."""
        return self._book.days(), self._book.marks(child.id)

    def opening(self, child: Child, rules: Schedule, on: int) -> OpeningDays | None:
        """By the book's own calendar and register."""
        return opening_days(child, on, self._book.calendar, rules, lambda _: self._book.register)


class Recorded(NamedTuple):
    """A sheet was recorded for a day (ordinal): of whom the rule may say something else now,
    each from a day (ordinal) on. ``event`` is the sheet's id.
    """

    day: int
    since: Mapping[UUID, int]
    event: str | None


def submit(
    book: ClassBook,
    ctx: CommandContext,
    roll: ClassRoll,
    submission: Submission,
    entry: Entry,
    rules: Schedule,
    history: History,
) -> Results | None:
    """Record a submission and everything the rule makes of it.

    None when the same sheet was handed in before, which changes nothing. Raises the refusals
    of ``class_roll.errors``.
    """
    recorded = record(book, ctx, roll, submission, entry)
    return conclude(book, ctx, [recorded], rules, history) if recorded else None


def conclude(
    book: ClassBook,
    ctx: CommandContext,
    recorded: Sequence[Recorded],
    rules: Schedule,
    history: History,
) -> Results:
    """What the rule makes of sheets of one class that were recorded one after another: asked
    once, so that nothing is said that only held between two of them.
    """
    since: dict[UUID, int] = {}
    for each in recorded:
        for child, first in each.since.items():
            since[child] = min(since.get(child, first), first)
    first_day, cause = min(each.day for each in recorded), recorded[-1].event
    told = judge(book, ctx, since, first_day, rules, history, cause=cause)
    said = {id(child) for child, _ in told}
    stated = [book.children[each] for each in since]
    return told + [(c, []) for c in stated if c.has_pending and id(c) not in said]


def record(
    book: ClassBook, ctx: CommandContext, roll: ClassRoll, submission: Submission, entry: Entry
) -> Recorded | None:
    """Record a submission and what it says of each child; the rule is not asked yet.

    None when the same sheet was handed in before. Raises as :func:`submit`, before anything
    is recorded.
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
    in_order = not was_known and book.next_day(day) is None
    touched = set(submission.absent)
    touched.update(c for c in submission.seen if book.children[c].had_leave)
    touched |= _said(book, day)  # also of a day whose sheets were put aside
    roll.submit(
        ctx,
        class_key=submission.class_key,
        day=submission.day,
        session=submission.session,
        expected=submission.expected,
        present=submission.present,
        roll=len(on_roll),
        absent=submission.absent,
        seen=sorted(submission.seen),
        submitted_by=submission.submitted_by,
        claimed_at=submission.claimed_at,
        entry=entry.kind,
        lag_days=entry.lag_days,
        correction_note=submission.correction_note,
    )
    touched.update(book.awaited_on(day))
    changed = _state(book, ctx, day, touched, submission)
    since = dict.fromkeys(changed if in_order else book.children, day)
    for child, first in restate(book, ctx, book.to_restate(), None).items():
        since[child] = min(since.get(child, day), first)
    return Recorded(day, since, roll.last_event)


def void(
    book: ClassBook,
    ctx: CommandContext,
    roll: ClassRoll,
    day: date,
    session: Session,
    rules: Schedule,
    history: History,
) -> Results:
    """Put aside what stands for a session, without another in its place.

    A day of which nothing stands any more is silent again: who was absent on the reported
    day before is absent through it.
    """
    ordinal = day.toordinal()
    touched = _said(book, ordinal) | set(book.awaited_on(ordinal))
    roll.void(ctx, class_key=book.register.class_key, day=day, session=session)
    touched.update(book.awaited_on(ordinal), roll.absent_on(ordinal))
    _state(book, ctx, ordinal, touched, None)
    return rejudge(book, ctx, day, rules, history, cause=roll.last_event)


def rejudge(
    book: ClassBook,
    ctx: CommandContext,
    since: date,
    rules: Schedule,
    history: History,
    *,
    cause: str | None = None,
) -> Results:
    """Bring every child's facts from a day on in line with what counts now (a calendar, a
    roll or rules that changed), and apply the rule again.
    """
    day = since.toordinal()
    from_day = dict.fromkeys(book.children, day)
    restate(book, ctx, list(book.children), day)
    for child, first in restate(book, ctx, book.to_restate(), None).items():
        from_day[child] = min(from_day[child], first)
    return judge(book, ctx, from_day, day, rules, history, cause=cause)


def _said(book: ClassBook, day: int) -> set[UUID]:
    """Children of whose day this class has said something."""
    key = book.register.class_key
    return {id_ for id_, child in book.children.items() if child.said_on(day, key) is not None}


def _state(
    book: ClassBook,
    ctx: CommandContext,
    day: int,
    touched: set[UUID],
    submission: Submission | None,
) -> list[UUID]:
    """Record what one class-day says of the children now; who changed."""
    previous = book.day_before(day)
    before = book.on(previous).absent() if previous is not None else {}
    if before:
        on_roll = book.register.roll(day)
        touched.update([child for child in before if child in on_roll])
    seen: frozenset[UUID] = submission.seen if submission else frozenset()
    session = submission.session if submission else Session.FULL
    said, until = book.on(day), book.next_day(day)
    on, until_on = date.fromordinal(day), date.fromordinal(until) if until else None
    register, key = book.register, book.register.class_key
    children = book.children
    changed = []
    for id_ in sorted(touched, key=_number):
        fact = DayFact(
            on,
            key,
            said.stands and register.belongs(id_, day),
            said.value(id_),
            before.get(id_),
            until_on,
            session,
            said.is_awaited(id_),
            bool(seen) and id_ in seen,
        )
        if state_day(children[id_], ctx, fact):
            changed.append(id_)
    return changed


def _number(child: UUID) -> int:
    """By what ids are sorted: faster than comparing them."""
    return child.int


def restate(
    book: ClassBook, ctx: CommandContext, children: Iterable[UUID], since: int | None
) -> dict[UUID, int]:
    """Bring what children's facts say of earlier and later days in line with the sheets.

    From ``since`` (ordinal) on; None: as far as each of them has, or had, to be named 到校.
    Returns the first day that changed by child.
    """
    changed: dict[UUID, int] = {}
    for id_ in children:
        if since is None:
            waits = list(book.waits(id_))
            if book.restated.get(id_) == waits:
                continue
            book.restated[id_] = waits
            days = [d for wait in waits for d in _days_to_restate(book, id_, wait)]
        else:
            days = sorted(_spoken_of(book, id_, since))
        for day in days:
            said, until = book.on(day), book.next_day(day)
            fact = DayFact(
                date.fromordinal(day),
                book.register.class_key,
                said.stands and book.register.belongs(id_, day),
                said.value(id_),
                _value_before(book, id_, day),
                date.fromordinal(until) if until is not None else None,
                implied=said.is_awaited(id_),
                seen=book.was_seen(id_, day),
            )
            if state_day(book.children[id_], ctx, fact):
                changed.setdefault(id_, day)
    return changed


def _days_to_restate(book: ClassBook, child: UUID, wait: Wait) -> list[int]:
    """Days on which it is awaited, the day it was seen, and what was said of any up to the end."""
    days = set(book.standing_days(wait.since, wait.until))
    days.update(d for d in _spoken_of(book, child, wait.since) if d < wait.end)
    if wait.until < wait.end:
        days.add(wait.until)
    return sorted(days)


def _spoken_of(book: ClassBook, child: UUID, since: int) -> set[int]:
    """Days of which this class has said something, or has something to say."""
    key = book.register.class_key
    said = book.children[child].said
    days = {day for day, (of, _) in said.items() if of == key and day >= since}
    register = book.register
    marks = (d for d in book.marks(child) if d >= since)
    return days.union(d for d in marks if register.belongs(child, d))


def _value_before(book: ClassBook, child: UUID, day: int) -> Reason | None:
    previous = book.day_before(day)
    if previous is None or not book.register.belongs(child, previous):
        return None
    return book.value(child, previous)


def judge(
    book: ClassBook,
    ctx: CommandContext,
    children: Mapping[UUID, int],
    day: int,
    rules: Schedule,
    history: History,
    *,
    cause: str | None = None,
) -> Results:
    """Apply the rule to these children, each from its own day (ordinal) on, and from ``day``
    on to every open suspicion of the class. ``cause``: the sheet (event id) it follows from.
    """
    results = []
    ruling = acting(ctx, ATTENDANCE_RULE, cause)
    asked = {id(book.children[each]): since for each, since in children.items()}
    for child in book.children.values():
        since = asked.get(id(child), day if child.episode is not None else None)
        if since is not None:
            events = _apply_rule(child, ruling, since, rules, history)
            if events:
                results.append((child, events))
    return results


def _apply_rule(
    child: Child, ctx: CommandContext, since: int, rules: Schedule, history: History
) -> list[DomainEvent]:
    """Ask the rule about one child from a day (ordinal) on, walking its days only where
    they can come to something.
    """
    stated = _dated_from(child, since)
    if child.episode is None and not stated and max(child.mark_events, default=0) < since:
        return []
    days, marks = history.of(child, since)
    verdict = partial(
        Verdict,
        marks=marks,
        reported=days.reported,
        since=since,
        rules=rules,
        opening=partial(history.opening, child, rules),
    )
    # In the 巩固期 fewer days come to something: every one of them is walked.
    if child.back is None and not stated and stays_below(marks, days, since, rules):
        if child.episode is None:
            return []
        return follow_episode(child, ctx, verdict(NOTHING, school_days=days.school_days))
    first = child.enrolled_on.toordinal() if child.enrolled_on else 0
    result = assess(marks, days, rules, first=first, resets=child.resets, since=since)
    return follow_rule(child, ctx, verdict(result, school_days=days.school_days))


def _dated_from(child: Child, since: int) -> bool:
    """Whether a warning or a long leave of the child is dated on a day (ordinal) or later."""
    warned, leave = child.warned, child.long_leave
    return (bool(warned) and any(day >= since for _, day in warned)) or (
        bool(leave) and max(leave) >= since
    )


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
