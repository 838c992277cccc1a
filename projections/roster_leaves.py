"""How does a leave change a child's place: from when, until when, and what follows it?

After its end a suspended child is absent and a deferred one not enrolled, whether or not the
clock's run noticed (domain §3).
"""

from __future__ import annotations

from typing import Any

from ckbx.domain.child import events as e
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child.status import RegisterStatus, TrackingStatus
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.event import DomainEvent
from ckbx.domain.shared.ids import split_class_key
from projections.kit.fold import Fold
from projections.roster_marks import present
from projections.roster_steps import Step, change_places, forget, memory_of, since_when
from projections.roster_tables import MARKS, MEMORY, Memory, PlaceValues

_S = TrackingStatus
_R = RegisterStatus
_OPEN_EPISODE = (_S.SUSPECTED.value, _S.DROPPED_OUT.value)
_OVER = (_S.ABSENT.value, _S.PERSUADED_BACK.value)
LEAVES: dict[type[DomainEvent], TrackingStatus] = {
    lv.SuspensionGranted: _S.SUSPENDED,
    lv.DeferralGranted: _S.DEFERRED,
    lv.ExemptionGranted: _S.EXEMPTED,
    lv.HomeTeachingArranged: _S.HOME_TAUGHT,
}
_AFTER_LEAVE = {_S.SUSPENDED.value: _S.ABSENT.value, _S.DEFERRED.value: _S.NOT_ENROLLED.value}


class LeaveNotFound(CkbxError):
    """ids: child."""

    code = "leave_not_found"
    message = "儿童 {child} 没有生效中的休学、缓学、免学或送教，延长无从计入；请运行 ckbx doctor 并报告管理员"


def granted(fold: Fold, event: Any, position: int) -> None:
    """A leave was decided; a suspicion ends with the decision, whenever the leave begins."""
    child, day = event.originator_id.bytes, event.occurred_on.toordinal()
    first, over = event.effective_from.toordinal(), event.until.toordinal() + 1
    status = LEAVES[type(event)].value
    before = memory_of(fold, child).before or _S.ENROLLED.value
    before = _S.ENROLLED.value if before in _OVER else before

    def closed(place: PlaceValues) -> PlaceValues:
        if place.status not in (*_OPEN_EPISODE, _S.PERSUADED_BACK.value):
            return place
        return place._replace(status=before, since=day, attending_since=None)

    change_places(fold, child, day, first, closed, position)
    suspected = memory_of(fold, child).suspected_on is not None
    _on_leave(
        fold, child, first, (status, first, over), position, decided=day if suspected else first
    )
    fold[MARKS].clear(child, first, None, position)
    memory = Memory(leave=status, leave_from=first, leave_over=over)
    fold[MEMORY].put(child, memory)


def _on_leave(
    fold: Fold,
    child: bytes,
    first: int,
    leave: tuple[str, int, int],
    position: int,
    *,
    decided: int,
) -> None:
    """Enter a leave (status, first day, day after) from ``first`` on, and what follows it
    whether or not anybody noticed: a suspended child is absent, a deferred one not enrolled.

    A suspicion stands until the day the leave was ``decided``, however far back it is dated.
    """
    status, began, ended = leave
    after = _AFTER_LEAVE.get(status, status)
    then = ended if after != status else began

    def in_force(place: PlaceValues, since: int = began) -> PlaceValues:
        register = place.register_status
        if status == _S.SUSPENDED.value:
            register = _R.SUSPENDED.value
        return place._replace(
            status=status, since=since, attending_since=None, register_status=register
        )

    def expired(place: PlaceValues) -> PlaceValues:
        if first != began and place.status == _S.SUSPECTED.value:
            return place  # a suspicion opened after the old end stands after the new one
        return in_force(place)._replace(status=after, since=then)

    def before(step: Step) -> Step:
        return lambda place: place if place.status in _OPEN_EPISODE else step(place)

    over = max(first, ended)
    since = decided if decided > first else began
    parts: tuple[tuple[int, int | None, Step], ...] = (
        (first, min(over, decided), before(in_force)),
        (max(first, decided), over, lambda place: in_force(place, since)),
        (over, decided, before(expired)),
        (max(over, decided), None, expired),
    )
    for start, end, step in parts:
        if end is None or start < end:
            change_places(fold, child, start, end, step, position)


def extended(fold: Fold, event: lv.LeaveExtended, position: int) -> None:
    """The leave lasts longer. Raises LeaveNotFound when none is remembered."""
    child = event.originator_id.bytes
    memory = memory_of(fold, child)
    if memory.leave is None or memory.leave_from is None or memory.leave_over is None:
        raise LeaveNotFound(child=event.originator_id)
    over = event.until.toordinal() + 1
    leave = (memory.leave, memory.leave_from, over)
    was = memory.leave_over
    _on_leave(fold, child, was, leave, position, decided=was)
    fold[MEMORY].put(child, memory._replace(leave_over=over))


def resumed(fold: Fold, event: e.AttendanceResumed, position: int) -> None:
    """The child was there again. Named 到校 after the end of its leave, the leave is over
    from that day; a roll call handed in later may find an earlier one.
    """
    present(fold, event, position)
    if not event.after_leave:
        return
    child, day = event.originator_id.bytes, event.occurred_on.toordinal()
    memory = memory_of(fold, child)
    returned_on = memory.leave_from if memory.leave is None else None

    def step(place: PlaceValues) -> PlaceValues:
        back = place.status == _S.ENROLLED.value and place.since == returned_on
        if not back and place.status != _S.ABSENT.value:
            return place
        return place._replace(status=_S.ENROLLED.value, since=day)

    change_places(fold, child, day, None, step, position)
    if memory.leave_over is not None:
        fold[MEMORY].put(child, memory._replace(leave=None, leave_from=day))


def resumed_study(fold: Fold, event: lv.StudyResumed, position: int) -> None:
    """复学: in the class named, from that day."""
    child, day = event.originator_id.bytes, event.occurred_on.toordinal()
    status = _S.ENROLLED.value
    since = since_when(fold, child, day, status)

    def step(place: PlaceValues) -> PlaceValues:
        return place._replace(
            school=split_class_key(event.class_key)[0],
            class_key=event.class_key,
            grade=event.grade,
            status=status,
            since=since,
            register_status=_R.REGISTERED.value,
            attending_since=None,
        )

    change_places(fold, child, day, None, step, position)
    fold[MARKS].clear(child, day, None, position)
    forget(fold, child)
