"""How do columns of rows travel to PostgreSQL and back? As binary arrays, ids as 16 bytes.

The driver writes an array value by value; here a column is written in a few steps, which is
most of the time of a batch. The form is that of the server's ``array_recv``: number of
dimensions, whether there are nulls, element type, length, lower bound, then every value
behind its length (-1: null).
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Callable, Sequence
from typing import Any, Final

import psycopg
from psycopg.adapt import Buffer, Dumper, Loader
from psycopg.pq import Format

_HEAD: Final = struct.Struct("!iiIii").pack
_LENGTH: Final = struct.Struct("!i").pack
_NULL: Final = _LENGTH(-1)
_OIDS: Final = {"bool": 16, "bytea": 17, "int8": 20, "int4": 23, "text": 25, "uuid": 2950}
_ID: Final = _LENGTH(16)
_TRUTH: Final = {False: _LENGTH(1) + b"\0", True: _LENGTH(1) + b"\1"}
_NUMBERS: Final = {
    "int4": struct.Struct("!ii").pack,
    "int8": struct.Struct("!iq").pack,
}
_WIDTH: Final = {"int4": 4, "int8": 8}


class PackedColumn:
    """The values of one column, ready to be sent."""

    __slots__ = ("data",)

    def __init__(self, kind: str, values: Sequence[Any]) -> None:
        """``kind`` is the server's type. Raises OverflowError, TypeError or ValueError for
        a value that does not fit.
        """
        if not values:
            self.data = _HEAD(0, 0, _OIDS[kind], 0, 1)[:12]
            return
        nulls = None in values
        body = _BODIES[kind](kind, values, nulls)
        self.data = _HEAD(1, int(nulls), _OIDS[kind], len(values), 1) + body


def check_numbers(kind: str, values: Sequence[Any]) -> None:
    """Refuse what the driver's binary copy would cut off. Raises as PackedColumn does."""
    if kind == "int4":
        array("i", filter(None, values))
    elif kind == "uuid":
        _check_ids([value for value in values if value is not None])


def _numbers(kind: str, values: Sequence[Any], nulls: bool) -> bytes:
    width, pack = _WIDTH[kind], _NUMBERS[kind]
    try:
        if nulls or kind == "int8":
            return b"".join([_NULL if v is None else pack(width, v) for v in values])
        whole = array("i", [width]) * (2 * len(values))
        whole[1::2] = array("i", values)
    except struct.error as error:
        raise OverflowError(kind) from error
    if sys.byteorder == "little":
        whole.byteswap()
    return whole.tobytes()


def _ids(_kind: str, values: Sequence[Any], nulls: bool) -> bytes:
    if nulls:
        _check_ids([value for value in values if value is not None])
        return b"".join([_NULL if v is None else _ID + v for v in values])
    _check_ids(values)
    return _ID + _ID.join(values)


def _check_ids(values: Sequence[bytes]) -> None:
    if not set(map(len, values)) <= {16}:
        message = "uuid"
        raise ValueError(message)


def _texts(_kind: str, values: Sequence[Any], _nulls: bool) -> bytes:
    parts = []
    for value in values:
        if value is None:
            parts.append(_NULL)
            continue
        data = str.encode(value)
        if b"\0" in data:
            message = "text"
            raise ValueError(message)
        parts += (_LENGTH(len(data)), data)
    return b"".join(parts)


def _blobs(_kind: str, values: Sequence[Any], _nulls: bool) -> bytes:
    return b"".join([_NULL if v is None else _LENGTH(len(v)) + v for v in values])


def _truths(_kind: str, values: Sequence[Any], _nulls: bool) -> bytes:
    try:
        return b"".join([_NULL if v is None else _TRUTH[v] for v in values])
    except KeyError as error:
        message = "bool"
        raise ValueError(message) from error


_BODIES: Final[dict[str, Callable[[str, Sequence[Any], bool], bytes]]] = {
    "bool": _truths,
    "bytea": _blobs,
    "int4": _numbers,
    "int8": _numbers,
    "text": _texts,
    "uuid": _ids,
}


class _ColumnDumper(Dumper):
    """The server takes the type from the cast beside the placeholder."""

    format = Format.BINARY
    oid = 0

    def dump(self, obj: PackedColumn) -> Buffer:
        return obj.data


class _IdLoader(Loader):
    format = Format.BINARY

    def load(self, data: Buffer) -> bytes:
        return bytes(data)


def adapt(conn: psycopg.Connection[Any]) -> None:
    """Make a connection send packed columns, and give ids back as bytes."""
    conn.adapters.register_dumper(PackedColumn, _ColumnDumper)
    conn.adapters.register_loader("uuid", _IdLoader)
