"""免学缓学休学台账, and 残疾儿童安置: which leaves were granted, until when, and how did they end?

One row a decision. A leave that is over stays until the child resumed or something else was
decided: it is then 期满.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from ckbx.domain.child import events as e
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.shared.event import DomainEvent
from projections import roster
from projections.kit.reading import Reading
from projections.movements import LEAVES, movements
from projections.scope import Scope

_S = TrackingStatus
KINDS: dict[type[DomainEvent], TrackingStatus] = {
    lv.SuspensionGranted: _S.SUSPENDED,
    lv.DeferralGranted: _S.DEFERRED,
    lv.ExemptionGranted: _S.EXEMPTED,
    lv.HomeTeachingArranged: _S.HOME_TAUGHT,
}
ENDED_BY: dict[type[DomainEvent], str] = {
    lv.StudyResumed: "resumed",
    e.AttendanceResumed: "attended",
    e.Enrolled: "enrolled",
    lv.TransferStarted: _S.TRANSFERRING.value,
    lv.StudyElsewhereVerified: _S.ENROLLED_ELSEWHERE.value,
    lv.DeathRecorded: _S.DECEASED.value,
    lv.WentAbroad: _S.ABROAD.value,
    lv.WentMissing: _S.MISSING.value,
    lv.Deregistered: _S.DEREGISTERED.value,
    lv.Graduated: _S.GRADUATED.value,
}
REPLACED = "replaced"
"""Another leave was granted in its place."""


class LeaveState(StrEnum):
    """Where a leave stands on a day."""

    TO_COME = "to_come"
    RUNNING = "running"
    OVER = "over"
    ENDED = "ended"

    @property
    def label(self) -> str:
        """The Chinese word shown to people."""
        return _STATES[self]


_STATES = {
    LeaveState.TO_COME: "未开始",
    LeaveState.RUNNING: "期内",
    LeaveState.OVER: "期满未复学",
    LeaveState.ENDED: "已结束",
}


class LeaveRow(msgspec.Struct, frozen=True, kw_only=True):
    """One decision. ``effective_from`` and ``until`` are its first and last day as extended by
    the day asked about; ``committee``: whether the expert committee was heard; ``ended_by``:
    ``resumed``, ``attended``, ``enrolled``, ``replaced`` or the status that followed;
    ``decision``: the id of the child's fact.
    """

    child: UUID
    school_code: str | None
    class_key: str | None
    grade: int | None
    kind: TrackingStatus
    decided_on: date
    effective_from: date
    until: date
    extended_on: date | None
    approver: str
    document: str
    legal_basis: str | None
    committee: bool
    after_suspicion: bool
    visits_per_month: int | None
    lessons_per_visit: int | None
    state: LeaveState
    ended_on: date | None
    ended_by: str | None
    decision: str


def leave(
    reading: Reading, scope: Scope, *, as_of: date, position: int, all_: bool = False
) -> list[LeaveRow]:
    """休学, 缓学 and 免学 decided by a day, by school, class and child; ``all_`` adds those
    that have ended.
    """
    rows = decisions(reading, scope, as_of, position, all_=all_)
    return [row for row in rows if row.kind is not _S.HOME_TAUGHT]


def placement(
    reading: Reading, scope: Scope, *, as_of: date, position: int, all_: bool = False
) -> list[LeaveRow]:
    """Children placed after the expert committee: 送教上门, and leaves on its opinion."""
    rows = decisions(reading, scope, as_of, position, all_=all_)
    return [row for row in rows if row.kind is _S.HOME_TAUGHT or row.committee]


def decisions(
    reading: Reading, scope: Scope, as_of: date, position: int, *, all_: bool
) -> list[LeaveRow]:
    """Leaves of all four kinds decided by a day; ``all_`` adds those that have ended."""
    found = movements(reading, LEAVES, as_of=as_of, position=position)
    places = roster.place_of(reading, scope, found, as_of=as_of, position=position)
    rows = [
        row
        for child, place in places.items()
        for row in _rows(place, found[child], as_of)
        if all_ or row.state is not LeaveState.ENDED
    ]
    return sorted(rows, key=_order)


class _Leave:
    """One decision being folded."""

    __slots__ = ("ended", "extended_on", "granted", "until")

    def __init__(self, granted: Any) -> None:
        self.granted = granted
        self.until: date = granted.until
        self.extended_on: date | None = None
        self.ended: tuple[date, str] | None = None


def _rows(place: roster.Place, events: Iterable[Any], as_of: date) -> list[LeaveRow]:
    leaves: list[_Leave] = []
    for event in events:
        running = leaves[-1] if leaves and leaves[-1].ended is None else None
        if type(event) in KINDS:
            if running is not None:
                running.ended = event.occurred_on, REPLACED
            leaves.append(_Leave(event))
        elif running is None:
            continue
        elif isinstance(event, lv.LeaveExtended):
            running.until, running.extended_on = event.until, event.occurred_on
        elif type(event) in ENDED_BY:
            running.ended = event.occurred_on, ENDED_BY[type(event)]
    return [_row(place, each, as_of) for each in leaves]


def _row(place: roster.Place, of: _Leave, as_of: date) -> LeaveRow:
    granted = of.granted
    return LeaveRow(
        child=place.child,
        school_code=place.school,
        class_key=place.class_key,
        grade=place.grade,
        kind=KINDS[type(granted)],
        decided_on=granted.occurred_on,
        effective_from=granted.effective_from,
        until=of.until,
        extended_on=of.extended_on,
        approver=granted.approver,
        document=granted.document,
        legal_basis=getattr(granted, "legal_basis", None),
        committee=granted.committee_ref is not None,
        after_suspicion=granted.after_suspicion,
        visits_per_month=getattr(granted, "visits_per_month", None),
        lessons_per_visit=getattr(granted, "lessons_per_visit", None),
        state=_state(of, as_of),
        ended_on=of.ended[0] if of.ended else None,
        ended_by=of.ended[1] if of.ended else None,
        decision=granted.event_id,
    )


def _state(of: _Leave, as_of: date) -> LeaveState:
    if of.ended is not None:
        return LeaveState.ENDED
    if as_of > of.until:
        return LeaveState.OVER
    return LeaveState.RUNNING if as_of >= of.granted.effective_from else LeaveState.TO_COME


def _order(row: LeaveRow) -> tuple[str, str, bytes, date]:
    return row.school_code or "", row.class_key or "", row.child.bytes, row.decided_on
