"""How are leaves, transfers and opening suspicions folded for the clock's run?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ckbx.domain.child import events as e
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child import movement_events as mv
from ckbx.domain.child import return_events as rt
from ckbx.domain.child.status import SuspicionSource
from ckbx.domain.responsibility.events import PostEstablished
from ckbx.domain.responsibility.post import ScopeKind
from ckbx.domain.shared.event import DomainEvent
from ckbx.scheduling import watch_alerts, watch_care
from ckbx.scheduling.watch_tables import (
    EPISODES,
    LAPSED,
    NOTICED,
    OPENING,
    SPELLS,
    STANDING,
    STUDENT_POSTS,
    TRANSFERRING,
)
from projections.kit.fold import Fold
from projections.kit.projection import Handler

LEAVE, TRANSFER = "leave", "transfer"
MISSING, ELSEWHERE, ARRIVAL = "missing", "elsewhere", "arrival"
_EVERY = (LEAVE, TRANSFER, MISSING, ELSEWHERE, ARRIVAL)


def _open(fold: Fold, event: DomainEvent, *kinds: str) -> list[tuple[Any, Any]]:
    """The standing spells of a child: key and values."""
    rows = fold[SPELLS]
    keys = rows.keys_of(event.originator_id.bytes)
    found = ((key, rows.get(key)) for key in keys if key[1] in kinds)
    return [(key, values) for key, values in found if values is not None and values[2] is None]


def _end(fold: Fold, event: DomainEvent, *kinds: str) -> None:
    on = event.occurred_on.toordinal()
    for key, (status, until, _, version) in _open(fold, event, *kinds):
        fold[SPELLS].put(key, (status, until, on, version))


def _no_episode(fold: Fold, event: DomainEvent) -> None:
    fold[OPENING].drop(event.originator_id.bytes)
    fold[EPISODES].drop(event.originator_id.bytes)


def _granted(fold: Fold, event: Any, _position: int) -> None:
    _ended(fold, event, 0)
    if isinstance(event, lv.HomeTeachingArranged):
        watch_care.plan(fold, event)
    key = (event.originator_id.bytes, LEAVE, event.occurred_on.toordinal())
    fold[SPELLS].put(key, (STANDING, event.until.toordinal(), None, event.originator_version))


def _extended(fold: Fold, event: lv.LeaveExtended, _position: int) -> None:
    if _open(fold, event, LEAVE):
        _end(fold, event, LEAVE)
        key = (event.originator_id.bytes, LEAVE, event.occurred_on.toordinal())
        fold[SPELLS].put(key, (STANDING, event.until.toordinal(), None, event.originator_version))


def _expired(fold: Fold, event: lv.LeaveExpired, _position: int) -> None:
    for key, (_, until, _, version) in _open(fold, event, LEAVE):
        fold[SPELLS].put(key, (NOTICED, until, None, version))


def _transfer(fold: Fold, event: lv.TransferStarted, _position: int) -> None:
    """A suspicion of the opening is kept in mind: it goes on where the child stays."""
    _end(fold, event, LEAVE, TRANSFER)
    watch_care.end_leave(fold, event)
    if event.confirm_by is not None:
        key = (event.originator_id.bytes, TRANSFER, event.occurred_on.toordinal())
        values = (TRANSFERRING, event.confirm_by.toordinal(), None, event.originator_version)
        fold[SPELLS].put(key, values)


def _resumed(fold: Fold, event: e.AttendanceResumed, _position: int) -> None:
    if event.after_leave:
        _end(fold, event, LEAVE)
        watch_care.end_leave(fold, event)


def _cancelled(fold: Fold, event: lv.TransferCancelled, _position: int) -> None:
    _end(fold, event, LEAVE, TRANSFER)


def _ended(fold: Fold, event: DomainEvent, _position: int) -> None:
    _end(fold, event, *_EVERY)
    _no_episode(fold, event)
    watch_care.end_leave(fold, event)


def _gone(fold: Fold, event: DomainEvent, position: int) -> None:
    _ended(fold, event, position)
    watch_care.gone(fold, event)


def _begins(kind: str) -> Handler:
    """A decision that is checked again by ``review_by``; what stood before is over."""

    def handle(fold: Fold, event: Any, _position: int) -> None:
        _gone(fold, event, 0)
        key = (event.originator_id.bytes, kind, event.occurred_on.toordinal())
        values = (STANDING, event.review_by.toordinal(), None, event.originator_version)
        fold[SPELLS].put(key, values)

    return handle


def _received(fold: Fold, event: lv.TransferConfirmed, _position: int) -> None:
    """Through, but for the enrolment there where the school is one of the county."""
    _gone(fold, event, 0)
    on = event.occurred_on.toordinal()
    values = (event.receiving_school, on, None, event.originator_version)
    fold[SPELLS].put((event.originator_id.bytes, ARRIVAL, on), values)


def _suspected(fold: Fold, event: e.DropoutSuspected, _position: int) -> None:
    """A leave stays what it was; a transfer lapses, or gives way to the suspicion."""
    watch_alerts.warning_over(fold, event)
    lapsed = event.source is SuspicionSource.TRANSFER_LAPSED
    on = event.occurred_on.toordinal()
    for key, (_, until, _, version) in _open(fold, event, TRANSFER):
        status, ended = (LAPSED, None) if lapsed else (TRANSFERRING, on)
        values = (status, until, ended, version)
        fold[SPELLS].put(key, values)
    fold[EPISODES].put(event.originator_id.bytes, (on,))
    if event.source is SuspicionSource.OPENING:
        fold[OPENING].put(event.originator_id.bytes, (on,))
    else:
        fold[OPENING].drop(event.originator_id.bytes)


def _revised(fold: Fold, event: e.SuspicionRevised, _position: int) -> None:
    """It may rest on the opening now, or on it no longer."""
    if event.source is SuspicionSource.OPENING:
        fold[OPENING].put(event.originator_id.bytes, (event.occurred_on.toordinal(),))
    elif event.source is not None:
        fold[OPENING].drop(event.originator_id.bytes)


def _cleared(fold: Fold, event: e.SuspicionCleared, _position: int) -> None:
    """The child is in school: a transfer and a leave that is over ended with the finding."""
    on = event.occurred_on.toordinal()
    _end(fold, event, TRANSFER)
    for key, (status, until, _, version) in _open(fold, event, LEAVE):
        if until < on:
            fold[SPELLS].put(key, (status, until, on, version))
    _no_episode(fold, event)


def _withdrawn(
    fold: Fold, event: e.SuspicionWithdrawn | e.SuspicionOvertaken, _position: int
) -> None:
    _no_episode(fold, event)


def _post(fold: Fold, event: PostEstablished, _position: int) -> None:
    if event.scope_kind is ScopeKind.STUDENT:
        rows, key = fold[STUDENT_POSTS], UUID(event.scope_code).bytes
        known = rows.get(key)
        rows.put(key, ((known[0] if known else 0) + 1,))


HANDLERS: Mapping[type[DomainEvent], Handler] = {
    lv.SuspensionGranted: _granted,
    lv.DeferralGranted: _granted,
    lv.ExemptionGranted: _granted,
    lv.HomeTeachingArranged: _granted,
    lv.LeaveExtended: _extended,
    lv.LeaveExpired: _expired,
    lv.TransferStarted: _transfer,
    lv.StudyResumed: _ended,
    lv.StudyElsewhereVerified: _begins(ELSEWHERE),
    mv.MissingRechecked: _begins(MISSING),
    lv.TransferConfirmed: _received,
    lv.TransferCancelled: _cancelled,
    lv.DeathRecorded: _gone,
    lv.WentAbroad: _gone,
    lv.WentMissing: _begins(MISSING),
    lv.Deregistered: _gone,
    lv.Graduated: _gone,
    e.Enrolled: _ended,
    e.EnrolmentUndone: _ended,
    rt.PersuadedBack: _ended,
    e.AttendanceResumed: _resumed,
    e.DropoutSuspected: _suspected,
    e.SuspicionRevised: _revised,
    e.SuspicionCleared: _cleared,
    e.SuspicionWithdrawn: _withdrawn,
    e.SuspicionOvertaken: _withdrawn,
    PostEstablished: _post,
}
