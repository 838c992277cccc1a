"""How is heavy work kept from taking the whole program? A few at a time, a few more in line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Final

from ckbx.domain.shared.errors import CkbxError

AT_A_TIME: Final = 2
IN_LINE: Final = 6
"""With those at work far fewer than the threads that answer: the others go on."""
RETRY_SECONDS: Final = 20


class ExportsBusy(CkbxError):
    """Answered with 503 and when to come again."""

    code = "exports_busy"
    message = "现在导出的人太多，这一次没有导出。请过半分钟再点一次"


class Turns:
    """``at_a_time`` work, ``in_line`` wait; who comes beyond that is sent away at once."""

    def __init__(self, at_a_time: int = AT_A_TIME, in_line: int = IN_LINE) -> None:
        self._work = BoundedSemaphore(at_a_time)
        self._room = BoundedSemaphore(at_a_time + in_line)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn and work. Raises ExportsBusy."""
        if not self._room.acquire(blocking=False):
            raise ExportsBusy
        try:
            with self._work:
                yield
        finally:
            self._room.release()


EXPORTS: Final = Turns()
"""Of this process: files of ledgers and reports."""
