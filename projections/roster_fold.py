"""How do a child's facts become the history of its place and status?

Later knowledge overrides earlier: a fact holds from its own day on. What never was (a
withdrawn or revised suspicion, an undone enrolment) is taken back from the day it began, so
that as of any day, known later, it never stood; as known before, it did.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ckbx.domain.child import events as e
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child import return_events as rt
from ckbx.domain.child.status import ON_ROLL, TERMINAL, RegisterStatus, TrackingStatus
from ckbx.domain.child.transitions import BY_EVENT
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.ports import RecordedEvent
from projections.kit.fold import Fold, Values
from projections.kit.projection import Handler, Projection
from projections.kit.tables import AnyTable
from projections.roster_counts import counting
from projections.roster_leaves import LEAVES, extended, granted, resumed, resumed_study
from projections.roster_marks import absent, present, set_aside
from projections.roster_returns import confirmed, persuaded_back
from projections.roster_steps import change_places, forget, memory_of, since_when
from projections.roster_suspicions import (
    attends_again,
    cleared,
    overtaken,
    revised,
    suspected,
    withdrawn,
)
from projections.roster_tables import (
    CHECKED_IN,
    COHORTS,
    MARKS,
    MEMORY,
    NAME,
    PLACES,
    TABLES,
    Memory,
    PlaceValues,
)

VERSION = 7

_S = TrackingStatus
_R = RegisterStatus
_GONE = TERMINAL | {_S.ENROLLED_ELSEWHERE}
_REGISTER = {
    _S.TRANSFERRING: _R.TRANSFERRING,
    _S.TRANSFERRED: _R.TRANSFERRED,
    _S.GRADUATED: _R.GRADUATED,
    _S.DECEASED: _R.DECEASED,
    _S.ABROAD: _R.ABROAD,
    _S.MISSING: _R.MISSING,
    _S.DEREGISTERED: _R.OTHER_LEFT,
}


def _registered(fold: Fold, event: e.ChildRegistered, position: int) -> None:
    fold[COHORTS].put(event.originator_id.bytes, (position, event.cohort, event.sex))
    day = event.occurred_on.toordinal()
    place = PlaceValues(
        None,
        None,
        None,
        event.village,
        event.residence,
        _S.NOT_ENROLLED.value,
        _R.UNREGISTERED.value,
        day,
        None,
    )
    fold[PLACES].put(event.originator_id.bytes, day, None, place, position)


def _moved_home(fold: Fold, event: e.ResidenceChanged, position: int) -> None:
    def step(place: PlaceValues) -> PlaceValues:
        return place._replace(
            village=event.village or place.village, residence=event.residence or place.residence
        )

    day = event.occurred_on.toordinal()
    change_places(fold, event.originator_id.bytes, day, None, step, position)


def _enrolled(fold: Fold, event: e.Enrolled, position: int) -> None:
    child, day = event.originator_id.bytes, event.occurred_on.toordinal()
    rows = fold[PLACES].rows(child)
    known = PlaceValues._make(rows[0].values) if rows else None
    status = _S.ENROLLED.value
    since = since_when(fold, child, day, status)

    def change(old: Values | None) -> Values:
        home = known if old is None else PlaceValues._make(old)
        return PlaceValues(
            event.school,
            event.class_key,
            event.grade,
            home.village if home is not None else None,
            home.residence if home is not None else None,
            status,
            event.register_status.value,
            since,
            None,
        )

    fold[PLACES].patch(child, day, None, change, position)
    fold[MARKS].clear(child, day, None, position)
    forget(fold, child)


def _undone(fold: Fold, event: e.EnrolmentUndone, position: int) -> None:
    child, day = event.originator_id.bytes, event.occurred_on.toordinal()
    status = _S.NOT_ENROLLED.value
    since = since_when(fold, child, day, status)

    def step(place: PlaceValues) -> PlaceValues:
        nowhere = place._replace(school=None, class_key=None, grade=None, attending_since=None)
        return nowhere._replace(status=status, register_status=_R.UNREGISTERED.value, since=since)

    change_places(fold, child, day, None, step, position)
    fold[MARKS].clear(child, day, None, position)
    forget(fold, child)


def _class_moved(
    fold: Fold, event: e.ClassChanged | lv.Promoted | lv.GradeRepeated, position: int
) -> None:
    child, day = event.originator_id.bytes, event.occurred_on.toordinal()
    before = fold[PLACES].on(child, day)

    def step(place: PlaceValues) -> PlaceValues:
        if place.school is None:
            return place
        return place._replace(class_key=event.class_key, grade=event.grade)

    change_places(fold, child, day, None, step, position)
    if before is not None and before[1] != event.class_key:
        fold[MARKS].clear(child, day, None, position)


def _decided(fold: Fold, event: DomainEvent, position: int) -> None:
    """A step of the transition matrix that ends in one status (domain §3)."""
    child, day = event.originator_id.bytes, event.occurred_on.toordinal()
    to = _TO[type(event)]

    def step(place: PlaceValues) -> PlaceValues:
        register = _REGISTER.get(to)
        if register is None and place.register_status == _R.TRANSFERRING.value:
            register = _R.REGISTERED
        done = place._replace(
            status=to.value,
            since=place.since if place.status == to.value else day,
            attending_since=None,
            register_status=register.value if register is not None else place.register_status,
        )
        return done._replace(school=None, class_key=None, grade=None) if to in _GONE else done

    change_places(fold, child, day, None, step, position)
    if to not in ON_ROLL:
        fold[MARKS].clear(child, day, None, position)
    forget(fold, child)


def _transferring(fold: Fold, event: lv.TransferStarted, position: int) -> None:
    """What was under suspicion, or a dropout, is so again if the transfer is cancelled."""
    child, day = event.originator_id.bytes, event.occurred_on.toordinal()
    memory, place = memory_of(fold, child), fold[PLACES].on(child, day)
    _decided(fold, event, position)
    if memory.suspected_on is not None and place is not None:
        now = Memory(
            held=place[5],
            held_since=place[7],
            held_before=memory.before,
            held_on=memory.suspected_on,
        )
        fold[MEMORY].put(child, now)


def _stays(fold: Fold, event: lv.TransferCancelled, position: int) -> None:
    child, day = event.originator_id.bytes, event.occurred_on.toordinal()
    memory = memory_of(fold, child)
    _decided(fold, event, position)
    if memory.held is None:
        return
    held, since = memory.held, memory.held_since or day

    def step(place: PlaceValues) -> PlaceValues:
        return place._replace(status=held, since=since)

    change_places(fold, child, day, None, step, position)
    if held not in ON_ROLL:
        fold[MARKS].clear(child, day, None, position)
    now = Memory(before=memory.held_before, suspected_on=memory.held_on)
    fold[MEMORY].put(child, now)


def _checked_in(fold: Fold, event: e.CheckedIn, _position: int) -> None:
    """The first day counts, whichever was recorded first."""
    key, day = (event.originator_id.bytes, event.term), event.occurred_on.toordinal()
    known = fold[CHECKED_IN].get(key)
    if known is None or day < known[0]:
        fold[CHECKED_IN].put(key, (day,))


_TO = {kind: row.to for kind, row in BY_EVENT.items() if row.to is not None}
_OWN: dict[type[DomainEvent], Handler] = {
    e.ChildRegistered: _registered,
    e.ResidenceChanged: _moved_home,
    e.Enrolled: _enrolled,
    e.EnrolmentUndone: _undone,
    e.ClassChanged: _class_moved,
    lv.Promoted: _class_moved,
    lv.GradeRepeated: _class_moved,
    e.AbsenceRecorded: absent,
    e.AbsenceExplained: absent,
    e.AttendanceResumed: resumed,
    e.AbsenceVoided: present,
    e.AbsenceSetAside: set_aside,
    **dict.fromkeys(LEAVES, granted),
    lv.LeaveExtended: extended,
    lv.StudyResumed: resumed_study,
    e.DropoutSuspected: suspected,
    e.SuspicionRevised: revised,
    e.SuspicionWithdrawn: withdrawn,
    e.SuspicionCleared: cleared,
    e.SuspicionOvertaken: overtaken,
    e.SuspectAttendanceChanged: attends_again,
    rt.DropoutConfirmed: confirmed,
    rt.PersuadedBack: persuaded_back,
    lv.TransferStarted: _transferring,
    lv.TransferCancelled: _stays,
}
# These change nothing by themselves: the suspicion recorded with them does.
_FOLLOWED = (lv.TransferLapsed, rt.Relapsed)
_BY_MATRIX = {kind: _decided for kind in _TO if kind not in _OWN and kind not in _FOLLOWED}
_ATTENDANCE = (e.AbsenceRecorded, e.AbsenceExplained, e.AbsenceVoided, e.AbsenceSetAside)
# Neither a mark nor a check-in says anything of a home.
HANDLERS: dict[type[DomainEvent], Handler] = {
    e.CheckedIn: _checked_in,
    **{
        kind: handler if kind in _ATTENDANCE else counting(handler)
        for kind, handler in {**_OWN, **_BY_MATRIX}.items()
    },
}
HANDLES = tuple(HANDLERS)


def _keys(batch: Sequence[RecordedEvent]) -> dict[AnyTable, set[Any]]:
    seen = {
        (event.originator_id.bytes, event.term)
        for event in (recorded.event for recorded in batch)
        if isinstance(event, e.CheckedIn)
    }
    about = [r.event for r in batch if type(r.event) is not e.CheckedIn]
    children = {event.originator_id.bytes for event in about}
    decided = {event.originator_id.bytes for event in about if type(event) not in _ATTENDANCE}
    new = {r.event.originator_id.bytes for r in batch if type(r.event) is e.ChildRegistered}
    return {PLACES: children, MARKS: children, MEMORY: decided, COHORTS: new, CHECKED_IN: seen}


def _school(fold: Fold, event: Any) -> str | None:
    rows = fold[PLACES].rows(event.originator_id.bytes)
    return rows[-1].values[0] if rows else getattr(event, "school", None)


PROJECTION = Projection(NAME, VERSION, TABLES, HANDLERS, keys=_keys, school=_school)
