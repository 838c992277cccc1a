"""Workers that die, come late, come twice, or look at a clock that is wrong."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from ckbx.bench.year.answers import ANSWERS
from ckbx.bench.year.play import Tick
from ckbx.bench.year.stage import open_on, reopen
from ckbx.bench.year.world import World
from ckbx.clock import FixedClock
from ckbx.domain.shared.errors import CkbxError
from ckbx.scheduling.run_due import run_due
from ckbx.store import Store

EVENING = 18
ANSWERED = frozenset(
    {date(2026, 9, 7), date(2026, 11, 24), date(2027, 1, 1), *(each.told for each in ANSWERS)}
)
"""Days whose evening must not be missed: somebody acts upon what the clock did to a child."""


class Killed(BaseException):
    """The process ends here: nothing after it is carried out."""


class Dying:
    """A worker that is killed between two appends, again and again, and started again."""

    def __init__(self, world: World, url: str, folder: Path, seed: int, most: int = 3) -> None:
        self._world, self._url, self._folder = world, url, folder
        self._rng = random.Random(seed)
        self._most = most
        self.deaths = 0

    def __call__(self, at: datetime) -> None:
        for _ in range(self._rng.randint(0, self._most)):
            try:
                with dying(self._world.store, self._rng.randint(0, 3)):
                    run_due(self._world.store, at)
            except Killed:
                self.deaths += 1
                reopen(self._world, self._url, self._folder)
        run_due(self._world.store, at)


@contextmanager
def dying(store: Store, appends: int) -> Iterator[None]:
    """The process dies after so many appends (0: before the first)."""
    run: Callable[..., Any] = store.office.run
    left = appends

    def once(*args: Any) -> Any:
        nonlocal left
        if left == 0:
            raise Killed
        left -= 1
        return run(*args)

    store.office.run = once  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        store.office.run = run  # type: ignore[method-assign]


def late(world: World, seed: int, *, starts: date) -> Tick:
    """A worker that begins on a day and then looks at one instant of five."""
    rng = random.Random(seed)

    def tick(at: datetime) -> None:
        there = at.astimezone(world.clock.zone)
        if there.date() in ANSWERED or (there.date() >= starts and rng.random() < 0.2):
            run_due(world.store, at)

    return tick


def wrong_clock(world: World, seed: int) -> Tick:
    """A worker whose clock is ten minutes slow, an hour fast, past midnight, or right."""
    rng = random.Random(seed)

    def tick(at: datetime) -> None:
        there = at.astimezone(world.clock.zone)
        wrong = [at - timedelta(minutes=10), at + timedelta(hours=1), at]
        if there.hour == EVENING:
            wrong.append((there + timedelta(days=1)).replace(hour=0, minute=5))
        world.clock.at = rng.choice(wrong)
        if there.date() in ANSWERED:
            world.clock.at = at
        run_due(world.store, world.clock.now())
        world.clock.at = at

    return tick


class Twins:
    """Two workers, each with the store open by itself, at the same instant at once."""

    def __init__(self, world: World, url: str, folder: Path) -> None:
        self._world = world
        self._clock = FixedClock(world.clock.at)
        self._other = open_on(url, folder, self._clock)

    def close(self) -> None:
        self._other.close()

    def __call__(self, at: datetime) -> None:
        self._clock.at = at
        line, failed = threading.Barrier(2), list[BaseException]()

        def work(store: Store) -> None:
            line.wait()
            try:
                _until_done(store, at)
            except BaseException as error:  # noqa: BLE001 - told below
                failed.append(error)

        both = [threading.Thread(target=work, args=(s,)) for s in (self._world.store, self._other)]
        for each in both:
            each.start()
        for each in both:
            each.join()
        if failed:
            raise failed[0]


def _until_done(store: Store, at: datetime, tries: int = 10) -> None:
    """A tick that another worker got in the way of is tried again, as at the next minute."""
    for n in range(tries):
        try:
            run_due(store, at)
        except CkbxError:
            if n == tries - 1:
                raise
        else:
            return


class Killing:
    """A worker process a look, killed by the system at a random moment until one is let end."""

    def __init__(self, world: World, url: str, folder: Path, seed: int) -> None:
        self._world, self._rng = world, random.Random(seed)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.year.forker", url, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.deaths = 0
        self._takes = 0.2

    def __call__(self, at: datetime) -> None:
        for _ in range(self._rng.randint(0, 2)):
            moment = self._rng.uniform(0.0, self._takes)
            self.deaths += self._ask(at, f"{moment:.3f}") == "killed"
        begun = time.perf_counter()
        answer = self._ask(at, "-")
        self._takes = time.perf_counter() - begun
        if answer != "ended 0":
            raise AssertionError(answer)
        self._world.office.forget_all()

    def _ask(self, at: datetime, seconds: str) -> str:
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise AssertionError
        process.stdin.write(f"{at.isoformat()} {seconds}\n")
        process.stdin.flush()
        return process.stdout.readline().strip()

    def close(self) -> None:
        self._process.communicate()
