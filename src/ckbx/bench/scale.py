"""Does the cost of one unit stay flat while the county grows a hundredfold?"""

from __future__ import annotations

import gc
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from ckbx.bench.answers import hand_in_all
from ckbx.bench.measure import best, peak_megabytes, seconds
from ckbx.bench.world import World, new_store, open_again, school_days
from ckbx.scheduling.gather import gather
from ckbx.scheduling.owed import duties
from projections.roster import children_of
from projections.scope import Scope

CLASSES = 240
"""How many classes hand in, at every size the same number, spread over the county."""
ROUNDS = 6


class Cost(msgspec.Struct, frozen=True):
    """What one unit costs at one size."""

    children: int
    events: int
    enrol: float
    roll_call_cold: float
    roll_call: float
    fold: float
    rebuild: float
    ledger: float
    sweep: float
    memory: float


def cost(url: str, folder: Path, children: int) -> Cost:
    """What one unit costs in a county of this size, on a new store.

    Roll calls are those of the same number of classes at every size: the first of each class
    after the store was opened (``cold``: its children's events are read), and the later ones.
    """
    world = World(children)
    store = new_store(url, folder)
    enrol = seconds(lambda: world.admit(store.office)) / children
    store.catch_up()
    days = school_days(store.office)
    store.close()
    gc.collect()
    store = open_again(url, folder)
    try:
        chosen = set(list(world.classes)[:: max(len(world.classes) // CLASSES, 1)][:CLASSES])
        sheets = [s for s in world.sheets(days[:ROUNDS]) if s.class_key in chosen]
        first, later = sheets[: len(chosen)], sheets[len(chosen) :]
        cold = seconds(lambda: hand_in_all(store, first)) / len(first)
        roll_call = seconds(lambda: hand_in_all(store, later)) / len(later)
        behind = store.log.head() - min(lag.position for lag in store.projector.lag())
        fold = seconds(store.catch_up) / behind
        events = store.log.head()
        rebuild = seconds(store.projector.rebuild) / events
        school = next(iter(world.classes)).split("/", maxsplit=1)[0]

        def ledger() -> None:
            with store.answers.reading() as reading:
                scope = Scope.schools({school})
                children_of(reading, scope, as_of=days[3], position=events)

        at = datetime(days[4].year, days[4].month, days[4].day, 12, 0, tzinfo=UTC)
        sweep = best(lambda: list(duties(gather(store.office, store.answers, at))), 2) / children
        return Cost(
            children,
            events,
            enrol * 1e6,
            cold * 1e6,
            roll_call * 1e6,
            fold * 1e6,
            rebuild * 1e6,
            best(ledger, 5) * 1e3,
            sweep * 1e6,
            peak_megabytes(),
        )
    finally:
        store.close()


def table(found: Sequence[Cost]) -> str:
    """The lines as a Markdown table."""
    lines = [
        (
            "| 学生 | 事件 | 入学 µs/人 | 首次点名 µs/份 | 点名 µs/份 | 投影 µs/事件 | 重建 µs/事件 | 一校台账 ms"
            " | 开学核查 µs/人 | 进程内存峰值 MB |"
        ),
        "|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {c.children:,} | {c.events:,} | {c.enrol:.0f} | {c.roll_call_cold:.0f} | {c.roll_call:.0f} | {c.fold:.0f}"
        f" | {c.rebuild:.1f} | {c.ledger:.1f} | {c.sweep:.2f} | {c.memory:,.0f} |"
        for c in found
    ]
    return "\n".join(lines) + "\n"
