"""No open suspicion without a case: every fact of an episode moves its case in the same append.

Called wherever events are triggered on a child: by the rule (``RuleAlerts``), by a decision
(``keep_roll``), by the undoing of an enrolment. Reads the streams of the unit only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.case import determination, follow_up, opening, returning
from ckbx.domain.case.case import Case, case_stream
from ckbx.domain.child import events as e
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child import movement_events as mv
from ckbx.domain.child import return_events as rt
from ckbx.domain.child.child import Child
from ckbx.domain.child.status import SuspicionSource
from ckbx.domain.child.transitions import BY_EVENT
from ckbx.domain.shared.event import CommandContext, DomainEvent
from ckbx.domain.shared.system_actors import CASE_POLICY, acting


def case_of(office: Office, unit: Unit, child: Child, episode: int) -> Case:
    """The case of an episode."""
    return unit.get(case_stream(office.county, child.id, episode), Case)


def _policy(unit: Unit, event: DomainEvent) -> CommandContext:
    return acting(unit.ctx, CASE_POLICY, event.event_id)


def follow_child(office: Office, unit: Unit, child: Child, event: Any) -> None:
    """Move the case that a fact of the child concerns.

    What follows by itself is the policy's act, caused by that fact; a dropout confirmed, a
    return and its end are in the case, too, the act of the person who decided them.
    """
    follow = _FOLLOW.get(type(event))
    if follow is not None:
        follow(office, unit, child, event)
    elif type(event) in BY_EVENT and type(event) not in _NO_END:
        _concluded(office, unit, child, event)


def _suspected(office: Office, unit: Unit, child: Child, event: e.DropoutSuspected) -> None:
    old = None
    if event.source is SuspicionSource.RELAPSE and child.episode and child.episode.back:
        old = case_stream(office.county, child.id, child.episode.back.episode)
    opening.open_case(
        case_of(office, unit, child, event.episode),
        _policy(unit, event),
        event,
        school=child.school,
        class_key=child.class_key,
        relapse_of=old,
    )


def _revised(office: Office, unit: Unit, child: Child, event: e.SuspicionRevised) -> None:
    opening.revise(case_of(office, unit, child, event.episode), _policy(unit, event), event)


def _withdrawn(office: Office, unit: Unit, child: Child, event: e.SuspicionWithdrawn) -> None:
    case, ctx = case_of(office, unit, child, event.episode), _policy(unit, event)
    opening.withdraw(case, ctx, on=event.occurred_on)
    if case.relapse_of is not None:
        old = unit.get(case.relapse_of, Case)
        opening.take_back_relapse(old, ctx, on=event.occurred_on)


def _undone(office: Office, unit: Unit, child: Child, event: e.EnrolmentUndone) -> None:
    """What rested on an enrolment that never was, never was either."""
    ended, back = child.ended, child.last_back
    if ended is not None and ended[1] == event.originator_version:
        number, on = ended[0].number, ended[0].suspected_on
    elif back is not None:
        number, on = back.episode, event.occurred_on
    else:
        return
    opening.withdraw(case_of(office, unit, child, number), _policy(unit, event), on=on)


def _ground_changed(
    office: Office, unit: Unit, child: Child, event: e.SuspicionGroundChanged
) -> None:
    case = case_of(office, unit, child, event.episode)
    opening.ground_changed(case, _policy(unit, event), on=event.occurred_on)


def _confirmed(office: Office, unit: Unit, child: Child, event: rt.DropoutConfirmed) -> None:
    determination.determine(case_of(office, unit, child, event.episode), unit.ctx, event)


def _returned(office: Office, unit: Unit, child: Child, event: rt.PersuadedBack) -> None:
    returning.bring_back(case_of(office, unit, child, event.episode), unit.ctx, event)


def _settled(office: Office, unit: Unit, child: Child, event: rt.ReturnSettled) -> None:
    case = case_of(office, unit, child, event.episode)
    follow_up.settle(case, unit.ctx, on=event.occurred_on)


def _relapsed(office: Office, unit: Unit, child: Child, event: rt.Relapsed) -> None:
    opening.relapse(
        case_of(office, unit, child, event.episode),
        _policy(unit, event),
        on=event.occurred_on,
        next_case=case_stream(office.county, child.id, event.next_episode),
    )


def _stays(office: Office, unit: Unit, child: Child, event: lv.TransferCancelled) -> None:
    """Whose transfer began under suspicion is under it again."""
    if child.episode is not None:
        case = case_of(office, unit, child, child.episode.number)
        opening.resume(case, unit.ctx, on=event.occurred_on, because=event.event_id)


def _concluded(office: Office, unit: Unit, child: Child, event: DomainEvent) -> None:
    """A decision that ended an episode, or the 巩固期 of one."""
    ended, back = child.ended, child.last_back
    if ended is not None and ended[1] == event.originator_version:
        episode = ended[0].number
    elif back is not None and child.back is None:
        episode = back.episode
    else:
        return
    finding = None
    if isinstance(event, e.SuspicionCleared):
        how, finding = child.base, event.finding
    elif isinstance(event, e.SuspicionOvertaken):
        how = event.followed_by
    else:
        how = BY_EVENT[type(event)].to or child.base
    opening.conclude(
        case_of(office, unit, child, episode),
        _policy(unit, event),
        on=event.occurred_on,
        how=how,
        because=event.event_id,
        finding=finding,
    )


_Follow = Callable[[Office, Unit, Child, Any], None]
_FOLLOW: dict[type[DomainEvent], _Follow] = {
    e.DropoutSuspected: _suspected,
    e.SuspicionRevised: _revised,
    e.SuspicionWithdrawn: _withdrawn,
    e.EnrolmentUndone: _undone,
    e.SuspicionGroundChanged: _ground_changed,
    e.SuspicionOvertaken: _concluded,
    rt.DropoutConfirmed: _confirmed,
    rt.PersuadedBack: _returned,
    rt.ReturnSettled: _settled,
    rt.Relapsed: _relapsed,
    lv.TransferCancelled: _stays,
}
_NO_END = (
    lv.TransferLapsed,
    lv.LeaveExtended,
    lv.TransferConfirmed,
    mv.TransferredIn,
    mv.MissingRechecked,
)
