"""Who does the store's standing work while it is open? The worker, where it leads.

It folds the log into the answers and looks every minute what is due. Leading is the right of
one process a store; the others wait to take over. APScheduler only ticks: what is due is a
query over facts, so that a tick late, doubled or lost changes nothing.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol

from apscheduler.schedulers.background import BackgroundScheduler

from ckbx.clock import Clock
from ckbx.domain.shared.errors import CkbxError, StoreUnavailable
from ckbx.leadership import Leadership

_log = logging.getLogger(__name__)

TICK_SECONDS: Final = 60
LEAD_AGAIN_SECONDS: Final = 5.0
JOIN_SECONDS: Final = 20.0


class Folding(Protocol):
    """What keeps the answers up to date until told to stop."""

    def run(self, stop: threading.Event) -> None:
        """Fold until ``stop``."""


class Worker:
    """The standing work of one process. ``due`` does what is due by a UTC instant."""

    def __init__(
        self,
        leadership: Leadership,
        folding: Folding,
        due: Callable[[datetime], object],
        clock: Clock,
        *,
        tick_seconds: float = TICK_SECONDS,
        lead_again_seconds: float = LEAD_AGAIN_SECONDS,
    ) -> None:
        self._leadership = leadership
        self._folding = folding
        self._due = due
        self._clock = clock
        self._tick_seconds = tick_seconds
        self._lead_again = lead_again_seconds
        self.leads = threading.Event()

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop; wait for the lead while another process has it."""
        while not stop.is_set():
            if self._try_lead():
                self._lead(stop)
            stop.wait(self._lead_again)

    def tick(self) -> None:
        """One look at what is due. A failure is told in the log and tried at the next tick."""
        try:
            self._due(self._clock.now())
        except CkbxError as error:
            _log.warning("due_failed %s", error.code)
        except Exception as error:  # noqa: BLE001 - the next tick tries again
            _log.error("due_failed %s", type(error).__name__)

    def _try_lead(self) -> bool:
        try:
            return self._leadership.try_lead()
        except StoreUnavailable as error:
            _log.warning("lead_not_taken %s", error.code)
            return False

    def _lead(self, stop: threading.Event) -> None:
        """Fold and tick while this process leads."""
        done = threading.Event()
        folding = threading.Thread(target=self._fold, args=(done,), name="ckbx-folding")
        scheduler = self._scheduler()
        _log.info("leading")
        folding.start()
        scheduler.start()
        self.leads.set()
        try:
            while not stop.wait(self._lead_again) and folding.is_alive():
                if not self._try_lead():
                    _log.warning("lead_lost")
                    break
        finally:
            self.leads.clear()
            scheduler.shutdown(wait=True)
            done.set()
            folding.join(JOIN_SECONDS)
            self._leadership.give_up()

    def _fold(self, done: threading.Event) -> None:
        try:
            self._folding.run(done)
        except Exception as error:  # noqa: BLE001 - the worker begins again
            _log.error("folding_failed %s", type(error).__name__)

    def _scheduler(self) -> BackgroundScheduler:
        scheduler = BackgroundScheduler(
            timezone=self._clock.zone,
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        scheduler.add_job(
            self.tick,
            "interval",
            seconds=self._tick_seconds,
            id="due",
            next_run_time=self._clock.now(),
        )
        return scheduler
