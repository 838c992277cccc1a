"""A child and its last application, as a step on it sees them.

Applications of a child are numbered from 1, each with a stream of its own; a step is taken on
the last one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple
from uuid import UUID

from ckbx.application.child_step import Steps
from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.child.child import Child
from ckbx.domain.leave.application import LeaveApplication, application_stream
from ckbx.domain.leave.errors import ApplicationChangedMeanwhile
from ckbx.domain.shared.event import CommandContext

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


STEPS: Final = Steps[Filing](
    lambda office, unit, child: Filing(
        office, unit, child, last_application(office, unit, child.id)
    ),
    lambda filing: filing.application,
    lambda between: ApplicationChangedMeanwhile(between=between),
    DONE,
)
work_on, take_step = STEPS.work_on, STEPS.take_step
