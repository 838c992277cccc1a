"""What the product does not do: two schedulers that share a store of jobs run each job twice.

APScheduler 3 says that a job store must not be shared; a county with two workers would share
it. Here each alert is a job of its own in such a store, and the same two workers are asked
for the same alerts through the product.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from apscheduler.executors.debug import DebugExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.base import BaseScheduler

from ckbx.bench.year.expected import expected
from ckbx.bench.year.play import play
from ckbx.bench.year.script import Script
from ckbx.bench.year.stage import stage
from ckbx.bench.year.told import difference
from tests.year.faulty import Twins

UNTIL = date(2026, 9, 1)
TOLD: list[str] = []
PAST = datetime(2026, 9, 1, tzinfo=UTC)
LATE: dict[str, Any] = {"misfire_grace_time": None, "coalesce": True}


def tell(what: str) -> None:
    TOLD.append(what)


class Meeting(SQLAlchemyJobStore):  # type: ignore[misc]
    """A shared store in which both workers look at what is due before either has done it."""

    def __init__(self, url: str, line: threading.Barrier) -> None:
        super().__init__(url=url)
        self._line = line

    def get_due_jobs(self, now: datetime) -> Any:
        found = super().get_due_jobs(now)
        self._line.wait()
        return found


class Asked(BaseScheduler):  # type: ignore[misc]
    """A scheduler that looks only when it is asked."""

    def wakeup(self) -> None:
        """Nobody sleeps."""

    def shutdown(self, wait: bool = True) -> None:
        super().shutdown(wait)


@contextmanager
def scheduler(url: str, line: threading.Barrier) -> Iterator[Any]:
    """One worker's scheduler on the shared store."""
    made = Asked(jobstores={"default": Meeting(url, line)}, executors={"default": DebugExecutor()})
    made.start()
    try:
        yield made
    finally:
        made.shutdown()


@pytest.fixture
def jobs(tmp_path: Path) -> list[str]:
    """What the shared store holds: the alerts of the first day of term."""
    TOLD.clear()
    return [f"{fire.rule} {fire.subject}" for fire in expected() if fire.day == UNTIL]


def test_two_schedulers_with_one_job_store_tell_everything_twice(
    tmp_path: Path, jobs: list[str]
) -> None:
    url, line = f"sqlite:///{tmp_path / 'jobs.db'}", threading.Barrier(2, timeout=30)
    with scheduler(url, line) as one, scheduler(url, line) as other:
        for what in jobs:
            one.add_job(tell, "interval", days=365, args=[what], next_run_time=PAST, **LATE)
        both = [threading.Thread(target=each._process_jobs) for each in (one, other)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
    assert len(TOLD) == 2 * len(jobs)


def test_two_workers_of_the_product_tell_it_once(tmp_path: Path, jobs: list[str]) -> None:
    assert jobs
    url = f"sqlite:///{tmp_path / 'year.db'}"
    with stage(url, tmp_path) as world:
        twins = Twins(world, url, tmp_path)
        try:
            play(world, Script(), twins, until=UNTIL)
        finally:
            twins.close()
        assert str(difference(world, UNTIL)) == ""
