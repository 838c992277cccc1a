"""Which channels rest because they did not work, and who may try one that is slow or failed?

In memory: a process that starts tries every channel anew.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

FAILURES: Final = 2
"""In a row: what makes a channel rest."""

FIRST_REST: Final = 30.0
LONGEST_REST: Final = 300.0
SLOW_SECONDS: Final = 1.0
BUSY: Final = timedelta(seconds=15)
"""When to ask again while others are held up by a channel that is slow or failed before."""


class _State:
    def __init__(self) -> None:
        self.works = False
        self.failures = 0
        self.until = 0.0
        self.begun: dict[int, float] = {}
        """Which threads are inside, and since when."""


class Rests:
    """``most``: how many may be inside one channel at once."""

    def __init__(self, most: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._monotonic = monotonic
        self._changed = threading.Condition()
        self._states: dict[str, _State] = {}

    def enter(self, channel: str) -> timedelta | None:
        """Go and try a channel (None; :meth:`leave` it afterwards), or how long to keep away.

        One that failed is tried by one at a time until it works again. Where it is full of
        others, they are waited for, unless one has been inside for a second.
        """
        with self._changed:
            state = self._states.setdefault(channel, _State())
            while True:
                now = self._monotonic()
                if state.until > now:
                    return timedelta(seconds=state.until - now)
                if not state.begun:
                    break
                if state.failures:
                    return BUSY
                if len(state.begun) < self._most:
                    break
                left = min(state.begun.values()) + SLOW_SECONDS - now
                if left <= 0 or not self._changed.wait(left):
                    return BUSY
            state.begun[threading.get_ident()] = now
            return None

    def works(self, channel: str) -> bool:
        """Whether it took what it was given last."""
        with self._changed:
            return channel in self._states and self._states[channel].works

    def leave(self, channel: str, *, down: bool | None) -> None:
        """How it went; None: the channel was not asked."""
        with self._changed:
            state = self._states[channel]
            del state.begun[threading.get_ident()]
            now = self._monotonic()
            if down is not None:
                state.works = not down
            if down is False:
                state.failures = 0
            elif down and state.until <= now:  # several inside when it broke are one failure
                state.failures += 1
                if state.failures >= FAILURES:
                    rest = FIRST_REST * 2 ** min(state.failures - FAILURES, 8)
                    state.until = now + min(rest, LONGEST_REST)
            self._changed.notify_all()
