"""What does one tick of the worker do, in which order, and what when a part of it fails?

Due work first; then, one after the other, what rests on it (outbox: take in the alerts, compose
the messages). Parts that rest on nothing (sending what was composed before) run whatever
became of the others. Every part ends early once it is told to stop, and is done again at the
next tick: none leaves anything half done.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from ckbx.clock import Clock
from ckbx.domain.shared.errors import CkbxError
from ckbx.health.ticking import DONE, FAILED, SKIPPED, Ticking

_log = logging.getLogger(__name__)

UNEXPECTED: Final = "unexpected"

Part = Callable[[datetime, threading.Event], object]
"""Does its share by a UTC instant and returns within seconds of the event being set."""


class Tick:
    """One look at what there is to do.

    ``due`` returns None where it found that there could be nothing. ``after_due`` run in order,
    each only where all before it came to their end at this same instant: what they make is a
    function of what ``due`` has done by then. ``anyway`` run at every tick.
    """

    def __init__(
        self,
        due: Part,
        clock: Clock,
        *,
        after_due: Sequence[Part] = (),
        anyway: Sequence[Part] = (),
        ticking: Ticking | None = None,
    ) -> None:
        self._due = due
        self._clock = clock
        self._after = tuple(after_due)
        self._anyway = tuple(anyway)
        self.ticking = ticking or Ticking()
        self._busy = threading.Lock()

    def __call__(self, stop: threading.Event) -> None:
        """Tick, unless a tick is under way. Failures are told in the log; nothing is raised."""
        if not self._busy.acquire(blocking=False):
            return
        try:
            begun = time.monotonic()
            outcome, code = self._tick(self._clock.now(), stop)
            self.ticking.told(self._clock.now(), outcome, time.monotonic() - begun, code)
        finally:
            self._busy.release()

    @property
    def busy(self) -> bool:
        """Whether a tick is under way."""
        return self._busy.locked()

    def _tick(self, now: datetime, stop: threading.Event) -> tuple[str, str]:
        outcome, code = DONE, ""
        try:
            if self._due(now, stop) is None:
                outcome = SKIPPED
            for part in self._after:
                if stop.is_set():
                    break
                part(now, stop)
        except Exception as error:  # noqa: BLE001 - the next tick tries again
            outcome, code = FAILED, _told("due_failed", error)
        for part in self._anyway:
            if stop.is_set():
                break
            try:
                part(now, stop)
            except Exception as error:  # noqa: BLE001 - the next tick tries again
                outcome, code = FAILED, code or _told("part_failed", error)
        return outcome, code


def _told(what: str, error: Exception) -> str:
    """The code of an error, told in the log; never its words, which may hold a person's data."""
    if isinstance(error, CkbxError):
        _log.warning("%s %s", what, error.code)
        return error.code
    _log.error("%s %s", what, type(error).__name__)
    return UNEXPECTED
