"""Which commands of a batch may be stored, and under which positions? No database here.

Pure: given the heads and the commands known before, the same batch has the same plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from ckbx.domain.shared.errors import CkbxError, ConcurrencyConflict
from ckbx.eventlog.heads import Heads
from ckbx.eventlog.ports import Appended, RowDelete, RowWrite
from ckbx.eventlog.prepared import Prepared

Instant = tuple[int, datetime]
"""The same UTC instant as microseconds since 1970 and as a datetime."""


class Plan(msgspec.Struct):
    """Rows to insert and what each command will be told. ``recorded_at`` in microseconds."""

    position: int
    recorded_at: int
    events: list[tuple[int, bytes, int, str, int, bytes]] = []
    commands: list[tuple[bytes, int, int, bytes]] = []
    writes: list[RowWrite | RowDelete] = []
    outcomes: list[Appended | CkbxError] = []
    heads: dict[bytes, int] = {}

    @property
    def changes(self) -> bool:
        """Whether there is anything to store."""
        return bool(self.commands or self.events)


def make_plan(
    batch: Sequence[Prepared],
    heads: Heads,
    known: Mapping[bytes | None, Appended],
    now: Instant,
) -> Plan:
    """Decide a batch in order; every command sees the ones stored before it in the batch."""
    recorded_at, at = now
    plan = Plan(position=heads.position, recorded_at=recorded_at)
    mine: dict[bytes | None, Appended] = {}
    for item in batch:
        outcome: Appended | CkbxError | None
        outcome = known.get(item.command) or _again(mine.get(item.command))
        if outcome is None:
            outcome = _conflict(item, heads, plan.heads)
        if outcome is None:
            outcome = Appended(_add(plan, item), at, item.reply)
            if item.command is not None:
                mine[item.command] = outcome
        plan.outcomes.append(outcome)
    return plan


def _again(first: Appended | None) -> Appended | None:
    return None if first is None else msgspec.structs.replace(first, replayed=True)


def _conflict(
    item: Prepared, heads: Heads, moved: Mapping[bytes, int]
) -> ConcurrencyConflict | None:
    for stream, base in item.bases.items():
        head = moved.get(stream)
        if head is None:
            head = heads.of(stream)
        # The library may number a new stream from 0; the unique key decides whether it is new.
        if head != base and not (base == -1 and head == 0):
            return ConcurrencyConflict(stream=UUID(bytes=stream), expected=base, head=head)
    return None


def _add(plan: Plan, item: Prepared) -> int:
    """Give the events their positions; returns the last one (0: the command has none)."""
    recorded_at = plan.recorded_at
    plan.events += [
        (position, stream, version, topic, recorded_at, state)
        for position, (stream, version, topic, state) in enumerate(item.events, plan.position + 1)
    ]
    plan.position += len(item.events)
    plan.heads.update(item.ends)
    if item.writes:
        plan.writes.extend(item.writes)
    last = plan.position if item.events else 0
    if item.command is not None:
        plan.commands.append((item.command, last, recorded_at, item.reply))
    return last
