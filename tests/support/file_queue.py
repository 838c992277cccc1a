"""A queue in a file, for processes that are killed: what a dispatcher needs, and no more."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import msgspec

from ckbx.clock import from_micros, micros
from notifications.message import Message

T = TypeVar("T")
_CLAIM = """
UPDATE messages SET lease = :lease WHERE id IN (
  SELECT id FROM messages WHERE state = 'waiting' AND next_at <= :now AND lease <= :now
  ORDER BY next_at, rowid LIMIT :limit
) RETURNING message, attempts"""


class FileQueue:
    """Every method is one transaction that waits for the disk."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, timeout=30, check_same_thread=False)
        self._connection.isolation_level = None
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._lock = threading.Lock()

    @classmethod
    def made(cls, path: Path, messages: Iterable[Message]) -> FileQueue:
        """A new file with these messages."""
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(
                "CREATE TABLE messages (id BLOB PRIMARY KEY, message BLOB, state TEXT,"
                " next_at INT, lease INT, attempts INT)"
            )
            rows = [
                (each.id.bytes, msgspec.msgpack.encode(each), "waiting", micros(each.slot), 0, 0)
                for each in messages
            ]
            connection.executemany("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?)", rows)
            connection.commit()
        return cls(path)

    def _run(self, work: Callable[[], T]) -> T:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                found = work()
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
            return found

    def claim(self, now: datetime, *, limit: int, lease: timedelta) -> list[Message]:
        given = {"now": micros(now), "lease": micros(now + lease), "limit": limit}
        rows = self._run(lambda: self._connection.execute(_CLAIM, given).fetchall())
        return [
            msgspec.structs.replace(msgspec.msgpack.decode(raw, type=Message), attempts=attempts)
            for raw, attempts in rows
        ]

    def _set(self, message: UUID, what: str, *values: object) -> None:
        self._run(
            lambda: self._connection.execute(
                f"UPDATE messages SET {what} WHERE id = ?", (*values, message.bytes)
            )
        )

    def sent(self, message: UUID, *, digest: str, at: datetime) -> None:
        self._set(message, "state = 'sent'")

    def failed(self, message: UUID, *, why: str, at: datetime, next_at: datetime | None) -> None:
        if next_at is None:
            self._set(message, "state = 'dead', attempts = attempts + 1")
        else:
            self._set(message, "next_at = ?, lease = 0, attempts = attempts + 1", micros(next_at))

    def postpone(self, message: UUID, *, next_at: datetime) -> None:
        self._set(message, "next_at = ?, lease = 0", micros(next_at))

    def skip(self, message: UUID, *, reason: str, at: datetime) -> None:
        self._set(message, "state = 'skipped'")

    def next_at(self) -> datetime | None:
        sql = "SELECT min(max(next_at, lease)) FROM messages WHERE state = 'waiting'"
        (found,) = self._run(lambda: self._connection.execute(sql).fetchone())
        return None if found is None else from_micros(found)

    def states(self) -> dict[str, int]:
        """How many messages are in each state."""
        sql = "SELECT state, count(*) FROM messages GROUP BY state"
        return dict(self._run(lambda: self._connection.execute(sql).fetchall()))

    def close(self) -> None:
        """Release the file."""
        self._connection.close()
