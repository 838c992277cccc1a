"""How are prepared statements sent to PostgreSQL in one message, as one transaction?

The shortest way libpq offers: parameters are encoded once, by hand, and nothing waits in
between. Without BEGIN the server takes all statements up to the sync for one transaction.
"""

from __future__ import annotations

import select
import time
from collections.abc import Sequence
from struct import Struct, pack
from typing import Any, Final

import psycopg
from psycopg import pq
from psycopg.errors import error_from_result

WAIT_SECONDS: Final = 5.0

_UUID: Final = 2950
_INT8: Final = 20
_TEXT: Final = 25
_BYTEA: Final = 17
_HEADER = Struct(">iiIii").pack
_LENGTH = Struct(">i").pack
_UUID_LENGTH: Final = _LENGTH(16)
_INT8_ITEM = Struct(">iq").pack

int8 = Struct(">q").pack
read_int8 = Struct(">q").unpack

Statement = tuple[bytes, Sequence[bytes]]
"""(name of a prepared statement, binary parameters)"""


def uuids(values: Sequence[bytes]) -> bytes:
    """A ``uuid[]`` of 16-byte values."""
    return _array(_UUID, len(values), b"".join([_UUID_LENGTH + value for value in values]))


def int8s(values: Sequence[int]) -> bytes:
    """A ``bigint[]``."""
    return _array(_INT8, len(values), b"".join([_INT8_ITEM(8, value) for value in values]))


def texts(values: Sequence[str]) -> bytes:
    """A ``text[]``."""
    return byteas([value.encode() for value in values], _TEXT)


def byteas(values: Sequence[bytes], oid: int = _BYTEA) -> bytes:
    """A ``bytea[]``."""
    return _array(oid, len(values), b"".join([_LENGTH(len(v)) + v for v in values]))


def _array(oid: int, count: int, items: bytes) -> bytes:
    if not count:
        return pack(">iiI", 0, 0, oid)
    return _HEADER(1, 0, oid, count, 1) + items


def run_as_one(conn: psycopg.Connection[Any], statements: Sequence[Statement]) -> Any:
    """Send the statements as one transaction; the last one's result, after the commit.

    The connection must be in no transaction. Raises psycopg's errors (then nothing was
    stored), OperationalError when the answer did not come: the outcome is unknown.
    """
    wire = conn.pgconn
    wire.enter_pipeline_mode()
    for name, parameters in statements:
        formats = [pq.Format.BINARY] * len(parameters)
        wire.send_query_prepared(name, parameters, formats, result_format=pq.Format.BINARY)
    wire.pipeline_sync()
    last, failed = _answers(wire)
    if wire.status == pq.ConnStatus.BAD:
        msg = "the connection was lost before the answer"
        raise psycopg.OperationalError(msg)
    wire.exit_pipeline_mode()
    if failed is not None:
        raise error_from_result(failed)
    return last


def _answers(wire: Any) -> tuple[Any, Any]:
    """(the last result, the first error) of everything up to the sync."""
    poller = select.poll()
    deadline = time.monotonic() + WAIT_SECONDS
    last = failed = None
    unsent = wire.flush()
    while True:
        while unsent or wire.is_busy():
            events = select.POLLIN | (select.POLLOUT if unsent else 0)
            poller.register(wire.socket, events)
            if not poller.poll(max(0.0, deadline - time.monotonic()) * 1000):
                wire.finish()
                msg = "no answer from the server"
                raise psycopg.OperationalError(msg)
            wire.consume_input()
            unsent = wire.flush() if unsent else 0
        result = wire.get_result()
        if result is None:
            continue
        if result.status == pq.ExecStatus.PIPELINE_SYNC:
            return last, failed
        if result.status == pq.ExecStatus.FATAL_ERROR:
            failed = failed or result
            if wire.status == pq.ConnStatus.BAD:
                return last, failed
        elif result.status != pq.ExecStatus.PIPELINE_ABORTED:
            last = result
