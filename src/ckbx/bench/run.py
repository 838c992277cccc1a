"""``ckbx bench``: which measurements there are, at which sizes, and the page they fill."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import platform
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import ParamSpec, TypeVar
from urllib.parse import quote

import msgspec
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ckbx.bench import (
    answers,
    appends,
    case_commands,
    cases,
    intake,
    messages,
    opening,
    papers,
    scale,
    school_year,
    tick,
)
from ckbx.bench.case_world import AWAY_A_CLASS, new_case_world
from ckbx.bench.measure import Figure, peak_megabytes
from ckbx.bench.web import figures as web
from ckbx.bench.web.county import MORNING, County, make_county
from ckbx.bench.web.program import Program
from ckbx.bench.world import SIZE, World, new_store, open_again, school_days
from ckbx.domain.attendance.book import Submission
from ckbx.store import Store, plain_url

P = ParamSpec("P")
T = TypeVar("T")
Fresh = Callable[[], str]
"""Gives the URL of an empty store, another one each time."""


class Sizes(msgspec.Struct, frozen=True):
    """How much is measured. ``quick`` for a look, ``full`` for the page."""

    children: int = 100_000
    sheets: int = 4_000
    events: int = 1_000_000
    roster: int = 100_000
    case_commands: int = 2_000
    notices: int = 3_000
    ledger_rows: int = 1_000
    tick_children: int = 200_000
    tick_cases: int = 5_000
    messages: int = 10_000
    schools: int = 34
    web_children: int = 200_000
    web: web.Load = web.Load()


QUICK = Sizes(
    children=8_000,
    sheets=1_000,
    events=60_000,
    roster=4_000,
    case_commands=400,
    notices=200,
    ledger_rows=200,
    tick_children=8_000,
    tick_cases=200,
    messages=1_000,
    schools=2,
    web_children=8_000,
    web=web.Load(seconds=15, ledger_seconds=10, sign_ins=120, sign_in_seconds=10),
)
FULL = Sizes()


class Task(msgspec.Struct, frozen=True):
    """One measurement on one kind of store. ``server`` is empty for SQLite. ``program``: what
    serves the pages; only they need it.
    """

    name: str
    sizes: Sizes
    server: str = ""
    program: Program | None = None


def in_own_process(task: Task) -> list[Figure]:
    """The figures of one measurement, made in a process of its own, so that the peak of its
    memory is its own and nothing an earlier measurement left behind slows it down.
    """
    return _elsewhere(measure, task)


def measure(task: Task) -> list[Figure]:
    """The figures of one measurement, each with the peak of memory by then."""
    opened = fresh_postgres(task.server) if task.server else fresh_sqlite()
    store = "PostgreSQL" if task.server else "SQLite"
    with opened as fresh, tempfile.TemporaryDirectory(prefix="ckbx-bench-") as name:
        if task.name == "web":
            found = _web(task, fresh(), store, Path(name))
        else:
            found = _MEASUREMENTS[task.name](task.sizes, fresh, store, Path(name))
        return [each if each.memory else _with_memory([each])[0] for each in found]


def _appends(sizes: Sizes, fresh: Fresh, store: str, folder: Path) -> Iterator[Figure]:
    yield from appends.roll_call_speed(
        fresh, folder, children=sizes.children // 5, sheets=sizes.sheets, store_name=store
    )


def _opening(sizes: Sizes, fresh: Fresh, store_name: str, folder: Path) -> Iterator[Figure]:
    world = World(sizes.children)
    store = new_store(fresh(), folder / "opening")
    try:
        world.admit(store.office)
        yield from opening.sweep(store, world, store_name)
    finally:
        store.close()


def _answers(sizes: Sizes, fresh: Fresh, store_name: str, folder: Path) -> Iterator[Figure]:
    """The log is filled in one process; what is measured runs in others that only open it."""
    full = Filled(fresh(), folder / "full", store_name, sizes)
    left = _elsewhere(_fill, full)
    yield from _elsewhere(_rebuild, full)
    yield from _elsewhere(_live_and_ledgers, full, left, fresh())


class Filled(msgspec.Struct, frozen=True):
    """A store that another process has filled, or is to fill."""

    url: str
    folder: Path
    store_name: str
    sizes: Sizes

    def open(self) -> Store:
        """The store, opened as a county's process would."""
        return open_again(self.url, self.folder)


def _fill(full: Filled) -> list[Submission]:
    store = new_store(full.url, full.folder)
    try:
        return answers.fill(store, World(full.sizes.children), full.sizes.events)
    finally:
        store.close()


def _rebuild(full: Filled) -> list[Figure]:
    store = full.open()
    try:
        return _with_memory(answers.rebuild(store, full.store_name))
    finally:
        store.close()


def _live_and_ledgers(full: Filled, left: list[Submission], bare: str) -> list[Figure]:
    store, name = full.open(), full.store_name
    world = World(full.sizes.children)
    try:
        found = _with_memory([answers.live(store, left, name, full.folder, bare)])
        found += _with_memory(answers.ledgers(store, world, name))
        return found + _with_memory([answers.during_rebuild(store, left, name)])
    finally:
        store.close()


def _with_memory(figures: list[Figure]) -> list[Figure]:
    peak = peak_megabytes()
    return [msgspec.structs.replace(each, memory=peak) for each in figures]


