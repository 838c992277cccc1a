"""How is a batch stored in a single round trip?

The writer remembers the last position and the heads it left behind. The insert carries
that memory as its condition, checked by the server under the lock: if another process has
written, or a command is known, it inserts nothing. Where others write too, the insert carries
the heads that the commands themselves rest on. If these are not found the careful way is taken,
which sees what stands and decides about each command.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import psycopg

from ckbx.clock import Clock, micros
from ckbx.eventlog.postgres.append import Decision, LogState, Outcome, decide
from ckbx.eventlog.postgres.fast_rows import Statements, fits, gathered, statement_for
from ckbx.eventlog.postgres.insert import Committing, is_small
from ckbx.eventlog.postgres.sql import IF_HEADS, IF_LAST
from ckbx.eventlog.postgres.wire import byteas, int8, int8s, read_int8, run_as_one, texts, uuids
from ckbx.eventlog.prepared import Prepared

MAX_STREAMS: Final = 200_000
CAREFUL_ROUNDS: Final = 16
LOCK_NAME: Final = b"ckbx_lock"


class Memory:
    """What this process knows of the log: right as long as ``position`` is still the last."""

    def __init__(self, limit: int = MAX_STREAMS) -> None:
        self.limit = limit
        self.position = -1
        self.recorded_at = 0
        self.statements: Statements = {}
        self._heads: dict[bytes, int] = {}
        self._careful = 0

    def forget(self) -> None:
        """Believe nothing: the connection was lost, another server may answer next."""
        self.position = -1
        self._heads.clear()

    def learn(self, heads: dict[bytes, int], position: int, recorded_at: int) -> None:
        """Take in what was seen or stored under the lock; ``position`` is then the last."""
        known = self._heads
        for stream in heads:
            known.pop(stream, None)  # re-enter at the end: the oldest goes first
        known.update(heads)
        self.position, self.recorded_at = position, recorded_at
        while len(known) > self.limit:
            del known[next(iter(known))]

    def mistaken(self) -> None:
        """Another process writes too: do without what is remembered for a while."""
        self.forget()
        self._careful = CAREFUL_ROUNDS

    def recall(self, batch: Sequence[Prepared]) -> tuple[LogState, list[bytes]] | None:
        """The heads a batch asks about, and the streams it takes for new; None: not known."""
        if self._careful:
            self._careful -= 1
            return None
        if self.position < 0:
            return None
        state = LogState({}, {}, self.recorded_at, self.position)
        new: dict[bytes, None] = {}
        for item in batch:
            if item.command is None or not item.events or not fits(item.writes):
                return None
            for stream, base in item.bases.items():
                head = self._heads.get(stream)
                if head is not None:
                    state.heads[stream] = head
                elif base == 0:
                    new[stream] = None
                elif stream not in new:
                    return None
        return state, list(new)


def prepare_statements(conn: psycopg.Connection[Any], lock_sql: str, memory: Memory) -> None:
    """Plan the statements of the single round trip on a new connection."""
    memory.statements.clear()
    conn.execute(f"PREPARE {LOCK_NAME.decode()} AS {lock_sql}".encode())
    for found in (IF_LAST, IF_HEADS):
        statement_for(conn, memory.statements, found, ())


class _Asked(NamedTuple):
    """What a batch is stored on: a condition and its parameters $6 and $8."""

    found: str
    heads: bytes
    streams: bytes


def store_fast(
    conn: psycopg.Connection[Any],
    batch: Sequence[Prepared],
    memory: Memory,
    clock: Clock,
    committing: Committing,
) -> list[Outcome] | None:
    """Store a batch in one round trip where nobody has written since; None when that was not
    possible (nothing is stored). Raises psycopg's errors.
    """
    recalled = memory.recall(batch)
    if recalled is None:
        return None
    state, new = recalled
    decision = decide(batch, state, ())
    if not decision.chosen:
        return None
    asked = _Asked(IF_LAST, int8(state.position), uuids(new))
    outcomes = _store(conn, batch, memory, clock, committing, decision, asked)
    if outcomes is None:
        memory.mistaken()
    return outcomes


def store_checked(
    conn: psycopg.Connection[Any],
    batch: Sequence[Prepared],
    memory: Memory,
    clock: Clock,
    committing: Committing,
) -> list[Outcome] | None:
    """The same whoever has written, where every stream has the head that the first command
    about it rests on.
    """
    if any(item.command is None or not item.events or not fits(item.writes) for item in batch):
        return None
    heads: dict[bytes, int] = {}
    for item in batch:
        for stream, base in item.bases.items():
            heads.setdefault(stream, base)
    decision = decide(batch, LogState(dict(heads), {}, 0), ())
    asked = _Asked(IF_HEADS, int8s(list(heads.values())), uuids(list(heads)))
    return _store(conn, batch, memory, clock, committing, decision, asked)


def _store(
    conn: psycopg.Connection[Any],
    batch: Sequence[Prepared],
    memory: Memory,
    clock: Clock,
    committing: Committing,
    decision: Decision,
    asked: _Asked,
) -> list[Outcome] | None:
    chosen = [batch[index] for index in decision.chosen]
    if not chosen or not is_small(chosen):
        return None
    shapes, cells = gathered(chosen)
    try:
        name = statement_for(conn, memory.statements, asked.found, shapes)
    except psycopg.errors.DatatypeMismatch:
        return None  # rows that fit no such columns: the careful way says so
    at = max(memory.recorded_at, micros(clock.now()))
    committing(chosen)
    statements = [(LOCK_NAME, ()), (name, (*_parameters(batch, chosen, asked, at), *cells))]
    try:
        result = run_as_one(conn, statements)
    except (psycopg.errors.UniqueViolation, psycopg.errors.CheckViolation):
        result = None  # somebody wrote without the lock
    if result is None or result.ntuples != len(chosen):
        return None
    return _settled(batch, chosen, decision, result, memory)


def _parameters(
    batch: Sequence[Prepared], chosen: Sequence[Prepared], asked: _Asked, at: int
) -> tuple[bytes, ...]:
    events = [event for item in chosen for event in item.events]
    last = [item.events[-1] for item in chosen]
    return (
        int8(at),
        uuids([event[0] for event in events]),
        int8s([event[1] for event in events]),
        texts([event[2] for event in events]),
        byteas([event[3] for event in events]),
        asked.heads,
        uuids([item.command for item in batch if item.command is not None]),
        asked.streams,
        uuids([item.command for item in chosen if item.command is not None]),
        uuids([event[0] for event in last]),
        int8s([event[1] for event in last]),
        byteas([item.reply for item in chosen]),
    )


def _settled(
    batch: Sequence[Prepared],
    chosen: Sequence[Prepared],
    decision: Decision,
    result: Any,
    memory: Memory,
) -> list[Outcome]:
    found = {
        result.get_value(row, 0): read_int8(result.get_value(row, 1))[0]
        for row in range(result.ntuples)
    }
    at = read_int8(result.get_value(0, 2))[0]
    positions = [found[item.command] for item in chosen]
    ends: dict[bytes, int] = {}
    for item in chosen:
        ends.update(item.ends)
    memory.learn(ends, max(positions), at)
    return decision.settle(batch, positions, at)
