"""What stands in the SQLite log? Every select, on read-only connections, one a thread."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from ckbx.clock import from_micros, micros
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.codec import decode_event
from ckbx.eventlog.one_process import OneProcess
from ckbx.eventlog.ports import Appended, RecordedEvent, StoredRow
from ckbx.eventlog.sqlite.commands import find_commands
from ckbx.eventlog.sqlite.connect import Connection, open_reader
from ckbx.eventlog.sqlite.errors import closed, unavailable
from ckbx.eventlog.sqlite.sql import marks, padded

_ROW = "SELECT position, stream, version, topic, recorded_at, state FROM events"
_STATE = "SELECT stream, topic, state FROM events"
_EVENT = "SELECT position, recorded_at, topic, state FROM events"


class SQLiteReader:
    """Reads of committed facts. Safe to use from any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._all: weakref.WeakSet[Connection] = weakref.WeakSet()
        self._guard = threading.Lock()
        self._closed = False
        self._home = OneProcess()

    def find_command(self, command_id: UUID) -> Appended | None:
        """The reply given to a command earlier, or None."""
        with self.connection() as connection:
            return find_commands(connection, [command_id.bytes]).get(command_id.bytes)

    def load(self, streams: Sequence[UUID]) -> dict[UUID, list[DomainEvent]]:
        """The events of many streams, all as of one instant; an unknown stream has none."""
        by_key = {stream.bytes: stream for stream in streams}
        events: dict[UUID, list[DomainEvent]] = {stream: [] for stream in by_key.values()}
        with self._snapshot() as connection:
            for chunk in padded(list(by_key)):
                sql = f"{_STATE} WHERE stream IN ({marks(len(chunk))}) ORDER BY stream, version"
                for key, topic, state in connection.execute(sql, chunk):
                    events[by_key[key]].append(decode_event(topic, state))
        return events

    def read_rows(self, after: int, limit: int) -> list[StoredRow]:
        """Raw events with a position greater than ``after``, in order."""
        sql = f"{_ROW} WHERE position > ? ORDER BY position LIMIT ?"
        with self.connection() as connection:
            return [
                StoredRow(position, UUID(bytes=stream), version, topic, at, state)
                for position, stream, version, topic, at, state in connection.execute(
                    sql, (after, limit)
                )
            ]

    def read(self, after: int, limit: int) -> list[RecordedEvent]:
        """Decoded events with a position greater than ``after``, in order."""
        sql = f"{_EVENT} WHERE position > ? ORDER BY position LIMIT ?"
        with self.connection() as connection:
            return _decoded(connection.execute(sql, (after, limit)))

    def read_streams(
        self, streams: Sequence[UUID], *, up_to: int | None = None
    ) -> list[RecordedEvent]:
        """Decoded events of the streams up to a position, in order of position."""
        keys = list(dict.fromkeys(stream.bytes for stream in streams))
        limit = 2**63 - 1 if up_to is None else up_to
        events: list[RecordedEvent] = []
        with self._snapshot() as connection:
            for chunk in padded(keys):
                sql = f"{_EVENT} WHERE stream IN ({marks(len(chunk))}) AND position <= ?"
                events += _decoded(connection.execute(sql, (*chunk, limit)))
        events.sort(key=lambda event: event.position)
        return events

    def at_positions(self, positions: Sequence[int]) -> list[RecordedEvent]:
        """Decoded events at exactly these positions, in order of position."""
        events: list[RecordedEvent] = []
        with self._snapshot() as connection:
            for chunk in padded(sorted(set(positions))):
                sql = f"{_EVENT} WHERE position IN ({marks(len(chunk))}) ORDER BY position"
                events += _decoded(connection.execute(sql, chunk))
        return events

    def head(self) -> int:
        """The last position (0: empty)."""
        row = self._one("SELECT MAX(position) FROM events")
        return row[0] or 0

    def data_version(self) -> int:
        """Changes when another connection, of any process, has committed. Per thread."""
        version: int = self._one("PRAGMA data_version")[0]
        return version

    def position_at(self, instant: datetime) -> int:
        """The last position recorded at or before a UTC instant (0: none).

        Searched by halves: ``recorded_at`` never decreases along the positions.
        """
        limit = micros(instant)
        low, high = 0, self.head()
        while low < high:
            middle = (low + high + 1) // 2
            found = self._one(
                "SELECT position, recorded_at FROM events WHERE position <= ?"
                " ORDER BY position DESC LIMIT 1",
                middle,
            )
            if found is None or found[1] <= limit:
                low = middle
            else:
                high = found[0] - 1
        found = self._one("SELECT MAX(position) FROM events WHERE position <= ?", low)
        return found[0] or 0

    def recorded_at(self, position: int) -> datetime | None:
        """When the event at a position, or the last one before it, was recorded."""
        row = self._one(
            "SELECT recorded_at FROM events WHERE position <= ? ORDER BY position DESC LIMIT 1",
            position,
        )
        return None if row is None else from_micros(row[0])

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._guard:
            self._closed = True
            for connection in list(self._all):
                with connection.in_use:
                    connection.close()
            self._all.clear()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """This thread's read-only connection; raises StoreUnavailable for database errors."""
        self._home.require()
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._connect()
        with connection.in_use:
            if self._closed:
                raise closed()
            try:
                yield connection
            except sqlite3.Error as error:
                raise unavailable(error) from error

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        with self.connection() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")

    def _one(self, sql: str, *parameters: Any) -> Any:
        with self.connection() as connection:
            return connection.execute(sql, parameters).fetchone()

    def _connect(self) -> Connection:
        with self._guard:
            if self._closed:
                raise closed()
            connection = open_reader(self._path)
            self._all.add(connection)
        self._local.connection = connection
        return connection


def _decoded(rows: Iterator[Any] | sqlite3.Cursor) -> list[RecordedEvent]:
    return [
        RecordedEvent(position, at, decode_event(topic, state))
        for position, at, topic, state in rows
    ]
