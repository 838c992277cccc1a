"""A look that is skipped would have found nothing, over hours, midnights and what is told between."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from ckbx.scheduling.look import LONG_LOOK, LOOK_AT_LEAST, Look
from ckbx.scheduling.run_due import DueReport, run_due
from ckbx.store import Store
from tests.scheduling.due_kit import C, U
from tests.scheduling.test_due_any_order import eventful
from tests.support.county import NOW, opened

ZONE = ZoneInfo("Asia/Shanghai")
GO_ON = threading.Event()
LONG = timedelta(days=400)
HOURS = ("00:00", "10:00", "12:00", "18:00")
STEPS = (-10, 0, 1, 30, 3600)
"""Seconds from an hour at which something may fall due."""
DAYS = [date(2026, 8, 18), *(date(2026, 9, d) for d in (1, 3, 7, 8, 10, 25)), date(2026, 10, 11)]


@pytest.fixture
def store(store_url: str, tmp_path: Path) -> Iterator[Store]:
    with opened(store_url, tmp_path / "secrets") as found:
        yield found


def around(days: Sequence[date], hours: Sequence[str] = HOURS) -> list[datetime]:
    """A little before, at and after these hours of some days."""
    return [
        datetime.fromisoformat(f"{day}T{hour}:00+08:00").astimezone(UTC) + timedelta(seconds=step)
        for day in days
        for hour in hours
        for step in STEPS
    ]


def wrongly_skipped(
    store: Store, look: Look, instants: Sequence[datetime], seed: int = 1
) -> tuple[int, list[datetime]]:
    """How many looks were skipped, and those where a run then found something to do."""
    world, order = eventful(store), random.Random(seed)
    told = iter(world.days()[3:])
    skipped, wrong = 0, []
    for at in instants:
        if order.random() < 0.1:  # somebody reports a day meanwhile
            store.clock.at = NOW  # type: ignore[attr-defined]
            world.hand_in(C, next(told), {world.children[C][0]: U})
        for later in (0, 5):
            store.clock.at = at + timedelta(seconds=later)  # type: ignore[attr-defined]
            if look(store.clock.now(), GO_ON) is None:
                skipped += 1
                if not run_due(store, store.clock.now()).nothing:
                    wrong.append(at)
    return skipped, wrong


def due(store: Store) -> Callable[[datetime, threading.Event], DueReport]:
    return lambda at, stop: run_due(store, at, stop)


def test_a_skipped_look_would_have_found_nothing(store: Store) -> None:
    look = Look(store.log, due(store), at_least=LONG)
    instants = sorted(random.Random(1).sample(around(DAYS), 50))
    skipped, wrong = wrongly_skipped(store, look, instants)
    assert wrong == []
    assert skipped > 30


@pytest.mark.long
@pytest.mark.parametrize("seed", range(6))
def test_a_skipped_look_would_have_found_nothing_in_many_orders(store: Store, seed: int) -> None:
    look = Look(store.log, due(store), at_least=LONG)
    instants = sorted(random.Random(seed).sample(around(DAYS), 110))
    assert wrongly_skipped(store, look, instants, seed)[1] == []


def never_again(report: DueReport) -> DueReport:
    """As if only new facts could make anything fall due."""
    return msgspec.structs.replace(report, until=report.at + LONG)


def midnight_forgotten(report: DueReport) -> DueReport:
    """As if nothing could fall due when a day begins."""
    if report.until and report.until.astimezone(ZONE).hour == 0:
        return msgspec.structs.replace(report, until=report.until + timedelta(hours=10))
    return report


@pytest.mark.parametrize("spoil", [never_again, midnight_forgotten])
def test_control_a_look_that_skips_too_much_is_found_out(
    tmp_path: Path, spoil: Callable[[DueReport], DueReport]
) -> None:
    with opened(f"sqlite:///{tmp_path / 'control.db'}", tmp_path / "secrets") as store:
        good = due(store)
        look = Look(store.log, lambda at, stop: spoil(good(at, stop)), at_least=LONG)
        nights = around([date(2026, 10, day) for day in (10, 11, 12, 13)], ("00:00", "18:00"))
        assert wrongly_skipped(store, look, nights)[1] != []


class OneHead:
    """A log that has come to a position."""

    def __init__(self) -> None:
        self.at = 7

    def head(self) -> int:
        return self.at


class Looks:
    """Notes when the facts were looked at."""

    def __init__(self) -> None:
        self.log = OneHead()
        self.at: list[datetime] = []
        self.raised: dict[str, int] = {}

    def __call__(self, at: datetime, _stop: threading.Event) -> DueReport:
        self.at.append(at)
        return DueReport(at, self.log.at, at + LONG, raised=self.raised)


BEGUN = datetime(2026, 9, 7, 1, tzinfo=UTC)


@pytest.fixture
def looks() -> Looks:
    return Looks()


def test_the_facts_are_looked_at_every_hour_however_quiet_it_is(looks: Looks) -> None:
    look = Look(looks.log, looks)
    for minute in range(121):
        look(BEGUN + timedelta(minutes=minute), GO_ON)
    assert looks.at == [BEGUN, BEGUN + LOOK_AT_LEAST, BEGUN + 2 * LOOK_AT_LEAST]


def test_a_clock_set_back_is_looked_at_again(looks: Looks) -> None:
    look = Look(looks.log, looks)
    for minute in (0, -10, -9):
        look(BEGUN + timedelta(minutes=minute), GO_ON)
    assert looks.at == [BEGUN, BEGUN - timedelta(minutes=10)]


def test_after_a_look_that_did_something_the_next_looks_again(looks: Looks) -> None:
    look = Look(looks.log, looks)
    looks.raised = {"roll_call_silent": 1}
    look(BEGUN, GO_ON)
    looks.raised = {}
    for minute in (1, 2):
        look(BEGUN + timedelta(minutes=minute), GO_ON)
    assert looks.at == [BEGUN, BEGUN + timedelta(minutes=1)]


def test_new_facts_are_looked_at(looks: Looks) -> None:
    look = Look(looks.log, looks)
    look(BEGUN, GO_ON)
    looks.log.at += 1
    assert look(BEGUN, GO_ON) is not None
    assert look(BEGUN, GO_ON) is None


class Slow:
    """Each look takes so many seconds of a watch that nobody else moves."""

    def __init__(self, looks: Looks, seconds: float) -> None:
        self.looks, self.seconds, self.watch = looks, seconds, 0.0

    def __call__(self, at: datetime, stop: threading.Event) -> DueReport:
        self.watch += self.seconds
        return self.looks(at, stop)

    def elapsed(self) -> float:
        return self.watch


@pytest.mark.parametrize(("seconds", "looked"), [(LONG_LOOK - 1, 12), (4, 6), (12, 3)])
def test_new_facts_wait_until_long_looks_take_a_tenth_of_the_time(
    looks: Looks, seconds: float, looked: int
) -> None:
    slow = Slow(looks, seconds)
    look = Look(looks.log, slow, elapsed=slow.elapsed)
    for tick in range(12):  # every half minute somebody reports a class
        slow.watch = max(slow.watch, 30.0 * tick)
        looks.log.at += 1
        look(BEGUN + timedelta(seconds=30 * tick), GO_ON)
    assert len(looks.at) == looked


def test_an_instant_that_comes_and_a_clock_set_back_do_not_wait(looks: Looks) -> None:
    slow = Slow(looks, 60)
    look = Look(looks.log, slow, elapsed=slow.elapsed)
    for at in (BEGUN, BEGUN + LONG - timedelta(seconds=1), BEGUN + LONG, BEGUN):
        looks.log.at += 1
        look(at, GO_ON)
    assert looks.at == [BEGUN, BEGUN + LONG, BEGUN]


def test_a_long_look_that_was_broken_off_is_not_rested_from(looks: Looks) -> None:
    slow, stop = Slow(looks, 60), threading.Event()
    look = Look(looks.log, slow, elapsed=slow.elapsed)
    stop.set()
    look(BEGUN, stop)
    assert look(BEGUN, GO_ON) is not None


def test_a_look_that_was_broken_off_or_failed_settles_nothing(looks: Looks) -> None:
    stop = threading.Event()
    look = Look(looks.log, looks)
    stop.set()
    look(BEGUN, stop)
    assert look(BEGUN, GO_ON) is not None

    def fails(_at: datetime, _stop: threading.Event) -> DueReport:
        raise ConnectionError

    look._due = fails
    looks.log.at += 1
    with pytest.raises(ConnectionError):
        look(BEGUN, GO_ON)
    looks.log.at -= 1
    look._due = looks
    assert look(BEGUN, GO_ON) is not None


def test_a_run_that_is_told_to_stop_commits_no_more_and_the_next_goes_on(store: Store) -> None:
    world = eventful(store)
    stop = threading.Event()
    stop.set()
    at = datetime(2026, 9, 10, 12, tzinfo=UTC)
    assert run_due(store, at, stop).raised == {}
    assert run_due(store, at).raised != {}
    assert run_due(store, at).nothing
    assert world.children
