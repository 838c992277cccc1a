"""A run beside the pages: how much of the time does it leave to them?"""

from __future__ import annotations

import threading

import pytest

from ckbx.scheduling.pace import Pace


class Stopwatch:
    """A clock that goes on only by work."""

    def __init__(self) -> None:
        self.at = 100.0

    def elapsed(self) -> float:
        return self.at

    def work(self, seconds: float) -> None:
        self.at += seconds


class Noted(threading.Event):
    """Never waits; notes for how long it was asked to."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.waits.append(timeout)
        return self.is_set()


def paced(rest: float) -> tuple[Pace, Stopwatch, Noted]:
    watch, stop = Stopwatch(), Noted()
    return Pace(rest, stop, watch.elapsed), watch, stop


def test_after_a_commit_it_rests_so_many_times_as_long_as_that_took() -> None:
    pace, watch, stop = paced(3.0)
    for seconds in (0.02, 0.5):
        with pace.turn():
            watch.work(seconds)
    assert stop.waits == pytest.approx([0.06, 1.5])


def test_a_run_that_nobody_waits_beside_does_not_rest() -> None:
    pace, watch, stop = paced(0.0)
    with pace.turn():
        watch.work(2.0)
    assert stop.waits == []


def test_told_to_stop_it_neither_rests_on_nor_begins_another_turn() -> None:
    stop = threading.Event()
    pace = Pace(1e6, stop)
    with pace.turn():
        stop.set()
    assert pace.stopped
