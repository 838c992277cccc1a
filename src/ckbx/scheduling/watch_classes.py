"""How are classes, their days and their absentees folded for the clock's run?"""

from __future__ import annotations

from collections.abc import Mapping

from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.child import events as e
from ckbx.domain.class_roll.events import RollCallSubmitted, RollCallVoided
from ckbx.domain.school.events import ImportFinished, ImportStarted, ImportUndone
from ckbx.domain.school_class.events import ClassOpened, PupilAway, PupilLeft, PupilsJoined
from ckbx.domain.shared.event import DomainEvent
from ckbx.scheduling.packed import with_mark
from ckbx.scheduling.watch_tables import CHECKED_IN, CLASSES, DAYS, IMPORTS, MARKS, SIZES, STAYS
from projections.kit.fold import Fold
from projections.kit.projection import Handler

_PLACE = {Session.FULL: 0, Session.MORNING: 1, Session.AFTERNOON: 2}


def _opened(fold: Fold, event: ClassOpened, _position: int) -> None:
    fold[CLASSES].put(event.class_key, (event.school, event.occurred_on.toordinal()))


def _joined(fold: Fold, event: PupilsJoined, _position: int) -> None:
    first = event.occurred_on.toordinal()
    stays = fold[STAYS]
    for id_ in event.children:
        stays.put((id_.bytes, event.class_key, first), (None, ""))
    _grow(fold, event.class_key, first, len(event.children))


def _left(fold: Fold, event: PupilLeft, _position: int) -> None:
    stays, day = fold[STAYS], event.occurred_on.toordinal()
    key, (last, away) = _latest(fold, event)
    stays.put(key, (day, away))
    if last is not None:  # the end is corrected: the child left once
        _grow(fold, event.class_key, max(last, key[2]), 1)
    _grow(fold, event.class_key, max(day, key[2]), -1)


def _away(fold: Fold, event: PupilAway, _position: int) -> None:
    """As the register has it: what stood from the first day on is replaced."""
    key, (last, text) = _latest(fold, event)
    start = event.effective_from.toordinal()
    kept: list[tuple[int, int | None]] = [
        (a, start if b is None else min(b, start)) for a, b in spans(text) if a < start
    ]
    end = event.until.toordinal() if event.until else None
    if end is None or end > start:
        kept.append((start, end))
    away = ",".join(f"{a}-{'' if b is None else b}" for a, b in kept)
    fold[STAYS].put(key, (last, away))


def _latest(
    fold: Fold, event: PupilLeft | PupilAway
) -> tuple[tuple[bytes, str, int], tuple[int | None, str]]:
    """The child's last stay in the class. Raises LookupError when it has none."""
    stays, part = fold[STAYS], (event.child.bytes, event.class_key)
    key = max(stays.keys_of(part), default=None)
    values = stays.get(key) if key is not None else None
    if key is None or values is None:
        msg = f"{event.child} never joined {event.class_key}"
        raise LookupError(msg)
    return key, (values[0], values[1])


def spans(text: str) -> list[tuple[int, int | None]]:
    """The stretches off the roll; the end is exclusive, None: open."""
    pairs = (part.split("-") for part in text.split(",") if part)
    return [(int(a), int(b) if b else None) for a, b in pairs]


def _grow(fold: Fold, class_key: str, day: int, change: int) -> None:
    rows = fold[SIZES]
    known = rows.get((class_key, day))
    rows.put((class_key, day), (change + (known[0] if known else 0),))


def month_of(event: DomainEvent) -> int:
    """Months since year 0, as DAYS counts them."""
    return event.occurred_on.year * 12 + event.occurred_on.month - 1


def _submitted(fold: Fold, event: RollCallSubmitted, _position: int) -> None:
    """全天 replaces half days and vice versa (domain §4)."""
    bits = _bits(fold, event)
    bit = 1 << (event.occurred_on.day - 1)
    place = _PLACE[event.session]
    for other in (1, 2) if place == 0 else (0,):
        bits[other] &= ~bit
    bits[place] |= bit
    fold[DAYS].put((event.class_key, month_of(event)), tuple(bits))


def _voided(fold: Fold, event: RollCallVoided, _position: int) -> None:
    bits = _bits(fold, event)
    bit = 1 << (event.occurred_on.day - 1)
    bits[_PLACE[event.session]] &= ~bit
    fold[DAYS].put((event.class_key, month_of(event)), tuple(bits))
    if not any(each & bit for each in bits):
        fold[MARKS].drop((event.occurred_on.toordinal(), event.class_key))


def _bits(fold: Fold, event: RollCallSubmitted | RollCallVoided) -> list[int]:
    return list(fold[DAYS].get((event.class_key, month_of(event))) or (0, 0, 0))


def _absent(fold: Fold, event: e.AbsenceRecorded | e.AbsenceExplained, _position: int) -> None:
    _mark(fold, event, event.reason)


def _present(fold: Fold, event: e.AbsenceVoided | e.AbsenceSetAside, _position: int) -> None:
    _mark(fold, event, None)


def _mark(
    fold: Fold,
    event: e.AbsenceRecorded | e.AbsenceExplained | e.AbsenceVoided | e.AbsenceSetAside,
    reason: Reason | None,
) -> None:
    rows, key = fold[MARKS], (event.occurred_on.toordinal(), event.class_key)
    known = rows.get(key)
    marks = with_mark(known[0] if known else b"", event.originator_id.bytes, reason)
    if marks:
        rows.put(key, (marks,))
    else:
        rows.drop(key)


def _checked_in(fold: Fold, event: e.CheckedIn, _position: int) -> None:
    rows, key = fold[CHECKED_IN], (event.originator_id.bytes, event.term)
    known, day = rows.get(key), event.occurred_on.toordinal()
    rows.put(key, (min(known[0], day) if known else day,))


def _import_started(fold: Fold, event: ImportStarted, _position: int) -> None:
    values = (event.kind, " ".join(event.schools), event.occurred_on.toordinal())
    fold[IMPORTS].put(event.batch, values)


def _import_ended(fold: Fold, event: ImportFinished | ImportUndone, _position: int) -> None:
    fold[IMPORTS].drop(event.batch)


HANDLERS: Mapping[type[DomainEvent], Handler] = {
    ClassOpened: _opened,
    PupilsJoined: _joined,
    PupilLeft: _left,
    PupilAway: _away,
    RollCallSubmitted: _submitted,
    RollCallVoided: _voided,
    e.AbsenceRecorded: _absent,
    e.AbsenceExplained: _absent,
    e.AbsenceVoided: _present,
    e.AbsenceSetAside: _present,
    e.CheckedIn: _checked_in,
    ImportStarted: _import_started,
    ImportFinished: _import_ended,
    ImportUndone: _import_ended,
}
