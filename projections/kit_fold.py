"""What does a fold write to? Rows in memory: loaded ones when live, all of them on a rebuild."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol, overload

from projections.kit_tables import AnyTable, HistoryTable, PlainTable, VersionedTable

Values = tuple[Any, ...]
Change = Callable[[Values | None], Values | None]
"""What stands for a stretch of days (None: nothing) to what shall stand for it."""

NEW: Final = 0
STORED: Final = 1
CHANGED: Final = 2

Loader = Callable[[AnyTable, list[Any]], Iterable[tuple[Any, ...]]]
"""Reads the standing rows of keys, as stored."""


class HistoryRow:
    """One stretch of days with its values; ``first`` included, ``last`` excluded or None."""

    __slots__ = ("first", "last", "origin", "pos_end", "pos_from", "pos_to", "values")

    def __init__(self, first: int, last: int | None, values: Values, pos_from: int) -> None:
        self.first = first
        self.last = last
        self.values = values
        self.pos_from = pos_from
        self.pos_end: int | None = None
        self.pos_to: int | None = None
        self.origin = NEW


def _add(
    result: list[HistoryRow], first: int, last: int | None, values: Values, position: int
) -> None:
    """A stretch; it lengthens one of the same event with the same values before it."""
    if result:
        before = result[-1]
        if before.pos_from == position and before.last == first and before.values == values:
            before.last = last
            return
    result.append(HistoryRow(first, last, values, position))


class _Rows:
    """Loading on demand, for the three kinds. ``load`` None: everything is in memory."""

    __slots__ = ("_known", "_load", "_parts", "gone", "standing", "table", "touched")

    def __init__(self, table: AnyTable, load: Loader | None) -> None:
        self.table = table
        self.standing: dict[Any, Any] = {}
        self.gone: list[tuple[Any, Any]] = []
        self.touched: set[Any] = set()
        self._load = load
        self._known: set[Any] = set()
        whole = table.load_by == table.key_width
        self._parts: dict[Any, dict[Any, None]] | None = None if whole else {}

    def load_with(self, load: Loader | None) -> None:
        """Read further rows by this from now on."""
        self._load = load

    def settle(self) -> None:
        """What was changed has been stored."""
        self.gone.clear()
        self.touched.clear()

    def preload(self, keys: Iterable[Any]) -> None:
        """Load the rows of keys (whole keys, or the ``load_by`` leading parts) in one select."""
        wanted = [key for key in dict.fromkeys(keys) if key not in self._known]
        if self._load is not None and wanted:
            self._known.update(wanted)
            for stored in self._load(self.table, wanted):
                self._take(stored)

    def _ensure(self, key: Any) -> None:
        part = key if self._parts is None else self._part(key)
        if part not in self._known:
            self.preload((part,))

    def _part(self, key: Any) -> Any:
        load_by = self.table.load_by
        if load_by == self.table.key_width:
            return key
        return key[0] if load_by == 1 else key[:load_by]

    def _enter(self, key: Any) -> None:
        """Remember under which part a key is to be found."""
        if self._parts is not None:
            self._parts.setdefault(self._part(key), {})[key] = None

    def _take(self, stored: tuple[Any, ...]) -> None:
        raise NotImplementedError

    def _split(self, stored: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
        width = self.table.key_width
        return (stored[0] if width == 1 else stored[:width]), stored[width:]

    def keys_of(self, part: Any) -> list[Any]:
        """The keys of standing rows under a ``load_by`` part, in order."""
        if self._load is not None and part not in self._known:
            self.preload((part,))
        if self._parts is None:
            return [part] if part in self.standing else []
        return sorted(key for key in self._parts.get(part, ()) if key in self.standing)


class HistoryRows(_Rows):
    """The rows of a :class:`HistoryTable`. ``standing``: key to believed rows by first day."""

    __slots__ = ()
    standing: dict[Any, list[HistoryRow]]
    gone: list[tuple[Any, HistoryRow]]

    def rows(self, key: Any) -> list[HistoryRow]:
        """The rows believed now, by first day. Not to be changed by the caller."""
        if self._load is not None:
            self._ensure(key)
        return self.standing.get(key) or []

    def row_on(self, key: Any, day: int) -> HistoryRow | None:
        """The row believed now for a day."""
        for row in reversed(self.rows(key)):
            if row.first <= day:
                return row if row.last is None or day < row.last else None
        return None

    def on(self, key: Any, day: int) -> Values | None:
        """The values believed now for a day."""
        row = self.row_on(key, day)
        return row.values if row is not None else None

    def put(self, key: Any, first: int, last: int | None, values: Values, position: int) -> None:
        """From ``first`` up to ``last`` (excluded; None: for good) these values stand.

        Days for which they stood already are left as they are.
        """
        rows = self.rows(key)
        if not rows:
            if last is None or first < last:
                self.standing[key] = [HistoryRow(first, last, values, position)]
                self._enter(key)
                self.touched.add(key)
            return
        end = rows[-1]
        if end.last is None:
            if end.first <= first and end.values == values:
                return
        elif end.last <= first and (last is None or first < last):
            rows.append(HistoryRow(first, last, values, position))
            self.touched.add(key)
            return
        self.patch(key, first, last, lambda _old: values, position)

    def clear(self, key: Any, first: int, last: int | None, position: int) -> None:
        """From ``first`` up to ``last`` nothing stands."""
        if self.rows(key):
            self.patch(key, first, last, lambda _old: None, position)

    def patch(self, key: Any, first: int, last: int | None, change: Change, position: int) -> None:
        """Change what stands from ``first`` up to ``last``; rows are split as needed.

        ``change`` is asked for every stretch with equal values, and with None for days on
        which nothing stands; stretches it leaves alone are not touched.
        """
        if last is not None and last <= first:
            return
        self.touched.add(key)
        result: list[HistoryRow] = []
        cursor: int | None = first
        for row in self.rows(key):
            if row.last is not None and row.last <= first:
                result.append(row)
                continue
            if last is not None and row.first >= last:
                self._fill(result, cursor, last, change, position)
                cursor = last
                result.append(row)
                continue
            if cursor is not None and cursor < row.first:
                self._fill(result, cursor, row.first, change, position)
            cursor = self._overlay(key, result, row, first, last, change, position)
        if cursor is not None and (last is None or cursor < last):
            self._fill(result, cursor, last, change, position)
        if result:
            self.standing[key] = result
            self._enter(key)
        else:
            self.standing.pop(key, None)

    @staticmethod
    def _fill(
        result: list[HistoryRow],
        first: int | None,
        last: int | None,
        change: Change,
        position: int,
    ) -> None:
        if first is None or first == last:
            return
        values = change(None)
        if values is not None:
            _add(result, first, last, values, position)

    def _overlay(
        self,
        key: Any,
        result: list[HistoryRow],
        row: HistoryRow,
        first: int,
        last: int | None,
        change: Change,
        position: int,
    ) -> int | None:
        """Apply the change to the part of a row inside; returns the day after that part."""
        start = max(first, row.first)
        old, row_last = row.values, row.last
        if last is None or (row_last is not None and row_last <= last):
            end = row_last
        else:
            end = last
        values = change(old)
        if values == old:
            result.append(row)
            return end
        if row.first < start:
            self._cut(key, result, row, start, position)
        else:
            self._end(key, row, position)
        if values is not None:
            _add(result, start, end, values, position)
        if end is not None and (row_last is None or end < row_last):
            result.append(HistoryRow(end, row_last, old, position))
        return end

    def _cut(
        self, key: Any, result: list[HistoryRow], row: HistoryRow, at: int, position: int
    ) -> None:
        """The row ends at a day. One that was open keeps being one row."""
        if position in (row.pos_from, row.pos_end):
            row.last = at
            result.append(row)
        elif row.last is None:
            row.last, row.pos_end = at, position
            if row.origin == STORED:
                row.origin = CHANGED
            result.append(row)
        else:
            self._end(key, row, position)
            result.append(HistoryRow(row.first, at, row.values, position))

    def _end(self, key: Any, row: HistoryRow, position: int) -> None:
        """The row is believed no more; one of this very event never was."""
        if row.pos_from == position:
            return
        row.pos_to = position
        if row.pos_end == position:
            row.last = row.pos_end = None
        if row.origin == STORED:
            row.origin = CHANGED
        self.gone.append((key, row))

    def _take(self, stored: tuple[Any, ...]) -> None:
        key, rest = self._split(stored)
        row = HistoryRow(rest[0], rest[2], rest[5:], rest[1])
        row.pos_end, row.pos_to, row.origin = rest[3], rest[4], STORED
        rows = self.standing.setdefault(key, [])
        rows.append(row)
        self._enter(key)
        if len(rows) > 1 and rows[-2].first > row.first:
            rows.sort(key=lambda each: each.first)

    def settle(self) -> None:
        for key in self.touched:
            for row in self.standing.get(key, ()):
                row.origin = STORED
        super().settle()

    def stored_form(self, key: Any, row: HistoryRow) -> tuple[Any, ...]:
        """The row as it lies in the table."""
        system = (row.first, row.pos_from, row.last, row.pos_end, row.pos_to)
        return (*key, *system, *row.values) if type(key) is tuple else (key, *system, *row.values)


class VersionedRow:
    """Values believed from a position on."""

    __slots__ = ("origin", "pos_from", "pos_to", "values")

    def __init__(self, values: Values, pos_from: int) -> None:
        self.values = values
        self.pos_from = pos_from
        self.pos_to: int | None = None
        self.origin = NEW


class VersionedRows(_Rows):
    """The rows of a :class:`VersionedTable`. ``standing``: key to the row believed now."""

    __slots__ = ()
    standing: dict[Any, VersionedRow]
    gone: list[tuple[Any, VersionedRow]]

    def get(self, key: Any) -> Values | None:
        """The values believed now."""
        if self._load is not None:
            self._ensure(key)
        row = self.standing.get(key)
        return row.values if row is not None else None

    def put(self, key: Any, values: Values, position: int) -> None:
        """These values stand from a position on; nothing when they did already."""
        if self._load is not None:
            self._ensure(key)
        row = self.standing.get(key)
        if row is not None and row.values == values:
            return
        self._end(key, row, position)
        self.standing[key] = VersionedRow(values, position)
        self._enter(key)
        self.touched.add(key)

    def drop(self, key: Any, position: int) -> None:
        """Nothing stands from a position on."""
        if self._load is not None:
            self._ensure(key)
        self._end(key, self.standing.pop(key, None), position)

    def _end(self, key: Any, row: VersionedRow | None, position: int) -> None:
        if row is None or row.pos_from == position:
            return
        row.pos_to = position
        if row.origin == STORED:
            row.origin = CHANGED
        self.gone.append((key, row))

    def _take(self, stored: tuple[Any, ...]) -> None:
        key, rest = self._split(stored)
        row = VersionedRow(rest[2:], rest[0])
        row.pos_to, row.origin = rest[1], STORED
        self.standing[key] = row
        self._enter(key)

    def settle(self) -> None:
        for key in self.touched:
            if key in self.standing:
                self.standing[key].origin = STORED
        super().settle()

    def stored_form(self, key: Any, row: VersionedRow) -> tuple[Any, ...]:
        """The row as it lies in the table."""
        own = key if type(key) is tuple else (key,)
        return (*own, row.pos_from, row.pos_to, *row.values)


class PlainRows(_Rows):
    """The rows of a :class:`PlainTable`. ``standing``: key to values."""

    __slots__ = ("stored",)
    standing: dict[Any, Values]

    def __init__(self, table: AnyTable, load: Loader | None) -> None:
        super().__init__(table, load)
        self.stored: set[Any] = set()

    def get(self, key: Any) -> Values | None:
        """The values under a key."""
        if self._load is not None:
            self._ensure(key)
        return self.standing.get(key)

    def put(self, key: Any, values: Values) -> None:
        """Overwrite the values under a key."""
        if self._load is not None:
            self._ensure(key)
            self.touched.add(key)
        self.standing[key] = values
        self._enter(key)

    def drop(self, key: Any) -> None:
        """Remove a key."""
        if self._load is not None:
            self._ensure(key)
            self.touched.add(key)
        self.standing.pop(key, None)

    def _take(self, stored: tuple[Any, ...]) -> None:
        key, values = self._split(stored)
        self.standing[key] = values
        self.stored.add(key)
        self._enter(key)

    def settle(self) -> None:
        for key in self.touched:
            if key in self.standing:
                self.stored.add(key)
            else:
                self.stored.discard(key)
        super().settle()

    def stored_form(self, key: Any, values: Values) -> tuple[Any, ...]:
        """The row as it lies in the table."""
        return (*key, *values) if type(key) is tuple else (key, *values)


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


class FoldState:
    """The rows of one projection's tables during a batch or a rebuild."""

    __slots__ = ("_rows", "recorded_at")

    def __init__(self, tables: Iterable[AnyTable], load: Loader | None = None) -> None:
        self.recorded_at = 0
        self._rows: dict[AnyTable, AnyRows] = {
            table: _ROWS_OF[type(table)](table, load) for table in tables
        }

    def __getitem__(self, table: Any) -> Any:
        return self._rows[table]

    def load_with(self, load: Loader) -> None:
        """Read further rows by this from now on."""
        for rows in self._rows.values():
            rows.load_with(load)

    def settle(self) -> None:
        """What was changed has been stored; the rows in memory are the stored ones."""
        for rows in self._rows.values():
            rows.settle()

    @property
    def size(self) -> int:
        """How many keys are in memory."""
        return sum(len(rows.standing) for rows in self._rows.values())

    def items(self) -> Iterable[tuple[AnyTable, AnyRows]]:
        """Every table with its rows."""
        return self._rows.items()


_ROWS_OF: dict[type[Any], Callable[[AnyTable, Loader | None], AnyRows]] = {
    HistoryTable: HistoryRows,
    VersionedTable: VersionedRows,
    PlainTable: PlainRows,
}
