"""How do the facts about children become the history of their suspicions?

Withdrawn and revised hold from the old suspected_on: known later, the old dates never were.
What else ends a suspicion holds from its own ``occurred_on`` (domain §4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from ckbx.domain.child import events as e
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child import return_events as rt
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.class_roll.events import RollCallSubmitted, RollCallVoided
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.event import DomainEvent
from ckbx.domain.shared.ids import split_class_key
from ckbx.eventlog.ports import RecordedEvent
from projections import suspected_days as days
from projections.kit.fold import Fold
from projections.kit.projection import Handler
from projections.kit.tables import AnyTable
from projections.suspected_tables import DAYS, EPISODES, HALVES, HELD, OPEN, SPANS

WITHDRAWN, CLEARED = "withdrawn", "cleared"


class EpisodeUnknown(CkbxError):
    """ids: child, episode, event."""

    code = "episode_unknown"
    message = "儿童 {child} 没有第 {episode} 次疑似辍学，事件“{event}”无法计入台账；请运行 ckbx doctor 并报告管理员"


class Episode(NamedTuple):
    """The values of a row of EPISODES; days as ordinals."""

    source: str
    rule: str
    rule_version: int
    first_absent_on: int
    suspected_on: int
    ground_changed: int = 0
    closed_on: int | None = None
    how: str | None = None
    finding: str | None = None


def _suspected(fold: Fold, event: e.DropoutSuspected, position: int) -> None:
    child = event.originator_id.bytes
    opened = Episode(
        event.source.value,
        event.rule,
        event.rule_version,
        event.first_absent_on.toordinal(),
        event.occurred_on.toordinal(),
        closed_on=_ordinal(event.until),
        how=event.followed_by.value if event.followed_by else None,
    )
    fold[EPISODES].put((child, event.episode), tuple(opened), position)
    fold[OPEN].put(child, (event.episode,))
    days.name_days(fold, child, event.absent_days, position)


def _revised(fold: Fold, event: e.SuspicionRevised, position: int) -> None:
    first = event.first_absent_on
    changes: dict[str, int | str] = {
        "first_absent_on": first.toordinal(),
        "suspected_on": event.occurred_on.toordinal(),
        "ground_changed": 0,
    }
    if event.source is not None and event.rule is not None:
        changes |= {"source": event.source.value, "rule": event.rule}
    _change(fold, event, event.episode, position, **changes)
    days.state_days(fold, event.originator_id.bytes, first, event.absent_days, position)


def _ground_changed(fold: Fold, event: e.SuspicionGroundChanged, position: int) -> None:
    _change(fold, event, event.episode, position, ground_changed=1)


def _withdrawn(fold: Fold, event: e.SuspicionWithdrawn, position: int) -> None:
    _close(fold, event, event.episode, position, how=WITHDRAWN)


def _overtaken(fold: Fold, event: e.SuspicionOvertaken, position: int) -> None:
    _close(fold, event, event.episode, position, how=event.followed_by.value)


def _cleared(fold: Fold, event: e.SuspicionCleared, position: int) -> None:
    """Nothing for a dropout confirmed before: its suspicion ended with that."""
    if fold[OPEN].get(event.originator_id.bytes) is None:
        return
    _close(fold, event, event.episode, position, how=CLEARED, finding=event.finding.value)


def _ended_by(status: TrackingStatus) -> Handler:
    """A decision that takes a child out of suspicion; nothing for a child not suspected."""

    def handler(fold: Fold, event: DomainEvent, position: int) -> None:
        opened = fold[OPEN].get(event.originator_id.bytes)
        if opened is not None:
            _close(fold, event, opened[0], position, how=status.value)

    return handler


def _transferring(fold: Fold, event: lv.TransferStarted, position: int) -> None:
    child = event.originator_id.bytes
    opened = fold[OPEN].get(child)
    if opened is None:
        fold[HELD].drop(child)
        return
    fold[HELD].put(child, opened)
    _close(fold, event, opened[0], position, how=_S.TRANSFERRING.value)


def _stays(fold: Fold, event: lv.TransferCancelled, position: int) -> None:
    """The transfer came to nothing: the suspicion it began under goes on."""
    child = event.originator_id.bytes
    held = fold[HELD].get(child)
    if held is not None:
        _change(fold, event, held[0], position, closed_on=None, how=None)
        fold[OPEN].put(child, held)
        fold[HELD].drop(child)


def _enrolment_undone(fold: Fold, event: e.EnrolmentUndone, position: int) -> None:
    """What rested on an enrolment that never was, never was either."""
    opened = fold[OPEN].get(event.originator_id.bytes)
    if opened is not None:
        _close(fold, event, opened[0], position, how=WITHDRAWN)


def _attending(fold: Fold, event: e.SuspectAttendanceChanged, position: int) -> None:
    """All stretches of the episode anew."""
    child, rows = event.originator_id.bytes, fold[SPANS]
    now = {
        (child, event.episode, since.toordinal()): (counted.toordinal(), _ordinal(until))
        for since, counted, until in event.spans
    }
    for key in rows.keys_of((child, event.episode)):
        if key not in now:
            rows.drop(key, position)
    for key, values in now.items():
        rows.put(key, values, position)


def _close(
    fold: Fold,
    event: DomainEvent,
    episode: int,
    position: int,
    *,
    how: str,
    finding: str | None = None,
) -> None:
    closed_on = event.occurred_on.toordinal()
    _change(fold, event, episode, position, closed_on=closed_on, how=how, finding=finding)
    fold[OPEN].drop(event.originator_id.bytes)


def _change(fold: Fold, event: DomainEvent, episode: int, position: int, **changes: Any) -> None:
    key = (event.originator_id.bytes, episode)
    values = fold[EPISODES].get(key)
    if values is None:
        raise EpisodeUnknown(child=event.originator_id, episode=episode, event=event.TITLE)
    fold[EPISODES].put(key, tuple(Episode(*values)._replace(**changes)), position)


def _ordinal(day: date | None) -> int | None:
    return day.toordinal() if day else None


_S = TrackingStatus
ENDED_BY: dict[type[DomainEvent], TrackingStatus] = {
    lv.SuspensionGranted: _S.SUSPENDED,
    lv.DeferralGranted: _S.DEFERRED,
    lv.ExemptionGranted: _S.EXEMPTED,
    lv.HomeTeachingArranged: _S.HOME_TAUGHT,
    lv.StudyElsewhereVerified: _S.ENROLLED_ELSEWHERE,
    lv.TransferStarted: _S.TRANSFERRING,
    lv.DeathRecorded: _S.DECEASED,
    lv.WentAbroad: _S.ABROAD,
    lv.WentMissing: _S.MISSING,
    lv.Deregistered: _S.DEREGISTERED,
    lv.Graduated: _S.GRADUATED,
    rt.DropoutConfirmed: _S.DROPPED_OUT,
    rt.PersuadedBack: _S.PERSUADED_BACK,
}
"""What ends a suspicion by giving the child another status."""

HANDLERS: Mapping[type[DomainEvent], Handler] = {
    e.DropoutSuspected: _suspected,
    e.SuspicionRevised: _revised,
    e.SuspicionGroundChanged: _ground_changed,
    e.SuspicionWithdrawn: _withdrawn,
    e.SuspicionCleared: _cleared,
    e.SuspicionOvertaken: _overtaken,
    e.SuspectAttendanceChanged: _attending,
    e.EnrolmentUndone: _enrolment_undone,
    e.AbsenceRecorded: days.recorded,
    e.AbsenceExplained: days.explained,
    e.AbsenceVoided: days.voided,
    e.AbsenceSetAside: days.set_aside,
    RollCallSubmitted: days.submitted,
    RollCallVoided: days.put_aside,
    **{event: _ended_by(status) for event, status in ENDED_BY.items()},
    lv.TransferStarted: _transferring,
    lv.TransferCancelled: _stays,
}

_OF_A_CHILD = (e.AbsenceRecorded, e.AbsenceExplained, e.AbsenceVoided, e.AbsenceSetAside)


def keys(batch: Sequence[RecordedEvent]) -> Mapping[AnyTable, Iterable[Any]]:
    """Days of the children and half days of the classes that a batch speaks of."""
    children: list[bytes] = []
    halves: list[tuple[str, int]] = []
    for recorded in batch:
        event: Any = recorded.event
        if isinstance(event, _OF_A_CHILD):
            children.append(event.originator_id.bytes)
        elif isinstance(event, RollCallSubmitted | RollCallVoided):
            halves.append((event.class_key, event.occurred_on.toordinal()))
    return {DAYS: children, HALVES: halves}


def school(_fold: Fold, event: Any) -> str | None:
    """The school whose total misses a parked child, where the event names its class."""
    key = getattr(event, "class_key", None)
    return split_class_key(key)[0] if isinstance(key, str) else None
