"""How does a school say that it is closed today, and how does the county answer?

A reported closure is told to the county at once, cannot be dated back, and the day counts
as silent until the county has confirmed it. Lines entered by mistake are taken back here.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from ckbx.domain.calendar.county_calendars import CountyCalendars
from ckbx.domain.calendar.errors import (
    ClosureAlreadyRejected,
    ClosureNotReported,
    ClosureNotToday,
)
from ckbx.domain.calendar.events import (
    ClosureConfirmed,
    ClosureRejected,
    ClosureReported,
    DayLineWithdrawn,
    TermName,
    TermWithdrawn,
    YearConfirmationWithdrawn,
)
from ckbx.domain.shared.event import CommandContext, DomainEvent


def report_closure(
    existing: CountyCalendars,
    school: str,
    day: date,
    ctx: CommandContext,
    note_ref: str | None = None,
) -> list[DomainEvent]:
    """The school's one tap. A second tap, or one after the county's yes, changes nothing.

    Raises ClosureNotToday, OutsideTerm, NotASchoolDay, ClosureAlreadyRejected.
    """
    if day != ctx.today:
        raise ClosureNotToday(day=day, today=ctx.today)
    state = existing.book(school).taps.get(day)
    if state == "rejected":
        raise ClosureAlreadyRejected(school=school, day=day)
    if state is not None:
        return []
    existing.for_school(school).require_school_day(day)
    return _record(existing, school, ClosureReported, ctx, day=day, note_ref=note_ref)


def confirm_closure(
    existing: CountyCalendars, school: str, day: date, ctx: CommandContext
) -> list[DomainEvent]:
    """The county's yes, also after an earlier no. Raises ClosureNotReported."""
    if _reported(existing, school, day) == "confirmed":
        return []
    return _record(existing, school, ClosureConfirmed, ctx, day=day)


def reject_closure(
    existing: CountyCalendars,
    school: str,
    day: date,
    ctx: CommandContext,
    note_ref: str | None = None,
) -> list[DomainEvent]:
    """The county's no, also after an earlier yes. Raises ClosureNotReported."""
    if _reported(existing, school, day) == "rejected":
        return []
    return _record(existing, school, ClosureRejected, ctx, day=day, note_ref=note_ref)


def withdraw_day_line(
    existing: CountyCalendars, school: str | None, day: date, ctx: CommandContext
) -> list[DomainEvent]:
    """Take back a line entered by mistake; nothing to take back changes nothing."""
    if day not in existing.book(school).lines:
        return []
    return _record(existing, school, DayLineWithdrawn, ctx, day=day)


def withdraw_term(
    existing: CountyCalendars,
    school: str | None,
    school_year: int,
    term: TermName,
    ctx: CommandContext,
) -> list[DomainEvent]:
    """Take back a term entered by mistake; nothing to take back changes nothing."""
    if (school_year, term) not in existing.book(school).terms:
        return []
    return _record(existing, school, TermWithdrawn, ctx, school_year=school_year, term=term)


def withdraw_confirmation(
    existing: CountyCalendars, year: int, ctx: CommandContext
) -> list[DomainEvent]:
    """Take back 已核定 of a calendar year; nothing to take back changes nothing."""
    book = existing.county_book
    if year not in book.years:
        return []
    book.trigger_event(YearConfirmationWithdrawn, ctx, occurred_on=ctx.today, year=year)
    return book.collect_events()


def _reported(existing: CountyCalendars, school: str, day: date) -> str:
    state = existing.book(school).taps.get(day)
    if state is None:
        raise ClosureNotReported(school=school, day=day)
    return state


def _record(
    existing: CountyCalendars,
    school: str | None,
    event_class: type[DomainEvent],
    ctx: CommandContext,
    **fields: Any,
) -> list[DomainEvent]:
    book = existing.book(school)
    book.trigger_event(event_class, ctx, occurred_on=ctx.today, school=school, **fields)
    return book.collect_events()
