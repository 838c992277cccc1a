"""The messages of the outbox as those who send them see them: claimed, sent, failed, dead."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, NamedTuple
from uuid import UUID

from ckbx.clock import from_micros, micros
from ckbx.domain.shared.errors import CkbxError, RuleRefusal
from ckbx.domain.shared.personal import mask_numbers
from ckbx.eventlog.group_commit import GroupCommit
from ckbx.eventlog.row_store import RowStore, RowWriter, Shape
from notifications.compose import TO_SEND
from notifications.message import Message
from notifications.outbox_tables import MESSAGES, OPEN, MessageRow, hold, led_by

CLAIMED, SENT, DEAD, LEFT = "claimed", "sent", "dead", "skipped"
_OPEN: Final = (TO_SEND, CLAIMED)
STATES: Final = {
    TO_SEND: "待发",
    CLAIMED: "发送中",
    SENT: "已发",
    DEAD: "死信",
    LEFT: "未发",
}
"""States of a message, with what they are called."""
WHY_LENGTH: Final = 300
_BY_STATE: Final = led_by(MESSAGES, "state")
_WHEN: Final = Shape(MESSAGES.name, ("state", "next_at"), ("text", "int8"), 1)
"""As much of a message as the index of due ones holds."""
_WAITS: Final = Shape(
    MESSAGES.name, ("state", "next_at", "id", "channel"), ("text", "int8", "uuid", "text"), 1
)
_IDS: Final = Shape(MESSAGES.name, ("id",), ("uuid",), 1)
_MARKED: Final = ("state", "digest", "done_at", "why")
_SETTLED: Final = ("state", "attempts", "next_at", "why", "digest", "done_at", "resent_by")


class UnknownMessage(CkbxError):
    code: ClassVar[str] = "message_unknown"
    message: ClassVar[str] = "没有编号为 {id} 的消息；请用 ckbx messages 查看编号"
    exit_code: ClassVar[int] = 3


class NotToResend(RuleRefusal):
    code: ClassVar[str] = "message_not_to_resend"
    message: ClassVar[str] = "消息 {id} 是“{state}”，不用重发；只有死信和未发的可以重发"


class _Sent(NamedTuple):
    message: bytes
    digest: str
    at: int


class OutboxQueue:
    """Implements :class:`notifications.queue.Queue` on the outbox's tables."""

    def __init__(self, rows: RowStore) -> None:
        self._rows = rows
        # Held around every mark, so that a batch takes in all who came during the one before.
        self._marking = threading.RLock()
        self._marks = GroupCommit[_Sent, None](self._mark, self._marking, lambda _mark: 1)

    def claim(self, now: datetime, *, limit: int, lease: timedelta) -> list[Message]:
        # Read in the order of the index of open ones: the plus keeps off that of instants.
        due = f"{OPEN} AND +next_at <= {micros(now)}"
        with self._rows.transaction() as tx:
            hold(tx, self._rows.dialect)
            found = [MessageRow(*row) for row in tx.first(MESSAGES, due, ("slot", "id"), limit)]
            until = micros(now + lease)
            changed = [(CLAIMED, until, row.id) for row in found]
            if changed:
                tx.update(MESSAGES, ("state", "next_at"), changed)
        return [message_of(row) for row in found]

    def sent(self, message: UUID, *, digest: str, at: datetime) -> None:
        """Marks that come together wait for the disk together."""
        self._marks.append(_Sent(message.bytes, digest, micros(at)))

    def _mark(self, marks: Sequence[_Sent]) -> list[UnknownMessage | None]:
        """In one statement, which waits by itself for whoever holds the table: nothing is
        looked at first, unless less was marked than was told.
        """
        told = {mark.message: mark for mark in marks}
        rows = [(SENT, mark.digest, mark.at, None, id_) for id_, mark in told.items()]
        with self._marking, self._rows.transaction() as tx:
            marked = tx.update(MESSAGES, _MARKED, rows, f"t.state <> '{SENT}'")
            held = set(told)
            if marked < len(rows):  # sent before, or never given out
                held = {id_ for (id_,) in tx.find(_IDS, 1, list(told))}
        ids = [mark.message for mark in marks]
        return [None if id_ in held else UnknownMessage(id=UUID(bytes=id_)) for id_ in ids]

    def close(self) -> None:
        """Mark what waits to be marked, then stop."""
        self._marks.close()

    def failed(self, message: UUID, *, why: str, at: datetime, next_at: datetime | None) -> None:
        said = mask_numbers(why)[:WHY_LENGTH]
        with self._rows.transaction() as tx:
            row = self._held(tx, message)
            if row.state != CLAIMED:
                return
            row = row._replace(attempts=row.attempts + 1, why=said)
            if next_at is None:
                settle(tx, row._replace(state=DEAD, done_at=micros(at)))
            else:
                settle(tx, row._replace(state=TO_SEND, next_at=micros(next_at)))

    def postpone(self, message: UUID, *, next_at: datetime) -> None:
        with self._rows.transaction() as tx:
            row = self._held(tx, message)
            if row.state == CLAIMED:
                settle(tx, row._replace(state=TO_SEND, next_at=micros(next_at)))

    def put_off(self, channel: str, messages: Sequence[UUID], *, next_at: datetime) -> int:
        until, held = micros(next_at), {each.bytes for each in messages}
        with self._rows.transaction() as tx:
            hold(tx, self._rows.dialect)
            waiting = tx.find(_WAITS, 1, [TO_SEND], f"t.next_at < {until}")
            rows = [(TO_SEND, until, id_) for _, _, id_, of in waiting if of == channel]
            claimed = tx.find(_WAITS, 1, [CLAIMED]) if held else ()
            rows += [(TO_SEND, until, id_) for _, _, id_, _ in claimed if id_ in held]
            if rows:
                tx.update(MESSAGES, ("state", "next_at"), rows)
        return len(rows)

    def skip(self, message: UUID, *, reason: str, at: datetime) -> None:
        with self._rows.transaction() as tx:
            row = self._held(tx, message)
            if row.state in _OPEN:
                settle(tx, row._replace(state=LEFT, why=reason, done_at=micros(at)))

    def next_at(self) -> datetime | None:
        found: list[int] = []
        with self._rows.snapshot() as look:
            for state in _OPEN:
                first = (
                    "t.next_at = (SELECT MIN(next_at) FROM outbox_messages"  # noqa: S608 - as above
                    f" WHERE state = '{state}')"
                )
                found += [at for _, at in look.find(_WHEN, 1, [state], first)]
        return from_micros(min(found)) if found else None

    def resend(self, message: UUID, *, by: str, at: datetime) -> None:
        """Send a dead or unsent message after all, from ``at`` on; ``by``: who said so.

        Raises UnknownMessage, NotToResend.
        """
        with self._rows.transaction() as tx:
            row = self._held(tx, message)
            if row.state not in (DEAD, LEFT):
                raise NotToResend(id=message, state=STATES[row.state])
            again = row._replace(state=TO_SEND, attempts=0, next_at=micros(at), done_at=None)
            settle(tx, again._replace(resent_by=by))

    def messages(self, states: Sequence[str] = tuple(STATES)) -> list[MessageRow]:
        """Messages in these states, the latest slot first."""
        with self._rows.snapshot() as look:
            found = [_row(row) for row in look.find(_BY_STATE, 1, list(states))]
        return sorted(found, key=lambda row: (-row.slot, row.recipient, row.channel, row.id))

    def _held(self, tx: RowWriter, message: UUID) -> MessageRow:
        hold(tx, self._rows.dialect)
        found = [MessageRow(*row) for row in tx.find(MESSAGES, 1, [message.bytes])]
        if not found:
            raise UnknownMessage(id=message)
        return found[0]


def settle(tx: RowWriter, *rows: MessageRow) -> None:
    """Write what may change of messages."""
    changes = [(*(getattr(row, name) for name in _SETTLED), row.id) for row in rows]
    tx.update(MESSAGES, _SETTLED, changes)


def message_of(row: MessageRow) -> Message:
    """The message as it is handed to a sender, its persons still marked."""
    return Message(
        id=UUID(bytes=row.id),
        channel=row.channel,
        recipient=row.recipient,
        kind=row.kind,
        level=row.level,
        slot=from_micros(row.slot),
        subject=row.subject,
        body=row.body,
        link=row.link,
        attempts=row.attempts,
    )


def _row(row: tuple[Any, ...]) -> MessageRow:
    return MessageRow(**dict(zip(_BY_STATE.columns, row, strict=True)))
