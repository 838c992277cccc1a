"""How does a stretch of days change: split where needed, ended, or left as it is?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from projections.kit.rows import CHANGED, NEW, STORED, TableRows, Values

Change = Callable[[Values | None], Values | None]
"""What stands for a stretch of days (None: nothing) to what shall stand for it."""


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


class HistoryRows(TableRows):
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
        rows = self.rows(key)
        if rows and last is None and self._patch_end(key, rows, first, change, position):
            return
        result: list[HistoryRow] = []
        cursor: int | None = first
        for row in rows:
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

    def _patch_end(
        self, key: Any, rows: list[HistoryRow], first: int, change: Change, position: int
    ) -> bool:
        """The usual case of :meth:`patch`: for good, and no row but the last is concerned."""
        end = rows[-1]
        if end.last is not None:
            if first < end.last:
                return False
            self._fill(rows, first, None, change, position)
            return True
        if first < end.first:
            return False
        old = end.values
        values = change(old)
        if values == old:
            return True
        rows.pop()
        if end.first < first:
            self._cut(key, rows, end, first, position)
        else:
            self._end(key, end, position)
        if values is not None:
            _add(rows, first, None, values, position)
        if not rows:
            del self.standing[key]
        return True

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
