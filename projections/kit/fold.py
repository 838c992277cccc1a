"""What does a fold write to? Rows in memory: loaded ones when live, all of them on a rebuild."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol, overload

from projections.kit.history import Change, HistoryRow, HistoryRows
from projections.kit.rows import Loader, PlainRows, Values, VersionedRow, VersionedRows
from projections.kit.tables import AnyTable, HistoryTable, PlainTable, VersionedTable

__all__ = [
    "AnyRows",
    "Change",
    "Fold",
    "FoldState",
    "HistoryRow",
    "HistoryRows",
    "Loader",
    "PlainRows",
    "Values",
    "VersionedRow",
    "VersionedRows",
]

AnyRows = HistoryRows | VersionedRows | PlainRows


class Fold(Protocol):
    """What a handler sees: its tables' rows, and when the event at hand was recorded."""

    recorded_at: int

    @overload
    def __getitem__(self, table: HistoryTable) -> HistoryRows: ...
    @overload
    def __getitem__(self, table: VersionedTable) -> VersionedRows: ...
    @overload
    def __getitem__(self, table: PlainTable) -> PlainRows: ...


class FoldState(dict[Any, Any]):
    """The rows of one projection's tables during a batch or a rebuild, by table."""

    __slots__ = ("recorded_at",)

    def __init__(self, tables: Iterable[AnyTable], load: Loader | None = None) -> None:
        super().__init__((table, _ROWS_OF[type(table)](table, load)) for table in tables)
        self.recorded_at = 0

    def load_with(self, load: Loader) -> None:
        """Read further rows by this from now on."""
        for rows in self.values():
            rows.load_with(load)

    def settle(self) -> None:
        """What was changed has been stored; the rows in memory are the stored ones."""
        for rows in self.values():
            rows.settle()

    @property
    def size(self) -> int:
        """How many keys are in memory."""
        return sum(len(rows.standing) for rows in self.values())


_ROWS_OF: dict[type[Any], Callable[[AnyTable, Loader | None], AnyRows]] = {
    HistoryTable: HistoryRows,
    VersionedTable: VersionedRows,
    PlainTable: PlainRows,
}
