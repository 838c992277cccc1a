"""Which unexplained days has a child? Folded from the attendance facts (domain §4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ckbx.domain.attendance.marks import Session, is_unexplained
from ckbx.domain.child.events import (
    AbsenceExplained,
    AbsenceRecorded,
    AbsenceSetAside,
    AbsenceVoided,
)
from ckbx.domain.class_roll.events import RollCallSubmitted, RollCallVoided
from projections.kit.fold import Fold
from projections.suspected_tables import DAYS, HALVES

_HALF = (Session.MORNING.value, Session.AFTERNOON.value)


def recorded(fold: Fold, event: AbsenceRecorded, position: int) -> None:
    """An absence: it counts when it is 无故 or 未核."""
    if is_unexplained(event.reason):
        fold[DAYS].put(_key(event), (event.class_key,), position)


def explained(fold: Fold, event: AbsenceExplained, position: int) -> None:
    """Another reason: the day counts, or no longer."""
    if is_unexplained(event.reason):
        fold[DAYS].put(_key(event), (event.class_key,), position)
    else:
        fold[DAYS].drop(_key(event), position)


def voided(fold: Fold, event: AbsenceVoided, position: int) -> None:
    """The child was there after all."""
    fold[DAYS].drop(_key(event), position)


def set_aside(fold: Fold, event: AbsenceSetAside, position: int) -> None:
    """The class-day says nothing of the child any more; what another class said stays."""
    standing = fold[DAYS].get(_key(event))
    if standing is not None and standing[0] in (event.class_key, ""):
        fold[DAYS].drop(_key(event), position)


def submitted(fold: Fold, event: RollCallSubmitted, position: int) -> None:
    """Half days stand beside each other; a whole day puts both aside."""
    day = event.occurred_on.toordinal()
    if event.session is Session.FULL:
        for session in _HALF:
            fold[HALVES].drop((event.class_key, day, session), position)
    else:
        key = (event.class_key, day, event.session.value)
        fold[HALVES].put(key, (event.originator_version,), position)


def put_aside(fold: Fold, event: RollCallVoided, position: int) -> None:
    """A submission no longer stands."""
    if event.session is not Session.FULL:
        key = (event.class_key, event.occurred_on.toordinal(), event.session.value)
        fold[HALVES].drop(key, position)


def name_days(fold: Fold, child: bytes, days: Iterable[date], position: int) -> None:
    """Days a suspicion rests on count even where no attendance fact was seen."""
    for day in days:
        key = (child, day.toordinal())
        if fold[DAYS].get(key) is None:
            fold[DAYS].put(key, ("",), position)


def state_days(fold: Fold, child: bytes, since: date, days: Iterable[date], position: int) -> None:
    """From ``since`` up to the last of these days, exactly these count.

    A day of which only one half is reported stays: it counts once the other half is in.
    """
    wanted = {day.toordinal() for day in days}
    for day in range(since.toordinal(), max(wanted, default=0) + 1):
        standing = fold[DAYS].get((child, day))
        if day in wanted and standing is None:
            fold[DAYS].put((child, day), ("",), position)
        elif standing is not None and day not in wanted and not _one_half(fold, standing[0], day):
            fold[DAYS].drop((child, day), position)


def _one_half(fold: Fold, class_key: str, day: int) -> bool:
    standing = [s for s in _HALF if fold[HALVES].get((class_key, day, s)) is not None]
    return len(standing) == 1


def _key(
    event: AbsenceRecorded | AbsenceExplained | AbsenceVoided | AbsenceSetAside,
) -> tuple[bytes, int]:
    return event.originator_id.bytes, event.occurred_on.toordinal()
