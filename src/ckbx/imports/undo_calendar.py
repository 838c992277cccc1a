"""Calendar lines of an import: withdrawn, or set back to what stood before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from ckbx.application import roll_calls
from ckbx.application.books import term_key
from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.calendar_data import national_holidays
from ckbx.domain.calendar.book import CalendarBook, Term
from ckbx.domain.calendar.closures import withdraw_confirmation, withdraw_day_line, withdraw_term
from ckbx.domain.calendar.county_calendars import CountyCalendars
from ckbx.domain.calendar.events import ClosureDeclared, MakeUpDaySet, TermSet, YearConfirmed
from ckbx.domain.calendar.lines import CalendarLine, calendar_commands
from ckbx.domain.class_roll.class_roll import ClassRoll
from ckbx.domain.shared.event import CommandContext, DomainEvent
from ckbx.eventlog.ports import Append
from ckbx.imports.roster_compare import chunks
from ckbx.imports.undo_kit import Undone

_Line = TermSet | ClosureDeclared | MakeUpDaySet | YearConfirmed
_What = tuple[str, str | None, Any]


class CalendarUndo:
    """Undoes the lines of a batch in one append, then applies the rule again."""

    def __init__(self, done: Undone) -> None:
        self.done = done
        self.log = done.job.office.log
        self.lines: dict[_What, tuple[UUID, int]] = {}
        for found in done.events:
            event = found.event
            if isinstance(event, TermSet | ClosureDeclared | MakeUpDaySet | YearConfirmed):
                self.lines.setdefault(_what(event), (event.originator_id, event.originator_version))
        self.schools = sorted({w[1] for w in self.lines if w[1]})

    def check(self) -> None:
        """Later lines of the same day or term, and roll calls, stand against undoing."""
        later = self.done.later({stream for stream, _ in self.lines.values()})
        for events in later.values():
            for event in events:
                named = isinstance(event, TermSet | ClosureDeclared | MakeUpDaySet | YearConfirmed)
                if named and _what(event) in self.lines:
                    self.done.facts.append(f"校历“{_shown(_what(event))}”后来又改过")
        if not self.done.facts:
            self._check_roll_calls()

    def _check_roll_calls(self) -> None:
        """Roll calls on days that would be no school days any more."""
        now = self._calendars()
        then = self._calendars()
        self._correct(then, self.done.job.office.context(self.done.job.actor))
        office = Office(self.log, self.done.job.office.clock)
        unit = Unit(office.map, office.context(self.done.job.actor))
        every = office.county_of(unit).schools
        affected = every if any(w[1] is None for w in self.lines) else self.schools
        for school in affected:
            calendar, new = now.for_school(school), then.for_school(school)
            for keys in chunks(office.school(unit, school).classes, 200):
                streams = [
                    ClassRoll.stream(office.county, key, term_key(term))
                    for key in keys
                    for term in calendar.terms
                ]
                for stream, events in self.log.load(streams).items():
                    for day in sorted(ClassRoll(stream).replay(events).by_day):
                        on = date.fromordinal(day)
                        if (
                            new.is_school_day(on) is False
                            and calendar.is_school_day(on) is not False
                        ):
                            name = self.done.class_name(
                                events[0].class_key,  # type: ignore[attr-defined]
                                _year(calendar.terms, on),
                            )
                            self.done.facts.append(f"{on} {name}的点名")
                            break

    def write(self) -> None:
        """Everything in one append."""
        ctx = self.done.context("calendar")
        events = self._correct(self._calendars(), ctx)
        if events:
            self.log.append(Append(command_id=ctx.command_id, events=events, reply=b"undone"))
            self.done.corrected += len(events)
        self._reassess()

    def _calendars(self) -> CountyCalendars:
        calendars = CountyCalendars(self.done.county, national_holidays())
        for events in self.log.load(calendars.streams(self.schools)).values():
            calendars.replay(events)
        return calendars

    def _correct(self, calendars: CountyCalendars, ctx: CommandContext) -> list[DomainEvent]:
        events: list[DomainEvent] = []
        for what, (stream, version) in self.lines.items():
            kind, school, of = what
            earlier = [e for e in self.log.load([stream])[stream] if e.originator_version < version]
            before = CalendarBook(stream, school).replay(earlier)
            if kind == "term":
                old = before.terms.get(of)
                if old is not None:
                    events += calendar_commands(calendars, _term_line(school, old), ctx)
                else:
                    school_year, name = of
                    events += withdraw_term(calendars, school, school_year, name, ctx)
            elif kind == "year":
                if of not in before.years:
                    events += withdraw_confirmation(calendars, of, ctx)
            elif of in before.lines:
                line = before.lines[of]
                back = CalendarLine(
                    school=school, day=of, kind=line.kind, timetable_of=line.timetable_of,
                    note_ref=line.note_ref,
                )  # fmt: skip
                events += calendar_commands(calendars, back, ctx)
            else:
                events += withdraw_day_line(calendars, school, of, ctx)
        return events

    def _reassess(self) -> None:
        days = [of for kind, _, of in self.lines if kind == "day"]
        if not days:
            return
        office = Office(self.log, self.done.job.office.clock)
        unit = Unit(office.map, office.context(self.done.job.actor))
        every = office.county_of(unit).schools
        affected = every if any(w[1] is None for w in self.lines) else self.schools
        for key in roll_calls.classes_of(office, unit, affected):
            ctx = self.done.context("reassess", key)
            roll_calls.reassess(office, ctx, key, min(days))


def _what(event: Any) -> _What:
    """What a line is about: a term, a day or a year of the county or of one school."""
    if isinstance(event, TermSet):
        return "term", event.school, (event.school_year, event.term)
    if isinstance(event, YearConfirmed):
        return "year", None, event.year
    return "day", event.school, event.day


def _shown(what: _What) -> str:
    kind, school, of = what
    whose = f"学校 {school} " if school else ""
    if kind == "term":
        return f"{whose}{of[0]}-{of[0] + 1}学年{'秋季' if of[1] == 'autumn' else '春季'}学期"
    return f"{whose}{of}{'年已核定' if kind == 'year' else ''}"


def _term_line(school: str | None, term: Term) -> CalendarLine:
    return CalendarLine(
        school=school,
        school_year=term.school_year,
        term=term.name,
        first_day=term.first_day,
        last_day=term.last_day,
    )


def _year(terms: Sequence[Term], day: date) -> int:
    return next(term.school_year for term in terms if day in term)
