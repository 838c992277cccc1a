"""One command's view of the log: aggregates loaded once, shared, and put back together.

Aggregates are kept between commands in an identity map; a command that fails, or meets a
conflict, lets go of everything it touched, so that the next one loads it anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, cast
from uuid import UUID
from weakref import WeakValueDictionary

from ckbx.domain.shared.aggregate import Aggregate
from ckbx.domain.shared.errors import ConcurrencyConflict
from ckbx.domain.shared.event import CommandContext, DomainEvent
from ckbx.eventlog.ports import EventLog, RowDelete, RowWrite

AggregateT = TypeVar("AggregateT", bound=Aggregate)


class IdentityMap:
    """Aggregates in memory, by stream id. Held weakly: books and recent use keep them."""

    def __init__(self, log: EventLog, keep: int = 20_000) -> None:
        self.log = log
        self._known: WeakValueDictionary[UUID, Aggregate] = WeakValueDictionary()
        self._recent: dict[UUID, Aggregate] = {}
        self._keep = keep

    def find(self, id_: UUID) -> Aggregate | None:
        """An aggregate that is in memory."""
        return self._recent.get(id_) or self._known.get(id_)

    def load(self, wanted: Mapping[UUID, Callable[[UUID], Aggregate]]) -> dict[UUID, Aggregate]:
        """The aggregates of these streams; what is not in memory comes in one select."""
        found: dict[UUID, Aggregate] = {}
        missing = []
        for id_ in wanted:
            known = self.find(id_)
            if known is None:
                missing.append(id_)
            else:
                found[id_] = known
        if missing:
            events = self.log.load(missing)
            for id_ in missing:
                aggregate = wanted[id_](id_).replay(events.get(id_, []))
                self._known[id_] = found[id_] = aggregate
                self._remember(id_, aggregate)
        return found

    def _remember(self, id_: UUID, aggregate: Aggregate) -> None:
        self._recent[id_] = aggregate
        if len(self._recent) > self._keep:
            for old in list(self._recent)[: self._keep // 4]:
                del self._recent[old]

    def forget(self, ids: Iterable[UUID]) -> None:
        """Let go of these, so that they are loaded anew."""
        for id_ in ids:
            self._known.pop(id_, None)
            self._recent.pop(id_, None)

    def clear(self) -> None:
        """Let go of everything."""
        self._known = WeakValueDictionary()
        self._recent.clear()


class Unit:
    """The aggregates one command touches, the streams it only read, the rows it wants kept.

    ``remembered``: whether it decides on anything that was in memory, and may be older than what
    other processes recorded since.
    """

    def __init__(self, map_: IdentityMap, ctx: CommandContext) -> None:
        self.ctx = ctx
        self.writes: list[RowWrite | RowDelete] = []
        self.after: list[Callable[[], None]] = []
        self.books: set[str] = set()
        self.remembered = False
        self._map = map_
        self._touched: dict[UUID, Aggregate] = {}
        self._expect: dict[UUID, int] = {}
        self._collected: list[DomainEvent] = []

    @property
    def log(self) -> EventLog:
        """The log behind the aggregates."""
        return self._map.log

    def get(self, id_: UUID, make: Callable[[UUID], AggregateT]) -> AggregateT:
        """One aggregate, ready to be changed."""
        known = self._map.find(id_)
        if known is None:
            return self.get_many({id_: make})[id_]
        self.remembered = self.remembered or id_ not in self._touched
        self._touched[id_] = known
        return cast("AggregateT", known)

    def get_many(
        self, wanted: Mapping[UUID, Callable[[UUID], AggregateT]]
    ) -> dict[UUID, AggregateT]:
        """Several aggregates, what is missing loaded in one select."""
        own = self._touched.keys()
        self.remembered = self.remembered or any(self._map.find(i) for i in wanted.keys() - own)
        loaded: dict[UUID, Any] = self._map.load(wanted)
        self._touched.update(loaded)
        return loaded

    def touch(self, aggregates: Iterable[Aggregate]) -> None:
        """Say that aggregates kept elsewhere (in a book) may be changed by this command."""
        for aggregate in aggregates:
            self._touched[aggregate.id] = aggregate

    def depend(self, aggregate: Aggregate) -> None:
        """The decision rests on this stream as it is: refuse when it has moved.

        What was seen first counts: a stream that is loaded anew meanwhile has moved.
        """
        if not aggregate.has_pending or aggregate.id not in self._touched:
            self._expect.setdefault(aggregate.id, aggregate.version)

    def add(self, events: Iterable[DomainEvent]) -> None:
        """Events that a decision has collected from its aggregate itself."""
        self._collected.extend(events)

    def collect(self) -> tuple[list[DomainEvent], dict[UUID, int]]:
        """The events to append, and the versions of streams only read.

        Raises ConcurrencyConflict where a stream moved between being read and being extended.
        """
        events = self._collected
        for aggregate in self._touched.values():
            if aggregate.has_pending:
                events.extend(aggregate.collect_events())
        for event in events:
            known = self._expect.pop(event.originator_id, None)
            if known is not None and known < event.originator_version - 1:
                raise ConcurrencyConflict
        return events, self._expect

    def touched(self) -> list[Aggregate]:
        """Everything this command may have changed."""
        return list(self._touched.values())

    def abandon(self) -> None:
        """Let go of everything touched or read."""
        self._map.forget([*self._touched, *self._expect])
