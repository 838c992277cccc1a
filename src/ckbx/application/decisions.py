"""Decisions on one child (leave, transfer, ending, clearing) and what they mean for its roll."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from ckbx.application.enrolment import drop_book, leave_class, leave_register, open_class
from ckbx.application.office import Office
from ckbx.application.policies.cases import follow_child
from ckbx.application.roll_calls import rule_book
from ckbx.application.roster_findings import LEFT, settle_all
from ckbx.application.rule_alerts import RuleAlerts, close_alarms, close_warnings, end_alerts
from ckbx.application.unit import Unit
from ckbx.domain.child import events as e
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child import return_events as rt
from ckbx.domain.child.child import Child
from ckbx.domain.child.standing import Leave
from ckbx.domain.child.status import TERMINAL, TrackingStatus
from ckbx.domain.school_class.register import ClassRegister
from ckbx.domain.shared.event import CommandContext
from ckbx.eventlog.ports import Appended

DECIDED = b"decided"
ONE_DAY = timedelta(days=1)


def decide_on_child(
    office: Office, ctx: CommandContext, id_: UUID, decide: Callable[[Child, CommandContext], None]
) -> Appended:
    """Carry out a decision of ``domain.child`` on one child and keep its class's roll true.

    Raises what the decision refuses.
    """

    def run(unit: Unit) -> bytes | None:
        carry_out(office, unit, unit.get(id_, Child), decide)
        return DECIDED

    return office.run(ctx, run)


def carry_out(
    office: Office, unit: Unit, child: Child, decide: Callable[[Child, CommandContext], None]
) -> None:
    """A decision within a command of its own: the roll, the alerts and the case follow."""
    start = len(child.pending_since(0))
    decide(child, unit.ctx)
    for event in child.pending_since(start):
        keep_roll(office, unit, child, event)


def keep_roll(office: Office, unit: Unit, child: Child, event: Any) -> None:
    """Write what a decision means for the roll of the child's class; when it ended a
    suspicion, the alerts of that suspicion end with it, and its case moves along.
    """
    follow_child(office, unit, child, event)
    _keep_alerts(office, unit, child, event)
    match event:
        case lv.SuspensionGranted():
            _away(office, unit, child, event.effective_from, event.until + ONE_DAY, awaited=True)
        case lv.DeferralGranted() | lv.ExemptionGranted() | lv.HomeTeachingArranged():
            # Its end brings nobody back to the roll: only a new enrolment does (domain §3).
            _away(office, unit, child, event.effective_from, None)
        case lv.LeaveExtended() if child.leave is not None:
            _extended(office, unit, child, child.leave)
        case lv.StudyResumed():
            _back_in_class(office, unit, child, event.class_key, event.occurred_on)
        case rt.DropoutConfirmed():
            end_alerts(office, unit, child, event, child.episode)
            _away(office, unit, child, event.occurred_on, None)
        case rt.ReturnSettled():
            close_alarms(office, unit, child, on=event.occurred_on)
            close_warnings(office, unit, child, event)
        case rt.PersuadedBack():
            _returned(office, unit, child, event)
        case lv.TransferStarted():
            _back_for_transfer(office, unit, child, event.occurred_on)
        case lv.TransferCancelled() if child.base is TrackingStatus.DROPPED_OUT:
            _away(office, unit, child, event.occurred_on, None)
        case _ if child.base in TERMINAL or child.base in (
            TrackingStatus.MISSING,
            TrackingStatus.ENROLLED_ELSEWHERE,
        ):
            settle_all(office, unit, child, reason=LEFT)
            leave_class(office, unit, child, on=event.occurred_on)


def _keep_alerts(office: Office, unit: Unit, child: Child, event: Any) -> None:
    """An episode that ended is told no more; one that opened, or goes on again because the
    transfer was cancelled, is told.
    """
    if child.ended is not None and child.ended[1] == event.originator_version:
        end_alerts(office, unit, child, event)
    opened = isinstance(event, e.DropoutSuspected | lv.TransferCancelled)
    if opened and child.episode is not None and child.base is TrackingStatus.SUSPECTED:
        calendar = office.calendars(unit, child.school).for_school(child.school)
        alerts = RuleAlerts(office, unit, calendar, rule_book(office, unit))
        alerts.suspected(child, event, child.episode.rule, on=child.episode.suspected_on)


def _extended(office: Office, unit: Unit, child: Child, leave: Leave) -> None:
    first = date.fromordinal(leave.effective_from)
    if leave.status is TrackingStatus.SUSPENDED:
        _away(office, unit, child, first, date.fromordinal(leave.over_from), awaited=True)
    else:
        _away(office, unit, child, first, None)


def _back_in_class(office: Office, unit: Unit, child: Child, key: str, on: date) -> None:
    """On the roll again: of its class, or of another one of which it then is."""
    for other in {k for k, _, _ in child.segments} - {key}:
        leave_register(office, unit, child.id, other, on=on)
    register = open_class(office, unit, key, on=on)
    if register.belongs(child.id, on.toordinal()):
        _away(office, unit, child, on, on)
    else:
        register.join(unit.ctx, children=[child.id], on=on)
        drop_book(office, unit, key)


def _returned(office: Office, unit: Unit, child: Child, event: rt.PersuadedBack) -> None:
    """A child off the roll is expected from the day its return is recorded, not from a day
    gone by: no class has said of those days that it was there.
    """
    key, on = event.class_key, event.occurred_on
    register = unit.get(ClassRegister.stream(office.county, key), ClassRegister)
    if register.on_roll(child.id, on.toordinal()) and not register.away_from(
        child.id, on.toordinal()
    ):
        return
    _back_in_class(office, unit, child, key, max(on, unit.ctx.today))


def _back_for_transfer(office: Office, unit: Unit, child: Child, on: date) -> None:
    """A leave to come is no more: until the receiver confirms the child is on the roll."""
    key = child.class_key
    if key is None:
        return
    register = unit.get(ClassRegister.stream(office.county, key), ClassRegister)
    if register.away_from(child.id, on.toordinal()):
        _away(office, unit, child, on, on)


def _away(
    office: Office,
    unit: Unit,
    child: Child,
    first: date,
    until: date | None,
    *,
    awaited: bool = False,
) -> None:
    """Off the roll of its class from a day to the day before ``until`` (None: open)."""
    key = child.class_key
    if key is None:
        return
    register = unit.get(ClassRegister.stream(office.county, key), ClassRegister)
    register.away(unit.ctx, child=child.id, effective_from=first, until=until, awaited=awaited)
    drop_book(office, unit, key)
