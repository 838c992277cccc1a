"""The tables of signing in: made by init, guarded, and missed where they are missing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ckbx.access.errors import SignInRefused
from ckbx.access.schema import postgres_grants
from ckbx.clock import FixedClock
from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.settings import Settings, read_settings
from ckbx.store import init_store, open_store, plain_url
from tests.access.conftest import Door
from tests.support.county import COUNTY, NOW
from tests.support.postgres import PgDatabase

CHANGES = (
    "UPDATE access_sign_ins SET outcome = 'ok'",
    "DELETE FROM access_sign_ins",
)
ROLE = "ckbx_app"


def settings(url: str, secrets: Path, owner: str = "") -> Settings:
    environ = {"CKBX_DATABASE_URL": url, "CKBX_SECRET_DIR": str(secrets)}
    return read_settings({**environ, **({"CKBX_OWNER_URL": owner} if owner else {})})


def wrong(door: Door) -> None:
    with pytest.raises(SignInRefused):
        door.gate.sign_in("nobody", "some words")


@pytest.mark.parametrize("change", CHANGES)
def test_the_log_of_sign_ins_is_append_only(door: Door, change: str) -> None:
    wrong(door)
    with pytest.raises(DBAPIError, match="只能追加"), door.store.engine.begin() as connection:
        connection.execute(text(change))
    assert len(door.gate.sign_ins()) == 1


@pytest.mark.parametrize(
    "attack",
    [
        "DROP TRIGGER access_sign_ins_no_delete",
        "DROP TABLE access_sign_ins",
        "ALTER TABLE access_sign_ins RENAME TO other",
        "INSERT OR REPLACE INTO access_sign_ins SELECT 1, 1, 'a', 'b', 'c', 'ok'",
    ],
)
def test_a_connection_of_the_program_cannot_take_the_guard_off(
    sqlite_url: str, tmp_path: Path, attack: str
) -> None:
    used = settings(sqlite_url, tmp_path / "secrets")
    init_store(used, FixedClock(NOW), COUNTY)
    store = open_store(used, FixedClock(NOW))
    try:
        wrong(Door(store))
        with pytest.raises(DBAPIError), store.engine.begin() as connection:
            connection.execute(text(attack))
        with closing(sqlite3.connect(used.sqlite_path)) as plain:
            assert plain.execute("SELECT count(*) FROM access_sign_ins").fetchone() == (1,)
    finally:
        store.close()


def test_a_store_without_the_tables_says_what_to_run_and_init_makes_them(
    store_url: str, tmp_path: Path
) -> None:
    used, clock = settings(store_url, tmp_path / "secrets"), FixedClock(NOW)
    init_store(used, clock, COUNTY)
    _drop(used)
    with pytest.raises(StoreUnavailable, match="ckbx init"):
        open_store(used, clock)
    init_store(used, clock, COUNTY)
    store = open_store(used, clock)
    wrong(Door(store))
    store.close()


def test_a_file_whose_guard_was_taken_off_is_not_opened(sqlite_url: str, tmp_path: Path) -> None:
    used, clock = settings(sqlite_url, tmp_path / "secrets"), FixedClock(NOW)
    init_store(used, clock, COUNTY)
    with closing(sqlite3.connect(used.sqlite_path, isolation_level=None)) as plain:
        plain.execute("DROP TRIGGER access_sign_ins_no_update")
    with pytest.raises(StoreUnavailable, match="access_sign_ins_no_update"):
        open_store(used, clock)


def _drop(used: Settings) -> None:
    tables = ("access_credentials", "access_sessions", "access_tries", "access_sign_ins")
    if used.is_sqlite:
        with closing(sqlite3.connect(used.sqlite_path, isolation_level=None)) as plain:
            for table in tables:
                plain.execute(f"DROP TABLE {table}")
        return
    with psycopg.connect(plain_url(used.database_url), autocommit=True) as connection:
        for table in tables:
            connection.execute(f"DROP TABLE vault.{table}")


def test_the_role_of_the_program_reads_and_appends_the_log_and_no_more(
    pg_database: PgDatabase, tmp_path: Path
) -> None:
    owner, app = (pg_database.url(role) for role in ("postgres", ROLE))
    used = settings(app, tmp_path / "secrets", owner)
    owner, app = plain_url(owner), plain_url(app)
    with psycopg.connect(owner, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (ROLE,)).fetchone():
            connection.execute(f"CREATE ROLE {ROLE} LOGIN")
    init_store(used, FixedClock(NOW), COUNTY)
    store = open_store(used, FixedClock(NOW))
    door = Door(store)
    token = door.session(door.person("teacher1"))
    assert door.gate.sessions.find(token) is not None
    wrong(door)
    store.close()
    with psycopg.connect(app, autocommit=True) as connection:
        connection.execute("SET search_path = vault")
        for change in (*CHANGES, "TRUNCATE access_sign_ins", "UPDATE vault_access SET actor = ''"):
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(change.encode())


def test_a_role_that_is_no_plain_name_gets_no_grant() -> None:
    with pytest.raises(ValueError, match="plain role"):
        postgres_grants("app; DROP TABLE events")
