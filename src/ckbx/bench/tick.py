"""The worker's tick over a whole county: with nothing due, and at the close of opening day 1."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import text

from ckbx.application import roll_calls
from ckbx.bench.answers import hand_in_one
from ckbx.bench.case_world import CaseWorld
from ckbx.bench.measure import Figure, best, seconds
from ckbx.bench.world import World
from ckbx.scheduling.look import Look
from ckbx.scheduling.memory import Memory
from ckbx.scheduling.run_due import DueReport, run_due
from ckbx.scheduling.tick import Tick
from ckbx.store import Store
from notifications.outbox_tables import NOTICES

SILENT: Final = 20
"""Every so many classes, one has not reported by the close of day 1."""
TIMES: Final = 100
REPORTED: Final = 13
"""School days that every class has reported when the tick in the middle of the last comes."""
TICKS: Final = 3
"""Ticks that look, of which the shortest counts."""
MINUTES: Final = 60
"""In so many the classes report of a morning."""
_GO_ON: Final = threading.Event()
_HEAD: Final = "SELECT max(position) FROM {events}"
_ALL: Final = (
    "SELECT child, school, class_key, status FROM roster_places",
    "SELECT * FROM watch_cases",
)


def quiet_ticks(store: Store, world: CaseWorld, name: str) -> Iterator[Figure]:
    """Ticks in the middle of a school day, when everything due has been done.

    A tick that looks is set against reading every child's place and every case in SQL, one
    that need not against asking for the last position. Before each that looks so many classes
    correct today's sheet as report in a minute of a school morning; they have been folded.
    One that remembers nothing is what comes first in a process, and after an instant.
    """
    day = world.days[REPORTED - 1]
    store.clock.at = _local(day, 16)  # type: ignore[attr-defined]
    memory = Memory()
    while not run_due(store, store.clock.now(), memory=memory).nothing:
        store.catch_up()
    children = sum(map(len, world.classes.values()))
    note = f"{children:,} 名学生，{len(world.suspects):,} 个个案"
    look = Look(store.log, _due(store, memory))
    skip = Tick(look, store.clock)
    skip(_GO_ON)
    full = Tick(_due(store, memory), store.clock)
    forgetful = Tick(lambda at, stop: run_due(store, at, stop), store.clock)

    def many(tick: Tick) -> None:
        for _ in range(TIMES):
            tick(_GO_ON)

    def heads() -> None:
        query = text(_HEAD.format(events=_events(store)))
        with store.answers.reading() as reading:
            for _ in range(TIMES):
                reading.conn.execute(query).fetchall()

    def everything() -> None:
        with store.answers.reading() as reading:
            rows: Any = [reading.conn.execute(text(query)).fetchall() for query in _ALL]
        if len(rows[0]) < children or len(rows[1]) < len(world.suspects):
            raise AssertionError

    skipped, limit = best(lambda: many(skip)) / TIMES, best(heads) / TIMES
    took, scan = [], best(everything)
    for n in range(TICKS):
        _correct(store, world, n)
        took.append(seconds(lambda: full(_GO_ON)))
    looked, anew = min(took), best(lambda: forgetful(_GO_ON))
    counts = [tick.ticking.ticks().counts for tick in (skip, full, forgetful)]
    if (counts[0]["skipped"], counts[1]["done"], counts[2]["done"]) != (3 * TIMES, TICKS, 3):
        raise AssertionError(counts)
    yield Figure(
        name="一轮，没有新事也没有到点：略过，对问一次最后位置",
        store=name,
        ours=skipped * 1e6,
        limit=limit * 1e6,
        unit="微秒",
        aim=5,
        higher=False,
        note=note,
    )
    yield Figure(
        name="一轮，有新事、无到期：看一遍，对读一遍学生和个案",
        store=name,
        ours=looked * 1e3,
        limit=scan * 1e3,
        unit="毫秒",
        aim=5,
        higher=False,
        note=f"{note}；每次前有 {_corrected(world)} 个班更正",
    )
    yield Figure(
        name="同上，什么也不记得：进程里第一次，或刚过一个时刻",
        store=name,
        ours=anew * 1e3,
        limit=scan * 1e3,
        unit="毫秒",
        higher=False,
        note=note,
    )


def _corrected(world: CaseWorld) -> int:
    return max(len(world.classes) // MINUTES, 1)


def _correct(store: Store, world: CaseWorld, n: int) -> None:
    """Some classes say that one more child is ill today; nothing is due of it."""
    day, some = world.days[REPORTED - 1], _corrected(world)
    keys = list(world.classes)[n * some : (n + 1) * some]
    for sheet in world.corrections(keys, day):
        hand_in_one(store, sheet)
    store.catch_up()


def first_day(store: Store, world: World, days: list[date], name: str) -> Figure:
    """The sweep at the close of opening day 1: three children a class were away, some classes
    said nothing. Everything is raised, and told on as the worker would.
    """
    for n, sheet in enumerate(world.sheets(days[:1])):
        if n % SILENT:
            ctx = store.office.context("bench", roll_calls.command_id(store.log.county, sheet))
            roll_calls.hand_in(store.office, ctx, sheet)
    store.catch_up()
    store.clock.at = _local(days[0], 18) - timedelta(seconds=1)  # type: ignore[attr-defined]
    run_due(store, store.clock.now())
    store.clock.at = _local(days[0], 18)  # type: ignore[attr-defined]
    reports: list[DueReport] = []

    def due(at: datetime, stop: threading.Event) -> DueReport:
        reports.append(run_due(store, at, stop))
        return reports[-1]

    def write_messages(now: datetime, _stop: threading.Event) -> None:
        store.postroom.tick(now)

    tick = Tick(due, store.clock, after_due=[write_messages])
    took = seconds(lambda: tick(_GO_ON))
    raised = sum(reports[-1].raised.values()) if reports else 0
    if not raised or tick.ticking.ticks().counts["done"] != 1:
        raise AssertionError
    children = sum(map(len, world.classes.values()))
    with store.rows.snapshot() as look:
        notices = sum(1 for _ in look.scan(NOTICES))
    if not notices:
        raise AssertionError
    return Figure(
        name="开学第 1 天截止：一轮办完",
        store=name,
        ours=took,
        unit="秒",
        aim=60,
        higher=False,
        note=f"{children:,} 名学生，发出 {raised:,} 条，写下 {notices:,} 条通知",
    )


def _due(store: Store, memory: Memory) -> Any:
    return lambda at, stop: run_due(store, at, stop, memory)


def _events(store: Store) -> str:
    return "events" if store.settings.is_sqlite else "facts.events"


def _local(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour - 8, tzinfo=UTC)
