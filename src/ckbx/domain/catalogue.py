"""Every module that defines events. Importing this one fills the registry of topics."""

from __future__ import annotations

from ckbx.domain.account import events as account
from ckbx.domain.alert import events as alert
from ckbx.domain.calendar import events as calendar
from ckbx.domain.case import events as case
from ckbx.domain.case import outcome_events, work_events
from ckbx.domain.child import events as child
from ckbx.domain.child import (
    focus_events,
    leave_events,
    movement_events,
    return_events,
    visit_events,
)
from ckbx.domain.class_roll import events as class_roll
from ckbx.domain.class_roll import slip_events
from ckbx.domain.leave import events as leave
from ckbx.domain.legal import events as legal
from ckbx.domain.operations import events as operations
from ckbx.domain.placement import events as placement
from ckbx.domain.recheck import events as recheck
from ckbx.domain.report import events as report
from ckbx.domain.responsibility import events as responsibility
from ckbx.domain.rules import events as rules
from ckbx.domain.school import events as school
from ckbx.domain.school_class import events as school_class

MODULES = (
    account,
    alert,
    calendar,
    case,
    child,
    class_roll,
    focus_events,
    leave,
    leave_events,
    legal,
    movement_events,
    operations,
    outcome_events,
    placement,
    recheck,
    report,
    responsibility,
    return_events,
    rules,
    school,
    school_class,
    slip_events,
    visit_events,
    work_events,
)


def load() -> None:
    """Nothing to do: importing this module is what registers the events."""
