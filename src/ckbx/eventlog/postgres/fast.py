"""How is a batch stored in a single round trip when nobody else has written since?

The writer remembers the last position and the heads it left behind. The insert carries
that memory as its condition, checked by the server under the lock: if another process has
written, or a command is known, it inserts nothing, and the careful way is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import psycopg

from ckbx.clock import Clock, micros
from ckbx.eventlog.postgres.append import Decision, LogState, Outcome, decide
from ckbx.eventlog.postgres.fast_rows import FAST_NAME, Statements, fits, gathered, statement_for
from ckbx.eventlog.postgres.insert import Committing, is_small
from ckbx.eventlog.postgres.sql import FAST
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
        """Another process writes too: take the careful way for a while."""
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
    conn.execute(f"PREPARE {FAST_NAME.decode()} AS {FAST}".encode())


def store_fast(
    conn: psycopg.Connection[Any],
    batch: Sequence[Prepared],
    memory: Memory,
    clock: Clock,
    committing: Committing,
) -> list[Outcome] | None:
    """Store a batch in one round trip; None when that was not possible (nothing is stored).

    Raises psycopg's errors.
    """
    recalled = memory.recall(batch)
    if recalled is None:
        return None
    state, new = recalled
    decision = decide(batch, state, ())
    chosen = [batch[index] for index in decision.chosen]
    if not chosen or not is_small(chosen):
        return None
    at = max(state.recorded_at, micros(clock.now()))
    shapes, cells = gathered(chosen, at)
    name = statement_for(conn, memory.statements, shapes)
    committing(chosen)
    parameters = (*_parameters(batch, chosen, new, state.position, at), *cells)
    statements = [(LOCK_NAME, ()), (name, parameters)]
    try:
        result = run_as_one(conn, statements)
    except (psycopg.errors.UniqueViolation, psycopg.errors.CheckViolation):
        result = None  # somebody wrote without the lock
    if result is None or result.ntuples != len(chosen):
        memory.mistaken()
        return None
    return _settled(batch, chosen, decision, result, at, memory)


def _parameters(
    batch: Sequence[Prepared],
    chosen: Sequence[Prepared],
    new: Sequence[bytes],
    position: int,
    at: int,
) -> tuple[bytes, ...]:
    events = [event for item in chosen for event in item.events]
    last = [item.events[-1] for item in chosen]
    return (
        int8(at),
        uuids([event[0] for event in events]),
        int8s([event[1] for event in events]),
        texts([event[2] for event in events]),
        byteas([event[3] for event in events]),
        int8(position),
        uuids([item.command for item in batch if item.command is not None]),
        uuids(new),
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
    at: int,
    memory: Memory,
) -> list[Outcome]:
    found = {
        result.get_value(row, 0): read_int8(result.get_value(row, 1))[0]
        for row in range(result.ntuples)
    }
    positions = [found[item.command] for item in chosen]
    ends: dict[bytes, int] = {}
    for item in chosen:
        ends.update(item.ends)
    memory.learn(ends, max(positions), at)
    return decision.settle(batch, positions, at)
