"""站内信: every notice to an account, as soon as its alert is raised, with a read mark."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from ckbx.clock import micros
from ckbx.eventlog.row_store import RowStore
from notifications.outbox import IN_INBOX_OVER
from notifications.outbox_tables import NOTICES, NoticeRow, led_by
from notifications.persons import mark
from notifications.queue import INBOX
from notifications.rules import IN_INBOX, STALE

_BY_RECIPIENT: Final = led_by(NOTICES, "recipient", "channel")
_STANDS: Final = f"t.state IN ('{IN_INBOX}', '{IN_INBOX_OVER}')"


class Inbox:
    """The inboxes of a store."""

    def __init__(self, rows: RowStore) -> None:
        self._rows = rows

    def of(self, account: str, *, unread: bool = False) -> list[NoticeRow]:
        """What stands there, the latest first; ``unread``: neither read nor over."""
        where = _STANDS if not unread else f"t.state = '{IN_INBOX}' AND t.read_at IS NULL"
        return sorted(self._find(account, where), key=lambda row: -row.position)

    def older(self, account: str) -> int:
        """How many alerts were told of too late to stand there one by one."""
        rows = self._find(account, f"t.reason = '{STALE}'")
        return len({row.alert for row in rows})

    def mark_read(self, rows: Sequence[NoticeRow], at: datetime) -> int:
        """Mark as read, from now on; returns how many were not."""
        fresh = [row for row in rows if row.read_at is None]
        changes = [(micros(at), *row[: NOTICES.key]) for row in fresh]
        if changes:
            with self._rows.transaction() as tx:
                tx.update(NOTICES, ("read_at",), changes)
        return len(changes)

    def _find(self, account: str, where: str) -> list[NoticeRow]:
        with self._rows.snapshot() as look:
            found = look.find(_BY_RECIPIENT, 2, [(account, INBOX)], where)
            return [_row(row) for row in found]


def is_over(row: NoticeRow) -> bool:
    """Whether its alert has ended."""
    return row.state == IN_INBOX_OVER


def subject_mark(row: NoticeRow) -> str:
    """The child it is of, as a mark for :meth:`VaultFiller.names`; empty for none."""
    return mark(UUID(bytes=row.child)) if row.child else ""


def _row(row: tuple[Any, ...]) -> NoticeRow:
    return NoticeRow(**dict(zip(_BY_RECIPIENT.columns, row, strict=True)))
