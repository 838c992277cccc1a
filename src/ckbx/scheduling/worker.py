"""Who does the store's standing work while it is open? The worker, where it leads.

It folds the log into the answers and ticks every minute. Leading is the right of one process
a store; the others wait to take over. APScheduler only ticks: what is due is a query over
facts, so that a tick late, doubled or lost changes nothing. APScheduler reckons by the wall
clock and stands still while that is set back; the leading process therefore watches it by the
monotonic clock and sets it going again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Final, Protocol

from apscheduler.schedulers.background import BackgroundScheduler

from ckbx.clock import Clock
from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.health.ticking import Ticks
from ckbx.leadership import Leadership
from ckbx.pulse import Pulse
from ckbx.scheduling.tick import Tick

_log = logging.getLogger(__name__)

TICK_SECONDS: Final = 60.0
LEAD_AGAIN_SECONDS: Final = 5.0
JOIN_SECONDS: Final = 20.0
LATE: Final = 1.5
"""After so many intervals (monotonic) without a tick the scheduler is set going again."""
_JOB: Final = "tick"


class Standing(Protocol):
    """Work that goes on until told to stop: folding the answers, sending the messages."""

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop``."""


class Worker:
    """The standing work of one process.

    ``beside``: what goes on in threads of its own while it leads; where one ends the worker
    begins again. ``late`` is in intervals; a worker that loses the lead tries again every ``lead_again``
    seconds, which bounds a takeover.
    """

    def __init__(
        self,
        leadership: Leadership,
        beside: Sequence[Standing],
        tick: Tick,
        clock: Clock,
        *,
        tick_seconds: float = TICK_SECONDS,
        lead_again_seconds: float = LEAD_AGAIN_SECONDS,
        late: float = LATE,
    ) -> None:
        self._leadership = leadership
        self._beside = tuple(beside)
        self._tick = tick
        self._clock = clock
        self._tick_seconds = tick_seconds
        self._lead_again = lead_again_seconds
        self._late = late * tick_seconds
        self._ticked = 0.0
        self.leads = threading.Event()

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop; wait for the lead while another process has it."""
        while not stop.is_set():
            if self._try_lead():
                self._lead(stop)
            stop.wait(self._lead_again)

    def ticks(self) -> Ticks:
        """How it has ticked so far."""
        return self._tick.ticking.ticks()

    def _try_lead(self) -> bool:
        try:
            return self._leadership.try_lead()
        except StoreUnavailable as error:
            _log.warning("lead_not_taken %s", error.code)
            return False

    def _lead(self, stop: threading.Event) -> None:
        """Fold and tick while this process leads."""
        done = threading.Event()
        beside = [
            threading.Thread(target=_stand, args=(each, done), name=f"ckbx-{type(each).__name__}")
            for each in self._beside
        ]
        scheduler = self._scheduler(done)
        _log.info("leading")
        for each in beside:
            each.start()
        scheduler.start()
        self._set_going(scheduler)
        self.leads.set()
        self._tick.ticking.leading(leads=True)
        try:
            while not stop.wait(self._pause) and all(each.is_alive() for each in beside):
                if not self._still_leads():
                    _log.warning("lead_lost")
                    break
                if time.monotonic() - self._ticked > self._late and not self._tick.busy:
                    _log.warning("ticks_stood_still")
                    self._set_going(scheduler)
        finally:
            self.leads.clear()
            self._tick.ticking.leading(leads=False)
            done.set()
            scheduler.shutdown(wait=True)
            for each in beside:
                each.join(JOIN_SECONDS)
            self._leadership.give_up()

    @property
    def _pause(self) -> float:
        return min(self._lead_again, self._tick_seconds)

    def _still_leads(self) -> bool:
        """Keep the lead and tell in it, for other processes to see, how the ticks go."""
        try:
            self._leadership.tell(_pulse(self.ticks()))
        except StoreUnavailable as error:
            _log.warning("lead_not_kept %s", error.code)
            return False
        return True

    def _scheduler(self, done: threading.Event) -> BackgroundScheduler:
        scheduler = BackgroundScheduler(
            timezone=self._clock.zone,
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        scheduler.add_job(self._ticks, "interval", (done,), id=_JOB, seconds=self._tick_seconds)
        return scheduler

    def _set_going(self, scheduler: BackgroundScheduler) -> None:
        """Tick now, and every interval from now on, whatever the wall clock has done."""
        self._ticked = time.monotonic()
        scheduler.reschedule_job(_JOB, trigger="interval", seconds=self._tick_seconds)
        job = scheduler.get_job(_JOB)
        # One interval before the time just reckoned is "now" as the scheduler knows it.
        job.modify(next_run_time=job.next_run_time - timedelta(seconds=self._tick_seconds))

    def _ticks(self, done: threading.Event) -> None:
        self._ticked = time.monotonic()
        self._tick(done)


def _stand(work: Standing, done: threading.Event) -> None:
    try:
        work.run(done)
    except Exception as error:  # noqa: BLE001 - the worker begins again
        _log.error("standing_work_failed %s %s", type(work).__name__, type(error).__name__)


def _pulse(ticks: Ticks) -> Pulse:
    return Pulse(ticks.last, ticks.last_look, ticks.code)
