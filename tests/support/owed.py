"""What the clock owes at an instant, with a memory of earlier looks and without one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ckbx.scheduling.gather import gather
from ckbx.scheduling.memory import Memory
from ckbx.scheduling.opening import suspects
from ckbx.scheduling.owed import Owed
from ckbx.store import Store


def owed_at(store: Store, at: datetime, memory: Memory | None = None) -> dict[str, Any]:
    """Everything a run would go by: the keys of alerts, their duties, who is to be suspected."""
    store.catch_up()
    kept = Memory() if memory is None else memory
    with kept.looking() as known:
        facts = gather(store.office, store.answers, at, known)
        owed = Owed(facts)
        return {
            "open": set(owed.open),
            "over": set(owed.over),
            "duties": owed.duties_of(owed.open | owed.over),
            "suspects": {(each.child, each.class_key, each.on) for _, each in suspects(facts)},
        }
