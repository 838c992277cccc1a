"""How does a suspicion change a child's place: opened, moved, taken back, ended?

Withdrawn and revised hold from the old suspected_on: as of any day, known later, the old
dates never were. Cleared and overtaken hold from their own day (domain §4).
"""

from __future__ import annotations

from ckbx.domain.child import events as e
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.event import DomainEvent
from projections.kit.fold import Fold
from projections.roster_steps import Step, change_places, forget, memory_of, since_when
from projections.roster_tables import MEMORY, PLACES, Memory, PlaceValues

_S = TrackingStatus


class SuspicionNotFound(CkbxError):
    """ids: child, event."""

    code = "suspicion_not_found"
    message = (
        "儿童 {child} 没有未结的疑似辍学，事件“{event}”无法计入；请运行 ckbx doctor 并报告管理员"
    )


def suspected(fold: Fold, event: e.DropoutSuspected, position: int) -> None:
    """A leave granted before for later takes over on its first day and is left as it is."""
    child, day = event.originator_id.bytes, event.occurred_on.toordinal()
    until = event.until.toordinal() if event.until is not None else None
    found = fold[PLACES].on(child, day)
    before = found[5] if found is not None else _S.ENROLLED.value

    def step(place: PlaceValues) -> PlaceValues:
        return place._replace(status=_S.SUSPECTED.value, since=day, attending_since=None)

    change_places(fold, child, day, until, step, position)
    memory = memory_of(fold, child)
    fold[MEMORY].put(child, memory._replace(before=before, suspected_on=day))


def _open_suspicion(fold: Fold, event: DomainEvent) -> tuple[Memory, int, str]:
    memory = memory_of(fold, event.originator_id.bytes)
    if memory.suspected_on is None or memory.before is None:
        raise SuspicionNotFound(child=event.originator_id, event=event.TITLE)
    return memory, memory.suspected_on, memory.before


_SUSPECT = (_S.SUSPECTED.value,)
_SUSPECT_OR_OUT = (_S.SUSPECTED.value, _S.DROPPED_OUT.value)


def _give_back(status: str, since: int, statuses: tuple[str, ...] = _SUSPECT) -> Step:
    """A suspect is again what it was before."""

    def step(place: PlaceValues) -> PlaceValues:
        if place.status not in statuses:
            return place
        return place._replace(status=status, since=since, attending_since=None)

    return step


def revised(fold: Fold, event: e.SuspicionRevised, position: int) -> None:
    """The suspicion holds with another day; the old one never was."""
    child, day = event.originator_id.bytes, event.occurred_on.toordinal()
    memory, was, before = _open_suspicion(fold, event)

    def began_anew(place: PlaceValues) -> PlaceValues:
        return place._replace(since=day) if place.status == _S.SUSPECTED.value else place

    def began_earlier(place: PlaceValues) -> PlaceValues:
        return place._replace(status=_S.SUSPECTED.value, since=day, attending_since=None)

    if day < was:
        change_places(fold, child, day, was, began_earlier, position)
    else:
        step = _give_back(before, since_when(fold, child, was, before))
        change_places(fold, child, was, day, step, position)
    change_places(fold, child, max(day, was), None, began_anew, position)
    fold[MEMORY].put(child, memory._replace(suspected_on=day))


def withdrawn(fold: Fold, event: e.SuspicionWithdrawn, position: int) -> None:
    """The suspicion never was."""
    child = event.originator_id.bytes
    _memory_then, was, before = _open_suspicion(fold, event)
    step = _give_back(before, since_when(fold, child, was, before))
    change_places(fold, child, was, None, step, position)
    _end_suspicion(fold, child)


def _end_suspicion(fold: Fold, child: bytes) -> None:
    """A leave is remembered on: it may have begun before, or begin later."""
    rest = memory_of(fold, child)._replace(before=None, suspected_on=None)
    if rest == Memory():
        forget(fold, child)
    else:
        fold[MEMORY].put(child, rest)


def overtaken(fold: Fold, event: e.SuspicionOvertaken, position: int) -> None:
    """The leave granted before begins: the suspicion is over."""
    child, day = event.originator_id.bytes, event.occurred_on.toordinal()
    _open_suspicion(fold, event)
    change_places(fold, child, day, None, _give_back(event.followed_by.value, day), position)
    _end_suspicion(fold, child)


def cleared(fold: Fold, event: e.SuspicionCleared, position: int) -> None:
    """The child is at school; one that belongs to no class is what it was. A leave that had
    ended is over.
    """
    child, day = event.originator_id.bytes, event.occurred_on.toordinal()
    memory, _was, before = _open_suspicion(fold, event)
    place = fold[PLACES].on(child, day)
    if (place is not None and place[1] is not None) or before == _S.PERSUADED_BACK.value:
        before = _S.ENROLLED.value
    step = _give_back(before, day, _SUSPECT_OR_OUT)
    change_places(fold, child, day, None, step, position)
    if memory.leave_over is not None and memory.leave_over <= day:
        forget(fold, child)
    else:
        _end_suspicion(fold, child)


def attends_again(fold: Fold, event: e.SuspectAttendanceChanged, position: int) -> None:
    """The stretches in which the suspect counts in 在校 again, all of them anew."""
    child = event.originator_id.bytes
    _memory_then, cursor, _before = _open_suspicion(fold, event)
    for since, counted_from, until in sorted(event.spans):
        first = counted_from.toordinal()
        last = until.toordinal() if until is not None else None
        change_places(fold, child, cursor, first, _attending(None), position)
        change_places(fold, child, first, last, _attending(since.toordinal()), position)
        if last is None:
            return
        cursor = last
    change_places(fold, child, cursor, None, _attending(None), position)


def _attending(since: int | None) -> Step:
    def step(place: PlaceValues) -> PlaceValues:
        if place.status != _S.SUSPECTED.value:
            return place
        return place._replace(attending_since=since)

    return step
