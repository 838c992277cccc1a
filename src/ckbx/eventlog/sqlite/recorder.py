"""The ``eventsourcing`` library's recorder interface on the SQLite log's own table."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar
from uuid import UUID

from ckbx.eventlog.library_recorder import LibraryRecorder
from ckbx.eventlog.sqlite.connect import Connection


class SQLiteRecorder(LibraryRecorder):
    """How the library's questions are put to SQLite."""

    MARK: ClassVar[str] = "?"

    @abstractmethod
    def connection(self) -> AbstractContextManager[Connection]:
        """This thread's read-only connection."""

    def select(self, text: str, parameters: Sequence[Any]) -> list[Any]:
        """Every row of a select."""
        with self.connection() as connection:
            return connection.execute(text, parameters).fetchall()

    def to_key(self, stream: UUID) -> bytes:
        """16 bytes."""
        return stream.bytes

    def to_stream(self, key: bytes) -> UUID:
        """:meth:`to_key` undone."""
        return UUID(bytes=key)
