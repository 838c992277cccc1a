"""The ``eventsourcing`` library's recorder interface on a log's own table, on any database."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
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
from ckbx.eventlog.prepared import EventTuple, Prepared, prepare_rows
from ckbx.eventlog.subscription import PollingSubscription


class LibraryRecorder(ApplicationRecorder):
    """What the library's ``EventStore`` and ``LocalNotificationLog`` call.

    ``MARK`` is the database's placeholder for a parameter.
    """

    MARK: ClassVar[str]

    @abstractmethod
    def append_prepared(self, prepared: Prepared) -> Appended:
        """Store one command."""

    @abstractmethod
    def select(self, text: str, parameters: Sequence[Any]) -> list[Any]:
        """Every row of a select."""

    @abstractmethod
    def to_key(self, stream: UUID) -> Any:
        """A stream as the database knows it."""

    @abstractmethod
    def to_stream(self, key: Any) -> UUID:
        """:meth:`to_key` undone."""

    @abstractmethod
    def head(self) -> int:
        """The last position (0: empty)."""

    @abstractmethod
    def wait_for_change(self, after: int, timeout: float) -> int:
        """Wait until the head is past ``after``."""

    def append_without_command(self, events: Sequence[EventTuple]) -> Sequence[int]:
        """Store events that no command id protects from being stored twice."""
        return self._positions(prepare_rows(None, events, {}))

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
                return self.append_without_command(events)
            return self._positions(prepare_rows(command, events, expected, writes, reply))
        except ConcurrencyConflict as error:
            raise IntegrityError(error) from error
        except StoreUnavailable as error:
            raise OperationalError(error) from error

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
        text, parameters = self._where(
            ("stream = ", self.to_key(stream)), ("version > ", gt), ("version <= ", lte)
        )
        text += f" ORDER BY version {'DESC' if desc else 'ASC'}"
        found = self._limited(f"SELECT version, topic, state {text}", parameters, limit)
        return [StoredEvent(stream, *row) for row in found]

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
        text, parameters = self._where(("position >= ", first), ("position <= ", stop))
        if topics:
            text += f" AND topic IN ({','.join([self.MARK] * len(topics))})"
            parameters += topics
        text = f"SELECT position, stream, version, topic, state {text} ORDER BY position"
        return [
            Notification(self.to_stream(key), version, topic, state, id=position)
            for position, key, version, topic, state in self._limited(text, parameters, limit)
        ]

    def max_notification_id(self) -> int | None:
        """The last position, None when there is none."""
        return self.head() or None

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Follow the log after position ``gt``."""
        return PollingSubscription(self, self, gt, topics)

    def _positions(self, prepared: Prepared) -> Sequence[int]:
        done = self.append_prepared(prepared)
        if done.replayed:
            return []
        return list(range(done.position - len(prepared.events) + 1, done.position + 1))

    def _where(self, *conditions: tuple[str, Any]) -> tuple[str, list[Any]]:
        """The conditions that have a value, with their parameters."""
        asked = [(text, value) for text, value in conditions if value is not None]
        text = " AND ".join(text + self.MARK for text, _ in asked)
        return f"FROM events WHERE {text}", [value for _, value in asked]

    def _limited(self, text: str, parameters: list[Any], limit: int | None) -> list[Any]:
        if limit is None:
            return self.select(text, parameters)
        return self.select(f"{text} LIMIT {self.MARK}", [*parameters, limit])


def _uuid(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)
