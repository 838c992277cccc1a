"""How do rows for other tables go along in the single round trip, in the same statement?

In the very statement that stores the events: they are inserted where its events were, and with
none of them nothing is. What does not fit (deletions, empty values) goes the careful way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final, NamedTuple
from uuid import UUID

import psycopg

from ckbx.eventlog.ports import RECORDED_AT, RowDelete, RowWrite
from ckbx.eventlog.postgres.sql import ONE_PARAMETERS, stored_if
from ckbx.eventlog.postgres.wire import byteas, int8s, texts, uuids
from ckbx.eventlog.prepared import Prepared


class Rows(NamedTuple):
    """Into which columns of which table rows go, and the type of each column's values (empty:
    the instant of the append).
    """

    table: str
    columns: tuple[str, ...]
    types: tuple[str, ...]


_TYPES: Final[dict[type[Any], str]] = {UUID: "uuid", str: "text", bytes: "bytea", int: "bigint"}
_ARRAYS: Final[dict[str, Callable[[list[Any]], bytes]]] = {
    "uuid": lambda values: uuids([value.bytes for value in values]),
    "text": texts,
    "bytea": byteas,
    "bigint": int8s,
}
Statements = dict[tuple[str, tuple[Rows, ...]], bytes]
"""The names of the statements planned on one connection, by condition and rows."""


def fits(writes: Sequence[RowWrite | RowDelete]) -> bool:
    """Whether these can go along."""
    return all(isinstance(each, RowWrite) and _shape(each) is not None for each in writes)


def gathered(chosen: Sequence[Prepared]) -> tuple[tuple[Rows, ...], list[bytes]]:
    """The rows of all commands by table, as parameters; each must have been found to fit."""
    found: dict[Rows, list[tuple[Any, ...]]] = {}
    for item in chosen:
        for write in item.writes:
            if isinstance(write, RowWrite) and (shape := _shape(write)) is not None:
                found.setdefault(shape, []).extend(write.rows)
    parameters = [
        _ARRAYS[kind](list(column))
        for shape, rows in found.items()
        for kind, column in zip(shape.types, zip(*rows, strict=True), strict=True)
        if kind
    ]
    return tuple(found), parameters


def statement_for(
    conn: psycopg.Connection[Any], known: Statements, found: str, shapes: tuple[Rows, ...]
) -> bytes:
    """The name of the statement that stores events with such rows where ``found`` (SQL) holds,
    planned when first met.
    """
    if (found, shapes) not in known:
        name = f"ckbx_one_{len(known)}"
        conn.execute(f"PREPARE {name} AS {_text(found, shapes)}".encode())
        known[found, shapes] = name.encode()
    return known[found, shapes]


@cache
def _text(found: str, shapes: tuple[Rows, ...]) -> str:
    parts, number = [], ONE_PARAMETERS
    for n, shape in enumerate(shapes):
        arrays, given, cells = [], [], []
        # Names of tables and columns were checked when the command was prepared.
        for name, kind in zip(shape.columns, shape.types, strict=True):
            if kind:
                number += 1
                arrays.append(f"${number}::{kind}[]")
                given.append(name)
            cells.append(name if kind else "(SELECT at FROM now_)")
        parts.append(
            f"w{n} AS (INSERT INTO {shape.table} ({', '.join(shape.columns)})"
            f" SELECT {', '.join(cells)}"
            f" FROM unnest({', '.join(arrays)}) WITH ORDINALITY u({', '.join(given)}, ordinal_)"
            " WHERE EXISTS (SELECT FROM e) ORDER BY ordinal_)"
        )
    return stored_if(found, parts)


def _shape(write: RowWrite) -> Rows | None:
    if not write.rows:
        return None
    types = []
    for column in zip(*write.rows, strict=True):
        kinds = {"" if v is RECORDED_AT else _TYPES.get(type(v)) for v in column}
        kind = kinds.pop()
        if kind is None or kinds:
            return None
        types.append(kind)
    if not any(types):
        return None
    return Rows(write.table, tuple(write.columns), tuple(types))
