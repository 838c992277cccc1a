"""Who may change a fact? Nobody through the application's role, nor through the owner's habit."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors

from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.eventlog.postgres import PostgresEventLog
from ckbx.eventlog.postgres_connect import connect, session_options
from tests.eventlog.postgres.conftest import OpenLog
from tests.eventlog.postgres.samples import INSERT_EVENT, Store, command
from tests.support.postgres import PgDatabase

UPSERT = (
    "INSERT INTO events OVERRIDING SYSTEM VALUE VALUES (1, gen_random_uuid(), 1, '', 0, '')"
    " ON CONFLICT (position) DO UPDATE SET topic = 'changed'"
)
CHANGES = [
    statement.format(t=table, c=column)
    for table, column in (("events", "topic"), ("commands", "reply"), ("store_meta", "value"))
    for statement in (
        "UPDATE {t} SET {c} = {c}",
        "DELETE FROM {t}",
        "TRUNCATE {t}",
        "ALTER TABLE {t} DISABLE TRIGGER ALL",
        "ALTER TABLE {t} DISABLE TRIGGER {t}_no_change",
        "DROP TRIGGER {t}_no_change ON {t}",
        "CREATE RULE r AS ON INSERT TO {t} DO INSTEAD NOTHING",
        "ALTER TABLE {t} ADD COLUMN x int",
        "DROP TABLE {t}",
    )
] + [
    "SELECT setval(pg_get_serial_sequence('events', 'position'), 1)",
    "DROP FUNCTION facts.refuse_change() CASCADE",
    "CREATE TABLE facts.mine (x int)",
    UPSERT,
    "SET session_replication_role = replica",
    "ALTER DATABASE {db} SET session_replication_role = replica",
    "SET ROLE ckbx_owner",
]


@pytest.mark.parametrize("role", ["app", "inspector"])
def test_no_statement_of_a_role_changes_a_fact(
    store: Store, log: PostgresEventLog, pg_database: PgDatabase, role: str
) -> None:
    log.append(command(uuid4()))
    before = log.read_rows(0, 9)
    with connect(getattr(store, role), session_options()) as conn:
        for statement in CHANGES:
            with pytest.raises(errors.InsufficientPrivilege):
                conn.execute(statement.replace("{db}", pg_database.name).encode())
        assert conn.execute("SELECT count(*) FROM events").fetchone() == (1,)
    assert log.read_rows(0, 9) == before


def test_the_inspector_reads_facts_and_no_personal_data(store: Store) -> None:
    with connect(store.inspector, session_options()) as conn:
        conn.execute("SELECT * FROM events")
        for statement in ("SELECT * FROM vault.vault_rows", INSERT_EVENT):
            with pytest.raises(errors.InsufficientPrivilege):
                conn.execute(statement.encode())


def test_the_application_rebuilds_answers_but_owns_nothing_else(
    raw: psycopg.Connection[Any],
) -> None:
    raw.execute("CREATE TABLE answers.ledger (x int)")
    raw.execute("ALTER TABLE answers.ledger RENAME TO ledger_old")
    raw.execute("DROP TABLE ledger_old")
    raw.execute("INSERT INTO vault_rows (row_id, field) VALUES (1, 'a')")
    raw.execute("UPDATE vault_rows SET field = 'b'")
    raw.execute("DELETE FROM vault_rows")
    with pytest.raises(errors.InsufficientPrivilege):
        raw.execute("DROP TABLE vault_rows")
    log_is_weak = "SELECT pg_has_role(relowner, 'MEMBER') FROM pg_class WHERE relname = 'events'"
    assert raw.execute(log_is_weak).fetchone() == (False,)


@pytest.mark.parametrize("statement", ["UPDATE events SET topic = 'x'", "DELETE FROM events"])
@pytest.mark.parametrize("replica", [False, True])
def test_triggers_stop_the_owner_and_even_a_replicating_superuser(
    log: PostgresEventLog, pg_database: PgDatabase, statement: str, *, replica: bool
) -> None:
    log.append(command(uuid4()))
    with connect(pg_database.url(), session_options()) as conn:
        conn.execute(f"SET session_replication_role = {'replica' if replica else 'origin'}")
        with pytest.raises(errors.InsufficientPrivilege, match="事实只能追加"):
            conn.execute(statement.encode())
        with pytest.raises(errors.InsufficientPrivilege, match="事实只能追加"):
            conn.execute("TRUNCATE events, commands")


def test_a_store_whose_triggers_were_touched_does_not_open(store: Store, open_log: OpenLog) -> None:
    assert not open_log().weak
    with connect(store.owner, session_options()) as conn:
        conn.execute("ALTER TABLE events DISABLE TRIGGER events_no_change")
    with pytest.raises(StoreUnavailable, match="只追加保护被移除（events_no_change）"):
        open_log()


def test_a_session_that_does_not_wait_for_the_disk_is_refused(
    store: Store, open_log: OpenLog
) -> None:
    with pytest.raises(StoreUnavailable, match="synchronous_commit=off"):
        open_log(store.app + "&options=-c%20synchronous_commit%3Doff")
