"""What every test of the vault gets: an initialised store on each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from ckbx.clock import FixedClock
from ckbx.vault import create_sqlite_tables, init_keys, postgres_ddl, sqlite_engine
from tests.vault.store import START, Store


def _made(engine: Engine, secrets: Path) -> Iterator[Store]:
    clock = FixedClock(START)
    yield Store(engine, init_keys(engine, secrets, clock), clock)
    engine.dispose()


@pytest.fixture
def sqlite_store(sqlite_url: str, tmp_path: Path) -> Iterator[Store]:
    yield from _made(_sqlite(sqlite_url), tmp_path / "secrets")


@pytest.fixture
def store(store_url: str, tmp_path: Path) -> Iterator[Store]:
    made = _sqlite if store_url.startswith("sqlite") else _postgres
    yield from _made(made(store_url), tmp_path / "secrets")


def _sqlite(url: str) -> Engine:
    path = Path(url.removeprefix("sqlite:///"))
    path.touch()
    create_sqlite_tables(path)
    return sqlite_engine(path)


def _postgres(url: str) -> Engine:
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in postgres_ddl():
            connection.exec_driver_sql(statement)
    return engine
