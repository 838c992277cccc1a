"""How do attendance facts become absence spells?

A fact speaks for the days from ``occurred_on`` up to ``until`` (excluded; None: all since),
as far as the child then belongs to the class it was reported in.
"""

from __future__ import annotations

from ckbx.domain.child import events as e
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.shared.ids import split_class_key
from projections.kit_fold import Fold, HistoryRow, Values
from projections.roster_tables import MARKS, PLACES, PlaceValues

_ABSENT = TrackingStatus.ABSENT.value
_ENROLLED = TrackingStatus.ENROLLED.value


def absent(fold: Fold, event: e.AbsenceRecorded | e.AbsenceExplained, position: int) -> None:
    """The child was away, and why."""
    child, day = event.originator_id.bytes, event.occurred_on.toordinal()
    until = event.until.toordinal() if event.until is not None else None
    marks = fold[MARKS]
    spells = marks.rows(child)
    if spells and _goes_on(spells[-1], event, day):
        return
    rows = fold[PLACES].rows(child)
    end = until
    if rows:
        last = rows[-1]
        if not (last.first <= day and last.last is None and last.values[1] == event.class_key):
            end = _end_of_stay(fold, child, event.class_key, day, until)
            if end == day:
                return
    school = split_class_key(event.class_key)[0]
    marks.put(child, day, end, (school, event.reason.value), position)


def _goes_on(spell: HistoryRow, event: e.AbsenceRecorded | e.AbsenceExplained, day: int) -> bool:
    """An open spell with the same reason says it already: leaving the class had closed it."""
    return spell.last is None and spell.first <= day and spell.values[1] == event.reason


def present(fold: Fold, event: e.AttendanceResumed | e.AbsenceVoided, position: int) -> None:
    """The child was there (again, or after all); one whose leave had expired is back."""
    child, day = event.originator_id.bytes, event.occurred_on.toordinal()
    until = event.until.toordinal() if event.until is not None else None
    fold[MARKS].clear(child, day, until, position)
    row = fold[PLACES].row_on(child, day)
    if row is not None and row.values[5] == _ABSENT:
        fold[PLACES].patch(child, day, until, lambda old: _back(old, day), position)


def _back(old: Values | None, day: int) -> Values | None:
    if old is None or old[5] != _ABSENT:
        return old
    return PlaceValues._make(old)._replace(status=_ENROLLED, since=day)


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
