"""``ckbx bench``: which measurements there are, at which sizes, and the page they fill."""

from __future__ import annotations

import itertools
import os
import platform
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import msgspec
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ckbx.bench import answers, appends, intake, opening, scale
from ckbx.bench.measure import Figure
from ckbx.bench.world import World, new_store
from ckbx.store import plain_url

Fresh = Callable[[], str]
"""Gives the URL of an empty store, another one each time."""


class Sizes(msgspec.Struct, frozen=True):
    """How much is measured. ``quick`` for a look, ``full`` for the page."""

    children: int = 100_000
    sheets: int = 4_000
    events: int = 1_000_000
    roster: int = 100_000


QUICK = Sizes(children=8_000, sheets=1_000, events=60_000, roster=4_000)
FULL = Sizes()


def measure(
    names: Sequence[str],
    sizes: Sizes,
    fresh: Fresh,
    store: str,
    say: Callable[[str], None],
) -> Iterator[Figure]:
    """The figures of the named measurements; ``fresh`` gives the URL of an empty store."""
    with tempfile.TemporaryDirectory(prefix="ckbx-bench-") as name:
        folder = Path(name)
        if "appends" in names:
            say("点名写入 …")
            yield from appends.roll_call_speed(
                fresh, folder, children=sizes.children // 5, sheets=sizes.sheets, store_name=store
            )
        if "answers" in names or "opening" in names:
            yield from _on_a_full_store(names, sizes, fresh, store, folder, say)
        if "intake" in names and store == "SQLite":
            say("花名册导入 …")
            yield from intake.roster_import(folder, sizes.roster)


def _on_a_full_store(
    names: Sequence[str],
    sizes: Sizes,
    fresh: Fresh,
    store_name: str,
    folder: Path,
    say: Callable[[str], None],
) -> Iterator[Figure]:
    world = World(sizes.children)
    store = new_store(fresh(), folder / "full")
    try:
        if "opening" in names:
            say("开学逐一核 …")
            world.admit(store.office)
            yield from opening.sweep(store, world, store_name)
        if "answers" in names:
            say(f"写入 {sizes.events:,} 个事件 …")
            left = answers.fill(store, world, sizes.events)
            say("重建 …")
            yield from answers.rebuild(store, store_name)
            say("实时投影、查询、重建期间点名 …")
            yield answers.live(store, left, store_name, folder, fresh())
            yield from answers.ledgers(store, world, store_name)
            yield answers.during_rebuild(store, left, store_name)
    finally:
        store.close()


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


def scale_table(*, quick: bool, say: Callable[[str], None]) -> str:
    """Costs of one unit from small to large counties, on SQLite."""
    sizes = (2_000, 8_000) if quick else (10_000, 100_000, 1_000_000)
    with tempfile.TemporaryDirectory(prefix="ckbx-bench-") as name, fresh_sqlite() as fresh:
        return scale.table(scale.costs(fresh, Path(name), sizes, say))


def machine() -> str:
    """What it was measured on."""
    return f"{platform.machine()}，Python {platform.python_version()}，{platform.system()}"
