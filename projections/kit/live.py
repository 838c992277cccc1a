"""How does one batch of events change a projection's rows?"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, Final, cast

from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.domain.shared.event import DomainEvent, event_type
from ckbx.eventlog.codec import EventUnreadable, decode_event
from ckbx.eventlog.ports import EventLog, RecordedEvent
from ckbx.eventlog.row_store import RowReader, RowUnwritable, RowWriter, Shape
from projections.kit.fold import FoldState, HistoryRows, Loader, PlainRows, VersionedRows
from projections.kit.projection import Projection
from projections.kit.reading import Parked
from projections.kit.rows import CHANGED, NEW
from projections.kit.tables import AnyTable, PlainTable

ShapeOf = Callable[[AnyTable], Shape]
Blocked = dict[str, Parked]
"""The parked subjects of one projection."""

PASSED_ON: Final = (StoreUnavailable, MemoryError)
"""What a fold may meet that says nothing about its event: to be tried again, never parked."""

LONGEST_WHY: Final = 2_000
_BESIDE: Final = re.compile(r"__g\d+\b")  # of the name of a table that is loaded beside
_NO_DAY: Final = date.min
_HISTORY_END = ("valid_to", "pos_end", "pos_to")
_VERSION_END = ("pos_to",)


class Unreadable(DomainEvent, frozen=True, kw_only=True):
    """Stands in a batch for stored bytes that no event class can read."""

    topic: str
    why: str


def read_batch(log: EventLog, after: int, limit: int) -> list[RecordedEvent]:
    """Events after a position; one that cannot be read is there as :class:`Unreadable`."""
    try:
        return log.read(after, limit)
    except EventUnreadable:
        return [_decoded(row) for row in log.read_rows(after, limit)]


def _decoded(row: Any) -> RecordedEvent:
    event: DomainEvent
    try:
        event = decode_event(row.topic, row.state)
    except EventUnreadable as error:
        event = Unreadable(
            originator_id=row.stream,
            originator_version=row.version,
            occurred_on=_NO_DAY,
            actor="",
            command_id=row.stream,
            topic=row.topic,
            why=str(error),
        )
    return RecordedEvent(row.position, row.recorded_at, event)


@contextmanager
def no_collection() -> Iterator[None]:
    """Many new rows are not searched for cycles again and again: there are none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def live_shape(table: AnyTable) -> Shape:
    """The table as questions see it."""
    return table.shape


def loader(look: RowReader, shape_of: ShapeOf = live_shape) -> Loader:
    """Reads standing rows within one snapshot."""

    def load(table: AnyTable, keys: list[Any]) -> Any:
        where = "" if isinstance(table, PlainTable) else "t.pos_to IS NULL"
        return look.find(shape_of(table), table.load_by, keys, where)

    return load


class Shares:
    """Which events of a batch does each projection take? What nobody can read goes to all."""

    def __init__(self, projections: Sequence[Projection]) -> None:
        self._names = [each.name for each in projections]
        takers: dict[type[Any], list[str]] = {Unreadable: self._names}
        for each in projections:
            for kind in each.handlers:
                takers.setdefault(kind, []).append(each.name)
        self._takers = takers

    def of(self, batch: Sequence[RecordedEvent]) -> dict[str, list[RecordedEvent]]:
        """By the name of the projection."""
        shares: dict[str, list[RecordedEvent]] = {name: [] for name in self._names}
        for recorded in batch:
            for name in self._takers.get(type(recorded.event), ()):
                shares[name].append(recorded)
        return shares


def fold_batch(
    projection: Projection,
    batch: Sequence[RecordedEvent],
    load: Loader,
    blocked: Blocked,
    kept: FoldState | None = None,
    unwritable: Mapping[int, str] | None = None,
) -> tuple[FoldState, Blocked]:
    """The rows after a batch and the parked subjects after it.

    ``kept``: rows that are in memory since the batch before, as stored; ``unwritable``:
    positions whose rows the store refused, with why. When an event cannot be folded the
    batch is folded again without its subject, so that nothing of the failed event is kept.
    Raises StoreUnavailable.
    """
    keys = _keys(projection, batch)
    poison: dict[int, str] = dict(unwritable or {})
    while True:
        state = FoldState(projection.tables) if kept is None else kept
        kept = None
        state.load_with(load)
        try:
            for table, wanted in keys.items():
                state[table].preload(wanted)
        except RowUnwritable:  # one key among them: found when its own event asks for it
            keys = {}
        now = dict(blocked)
        failed = fold_events(projection, state, batch, now, poison)
        if not failed:
            return state, now
        poison |= failed


def _keys(
    projection: Projection, batch: Sequence[RecordedEvent]
) -> Mapping[AnyTable, Iterable[Any]]:
    """What to load beforehand; nothing where an event of the batch cannot even be asked."""
    try:
        return projection.keys([r for r in batch if type(r.event) in projection.handlers])
    except PASSED_ON:
        raise
    except Exception:  # noqa: BLE001 - its handler will say so, for its subject alone
        return {}


