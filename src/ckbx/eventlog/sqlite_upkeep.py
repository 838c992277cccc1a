"""How is the SQLite file kept: the log file cut short, a copy made while it is in use?"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from pathlib import Path

from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.eventlog.sqlite_connect import open_reader, open_writer
from ckbx.eventlog.sqlite_errors import unavailable
from ckbx.eventlog.writer_lock import WriterLock

RETRY_SECONDS = 0.01


def cut_log(path: Path, lock: WriterLock, timeout: float) -> bool:
    """Move everything to the main file and cut the log file to nothing.

    A reader in an older snapshot blocks it; it is tried again, letting others write in
    between, until ``timeout`` seconds have passed. Returns whether it succeeded.
    Raises StoreUnavailable.
    """
    deadline = time.monotonic() + timeout
    pause = threading.Event()
    with lock:
        connection = open_writer(path)
    try:
        connection.execute("PRAGMA busy_timeout=0").fetchall()
        while not _try_cut(connection, lock):
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            pause.wait(min(left, RETRY_SECONDS))
    except sqlite3.Error as error:
        raise unavailable(error) from error
    finally:
        with lock:
            connection.close()
    return True


def copy_store(path: Path, target: Path) -> int:
    """Copy the store to a file that must not exist yet, durably; others go on writing.

    One step: a copy in portions starts over with every foreign write and may never end.
    Returns the last position in the copy. Raises StoreUnavailable.
    """
    if target.exists():
        raise StoreUnavailable(why=f"备份文件 {target} 已经存在；请换一个文件名")
    part = target.with_name(target.name + ".part")
    try:
        part.unlink(missing_ok=True)
        head = _copy(path, part)
        part.rename(target)
        _sync(target)
        _sync(target.parent)
    except sqlite3.Error as error:
        part.unlink(missing_ok=True)
        raise unavailable(error) from error
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StoreUnavailable(why=f"不能写备份文件 {target}（{error.strerror}）") from error
    return head


def _try_cut(connection: sqlite3.Connection, lock: WriterLock) -> bool:
    with lock:
        busy: int = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    return busy == 0


def _copy(path: Path, part: Path) -> int:
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    source = open_reader(path)
    copy = sqlite3.connect(part)
    try:
        source.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode=DELETE").fetchall()  # one file, no log beside it
        row = copy.execute("SELECT MAX(position) FROM events").fetchone()
    finally:
        copy.close()
        source.close()
    return row[0] or 0


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
