"""Several workers, the leader killed and stopped again and again: everything once, nothing missed."""

from __future__ import annotations

import random
import signal
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from ckbx.eventlog.postgres.connect import DEFAULT_LAYOUT
from ckbx.scheduling.run_due import run_due
from ckbx.store import Store, plain_url
from tests.faults.crew import Crew, crew
from tests.scheduling.due_kit import C, U, World, standing
from tests.scheduling.test_due_any_order import eventful
from tests.support.county import opened

TAKEOVER_SECONDS = 15.0
HOURS = ("00:00", "10:01", "12:01", "18:01")
DAYS = [date(2026, 9, day) for day in (1, 2, 3, 4, 7, 8, 9, 10, 11, 25)] + [date(2026, 10, 11)]
INSTANTS = [
    datetime.fromisoformat(f"{day}T{hour}:00+08:00").astimezone(UTC)
    for day in DAYS
    for hour in HOURS
]


@contextmanager
def county(url: str, folder: Path) -> Iterator[tuple[Store, World]]:
    """A store full of what the clock looks at; the facts are told by this process."""
    with opened(url, folder / "secrets") as store:
        yield store, eventful(store)


TOLD = DAYS[3:7]
"""Days that a class reports while the clock stands at one of their hours."""


def report_of(store: Store, world: World, at: datetime) -> None:
    """A class reports the day, where it does so at this instant."""
    day = at.astimezone(store.clock.zone).date()
    if day in TOLD and at == INSTANTS[DAYS.index(day) * len(HOURS) + 1]:
        world.hand_in(C, day, {world.children[C][1]: U})
        store.office.forget_all()


BEFORE = INSTANTS[0] - timedelta(days=20)


def expected(folder: Path, instants: Sequence[datetime]) -> set[object]:
    """What stands where one process that nobody kills looks at each instant."""
    other = folder / "alone"
    other.mkdir()
    with county(f"sqlite:///{other / 'alone.db'}", other) as (store, world):
        for at in (BEFORE, *instants):
            report_of(store, world, at)
            run_due(store, at)
        return set(standing(store, since=date(2026, 8, 1)))


def raised_twice(store: Store) -> list[object]:
    """Alerts that were raised while they stood."""
    up: Counter[object] = Counter()
    twice = []
    for recorded in store.log.read(0, 1_000_000):
        name, id_ = type(recorded.event).__name__, recorded.event.originator_id
        if name in ("AlertRaised", "AlertReopened"):
            up[id_] += 1
            twice += [id_] if up[id_] > 1 else []
        elif name in ("AlertWithdrawn", "AlertClosed"):
            up[id_] = 0
    return twice


def live(
    work: Crew, store: Store, world: World, instants: Sequence[datetime], kills: int, seed: int
) -> None:
    """Move the clock from instant to instant; kill the leader ``kills`` times at any moment."""
    dice = random.Random(seed)
    fatal = set(dice.sample(range(len(instants)), kills))
    for n, at in enumerate(instants):
        work.clock.put(at)
        report_of(store, world, at)
        if n in fatal:
            threading.Event().wait(dice.uniform(0, 0.4))
            work.kill_leader()
            work.start()
        work.until_settled(at)


def none_missed_none_doubled(
    work: Crew, store: Store, folder: Path, instants: Sequence[datetime]
) -> None:
    assert work.overlaps() == []
    assert raised_twice(store) == []
    assert set(standing(store, since=date(2026, 8, 1))) == expected(folder, instants)
    assert set(work.stop()) == {0}


def begin(work: Crew) -> None:
    """Three workers, one of which leads."""
    work.clock.put(BEFORE)
    work.start(3)
    work.until_settled(BEFORE)


def killed_again_and_again(
    url: str, folder: Path, kills: int, instants: Sequence[datetime] = INSTANTS, seed: int = 1
) -> None:
    with county(url, folder) as (store, world), crew(url, folder) as work:
        begin(work)
        live(work, store, world, instants, kills, seed)
        assert max(work.takeovers()) <= TAKEOVER_SECONDS
        none_missed_none_doubled(work, store, folder, instants)


def test_three_workers_whose_leader_is_killed_do_everything_once(
    store_url: str, tmp_path: Path
) -> None:
    killed_again_and_again(store_url, tmp_path, 4, INSTANTS[9:21])


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 5))
def test_thirty_kills_of_the_leader(store_url: str, tmp_path: Path, seed: int) -> None:
    killed_again_and_again(store_url, tmp_path, 30, seed=seed)


def test_a_leader_that_stood_still_goes_on_where_it_was(store_url: str, tmp_path: Path) -> None:
    with county(store_url, tmp_path) as (store, _), crew(store_url, tmp_path) as work:
        begin(work)
        leader = work.working[work.leader()]
        leader.send_signal(signal.SIGSTOP)
        work.clock.put(INSTANTS[-1])
        leader.send_signal(signal.SIGCONT)
        work.until_settled(INSTANTS[-1])
        none_missed_none_doubled(work, store, tmp_path, INSTANTS[-1:])


def test_a_leader_cut_off_while_it_stood_still_leaves_the_work_to_the_next(
    pg_url: str, tmp_path: Path
) -> None:
    with county(pg_url, tmp_path) as (store, _), crew(pg_url, tmp_path) as work:
        begin(work)
        stopped = work.leader()
        work.working[stopped].send_signal(signal.SIGSTOP)
        cut_off(pg_url)
        work.clock.put(INSTANTS[-1])
        work.until_settled(INSTANTS[-1], but=stopped)
        work.working[stopped].send_signal(signal.SIGCONT)
        assert raised_twice(store) == []
        found = set(standing(store, since=date(2026, 8, 1)))
        assert found == expected(tmp_path, INSTANTS[-1:])
        assert set(work.stop()) == {0}
        assert set(standing(store, since=date(2026, 8, 1))) == found
        assert raised_twice(store) == []


def cut_off(url: str) -> None:
    """The server ends the session that holds the lead."""
    key = DEFAULT_LAYOUT.lock_key("leader") & 0xFFFF_FFFF
    with psycopg.connect(plain_url(url), autocommit=True) as admin:
        done = admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks"
            " WHERE locktype = 'advisory' AND objid = %s::bigint::oid AND granted",
            (key,),
        ).fetchall()
    assert done == [(True,)]


def test_control_without_the_lock_two_look_at_the_same_time(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with county(url, tmp_path) as (store, world), crew(url, tmp_path, locked=False) as work:
        begin(work)
        for at in INSTANTS[12:18]:
            work.clock.put(at)
            report_of(store, world, at)
            work.until_settled(at)
        assert work.overlaps() != []
        assert raised_twice(store) == []  # the log itself refuses the second
        work.stop()
