"""Who may write now? One thread of one process, whichever programs have the store open.

An ``flock`` on ``<database>.writer.lock`` is held around every write transaction and every
checkpoint. It also removes the precondition of SQLite's WAL-reset defect (two connections
that commit and checkpoint at the same time).
"""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.eventlog.one_process import OneProcess

DEFAULT_TIMEOUT = 15.0


class WriterLock:
    """Re-entrant within a thread, exclusive between threads and between processes.

    ``timeout`` (seconds) bounds the wait; then :class:`StoreUnavailable` is raised. A lock
    made before a fork refuses to work in the child: a database connection must not cross it.
    """

    def __init__(self, path: Path, timeout: float = DEFAULT_TIMEOUT) -> None:
        self.path = path
        self.timeout = timeout
        self._threads = threading.RLock()
        self._depth = 0
        self._home = OneProcess()
        self._fd = -1
        self._fd = self._open()

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called."""
        return self._fd < 0

    def acquire(self) -> None:
        """Wait for the right to write. Raises StoreUnavailable after ``timeout`` seconds."""
        self._home.require()
        if not self._threads.acquire(timeout=self.timeout):
            raise self._too_long()
        if self._depth == 0:
            try:
                self._lock_file()
            except BaseException:
                self._threads.release()
                raise
        self._depth += 1

    def release(self) -> None:
        """Give the right to write back."""
        self._depth -= 1
        if self._depth == 0:
            fcntl.flock(self._fd, fcntl.LOCK_UN)
        self._threads.release()

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def close(self) -> None:
        """Release the file. The lock cannot be used afterwards."""
        with self._threads:
            if self._fd >= 0:
                os.close(self._fd)
                self._fd = -1

    def _lock_file(self) -> None:
        if self._fd < 0:
            raise StoreUnavailable(why="事件库已经关闭，请重新打开")
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._wait_for_file()

    def _wait_for_file(self) -> None:
        """Block in the kernel's queue on a descriptor of its own, so that a wait given up
        can neither take nor drop the lock of a later one.
        """
        waiter = _Waiter(self._open())
        if not waiter.wait(self.timeout):
            raise self._too_long()
        os.close(self._fd)
        self._fd = waiter.fd

    def _open(self) -> int:
        try:
            return os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            why = f"不能打开写锁文件 {self.path}（{error.strerror}），请检查目录权限和磁盘"
            raise StoreUnavailable(why=why) from error

    def _too_long(self) -> StoreUnavailable:
        why = f"另一个程序占用写锁超过 {self.timeout:g} 秒（{self.path.name}），请稍后重试"
        return StoreUnavailable(why=why)


class _Waiter:
    """A thread that blocks in ``flock``, because ``flock`` itself knows no time limit."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._guard = threading.Lock()
        self._granted = threading.Event()
        self._given_up = False
        threading.Thread(target=self._block, name="ckbx-writer-lock", daemon=True).start()

    def wait(self, timeout: float) -> bool:
        try:
            self._granted.wait(timeout)
        except BaseException:
            if not self._give_up():
                os.close(self.fd)
            raise
        return not self._give_up()

    def _give_up(self) -> bool:
        """Want the lock no more; False when it has been granted."""
        with self._guard:
            self._given_up = not self._granted.is_set()
            return self._given_up

    def _block(self) -> None:
        fcntl.flock(self.fd, fcntl.LOCK_EX)
        with self._guard:
            if self._given_up:
                os.close(self.fd)
            else:
                self._granted.set()
