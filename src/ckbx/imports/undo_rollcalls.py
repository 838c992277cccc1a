"""Roll calls of an import: put back to the sheet before, or put aside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from ckbx.application import roll_calls
from ckbx.application.intake_corrections import void_roll_call
from ckbx.application.unit import Unit
from ckbx.domain.attendance.book import Submission
from ckbx.domain.attendance.marks import Session
from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.class_roll.class_roll import ClassRoll
from ckbx.domain.class_roll.events import RollCallSubmitted, RollCallVoided
from ckbx.domain.shared.event import DomainEvent
from ckbx.imports.roster_compare import chunks
from ckbx.imports.undo_kit import Undone

_Part = tuple[date, Session]


class RollCallsUndo:
    """Undoes the sheets of a batch, the latest day first."""

    def __init__(self, done: Undone) -> None:
        self.done = done
        self.sheets: dict[UUID, dict[_Part, list[RollCallSubmitted]]] = {}
        self.before: dict[tuple[UUID, _Part], list[RollCallSubmitted]] = {}
        for found in done.events:
            event = found.event
            if isinstance(event, RollCallSubmitted):
                of_roll = self.sheets.setdefault(event.originator_id, {})
                of_roll.setdefault((event.occurred_on, event.session), []).append(event)

    def check(self) -> None:
        """A sheet that somebody changed since stands against undoing."""
        for part in chunks(sorted(self.sheets), 200):
            loaded = self.done.lane.log.load(part)
            for stream in part:
                self._check_roll(stream, loaded.get(stream, []))

    def _check_roll(self, stream: UUID, events: list[DomainEvent]) -> None:
        by_day: dict[date, list[DomainEvent]] = {}
        for event in events:
            by_day.setdefault(event.occurred_on, []).append(event)
        for part, own in self.sheets[stream].items():
            day, session = part
            last = own[-1].originator_version
            later = [
                event
                for event in by_day[day]
                if isinstance(event, RollCallSubmitted | RollCallVoided)
                and event.originator_version > last
                and (event.session is session or Session.FULL in (event.session, session))
            ]
            if any(not self.done.is_own(event) for event in later):
                name = self.done.class_name(own[0].class_key, school_year_of(day))
                self.done.facts.append(f"{day} {name}（{session.label}）的点名后来又更正过")
            self.before[stream, part] = _standing(by_day[day], own[0].originator_version)

    def write(self) -> None:
        """Correct sheet by sheet."""
        every = [
            (day, own[0].class_key, session, stream)
            for stream, parts in self.sheets.items()
            for (day, session), own in parts.items()
        ]
        for day, class_key, session, stream in sorted(every, reverse=True):
            own = self.sheets[stream][day, session]
            before = self.before[stream, (day, session)]
            step = ("sheet", class_key, day, session.value)
            self.done.submit(step, self._decision(stream, own[-1], before))

    def _decision(
        self, stream: UUID, last: RollCallSubmitted, before: list[RollCallSubmitted]
    ) -> Callable[[Unit], bytes | None]:
        office = self.done.lane.office

        def decide(unit: Unit) -> bytes | None:
            roll = unit.get(stream, ClassRoll)
            standing = roll.by_day.get(last.occurred_on.toordinal(), {}).get(last.session)
            if standing is None or standing.version != last.originator_version:
                return None
            if all(sheet.session is not last.session for sheet in before):
                void_roll_call(office, unit, last.class_key, last.occurred_on, last.session)
            for sheet in before:
                roll_calls.decide(office, unit, self._back_to(sheet))
            return b"undone"

        return decide

    def _back_to(self, before: RollCallSubmitted) -> Submission:
        day = before.occurred_on
        return Submission(
            class_key=before.class_key,
            class_name=self.done.class_name(before.class_key, school_year_of(day)),
            day=day,
            session=before.session,
            expected=before.expected,
            present=before.present,
            absent=before.absent,
            seen=frozenset(before.seen),
            submitted_by=before.submitted_by,
            claimed_at=before.claimed_at,
            correction_note=f"batch:{self.done.batch}",
        )


def _standing(events: list[DomainEvent], before: int) -> list[RollCallSubmitted]:
    """What stood for a day before a version of its roll."""
    standing: dict[Session, RollCallSubmitted] = {}
    for event in events:
        if event.originator_version >= before:
            break
        if isinstance(event, RollCallSubmitted):
            if event.session is Session.FULL:
                standing.clear()
            else:
                standing.pop(Session.FULL, None)
            standing[event.session] = event
        elif isinstance(event, RollCallVoided):
            standing.pop(event.session, None)
    return list(standing.values())
