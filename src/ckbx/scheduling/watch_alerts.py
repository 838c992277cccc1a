"""How are alerts, and what people did about them, folded for the clock's run?"""

from __future__ import annotations

from collections.abc import Mapping

from ckbx.domain.alert import events as al
from ckbx.domain.alert.closing import RETURNED
from ckbx.domain.child import events as e
from ckbx.domain.rules.rule_ids import TOLD_RULES
from ckbx.domain.shared.event import DomainEvent
from ckbx.scheduling.duty import CLOCK_RULES
from ckbx.scheduling.ladder_rules import TOLD_KINDS
from ckbx.scheduling.watch_tables import (
    ACKNOWLEDGED,
    ALERTS,
    CLOSED,
    DONE,
    OPEN,
    RESOLVED,
    TOLD,
    WARNED,
    WITHDRAWN,
)
from projections.kit.fold import Fold
from projections.kit.projection import Handler

_RAISED_AT, _STATE, _SINCE, _SEEN = 7, 8, 9, 10
"""Places in a row of TOLD."""


def _raised(fold: Fold, event: al.AlertRaised, _position: int) -> None:
    day, id_ = event.occurred_on.toordinal(), event.originator_id.bytes
    if event.rule in CLOCK_RULES:
        values = (event.kind, event.rule, day, OPEN, day, event.school, None)
        fold[ALERTS].put(id_, values)
    elif event.kind in TOLD_KINDS and event.rule in TOLD_RULES and event.child is not None:
        due_on = event.due_on.toordinal() if event.due_on else None
        about = (event.child.bytes, event.school, event.class_key, due_on)
        fold[TOLD].put(
            id_, (event.kind, event.rule, day, *about, fold.recorded_at, OPEN, day, None)
        )


def _became(fold: Fold, event: DomainEvent, state: str) -> None:
    rows, told, id_ = fold[ALERTS], fold[TOLD], event.originator_id.bytes
    day = event.occurred_on.toordinal()
    known = rows.get(id_)
    if known:
        rows.put(id_, (*known[:3], state, day, known[5], _seen(fold, state, known[6])))
        return
    row = told.get(id_)
    if row:
        values = list(row)
        values[_STATE], values[_SINCE] = state, day
        values[_SEEN] = _seen(fold, state, values[_SEEN])
        if state == OPEN:
            values[_RAISED_AT] = fold.recorded_at
        told.put(id_, tuple(values))


def _seen(fold: Fold, state: str, before: int | None) -> int | None:
    """Raised again, it is to be seen again."""
    if state == ACKNOWLEDGED:
        return fold.recorded_at
    return None if state == OPEN else before


def _state(state: str) -> Handler:
    return lambda fold, event, _position: _became(fold, event, state)


def _closed(fold: Fold, event: al.AlertClosed, _position: int) -> None:
    _became(fold, event, CLOSED if event.reason in (RESOLVED, RETURNED) else DONE)


def _warned(fold: Fold, event: e.AbsenceWarned, _position: int) -> None:
    fold[WARNED].put((event.originator_id.bytes, event.occurred_on.toordinal()), (None,))


def warning_over(fold: Fold, event: DomainEvent) -> None:
    """The child came under suspicion, which is followed up by itself."""
    rows, day = fold[WARNED], event.occurred_on.toordinal()
    for key in rows.keys_of(event.originator_id.bytes):
        known = rows.get(key)
        if known is not None and key[1] < day and (known[0] is None or known[0] > day):
            rows.put(key, (day,))


HANDLERS: Mapping[type[DomainEvent], Handler] = {
    al.AlertRaised: _raised,
    al.AlertReopened: _state(OPEN),
    al.AlertWithdrawn: _state(WITHDRAWN),
    al.AlertAcknowledged: _state(ACKNOWLEDGED),
    al.AlertClosed: _closed,
}
WARNINGS: Mapping[type[DomainEvent], Handler] = {
    e.AbsenceWarned: _warned,
}
"""Also folded for what else they say."""
