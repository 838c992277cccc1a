"""How does a run with thousands of things to do leave the store to those who wait for a page?

Every commit holds the right to write, and what it stored is folded where the pages are served.
After each the run rests a multiple of what it took, so of any second it has a fixed share.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

AT_ONCE: Final = 0.0
BESIDE_PAGES: Final = 3.0
"""A quarter of the time, measured in docs/benchmarks.md."""


class Pace:
    """``rest``: so many times as long as a turn took nothing is done after it; 0: at once."""

    def __init__(
        self,
        rest: float = AT_ONCE,
        stop: threading.Event | None = None,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rest = rest
        self._stop = stop or threading.Event()
        self._elapsed = elapsed

    @property
    def stopped(self) -> bool:
        """Whether no further turn is to begin."""
        return self._stop.is_set()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Work for the block, then rest (broken off when it is told to stop)."""
        began = self._elapsed()
        yield
        if self._rest:
            self._stop.wait(self._rest * (self._elapsed() - began))
