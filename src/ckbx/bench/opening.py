"""The opening sweep: who has not been seen by the close of day 5, against one scan in SQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from ckbx.bench.measure import Figure, best
from ckbx.bench.world import World, school_days
from ckbx.scheduling.gather import gather
from ckbx.scheduling.opening import suspects
from ckbx.scheduling.owed import duties
from ckbx.store import Store


def sweep(store: Store, world: World, name: str) -> list[Figure]:
    """All duties of the close of day 5 for the whole county; the scan reads every child's place."""
    store.catch_up()
    day = school_days(store.office)[4]
    at = datetime(day.year, day.month, day.day, 12, 0, tzinfo=UTC)
    children = sum(map(len, world.classes.values()))

    def ours() -> None:
        facts = gather(store.office, store.answers, at)
        found = (list(duties(facts)), list(suspects(facts)))
        if not any(found):
            raise AssertionError

    def scan() -> None:
        query = text("SELECT child, school, class_key, status FROM roster_places")
        with store.answers.reading() as reading:
            rows: Any = reading.conn.execute(query).fetchall()
        if len(rows) < children:
            raise AssertionError

    return [
        Figure(
            name="开学第 5 天逐一核，对一次全表读",
            store=name,
            ours=best(ours, 3) * 1000,
            limit=best(scan, 3) * 1000,
            unit="毫秒",
            aim=5,
            higher=False,
            note=f"{children:,} 名学生，{len(world.classes):,} 个班",
        )
    ]
