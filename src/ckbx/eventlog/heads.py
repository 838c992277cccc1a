"""At which version does each stream stand? Remembered between appends of one process.

The memory is right as long as no other connection wrote: ``PRAGMA data_version`` says so
under the writer lock. If another did, the rows added since are read; nothing is guessed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from ckbx.eventlog.prepared import Prepared
from ckbx.eventlog.sqlite.sql import padded, values_list

MAX_STREAMS = 200_000
CATCH_UP_ROWS = 2_000


class Heads:
    """Stream heads, the last position and the last ``recorded_at`` (microseconds).

    Every method must be called inside a write transaction under the writer lock.
    A stream without events has head 0.
    """

    def __init__(self, limit: int = MAX_STREAMS) -> None:
        self.limit = limit
        self.position = 0
        self.recorded_at = 0
        self._data_version: int | None = None
        self._heads: dict[bytes, int] = {}

    def forget(self) -> None:
        """Believe nothing until the next :meth:`refresh`."""
        self._data_version = None
        self._heads.clear()

    def refresh(self, connection: sqlite3.Connection) -> None:
        """Take in what other connections wrote."""
        (version,) = connection.execute("PRAGMA data_version").fetchone()
        if version == self._data_version:
            return
        known = None if self._data_version is None else self.position
        last, recorded_at, sequence = connection.execute(_LAST).fetchone()
        self.position = max(last, sequence)
        self.recorded_at = max(self.recorded_at, recorded_at)
        if known is None or not 0 <= self.position - known <= CATCH_UP_ROWS:
            self._heads.clear()
        elif self.position > known:
            self._heads.update(connection.execute(_SINCE, (known,)))
        self._data_version = version

    def missing(self, batch: Iterable[Prepared]) -> list[bytes]:
        """Streams that a batch must find at some version and that are not remembered."""
        heads = self._heads
        return [stream for item in batch for stream in item.bases if stream not in heads]

    def fetch(self, connection: sqlite3.Connection, streams: list[bytes]) -> None:
        """Read the heads of streams, one select for up to 500 of them."""
        for chunk in padded(list(dict.fromkeys(streams))):
            self._heads.update(connection.execute(_head_of(len(chunk)), chunk))

    def of(self, stream: bytes) -> int:
        """The head of a stream that was remembered or fetched."""
        return self._heads[stream]

    def advance(self, heads: dict[bytes, int], position: int, recorded_at: int) -> None:
        """Remember what was just committed."""
        known = self._heads
        for stream in heads:
            known.pop(stream, None)  # re-enter at the end: the oldest goes first
        known.update(heads)
        self.position, self.recorded_at = position, recorded_at
        while len(known) > self.limit:
            del known[next(iter(known))]


_LAST = (
    "SELECT COALESCE(MAX(position), 0),"
    " COALESCE((SELECT recorded_at FROM events ORDER BY position DESC LIMIT 1), 0),"
    " COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0) FROM events"
)
_SINCE = "SELECT stream, version FROM events WHERE position > ? ORDER BY position"


_HEAD = (
    "SELECT id, COALESCE("
    "(SELECT version FROM events WHERE stream = id ORDER BY version DESC LIMIT 1), 0) FROM s"
)


def _head_of(count: int) -> str:
    return f"WITH s(id) AS ({values_list(count)}) {_HEAD}"
