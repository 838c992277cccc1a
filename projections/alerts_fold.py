"""Which alerts were raised, and what has become of each: one row a change of state."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from ckbx.domain.alert import events as ae
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.ports import RecordedEvent
from projections.alerts_tables import (
    ACKNOWLEDGED,
    ALERTS,
    CLOSED,
    OPEN,
    RECIPIENTS,
    STATES,
    WITHDRAWN,
)
from projections.kit.fold import Fold
from projections.kit.projection import Handler
from projections.kit.tables import AnyTable


class AlertNotRaised(CkbxError):
    """ids: alert, event."""

    code = "alert_not_raised"
    message = "预警 {alert} 没有发出记录，事件“{event}”无法计入；请运行 ckbx doctor 并报告管理员"


def _raised(fold: Fold, event: ae.AlertRaised, position: int) -> None:
    values = (
        event.kind,
        event.level,
        event.subject,
        event.child.bytes if event.child else None,
        event.school,
        event.class_key,
        event.occurred_on.toordinal(),
        _ordinal(event.due_on),
        json.dumps(event.posts, ensure_ascii=False),
        event.via,
        event.rule,
        event.rule_version,
        json.dumps(event.detail, ensure_ascii=False, sort_keys=True),
        position,
    )
    fold[ALERTS].put(event.originator_id.bytes, values)
    _sent(fold, event, position)


def _reopened(fold: Fold, event: ae.AlertReopened, position: int) -> None:
    _require(fold, event)
    _sent(fold, event, position)


def _withdrawn(fold: Fold, event: ae.AlertWithdrawn, position: int) -> None:
    _require(fold, event)
    _state(fold, event, position, WITHDRAWN, reason=event.reason, because=event.because)


def _acknowledged(fold: Fold, event: ae.AlertAcknowledged, position: int) -> None:
    _require(fold, event)
    _state(fold, event, position, ACKNOWLEDGED)


def _closed(fold: Fold, event: ae.AlertClosed, position: int) -> None:
    _require(fold, event)
    _state(fold, event, position, CLOSED, reason=event.reason)


def _require(fold: Fold, event: DomainEvent) -> None:
    if fold[ALERTS].get(event.originator_id.bytes) is None:
        raise AlertNotRaised(alert=event.originator_id, event=event.TITLE)


def _sent(fold: Fold, event: ae.AlertRaised | ae.AlertReopened, position: int) -> None:
    to, events = json.dumps(event.to, ensure_ascii=False), json.dumps(event.events)
    _state(fold, event, position, OPEN, recipients=to, events=events)
    for account in event.to:
        key = (account, event.originator_id.bytes)
        if fold[RECIPIENTS].get(key) is None:
            fold[RECIPIENTS].put(key, (position,))


def _state(
    fold: Fold,
    event: DomainEvent,
    position: int,
    state: str,
    *,
    reason: str | None = None,
    because: str | None = None,
    recipients: str | None = None,
    events: str | None = None,
) -> None:
    on_day = event.occurred_on.toordinal()
    values = (state, on_day, reason, because, event.actor, recipients, events)
    fold[STATES].put((event.originator_id.bytes, position), values)


def _ordinal(day: date | None) -> int | None:
    return day.toordinal() if day else None


HANDLERS: Mapping[type[DomainEvent], Handler] = {
    ae.AlertRaised: _raised,
    ae.AlertReopened: _reopened,
    ae.AlertWithdrawn: _withdrawn,
    ae.AlertAcknowledged: _acknowledged,
    ae.AlertClosed: _closed,
}


def keys(batch: Sequence[RecordedEvent]) -> Mapping[AnyTable, Iterable[Any]]:
    """The alerts a batch speaks of."""
    alerts: list[bytes] = []
    states: list[tuple[bytes, int]] = []
    recipients: list[tuple[str, bytes]] = []
    for recorded in batch:
        event: Any = recorded.event
        if type(event) in HANDLERS:
            alert = event.originator_id.bytes
            alerts.append(alert)
            states.append((alert, recorded.position))
            recipients += [(account, alert) for account in getattr(event, "to", ())]
    return {ALERTS: alerts, STATES: states, RECIPIENTS: recipients}


def school(fold: Fold, event: Any) -> str | None:
    """The school whose list misses a parked alert."""
    if isinstance(event, ae.AlertRaised):
        return event.school
    known = fold[ALERTS].get(event.originator_id.bytes)
    found: str | None = known[4] if known else None
    return found