def _elsewhere(action: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as process:
        return process.submit(action, *args, **kwargs).result()


def _intake(sizes: Sizes, _fresh: Fresh, store: str, folder: Path) -> Iterator[Figure]:
    if store == "SQLite":
        yield from intake.roster_import(folder, sizes.roster)


def _case_commands(sizes: Sizes, fresh: Fresh, store: str, folder: Path) -> Iterator[Figure]:
    yield from case_commands.command_speed(
        fresh, folder, commands=sizes.case_commands, store_name=store
    )


def _cases(sizes: Sizes, fresh: Fresh, store_name: str, folder: Path) -> Iterator[Figure]:
    store = new_store(fresh(), folder / "cases")
    try:
        world = new_case_world(store, sizes.children)
        world.work(world.suspects)
        yield from cases.questions(store, world, store_name)
    finally:
        store.close()


def _papers(sizes: Sizes, fresh: Fresh, store_name: str, folder: Path) -> Iterator[Figure]:
    store = new_store(fresh(), folder / "papers")
    try:
        world = new_case_world(store, sizes.notices * SIZE // AWAY_A_CLASS)
        world.name(world.suspects)
        world.work(world.suspects)
        yield from papers.notices(store, world, sizes.notices, store_name)
        yield from papers.wide_ledger(store, world, sizes.ledger_rows, store_name)
    finally:
        store.close()


def _tick(sizes: Sizes, fresh: Fresh, store_name: str, folder: Path) -> Iterator[Figure]:
    """Each in a process of its own: neither memory nor caches are the other's."""
    opening_day = Filled(fresh(), folder / "first-day", store_name, sizes)
    yield _elsewhere(_first_day, opening_day)
    yield from _elsewhere(_quiet_ticks, Filled(fresh(), folder / "quiet", store_name, sizes))


def _quiet_ticks(at: Filled) -> list[Figure]:
    store = new_store(at.url, at.folder)
    try:
        classes = at.sizes.tick_children // SIZE
        every = max(classes * AWAY_A_CLASS // at.sizes.tick_cases, 1)
        world = new_case_world(store, at.sizes.tick_children, every)
        world.work(world.suspects)
        world.go_on(tick.REPORTED)
        return _with_memory(list(tick.quiet_ticks(store, world, at.store_name)))
    finally:
        store.close()


def _first_day(at: Filled) -> Figure:
    store, world = new_store(at.url, at.folder), World(at.sizes.tick_children)
    try:
        world.admit(store.office)
        days = school_days(store.office)
        return _with_memory([tick.first_day(store, world, days, at.store_name)])[0]
    finally:
        store.close()


def _messages(sizes: Sizes, fresh: Fresh, store_name: str, folder: Path) -> Iterator[Figure]:
    store = new_store(fresh(), folder / "messages")
    try:
        yield from messages.sending(store, sizes.messages, folder / "receiver", store_name)
    finally:
        store.close()


def _year(sizes: Sizes, fresh: Fresh, store: str, folder: Path) -> Iterator[Figure]:
    yield from school_year.year(fresh(), folder / "year", sizes.schools, store)


def _web(task: Task, url: str, store_name: str, folder: Path) -> Iterator[Figure]:
    """The county is made in one process, served from another, asked from a third."""
    if task.program is None:
        raise ValueError(task.name)
    county = _elsewhere(_people, url, folder, task.sizes.web_children)
    yield from web.figures(task.program, county, task.sizes.web, url, folder, store_name)


def _people(url: str, folder: Path, children: int) -> County:
    store = new_store(url, folder, MORNING)
    try:
        return make_county(store, children)
    finally:
        store.close()


_MEASUREMENTS: dict[str, Callable[[Sizes, Fresh, str, Path], Iterator[Figure]]] = {
    "appends": _appends,
    "opening": _opening,
    "answers": _answers,
    "intake": _intake,
    "case-commands": _case_commands,
    "cases": _cases,
    "papers": _papers,
    "tick": _tick,
    "messages": _messages,
    "year": _year,
}


@contextmanager
def fresh_sqlite() -> Iterator[Fresh]:
    """URLs of new SQLite files in a folder that goes afterwards."""
    with tempfile.TemporaryDirectory(prefix="ckbx-bench-") as name:
        numbers = itertools.count()
        yield lambda: f"sqlite:///{name}/store{next(numbers)}.db"


@contextmanager
def fresh_postgres(server: str) -> Iterator[Fresh]:
    """URLs of new databases on a server, dropped afterwards."""
    made: list[str] = []
    with psycopg.connect(plain_url(server), autocommit=True) as admin:

        def fresh() -> str:
            name = f"ckbx_bench_{os.getpid()}_{len(made)}"
            admin.execute(f"CREATE DATABASE {name}".encode())
            made.append(name)
            return make_conninfo(plain_url(server), dbname=name)

        try:
            yield lambda: _as_url(fresh())
        finally:
            for name in made:
                admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


def _as_url(conninfo: str) -> str:
    parts = {key: quote(str(value)) for key, value in conninfo_to_dict(conninfo).items()}
    name = parts.pop("dbname")
    return f"postgresql+psycopg:///{name}?" + "&".join(f"{k}={v}" for k, v in parts.items())


def scale_table(*, quick: bool) -> str:
    """Costs of one unit from small to large counties, on SQLite, each size in its own process."""
    sizes = (2_000, 8_000) if quick else (10_000, 100_000, 1_000_000)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, max_tasks_per_child=1) as process:
        return scale.table(list(process.map(_scale, sizes)))


def _scale(children: int) -> scale.Cost:
    with tempfile.TemporaryDirectory(prefix="ckbx-bench-") as name, fresh_sqlite() as fresh:
        return scale.cost(fresh(), Path(name) / "store", children)


def machine() -> str:
    """What it was measured on."""
    return f"{platform.machine()}，Python {platform.python_version()}，{platform.system()}"
