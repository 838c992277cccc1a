"""A tick does its parts in order, keeps its failures to itself, and comes whatever the clock does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from apscheduler.schedulers import base
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers import date as date_trigger
from apscheduler.triggers import interval as interval_trigger

from ckbx.clock import FixedClock
from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.leadership import FileLeadership
from ckbx.scheduling.tick import Tick
from ckbx.scheduling.worker import LATE, Worker

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
GO_ON = threading.Event()
SECONDS = 20.0


class Parts:
    """Parts of a tick that note when they ran; ``broken`` names those that fail."""

    def __init__(self, *broken: str) -> None:
        self.broken = dict.fromkeys(broken, StoreUnavailable(why="busy"))
        self.ran: list[str] = []

    def part(self, name: str, answer: object = "done") -> Callable[..., object]:
        def run(at: datetime, stop: threading.Event) -> object:
            assert (at, stop.is_set()) == (NOW, False)
            self.ran.append(name)
            if name in self.broken:
                raise self.broken[name]
            return answer

        return run

    def tick(self, due: object = "done") -> Tick:
        after = [self.part("take in"), self.part("compose")]
        clock = FixedClock(NOW)
        return Tick(self.part("due", due), clock, after_due=after, anyway=[self.part("send")])


def test_what_rests_on_the_due_work_comes_after_it_in_order() -> None:
    parts = Parts()
    tick = parts.tick()
    tick(GO_ON)
    assert parts.ran == ["due", "take in", "compose", "send"]
    assert tick.ticking.ticks().counts == {"done": 1, "skipped": 0, "failed": 0}


def test_a_look_that_was_skipped_holds_nothing_up() -> None:
    parts = Parts()
    tick = parts.tick(due=None)
    tick(GO_ON)
    assert parts.ran == ["due", "take in", "compose", "send"]
    found = tick.ticking.ticks()
    assert (found.counts["skipped"], found.last, found.last_look) == (1, NOW, None)


@pytest.mark.parametrize(
    ("broken", "ran"),
    [
        ("due", ["due", "send"]),
        ("take in", ["due", "take in", "send"]),
        ("compose", ["due", "take in", "compose", "send"]),
        ("send", ["due", "take in", "compose", "send"]),
    ],
)
def test_after_a_failure_nothing_that_rests_on_it_is_done_but_sending_is(
    broken: str, ran: list[str]
) -> None:
    parts = Parts(broken)
    tick = parts.tick()
    tick(GO_ON)
    assert parts.ran == ran
    found = tick.ticking.ticks()
    assert (found.counts["failed"], found.code) == (1, "store_unavailable")
    parts.broken.clear()
    parts.ran.clear()
    tick(GO_ON)
    assert parts.ran == ["due", "take in", "compose", "send"]
    assert tick.ticking.ticks().code == ""


def test_a_failure_is_told_by_its_code_never_by_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    parts = Parts()
    parts.broken = {"due": RuntimeError("王小明")}  # type: ignore[dict-item]
    tick = parts.tick()
    tick(GO_ON)
    assert "RuntimeError" in caplog.text
    assert "王小明" not in caplog.text
    assert tick.ticking.ticks().code == "unexpected"


def test_once_told_to_stop_nothing_more_is_begun() -> None:
    stop, ran = threading.Event(), list[str]()

    def due(_at: datetime, told: threading.Event) -> str:
        ran.append("due")
        told.set()
        return "broken off"

    def never(_at: datetime, _stop: threading.Event) -> None:
        ran.append("never")

    Tick(due, FixedClock(NOW), after_due=[never], anyway=[never])(stop)
    assert ran == ["due"]


def test_a_tick_that_comes_while_one_is_under_way_is_none() -> None:
    under_way, go_on, ran = threading.Event(), threading.Event(), list[datetime]()

    def due(at: datetime, _stop: threading.Event) -> None:
        ran.append(at)
        under_way.set()
        assert go_on.wait(SECONDS)

    tick = Tick(due, FixedClock(NOW))
    first = threading.Thread(target=tick, args=(GO_ON,))
    first.start()
    assert under_way.wait(SECONDS)
    assert tick.busy
    tick(GO_ON)
    go_on.set()
    first.join(SECONDS)
    assert (len(ran), tick.busy) == (1, False)


class NoFolding:
    """Folds nothing."""

    def run(self, stop: threading.Event) -> None:
        stop.wait()


def worker_on(path: Path, tick: Tick, *, late: float = LATE) -> Worker:
    return Worker(
        FileLeadership(path),
        [NoFolding()],
        tick,
        FixedClock(NOW),
        tick_seconds=0.2,
        lead_again_seconds=0.1,
        late=late,
    )


def test_late_and_doubled_ticks_become_one(tmp_path: Path) -> None:
    worker = worker_on(tmp_path / "x.db", Tick(lambda _at, _stop: None, FixedClock(NOW)))
    scheduler: BackgroundScheduler = worker._scheduler(GO_ON)
    scheduler.start(paused=True)
    (job,) = scheduler.get_jobs()
    assert (job.misfire_grace_time, job.coalesce, job.max_instances) == (None, True, 1)
    scheduler.shutdown()


class Wall:
    """The wall clock that APScheduler reads, put forward or back at will."""

    def __init__(self) -> None:
        self.shift = timedelta(0)
        wall = self

        class Read(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return datetime.now(tz) + wall.shift  # noqa: TID251 - the clock put wrong

        self.read = Read


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    made = Wall()
    for module in (base, date_trigger, interval_trigger):
        monkeypatch.setattr(module, "datetime", made.read)
    return made


class Counting:
    """A worker that ticks five times a second; counts the ticks."""

    def __init__(self, path: Path, late: float = LATE) -> None:
        self.count = 0
        self.worker = worker_on(path, Tick(self._due, FixedClock(NOW)), late=late)
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.worker.run, args=(self.stop,))

    def _due(self, _at: datetime, _stop: threading.Event) -> None:
        self.count += 1

    def come(self, more: int, seconds: float = SECONDS) -> bool:
        """Whether so many more ticks come within so many seconds."""
        wanted, deadline = self.count + more, time.monotonic() + seconds
        while self.count < wanted and time.monotonic() < deadline:
            threading.Event().wait(0.02)
        return self.count >= wanted


@pytest.fixture
def counting(tmp_path: Path) -> Iterator[Callable[..., Counting]]:
    made: list[Counting] = []

    def start(**given: float) -> Counting:
        counting = Counting(tmp_path / "store.db", **given)
        made.append(counting)
        counting.thread.start()
        assert counting.come(2)
        return counting

    yield start
    for each in made:
        each.stop.set()
        each.thread.join(SECONDS)


@pytest.mark.parametrize("minutes", [-600, -10, 60], ids=lambda m: f"{m:+} min")
def test_the_leader_ticks_on_when_the_wall_clock_is_set(
    counting: Callable[..., Counting], wall: Wall, minutes: int
) -> None:
    running = counting()
    wall.shift = timedelta(minutes=minutes)
    assert running.come(4)
    assert running.worker.leads.is_set()


def test_control_unwatched_the_scheduler_stands_still_when_the_clock_goes_back(
    counting: Callable[..., Counting], wall: Wall
) -> None:
    running = counting(late=float("inf"))
    wall.shift = timedelta(minutes=-10)
    running.come(1, 0.5)  # one that was under way
    assert not running.come(1, 1.5)
