"""Loading a class with all that a decision on its roll call needs: how far back, and from where."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.attendance.assess import ClassDays
from ckbx.domain.attendance.class_book import ClassBook
from ckbx.domain.attendance.marks import Reason
from ckbx.domain.attendance.opening import OpeningDays, opening_days
from ckbx.domain.attendance.thresholds import Schedule
from ckbx.domain.calendar.book import Term
from ckbx.domain.calendar.school_calendar import SchoolCalendar
from ckbx.domain.child.child import Child
from ckbx.domain.class_roll.class_roll import ClassRoll
from ckbx.domain.school_class.register import ClassRegister
from ckbx.domain.shared.ids import split_class_key


def term_key(term: Term) -> str:
    """The stable key of a term in stream ids: ``2026-1`` autumn, ``2026-2`` spring."""
    return term.key


def terms_since(calendar: SchoolCalendar, since: int, until: date) -> list[Term]:
    """The terms that reach to ``since`` (ordinal) or later and began by ``until``."""
    return [t for t in calendar.terms if t.last_day.toordinal() >= since and t.first_day <= until]


def term_before(calendar: SchoolCalendar, day: int) -> int | None:
    """The first day (ordinal) of the last term that ended before a day; None: there is none."""
    ended = [t for t in calendar.terms if t.last_day.toordinal() < day]
    return ended[-1].first_day.toordinal() if ended else None


def open_book(
    office: Office, unit: Unit, class_key: str, calendar: SchoolCalendar, day: date
) -> ClassBook:
    """The class's book, loaded from the term before ``day``'s on (and as far back as somebody
    has to be named 到校 after a leave); from memory as far as it is there.
    """
    book = reach(office, unit, class_key, calendar, _loaded_from(calendar, day))
    wait = book.earliest_wait(day.toordinal())
    if wait is not None and wait < book.since:
        reach(office, unit, class_key, calendar, wait)
    return book


@lru_cache(maxsize=4096)
def _loaded_from(calendar: SchoolCalendar, day: date) -> int:
    """From which day (ordinal) on the terms are loaded for a sheet of a day."""
    here = next((t.first_day for t in calendar.terms if day in t), day).toordinal()
    before = term_before(calendar, here)
    return here if before is None else before


def reach(
    office: Office, unit: Unit, class_key: str, calendar: SchoolCalendar, since: int
) -> ClassBook:
    """The class's book with every term loaded that reaches to ``since`` (ordinal) or later."""
    book = office.books.get(class_key)
    today = unit.ctx.today
    if book is not None and class_key not in unit.books:
        unit.remembered = True
    if book is not None and book.has_loaded(calendar, since, today):
        unit.books.add(class_key)
        return book
    known = book.rolls if book is not None else {}
    keys = [term_key(t) for t in terms_since(calendar, since, today)]
    ids = {key: ClassRoll.stream(office.county, class_key, key) for key in keys if key not in known}
    if book is None:
        book = _new_book(office, unit, class_key, ids, since)
    elif ids:
        loaded = unit.get_many(dict.fromkeys(ids.values(), ClassRoll))
        book.add({key: loaded[id_] for key, id_ in ids.items()}, since)
    unit.books.add(class_key)
    book.cover(since)
    book.use(calendar)
    book.loaded_for = (calendar, since, today)
    return book


def _new_book(
    office: Office, unit: Unit, class_key: str, ids: Mapping[str, UUID], since: int
) -> ClassBook:
    """Register and rolls in one select, the children in another."""
    register_id = ClassRegister.stream(office.county, class_key)
    wanted: dict[UUID, Callable[[UUID], Any]] = {register_id: ClassRegister}
    wanted.update(dict.fromkeys(ids.values(), ClassRoll))
    found: dict[UUID, Any] = unit.get_many(wanted)
    register: ClassRegister = found[register_id]
    children: dict[UUID, Child] = unit.get_many(dict.fromkeys(register.stays, Child))
    rolls = {key: found[id_] for key, id_ in ids.items()}
    office.books[class_key] = book = ClassBook(register, rolls, children, since)
    return book


