"""What does every undoing know: the batch's events, and what was recorded after them?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from ckbx.application.intake import Decide, Lane
from ckbx.domain.school.school import School
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.event import CommandContext, DomainEvent
from ckbx.domain.shared.ids import grade_of, split_class_key
from ckbx.eventlog.ports import RecordedEvent
from ckbx.imports.job import Batch, ImportJob, correlation

_UNDO = "undo"


class Undone:
    """One undoing: its facts that stand against it, its corrections, its warnings."""

    def __init__(
        self, job: ImportJob, lane: Lane, batch: str, events: Sequence[RecordedEvent]
    ) -> None:
        self.job, self.lane, self.batch = job, lane, batch
        self.events = list(events)
        self.facts: list[str] = []
        self.warnings: list[str] = []
        self.errors: list[CkbxError] = []
        self.corrected = 0
        self.county = lane.office.county
        self._head = events[-1].position if events else 0
        self._own = {found.event.correlation_id for found in events}
        self._own.add(correlation(self.county, batch + _UNDO, self._head))
        self._names: dict[str, str] = {}

    def context(self, *step: object) -> CommandContext:
        """The context of one correcting step; derived, so that it is done once."""
        kit = Batch(self.batch + _UNDO, "", "")
        return kit.context(self.job, self.county, self._head, *step)

    def submit(self, step: Sequence[object], decide: Decide) -> None:
        """One correction; it is counted when it stands."""

        def done(error: CkbxError | None) -> None:
            if error is None:
                self.corrected += 1
                self.job.progress(self.corrected, None, "撤销")
            else:
                self.errors.append(error)

        self.lane.submit(self.context(*step), decide, done)

    def later(self, streams: Iterable[UUID]) -> dict[UUID, list[DomainEvent]]:
        """By stream: what others recorded after the batch's first event in it."""
        first: dict[UUID, int] = {}
        for found in self.events:
            event = found.event
            first.setdefault(event.originator_id, event.originator_version)
        wanted = sorted(streams)
        loaded = self.lane.log.load(wanted)
        return {
            stream: [
                event
                for event in loaded.get(stream, [])
                if event.originator_version > first.get(stream, 0)
                and event.correlation_id not in self._own
            ]
            for stream in wanted
        }

    def is_own(self, event: DomainEvent) -> bool:
        """Whether the batch, or its undoing, recorded this."""
        return event.correlation_id in self._own

    def class_name(self, key: str, school_year: int) -> str:
        """A class as people call it in a school year."""
        school, entry, number = split_class_key(key)
        name = self._names.get(school)
        if name is None:
            stream = School.stream(self.county, school)
            record = School(stream).replay(self.lane.log.load([stream]).get(stream, []))
            name = self._names[school] = record.name or school
        return f"{name} {grade_of(entry, school_year)}年级{number}班"
