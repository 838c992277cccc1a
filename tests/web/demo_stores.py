"""On which databases do tests of pages run? On SQLite; a module that names its store's fixture
in ``ON_BOTH`` runs on PostgreSQL as well, one that names it in ``ON_BOTH_LONG`` among the tests
that take long.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import pytest

from ckbx.access.demo_logins import FILE, demo_logins_bytes
from ckbx.clock import FixedClock
from ckbx.demo.logins import open_logins
from ckbx.demo.make import Made, make_demo
from ckbx.demo.names import REGION
from ckbx.demo.walk import Walk
from ckbx.main import run_due
from ckbx.settings import Settings, read_settings
from ckbx.store import Store, init_store
from tests.demo import making
from tests.support.postgres import PgDatabase, PgServer

SQLITE: Final = "sqlite"
KINDS: Final = (SQLITE, "postgres")
_KINDS_LONG: Final = (SQLITE, pytest.param("postgres", marks=pytest.mark.long))


class PgDemo(NamedTuple):
    """The demo county in a database to which nobody is connected, and its keys."""

    database: PgDatabase
    secrets: Path
    made: Made


def parametrized(metafunc: pytest.Metafunc) -> None:
    """Have the tests of a module run once for each kind of store, where it says so."""
    for where, kinds in (("ON_BOTH", KINDS), ("ON_BOTH_LONG", _KINDS_LONG)):
        name = getattr(metafunc.module, where, None)
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, kinds, indirect=True)


def store_address(request: pytest.FixtureRequest, path: Path) -> str:
    """Where a fixture's fresh store is to be made: in a file, or as its parameter says."""
    if _kind(request) == SQLITE:
        return f"sqlite:///{path}"
    return str(request.getfixturevalue("pg_store_url"))


@contextmanager
def county_copy(request: pytest.FixtureRequest, folder: Path) -> Iterator[Store]:
    """A copy of the demo county, of the kind that is the fixture's parameter."""
    if _kind(request) == SQLITE:
        shutil.copytree(request.getfixturevalue("demo_folder")[0], folder)
        store = making.opened(folder)
        try:
            yield store
        finally:
            store.close()
        return
    server: PgServer = request.getfixturevalue("pg_server")
    demo: PgDemo = request.getfixturevalue("pg_demo")
    shutil.copytree(demo.secrets, folder)
    database = server.copy(demo.database)
    settings = _settings(database, folder)
    store = making.open_demo(settings, FixedClock(making.SUNDAY, settings.timezone))
    try:
        store.catch_up()
        yield store
    finally:
        store.close()
        server.drop(database)


def make_pg_demo(server: PgServer, secrets: Path) -> PgDemo:
    """The same county as in the file, made through the use cases on PostgreSQL."""
    database = server.create()
    settings = _settings(database, secrets)
    clock = FixedClock(datetime(2000, 1, 1, tzinfo=making.SUNDAY.tzinfo), settings.timezone)
    init_store(settings, clock, REGION)
    store = making.open_demo(settings, clock)
    try:
        walk, now = Walk(store, clock), making.SUNDAY
        made = make_demo(walk, making.STUDENTS, now, lambda at: run_due(store, at), lambda *_: None)
        logins = secrets / FILE
        logins.touch(mode=0o600)
        logins.write_bytes(demo_logins_bytes(open_logins(store, made)))
    finally:
        store.close()
    return PgDemo(database, secrets, made)


def _settings(database: PgDatabase, secrets: Path) -> Settings:
    url = database.url()
    return msgspec.structs.replace(
        read_settings({}), database_url=url, owner_url=url, secret_dir=secrets
    )


def _kind(request: pytest.FixtureRequest) -> str:
    return str(getattr(request, "param", SQLITE))
