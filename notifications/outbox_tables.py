"""Which tables is the outbox? Notices (one an event, kind, recipient and channel), messages,
and the county's own words for them.

They are a record, not an answer: they stand beside the answers' tables and are never made
anew from the log. Instants are microseconds since 1970, days ordinals, ids 16 bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from ckbx.eventlog.row_store import RowWriter, Shape

_SQLITE: Final = {"uuid": "BLOB", "text": "TEXT", "int8": "INTEGER", "int4": "INTEGER"}


class NoticeRow(NamedTuple):
    """One notice. ``position`` is that of the alert's event; ``read_at``: in the inbox."""

    position: int
    kind: str
    recipient: str
    channel: str
    alert: bytes
    rule: str
    level: str
    subject: str
    child: bytes | None
    school: str | None
    class_key: str | None
    on_day: int
    due_on: int | None
    fold: str
    slot: int
    recorded_at: int
    state: str
    reason: str | None = None
    message: bytes | None = None
    read_at: int | None = None


class MessageRow(NamedTuple):
    """One message. ``part`` > 0: made after another of the same slot had been; ``next_at``:
    when it may be taken, or its claim ends; ``why``: what the last refusal said.
    """

    id: bytes
    recipient: str
    channel: str
    kind: str
    slot: int
    part: int
    level: str
    subject: str
    body: str
    link: str
    state: str
    attempts: int
    next_at: int
    composed_at: int
    why: str | None = None
    digest: str | None = None
    done_at: int | None = None
    resent_by: str | None = None


_NOTICE_TYPES: Final = (
    *("int8", "text", "text", "text", "uuid", "text", "text", "text", "uuid", "text", "text"),
    *("int4", "int4", "text", "int8", "int8", "text", "text", "uuid", "int8"),
)
_MESSAGE_TYPES: Final = (
    *("uuid", "text", "text", "text", "int8", "int4", "text", "text", "text", "text"),
    *("text", "int4", "int8", "int8", "text", "text", "int8", "text"),
)
NOTICES: Final = Shape("outbox_notices", NoticeRow._fields, _NOTICE_TYPES, 4)
MESSAGES: Final = Shape("outbox_messages", MessageRow._fields, _MESSAGE_TYPES, 1)
WORDINGS: Final = Shape(
    "outbox_wordings",
    ("kind", "channel", "set_at", "text", "set_by"),
    ("text", "text", "int8", "text", "text"),
    3,
)
SKIPPED_NOTICES: Final = Shape(NOTICES.name, ("state", "reason"), ("text", "text"), 1)
SKIPPED_MESSAGES: Final = Shape(MESSAGES.name, ("state", "why"), ("text", "text"), 1)
"""Only what is counted: looked at by ``find``, never written."""
OPEN: Final = "done_at IS NULL"
"""Of a message that is still to be sent, in SQL: those stand in an index of their own, in the
order in which they are claimed, whatever number was sent before.
"""
_CLAIMED_BY: Final = "CREATE INDEX IF NOT EXISTS outbox_messages_open ON outbox_messages"
_INDEXES: Final[dict[Shape, tuple[tuple[str, ...], ...]]] = {
    NOTICES: (("state", "slot"), ("alert",), ("recipient", "channel")),
    MESSAGES: (("state", "next_at"), ("recipient", "channel", "kind", "slot")),
    WORDINGS: (),
}
_NULLABLE: Final = {
    NOTICES: frozenset(NoticeRow._field_defaults) | {"child", "school", "class_key", "due_on"},
    MESSAGES: frozenset(MessageRow._field_defaults),
    WORDINGS: frozenset({"text"}),
}


def led_by(shape: Shape, *columns: str) -> Shape:
    """The table looked at by other columns: ``find`` goes by the leading ones."""
    types = dict(zip(shape.columns, shape.types, strict=True))
    order = (*columns, *(name for name in shape.columns if name not in columns))
    return Shape(shape.name, order, tuple(types[name] for name in order), len(columns))


def statements(dialect: str) -> Iterator[str]:
    """What creates the tables where they are missing."""
    for shape in (NOTICES, MESSAGES, WORDINGS):
        columns = [
            f"{name} {_SQLITE[kind] if dialect == 'sqlite' else kind}"
            f"{'' if name in _NULLABLE[shape] else ' NOT NULL'}"
            for name, kind in zip(shape.columns, shape.types, strict=True)
        ]
        key = ", ".join(shape.columns[: shape.key])
        tail = " WITHOUT ROWID" if dialect == "sqlite" and shape is NOTICES else ""
        yield (
            f"CREATE TABLE IF NOT EXISTS {shape.name}"
            f" ({', '.join(columns)}, PRIMARY KEY ({key})){tail}"
        )
        for number, index in enumerate(_INDEXES[shape]):
            name = f"{shape.name}_ix{number}"
            yield f"CREATE INDEX IF NOT EXISTS {name} ON {shape.name} ({', '.join(index)})"
    yield f"{_CLAIMED_BY} (slot, id, next_at) WHERE {OPEN}"


def hold(tx: RowWriter, dialect: str) -> None:
    """Let no other process change messages before this transaction ends (on SQLite the
    writer lock does that).
    """
    if dialect != "sqlite":
        tx.execute("LOCK TABLE outbox_messages IN SHARE ROW EXCLUSIVE MODE")
