"""Must the facts be looked at again, or would a look find what the last one left?

A full look costs seconds in a large county and the worker ticks every minute. It is skipped
where the head of the log is the one at which the last look found nothing more to do, and no
instant at which anything can fall due (:mod:`ckbx.scheduling.instants`) has come since.

On a school morning the head moves all the time. Where a look takes long, the next one that
only new facts ask for waits until the looks take a tenth of the time; an instant that comes
is never waited for.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Protocol

import msgspec

from ckbx.scheduling.run_due import DueReport

LOOK_AT_LEAST: Final = timedelta(hours=1)
"""However quiet it is, the facts are looked at as often as this."""

LONG_LOOK: Final = 3.0
"""Seconds of a look from which on the next one waits."""
REST: Final = 9
"""So many times as long as the look took."""

Due = Callable[[datetime, threading.Event], DueReport]
"""Does what is due by a UTC instant; breaks off between two commits once the event is set."""


class Heads(Protocol):
    """What a look asks of the log."""

    def head(self) -> int:
        """The last position (0: empty)."""


class Settled(msgspec.Struct, frozen=True):
    """At ``head`` everything due from ``since`` until before ``until`` was done."""

    head: int
    since: datetime
    until: datetime

    def covers(self, head: int, now: datetime) -> bool:
        """Whether a look by an instant would find nothing."""
        return head == self.head and self.since <= now < self.until


class Rest(msgspec.Struct, frozen=True):
    """Until so many monotonic seconds the looks have taken their share of the time; what falls
    due by itself does not from ``since`` until before ``until``.
    """

    ends: float
    since: datetime
    until: datetime

    def covers(self, elapsed: float, now: datetime) -> bool:
        """Whether a look now can wait."""
        return elapsed < self.ends and self.since <= now < self.until


class Look:
    """Looks what is due, where that can find anything."""

    def __init__(
        self,
        log: Heads,
        due: Due,
        at_least: timedelta = LOOK_AT_LEAST,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log = log
        self._due = due
        self._at_least = at_least
        self._elapsed = elapsed
        self._settled: Settled | None = None
        self._rest: Rest | None = None

    def __call__(self, now: datetime, stop: threading.Event) -> DueReport | None:
        """Do what is due by a UTC instant; None: skipped. Raises what ``due`` raises."""
        if self._settled is not None and self._settled.covers(self._log.head(), now):
            return None
        begun = self._elapsed()
        if self._rest is not None and self._rest.covers(begun, now):
            return None
        self._settled = self._rest = None
        report = self._due(now, stop)
        if not stop.is_set() and report.until is not None:
            self._rest = _rest_after(report, begun, self._elapsed())
        if not stop.is_set() and report.nothing and report.until is not None:
            until = min(report.until, report.at + self._at_least)
            if self._log.head() == report.position:
                self._settled = Settled(report.position, report.at, until)
        return report


def _rest_after(report: DueReport, begun: float, ended: float) -> Rest | None:
    took = ended - begun
    if report.until is None or took < LONG_LOOK:
        return None
    return Rest(ended + REST * took, report.at, report.until)
