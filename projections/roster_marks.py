"""How do attendance facts become absence spells?

A fact speaks for the days from ``occurred_on`` up to ``until`` (excluded; None: all since),
as far as the child then belongs to the class it was reported in.
"""

from __future__ import annotations

from ckbx.domain.attendance.marks import Reason
from ckbx.domain.child import events as e
from projections.kit.fold import Fold, HistoryRow
from projections.roster_tables import MARKS, PLACES

Absence = e.AbsenceRecorded | e.AbsenceExplained | e.AbsenceSetAside
Presence = e.AttendanceResumed | e.AbsenceVoided


def absent(fold: Fold, event: e.AbsenceRecorded | e.AbsenceExplained, position: int) -> None:
    """The child was away, and why."""
    _away(fold, event, event.reason, position)


def _away(fold: Fold, event: Absence, reason: Reason, position: int) -> None:
    child, day = event.originator_id.bytes, event.occurred_on.toordinal()
    marks = fold[MARKS]
    spells = marks.rows(child)
    if spells and _goes_on(spells[-1], reason, day):
        return
    end = _end(fold, event, child, day)
    if end != day:
        school = event.class_key.partition("/")[0]
        marks.put(child, day, end, (school, reason.value), position)


def _goes_on(spell: HistoryRow, reason: Reason, day: int) -> bool:
    """An open spell with the same reason says it already: leaving the class had closed it."""
    return spell.last is None and spell.first <= day and spell.values[1] == reason


def present(fold: Fold, event: Presence, position: int) -> None:
    """The child was there: again, or after all."""
    _cleared(fold, event, position)


def set_aside(fold: Fold, event: e.AbsenceSetAside, position: int) -> None:
    """The class-day says nothing any more: the absence before speaks on, or nothing does."""
    if event.stands is not None:
        _away(fold, event, event.stands, position)
    else:
        _cleared(fold, event, position)


def _cleared(fold: Fold, event: Presence | e.AbsenceSetAside, position: int) -> None:
    child, day = event.originator_id.bytes, event.occurred_on.toordinal()
    if fold[MARKS].rows(child):
        end = _end(fold, event, child, day)
        if end != day:
            fold[MARKS].clear(child, day, end, position)


def _end(fold: Fold, event: Absence | Presence, child: bytes, day: int) -> int | None:
    """The first day of which the fact does not speak; ``day`` when it speaks of none."""
    until = event.until.toordinal() if event.until is not None else None
    rows = fold[PLACES].rows(child)
    if not rows:
        return until
    last = rows[-1]
    if last.first <= day and last.last is None and last.values[1] == event.class_key:
        return until
    return _end_of_stay(fold, child, event.class_key, day, until)


def _end_of_stay(
    fold: Fold, child: bytes, class_key: str, day: int, until: int | None
) -> int | None:
    """The first day from ``day`` on, at most ``until``, on which the child does not belong
    to the class any more; ``day`` itself when it does not then.
    """
    end: int | None = day
    for row in fold[PLACES].rows(child):
        if end is None or (row.last is not None and row.last <= day):
            continue
        if row.first > end or row.values[1] != class_key:
            break
        end = row.last
    if end is None or (until is not None and until < end):
        return until
    return end
