"""The outbox follows the log: every alert raised becomes its notices, once.

Notices and the outbox's place move in one transaction, and the key (event, kind, recipient,
channel) refuses a second one. The outbox is a record: it is never folded anew, and one that is
made in a store with a past begins at its head, so that nobody is told of last year.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from ckbx.clock import from_micros, micros
from ckbx.domain.alert.events import AlertClosed, AlertRaised, AlertReopened, AlertWithdrawn
from ckbx.domain.shared.system_actors import DUE
from ckbx.eventlog.ports import EventLog, RecordedEvent
from ckbx.eventlog.row_store import FollowerMoved, Place, RowStore, RowWriter
from notifications.known import Known
from notifications.outbox_tables import NOTICES, NoticeRow, hold, led_by, statements
from notifications.queue import Way
from notifications.recipients import recipients
from notifications.rules import (
    ALERT_OVER,
    COUNTED,
    IN_INBOX,
    SKIPPED,
    STALE,
    WAITING,
    Told,
    notices,
)

NAME: Final = "outbox"
IN_INBOX_OVER: Final = "inbox_over"
"""In the inbox, of an alert that is over."""
_BY_ALERT: Final = led_by(NOTICES, "alert")
_OPEN: Final = (
    f"(t.state IN ('{WAITING}', '{COUNTED}', '{IN_INBOX}')"
    f" OR (t.reason = '{STALE}' AND t.message IS NULL))"
)
Raised = AlertRaised | AlertReopened


class Outbox:
    """Implements :class:`ckbx.eventlog.row_store.Follower`. ``ways``: the channels there are;
    ``dialect``: that of the store of its rows.
    """

    NAME: ClassVar[str] = NAME
    HANDLES: ClassVar[tuple[type[Any], ...]] = (
        AlertRaised,
        AlertReopened,
        AlertWithdrawn,
        AlertClosed,
    )

    def __init__(
        self,
        log: EventLog,
        zone: ZoneInfo,
        ways: Sequence[Way] = (),
        *,
        dialect: str = "sqlite",
    ) -> None:
        self._log = log
        self._dialect = dialect
        self._zone = zone
        self._ways = tuple(ways)

    def take(self, tx: RowWriter, batch: Sequence[RecordedEvent]) -> None:
        """The notices of a batch, and those skipped since their alert is over."""
        raised = self._raised(batch)
        known = Known(self._log, _schools(raised.values()), batch[-1].position)
        made: dict[bytes, list[NoticeRow]] = defaultdict(list)
        over: set[bytes] = set()
        for recorded in batch:
            event = recorded.event
            alert = event.originator_id.bytes
            if isinstance(event, AlertRaised | AlertReopened):
                first = raised[event.originator_id]
                made[alert] += self._notices(recorded, event, first, known)
            else:
                over.add(alert)
                made[alert] = [_over(row) for row in made[alert]]
        self._end(tx, over)
        rows = [row for of_alert in made.values() for row in of_alert]
        if rows:
            tx.insert(NOTICES, rows)

    def notices_of(self, recorded: RecordedEvent) -> list[NoticeRow]:
        """The notices of one event alone; none where it raises no alert."""
        event = recorded.event
        if not isinstance(event, AlertRaised | AlertReopened):
            return []
        first = self._raised([recorded])[event.originator_id]
        known = Known(self._log, _schools([first]), recorded.position)
        return list(self._notices(recorded, event, first, known))

    def _end(self, tx: RowWriter, alerts: set[bytes]) -> None:
        """Notices kept before whose alert is over by now; those told meanwhile stay told."""
        if not alerts:
            return
        hold(tx, self._dialect)
        found = tx.find(_BY_ALERT, 1, sorted(alerts), _OPEN)
        rows = [_over(_notice(row)) for row in found]
        if rows:
            changes = [(row.state, row.reason, *row[: NOTICES.key]) for row in rows]
            tx.update(NOTICES, ("state", "reason"), changes)

    def _raised(self, batch: Sequence[RecordedEvent]) -> dict[UUID, AlertRaised]:
        """What each alert of the batch said when it was raised first."""
        found: dict[UUID, AlertRaised] = {}
        again: set[UUID] = set()
        for recorded in batch:
            event = recorded.event
            if isinstance(event, AlertRaised):
                found[event.originator_id] = event
            elif isinstance(event, AlertReopened) and event.originator_id not in found:
                again.add(event.originator_id)
        loaded = self._log.load(sorted(again)) if again else {}
        first = (each for events in loaded.values() for each in events)
        return found | {e.originator_id: e for e in first if isinstance(e, AlertRaised)}

    def _notices(
        self, recorded: RecordedEvent, event: Raised, first: AlertRaised, known: Known
    ) -> Iterable[NoticeRow]:
        told = _told(recorded, event, first)
        at = recorded.position
        to = recipients(
            event.to,
            self._ways,
            kind=told.kind,
            level=told.level,
            school=told.school,
            township=known.township(at, event.to, told.on) if self._in_townships else _nowhere,
        )
        calendar = known.calendar(at, told.school)
        for draft in notices(told, list(to), known.rules(at), calendar, self._zone):
            yield NoticeRow(
                position=at,
                kind=told.kind,
                recipient=draft.recipient.account,
                channel=draft.recipient.channel,
                alert=told.alert.bytes,
                rule=told.rule,
                level=told.level,
                subject=told.subject,
                child=told.child.bytes if told.child else None,
                school=told.school,
                class_key=told.class_key,
                on_day=told.on.toordinal(),
                due_on=told.due_on.toordinal() if told.due_on else None,
                fold=draft.fold,
                slot=micros(draft.slot),
                recorded_at=recorded.recorded_at,
                state=draft.state,
                reason=draft.reason,
            )

    @property
    def _in_townships(self) -> bool:
        return any((way.scope or "").startswith("township:") for way in self._ways)


def prepare_outbox(log: EventLog, rows: RowStore) -> None:
    """Create what is missing. A new outbox begins at the head of the log, nobody is told of
    what was recorded before. Raises StoreUnavailable.
    """
    rows.prepare(statements(rows.dialect))
    with rows.transaction() as tx:
        if NAME not in tx.places():
            try:
                tx.move(NAME, Place(0, 1, 0), log.head())
            except FollowerMoved:  # another process made it in this moment
                return


def _told(recorded: RecordedEvent, event: Raised, first: AlertRaised) -> Told:
    return Told(
        alert=event.originator_id,
        kind=event.kind,
        level=first.level,
        subject=first.subject,
        rule=first.rule,
        on=event.occurred_on,
        recorded_at=from_micros(recorded.recorded_at),
        by_clock=event.actor == DUE,
        child=first.child,
        school=first.school,
        class_key=first.class_key,
        due_on=first.due_on,
    )


def _over(row: NoticeRow) -> NoticeRow:
    """The notice of an alert that is over: not told any more; in the inbox it stays."""
    if row.state in (WAITING, COUNTED) or (row.reason == STALE and row.message is None):
        return row._replace(state=SKIPPED, reason=ALERT_OVER)
    return row._replace(state=IN_INBOX_OVER) if row.state == IN_INBOX else row


def _notice(row: tuple[Any, ...]) -> NoticeRow:
    """A row found by its alert, in the order of the table."""
    named = dict(zip(_BY_ALERT.columns, row, strict=True))
    return NoticeRow(**named)


def _schools(raised: Iterable[AlertRaised]) -> set[str]:
    return {event.school for event in raised if event.school}


def _nowhere(_code: str) -> bool:
    return False
