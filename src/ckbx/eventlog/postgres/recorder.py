"""The ``eventsourcing`` library's recorder interface on the PostgreSQL log's own table."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

import psycopg
from eventsourcing.persistence import IntegrityError, OperationalError

from ckbx.domain.shared.errors import ConcurrencyConflict
from ckbx.eventlog.library_recorder import LibraryRecorder
from ckbx.eventlog.postgres.connect import as_ckbx
from ckbx.eventlog.prepared import EventTuple, Prepared


class PostgresRecorder(LibraryRecorder):
    """How the library's questions are put to PostgreSQL."""

    MARK: ClassVar[str] = "%b"

    @abstractmethod
    def append_rows(self, prepared: Prepared) -> list[int]:
        """Store events without a command; their positions."""

    @abstractmethod
    def all(self, text: str, *parameters: Any) -> list[Any]:
        """Every row of a select."""

    def append_without_command(self, events: Sequence[EventTuple]) -> Sequence[int]:
        """Store events as they are; the unique key of stream and version decides."""
        size = sum(len(event[3]) for event in events)
        try:
            return self.append_rows(Prepared(None, b"", events, {}, {}, (), size))
        except psycopg.Error as error:
            mapped = as_ckbx(error)
            conflict = isinstance(mapped, ConcurrencyConflict)
            raise (IntegrityError if conflict else OperationalError)(mapped) from mapped

    def select(self, text: str, parameters: Sequence[Any]) -> list[Any]:
        """Every row of a select."""
        return self.all(text, *parameters)

    def to_key(self, stream: UUID) -> UUID:
        """The driver's own type."""
        return stream

    def to_stream(self, key: UUID) -> UUID:
        """:meth:`to_key` undone."""
        return key
