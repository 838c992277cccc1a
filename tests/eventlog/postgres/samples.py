"""Sample events and commands for the tests of the PostgreSQL log."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, ClassVar, NamedTuple
from uuid import UUID, uuid4

from ckbx.clock import micros
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.ports import Append

COUNTY = "522699"
NOW = datetime(2026, 9, 18, 0, 30, tzinfo=UTC)
VAULT_ROWS = (
    "CREATE TABLE IF NOT EXISTS vault_rows (row_id bigint PRIMARY KEY,"
    " field text NOT NULL, sealed bytea, recorded_at bigint)"
)
VAULT_NOTE = (
    'CREATE TABLE IF NOT EXISTS vault_note (key text COLLATE "C" PRIMARY KEY,'
    " text text, recorded_at bigint)"
)
VAULT_DDL = [VAULT_ROWS, VAULT_NOTE]
INSERT_EVENT = (
    "INSERT INTO events (stream, version, topic, recorded_at, state)"
    f" VALUES (gen_random_uuid(), 1, 't', {micros(NOW)}, '')"
)


class Noted(DomainEvent, frozen=True, kw_only=True):
    """An event that only tests write."""

    TOPIC: ClassVar[str] = "ckbx.test_postgres.Noted"
    number: int = 0


class Store(NamedTuple):
    """A migrated database and how each role reaches it."""

    owner: str
    app: str
    inspector: str


def noted(stream: UUID, version: int, command: UUID, number: int = 0) -> Noted:
    return Noted(
        originator_id=stream,
        originator_version=version,
        occurred_on=date(2026, 9, 18),
        actor="cli:test",
        command_id=command,
        number=number,
    )


def command(*streams: UUID, version: int = 1, **extra: Any) -> Append:
    """A command that writes one event to each stream."""
    id_ = extra.pop("command_id", None) or uuid4()
    events = [noted(stream, version, id_) for stream in streams]
    return Append(command_id=id_, events=events, reply=id_.bytes, **extra)
