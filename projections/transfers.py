"""转入转出台账: which transfers were started, were they confirmed, and did the child arrive?

One row a transfer, one an arrival from outside the county. Both schools see it: the one that
lets go and the one that receives.
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
from ckbx.domain.child import movement_events as mv
from ckbx.domain.shared.event import DomainEvent
from projections import roster
from projections.kit.reading import Reading
from projections.movements import movements
from projections.scope import Scope


class Direction(StrEnum):
    """Which way a row goes: left its school, or came from outside the county."""

    OUT = "out"
    IN = "in"

    @property
    def label(self) -> str:
        """The Chinese word shown to people."""
        return "转出" if self is Direction.OUT else "县外转入"


class TransferState(StrEnum):
    """Where a transfer stands on a day."""

    UNDER_WAY = "under_way"
    LAPSED = "lapsed"
    CONFIRMED = "confirmed"
    ARRIVED = "arrived"
    CANCELLED = "cancelled"
    OVERTAKEN = "overtaken"

    @property
    def label(self) -> str:
        """The Chinese word shown to people."""
        return _STATES[self]


_STATES = {
    TransferState.UNDER_WAY: "在途",
    TransferState.LAPSED: "逾期未确认",
    TransferState.CONFIRMED: "转入校已确认",
    TransferState.ARRIVED: "已入学",
    TransferState.CANCELLED: "已取消",
    TransferState.OVERTAKEN: "改作其他处理",
}
STANDING = frozenset({TransferState.UNDER_WAY, TransferState.LAPSED})
"""Nobody knows yet where the child is going to learn."""


class TransferRow(msgspec.Struct, frozen=True, kw_only=True):
    """One transfer. ``from_school`` is where the child was on the day it was started;
    ``confirm_by`` None: the calendar did not say; ``arrived_on``: the first enrolment after
    the confirmation, at ``arrived_at``. Of an arrival from outside ``from_region`` says where
    it came from, and class and grade are those it came into. ``receiving_name`` and
    ``from_name``: of a school beyond the county, as it was written down; may be empty.
    """

    child: UUID
    direction: Direction = Direction.OUT
    from_region: str | None = None
    from_school: str | None
    class_key: str | None
    grade: int | None
    receiving_school: str
    started_on: date
    document: str
    confirm_by: date | None
    state: TransferState
    state_since: date
    confirmed_on: date | None
    arrived_on: date | None
    arrived_at: str | None
    receiving_name: str = ""
    from_name: str = ""


def transfers(
    reading: Reading, scope: Scope, *, as_of: date, position: int, all_: bool = False
) -> list[TransferRow]:
    """Transfers started by a day whose end is open, by school left, class and child; ``all_``
    adds confirmed, arrived, cancelled and overtaken ones.
    """
    kinds = (lv.TransferStarted, mv.TransferredIn)
    found = movements(reading, kinds, as_of=as_of, position=position)
    told = [(child, each) for child, events in found.items() for each in _folded(events)]
    learned = roster.learned_at(reading, Scope.county(), found, position=position)
    now = roster.place_of(reading, Scope.county(), found, as_of=as_of, position=position)
    rows = []
    for child, each in told:
        on, lives = each.on, now.get(child)
        before = [at for at in learned.get(child, ()) if at.first <= on]
        row = _row(child, each, before[-1] if before else None)
        homes = (lives.village, lives.residence) if lives else ()
        schools = (row.from_school, row.receiving_school)
        at: dict[str, Any] = {"villages": homes, "class_key": row.class_key, "child": child}
        seen = any(scope.sees(school=school, **at) for school in schools)
        if seen and (all_ or row.state in STANDING):
            rows.append(row)
    return sorted(rows, key=_order)


class _Transfer:
    """One transfer, or arrival (``came``), being folded; ``on`` is the day it began."""

    __slots__ = ("arrived", "came", "confirmed_on", "on", "since", "started", "state")

    def __init__(self, began: lv.TransferStarted | mv.TransferredIn) -> None:
        self.started = began if isinstance(began, lv.TransferStarted) else None
        self.came = began if isinstance(began, mv.TransferredIn) else None
        self.state = TransferState.UNDER_WAY if self.started else TransferState.ARRIVED
        self.on = self.since = began.occurred_on
        self.confirmed_on: date | None = None
        self.arrived: e.Enrolled | None = None


_NEXT: dict[type[DomainEvent], TransferState] = {
    lv.TransferConfirmed: TransferState.CONFIRMED,
    lv.TransferCancelled: TransferState.CANCELLED,
    lv.TransferLapsed: TransferState.LAPSED,
}


def _folded(events: Iterable[Any]) -> list[_Transfer]:
    all_: list[_Transfer] = []
    for event in events:
        last = all_[-1] if all_ else None
        if isinstance(event, lv.TransferStarted):
            if last is not None and last.state in STANDING:
                _move(last, event, TransferState.OVERTAKEN)
            all_.append(_Transfer(event))
        elif isinstance(event, mv.TransferredIn):
            _came_back(last, event)
            all_.append(_Transfer(event))
        elif isinstance(event, e.EnrolmentUndone):
            _undone(all_, event)
        elif last is not None:
            _follow(last, event)
    return all_


def _came_back(last: _Transfer | None, event: mv.TransferredIn) -> None:
    """It had left the county, and the enrolment is that of its return."""
    if last is None or last.arrived is None or last.started is None:
        return
    if last.started.receiving_school != last.arrived.school == event.school:
        _not_arrived(last)


def _undone(all_: list[_Transfer], event: e.EnrolmentUndone) -> None:
    """An arrival rests on its enrolment (``occurred_on``: that of the enrolment undone)."""
    last = all_[-1] if all_ else None
    if last is not None and last.came is not None and last.on >= event.occurred_on:
        all_.pop()
        last = all_[-1] if all_ else None
    if last is not None and last.arrived and last.arrived.occurred_on == event.occurred_on:
        _not_arrived(last)


def _not_arrived(last: _Transfer) -> None:
    last.state, last.arrived = TransferState.CONFIRMED, None
    last.since = last.confirmed_on or last.since


def _follow(last: _Transfer, event: Any) -> None:
    if type(event) in _NEXT:
        _move(last, event, _NEXT[type(event)])
        if isinstance(event, lv.TransferConfirmed):
            last.confirmed_on = event.occurred_on
    elif isinstance(event, e.Enrolled) and last.state is TransferState.CONFIRMED:
        _move(last, event, TransferState.ARRIVED)
        last.arrived = event
    elif last.state in STANDING and not isinstance(event, lv.LeaveExpired):
        _move(last, event, TransferState.OVERTAKEN)


def _move(last: _Transfer, event: Any, state: TransferState) -> None:
    last.state, last.since = state, event.occurred_on


def _row(child: UUID, of: _Transfer, place: roster.Learned | None) -> TransferRow:
    if of.came is not None:
        return _arrival(child, of.came, place)
    assert of.started is not None  # noqa: S101 - the one or the other
    return TransferRow(
        child=child,
        from_school=place.school if place else None,
        class_key=place.class_key if place else None,
        grade=place.grade if place else None,
        receiving_school=of.started.receiving_school,
        started_on=of.on,
        document=of.started.document,
        confirm_by=of.started.confirm_by,
        state=of.state,
        state_since=of.since,
        confirmed_on=of.confirmed_on,
        arrived_on=of.arrived.occurred_on if of.arrived else None,
        arrived_at=of.arrived.school if of.arrived else None,
        receiving_name=of.started.receiving_name,
    )


def _arrival(child: UUID, came: mv.TransferredIn, place: roster.Learned | None) -> TransferRow:
    on = came.occurred_on
    return TransferRow(
        child=child,
        direction=Direction.IN,
        from_region=came.from_region,
        from_school=came.from_school,
        class_key=place.class_key if place else None,
        grade=place.grade if place else None,
        receiving_school=came.school,
        started_on=on,
        document=came.document,
        confirm_by=None,
        state=TransferState.ARRIVED,
        state_since=on,
        confirmed_on=None,
        arrived_on=on,
        arrived_at=came.school,
        from_name=came.from_name,
    )


def _order(row: TransferRow) -> tuple[str, str, bytes, date]:
    return row.from_school or "", row.class_key or "", row.child.bytes, row.started_on
