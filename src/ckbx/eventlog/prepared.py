"""What does a command bring to the writer? Everything that can be computed before the lock.

Encoding and self-checks happen here, in the caller's thread; under the lock the writer
only compares stream heads and inserts tuples.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from ckbx.domain.shared.errors import CkbxError, ConcurrencyConflict
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.codec import encode_event
from ckbx.eventlog.ports import Append, RowDelete, RowWrite

EventTuple = tuple[bytes, int, str, bytes]
"""(stream, version, topic, stored bytes)"""

_TABLE = re.compile(r"vault_[a-z][a-z0-9_]*\Z")
_COLUMN = re.compile(r"[a-z][a-z0-9_]*\Z")


class ForbiddenWrite(CkbxError):
    """A row was meant for a table that is not the vault's: a mistake in the program."""

    code: ClassVar[str] = "forbidden_write"
    message: ClassVar[str] = "程序错误：不允许随事件写入 {table}，只能写 vault_ 开头的表"


class Prepared(msgspec.Struct, frozen=True, gc=False):
    """One command, ready to insert.

    ``command`` is None only for events that came through the library's recorder interface.
    ``bases`` are the heads the command must find; ``ends`` the heads it leaves behind.
    ``size`` is the number of stored bytes, by which batches are bounded.
    """

    command: bytes | None
    reply: bytes
    events: Sequence[EventTuple]
    bases: dict[bytes, int]
    ends: dict[bytes, int]
    writes: Sequence[RowWrite | RowDelete]
    size: int


def prepare(request: Append, encode: Callable[[DomainEvent], bytes] = encode_event) -> Prepared:
    """Encode a command.

    Raises ConcurrencyConflict when its own versions do not follow each other or disagree
    with ``expect``, ForbiddenWrite for a table outside the vault.
    """
    events = [
        (event.originator_id.bytes, event.originator_version, event.TOPIC, encode(event))
        for event in request.events
    ]
    expect = {stream.bytes: version for stream, version in request.expect.items()}
    return prepare_rows(request.command_id, events, expect, request.writes, request.reply)


def prepare_rows(
    command_id: UUID | None,
    events: Sequence[EventTuple],
    expect: dict[bytes, int],
    writes: Sequence[RowWrite | RowDelete] = (),
    reply: bytes = b"",
) -> Prepared:
    """Like :func:`prepare`, for events that are already encoded."""
    bases = expect
    ends: dict[bytes, int] = {}
    size = 0
    for stream, version, _topic, state in events:
        last = ends.get(stream)
        if last is None:
            if bases.setdefault(stream, version - 1) != version - 1:
                raise ConcurrencyConflict(stream=UUID(bytes=stream), version=version)
        elif version != last + 1:
            raise ConcurrencyConflict(stream=UUID(bytes=stream), version=version)
        ends[stream] = version
        size += len(state)
    if writes:
        check_writes(writes)
    command = None if command_id is None else command_id.bytes
    return Prepared(command, reply, events, bases, ends, writes, size)


def check_writes(writes: Iterable[RowWrite | RowDelete]) -> None:
    """Raise ForbiddenWrite unless every row is for a table of the vault."""
    for write in writes:
        columns = write.columns if isinstance(write, RowWrite) else (write.column,)
        insert_statement(write.table, tuple(columns))


@cache
def insert_statement(table: str, columns: tuple[str, ...]) -> str:
    """The INSERT of a :class:`RowWrite` (``?`` placeholders)."""
    if not _TABLE.match(table) or not columns or not all(map(_COLUMN.match, columns)):
        raise ForbiddenWrite(table=f"{table}({', '.join(columns)})")
    marks = ",".join("?" * len(columns))
    return f"INSERT INTO {table} ({','.join(columns)}) VALUES ({marks})"


@cache
def delete_statement(table: str, column: str) -> str:
    """The DELETE of a :class:`RowDelete` (one ``?`` placeholder)."""
    insert_statement(table, (column,))
    return f"DELETE FROM {table} WHERE {column} = ?"


def rows_at(write: RowWrite, sentinel: object, recorded_at: Any) -> list[tuple[Any, ...]]:
    """The rows with the sentinel replaced by the ``recorded_at`` of the append."""
    return [
        tuple([recorded_at if value is sentinel else value for value in row]) for row in write.rows
    ]
