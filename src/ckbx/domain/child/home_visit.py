"""缺勤家访: the visit of the school before there is a case (domain §6: 2 days in a row; on the
focus list after day 1). From the suspicion on a visit is a step on the case.

It changes no status. What was met and what came of it is said in the words of the case.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import msgspec

from ckbx.domain.attendance.marks import Reason, is_unexplained
from ckbx.domain.case.codes import Met, RoundOutcome
from ckbx.domain.case.people import Attached
from ckbx.domain.case.persuasion import check_outcome
from ckbx.domain.child.child import Child
from ckbx.domain.child.enrolment import check_day
from ckbx.domain.child.focus import MAY_CALL
from ckbx.domain.child.focus_errors import FocusNotTheirs
from ckbx.domain.child.return_codes import Whereabouts
from ckbx.domain.child.standing import PRESENT
from ckbx.domain.child.visit_errors import (
    HomeVisitUnknown,
    NoAbsenceToVisit,
    VisitBelongsToCase,
    WithdrawalUnexplained,
)
from ckbx.domain.child.visit_events import HomeVisited, HomeVisitWithdrawn
from ckbx.domain.shared.event import CommandContext

MAY_VISIT: Final = MAY_CALL
WHO: Final = "班主任、帮扶教师、年级领导或校长"
_LATE: Final = 7


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """A visit as entered. ``note``: words in the vault."""

    on: date
    met: Sequence[Met]
    outcome: RoundOutcome
    whereabouts: Whereabouts | None = None
    promised_on: date | None = None
    note: UUID | None = None
    attachments: Sequence[Attached] = ()


def visit(child: Child, ctx: CommandContext, made: Visit, *, role: str) -> None:
    """Record that the family was visited on a local day that has come.

    Raises FocusNotTheirs, VisitBelongsToCase, NoAbsenceToVisit, NobodySaidMet, MetContradicts,
    PromiseUndated and what ``check_day`` refuses.
    """
    if role not in MAY_VISIT:
        raise FocusNotTheirs(action="登记缺勤家访", who=WHO)
    check_day(child, ctx, made.on)
    since = child.suspected_on
    if since is not None and made.on >= since:
        raise VisitBelongsToCase(day=made.on, since=since)
    absent_on = absence_visited(child, made.on)
    if absent_on is None:
        raise NoAbsenceToVisit(day=made.on)
    check_outcome(made.on, made.met, made.outcome, made.promised_on)
    child.trigger_event(
        HomeVisited,
        ctx,
        occurred_on=made.on,
        absent_on=absent_on,
        visited_by=role,
        met=list(made.met),
        outcome=made.outcome,
        whereabouts=made.whereabouts,
        promised_on=made.promised_on,
        note_ref=made.note,
        attachments=list(made.attachments),
    )


def absence_visited(child: Child, on: date) -> date | None:
    """The last day of the unexplained absence that a visit on a day is about; None where there
    is none, or the child was there again before that day. 病假 and 事假 do not end it.
    """
    last = on.toordinal()
    for day in sorted((day for day in child.said if day <= last), reverse=True):
        said = child.said[day][1]
        if isinstance(said, Reason) and is_unexplained(said):
            return date.fromordinal(day)
        if said == PRESENT and day < last:
            return None
    return None


def may_be_visited(child: Child, today: date) -> bool:
    """Whether a visit of the last week could be recorded outside a case."""
    days = (today - timedelta(days=n) for n in range(_LATE + 1))
    return child.episode is None and any(absence_visited(child, day) for day in days)


def withdraw(
    child: Child, ctx: CommandContext, on: date, *, role: str, reason: UUID | None
) -> None:
    """Take back the visit of a day, the last one recorded of several.

    Raises FocusNotTheirs, HomeVisitUnknown, WithdrawalUnexplained.
    """
    if role not in MAY_VISIT:
        raise FocusNotTheirs(action="撤销家访登记", who=WHO)
    found = next((made for made in reversed(child.visits) if made.on == on), None)
    if found is None:
        raise HomeVisitUnknown(day=on)
    if reason is None:
        raise WithdrawalUnexplained
    child.trigger_event(
        HomeVisitWithdrawn,
        ctx,
        occurred_on=ctx.today,
        visit=f"{child.id}:{found.version}",
        visited_on=found.on,
        absent_on=found.absent_on,
        withdrawn_by=role,
        reason_ref=reason,
    )
