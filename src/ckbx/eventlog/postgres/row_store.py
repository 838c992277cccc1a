"""Followers' rows in the schema ``answers`` of a PostgreSQL store."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg

from ckbx.domain.shared.errors import CkbxError
from ckbx.eventlog.postgres.connect import (
    DEFAULT_LAYOUT,
    Layout,
    as_ckbx,
    conninfo,
    session_options,
)
from ckbx.eventlog.postgres.row_values import PackedColumn, adapt, check_numbers
from ckbx.eventlog.refusals import RowRefused
from ckbx.eventlog.row_store import FollowerMoved, Place, RowUnwritable, Shape

_PLACES_DDL = (
    "CREATE TABLE IF NOT EXISTS answers_positions (subscriber text PRIMARY KEY,"
    " position bigint NOT NULL, version bigint NOT NULL, generation bigint NOT NULL)"
)
_FETCH = 5_000


@cache
def _as_copied(types: tuple[str, ...]) -> tuple[str, ...]:
    """An id in a binary copy is its 16 bytes, as those of a bytea are."""
    return tuple("bytea" if kind == "uuid" else kind for kind in types)


@cache
def _columns(shape: Shape) -> str:
    return ",".join(shape.columns)


@cache
def _unnest(types: tuple[str, ...], names: tuple[str, ...]) -> str:
    arrays = ",".join(f"%b::{kind}[]" for kind in types)
    return f"unnest({arrays}) AS k({','.join(names)})"


def _packed(types: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> list[PackedColumn]:
    if not rows:
        return [PackedColumn(kind, ()) for kind in types]
    columns = zip(*rows, strict=True)
    return [PackedColumn(kind, column) for kind, column in zip(types, columns, strict=True)]


@contextmanager
def _refusals() -> Iterator[None]:
    """What the driver raises, told at once in our words, so that whoever folds can tell a
    row that cannot be written from a store that is away. No value is quoted.
    """
    try:
        yield
    except CkbxError:
        raise
    except psycopg.Error as error:
        found = as_ckbx(error)
        if isinstance(found, RowRefused):
            raise RowUnwritable(**found.ids) from error
        raise found from error
    except (OverflowError, TypeError, ValueError) as error:  # a value no column holds
        raise RowUnwritable(why=type(error).__name__) from error


_MOVE_ALL = (
    "UPDATE answers_positions AS a SET position = m.upto"
    " FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])"
    " AS m(name, at, version, generation, upto) WHERE a.subscriber = m.name"
    " AND a.position = m.at AND a.version = m.version AND a.generation = m.generation"
)


class _PostgresRows:
    """One open transaction."""

    def __init__(self, conn: psycopg.Connection[Any]) -> None:
        self._conn = conn

    def places(self) -> dict[str, Place]:
        found = self._conn.execute(
            "SELECT subscriber, position, version, generation FROM answers_positions"
        )
        return {name: Place(*rest) for name, *rest in found}

    def find(
        self, shape: Shape, by: int, keys: Sequence[Any], where: str = ""
    ) -> Iterable[tuple[Any, ...]]:
        types, names = shape.types[:by], tuple(f"k{n}" for n in range(by))
        rows = [(key,) for key in keys] if by == 1 else list(keys)
        joined = " AND ".join(f"t.{shape.columns[n]} = k.{name}" for n, name in enumerate(names))
        columns = ",".join(f"t.{column}" for column in shape.columns)
        more = f" WHERE {where}" if where else ""
        sql = f"SELECT {columns} FROM {_unnest(types, names)} JOIN {shape.name} t ON {joined}{more}"
        with _refusals():
            # What does not fit is refused here, not by the server: the look stays usable.
            return self._conn.execute(sql.encode(), _packed(types, rows), binary=True).fetchall()

    def first(
        self, shape: Shape, where: str, order: Sequence[str], limit: int
    ) -> list[tuple[Any, ...]]:
        sql = f"SELECT {_columns(shape)} FROM {shape.name} t WHERE {where}"
        sql += f" ORDER BY {','.join(order)} LIMIT {limit}"
        with _refusals():
            return self._conn.execute(sql.encode(), binary=True).fetchall()

    def scan(self, shape: Shape) -> Iterator[tuple[Any, ...]]:
        with self._conn.cursor(name="ckbx_scan", binary=True) as cursor:
            cursor.itersize = _FETCH
            cursor.execute(f"SELECT {_columns(shape)} FROM {shape.name}".encode())
            yield from cursor

    def exists(self, table: str) -> bool:
        row = self._conn.execute("SELECT to_regclass(%s)", (table,)).fetchone()
        return row is not None and row[0] is not None

    def insert(self, shape: Shape, rows: Sequence[tuple[Any, ...]]) -> None:
        sql = f"COPY {shape.name} ({_columns(shape)}) FROM STDIN (FORMAT BINARY)"
        with _refusals():
            for kind, column in zip(shape.types, zip(*rows, strict=True), strict=True):
                check_numbers(kind, column)
            with self._conn.cursor() as cursor, cursor.copy(sql.encode()) as copy:
                copy.set_types(_as_copied(shape.types))
                for row in rows:
                    copy.write_row(row)

    def update(
        self,
        shape: Shape,
        columns: Sequence[str],
        rows: Sequence[tuple[Any, ...]],
        where: str = "",
    ) -> int:
        order = (*columns, *shape.columns[: shape.key])
        names = tuple(f"k{n}" for n in range(len(order)))
        kinds = dict(zip(shape.columns, shape.types, strict=True))
        types = tuple(kinds[column] for column in order)
        changes = ",".join(f"{c} = k.{n}" for c, n in zip(columns, names, strict=False))
        pairs = zip(order[len(columns) :], names[len(columns) :], strict=True)
        joined = " AND ".join(f"t.{column} = k.{name}" for column, name in pairs)
        more = f" AND {where}" if where else ""
        sql = (
            f"UPDATE {shape.name} t SET {changes} FROM {_unnest(types, names)} WHERE {joined}{more}"
        )
        return self._run(sql, types, rows)

    def upsert(self, shape: Shape, rows: Sequence[tuple[Any, ...]]) -> None:
        rest = shape.columns[shape.key :]
        changes = ",".join(f"{column} = excluded.{column}" for column in rest)
        action = f"UPDATE SET {changes}" if rest else "NOTHING"
        sql = (
            f"INSERT INTO {shape.name} ({_columns(shape)})"
            f" SELECT * FROM {_unnest(shape.types, shape.columns)}"
            f" ON CONFLICT ({','.join(shape.columns[: shape.key])}) DO {action}"
        )
        self._run(sql, shape.types, rows)

    def delete(self, shape: Shape, keys: Sequence[tuple[Any, ...]]) -> None:
        types, names = shape.types[: shape.key], tuple(f"k{n}" for n in range(shape.key))
        where = " AND ".join(f"t.{shape.columns[n]} = k.{name}" for n, name in enumerate(names))
        sql = f"DELETE FROM {shape.name} t USING {_unnest(types, names)} WHERE {where}"
        self._run(sql, types, keys)

    def trim(self, table: str, limit: int) -> int:  # noqa: ARG002 - dropping is cheap here
        return 0

    def move_all(self, moves: Sequence[tuple[str, Place, int]]) -> None:
        given = [[name, *place, to] for name, place, to in moves]
        columns = [list(column) for column in zip(*given, strict=True)] if given else []
        if not given or self._conn.execute(_MOVE_ALL, columns).rowcount == len(given):
            return
        at = self.places()
        for name, place, to in moves:
            if at.get(name) != place._replace(position=to):
                self.move(name, place, to)

    def move(self, name: str, place: Place, to: int) -> None:
        sql = (
            "UPDATE answers_positions SET position = %s"
            " WHERE subscriber = %s AND position = %s AND version = %s AND generation = %s"
        )
        if self._conn.execute(sql, (to, name, *place)).rowcount == 1:
            return
        if place.position or place.generation:
            raise FollowerMoved(name=name)
        added = self._conn.execute(
            "INSERT INTO answers_positions VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
            (name, *place._replace(position=to)),
        )
        if added.rowcount != 1:
            raise FollowerMoved(name=name)

    def settle(self, name: str, place: Place) -> None:
        self._conn.execute(
            "INSERT INTO answers_positions VALUES (%s, %s, %s, %s) ON CONFLICT (subscriber)"
            " DO UPDATE SET position = excluded.position, version = excluded.version,"
            " generation = excluded.generation",
            (name, *place),
        )

    def execute(self, statement: str) -> None:
        with _refusals():
            self._conn.execute(statement.encode())

    def _run(self, sql: str, types: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> int:
        with _refusals():
            return self._conn.execute(sql.encode(), _packed(types, rows)).rowcount


class PostgresRowStore:
    """Implements :class:`ckbx.eventlog.row_store.RowStore` in the schema ``answers``.

    The app role owns that schema. Safe to use from any thread, one transaction at a time.
    """

    dialect = "postgresql"

    def __init__(self, url: str, layout: Layout = DEFAULT_LAYOUT) -> None:
        # Every statement of a batch is a look-up by a key, whatever the tables' statistics say.
        options = (
            f"{session_options(layout)} -c enable_seqscan=off -c enable_hashjoin=off"
            " -c enable_mergejoin=off -c plan_cache_mode=force_generic_plan -c jit=off"
        )
        path = f"{layout.answers},{layout.facts},{layout.vault}"
        self._info = conninfo(url, f"{options} -c search_path={path}")
        self._layout = layout
        self._one = threading.RLock()
        self._conn: psycopg.Connection[Any] | None = None

    def prepare(self, statements: Iterable[str] = ()) -> None:
        key = self._layout.lock_key("answers")
        with self.transaction() as tx:
            tx.execute(f"SELECT pg_advisory_xact_lock({key})")
            for statement in (_PLACES_DDL, *statements):
                tx.execute(statement)

    def places(self) -> dict[str, Place]:
        with self._open() as conn:  # one statement is one snapshot
            return _PostgresRows(conn).places()

    @contextmanager
    def snapshot(self) -> Iterator[_PostgresRows]:
        with self._transaction() as conn:
            conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield _PostgresRows(conn)

    @contextmanager
    def transaction(self) -> Iterator[_PostgresRows]:
        with self._transaction() as conn:
            yield _PostgresRows(conn)

    def close(self) -> None:
        with self._one:
            if self._conn is not None:
                self._conn.close()
                self._conn = None

    @contextmanager
    def _transaction(self) -> Iterator[psycopg.Connection[Any]]:
        with self._open() as conn, conn.transaction():
            yield conn

    @contextmanager
    def _open(self) -> Iterator[psycopg.Connection[Any]]:
        with self._one:
            try:
                if self._conn is None or self._conn.closed:
                    self._conn = psycopg.connect(self._info, autocommit=True)
                    adapt(self._conn)
                yield self._conn
            except psycopg.Error as error:
                raise as_ckbx(error) from error
            finally:
                if self._conn is not None and self._conn.broken:
                    self._conn.close()
