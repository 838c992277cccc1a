"""A fresh store in which the year is played, and the year played on it in the ordinary way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from ckbx.bench.year.play import play
from ckbx.bench.year.script import Script
from ckbx.bench.year.world import COUNTY, Site, World
from ckbx.clock import FixedClock
from ckbx.scheduling.memory import Memory
from ckbx.scheduling.run_due import run_due
from ckbx.scheduling.watch import WATCH
from ckbx.settings import Settings, read_settings
from ckbx.store import Store, init_store, open_store

BEFORE = datetime(2026, 8, 16, 22, 0, tzinfo=UTC)


def settings_of(url: str, folder: Path) -> Settings:
    """Those of the store; its keys lie in the folder."""
    return read_settings({"CKBX_DATABASE_URL": url, "CKBX_SECRET_DIR": str(folder / "secrets")})


def open_on(url: str, folder: Path, clock: FixedClock) -> Store:
    """The store, opened once more."""
    return open_store(settings_of(url, folder), clock, (WATCH,))


@contextmanager
def stage(url: str, folder: Path, sites: int = 1) -> Iterator[World]:
    """A world of so many schools, each with the same year before it."""
    clock = FixedClock(BEFORE)
    init_store(settings_of(url, folder), clock, COUNTY)
    store = open_on(url, folder, clock)
    try:
        yield World(store, clock, [Site(n) for n in range(sites)])
    finally:
        store.close()


def reopen(world: World, url: str, folder: Path) -> None:
    """The process that had the store open is gone; another one opens it."""
    world.store.close()
    world.use(open_on(url, folder, world.clock))


def play_out(world: World, *, every: bool = False) -> None:
    """The whole year with one worker that is never late."""
    memory = Memory()
    play(world, Script(), lambda at: run_due(world.store, at, memory=memory), every=every)
