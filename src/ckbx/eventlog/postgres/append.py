"""Which commands of a batch may be stored, and what does each get back?

The decision is made in one place, from what a single select found under the writer lock;
a command that conflicts fails alone, one that was stored earlier gets its first reply.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from ckbx.clock import from_micros
from ckbx.domain.shared.errors import CkbxError, ConcurrencyConflict
from ckbx.eventlog.ports import Appended
from ckbx.eventlog.postgres.sql import NO_ID, STATE
from ckbx.eventlog.prepared import Prepared

Outcome = Appended | CkbxError


class LogState(msgspec.Struct):
    """What the log holds, as far as one batch asks. A stream not in ``heads`` is empty."""

    heads: dict[bytes, int]
    commands: dict[bytes, Appended]
    recorded_at: int
    position: int = 0


class Decision(msgspec.Struct):
    """The fate of a batch: ``outcomes`` by index (None: to be stored), ``chosen`` to store.

    ``twins`` are repeats of a chosen command within the batch: index → index of the first.
    """

    outcomes: list[Outcome | None]
    chosen: list[int]
    twins: dict[int, int]

    def settle(self, batch: Sequence[Prepared], positions: Sequence[int], at: int) -> list[Outcome]:
        """The outcome of every command, now that the chosen ones are committed."""
        instant = from_micros(at)
        for index, position in zip(self.chosen, positions, strict=True):
            self.outcomes[index] = Appended(position, instant, batch[index].reply)
        for index, first in self.twins.items():
            self.outcomes[index] = _repeated(self.outcomes[first])
        return [outcome for outcome in self.outcomes if outcome is not None]


def read_state(conn: psycopg.Connection[Any], batch: Sequence[Prepared]) -> LogState:
    """Heads, known commands and last ``recorded_at`` (microseconds), in one select.

    The caller holds the writer lock, taken by an earlier statement: the snapshot of this
    one is then newer than every commit that came before.
    """
    streams = {stream for item in batch for stream in item.bases}
    commands = [UUID(bytes=item.command) for item in batch if item.command is not None]
    asked = [UUID(bytes=stream) for stream in streams] or [NO_ID]
    state = LogState({}, {}, 0)
    for id_, number, at, reply in conn.execute(STATE, (asked, commands or [NO_ID]), binary=True):
        if reply is not None:
            state.commands[id_.bytes] = Appended(number, from_micros(at), reply, replayed=True)
        elif id_ is None:
            state.position, state.recorded_at = number, at
        elif number is not None:
            state.heads[id_.bytes] = number
    return state


def decide(batch: Sequence[Prepared], state: LogState, in_doubt: Collection[bytes]) -> Decision:
    """Compare every command with the log and with the commands before it in the batch.

    ``in_doubt`` are commands of this caller whose COMMIT had no answer: found now, they
    are its own success and no repetition.
    """
    decision = Decision([None] * len(batch), [], {})
    first: dict[bytes, int] = {}
    for index, item in enumerate(batch):
        command = item.command
        known = None if command is None else state.commands.get(command)
        if known is not None:
            mine = command in in_doubt
            decision.outcomes[index] = _first(known) if mine else known
        elif command is not None and command in first:
            decision.twins[index] = first[command]
        elif (conflict := _conflict(item, state.heads)) is not None:
            decision.outcomes[index] = conflict
        else:
            state.heads.update(item.ends)
            decision.chosen.append(index)
            if command is not None:
                first[command] = index
    return decision


def _conflict(item: Prepared, heads: dict[bytes, int]) -> ConcurrencyConflict | None:
    for stream, base in item.bases.items():
        head = heads.get(stream, 0)
        if head != base:
            return ConcurrencyConflict(stream=UUID(bytes=stream), version=base, head=head)
    return None


def _first(known: Appended) -> Appended:
    return msgspec.structs.replace(known, replayed=False)


def _repeated(outcome: Outcome | None) -> Outcome | None:
    if isinstance(outcome, Appended):
        return msgspec.structs.replace(outcome, replayed=True)
    return outcome
