"""How are statements over many ids run on both drivers at little cost?

Written by hand and cached by length: with IN lists built by SQLAlchemy's expression
language a page of fifty took twice as long.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from ckbx.eventlog.driver import driver_rows

CHUNK = 500
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, CHUNK)


def db_uuid(dialect: str, value: UUID) -> Any:
    """A uuid as the driver takes it: 16 bytes on SQLite, the uuid on PostgreSQL."""
    return value if dialect == "postgresql" else value.bytes


def raw_uuid(value: Any) -> bytes:
    """The 16 bytes of a uuid as the driver gave it."""
    return value if isinstance(value, bytes) else value.bytes


def run(connection: Connection, statement: str, *values: Any) -> Any:
    """One statement with ``?`` placeholders. Returns SQLAlchemy's cursor result."""
    return connection.exec_driver_sql(_text(connection.dialect.name, statement, 0), values)


def select_among(
    connection: Connection, statement: str, among: Sequence[Any], *values: Any
) -> Iterator[Sequence[Any]]:
    """The rows of a SELECT with ``{among}`` for the list of values, which comes last.

    ``values`` fill the ``?`` that stand before the list. Runs once a 500 values. ``{among}``
    may stand several times.
    """
    for text, given in _chunked(connection.dialect.name, statement, among, values):
        yield from connection.exec_driver_sql(text, given).fetchall()


def look_among(
    connection: Connection, statement: str, among: Sequence[Any]
) -> Iterator[Sequence[Any]]:
    """As :func:`select_among` by the driver itself, for one statement that sees one state by
    itself: it begins no transaction.
    """
    for text, given in _chunked(connection.dialect.name, statement, among, ()):
        yield from driver_rows(connection, text, given)


def _chunked(
    dialect: str, statement: str, among: Sequence[Any], values: tuple[Any, ...]
) -> Iterator[tuple[str, tuple[Any, ...]]]:
    times = statement.count("{among}")
    for start in range(0, len(among), CHUNK):
        chunk = list(among[start : start + CHUNK])
        if dialect == "postgresql":
            yield _text(dialect, statement, 0), (*values, *[chunk] * times)
        else:
            size = next(size for size in _SIZES if size >= len(chunk))
            padded = chunk + chunk[:1] * (size - len(chunk))
            yield _text(dialect, statement, size), (*values, *padded * times)


@cache
def _text(dialect: str, statement: str, count: int) -> str:
    if dialect == "postgresql":
        return statement.replace("?", "%s").replace("{among}", "= ANY(%s)")
    return statement.replace("{among}", f"IN ({','.join('?' * count)})")
