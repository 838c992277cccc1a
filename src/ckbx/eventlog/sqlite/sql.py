"""How are statements over many ids written, so that few distinct texts are compiled?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Any, TypeVar

T = TypeVar("T")

CHUNK = 500
_MANY = 12
_ROWS = (64, 32, *range(16, 0, -1))
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, CHUNK)


def padded(values: Sequence[T]) -> Iterator[list[T]]:
    """Chunks of at most 500, each filled up to one of ten sizes by repeating its first value."""
    if len(values) == 1:
        yield [values[0]]
        return
    for start in range(0, len(values), CHUNK):
        chunk = list(values[start : start + CHUNK])
        size = next(size for size in _SIZES if size >= len(chunk))
        yield chunk + chunk[:1] * (size - len(chunk))


def insert_rows(
    connection: sqlite3.Connection, insert: str, rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert rows, many of them with one statement; ``insert`` ends with ``VALUES``.

    The interpreter's lock is given away at each step: with many threads about, getting it
    back for every single row would cost more than the row. Few rows are faster one by one.
    """
    count = len(rows)
    if count == 1:
        connection.execute(_insert_statement(insert, 1, len(rows[0])), rows[0])
    elif 0 < count < _MANY:
        connection.executemany(_insert_statement(insert, 1, len(rows[0])), rows)
    else:
        _insert_many(connection, insert, rows)


def _insert_many(
    connection: sqlite3.Connection, insert: str, rows: Sequence[tuple[Any, ...]]
) -> None:
    start, count = 0, len(rows)
    while start < count:
        size = next(size for size in _ROWS if size <= count - start)
        part = [*chain.from_iterable(rows[start : start + size])]
        connection.execute(_insert_statement(insert, size, len(rows[start])), part)
        start += size


@cache
def _insert_statement(insert: str, rows: int, columns: int) -> str:
    row = f"({marks(columns)})"
    return f"{insert} {','.join([row] * rows)}"


@cache
def marks(count: int) -> str:
    """``?,?,?`` for an IN list."""
    return ",".join("?" * count)


@cache
def values_list(count: int) -> str:
    """``VALUES (?),(?)``."""
    return "VALUES " + ",".join(["(?)"] * count)
