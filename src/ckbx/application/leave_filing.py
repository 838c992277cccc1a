"""A child and its last application, as a step on it sees them.

Applications of a child are numbered from 1, each with a stream of its own; a step is taken on
the last one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from ckbx.application.case_papers import Papers
from ckbx.application.child_step import take
from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.child.child import Child
from ckbx.domain.leave.application import LeaveApplication, application_stream
from ckbx.domain.leave.errors import ApplicationChangedMeanwhile
from ckbx.domain.shared.event import CommandContext
from ckbx.eventlog.ports import Appended

DONE = b"leave"


class Filing(NamedTuple):
    """A child and its last application as a step sees them (``exists`` False: none yet)."""

    office: Office
    unit: Unit
    child: Child
    application: LeaveApplication

    @property
    def ctx(self) -> CommandContext:
        return self.unit.ctx


Act = Callable[[Filing], None]


def work_on(
    office: Office,
    ctx: CommandContext,
    child: UUID,
    act: Act,
    *,
    seen: int | None = None,
    papers: Papers | None = None,
) -> Appended:
    """Carry out a step on the last application of a child.

    Raises ChildNeverRegistered, ApplicationChangedMeanwhile, and what ``act`` refuses.
    """
    return office.run(
        ctx, lambda unit: take_step(office, unit, child, act, seen=seen, papers=papers)
    )


def take_step(
    office: Office,
    unit: Unit,
    child_id: UUID,
    act: Act,
    *,
    seen: int | None = None,
    papers: Papers | None = None,
) -> bytes:
    """Decide :func:`work_on` in a unit that is carried through elsewhere."""
    take(
        office,
        unit,
        child_id,
        lambda child: last_application(office, unit, child.id),
        lambda child, application: act(Filing(office, unit, child, application)),
        lambda between: ApplicationChangedMeanwhile(between=between),
        seen=seen,
        papers=papers,
    )
    return DONE


def last_application(office: Office, unit: Unit, child: UUID) -> LeaveApplication:
    """The last application of a child; where there is none, the first one to come."""
    number = 1
    found = unit.get(application_stream(office.county, child, number), LeaveApplication)
    while True:
        number += 1
        later = unit.get(application_stream(office.county, child, number), LeaveApplication)
        if not later.exists:
            return found
        found = later


def applications_of(office: Office, child: UUID) -> list[LeaveApplication]:
    """Every application of a child as the log has it, the first one first."""
    found: list[LeaveApplication] = []
    while True:
        id_ = application_stream(office.county, child, len(found) + 1)
        events: list[Any] = office.log.load([id_]).get(id_, [])
        if not events:
            return found
        found.append(LeaveApplication(id_).replay(events))
