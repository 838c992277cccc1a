"""The ``eventsourcing`` library's recorder interface on the SQLite log's own table."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

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
from ckbx.eventlog.prepared import Prepared, prepare_rows
from ckbx.eventlog.sqlite_connect import Connection
from ckbx.eventlog.sqlite_sql import marks
from ckbx.eventlog.subscription import PollingSubscription


class SQLiteRecorder(ApplicationRecorder):
    """What the library's ``EventStore`` and ``LocalNotificationLog`` call."""

    @abstractmethod
    def append_prepared(self, prepared: Prepared) -> Appended:
        """Store one command."""

    @abstractmethod
    def connection(self) -> AbstractContextManager[Connection]:
        """This thread's read-only connection."""

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
            done = self.append_prepared(prepare_rows(command, events, expected, writes, reply))
        except ConcurrencyConflict as error:
            raise IntegrityError(error) from error
        except StoreUnavailable as error:
            raise OperationalError(error) from error
        if done.replayed:
            return []
        return list(range(done.position - len(events) + 1, done.position + 1))

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
        sql = "SELECT version, topic, state FROM events WHERE stream = ?"
        parameters: list[Any] = [stream.bytes]
        for value, condition in ((gt, "version > ?"), (lte, "version <= ?")):
            if value is not None:
                sql += f" AND {condition}"
                parameters.append(value)
        sql += f" ORDER BY version {'DESC' if desc else 'ASC'} LIMIT ?"
        parameters.append(-1 if limit is None else limit)
        with self.connection() as connection:
            return [
                StoredEvent(stream, version, topic, state)
                for version, topic, state in connection.execute(sql, parameters)
            ]

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
        sql = (
            "SELECT position, stream, version, topic, state FROM events"
            " WHERE position >= ? AND position <= ?"
        )
        if topics:
            sql += f" AND topic IN ({marks(len(topics))})"
        sql += " ORDER BY position LIMIT ?"
        last = 2**63 - 1 if stop is None else stop
        with self.connection() as connection:
            return [
                Notification(UUID(bytes=stream), version, topic, state, id=position)
                for position, stream, version, topic, state in connection.execute(
                    sql, (first, last, *topics, limit)
                )
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
