"""May this process use what was opened before a fork? Never: not a connection, not a thread."""

from __future__ import annotations

import os

from ckbx.domain.shared.errors import StoreUnavailable


class OneProcess:
    """Remembers in which process something was opened."""

    __slots__ = ("_pid",)

    def __init__(self) -> None:
        self._pid = os.getpid()

    @property
    def left(self) -> bool:
        """Whether this is another process, forked from the one that opened it."""
        return os.getpid() != self._pid

    def require(self) -> None:
        """Raises StoreUnavailable in any other process."""
        if os.getpid() != self._pid:
            raise StoreUnavailable(why="进程分叉后不能沿用原来的数据库连接，请在新进程中重新打开")
