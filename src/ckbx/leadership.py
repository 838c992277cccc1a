"""Who does the store's standing work (answers, due work, outbox) now? One process, the leader.

SQLite: an ``flock`` on ``<database>.leader.lock``; PostgreSQL: a session advisory lock. Both
end with the process that held them, however it ended.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg

from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.eventlog.postgres_connect import DEFAULT_LAYOUT, as_ckbx, connect, session_options


class Leadership(Protocol):
    """The right to lead, of which there is one a store."""

    def try_lead(self) -> bool:
        """Take the lead, or keep it; False while somebody else has it."""

    def give_up(self) -> None:
        """Let others lead; nothing when this process does not."""


class FileLeadership:
    """The right to lead an SQLite store."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".leader.lock")
        self._fd = -1

    def try_lead(self) -> bool:
        if self._fd >= 0:
            return True
        try:
            fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            why = f"不能打开锁文件 {self._path}（{error.strerror}），请检查目录权限和磁盘"
            raise StoreUnavailable(why=why) from error
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return False
        self._fd = fd
        return True

    def give_up(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


class PostgresLeadership:
    """The right to lead a PostgreSQL store. It is lost with its connection."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._conn: psycopg.Connection[Any] | None = None

    def try_lead(self) -> bool:
        try:
            if self._conn is not None:
                self._conn.execute("SELECT 1")
                return True
            conn = connect(self._url, session_options(DEFAULT_LAYOUT))
            key = DEFAULT_LAYOUT.lock_key("leader")
            row = conn.execute("SELECT pg_try_advisory_lock(%s)", (key,)).fetchone()
        except psycopg.Error as error:
            self.give_up()
            raise as_ckbx(error) from error
        if row is not None and row[0]:
            self._conn = conn
            return True
        conn.close()
        return False

    def give_up(self) -> None:
        if self._conn is not None:
            self._conn.close()
            self._conn = None


@contextmanager
def leading(leadership: Leadership) -> Iterator[bool]:
    """Lead for the block where nobody does; the value says whether this process leads."""
    leads = leadership.try_lead()
    try:
        yield leads
    finally:
        if leads:
            leadership.give_up()
