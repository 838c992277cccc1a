"""Which kinds of tables can a projection keep, and how is a day and a position asked of them?

``HistoryTable``: bitemporal rows, valid from a day to a day (exclusive), believed from a
position to a position (exclusive). Days are proleptic ordinals; an open end is NULL.
A row that was open and is closed stays one row: ``valid_to`` holds from ``pos_end`` on,
before that it was open. ``VersionedTable``: rows believed from a position to a position.
``PlainTable``: rows that are overwritten (what a fold has to remember, raw lines).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Boolean,
    Column,
    ColumnElement,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    and_,
    bindparam,
    or_,
    text,
    type_coerce,
)
from sqlalchemy.types import TypeEngine

from ckbx.eventlog.row_store import Shape
from ckbx.vault.tables import SubjectId

Position = BigInteger().with_variant(Integer(), "sqlite")
DAY: Final[BindParameter[int]] = bindparam("day", None, type_=Integer())
"""For prepared selects: the local day asked about, as an ordinal."""
POSITION: Final[BindParameter[int]] = bindparam("position", None, type_=Position)
"""For prepared selects: up to where the log is known."""
_PG_TYPES: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (BigInteger, "int8"),
    (Integer, "int4"),
    (Boolean, "bool"),
    (Text, "text"),
    (LargeBinary, "bytea"),
)


def child(name: str = "child") -> Column[Any]:
    """A column for a child's (or another stream's) id; 16 bytes in folds, UUID in answers."""
    return Column(name, SubjectId, nullable=False)


def _pg_type(column: Column[Any]) -> str:
    if isinstance(column.type, SubjectId):
        return "uuid"
    for kind, name in _PG_TYPES:
        if isinstance(column.type, kind):
            return name
    msg = f"column {column.name} has a type the kit cannot load: {column.type!r}"
    raise TypeError(msg)


_Asked = int | BindParameter[int] | None
"""A position, one that is given with the question, or now."""


class Partial(NamedTuple):
    """An index of the rows for which a condition (SQL) holds; used by queries that say it."""

    columns: tuple[str, ...]
    where: str


def _index(name: str, of: Sequence[str] | Partial) -> Index:
    if isinstance(of, Partial):
        where = text(of.where)
        return Index(name, *of.columns, sqlite_where=where, postgresql_where=where)
    return Index(name, *of)


def as_stored(column: Column[Any]) -> Any:
    """An id as the database gives it (16 bytes, or a UUID), for selects of a hundred thousand."""
    return type_coerce(column, LargeBinary).label(column.name)


def as_uuid(stored: bytes | UUID) -> UUID:
    """An id that was read :func:`as_stored`."""
    return stored if isinstance(stored, UUID) else UUID(bytes=stored)


class _KitTable:
    """What the three kinds share. ``shape`` is what the store writes by."""

    SYSTEM_KEY: tuple[str, ...] = ()
    SYSTEM: tuple[str, ...] = ()

    def __init__(
        self,
        name: str,
        *,
        key: Sequence[Column[Any]],
        values: Sequence[Column[Any]] = (),
        indexes: Sequence[Sequence[str] | Partial] = (),
        load_by: int | None = None,
    ) -> None:
        """``indexes``: column names of each; ``load_by``: by how many leading key columns
        rows are loaded together (default: the whole key).
        """
        self.name = name
        self.key_width = len(key)
        self.load_by = load_by or len(key)
        types = {"valid_from": Integer, "valid_to": Integer}
        system_key = [Column(n, types.get(n, Position), nullable=False) for n in self.SYSTEM_KEY]
        system = [Column(n, types.get(n, Position)) for n in self.SYSTEM]
        columns = [*key, *system_key, *system, *values]
        for column in key:
            column.nullable = False
        primary = [column.name for column in (*key, *system_key)]
        self.table = Table(
            name,
            MetaData(),
            *columns,
            PrimaryKeyConstraint(*primary),
            *[_index(f"{name}_ix{n}", each) for n, each in enumerate(indexes)],
            sqlite_with_rowid=False,
        )
        self.shape = Shape(
            name,
            tuple(column.name for column in columns),
            tuple(_pg_type(column) for column in columns),
            len(primary),
        )

    @property
    def c(self) -> Any:
        """The columns, for selects."""
        return self.table.c


class HistoryTable(_KitTable):
    """Bitemporal rows; columns valid_from, pos_from, valid_to, pos_end, pos_to are added."""

    SYSTEM_KEY = ("valid_from", "pos_from")
    SYSTEM = ("valid_to", "pos_end", "pos_to")

    def known(
        self, as_of: date, position: int | None, of: Any = None
    ) -> tuple[ColumnElement[bool], ...]:
        """The rows valid on a local day as believed at a position (None: now).

        ``of`` is an alias of the table, when the query uses one.
        """
        day = as_of.toordinal()
        return _known(self.table, day, position) if of is None else _of_day(of, day, position)

    def on_day(self, *, past: bool) -> tuple[ColumnElement[bool], ...]:
        """As :meth:`known` of the table itself, for prepared selects: :data:`DAY` and, with
        ``past``, :data:`POSITION` are given with the question.
        """
        return _of_day(self.table, DAY, POSITION if past else None)

    def believed(self, position: _Asked, of: Any = None) -> tuple[ColumnElement[bool], ...]:
        """All rows believed at a position, whatever day. An end that became known later
        (``pos_end`` > position) was still open: see :meth:`end_at`.
        """
        c = (of if of is not None else self.table).c
        return (c.pos_to.is_(None),) if position is None else _believed(c, position)

    @staticmethod
    def end_at(valid_to: int | None, pos_end: int | None, position: int) -> int | None:
        """The end of a row as it was believed at a position."""
        return None if pos_end is not None and pos_end > position else valid_to


class VersionedTable(_KitTable):
    """Rows with pos_from and pos_to; the key names its own day where it has one."""

    SYSTEM_KEY = ("pos_from",)
    SYSTEM = ("pos_to",)

    def believed(self, position: _Asked, of: Any = None) -> tuple[ColumnElement[bool], ...]:
        """The rows believed at a position (None: now)."""
        c = (of if of is not None else self.table).c
        return (c.pos_to.is_(None),) if position is None else _believed(c, position)


class PlainTable(_KitTable):
    """Rows that are overwritten."""


def _of_day(
    of: Any, day: int | BindParameter[int], position: _Asked
) -> tuple[ColumnElement[bool], ...]:
    c = of.c
    began, lasts = c.valid_from <= day, or_(c.valid_to.is_(None), c.valid_to > day)
    if position is None:
        return began, lasts, c.pos_to.is_(None)
    return began, or_(lasts, c.pos_end > position), *_believed(c, position)


_known = lru_cache(maxsize=64)(_of_day)
"""Of a table itself: one page asks for the same day again and again."""


def _believed(c: Any, position: int | BindParameter[int]) -> tuple[ColumnElement[bool], ...]:
    return and_(c.pos_from <= position), or_(c.pos_to.is_(None), c.pos_to > position)


AnyTable = HistoryTable | VersionedTable | PlainTable
