"""What do the lines of one calendar stream (a county's, or one school's) amount to?"""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

import msgspec

from ckbx.domain.calendar.events import (
    ClosureConfirmed,
    ClosureDeclared,
    ClosureRejected,
    ClosureReported,
    DayLineWithdrawn,
    MakeUpDaySet,
    TermName,
    TermSet,
    TermWithdrawn,
    YearConfirmationWithdrawn,
    YearConfirmed,
)
from ckbx.domain.shared.aggregate import Aggregate
from ckbx.domain.shared.event import DomainEvent
from ckbx.domain.shared.ids import stream_id

TERM_TITLES: dict[TermName, str] = {"autumn": "秋季", "spring": "春季"}
TapState = Literal["reported", "confirmed", "rejected"]


class Term(msgspec.Struct, frozen=True):
    """A term of the school year that began in autumn ``school_year``; both days included."""

    school_year: int
    name: TermName
    first_day: date
    last_day: date

    @property
    def rank(self) -> int:
        """Terms in order of time; the next term's rank is one more."""
        return self.school_year * 2 + (self.name == "spring")

    @property
    def key(self) -> str:
        """What names it in stream ids and facts: ``2026-1`` autumn, ``2026-2`` spring."""
        return f"{self.school_year}-{2 if self.name == 'spring' else 1}"

    @property
    def title(self) -> str:
        return f"{self.school_year}-{self.school_year + 1}学年{TERM_TITLES[self.name]}学期"

    def __contains__(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day


class DayLine(msgspec.Struct, frozen=True):
    """What was declared for a day; ``timetable_of`` only with ``make_up``."""

    kind: Literal["closure", "holiday", "make_up"]
    timetable_of: date | None = None
    note_ref: str | None = None


class CalendarBook(Aggregate):
    """One stream's lines. ``school`` is None for the county's own."""

    __slots__ = ("lines", "school", "taps", "terms", "years")

    KIND: ClassVar[str] = "calendar"

    def __init__(self, id_: UUID, school: str | None = None) -> None:
        super().__init__(id_)
        self.school = school
        self.terms: dict[tuple[int, TermName], Term] = {}
        self.lines: dict[date, DayLine] = {}
        self.years: set[int] = set()
        self.taps: dict[date, TapState] = {}

    def apply(self, event: DomainEvent) -> None:
        """Fold one event. Raises TypeError for an event that is none of the calendar's."""
        match event:
            case TermSet():
                key = (event.school_year, event.term)
                self.terms[key] = Term(*key, event.first_day, event.last_day)
            case TermWithdrawn():
                self.terms.pop((event.school_year, event.term), None)
            case YearConfirmed():
                self.years.add(event.year)
            case YearConfirmationWithdrawn():
                self.years.discard(event.year)
            case _:
                self._apply_day(event)

    def _apply_day(self, event: DomainEvent) -> None:
        match event:
            case ClosureDeclared():
                self.lines[event.day] = DayLine(event.kind, None, event.note_ref)
                if event.day in self.taps:
                    self.taps[event.day] = "confirmed"
            case MakeUpDaySet():
                line = DayLine("make_up", event.timetable_of, event.note_ref)
                self.lines[event.day] = line
            case DayLineWithdrawn():
                self.lines.pop(event.day, None)
                if self.taps.get(event.day) == "confirmed":
                    self.taps[event.day] = "reported"
            case ClosureReported():
                self.taps[event.day] = "reported"
            case ClosureConfirmed():
                self.taps[event.day] = "confirmed"
                self.lines[event.day] = DayLine("closure")
            case ClosureRejected():
                if self.taps.get(event.day) == "confirmed":
                    self.lines.pop(event.day, None)
                self.taps[event.day] = "rejected"
            case _:
                msg = f"{type(event).__name__} is no event of a calendar"
                raise TypeError(msg)


def calendar_stream(county: str, school: str | None = None) -> UUID:
    """The stream of the county's calendar, or of one school's own lines."""
    return stream_id(county, CalendarBook.KIND, *([school] if school else []))
