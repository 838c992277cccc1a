"""Connections that may be used again: a short while, and never long after they were judged."""

from __future__ import annotations

import select
import ssl
import threading
import time
import weakref
from typing import Final

IDLE_SECONDS: Final = 5.0
AGE_SECONDS: Final = 60.0
"""After which the name is looked up, and its address judged, anew."""
MOST: Final = 8

To = tuple[str, int]
"""Host and port."""


class Line:
    """An open connection, and since when."""

    __slots__ = ("since", "sock", "used")

    def __init__(self, sock: ssl.SSLSocket) -> None:
        self.sock = sock
        self.since = self.used = time.monotonic()

    @property
    def usable(self) -> bool:
        """Whether it is young, was used just now, and the other side has not hung up."""
        now = time.monotonic()
        if now - self.used > IDLE_SECONDS or now - self.since > AGE_SECONDS:
            return False
        look = select.poll()
        look.register(self.sock, select.POLLIN | select.POLLHUP)
        return not look.poll(0)  # nothing is owed to us: whatever can be read is its end


class Kept:
    """The idle connections of one channel; the last used is used first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: list[tuple[To, Line]] = []
        weakref.finalize(self, _close, self._lines)

    def take(self, to: To) -> Line | None:
        """A connection to there that can be used; those that cannot are closed."""
        with self._lock:
            while self._lines:
                where, line = self._lines.pop()
                if where == to and line.usable:
                    return line
                line.sock.close()
        return None

    def give(self, to: To, line: Line) -> None:
        """Keep a connection whose last answer was read whole."""
        line.used = time.monotonic()
        with self._lock:
            self._lines.append((to, line))
            gone = self._lines[:-MOST]
            del self._lines[:-MOST]
        _close(gone)


def _close(lines: list[tuple[To, Line]]) -> None:
    for _, line in lines:
        line.sock.close()
