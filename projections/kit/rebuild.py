"""How are answers computed anew: in memory, loaded beside the live tables, then switched?"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, cast

from ckbx.eventlog.ports import EventLog, RecordedEvent
from ckbx.eventlog.row_store import Place, RowStore, RowUnwritable, RowWriter, Shape
from projections.kit.ddl import (
    PARKED,
    create_statements,
    loading_statements,
    old_name,
    rename,
    shadow_name,
)
from projections.kit.fold import FoldState
from projections.kit.live import (
    PASSED_ON,
    Blocked,
    Unreadable,
    fold_batch,
    fold_events,
    loader,
    no_collection,
    read_batch,
    stored_rows,
    why_not,
    write_state,
)
from projections.kit.narrow import Narrowing
from projections.kit.projection import Projection
from projections.kit.tables import AnyTable

READ_PAGE: Final = 10_000
LAST_BATCH: Final = 500
FIRST_CHUNK: Final = {"sqlite": 2_000, "postgresql": 50_000}
SMALLEST_CHUNK: Final = 1_000
LARGEST_CHUNK: Final = {"sqlite": 20_000, "postgresql": 50_000}
LOCK_SECONDS: Final = 0.1


Folded = dict[Projection, tuple[FoldState, Blocked]]


def fold_all(
    log: EventLog,
    projections: Sequence[Projection],
    until: int,
    unwritable: Mapping[Projection, dict[int, str]] | None = None,
) -> Folded:
    """Fold the whole log up to a position in memory, reading and decoding it once.

    Where events could not be folded, those projections are folded again without their
    subjects, so that nothing of a failed event is kept. ``unwritable``: positions whose
    rows are known to be refused by the store.
    """
    known = dict(unwritable or {})
    with no_collection():
        done, poison = _fold_at_once(log, [p for p in projections if p not in known], until)
        poison |= known
        while poison:
            work = {p: (FoldState(p.tables), cast("Blocked", {})) for p in poison}
            more: dict[Projection, dict[int, str]] = {p: {} for p in poison}
            for batch in _pages(log, until):
                for p, (state, blocked) in work.items():
                    more[p] |= fold_events(p, state, batch, blocked, poison[p])
            done |= {p: made for p, made in work.items() if not more[p]}
            poison = {p: poison[p] | more[p] for p in poison if more[p]}
    return done


def _fold_at_once(
    log: EventLog, projections: Sequence[Projection], until: int
) -> tuple[Folded, dict[Projection, dict[int, str]]]:
    """The usual case, in which every event can be folded: one dispatch an event.

    Returns what is done, and of the other projections the positions that failed first.
    """
    states = {p: FoldState(p.tables) for p in projections}
    poison: dict[Projection, dict[int, str]] = {}
    dispatch: dict[type[Any], list[Any]] = {}
    for projection, state in states.items():
        for kind, handler in projection.handlers.items():
            dispatch.setdefault(kind, []).append((handler, state, projection))
    for batch in _pages(log, until):
        for recorded in batch:
            event = recorded.event
            takers = dispatch.get(type(event))
            if takers is None:
                if type(event) is Unreadable:
                    poison |= {p: {} for p in projections if p not in poison}
                continue
            position, at = recorded.position, recorded.recorded_at
            for handler, state, projection in takers:
                state.recorded_at = at
                try:
                    handler(state, event, position)
                except PASSED_ON:
                    raise
                except Exception as error:  # noqa: BLE001 - it parks one subject only
                    poison.setdefault(projection, {})[position] = why_not(error)
        for projection in poison:
            if projection in states:
                del states[projection]
                dispatch = _without(dispatch, projection)
    return {p: (state, {}) for p, state in states.items()}, poison


def _without(
    dispatch: dict[type[Any], list[Any]], projection: Projection
) -> dict[type[Any], list[Any]]:
    return {
        kind: [t for t in takers if t[2] is not projection] for kind, takers in dispatch.items()
    }


def _pages(log: EventLog, until: int) -> Iterator[list[RecordedEvent]]:
    after = 0
    while after < until:
        batch = read_batch(log, after, READ_PAGE)
        if not batch:
            return
        after = batch[-1].position
        if after > until:
            batch = [each for each in batch if each.position <= until]
        yield batch


class Rebuild:
    """One rebuild of some projections. ``pause`` is called between chunks (tests stop here)."""

    def __init__(
        self,
        log: EventLog,
        store: RowStore,
        projections: Sequence[Projection],
        pause: Callable[[], None] = lambda: None,
    ) -> None:
        self._log = log
        self._store = store
        self._projections = projections
        self._pause = pause
        self._shapes: dict[AnyTable, Shape] = {}
        self._generation: dict[str, int] = {}

    def run(self) -> dict[str, Place]:
        """Fold, load, catch up, switch. The live tables serve until the switch."""
        with no_collection():
            return self._run()

    def _run(self) -> dict[str, Place]:
        with self._store.snapshot() as look:
            places = look.places()
        until = self._log.head()
        folded = fold_all(self._log, self._projections, until)
        result = {}
        for projection in self._projections:
            state, blocked = folded.pop(projection)
            place = places.get(projection.name)
            try:
                self._load(state, self._create(projection, place, loading=True))
                position = until
            except RowUnwritable:  # by which event? Found batch by batch, as when live
                self._create(projection, place)
                position, blocked = 0, {}
            result[projection.name] = self._switch(projection, position, blocked)
            self._drop_old(projection)
        return result

    def _create(
        self, projection: Projection, place: Place | None, *, loading: bool = False
    ) -> dict[AnyTable, list[str]]:
        """Make the tables beside. ``loading``: they are filled whole, and what is returned is
        to be run by table once its rows are there.
        """
        dialect, after = self._store.dialect, {}
        generation = place.generation + 1 if place is not None else 1
        self._generation[projection.name] = generation
        for table in projection.tables:
            name = shadow_name(table, generation)
            self._shapes[table] = table.shape._replace(name=name)
            self._drop(name)
            self._drop(old_name(table))
            now = create_statements(table, dialect, name=name, generation=generation)
            if loading:
                now, after[table] = loading_statements(table, dialect, name, generation)
            self._execute(now)
        return after

    def _execute(self, statements: Sequence[str]) -> None:
        if statements:
            with self._store.transaction() as tx:
                for statement in statements:
                    tx.execute(statement)

    def _load(self, state: FoldState, after: Mapping[AnyTable, Sequence[str]]) -> None:
        size = FIRST_CHUNK[self._store.dialect]
        for table, rows in state.items():
            stored = stored_rows(rows)
            start = 0
            while start < len(stored):
                with self._store.transaction() as tx:
                    began = time.monotonic()
                    tx.insert(self._shapes[table], stored[start : start + size])
                took = time.monotonic() - began
                start += size
                size = _next_size(size, took, LARGEST_CHUNK[self._store.dialect])
                self._pause()
            self._execute(after[table])

    def _switch(self, projection: Projection, position: int, blocked: Blocked) -> Place:
        """Fold what was recorded meanwhile; the last batch stands with the renaming."""
        size = Narrowing(LAST_BATCH)
        shape_of = self._shapes.__getitem__
        while True:
            batch = read_batch(self._log, position, size.limit)
            last = len(batch) < size.limit
            with self._store.snapshot() as look:
                refused = size.refused(projection.name)
                state, after = fold_batch(
                    projection, batch, loader(look, shape_of), blocked, None, refused
                )
            reached = batch[-1].position if batch else position
            try:
                with self._store.transaction() as tx:
                    write_state(tx, state, shape_of)
                    if last:
                        return self._rename(tx, projection, reached, after)
            except RowUnwritable as error:
                size.narrow(projection.name, batch, error)
                continue
            position, blocked = reached, after
            size.written()
            size.limit = min(2 * size.limit, LAST_BATCH)

    def _rename(
        self, tx: RowWriter, projection: Projection, position: int, blocked: Blocked
    ) -> Place:
        for table in projection.tables:
            if tx.exists(table.name):
                tx.execute(rename(table.name, old_name(table)))
            tx.execute(rename(self._shapes[table].name, table.name))
        write_parked(tx, projection, blocked)
        place = Place(position, projection.version, self._generation[projection.name])
        tx.settle(projection.name, place)
        return place

    def _drop_old(self, projection: Projection) -> None:
        for table in projection.tables:
            self._drop(old_name(table))

    def _drop(self, table: str) -> None:
        drop_in_steps(self._store, table, self._pause)


def drop_in_steps(store: RowStore, table: str, pause: Callable[[], None] = lambda: None) -> None:
    """Empty a table in short transactions, then drop it; nothing when it does not stand."""
    with store.snapshot() as look:
        if not look.exists(table):
            return
    size = FIRST_CHUNK[store.dialect]
    gone = size
    while gone:
        with store.transaction() as tx:
            began = time.monotonic()
            gone = tx.trim(table, size)
            took = time.monotonic() - began
        size = _next_size(size, took, LARGEST_CHUNK[store.dialect])
        pause()
    with store.transaction() as tx:
        tx.execute(f"DROP TABLE {table}")


def write_parked(tx: RowWriter, projection: Projection, blocked: Blocked) -> None:
    """Make the list of parked subjects of a projection this one."""
    standing = [row for row in tx.scan(PARKED.shape) if row[0] == projection.name]
    if standing:
        tx.delete(PARKED.shape, [row[:2] for row in standing])
    if blocked:
        tx.insert(PARKED.shape, [_parked_row(each) for each in blocked.values()])


def _parked_row(parked: Any) -> tuple[Any, ...]:
    return (
        parked.projection,
        parked.subject,
        parked.school,
        parked.position,
        parked.topic,
        parked.error,
        parked.later,
    )


def _next_size(size: int, took: float, largest: int) -> int:
    """Keep a transaction under what it may take, but worth its commit."""
    if took > LOCK_SECONDS:
        return max(size // 2, SMALLEST_CHUNK)
    return min(size * 2, largest) if took < LOCK_SECONDS / 3 else size
