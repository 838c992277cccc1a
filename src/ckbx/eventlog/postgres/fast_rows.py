"""How do rows for other tables go along in the single round trip?

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
from ckbx.eventlog.postgres.sql import FAST_PARAMETERS, fast_with
from ckbx.eventlog.postgres.wire import byteas, int8s, texts, uuids
from ckbx.eventlog.prepared import Prepared

FAST_NAME: Final = b"ckbx_fast"


class Rows(NamedTuple):
    """Into which columns of which table rows go, and the type of each column's values."""

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
Statements = dict[tuple[Rows, ...], bytes]
"""The names of the statements planned on one connection."""


def fits(writes: Sequence[RowWrite | RowDelete]) -> bool:
    """Whether these can go along."""
    return all(isinstance(each, RowWrite) and _shape(each) is not None for each in writes)


def gathered(chosen: Sequence[Prepared], at: int) -> tuple[tuple[Rows, ...], list[bytes]]:
    """The rows of all commands by table, as parameters; each must have been found to fit."""
    found: dict[Rows, list[tuple[Any, ...]]] = {}
    for item in chosen:
        for write in item.writes:
            if isinstance(write, RowWrite) and (shape := _shape(write)) is not None:
                found.setdefault(shape, []).extend(write.rows)
    parameters = [
        _ARRAYS[kind]([at if value is RECORDED_AT else value for value in column])
        for shape, rows in found.items()
        for kind, column in zip(shape.types, zip(*rows, strict=True), strict=True)
    ]
    return tuple(found), parameters


def statement_for(
    conn: psycopg.Connection[Any], known: Statements, shapes: tuple[Rows, ...]
) -> bytes:
    """The name of the statement that stores events with such rows, planned when first met."""
    if not shapes:
        return FAST_NAME
    if shapes not in known:
        name = f"{FAST_NAME.decode()}_{len(known)}"
        conn.execute(f"PREPARE {name} AS {_text(shapes)}".encode())
        known[shapes] = name.encode()
    return known[shapes]


@cache
def _text(shapes: tuple[Rows, ...]) -> str:
    parts, number = [], FAST_PARAMETERS
    for n, shape in enumerate(shapes):
        arrays = []
        for kind in shape.types:
            number += 1
            arrays.append(f"${number}::{kind}[]")
        # Names of tables and columns were checked when the command was prepared.
        names = ", ".join(shape.columns)
        parts.append(
            f"w{n} AS (INSERT INTO {shape.table} ({names}) SELECT {names}"
            f" FROM unnest({', '.join(arrays)}) WITH ORDINALITY u({names}, ordinal_)"
            " WHERE EXISTS (SELECT FROM e) ORDER BY ordinal_)"
        )
    return fast_with(parts)


def _shape(write: RowWrite) -> Rows | None:
    if not write.rows:
        return None
    types = []
    for column in zip(*write.rows, strict=True):
        kinds = {"bigint" if v is RECORDED_AT else _TYPES.get(type(v)) for v in column}
        kind = kinds.pop()
        if kind is None or kinds:
            return None
        types.append(kind)
    return Rows(write.table, tuple(write.columns), tuple(types))
