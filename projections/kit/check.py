"""Do the live rows say the same as the log folded anew? Compared by content, row for row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

import msgspec

from ckbx.eventlog.ports import EventLog
from ckbx.eventlog.row_store import RowStore, Shape
from projections.kit.ddl import PARKED
from projections.kit.live import said_by_store, stored_rows
from projections.kit.projection import Projection
from projections.kit.reading import Parked
from projections.kit.rebuild import fold_all

_encode = msgspec.msgpack.Encoder().encode
_MODULUS = 2**128


class TableCheck(msgspec.Struct, frozen=True):
    """One table: rows and content hash (of the set of rows, in no order) live and anew.

    ``only_live``/``only_anew``: how many rows stand on one side only.
    """

    table: str
    live_rows: int
    anew_rows: int
    live_hash: str
    anew_hash: str
    only_live: int
    only_anew: int

    @property
    def equal(self) -> bool:
        """Whether both hold the same rows."""
        return (self.live_rows, self.live_hash) == (self.anew_rows, self.anew_hash)


class CheckReport(msgspec.Struct, frozen=True):
    """A projection compared at a position."""

    projection: str
    position: int
    tables: tuple[TableCheck, ...]

    @property
    def equal(self) -> bool:
        """Whether every table holds the same rows as the log folded anew."""
        return all(table.equal for table in self.tables)

    def __str__(self) -> str:
        if self.equal:
            return f"{self.projection}：与从事件重算的结果一致（位置 {self.position}）"
        wrong = "；".join(
            f"{t.table} 现有 {t.live_rows} 行、重算 {t.anew_rows} 行，"
            f"只在现有 {t.only_live} 行、只在重算 {t.only_anew} 行"
            for t in self.tables
            if not t.equal
        )
        return f"{self.projection}：与重算结果不一致（位置 {self.position}）：{wrong}"


def check(log: EventLog, store: RowStore, projection: Projection) -> CheckReport:
    """Fold the log in memory up to where the projection stands and compare every row."""
    live: dict[str, list[int]] = {}
    with store.snapshot() as look:
        position = look.places()[projection.name].position
        parked = [Parked(*row) for row in look.scan(PARKED.shape) if row[0] == projection.name]
        for table in projection.tables:
            live[table.name] = _digests(table.shape, look.scan(table.shape))
    refused = {each.position: each.error for each in parked if said_by_store(each.error)}
    unwritable = {projection: refused} if refused else {}
    state, _blocked = fold_all(log, [projection], position, unwritable)[projection]
    tables = []
    for table, rows in state.items():
        anew = _digests(table.shape, stored_rows(rows))
        tables.append(_compare(table.name, live.pop(table.name), anew))
    return CheckReport(projection.name, position, tuple(tables))


def _compare(name: str, live: list[int], anew: list[int]) -> TableCheck:
    sums = [f"{sum(each) % _MODULUS:032x}" for each in (live, anew)]
    only_live = only_anew = 0
    if sums[0] != sums[1] or len(live) != len(anew):
        counts, others = Counter(live), Counter(anew)
        only_live, only_anew = (counts - others).total(), (others - counts).total()
    return TableCheck(name, len(live), len(anew), sums[0], sums[1], only_live, only_anew)


def _digests(shape: Shape, rows: Iterable[tuple[Any, ...]]) -> list[int]:
    """SQLite has no truth values: 1 and True are the same content."""
    flags = [n for n, kind in enumerate(shape.types) if kind == "bool"]
    return [_digest(_plain(row, flags) if flags else row) for row in rows]


def _digest(row: Any) -> int:
    return int.from_bytes(blake2b(_encode(row), digest_size=16).digest(), "big")


def _plain(row: tuple[Any, ...], flags: list[int]) -> list[Any]:
    values = list(row)
    for n in flags:
        values[n] = None if values[n] is None else bool(values[n])
    return values
