"""One locked step makes the tables, however many start at once and however often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest

from ckbx.clock import FixedClock
from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.eventlog.postgres.connect import Layout, connect, session_options
from ckbx.eventlog.postgres.log import PostgresEventLog
from ckbx.eventlog.postgres.schema import RoleMissing, create_role, migrate, role_of
from tests.eventlog.postgres.conftest import OpenLog
from tests.eventlog.postgres.samples import COUNTY, NOW, VAULT_DDL, Store, command
from tests.support.postgres import PgDatabase


def test_eight_starters_at_once_make_one_store(pg_database: PgDatabase) -> None:
    create_role(pg_database.url(), "ckbx_app")

    def start(_: int) -> None:
        migrate(pg_database.url(), "ckbx_app", ddl=VAULT_DDL)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(start, range(8)))
    with connect(pg_database.url("ckbx_app"), session_options()) as conn:
        rows = conn.execute("SELECT key, value FROM store_meta").fetchall()
        assert rows == [("schema_version", "2")]
        owner = conn.execute(
            "SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'answers'"
        ).fetchone()
        assert owner == ("ckbx_app",)


def test_control_unlocked_starters_fall_over_each_other(pg_database: PgDatabase) -> None:
    """Why the lock is there: the same statements without it collide."""
    with (
        psycopg.connect(pg_database.conninfo()) as first,
        psycopg.connect(pg_database.conninfo(), autocommit=True) as second,
    ):
        first.execute("CREATE SCHEMA IF NOT EXISTS facts")
        second.execute("SET lock_timeout = '200ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            second.execute("CREATE SCHEMA IF NOT EXISTS facts")


def test_migrating_again_keeps_facts_and_does_not_wait_for_appends(
    store: Store, log: PostgresEventLog, open_log: OpenLog
) -> None:
    log.append(command(uuid4()))
    with connect(store.app, session_options()) as busy, busy.transaction():
        busy.execute("INSERT INTO commands VALUES (gen_random_uuid(), 0, 0, '')")
        migrate(store.owner, "ckbx_app", ddl=VAULT_DDL)
    assert open_log().head() == 1


def test_a_later_table_of_the_vault_gets_its_rights(store: Store, open_log: OpenLog) -> None:
    migrate(store.owner, "ckbx_app", ddl=["CREATE TABLE IF NOT EXISTS vault_later (x int)"])
    assert open_log().all("SELECT * FROM vault.vault_later") == []


def test_a_newer_store_is_refused(store: Store, open_log: OpenLog) -> None:
    with connect(store.owner, session_options()) as conn:
        conn.execute("UPDATE store_meta SET value = '99' WHERE key = 'schema_version'")
    with pytest.raises(StoreUnavailable, match="99"):
        open_log()
    with pytest.raises(StoreUnavailable, match="99"):
        migrate(store.owner, "ckbx_app")


def test_an_unmade_store_says_what_to_run(pg_url: str) -> None:
    with pytest.raises(StoreUnavailable, match="ckbx init"):
        PostgresEventLog(pg_url, clock=FixedClock(NOW))


def test_a_missing_role_is_named_with_the_statement_to_run(pg_url: str) -> None:
    with pytest.raises(RoleMissing, match="CREATE ROLE nobody_made_me"):
        migrate(pg_url, "nobody_made_me")


def test_an_unreachable_server_is_reported_within_the_deadline() -> None:
    url = "postgresql+psycopg://nobody@127.0.0.1:1/none"
    with pytest.raises(StoreUnavailable, match="连不上数据库"):
        migrate(url)


def test_two_counties_share_a_database_without_sharing_facts(
    pg_url: str, open_log: OpenLog
) -> None:
    layouts = [Layout("c522699_"), Layout("c110101_")]
    for layout in layouts:
        migrate(pg_url, layout=layout)
    first, second = (
        open_log(pg_url, layout=layout, county=code)
        for layout, code in zip(layouts, (COUNTY, "110101"), strict=True)
    )
    first.append(command(uuid4()))
    assert (first.head(), second.head()) == (1, 0)
    assert layouts[0].lock_key("append") != layouts[1].lock_key("append")


def test_the_role_of_a_url() -> None:
    assert role_of("postgresql+psycopg://ckbx_app:pw@db/x") == "ckbx_app"
    assert role_of("postgresql://db/x") is None
