"""What stands in the PostgreSQL log? Every select, on pooled connections, from any thread.

Positions become visible in their order (every writer holds one lock until its commit), so
a reader that goes on after the last position it saw misses nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID

import psycopg
from psycopg_pool import ConnectionPool

from ckbx.clock import from_micros, micros
from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.codec import decode_event
from ckbx.eventlog.one_process import OneProcess
from ckbx.eventlog.ports import Appended, RecordedEvent, StoredRow
from ckbx.eventlog.postgres.connect import as_ckbx, is_lost
from ckbx.eventlog.postgres.sql import POSITION_AT

T = TypeVar("T")
Connection = psycopg.Connection[Any]

READ_SECONDS: Final = 5.0
PAUSE_SECONDS: Final = 0.05
NO_LIMIT: Final = 2**63 - 1

_ROW = "SELECT position, stream, version, topic, recorded_at, state FROM events"
_EVENT = "SELECT position, recorded_at, topic, state FROM events"


class PostgresReader:
    """Reads of committed facts. Every read raises StoreUnavailable after its deadline (5 s)."""

    def __init__(self, conninfo: str, pool_size: int = 8) -> None:
        self._home = OneProcess()
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            conninfo,
            kwargs={"autocommit": True},
            min_size=0,
            max_size=pool_size,
            timeout=READ_SECONDS,
            reconnect_timeout=2.0,
            num_workers=1,
            open=True,
            name="ckbx-read",
        )

    def find_command(self, command_id: UUID) -> Appended | None:
        """The reply given to a command earlier, or None."""
        text = "SELECT position, recorded_at, reply FROM commands WHERE command_id = %b"
        row = self.one(text, command_id)
        return row and Appended(row[0], from_micros(row[1]), row[2], replayed=True)

    def load(self, streams: Sequence[UUID]) -> dict[UUID, list[DomainEvent]]:
        """The events of many streams, all as of one instant; an unknown stream has none."""
        events: dict[UUID, list[DomainEvent]] = {stream: [] for stream in streams}
        text = (
            "SELECT stream, topic, state FROM events WHERE stream = ANY(%b::uuid[])"
            " ORDER BY stream, version"
        )
        for stream, topic, state in self.all(text, list(events)) if events else ():
            events[stream].append(decode_event(topic, state))
        return events

    def read_rows(self, after: int, limit: int) -> list[StoredRow]:
        """Raw events with a position greater than ``after``, in order."""
        text = f"{_ROW} WHERE position > %b ORDER BY position LIMIT %b"
        return [StoredRow._make(row) for row in self.all(text, after, limit)]

    def read(self, after: int, limit: int) -> list[RecordedEvent]:
        """Decoded events with a position greater than ``after``, in order."""
        text = f"{_EVENT} WHERE position > %b ORDER BY position LIMIT %b"
        return _decoded(self.all(text, after, limit))

    def read_streams(
        self, streams: Sequence[UUID], *, up_to: int | None = None
    ) -> list[RecordedEvent]:
        """Decoded events of the streams up to a position, in order of position."""
        if not streams:
            return []
        text = f"{_EVENT} WHERE stream = ANY(%b::uuid[]) AND position <= %b ORDER BY position"
        return _decoded(self.all(text, list(streams), NO_LIMIT if up_to is None else up_to))

    def at_positions(self, positions: Sequence[int]) -> list[RecordedEvent]:
        """Decoded events at exactly these positions, in order of position."""
        if not positions:
            return []
        text = f"{_EVENT} WHERE position = ANY(%b::bigint[]) ORDER BY position"
        return _decoded(self.all(text, list(positions)))

    def head(self) -> int:
        """The last position (0: empty)."""
        row = self.one("SELECT position FROM events ORDER BY position DESC LIMIT 1")
        return int(row[0]) if row else 0

    def position_at(self, instant: datetime) -> int:
        """The last position recorded at or before a UTC instant (0: none).

        Searched by halves, in one statement: ``recorded_at`` never decreases.
        """
        row = self.one(POSITION_AT, *[micros(instant)] * 2)
        return int(row[0]) if row and row[0] else 0

    def recorded_at(self, position: int) -> datetime | None:
        """When the event at a position, or the last one before it, was recorded."""
        text = "SELECT recorded_at FROM events WHERE position <= %b ORDER BY position DESC LIMIT 1"
        row = self.one(text, position)
        return from_micros(row[0]) if row else None

    def meta(self) -> dict[str, str]:
        """All of ``store_meta``: county, schema version."""
        return dict(self.all("SELECT key, value FROM store_meta"))

    def one(self, text: str, *parameters: Any) -> Any:
        """The first row of a select, None without one."""
        rows = self.all(text, *parameters)
        return rows[0] if rows else None

    def all(self, text: str, *parameters: Any) -> list[Any]:
        """Every row of a select (``%b`` placeholders), repeated while the server is away."""

        def select(conn: Connection) -> list[Any]:
            return conn.execute(text.encode(), parameters, binary=True).fetchall()

        return self.using(select)

    def using(self, work: Callable[[Connection], T]) -> T:
        """Run reading work on a pooled connection, again on another when the first is lost."""
        self._home.require()
        deadline = time.monotonic() + READ_SECONDS
        while True:
            try:
                with self._pool.connection() as conn:
                    return work(conn)
            except psycopg.Error as error:
                if self._pool.closed:
                    raise StoreUnavailable(why="事件库已经关闭，请重新打开") from error
                if not is_lost(error) or time.monotonic() >= deadline:
                    raise as_ckbx(error) from error
            time.sleep(PAUSE_SECONDS)

    def close(self) -> None:
        """Close the pool."""
        self._pool.close()


def _decoded(rows: Iterable[Any]) -> list[RecordedEvent]:
    return [
        RecordedEvent(position, at, decode_event(topic, state))
        for position, at, topic, state in rows
    ]
