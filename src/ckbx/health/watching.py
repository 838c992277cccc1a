"""How is the store now, within a second, however slow the database is?"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTime
from typing import Any, Final

import msgspec

from ckbx.health.judging import FAIL, WARN, Trouble, troubles
from ckbx.health.measures import Measures

PATIENCE: Final = 1.0
FRESH: Final = 2.0
STARTING: Final = 120.0
"""For so many seconds after its start a process may be without a worker that ticks."""
_WORKER: Final = ("worker_missing", "worker_not_ticked", "worker_silent")


class Health(msgspec.Struct, frozen=True):
    """How the store is. ``measures`` is None where it did not answer in time."""

    measures: Measures | None
    troubles: list[Trouble]

    @property
    def ready(self) -> bool:
        """Whether nothing has failed."""
        return all(each.state != FAIL for each in self.troubles)

    def answer(self) -> dict[str, Any]:
        """The body of ``/readyz``: codes and numbers, nobody's data or name."""
        found = self.measures
        failed = [each.code for each in self.troubles if each.state == FAIL]
        told: dict[str, Any] = {
            "status": "ok" if self.ready else "not_ready",
            "codes": failed,
            "warnings": [each.code for each in self.troubles if each.state == WARN],
        }
        if found is None:
            return told
        lags = found.subscribers
        return told | {
            "position": min((each.position for each in lags), default=0),
            "behind": max((each.behind for each in lags), default=0),
            "stale": sorted(each.name for each in lags if each.state != "live"),
            "writable": found.writable,
            "last_tick_seconds": found.tick_age,
            "oldest_message_seconds": found.posted.overdue if found.posted else None,
            "calendar_year_known": found.year.known if found.year else None,
            "disk_free_bytes": found.disk_free,
            "clock_skew_seconds": found.skew,
        }


class Watch:
    """Measures at most every two seconds, one at a time, whoever asks."""

    def __init__(
        self,
        measured: Callable[[], Measures],
        *,
        patience: float = PATIENCE,
        starting: float = STARTING,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._measured = measured
        self._patience = patience
        self._starting = starting
        self._monotonic = monotonic
        self._began = monotonic()
        self._lock = threading.Lock()
        self._one = ThreadPoolExecutor(1, thread_name_prefix="ckbx-health")
        self._under_way: Future[Measures] | None = None
        self._last: tuple[float, Measures] | None = None

    def health(self) -> Health:
        """How the store is; "too slow" is an answer too."""
        with self._lock:
            fresh = self._last is not None and self._monotonic() - self._last[0] < FRESH
            if fresh and self._last is not None:
                return self._judged(self._last[1])
            if self._under_way is None:
                self._under_way = self._one.submit(self._measured)
            waited = self._under_way
        try:
            found = waited.result(self._patience)
        except NotInTime:
            return Health(None, [Trouble("database_slow", FAIL)])
        finally:
            with self._lock:
                if waited.done() and self._under_way is waited:
                    self._under_way = None
        with self._lock:
            self._last = (self._monotonic(), found)
        return self._judged(found)

    def close(self) -> None:
        """Measure no more."""
        self._one.shutdown(wait=False, cancel_futures=True)

    def _judged(self, found: Measures) -> Health:
        young = self._monotonic() - self._began < self._starting
        return Health(
            found,
            [
                msgspec.structs.replace(each, state=WARN)
                if young and each.code in _WORKER
                else each
                for each in troubles(found)
            ],
        )
