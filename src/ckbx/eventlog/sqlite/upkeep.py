"""How is the SQLite file kept: the log file cut short, a copy made while it is in use?"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from pathlib import Path

from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.eventlog.refusals import BackupDamaged
from ckbx.eventlog.sqlite.connect import open_reader, open_writer
from ckbx.eventlog.sqlite.errors import unavailable
from ckbx.eventlog.sqlite.schema import read_meta
from ckbx.eventlog.writer_lock import WriterLock

RETRY_SECONDS = 0.01
_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY


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

    One step: a copy in portions starts over with every foreign write and may never end. The
    name is taken first, so that of two copies to one file the second is refused; the file
    stands under it whole and checked, or not at all. Returns the last position in the copy.
    Raises StoreUnavailable, BackupDamaged.
    """
    part = target.with_name(target.name + ".part")
    try:
        os.close(os.open(target, _NEW, 0o600))
    except FileExistsError as error:
        raise StoreUnavailable(why=f"备份文件 {target} 已经存在；请换一个文件名") from error
    except OSError as error:
        raise _not_written(target, error) from error
    try:
        part.unlink(missing_ok=True)
        head = _copy_checked(path, part)
        part.replace(target)
        _sync(target.parent)
    except BaseException as error:
        for each in (part, target):
            each.unlink(missing_ok=True)
        if isinstance(error, sqlite3.Error):
            raise unavailable(error) from error
        if isinstance(error, OSError):
            raise _not_written(target, error) from error
        raise
    return head


def _not_written(target: Path, error: OSError) -> StoreUnavailable:
    return StoreUnavailable(why=f"不能写备份文件 {target}（{error.strerror}）")


def _try_cut(connection: sqlite3.Connection, lock: WriterLock) -> bool:
    with lock:
        busy: int = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    return busy == 0


def _copy_checked(path: Path, part: Path) -> int:
    """Copy, then look at what was written. Raises BackupDamaged."""
    os.close(os.open(part, _NEW, 0o600))
    source = open_reader(path)
    try:
        county, least = _named(source), _head(source)
        _copy(source, part)
        _sync(part)
        return _check(part, county, range(least, _head(source) + 1))
    finally:
        source.close()


def _copy(source: sqlite3.Connection, part: Path) -> None:
    copy = sqlite3.connect(part)
    try:
        source.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode=DELETE").fetchall()  # one file, no log beside it
    finally:
        copy.close()


def _check(part: Path, county: str, heads: range) -> int:
    """The last position in a copy that is whole, of this county, and reaches one of ``heads``."""
    copy = sqlite3.connect(f"{part.absolute().as_uri()}?mode=ro", uri=True)
    try:
        found = copy.execute("PRAGMA integrity_check(1)").fetchall()
        if found != [("ok",)]:
            raise BackupDamaged(why="文件不完整")
        head = _head(copy)
        if _named(copy) != county:
            raise BackupDamaged(why="县（区）不同")
        if head not in heads:
            raise BackupDamaged(why=f"事件只到位置 {head}，应到 {heads[0]}")
    except sqlite3.DatabaseError as error:
        raise BackupDamaged(why="文件不完整") from error
    finally:
        copy.close()
    return head


def _head(connection: sqlite3.Connection) -> int:
    return connection.execute("SELECT MAX(position) FROM events").fetchone()[0] or 0


def _named(connection: sqlite3.Connection) -> str:
    return read_meta(connection).get("county", "")


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
