"""A pooled connection is asked nothing as long as its socket is quiet; one that ended is replaced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, text

from ckbx.eventlog.postgres import alive
from ckbx.eventlog.postgres.alive import check_before_use
from tests.support.postgres import PgDatabase


@pytest.fixture
def engine(pg_database: PgDatabase) -> Iterator[Engine]:
    made = create_engine(pg_database.url())
    check_before_use(made)
    yield made
    made.dispose()


@pytest.fixture
def pings(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What the server answered, each time it was asked whether it is there."""
    seen: list[bool] = []
    ping = engine.dialect.do_ping

    def asked(conn: Any) -> bool:
        seen.append(False)
        seen[-1] = ping(conn)
        return seen[-1]

    monkeypatch.setattr(engine.dialect, "do_ping", asked)
    return seen


def session(engine: Engine) -> int:
    with engine.connect() as conn:
        return int(conn.execute(text("SELECT pg_backend_pid()")).scalar_one())


def test_a_quiet_connection_is_used_as_it_is(engine: Engine, pings: list[bool]) -> None:
    assert len({session(engine) for _ in range(5)}) == 1
    assert pings == []


def test_a_session_that_the_server_ended_is_replaced(
    engine: Engine, pings: list[bool], pg_database: PgDatabase
) -> None:
    before = session(engine)
    with psycopg.connect(pg_database.conninfo(), autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", (before,))
    assert session(engine) != before
    assert pings == [False]


def test_a_remark_of_the_server_costs_a_question_and_no_more(
    engine: Engine, pings: list[bool], pg_database: PgDatabase
) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("LISTEN remarks"))
        before = conn.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with psycopg.connect(pg_database.conninfo(), autocommit=True) as other:
        other.execute("NOTIFY remarks")
    assert session(engine) == before
    assert pings == [True]


def test_after_a_long_rest_the_server_is_asked(
    engine: Engine, pings: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = session(engine)
    monkeypatch.setattr(alive, "RESTED_SECONDS", 0.0)
    assert session(engine) == before
    assert pings == [True]
