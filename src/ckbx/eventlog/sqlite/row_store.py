"""Followers' rows in the SQLite file of the log: written under its writer lock."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache, lru_cache
from typing import Any, Protocol

from ckbx.domain.shared.errors import CkbxError
from ckbx.eventlog.row_store import FollowerMoved, Place, RowUnwritable, Shape
from ckbx.eventlog.sqlite.connect import Connection, unavailable
from ckbx.eventlog.sqlite.sql import marks, padded
from ckbx.eventlog.writer_lock import WriterLock

CHECKPOINT_ROWS = 20_000
CACHE_KIB = 65_536
_KEY_OF = "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk"
_MOVE = (
    "UPDATE answers_positions SET position = ?"
    " WHERE subscriber = ? AND position = ? AND version = ? AND generation = ?"
)
PLACES_DDL = (
    "CREATE TABLE IF NOT EXISTS answers_positions (subscriber TEXT PRIMARY KEY NOT NULL,"
    " position INTEGER NOT NULL, version INTEGER NOT NULL, generation INTEGER NOT NULL)"
)


class LogFile(Protocol):
    """What is needed of the SQLite event log."""

    def connect_rw(self) -> Connection: ...
    def write_lock(self) -> WriterLock: ...


@cache
def _insert(shape: Shape) -> str:
    return (
        f"INSERT INTO {shape.name} ({','.join(shape.columns)}) VALUES ({marks(len(shape.columns))})"
    )


@cache
def _key(shape: Shape) -> str:
    return " AND ".join(f"{column} = ?" for column in shape.columns[: shape.key])


@lru_cache(maxsize=512)  # a condition may name an instant: such texts never come again
def _find(shape: Shape, by: int, count: int, where: str) -> str:
    columns = ",".join(f"t.{column}" for column in shape.columns)
    names = [f"k{n}" for n in range(by)]
    keys = ",".join([f"({marks(by)})"] * count)
    joined = " AND ".join(f"t.{shape.columns[n]} = k.{name}" for n, name in enumerate(names))
    more = f" AND {where}" if where else ""
    return (
        f"WITH k({','.join(names)}) AS (SELECT DISTINCT * FROM (VALUES {keys}))"
        f" SELECT {columns} FROM k CROSS JOIN {shape.name} t ON {joined}{more}"
    )


@contextmanager
def _refusals() -> Iterator[None]:
    """What the driver raises, told at once in our words, so that whoever folds can tell a
    row that cannot be written from a store that is away. No value is quoted.
    """
    try:
        yield
    except CkbxError:
        raise
    except sqlite3.Error as error:
        raise _refusal(error) from error
    except (OverflowError, TypeError, ValueError) as error:  # a value no column holds
        raise RowUnwritable(why=type(error).__name__) from error


def _refusal(error: sqlite3.Error) -> CkbxError:
    if isinstance(error, sqlite3.IntegrityError | sqlite3.DataError):
        return RowUnwritable(why=str(error))
    # "Error binding parameter": Python 3.11 calls it an InterfaceError, 3.12 a ProgrammingError.
    if isinstance(error, sqlite3.InterfaceError | sqlite3.ProgrammingError) and (
        "binding" in str(error)
    ):
        return RowUnwritable(why=type(error).__name__)
    return unavailable(error)


class _SQLiteRows:
    """One open transaction on the connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def places(self) -> dict[str, Place]:
        found = self._connection.execute("SELECT * FROM answers_positions")
        return {name: Place(*rest) for name, *rest in found}

    def find(
        self, shape: Shape, by: int, keys: Sequence[Any], where: str = ""
    ) -> Iterable[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        with _refusals():
            for chunk in padded(keys):
                sql = _find(shape, by, len(chunk), where)
                values = chunk if by == 1 else [part for key in chunk for part in key]
                rows += self._connection.execute(sql, values)
        return rows

    def first(
        self, shape: Shape, where: str, order: Sequence[str], limit: int
    ) -> list[tuple[Any, ...]]:
        sql = f"SELECT {','.join(shape.columns)} FROM {shape.name} t WHERE {where}"
        sql += f" ORDER BY {','.join(order)} LIMIT {limit}"
        return self._connection.execute(sql).fetchall()

    def scan(self, shape: Shape) -> Iterator[tuple[Any, ...]]:
        return self._connection.execute(f"SELECT {','.join(shape.columns)} FROM {shape.name}")

    def exists(self, table: str) -> bool:
        sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
        return self._connection.execute(sql, (table,)).fetchone() is not None

    def insert(self, shape: Shape, rows: Sequence[tuple[Any, ...]]) -> None:
        self._many(_insert(shape), rows)

    def update(
        self,
        shape: Shape,
        columns: Sequence[str],
        rows: Sequence[tuple[Any, ...]],
        where: str = "",
    ) -> int:
        changes = ",".join(f"{column} = ?" for column in columns)
        more = f" AND {where}" if where else ""
        sql = f"UPDATE {shape.name} AS t SET {changes} WHERE {_key(shape)}{more}"
        return self._many(sql, rows)

    def upsert(self, shape: Shape, rows: Sequence[tuple[Any, ...]]) -> None:
        rest = shape.columns[shape.key :]
        changes = ",".join(f"{column} = excluded.{column}" for column in rest)
        action = f"UPDATE SET {changes}" if rest else "NOTHING"
        target = ",".join(shape.columns[: shape.key])
        sql = f"{_insert(shape)} ON CONFLICT ({target}) DO {action}"
        self._many(sql, rows)

    def delete(self, shape: Shape, keys: Sequence[tuple[Any, ...]]) -> None:
        self._many(f"DELETE FROM {shape.name} WHERE {_key(shape)}", keys)

    def trim(self, table: str, limit: int) -> int:
        parts = self._connection.execute(_KEY_OF, (table,)).fetchall()
        key = ",".join(name for (name,) in parts) or "rowid"
        inner = f"SELECT {key} FROM {table} LIMIT {limit}"
        return self._connection.execute(f"DELETE FROM {table} WHERE ({key}) IN ({inner})").rowcount

    def move_all(self, moves: Sequence[tuple[str, Place, int]]) -> None:
        given = [(to, name, *place) for name, place, to in moves]
        if given and self._connection.executemany(_MOVE, given).rowcount == len(given):
            return
        at = self.places()
        for name, place, to in moves:
            if at.get(name) != place._replace(position=to):
                self.move(name, place, to)

    def move(self, name: str, place: Place, to: int) -> None:
        if self._connection.execute(_MOVE, (to, name, *place)).rowcount == 1:
            return
        if place.position or place.generation or name in self.places():
            raise FollowerMoved(name=name)
        self.settle(name, place._replace(position=to))

    def settle(self, name: str, place: Place) -> None:
        sql = "INSERT OR REPLACE INTO answers_positions VALUES (?, ?, ?, ?)"
        self._connection.execute(sql, (name, *place))

    def execute(self, statement: str) -> None:
        self._connection.execute(statement)

    def _many(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> int:
        with _refusals():
            return self._connection.executemany(sql, rows).rowcount


class SQLiteRowStore:
    """Implements :class:`ckbx.eventlog.row_store.RowStore` beside an SQLite log.

    Reading goes on beside the log's own writing; a write transaction holds the log's
    writer lock. Safe to use from any thread, one transaction at a time.
    """

    dialect = "sqlite"

    def __init__(self, log: LogFile) -> None:
        self._log = log
        self._lock = log.write_lock()
        self._one = threading.RLock()
        self._connection: Connection | None = None
        self._changes = 0

    def prepare(self, statements: Iterable[str] = ()) -> None:
        with self.transaction() as tx:
            for statement in (PLACES_DDL, *statements):
                tx.execute(statement)

    def places(self) -> dict[str, Place]:
        with self.snapshot() as look:
            return look.places()

    @contextmanager
    def snapshot(self) -> Iterator[_SQLiteRows]:
        with self._one:
            connection = self._open()
            try:
                connection.execute("BEGIN")
                yield _SQLiteRows(connection)
            except sqlite3.Error as error:
                raise unavailable(error) from error
            finally:
                self._undo(connection)

    @contextmanager
    def transaction(self) -> Iterator[_SQLiteRows]:
        with self._one:
            connection = self._open()
            with self._lock:
                try:
                    connection.execute("BEGIN IMMEDIATE")
                    yield _SQLiteRows(connection)
                    connection.execute("COMMIT")
                    self._fold_log(connection)
                except sqlite3.Error as error:
                    raise unavailable(error) from error
                finally:
                    self._undo(connection)

    def close(self) -> None:
        with self._one:
            if self._connection is not None:
                with self._lock:
                    self._connection.close()
                self._connection = None

    def _undo(self, connection: Connection) -> None:
        """End what is still open; a connection that cannot even do that is given up."""
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            self.close()
            raise unavailable(error) from error

    def _fold_log(self, connection: Connection) -> None:
        """Keep the write-ahead log short. Failing here loses nothing: tried again later."""
        changes = connection.total_changes
        if changes - self._changes < CHECKPOINT_ROWS:
            return
        self._changes = changes
        with suppress(sqlite3.Error):
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def _open(self) -> Connection:
        if self._connection is None:
            self._connection = self._log.connect_rw()
            self._connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}").fetchall()
        return self._connection
