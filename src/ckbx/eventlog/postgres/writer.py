"""Who may write, in which order, and what happens when the answer to COMMIT is lost?

One connection a process, one advisory lock a store. A lost answer is resolved by asking
again under the lock, by command id: what was committed is found, what was not is repeated.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import psycopg
from psycopg import errors

from ckbx.clock import Clock, micros
from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.eventlog.one_process import OneProcess
from ckbx.eventlog.postgres.append import Outcome, decide, read_state
from ckbx.eventlog.postgres.connect import as_ckbx, is_lost
from ckbx.eventlog.postgres.fast import Memory, prepare_statements, store_checked, store_fast
from ckbx.eventlog.postgres.insert import Sent, insert_large, is_small, send_small
from ckbx.eventlog.prepared import Prepared

Connection = psycopg.Connection[Any]

DEADLINE_SECONDS: Final = 5.0
_PAUSES: Final = (0.0, 0.05, 0.1, 0.2, 0.4)


class PostgresWriter:
    """Stores batches of commands, each batch in one transaction."""

    def __init__(self, open_: Callable[[], Connection], lock_key: int, clock: Clock) -> None:
        self._open = open_
        self._lock_sql = f"SELECT pg_advisory_xact_lock({lock_key})"
        self._clock = clock
        self.mutex = threading.RLock()
        self._conn: Connection | None = None
        self._closed = False
        self._memory = Memory()
        self._home = OneProcess()

    def store(self, batch: Sequence[Prepared]) -> list[Outcome]:
        """The outcome of each command, in order. Waits for whoever writes in this process.

        Raises StoreUnavailable after the deadline; whether a command of the batch was
        stored is then unknown, and repeating it with the same id is safe.
        """
        if not batch:
            return []
        self._home.require()
        with self.mutex:
            try:
                return self._persist(batch)
            except (errors.DataError, errors.IntegrityError, errors.ProgrammingError) as error:
                if len(batch) == 1:
                    return [as_ckbx(error)]
                return [self._alone(item) for item in batch]
            except psycopg.Error as error:
                raise as_ckbx(error) from error

    def store_rows(self, item: Prepared) -> list[int]:
        """Insert events that carry no command; their positions. Raises psycopg's errors.

        The unique key of stream and version decides about conflicts, as the library's
        recorder interface wants it. Never repeated: without a command id a lost answer
        cannot be told from a conflict.
        """
        self._home.require()
        with self.mutex:
            conn = self._connection()
            try:
                return self._rows(conn, item)
            except BaseException:
                self._drop()
                raise

    def close(self) -> None:
        """Release the connection; later writes are refused."""
        with self.mutex:
            self._closed = True
            self._drop()

    def _alone(self, item: Prepared) -> Outcome:
        try:
            return self._persist([item])[0]
        except (psycopg.Error, StoreUnavailable) as error:
            return as_ckbx(error)

    def _persist(self, batch: Sequence[Prepared]) -> list[Outcome]:
        """One transaction, repeated on a new connection while the old one is lost."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        in_doubt: set[bytes] = set()
        tries = 0
        while True:
            sent: set[bytes] = set()
            try:
                return self._attempt(self._connection(), batch, in_doubt, sent)
            except BaseException as error:
                self._drop()
                # The statement's name is unknown when a pooler let the server forget it.
                lost = is_lost(error) or isinstance(error, errors.InvalidSqlStatementName)
                if lost:
                    in_doubt |= sent
                elif not (in_doubt and isinstance(error, psycopg.OperationalError)):
                    raise
                if not lost or time.monotonic() >= deadline:
                    raise _unreachable(known=not in_doubt) from error
            time.sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
            tries += 1

    def _attempt(
        self, conn: Connection, batch: Sequence[Prepared], in_doubt: set[bytes], sent: set[bytes]
    ) -> list[Outcome]:
        """``sent`` collects the commands whose COMMIT may have reached the server."""

        def committing(chosen: Sequence[Prepared]) -> None:
            sent.update(item.command for item in chosen if item.command is not None)

        if not in_doubt:
            for store in (store_fast, store_checked):
                outcomes = store(conn, batch, self._memory, self._clock, committing)
                if outcomes is not None:
                    return outcomes
                sent.clear()
        sent_small: Sent | None = None
        positions: list[int] = []
        with conn.pipeline():
            conn.execute("BEGIN")
            conn.execute(self._lock_sql)
            state = read_state(conn, batch)
            decision = decide(batch, state, in_doubt)
            at = max(state.recorded_at, micros(self._clock.now()))
            chosen = [batch[index] for index in decision.chosen]
            if not chosen:
                # No ROLLBACK: the driver answers it with DEALLOCATE ALL, which takes in
                # the statements of the fast way.
                conn.execute("COMMIT")
            elif is_small(chosen):
                sent_small = send_small(conn, chosen, at, committing)
        if sent_small is not None:
            positions = sent_small.positions()
        elif chosen:
            positions = insert_large(conn, chosen, at, committing)
        last = max(positions, default=0)
        self._memory.learn(state.heads, last or state.position, at if last else state.recorded_at)
        return decision.settle(batch, positions, at)

    def _rows(self, conn: Connection, item: Prepared) -> list[int]:
        self._memory.forget()
        with conn.pipeline():
            conn.execute("BEGIN")
            conn.execute(self._lock_sql)
            state = read_state(conn, [item])
            at = max(state.recorded_at, micros(self._clock.now()))
            small = send_small(conn, [item], at, _nothing) if is_small([item]) else None
        return small.positions() if small else insert_large(conn, [item], at, _nothing)

    def _connection(self) -> Connection:
        if self._closed:
            raise StoreUnavailable(why="事件库已关闭")
        if self._conn is None or self._conn.closed:
            conn = self._open()
            prepare_statements(conn, self._lock_sql, self._memory)
            self._conn = conn
        return self._conn

    def _drop(self) -> None:
        """Leave no open transaction and no lock behind.

        After an error the driver may take statements for prepared that the server never
        met (what followed the error in the pipeline): only a new connection is sure.
        """
        self._memory.forget()
        if self._conn is not None:
            with contextlib.suppress(psycopg.Error):
                self._conn.close()
            self._conn = None


def _nothing(_: Sequence[Prepared]) -> None:
    return None


def _unreachable(*, known: bool) -> StoreUnavailable:
    if known:
        return StoreUnavailable(why="连不上数据库，没有写入；请稍后重试")
    return StoreUnavailable(why="连不上数据库，刚才的写入结果未知；请用同一请求重试，不会重复记录")
