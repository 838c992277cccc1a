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
from typing import Any, Final, Protocol

import psycopg

from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.eventlog.postgres.connect import DEFAULT_LAYOUT, as_ckbx, connect, session_options
from ckbx.pulse import WIDTH, Leading, Pulse, read_pulse

_KEY: Final = DEFAULT_LAYOUT.lock_key("leader")
_HALF: Final = 0xFFFF_FFFF
_HOLDER: Final = """
    SELECT s.application_name FROM pg_locks l LEFT JOIN pg_stat_activity s USING (pid)
    WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND l.classid = %s::bigint::oid AND l.objid = %s::bigint::oid
"""


class Leadership(Protocol):
    """The right to lead, of which there is one a store."""

    def try_lead(self) -> bool:
        """Take the lead, or keep it; False while somebody else has it."""

    def tell(self, pulse: Pulse) -> None:
        """Keep the lead, and let others see how the leader is.

        Raises StoreUnavailable where the lead is lost.
        """

    def seen(self) -> Leading:
        """How the lead looks, whoever has it. Raises StoreUnavailable."""

    @property
    def held(self) -> bool:
        """Whether this claim has the lead."""

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

    def tell(self, pulse: Pulse) -> None:
        if self._fd < 0:
            raise StoreUnavailable(why="本进程没有在做日常工作")
        try:
            os.pwrite(self._fd, f"{pulse.text():<{WIDTH}}\n".encode(), 0)
        except OSError as error:
            raise StoreUnavailable(why=f"不能写锁文件 {self._path}（{error.strerror}）") from error

    def seen(self) -> Leading:
        try:
            fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return Leading(held=False, pulse=Pulse())
        except OSError as error:
            raise StoreUnavailable(why=f"不能读锁文件 {self._path}（{error.strerror}）") from error
        try:
            pulse = read_pulse(os.pread(fd, WIDTH + 1, 0).decode("ascii", "replace"))
            return Leading(held=_is_locked(fd), pulse=pulse)
        finally:
            os.close(fd)

    @property
    def held(self) -> bool:
        return self._fd >= 0

    def give_up(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _is_locked(fd: int) -> bool:
    """Whether somebody holds the lock. Asking holds it shared for a moment: whoever wants to
    lead just then tries again some seconds later.
    """
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


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
            row = conn.execute("SELECT pg_try_advisory_lock(%s)", (_KEY,)).fetchone()
        except psycopg.Error as error:
            self.give_up()
            raise as_ckbx(error) from error
        if row is not None and row[0]:
            self._conn = conn
            return True
        conn.close()
        return False

    def tell(self, pulse: Pulse) -> None:
        if self._conn is None:
            raise StoreUnavailable(why="本进程没有在做日常工作")
        try:
            self._conn.execute("SELECT set_config('application_name', %s, false)", (pulse.text(),))
        except psycopg.Error as error:
            self.give_up()
            raise as_ckbx(error) from error

    def seen(self) -> Leading:
        try:
            with connect(self._url, session_options(DEFAULT_LAYOUT)) as conn:
                row = conn.execute(_HOLDER, (_KEY >> 32 & _HALF, _KEY & _HALF)).fetchone()
        except psycopg.Error as error:
            raise as_ckbx(error) from error
        if row is None:
            return Leading(held=False, pulse=Pulse())
        return Leading(held=True, pulse=read_pulse(row[0] or ""))

    @property
    def held(self) -> bool:
        return self._conn is not None

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
