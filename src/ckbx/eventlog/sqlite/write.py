"""How does a batch of commands become one transaction?

Under the writer lock: compare heads, answer repeated commands, insert the rest, COMMIT.
Nothing is acknowledged before COMMIT has returned; where its outcome is not known, the
table of commands is asked.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ckbx.clock import Clock, from_micros, micros
from ckbx.domain.shared.errors import CkbxError, StoreUnavailable
from ckbx.eventlog.heads import Heads
from ckbx.eventlog.ports import RECORDED_AT, Appended, RowWrite
from ckbx.eventlog.prepared import Prepared, delete_statement, insert_statement, rows_at
from ckbx.eventlog.refusals import RowRefused as RowRefused  # noqa: PLC0414 - re-export
from ckbx.eventlog.sqlite.commands import find_commands
from ckbx.eventlog.sqlite.connect import Connection, open_writer
from ckbx.eventlog.sqlite.errors import refusal_of, unavailable
from ckbx.eventlog.sqlite.plan import Instant, Plan, make_plan
from ckbx.eventlog.sqlite.sql import insert_rows
from ckbx.eventlog.writer_lock import WriterLock

Outcome = Appended | CkbxError

CHECKPOINT_PAGES = 1_000
"""Estimated pages (4 MB) after which the log file is folded back. Kept small so that it is
written over in place: a log file that grows costs every commit more."""

_INSERT_EVENTS = "INSERT INTO events (position, stream, version, topic, recorded_at, state) VALUES"
_INSERT_COMMANDS = "INSERT INTO commands (command_id, position, recorded_at, reply) VALUES"


class SQLiteWriter:
    """The one connection of this process that appends. Use only inside the lock."""

    def __init__(self, path: Path, lock: WriterLock, clock: Clock) -> None:
        self._path = path
        self._lock = lock
        self._clock = clock
        self._heads = Heads()
        self._connection: Connection | None = None
        self._pages = 0

    def commit(self, batch: Sequence[Prepared]) -> list[Outcome]:
        """Store a batch in one transaction; a command that conflicts fails alone.

        When the database refuses a row of the batch, the commands are stored one by one, so
        that only the offending one fails. Raises nothing a command is to blame for.
        """
        with self._lock:
            try:
                return self._transaction(batch)
            except _OutcomeUnknown as error:
                return self._resolve(batch, error.refusal)
            except (CkbxError, sqlite3.Error, OverflowError, TypeError) as error:
                if len(batch) == 1:
                    return [self._first_reply(batch[0], error) or refusal_of(error)]
            return [self.commit([item])[0] for item in batch]

    def open(self) -> Connection:
        """The connection, opened where it is not. Raises StoreUnavailable."""
        if self._connection is None:
            self._heads.forget()
            self._connection = open_writer(self._path)
        return self._connection

    def close(self) -> None:
        """Close the connection (it may fold the log file back, hence inside the lock)."""
        with self._lock:
            self._drop_connection()

    def _transaction(self, batch: Sequence[Prepared]) -> list[Outcome]:
        connection = self.open()
        try:
            connection.execute("BEGIN IMMEDIATE")
            heads = self._heads
            heads.refresh(connection)
            missing = heads.missing(batch)
            if missing:
                heads.fetch(connection, missing)
            plan = self._plan(connection, batch, self._now())
            if plan.changes:
                self._insert(connection, plan)
        except BaseException:
            self._rollback(connection)
            raise
        if plan.changes:
            self._finish(connection, plan)
        else:
            connection.execute("ROLLBACK")
        return plan.outcomes

    def _now(self) -> Instant:
        """The clock's instant, never before the last ``recorded_at``."""
        at = self._clock.now()
        now = micros(at)
        last = self._heads.recorded_at
        return (now, at) if now >= last else (last, from_micros(last))

    def _plan(self, connection: Connection, batch: Sequence[Prepared], now: Instant) -> Plan:
        """A single command is looked up only when it conflicts: a repeated one nearly always
        does, and where it does not its insert is refused by the primary key.
        """
        known: dict[bytes | None, Appended] = {}
        if len(batch) == 1:
            plan = make_plan(batch, self._heads, known, now)
            if plan.changes:
                return plan
        known = find_commands(connection, [p.command for p in batch if p.command])
        return make_plan(batch, self._heads, known, now)

    def _first_reply(self, item: Prepared, error: Exception) -> Appended | None:
        """The first reply of a command whose insert was refused because it was stored."""
        if item.command is None or not isinstance(error, sqlite3.IntegrityError):
            return None
        try:
            return find_commands(self.open(), [item.command]).get(item.command)
        except (sqlite3.Error, StoreUnavailable):
            return None

    def _insert(self, connection: Connection, plan: Plan) -> None:
        insert_rows(connection, _INSERT_EVENTS, plan.events)
        insert_rows(connection, _INSERT_COMMANDS, plan.commands)
        for write in plan.writes:
            if isinstance(write, RowWrite):
                rows = rows_at(write, RECORDED_AT, plan.recorded_at)
                connection.executemany(insert_statement(write.table, tuple(write.columns)), rows)
            else:
                statement = delete_statement(write.table, write.column)
                connection.executemany(statement, [(value,) for value in write.values])
            self._pages += 2

    def _finish(self, connection: Connection, plan: Plan) -> None:
        try:
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._rollback(connection)
            self._drop_connection()
            raise _OutcomeUnknown(unavailable(error)) from error
        self._heads.advance(plan.heads, plan.position, plan.recorded_at)
        # A leaf for each command and stream touched, the events side by side, and a few roots.
        self._pages += 3 + len(plan.commands) + len(plan.heads) + len(plan.events) // 8
        if self._pages >= CHECKPOINT_PAGES:
            self._fold_log()

    def _fold_log(self) -> None:
        """Move committed pages to the main file. Failing here loses nothing: tried again."""
        self._pages = 0
        try:
            self.open().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except sqlite3.Error:
            self._pages = CHECKPOINT_PAGES // 2

    def _resolve(self, batch: Sequence[Prepared], refusal: StoreUnavailable) -> list[Outcome]:
        """What became of a batch whose COMMIT failed: the commands found are stored."""
        try:
            ids = [p.command for p in batch if p.command]
            known = find_commands(self.open(), ids)
        except (sqlite3.Error, StoreUnavailable):
            why = "提交结果未知；请用同一命令编号重试，已保存的不会重复"
            return [StoreUnavailable(why=why) for _ in batch]
        return [
            msgspec.structs.replace(known[p.command], replayed=False)
            if p.command in known
            else refusal
            for p in batch
        ]

    def _rollback(self, connection: Connection) -> None:
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error:
            self._drop_connection()
        self._heads.forget()

    def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        self._heads.forget()
        if connection is not None:
            connection.close()


class _OutcomeUnknown(Exception):
    """COMMIT did not return: neither stored nor not stored until the commands are asked."""

    def __init__(self, refusal: StoreUnavailable) -> None:
        self.refusal = refusal
        super().__init__(str(refusal))
