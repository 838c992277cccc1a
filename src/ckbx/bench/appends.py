"""Roll calls with three absentees: one client, and 64, against bare inserts of the same rows."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from ckbx.application import roll_calls
from ckbx.application.office import Office
from ckbx.bench.measure import Figure, quiet, seconds
from ckbx.bench.world import COUNTY, World, new_store, school_days
from ckbx.domain.attendance.book import Submission
from ckbx.eventlog.ports import RECORDED_AT, RowWrite, StoredRow
from ckbx.store import plain_url
from ckbx.vault.tables import metadata

Transaction = tuple[list[tuple[Any, ...]], bytes, Sequence[RowWrite]]
"""Event rows, the command's id, and the vault's rows that went with them."""


def roll_call_speed(
    url: Callable[[], str], folder: Path, *, children: int, sheets: int, store_name: str
) -> list[Figure]:
    """Roll calls a second with 1 and 64 clients; the bare limit writes what one client wrote."""
    world = World(children)
    store = new_store(url(), folder / "one")
    world.admit(store.office)
    days = school_days(store.office)
    all_sheets = _take(world, days, sheets * 3)
    warm, single, many = (all_sheets[i * sheets : (i + 1) * sheets] for i in range(3))
    _hand_in(store.office, warm)
    before = store.log.head()
    with quiet():
        one = sheets / seconds(lambda: _hand_in(store.office, single))
    rows = store.log.read_rows(before, 10**9)
    with quiet():
        crowd = sheets / seconds(lambda: _crowd(store.office, many, 64))
    store.close()
    transactions = grouped(rows)
    with quiet():
        limit = len(transactions) / bare(url(), folder, transactions)
    rows_each = sum(len(t[0]) for t in transactions) / len(transactions)
    note = f"每份点名平均 {rows_each:.1f} 个事件，{children:,} 名学生"
    return [
        Figure(
            name="点名，1 个客户端",
            store=store_name,
            ours=one,
            limit=limit,
            unit="份/秒",
            aim=0.45,
            note=note,
        ),
        Figure(
            name="点名，64 个客户端（极限：一个裸连接）",
            store=store_name,
            ours=crowd,
            limit=limit,
            unit="份/秒",
            aim=1.5,
        ),
    ]


def _take(world: World, days: list[Any], count: int) -> list[Submission]:
    found: list[Submission] = []
    for sheet in world.sheets(days):
        found.append(sheet)
        if len(found) == count:
            return found
    return found


def _hand_in(office: Office, sheets: Sequence[Submission]) -> None:
    for sheet in sheets:
        ctx = office.context("bench", roll_calls.command_id(COUNTY, sheet))
        roll_calls.hand_in(office, ctx, sheet)


def _crowd(office: Office, sheets: Sequence[Submission], clients: int) -> None:
    """Each client hands in the sheets of its own classes, in order of days."""
    by_class: dict[str, list[Submission]] = {}
    for sheet in sheets:
        by_class.setdefault(sheet.class_key, []).append(sheet)
    shares: list[list[Submission]] = [[] for _ in range(clients)]
    for n, own in enumerate(by_class.values()):
        shares[n % clients].extend(own)
    threads = [threading.Thread(target=_hand_in, args=(office, share)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def grouped(
    rows: Sequence[StoredRow], writes: Sequence[Sequence[RowWrite]] = ()
) -> list[Transaction]:
    """The rows grouped as they were committed: those of one command stand together.

    ``writes``: what went to the vault with each command, in their order.
    """
    found: list[Transaction] = []
    for n, (_, group) in enumerate(groupby(rows, key=lambda r: _command(r.state))):
        values = [(r.stream.bytes, r.version, r.topic, r.recorded_at, r.state) for r in group]
        found.append((values, n.to_bytes(16, "big"), writes[n] if writes else ()))
    return found


def _command(state: bytes) -> bytes:
    at = state.index(b"\xa3cmd\xc4\x10") + 6
    return state[at : at + 16]


def bare(url: str, folder: Path, transactions: Sequence[Transaction]) -> float:
    """How long one bare connection takes to write the same from ready bytes (seconds)."""
    write = _bare_sqlite if url.startswith("sqlite") else _bare_postgres
    return write(url, folder, transactions)


def _bare_sqlite(_url: str, folder: Path, transactions: Sequence[Transaction]) -> float:
    path = folder / "bare.db"
    path.unlink(missing_ok=True)
    db = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=0"):
        db.execute(f"PRAGMA {pragma}")
    db.execute(
        "CREATE TABLE events (position INTEGER PRIMARY KEY AUTOINCREMENT, stream BLOB,"
        " version INTEGER, topic TEXT, recorded_at INTEGER, state BLOB, UNIQUE (stream, version))"
    )
    db.execute("CREATE TABLE commands (command_id BLOB PRIMARY KEY, reply BLOB)")
    for table in _vault_tables(transactions):
        for text in _made_as(table, sqlite.dialect()):
            db.execute(text)
    insert = "INSERT INTO events (stream, version, topic, recorded_at, state) VALUES (?,?,?,?,?)"

    ready = [(rows, command, _inserts(writes, "?")) for rows, command, writes in transactions]

    def write() -> None:
        for rows, command, vault in ready:
            db.execute("BEGIN IMMEDIATE")
            db.executemany(insert, rows)
            for text, values in vault:
                db.executemany(text, values)
            db.execute("INSERT INTO commands VALUES (?, ?)", (command, b"submitted"))
            db.execute("COMMIT")

    took = seconds(write)
    db.close()
    return took


def _bare_postgres(url: str, _folder: Path, transactions: Sequence[Transaction]) -> float:
    insert = (
        "INSERT INTO events (stream, version, topic, recorded_at, state)"
        " SELECT * FROM unnest(%b::bytea[], %b::int8[], %b::text[], %b::int8[], %b::bytea[])"
    )
    with psycopg.connect(plain_url(url)) as db:
        db.execute(
            "CREATE TABLE events (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
            " stream bytea, version bigint, topic text, recorded_at bigint, state bytea,"
            " UNIQUE (stream, version))"
        )
        db.execute("CREATE TABLE commands (command_id bytea PRIMARY KEY, reply bytea)")
        for table in _vault_tables(transactions):
            for text in _made_as(table, postgresql.dialect()):  # type: ignore[no-untyped-call]
                db.execute(text.encode())
        db.commit()
        ready = [(rows, command, _inserts(writes, "%b")) for rows, command, writes in transactions]

        def write() -> None:
            for rows, command, vault in ready:
                db.execute(insert, [list(column) for column in zip(*rows, strict=True)])
                for text, values in vault:
                    for each in values:
                        db.execute(text.encode(), each)
                db.execute("INSERT INTO commands VALUES (%b, %b)", (command, b"submitted"))
                db.commit()

        return seconds(write)


def _vault_tables(transactions: Sequence[Transaction]) -> list[str]:
    return sorted({write.table for _, _, writes in transactions for write in writes})


def _made_as(table: str, dialect: Dialect) -> list[str]:
    """The statements that make a table of the vault with its indexes."""
    made = metadata.tables[table]
    indexes = [str(CreateIndex(each).compile(dialect=dialect)) for each in made.indexes]
    return [str(CreateTable(made).compile(dialect=dialect)), *indexes]


def _inserts(writes: Sequence[RowWrite], mark: str) -> list[tuple[str, list[tuple[Any, ...]]]]:
    found = []
    for write in writes:
        marks = ", ".join(mark for _ in write.columns)
        text = f"INSERT INTO {write.table} ({', '.join(write.columns)}) VALUES ({marks})"  # noqa: S608
        rows = [tuple(0 if value is RECORDED_AT else value for value in row) for row in write.rows]
        found.append((text, rows))
    return found
