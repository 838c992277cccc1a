"""How is a connection to the SQLite store opened, and what may be done through it?"""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any

from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.eventlog.sqlite.errors import unavailable as unavailable  # noqa: PLC0414 - re-export
from ckbx.eventlog.sqlite.guard import authorize

BUSY_SECONDS = 10.0
CACHED_STATEMENTS = 256


class Connection(sqlite3.Connection):
    """A connection that can be held weakly, so that closing a log closes those of all threads.

    ``in_use`` is held while a thread works with a reader's connection: closing it under a
    running statement would bring the process down.
    """

    __slots__ = ("__weakref__", "in_use")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.in_use = threading.RLock()


def open_writer(path: Path, *, guarded: bool = True) -> Connection:
    """A read-write connection, configured as every writer must be; it begins no transaction.

    The caller issues ``BEGIN IMMEDIATE`` … ``COMMIT`` inside the writer lock.
    ``guarded=False`` is for creating the schema only. Raises StoreUnavailable.
    """
    connection = _open(path, "rw")
    try:
        mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        for pragma in (
            "synchronous=FULL",
            "wal_autocheckpoint=0",
            "journal_size_limit=67108864",
            "mmap_size=0",
            "secure_delete=ON",
            "cache_size=-32768",
            "recursive_triggers=ON",
        ):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        _assert_durable(connection, mode)
    except sqlite3.Error as error:
        connection.close()
        raise unavailable(error) from error
    except StoreUnavailable:
        connection.close()
        raise
    if guarded:
        connection.set_authorizer(authorize)
    return connection


def open_reader(path: Path) -> Connection:
    """A read-only connection. Raises StoreUnavailable."""
    connection = _open(path, "ro")
    try:
        connection.execute("PRAGMA mmap_size=0").fetchall()
    except sqlite3.Error as error:
        connection.close()
        raise unavailable(error) from error
    connection.set_authorizer(authorize)
    return connection


def create_file(path: Path) -> None:
    """Make an empty file with mode 0600 where there is none. Raises StoreUnavailable."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        why = f"不能创建数据库文件 {path}（{error.strerror}），请检查目录权限和磁盘"
        raise StoreUnavailable(why=why) from error


def _open(path: Path, mode: str) -> Connection:
    if not path.exists():
        raise StoreUnavailable(why=f"找不到数据库文件 {path}；请先运行 ckbx init")
    try:
        return sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=BUSY_SECONDS,
            cached_statements=CACHED_STATEMENTS,
            factory=Connection,
        )
    except sqlite3.Error as error:
        raise unavailable(error) from error


def _assert_durable(connection: sqlite3.Connection, mode: str) -> None:
    synchronous = connection.execute("PRAGMA synchronous").fetchone()[0]
    if mode != "wal" or synchronous < 2:
        why = f"数据库不能按 WAL 与 synchronous=FULL 打开（{mode}，{synchronous}），拒绝使用"
        raise StoreUnavailable(why=why)
