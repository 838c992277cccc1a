"""Does the log hold when several processes write, and when one is killed while it does?"""

from __future__ import annotations

import multiprocessing
import random
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.managers import SyncManager
from pathlib import Path

import pytest

from ckbx.eventlog.ports import RecordedEvent
from ckbx.eventlog.sqlite.log import SQLiteEventLog
from tests.eventlog.sample import Noted, clock, named
from tests.eventlog.sqlite import children
from tests.eventlog.sqlite.conftest import SQLiteKit

ROOT = Path(__file__).resolve().parents[3]
KILLS = 10


@contextmanager
def processes(count: int) -> Iterator[tuple[ProcessPoolExecutor, SyncManager]]:
    """Fresh processes (a connection must not cross a fork) and what they meet at."""
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager, ProcessPoolExecutor(count, mp_context=context) as pool:
        yield pool, manager


def test_of_two_processes_that_race_one_wins(kit: SQLiteKit) -> None:
    with processes(2) as (pool, manager):
        start = manager.Barrier(2)
        racing = [pool.submit(children.append_once, kit.path, start, n) for n in (1, 2)]
        assert sorted(one.result(60) for one in racing) == [False, True]
    assert len(kit.open(clock()).load([named("race")])[named("race")]) == 1


def test_a_reader_that_follows_four_writing_processes_misses_nothing(kit: SQLiteKit) -> None:
    log, times = kit.open(clock()), 150
    seen: list[RecordedEvent] = []
    with processes(4) as (pool, manager):
        start = manager.Barrier(4)
        names = [f"process {n}" for n in range(4)]
        jobs = [
            pool.submit(children.append_many_times, kit.path, start, name, times) for name in names
        ]
        while len(seen) < 4 * times:
            after = seen[-1].position if seen else 0
            assert log.wait_for_change(after, timeout=60) > after
            seen += log.read(after, 7)
        assert [job.result(60) for job in jobs] == [times] * 4
    positions = [event.position for event in seen]
    assert positions == sorted(set(positions))
    for name in names:
        mine = [e.event.originator_version for e in seen if e.event.originator_id == named(name)]
        assert mine == list(range(1, times + 1))
    assert log.head() == positions[-1]


def run_and_kill(path: Path, first: int, acknowledged: int, mode: str) -> list[int]:
    """Let a process append until it has acknowledged so many, kill it; what it acknowledged."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.eventlog.sqlite.children", str(path), str(first), mode],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    heard = [int(child.stdout.readline()) for _ in range(acknowledged)]
    child.kill()
    rest, _ = child.communicate()
    return heard + [int(line) for line in rest.split("\n")[:-1]]


def kill_again_and_again(log: SQLiteEventLog, mode: str) -> tuple[list[int], Counter[int]]:
    """Each process repeats the last command acknowledged, as if its reply had been lost.

    Returns the numbers acknowledged and how often each stands in the log.
    """
    dice = random.Random(20260901)
    acknowledged = [1]
    for _ in range(KILLS):
        acknowledged += run_and_kill(log.path, acknowledged[-1], dice.randint(1, 60), mode)
    stored = log.load([named("killed")])[named("killed")]
    assert [e.originator_version for e in stored] == list(range(1, len(stored) + 1))
    return acknowledged, Counter(e.number for e in stored if isinstance(e, Noted))


def test_killing_a_writer_loses_nothing_acknowledged_and_doubles_nothing(kit: SQLiteKit) -> None:
    acknowledged, stored = kill_again_and_again(kit.open(clock()), "repeatable")
    assert set(acknowledged) <= set(stored)
    assert set(stored.values()) == {1}
    # At most the one command in flight at the last kill was stored without being acknowledged.
    assert set(stored) - set(acknowledged) <= {max(acknowledged) + 1}
    connection = sqlite3.connect(kit.path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    (commands,) = connection.execute("SELECT COUNT(*) FROM commands").fetchone()
    connection.close()
    assert commands == len(stored)


def test_without_a_command_id_a_repeated_command_would_double(kit: SQLiteKit) -> None:
    _, stored = kill_again_and_again(kit.open(clock()), "anew")
    assert sum(times - 1 for times in stored.values()) >= KILLS - 1


@pytest.mark.parametrize("name", ["county.db", "县 数据#1?.db"])
def test_a_path_may_hold_any_character(tmp_path: Path, name: str) -> None:
    kit = SQLiteKit(tmp_path / name)
    assert (tmp_path / name).exists()
    assert kit.open(clock()).head() == 0
    kit.close()