class StoredHistory:
    """The days of the children of one class over all their classes, loaded as far back as a
    decision needs (domain §4): what it answers is the same whatever was in memory.
    """

    def __init__(
        self, office: Office, unit: Unit, book: ClassBook, calendar: SchoolCalendar, window: int
    ) -> None:
        """``window``: school days that the rule looks back."""
        self._office = office
        self._unit = unit
        self._book = book
        self._calendar = calendar
        self._window = window

    def of(self, child: Child, since: int) -> tuple[ClassDays, Mapping[int, Reason]]:
        """As :class:`ckbx.domain.attendance.book.History` asks."""
        covered = self._book.since
        while True:
            days, marks = self._merged(child, covered)
            if self._reaches(child, since, covered, days, marks):
                return days, marks
            earlier = term_before(self._calendar, covered)
            if earlier is None:
                return days, marks
            covered = earlier
            reach(self._office, self._unit, self._key, self._calendar, covered)

    def opening(self, child: Child, rules: Schedule, on: int) -> OpeningDays | None:
        """As :class:`ckbx.domain.attendance.book.History` asks."""
        key = next((k for k, first, last in child.segments if first <= on < last), self._key)
        calendars = self._office.calendars(self._unit, split_class_key(key)[0])
        calendar = calendars.for_school(split_class_key(key)[0])
        return opening_days(child, on, calendar, rules, self._register)

    def _register(self, key: str) -> ClassRegister:
        if key == self._key:
            return self._book.register
        stream = ClassRegister.stream(self._office.county, key)
        register = self._unit.get(stream, ClassRegister)
        self._unit.depend(register)
        return register

    @property
    def _key(self) -> str:
        return self._book.register.class_key

    def _reaches(
        self,
        child: Child,
        since: int,
        covered: int,
        days: ClassDays,
        marks: Mapping[int, Reason],
    ) -> bool:
        """Whether the days go back to the child's enrolment, or to an attended day before
        ``since``, a whole window before it, and an open suspicion.
        """
        first = child.enrolled_on.toordinal() if child.enrolled_on else 0
        if first >= covered:
            return True
        if child.suspected_on is not None and child.suspected_on.toordinal() < covered:
            return False
        school_days, reported = days
        if bisect_left(school_days, since) - bisect_left(school_days, first) < self._window:
            return False
        told = bisect_left(reported, since) - bisect_left(reported, first)
        return told > sum(first <= day < since for day in marks)

    def _merged(self, child: Child, covered: int) -> tuple[ClassDays, Mapping[int, Reason]]:
        """Each of its days from the class it was in."""
        own = self._key
        for key, _, _ in child.segments:
            if key != own:
                break
        else:
            return self._book.days_of(child.id)
        parts: list[tuple[Sequence[int], Sequence[int], Mapping[int, Reason], int, int]] = []
        for key, first, last in child.segments:
            if last > covered:
                part = self._part(key, covered)
                parts.append((*part.days(), part.marks(child.id), first, last))
        return merge(parts)

    def _part(self, key: str, covered: int) -> ClassBook:
        """The book of one of its classes; the decision rests on it as it is."""
        if key == self._key:
            return self._book
        school = split_class_key(key)[0]
        own = self._office.calendars(self._unit, school).for_school(school)
        part = reach(self._office, self._unit, key, own, covered)
        wait = part.earliest_wait(covered)
        if wait is not None and wait < part.since:
            reach(self._office, self._unit, key, own, wait)
        for aggregate in (part.register, *part.rolls.values()):
            self._unit.depend(aggregate)
        return part


def merge(
    parts: Sequence[tuple[Sequence[int], Sequence[int], Mapping[int, Reason], int, int]],
) -> tuple[ClassDays, Mapping[int, Reason]]:
    """Days and marks of several stays, each cut to the days the child belonged there."""
    school_days: set[int] = set()
    reported: set[int] = set()
    marks: dict[int, Reason] = {}
    for days, told, absent, first, last in parts:
        school_days.update(d for d in days if first <= d < last)
        reported.update(d for d in told if first <= d < last)
        marks.update({d: r for d, r in absent.items() if first <= d < last})
    return ClassDays(sorted(school_days), sorted(reported)), marks
