"""The ``eventsourcing`` library's recorder interface on the PostgreSQL log's own table."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    Notification,
    NotSupportedError,
    OperationalError,
    StoredEvent,
    Subscription,
    Tracking,
)

from ckbx.domain.shared.errors import ConcurrencyConflict, StoreUnavailable
from ckbx.eventlog.ports import Appended, RowDelete, RowWrite
from ckbx.eventlog.postgres_connect import as_ckbx
from ckbx.eventlog.prepared import Prepared, prepare_rows
from ckbx.eventlog.subscription import PollingSubscription


class PostgresRecorder(ApplicationRecorder):
    """What the library's ``EventStore`` and ``LocalNotificationLog`` call."""

    @abstractmethod
    def append_prepared(self, prepared: Prepared) -> Appended:
        """Store one command."""

    @abstractmethod
    def append_rows(self, prepared: Prepared) -> list[int]:
        """Store events without a command; their positions."""

    @abstractmethod
    def all(self, text: str, *parameters: Any) -> list[Any]:
        """Every row of a select."""

    @abstractmethod
    def head(self) -> int:
        """The last position (0: empty)."""

    @abstractmethod
    def wait_for_change(self, after: int, timeout: float) -> int:
        """Wait until the head is past ``after``."""

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        tracking: Tracking | None = None,
        command: UUID | None = None,
        expect: Mapping[UUID, int] | None = None,
        writes: Sequence[RowWrite | RowDelete] = (),
        reply: bytes = b"",
        **_kwargs: Any,
    ) -> Sequence[int] | None:
        """Store encoded events; returns their positions.

        ``command``, ``expect``, ``writes`` and ``reply`` mean what they mean in
        :class:`ckbx.eventlog.ports.Append`; a repeated ``command`` stores nothing and
        returns no positions (its reply: ``find_command``). Raises the library's
        IntegrityError for a conflict, OperationalError when the store cannot answer.
        """
        if tracking is not None:
            msg = "positions of subscribers are kept with their rows, not in the event log"
            raise NotSupportedError(msg)
        if not stored_events and command is None:
            return []
        events = [
            (_uuid(e.originator_id).bytes, e.originator_version, e.topic, e.state)
            for e in stored_events
        ]
        expected = {stream.bytes: version for stream, version in (expect or {}).items()}
        try:
            if command is None and not expected and not writes:
                size = sum(len(event.state) for event in stored_events)
                return self.append_rows(Prepared(None, reply, events, {}, {}, (), size))
            done = self.append_prepared(prepare_rows(command, events, expected, writes, reply))
        except ConcurrencyConflict as error:
            raise IntegrityError(error) from error
        except StoreUnavailable as error:
            raise OperationalError(error) from error
        except psycopg.Error as error:
            mapped = as_ckbx(error)
            conflict = isinstance(mapped, ConcurrencyConflict)
            raise (IntegrityError if conflict else OperationalError)(mapped) from mapped
        if done.replayed:
            return []
        return range(done.position - len(events) + 1, done.position + 1)

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """The stored events of one stream."""
        stream = _uuid(originator_id)
        text = "SELECT version, topic, state FROM events WHERE stream = %b"
        parameters: list[Any] = [stream]
        for value, condition in ((gt, "version > %b"), (lte, "version <= %b")):
            if value is not None:
                text += f" AND {condition}"
                parameters.append(value)
        text += f" ORDER BY version {'DESC' if desc else 'ASC'}"
        if limit is not None:
            text += " LIMIT %b"
            parameters.append(limit)
        return [StoredEvent(stream, *row) for row in self.all(text, *parameters)]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Stored events in order of position."""
        first = -1 if start is None else start if inclusive_of_start else start + 1
        text = "SELECT stream, version, topic, state, position FROM events WHERE position >= %b"
        parameters: list[Any] = [first]
        if stop is not None:
            text += " AND position <= %b"
            parameters.append(stop)
        if topics:
            text += " AND topic = ANY(%b::text[])"
            parameters.append(list(topics))
        text += " ORDER BY position LIMIT %b"
        return [
            Notification(stream, version, topic, state, id=position)
            for stream, version, topic, state, position in self.all(text, *parameters, limit)
        ]

    def max_notification_id(self) -> int | None:
        """The last position, None when there is none."""
        return self.head() or None

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Follow the log after position ``gt``."""
        return PollingSubscription(self, self, gt, topics)


def _uuid(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)
