"""How do the rows of decided commands get into PostgreSQL: in one message, or by COPY?

A small batch goes out with its COMMIT in one pipeline. A large one never does (a statement
of more than ~10 MB inside a pipeline hangs client and server): it is copied, then committed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

import psycopg
from psycopg import sql

from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.eventlog.ports import RECORDED_AT, RowDelete, RowWrite
from ckbx.eventlog.postgres.sql import (
    COPY_COMMANDS,
    COPY_COMMANDS_TYPES,
    COPY_EVENTS,
    COPY_EVENTS_TYPES,
    INSERT_BOTH,
    INSERT_COMMANDS,
    INSERT_EVENTS,
    NO_ID,
    POSITIONS,
)
from ckbx.eventlog.prepared import EventTuple, Prepared, rows_at

Connection = psycopg.Connection[Any]
Committing = Callable[[Sequence[Prepared]], None]
"""Told which commands are about to be committed, before COMMIT can leave."""

SMALL_BYTES: Final = 512 * 1024
SMALL_EVENTS: Final = 2_000
SMALL_ROWS: Final = 64
DELETE_CHUNK: Final = 5_000
POSITIONS_CHUNK: Final = 5_000


def is_small(chosen: Sequence[Prepared]) -> bool:
    """Whether everything fits one pipeline of modest statements."""
    size = events = rows = 0
    for item in chosen:
        size += item.size + len(item.reply)
        events += len(item.events)
        for write in item.writes:
            cells = write.rows if isinstance(write, RowWrite) else [write.values]
            rows += len(write.rows if isinstance(write, RowWrite) else write.values)
            size += sum(len(c) for row in cells for c in row if isinstance(c, bytes | str))
    return size <= SMALL_BYTES and events <= SMALL_EVENTS and rows <= SMALL_ROWS


class Sent(NamedTuple):
    """A small batch on its way: what it inserted, and its COMMIT."""

    chosen: Sequence[Prepared]
    inserted: psycopg.Cursor[Any]
    commit: psycopg.Cursor[Any]

    def positions(self) -> list[int]:
        """The position of each item's last event. Asked after the end of the pipeline, which
        waits for all answers at once. Raises StoreUnavailable.
        """
        if self.commit.statusmessage != "COMMIT":
            raise StoreUnavailable(why="数据库没有确认提交，请用同一请求重试")
        rows = self.inserted.fetchall()
        if self.chosen[0].command is None:
            return [position for (position,) in rows]
        found = {command.bytes: position for command, position in rows}
        return [found[item.command] for item in self.chosen if item.command is not None]


def send_small(
    conn: Connection, chosen: Sequence[Prepared], at: int, committing: Committing
) -> Sent:
    """Send rows and COMMIT, and wait for nothing. Must run inside a pipeline, at its end."""
    events = [event for item in chosen for event in item.events]
    cursor = _insert(conn, chosen, events, at)
    for item in chosen:
        for write in item.writes:
            _write_small(conn, write, at)
    committing(chosen)
    return Sent(chosen, cursor, conn.execute("COMMIT"))


def _insert(
    conn: Connection, chosen: Sequence[Prepared], events: Sequence[EventTuple], at: int
) -> psycopg.Cursor[Any]:
    if not events:
        ids = [UUID(bytes=item.command) for item in chosen if item.command is not None]
        replies = [item.reply for item in chosen]
        return conn.execute(INSERT_COMMANDS, (at, ids, replies), binary=True)
    columns: tuple[Any, ...] = (
        at,
        [UUID(bytes=stream) for stream, _, _, _ in events],
        [version for _, version, _, _ in events],
        [topic for _, _, topic, _ in events],
        [state for _, _, _, state in events],
    )
    if chosen[0].command is None:
        return conn.execute(INSERT_EVENTS, columns, binary=True)
    last = [item.events[-1] if item.events else None for item in chosen]
    columns += (
        at,
        [UUID(bytes=item.command) for item in chosen if item.command is not None],
        [UUID(bytes=event[0]) if event else NO_ID for event in last],
        [event[1] if event else 0 for event in last],
        [item.reply for item in chosen],
    )
    return conn.execute(INSERT_BOTH, columns, binary=True)


def insert_large(
    conn: Connection, chosen: Sequence[Prepared], at: int, committing: Committing
) -> list[int]:
    """Rows by COPY, then COMMIT; the position of each item's last event."""
    events = [event for item in chosen for event in item.events]
    copied = ((UUID(bytes=s), v, topic, at, state) for s, v, topic, state in events)
    _copy(conn, COPY_EVENTS, copied, COPY_EVENTS_TYPES)
    if chosen[0].command is None:
        positions = positions_of(conn, events)
    else:
        last = [item.events[-1] for item in chosen if item.events]
        found = iter(positions_of(conn, last))
        positions = [next(found) if item.events else 0 for item in chosen]
        rows = (
            (UUID(bytes=item.command), position, at, item.reply)
            for item, position in zip(chosen, positions, strict=True)
            if item.command is not None
        )
        _copy(conn, COPY_COMMANDS, rows, COPY_COMMANDS_TYPES)
    for item in chosen:
        for write in item.writes:
            _write_large(conn, write, at)
    committing(chosen)
    if conn.execute("COMMIT").statusmessage != "COMMIT":
        raise StoreUnavailable(why="数据库没有确认提交，请用同一请求重试")
    return positions


def positions_of(conn: Connection, events: Sequence[EventTuple]) -> list[int]:
    """Where events that were just inserted stand, in their order."""
    found: list[int] = []
    for start in range(0, len(events), POSITIONS_CHUNK):
        chunk = events[start : start + POSITIONS_CHUNK]
        ids = [UUID(bytes=event[0]) for event in chunk]
        versions = [event[1] for event in chunk]
        found += [p for (p,) in conn.execute(POSITIONS, (ids, versions), binary=True)]
    return found


def _copy(conn: Connection, statement: str, rows: Any, types: Sequence[str]) -> None:
    with conn.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def _write_small(conn: Connection, write: RowWrite | RowDelete, at: int) -> None:
    if isinstance(write, RowDelete):
        _delete(conn, write)
    elif write.rows:
        rows = rows_at(write, RECORDED_AT, at)
        line = sql.SQL("({})").format(sql.SQL(",").join([sql.Placeholder()] * len(write.columns)))
        text = sql.SQL("INSERT INTO {} ({}) VALUES {}").format(
            sql.Identifier(write.table), _names(write), sql.SQL(",").join([line] * len(rows))
        )
        conn.execute(text, [value for row in rows for value in row])


def _write_large(conn: Connection, write: RowWrite | RowDelete, at: int) -> None:
    if isinstance(write, RowDelete):
        _delete(conn, write)
        return
    text = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(write.table), _names(write))
    with conn.cursor() as cursor, cursor.copy(text) as copy:
        for row in rows_at(write, RECORDED_AT, at):
            copy.write_row(row)


def _delete(conn: Connection, write: RowDelete) -> None:
    text = sql.SQL("DELETE FROM {} WHERE {} = ANY(%s)").format(
        sql.Identifier(write.table), sql.Identifier(write.column)
    )
    for start in range(0, len(write.values), DELETE_CHUNK):
        conn.execute(text, (list(write.values[start : start + DELETE_CHUNK]),))


def _names(write: RowWrite) -> sql.Composed:
    return sql.SQL(",").join(map(sql.Identifier, write.columns))
