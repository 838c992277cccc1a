"""What did a class-day say of one child? The facts of its stream are kept true to the sheets.

Every call compares what the child's own facts say of the day with what the day comes to now,
and records the difference: calling it again records nothing.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.child import events as e
from ckbx.domain.child.child import Child
from ckbx.domain.child.standing import ASIDE, PRESENT
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.shared.event import CommandContext


class DayFact(NamedTuple):
    """What a class-day comes to for one child (``now`` None: present).

    ``stands``: the class reported the day and the child belonged to it; ``before``: the
    child's value on the class's standing day before; ``until``: the next standing day;
    ``implied``: 未核 because nobody named it 到校; ``seen``: named 到校 on the day.
    """

    day: date
    class_key: str
    stands: bool
    now: Reason | None
    before: Reason | None
    until: date | None
    session: Session = Session.FULL
    implied: bool = False
    seen: bool = False


def state_day(child: Child, ctx: CommandContext, fact: DayFact) -> bool:
    """Record what the day says of the child now; False when its facts said it already."""
    said = child.said_on(fact.day.toordinal(), fact.class_key)
    start = child.version
    if not fact.stands:
        _set_aside(child, ctx, fact, said)
    elif fact.now is None:
        _present(child, ctx, fact, said)
    elif not isinstance(said, Reason):
        child.trigger_event(
            e.AbsenceRecorded,
            ctx,
            occurred_on=fact.day,
            class_key=fact.class_key,
            session=fact.session,
            reason=fact.now,
            until=fact.until,
            implied=fact.implied,
        )
    elif said is not fact.now:
        child.trigger_event(
            e.AbsenceExplained,
            ctx,
            occurred_on=fact.day,
            class_key=fact.class_key,
            reason=fact.now,
            was=said,
            until=fact.until,
            corrects=_corrected(child, fact.day),
        )
    return child.version > start


def _present(child: Child, ctx: CommandContext, fact: DayFact, said: str | None) -> None:
    after_leave = fact.seen and _back_from_leave(child, fact.day)
    if isinstance(said, Reason):
        child.trigger_event(
            e.AbsenceVoided,
            ctx,
            occurred_on=fact.day,
            class_key=fact.class_key,
            was=said,
            until=fact.until,
            corrects=_corrected(child, fact.day),
        )
        if not after_leave:
            return
    elif not after_leave and (said == PRESENT or (said is None and fact.before is None)):
        return  # of a day that was put aside it is told: an absence may come to end before it
    child.trigger_event(
        e.AttendanceResumed,
        ctx,
        occurred_on=fact.day,
        class_key=fact.class_key,
        until=fact.until,
        after_leave=after_leave,
    )


def _back_from_leave(child: Child, day: date) -> bool:
    """Whether being seen on a day ends a leave that was over: now, or earlier than known."""
    if child.leave is not None:
        ordinal, leave = day.toordinal(), child.leave
        return leave.status is TrackingStatus.SUSPENDED and ordinal > leave.until
    returned = child.returned
    return returned is not None and returned[0] <= day.toordinal() < returned[1]


def _set_aside(child: Child, ctx: CommandContext, fact: DayFact, said: str | None) -> None:
    if said == ASIDE or (said is None and fact.before is None):
        return  # of a day said to be present it is told: an absence may come to run over it
    child.trigger_event(
        e.AbsenceSetAside,
        ctx,
        occurred_on=fact.day,
        class_key=fact.class_key,
        was=said if isinstance(said, Reason) else None,
        stands=fact.before,
        until=fact.until,
        corrects=_corrected(child, fact.day),
    )


def _corrected(child: Child, day: date) -> str | None:
    version = child.mark_events.get(day.toordinal())
    return f"{child.id}:{version}" if version else None
