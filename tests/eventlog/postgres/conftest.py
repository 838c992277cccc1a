"""Stores on a real PostgreSQL: a migrated database with its three roles, and open logs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from ckbx.clock import FixedClock
from ckbx.eventlog.postgres.connect import connect, session_options
from ckbx.eventlog.postgres.log import PostgresEventLog
from ckbx.eventlog.postgres.schema import create_role, migrate
from tests.eventlog.postgres.samples import COUNTY, NOW, VAULT_DDL, Store
from tests.support.postgres import PgDatabase

OpenLog = Callable[..., PostgresEventLog]


@pytest.fixture
def store(pg_database: PgDatabase) -> Store:
    """Owner, application and inspector are three roles, as in production."""
    for role in ("ckbx_app", "ckbx_inspector"):
        create_role(pg_database.url(), role)
    owner = "ckbx_owner"
    create_role(pg_database.url(), owner)
    with psycopg.connect(pg_database.conninfo(), autocommit=True) as conn:
        conn.execute(f"ALTER DATABASE {pg_database.name} OWNER TO {owner}")
    migrate(pg_database.url(owner), "ckbx_app", inspector_role="ckbx_inspector", ddl=VAULT_DDL)
    urls = (pg_database.url(role) for role in (owner, "ckbx_app", "ckbx_inspector"))
    return Store(*urls)


@pytest.fixture
def open_log(store: Store) -> Iterator[OpenLog]:
    """Opens logs as the application's role; closes them after the test."""
    opened: list[PostgresEventLog] = []

    def open_(url: str = store.app, **options: Any) -> PostgresEventLog:
        settings: dict[str, Any] = {"clock": FixedClock(NOW), "county": COUNTY} | options
        log = PostgresEventLog(url, **settings)
        opened.append(log)
        return log

    yield open_
    for log in opened:
        log.close()


@pytest.fixture
def log(open_log: OpenLog) -> PostgresEventLog:
    return open_log()


@pytest.fixture
def raw(store: Store) -> Iterator[psycopg.Connection[Any]]:
    """A bare connection of the application's role."""
    with connect(store.app, session_options()) as conn:
        yield conn
