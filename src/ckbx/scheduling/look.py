"""Must the facts be looked at again, or would a look find what the last one left?

A full look costs a second in a large county and the worker ticks every minute. It is skipped
where the head of the log is the one at which the last look found nothing more to do, and no
instant at which anything can fall due (:mod:`ckbx.scheduling.instants`) has come since.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Protocol

import msgspec

from ckbx.scheduling.run_due import DueReport

LOOK_AT_LEAST: Final = timedelta(hours=1)
"""However quiet it is, the facts are looked at as often as this."""

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


class Look:
    """Looks what is due, where that can find anything."""

    def __init__(self, log: Heads, due: Due, at_least: timedelta = LOOK_AT_LEAST) -> None:
        self._log = log
        self._due = due
        self._at_least = at_least
        self._settled: Settled | None = None

    def __call__(self, now: datetime, stop: threading.Event) -> DueReport | None:
        """Do what is due by a UTC instant; None: skipped. Raises what ``due`` raises."""
        if self._settled is not None and self._settled.covers(self._log.head(), now):
            return None
        self._settled = None
        report = self._due(now, stop)
        if not stop.is_set() and report.nothing and report.until is not None:
            until = min(report.until, report.at + self._at_least)
            if self._log.head() == report.position:
                self._settled = Settled(report.position, report.at, until)
        return report
