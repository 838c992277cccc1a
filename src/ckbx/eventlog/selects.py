"""How is a select asked again and again at the cost of the driver alone?

SQLAlchemy puts a select together, looks it up and wraps its rows anew each time it is asked:
ten times what a row by its key costs. A :class:`Prepared` one keeps its text for each database;
only the values it names change.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Dialect, Select, bindparam

from ckbx.eventlog.driver import driver_rows

_AMONG: Final = "among"
_MOST: Final = 500
_SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, _MOST)
"""So many places a list may have on SQLite, the last value repeated to fill them."""
_LIST: Final = f"IN (__[POSTCOMPILE_{_AMONG}])"


def among(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """The column is one of the values that are given with the question; once in a select."""
    return column.in_(bindparam(_AMONG, expanding=True))


class _Text(NamedTuple):
    """``fixed``: values that stand in the select itself; ``names``: of all, in the order of the
    places (SQLite); ``row`` makes one of the driver's.
    """

    text: str
    fixed: dict[str, Any]
    names: tuple[str, ...]
    row: Callable[[Sequence[Any]], Any]


class Prepared:
    """A select whose values are named by ``bindparam``; its rows have the columns' names."""

    def __init__(self, query: Select[*tuple[Any, ...]]) -> None:
        self._query = query
        names = query.selected_columns.keys()
        row: Any = namedtuple("Row", names)  # type: ignore[misc]  # noqa: PYI024 - the query's
        self._row: Callable[[Sequence[Any]], Any] = row._make
        self._texts: dict[tuple[str, int], _Text] = {}

    def rows(
        self, conn: Connection, values: Mapping[str, Any], listed: Sequence[Any] | None = None
    ) -> list[Any]:
        """All rows. ``listed``: what a column is to be :func:`among`, asked in chunks of 500;
        where it is empty nothing is. Values that the select does not name are passed over.
        """
        if listed is None:
            return self._ask(conn, dict(values), 0)
        found: list[Any] = []
        for start in range(0, len(listed), _MOST):
            chunk = listed[start : start + _MOST]
            found += self._ask(conn, {**values, _AMONG: list(chunk)}, len(chunk))
        return found

    def _ask(self, conn: Connection, values: dict[str, Any], count: int) -> list[Any]:
        dialect = conn.dialect
        sqlite = dialect.name == "sqlite"
        size = min(count, 1)
        if sqlite and count:
            size = next(each for each in _SIZES if each >= count)
        made = self._text(dialect, size)
        given: Any = {**made.fixed, **values} if made.fixed else values
        if sqlite:
            given = _in_places(made.names, given, size)
        return list(map(made.row, driver_rows(conn, made.text, given)))

    def _text(self, dialect: Dialect, size: int) -> _Text:
        made = self._texts.get((dialect.name, size))
        if made is None:
            made = self._texts[dialect.name, size] = self._compiled(dialect, size)
        return made

    def _compiled(self, dialect: Dialect, size: int) -> _Text:
        compiled: Any = self._query.compile(dialect=dialect)
        fixed = {name: value for name, value in compiled.params.items() if value is not None}
        text, row = compiled.string, self._row
        if dialect.name != "sqlite":  # psycopg takes lists, and gives ids and booleans by itself
            return _Text(text.replace(_LIST, f"= ANY(%({_AMONG})s)"), fixed, (), row)
        processors = [
            each.type.dialect_impl(dialect).result_processor(dialect, None)
            for each in self._query.selected_columns
        ]
        if any(processors):
            row = _converting(row, processors)
        names = [
            place
            for name in compiled.positiontup
            for place in (_places(size) if name == _AMONG else (name,))
        ]
        text = text.replace(_LIST, f"IN ({', '.join('?' * size)})")
        return _Text(text, fixed, tuple(names), row)


def _in_places(names: Sequence[str], values: dict[str, Any], size: int) -> list[Any]:
    """The values one after the other, as SQLite takes them."""
    if size:
        listed = values[_AMONG]
        padded = [*listed, *listed[-1:] * (size - len(listed))]
        values.update(zip(_places(size), padded, strict=True))
    given = (values[name] for name in names)
    return [each.bytes if isinstance(each, UUID) else each for each in given]


@cache
def _places(size: int) -> tuple[str, ...]:
    return tuple(f"{_AMONG}_{n}" for n in range(size))


def _converting(
    make: Callable[[Sequence[Any]], Any], processors: Sequence[Callable[[Any], Any] | None]
) -> Callable[[Sequence[Any]], Any]:
    changed = [(n, each) for n, each in enumerate(processors) if each is not None]

    def row(stored: Sequence[Any]) -> Any:
        values = list(stored)
        for n, convert in changed:
            values[n] = convert(values[n])
        return make(values)

    return row