def fold_events(
    projection: Projection,
    state: FoldState,
    batch: Sequence[RecordedEvent],
    blocked: Blocked,
    poison: Mapping[int, str],
) -> dict[int, str]:
    """Fold events in order. Positions in ``poison`` park their subject; returns further
    positions that could not be folded, with why.
    """
    failed: dict[int, str] = {}
    handlers = projection.handlers
    careful = bool(blocked or poison)
    for recorded in batch:
        event = recorded.event
        handler = handlers.get(type(event))
        if handler is None:
            if type(event) is Unreadable:
                _park_unreadable(projection, blocked, recorded.position, event)
                careful = careful or bool(blocked)
            continue
        if careful and _passed_over(projection, state, blocked, recorded, poison):
            continue
        state.recorded_at = recorded.recorded_at
        try:
            handler(state, event, recorded.position)
        except PASSED_ON:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it parks one subject only
            failed[recorded.position] = why_not(error)
    return failed


def why_not(error: Exception) -> str:
    """What is kept of an error with a parked subject: its kind and text, as text can be kept."""
    text = _BESIDE.sub("", f"{type(error).__name__}: {error}".replace("\0", ""))
    return text[:LONGEST_WHY].encode("utf-8", "replace").decode()


def said_by_store(why: str) -> bool:
    """Whether it was the store that refused a row: a fold in memory cannot know that."""
    return why.startswith(f"{RowUnwritable.__name__}: ")


def _passed_over(
    projection: Projection,
    state: FoldState,
    blocked: Blocked,
    recorded: RecordedEvent,
    poison: Mapping[int, str],
) -> bool:
    event = recorded.event
    subject = projection.subject(event)
    parked = blocked.get(subject)
    if parked is not None:
        blocked[subject] = Parked(
            parked.projection,
            parked.subject,
            parked.school,
            parked.position,
            parked.topic,
            parked.error,
            parked.later + 1,
        )
        return True
    why = poison.get(recorded.position)
    if why is None:
        return False
    school = _school(projection, state, event)
    blocked[subject] = Parked(
        projection.name, subject, school, recorded.position, event.TOPIC, why, 0
    )
    return True


def _school(projection: Projection, state: FoldState, event: Any) -> str | None:
    try:
        return projection.school(state, event)
    except PASSED_ON:
        raise
    except Exception:  # noqa: BLE001 - not known: every total may miss the subject
        return None


def _park_unreadable(
    projection: Projection, blocked: Blocked, position: int, event: Unreadable
) -> None:
    known = event_type(event.topic)
    if known is not None and known not in projection.handlers:
        return
    subject = str(event.originator_id)
    blocked.setdefault(
        subject, Parked(projection.name, subject, None, position, event.topic, event.why, 0)
    )


def write_state(tx: RowWriter, state: FoldState, shape_of: ShapeOf = live_shape) -> int:
    """Write what a live fold changed; returns the number of rows."""
    count = 0
    for table, rows in state.items():
        shape = shape_of(table)
        if isinstance(rows, PlainRows):
            count += _write_plain(tx, shape, rows)
            continue
        added, ended = _split(rows)
        if ended:
            columns = _HISTORY_END if isinstance(rows, HistoryRows) else _VERSION_END
            tx.update(shape, columns, ended)
        if added:
            tx.insert(shape, added)
        count += len(added) + len(ended)
    return count


def _split(rows: Any) -> tuple[list[Any], list[Any]]:
    added: list[Any] = []
    ended: list[Any] = []
    for key, row in _all(rows):
        if row.origin == NEW:
            added.append(rows.stored_form(key, row))
        elif row.origin == CHANGED:
            own = key if type(key) is tuple else (key,)
            if isinstance(rows, HistoryRows):
                ended.append((row.last, row.pos_end, row.pos_to, *own, row.first, row.pos_from))
            else:
                ended.append((row.pos_to, *own, row.pos_from))
    return added, ended


def _all(rows: HistoryRows | VersionedRows) -> Iterator[tuple[Any, Any]]:
    yield from rows.gone
    if isinstance(rows, VersionedRows):
        yield from ((key, rows.standing[key]) for key in rows.touched if key in rows.standing)
        return
    for key in rows.touched:
        for row in rows.standing.get(key, ()):
            yield key, row


def _write_plain(tx: RowWriter, shape: Shape, rows: PlainRows) -> int:
    kept = [key for key in rows.touched if key in rows.standing]
    lost = [key for key in rows.touched if key not in rows.standing and key in rows.stored]
    if kept:
        tx.upsert(shape, [rows.stored_form(key, rows.standing[key]) for key in kept])
    if lost:
        tx.delete(shape, [key if type(key) is tuple else (key,) for key in lost])
    return len(kept) + len(lost)


def stored_rows(rows: HistoryRows | VersionedRows | PlainRows) -> list[tuple[Any, ...]]:
    """Every row of a rebuilt table as it shall be stored, in the order of its primary key.

    The rows are used up: what was converted is freed.
    """
    result: list[tuple[Any, ...]] = []
    form: Callable[[Any, Any], tuple[Any, ...]] = rows.stored_form
    add, left = result.append, cast("dict[Any, Any]", rows.standing)
    if not isinstance(rows, PlainRows):
        result += [form(key, row) for key, row in rows.gone]
        rows.gone.clear()
    if isinstance(rows, HistoryRows):
        while left:
            key, stays = left.popitem()
            for row in stays:
                add(form(key, row))
    else:
        while left:
            add(form(*left.popitem()))
    result.sort()  # the primary key decides before anything that may be None
    return result
