"""What the rest of the program may ask of the event log, whatever database stands behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import msgspec

from ckbx.domain.shared.event import DomainEvent


class RecordedAt:
    """Stands in a row for the ``recorded_at`` (microseconds) that the append will get."""


RECORDED_AT = RecordedAt()


class RowWrite(msgspec.Struct, frozen=True):
    """Rows another package wants inserted in the same transaction (the vault's)."""

    table: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]


class RowDelete(msgspec.Struct, frozen=True):
    """Rows another package wants gone in the same transaction (erasure in the vault)."""

    table: str
    column: str
    values: Sequence[Any]


class Append(msgspec.Struct, frozen=True, kw_only=True):
    """One command's effect: everything in it is stored, or nothing.

    ``expect`` names streams that the decision only read, with the version it saw; streams
    that ``events`` extend are checked by their own versions. ``reply`` is what a repeated
    ``command_id`` gets back.
    """

    command_id: UUID
    events: Sequence[DomainEvent] = ()
    expect: Mapping[UUID, int] = msgspec.field(default_factory=dict)
    writes: Sequence[RowWrite | RowDelete] = ()
    reply: bytes = b""


class Appended(msgspec.Struct, frozen=True):
    """What an append did. ``position`` is that of its last event (0: it had none)."""

    position: int
    recorded_at: datetime
    reply: bytes
    replayed: bool = False


class StoredRow(NamedTuple):
    """One event as it lies in the log; ``recorded_at`` in microseconds."""

    position: int
    stream: UUID
    version: int
    topic: str
    recorded_at: int
    state: bytes


class RecordedEvent(msgspec.Struct, frozen=True):
    """A decoded event with its place in the log. ``recorded_at`` in microseconds, UTC."""

    position: int
    recorded_at: int
    event: DomainEvent


class PendingAppend(Protocol):
    """A command that waits for its commit."""

    def result(self, timeout: float = -1) -> Appended:
        """Wait (seconds; -1: as long as it takes) and return, or raise what refused it."""


class EventLog(Protocol):
    """Append-only log of one county."""

    county: str

    def append(self, request: Append) -> Appended:
        """Store one command. Acknowledged only after COMMIT.

        Raises :class:`ckbx.domain.shared.errors.ConcurrencyConflict` when a stream moved,
        :class:`ckbx.domain.shared.errors.StoreUnavailable` when the store cannot answer.
        A repeated ``command_id`` returns the first reply with ``replayed`` set.
        """

    def submit(self, request: Append) -> PendingAppend:
        """Queue one command without waiting; commands queued by one thread keep their order."""

    def find_command(self, command_id: UUID) -> Appended | None:
        """The reply given to a command earlier, or None."""

    def load(self, streams: Sequence[UUID]) -> dict[UUID, list[DomainEvent]]:
        """The events of many streams in one select, each in order of version."""

    def read_rows(self, after: int, limit: int) -> list[StoredRow]:
        """Raw events with a position greater than ``after``, in order."""

    def read(self, after: int, limit: int) -> list[RecordedEvent]:
        """Decoded events with a position greater than ``after``, in order."""

    def read_streams(
        self, streams: Sequence[UUID], *, up_to: int | None = None
    ) -> list[RecordedEvent]:
        """Decoded events of the streams up to a position, in order of position."""

    def at_positions(self, positions: Sequence[int]) -> list[RecordedEvent]:
        """Decoded events at exactly these positions, in order of position."""

    def head(self) -> int:
        """The last position (0: empty)."""

    def position_at(self, instant: datetime) -> int:
        """The last position recorded at or before a UTC instant (0: none)."""

    def recorded_at(self, position: int) -> datetime | None:
        """When the event at a position, or the last one before it, was recorded."""

    def close(self) -> None:
        """Release connections and locks."""
