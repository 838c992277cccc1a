"""Which channels rest because they did not work, and until when?"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

FAILURES: Final = 2
"""In a row: what makes a channel rest."""

FIRST_REST, LONGEST_REST = 30.0, 300.0
BUSY: Final = timedelta(seconds=2)
"""When to ask again while one sender tries a channel that rested."""


class _State:
    def __init__(self) -> None:
        self.failures = 0
        self.until = 0.0
        self.inside = 0


class Rests:
    """Kept in memory: a process that starts tries every channel once."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._states: dict[str, _State] = {}

    def enter(self, channel: str) -> timedelta | None:
        """Go and try a channel (None; :meth:`leave` it afterwards), or how long to wait.

        One that failed is tried by one sender at a time until it works again.
        """
        with self._lock:
            state = self._states.setdefault(channel, _State())
            left = state.until - self._monotonic()
            if left > 0:
                return timedelta(seconds=left)
            if state.failures and state.inside:
                return BUSY
            state.inside += 1
            return None

    def leave(self, channel: str, *, down: bool | None) -> None:
        """How it went; None: the channel was not asked."""
        with self._lock:
            state = self._states[channel]
            state.inside -= 1
            if down is None:
                return
            if not down:
                state.failures = 0
                return
            if state.until > self._monotonic():
                return  # several were inside when it broke: that is one failure
            state.failures += 1
            if state.failures >= FAILURES:
                rest = FIRST_REST * 2 ** min(state.failures - FAILURES, 8)
                state.until = self._monotonic() + min(rest, LONGEST_REST)
