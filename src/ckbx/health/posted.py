"""How do the messages of the outbox stand? Read from its tables, where there are any."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import text

from ckbx.clock import micros
from ckbx.store import Store

SUBSCRIBER: Final = "outbox"
TABLE: Final = "outbox_messages"
OPEN: Final = ("waiting", "claimed")
DEAD: Final = "dead"
_COUNTS: Final = text(f"SELECT state, count(*) FROM {TABLE} GROUP BY state")  # noqa: S608
_OLDEST: Final = text(
    f"SELECT min(next_at) FROM {TABLE} WHERE state IN ('waiting', 'claimed') AND next_at <= :now"  # noqa: S608
)


class Posted(msgspec.Struct, frozen=True):
    """Messages by state. ``overdue``: for how many seconds the one that has waited longest
    could have been sent already (0: none); those that wait for their next try are not.
    """

    counts: dict[str, int]
    overdue: float

    @property
    def waiting(self) -> int:
        """Messages still to be sent."""
        return sum(self.counts.get(state, 0) for state in OPEN)

    @property
    def dead(self) -> int:
        """Messages nobody tries to send any more."""
        return self.counts.get(DEAD, 0)


def posted(store: Store, now: datetime) -> Posted | None:
    """How they stand at a UTC instant; None where this store has no outbox (未启用)."""
    with store.rows.snapshot() as look:
        if not look.exists(TABLE):
            return None
    with store.answers.reading() as reading:
        conn: Any = reading.conn
        counts = {row[0]: int(row[1]) for row in conn.execute(_COUNTS)}
        oldest = conn.execute(_OLDEST, {"now": micros(now)}).scalar()
    overdue = 0.0 if oldest is None else (micros(now) - oldest) / 1e6
    return Posted(counts, overdue)
