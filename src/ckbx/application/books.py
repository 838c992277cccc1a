"""Loading a class with all that a decision on its roll call needs, in two selects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.attendance.assess import ClassDays
from ckbx.domain.attendance.book import ClassBook, ElsewhereDays
from ckbx.domain.attendance.marks import Reason
from ckbx.domain.calendar.book import Term
from ckbx.domain.calendar.school_calendar import SchoolCalendar
from ckbx.domain.child.child import Child
from ckbx.domain.class_roll.class_roll import ClassRoll
from ckbx.domain.school_class.register import ClassRegister
from ckbx.domain.shared.ids import split_class_key


def term_key(term: Term) -> str:
    """The stable key of a term in stream ids: ``2026-1`` autumn, ``2026-2`` spring."""
    return f"{term.school_year}-{2 if term.name == 'spring' else 1}"


def loaded_terms(calendar: SchoolCalendar, day: date, today: date) -> list[Term]:
    """The terms a decision about ``day`` looks at: the one before it up to the present one."""
    terms = [t for t in calendar.terms if t.first_day <= max(day, today)]
    here = next((i for i, t in enumerate(terms) if day in t), len(terms) - 1)
    return terms[max(here - 1, 0) :]


def open_book(
    office: Office, unit: Unit, class_key: str, calendar: SchoolCalendar, day: date
) -> ClassBook:
    """The class's book, from memory when it covers the terms this decision needs."""
    keys = [term_key(t) for t in loaded_terms(calendar, day, unit.ctx.today)]
    book = office.books.get(class_key)
    if book is None or any(key not in book.rolls for key in keys):
        book = _load(office, unit, class_key, calendar, day)
        office.books[class_key] = book
    unit.books.add(class_key)
    return book


def _load(
    office: Office, unit: Unit, class_key: str, calendar: SchoolCalendar, day: date
) -> ClassBook:
    terms = loaded_terms(calendar, day, unit.ctx.today)
    register_id = ClassRegister.stream(office.county, class_key)
    roll_ids = {term_key(t): ClassRoll.stream(office.county, class_key, term_key(t)) for t in terms}
    wanted: dict[UUID, Callable[[UUID], Any]] = {register_id: ClassRegister}
    wanted.update(dict.fromkeys(roll_ids.values(), ClassRoll))
    found: dict[UUID, Any] = unit.get_many(wanted)
    register: ClassRegister = found[register_id]
    children: dict[UUID, Child] = unit.get_many(dict.fromkeys(register.stays, Child))
    rolls = {key: found[id_] for key, id_ in roll_ids.items()}
    since = terms[0].first_day.toordinal() if terms else 0
    return ClassBook(register, rolls, children, since)


def elsewhere(
    office: Office, unit: Unit, book: ClassBook, calendar: SchoolCalendar
) -> ElsewhereDays:
    """How a child that changed class sees its days: each from the class it was in."""

    def days_of(child: Child) -> tuple[ClassDays, Mapping[int, Reason]] | None:
        others = {key for key, _, _ in child.segments if key != book.register.class_key}
        if not others:
            return None
        parts: list[tuple[Sequence[int], Sequence[int], Mapping[int, Reason], int, int]] = []
        for key, first, last in child.segments:
            part = book if key == book.register.class_key else None
            if part is None:
                school = split_class_key(key)[0]
                own = office.calendars(unit, school).for_school(school)
                part = open_book(office, unit, key, own, date.fromordinal(book.since))
                days = part.days(own.school_day_ordinals)
            else:
                days = part.days(calendar.school_day_ordinals)
            parts.append((*days, part.marks(child.id), first, last))
        return merge(parts)

    return days_of


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
