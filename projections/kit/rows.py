"""How are the rows of one table held in memory: loaded when asked for, or all of them?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from projections.kit.tables import AnyTable

Values = tuple[Any, ...]
Loader = Callable[[AnyTable, list[Any]], Iterable[tuple[Any, ...]]]
"""Reads the standing rows of keys, as stored."""

NEW: Final = 0
STORED: Final = 1
CHANGED: Final = 2
"""Where a row comes from: made by this fold, loaded, loaded and changed since."""


class TableRows:
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
            found = self._load(self.table, wanted)
            self._known.update(wanted)
            for stored in found:
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


class VersionedRow:
    """Values believed from a position on."""

    __slots__ = ("origin", "pos_from", "pos_to", "values")

    def __init__(self, values: Values, pos_from: int) -> None:
        self.values = values
        self.pos_from = pos_from
        self.pos_to: int | None = None
        self.origin = NEW


class VersionedRows(TableRows):
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


class PlainRows(TableRows):
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
