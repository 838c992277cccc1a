"""How has the worker of this process ticked so far? Written by its ticks, read by the metrics."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Final

import msgspec

DONE: Final = "done"
SKIPPED: Final = "skipped"
FAILED: Final = "failed"


class Ticks(msgspec.Struct, frozen=True):
    """The ticks of this process: counts by outcome, seconds spent, the last one.

    ``last`` and ``last_look`` (the last that looked at the facts) are UTC instants; ``code``
    names what the last one failed with, empty where it did not.
    """

    counts: dict[str, int] = {}
    seconds: float = 0.0
    leads: bool = False
    last: datetime | None = None
    last_look: datetime | None = None
    last_seconds: float = 0.0
    code: str = ""


class Ticking:
    """The ticks of this process, kept for whoever asks. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = Ticks(counts=dict.fromkeys((DONE, SKIPPED, FAILED), 0))

    def told(self, at: datetime, outcome: str, seconds: float, code: str = "") -> None:
        """A tick ended at a UTC instant after so many seconds."""
        with self._lock:
            now = self._now
            self._now = msgspec.structs.replace(
                now,
                counts={**now.counts, outcome: now.counts[outcome] + 1},
                seconds=now.seconds + seconds,
                last=at,
                last_look=at if outcome == DONE else now.last_look,
                last_seconds=seconds,
                code=code,
            )

    def leading(self, leads: bool) -> None:
        """This process leads, or leads no more."""
        with self._lock:
            self._now = msgspec.structs.replace(self._now, leads=leads)

    def ticks(self) -> Ticks:
        """The ticks so far."""
        with self._lock:
            return self._now
