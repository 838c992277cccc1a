"""How do a child's facts become the history of its place and status?

Later knowledge overrides earlier: a fact holds from its own day on. What never was (a
withdrawn or revised suspicion, an undone enrolment) is taken back from the day it began, so
that as of any day, known later, it never stood; as known before, it did.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ckbx.domain.child import events as e
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child.status import ON_ROLL, TERMINAL, RegisterStatus, TrackingStatus
from ckbx.domain.child.transitions import BY_EVENT
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.ports import RecordedEvent
from projections.kit import Handler, Projection
from projections.kit_fold import Fold, Values
from projections.kit_tables import AnyTable
from projections.roster_marks import absent, present
from projections.roster_tables import MARKS, MEMORY, NAME, PLACES, TABLES, Memory, PlaceValues

VERSION = 1

_S = TrackingStatus
_R = RegisterStatus
_GONE = TERMINAL | {_S.ENROLLED_ELSEWHERE}
_OPEN_EPISODE = (_S.SUSPECTED.value, _S.DROPPED_OUT.value)
_LEAVES: dict[type[DomainEvent], TrackingStatus] = {
    lv.SuspensionGranted: _S.SUSPENDED,
    lv.DeferralGranted: _S.DEFERRED,
    lv.ExemptionGranted: _S.EXEMPTED,
    lv.HomeTeachingArranged: _S.HOME_TAUGHT,
}
_AFTER_LEAVE = {_S.SUSPENDED.value: _S.ABSENT.value, _S.DEFERRED.value: _S.NOT_ENROLLED.value}
_BASE = {
    _S.ABSENT.value: _S.ENROLLED.value,
    _S.SUSPENDED.value: _S.ENROLLED.value,
    _S.DEFERRED.value: _S.NOT_ENROLLED.value,
}
_REGISTER = {
    _S.TRANSFERRING: _R.TRANSFERRING,
    _S.TRANSFERRED: _R.TRANSFERRED,
    _S.GRADUATED: _R.GRADUATED,
    _S.DECEASED: _R.DECEASED,
    _S.ABROAD: _R.ABROAD,
    _S.MISSING: _R.MISSING,
    _S.DEREGISTERED: _R.OTHER_LEFT,
}


class LeaveNotFound(CkbxError):
    """ids: child."""

    code = "leave_not_found"
    message = "儿童 {child} 没有生效中的休学、缓学、免学或送教，延长无从计入；请运行 ckbx verify"


class SuspicionNotFound(CkbxError):
    """ids: child, event."""

    code = "suspicion_not_found"
    message = "儿童 {child} 没有未结的疑似辍学，事件“{event}”无法计入；请运行 ckbx verify"


def _forget(fold: Fold, child: bytes) -> None:
    if fold[MEMORY].get(child) is not None:
        fold[MEMORY].drop(child)


Step = Callable[[PlaceValues], PlaceValues]


def _memory(fold: Fold, child: bytes) -> Memory:
    found = fold[MEMORY].get(child)
    return Memory() if found is None else Memory._make(found)


def _change(
    fold: Fold, child: bytes, first: int, last: int | None, step: Step, position: int
) -> None:
    """Change the places of known days; days before the child was known stay empty."""

    def change(old: Values | None) -> Values | None:
        return None if old is None else step(PlaceValues._make(old))

    fold[PLACES].patch(child, first, last, change, position)


def _since(fold: Fold, child: bytes, day: int, status: str) -> int:
    """The first day of a status that stands on ``day``: earlier when it stood the day before."""
    before = fold[PLACES].on(child, day - 1)
    return before[7] if before is not None and before[5] == status else day


def _registered(fold: Fold, event: e.ChildRegistered, position: int) -> None:
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
    _change(fold, event.originator_id.bytes, day, None, step, position)


def _enrolled(fold: Fold, event: e.Enrolled, position: int) -> None:
    child, day = event.originator_id.bytes, event.occurred_on.toordinal()
    rows = fold[PLACES].rows(child)
    known = PlaceValues._make(rows[0].values) if rows else None
    status = _S.ENROLLED.value
    since = _since(fold, child, day, status)

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
    _forget(fold, child)


def _undone(fold: Fold, event: e.EnrolmentUndone, position: int) -> None:
    child, day = event.originator_id.bytes, event.occurred_on.toordinal()
    status = _S.NOT_ENROLLED.value
    since = _since(fold, child, day, status)

    def step(place: PlaceValues) -> PlaceValues:
        nowhere = place._replace(school=None, class_key=None, grade=None, attending_since=None)
        return nowhere._replace(status=status, register_status=_R.UNREGISTERED.value, since=since)

    _change(fold, child, day, None, step, position)
    fold[MARKS].clear(child, day, None, position)
    _forget(fold, child)


def _class_moved(
    fold: Fold, event: e.ClassChanged | lv.Promoted | lv.GradeRepeated, position: int
) -> None:
    child, day = event.originator_id.bytes, event.occurred_on.toordinal()
    before = fold[PLACES].on(child, day)

    def step(place: PlaceValues) -> PlaceValues:
        if place.school is None:
            return place
        return place._replace(class_key=event.class_key, grade=event.grade)

    _change(fold, child, day, None, step, position)
    if before is not None and before[1] != event.class_key:
        fold[MARKS].clear(child, day, None, position)


def _leave(fold: Fold, event: Any, position: int) -> None:
    child, day = event.originator_id.bytes, event.occurred_on.toordinal()
    first, until = event.effective_from.toordinal(), event.until.toordinal()
    status = _LEAVES[type(event)].value
    before = _memory(fold, child).before or _S.ENROLLED.value

    def closed(place: PlaceValues) -> PlaceValues:
        if place.status not in _OPEN_EPISODE:
            return place
        return place._replace(status=before, since=day, attending_since=None)

    _change(fold, child, day, first, closed, position)
    _on_leave(fold, child, first, (status, first, until), position)
    fold[MARKS].clear(child, first, None, position)
    memory = Memory(leave=status, leave_from=first, leave_until=until)
    fold[MEMORY].put(child, memory)


def _on_leave(
    fold: Fold, child: bytes, first: int, leave: tuple[str, int, int], position: int
) -> None:
    """Enter a leave (status, first day, day after) from ``first`` on, and what follows it
    whether or not anybody noticed: a suspended child is absent, a deferred one not enrolled.
    """
    status, began, until = leave
    after = _AFTER_LEAVE.get(status, status)
    then = until if after != status else began

    def granted(place: PlaceValues) -> PlaceValues:
        register = place.register_status
        if status == _S.SUSPENDED.value:
            register = _R.SUSPENDED.value
        return place._replace(
            status=status, since=began, attending_since=None, register_status=register
        )

    def expired(place: PlaceValues) -> PlaceValues:
        return granted(place)._replace(status=after, since=then)

    _change(fold, child, first, max(first, until), granted, position)
    _change(fold, child, max(first, until), None, expired, position)


def _extended(fold: Fold, event: lv.LeaveExtended, position: int) -> None:
    child = event.originator_id.bytes
    memory = _memory(fold, child)
    if memory.leave is None or memory.leave_from is None or memory.leave_until is None:
        raise LeaveNotFound(child=event.originator_id)
    until = event.until.toordinal()
    leave = (memory.leave, memory.leave_from, until)
    _on_leave(fold, child, memory.leave_until, leave, position)
    fold[MEMORY].put(child, memory._replace(leave_until=until))


def _resumed_study(fold: Fold, event: lv.StudyResumed, position: int) -> None:
    child, day = event.originator_id.bytes, event.occurred_on.toordinal()
    status = _S.ENROLLED.value
    since = _since(fold, child, day, status)

    def step(place: PlaceValues) -> PlaceValues:
        return place._replace(
            class_key=event.class_key,
            grade=event.grade,
            status=status,
            since=since,
            register_status=_R.REGISTERED.value,
            attending_since=None,
        )

    _change(fold, child, day, None, step, position)
    fold[MARKS].clear(child, day, None, position)
    _forget(fold, child)


def _suspected(fold: Fold, event: e.DropoutSuspected, position: int) -> None:
    child, day = event.originator_id.bytes, event.occurred_on.toordinal()
    found = fold[PLACES].on(child, day)
    before = _BASE.get(found[5], found[5]) if found is not None else _S.ENROLLED.value

    def step(place: PlaceValues) -> PlaceValues:
        return place._replace(status=_S.SUSPECTED.value, since=day, attending_since=None)

    _change(fold, child, day, None, step, position)
    fold[MEMORY].put(child, Memory(before=before, suspected_on=day))


def _open_suspicion(fold: Fold, event: DomainEvent) -> tuple[Memory, int, str]:
    memory = _memory(fold, event.originator_id.bytes)
    if memory.suspected_on is None or memory.before is None:
        raise SuspicionNotFound(child=event.originator_id, event=event.TITLE)
    return memory, memory.suspected_on, memory.before


def _give_back(status: str, since: int) -> Step:
    """A suspect is again what it was before."""

    def step(place: PlaceValues) -> PlaceValues:
        if place.status != _S.SUSPECTED.value:
            return place
        return place._replace(status=status, since=since, attending_since=None)

    return step


def _revised(fold: Fold, event: e.SuspicionRevised, position: int) -> None:
    child, day = event.originator_id.bytes, event.occurred_on.toordinal()
    memory, was, before = _open_suspicion(fold, event)

    def began_anew(place: PlaceValues) -> PlaceValues:
        return place._replace(since=day) if place.status == _S.SUSPECTED.value else place

    def began_earlier(place: PlaceValues) -> PlaceValues:
        return place._replace(status=_S.SUSPECTED.value, since=day, attending_since=None)

    if day < was:
        _change(fold, child, day, was, began_earlier, position)
    else:
        step = _give_back(before, _since(fold, child, was, before))
        _change(fold, child, was, day, step, position)
    _change(fold, child, max(day, was), None, began_anew, position)
    fold[MEMORY].put(child, memory._replace(suspected_on=day))


def _withdrawn(fold: Fold, event: e.SuspicionWithdrawn, position: int) -> None:
    child = event.originator_id.bytes
    _memory_then, was, before = _open_suspicion(fold, event)
    step = _give_back(before, _since(fold, child, was, before))
    _change(fold, child, was, None, step, position)
    _forget(fold, child)


def _cleared(fold: Fold, event: e.SuspicionCleared, position: int) -> None:
    child, day = event.originator_id.bytes, event.occurred_on.toordinal()
    _memory_then, _was, before = _open_suspicion(fold, event)
    _change(fold, child, day, None, _give_back(before, day), position)
    _forget(fold, child)


def _attends_again(fold: Fold, event: e.SuspectAttendanceChanged, position: int) -> None:
    child = event.originator_id.bytes
    _memory_then, cursor, _before = _open_suspicion(fold, event)
    for since, counted_from, until in sorted(event.spans):
        first = counted_from.toordinal()
        last = until.toordinal() if until is not None else None
        _change(fold, child, cursor, first, _attending(None), position)
        _change(fold, child, first, last, _attending(since.toordinal()), position)
        if last is None:
            return
        cursor = last
    _change(fold, child, cursor, None, _attending(None), position)


def _attending(since: int | None) -> Step:
    def step(place: PlaceValues) -> PlaceValues:
        if place.status != _S.SUSPECTED.value:
            return place
        return place._replace(attending_since=since)

    return step


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

    _change(fold, child, day, None, step, position)
    if to not in ON_ROLL:
        fold[MARKS].clear(child, day, None, position)
    _forget(fold, child)


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
    e.AttendanceResumed: present,
    e.AbsenceVoided: present,
    **dict.fromkeys(_LEAVES, _leave),
    lv.LeaveExtended: _extended,
    lv.StudyResumed: _resumed_study,
    e.DropoutSuspected: _suspected,
    e.SuspicionRevised: _revised,
    e.SuspicionWithdrawn: _withdrawn,
    e.SuspicionCleared: _cleared,
    e.SuspectAttendanceChanged: _attends_again,
}
# A lapsed transfer changes nothing by itself: the suspicion recorded with it does.
_BY_MATRIX = {kind: _decided for kind in _TO if kind not in _OWN and kind is not lv.TransferLapsed}
HANDLERS: dict[type[DomainEvent], Handler] = {**_OWN, **_BY_MATRIX}
HANDLES = tuple(HANDLERS)


_ATTENDANCE = (e.AbsenceRecorded, e.AbsenceExplained, e.AttendanceResumed, e.AbsenceVoided)


def _keys(batch: Sequence[RecordedEvent]) -> dict[AnyTable, set[bytes]]:
    children = {recorded.event.originator_id.bytes for recorded in batch}
    decided = {r.event.originator_id.bytes for r in batch if type(r.event) not in _ATTENDANCE}
    return {PLACES: children, MARKS: children, MEMORY: decided}


def _school(fold: Fold, event: Any) -> str | None:
    rows = fold[PLACES].rows(event.originator_id.bytes)
    return rows[-1].values[0] if rows else getattr(event, "school", None)


PROJECTION = Projection(NAME, VERSION, TABLES, HANDLERS, keys=_keys, school=_school)
