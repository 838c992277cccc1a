"""What was done about an absence before it became a case? The calls and home visits, which stand
with the child: whoever takes the case on reads them in front of it.
"""

from __future__ import annotations

from ckbx.domain.case.case import Case
from ckbx.domain.child.focus_events import GuardianTried
from ckbx.domain.child.visit_events import HomeVisited, HomeVisitWithdrawn
from ckbx.domain.shared.event import ActedEvent, DomainEvent
from ckbx.eventlog.ports import EventLog, RecordedEvent


def before_case(log: EventLog, case: Case, position: int) -> list[RecordedEvent]:
    """The calls and visits about the absence that led to a case, as recorded by a position, in
    order of recording.
    """
    found = log.read_streams([case.child], up_to=position)
    gone = {fact.event.visit for fact in found if isinstance(fact.event, HomeVisitWithdrawn)}
    return [fact for fact in found if _led_to(case, fact) and fact.event.event_id not in gone]


def _led_to(case: Case, fact: RecordedEvent) -> bool:
    event = fact.event
    if not isinstance(event, GuardianTried | HomeVisited):
        return False
    return case.first_absent_on <= event.absent_on <= case.suspected_on


def acted_as(event: DomainEvent) -> str | None:
    """The role in which a fact of a case, or one that went before it, was recorded."""
    if isinstance(event, ActedEvent):
        return event.acted_as
    if isinstance(event, HomeVisited):
        return event.visited_by
    if isinstance(event, HomeVisitWithdrawn):
        return event.withdrawn_by
    return event.tried_by if isinstance(event, GuardianTried) else None
