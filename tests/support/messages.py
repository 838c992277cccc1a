"""Messages, settings and a queue in memory for tests of sending."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import msgspec

from ckbx.clock import micros
from ckbx.store import Store
from notifications.channels.settings import WebhookSetting
from notifications.compose import TO_SEND
from notifications.message import Message
from notifications.outbox_tables import MESSAGES, MessageRow
from tests.support.receivers import Certificate, Receiver

SLOT = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)
SPACE = UUID(int=0xC0FFEE)


def message(n: int = 1, **changed: Any) -> Message:
    """The n-th message, the same each time."""
    found = Message(
        id=uuid5(SPACE, str(n)),
        channel="hook",
        recipient="head1",
        kind="dropout_suspected",
        level="红",
        slot=SLOT,
        subject="列入疑似辍学",
        body=f"王**（{n} 班）连续无故缺勤，请今天联系。",
        link="https://ckbx.example/alerts/1",
    )
    return msgspec.structs.replace(found, **changed)


def hook(receiver: Receiver, made: Certificate, **changed: Any) -> WebhookSetting:
    """A webhook to a receiver on this machine."""
    given: dict[str, Any] = {
        "name": "hook",
        "url": receiver.url("/in"),
        "ca_file": made.certificate,
        "timeout": 5.0,
        **changed,
    }
    return WebhookSetting(**given)


def private(*receivers: Any) -> frozenset[tuple[str, int | None]]:
    """``private_hosts`` that open these receivers."""
    return frozenset(("127.0.0.1", each.port) for each in receivers)


class _Row:
    def __init__(self, message: Message) -> None:
        self.message = message
        self.state = "waiting"
        self.next_at = message.slot
        self.lease: datetime | None = None
        self.digest = ""
        self.why: list[str] = []


class MemoryQueue:
    """The outbox as a dispatcher sees it, in memory."""

    def __init__(self, messages: Iterable[Message]) -> None:
        self.rows = {each.id: _Row(each) for each in messages}
        self._lock = threading.Lock()

    def claim(self, now: datetime, *, limit: int, lease: timedelta) -> list[Message]:
        with self._lock:
            due = [
                row
                for row in self.rows.values()
                if row.state == "waiting"
                and row.next_at <= now
                and (row.lease is None or row.lease <= now)
            ]
            due.sort(key=lambda row: row.message.slot)
            for row in due[:limit]:
                row.lease = now + lease
            return [row.message for row in due[:limit]]

    def sent(self, message: UUID, *, digest: str, at: datetime) -> None:
        with self._lock:
            row = self.rows[message]
            row.state, row.digest = "sent", digest

    def failed(self, message: UUID, *, why: str, at: datetime, next_at: datetime | None) -> None:
        with self._lock:
            row = self.rows[message]
            if row.state != "waiting" or row.lease is None:
                return
            row.why.append(why)
            row.message = msgspec.structs.replace(row.message, attempts=row.message.attempts + 1)
            row.lease = None
            if next_at is None:
                row.state = "dead"
            else:
                row.next_at = next_at

    def postpone(self, message: UUID, *, next_at: datetime) -> None:
        with self._lock:
            row = self.rows[message]
            row.next_at, row.lease = next_at, None

    def put_off(self, channel: str, messages: Sequence[UUID], *, next_at: datetime) -> int:
        with self._lock:
            rows = [
                row
                for row in self.rows.values()
                if row.message.id in messages
                or (row.message.channel == channel and row.lease is None)
                if row.state == "waiting" and row.next_at < next_at
            ]
            for row in rows:
                row.next_at, row.lease = next_at, None
            return len(rows)

    def skip(self, message: UUID, *, reason: str, at: datetime) -> None:
        with self._lock:
            self.rows[message].state = f"skipped {reason}"

    def next_at(self) -> datetime | None:
        with self._lock:
            waiting = [row for row in self.rows.values() if row.state == "waiting"]
            return min((row.lease or row.next_at for row in waiting), default=None)

    def states(self) -> dict[str, int]:
        """How many messages are in each state."""
        found: dict[str, int] = {}
        for row in self.rows.values():
            found[row.state] = found.get(row.state, 0) + 1
        return found


def put_messages(store: Store, messages: Iterable[Message]) -> None:
    """Messages in a store's outbox, as if they had been composed."""
    store.postroom.prepare()
    rows = [
        MessageRow(
            id=each.id.bytes,
            recipient=each.recipient,
            channel=each.channel,
            kind=each.kind,
            slot=micros(each.slot),
            part=number,
            level=each.level,
            subject=each.subject,
            body=each.body,
            link=each.link,
            state=TO_SEND,
            attempts=0,
            next_at=micros(each.slot),
            composed_at=micros(each.slot),
        )
        for number, each in enumerate(messages)
    ]
    with store.rows.transaction() as tx:
        tx.insert(MESSAGES, rows)


class Plain:
    """Fills nothing in."""

    def fill_many(self, messages: Sequence[Message]) -> Sequence[Message]:
        return messages
