"""What is a projection, and what may its fold and its questions use?

A projection module holds ``NAME``, ``VERSION``, tables, one handler an event class and query
functions. The handlers are written once; the kit runs them live (a batch of events, one
transaction with the position) and for a rebuild (everything in memory, loaded beside).

    PLACES = HistoryTable("roster_places", key=(child(),), values=(Column("school", Text), ...))

    def _enrolled(fold: Fold, event: Enrolled, position: int) -> None:
        rows = fold[PLACES]
        rows.put(event.originator_id.bytes, event.occurred_on.toordinal(), None, (…), position)

    PROJECTION = Projection(NAME, VERSION, (PLACES,), {Enrolled: _enrolled}, keys=...)

    def places(reading: Reading, scope: Scope, *, as_of: date, position: int) -> list[Place]:
        query = select(PLACES.c.child).where(*PLACES.known(as_of, position))
        return [... for row in reading.rows(within(query, scope, school=PLACES.c.school))]

Rules for handlers: pure (only ``fold`` and the event), days as ordinals
(``date.toordinal()``), ids as 16 bytes (``uuid.bytes``), open ends as None. A handler that
raises parks its subject (:attr:`Projection.subject`); nothing it did is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.ports import RecordedEvent
from projections.kit.fold import Fold
from projections.kit.tables import AnyTable

Handler = Callable[[Fold, Any, int], None]
"""(fold, event, position). ``fold.recorded_at`` holds the event's instant (microseconds)."""

Keys = Callable[[Sequence[RecordedEvent]], Mapping[AnyTable, Iterable[Any]]]
"""Which keys will this batch touch? They are loaded in one select a table; a key that was
not named is loaded when the handler asks for it (slower, never wrong)."""


def own_stream(event: DomainEvent) -> str:
    """The subject of an event that concerns one child (or other stream): its stream."""
    return str(event.originator_id)


def no_keys(_batch: Sequence[RecordedEvent]) -> Mapping[AnyTable, Iterable[Any]]:
    """Name nothing beforehand."""
    return {}


def no_school(_fold: Fold, _event: Any) -> str | None:
    """The school of a subject is not known."""
    return None


@dataclass(frozen=True, eq=False)
class Projection:
    """One answer. ``tables`` are private to its module and prefixed by ``name``.

    ``subject`` names what is parked when an event cannot be folded; ``school`` says which
    school's totals are incomplete then (None: every total).
    """

    name: str
    version: int
    tables: tuple[AnyTable, ...]
    handlers: Mapping[type[DomainEvent], Handler]
    keys: Keys = no_keys
    subject: Callable[[Any], str] = own_stream
    school: Callable[[Fold, Any], str | None] = no_school

    def __post_init__(self) -> None:
        for table in self.tables:
            if not table.name.startswith(self.name + "_"):
                msg = f"table {table.name} of projection {self.name} lacks its prefix"
                raise ValueError(msg)

    @property
    def handles(self) -> tuple[type[DomainEvent], ...]:
        """The event classes it folds."""
        return tuple(self.handlers)
