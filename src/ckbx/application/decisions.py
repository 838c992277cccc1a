"""Decisions on one child (leave, transfer, ending, clearing) and what they mean for its roll."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from ckbx.application.enrolment import leave_class
from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child.child import Child
from ckbx.domain.child.status import TERMINAL, TrackingStatus
from ckbx.domain.school_class.register import ClassRegister
from ckbx.domain.shared.event import CommandContext
from ckbx.eventlog.ports import Appended

DECIDED = b"decided"


def decide_on_child(
    office: Office, ctx: CommandContext, id_: UUID, decide: Callable[[Child, CommandContext], None]
) -> Appended:
    """Carry out a decision of ``domain.child`` on one child and keep its class's roll true.

    Raises what the decision refuses.
    """

    def run(unit: Unit) -> bytes | None:
        child = unit.get(id_, Child)
        start = len(child.pending_since(0))
        decide(child, ctx)
        for event in child.pending_since(start):
            keep_roll(office, unit, child, event)
        return DECIDED

    return office.run(ctx, run)


def keep_roll(office: Office, unit: Unit, child: Child, event: Any) -> None:
    """Write what a decision means for the roll of the child's class."""
    match event:
        case (
            lv.SuspensionGranted()
            | lv.DeferralGranted()
            | lv.ExemptionGranted()
            | lv.HomeTeachingArranged()
        ):
            _away(office, unit, child, event.effective_from, event.until, awaited=True)
        case lv.LeaveExtended():
            _away(office, unit, child, unit.ctx.today, event.until, awaited=True)
        case lv.StudyResumed():
            _away(office, unit, child, event.occurred_on, event.occurred_on, awaited=False)
        case _ if child.base in TERMINAL or child.base in (
            TrackingStatus.MISSING,
            TrackingStatus.ENROLLED_ELSEWHERE,
        ):
            leave_class(office, unit, child, on=event.occurred_on)


def _away(
    office: Office, unit: Unit, child: Child, first: date, until: date, *, awaited: bool
) -> None:
    key = child.class_key
    if key is None:
        return
    register = unit.get(ClassRegister.stream(office.county, key), ClassRegister)
    register.away(unit.ctx, child=child.id, effective_from=first, until=until, awaited=awaited)
    unit.books.add(key)
    office.books.pop(key, None)
