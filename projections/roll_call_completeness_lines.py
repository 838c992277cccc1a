"""What calendar and which rules did the county have, as known at a position?

The lines are kept as recorded; calendar and rule book are folded from those up to the
position by the domain's own classes, once for each set of lines.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import Column, LargeBinary, Text, select

from ckbx.calendar_data import national_holidays
from ckbx.clock import local_instant
from ckbx.domain.calendar import events as c
from ckbx.domain.calendar.county_calendars import CountyCalendars
from ckbx.domain.calendar.school_calendar import SchoolCalendar
from ckbx.domain.rules.events import RulePackAdopted
from ckbx.domain.rules.rule_book import RuleBook
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.codec import decode_event, encode_event
from projections.kit.fold import Fold
from projections.kit.projection import Handler
from projections.kit.reading import Reading
from projections.kit.tables import PlainTable, Position

NAME = "roll_call_completeness"

LINES = PlainTable(
    f"{NAME}_lines",
    key=(Column("position", Position),),
    values=(Column("topic", Text, nullable=False), Column("state", LargeBinary, nullable=False)),
)
"""Calendar lines and adopted rule packs as recorded, by position."""

_KINDS: tuple[type[DomainEvent], ...] = (
    c.TermSet,
    c.TermWithdrawn,
    c.ClosureDeclared,
    c.MakeUpDaySet,
    c.DayLineWithdrawn,
    c.YearConfirmed,
    c.YearConfirmationWithdrawn,
    c.ClosureReported,
    c.ClosureConfirmed,
    c.ClosureRejected,
    RulePackAdopted,
)


def _kept(fold: Fold, event: DomainEvent, position: int) -> None:
    fold[LINES].put(position, (event.TOPIC, encode_event(event)))


LINE_HANDLERS: dict[type[DomainEvent], Handler] = dict.fromkeys(_KINDS, _kept)


class CountyLines(NamedTuple):
    """Calendars and rules as known at a position."""

    calendars: CountyCalendars
    rules: RuleBook

    @staticmethod
    def at(reading: Reading, position: int) -> CountyLines:
        """Fold what was recorded by then (no personal data: no scope)."""
        last = reading.last(NAME, LINES.c.position, position)
        key = (NAME, reading.county, last)
        return reading.keep(key, lambda: _folded(reading, last.position))

    def calendar(self, school: str) -> SchoolCalendar:
        """The calendar of a school."""
        return self.calendars.for_school(school)

    def due(self, day: date, reading: Reading) -> datetime:
        """The instant (UTC) by which a class must have reported a day (rule 10:00 local)."""
        at = time.fromisoformat(self.rules.rules_on(day).pack.roll_call_due)
        return local_instant(day, at, reading.zone)


def _folded(reading: Reading, last: int) -> CountyLines:
    query = (
        select(LINES.c.topic, LINES.c.state)
        .where(LINES.c.position <= last)
        .order_by(LINES.c.position)
    )
    lines = CountyLines(
        CountyCalendars(reading.county, national_holidays()), RuleBook.of(reading.county)
    )
    for topic, state in reading.rows(query):
        event: Any = decode_event(topic, bytes(state))
        if isinstance(event, RulePackAdopted):
            lines.rules.replay([event])
        else:
            lines.calendars.replay([event])
    return lines
