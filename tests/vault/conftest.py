"""What every test of the vault gets: an initialised store on each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from ckbx.clock import FixedClock
from ckbx.vault import init_keys, postgres_ddl, sqlite_ddl, sqlite_engine
from tests.vault.store import START, Store


def _made(engine: Engine, statements: list[str], secrets: Path) -> Iterator[Store]:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    clock = FixedClock(START)
    yield Store(engine, init_keys(engine, secrets, clock), clock)
    engine.dispose()


@pytest.fixture
def sqlite_store(sqlite_url: str, tmp_path: Path) -> Iterator[Store]:
    engine = sqlite_engine(Path(sqlite_url.removeprefix("sqlite:///")))
    yield from _made(engine, sqlite_ddl(), tmp_path / "secrets")


@pytest.fixture
def store(store_url: str, tmp_path: Path) -> Iterator[Store]:
    if store_url.startswith("sqlite"):
        engine, ddl = sqlite_engine(Path(store_url.removeprefix("sqlite:///"))), sqlite_ddl()
    else:
        engine, ddl = create_engine(store_url), postgres_ddl()
    yield from _made(engine, ddl, tmp_path / "secrets")
