"""Answers: projecting live, rebuilding everything, asking a ledger now and as known before."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg

from ckbx.application import roll_calls
from ckbx.bench.measure import Figure, best, peak_megabytes, percentile, quiet, seconds
from ckbx.bench.world import COUNTY, World, school_days
from ckbx.domain.attendance.book import Submission
from ckbx.eventlog.postgres.row_values import PackedColumn, adapt
from ckbx.store import Store, plain_url
from projections.kit.tables import AnyTable
from projections.registry import PROJECTIONS
from projections.roster import children_of
from projections.school import roll_up
from projections.scope import Scope


def fill(store: Store, world: World, events: int) -> list[Submission]:
    """Hand in roll calls until the log holds about this many events; what is left over."""
    if store.log.head() < len(world.classes):
        world.admit(store.office)
    left: list[Submission] = []
    for sheet in world.sheets(school_days(store.office)):
        if store.log.head() < events:
            hand_in_one(store, sheet)
        else:
            left.append(sheet)
            if len(left) == 20_000:
                break
    return left


def hand_in_all(store: Store, sheets: Iterable[Submission]) -> None:
    """One client hands in sheets, one after the other."""
    for sheet in sheets:
        hand_in_one(store, sheet)


def hand_in_one(store: Store, sheet: Submission) -> None:
    """One client hands in one sheet."""
    ctx = store.office.context("bench", roll_calls.command_id(COUNTY, sheet))
    roll_calls.hand_in(store.office, ctx, sheet)


def rebuild(store: Store, name: str) -> list[Figure]:
    """All ledgers from the whole log, with the memory it took."""
    store.projector.start()
    head = store.log.head()
    took = seconds(store.projector.rebuild)
    return [
        Figure(
            name="重建全部台账",
            store=name,
            ours=head / took,
            unit="事件/秒",
            aim=50_000,
            note=f"{head:,} 个事件，{took:.1f} 秒",
        ),
        Figure(
            name="重建时的内存峰值",
            store=name,
            ours=peak_megabytes(),
            unit="MB",
            aim=1024,
            higher=False,
        ),
    ]


def live(store: Store, left: list[Submission], name: str, folder: Path, url: str) -> Figure:
    """Folding new events into every table, against writing the same rows in bare batches."""
    store.catch_up()
    before = {table.name: _rows(store, table) for table in _tables()}
    start = store.log.head()
    for sheet in left[:2_000]:
        hand_in_one(store, sheet)
    events = store.log.head() - start
    store.projector.step = step = _Counted(store.projector.step)  # type: ignore[method-assign]
    with quiet():
        ours = events / seconds(store.catch_up)
    batches = max(step.calls, 1)  # the limit has as many transactions as we had
    rows = {
        table: [row for row in _rows(store, table) if row not in before[table.name]]
        for table in _tables()
    }
    bare = _bare_sqlite if name == "SQLite" else _bare_postgres
    with quiet():
        limit = events / bare(rows, batches, folder, url)
    written = sum(map(len, rows.values()))
    return Figure(
        name="实时投影",
        store=name,
        ours=ours,
        limit=limit,
        unit="事件/秒",
        aim=0.5,
        note=f"{events:,} 个事件、{written:,} 行，两边各 {batches} 个事务",
    )


class _Counted:
    """A step of the projector, counted."""

    def __init__(self, step: Callable[[], int]) -> None:
        self._step = step
        self.calls = 0

    def __call__(self) -> int:
        self.calls += 1
        return self._step()


def _tables() -> list[AnyTable]:
    return [table for projection in PROJECTIONS for table in projection.tables]


def _rows(store: Store, table: AnyTable) -> set[tuple[Any, ...]]:
    with store.rows.snapshot() as look:
        return set(look.scan(table.shape))


def _bare_sqlite(
    rows: dict[AnyTable, list[tuple[Any, ...]]], batches: int, folder: Path, _url: str
) -> float:
    path = folder / "bare-answers.db"
    path.unlink(missing_ok=True)
    db = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=0"):
        db.execute(f"PRAGMA {pragma}")
    inserts = []
    for table, own in rows.items():
        shape = table.shape
        key = ", ".join(shape.columns[: shape.key])
        db.execute(
            f"CREATE TABLE {shape.name} ({', '.join(shape.columns)}, PRIMARY KEY ({key}))"
            " WITHOUT ROWID"
        )
        marks = ", ".join("?" * len(shape.columns))
        text = f"INSERT OR REPLACE INTO {shape.name} VALUES ({marks})"  # noqa: S608 - own names
        inserts.append((text, own))

    def write() -> None:
        for batch in range(batches):
            db.execute("BEGIN IMMEDIATE")
            for statement, own in inserts:
                part = own[batch::batches]
                if part:
                    db.executemany(statement, part)
            db.execute("COMMIT")

    took = seconds(write)
    db.close()
    return took


def _bare_postgres(
    rows: dict[AnyTable, list[tuple[Any, ...]]], batches: int, _folder: Path, url: str
) -> float:
    with psycopg.connect(plain_url(url)) as db:
        adapt(db)
        statements: list[tuple[bytes, list[list[PackedColumn]]]] = []
        for table, own in rows.items():
            shape = table.shape
            pairs = zip(shape.columns, shape.types, strict=True)
            columns = ", ".join(f"{c} {t}" for c, t in pairs)
            key = ", ".join(shape.columns[: shape.key])
            db.execute(f"CREATE TABLE {shape.name} ({columns}, PRIMARY KEY ({key}))".encode())
            arrays = ", ".join(f"%b::{t}[]" for t in shape.types)
            text = (
                f"INSERT INTO {shape.name} SELECT * FROM unnest({arrays})"  # noqa: S608 - own names
                " ON CONFLICT DO NOTHING"
            )
            parts = [own[batch::batches] for batch in range(batches)]
            statements.append((text.encode(), [_packed(shape.types, part) for part in parts]))
        db.commit()

        def write() -> None:
            for batch in range(batches):
                for statement, columns in statements:
                    if columns[batch]:
                        db.execute(statement, columns[batch])
                db.commit()

        return seconds(write)


def _packed(types: tuple[str, ...], rows: list[tuple[Any, ...]]) -> list[PackedColumn]:
    columns = zip(*rows, strict=True)
    return [PackedColumn(t, c) for t, c in zip(types, columns, strict=True)] if rows else []


def ledgers(store: Store, world: World, name: str) -> list[Figure]:
    """One school's ledger now, and as known when half of the log had been recorded."""
    store.catch_up()
    head = store.log.head()
    school = next(iter(world.classes)).split("/")[0]
    scope, day = Scope.schools({school}), date(2026, 12, 1)
    now: datetime = store.clock.now()

    def ask(position: int) -> None:
        with store.answers.reading() as reading:
            roll_up(reading, scope, as_of=day, position=position, instant=now)

    def pupils(position: int) -> None:
        with store.answers.reading() as reading:
            children_of(reading, scope, as_of=day, position=position)

    found = []
    for title, question in (("学校汇总", ask), ("适龄儿童台账（一校）", pupils)):
        current = best(lambda q=question: q(head), 7)  # type: ignore[misc]
        known = best(lambda q=question: q(head // 2), 7)  # type: ignore[misc]
        found.append(
            Figure(
                name=f"{title}：按过去所知，对现在",
                store=name,
                ours=known * 1000,
                limit=current * 1000,
                unit="毫秒",
                aim=2,
                higher=False,
                note=f"{head:,} 个事件",
            )
        )
    return found


def during_rebuild(store: Store, left: list[Submission], name: str) -> Figure:
    """p99 of a roll call while all ledgers are rebuilt."""
    waits: list[float] = []
    stop = threading.Event()

    def teacher() -> None:
        for sheet in left[2_000:]:
            if stop.is_set():
                return
            waits.append(seconds(lambda s=sheet: hand_in_one(store, s)))  # type: ignore[misc]

    thread = threading.Thread(target=teacher)
    thread.start()
    store.projector.rebuild()
    stop.set()
    thread.join()
    return Figure(
        name="重建期间点名 p99",
        store=name,
        ours=percentile(waits, 0.99) * 1000,
        unit="毫秒",
        aim=300,
        higher=False,
        note=f"{len(waits):,} 份；同一进程内重建",
    )
