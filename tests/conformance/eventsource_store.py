"""How does our log look to ``eventsource-py``? An adapter of its five store ports, for tests.

A stream is (category, aggregate id) and an event of theirs lies as JSON in one event of
ours. They promise that an event id is stored once in the whole store; we promise that of a
stream and version. So each of their event ids is claimed in a stream of its own within the
same append, and it is our log that refuses the second claim, and all that came with it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4, uuid5

from eventsource.domain import StreamId
from eventsource.domain.event import DomainEvent as TheirEvent
from eventsource.domain.exceptions import DuplicateEventError, OptimisticLockError
from eventsource.ports import (
    AppendResult,
    CategoryReadOptions,
    EventEnvelope,
    ExpectedVersion,
    FeedReadOptions,
    Position,
    ReadDirection,
    StreamReadOptions,
)
from eventsource.testing.conformance_ports._fixtures import ConformanceEvent

from ckbx.clock import from_micros
from ckbx.domain.shared.errors import ConcurrencyConflict
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.ports import Append, EventLog, RecordedEvent

NAMES = UUID("0d8f0b54-1f0c-4c5c-8d3e-5a1b7a6f9e21")
DAY = date(2026, 9, 1)
PAGE = 100
TRIES = 10


class Carried(DomainEvent, frozen=True, kw_only=True):
    """One event of theirs."""

    TOPIC = "test.conformance.Carried"
    TITLE = "外来事件"
    aggregate: UUID
    category: str
    body: str


class Claimed(DomainEvent, frozen=True, kw_only=True):
    """The id of an event of theirs is taken."""

    TOPIC = "test.conformance.Claimed"
    TITLE = "外来事件编号"


class EventsourceStore:
    """``FullEventStore`` on a log, from the events recorded after position ``after`` on."""

    max_append_batch: int | None = None

    def __init__(
        self, log: EventLog, *, after: int = 0, on_close: Callable[[], None] | None = None
    ) -> None:
        self._log = log
        self._after = after
        self._on_close = on_close

    async def append(
        self, stream: StreamId, events: Sequence[TheirEvent], expected: ExpectedVersion
    ) -> AppendResult:
        """Their append: what is expected becomes the versions our log checks."""
        if not events:
            msg = "cannot append an empty batch of events"
            raise ValueError(msg)
        retry = expected.kind in {"any", "stream_exists"}
        for attempt in range(TRIES):
            base = self._base(stream, expected)
            try:
                done = self._log.append(_command(stream, events, base))
            except ConcurrencyConflict:
                self._refuse_known_ids(events)
                if retry and attempt < TRIES - 1:
                    continue
                actual = self._version(stream)
                raise OptimisticLockError(stream.aggregate_id, base, actual) from None
            return AppendResult(stream, base + len(events), self._position(done.position))
        raise AssertionError("unreachable")

    def read_stream(
        self, stream: StreamId, options: StreamReadOptions | None = None
    ) -> AsyncIterator[EventEnvelope]:
        """Their events of one stream."""
        wanted = options or StreamReadOptions()
        found = self._log.read_streams([_stream(stream)])
        if wanted.direction is ReadDirection.BACKWARD:
            found = found[::-1]
        first, last = wanted.from_version or 0, wanted.to_version
        chosen = [
            self._envelope(each)
            for each in found
            if first <= each.event.originator_version
            and (last is None or each.event.originator_version <= last)
        ]
        return _given(chosen[: wanted.limit])

    async def get_stream_version(self, stream: StreamId) -> int:
        """How many events a stream has."""
        return self._version(stream)

    async def event_exists(self, event_id: UUID) -> bool:
        """Whether an event id is claimed."""
        claim = _claim(event_id)
        return bool(self._log.load([claim])[claim])

    def read_all(
        self, from_position: Position | None = None, options: FeedReadOptions | None = None
    ) -> AsyncIterator[EventEnvelope]:
        """Their events in order of position, after one of them."""
        wanted = options or FeedReadOptions()
        after = self._after if from_position is None else int(from_position.key[0])
        feed = (e for e in self._feed(after) if wanted.tenant_id in (None, e.event.tenant_id))
        return _given(list(_cut(feed, wanted.limit)))

    async def current_position(self) -> Position | None:
        """The position of the last event; None when there is none."""
        head = self._log.head()
        return self._position(head) if head > self._after else None

    def read_category(
        self, category: str, options: CategoryReadOptions | None = None
    ) -> AsyncIterator[EventEnvelope]:
        """Their events of one category in the order they were recorded."""
        wanted = options or CategoryReadOptions()
        since = wanted.from_timestamp
        feed = (
            envelope
            for envelope in self._feed(self._after)
            if envelope.stream_id.category == category
            and (since is None or envelope.stored_at >= since)
            and wanted.tenant_id in (None, envelope.event.tenant_id)
        )
        return _given(list(_cut(feed, wanted.limit)))

    async def close(self) -> None:
        """Give back what the maker of the adapter lent it."""
        if self._on_close is not None:
            self._on_close()

    def _base(self, stream: StreamId, expected: ExpectedVersion) -> int:
        if expected.kind == "exact":
            return expected.version or 0
        if expected.kind == "no_stream":
            return 0
        version = self._version(stream)
        if expected.kind == "stream_exists" and not version:
            raise OptimisticLockError(stream.aggregate_id, -2, 0)
        return version

    def _version(self, stream: StreamId) -> int:
        key = _stream(stream)
        events = self._log.load([key])[key]
        return events[-1].originator_version if events else 0

    def _refuse_known_ids(self, events: Sequence[TheirEvent]) -> None:
        claims = {_claim(event.event_id) for event in events}
        if len(claims) < len(events) or any(self._log.load(list(claims)).values()):
            msg = "an event id is already stored"
            raise DuplicateEventError(msg)

    def _feed(self, after: int) -> Iterator[EventEnvelope]:
        while page := self._log.read(after, PAGE):
            for each in page:
                if isinstance(each.event, Carried):
                    yield self._envelope(each)
            after = page[-1].position

    def _envelope(self, recorded: RecordedEvent) -> EventEnvelope:
        event: Any = recorded.event
        return EventEnvelope(
            event=ConformanceEvent.model_validate_json(event.body),
            stream_id=StreamId(aggregate_id=event.aggregate, category=event.category),
            stream_version=event.originator_version,
            position=self._position(recorded.position),
            stored_at=from_micros(recorded.recorded_at),
        )

    def _position(self, position: int) -> Position:
        return Position(store_id=self._log.county, key=(position,))


def _command(stream: StreamId, events: Sequence[TheirEvent], base: int) -> Append:
    command = uuid4()
    common: dict[str, Any] = {"occurred_on": DAY, "actor": "test", "command_id": command}
    made: list[DomainEvent] = [
        Claimed(originator_id=_claim(event.event_id), originator_version=1, **common)
        for event in events
    ]
    made += [
        Carried(
            originator_id=_stream(stream),
            originator_version=base + n,
            aggregate=stream.aggregate_id,
            category=stream.category,
            body=event.model_dump_json(),
            **common,
        )
        for n, event in enumerate(events, 1)
    ]
    return Append(command_id=command, events=made)


def _stream(stream: StreamId) -> UUID:
    return uuid5(NAMES, stream.render())


def _claim(event_id: UUID) -> UUID:
    return uuid5(NAMES, f"event {event_id}")


def _cut(feed: Iterator[EventEnvelope], limit: int | None) -> Iterator[EventEnvelope]:
    for n, envelope in enumerate(feed):
        if n == limit:
            return
        yield envelope


async def _given(envelopes: Sequence[EventEnvelope]) -> AsyncIterator[EventEnvelope]:
    for envelope in envelopes:
        yield envelope
